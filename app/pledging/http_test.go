package pledging_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/promise"
)

// desk is the whole program with a nonprofit, and its staff at work.
type desk struct {
	*apptest.World
	owner                          apptest.Member
	staff                          *apptest.Client
	cause, fund, campaign, otherID string // otherID: a fund of another cause
	person                         string // Ada Hale, ada@example.org
}

type object = map[string]any

type identified struct {
	ID string `json:"id"`
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{World: apptest.Start(t)}
	d.owner = d.Found("riverbend")
	d.staff = d.SignIn(d.owner)
	d.cause, d.fund = d.addCause("School library", "BOOKS")
	_, d.otherID = d.addCause("Clean water", "WATER")
	c := apptest.Decode[identified](d.staff.Post("/campaigns", object{
		"title": "Winter appeal", "slug": "winter", "cause_id": d.cause, "fund_id": d.fund, "goal": usd(100_000_00), "offer_monthly": true, "offer_pledge": true,
	}))
	d.campaign = c.ID
	d.staff.Post("/campaigns/"+c.ID+"/publish", nil).OK()
	d.person = d.addPerson("Ada", "Hale", "ada@example.org")
	return d
}

func (d *desk) addCause(name, code string) (cause, fund string) {
	d.T.Helper()
	cause = apptest.Decode[identified](d.staff.Post("/causes", object{"name": name})).ID
	fund = apptest.Decode[identified](d.staff.Post("/causes/"+cause+"/funds", object{"code": code, "name": name, "restriction": "purpose"})).ID
	d.staff.Patch("/causes/"+cause, object{"status": "published"}).OK()
	return cause, fund
}

func (d *desk) addPerson(first, last, email string) string {
	d.T.Helper()
	return apptest.Decode[identified](d.staff.Post("/people", object{"first_name": first, "last_name": last, "email": email})).ID
}

// pass lets time go by; a session of staff would end meanwhile.
func (d *desk) pass(by time.Duration) {
	d.T.Helper()
	d.Clock.Advance(by)
	d.RunJobs()
	d.staff = d.SignIn(d.owner)
}

// morningOf lets the morning of a date come, and all that happens in it.
func (d *desk) morningOf(date string) {
	d.T.Helper()
	on, err := day.Parse(date)
	require.NoError(d.T, err)
	d.Clock.Advance(promise.Morning(on, d.owner.Organization.Location()).Add(time.Minute).Sub(d.Clock.Now()))
	require.NoError(d.T, d.Jobs().Insert(d.T.Context(), promise.FindDue{}))
	d.pass(0)
}

// today is the date where the organization is.
func (d *desk) today() day.Day { return day.In(d.Clock.Now(), d.owner.Organization.Location()) }

func usd(minor int64) object { return object{"amount_minor": minor, "currency": "USD"} }

type amount struct {
	Minor    int64  `json:"amount_minor"`
	Currency string `json:"currency"`
}

type cardJSON struct {
	ID    string `json:"id"`
	Brand string `json:"brand"`
	Last4 string `json:"last4"`
}

type instalmentJSON struct {
	ID           string  `json:"id"`
	N            int     `json:"n"`
	DueOn        string  `json:"due_on"`
	Planned      amount  `json:"planned"`
	Amount       amount  `json:"amount"`
	Paid         amount  `json:"paid"`
	State        string  `json:"state"`
	DeclineCode  string  `json:"decline_code"`
	DeclineWords string  `json:"decline_words"`
	Reason       string  `json:"reason"`
	ActAt        *string `json:"act_at"`
	DonationID   *string `json:"donation_id"`
	Reminders    int     `json:"reminders"`
}

type partJSON struct {
	N      int    `json:"n"`
	DueOn  string `json:"due_on"`
	Amount amount `json:"amount"`
}

type promiseJSON struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Kind      string    `json:"kind"`
	Status    string    `json:"status"`
	Standing  string    `json:"standing"`
	PersonID  *string   `json:"person_id"`
	DonorName string    `json:"donor_name"`
	Amount    amount    `json:"amount"`
	Cover     amount    `json:"cover"`
	Unit      string    `json:"unit"`
	Every     int       `json:"every"`
	Count     *int      `json:"count"`
	Method    string    `json:"method"`
	Card      *cardJSON `json:"card"`
	Next      *struct {
		InstalmentID string `json:"instalment_id"`
		DueOn        string `json:"due_on"`
		Amount       amount `json:"amount"`
		State        string `json:"state"`
		DeclineCode  string `json:"decline_code"`
		DeclineWords string `json:"decline_words"`
	} `json:"next"`
	Paid        amount                      `json:"paid"`
	Owed        amount                      `json:"owed"`
	Campaign    *struct{ ID, Title string } `json:"campaign"`
	CauseName   string                      `json:"cause_name"`
	FundName    string                      `json:"fund_name"`
	PausedUntil *string                     `json:"paused_until"`
	Version     int                         `json:"version"`
	ClosedBy    string                      `json:"closed_by"`
	CloseReason string                      `json:"close_reason"`
	Instalments []instalmentJSON            `json:"instalments"`
	Upcoming    []partJSON                  `json:"upcoming"`
}

