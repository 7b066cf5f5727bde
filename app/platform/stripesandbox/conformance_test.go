package stripesandbox_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/stripesandbox/stripecheck"
)

// raw reads an object of the API as plain JSON.
func (w *world) raw(path string) map[string]any {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.server.URL+path, nil)
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer "+apiKey)
	got := w.read(http.DefaultClient.Do(r))
	require.Equal(w.t, http.StatusOK, got.status, got.body)
	var o map[string]any
	require.NoError(w.t, json.Unmarshal([]byte(got.body), &o))
	return o
}

// TestObjectsHaveExactlyTheKeysOfStripesExamples covers what schemas do not see: missing optional keys and keys of our own invention.
func TestObjectsHaveExactlyTheKeysOfStripesExamples(t *testing.T) {
	t.Parallel()
	w := start(t)
	endpoint := w.listen()
	account, err := w.stripe.Accounts.New(&stripe.AccountParams{Type: stripe.String("standard")})
	require.NoError(t, err)
	customer := w.customer()
	card := w.savedCard(customer.ID, "visa")
	session := w.session(2000)
	setup := w.setup()
	si, err := w.box.SaveCard(setup.ID, stripePayment())
	require.NoError(t, err)
	pi, err := w.box.PaySession(session.ID, stripePayment())
	require.NoError(t, err)
	refund, err := w.stripe.Refunds.New(&stripe.RefundParams{PaymentIntent: stripe.String(pi.ID), Amount: stripe.Int64(100)})
	require.NoError(t, err)
	disputed := w.paidIntent(5000, "createDispute")
	require.NoError(t, w.box.Settle())
	w.box.AdvanceClock(49 * 3600e9)
	w.paidIntent(90000, "visa")
	require.NoError(t, w.box.Settle())
	w.box.AdvanceClock(49 * 3600e9)
	payout, err := w.box.CreatePayout("", "usd")
	require.NoError(t, err)

	for _, tc := range []struct {
		kind, path string
		// elsewhere are keys that Stripe's example has because of what it is an example of; added are optional ones that it leaves out.
		elsewhere, added []string
	}{
		{kind: "account", path: "/v1/accounts/" + account.ID},
		{kind: "customer", path: "/v1/customers/" + customer.ID},
		{kind: "payment_method", path: "/v1/payment_methods/" + card.ID},
		{kind: "checkout.session", path: "/v1/checkout/sessions/" + session.ID},
		{kind: "checkout.session", path: "/v1/checkout/sessions/" + setup.ID},
		{kind: "setup_intent", path: "/v1/setup_intents/" + si.ID},
		{kind: "payment_intent", path: "/v1/payment_intents/" + pi.ID},
		{kind: "charge", path: "/v1/charges/" + *pi.LatestCharge, elsewhere: []string{"refunds"}}, // since 2022-11-15 only when expanded
		{kind: "charge", path: "/v1/charges/" + disputed.LatestCharge.ID + "?expand[]=refunds"},
		{kind: "refund", path: "/v1/refunds/" + refund.ID, added: []string{
			"destination_details.card.reference_status", "destination_details.card.reference_type", // a refund, where the example is a reversal
		}},
		{kind: "balance_transaction", path: "/v1/balance_transactions/" + *payout.BalanceTx},
		{kind: "balance", path: "/v1/balance"},
		{kind: "payout", path: "/v1/payouts/" + payout.ID},
		{kind: "dispute", path: "/v1/disputes/" + w.box.Disputes("")[0].ID},
		{kind: "webhook_endpoint", path: "/v1/webhook_endpoints/" + endpoint.ID},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			t.Parallel()
			o := w.raw(tc.path)
			require.NoError(t, stripecheck.Object(o))
			lacking, beyond, err := stripecheck.Keys(tc.kind, o)
			require.NoError(t, err)
			slices.Sort(beyond)
			require.ElementsMatch(t, tc.elsewhere, lacking, "lacking")
			require.ElementsMatch(t, tc.added, beyond, "beyond")
		})
	}
	event := w.raw("/v1/events?limit=1")["data"].([]any)[0].(map[string]any)
	lacking, beyond, err := stripecheck.Keys("event", map[string]any{
		"api_version": event["api_version"], "created": event["created"], "data": nil, "id": event["id"], "livemode": event["livemode"], "object": event["object"],
		"pending_webhooks": event["pending_webhooks"], "request": event["request"], "type": event["type"],
	})
	require.NoError(t, err)
	require.Empty(t, lacking)
	require.Empty(t, beyond)
	require.Len(t, event, 9)
}

