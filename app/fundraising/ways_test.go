package fundraising_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/fundraising"
	"tributary/app/platform/database"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/promise"
)

func everyWay(d *campaign.Details) { d.OfferMonthly, d.OfferPledge = true, true }

func TestHowToGiveIsAskedBeforeHowMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay, func(d *campaign.Details) { d.ImpactLines = map[int64]string{1000: "a book a month"} })
	_, page := w.get(w.browser(), "/give/riverbend/library")
	for _, part := range []string{
		`id="frequency-once" value="once" checked`, `id="frequency-monthly" value="monthly">`, `id="frequency-pledge" value="pledge">`,
		`name="monthly_amount" id="monthly_amount-1" value="25.00" checked`, "a book a month", "Give $25 a month", "Give $26.06 a month",
		"Add $1.06 each month so that Riverbend Trust receives the full $25", "($26.06 a month in total)",
		"Your card is next charged on December 22, 2026, then every month on the 22nd.", "You can change or stop it any time",
		`id="first_on" name="first_on" type="date" min="2026-11-22" value="2026-11-22"`, "Show the dates and amounts",
	} {
		require.Contains(t, page, part)
	}
	require.Less(t, strings.Index(page, `name="frequency"`), strings.Index(page, `name="amount"`))
	require.NotRegexp(t, `[^./]\b(give|ui)\.[a-z]+_?[a-z]*[^a-z.]`, strings.ReplaceAll(withoutBoot(page), "give.example", ""), "every text has its words")
}

func TestALinkMayChooseHowToGive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	for query, part := range map[string]string{
		"frequency=monthly":           `id="frequency-monthly" value="monthly" checked`,
		"frequency=monthly&amount=50": `id="monthly_amount-2" value="50.00" checked`,
		"frequency=monthly&amount=7":  `name="monthly_other" inputmode="decimal" autocomplete="off" maxlength="20" value="7.00"`,
		"frequency=pledge&amount=600": "12 payments of $50.00, from November 22, 2026 to October 22, 2027.",
		"frequency=weekly":            `id="frequency-once" value="once" checked`,
	} {
		_, page := w.get(w.browser(), "/give/riverbend/library?"+query)
		require.Contains(t, page, part, query)
	}
}

func TestWaysThatAreNotOfferedAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	_, page := w.get(b, "/give/riverbend/library?frequency=monthly")
	for _, part := range []string{`name="monthly_amount"`, `id="frequency-once"`, `name="first_on"`, "a month"} {
		require.NotContains(t, page, part)
	}
	require.Contains(t, page, `<input type="hidden" name="frequency" value="once">`)
	for way, says := range map[string]string{
		"monthly": "This campaign does not take monthly gifts.", "pledge": "This campaign does not take pledges.", "weekly": "Choose how often you give.",
	} {
		form := maps(w.form(b), "frequency", way)
		form.Set("monthly_amount", "25.00")
		response, page := w.post(b, form)
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode, way)
		require.Contains(t, page, says)
		require.Contains(t, page, `value="Grace"`)
	}
	_, err := w.giving.StartCheckout(t.Context(), donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: usd(2500), FirstName: "Grace", Email: "grace@example.org", FormToken: uuid.New(),
		Frequency: donation.Monthly,
	})
	require.ErrorIs(t, err, campaign.ErrNoMonthly, "whoever asks without the page")
	require.Zero(t, w.donations())
}

func TestAMonthlyGiftWithoutScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	b := w.browser()
	form := maps(w.form(b), "frequency", "monthly")
	form.Set("monthly_amount", "25.00")
	form.Set("cover_fee", "1")
	response, _ := w.post(b, form)
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	again, _ := w.post(b, form)
	require.Equal(t, response.Header.Get("Location"), again.Header.Get("Location"), "the form sent twice is one gift")
	w.pay(response.Header.Get("Location"), "4242424242424242")
	w.confirmAll()

	p := w.promise()
	require.Equal(t, promise.Plan, p.Kind)
	require.Equal(t, promise.Active, p.Status)
	require.Equal(t, usd(2500), p.Amount)
	require.Equal(t, int64(106), p.CoverMinor)

	paid, _ := w.post(b, form)
	require.Contains(t, paid.Header.Get("Location"), "/thanks/")
	_, page := w.get(b, strings.TrimPrefix(paid.Header.Get("Location"), "https://give.example.org"))
	for _, part := range []string{
		"Thank you, Grace", "Your first monthly gift of $25 to “Rebuild the library” has arrived.", "Next charge", "December 22, 2026",
		"Your card is next charged $26.06 on December 22, 2026, then every month on the 22nd.",
		"We mailed a link to g•••@example.org with which you can change or stop your monthly gift any time.",
	} {
		require.Contains(t, page, part)
	}
}

func TestThanksOfAMonthlyGiftSayWhatHoldsNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.clock.Advance(time.Date(2027, 1, 31, 15, 0, 0, 0, time.UTC).Sub(w.clock.Now()))
	w.live(everyWay)
	started := w.give(2500, monthly)
	thanks := "/give/riverbend/library/thanks/" + started.Reference
	_, page := w.get(w.browser(), thanks)
	require.Contains(t, page, "on February 28, 2027, then every month on the 31st, or on the last day of a shorter month.")

	p := w.promise()
	_, err := w.pledging.Cancel(w.owner, p.OrgID, p.ID, p.Version, "")
	require.NoError(t, err)
	_, page = w.get(w.browser(), thanks)
	require.Contains(t, page, "Thank you, Grace")
	require.NotContains(t, page, "Next charge", "nothing is charged any more")
}

func TestAMonthlyGiftThatWasNotPaidIsTriedAgainMonthly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	started := w.start(2500, monthly)
	w.clock.Advance(40 * time.Minute)
	w.sandbox.Sweep()
	w.confirm(started)
	_, page := w.get(w.browser(), "/give/riverbend/library/thanks/"+started.Reference)
	require.Contains(t, page, `href="/give/riverbend/library?amount=25.00&amp;frequency=monthly#give"`)
	require.NotContains(t, page, "Next charge")
}

func TestAWrongMonthlyAmountIsToldAtItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	b := w.browser()
	form := maps(w.form(b), "frequency", "monthly")
	form.Set("monthly_amount", "other")
	form.Set("monthly_other", "0.10")
	response, page := w.post(b, form)
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, `href="#monthly_other"`)
	require.Contains(t, page, `id="error-monthly_amount"`)
	require.NotContains(t, page, `id="error-amount"`)
	require.Contains(t, page, `id="frequency-monthly" value="monthly" checked`)
	require.Contains(t, page, `value="0.10"`)
}

func pledgeForm(w *world, b *http.Client) url.Values {
	form := maps(w.form(b), "frequency", "pledge")
	for name, value := range map[string]string{"total": "1,000", "count": "12", "interval": "month", "first_on": "2026-11-30", "pledge_seen": ""} {
		form.Set(name, value)
	}
	return form
}

func TestAPledgeWithoutScriptsIsSeenBeforeItIsMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	b := w.browser()
	form := pledgeForm(w, b)
	response, page := w.post(b, form)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, page, "12 payments of $83.33, the last one of $83.37, from November 30, 2026 to October 30, 2027.")
	require.Contains(t, page, `<time datetime="2027-02-28">February 28, 2027</time> <span>$83.33</span>`)
	require.Contains(t, page, "Pledge $1,000")
	require.Contains(t, page, form.Get("form_token"), "still the same form")
	require.Zero(t, w.promises())

	form.Set("pledge_seen", hidden(t, page, "pledge_seen"))
	form.Set("count", "10")
	_, page = w.post(b, form)
	require.Contains(t, page, "10 payments of $100.00", "what changed is shown again")
	require.Zero(t, w.promises())

	form.Set("pledge_seen", hidden(t, page, "pledge_seen"))
	response, page = w.post(b, form)
	require.Equal(t, http.StatusSeeOther, response.StatusCode, page)
	require.Contains(t, response.Header.Get("Location"), "https://checkout.example.org/", "a card is saved first")
	p := w.promise()
	require.Equal(t, promise.Pledge, p.Kind)
	require.Equal(t, promise.PendingSetup, p.Status)
	require.Len(t, p.Instalments, 10)
	again, _ := w.post(b, form)
	require.Equal(t, response.Header.Get("Location"), again.Header.Get("Location"))
	require.Equal(t, 1, w.promises())
	require.Zero(t, w.donations(), "nothing is paid yet")
}

