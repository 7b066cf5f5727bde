// Package bookkeeping keeps each organization's double-entry ledger: it books transactions once, and derives every balance from their
// entries. Nothing in it is ever changed or deleted; a correction is another transaction.
package bookkeeping

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/ledger"
)

// Service books and reports.
type Service struct {
	db  *database.DB
	now func() time.Time
}

// New makes the service.
func New(db *database.DB, now func() time.Time) *Service {
	return &Service{db: db, now: now}
}

// PostTx books t within the caller's transaction. A transaction of the same kind and source that is booked already is the same fact and
// is left as it is, so posting again is harmless. The write is queued and travels with the caller's other writes.
func (s *Service) PostTx(tx database.Tx, org uuid.UUID, t ledger.Transaction) {
	insertTransaction(tx, org, t, s.now())
}

// TrialBalance sums every account per currency, up to the end of asOf in zone, or over everything when asOf is zero.
func (s *Service) TrialBalance(ctx context.Context, org uuid.UUID, asOf day.Day) ([]Balance, error) {
	var balances []Balance
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		balances, err = trialBalance(ctx, r, org, asOf)
		return err
	})
	return balances, err
}

// List returns transactions with their entries, newest first: those of one donation, or all.
func (s *Service) List(ctx context.Context, org uuid.UUID, f Filter) ([]Posted, error) {
	var posted []Posted
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		posted, err = listTransactions(ctx, r, org, f)
		return err
	})
	return posted, err
}
