package giving_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/giving"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/stripesandbox/stripecheck"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/receipt"
)

// world is giving with everything around it: a real database, the Stripe sandbox over HTTP, jobs that run when told to, and a clock.
type world struct {
	t         testing.TB
	db        *database.DB
	addresses databasetest.Addresses
	giving    *giving.Service
	books     *bookkeeping.Service
	jobs      *queue.Client
	sandbox   *stripesandbox.Sandbox
	clock     *scene.Clock
	org       account.Organization
	cause     cause.Cause
	fund      cause.Fund
	campaign  campaign.Campaign
	owner     context.Context
	receipts  *receipts
	wire      *scene.Wire
}

// whenCalled lets something happen while the next such call is on its way to Stripe.
func (w *world) whenCalled(call string, do func()) {
	w.wire.WhenCalled(call, func() error { do(); return nil })
}

// whenAnswered lets something happen while the next such answer is on its way to us.
func (w *world) whenAnswered(call string, do func()) {
	w.wire.WhenAnswered(call, func() error { do(); return nil })
}

// receipts counts what giving asks of receipting.
type receipts struct {
	mu    sync.Mutex
	asked map[uuid.UUID]int
}

func (r *receipts) issue(_ context.Context, j receipt.Issue) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[j.DonationID]++
	return nil
}

// finder is the directory, which tells when a campaign was found.
type finder struct {
	scene.Directory
	found func()
}

func (f finder) CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (account.Organization, campaign.Campaign, error) {
	o, c, err := f.Directory.CampaignForGiving(ctx, orgSlug, campaignSlug)
	if f.found != nil && !o.ID.IsZero() {
		f.found()
	}
	return o, c, err
}

type option func(*settings)

type settings struct {
	account  string
	currency string
	check    bool
	limited  bool
	found    func(*world)
}

func whenFound(do func(*world)) option { return func(s *settings) { s.found = do } }

func limited() option { return func(s *settings) { s.limited = true } }

func direct(account string) option { return func(s *settings) { s.account = account } }
func currency(code string) option  { return func(s *settings) { s.currency = code } }
func unchecked() option            { return func(s *settings) { s.check = false } }

func newWorld(t testing.TB, opts ...option) *world {
	t.Helper()
	set := settings{currency: "USD", check: true}
	for _, o := range opts {
		o(&set)
	}
	db, addresses := databasetest.NewWithURLs(t)
	w := &world{
		t: t, db: db, addresses: addresses, clock: scene.ClockAt(time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)), receipts: &receipts{asked: map[uuid.UUID]int{}},
	}
	w.seed(set)
	workers := river.NewWorkers()
	w.jobs = queuetest.New(t, w.db, workers)
	w.sandbox = scene.Sandbox(t, w.clock, set.account != "", func(ctx context.Context, body []byte, signature string) error {
		return w.giving.Receive(ctx, body, signature)
	})
	audit := auditing.New(w.db, w.clock.Now)
	w.books = bookkeeping.New(w.db, w.clock.Now)
	orgs := finder{Directory: scene.Directory{DB: w.db}}
	if set.found != nil {
		orgs.found = func() { set.found(w) }
	}
	public, err := url.Parse("https://give.example.org")
	require.NoError(t, err)
	transport := http.DefaultTransport
	if set.check {
		transport = stripecheck.Transport(t, nil)
	}
	w.wire = scene.WireTo(transport)
	gateway, err := stripepay.New(stripepay.Config{
		APIKey: "sk_test_giving", BaseURL: w.api().URL, WebhookSecrets: []string{scene.WebhookSecret}, HTTPClient: &http.Client{Timeout: 5 * time.Second, Transport: w.wire},
		PerSecond: 10_000, Now: w.clock.Now,
	})
	require.NoError(t, err)
	var limiter giving.Limiter = scene.Unlimited{}
	if set.limited {
		limiter = web.NewRateLimiter(w.db, make([]byte, 32), w.clock.Now)
	}
	w.giving = giving.New(giving.Needs{
		DB: w.db, Jobs: w.jobs, Books: w.books, Audit: audit, Organizations: orgs, Campaigns: orgs, Limiter: limiter, Gateway: gateway, PublicURL: public, Now: w.clock.Now,
		People: people.New(people.Parts{DB: w.db, Audit: audit, Organizations: orgs, Now: w.clock.Now}),
	})
	w.giving.Workers(workers)
	queue.Handle(workers, w.receipts.issue)
	w.owner = actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: w.org.ID.UUID})
	return w
}

