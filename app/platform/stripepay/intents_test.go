package stripepay_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/money"
	"tributary/domain/payment"
)

func TestASavedCardIsCharged(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	for range 2 { // the second is the same call again
		got, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
		require.NoError(t, err)
		require.Equal(t, "succeeded", got.Status)
		require.Empty(t, got.DeclineCode)
		require.Equal(t, map[string]string{"instalment": "i1", "attempt": "1"}, got.Metadata)
		require.Equal(t, now, got.CreatedAt)
		require.Equal(t, payment.ChargeSucceeded, got.Charge.Status)
		require.Equal(t, money.New(2500, "USD"), got.Charge.Amount)
		require.Equal(t, "4242", got.Charge.Last4)
	}
	require.Len(t, s.box.Charges(""), 1)
	require.Equal(t, "Monthly gift", *s.box.Charges("")[0].Description)
}

func TestADeclineIsAnAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ number, code string }{
		{"4000000000000002", "generic_decline"},
		{"4000000000009995", "insufficient_funds"},
		{"4000000000009987", "lost_card"},
		{"4000000000000069", "expired_card"},
		{"4000000000000119", "processing_error"},
		{"4000000000006975", "card_velocity_exceeded"},
		{"4000002760003184", "authentication_required"},
	} {
		t.Run(tc.code, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			card := s.save("4242424242424242")
			require.NoError(t, s.box.SetBehaviour(card.ID, tc.number))
			got, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
			require.NoError(t, err)
			require.NotEmpty(t, got.ID)
			require.Equal(t, "requires_payment_method", got.Status)
			require.Equal(t, tc.code, got.DeclineCode)
			require.Equal(t, map[string]string{"instalment": "i1", "attempt": "1"}, got.Metadata)
			require.Equal(t, now, got.CreatedAt)
			require.NoError(t, s.box.SetBehaviour(card.ID, "4242424242424242"))
			again, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
			require.NoError(t, err)
			require.Equal(t, got, again, "a decline is kept under its key")
			fetched, err := s.Intent(t.Context(), "", got.ID)
			require.NoError(t, err)
			require.Equal(t, tc.code, fetched.DeclineCode)
			require.Equal(t, payment.ChargeFailed, fetched.Charge.Status)
			require.Nil(t, fetched.Saved)
		})
	}
}

func TestACardThatIsGoneIsNotChargedAndSaysSo(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	stranger := s.save("5555555555554444")
	for name, change := range map[string]func(p *payment.ChargeParams){
		"an unknown card":          func(p *payment.ChargeParams) { p.PaymentMethodID = "pm_none" },
		"an unknown customer":      func(p *payment.ChargeParams) { p.CustomerID = "cus_none" },
		"somebody else's customer": func(p *payment.ChargeParams) { p.CustomerID = stranger.CustomerID },
	} {
		params := chargeOf(card, 2500)
		change(&params)
		_, err := s.ChargeSaved(t.Context(), "", "inst:1:"+name, params)
		require.ErrorIs(t, err, payment.ErrUnknownObject, name)
	}
	require.NoError(t, s.box.DetachCard(card.ID))
	_, err := s.ChargeSaved(t.Context(), "", "inst:2:a1", chargeOf(card, 2500))
	require.ErrorIs(t, err, payment.ErrRefused, "Stripe gives no code for a detached card")
	_, err = s.ChargeSaved(t.Context(), "", "inst:3:a1", chargeOf(stranger, 20))
	require.ErrorIs(t, err, payment.ErrRefused, "too small")
	require.Empty(t, s.box.Charges(""))
}

func TestALostAnswerIsFoundByKeyOrByList(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]stripesandbox.Fault{
		"a server's error that is kept": {Kind: stripesandbox.FaultError, Status: 500, Execute: true},
		"a server's error":              {Kind: stripesandbox.FaultError, Status: 500},
		"too many calls":                {Kind: stripesandbox.FaultError, Status: 429},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			card := s.save("4242424242424242")
			fault.Match = "POST /v1/payment_intents"
			_, err := s.box.Inject(fault)
			require.NoError(t, err)
			_, err = s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
			require.ErrorIs(t, err, payment.ErrUnavailable)
			_, err = s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
			if fault.Execute {
				require.ErrorIs(t, err, payment.ErrUnavailable, "Stripe repeats its error for a day")
			} else {
				require.NoError(t, err)
			}
			var found []payment.Intent
			require.NoError(t, s.IntentsOf(t.Context(), "", card.CustomerID, now.Add(-time.Minute), func(i payment.Intent) error {
				found = append(found, i)
				return nil
			}))
			require.Len(t, found, 1)
			require.Equal(t, "succeeded", found[0].Status)
			require.Equal(t, "1", found[0].Metadata["attempt"])
			require.Equal(t, int64(2500), found[0].Charge.Amount.Minor)
		})
	}
}

func TestACallUnderAnotherCallsKeyIsUnknown(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	_, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
	require.NoError(t, err)
	_, err = s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2600))
	require.ErrorIs(t, err, payment.ErrUnavailable)
	require.Len(t, s.box.Charges(""), 1)
}

