package stripesandbox_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

func TestACheckoutIsPaidOnTheHostedPageAndToldByWebhook(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	session := w.session(5181)
	require.Equal(t, stripe.CheckoutSessionStatusOpen, session.Status)
	require.Nil(t, session.PaymentIntent)

	form := w.get(session.URL)
	require.Equal(t, http.StatusOK, form.status)
	require.Contains(t, form.body, "Pay $51.81")
	require.Contains(t, form.body, "Sandbox: no real money moves")
	require.Contains(t, form.body, `value="jo@example.org"`)

	paid := w.post(session.URL, cardForm("4242 4242 4242 4242"))
	require.Equal(t, http.StatusSeeOther, paid.status)
	require.Equal(t, "https://give.example.org/thanks?cs="+session.ID, paid.location)

	w.drain()
	require.Equal(t, []string{
		"payment_intent.created", "customer.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
	}, w.receiver.take())

	got, err := w.stripe.CheckoutSessions.Get(session.ID, &stripe.CheckoutSessionParams{Expand: stripe.StringSlice([]string{"line_items", "customer", "payment_intent.latest_charge.balance_transaction"})})
	require.NoError(t, err)
	require.Equal(t, stripe.CheckoutSessionPaymentStatusPaid, got.PaymentStatus)
	require.Equal(t, stripe.CheckoutSessionStatusComplete, got.Status)
	require.Equal(t, "jo@example.org", got.Customer.Email)
	require.Equal(t, "Gift to the school library", got.LineItems.Data[0].Description)
	require.EqualValues(t, 5181, got.PaymentIntent.AmountReceived)
	require.Equal(t, map[string]string{"donation": "donation-1"}, got.PaymentIntent.Metadata)
	require.Nil(t, got.PaymentIntent.LatestCharge.BalanceTransaction, "the fee is not known yet")

	w.clock.Add(2 * time.Second)
	charge, err := w.stripe.Charges.Get(got.PaymentIntent.LatestCharge.ID, &stripe.ChargeParams{Expand: stripe.StringSlice([]string{"balance_transaction"})})
	require.NoError(t, err)
	require.EqualValues(t, 180, charge.BalanceTransaction.Fee, "2.9 % of 51.81 is 1.50, plus 0.30")
	require.EqualValues(t, 5001, charge.BalanceTransaction.Net)
	w.drain()
	require.Equal(t, []string{"charge.updated"}, w.receiver.take())
	require.Equal(t, "jo@example.org", strings.ToLower(charge.BillingDetails.Email))
}

func TestADeclinedCardKeepsTheFormAndTheSessionOpen(t *testing.T) {
	t.Parallel()
	for number, message := range map[string]string{
		"4000000000000002": "Your card was declined.",
		"4000000000009995": "Your card has insufficient funds.",
		"4000000000009987": "Your card was declined.",
		"4000000000009979": "Your card was declined.",
		"4000000000000069": "Your card has expired.",
		"4000000000000127": "security code is incorrect",
		"4000000000000119": "An error occurred while processing your card.",
	} {
		t.Run(number, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.listen()
			session := w.session(2000)
			declined := w.post(session.URL, cardForm(number))
			require.Equal(t, http.StatusPaymentRequired, declined.status)
			require.Contains(t, declined.body, strings.ReplaceAll(message, "'", "&#39;"))
			require.Contains(t, declined.body, `aria-invalid="true"`)
			require.Contains(t, declined.body, `value="Jo Rivers"`, "the form stays filled")
			require.NotContains(t, declined.body, `value="123"`, "the security code does not come back")
			w.drain()
			require.Equal(t, []string{"payment_intent.created", "charge.failed", "payment_intent.payment_failed"}, w.receiver.take())

			again := w.post(session.URL, cardForm("4242424242424242"))
			require.Equal(t, http.StatusSeeOther, again.status)
			intents := w.box.PaymentIntents("")
			require.Len(t, intents, 1, "the second card uses the same intent")
			require.EqualValues(t, 2000, intents[0].AmountReceived)
			require.Len(t, w.box.Charges(""), 2)
		})
	}
}

