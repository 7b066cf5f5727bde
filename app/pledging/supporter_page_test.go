package pledging_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// visitor is a browser on the pages of a world, with cookies; it does not follow redirects.
type visitor struct {
	*world
	url    string
	client *http.Client
	who    string // the person whose supporter session it has; empty: nobody
}

// supporters lets them in by a cookie that names them.
type supporters struct{ w *world }

func (s supporters) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	who, err := uuid.Parse(c.SupporterCookie)
	if err != nil {
		return actor.Nobody, "", fault.New(fault.KindUnauthenticated, "session.required", "Sign in first.")
	}
	return actor.Actor{Kind: actor.KindSupporter, ID: who, OrgID: s.w.org.ID.UUID}, "csrf", nil
}

func (w *world) visit() *visitor {
	w.t.Helper()
	address := scene.Serve(w.t, w.db, w.clock.Now, supporters{w}, func(server *web.Server) { w.pledging.Pages(server.Pages()) })
	return &visitor{world: w, url: address, client: scene.Browser(w.t)}
}

// as is the browser of the supporter who made a promise.
func (v *visitor) as(of id.ID[promise.Promise]) *visitor {
	c := *v
	c.who = v.personOf(of).ID.String()
	return &c
}

type page struct {
	status   int
	location string
	text     string // the page's words, without markup
	html     string
}

var (
	unnamed = regexp.MustCompile(`\b(my|pay|pledged)\.[a-z_]+\b`)
	token   = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)
	version = regexp.MustCompile(`name="version" value="(\d+)"`)
)

func (v *visitor) send(method, path, body string) page {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, strings.NewReader(body))
	require.NoError(v.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.who != "" {
		r.AddCookie(&http.Cookie{Name: "supporter", Value: v.who})
	}
	answer, err := v.client.Do(r)
	require.NoError(v.t, err)
	defer func() { require.NoError(v.t, answer.Body.Close()) }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	if answer.StatusCode == http.StatusOK {
		require.Equal(v.t, "private, no-store", answer.Header.Get("Cache-Control"))
		require.Contains(v.t, string(raw), `<meta name="robots" content="noindex">`)
	}
	p := page{status: answer.StatusCode, location: answer.Header.Get("Location"), html: string(raw)}
	p.text = scene.Words(p.html)
	require.NotRegexp(v.t, unnamed, p.text, "every text is in the catalogue")
	return p
}

func (v *visitor) get(path string) page {
	v.t.Helper()
	return v.send(http.MethodGet, strings.TrimPrefix(path, "https://give.example.org"), "")
}

