// Package causes keeps what gifts are for: the causes and funds of each nonprofit, and the shared registry of charities, imported from the
// files of the IRS, in which a nonprofit finds and claims its own entry.
package causes

import (
	"time"

	"tributary/app/auditing"
	"tributary/app/platform/database"
)

// Service is the use cases around causes, funds and the registry.
type Service struct {
	db    *database.DB
	audit *auditing.Service
	now   func() time.Time
}

// New makes the service.
func New(db *database.DB, audit *auditing.Service, now func() time.Time) *Service {
	return &Service{db: db, audit: audit, now: now}
}