// TestEveryEventFitsStripesDescription walks one of everything and reads the log through the checking transport.
func TestEveryEventFitsStripesDescription(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	for _, token := range []string{"visa", "refundFail", "pendingRefund", "createDisputeInquiry"} {
		pi := w.paidIntent(20000, token)
		if token != "createDisputeInquiry" {
			_, err := w.refund(pi, 700)
			require.NoError(t, err)
		}
	}
	_, err := w.box.OpenDispute(w.box.Charges("")[0].ID, false)
	require.NoError(t, err)
	require.NoError(t, w.box.CloseDispute(w.box.Disputes("")[1].ID, true, true))
	for _, pay := range []stripesandbox.Payment{stripePayment(), {Card: "4000002760003184"}, {Card: "4000000000000002"}, {Bank: "000123456789"}, {Bank: "000111111113"}} {
		params := sessionParams(3000)
		params.PaymentMethodTypes = stripe.StringSlice([]string{"card", "us_bank_account"})
		params.PaymentIntentData.SetupFutureUsage = stripe.String("off_session")
		session, err := w.stripe.CheckoutSessions.New(params)
		require.NoError(t, err)
		_, _ = w.box.PaySession(session.ID, pay) // one declines, one waits for its bank: the session tells
		_, err = w.stripe.CheckoutSessions.Get(session.ID, &stripe.CheckoutSessionParams{Expand: stripe.StringSlice([]string{
			"line_items", "payment_intent.payment_method", "payment_intent.latest_charge", "customer",
		})})
		require.NoError(t, err)
	}
	w.saveCards()
	require.NoError(t, w.box.Settle())
	w.box.AdvanceClock(49 * 3600e9)
	payout, err := w.box.CreatePayout("", "usd")
	require.NoError(t, err)
	require.NoError(t, w.box.FailPayout(payout.ID))
	kinds := map[string]bool{}
	iter := w.stripe.Events.List(&stripe.EventListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}})
	for iter.Next() {
		kinds[string(iter.Event().Type)] = true
	}
	require.NoError(t, iter.Err())
	w.drain()
	for _, kind := range []string{
		"charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated", "charge.dispute.funds_withdrawn", "charge.failed",
		"charge.pending", "charge.refund.updated", "charge.refunded", "charge.succeeded", "charge.updated", "checkout.session.async_payment_failed",
		"checkout.session.async_payment_succeeded", "checkout.session.completed", "checkout.session.expired", "customer.created",
		"payment_intent.canceled", "payment_intent.created", "payment_intent.payment_failed", "payment_intent.processing",
		"payment_intent.requires_action", "payment_intent.succeeded", "payment_method.attached", "payment_method.automatically_updated",
		"payment_method.detached", "payout.created", "payout.failed", "payout.reconciliation_completed", "refund.created", "refund.updated",
		"setup_intent.canceled", "setup_intent.created", "setup_intent.requires_action", "setup_intent.setup_failed", "setup_intent.succeeded",
	} {
		require.True(t, kinds[kind], kind)
	}
	objects := w.stripe.BalanceTransactions.List(&stripe.BalanceTransactionListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}, Expand: stripe.StringSlice([]string{"data.source"})})
	for objects.Next() {
		require.NotNil(t, objects.BalanceTransaction().Source)
	}
	require.NoError(t, objects.Err())
}

// saveCards lets one of everything happen to saved cards.
func (w *world) saveCards() {
	w.t.Helper()
	for _, number := range []string{"4242424242424242", "4000000000000002", "4000002760003184"} {
		session := w.setup()
		si, _ := w.box.SaveCard(session.ID, stripesandbox.Payment{Card: number, Email: "jo@example.org", Name: "Jo Rivers"}) // one declines, one waits
		if si.Status != "succeeded" {
			require.NoError(w.t, w.box.ExpireSession(session.ID))
			continue
		}
		require.NoError(w.t, w.box.DeclineNext(*si.PaymentMethod, "lost_card", 1))
		_, err := w.stripe.PaymentIntents.New(offSession(*si.Customer, *si.PaymentMethod, 2000))
		requireStripeError(w.t, err, http.StatusPaymentRequired)
		require.NoError(w.t, w.box.UpdateCard(*si.PaymentMethod, "5555555555554444", 7, 2031))
		require.NoError(w.t, w.box.DetachCard(*si.PaymentMethod))
	}
}