func TestIntentsOfACustomerAreListedSinceATime(t *testing.T) {
	t.Parallel()
	s := open(t)
	card, other := s.save("4242424242424242"), s.save("5555555555554444")
	charge := func(of payment.SavedMethod, n int) {
		params := chargeOf(of, int64(1000+n))
		params.Metadata["attempt"] = fmt.Sprint(n)
		_, err := s.ChargeSaved(t.Context(), "", fmt.Sprintf("inst:%s:a%d", of.ID, n), params)
		require.NoError(t, err)
	}
	charge(card, 0)
	s.clock.Add(time.Hour)
	since := s.clock.Now()
	for n := 1; n <= 120; n++ { // more than Stripe lists at once
		charge(card, n)
	}
	charge(other, 0)
	var found []string
	require.NoError(t, s.IntentsOf(t.Context(), "", card.CustomerID, since, func(i payment.Intent) error {
		found = append(found, i.Metadata["attempt"])
		return nil
	}))
	require.Len(t, found, 120)
	require.Equal(t, "120", found[0], "newest first")
	require.Equal(t, "1", found[119])

	enough, calls := errors.New("enough"), 0
	require.ErrorIs(t, s.IntentsOf(t.Context(), "", card.CustomerID, since, func(payment.Intent) error {
		calls++
		return enough
	}), enough)
	require.Equal(t, 1, calls)
}

func TestAnIntentIsCancelledUnlessItSucceeded(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	require.NoError(t, s.box.DeclineNext(card.ID, "insufficient_funds", 1))
	declined, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(card, 2500))
	require.NoError(t, err)
	for range 2 { // the second finds it cancelled
		cancelled, err := s.CancelIntent(t.Context(), "", declined.ID)
		require.NoError(t, err)
		require.Equal(t, "canceled", cancelled.Status)
		require.Equal(t, "insufficient_funds", cancelled.DeclineCode)
	}
	paid, err := s.ChargeSaved(t.Context(), "", "inst:1:a2", chargeOf(card, 2500))
	require.NoError(t, err)
	kept, err := s.CancelIntent(t.Context(), "", paid.ID)
	require.NoError(t, err)
	require.Equal(t, "succeeded", kept.Status, "money wins")
	require.Equal(t, int64(2500), kept.Charge.Amount.Minor)
	_, err = s.CancelIntent(t.Context(), "", "pi_none")
	require.ErrorIs(t, err, payment.ErrUnknownObject)
}

// answering is a gateway to a Stripe that always answers the same.
func answering(t *testing.T, status int, body string) *stripepay.Gateway {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Stripe-Should-Retry", "false")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return gateway(t, func(c *stripepay.Config) { c.BaseURL = server.URL })
}

// TestANetworksAdviceIsHeeded: newer answers of Stripe carry the advice of the card's network, which the sandbox's version does not know.
func TestANetworksAdviceIsHeeded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ decline, advice, want string }{
		{"generic_decline", "do_not_try_again", "transaction_not_allowed"},
		{"generic_decline", "try_again_later", "generic_decline"},
		{"generic_decline", "", "generic_decline"},
		{"lost_card", "do_not_try_again", "lost_card"},
		{"authentication_required", "do_not_try_again", "authentication_required"},
	} {
		failure := fmt.Sprintf(`{"type":"card_error","code":"card_declined","decline_code":%q,"advice_code":%q`, tc.decline, tc.advice)
		intent := fmt.Sprintf(`{"id":"pi_1","object":"payment_intent","status":"requires_payment_method","created":1795359600,"last_payment_error":%s}}`, failure)
		got, err := answering(t, 402, `{"error":`+failure+`,"payment_intent":`+intent+`}}`).ChargeSaved(t.Context(), "", "inst:1:a1", payment.ChargeParams{})
		require.NoError(t, err)
		require.Equal(t, "pi_1", got.ID)
		require.Equal(t, tc.want, got.DeclineCode, tc)
		require.Equal(t, tc.want == tc.decline, payment.DeclineOf(got.DeclineCode) == payment.DeclineOf(tc.decline), tc)
		fetched, err := answering(t, 200, intent).Intent(t.Context(), "", "pi_1")
		require.NoError(t, err)
		require.Equal(t, tc.want, fetched.DeclineCode, tc)
	}
}

func TestEveryAnswerToAChargeHasItsKind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"error":{"type":"invalid_request_error","code":"amount_too_small","param":"amount"}}`, payment.ErrRefused},
		{400, `{"error":{"type":"invalid_request_error","code":"resource_missing","param":"payment_method"}}`, payment.ErrUnknownObject},
		{400, `{"error":{"type":"invalid_request_error","param":"customer"}}`, payment.ErrUnknownObject},
		{400, `{"error":{"type":"idempotency_error"}}`, payment.ErrUnavailable},
		{402, `{"error":{"type":"card_error","code":"card_declined"}}`, payment.ErrRefused},
		{404, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, payment.ErrUnknownObject},
		{401, `{"error":{"type":"invalid_request_error"}}`, payment.ErrUnavailable},
		{409, `{"error":{"type":"idempotency_error","code":"idempotency_key_in_use"}}`, payment.ErrUnavailable},
		{429, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, payment.ErrUnavailable},
		{500, `{"error":{"type":"api_error"}}`, payment.ErrUnavailable},
		{503, `{"error":{"type":"api_error"}}`, payment.ErrUnavailable},
		{502, `<html>a proxy's page</html>`, payment.ErrUnavailable},
	} {
		_, err := answering(t, tc.status, tc.body).ChargeSaved(t.Context(), "", "inst:1:a1", payment.ChargeParams{})
		require.ErrorIs(t, err, tc.want, "%d %s", tc.status, tc.body)
	}
}
