package fundraising_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/campaign"
	"tributary/domain/donation"
)

func TestTheCampaignPageIsWholeWithoutScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	w.give(5000, func(r *donation.CheckoutRequest) { r.Comment = "For the <b>children</b>" })
	response, page := w.get(w.browser(), "/give/riverbend/library")
	require.Equal(t, http.StatusOK, response.StatusCode)
	for _, part := range []string{
		`<title>Rebuild the library · Riverbend Trust</title>`, `<link rel="canonical" href="https://give.example.org/give/riverbend/library">`,
		`<meta property="og:title" content="Rebuild the library">`, `content="https://give.example.org/give/riverbend/library/og.png"`,
		`"@type":"DonateAction"`, `$50 raised`, `of $30,000`, `1 gift`, `Grace Hopper`, `For the &lt;b&gt;children&lt;/b&gt;`,
		`<h3>What happened</h3>`, `rel="nofollow ugc noopener"`, `name="csrf_token"`, `name="form_token"`, `Add $1.80 so that Riverbend Trust receives the full $50`,
		`($51.80 in total)`, `Gifts go to Riverbend Trust.`,
	} {
		require.Contains(t, page, part, part)
	}
	require.NotContains(t, page, `name="cover_fee" value="1" checked`, "the fee cover is never chosen beforehand")
	require.NotContains(t, page, `name="email_consent" value="1" checked`)
	require.NotContains(t, page, "ZgotmplZ")
	require.NotRegexp(t, `[^./]\b(give|ui)\.[a-z]+_?[a-z]*[^a-z.]`, strings.ReplaceAll(withoutBoot(page), "give.example", ""), "every text has its words")
}

func TestAFormWithoutScriptsLeadsToTheCardPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	response, _ := w.post(b, w.form(b))
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Contains(t, response.Header.Get("Location"), "https://checkout.example.org/")
	require.Equal(t, 1, w.donations())
}

func TestAFormSentTwiceIsOneGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	form := w.form(b)
	first, _ := w.post(b, form)
	second, _ := w.post(b, form)
	require.Equal(t, first.Header.Get("Location"), second.Header.Get("Location"))
	require.Equal(t, 1, w.donations())
	w.pay(first.Header.Get("Location"), "4242424242424242")
	w.confirmAll()
	third, _ := w.post(b, form)
	require.Contains(t, third.Header.Get("Location"), "/give/riverbend/library/thanks/R-", "a form whose gift is paid leads to its thanks")
	require.Equal(t, 1, w.donations())
}

func TestBadAmountsComeBackWithTheirReasonAndTheRestOfTheForm(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ currency, typed, says string }{
		{"USD", "", "Write the amount with digits"},
		{"USD", "0", "smaller than we can accept"},
		{"USD", "-5", "Write the amount with digits"},
		{"USD", "0.49", "smaller than we can accept"},
		{"USD", "99,999,999.99", "larger than we can accept"},
		{"USD", "1e3", "Write the amount with digits"},
		{"USD", "١٢", "Write the amount with digits"},
		{"USD", "12.345", "more decimals than its currency allows"},
		{"USD", "NaN", "Write the amount with digits"},
		{"JPY", "500.5", "more decimals than its currency allows"},
		{"KWD", "5.124", "cannot be charged in such small steps"},
	} {
		t.Run(tc.currency+" "+tc.typed, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tc.currency)
			w.live()
			b := w.browser()
			form := w.form(b)
			form.Set("amount", "other")
			form.Set("other_amount", tc.typed)
			response, page := w.post(b, form)
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
			require.Contains(t, page, tc.says)
			require.Contains(t, page, `href="#other_amount"`, "the summary leads to the field")
			require.Contains(t, page, `value="Grace"`)
			require.Contains(t, page, `value="grace@example.org"`)
			require.Contains(t, page, form.Get("form_token"), "the corrected form is still the same form")
			require.Zero(t, w.donations())
		})
	}
}

func TestEveryMistakeOfAFormIsShownAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	form := w.form(b)
	form.Set("amount", "other")
	form.Set("other_amount", "1e3")
	form.Set("first_name", "")
	form.Set("last_name", "")
	form.Set("email", "grace@")
	response, page := w.post(b, form)
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, "Please check 3 fields")
	require.Zero(t, w.donations())
}

func TestHostileTextIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	for _, tc := range []struct{ name, field, value string }{
		{"a name of 101 characters", "first_name", strings.Repeat("x", 101)},
		{"a line break in a name", "last_name", "Hopper\r\nBcc: all@example.org"},
		{"a name that runs backwards", "first_name", "\u202eecarG"},
		{"bytes that are no text", "first_name", "a\x00b"},
		{"a message too long", "comment", strings.Repeat("x", 501)},
		{"an address with a name in it", "email", "Grace <grace@example.org>"},
		{"an address that is too long", "email", strings.Repeat("x", 250) + "@example.org"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := w.browser()
			form := w.form(b)
			form.Set(tc.field, tc.value)
			response, page := w.post(b, form)
			require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
			require.Contains(t, page, `id="error-`+tc.field+`"`)
			require.Zero(t, w.donations())
		})
	}
}

func TestMarkupIsShownAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live(func(d *campaign.Details) {
		d.Title = `A <i>title</i> </script>`
		d.Story = "<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![p](https://tracker.example/p.png) <https://example.org>\n\n# Top"
	})
	b := w.browser()
	form := w.form(b)
	form.Set("first_name", `"><script>alert(1)</script>`)
	form.Set("email", "x")
	_, page := w.post(b, form)
	require.NotContains(t, page, "<script>alert")
	require.Contains(t, page, "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.NotContains(t, page, "onerror")
	require.NotContains(t, page, "javascript:")
	require.NotContains(t, page, `src="https://tracker.example`, "pictures elsewhere would tell who reads: they are links")
	require.Contains(t, page, `href="https://tracker.example/p.png"`)
	require.Contains(t, page, "<h3>Top</h3>", "a story's heading stands below the page's own")
	require.Contains(t, page, "A &lt;i&gt;title&lt;/i&gt;")
}

func TestFormsThatAreNotOursAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	form := w.form(b)

	without := maps(form, "csrf_token", "")
	response, page := w.post(b, without)
	require.Equal(t, http.StatusForbidden, response.StatusCode)
	require.Contains(t, page, "We could not accept that form")

	response, _ = w.post(w.browser(), form)
	require.Equal(t, http.StatusForbidden, response.StatusCode, "another browser's token")

	response, page = w.post(b, maps(form, "website", "https://spam.example"))
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.Contains(t, page, "filled in by a program")

	response, page = w.post(b, maps(form, "form_token", "1"))
	require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	require.NotContains(t, page, `name="form_token" value="1"`, "the form gets a token that works")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.server.URL+"/give/riverbend/library", strings.NewReader(`{}`))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	response, _ = w.do(b, r)
	require.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode)

	response, _ = w.post(b, maps(form, "comment", strings.Repeat("x", 70_000)))
	require.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	require.Zero(t, w.donations())
}

func TestStripeAwayKeepsTheFormAndDoublesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	form := w.form(b)
	w.stripe.set(true)
	response, page := w.post(b, form)
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.Contains(t, page, "Your gift did not go through")
	require.Contains(t, page, "Nothing was charged.")
	require.Contains(t, page, `value="grace@example.org"`)
	require.Contains(t, page, form.Get("form_token"))
	w.stripe.set(false)
	response, _ = w.post(b, form)
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	require.Equal(t, 1, w.donations())
}

func TestAnEndedCampaignThanksAndTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	w.give(5000)
	b := w.browser()
	form := w.form(b)
	_, err := w.service.End(w.owner, c.ID.UUID)
	require.NoError(t, err)
	response, page := w.get(b, "/give/riverbend/library")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, page, "This campaign has ended")
	require.Contains(t, page, "1 gift raised $50. Thank you.")
	require.NotContains(t, page, `<form`)
	response, page = w.post(b, form)
	require.Equal(t, http.StatusConflict, response.StatusCode)
	require.Contains(t, page, "This campaign has ended")
	require.Equal(t, 1, w.donations())
}

func TestDraftsAndUnknownAddressesAreNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	_, err := w.service.Create(w.owner, library(w))
	require.NoError(t, err)
	for _, path := range []string{
		"/give/riverbend/library", "/give/riverbend/nothing", "/give/nobody/library", "/give/nobody", "/give/riverbend/library/og.png",
		"/give/riverbend/library/thanks/R-00000-00000", "/pictures/x/y/z", "/give/riverbend/%00", "/give/riverbend/..%2f..",
	} {
		response, page := w.get(w.browser(), path)
		require.Equal(t, http.StatusNotFound, response.StatusCode, path)
		require.Contains(t, page, "We could not find that page", path)
	}
}

func TestHeadAnswersForLinkScrapers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	for _, path := range []string{"/", "/robots.txt", "/give/riverbend", "/give/riverbend/library", "/give/riverbend/library/og.png"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, w.server.URL+path, nil)
		require.NoError(t, err)
		response, _ := w.do(w.browser(), r)
		require.Equal(t, http.StatusOK, response.StatusCode, path)
	}
}

func TestThanksTellsTheStateAndNoMoreThanTheDonorTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	started, err := w.giving.StartCheckout(t.Context(), donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: usd(5000), FirstName: "Grace", LastName: "Hopper", Email: "grace@example.org",
		FormToken: uuid.New(), CoverFee: true,
	})
	require.NoError(t, err)
	path := "/give/riverbend/library/thanks/" + started.Reference
	response, page := w.get(w.browser(), path)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, page, "We are confirming your payment")
	require.Contains(t, page, `http-equiv="refresh"`, "browsers without scripts ask again too")
	require.Equal(t, "private, no-store", response.Header.Get("Cache-Control"))
	require.Contains(t, page, `content="noindex"`)

	_, err = w.sandbox.PaySession(sessionOf(started.RedirectURL), stripesandbox.Payment{Card: "4000000000000002"})
	require.Error(t, err)
	w.confirm(started)
	_, page = w.get(w.browser(), path)
	require.Contains(t, page, "We are confirming your payment", "a declined card can be tried again on the card page")

	w.pay(started.RedirectURL, "4242424242424242")
	w.confirm(started)
	for range 2 { // a refresh changes nothing
		_, page = w.get(w.browser(), path)
		require.Contains(t, page, "Thank you, Grace")
		require.Contains(t, page, "$51.80")
		require.Contains(t, page, "g•••@example.org")
		require.NotContains(t, page, "grace@example.org")
		require.NotContains(t, page, "Hopper")
	}
}

