package stripesandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

func TestFeesFitTheRecordedOnes(t *testing.T) {
	t.Parallel()
	w := startWith(t, stripesandbox.Options{FeeDelay: -1})
	for amount, fee := range map[int64]int64{36500: 1089, 11176: 354, 12000: 378, 2000: 88} {
		pi := w.paidIntent(amount, "visa")
		require.NotNil(t, pi.LatestCharge.BalanceTransaction, "with a negative delay the fee is there at once")
		movement, err := w.stripe.BalanceTransactions.Get(pi.LatestCharge.BalanceTransaction.ID, nil)
		require.NoError(t, err)
		require.Equal(t, fee, movement.Fee)
		require.Equal(t, amount-fee, movement.Net)
		require.Equal(t, fee, movement.FeeDetails[0].Amount)
	}
	other := startWith(t, stripesandbox.Options{FeeDelay: -1, Fees: stripesandbox.Fees{BasisPoints: 220, Fixed: map[string]int64{"usd": 30}}})
	other.paidIntent(10000, "visa")
	require.Equal(t, map[string]int64{"usd": 9750}, other.box.Balance(""))
}

func TestAPayoutTiesToItsMovementsAndMayFail(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	pi := w.paidIntent(10000, "visa")
	w.paidIntent(5000, "visa")
	_, err := w.refund(pi, 1000)
	require.NoError(t, err)
	require.NoError(t, w.box.Settle())
	_, err = w.box.CreatePayout("", "usd")
	require.ErrorContains(t, err, "nothing available")

	w.clock.Add(49 * time.Hour)
	w.drain()
	w.receiver.take()
	made, err := w.box.CreatePayout("", "USD")
	require.NoError(t, err)
	require.EqualValues(t, 10000-320+5000-175-1000, made.Amount)

	var sum int64
	var kinds []string
	movements := w.stripe.BalanceTransactions.List(&stripe.BalanceTransactionListParams{
		Payout: stripe.String(made.ID), Expand: stripe.StringSlice([]string{"data.source"}),
	})
	for movements.Next() {
		m := movements.BalanceTransaction()
		kinds = append(kinds, string(m.Type))
		sum += m.Net
	}
	require.NoError(t, movements.Err())
	require.Equal(t, []string{"payout", "charge", "charge", "refund"}, kinds)
	require.Zero(t, sum, "the payout's own movement takes out the rest")
	bySource := w.stripe.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Source: stripe.String(pi.LatestCharge.ID)})
	require.True(t, bySource.Next())
	require.EqualValues(t, 10000, bySource.BalanceTransaction().Amount)
	require.False(t, bySource.Next())
	byType := w.stripe.BalanceTransactions.List(&stripe.BalanceTransactionListParams{Type: stripe.String("refund"), Currency: stripe.String("usd")})
	require.True(t, byType.Next())
	require.EqualValues(t, -1000, byType.BalanceTransaction().Net)
	require.False(t, byType.Next())

	w.clock.Add(49 * time.Hour)
	w.drain()
	require.Equal(t, []string{"payout.created", "payout.reconciliation_completed", "payout.paid"}, w.receiver.take())
	require.NoError(t, w.box.FailPayout(made.ID), "some payouts look paid and fail later")
	require.Error(t, w.box.FailPayout(made.ID))
	w.drain()
	require.Equal(t, []string{"payout.failed"}, w.receiver.take())
	failed, err := w.stripe.Payouts.Get(made.ID, &stripe.PayoutParams{Expand: stripe.StringSlice([]string{"failure_balance_transaction"})})
	require.NoError(t, err)
	require.Equal(t, stripe.PayoutStatusFailed, failed.Status)
	require.Equal(t, made.Amount, failed.FailureBalanceTransaction.Net)
	balance, err := w.stripe.Balance.Get(nil)
	require.NoError(t, err)
	require.Equal(t, made.Amount, balance.Available[0].Amount)
}

func TestBalanceMovesFromPendingToAvailable(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.paidIntent(10000, "visa")
	require.NoError(t, w.box.Settle())
	before, err := w.stripe.Balance.Get(nil)
	require.NoError(t, err)
	require.EqualValues(t, 9680, before.Pending[0].Amount)
	require.Zero(t, before.Available[0].Amount)
	w.clock.Add(48 * time.Hour)
	after, err := w.stripe.Balance.Get(nil)
	require.NoError(t, err)
	require.EqualValues(t, 9680, after.Available[0].Amount)
	require.Zero(t, after.Pending[0].Amount)
}

