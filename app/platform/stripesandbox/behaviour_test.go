package stripesandbox_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

// savedByPage saves a card on a hosted page and returns its customer and id.
func (w *world) savedByPage(number string) (customer, method string) {
	w.t.Helper()
	si, err := w.box.SaveCard(w.setup().ID, stripesandbox.Payment{Card: number, Email: "jo@example.org", Name: "Jo Rivers"})
	require.NoError(w.t, err)
	require.Equal(w.t, "succeeded", si.Status)
	return *si.Customer, *si.PaymentMethod
}

// declineOf charges a saved card and returns the decline code, empty when it succeeds.
func (w *world) declineOf(customer, method string) string {
	w.t.Helper()
	pi, err := w.stripe.PaymentIntents.New(offSession(customer, method, 2000))
	if err == nil {
		require.Equal(w.t, stripe.PaymentIntentStatusSucceeded, pi.Status)
		return ""
	}
	return string(requireStripeError(w.t, err, http.StatusPaymentRequired).DeclineCode)
}

func TestASavedCardDeclinesAsToldAndRecovers(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	require.Empty(t, w.declineOf(customer, method))

	require.NoError(t, w.box.DeclineNext(method, "do_not_honor", 2))
	require.Equal(t, "do_not_honor", w.declineOf(customer, method))
	require.Equal(t, "do_not_honor", w.declineOf(customer, method))
	require.Empty(t, w.declineOf(customer, method), "only two were asked for")

	require.NoError(t, w.box.DeclineNext(method, "lost_card", 0))
	require.Equal(t, "lost_card", w.declineOf(customer, method))
	require.Equal(t, "lost_card", w.declineOf(customer, method))
	require.NoError(t, w.box.SetBehaviour(method, "4242424242424242"))
	require.Empty(t, w.declineOf(customer, method))

	require.NoError(t, w.box.DeclineNext(method, "authentication_required", 1))
	require.Equal(t, "authentication_required", w.declineOf(customer, method))
	require.Empty(t, w.declineOf(customer, method))

	require.Error(t, w.box.DeclineNext(method, "out_of_mood", 1))
	require.Error(t, w.box.DeclineNext(method, "lost_card", -1))
	require.Error(t, w.box.DeclineNext("pm_none", "lost_card", 1))
	require.Error(t, w.box.SetBehaviour(method, "1234"))
}

func TestACardThatNeedsItsOwnerIsPaidWithThemPresent(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	require.NoError(t, w.box.DeclineNext(method, "authentication_required", 0))
	require.Equal(t, "authentication_required", w.declineOf(customer, method))
	params := intentParams(2000, "usd")
	params.Customer, params.PaymentMethod, params.Confirm = stripe.String(customer), stripe.String(method), stripe.Bool(true)
	pi, err := w.stripe.PaymentIntents.New(params)
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusRequiresAction, pi.Status)
	require.NoError(t, w.box.Authenticate(pi.ID, true))
	paid, err := w.stripe.PaymentIntents.Get(pi.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, paid.Status)
}

func TestTheNetworkReplacesACard(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	require.NoError(t, w.box.SetBehaviour(method, "4000000000000069"))
	require.Equal(t, "expired_card", w.declineOf(customer, method))
	w.listen()
	require.NoError(t, w.box.UpdateCard(method, "5555555555554444", 7, 2031))
	w.drain()
	require.Equal(t, []string{"payment_method.automatically_updated"}, w.receiver.take())
	card, err := w.stripe.PaymentMethods.Get(method, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.PaymentMethodCardBrandMastercard, card.Card.Brand)
	require.Equal(t, "4444", card.Card.Last4)
	require.EqualValues(t, 7, card.Card.ExpMonth)
	require.EqualValues(t, 2031, card.Card.ExpYear)
	require.Empty(t, w.declineOf(customer, method))

	require.Error(t, w.box.UpdateCard(method, "5555555555554444", 7, 2020), "it has expired")
	require.Error(t, w.box.UpdateCard(method, "1234", 7, 2031))
	require.NoError(t, w.box.DetachCard(method))
	require.Error(t, w.box.UpdateCard(method, "5555555555554444", 7, 2031), "it is nobody's card any more")
}

func TestADetachedCardIsNeverChargedAgain(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	w.listen()
	require.NoError(t, w.box.DetachCard(method))
	w.drain()
	require.Equal(t, []string{"payment_method.detached"}, w.receiver.take())
	for _, params := range []*stripe.PaymentIntentParams{offSession(customer, method, 2000), {
		Amount: stripe.Int64(2000), Currency: stripe.String("usd"), PaymentMethod: stripe.String(method), Confirm: stripe.Bool(true),
	}} {
		_, err := w.stripe.PaymentIntents.New(params)
		require.Contains(t, requireStripeError(t, err, http.StatusBadRequest).Msg, "may not be used again")
	}
	_, err := w.stripe.PaymentMethods.Attach(method, &stripe.PaymentMethodAttachParams{Customer: stripe.String(customer)})
	requireStripeError(t, err, http.StatusBadRequest)
	require.Error(t, w.box.DetachCard(method))
	require.Empty(t, w.box.Charges(""))
}

func TestACardOfNobodyPaysOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	method := w.paidIntent(2000, "visa").PaymentMethod.ID
	params := intentParams(2000, "usd")
	params.PaymentMethod, params.Confirm = stripe.String(method), stripe.Bool(true)
	_, err := w.stripe.PaymentIntents.New(params)
	require.Contains(t, requireStripeError(t, err, http.StatusBadRequest).Msg, "may not be used again")
	require.Len(t, w.box.Charges(""), 1)
}

