package stripesandbox_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

func intentParams(amount int64, currency string) *stripe.PaymentIntentParams {
	return &stripe.PaymentIntentParams{Amount: stripe.Int64(amount), Currency: stripe.String(currency)}
}

// paidIntent collects an amount with a card of the given token.
func (w *world) paidIntent(amount int64, token string) *stripe.PaymentIntent {
	w.t.Helper()
	params := intentParams(amount, "usd")
	params.PaymentMethod, params.Confirm = stripe.String("pm_card_"+token), stripe.Bool(true)
	params.AddExpand("latest_charge")
	pi, err := w.stripe.PaymentIntents.New(params)
	require.NoError(w.t, err)
	return pi
}

func (w *world) customer() *stripe.Customer {
	w.t.Helper()
	customer, err := w.stripe.Customers.New(&stripe.CustomerParams{
		Email: stripe.String("jo@example.org"), Name: stripe.String("Jo Rivers"), Metadata: map[string]string{"donor": "d1"},
	})
	require.NoError(w.t, err)
	return customer
}

func (w *world) savedCard(customer, token string) *stripe.PaymentMethod {
	w.t.Helper()
	method, err := w.stripe.PaymentMethods.Attach("pm_card_"+token, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer)})
	require.NoError(w.t, err)
	return method
}

func offSession(customer, method string, amount int64) *stripe.PaymentIntentParams {
	params := intentParams(amount, "usd")
	params.Customer, params.PaymentMethod = stripe.String(customer), stripe.String(method)
	params.OffSession, params.Confirm = stripe.Bool(true), stripe.Bool(true)
	return params
}

func TestASavedCardIsChargedOffSession(t *testing.T) {
	t.Parallel()
	w := start(t)
	params := sessionParams(2500)
	params.PaymentIntentData.SetupFutureUsage = stripe.String("off_session")
	session, err := w.stripe.CheckoutSessions.New(params)
	require.NoError(t, err)
	_, err = w.box.PaySession(session.ID, stripesandbox.Payment{Card: "4242424242424242", Email: "jo@example.org", Name: "Jo Rivers"})
	require.NoError(t, err)
	paid, err := w.stripe.CheckoutSessions.Get(session.ID, nil)
	require.NoError(t, err)

	methods := w.stripe.PaymentMethods.List(&stripe.PaymentMethodListParams{Customer: stripe.String(paid.Customer.ID), Type: stripe.String("card")})
	require.True(t, methods.Next())
	saved := methods.PaymentMethod()
	require.Equal(t, "4242", saved.Card.Last4)
	require.Equal(t, stripe.PaymentMethodCardBrandVisa, saved.Card.Brand)

	charge := offSession(paid.Customer.ID, saved.ID, 2500)
	charge.Metadata = map[string]string{"attempt": "1"}
	pi, err := w.stripe.PaymentIntents.New(charge)
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	require.Equal(t, "1", pi.Metadata["attempt"])

	require.NoError(t, w.box.SetBehaviour(saved.ID, "4000000000009995"))
	_, err = w.stripe.PaymentIntents.New(offSession(paid.Customer.ID, saved.ID, 2500))
	e := requireStripeError(t, err, http.StatusPaymentRequired)
	require.Equal(t, stripe.DeclineCode("insufficient_funds"), e.DeclineCode)

	_, err = w.stripe.PaymentMethods.Detach(saved.ID, nil)
	require.NoError(t, err)
	_, err = w.stripe.PaymentMethods.Detach(saved.ID, nil)
	require.ErrorContains(t, err, "not attached")
}

func TestDeclinesCarryWhatStripeCarries(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ token, code, decline string }{
		{"chargeDeclined", "card_declined", "generic_decline"},
		{"visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"},
		{"chargeDeclinedLostCard", "card_declined", "lost_card"},
		{"chargeDeclinedStolenCard", "card_declined", "stolen_card"},
		{"chargeDeclinedExpiredCard", "expired_card", "expired_card"},
		{"chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"},
		{"chargeDeclinedProcessingError", "processing_error", "processing_error"},
	} {
		t.Run(tc.token, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			params := intentParams(2000, "usd")
			params.PaymentMethod, params.Confirm = stripe.String("pm_card_"+tc.token), stripe.Bool(true)
			_, err := w.stripe.PaymentIntents.New(params)
			e := requireStripeError(t, err, http.StatusPaymentRequired)
			require.Equal(t, stripe.ErrorTypeCard, e.Type)
			require.Equal(t, tc.code, string(e.Code))
			require.Equal(t, tc.decline, string(e.DeclineCode))
			require.NotEmpty(t, e.DocURL)
			require.NotEmpty(t, e.RequestID)
			require.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, e.PaymentIntent.Status)
			require.Equal(t, stripe.PaymentMethodTypeCard, e.PaymentMethod.Type)
			charge, err := w.stripe.Charges.Get(e.ChargeID, nil)
			require.NoError(t, err)
			require.Equal(t, stripe.ChargeStatusFailed, charge.Status)
			require.Nil(t, charge.BalanceTransaction)
			require.Empty(t, w.box.Balance(""))
		})
	}
}

