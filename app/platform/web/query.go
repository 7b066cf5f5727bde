package web

import (
	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// OptionalID reads an id of a query or a body that may be absent; empty is uuid.Nil.
func OptionalID(field, text string) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	u, err := id.Parse[any](text)
	if err != nil {
		return uuid.Nil, fault.Invalid(field, "id.invalid", "This is not an id.")
	}
	return u.UUID, nil
}

// PerhapsID is OptionalID of a field that may be left out; nil is none.
func PerhapsID(field string, text *string) (*uuid.UUID, error) {
	if text == nil || *text == "" {
		return nil, nil
	}
	u, err := OptionalID(field, *text)
	return &u, err
}

// OptionalDay reads a date of a query; empty is the zero day.
func OptionalDay(field, text string) (day.Day, error) {
	if text == "" {
		return day.Day{}, nil
	}
	d, err := day.Parse(text)
	if err != nil {
		return day.Day{}, fault.Invalid(field, "date.invalid", "Write the date as YYYY-MM-DD.")
	}
	return d, nil
}

// IDText writes an id that may be absent; empty is none.
func IDText(u *uuid.UUID) string {
	if u == nil {
		return ""
	}
	return u.String()
}
