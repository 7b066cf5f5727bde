// Package volunteering keeps volunteer work: opportunities and their shifts, who signed up, who came, and what was worked.
//
// Every change of who has a place goes through onRosters: it locks the people, then the shifts, loads the rosters, has a rule of
// domain/volunteer applied, settles the waitlists, saves, records and mails, in one transaction. What happens by itself has jobs: Settle at
// the instant a hold ends, Remind every few minutes, Keep once a day.
package volunteering

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"tributary/app/auditing"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/message"
)

// Organizations finds the organization of a request or a job.
type Organizations interface {
	OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error)
	Organization(ctx context.Context, org uuid.UUID) (account.Organization, error)
}

// Outbox takes mails in within the transaction that caused them, and asks providers for what is attached when it sends.
type Outbox interface {
	Render(name string, from mail.Sender, data any) (mail.Body, error)
	EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error
	Provide(scheme string, source mail.Source)
	BelongTx(ctx context.Context, tx database.Tx, keys []string, personID uuid.UUID) error
	ForgetTx(ctx context.Context, tx database.Tx, keys []string) error
}

// Limiter refuses the hits of a key after the n-th in a window.
type Limiter interface {
	Allow(ctx context.Context, name, key string, n int, window time.Duration) error
}

// Service keeps volunteer work.
type Service struct {
	db            *database.DB
	jobs          queue.Enqueuer
	audit         *auditing.Service
	people        *people.Service
	organizations Organizations
	limiter       Limiter
	outbox        Outbox
	secret        []byte
	publicURL     *url.URL
	now           func() time.Time
}

// Needs is what the service is built from.
type Needs struct {
	DB            *database.DB
	Jobs          queue.Enqueuer
	Audit         *auditing.Service
	People        *people.Service
	Organizations Organizations
	Limiter       Limiter
	Outbox        Outbox
	Secret        []byte // signs the links in mails
	PublicURL     *url.URL
	Now           func() time.Time
}

// New makes the service and tells the outbox where calendar files come from.
func New(n Needs) *Service {
	s := &Service{
		db: n.DB, jobs: n.Jobs, audit: n.Audit, people: n.People, organizations: n.Organizations, limiter: n.Limiter, outbox: n.Outbox,
		secret: n.Secret, publicURL: n.PublicURL, now: n.Now,
	}
	n.Outbox.Provide(calendarScheme, s.calendarAttachment)
	return s
}
