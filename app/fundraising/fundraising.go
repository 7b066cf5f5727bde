// Package fundraising runs campaigns: staff write, preview, publish and end them; the public reads their pages, sees them fill up, and
// starts to give from there.
//
// What a campaign raised is never stored: every figure is derived from the ledger when it is asked for.
package fundraising

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/files"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// Organizations finds organizations.
type Organizations interface {
	OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error)
	Organization(ctx context.Context, id uuid.UUID) (account.Organization, error)
}

// Checkout takes gifts.
type Checkout interface {
	// StartCheckout stores the filled form as a donation and says where the donor pays.
	StartCheckout(ctx context.Context, r donation.CheckoutRequest) (donation.CheckoutStarted, error)
	// Offer is what a card payment is estimated to cost, for the fee-cover offer.
	Offer(ctx context.Context, org account.Organization, currency string) (money.Tariff, error)
	// ThanksFor finds the gift of a thank-you page, and why its card was declined, if it was. An unknown reference is not found.
	ThanksFor(ctx context.Context, orgSlug, reference string) (d donation.Donation, declineCode string, err error)
}

// Pledges takes pledges and knows what gifts are instalments of.
type Pledges interface {
	// StartPledge stores the filled form as a pledge and says where the donor saves a card.
	StartPledge(ctx context.Context, r promise.PledgeRequest) (donation.CheckoutStarted, error)
	// PromiseOfInstalment finds the plan or pledge of an instalment.
	PromiseOfInstalment(ctx context.Context, org, instalment uuid.UUID) (promise.Promise, error)
}

// Config is what the service is built from.
type Config struct {
	DB            *database.DB
	Audit         *auditing.Service
	Organizations Organizations
	Checkout      Checkout
	Pledges       Pledges
	Files         files.Store
	Jobs          queue.Enqueuer
	PublicURL     *url.URL
	Now           func() time.Time
}

// Service runs campaigns.
type Service struct {
	db       *database.DB
	audit    *auditing.Service
	orgs     Organizations
	checkout Checkout
	pledges  Pledges
	files    files.Store
	jobs     queue.Enqueuer
	url      *url.URL
	now      func() time.Time
	board    *board
	drawings *drawings
}

// New makes the service.
func New(c Config) *Service {
	return &Service{
		db: c.DB, audit: c.Audit, orgs: c.Organizations, checkout: c.Checkout, pledges: c.Pledges, files: c.Files, jobs: c.Jobs, url: c.PublicURL, now: c.Now,
		board: newBoard(c.Now), drawings: newDrawings(),
	}
}
