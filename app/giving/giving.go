// Package giving takes money in: the checkout of a giving form, what Stripe tells afterwards, gifts that staff write down, and refunds.
//
// The path of a card gift: a form becomes a donation and an attempt (StartCheckout), Stripe shows its page, its webhook stores an event
// (Receive), a job fetches the facts and applies them (Reconcile): status, ledger, person, receipt. The browser's return proves nothing.
// Facts are applied under a lock on the donation and only move forward, so the order and number of events do not matter.
package giving

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/app/platform/stripepay"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// Organizations finds the organization a request or an event belongs to.
type Organizations interface {
	OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error)
	Organization(ctx context.Context, org uuid.UUID) (account.Organization, error)
}

// Campaigns finds the campaign of a giving form; it returns campaign.ErrNotFound for one that the public may not see.
type Campaigns interface {
	CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (account.Organization, campaign.Campaign, error)
}

// Promises keeps the plans and pledges whose instalments some gifts pay. Its calls join the caller's transaction, since a gift and the
// instalment it pays change together.
type Promises interface {
	// BeginPlanTx stores the plan that a giving form asks for; the gift, stored already, is its first. It sets the gift's InstalmentID.
	BeginPlanTx(ctx context.Context, tx database.Tx, org account.Organization, d *donation.Donation, r donation.CheckoutRequest) error
	// FollowTx tells what became of a gift that pays an instalment, under the lock on the gift and as often as facts are applied. newest is
	// its newest attempt, empty for a gift by hand; saved the card that was kept, nil when none was.
	FollowTx(ctx context.Context, tx database.Tx, d donation.Donation, newest payment.Attempt, saved *payment.SavedMethod) error
	// TakeByHandTx locks the promise of an instalment and checks that a gift by hand may pay it.
	TakeByHandTx(ctx context.Context, tx database.Tx, instalment uuid.UUID) (promise.Promise, error)
}

// Limiter counts hits of a key in a window and refuses those after the n-th.
type Limiter interface {
	Allow(ctx context.Context, name, key string, n int, window time.Duration) error
}

// Service takes money in.
type Service struct {
	db            *database.DB
	jobs          queue.Enqueuer
	books         *bookkeeping.Service
	audit         *auditing.Service
	people        *people.Service
	organizations Organizations
	campaigns     Campaigns
	promises      Promises
	limiter       Limiter
	gateway       *stripepay.Gateway
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
	Promises      Promises
	Limiter       Limiter
	Gateway       *stripepay.Gateway
	PublicURL     *url.URL
	Now           func() time.Time
}

// New makes the service.
func New(n Needs) *Service {
	return &Service{
		db: n.DB, jobs: n.Jobs, books: n.Books, audit: n.Audit, people: n.People, organizations: n.Organizations, campaigns: n.Campaigns,
		promises: n.Promises, limiter: n.Limiter, gateway: n.Gateway, publicURL: n.PublicURL, now: n.Now,
	}
}
