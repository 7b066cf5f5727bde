package stripepay_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"

	"tributary/app/platform/stripepay"
	"tributary/domain/payment"
)

const (
	oldSecret = "whsec_0123456789abcdef"
	newSecret = "whsec_fedcba9876543210"
	event     = `{"id":"evt_1","object":"event","api_version":"2020-08-27","created":1795359600,"livemode":false,"type":"charge.updated","data":{"object":{"id":"ch_1","note":"a\u0000b"}}}`
)

var now = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

func gateway(t *testing.T, change func(*stripepay.Config)) *stripepay.Gateway {
	t.Helper()
	c := stripepay.Config{APIKey: "sk_test_x", WebhookSecrets: []string{newSecret, oldSecret}, Now: func() time.Time { return now }}
	if change != nil {
		change(&c)
	}
	g, err := stripepay.New(c)
	require.NoError(t, err)
	return g
}

func sign(secret string, at time.Time) string {
	return webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(event), Secret: secret, Timestamp: at}).Header
}

func TestNoGatewayWithoutItsSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]stripepay.Config{
		"no key":              {WebhookSecrets: []string{newSecret}},
		"an empty secret":     {APIKey: "sk_test_x", WebhookSecrets: []string{newSecret, ""}},
		"no secret, a prefix": {APIKey: "sk_test_x", WebhookSecrets: []string{"whsec_"}},
		"an API key instead":  {APIKey: "sk_test_x", WebhookSecrets: []string{"sk_test_0123456789abcdef"}},
	} {
		_, err := stripepay.New(c)
		require.Error(t, err, name)
	}
}

func TestBothSecretsCountDuringARoll(t *testing.T) {
	t.Parallel()
	during, after := gateway(t, nil), gateway(t, func(c *stripepay.Config) { c.WebhookSecrets = []string{newSecret} })
	both := sign(oldSecret, now) + ",v1=" + strings.Split(sign(newSecret, now), "v1=")[1]
	for name, header := range map[string]string{"old": sign(oldSecret, now), "new": sign(newSecret, now), "both": both} {
		_, err := during.ParseEvent([]byte(event), header)
		require.NoError(t, err, name)
	}
	_, err := after.ParseEvent([]byte(event), both)
	require.NoError(t, err)
	_, err = after.ParseEvent([]byte(event), sign(oldSecret, now))
	require.ErrorIs(t, err, payment.ErrBadSignature)
}

func TestASignatureIsOfThisMomentAndNamesOne(t *testing.T) {
	t.Parallel()
	g := gateway(t, nil)
	for name, tc := range map[string]struct {
		header string
		ok     bool
	}{
		"now":                         {sign(newSecret, now), true},
		"five minutes old":            {sign(newSecret, now.Add(-300*time.Second)), true},
		"older":                       {sign(newSecret, now.Add(-301*time.Second)), false},
		"an hour ahead":               {sign(newSecret, now.Add(time.Hour)), false},
		"old, with a new time before": {fmt.Sprintf("t=%d,%s", now.Unix(), sign(newSecret, now.Add(-time.Hour))), false},
		"old, with a new time after":  {fmt.Sprintf("%s,t=%d", sign(newSecret, now.Add(-time.Hour)), now.Unix()), false},
		"without a time":              {"v1=" + strings.Split(sign(newSecret, now), "v1=")[1], false},
		"nothing":                     {"", false},
	} {
		e, err := g.ParseEvent([]byte(event), tc.header)
		if !tc.ok {
			require.ErrorIs(t, err, payment.ErrBadSignature, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, "ch_1", e.ObjectID)
		require.NotContains(t, string(e.Payload), `\u0000`, "PostgreSQL could not store it")
	}
}

func TestEveryAnswerHasItsKind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		body   string
		want   error
	}{
		{400, `{"error":{"type":"invalid_request_error","message":"no"}}`, payment.ErrRefused},
		{402, `{"error":{"type":"card_error","message":"no"}}`, payment.ErrRefused},
		{404, `{"error":{"type":"invalid_request_error","code":"resource_missing"}}`, payment.ErrUnknownObject},
		{400, `{"error":{"type":"idempotency_error","message":"other parameters"}}`, payment.ErrUnavailable},
		{401, `{"error":{"type":"invalid_request_error"}}`, payment.ErrUnavailable},
		{403, `{"error":{"type":"invalid_request_error"}}`, payment.ErrUnavailable},
		{429, `{"error":{"type":"invalid_request_error","code":"rate_limit"}}`, payment.ErrUnavailable},
		{500, `{"error":{"type":"api_error"}}`, payment.ErrUnavailable},
		{200, `<html>a proxy's page</html>`, payment.ErrUnavailable},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Stripe-Should-Retry", "false")
			w.WriteHeader(tc.status)
			_, _ = w.Write([]byte(tc.body))
		}))
		t.Cleanup(server.Close)
		g := gateway(t, func(c *stripepay.Config) { c.BaseURL = server.URL })
		_, err := g.CreateRefund(t.Context(), "", "rf:1", payment.RefundParams{ChargeID: "ch_1", Amount: 100})
		require.ErrorIs(t, err, tc.want, "%d %s", tc.status, tc.body)
		require.NotContains(t, err.Error(), "message")
	}
}
