package people_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// fixture is the service with its database, two organizations, a clock and fakes of what other features provide.
type fixture struct {
	*people.Service
	db              *database.DB
	urls            databasetest.Addresses
	clock           *scene.Clock
	limiter         *limiter
	gifts           gifts
	promises        promises
	river, harbor   account.Organization
	atRiver, atSea  context.Context // staff of the one and the other organization
	riverID, seaID  uuid.UUID
	organizationsBy organizations
}

func start(t *testing.T) *fixture {
	t.Helper()
	db, urls := databasetest.NewWithURLs(t)
	f := &fixture{
		db: db, urls: urls, clock: scene.ClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), limiter: &limiter{hits: map[string]int{}},
		gifts: gifts{}, promises: promises{}, organizationsBy: organizations{},
	}
	f.river, f.harbor = f.found(t, "riverbend", "Riverbend Trust"), f.found(t, "harbor", "Harbor Food Bank")
	f.riverID, f.seaID = f.river.ID.UUID, f.harbor.ID.UUID
	f.atRiver, f.atSea = f.staff(t, f.riverID), f.staff(t, f.seaID)
	outbox, err := mail.New(mail.Config{
		From: "Tributary <mail@tributary.example>", Templates: os.DirFS("../../frontend/templates"), Now: f.clock.Now,
	}, db, idle{})
	require.NoError(t, err)
	f.Service = people.New(people.Parts{
		DB: db, Audit: auditing.New(db, f.clock.Now), Organizations: f.organizationsBy, Outbox: outbox, Limiter: f.limiter, Gifts: f.gifts, Promises: f.promises,
		ReceiptPath: receiptPath,
		PublicURL:   "https://give.example", Now: f.clock.Now,
	})
	return f
}

func (f *fixture) found(t *testing.T, slug, name string) account.Organization {
	t.Helper()
	org := account.Organization{ID: id.New[account.Organization](), Slug: slug, Name: name, Email: "hello@" + slug + ".example"}
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
			VALUES ($1, 'nonprofit', $2, $3, $3, $4, $4)`, org.ID, slug, name, f.clock.Now())
		return err
	}))
	f.organizationsBy[slug] = org
	return org
}

func (f *fixture) staff(t *testing.T, org uuid.UUID) context.Context {
	t.Helper()
	return actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: org, RequestID: "req-1"})
}

// give is what a gift does: find or make the person in a transaction of its own.
func (f *fixture) give(t *testing.T, d person.Details) person.Person {
	t.Helper()
	var p person.Person
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.riverID), func(tx database.Tx) (err error) {
		p, err = f.FindOrCreateTx(t.Context(), tx, f.riverID, d)
		return err
	}))
	return p
}

// count runs a query that counts, as the tenant.
func (f *fixture) count(t *testing.T, org uuid.UUID, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		return r.QueryRow(t.Context(), query, args...).Scan(&n)
	}))
	return n
}

// analyze brings the planner's statistics up to date, as autovacuum would.
func (f *fixture) analyze(t *testing.T) {
	t.Helper()
	owner, err := pgx.Connect(t.Context(), f.urls.Owner)
	require.NoError(t, err)
	_, err = owner.Exec(t.Context(), "VACUUM ANALYZE people")
	require.NoError(t, err)
	require.NoError(t, owner.Close(t.Context()))
}

func ptr[T any](v T) *T { return &v }

func requireInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.KindInvalid, f.Kind)
	require.Equal(t, field, f.Fields[0].Location)
}

// limiter counts without windows.
type limiter struct {
	mu   sync.Mutex
	hits map[string]int
}

func (l *limiter) Allow(_ context.Context, name, key string, n int, _ time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hits[name+key]++; l.hits[name+key] > n {
		return fault.New(fault.KindRateLimited, "rate.limited", "Too many attempts.")
	}
	return nil
}

type gifts map[id.ID[person.Person]][]person.Gift

func (g gifts) GiftsOf(_ context.Context, _ uuid.UUID, p id.ID[person.Person]) ([]person.Gift, error) {
	return g[p], nil
}

type promises map[id.ID[person.Person]][]promise.Kept

func (m promises) KeptBy(_ context.Context, _ uuid.UUID, p id.ID[person.Person]) ([]promise.Kept, error) {
	return m[p], nil
}

type organizations map[string]account.Organization

func (o organizations) OrganizationBySlug(_ context.Context, slug string) (account.Organization, error) {
	if org, ok := o[slug]; ok {
		return org, nil
	}
	return account.Organization{}, fault.NotFound("organization")
}

// idle takes jobs and never works on them.
type idle struct{}

func (idle) InsertTx(context.Context, database.Tx, queue.Args, ...queue.Option) error { return nil }
func (idle) InsertManyTx(context.Context, database.Tx, []queue.Args, ...queue.Option) error {
	return nil
}
