package pledging_test

import (
	"context"
	"fmt"
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
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
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
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/money"
	"tributary/domain/person"
	"tributary/domain/promise"
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
	zone   string
	stripe string
	books  bool
}

func startingAt(at time.Time) option  { return func(s *settings) { s.start = at } }
func inZone(name string) option       { return func(s *settings) { s.zone = name } }
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
	set := settings{start: time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC), zone: "America/New_York"}
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
	w.org, err = account.NewOrganization(account.OrganizationDetails{Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Zone: set.zone}, now)
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

// monthlyForm is a filled form of a gift of $25 a month.
func (w *world) monthlyForm(change ...func(*donation.CheckoutRequest)) donation.CheckoutRequest {
	r := donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: dollars(2500), FirstName: "Grace", LastName: "Hopper", Email: "grace@example.org",
		Frequency: donation.Monthly, FormToken: uuid.New(),
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

// begin sends a monthly form and returns its plan, which waits for its first payment, and the page on which that is made.
func (w *world) begin(r donation.CheckoutRequest) (plan id.ID[promise.Promise], session string) {
	w.t.Helper()
	started, err := w.giving.StartCheckout(w.t.Context(), r)
	require.NoError(w.t, err)
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(context.Background(), `select i.promise_id, a.session_id from donations d
			join instalments i on i.org_id = d.org_id and i.id = d.instalment_id
			join payment_attempts a on a.org_id = d.org_id and a.donation_id = d.id where d.id = $1 order by a.n desc limit 1`, started.DonationID).
			Scan(&plan, &session)
	})
	return plan, session
}

// plan is a monthly gift whose first payment has arrived.
func (w *world) plan(change ...func(*donation.CheckoutRequest)) id.ID[promise.Promise] {
	w.t.Helper()
	plan, session := w.begin(w.monthlyForm(change...))
	w.pay(session, visaCard)
	return plan
}

func (w *world) pay(session, card string) {
	w.t.Helper()
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: card})
	require.NoError(w.t, err)
	w.settle()
}

// sessionAt is the page behind an address that a donor was sent to.
func (w *world) sessionAt(address string) string {
	w.t.Helper()
	for _, s := range w.sandbox.Sessions(w.account()) {
		if s.URL != nil && *s.URL == address {
			return s.ID
		}
	}
	require.FailNow(w.t, "no such page", address)
	return ""
}

// payPage opens Stripe's page for the next instalment of a promise, as the link of a mail does.
func (w *world) payPage(of id.ID[promise.Promise]) (session string) {
	w.t.Helper()
	address, err := w.openPage(of)
	require.NoError(w.t, err)
	return w.sessionAt(address)
}

func (w *world) openPage(of id.ID[promise.Promise]) (string, error) {
	w.t.Helper()
	p := w.promise(of)
	i := w.pending(p)
	return w.pledging.OpenPayPage(w.t.Context(), w.org, i.ID, true, "https://give.example.org/back")
}

// pending is the first instalment of a promise that can still be paid.
func (w *world) pending(p promise.Promise) promise.Instalment {
	w.t.Helper()
	for _, i := range p.Instalments {
		if i.State.Open() && i.Amount.Minor > 0 {
			return i
		}
	}
	require.FailNow(w.t, "nothing is open")
	return promise.Instalment{}
}

// saveCard saves another card on Stripe's page, as a donor does from the supporter page.
func (w *world) saveCard(of id.ID[promise.Promise], number string) {
	w.t.Helper()
	address, err := w.pledging.StartSetup(w.t.Context(), w.org, w.promise(of), "https://give.example.org/back")
	require.NoError(w.t, err)
	_, err = w.sandbox.SaveCard(w.sessionAt(address), stripesandbox.Payment{Card: number})
	require.NoError(w.t, err)
	w.settle()
}

func (w *world) account() string {
	if w.org.StripeAccount == nil {
		return ""
	}
	return *w.org.StripeAccount
}

// promise reads a promise with all its instalments.
func (w *world) promise(of id.ID[promise.Promise]) (p promise.Promise) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		if err := tx.Gorm(context.Background()).Where("id = ?", of).Take(&p).Error; err != nil {
			return err
		}
		return tx.Gorm(context.Background()).Where("promise_id = ?", of).Order("n").Find(&p.Instalments).Error
	})
	return p
}

// states are the states of a promise's instalments, with those of the same kind in a row counted: "paid×3 retry_wait".
func (w *world) states(of id.ID[promise.Promise]) string {
	w.t.Helper()
	var words []string
	count, last := 0, promise.State("")
	flush := func() {
		switch {
		case count == 1:
			words = append(words, string(last))
		case count > 1:
			words = append(words, fmt.Sprintf("%s×%d", last, count))
		}
	}
	for _, i := range w.promise(of).Instalments {
		if i.State != last {
			flush()
			count, last = 0, i.State
		}
		count++
	}
	flush()
	return strings.Join(words, " ")
}