func TestTheFormNamesEachWrongField(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	form := url.Values{"action": {"pay"}, "email": {"nobody"}, "number": {"1234"}, "expiry": {"01 / 20"}, "cvc": {"x"}}
	refused := w.post(session.URL, form)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	for _, field := range []string{"email", "name", "number", "expiry", "cvc"} {
		require.Contains(t, refused.body, `aria-describedby="`+field+`-error"`)
		require.Contains(t, refused.body, `id="`+field+`-error"`)
		require.Contains(t, refused.body, `href="#`+field+`"`)
	}
	require.Contains(t, refused.body, "<title>Error: Pay")
	require.Empty(t, w.box.PaymentIntents(""))
}

func TestARealLookingCardNumberIsNeitherTakenNorEchoed(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	refused := w.post(session.URL, cardForm("4539578763621486"))
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "Never enter a real card here")
	require.NotContains(t, refused.body, "4539578763621486")
}

func TestATestCardFillsTheFormWithoutPaying(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	form := cardForm("")
	form.Set("fill", "378282246310005")
	filled := w.post(session.URL, form)
	require.Equal(t, http.StatusOK, filled.status)
	require.Contains(t, filled.body, `value="3782 822463 10005"`)
	require.Contains(t, filled.body, `value="1234"`)
	require.Empty(t, w.box.Charges(""))
}