func (w *world) seed(set settings) {
	c := scene.NewCharity(w.t, set.currency, "", w.clock.Now())
	if set.account != "" {
		c.Org.StripeAccount = &set.account
	}
	scene.Store(w.t, w.db, c.Org.ID.UUID, &c.Org, &c.Cause, &c.Fund, &c.Campaign)
	w.org, w.cause, w.fund, w.campaign = c.Org, c.Cause, c.Fund, c.Campaign
}

func (w *world) inTx(do func(database.Tx) error) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(context.Background(), database.Tenant(w.org.ID.UUID), do))
}

func (w *world) api() *httptest.Server {
	server := httptest.NewServer(w.sandbox.Handler())
	w.t.Cleanup(server.Close)
	return server
}

// settle delivers every event that is due and runs every job, until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	require.NoError(w.t, w.sandbox.DrainWebhooks(w.t.Context()))
	queuetest.Drain(w.t, w.jobs)
}

// later moves all clocks and settles.
func (w *world) later(d time.Duration) {
	w.t.Helper()
	w.clock.Advance(d)
	w.sandbox.Sweep()
	w.settle()
}

func (w *world) form(change ...func(*donation.CheckoutRequest)) donation.CheckoutRequest {
	r := donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: money.New(5000, w.org.Currency), FirstName: "Grace", LastName: "Hopper",
		Email: "Grace@example.org", FormToken: uuid.New(),
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

// start sends a form and returns its donation and the session that was opened for it.
func (w *world) start(r donation.CheckoutRequest) (donation.CheckoutStarted, string) {
	w.t.Helper()
	started, err := w.giving.StartCheckout(w.t.Context(), r)
	require.NoError(w.t, err)
	return started, w.session(started.DonationID)
}

func (w *world) session(d id.ID[donation.Donation]) string {
	w.t.Helper()
	detail := w.find(d)
	require.NotEmpty(w.t, detail.Attempts)
	last := detail.Attempts[len(detail.Attempts)-1]
	require.NotNil(w.t, last.SessionID)
	return *last.SessionID
}

func (w *world) pay(session, card string) {
	w.t.Helper()
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: card})
	require.NoError(w.t, err)
}

const (
	visa         = "4242424242424242"
	declined     = "4000000000000002"
	challenged   = "4000002760003184" // asks for 3-D Secure
	bankSucceeds = "000123456789"
	bankFails    = "000111111113"
)

// given is a paid and settled gift.
func (w *world) given(change ...func(*donation.CheckoutRequest)) donation.CheckoutStarted {
	w.t.Helper()
	started, session := w.start(w.form(change...))
	w.pay(session, visa)
	w.settle()
	return started
}

func (w *world) find(d id.ID[donation.Donation]) giving.Detail {
	w.t.Helper()
	detail, err := w.giving.Find(w.owner, d)
	require.NoError(w.t, err)
	return detail
}

// balances are the ledger's balances by account, in minor units of the organization's currency; zero ones are left out.
func (w *world) balances() map[string]int64 {
	w.t.Helper()
	all, err := w.books.TrialBalance(w.t.Context(), w.org.ID.UUID, day.Day{})
	require.NoError(w.t, err)
	sums := map[string]int64{}
	for _, b := range all {
		require.Equal(w.t, w.org.Currency, b.Currency)
		if b.Debit != b.Credit {
			sums[string(b.Account)] = b.Debit - b.Credit
		}
	}
	return sums
}

func (w *world) stripeBalance() int64 {
	w.t.Helper()
	stripeAccount := ""
	if w.org.StripeAccount != nil {
		stripeAccount = *w.org.StripeAccount
	}
	var total int64
	for _, sum := range w.sandbox.Balance(stripeAccount) {
		total += sum
	}
	return total
}

func (w *world) count(table string) int {
	w.t.Helper()
	var n int64
	w.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Table(table).Count(&n).Error })
	return int(n)
}

func filterAll() giving.Filter { return giving.Filter{Limit: 100} }

// endCampaign ends the campaign as staff do.
func (w *world) endCampaign() {
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "update campaigns set status = 'ended', ended_at = $1 where id = $2", w.clock.Now(), w.campaign.ID)
		return err
	})
}

func queueDrain(w *world) {
	w.t.Helper()
	queuetest.Drain(w.t, w.jobs)
}

// stranger is the owner of another organization.
func (w *world) stranger() context.Context {
	return actor.With(w.t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: w.otherOrg()})
}

