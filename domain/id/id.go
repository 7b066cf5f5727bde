// Package id makes typed identifiers: UUIDv7 values whose Go type says what they identify, so that a cause id cannot be passed as a
// donor id. They are made in Go before the insert, sort by time, and merge across databases.
package id

import (
	"fmt"

	"github.com/google/uuid"

	"tributary/domain/fault"
)

// ID identifies one T. The zero value identifies nothing. Text, JSON and SQL forms are those of the embedded UUID.
type ID[T any] struct{ uuid.UUID }

// New makes a fresh, time-ordered id.
func New[T any]() ID[T] {
	return ID[T]{uuid.Must(uuid.NewV7())}
}

// From gives a raw UUID its type.
func From[T any](u uuid.UUID) ID[T] {
	return ID[T]{u}
}

// Parse reads the canonical 36-character form; other forms that uuid.Parse knows (braces, URN, no dashes) are refused.
func Parse[T any](s string) (ID[T], error) {
	if len(s) != 36 {
		return ID[T]{}, fault.Invalid("id", "id.invalid", "This is not an id.")
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return ID[T]{}, fault.Invalid("id", "id.invalid", "This is not an id.")
	}
	return ID[T]{u}, nil
}

// IsZero reports whether the id identifies nothing.
func (i ID[T]) IsZero() bool { return i.UUID == uuid.Nil }

// GormDataType tells GORM the column type.
func (ID[T]) GormDataType() string { return "uuid" }

// Format lets %s and %v print the canonical form.
func (i ID[T]) Format(f fmt.State, _ rune) { fmt.Fprint(f, i.String()) }