func TestThreeDSecureOnTheHostedPage(t *testing.T) {
	t.Parallel()
	challenge := func(t *testing.T, number string) (*world, *stripe.CheckoutSession, string) {
		t.Helper()
		w := start(t)
		w.listen()
		session := w.session(2000)
		asked := w.post(session.URL, cardForm(number))
		require.Equal(t, http.StatusSeeOther, asked.status)
		address := w.server.URL + asked.location
		require.Contains(t, w.get(address).body, "Confirm it is you")
		w.drain()
		require.Equal(t, []string{"payment_intent.created", "payment_intent.requires_action"}, w.receiver.take())
		return w, session, address
	}
	t.Run("completed", func(t *testing.T) {
		t.Parallel()
		w, session, address := challenge(t, "4000002760003184")
		done := w.post(address, url.Values{"action": {"complete"}})
		require.Equal(t, "https://give.example.org/thanks?cs="+session.ID, done.location)
		w.drain()
		require.Equal(t, []string{"customer.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}, w.receiver.take())
		again := w.post(address, url.Values{"action": {"complete"}})
		require.Equal(t, done.location, again.location, "a second press changes nothing")
		require.Len(t, w.box.Charges(""), 1)
	})
	t.Run("failed, then paid with another card", func(t *testing.T) {
		t.Parallel()
		w, session, address := challenge(t, "4000002500003155")
		failed := w.post(address, url.Values{"action": {"fail"}})
		require.Equal(t, http.StatusPaymentRequired, failed.status)
		require.Contains(t, failed.body, "unable to authenticate")
		w.drain()
		require.Equal(t, []string{"payment_intent.payment_failed"}, w.receiver.take())
		require.Equal(t, http.StatusSeeOther, w.post(session.URL, cardForm("4242424242424242")).status)
		require.Len(t, w.box.Charges(""), 1)
	})
	t.Run("completed, then declined", func(t *testing.T) {
		t.Parallel()
		w, _, address := challenge(t, "4000008260003178")
		declined := w.post(address, url.Values{"action": {"complete"}})
		require.Equal(t, http.StatusPaymentRequired, declined.status)
		require.Contains(t, declined.body, "insufficient funds")
	})
	t.Run("abandoned, paid in another tab, then completed", func(t *testing.T) {
		t.Parallel()
		w, session, address := challenge(t, "4000002760003184")
		require.Equal(t, http.StatusSeeOther, w.post(session.URL, cardForm("4242424242424242")).status)
		late := w.post(address, url.Values{"action": {"complete"}})
		require.Equal(t, http.StatusSeeOther, late.status)
		require.Len(t, w.box.Charges(""), 1)
	})
	t.Run("abandoned until the session expires", func(t *testing.T) {
		t.Parallel()
		w, _, address := challenge(t, "4000002760003184")
		w.clock.Add(25 * time.Hour)
		late := w.post(address, url.Values{"action": {"complete"}})
		require.Equal(t, http.StatusGone, w.get(w.server.URL+late.location).status)
		require.Empty(t, w.box.Charges(""))
		require.Equal(t, "canceled", w.box.PaymentIntents("")[0].Status)
	})
}

func TestASecondTabIsToldThatItIsPaidAndADoubleClickLandsOnSuccess(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	first := w.post(session.URL, cardForm("4242424242424242"))
	doubleClick := w.post(session.URL, cardForm("4242424242424242"))
	require.Equal(t, first.location, doubleClick.location)
	otherTab := cardForm("5555555555554444")
	otherTab.Set("token", "tab-2")
	refused := w.post(session.URL, otherTab)
	require.Equal(t, http.StatusOK, refused.status)
	require.Contains(t, refused.body, "Already paid")
	require.Contains(t, refused.body, `href="https://give.example.org/thanks?cs=`+session.ID+`"`)
	require.Len(t, w.box.Charges(""), 1)
}

func TestFiftyParallelPaymentsOfOneSessionMakeOneCharge(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	var refusals []error
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := w.box.PaySession(session.ID, stripesandbox.Payment{Card: "pm_card_visa", Email: "jo@example.org", Name: "Jo"})
			if err != nil {
				mu.Lock()
				refusals = append(refusals, err)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, refusals, 49)
	for _, err := range refusals {
		require.ErrorIs(t, err, stripesandbox.ErrAlreadyPaid)
	}
	require.Len(t, w.box.Charges(""), 1)
}

func TestASessionExpiresByTheClockAndByHand(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	params := sessionParams(2000)
	params.ExpiresAt = stripe.Int64(w.clock.Now().Add(31 * time.Minute).Unix())
	byClock, err := w.stripe.CheckoutSessions.New(params)
	require.NoError(t, err)
	byHand, byPayer := w.session(2000), w.session(2000)

	expired, err := w.stripe.CheckoutSessions.Expire(byHand.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.CheckoutSessionStatusExpired, expired.Status)
	_, err = w.stripe.CheckoutSessions.Expire(byHand.ID, nil)
	require.ErrorContains(t, err, "Only Checkout Sessions with a status in")
	require.Equal(t, http.StatusSeeOther, w.post(byPayer.URL, url.Values{"action": {"expire"}}).status)
	require.Contains(t, w.get(byPayer.URL).body, "This session has expired")

	w.clock.Add(31 * time.Minute)
	w.box.Sweep()
	w.drain()
	require.Equal(t, []string{"checkout.session.expired", "checkout.session.expired", "checkout.session.expired"}, w.receiver.take())
	require.Equal(t, http.StatusGone, w.post(byClock.URL, cardForm("4242424242424242")).status)
	require.Empty(t, w.box.Charges(""))
}

func TestASessionIsCheckedBeforeItIsMade(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, tc := range []struct {
		name   string
		change func(*stripe.CheckoutSessionParams)
		code   stripe.ErrorCode
		param  string
	}{
		{"expires too soon", func(p *stripe.CheckoutSessionParams) {
			p.ExpiresAt = stripe.Int64(w.clock.Now().Add(29 * time.Minute).Unix())
		}, "", "expires_at"},
		{"expires too late", func(p *stripe.CheckoutSessionParams) {
			p.ExpiresAt = stripe.Int64(w.clock.Now().Add(25 * time.Hour).Unix())
		}, "", "expires_at"},
		{"no items", func(p *stripe.CheckoutSessionParams) { p.LineItems = nil }, stripe.ErrorCodeParameterMissing, "line_items"},
		{"too little", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].PriceData.UnitAmount = stripe.Int64(49) }, stripe.ErrorCodeAmountTooSmall, ""},
		{"too much", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].Quantity = stripe.Int64(100_000) }, stripe.ErrorCodeAmountTooLarge, "line_items"},
		{"unknown currency", func(p *stripe.CheckoutSessionParams) { p.LineItems[0].PriceData.Currency = stripe.String("xxx") }, "", "line_items[0][price_data][currency]"},
		{"bad email", func(p *stripe.CheckoutSessionParams) { p.CustomerEmail = stripe.String("jo") }, stripe.ErrorCodeEmailInvalid, "customer_email"},
		{"unknown customer", func(p *stripe.CheckoutSessionParams) { p.Customer = stripe.String("cus_none") }, stripe.ErrorCodeResourceMissing, "customer"},
		{"no success URL", func(p *stripe.CheckoutSessionParams) { p.SuccessURL = nil }, stripe.ErrorCodeParameterMissing, "success_url"},
		{"success URL is no URL", func(p *stripe.CheckoutSessionParams) { p.SuccessURL = stripe.String("/thanks") }, stripe.ErrorCodeURLInvalid, "success_url"},
		{"unknown parameter", func(p *stripe.CheckoutSessionParams) { p.AddExtra("colour", "green") }, stripe.ErrorCodeParameterUnknown, "colour"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			params := sessionParams(2000)
			tc.change(params)
			_, err := w.stripe.CheckoutSessions.New(params)
			e := requireStripeError(t, err, http.StatusBadRequest)
			require.Equal(t, stripe.ErrorTypeInvalidRequest, e.Type)
			require.Equal(t, tc.code, e.Code, e.Msg)
			require.Equal(t, tc.param, e.Param, e.Msg)
		})
	}
}

