package database

import (
	"database/sql"
	"errors"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Constraint returns the name of the constraint that err says was violated, else "". A store turns it into a domain
// error; a trigger that raises WITH (CONSTRAINT = 'name') is answered the same way.
func Constraint(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.ConstraintName
	}
	return ""
}

// Code returns the SQLSTATE of err, else "".
func Code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// IsNoRows reports whether a single-row read found none, whichever library read it.
func IsNoRows(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, pgx.ErrNoRows) || errors.Is(err, sql.ErrNoRows)
}

// IsUnique reports whether err is the violation of a unique or primary key.
func IsUnique(err error) bool { return Code(err) == pgerrcode.UniqueViolation }

// IsLockTimeout reports whether a statement gave up waiting for a lock, or found it taken under NOWAIT.
func IsLockTimeout(err error) bool { return Code(err) == pgerrcode.LockNotAvailable }

// repeatable reports whether PostgreSQL undid the transaction only because of its neighbours.
func repeatable(err error) bool {
	switch Code(err) {
	case pgerrcode.SerializationFailure, pgerrcode.DeadlockDetected:
		return true
	}
	return false
}