func TestADisputeTakesTheMoneyAndWinningReturnsIt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		won, feeBack bool
		balance      int64
		events       []string
	}{
		{"won, fee kept", true, false, 9680 - 1500, []string{"charge.dispute.funds_reinstated", "charge.dispute.closed"}},
		{"won, fee returned", true, true, 9680, []string{"charge.dispute.funds_reinstated", "charge.dispute.closed"}},
		{"lost", false, false, 9680 - 11500, []string{"charge.dispute.closed"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			w.listen()
			pi := w.paidIntent(10000, "createDispute")
			require.NoError(t, w.box.Settle())
			w.drain()
			require.Subset(t, w.receiver.take(), []string{"charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn"})
			disputes := w.stripe.Disputes.List(&stripe.DisputeListParams{PaymentIntent: stripe.String(pi.ID)})
			require.True(t, disputes.Next())
			d := disputes.Dispute()
			require.EqualValues(t, -11500, d.BalanceTransactions[0].Net)
			require.Equal(t, map[string]int64{"usd": 9680 - 11500}, w.box.Balance(""))
			_, err := w.refund(pi, 100)
			require.Equal(t, stripe.ErrorCode("charge_disputed"), requireStripeError(t, err, http.StatusBadRequest).Code)

			require.NoError(t, w.box.CloseDispute(d.ID, tc.won, tc.feeBack))
			require.Error(t, w.box.CloseDispute(d.ID, tc.won, tc.feeBack))
			w.drain()
			require.Equal(t, tc.events, w.receiver.take())
			require.Equal(t, map[string]int64{"usd": tc.balance}, w.box.Balance(""))
		})
	}
}

func TestAnInquiryMovesNoMoneyAndEvidenceDecidesADispute(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.paidIntent(10000, "createDisputeInquiry")
	disputed := w.paidIntent(5000, "visa")
	require.NoError(t, w.box.Settle())
	require.Equal(t, map[string]int64{"usd": 9680 + 4825}, w.box.Balance(""))
	inquiry := w.box.Disputes("")[0]
	require.Equal(t, "warning_needs_response", inquiry.Status)
	closed, err := w.stripe.Disputes.Close(inquiry.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.DisputeStatus("warning_closed"), closed.Status)

	d, err := w.box.OpenDispute(disputed.LatestCharge.ID, false)
	require.NoError(t, err)
	_, err = w.box.OpenDispute(disputed.LatestCharge.ID, false)
	require.Error(t, err)
	reviewed, err := w.stripe.Disputes.Update(d.ID, &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{CustomerName: stripe.String("Jo")}})
	require.NoError(t, err)
	require.Equal(t, stripe.DisputeStatusUnderReview, reviewed.Status)
	won, err := w.stripe.Disputes.Update(d.ID, &stripe.DisputeParams{Evidence: &stripe.DisputeEvidenceParams{UncategorizedText: stripe.String("winning_evidence")}})
	require.NoError(t, err)
	require.Equal(t, stripe.DisputeStatusWon, won.Status)
}

func TestAConnectedAccountHasItsOwnObjectsAndPaysItsApplicationFee(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.box.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.receiver.URL, Secret: w.receiver.secret, Connect: true})
	require.NoError(t, err)
	account, err := w.stripe.Accounts.New(&stripe.AccountParams{Type: stripe.String("standard"), Country: stripe.String("US"), Email: stripe.String("np@example.org")})
	require.NoError(t, err)
	params := intentParams(10000, "usd")
	params.PaymentMethod, params.Confirm = stripe.String("pm_card_visa"), stripe.Bool(true)
	params.ApplicationFeeAmount = stripe.Int64(200)
	_, err = w.stripe.PaymentIntents.New(params)
	require.ErrorContains(t, err, "application_fee_amount", "the platform cannot take a fee from itself")
	params.SetStripeAccount(account.ID)
	pi, err := w.stripe.PaymentIntents.New(params)
	require.NoError(t, err)
	require.NoError(t, w.box.Settle())

	_, err = w.stripe.PaymentIntents.Get(pi.ID, nil)
	requireStripeError(t, err, http.StatusNotFound)
	require.Empty(t, w.box.Charges(""))
	require.Equal(t, map[string]int64{"usd": 10000 - 320 - 200}, w.box.Balance(account.ID))
	require.Equal(t, map[string]int64{"usd": 200}, w.box.Balance(""))
	fees := w.stripe.ApplicationFees.List(&stripe.ApplicationFeeListParams{})
	require.True(t, fees.Next())
	require.Equal(t, account.ID, fees.ApplicationFee().Account.ID)

	refund := &stripe.RefundParams{PaymentIntent: stripe.String(pi.ID), Amount: stripe.Int64(5000), RefundApplicationFee: stripe.Bool(true)}
	refund.SetStripeAccount(account.ID)
	_, err = w.stripe.Refunds.New(refund)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"usd": 100}, w.box.Balance(""))
	require.Equal(t, map[string]int64{"usd": 10000 - 320 - 200 - 5000 + 100}, w.box.Balance(account.ID))

	w.paidIntent(1000, "visa") // on the platform: not for this endpoint
	w.drain()
	w.receiver.mu.Lock()
	defer w.receiver.mu.Unlock()
	require.NotEmpty(t, w.receiver.events)
	for _, e := range w.receiver.events {
		require.Equal(t, account.ID, e.Account, string(e.Type))
	}
	first := &stripe.CustomerParams{Email: stripe.String("jo@example.org")}
	first.SetStripeAccount("acct_neverseenbefore")
	_, err = w.stripe.Customers.New(first)
	require.NoError(t, err, "an account comes into being at its first use")
}