// submit fills a form of the page at from and sends it.
func (v *visitor) submit(from, to string, fields ...string) page {
	v.t.Helper()
	from, to = strings.TrimPrefix(from, "https://give.example.org"), strings.TrimPrefix(to, "https://give.example.org")
	shown := v.get(from)
	found := token.FindStringSubmatch(shown.html)
	require.Len(v.t, found, 2, shown.text)
	form := url.Values{"csrf_token": {found[1]}}
	if found = version.FindStringSubmatch(shown.html); found != nil {
		form.Set("version", found[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, to, form.Encode())
}

// does sends a form of a promise's page and follows to the page that says what was done.
func (v *visitor) does(of id.ID[promise.Promise], what string, fields ...string) page {
	v.t.Helper()
	path := "/my/riverbend/promises/" + of.String()
	answer := v.submit(path, path+"/"+what, fields...)
	require.Equal(v.t, http.StatusSeeOther, answer.status, answer.text)
	require.Equal(v.t, path+"?done="+what, answer.location)
	return v.get(answer.location)
}

func (p page) says(t testing.TB, sentences ...string) {
	t.Helper()
	for _, s := range sentences {
		require.Contains(t, p.text, s)
	}
}

func pathOf(of id.ID[promise.Promise]) string { return "/my/riverbend/promises/" + of.String() }

func TestAPlansPageSaysWhatComesNext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	shown := v.get(pathOf(plan))
	require.Equal(t, http.StatusOK, shown.status)
	shown.says(t, "Your monthly gift of $25.00", "Active", "Your next gift of $25.00 will be charged on December 22, 2026.", "Visa ending in 4242",
		"every month on the 22nd", "Rebuild the library", "After that", "January 22, 2027", "What was charged and left out", "November 22, 2026 paid $25.00")
}

func TestAPromisesPageIsForWhoeverMadeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	other := w.plan(func(r *donation.CheckoutRequest) { r.FirstName, r.Email = "Ada", "ada@example.org" })
	v := w.visit()
	for _, path := range []string{pathOf(plan), pathOf(plan) + "/cancel"} {
		nobody := v.get(path)
		require.Equal(t, http.StatusSeeOther, nobody.status)
		require.Equal(t, "/my/riverbend", nobody.location, "who is not signed in is asked to")
		require.Equal(t, http.StatusNotFound, v.as(other).get(path).status)
	}
	for _, doing := range []string{"pause", "resume", "skip", "amount", "day", "card", "cancel"} {
		require.Equal(t, http.StatusNotFound, v.as(other).submit(pathOf(other), pathOf(plan)+"/"+doing, "months", "1").status, doing)
	}
	require.Equal(t, http.StatusNotFound, v.as(plan).get("/my/riverbend/promises/"+uuid.NewString()).status)
	require.Equal(t, http.StatusNotFound, v.as(plan).get("/my/riverbend/promises/none").status)
	harbor, err := account.NewOrganization(account.OrganizationDetails{Name: "Harbor", Kind: account.Nonprofit, Slug: "harbor"}, w.clock.Now())
	require.NoError(t, err)
	require.NoError(t, w.db.InTx(t.Context(), database.Tenant(harbor.ID.UUID), func(tx database.Tx) error { return tx.Gorm(t.Context()).Create(&harbor).Error }))
	require.Equal(t, "/my/harbor", v.as(plan).get("/my/harbor/promises/"+plan.String()).location, "another organization's supporter is nobody here")
	require.Equal(t, []string{"promise.started", "promise.activated"}, w.recorded(plan))
}

func TestLeavingOneGiftOutDoesWhatThePageSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	v.get(pathOf(plan)).says(t, "Your gift of $25.00 on December 22, 2026 is left out. It is not charged later. The next one is then charged on January 22, 2027.")
	v.does(plan, "skip").says(t, "The next gift is left out.", "A mail that confirms it is on its way to grace@example.org.",
		"Your next gift of $25.00 will be charged on January 22, 2027.", "December 22, 2026 left out")
	require.Equal(t, "plan.changed", w.lastMail().Kind)
	w.until(at("2027-01-22T15:00:00Z"))
	require.Equal(t, "paid skipped paid scheduled", w.states(plan))
}

func TestAPauseDoesWhatThePageSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	v.get(pathOf(plan)).says(t, "1 month: next gift on January 22, 2027", "2 months: next gift on February 22, 2027", "3 months: next gift on March 22, 2027",
		"6 months: next gift on June 22, 2027")
	v.does(plan, "pause", "months", "3").says(t, "Your gift is paused.", "Paused",
		"It is paused. Your next gift of $25.00 will be charged on March 22, 2027; nothing is charged before, and nothing for the time of the pause.",
		"Your next gift of $25.00 will be charged on December 22, 2026.") // what ending the pause would do
	v.does(plan, "pause", "months", "date", "until", "2027-04-01").says(t, "Your next gift of $25.00 will be charged on April 22, 2027")
	v.does(plan, "resume").says(t, "The pause is over.", "Your next gift of $25.00 will be charged on December 22, 2026.")
	v.does(plan, "pause", "months", "1")
	w.until(at("2027-01-22T15:00:00Z"))
	require.Equal(t, "paid skipped paid scheduled", w.states(plan))
	require.Equal(t, []int64{2500, 2500}, w.charged())
}

func TestAnAmountChangesWhenThePageSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	v.get(pathOf(plan)).says(t, "Your gift on December 22, 2026 is the first with the new amount", "($1.06 for a gift of $25.00)")
	v.does(plan, "amount", "amount", "40").says(t, "The amount is changed.", "Your next gift of $40.00 will be charged on December 22, 2026.")
	v.does(plan, "amount", "amount", "$30.00", "cover_fee", "1").says(t, "Your next gift of $31.20 will be charged", "of which card fee $1.20")
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, []int64{2500, 3120}, w.charged())
}

func TestADayChangesToTheDateThePageSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	v.get(pathOf(plan)).says(t, "5: December 5, 2026", "22 (now): December 22, 2026", "31: December 31, 2026",
		"Where a month has no such day, the gift is charged on its last day.")
	v.does(plan, "day", "day", "31").says(t, "The day is changed.", "Your next gift of $25.00 will be charged on December 31, 2026.", "January 31, 2027", "February 28, 2027")
	w.until(at("2027-03-01T15:00:00Z"))
	require.Equal(t, "paid×4 scheduled", w.states(plan))
}

func TestAFormThatCannotBeSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	for _, tc := range []struct {
		doing, says string
		status      int
		fields      []string
	}{
		{"pause", "Choose how long.", 422, nil},
		{"pause", "Write the date as YYYY-MM-DD.", 422, []string{"months", "date", "until", "soon"}},
		{"pause", "Choose a date after today, at most a year ahead.", 422, []string{"months", "date", "until", "2026-11-22"}},
		{"pause", "Choose a date after today, at most a year ahead.", 422, []string{"months", "date", "until", "2028-11-22"}},
		{"amount", "Write the amount with digits, for example 50 or 50.00.", 422, []string{"amount", "a lot"}},
		{"amount", "This amount is smaller than we can accept.", 422, []string{"amount", "0.10"}},
		{"day", "Choose a day between 1 and 31.", 422, []string{"day", "32"}},
		{"day", "Choose a day between 1 and 31.", 422, nil},
		{"resume", "This regular gift is not paused.", 409, nil},
		{"skip", "Somebody changed this meanwhile. Look at it again.", 409, []string{"version", "1"}},
		{"skip", "Somebody changed this meanwhile. Look at it again.", 409, []string{"version", "one"}},
	} {
		shown := v.submit(pathOf(plan), pathOf(plan)+"/"+tc.doing, tc.fields...)
		require.Equal(t, tc.status, shown.status, tc.says)
		shown.says(t, "Nothing was changed yet", tc.says)
	}
	typed := v.submit(pathOf(plan), pathOf(plan)+"/amount", "amount", "a lot")
	require.Contains(t, typed.html, `value="a lot"`, "what was typed stays")
	require.Contains(t, typed.html, `aria-describedby="error-amount"`)
	require.Contains(t, typed.html, `href="#amount"`)
	require.Equal(t, []string{"promise.started", "promise.activated"}, w.recorded(plan))
}

