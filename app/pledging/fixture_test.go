package pledging_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/giving"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/app/pledging"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

const visaCard, masterCard = "4242424242424242", "5555555555554444"

// world is pledging and giving with everything around them: a real database, the Stripe sandbox over HTTP, jobs that run when told to, the
// mails they write, and a clock.
type world struct {
	t        testing.TB
	db       *database.DB
	giving   *giving.Service
	pledging *pledging.Service
	people   *people.Service
	books    *bookkeeping.Service
	jobs     *queue.Client
	sandbox  *stripesandbox.Sandbox
	clock    *scene.Clock
	org      account.Organization
	cause    cause.Cause
	fund     cause.Fund
	campaign campaign.Campaign
	owner    context.Context
	wire     *scene.Wire
	api      string // where the sandbox answers
}

// whenCalled lets something happen while the next such call is on its way to Stripe; an error keeps it from arriving.
func (w *world) whenCalled(call string, do func() error) { w.wire.WhenCalled(call, do) }

// whenAnswered lets something happen while the next such answer is on its way to us; an error keeps it from arriving.
func (w *world) whenAnswered(call string, do func() error) { w.wire.WhenAnswered(call, do) }

type latePromises struct{ *pledging.Service }

type option func(*settings)

type settings struct {
	start  time.Time
	stripe string
	books  bool
}

func startingAt(at time.Time) option  { return func(s *settings) { s.start = at } }
func onAccount(account string) option { return func(s *settings) { s.stripe = account } }
func booking() option                 { return func(s *settings) { s.books = true } }
func at(text string) time.Time        { return must(time.Parse(time.RFC3339, text)).UTC() }
func date(text string) day.Day        { return must(day.Parse(text)) }
func dollars(minor int64) money.Money { return money.New(minor, "USD") }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newWorld(t testing.TB, opts ...option) *world {
	t.Helper()
	set := settings{start: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)}
	for _, o := range opts {
		o(&set)
	}
	w := &world{t: t, db: databasetest.New(t), clock: scene.ClockAt(set.start)}
	w.seed(set)
	workers := river.NewWorkers()
	w.jobs = queuetest.New(t, w.db, workers)
	w.sandbox = scene.Sandbox(t, w.clock, set.stripe != "", func(ctx context.Context, body []byte, signature string) error {
		return w.giving.Receive(ctx, body, signature)
	})
	audit := auditing.New(w.db, w.clock.Now)
	w.books = bookkeeping.New(w.db, w.clock.Now)
	known := scene.Directory{DB: w.db}
	api := httptest.NewServer(w.sandbox.Handler())
	t.Cleanup(api.Close)
	w.api = api.URL
	w.wire = scene.WireTo(http.DefaultTransport)
	gateway, err := stripepay.New(stripepay.Config{
		APIKey: "sk_test_pledging", BaseURL: api.URL, WebhookSecrets: []string{scene.WebhookSecret}, HTTPClient: &http.Client{Timeout: 5 * time.Second, Transport: w.wire},
		PerSecond: 10_000, Now: w.clock.Now,
	})
	require.NoError(t, err)
	outbox, err := mail.New(mail.Config{From: `"Tributary" <mail@tributary.example>`, Templates: os.DirFS("../../frontend/templates"), Now: w.clock.Now}, w.db, w.jobs)
	require.NoError(t, err)
	w.people = people.New(people.Parts{DB: w.db, Audit: audit, Organizations: known, Now: w.clock.Now})
	public := must(url.Parse("https://give.example.org"))
	var promises latePromises
	w.giving = giving.New(giving.Needs{
		DB: w.db, Jobs: w.jobs, Books: w.books, Audit: audit, People: w.people, Organizations: known, Campaigns: known, Promises: &promises,
		Limiter: scene.Unlimited{}, Gateway: gateway, PublicURL: public, Now: w.clock.Now,
	})
	w.pledging = pledging.New(pledging.Needs{
		DB: w.db, Jobs: w.jobs, Books: w.books, Audit: audit, People: w.people, Organizations: known, Campaigns: known, Tariffs: w.giving, Collector: w.giving,
		Limiter: scene.Unlimited{}, Gateway: gateway, Outbox: outbox, Secret: []byte("a secret of thirty-two characters"), PublicURL: public, Now: w.clock.Now,
	})
	promises.Service = w.pledging
	w.giving.Workers(workers)
	w.pledging.Workers(workers)
	outbox.Workers(workers)
	queue.Handle(workers, func(context.Context, receipt.Issue) error { return nil })
	w.owner = actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: w.org.ID.UUID})
	return w
}

func (w *world) seed(set settings) {
	c := scene.NewCharity(w.t, "USD", "America/New_York", w.clock.Now(), func(d *campaign.Details) { d.OfferMonthly, d.OfferPledge = true, true })
	if set.stripe != "" {
		c.Org.StripeAccount = &set.stripe
	}
	c.Org.BookPledges = set.books
	scene.Store(w.t, w.db, c.Org.ID.UUID, &c.Org, &c.Cause, &c.Fund, &c.Campaign)
	w.org, w.cause, w.fund, w.campaign = c.Org, c.Cause, c.Fund, c.Campaign
}

func (w *world) inTx(do func(database.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(context.Background(), database.Tenant(w.org.ID.UUID), do))
}

// settle delivers every event that is due and runs every job, until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	for range 3 {
		require.NoError(w.t, w.sandbox.DrainWebhooks(w.t.Context()))
		queuetest.Drain(w.t, w.jobs)
	}
}

// look does what the periodic job does, and all that follows.
func (w *world) look() {
	w.t.Helper()
	require.NoError(w.t, w.pledging.FindDue(w.t.Context()))
	w.settle()
}

// until lets time pass up to an instant: the clock goes from one alarm to the next, and everything that rings is done.
func (w *world) until(end time.Time) {
	w.t.Helper()
	for {
		next, ok := w.nextAlarm()
		if !ok || next.After(end) {
			break
		}
		if next.After(w.clock.Now()) {
			w.clock.Set(next)
		}
		w.sandbox.Sweep()
		w.look()
	}
	w.clock.Set(end)
	w.sandbox.Sweep()
	w.settle()
}

// pass is until, for a while.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.until(w.clock.Now().Add(d))
}

func (w *world) nextAlarm() (next time.Time, ok bool) {
	w.t.Helper()
	var at *time.Time
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(context.Background(), "select min(act_at) from instalments").Scan(&at)
	})
	if at == nil {
		return next, false
	}
	return *at, true
}
