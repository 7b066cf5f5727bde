package pledging_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

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
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

const webhookSecret = "whsec_test_0123456789abcdef"

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
	clock    *handClock
	org      account.Organization
	cause    cause.Cause
	fund     cause.Fund
	campaign campaign.Campaign
	owner    context.Context
	wire     *wire
	api      string // where the sandbox answers
}

// handClock moves when it is told to.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func (c *handClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// wire is the connection to Stripe, on which tests let things happen around a call.
type wire struct {
	next http.RoundTripper

	mu     sync.Mutex
	before map[string]func() error
	after  map[string]func() error
	calls  map[string]int
	each   func()
}

// RoundTrip sends the request on; what a test has planned for such a call happens once, and its error replaces the answer.
func (l *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	call := r.Method + " " + r.URL.Path
	l.mu.Lock()
	l.calls[call]++
	l.mu.Unlock()
	if err := l.happen(l.before, call); err != nil {
		var no refusal
		if errors.As(err, &no) {
			return no.answer(r), nil
		}
		return nil, err
	}
	response, err := l.next.RoundTrip(r)
	if lost := l.happen(l.after, call); lost != nil {
		if response != nil {
			_ = response.Body.Close()
		}
		return nil, lost
	}
	l.mu.Lock()
	each := l.each
	l.mu.Unlock()
	if each != nil {
		each()
	}
	return response, err
}

// refusal is Stripe's definite no to a call, where a test plans an error.
type refusal int

func (f refusal) Error() string { return "refused" }

func (f refusal) answer(r *http.Request) *http.Response {
	body := `{"error":{"type":"invalid_request_error","message":"No."}}`
	return &http.Response{
		StatusCode: int(f), Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}

// tap lets something happen after every answer, until it is called with nil.
func (l *wire) tap(each func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.each = each
}

func (l *wire) happen(plans map[string]func() error, call string) error {
	l.mu.Lock()
	plan := plans[call]
	delete(plans, call)
	l.mu.Unlock()
	if plan == nil {
		return nil
	}
	return plan()
}

func (l *wire) count(call string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[call]
}

// whenCalled lets something happen while the next such call is on its way to Stripe; an error keeps it from arriving.
func (w *world) whenCalled(call string, do func() error) {
	w.wire.mu.Lock()
	defer w.wire.mu.Unlock()
	w.wire.before[call] = do
}

// whenAnswered lets something happen while the next such answer is on its way to us; an error keeps it from arriving.
func (w *world) whenAnswered(call string, do func() error) {
	w.wire.mu.Lock()
	defer w.wire.mu.Unlock()
	w.wire.after[call] = do
}

// directory reads organizations and campaigns as the features around pledging do.
type directory struct{ db *database.DB }

func (f directory) OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error) {
	return f.organization(ctx, "slug = ?", slug)
}

func (f directory) Organization(ctx context.Context, org uuid.UUID) (account.Organization, error) {
	return f.organization(ctx, "id = ?", org)
}

func (f directory) organization(ctx context.Context, where string, arg any) (o account.Organization, err error) {
	err = f.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		o, err = gorm.G[account.Organization](r.Gorm(ctx)).Where(where, arg).Take(ctx)
		return err
	})
	return o, err
}

func (f directory) CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (o account.Organization, c campaign.Campaign, err error) {
	if o, err = f.OrganizationBySlug(ctx, orgSlug); err != nil {
		return o, c, campaign.ErrNotFound
	}
	err = f.db.Read(ctx, database.Tenant(o.ID.UUID), func(r database.Reader) (err error) {
		c, err = gorm.G[campaign.Campaign](r.Gorm(ctx)).Where("slug = ? and status <> 'draft'", campaignSlug).Take(ctx)
		return err
	})
	if database.IsNoRows(err) {
		err = campaign.ErrNotFound
	}
	return o, c, err
}

// anyoneMay lets tests give as often as they like.
type anyoneMay struct{}

