package database

import "database/sql/driver"

// Array passes a slice as one PostgreSQL array: Where("id = ANY(?)", database.Array(ids)). A bare slice GORM would
// spread into one parameter per element, a new statement for each length.
func Array[T any](elements []T) driver.Valuer {
	if elements == nil {
		elements = []T{}
	}
	return array[T]{elements}
}

type array[T any] struct{ elements []T }

// Value hands the slice through: pgx encodes it once it knows the parameter's type.
func (a array[T]) Value() (driver.Value, error) { return a.elements, nil }
