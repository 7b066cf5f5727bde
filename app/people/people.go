// Package people keeps one record per human per organization: found or made when a gift arrives, listed and searched, changed with a
// version, with every consent by channel. It also lets a supporter in by a mailed link, without a password, to their own page.
package people

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/person"
	"tributary/domain/promise"
	"tributary/domain/receipt"
)

// Organizations finds an organization by the slug in a public address.
type Organizations interface {
	OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error)
}

// Outbox takes mails in within the transaction that caused them.
type Outbox interface {
	Render(name string, from mail.Sender, data any) (mail.Body, error)
	EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error
}

// Limiter refuses the hits after the n-th in a window.
type Limiter interface {
	Allow(ctx context.Context, name, key string, n int, window time.Duration) error
}

// Gifts reads what a supporter gave, the newest first.
type Gifts interface {
	GiftsOf(ctx context.Context, org uuid.UUID, p id.ID[person.Person]) ([]person.Gift, error)
}

// Eraser takes away what a feature keeps that tells who a person is, within the caller's transaction.
type Eraser interface {
	EraseTx(ctx context.Context, tx database.Tx, org, personID uuid.UUID) error
}

// Promises reads what a supporter promised, what is open first.
type Promises interface {
	KeptBy(ctx context.Context, org uuid.UUID, p id.ID[person.Person]) ([]promise.Kept, error)
}

// Parts is what the service is made of.
type Parts struct {
	DB            *database.DB
	Audit         *auditing.Service
	Organizations Organizations
	Outbox        Outbox
	Limiter       Limiter
	Gifts         Gifts
	Promises      Promises
	Erasers       []Eraser
	ReceiptPath   func(uuid.UUID, id.ID[receipt.Receipt]) string // where a receipt of an organization is downloaded
	PublicURL     string                                         // where mailed links lead, without a slash at the end
	Now           func() time.Time
}

// Service is the use cases around people and supporters.
type Service struct {
	db       *database.DB
	audit    *auditing.Service
	orgs     Organizations
	outbox   Outbox
	limiter  Limiter
	gifts    Gifts
	promises Promises
	erasers  []Eraser
	receipt  func(uuid.UUID, id.ID[receipt.Receipt]) string
	url      string
	now      func() time.Time
}

// New makes the service.
func New(p Parts) *Service {
	return &Service{
		db: p.DB, audit: p.Audit, orgs: p.Organizations, outbox: p.Outbox, limiter: p.Limiter, gifts: p.Gifts, promises: p.Promises,
		erasers: p.Erasers, receipt: p.ReceiptPath, url: p.PublicURL, now: p.Now,
	}
}
