package pledging_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

var payLink = regexp.MustCompile(`https://give\.example\.org(/pay/riverbend/[A-Za-z0-9_-]{64})`)

// mailed is the pay link in the newest mail.
func (w *world) mailed() string {
	w.t.Helper()
	found := payLink.FindStringSubmatch(w.lastMail().Text)
	require.Len(w.t, found, 2, w.lastMail().Text)
	return found[1]
}

// presses the button of a pay page and returns the page of Stripe that it leads to.
func (v *visitor) presses(link string, fields ...string) (session string) {
	v.t.Helper()
	away := v.submit(link, link, fields...)
	require.Equal(v.t, http.StatusSeeOther, away.status, away.text)
	return v.sessionAt(away.location)
}

func TestAPledgeIsPaidByAMailedLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	w.until(at("2026-11-26T15:00:00Z")) // seven days before the first of three
	link, v := w.mailed(), w.visit()

	asked := v.get(link)
	require.Equal(t, http.StatusOK, asked.status)
	asked.says(t, "Your payment of $33.33", "Hello Ada,", "To pay $33.33", "Due December 2, 2026", "For Rebuild the library",
		"Payment 1 of 3 of your pledge of $100.00", "$33.33 is charged at once, one time. The receipt comes by mail.", "Pay $33.33")
	require.NotContains(t, asked.html, "ada@example.org", "the link shows no more than it needs to")
	require.NotContains(t, asked.html, "save_card", "what is paid by link is not charged to a card")

	session := v.presses(link)
	require.Equal(t, session, v.presses(link), "pressed twice it is one page")
	v.get(link).says(t, "Pay $33.33")
	waits := v.get(link + "?state=returned")
	waits.says(t, "We are confirming your payment", "Did you leave the payment page without paying? Then nothing was charged.")
	require.Contains(t, waits.html, `data-state="waiting"`)

	w.pay(session, visaCard)
	for _, address := range []string{link, link + "?state=returned"} {
		paid := v.get(address)
		paid.says(t, "Thank you, it is paid", "$33.33 for Rebuild the library has arrived. The receipt comes by mail.")
		require.NotContains(t, paid.html, "<form")
	}
	require.Equal(t, "paid scheduled×2", w.states(pledge))
	again := v.submit(pathOfPay(w, pledge, 1), link) // pathOfPay: the next one
	require.Equal(t, link, again.location, "what is paid is not paid twice")
	require.Equal(t, []int64{3333}, w.charged())
}

// pathOfPay is the pay page of one of a promise's instalments, found on the supporter's page.
func pathOfPay(w *world, of id.ID[promise.Promise], n int) string {
	w.t.Helper()
	shown := w.visit().as(of).get(pathOf(of))
	links := regexp.MustCompile(`/pay/riverbend/[A-Za-z0-9_-]{64}`).FindAllString(shown.html, -1)
	require.Greater(w.t, len(links), n-1, shown.text)
	return links[n-1]
}

func TestALatePledgePaymentSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	link := pathOfPay(w, pledge, 1)
	w.until(at("2026-12-20T15:00:00Z"))
	v := w.visit()
	v.get(link).says(t, "It was due on December 2, 2026. Paying now settles it.", "Pay $33.33")
	v.as(pledge).get(pathOf(pledge)).says(t, "Your pledge of $100.00", "Overdue", "Paid so far $0.00", "Still to pay $100.00",
		"Your payment of $33.33 was due on December 2, 2026. Nothing is charged by itself; you can pay it now.", "December 2, 2026 overdue Pay it now $33.33", "January 2, 2027 not paid yet Pay it now $33.33", "Have the payments charged to a card")
}

func TestAPayLinkWithNothingToPaySaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	first, second, third := pathOfPay(w, pledge, 1), pathOfPay(w, pledge, 2), pathOfPay(w, pledge, 3)
	v := w.visit()
	_, err := w.cheque(pledge, 1, 66_66)
	require.NoError(t, err)
	v.get(first).says(t, "Thank you, it is paid", "$66.66 for Rebuild the library has arrived.")
	v.get(second).says(t, "There is nothing left to pay", "Earlier payments cover the one for January 2, 2027.")
	_, err = w.pledging.Cancel(w.owner, w.org.ID.UUID, pledge, 0, "moved away")
	require.NoError(t, err)
	closed := v.get(third)
	closed.says(t, "There is nothing to pay any more", "The payment for February 2, 2027 is not asked for any more.")
	require.NotContains(t, closed.html, "<form")
}

func TestOnlyOurOwnPayLinksOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	link, v := pathOfPay(w, pledge, 1), w.visit()
	last := "A"
	if strings.HasSuffix(link, last) {
		last = "B"
	}
	for _, forged := range []string{link[:len(link)-1] + last, "/pay/riverbend/" + uuid.NewString(), "/pay/riverbend/x"} {
		require.Equal(t, http.StatusNotFound, v.get(forged).status, forged)
		require.Equal(t, http.StatusNotFound, v.submit(link, forged).status, forged)
	}
}

