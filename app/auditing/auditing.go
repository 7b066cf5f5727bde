// Package auditing keeps the append-only record of who did what: every use case that changes something adds one line to it in its own
// transaction, so that there is never a change without its record or a record of what did not happen.
package auditing

import (
	"time"

	"tributary/app/platform/database"
)

// Service records state changes and lists them.
type Service struct {
	db  *database.DB
	now func() time.Time
}

// New makes the service.
func New(db *database.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now}
}