func (anyoneMay) Allow(context.Context, string, string, int, time.Duration) error { return nil }

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
	w := &world{t: t, db: databasetest.New(t), clock: &handClock{at: set.start}}
	w.seed(set)
	workers := river.NewWorkers()
	w.jobs = queuetest.New(t, w.db, workers)
	w.startSandbox(set)
	audit := auditing.New(w.db, w.clock.now)
	w.books = bookkeeping.New(w.db, w.clock.now)
	known := directory{w.db}
	api := httptest.NewServer(w.sandbox.Handler())
	t.Cleanup(api.Close)
	w.api = api.URL
	w.wire = &wire{next: http.DefaultTransport, before: map[string]func() error{}, after: map[string]func() error{}, calls: map[string]int{}}
	gateway, err := stripepay.New(stripepay.Config{
		APIKey: "sk_test_pledging", BaseURL: api.URL, WebhookSecrets: []string{webhookSecret}, HTTPClient: &http.Client{Timeout: 5 * time.Second, Transport: w.wire},
		PerSecond: 10_000, Now: w.clock.now,
	})
	require.NoError(t, err)
	outbox, err := mail.New(mail.Config{From: `"Tributary" <mail@tributary.example>`, Templates: os.DirFS("../../frontend/templates"), Now: w.clock.now}, w.db, w.jobs)
	require.NoError(t, err)
	w.people = people.New(people.Parts{DB: w.db, Audit: audit, Organizations: known, Now: w.clock.now})
	public := must(url.Parse("https://give.example.org"))
	var promises latePromises
	w.giving = giving.New(giving.Needs{
		DB: w.db, Jobs: w.jobs, Books: w.books, Audit: audit, People: w.people, Organizations: known, Campaigns: known, Promises: &promises,
		Limiter: anyoneMay{}, Gateway: gateway, PublicURL: public, Now: w.clock.now,
	})
	w.pledging = pledging.New(pledging.Needs{
		DB: w.db, Jobs: w.jobs, Books: w.books, Audit: audit, People: w.people, Organizations: known, Campaigns: known, Tariffs: w.giving, Collector: w.giving,
		Limiter: anyoneMay{}, Gateway: gateway, Outbox: outbox, Secret: []byte("a secret of thirty-two characters"), PublicURL: public, Now: w.clock.now,
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
	now := w.clock.now()
	var err error
	w.org, err = account.NewOrganization(account.OrganizationDetails{Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Zone: "America/New_York"}, now)
	require.NoError(w.t, err)
	if set.stripe != "" {
		w.org.StripeAccount = &set.stripe
	}
	w.org.BookPledges = set.books
	w.cause = cause.Cause{OrgID: w.org.ID.UUID, ID: id.New[cause.Cause](), Slug: "reading", Name: "Reading", Status: cause.Published, CreatedAt: now, UpdatedAt: now}
	w.fund, err = w.cause.AddFund(cause.FundDetails{Code: "LIB", Name: "Library", Restriction: cause.ForPurpose}, now)
	require.NoError(w.t, err)
	moment := campaign.MomentIn(now, w.org.Location())
	w.campaign, err = campaign.New(w.org.ID.UUID, "USD", campaign.Details{
		Title: "Rebuild the library", Slug: "library", CauseID: w.cause.ID, FundID: w.fund.ID, Goal: dollars(3_000_000), OfferMonthly: true, OfferPledge: true,
	}, moment)
	require.NoError(w.t, err)
	require.NoError(w.t, w.campaign.Publish(w.cause, w.fund, moment))
	w.inTx(func(tx database.Tx) error {
		for _, row := range []any{&w.org, &w.cause, &w.fund, &w.campaign} {
			if err := tx.Gorm(w.t.Context()).Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *world) inTx(do func(database.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(context.Background(), database.Tenant(w.org.ID.UUID), do))
}

func (w *world) startSandbox(set settings) {
	var err error
	w.sandbox, err = stripesandbox.New(stripesandbox.Options{
		Now: w.clock.now, Manual: true, FeeDelay: time.Minute, BaseURL: "https://checkout.example.org", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { require.NoError(w.t, w.sandbox.Close()) })
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = w.giving.Receive(r.Context(), body, r.Header.Get("Stripe-Signature"))
		}
		if err != nil {
			rw.WriteHeader(http.StatusBadRequest)
		}
	}))
	w.t.Cleanup(hook.Close)
	_, err = w.sandbox.RegisterEndpoint(stripesandbox.EndpointInput{URL: hook.URL, Secret: webhookSecret, Connect: set.stripe != ""})
	require.NoError(w.t, err)
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
		if next.After(w.clock.now()) {
			w.clock.set(next)
		}
		w.sandbox.Sweep()
		w.look()
	}
	w.clock.set(end)
	w.sandbox.Sweep()
	w.settle()
}

// pass is until, for a while.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.until(w.clock.now().Add(d))
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