type promisesJSON struct {
	Items      []promiseJSON `json:"items"`
	NextCursor string        `json:"next_cursor"`
}

// references are what a page of promises shows, in its order.
func (p promisesJSON) references() []string {
	shown := []string{}
	for _, item := range p.Items {
		shown = append(shown, item.Reference)
	}
	return shown
}

// pledge is twelve monthly parts of 100 dollars by Ada, paid by link or cheque, from a month ahead.
func (d *desk) pledge(changes object) object {
	body := object{
		"person_id": d.person, "total": usd(1200_00), "count": 12, "unit": "month", "every": 1, "first_on": d.today().AddDays(30).String(),
		"fund_id": d.fund, "campaign_id": d.campaign, "method": "link", "remind": object{"before_days": 7, "every_days": 10, "at_most": 2}, "note": "On the phone",
	}
	for name, value := range changes {
		body[name] = value
	}
	return body
}

func (d *desk) taken(changes object) promiseJSON {
	d.T.Helper()
	return apptest.Decode[promiseJSON](d.staff.Post("/pledges", d.pledge(changes)).Is(http.StatusCreated))
}

func (d *desk) promise(id string) promiseJSON {
	d.T.Helper()
	return apptest.Decode[promiseJSON](d.staff.Get("/promises/" + id))
}

// list is what a list of promises shows.
func (d *desk) list(query string) promisesJSON {
	d.T.Helper()
	return apptest.Decode[promisesJSON](d.staff.Get("/promises" + query))
}

// act sends an action on a promise in the version it has.
func (d *desk) act(p promiseJSON, path string, body object) *apptest.Response {
	d.T.Helper()
	return d.actAs(d.staff, p, path, body)
}

func (d *desk) actAs(c *apptest.Client, p promiseJSON, path string, body object) *apptest.Response {
	d.T.Helper()
	sent := object{"version": p.Version}
	for name, value := range body {
		sent[name] = value
	}
	return c.Post("/promises/"+p.ID+"/"+path, sent)
}

func (d *desk) acted(p promiseJSON, path string, body object) promiseJSON {
	d.T.Helper()
	return apptest.Decode[promiseJSON](d.act(p, path, body).Is(http.StatusOK))
}

const visa = "4242424242424242"

// monthly is a monthly gift of 25 dollars by Ben, whose first charge was paid on Stripe's page.
func (d *desk) monthly() promiseJSON {
	d.T.Helper()
	started := apptest.Decode[struct {
		RedirectURL string `json:"redirect_url"`
	}](d.Nobody().Post("/public/checkouts", object{
		"organization": "riverbend", "campaign": "winter", "amount": usd(2500), "first_name": "Ben", "last_name": "Okri", "email": "ben@example.org",
		"frequency": "monthly", "zone": "America/New_York", "form_token": uuid.NewString(),
	}).Is(http.StatusCreated))
	_, err := d.Sandbox.PaySession(d.session(started.RedirectURL), stripesandbox.Payment{Card: visa})
	require.NoError(d.T, err)
	d.RunJobs()
	plans := d.list("?kind=plan")
	require.NotEmpty(d.T, plans.Items)
	return d.promise(plans.Items[0].ID)
}

// session finds the page of Stripe that an address leads to.
func (d *desk) session(address string) string {
	d.T.Helper()
	for _, session := range d.Sandbox.Sessions(d.Sandbox.PlatformAccount()) {
		if strings.Contains(address, session.ID) {
			return session.ID
		}
	}
	require.Fail(d.T, "no page of Stripe", address)
	return ""
}

// mailed are the subjects of what went to an address, the newest first.
func (d *desk) mailed(to string) []string {
	d.T.Helper()
	d.RunJobs()
	subjects := []string{}
	for _, m := range d.Mails(to) {
		subjects = append(subjects, m.Kind)
	}
	return subjects
}

// audited are the actions recorded of a promise, the newest first.
func (d *desk) audited(p promiseJSON) []string {
	d.T.Helper()
	page := apptest.Decode[struct {
		Items []struct {
			Action string `json:"action"`
		} `json:"items"`
	}](d.staff.Get("/audit?subject_type=promise&subject_id=" + p.ID))
	actions := []string{}
	for _, item := range page.Items {
		actions = append(actions, item.Action)
	}
	return actions
}

