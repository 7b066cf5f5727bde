package fundraising_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/access"
	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/fundraising"
	"tributary/app/giving"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/files"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/web"
	"tributary/app/pledging"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/receipt"
	"tributary/frontend"
)

// world is fundraising with giving, the card sandbox, a database and an HTTP server around it.
type world struct {
	t             testing.TB
	db            *database.DB
	service       *fundraising.Service
	giving        *giving.Service
	pledging      *pledging.Service
	organizations *access.Service
	public        *url.URL
	jobs          *queue.Client
	sandbox       *stripesandbox.Sandbox
	stripe        *outage
	files         *shelf
	clock         *scene.Clock
	org           account.Organization
	cause         cause.Cause
	fund          cause.Fund
	owner         context.Context
	api           *web.API
	server        *httptest.Server
}

// outage lets Stripe be away for a while.
type outage struct {
	mu   sync.Mutex
	away bool
	next http.Handler
}

func (o *outage) set(away bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = away
}

func (o *outage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	away := o.away
	o.mu.Unlock()
	if away {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	o.next.ServeHTTP(w, r)
}

// shelf keeps files, can lose sight of them for a while, and knows whether whoever opened one last may leave before it is read.
type shelf struct {
	files.Memory
	mu      sync.Mutex
	broken  error
	hurried bool
}

func (s *shelf) breakWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

func (s *shelf) Open(ctx context.Context, key string) (io.ReadSeekCloser, files.Info, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hurried = ctx.Done() != nil
	if s.broken != nil {
		return nil, files.Info{}, s.broken
	}
	return s.Memory.Open(ctx, key)
}

func newWorld(t testing.TB, currency string) *world {
	t.Helper()
	w := &world{t: t, db: databasetest.New(t), files: &shelf{}, clock: scene.ClockAt(time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC))}
	var err error
	w.sandbox, err = stripesandbox.New(stripesandbox.Options{
		Now: w.clock.Now, Manual: true, BaseURL: "https://checkout.example.org", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.sandbox.Close()) })
	w.stripe = &outage{next: w.sandbox.Handler()}
	stripe := httptest.NewServer(w.stripe)
	t.Cleanup(stripe.Close)
	gateway, err := stripepay.New(stripepay.Config{
		APIKey: "sk_test_fundraising", BaseURL: stripe.URL, WebhookSecrets: []string{scene.WebhookSecret}, HTTPClient: &http.Client{Timeout: 5 * time.Second},
		PerSecond: 10_000, Now: w.clock.Now,
	})
	require.NoError(t, err)

	workers := river.NewWorkers()
	w.jobs = queuetest.New(t, w.db, workers)
	audit := auditing.New(w.db, w.clock.Now)
	organizations := access.New(access.Config{DB: w.db, Audit: audit, Now: w.clock.Now})
	public := &url.URL{Scheme: "https", Host: "give.example.org"}
	w.organizations, w.public = organizations, public
	checkout, promises := &lateCheckout{}, &latePromises{}
	w.service = fundraising.New(fundraising.Config{
		DB: w.db, Audit: audit, Organizations: organizations, Checkout: checkout, Pledges: promises, Files: w.files, Jobs: w.jobs,
		PublicURL: public, Now: w.clock.Now,
	})
	outbox, err := mail.New(mail.Config{From: "Tributary <mail@tributary.example>", Templates: frontend.Templates, Now: w.clock.Now}, w.db, w.jobs)
	require.NoError(t, err)
	outbox.Workers(workers)
	books, limiter := bookkeeping.New(w.db, w.clock.Now), web.NewRateLimiter(w.db, []byte(strings.Repeat("k", 32)), w.clock.Now)
	persons := people.New(people.Parts{DB: w.db, Audit: audit, Organizations: organizations, Now: w.clock.Now})
	w.giving = giving.New(giving.Needs{
		DB: w.db, Jobs: w.jobs, Books: books, Audit: audit, Organizations: organizations, Campaigns: w.service, Limiter: limiter,
		Promises: promises, Gateway: gateway, PublicURL: public, Now: w.clock.Now, People: persons,
	})
	w.pledging = pledging.New(pledging.Needs{
		DB: w.db, Jobs: w.jobs, Books: books, Audit: audit, Organizations: organizations, Campaigns: w.service, Limiter: limiter, Tariffs: w.giving,
		Collector: w.giving, Gateway: gateway, Outbox: outbox, People: persons, Secret: []byte(strings.Repeat("p", 32)), PublicURL: public,
		Now: w.clock.Now,
	})
	checkout.Service, promises.Service = w.giving, w.pledging
	w.giving.Workers(workers)
	w.pledging.Workers(workers)
	w.service.Workers(workers)
	queue.Handle(workers, func(context.Context, receipt.Issue) error { return nil })
	w.seed(currency)
	w.serve()
	return w
}

// lateCheckout and latePromises break the circle in which the services know each other.
type lateCheckout struct{ *giving.Service }

type latePromises struct{ *pledging.Service }

func (w *world) seed(currency string) {
	c := scene.NewCharity(w.t, currency, "", w.clock.Now())
	scene.Store(w.t, w.db, c.Org.ID.UUID, &c.Org, &c.Cause, &c.Fund)
	w.org, w.cause, w.fund = c.Org, c.Cause, c.Fund
	w.owner = as(w.t, w.org.ID.UUID)
}

func as(t testing.TB, org uuid.UUID) context.Context {
	return actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: org})
}