func TestEveryMistakeOfAPledgeIsToldAtItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	for _, tc := range []struct{ name, field, value, at, says string }{
		{"no amount", "total", "", "total", "Write the amount with digits"},
		{"an amount that is none", "total", "much", "total", "Write the amount with digits"},
		{"an amount below the least", "total", "0.10", "total", "smaller than we can accept"},
		{"parts below the least", "total", "5", "count", "too small"},
		{"no parts", "count", "0", "count", "between 1 and 120"},
		{"too many parts", "count", "121", "count", "between 1 and 120"},
		{"parts in words", "count", "twelve", "count", "between 1 and 120"},
		{"an unknown interval", "interval", "decade", "interval", "weeks, months or years"},
		{"no date", "first_on", "", "first_on", "Choose the date of the first payment."},
		{"a date that is none", "first_on", "2027-02-30", "first_on", "Choose the date of the first payment."},
		{"yesterday", "first_on", "2026-11-21", "first_on", "has passed"},
		{"in six years", "first_on", "2032-11-22", "first_on", "five years"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := w.browser()
			response, page := w.post(b, maps(pledgeForm(w, b), tc.field, tc.value))
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
			require.Contains(t, page, `href="#`+tc.at+`"`)
			require.Regexp(t, `id="error-`+tc.at+`">[^<]*`+tc.says, page)
			require.Contains(t, page, `value="Grace"`)
			require.Zero(t, w.promises())
		})
	}
}

func TestAPledgeNeedsItsGiverToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	b := w.browser()
	form := maps(pledgeForm(w, b), "email", "grace@")
	_, page := w.post(b, form)
	form.Set("pledge_seen", hidden(t, page, "pledge_seen"))
	form.Set("count", "0")
	response, page := w.post(b, form)
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, "Please check 2 fields")
	form.Set("count", "12")
	response, page = w.post(b, form)
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, `id="error-email"`)
	require.Contains(t, page, "12 payments of $83.33", "what was seen stays in view")
	response, page = w.post(b, maps(form, "website", "https://spam.example"))
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, "filled in by a program")
	require.Zero(t, w.promises())
}

func TestWithoutPledgingNobodyIsOfferedAPledge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(everyWay)
	w.service = fundraising.New(fundraising.Config{DB: w.db, Organizations: w.organizations, Checkout: w.giving, Files: w.files, Jobs: w.jobs, PublicURL: w.public, Now: w.clock.Now})
	w.serve()
	_, page := w.get(w.browser(), "/give/riverbend/library")
	require.Contains(t, page, `id="frequency-monthly"`)
	require.NotContains(t, page, `id="frequency-pledge"`)
}

func monthly(r *donation.CheckoutRequest) { r.Frequency = donation.Monthly }

func (w *world) promises() (n int) {
	w.t.Helper()
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.QueryRow(w.t.Context(), "SELECT count(*) FROM promises").Scan(&n)
	})
	return n
}

// promise is the only one there is.
func (w *world) promise() promise.Promise {
	w.t.Helper()
	var instalment uuid.UUID
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.QueryRow(w.t.Context(), "SELECT id FROM instalments ORDER BY promise_id, n LIMIT 1").Scan(&instalment)
	})
	p, err := w.pledging.PromiseOfInstalment(w.owner, w.org.ID.UUID, instalment)
	require.NoError(w.t, err)
	return p
}
