package stripesandbox_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

func setupParams() *stripe.CheckoutSessionParams {
	return &stripe.CheckoutSessionParams{
		Mode: stripe.String("setup"), PaymentMethodTypes: stripe.StringSlice([]string{"card"}), CustomerCreation: stripe.String("always"),
		CustomerEmail: stripe.String("jo@example.org"), Metadata: map[string]string{"setup": "s1"},
		SuccessURL: stripe.String("https://give.example.org/saved?cs={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("https://give.example.org/page"),
		SetupIntentData: &stripe.CheckoutSessionSetupIntentDataParams{Metadata: map[string]string{"setup": "s1"}},
	}
}

func (w *world) setup() *stripe.CheckoutSession {
	w.t.Helper()
	session, err := w.stripe.CheckoutSessions.New(setupParams())
	require.NoError(w.t, err)
	return session
}

// saved fetches a setup session with the card it kept.
func (w *world) saved(id string) *stripe.CheckoutSession {
	w.t.Helper()
	session, err := w.stripe.CheckoutSessions.Get(id, &stripe.CheckoutSessionParams{Expand: stripe.StringSlice([]string{"setup_intent.payment_method", "customer"})})
	require.NoError(w.t, err)
	return session
}

func TestAPageSavesACardThatIsChargedLater(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	session := w.setup()
	require.Equal(t, stripe.CheckoutSessionPaymentStatusNoPaymentRequired, session.PaymentStatus)
	require.Zero(t, session.AmountTotal)
	require.NotNil(t, session.SetupIntent)
	page := w.get(session.URL)
	require.Contains(t, page.body, "<h1>Save a card</h1>")
	require.Contains(t, page.body, "nothing is charged now")
	require.NotContains(t, page.body, "You are paying for")

	done := w.post(session.URL, cardForm("5555555555554444"))
	require.Equal(t, http.StatusSeeOther, done.status, done.body)
	require.Equal(t, "https://give.example.org/saved?cs="+session.ID, done.location)
	again := w.post(session.URL, cardForm("5555555555554444"))
	require.Equal(t, done.location, again.location, "the second half of a double click")
	require.Contains(t, w.get(session.URL).body, "<h1>Already saved</h1>")

	saved := w.saved(session.ID)
	require.Equal(t, stripe.CheckoutSessionStatusComplete, saved.Status)
	require.Equal(t, stripe.SetupIntentStatusSucceeded, saved.SetupIntent.Status)
	require.Equal(t, map[string]string{"setup": "s1"}, saved.SetupIntent.Metadata)
	require.Equal(t, "jo@example.org", saved.Customer.Email)
	card := saved.SetupIntent.PaymentMethod
	require.Equal(t, saved.Customer.ID, card.Customer.ID)
	require.Equal(t, "4444", card.Card.Last4)
	w.drain()
	require.Equal(t, []string{
		"setup_intent.created", "customer.created", "payment_method.attached", "setup_intent.succeeded", "checkout.session.completed",
	}, w.receiver.take())
	require.Empty(t, w.box.Charges(""))

	pi, err := w.stripe.PaymentIntents.New(offSession(saved.Customer.ID, card.ID, 2500))
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	later, err := w.stripe.PaymentIntents.New(offSession(saved.Customer.ID, card.ID, 2600))
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, later.Status)
}

func TestASetupOfAKnownCustomerAddsToTheirCards(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer := w.customer()
	params := setupParams()
	params.CustomerCreation, params.CustomerEmail, params.Customer = nil, nil, stripe.String(customer.ID)
	session, err := w.stripe.CheckoutSessions.New(params)
	require.NoError(t, err)
	require.Equal(t, customer.ID, session.Customer.ID)
	require.Contains(t, w.get(session.URL).body, `value="jo@example.org"`)
	si, err := w.box.SaveCard(session.ID, stripePayment())
	require.NoError(t, err)
	require.Equal(t, customer.ID, *si.Customer)
	methods := w.stripe.PaymentMethods.List(&stripe.PaymentMethodListParams{Customer: stripe.String(customer.ID), Type: stripe.String("card")})
	require.True(t, methods.Next())
	require.Equal(t, *si.PaymentMethod, methods.PaymentMethod().ID)
	require.False(t, methods.Next())
	_, err = w.box.PaySession(session.ID, stripePayment())
	require.ErrorIs(t, err, stripesandbox.ErrAlreadyPaid)
}