func TestOffSessionAuthenticationIsADecline(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer := w.customer()
	card := w.savedCard(customer.ID, "authenticationRequired")
	_, err := w.stripe.PaymentIntents.New(offSession(customer.ID, card.ID, 2000))
	e := requireStripeError(t, err, http.StatusPaymentRequired)
	require.Equal(t, stripe.ErrorCodeAuthenticationRequired, e.Code)
	require.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, e.PaymentIntent.Status)

	onSession := intentParams(2000, "usd")
	onSession.Customer, onSession.PaymentMethod, onSession.Confirm = stripe.String(customer.ID), stripe.String(card.ID), stripe.Bool(true)
	onSession.ReturnURL = stripe.String("https://give.example.org/back?a=1")
	pi, err := w.stripe.PaymentIntents.New(onSession)
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusRequiresAction, pi.Status)
	done := w.post(pi.NextAction.RedirectToURL.URL, url.Values{"action": {"complete"}})
	back, err := url.Parse(done.location)
	require.NoError(t, err)
	require.Equal(t, "succeeded", back.Query().Get("redirect_status"))
	require.Equal(t, "1", back.Query().Get("a"))
	require.Equal(t, pi.ID, back.Query().Get("payment_intent"))
}

func TestACardAuthenticatedOnceIsReadyOffSession(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer := w.customer()
	card := w.savedCard(customer.ID, "authenticationRequiredOnSetup")
	_, err := w.stripe.PaymentIntents.New(offSession(customer.ID, card.ID, 2000))
	requireStripeError(t, err, http.StatusPaymentRequired)

	first := intentParams(2000, "usd")
	first.Customer, first.PaymentMethod, first.Confirm = stripe.String(customer.ID), stripe.String(card.ID), stripe.Bool(true)
	first.SetupFutureUsage = stripe.String("off_session")
	pi, err := w.stripe.PaymentIntents.New(first)
	require.NoError(t, err)
	require.NoError(t, w.box.Authenticate(pi.ID, true))
	later, err := w.stripe.PaymentIntents.New(offSession(customer.ID, card.ID, 2000))
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, later.Status)
}

func TestAnIntentIsConfirmedLaterChangedAndCancelled(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	pi, err := w.stripe.PaymentIntents.New(intentParams(2000, "usd"))
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusRequiresPaymentMethod, pi.Status)
	_, err = w.stripe.PaymentIntents.Confirm(pi.ID, nil)
	require.ErrorContains(t, err, "missing a payment method")

	pi, err = w.stripe.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Amount: stripe.Int64(2100), Metadata: map[string]string{"a": "1", "b": "2"}})
	require.NoError(t, err)
	pi, err = w.stripe.PaymentIntents.Update(pi.ID, &stripe.PaymentIntentParams{Description: stripe.String("Gift"), Metadata: map[string]string{"a": ""}})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"b": "2"}, pi.Metadata)
	pi, err = w.stripe.PaymentIntents.Confirm(pi.ID, &stripe.PaymentIntentConfirmParams{PaymentMethod: stripe.String("pm_card_mastercard")})
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	require.EqualValues(t, 2100, pi.AmountReceived)

	_, err = w.stripe.PaymentIntents.Confirm(pi.ID, nil)
	e := requireStripeError(t, err, http.StatusBadRequest)
	require.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, e.Code)
	require.Equal(t, pi.ID, e.PaymentIntent.ID)
	_, err = w.stripe.PaymentIntents.Cancel(pi.ID, nil)
	require.Equal(t, stripe.ErrorCodePaymentIntentUnexpectedState, requireStripeError(t, err, http.StatusBadRequest).Code)

	other, err := w.stripe.PaymentIntents.New(intentParams(2000, "usd"))
	require.NoError(t, err)
	cancelled, err := w.stripe.PaymentIntents.Cancel(other.ID, &stripe.PaymentIntentCancelParams{CancellationReason: stripe.String("abandoned")})
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusCanceled, cancelled.Status)
	w.drain()
	require.Equal(t, []string{
		"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "payment_intent.created", "payment_intent.canceled",
	}, w.receiver.take())
}