func TestThanksOfAnExpiredPageOffersAnotherTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	started, err := w.giving.StartCheckout(t.Context(), donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: usd(4200), FirstName: "Grace", Email: "grace@example.org", FormToken: uuid.New(),
	})
	require.NoError(t, err)
	w.clock.Advance(40 * 60 * 1e9)
	w.sandbox.Sweep()
	w.confirm(started)
	_, page := w.get(w.browser(), "/give/riverbend/library/thanks/"+started.Reference)
	require.Contains(t, page, "Your gift did not go through")
	require.Contains(t, page, "Nothing was charged.")
	require.Contains(t, page, `href="/give/riverbend/library?amount=42.00#give"`)
	_, page = w.get(w.browser(), "/give/riverbend/library?amount=42.00")
	require.Contains(t, page, `value="42.00"`)
}

func TestAThankYouPageBelongsToItsCampaign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	started := w.give(5000)
	w.live(func(d *campaign.Details) { d.Slug = "other" })
	response, _ := w.get(w.browser(), "/give/riverbend/other/thanks/"+started.Reference)
	require.Equal(t, http.StatusNotFound, response.StatusCode)
}

func TestTheEmbeddedPageMayBeFramedBySitesOfTheOrganizationOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE organizations SET embed_origins = '{https://www.riverbend.example}' WHERE id = $1", w.org.ID.UUID)
		return err
	})
	w.live()
	response, page := w.get(w.browser(), "/give/riverbend/library?embed=1")
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'self' https://www.riverbend.example")
	require.Contains(t, page, `data-embed`)
	response, _ = w.get(w.browser(), "/give/riverbend/library")
	require.Contains(t, response.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
}

func TestTooManyFormsHaveToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	b := w.browser()
	form := w.form(b)
	for range 12 {
		response, _ := w.post(b, maps(form, "form_token", uuid.NewString()))
		require.Equal(t, http.StatusSeeOther, response.StatusCode)
	}
	response, page := w.post(b, form)
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode, "twelve of one e-mail")
	require.Contains(t, page, "Too many attempts. Wait a little and try again.")
	require.Contains(t, page, `value="Grace"`, "nothing typed is lost")
	for range 47 {
		response, _ = w.post(b, maps(form, "email", "x"))
		require.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
	}
	response, _ = w.post(b, maps(form, "email", "ada@example.org"))
	require.Equal(t, http.StatusTooManyRequests, response.StatusCode, "sixty of one address")
	w.clock.Advance(10 * time.Minute)
	response, _ = w.post(b, form)
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
}

// form is a page's form as a browser without scripts would send it.
func (w *world) form(b *http.Client) url.Values {
	w.t.Helper()
	_, page := w.get(b, "/give/riverbend/library")
	return url.Values{
		"csrf_token": {hidden(w.t, page, "csrf_token")}, "form_token": {hidden(w.t, page, "form_token")}, "amount": {hidden(w.t, page, "amount\" id=\"amount-1")},
		"first_name": {"Grace"}, "last_name": {"Hopper"}, "email": {"grace@example.org"}, "visibility": {"name"}, "comment": {""}, "website": {""},
	}
}

// hidden is the value that a page's form carries under that name.
func hidden(t testing.TB, page, name string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	require.Len(t, found, 2, name)
	return html.UnescapeString(found[1])
}

func (w *world) post(b *http.Client, form url.Values) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.server.URL+"/give/riverbend/library", strings.NewReader(form.Encode()))
	require.NoError(w.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	return w.do(b, r)
}

func (w *world) donations() (n int) {
	w.t.Helper()
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		return tx.QueryRow(w.t.Context(), "SELECT count(*) FROM donations").Scan(&n)
	})
	return n
}

// confirmAll does what Stripe's events start, for every donation.
func (w *world) confirmAll() {
	w.t.Helper()
	var ids []uuid.UUID
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error { return tx.Gorm(w.t.Context()).Table("donations").Pluck("id", &ids).Error })
	for _, id := range ids {
		require.NoError(w.t, w.giving.Refresh(w.t.Context(), w.org.ID.UUID, id))
	}
}

// maps is the form with one field changed.
func maps(form url.Values, name, value string) url.Values {
	changed := url.Values{}
	for k, v := range form {
		changed[k] = v
	}
	changed.Set(name, value)
	return changed
}

func withoutBoot(page string) string {
	before, rest, _ := strings.Cut(page, `<script type="application/json" id="boot">`)
	_, after, _ := strings.Cut(rest, "</script>")
	return before + after
}
