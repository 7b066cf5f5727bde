package giving_test

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/database"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripesandbox"
	"tributary/app/reporting"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// signed returns the sandbox's events in the order they happened, as Stripe would deliver them.
func (w *world) signed() (bodies [][]byte, signatures []string) {
	w.t.Helper()
	endpoint := w.sandbox.Endpoints()[0].ID
	events := w.sandbox.Events("")
	for i := len(events) - 1; i >= 0; i-- {
		body, signature, err := w.sandbox.Sign(events[i].ID, endpoint)
		require.NoError(w.t, err)
		bodies, signatures = append(bodies, body), append(signatures, signature)
	}
	return bodies, signatures
}

func TestTheSameEventAnyNumberOfTimesIsOneGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	w.pay(session, visa)
	bodies, signatures := w.signed()
	var group sync.WaitGroup
	errs := make(chan error, 50*len(bodies))
	for range 50 {
		for i := range bodies {
			group.Go(func() { errs <- w.giving.Receive(context.Background(), bodies[i], signatures[i]) })
		}
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	w.settle()
	require.Equal(t, len(bodies), w.countEvents())
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, 1, w.count("ledger_transactions"))
	require.Equal(t, 1, w.receipts.asked[started.DonationID.UUID])
}

func TestTheOrderOfEventsDoesNotMatter(t *testing.T) {
	t.Parallel()
	types := []string{"checkout.session.completed", "payment_intent.succeeded", "charge.succeeded"}
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		w := newWorld(t)
		started, session := w.start(w.form())
		w.pay(session, visa)
		bodies, signatures := w.signed()
		for _, n := range order {
			for i := range bodies {
				if bytes.Contains(bodies[i], []byte(`"`+types[n]+`"`)) {
					require.NoError(t, w.giving.Receive(t.Context(), bodies[i], signatures[i]))
					queueDrain(w)
				}
			}
			require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status, "the first of them is enough")
		}
		require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
		require.Equal(t, 1, w.count("ledger_transactions"))
	}
}

func TestARefundToldBeforeItsGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	w.pay(session, visa)
	w.refundInDashboard(5000)
	bodies, signatures := w.signed()
	for i := len(bodies) - 1; i >= 0; i-- {
		require.NoError(t, w.giving.Receive(t.Context(), bodies[i], signatures[i]))
		queueDrain(w)
	}
	require.Equal(t, donation.Refunded, w.find(started.DonationID).Status)
	require.Equal(t, 3, w.count("ledger_transactions"), "the gift, the refund, its settlement")
	require.Empty(t, w.balances())
}

func TestAnEventAheadOfOurOwnCommitWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	w.pay(session, visa)
	hidden := w.hide(started.DonationID)
	w.settle()
	require.Positive(t, w.eventsIn(payment.EventParked))
	hidden()
	w.clock.Advance(time.Minute)
	w.makeParkedDue()
	w.settle()
	require.Zero(t, w.eventsIn(payment.EventParked))
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
}

func TestMoneyOfNothingOfOursGoesToSuspenseAfterADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	w.foreignCharge()
	w.later(2 * time.Minute) // its fee is told, too
	require.Positive(t, w.eventsIn(payment.EventParked))
	w.clock.Advance(25 * time.Hour)
	w.makeParkedDue()
	w.settle()
	require.Zero(t, w.eventsIn(payment.EventParked))
	require.Positive(t, w.eventsIn(payment.EventFailed))
	require.Equal(t, map[string]int64{"stripe_clearing": 941, "suspense": -941}, w.balances(), "10.00 less 2.9 % and 30 cents")
	require.Equal(t, w.stripeBalance(), w.balances()["stripe_clearing"])
	require.Equal(t, 1, w.count("ledger_transactions"), "however many events told of it")
}

func TestReceiveBelievesOnlyWhatStripeSignedJustNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, session := w.start(w.form())
	w.pay(session, visa)
	bodies, signatures := w.signed()
	body, signature := bodies[0], signatures[0]
	refuse := func(name string, body []byte, signature string) {
		t.Helper()
		require.ErrorIs(t, w.giving.Receive(t.Context(), body, signature), payment.ErrBadSignature, name)
	}
	refuse("no header", body, "")
	refuse("only v0", body, strings.ReplaceAll(signature, "v1=", "v0="))
	refuse("another secret", body, signature[:len(signature)-4]+"0000")
	refuse("a truncated body", body[:len(body)-2], signature)
	refuse("another body", bytes.Replace(body, []byte(`"evt_`), []byte(`"evx_`), 1), signature)
	refuse("the same body, written again", append([]byte(" "), body...), signature)
	w.clock.Advance(301 * time.Second)
	refuse("301 seconds old", body, signature)
	w.clock.Advance(-2 * time.Hour)
	refuse("an hour ahead", body, signature)
	require.Zero(t, w.countEvents(), "nothing is stored")
	w.clock.Advance(2*time.Hour - 301*time.Second)
	require.NoError(t, w.giving.Receive(t.Context(), body, signature))
}

func TestARetryWithAFreshSignatureIsAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, session := w.start(w.form())
	w.pay(session, visa)
	w.clock.Advance(10 * time.Minute)
	bodies, signatures := w.signed() // signed now, though the events are ten minutes old
	require.NoError(t, w.giving.Receive(t.Context(), bodies[0], signatures[0]))
}