func TestCardsKeepTheirBehaviourOverARestart(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/stripe.jsonl"
	w := startWith(t, stripesandbox.Options{StatePath: path})
	customer, method := w.savedByPage("4242424242424242")
	require.Empty(t, w.declineOf(customer, method))
	require.NoError(t, w.box.DeclineNext(method, "lost_card", 1))
	open := w.setup()
	before := state(t, w.box)
	require.NoError(t, w.box.Close())

	again := startWith(t, stripesandbox.Options{StatePath: path})
	require.Equal(t, before, state(t, again.box))
	require.Equal(t, "lost_card", again.declineOf(customer, method))
	require.Empty(t, again.declineOf(customer, method))
	intents := again.stripe.PaymentIntents.List(&stripe.PaymentIntentListParams{Customer: stripe.String(customer)})
	for range 3 {
		require.True(t, intents.Next())
	}
	require.False(t, intents.Next())
	_, err := again.box.SaveCard(open.ID, stripePayment())
	require.NoError(t, err)
}

func TestIntentsAreListedByCustomerAndTimeInPages(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	other, otherMethod := w.savedByPage("5555555555554444")
	var since time.Time
	for i := range 7 {
		if i == 2 {
			w.clock.Add(time.Hour)
			since = w.clock.Now()
		}
		params := offSession(customer, method, int64(1000+i))
		params.Metadata = map[string]string{"n": fmt.Sprint(i)}
		_, err := w.stripe.PaymentIntents.New(params)
		require.NoError(t, err)
		require.Empty(t, w.declineOf(other, otherMethod))
	}
	var found []string
	list := &stripe.PaymentIntentListParams{Customer: stripe.String(customer), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	list.Limit = stripe.Int64(2)
	for intents := w.stripe.PaymentIntents.List(list); intents.Next(); {
		found = append(found, intents.PaymentIntent().Metadata["n"])
	}
	require.Equal(t, []string{"6", "5", "4", "3", "2"}, found)

	none := w.stripe.PaymentIntents.List(&stripe.PaymentIntentListParams{Customer: stripe.String("cus_none")})
	require.False(t, none.Next())
	require.NoError(t, none.Err())
}

func TestAChargeOfASavedCardSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	for _, fault := range []stripesandbox.Fault{
		{Kind: stripesandbox.FaultReset}, {Kind: stripesandbox.FaultError, Status: 409}, {Kind: stripesandbox.FaultError, Status: 429},
		{Kind: stripesandbox.FaultError, Status: 429, Code: "lock_timeout"}, {Kind: stripesandbox.FaultError, Status: 503}, {Kind: stripesandbox.FaultError, Status: 500},
	} {
		t.Run(fmt.Sprintf("%s %d %s", fault.Kind, fault.Status, fault.Code), func(t *testing.T) {
			t.Parallel()
			w := start(t)
			customer, method := w.savedByPage("4242424242424242")
			fault.Count, fault.Match = 2, "POST /v1/payment_intents"
			_, err := w.box.Inject(fault)
			require.NoError(t, err)
			charge := func() error {
				params := offSession(customer, method, 2000)
				params.SetIdempotencyKey("inst:1:a1")
				_, err := w.stripe.PaymentIntents.New(params)
				return err
			}
			calls := 0
			for charge() != nil { // stripe-go itself repeats some of them
				calls++
				require.LessOrEqual(t, calls, fault.Count)
			}
			require.Len(t, w.box.Charges(""), 1)
		})
	}
}

func TestAServerErrorIsKeptUnderItsKey(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	_, err := w.box.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: "POST /v1/payment_intents"})
	require.NoError(t, err)
	for range 3 {
		params := offSession(customer, method, 2000)
		params.SetIdempotencyKey("inst:1:a1")
		_, err := w.stripe.PaymentIntents.New(params)
		requireStripeError(t, err, http.StatusInternalServerError)
	}
	require.Len(t, w.box.Charges(""), 1, "it was carried out all the same: only a list tells")
}

func TestThePanelChangesSavedCards(t *testing.T) {
	t.Parallel()
	w := start(t)
	customer, method := w.savedByPage("4242424242424242")
	panel := w.get(w.server.URL + "/_sandbox").body
	require.Contains(t, panel, "visa •••• 4242")
	require.Contains(t, panel, customer)
	for _, step := range []struct {
		form                url.Values
		done, answer, given string
	}{
		{url.Values{"action": {"decline"}, "code": {"insufficient_funds"}, "count": {"2"}}, "are declined with insufficient_funds", "declined: insufficient_funds (2 more)", "insufficient_funds"},
		{url.Values{"action": {"behave"}, "number": {"4000002760003184"}}, "behaves as 4000002760003184", "declined: authentication_required", "authentication_required"},
		{url.Values{"action": {"behave"}, "outcome": {"4242424242424242"}}, "behaves as 4242424242424242", "<td>succeed</td>", ""},
		{url.Values{"action": {"update_card"}}, "has replaced the card", "visa •••• 5556", ""},
	} {
		step.form.Set("id", method)
		page := w.press(step.form)
		require.Contains(t, page.body, step.done)
		require.Contains(t, page.body, step.answer)
		require.Equal(t, step.given, w.declineOf(customer, method))
	}
	require.Contains(t, w.press(url.Values{"action": {"decline"}, "id": {method}, "code": {"lost_card"}, "count": {"many"}}).body, "count must be a whole number")
	require.Empty(t, w.declineOf(customer, method), "what could not be read changes nothing")
	gone := w.press(url.Values{"action": {"detach"}, "id": {method}})
	require.Contains(t, gone.body, "belongs to no customer any more")
	require.NotContains(t, gone.body, "visa •••• 5556")
}