// card is the saved card that a promise charges.
func (w *world) card(of id.ID[promise.Promise]) (c promise.Card) {
	w.t.Helper()
	p := w.promise(of)
	require.NotNil(w.t, p.CardID)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("id = ?", p.CardID).Take(&c).Error
	})
	return c
}

// declines makes the next charges of a promise's card fail; n 0: all of them.
func (w *world) declines(of id.ID[promise.Promise], code string, n int) {
	w.t.Helper()
	require.NoError(w.t, w.sandbox.DeclineNext(w.card(of).PaymentMethodID, code, n))
}

// charged are the amounts of the charges that succeeded at Stripe, oldest first.
func (w *world) charged() (minor []int64) {
	for _, c := range w.sandbox.Charges(w.account()) {
		if c.Status == "succeeded" {
			minor = append(minor, c.Amount)
		}
	}
	return minor
}

// sent are the kinds of the mails that were written, oldest first.
func (w *world) sent() (kinds []string) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Table("messages").Order("created_at, id").Pluck("kind", &kinds).Error
	})
	return kinds
}

// lastMail is the newest mail.
func (w *world) lastMail() (m message.Message) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Order("created_at desc, id desc").Take(&m).Error
	})
	return m
}

// donations are the gifts there are, by status.
func (w *world) donations() map[donation.Status]int {
	w.t.Helper()
	var rows []donation.Donation
	w.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Find(&rows).Error })
	counts := map[donation.Status]int{}
	for _, d := range rows {
		counts[d.Status]++
	}
	return counts
}

// recorded are the actions that the record of changes holds of a promise, oldest first.
func (w *world) recorded(of id.ID[promise.Promise]) (actions []string) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Table("audit_events").Where("subject_id = ?", of).Order("seq").Pluck("action", &actions).Error
	})
	return actions
}

// donor makes a person.
func (w *world) donor(first, email string) (who person.Person) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) (err error) {
		who, err = w.people.FindOrCreateTx(context.Background(), tx, w.org.ID.UUID, person.Details{FirstName: first, Email: email})
		return err
	})
	return who
}

// pledge takes a pledge of a person.
func (w *world) pledge(who person.Person, change ...func(*promise.PledgeDetails)) id.ID[promise.Promise] {
	w.t.Helper()
	campaignID := w.campaign.ID.UUID
	d := promise.PledgeDetails{
		PersonID: &who.ID.UUID, Total: dollars(100_00), Count: 3, Unit: promise.Month, Every: 1, FirstOn: day.In(w.clock.now(), w.org.Location()).AddDays(10),
		Target: donation.Target{CampaignID: &campaignID, CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID}, Method: promise.ByLink,
		RemindBeforeDays: 7, RemindEveryDays: 14, RemindAtMost: 2,
	}
	for _, c := range change {
		c(&d)
	}
	key := uuid.NewString()
	detail, err := w.pledging.Record(w.owner, d, donation.Request{Key: &key, Hash: []byte(key)})
	require.NoError(w.t, err)
	w.settle()
	return detail.ID
}

// cheque records a cheque for an instalment of a promise.
func (w *world) cheque(of id.ID[promise.Promise], n int, minor int64) (giving.Detail, error) {
	w.t.Helper()
	i := w.promise(of).Instalments[n-1]
	detail, err := w.giving.Record(w.owner, donation.Details{
		InstalmentID: &i.ID.UUID, PersonID: w.promise(of).PersonID, Amount: dollars(minor), Method: donation.Cheque,
		Target:     donation.Target{CampaignID: w.promise(of).CampaignID, CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID},
		ReceivedOn: day.In(w.clock.now(), w.org.Location()),
	})
	w.settle()
	return detail, err
}

// exec changes what no use case changes in this way.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), sql, args...)
		return err
	})
}

// personOf is who promised.
func (w *world) personOf(of id.ID[promise.Promise]) (who person.Person) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("id = ?", w.promise(of).PersonID).Take(&who).Error
	})
	return who
}

func (w *world) count(table string) (n int) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		var rows int64
		err := tx.Gorm(context.Background()).Table(table).Count(&rows).Error
		n = int(rows)
		return err
	})
	return n
}

// dashboard is somebody who works in the same Stripe account without us.
func (w *world) dashboard() *client.API {
	sc := &client.API{}
	sc.Init("sk_test_pledging", &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(w.api), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})})
	return sc
}

func (w *world) countWhere(table, where string) (n int) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		var rows int64
		err := tx.Gorm(context.Background()).Table(table).Where(where).Count(&rows).Error
		n = int(rows)
		return err
	})
	return n
}