// balance is what the ledger has on an account.
func (d *desk) balance(name string) (minor int64) {
	d.T.Helper()
	require.NoError(d.T, d.DB.Read(d.T.Context(), database.Tenant(d.owner.Organization.ID.UUID), func(r database.Reader) error {
		return r.QueryRow(d.T.Context(), "select coalesce(sum(amount_minor), 0) from ledger_entries where account = $1", name).Scan(&minor)
	}))
	return minor
}

func TestEveryActionOnAPromiseNeedsItsRight(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(nil)
	first := "instalments/" + p.Instalments[0].ID + "/"
	viewer, fundraiser := d.SignIn(d.Join(d.owner, account.Viewer)), d.SignIn(d.Join(d.owner, account.Fundraiser))
	other := d.SignIn(d.Found("harbor"))
	on := d.today().AddDays(60).String()
	actions := []struct {
		path string
		body object
	}{
		{"pause", object{"until": on}},
		{"resume", nil},
		{"skip", nil},
		{"amount", object{"amount": usd(3000)}},
		{"day", object{"day": 3}},
		{"cancel", nil},
		{"card-link", nil},
		{first + "charge", nil},
		{first + "remind", nil},
		{first + "move", object{"due_on": on}},
		{"reschedule", object{"unit": "month", "every": 1, "count": 3, "first_on": on}},
		{first + "waive", object{"reason": "Kindness"}},
		{"write-off", object{"reason": "Moved away"}},
	}
	for _, a := range actions {
		d.actAs(d.Nobody(), p, a.path, a.body).Problem(http.StatusUnauthorized, "session.required")
		d.actAs(viewer, p, a.path, a.body).Problem(http.StatusForbidden, "permission.missing")
		d.actAs(other, p, a.path, a.body).Problem(http.StatusNotFound, "promise.not_found")
		stale := object{"version": p.Version + 1}
		for name, value := range a.body {
			stale[name] = value
		}
		d.staff.Post("/promises/"+p.ID+"/"+a.path, stale).Problem(http.StatusConflict, "promise.changed")
	}
	d.actAs(fundraiser, p, first+"waive", object{"reason": "Kindness"}).Problem(http.StatusForbidden, "permission.missing")
	d.actAs(fundraiser, p, "write-off", object{"reason": "Moved away"}).Problem(http.StatusForbidden, "permission.missing")
	viewer.Post("/pledges", d.pledge(nil)).Problem(http.StatusForbidden, "permission.missing")
	viewer.Get("/promises/" + p.ID).OK()
	coordinator := d.SignIn(d.Join(d.owner, account.VolunteerCoordinator))
	for _, path := range []string{"/promises", "/promises/" + p.ID, "/people/" + d.person + "/promises", "/people/" + d.person + "/cards"} {
		coordinator.Get(path).Problem(http.StatusForbidden, "permission.missing")
		d.Nobody().Get(path).Problem(http.StatusUnauthorized, "session.required")
	}
	other.Get("/promises/"+p.ID).Problem(http.StatusNotFound, "promise.not_found")
	other.Get("/people/"+d.person+"/promises").Problem(http.StatusNotFound, "person.not_found")
	other.Get("/people/"+d.person+"/cards").Problem(http.StatusNotFound, "person.not_found")
	require.Equal(t, p, d.promise(p.ID), "nobody changed anything")
	require.Equal(t, []string{"promise.started"}, d.audited(p))
}

func TestActionsRefuseWhatIsNoPromise(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.staff.Get("/promises/"+uuid.NewString()).Problem(http.StatusNotFound, "promise.not_found")
	d.staff.Get("/promises/x").Is(http.StatusUnprocessableEntity)
	d.staff.Get("/promises?person_id=x").Is(http.StatusUnprocessableEntity)
	d.staff.Get("/promises?cursor=nonsense").Blames("query.cursor", "cursor.invalid")
	d.staff.Get("/promises?search=a").Blames("query.search", "search.too_short")
	p := d.taken(nil)
	d.act(p, "instalments/"+uuid.NewString()+"/waive", object{"reason": "x"}).Blames("body.instalment_id", "promise.instalment")
	for path, body := range map[string]object{
		"pause": {"until": d.today().AddDays(9).String()}, "skip": nil, "resume": nil, "amount": {"amount": usd(3000)}, "day": {"day": 3},
	} {
		d.act(p, path, body).Problem(http.StatusConflict, "promise.not_plan")
	}
}
