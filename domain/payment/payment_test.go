package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/payment"
)

func TestFactsMoveForwardInAnyOrder(t *testing.T) {
	t.Parallel()
	states := []payment.RefundStatus{payment.RefundRequested, payment.RefundPending, payment.RefundRequiresAction, payment.RefundSucceeded, payment.RefundFailed, payment.RefundCanceled}
	rapid.Check(t, func(t *rapid.T) {
		told := rapid.SliceOfN(rapid.SampledFrom(states), 1, 8).Draw(t, "told")
		shuffled := rapid.Permutation(told).Draw(t, "shuffled")
		require.Equal(t, fold(told), fold(shuffled))
	})
}

func fold(told []payment.RefundStatus) payment.RefundStatus {
	s := payment.RefundRequested
	for _, t := range told {
		s = s.Later(t)
	}
	return s
}

func TestAnAttemptFollowsItsPage(t *testing.T) {
	t.Parallel()
	intent := func(status string) *payment.Intent {
		return &payment.Intent{ID: "pi", Status: status, DeclineCode: "generic_decline"}
	}
	for _, tc := range []struct {
		name string
		from payment.AttemptState
		told payment.Session
		want payment.AttemptState
	}{
		{"open", payment.AttemptCreated, payment.Session{Status: payment.SessionOpen}, payment.AttemptOpen},
		{"declined, page still open", payment.AttemptOpen, payment.Session{Status: payment.SessionOpen, Intent: intent("requires_payment_method")}, payment.AttemptOpen},
		{"3-D Secure", payment.AttemptOpen, payment.Session{Status: payment.SessionOpen, Intent: intent("requires_action")}, payment.AttemptRequiresAction},
		{"paid", payment.AttemptOpen, payment.Session{Status: payment.SessionComplete, Paid: true, Intent: intent("succeeded")}, payment.AttemptSucceeded},
		{"complete and unpaid", payment.AttemptOpen, payment.Session{Status: payment.SessionComplete, Intent: intent("processing")}, payment.AttemptProcessing},
		{"over", payment.AttemptOpen, payment.Session{Status: payment.SessionExpired}, payment.AttemptExpired},
		{"paid stays paid", payment.AttemptSucceeded, payment.Session{Status: payment.SessionOpen}, payment.AttemptSucceeded},
		{"given up here, open at Stripe", payment.AttemptExpired, payment.Session{Status: payment.SessionOpen}, payment.AttemptExpired},
		{"a debit that failed", payment.AttemptProcessing, payment.Session{Status: payment.SessionComplete, Intent: intent("requires_payment_method")}, payment.AttemptFailed},
		{"a debit told late", payment.AttemptProcessing, payment.Session{Status: payment.SessionOpen}, payment.AttemptProcessing},
		{"given up here, a debit underway at Stripe", payment.AttemptExpired, payment.Session{Status: payment.SessionComplete, Intent: intent("processing")}, payment.AttemptProcessing},
		{"given up here, in its challenge at Stripe", payment.AttemptExpired, payment.Session{Status: payment.SessionOpen, Intent: intent("requires_action")}, payment.AttemptExpired},
		{"given up here, paid at Stripe", payment.AttemptExpired, payment.Session{Status: payment.SessionComplete, Paid: true}, payment.AttemptSucceeded},
	} {
		a := payment.Attempt{State: tc.from}
		a.Follow(tc.told, false)
		require.Equal(t, tc.want, a.State, tc.name)
	}
}

func TestASupersededAttemptOnlyEnds(t *testing.T) {
	t.Parallel()
	told := []payment.Session{
		{Status: payment.SessionOpen}, {Status: payment.SessionOpen, Intent: &payment.Intent{Status: "requires_action"}},
		{Status: payment.SessionComplete, Intent: &payment.Intent{Status: "processing"}},
	}
	for _, s := range told {
		a := payment.Attempt{State: payment.AttemptExpired}
		a.Follow(s, true)
		require.Equal(t, payment.AttemptExpired, a.State)
	}
	a := payment.Attempt{State: payment.AttemptExpired}
	a.Follow(payment.Session{Status: payment.SessionComplete, Paid: true}, true)
	require.Equal(t, payment.AttemptSucceeded, a.State, "money wins")
}
