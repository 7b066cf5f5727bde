// Package fault is the only vocabulary of failure that the outside sees: every error a caller can act on is, or wraps, an *Error of this
// package. Anything else is a defect and reaches the outside as a fixed text.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of failure it is; the web maps each kind to one HTTP status. Kinds are append-only.
type Kind string

// The kinds, with the HTTP status each one becomes.
const (
	KindInvalid         Kind = "invalid"         // 422, with Fields
	KindUnauthenticated Kind = "unauthenticated" // 401
	KindForbidden       Kind = "forbidden"       // 403
	KindNotFound        Kind = "not_found"       // 404, also "exists, but not for you"
	KindConflict        Kind = "conflict"        // 409
	KindPrecondition    Kind = "precondition"    // 412
	KindRateLimited     Kind = "rate_limited"    // 429
	KindUnavailable     Kind = "unavailable"     // 503
)

// Field is one thing wrong with one input field. Location is a path such as "body.amount.amount_minor"; a domain rule names only the
// last part ("amount") and the web puts the rest before it.
type Field struct {
	Location string
	Code     string
	Message  string
}

// Error is a failure with a stable code. Codes such as "donation.refunded" are append-only and listed in a golden file.
type Error struct {
	Kind       Kind
	Code       string
	Message    string // plain words, safe to show: no personal data, no offending value
	Fields     []Field
	RetryAfter time.Duration // for KindRateLimited and KindUnavailable; zero when unknown
}

// Error implements error.
func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Code + ": " + e.Message
	}
	return fmt.Sprintf("%s: %s: %s", e.Code, e.Fields[0].Location, e.Fields[0].Message)
}

// Is reports whether target is a fault with the same code, so that a copy with other fields still matches its declared value.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// New declares a fault value next to the rule it belongs to.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Invalid names one field that cannot be accepted.
func Invalid(field, code, message string) *Error {
	return &Error{Kind: KindInvalid, Code: code, Message: message, Fields: []Field{{Location: field, Code: code, Message: message}}}
}

// NotFound says that a thing does not exist, or not for the one who asks.
func NotFound(what string) *Error {
	return New(KindNotFound, what+".not_found", "There is no such "+what+".")
}

// With returns a copy of e that blames field.
func (e *Error) With(field string) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), Field{Location: field, Code: e.Code, Message: e.Message})
	return &c
}

// Blame blames field for a rule that does not know where its value came from. What is not a fault is returned as it is.
func Blame(err error, field string) error {
	var f *Error
	if errors.As(err, &f) {
		return f.With(field)
	}
	return err
}

// Rename calls the fields that a fault blames as a form calls them. What is not a fault is returned as it is.
func Rename(err error, names map[string]string) error {
	var f *Error
	if !errors.As(err, &f) {
		return err
	}
	c := *f
	c.Fields = append([]Field(nil), f.Fields...)
	for i, field := range c.Fields {
		if name, known := names[field.Location]; known {
			c.Fields[i].Location = name
		}
	}
	return &c
}

// Join gathers the invalid fields of several checks into one error, so that a form shows every mistake at once. Nil errors are passed
// over; an error that is not an invalid fault is returned as it is.
func Join(errs ...error) error {
	var all *Error
	for _, err := range errs {
		if err == nil {
			continue
		}
		var f *Error
		if !errors.As(err, &f) || f.Kind != KindInvalid {
			return err
		}
		if all == nil {
			c := *f
			c.Fields = append([]Field(nil), f.Fields...)
			all = &c
			continue
		}
		all.Fields = append(all.Fields, f.Fields...)
	}
	if all == nil {
		return nil
	}
	return all
}

// KindOf returns the kind of the fault in err's chain, or "" when err is not a fault.
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

// MessageOf returns what the fault in err's chain tells people, or "" when err is not a fault.
func MessageOf(err error) string {
	var f *Error
	if errors.As(err, &f) {
		return f.Message
	}
	return ""
}