func (w *world) inTx(org uuid.UUID, do func(database.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(context.Background(), database.Tenant(org), do))
}

// anotherOrganization has nothing to do with the first one.
func (w *world) anotherOrganization() account.Organization {
	w.t.Helper()
	o, err := account.NewOrganization(account.OrganizationDetails{Name: "Harbor Food Bank", Kind: account.Nonprofit, Slug: "harbor"}, w.clock.Now())
	require.NoError(w.t, err)
	w.inTx(o.ID.UUID, func(tx database.Tx) error { return tx.Gorm(w.t.Context()).Create(&o).Error })
	return o
}

// desk lets tests be whom they say: "Bearer role@organization".
type desk struct{ w *world }

func (d desk) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	role, org, ok := strings.Cut(c.Bearer, "@")
	if !ok {
		return actor.Nobody, "", fault.New(fault.KindUnauthenticated, "session.required", "Sign in first.")
	}
	orgID, err := uuid.Parse(org)
	if err != nil {
		return actor.Nobody, "", err
	}
	who := actor.Actor{Kind: actor.KindToken, ID: uuid.Must(uuid.NewV7()), OrgID: orgID}
	for _, p := range account.Role(role).Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

func (w *world) serve() {
	server, err := web.New(web.Config{
		PublicURL: &url.URL{Scheme: "http", Host: "give.example.org"}, Secret: []byte(strings.Repeat("s", 32)), Now: w.clock.Now,
		Log: slog.New(slog.DiscardHandler), DB: w.db, Auth: desk{w}, Assets: frontend.Dist, Templates: frontend.Templates, Locales: frontend.Locales,
	})
	require.NoError(w.t, err)
	w.api = server.API()
	w.service.Routes(w.api)
	w.service.Pages(server.Pages())
	w.server = httptest.NewUnstartedServer(server.Handler())
	w.server.Config.RegisterOnShutdown(server.StopStreams)
	w.server.Start()
	w.t.Cleanup(func() { server.StopStreams(); w.server.Close() })
}

func library(w *world) campaign.Details {
	return campaign.Details{
		Title: "Rebuild the library", Slug: "library", CauseID: w.cause.ID, FundID: w.fund.ID, Goal: money.New(3_000_000, w.org.Currency),
		Summary: "A flood took 4,000 books.", Story: "It rained.\n\n## What happened\n\n[More](https://example.org)", OfferFeeCover: true, ShowDonors: true,
	}
}

// live is a published campaign.
func (w *world) live(change ...func(*campaign.Details)) fundraising.Counted {
	w.t.Helper()
	d := library(w)
	for _, c := range change {
		c(&d)
	}
	c, err := w.service.Create(w.owner, d)
	require.NoError(w.t, err)
	c, err = w.service.Publish(w.owner, c.ID.UUID)
	require.NoError(w.t, err)
	return c
}

// give pays a gift with a card and lets everything that follows happen.
func (w *world) give(minor int64, change ...func(*donation.CheckoutRequest)) donation.CheckoutStarted {
	w.t.Helper()
	started := w.start(minor, change...)
	w.pay(started.RedirectURL, "4242424242424242")
	w.confirm(started)
	return started
}

// start sends a filled giving form.
func (w *world) start(minor int64, change ...func(*donation.CheckoutRequest)) donation.CheckoutStarted {
	w.t.Helper()
	r := donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: money.New(minor, w.org.Currency), FirstName: "Grace", LastName: "Hopper",
		Email: "grace@example.org", FormToken: uuid.New(),
	}
	for _, c := range change {
		c(&r)
	}
	started, err := w.giving.StartCheckout(w.t.Context(), r)
	require.NoError(w.t, err)
	return started
}

// pay fills the card page that the donor was sent to.
func (w *world) pay(page, card string) {
	w.t.Helper()
	_, err := w.sandbox.PaySession(sessionOf(page), stripesandbox.Payment{Card: card})
	require.NoError(w.t, err)
}

// confirm does what Stripe's event starts.
func (w *world) confirm(started donation.CheckoutStarted) {
	w.t.Helper()
	require.NoError(w.t, w.giving.Refresh(w.t.Context(), w.org.ID.UUID, started.DonationID.UUID))
	w.service.ProgressMoved(w.org.ID.String() + ":" + w.campaignID(started).String())
}

func (w *world) campaignID(started donation.CheckoutStarted) (campaignID uuid.UUID) {
	w.t.Helper()
	require.NoError(w.t, w.db.Read(w.t.Context(), database.Tenant(w.org.ID.UUID), func(r database.Reader) error {
		return r.QueryRow(w.t.Context(), "SELECT campaign_id FROM donations WHERE id = $1", started.DonationID.UUID).Scan(&campaignID)
	}))
	return campaignID
}

// browser keeps cookies and does not follow redirects by itself.
func (w *world) browser() *http.Client { return scene.Browser(w.t) }

func (w *world) get(b *http.Client, path string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+path, nil)
	require.NoError(w.t, err)
	r.Header.Set("Accept", "text/html")
	return w.do(b, r)
}

func (w *world) do(b *http.Client, r *http.Request) (*http.Response, string) {
	w.t.Helper()
	response, err := b.Do(r)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	return response, string(body)
}

// sessionOf is the id of the card page at an address.
func sessionOf(page string) string {
	_, id, _ := strings.Cut(page, "cs_test_")
	return "cs_test_" + id
}