func TestStrangeMoneyGoesToReviewAndSuspense(t *testing.T) {
	t.Parallel()
	for name, tamper := range map[string]string{
		"amount":   "update donations set amount_minor = amount_minor + 1 where id = $1",
		"currency": "update donations set amount_currency = 'EUR' where id = $1",
	} {
		w := newWorld(t)
		started, session := w.start(w.form())
		w.inTx(func(tx database.Tx) error {
			_, err := tx.Exec(context.Background(), tamper, started.DonationID)
			return err
		})
		w.pay(session, visa)
		w.settle()
		d := w.find(started.DonationID)
		require.Equal(t, donation.Review, d.Status, name)
		require.Equal(t, name, d.ReviewReason)
		require.Equal(t, map[string]int64{"stripe_clearing": 5000, "suspense": -5000}, w.balances())
		require.Zero(t, w.receipts.asked[d.ID.UUID], "no receipt for what we cannot explain")

		_, err := w.giving.Refund(w.owner, d.ID, refundOf(5000))
		require.NoError(t, err)
		w.settle()
		require.Empty(t, w.balances(), "suspense is cleared when the money goes back")
	}
}

func TestAGiftPaidTwiceIsGivenBackOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	started, first := w.start(form)
	w.expireHere(started.DonationID) // our clock is ahead: we open a second page while Stripe's first is still open
	_, second := w.start(form)
	w.pay(first, visa)
	w.pay(second, visa)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Equal(t, "second_charge", d.ReviewReason)
	require.Len(t, w.sandbox.Refunds(""), 1)
	require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
	require.Zero(t, d.RefundedMinor, "the gift itself stands")
	require.Equal(t, int64(5000), d.Refundable().Minor)
}

func TestAnOutageIsCaughtUpByListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sandbox.PauseWebhooks(true)
	const gifts = 12
	for range gifts {
		_, session := w.start(w.form())
		w.pay(session, visa)
	}
	w.clock.Advance(3 * 24 * time.Hour)
	require.NoError(t, w.giving.Sweep(t.Context()))
	queueDrain(w)
	require.Equal(t, int64(-5000*gifts), w.balances()["income"])
	require.Equal(t, gifts, w.count("donations"))
}

func TestPayoutsMoveThroughTransitToTheBank(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.given()
	w.later(2 * time.Minute)
	w.later(3 * 24 * time.Hour)
	payout, err := w.sandbox.CreatePayout("", "usd")
	require.NoError(t, err)
	w.settle()
	require.Equal(t, map[string]int64{"cash_in_transit": 4825, "income": -5000, "processing_fees": 175}, w.balances())
	require.ErrorIs(t, w.giving.MatchPayout(w.owner, payout.ID), payment.ErrPayoutNotPaid)
	require.NoError(t, w.sandbox.ArrivePayout(payout.ID))
	w.settle()
	for range 2 {
		require.NoError(t, w.giving.MatchPayout(w.owner, payout.ID))
	}
	require.Equal(t, map[string]int64{"bank": 4825, "income": -5000, "processing_fees": 175}, w.balances())
	require.NoError(t, w.sandbox.FailPayout(payout.ID))
	w.settle()
	require.Equal(t, map[string]int64{"stripe_clearing": 4825, "income": -5000, "processing_fees": 175}, w.balances())
	require.Equal(t, w.stripeBalance(), w.balances()["stripe_clearing"])
}

func TestFeesFollowWhenStripeIsSlowAndFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	started, session := w.start(w.form())
	w.pay(session, visa)
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Count: 1, Match: "GET /v1/checkout/sessions"})
	require.NoError(t, err)
	w.settle() // stripe-go repeats a failed GET by itself
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, money.New(5000, "USD"), w.find(started.DonationID).Amount)
}

func TestWhatCannotBeAppliedIsKeptForStaffToSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(2000))
	require.NoError(t, err)
	w.settle()
	w.exec("update refunds set amount_minor = 1999 where donation_id = $1", started.DonationID) // as if Stripe told of another amount
	for _, e := range w.sandbox.Events("") {
		require.NoError(t, w.sandbox.Replay(e.ID))
	}
	w.refundInDashboard(100)
	require.NoError(t, w.sandbox.DrainWebhooks(t.Context()))
	require.NotEmpty(t, queuetest.Run(t, w.jobs), "it is logged")
	today, err := reporting.New(w.db, scene.Directory{DB: w.db}, w.clock.Now).Today(w.owner)
	require.NoError(t, err)
	require.NotEmpty(t, today.Attention)
	require.Equal(t, "event_failed", today.Attention[0].Kind)
	require.Equal(t, donation.ErrRefundDiffers.Code, today.Attention[0].Detail)
	require.Equal(t, started.DonationID.UUID, *today.Attention[0].DonationID)
}

func TestTheTextOfOldEventsIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.given()
	require.Zero(t, w.platformCount("select count(*) from stripe_events where payload = '{}'::jsonb"))
	w.clock.Advance(91 * 24 * time.Hour)
	require.NoError(t, w.giving.Sweep(t.Context()))
	require.Zero(t, w.platformCount("select count(*) from stripe_events where payload <> '{}'::jsonb"))
}