func (w *world) otherOrg() uuid.UUID {
	o, err := account.NewOrganization(account.OrganizationDetails{Name: "Harbor Food Bank", Kind: account.Nonprofit, Slug: "harbor"}, w.clock.Now())
	require.NoError(w.t, err)
	require.NoError(w.t, w.db.InTx(context.Background(), database.Tenant(o.ID.UUID), func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Create(&o).Error
	}))
	return o.ID.UUID
}

// dashboard is somebody who works in the same Stripe account without us.
func (w *world) dashboard() *client.API {
	sc := &client.API{}
	sc.Init("sk_test_giving", &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(w.api().URL), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})})
	return sc
}

// refundInDashboard gives money of the first charge back as somebody in Stripe's dashboard would.
func (w *world) refundInDashboard(minor int64) {
	w.t.Helper()
	w.refundInDashboardOf(w.sandbox.Charges("")[0].ID, minor)
}

func (w *world) refundInDashboardOf(charge string, minor int64) {
	w.t.Helper()
	_, err := w.dashboard().Refunds.New(&stripe.RefundParams{Charge: stripe.String(charge), Amount: stripe.Int64(minor)})
	require.NoError(w.t, err)
}

// foreignCharge takes money in the same Stripe account that has nothing to do with us.
func (w *world) foreignCharge() {
	w.t.Helper()
	sc := w.dashboard()
	_, err := sc.PaymentIntents.New(&stripe.PaymentIntentParams{
		Amount: stripe.Int64(1000), Currency: stripe.String("usd"), PaymentMethod: stripe.String("pm_card_visa"), Confirm: stripe.Bool(true),
		ReturnURL: stripe.String("https://shop.example.org"),
	})
	require.NoError(w.t, err)
}

// hide makes a donation unknown, as it is before its transaction commits; the function it returns brings it back.
func (w *world) hide(d id.ID[donation.Donation]) (back func()) {
	w.exec("delete from stripe_objects where donation_id = $1", d)
	w.exec("alter table payment_attempts drop constraint payment_attempts_donation_id_fkey")
	hidden := uuid.New()
	w.exec("update donations set id = $2 where id = $1", d, hidden)
	return func() { w.exec("update donations set id = $1 where id = $2", d, hidden) }
}

// exec runs SQL as the schema's owner within the tenant.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	conn, err := pgx.Connect(context.Background(), w.addresses.Owner)
	require.NoError(w.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(context.Background(), "select set_config('app.org_id', $1, false)", w.org.ID.String())
	require.NoError(w.t, err)
	_, err = conn.Exec(context.Background(), sql, args...)
	require.NoError(w.t, err)
}

func (w *world) expireHere(d id.ID[donation.Donation]) {
	w.exec("update payment_attempts set state = 'expired' where donation_id = $1", d)
	w.exec("update donations set status = 'expired' where id = $1", d)
}

func (w *world) countEvents() int { return w.platformCount("select count(*) from stripe_events") }

func (w *world) eventsIn(state payment.EventState) int {
	return w.platformCount("select count(*) from stripe_events where state = $1", string(state))
}

func (w *world) platformCount(sql string, args ...any) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.db.Read(context.Background(), database.Platform(), func(r database.Reader) error {
		return r.QueryRow(context.Background(), sql, args...).Scan(&n)
	}))
	return n
}

func (w *world) makeParkedDue() { queuetest.MakeDue(w.t, w.jobs, payment.Reconcile{}.Kind()) }

// consents are the answers about mail, oldest first.
func (w *world) consents() (answers []string) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Raw("select granted || ' ' || wording from consents order by at, id").Scan(&answers).Error
	})
	return answers
}

func (w *world) refuseMail(who uuid.UUID) {
	w.clock.Advance(time.Second)
	w.exec("insert into consents (org_id, id, person_id, channel, granted, source, wording, at) values ($1, gen_random_uuid(), $2, 'email', false, 'supporter_page', '', $3)", w.org.ID, who, w.clock.Now())
}

// otherFund is an open fund of another cause.
func (w *world) otherFund() uuid.UUID {
	now := w.clock.Now()
	other := cause.Cause{OrgID: w.org.ID.UUID, ID: id.New[cause.Cause](), Slug: "river", Name: "River", Status: cause.Published, CreatedAt: now, UpdatedAt: now}
	fund, err := other.AddFund(cause.FundDetails{Code: "RIVER", Name: "River", Restriction: cause.Unrestricted}, now)
	require.NoError(w.t, err)
	w.inTx(func(tx database.Tx) error {
		if err := tx.Gorm(context.Background()).Create(&other).Error; err != nil {
			return err
		}
		return tx.Gorm(context.Background()).Create(&fund).Error
	})
	return fund.ID.UUID
}
