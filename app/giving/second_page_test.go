package giving_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
)

// twoPages opens two pages of one gift: our clock is ahead, so the first one ended for us while it still takes money at Stripe.
func (w *world) twoPages() (d id.ID[donation.Donation], form donation.CheckoutRequest, first, second string) {
	w.t.Helper()
	form = w.form()
	started, first := w.start(form)
	w.expireHere(started.DonationID)
	_, second = w.start(form)
	require.NotEqual(w.t, first, second)
	return started.DonationID, form, first, second
}

func TestTheSecondPagePaidFirstStaysTheGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gift, _, first, second := w.twoPages()
	w.pay(second, visa)
	w.settle()
	w.clock.Advance(time.Second)
	w.pay(first, visa)
	w.settle()
	d := w.find(gift)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Equal(t, "second_charge", d.ReviewReason)
	require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
	refunds := w.sandbox.Refunds("")
	require.Len(t, refunds, 1)
	require.Equal(t, w.sandbox.Charges("")[1].ID, refunds[0].Charge, "what came later goes back")
}

func TestAGiftPaidTwiceCanStillBeRefunded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gift, _, first, second := w.twoPages()
	w.pay(second, visa)
	w.clock.Advance(time.Second)
	w.pay(first, visa)
	w.settle()
	require.Equal(t, int64(5000), w.find(gift).Refundable().Minor)
	_, err := w.giving.Refund(w.owner, gift, refundOf(5000))
	require.NoError(t, err)
	w.settle()
	require.Equal(t, donation.Refunded, w.find(gift).Status)
	require.Empty(t, w.balances())
}

func TestASecondChargePartlyReturnedElsewhereIsReturnedInFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gift, _, first, second := w.twoPages()
	w.pay(first, visa)
	w.settle()
	w.pay(second, visa)
	w.refundInDashboardOf(w.sandbox.Charges("")[1].ID, 2000)
	w.settle()
	require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
	require.Equal(t, donation.Succeeded, w.find(gift).Status)
}

func TestAnEndedPageInItsChallengeDoesNotHoldUpTheOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gift, _, first, second := w.twoPages()
	_, err := w.sandbox.PaySession(first, stripesandbox.Payment{Card: challenged})
	require.NoError(t, err)
	w.settle()
	w.pay(second, visa)
	w.settle()
	require.Equal(t, donation.Succeeded, w.find(gift).Status)
	require.Equal(t, int64(-5000), w.balances()["income"])
}

func TestABankDebitUnderwayIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	started, session := w.start(form)
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Bank: bankSucceeds})
	require.NoError(t, err)
	w.settle()
	require.Equal(t, donation.Processing, w.find(started.DonationID).Status)
	require.Empty(t, w.balances(), "nothing is booked while the bank decides")

	w.later(time.Hour)
	again, err := w.giving.StartCheckout(t.Context(), form)
	require.NoError(t, err)
	require.Contains(t, again.RedirectURL, "/thanks/")
	require.Len(t, w.find(started.DonationID).Attempts, 1)
	w.later(4 * 24 * time.Hour)
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, int64(-5000), w.balances()["income"])
}

func TestABankDebitThatFailsCanBePaidOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	started, session := w.start(form)
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Bank: bankFails})
	require.NoError(t, err)
	w.settle()
	w.later(5 * 24 * time.Hour)
	d := w.find(started.DonationID)
	require.Equal(t, donation.Failed, d.Status)
	require.Equal(t, "account_closed", d.Payments[0].FailureCode)
	require.Empty(t, w.balances())
	_, second := w.start(form)
	w.pay(second, visa)
	w.settle()
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, int64(-5000), w.balances()["income"])
}

// A slow answer: Stripe opens the page, but we hear of it only after the donor has sent the form again and got another page.
func TestAPageAnsweredTooLateIsRememberedAndNotHandedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	form := w.form()
	var again string
	w.whenCalled("POST /v1/checkout/sessions", func() {
		w.clock.Advance(time.Minute)
		_, again = w.start(form)
	})
	_, err := w.giving.StartCheckout(t.Context(), form)
	require.ErrorIs(t, err, payment.ErrUnavailable, "nobody gets a page that another one has replaced")
	require.NotEmpty(t, again)

	sessions := w.sandbox.Sessions("")
	require.Len(t, sessions, 2)
	for _, s := range sessions {
		w.pay(s.ID, visa) // even so its money is found
	}
	w.settle()
	require.Equal(t, 1, w.count("donations"))
	require.Equal(t, 2, w.count("payments"))
	require.Equal(t, int64(-5000), w.balances()["income"])
	require.Len(t, w.sandbox.Refunds(""), 1)
	require.NotContains(t, w.balances(), "suspense")
}

// The machine died between Stripe's answer and our commit, and yet the page was paid: its event alone leads to the gift.
func TestAPageWeForgotIsFoundByItsEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	w.exec("delete from stripe_objects")
	w.exec("update payment_attempts set session_id = null, session_url = '', state = 'created', expires_at = null")
	w.pay(session, visa)
	w.settle()
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, session, w.session(started.DonationID))
	require.Equal(t, int64(-5000), w.balances()["income"])
}

// The first page was paid, and its gift given back, while Stripe was still opening the second.
func TestAPageOpenedForAPaidGiftChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	form := w.form()
	started, first := w.start(form)
	w.expireHere(started.DonationID)
	w.whenCalled("POST /v1/checkout/sessions", func() {
		w.pay(first, visa)
		w.settle()
		_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(2000))
		require.NoError(t, err)
		w.settle()
	})
	again, err := w.giving.StartCheckout(t.Context(), form)
	require.NoError(t, err)
	require.Contains(t, again.RedirectURL, "/thanks/")
	d := w.find(started.DonationID)
	require.Equal(t, donation.PartiallyRefunded, d.Status)
	require.Equal(t, int64(2000), d.RefundedMinor)
}

func TestAnAnswerOlderThanWhatWeKnowChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	gift, _, first, second := w.twoPages()
	w.whenAnswered("GET /v1/checkout/sessions/"+second, func() { // read before it was paid, applied after
		w.pay(first, visa)
		w.pay(second, visa)
		w.settle()
		require.Equal(t, donation.Succeeded, w.find(gift).Status)
	})
	require.NoError(t, w.giving.Refresh(context.Background(), w.org.ID.UUID, gift.UUID))
	d := w.find(gift)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Zero(t, d.RefundedMinor, "the second charge that went back is not the gift's")
	for _, a := range d.Attempts {
		require.Equal(t, payment.AttemptSucceeded, a.State)
	}
	require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
}

func TestASecondChargeThatCannotGoBackIsNoIncome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gift, _, first, second := w.twoPages()
	w.pay(first, visa)
	w.settle()
	w.pay(second, "4000000000005126") // its refund fails later
	w.settle()
	w.later(time.Minute)
	d := w.find(gift)
	require.Equal(t, payment.RefundFailed, d.Refunds[0].Status)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Equal(t, "second_charge", d.ReviewReason)
	require.Equal(t, int64(-5000), w.balances()["income"])
	require.Equal(t, int64(-5000), w.balances()["suspense"], "for a person to look at")
	require.Len(t, w.sandbox.Refunds(""), 1, "it is not tried again and again")
}
