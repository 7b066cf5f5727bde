// Package reporting reads across everything and changes nothing: what to do today, a person's giving and timeline, a gift's money trail.
// It imports no feature; every total it shows is derived from the ledger.
package reporting

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
)

// Organizations finds the organization whose zone decides what "today" is.
type Organizations interface {
	Organization(ctx context.Context, org uuid.UUID) (account.Organization, error)
}

// Service answers questions that span features.
type Service struct {
	db   *database.DB
	orgs Organizations
	now  func() time.Time
}

// New makes the service.
func New(db *database.DB, orgs Organizations, now func() time.Time) *Service {
	return &Service{db: db, orgs: orgs, now: now}
}
