package stripecheck_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-mock/embedded"

	"tributary/app/platform/stripesandbox/stripecheck"
)

func request(t *testing.T, method, path, query string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://sandbox"+path+query, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer sk_test_x")
	r.Header.Set("Stripe-Version", "2023-10-16")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestRequestsThatStripeTakes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ method, path, query, body string }{
		{"POST", "/v1/refunds", "", "charge=ch_1&amount=100&metadata[a]=b&expand[]=balance_transaction"},
		{"GET", "/v1/refunds/re_1", "", ""},
		{"GET", "/v1/events", "?types[0]=charge.succeeded&created[gte]=5&limit=100", ""},
		{"POST", "/v1/checkout/sessions/cs_1/expire", "", ""},
		{"DELETE", "/v1/customers/cus_1", "", ""},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, stripecheck.Request(request(t, tc.method, tc.path, tc.query), tc.path, []byte(tc.body)))
		})
	}
}

func TestRequestsThatStripeRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, method, path, query, body, problem string }{
		{"unknown parameter", "POST", "/v1/refunds", "", "charge=ch_1&colour=green", "additional properties are not allowed"},
		{"unknown filter", "GET", "/v1/refunds", "?colour=green", "", "additional properties are not allowed"},
		{"missing parameter", "POST", "/v1/payment_intents", "", "amount=100", "is required"},
		{"amount in words", "POST", "/v1/refunds", "", "amount=ten", "parameters"},
		{"value out of the list", "POST", "/v1/refunds", "", "charge=ch_1&reason=whim", "parameters"},
		{"unknown path", "POST", "/v1/gifts", "", "", "no operation"},
		{"wrong method", "DELETE", "/v1/refunds/re_1", "", "", "no operation"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := stripecheck.Request(request(t, tc.method, tc.path, tc.query), tc.path, []byte(tc.body))
			require.ErrorContains(t, err, tc.problem)
		})
	}
	t.Run("other version", func(t *testing.T) {
		t.Parallel()
		r := request(t, "GET", "/v1/events", "")
		r.Header.Set("Stripe-Version", "2024-04-10")
		require.ErrorContains(t, stripecheck.Request(r, "/v1/events", nil), "2024-04-10")
	})
	t.Run("live key", func(t *testing.T) {
		t.Parallel()
		r := request(t, "GET", "/v1/events", "")
		r.Header.Set("Authorization", "Bearer sk_live_x")
		require.ErrorContains(t, stripecheck.Request(r, "/v1/events", nil), "Authorization")
	})
}

func example(t *testing.T, kind string) map[string]any {
	t.Helper()
	var file struct {
		Resources map[string]map[string]any `json:"resources"`
	}
	require.NoError(t, json.Unmarshal(embedded.OpenAPIFixtures, &file))
	return file.Resources[kind]
}

func TestObjectsUnlikeStripesAreFound(t *testing.T) {
	t.Parallel()
	charge := example(t, "charge")
	require.NoError(t, stripecheck.Object(charge))
	lacking, beyond, err := stripecheck.Keys("charge", charge)
	require.NoError(t, err)
	require.Empty(t, lacking)
	require.Empty(t, beyond)

	charge["amount"] = "100"
	require.Error(t, stripecheck.Object(charge), "an amount is a number")
	charge = example(t, "charge")
	delete(charge, "currency")
	require.Error(t, stripecheck.Object(charge), "a currency is required")
	charge = example(t, "charge")
	delete(charge, "outcome")
	charge["fee"] = 5
	require.NoError(t, stripecheck.Object(charge), "schemas do not see missing optional and surplus keys")
	lacking, beyond, err = stripecheck.Keys("charge", charge)
	require.NoError(t, err)
	require.Equal(t, []string{"outcome"}, lacking)
	require.Equal(t, []string{"fee"}, beyond)
}

func TestResponsesAreCheckedByTheirKind(t *testing.T) {
	t.Parallel()
	require.NoError(t, stripecheck.Response(402, []byte(`{"error":{"type":"card_error","code":"card_declined"}}`)))
	require.Error(t, stripecheck.Response(402, []byte(`{"error":{"type":"donor_error"}}`)))
	require.NoError(t, stripecheck.Response(200, []byte(`{"object":"list","data":[],"has_more":false,"url":"/v1/x"}`)))
	require.Error(t, stripecheck.Response(200, []byte(`{"object":"list","data":[{"object":"charge"}],"has_more":false,"url":"/v1/x"}`)))
	require.Error(t, stripecheck.Response(200, []byte(`{"object":"gift"}`)))
	require.Error(t, stripecheck.Response(200, []byte(`<html>`)))
	require.NoError(t, stripecheck.Response(200, []byte(`{"id":"cus_1","object":"customer","deleted":true}`)))
}
