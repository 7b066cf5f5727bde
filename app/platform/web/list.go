package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"time"

	"tributary/domain/fault"
	"tributary/domain/money"
)

// Money is an amount on the wire: {"amount_minor": 2500, "currency": "USD"}.
type Money = money.Money

// PageInput is embedded by the input of every list.
type PageInput struct {
	Cursor string `query:"cursor" maxLength:"1000" doc:"Where the previous page ended: its next_cursor."`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"Items per page."`
}

// PageOf is the body of every list, newest first unless it says otherwise.
type PageOf[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor" doc:"Pass it as cursor to get the next page; empty on the last one."`
}

// Page makes a list's body; items that are nil become an empty list.
func Page[T any](items []T, next string) PageOf[T] {
	if items == nil {
		items = []T{}
	}
	return PageOf[T]{Items: items, NextCursor: next}
}

// Cut takes away the row that was read beyond a page to learn whether there are more.
func Cut[R any](rows []R, limit int) (page []R, more bool) {
	if len(rows) > limit {
		return rows[:limit], true
	}
	return rows, false
}

// PageBy makes a list's body of rows, each shown by view. When there are more, the next page begins after the last one's cursor.
func PageBy[R, V any](rows []R, more bool, view func(R) V, cursor func(R) string) PageOf[V] {
	p := PageOf[V]{Items: make([]V, len(rows))}
	for i, row := range rows {
		p.Items[i] = view(row)
	}
	if more {
		p.NextCursor = cursor(rows[len(rows)-1])
	}
	return p
}

// ErrCursor refuses a cursor that no page of a list gave.
var ErrCursor = fault.Invalid("query.cursor", "cursor.invalid", "This cursor is not one of ours.")

// EncodeCursor packs the sort key of the last row shown into opaque text.
func EncodeCursor(parts ...string) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(fmt.Sprintf("web: strings always marshal: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// DecodeCursor unpacks a cursor of n parts. No cursor is no parts; anything that EncodeCursor did not make is an invalid fault.
func DecodeCursor(cursor string, n int) ([]string, error) {
	if cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, ErrCursor
	}
	var parts []string
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != n {
		return nil, ErrCursor
	}
	return parts, nil
}

// EncodeTimeCursor is the cursor of a list ordered by time and then id, after the row with these.
func EncodeTimeCursor(at time.Time, id string) string {
	return EncodeCursor(at.UTC().Format(time.RFC3339Nano), id)
}

// DecodeTimeCursor reads what EncodeTimeCursor made; parse reads the id, such as uuid.Parse. No cursor is the zero time.
func DecodeTimeCursor[ID any](cursor string, parse func(string) (ID, error)) (at time.Time, id ID, err error) {
	var none ID
	parts, err := DecodeCursor(cursor, 2)
	if err != nil || parts == nil {
		return time.Time{}, none, err
	}
	at, errAt := time.Parse(time.RFC3339Nano, parts[0])
	id, errID := parse(parts[1])
	if errAt != nil || errID != nil || at.IsZero() {
		return time.Time{}, none, ErrCursor
	}
	return at, id, nil
}

// disposition names a download; RFC 2231 carries names that are not ASCII.
func disposition(filename string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": filename})
}