func TestABankDebitCompletesUnpaidAndSettlesLater(t *testing.T) {
	t.Parallel()
	for account, want := range map[string][]string{
		"000123456789": {"charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"},
		"000111111113": {"charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"},
	} {
		t.Run(account, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.listen()
			params := sessionParams(2000)
			params.PaymentMethodTypes = stripe.StringSlice([]string{"card", "us_bank_account"})
			session, err := w.stripe.CheckoutSessions.New(params)
			require.NoError(t, err)
			require.Contains(t, w.get(session.URL+"?method=bank").body, "Test account")
			paid := w.post(session.URL+"?method=bank", url.Values{"action": {"pay"}, "email": {"jo@example.org"}, "name": {"Jo"}, "account": {account}})
			require.Equal(t, http.StatusSeeOther, paid.status)
			w.drain()
			require.Equal(t, []string{
				"payment_intent.created", "customer.created", "charge.pending", "payment_intent.processing", "checkout.session.completed",
			}, w.receiver.take())
			got, err := w.stripe.CheckoutSessions.Get(session.ID, nil)
			require.NoError(t, err)
			require.Equal(t, stripe.CheckoutSessionPaymentStatusUnpaid, got.PaymentStatus)
			require.Equal(t, stripe.CheckoutSessionStatusComplete, got.Status)
			require.Contains(t, w.get(session.URL).body, "The bank is working on this payment")

			w.clock.Add(4 * 24 * time.Hour)
			w.drain()
			require.Equal(t, want, w.receiver.take())
		})
	}
}

func TestTheHostedPageSetsItsOwnPolicyAndRefusesOtherSites(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	policy := w.get(session.URL).header.Get("Content-Security-Policy")
	require.Contains(t, policy, "style-src 'self'")
	require.Contains(t, policy, "form-action *")
	require.NotContains(t, policy, "unsafe-inline")
	require.Equal(t, http.StatusOK, w.get(w.server.URL+"/c/sandbox.css").status)
	require.Equal(t, http.StatusNotFound, w.get(w.server.URL+"/c/pay/cs_none").status)

	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, session.URL, strings.NewReader(cardForm("4242424242424242").Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	forged := w.read(browser().Do(r))
	require.Equal(t, http.StatusForbidden, forged.status)
	require.Empty(t, w.box.Charges(""))
}