func TestAPaymentThatTheBankWantsConfirmedIsPaidOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, payment.CodeAuthentication, 1)
	w.until(at("2026-12-22T15:00:00Z"))
	link, v := w.mailed(), w.visit()
	v.get(link).says(t, "Please confirm your payment of $25.00", "Your bank wants to see that it is you.", "Your monthly gift of $25.00", "Charge this card for my later gifts too")
	w.pay(v.presses(link), visaCard)
	v.get(link+"?state=returned").says(t, "Thank you, it is paid")
	require.Equal(t, "paid×2 scheduled", w.states(plan))
}

func TestPayingAfterADeclineCanKeepTheOtherCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan(func(r *donation.CheckoutRequest) { r.CoverFee = true })
	w.declines(plan, "expired_card", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	link, v := pathOfPay(w, plan, 1), w.visit()
	v.get(link).says(t, "Your payment of $26.06 did not go through", "The card has expired.", "To pay $26.06", "of which card fee $1.06")
	w.pay(v.presses(link, "save_card", "1"), masterCard)
	require.Equal(t, "4444", w.card(plan).Last4)
	w.until(at("2027-01-22T15:00:00Z"))
	require.Equal(t, []int64{2606, 2606, 2606}, w.charged())
}

func TestAChargeUnderWayIsNotPaidOnAPageToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 1)
	w.until(at("2026-12-22T15:00:00Z"))
	link, v := pathOfPay(w, plan, 1), w.visit()
	v.get(link).says(t, "There was not enough money on the card. If you do nothing, we try your card again on December 23, 2026.")
	seen := false
	w.whenCalled("POST /v1/payment_intents", func() error {
		busy := v.get(link)
		seen = strings.Contains(busy.text, "A payment of $25.00 is being made right now. You need not do anything.") && strings.Contains(busy.html, `data-state="waiting"`)
		v.as(plan).get(pathOf(plan)).says(t, "A payment is under way right now. It is not stopped.")
		v.as(plan).get(pathOf(plan)+"/cancel").says(t, "If it goes through, it is your last one.")
		return nil
	})
	w.until(at("2026-12-23T15:00:00Z"))
	require.True(t, seen)
	require.Equal(t, []int64{2500, 2500}, w.charged())
	v.get(link).says(t, "Thank you, it is paid")
}

func TestStripeAwayIsSaidOnThePayPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	link, v := pathOfPay(w, pledge, 1), w.visit()
	const call = "POST /v1/checkout/sessions"
	var away func() error
	away = func() error { // again and again: the client tries more than once
		w.whenCalled(call, away)
		return http.ErrHandlerTimeout
	}
	w.whenCalled(call, away)
	failed := v.submit(link, link)
	require.Equal(t, http.StatusServiceUnavailable, failed.status)
	failed.says(t, "That did not work", "Pay $33.33")
	w.whenCalled(call, func() error { return nil })
	w.pay(v.presses(link), visaCard)
	v.get(link).says(t, "Thank you, it is paid")
}

func TestAPublicPledgeComesBackToItsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, err := w.pledging.StartPledge(t.Context(), promise.PledgeRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Total: dollars(100_00), Count: 3, Unit: promise.Month, Every: 1, FirstOn: date("2026-12-01"),
		FirstName: "Ada", LastName: "Hale", Email: "ada@example.org", FormToken: uuid.New(),
	})
	require.NoError(t, err)
	path, v := "/promise/riverbend/"+started.Reference, w.visit()
	waits := v.get(path)
	waits.says(t, "We are saving your card", "Then nothing is promised yet.", "December 1, 2026 $33.33")
	require.Contains(t, waits.html, `data-state="waiting"`)
	require.NotContains(t, waits.html, "ada@example.org")

	w.pass(time.Hour) // the page has closed
	v.get(path).says(t, "Your card was not saved", "Nothing was charged, and nothing is promised yet. Enter a card to pledge $100.00 to Rebuild the library.")
	away := v.submit(path, path)
	require.Equal(t, http.StatusSeeOther, away.status, away.text)
	_, err = w.sandbox.SaveCard(w.sessionAt(away.location), stripesandbox.Payment{Card: visaCard})
	require.NoError(t, err)
	w.settle()

	v.get(path).says(t, "Thank you for your pledge, Ada", "You pledged $100.00 to Rebuild the library, in 3 payments.",
		"Your next payment of $33.33 will be charged on December 1, 2026. Now: Visa ending in 4242.", "February 1, 2027 $33.34",
		"These dates are on their way to a•••@example.org.", "Keep the reference "+started.Reference)
	form := "csrf_token=" + url.QueryEscape(token.FindStringSubmatch(waits.html)[1])
	require.Equal(t, path, v.send(http.MethodPost, path, form).location, "its card is saved already")
	require.Equal(t, http.StatusNotFound, v.get("/promise/riverbend/P-NONE").status)
	require.Equal(t, http.StatusNotFound, v.get("/promise/riverbend/..%2f").status)
}