func TestADeclinedSetupLeavesThePageOpen(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	session := w.setup()
	refused := w.post(session.URL, cardForm("4000000000009995"))
	require.Equal(t, http.StatusPaymentRequired, refused.status)
	require.Contains(t, refused.body, "The card was not saved")
	require.Contains(t, refused.body, "insufficient funds")
	w.drain()
	require.Equal(t, []string{"setup_intent.created", "setup_intent.setup_failed"}, w.receiver.take())
	si, err := w.stripe.SetupIntents.Get(session.SetupIntent.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.SetupIntentStatusRequiresPaymentMethod, si.Status)
	require.Equal(t, stripe.DeclineCode("insufficient_funds"), si.LastSetupError.DeclineCode)

	require.Equal(t, http.StatusSeeOther, w.post(session.URL, cardForm("4242424242424242")).status)
	require.Equal(t, stripe.SetupIntentStatusSucceeded, w.saved(session.ID).SetupIntent.Status)
}

func TestASetupPageExpiresWithItsIntent(t *testing.T) {
	t.Parallel()
	for name, expire := range map[string]func(w *world, s *stripe.CheckoutSession){
		"by the merchant": func(w *world, s *stripe.CheckoutSession) {
			_, err := w.stripe.CheckoutSessions.Expire(s.ID, nil)
			require.NoError(w.t, err)
		},
		"by the button": func(w *world, s *stripe.CheckoutSession) {
			require.Equal(w.t, http.StatusSeeOther, w.post(s.URL, url.Values{"action": {"expire"}}).status)
		},
		"by time": func(w *world, _ *stripe.CheckoutSession) { w.box.AdvanceClock(25 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.listen()
			session := w.setup()
			expire(w, session)
			over := w.saved(session.ID)
			require.Equal(t, stripe.CheckoutSessionStatusExpired, over.Status)
			require.Equal(t, stripe.SetupIntentStatusCanceled, over.SetupIntent.Status)
			w.drain()
			require.Equal(t, []string{"setup_intent.created", "setup_intent.canceled", "checkout.session.expired"}, w.receiver.take())
			require.Equal(t, http.StatusGone, w.get(session.URL).status)
			_, err := w.box.SaveCard(session.ID, stripePayment())
			require.ErrorIs(t, err, stripesandbox.ErrExpired)
		})
	}
}

func TestACardAsksForAuthenticationBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.setup()
	challenge := w.post(session.URL, cardForm("4000002500003155"))
	require.Contains(t, challenge.location, "/c/authenticate/seti_")
	require.Contains(t, w.get(w.server.URL+challenge.location).body, "before this card is saved")

	failed := w.post(w.server.URL+challenge.location, url.Values{"action": {"fail"}})
	require.Equal(t, http.StatusPaymentRequired, failed.status)
	require.Contains(t, failed.body, "unable to authenticate")
	require.Equal(t, stripe.CheckoutSessionStatusOpen, w.saved(session.ID).Status)

	challenge = w.post(session.URL, cardForm("4000002500003155"))
	done := w.post(w.server.URL+challenge.location, url.Values{"action": {"complete"}})
	require.Equal(t, "https://give.example.org/saved?cs="+session.ID, done.location)
	saved := w.saved(session.ID)
	require.Equal(t, stripe.SetupIntentStatusSucceeded, saved.SetupIntent.Status)
	pi, err := w.stripe.PaymentIntents.New(offSession(saved.Customer.ID, saved.SetupIntent.PaymentMethod.ID, 2000))
	require.NoError(t, err, "a card that was authenticated when it was saved needs nothing more")
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
}

