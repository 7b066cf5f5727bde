package promise_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/payment"
	"tributary/domain/promise"
)

func TestAReasonIsOneSentenceForEveryCode(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		payment.CodeAuthentication, payment.CodeRefused, "insufficient_funds", "expired_card", "incorrect_number", "card_not_supported", "stop_payment_order",
		"no_such_payment_method", "processing_error", "duplicate_transaction", "card_velocity_exceeded", "do_not_honor", "generic_decline", "a_code_of_next_year",
	} {
		words := promise.Reason(code)
		require.NotEmpty(t, words, code)
		require.Equal(t, strings.ToUpper(words[:1]), words[:1], code)
		require.False(t, strings.HasSuffix(words, "."), code)
		require.NotContains(t, words, "_", code)
	}
}

func TestNothingThatWasDeclinedHasNoReason(t *testing.T) {
	t.Parallel()
	require.Empty(t, promise.Reason(""))
	require.Empty(t, promise.Reason(payment.CodeNeverArrived))
}

func TestAReasonKeepsABanksSuspicionToItself(t *testing.T) {
	t.Parallel()
	plain := promise.Reason("generic_decline")
	for _, code := range []string{"fraudulent", "lost_card", "stolen_card", "pickup_card", "highest_risk_level", "merchant_blacklist"} {
		require.Equal(t, plain, promise.Reason(code), code)
	}
}
