// Package pledging keeps promises of money: monthly gifts that charge a saved card, and pledges paid in parts.
//
// The path of an instalment: its alarm (act_at) rings (FindDue), a job looks at it under lock (Act), and charges the saved card, asks what
// became of a charge, reminds the donor or gives it up, as domain/promise says. The charge itself, its facts, ledger and receipt are giving's:
// an instalment is collected by a donation, and giving tells what became of it in the same transaction (FollowTx). Everything that people
// change goes through change, which locks, applies a rule, saves, books, records and mails in one transaction.
package pledging

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/stripepay"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/message"
	"tributary/domain/money"
)

// Organizations finds the organization of a request or a job.
type Organizations interface {
	OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error)
	Organization(ctx context.Context, org uuid.UUID) (account.Organization, error)
}

// Campaigns finds the campaign of a public pledge form; it returns campaign.ErrNotFound for one that the public may not see.
type Campaigns interface {
	CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (account.Organization, campaign.Campaign, error)
}

// Tariffs tells what a card payment is estimated to cost, for donors who cover it. The zero tariff means that nobody knows.
type Tariffs interface {
	Offer(ctx context.Context, org account.Organization, currency string) (money.Tariff, error)
}

// Collector collects instalments: giving fills it. What takes a transaction joins it, since a gift and the instalment it pays change together.
type Collector interface {
	// ChargeTx stores the gift that collects an instalment, or finds it, with its next attempt to charge the card: nothing is sent yet. It
	// returns the gift and the attempt's number, donation.ErrAlreadyPaid when money came already, or promise.ErrInFlight.
	ChargeTx(ctx context.Context, tx database.Tx, org account.Organization, c donation.Collection) (donationID uuid.UUID, attempt int, err error)
	// Send carries the newest attempt of a gift to Stripe, or asks what became of it, and applies the answer. No answer is no error: the
	// attempt is then unknown.
	Send(ctx context.Context, org, donationID uuid.UUID) error
	// OpenPage opens Stripe's page on which the donor pays an instalment; one that is open already is returned again.
	OpenPage(ctx context.Context, org account.Organization, c donation.Collection) (address string, err error)
	// WithdrawTx gives up collecting by a gift that nobody has paid yet; a page that is open is closed soon after.
	WithdrawTx(ctx context.Context, tx database.Tx, donationID uuid.UUID) error
}

// Outbox takes mails in within the transaction that caused them.
type Outbox interface {
	Render(name string, from mail.Sender, data any) (mail.Body, error)
	EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error
}

// Limiter refuses the hits of a key after the n-th in a window.
type Limiter interface {
	Allow(ctx context.Context, name, key string, n int, window time.Duration) error
}

// Service keeps promises.
type Service struct {
	db            *database.DB
	jobs          queue.Enqueuer
	books         *bookkeeping.Service
	audit         *auditing.Service
	people        *people.Service
	organizations Organizations
	campaigns     Campaigns
	tariffs       Tariffs
	collector     Collector
	limiter       Limiter
	gateway       *stripepay.Gateway
	outbox        Outbox
	secret        []byte
	publicURL     *url.URL
	now           func() time.Time
}

// Needs is what the service is built from.
type Needs struct {
	DB            *database.DB
	Jobs          queue.Enqueuer
	Books         *bookkeeping.Service
	Audit         *auditing.Service
	People        *people.Service
	Organizations Organizations
	Campaigns     Campaigns
	Tariffs       Tariffs
	Collector     Collector
	Limiter       Limiter
	Gateway       *stripepay.Gateway
	Outbox        Outbox
	Secret        []byte // signs pay links
	PublicURL     *url.URL
	Now           func() time.Time
}

// New makes the service.
func New(n Needs) *Service {
	return &Service{
		db: n.DB, jobs: n.Jobs, books: n.Books, audit: n.Audit, people: n.People, organizations: n.Organizations, campaigns: n.Campaigns,
		tariffs: n.Tariffs, collector: n.Collector, limiter: n.Limiter, gateway: n.Gateway, outbox: n.Outbox, secret: n.Secret, publicURL: n.PublicURL, now: n.Now,
	}
}