// TestWhatASavedCardDoesLater walks the test cards that are saved without trouble and then behave differently.
func TestWhatASavedCardDoesLater(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ number, decline string }{
		{"4242424242424242", ""},
		{"4000002500003155", ""},
		{"4000003800000446", ""},
		{"4000002760003184", "authentication_required"},
		{"4000008260003178", "insufficient_funds"},
		{"4000000000000341", "generic_decline"},
	} {
		t.Run(tc.number, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			session := w.setup()
			si, err := w.box.SaveCard(session.ID, stripesandbox.Payment{Card: tc.number, Email: "jo@example.org", Name: "Jo Rivers"})
			require.NoError(t, err)
			if si.Status == "requires_action" {
				require.NoError(t, w.box.Authenticate(si.ID, true))
			}
			saved := w.saved(session.ID)
			_, err = w.stripe.PaymentIntents.New(offSession(saved.Customer.ID, saved.SetupIntent.PaymentMethod.ID, 2000))
			if tc.decline == "" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, stripe.DeclineCode(tc.decline), requireStripeError(t, err, http.StatusPaymentRequired).DeclineCode)
		})
	}
}

func TestASetupIntentWithoutAPage(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	customer := w.customer()
	si, err := w.stripe.SetupIntents.New(&stripe.SetupIntentParams{Customer: stripe.String(customer.ID), PaymentMethodTypes: stripe.StringSlice([]string{"card"})})
	require.NoError(t, err)
	_, err = w.stripe.SetupIntents.Confirm(si.ID, nil)
	require.ErrorContains(t, err, "missing a payment method")
	_, err = w.stripe.SetupIntents.Confirm(si.ID, &stripe.SetupIntentConfirmParams{PaymentMethod: stripe.String("pm_card_chargeDeclined")})
	declined := requireStripeError(t, err, http.StatusPaymentRequired)
	require.Equal(t, si.ID, declined.SetupIntent.ID)
	_, err = w.stripe.SetupIntents.Update(si.ID, &stripe.SetupIntentParams{PaymentMethod: stripe.String("pm_card_visa"), Description: stripe.String("Monthly gift")})
	require.NoError(t, err)
	done, err := w.stripe.SetupIntents.Confirm(si.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.SetupIntentStatusSucceeded, done.Status)
	require.Equal(t, "Monthly gift", done.Description)
	_, err = w.stripe.SetupIntents.Cancel(si.ID, nil)
	require.Equal(t, si.ID, requireStripeError(t, err, http.StatusBadRequest).SetupIntent.ID)

	asking, err := w.stripe.SetupIntents.New(&stripe.SetupIntentParams{
		PaymentMethod: stripe.String("pm_card_authenticationRequired"), Confirm: stripe.Bool(true), ReturnURL: stripe.String("https://give.example.org/back?a=1"),
	})
	require.NoError(t, err)
	require.Equal(t, stripe.SetupIntentStatusRequiresAction, asking.Status)
	back, err := url.Parse(w.post(asking.NextAction.RedirectToURL.URL, url.Values{"action": {"complete"}}).location)
	require.NoError(t, err)
	require.Equal(t, asking.ID, back.Query().Get("setup_intent"))
	require.Equal(t, "succeeded", back.Query().Get("redirect_status"))

	dropped, err := w.stripe.SetupIntents.New(&stripe.SetupIntentParams{Usage: stripe.String("on_session")})
	require.NoError(t, err)
	dropped, err = w.stripe.SetupIntents.Cancel(dropped.ID, &stripe.SetupIntentCancelParams{CancellationReason: stripe.String("abandoned")})
	require.NoError(t, err)
	require.Equal(t, stripe.SetupIntentStatusCanceled, dropped.Status)
	w.drain()
	require.Equal(t, []string{
		"customer.created", "setup_intent.created", "setup_intent.setup_failed", "payment_method.attached", "setup_intent.succeeded",
		"setup_intent.created", "setup_intent.requires_action", "setup_intent.succeeded", "setup_intent.created", "setup_intent.canceled",
	}, w.receiver.take())

	mine := w.stripe.SetupIntents.List(&stripe.SetupIntentListParams{Customer: stripe.String(customer.ID)})
	require.True(t, mine.Next())
	require.Equal(t, si.ID, mine.SetupIntent().ID)
	require.False(t, mine.Next())
}