func TestCancellingTakesTwoClicks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	require.Contains(t, v.get(pathOf(plan)).html, `href="`+pathOf(plan)+`/cancel"`)
	asked := v.get(pathOf(plan) + "/cancel")
	asked.says(t, "Cancel your monthly gift of $25.00?", "Your gift of $25.00 on December 22, 2026 is not charged any more, nor any later one.",
		"What you gave already stays given", "Would you tell us why? (optional)")
	tooLong := v.submit(pathOf(plan)+"/cancel", pathOf(plan)+"/cancel", "reason", strings.Repeat("x", 501))
	require.Equal(t, http.StatusUnprocessableEntity, tooLong.status)
	tooLong.says(t, "At most 500 characters fit here.")

	done := v.submit(pathOf(plan)+"/cancel", pathOf(plan)+"/cancel", "reason", "I lost <my> job")
	require.Equal(t, pathOf(plan)+"?done=cancel", done.location)
	shown := v.get(done.location)
	shown.says(t, "It is cancelled. Nothing more is charged.", "Cancelled", "This has ended. Nothing more is charged.")
	require.NotContains(t, shown.text, "Change it")
	p := w.promise(plan)
	require.Equal(t, promise.Cancelled, p.Status)
	require.Equal(t, "supporter", p.ClosedBy)
	require.Equal(t, "I lost <my> job", p.CloseReason)
	require.Equal(t, "plan.cancelled", w.lastMail().Kind)

	require.Equal(t, pathOf(plan), v.get(pathOf(plan)+"/cancel").location, "there is nothing left to cancel")
	w.pass(90 * 24 * time.Hour)
	require.Equal(t, []int64{2500}, w.charged())
}

func TestAnotherCardServesEverythingAndSaysWhatItIsChargedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, other := w.plan(), w.plan()
	v := w.visit().as(plan)
	v.get(pathOf(plan)).says(t, "Now: Visa ending in 4242. The new card is used from then on for this and one other promise of yours here.", "Nothing is charged at once.")

	w.declines(plan, "expired_card", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
	shown := v.get(pathOf(plan))
	shown.says(t, "Needs another card",
		"Your gift of $25.00 for December 22, 2026 did not go through. The card has expired. Nothing more is charged before you save another card or pay it yourself.",
		"As soon as it is saved, $25.00 is charged to it: the payment for Rebuild the library that was due on December 22, 2026.")
	require.Contains(t, shown.html, `href="/pay/riverbend/`)

	away := v.submit(pathOf(plan), pathOf(plan)+"/card")
	require.Equal(t, http.StatusSeeOther, away.status)
	back := pathOf(plan) + "?card=saving"
	waits := v.get(back)
	waits.says(t, "Your new card is being saved", "Then nothing has changed.")
	require.Contains(t, waits.html, `data-state="waiting"`)
	_, err := w.sandbox.SaveCard(w.sessionAt(away.location), stripesandbox.Payment{Card: masterCard})
	require.NoError(t, err)
	v.get(back).says(t, "Your new card is being saved") // the browser is no evidence
	before := len(w.charged())
	w.settle()

	saved := v.get(back)
	saved.says(t, "Your new card is saved.", "Mastercard ending in 4444", "Your next gift of $25.00 will be charged on January 22, 2027.")
	require.Equal(t, "4444", w.card(other).Last4)
	require.Greater(t, len(w.charged()), before)
	require.Contains(t, w.sent(), "card.saved")
}

func TestACardThatWasNotSavedChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	v.submit(pathOf(plan), pathOf(plan)+"/card")
	w.pass(time.Hour)
	shown := v.get(pathOf(plan) + "?card=saving")
	shown.says(t, "No new card was saved. Nothing has changed.")
	require.NotContains(t, shown.html, `data-state="waiting"`)
	require.Equal(t, "4242", w.card(plan).Last4)
}

func TestAFailedPaymentIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	v := w.visit().as(plan)
	w.declines(plan, "insufficient_funds", 1)
	w.until(at("2026-12-22T15:00:00Z"))
	v.get(pathOf(plan)).says(t, "A payment is missing", "This needs you",
		"Your gift of $25.00 for December 22, 2026 did not go through. There was not enough money on the card. We try again on December 23, 2026.")
	w.until(at("2026-12-23T15:00:00Z"))
	w.declines(plan, "authentication_required", 1)
	w.until(at("2027-01-22T15:00:00Z"))
	shown := v.get(pathOf(plan))
	shown.says(t, "Your bank wants you to confirm your gift of $25.00 for January 22, 2027. It is not paid before you do.", "Confirm the payment")
}