func TestAmountsAreCheckedPerCurrency(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, tc := range []struct {
		name, currency string
		amount         int64
		code           string
	}{
		{"49 cents", "usd", 49, "amount_too_small"},
		{"upper case, above the limit", "USD", 100_000_000, "amount_too_large"},
		{"49 yen", "jpy", 49, "amount_too_small"},
		{"29 pence", "gbp", 29, "amount_too_small"},
		{"nothing", "usd", 0, "parameter_invalid_integer"},
		{"less than nothing", "usd", -100, "parameter_invalid_integer"},
		{"fils not in tens", "kwd", 5124, "invalid_charge_amount"},
		{"part of a krona", "isk", 50050, "invalid_charge_amount_no_decimal_compatible"},
		{"part of a shilling", "ugx", 500050, "invalid_charge_amount_no_decimal_compatible"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.stripe.PaymentIntents.New(intentParams(tc.amount, tc.currency))
			e := requireStripeError(t, err, http.StatusBadRequest)
			require.Equal(t, tc.code, string(e.Code))
			require.Equal(t, "amount", e.Param)
		})
	}
	for currency, amount := range map[string]int64{"usd": 99_999_999, "eur": 50, "jpy": 100, "kwd": 5120, "isk": 50000, "huf": 17500} {
		pi, err := w.stripe.PaymentIntents.New(intentParams(amount, currency))
		require.NoError(t, err, currency)
		require.Equal(t, stripe.Currency(currency), pi.Currency)
	}
}

func TestACardThatIsNotTheCustomersIsRefused(t *testing.T) {
	t.Parallel()
	w := start(t)
	owner, stranger := w.customer(), w.customer()
	card := w.savedCard(owner.ID, "visa")
	_, err := w.stripe.PaymentIntents.New(offSession(stranger.ID, card.ID, 2000))
	requireStripeError(t, err, http.StatusBadRequest)
	params := intentParams(2000, "usd")
	params.PaymentMethod, params.Confirm = stripe.String(card.ID), stripe.Bool(true)
	_, err = w.stripe.PaymentIntents.New(params)
	require.ErrorContains(t, err, "belongs to a Customer")
	_, err = w.stripe.PaymentMethods.Attach("pm_card_chargeDeclined", &stripe.PaymentMethodAttachParams{Customer: stripe.String(owner.ID)})
	require.Equal(t, stripe.ErrorCodeCardDeclined, requireStripeError(t, err, http.StatusPaymentRequired).Code)
	failing := w.savedCard(owner.ID, "chargeCustomerFail")
	_, err = w.stripe.PaymentIntents.New(offSession(owner.ID, failing.ID, 2000))
	requireStripeError(t, err, http.StatusPaymentRequired)
}

func TestCustomersAreKeptUpdatedAndDeleted(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer := w.customer()
	card := w.savedCard(customer.ID, "amex")
	customer, err := w.stripe.Customers.Update(customer.ID, &stripe.CustomerParams{
		Name: stripe.String(""), InvoiceSettings: &stripe.CustomerInvoiceSettingsParams{DefaultPaymentMethod: stripe.String(card.ID)},
		Address: &stripe.AddressParams{City: stripe.String("Ghent"), Country: stripe.String("BE")},
	})
	require.NoError(t, err)
	require.Empty(t, customer.Name, "an empty text unsets")
	require.Equal(t, "Ghent", customer.Address.City)
	require.Equal(t, card.ID, customer.InvoiceSettings.DefaultPaymentMethod.ID)
	require.Equal(t, map[string]string{"donor": "d1"}, customer.Metadata)

	_, err = w.stripe.Customers.Update(customer.ID, &stripe.CustomerParams{Email: stripe.String("nobody")})
	require.Equal(t, stripe.ErrorCodeEmailInvalid, requireStripeError(t, err, http.StatusBadRequest).Code)
	byEmail := w.stripe.Customers.List(&stripe.CustomerListParams{Email: stripe.String("jo@example.org")})
	require.True(t, byEmail.Next())

	deleted, err := w.stripe.Customers.Del(customer.ID, nil)
	require.NoError(t, err)
	require.True(t, deleted.Deleted)
	_, err = w.stripe.Customers.Update(customer.ID, &stripe.CustomerParams{Name: stripe.String("Jo")})
	requireStripeError(t, err, http.StatusNotFound)
	again, err := w.stripe.Customers.Get(customer.ID, nil)
	require.NoError(t, err)
	require.True(t, again.Deleted)
	method, err := w.stripe.PaymentMethods.Get(card.ID, nil)
	require.NoError(t, err)
	require.Nil(t, method.Customer)
}