func TestSetupsThatStripeRefuses(t *testing.T) {
	t.Parallel()
	w := start(t)
	owner, stranger := w.customer(), w.customer()
	card := w.savedCard(owner.ID, "visa")
	for name, change := range map[string]func(p *stripe.CheckoutSessionParams){
		"with something to pay": func(p *stripe.CheckoutSessionParams) { p.LineItems = sessionParams(100).LineItems },
		"with a donate button":  func(p *stripe.CheckoutSessionParams) { p.SubmitType = stripe.String("donate") },
		"of a bank account": func(p *stripe.CheckoutSessionParams) {
			p.PaymentMethodTypes = stripe.StringSlice([]string{"us_bank_account"})
		},
		"of nothing known": func(p *stripe.CheckoutSessionParams) { p.PaymentMethodTypes = nil },
		"a minute long": func(p *stripe.CheckoutSessionParams) {
			p.ExpiresAt = stripe.Int64(w.clock.Now().Add(time.Minute).Unix())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			params := setupParams()
			change(params)
			_, err := w.stripe.CheckoutSessions.New(params)
			requireStripeError(t, err, http.StatusBadRequest)
		})
	}
	payment := sessionParams(1000)
	payment.SetupIntentData = &stripe.CheckoutSessionSetupIntentDataParams{Description: stripe.String("x")}
	_, err := w.stripe.CheckoutSessions.New(payment)
	requireStripeError(t, err, http.StatusBadRequest)

	_, err = w.stripe.SetupIntents.New(&stripe.SetupIntentParams{Customer: stripe.String(stranger.ID), PaymentMethod: stripe.String(card.ID)})
	require.ErrorContains(t, err, "does not belong")
	_, err = w.stripe.SetupIntents.New(&stripe.SetupIntentParams{PaymentMethod: stripe.String(card.ID)})
	require.ErrorContains(t, err, "belongs to a Customer")
	behindPage := w.setup()
	_, err = w.stripe.SetupIntents.Cancel(behindPage.SetupIntent.ID, nil)
	require.ErrorContains(t, err, "created by Checkout")
	_, err = w.box.PaySession(behindPage.ID, stripePayment())
	require.ErrorIs(t, err, stripesandbox.ErrOtherMode)
	_, err = w.box.SaveCard(w.session(1000).ID, stripePayment())
	require.ErrorIs(t, err, stripesandbox.ErrOtherMode)
}

// TestRecipesOfStripesCommandLine sends what `stripe trigger setup_intent.…` of Stripe's CLI 1.19 sends.
func TestRecipesOfStripesCommandLine(t *testing.T) {
	t.Parallel()
	const common = "description=(created+by+Stripe+CLI)&payment_method_types[0]=card"
	for _, tc := range []struct {
		event, form string
		cancel      bool
		status      int
	}{
		{event: "setup_intent.created", form: common, status: http.StatusOK},
		{event: "setup_intent.succeeded", form: common + "&confirm=true&payment_method=pm_card_visa", status: http.StatusOK},
		{event: "setup_intent.setup_failed", form: common + "&confirm=true&payment_method=pm_card_chargeDeclined", status: http.StatusPaymentRequired},
		{event: "setup_intent.canceled", form: common, cancel: true, status: http.StatusOK},
	} {
		t.Run(tc.event, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.listen()
			require.Equal(t, tc.status, w.call("/v1/setup_intents", "", tc.form).status)
			if tc.cancel {
				path := "/v1/setup_intents/" + w.box.SetupIntents("")[0].ID + "/cancel"
				require.Equal(t, http.StatusOK, w.call(path, "", "cancellation_reason=requested_by_customer").status)
			}
			w.drain()
			require.Contains(t, w.receiver.take(), tc.event)
		})
	}
}
