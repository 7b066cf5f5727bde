package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/payment"
)

func TestDeclinesAreTriedAgainGivenUpOrConfirmed(t *testing.T) {
	t.Parallel()
	for kind, codes := range map[payment.Decline][]string{
		payment.SoftDecline: {
			"insufficient_funds", "generic_decline", "do_not_honor", "issuer_not_available", "processing_error", "try_again_later", "reenter_transaction",
			"card_velocity_exceeded", "withdrawal_count_limit_exceeded", "", "a_code_that_nobody_knows_yet",
		},
		payment.HardDecline: {
			"lost_card", "stolen_card", "pickup_card", "incorrect_number", "invalid_number", "revocation_of_authorization", "revocation_of_all_authorizations",
			"transaction_not_allowed", "highest_risk_level", "expired_card", "fraudulent", "restricted_card", "no_such_payment_method", payment.CodeRefused,
		},
		payment.AuthenticationDecline: {payment.CodeAuthentication},
	} {
		for _, code := range codes {
			require.Equal(t, kind, payment.DeclineOf(code), code)
		}
	}
}

func TestAChargeFollowsItsIntent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		from     payment.AttemptState
		intent   payment.Intent
		want     payment.AttemptState
		wantCode string
	}{
		{"paid", payment.AttemptCreated, payment.Intent{Status: "succeeded"}, payment.AttemptSucceeded, ""},
		{"paid after nobody knew", payment.AttemptUnknown, payment.Intent{Status: "succeeded"}, payment.AttemptSucceeded, ""},
		{"paid after it was withdrawn: money wins", payment.AttemptCancelled, payment.Intent{Status: "succeeded"}, payment.AttemptSucceeded, ""},
		{"paid after it had failed", payment.AttemptFailed, payment.Intent{Status: "succeeded"}, payment.AttemptSucceeded, ""},
		{"a bank takes its time", payment.AttemptCreated, payment.Intent{Status: "processing"}, payment.AttemptProcessing, ""},
		{"an old word of a failed one", payment.AttemptFailed, payment.Intent{Status: "processing"}, payment.AttemptFailed, ""},
		{"declined", payment.AttemptCreated, payment.Intent{Status: "requires_payment_method", DeclineCode: "lost_card"}, payment.AttemptFailed, "lost_card"},
		{"returned by the bank", payment.AttemptProcessing, payment.Intent{Status: "requires_payment_method", DeclineCode: "insufficient_funds"}, payment.AttemptFailed, "insufficient_funds"},
		{"the bank wants to see the donor", payment.AttemptCreated, payment.Intent{Status: "requires_action"}, payment.AttemptFailed, payment.CodeAuthentication},
		{"cancelled with its reason", payment.AttemptUnknown, payment.Intent{Status: "canceled", DeclineCode: payment.CodeAuthentication}, payment.AttemptFailed, payment.CodeAuthentication},
		{"an old word of a withdrawn one", payment.AttemptCancelled, payment.Intent{Status: "requires_payment_method", DeclineCode: "lost_card"}, payment.AttemptCancelled, ""},
		{"an old word of a paid one", payment.AttemptSucceeded, payment.Intent{Status: "requires_payment_method", DeclineCode: "lost_card"}, payment.AttemptSucceeded, ""},
	} {
		a := payment.Attempt{State: tc.from}
		tc.intent.ID = "pi_1"
		a.FollowIntent(tc.intent)
		require.Equal(t, tc.want, a.State, tc.name)
		require.Equal(t, tc.wantCode, a.DeclineCode, tc.name)
		require.Equal(t, "pi_1", *a.PaymentIntentID, tc.name)
		before := a
		a.FollowIntent(tc.intent)
		require.True(t, a.Same(before), "%s: told again changes nothing", tc.name)
	}
}
