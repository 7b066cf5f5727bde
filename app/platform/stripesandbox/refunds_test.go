package stripesandbox_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
)

func (w *world) refund(pi *stripe.PaymentIntent, amount int64) (*stripe.Refund, error) {
	params := &stripe.RefundParams{PaymentIntent: stripe.String(pi.ID)}
	if amount > 0 {
		params.Amount = stripe.Int64(amount)
	}
	return w.stripe.Refunds.New(params)
}

func TestPartialRefundsAddUpAndNeverExceed(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	pi := w.paidIntent(10000, "visa")
	w.drain()
	w.receiver.take()
	for _, amount := range []int64{3333, 3333, 3333, 1} {
		r, err := w.refund(pi, amount)
		require.NoError(t, err)
		require.Equal(t, stripe.RefundStatusSucceeded, r.Status)
	}
	_, err := w.refund(pi, 1)
	require.Equal(t, stripe.ErrorCodeChargeAlreadyRefunded, requireStripeError(t, err, http.StatusBadRequest).Code)
	charge, err := w.stripe.Charges.Get(pi.LatestCharge.ID, &stripe.ChargeParams{Expand: stripe.StringSlice([]string{"refunds"})})
	require.NoError(t, err)
	require.True(t, charge.Refunded)
	require.EqualValues(t, 10000, charge.AmountRefunded)
	require.Len(t, charge.Refunds.Data, 4)
	w.drain()
	require.Equal(t, []string{
		"charge.refunded", "refund.created", "charge.refunded", "refund.created", "charge.refunded", "refund.created", "charge.refunded", "refund.created",
	}, w.receiver.take())
	require.NoError(t, w.box.Settle())
	require.Equal(t, map[string]int64{"usd": -320}, w.box.Balance(""), "the fee is not returned")

	listed := w.stripe.Refunds.List(&stripe.RefundListParams{Charge: stripe.String(charge.ID)})
	n := 0
	for listed.Next() {
		n++
	}
	require.NoError(t, listed.Err())
	require.Equal(t, 4, n)
}

func TestTenParallelRefundsNeverExceedTheCharge(t *testing.T) {
	t.Parallel()
	w := start(t)
	pi := w.paidIntent(10000, "visa")
	var accepted atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if _, err := w.refund(pi, 4000); err == nil {
				accepted.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 2, accepted.Load())
	require.EqualValues(t, 8000, w.box.Charges("")[0].AmountRefunded)
}

func TestRefundsAreChecked(t *testing.T) {
	t.Parallel()
	w := start(t)
	pi := w.paidIntent(1000, "visa")
	_, err := w.refund(pi, 1001)
	require.ErrorContains(t, err, "Refund amount ($10.01) is greater than unrefunded amount on charge ($10.00)")
	_, err = w.stripe.Refunds.New(&stripe.RefundParams{})
	requireStripeError(t, err, http.StatusBadRequest)
	_, err = w.stripe.Refunds.New(&stripe.RefundParams{Charge: stripe.String("ch_none")})
	require.Equal(t, stripe.ErrorCodeResourceMissing, requireStripeError(t, err, http.StatusBadRequest).Code)
	_, err = w.stripe.Refunds.New(&stripe.RefundParams{Charge: stripe.String(pi.LatestCharge.ID), RefundApplicationFee: stripe.Bool(true)})
	require.ErrorContains(t, err, "application fee")
	unpaid, err := w.stripe.PaymentIntents.New(intentParams(1000, "usd"))
	require.NoError(t, err)
	_, err = w.refund(unpaid, 0)
	require.ErrorContains(t, err, "does not have a successful charge")
}

func TestARefundThatFailsLaterReturnsTheMoney(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	pi := w.paidIntent(10000, "refundFail")
	require.NoError(t, w.box.Settle())
	r, err := w.refund(pi, 0)
	require.NoError(t, err)
	require.Equal(t, stripe.RefundStatusSucceeded, r.Status)
	w.drain()
	w.receiver.take()

	w.clock.Add(time.Minute)
	r, err = w.stripe.Refunds.Get(r.ID, &stripe.RefundParams{Expand: stripe.StringSlice([]string{"failure_balance_transaction"})})
	require.NoError(t, err)
	require.Equal(t, stripe.RefundStatusFailed, r.Status)
	require.Equal(t, stripe.BalanceTransactionTypeRefundFailure, r.FailureBalanceTransaction.Type)
	w.drain()
	require.Equal(t, []string{"charge.refund.updated", "refund.updated"}, w.receiver.take())
	require.Equal(t, map[string]int64{"usd": 9680}, w.box.Balance(""))
	charge, err := w.stripe.Charges.Get(pi.LatestCharge.ID, nil)
	require.NoError(t, err)
	require.False(t, charge.Refunded)
	require.Zero(t, charge.AmountRefunded)
}

func TestAPendingRefundSucceedsLaterOrIsCancelled(t *testing.T) {
	t.Parallel()
	w := start(t)
	pi := w.paidIntent(10000, "pendingRefund")
	kept, err := w.refund(pi, 4000)
	require.NoError(t, err)
	require.Equal(t, stripe.RefundStatusPending, kept.Status)
	require.Nil(t, kept.BalanceTransaction)
	dropped, err := w.refund(pi, 6000)
	require.NoError(t, err)
	dropped, err = w.stripe.Refunds.Cancel(dropped.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.RefundStatusCanceled, dropped.Status)
	_, err = w.stripe.Refunds.Cancel(dropped.ID, nil)
	require.ErrorContains(t, err, "cannot be canceled")

	w.clock.Add(time.Minute)
	kept, err = w.stripe.Refunds.Get(kept.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.RefundStatusSucceeded, kept.Status)
	require.NotNil(t, kept.BalanceTransaction)
	require.EqualValues(t, 4000, w.box.Charges("")[0].AmountRefunded)
	updated, err := w.stripe.Refunds.Update(kept.ID, &stripe.RefundParams{Metadata: map[string]string{"refund": "1"}})
	require.NoError(t, err)
	require.Equal(t, "1", updated.Metadata["refund"])
}
