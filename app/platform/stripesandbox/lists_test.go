package stripesandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
)

// customers makes n customers a second apart and returns their ids, newest first.
func (w *world) customers(n int) []string {
	w.t.Helper()
	ids := make([]string, n)
	for i := range n {
		customer, err := w.stripe.Customers.New(&stripe.CustomerParams{Email: stripe.String(fmt.Sprintf("jo%d@example.org", i))})
		require.NoError(w.t, err)
		ids[n-1-i] = customer.ID
		w.clock.Add(time.Second)
	}
	return ids
}

func page(w *world, params stripe.CustomerListParams) (ids []string, more bool) {
	w.t.Helper()
	params.Single = true
	iter := w.stripe.Customers.List(&params)
	for iter.Next() {
		ids = append(ids, iter.Customer().ID)
	}
	require.NoError(w.t, iter.Err())
	if params.EndingBefore != nil {
		slices.Reverse(ids) // stripe-go walks backwards through such a page
	}
	return ids, iter.Meta().HasMore
}

func TestListsPageInBothDirections(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := w.customers(12)
	got, more := page(w, stripe.CustomerListParams{})
	require.Equal(t, ids[:10], got, "ten by default, newest first")
	require.True(t, more)
	got, more = page(w, stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(5), StartingAfter: stripe.String(ids[4])}})
	require.Equal(t, ids[5:10], got)
	require.True(t, more)
	got, more = page(w, stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(5), StartingAfter: stripe.String(ids[9])}})
	require.Equal(t, ids[10:], got)
	require.False(t, more)
	got, more = page(w, stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(3), EndingBefore: stripe.String(ids[5])}})
	require.Equal(t, ids[2:5], got, "the ones just before, still newest first")
	require.True(t, more)
	got, more = page(w, stripe.CustomerListParams{ListParams: stripe.ListParams{EndingBefore: stripe.String(ids[2])}})
	require.Equal(t, ids[:2], got)
	require.False(t, more)

	var all []string
	iter := w.stripe.Customers.List(&stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(5)}})
	for iter.Next() {
		all = append(all, iter.Customer().ID)
	}
	require.NoError(t, iter.Err())
	require.Equal(t, ids, all, "stripe-go pages by itself")
}

func TestListsFilterByCreation(t *testing.T) {
	t.Parallel()
	w := start(t)
	first := w.clock.Now().Unix()
	ids := w.customers(4)
	got, _ := page(w, stripe.CustomerListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: first + 1, LesserThan: first + 3}})
	require.Equal(t, ids[1:3], got)
	got, _ = page(w, stripe.CustomerListParams{Created: stripe.Int64(first + 3)})
	require.Equal(t, ids[:1], got)
}

func TestListsRefuseWhatStripeRefuses(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.customer()
	for _, tc := range []struct {
		name   string
		params stripe.CustomerListParams
		param  string
	}{
		{"no element", stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(0)}}, "limit"},
		{"too many", stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(101)}}, "limit"},
		{"unknown cursor", stripe.CustomerListParams{ListParams: stripe.ListParams{StartingAfter: stripe.String("cus_none")}}, "starting_after"},
		{"unknown field to expand", stripe.CustomerListParams{Expand: stripe.StringSlice([]string{"data.email"})}, "expand"},
		{"expand without data", stripe.CustomerListParams{Expand: stripe.StringSlice([]string{"default_source"})}, "expand"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			iter := w.stripe.Customers.List(&tc.params)
			require.False(t, iter.Next())
			require.Equal(t, tc.param, requireStripeError(t, iter.Err(), http.StatusBadRequest).Param)
		})
	}
}

func TestEachUnknownObjectIsMissing(t *testing.T) {
	t.Parallel()
	w := start(t)
	for _, path := range []string{
		"customers", "payment_intents", "payment_methods", "checkout/sessions", "charges", "refunds", "balance_transactions", "events",
		"webhook_endpoints", "payouts", "disputes", "application_fees",
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/v1/"+path+"/none", nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+apiKey)
		got := w.read(http.DefaultClient.Do(r))
		require.Equal(t, http.StatusNotFound, got.status, path)
		require.Contains(t, got.body, `"code":"resource_missing"`, path)
	}
	_, err := w.stripe.Accounts.GetByID("acct_none", nil)
	requireStripeError(t, err, http.StatusForbidden)
}

func TestListsExpandTheirElements(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.paidIntent(2000, "visa")
	require.NoError(t, w.box.Settle())
	iter := w.stripe.PaymentIntents.List(&stripe.PaymentIntentListParams{Expand: stripe.StringSlice([]string{"data.latest_charge.balance_transaction", "data.payment_method"})})
	require.True(t, iter.Next())
	require.EqualValues(t, 88, iter.PaymentIntent().LatestCharge.BalanceTransaction.Fee)
	require.Equal(t, "4242", iter.PaymentIntent().PaymentMethod.Card.Last4)
}

func TestChargesAreFoundAndUpdated(t *testing.T) {
	t.Parallel()
	w := start(t)
	pi := w.paidIntent(2000, "visa")
	w.paidIntent(3000, "visa")
	iter := w.stripe.Charges.List(&stripe.ChargeListParams{PaymentIntent: stripe.String(pi.ID)})
	require.True(t, iter.Next())
	require.EqualValues(t, 2000, iter.Charge().Amount)
	require.False(t, iter.Next())
	charge, err := w.stripe.Charges.Update(pi.LatestCharge.ID, &stripe.ChargeParams{
		Description: stripe.String("Gift"), Metadata: map[string]string{"receipt": "7"}, FraudDetails: &stripe.ChargeFraudDetailsParams{UserReport: stripe.String("safe")},
	})
	require.NoError(t, err)
	require.Equal(t, "7", charge.Metadata["receipt"])
	require.Equal(t, stripe.ChargeFraudUserReportSafe, charge.FraudDetails.UserReport)
}

func TestSessionsAreFoundByIntentAndListTheirItems(t *testing.T) {
	t.Parallel()
	w := start(t)
	session := w.session(2000)
	w.session(3000)
	pi, err := w.box.PaySession(session.ID, stripePayment())
	require.NoError(t, err)
	iter := w.stripe.CheckoutSessions.List(&stripe.CheckoutSessionListParams{PaymentIntent: stripe.String(pi.ID)})
	require.True(t, iter.Next())
	require.Equal(t, session.ID, iter.CheckoutSession().ID)
	require.False(t, iter.Next())
	items := w.stripe.CheckoutSessions.ListLineItems(&stripe.CheckoutSessionListLineItemsParams{Session: stripe.String(session.ID)})
	require.True(t, items.Next())
	require.EqualValues(t, 2000, items.LineItem().Price.UnitAmount)
	require.False(t, items.Next())
	require.NoError(t, items.Err())
}
