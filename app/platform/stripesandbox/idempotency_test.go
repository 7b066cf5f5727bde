package stripesandbox_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

// call sends a form to the API without stripe-go, so that a test sees the headers.
func (w *world) call(path, key, form string, headers ...string) visit {
	w.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.server.URL+path, strings.NewReader(form))
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer "+apiKey)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return w.read(http.DefaultClient.Do(r))
}

const payForm = "amount=2000&currency=usd&confirm=true&payment_method=pm_card_visa"

func TestAnIdempotencyKeyReplaysTheFirstAnswer(t *testing.T) {
	t.Parallel()
	w := start(t)
	first := w.call("/v1/payment_intents", "k1", payForm)
	require.Equal(t, http.StatusOK, first.status)
	require.Empty(t, first.header.Get("Idempotent-Replayed"))
	require.Equal(t, "k1", first.header.Get("Idempotency-Key"))
	require.Equal(t, "2023-10-16", first.header.Get("Stripe-Version"))

	second := w.call("/v1/payment_intents", "k1", "payment_method=pm_card_visa&confirm=true&currency=usd&amount=2000")
	require.Equal(t, first.body, second.body, "the order of the parameters does not matter")
	require.Equal(t, "true", second.header.Get("Idempotent-Replayed"))
	require.Equal(t, first.header.Get("Request-Id"), second.header.Get("Original-Request"))
	require.NotEqual(t, first.header.Get("Request-Id"), second.header.Get("Request-Id"))
	require.Len(t, w.box.Charges(""), 1)

	other := w.call("/v1/payment_intents", "k1", payForm+"&description=x")
	require.Equal(t, http.StatusBadRequest, other.status)
	require.Contains(t, other.body, "idempotency_error")
	otherPath := w.call("/v1/customers", "k1", payForm)
	require.Contains(t, otherPath.body, "idempotency_error")

	elsewhere := w.call("/v1/payment_intents", "k1", payForm, "Stripe-Account", "acct_other")
	require.Equal(t, http.StatusOK, elsewhere.status)
	require.Empty(t, elsewhere.header.Get("Idempotent-Replayed"), "keys are per account")

	w.clock.Add(25 * time.Hour)
	require.Empty(t, w.call("/v1/payment_intents", "k1", payForm).header.Get("Idempotent-Replayed"), "keys are kept for a day")
	require.Len(t, w.box.Charges(""), 2)
	require.Equal(t, http.StatusBadRequest, w.call("/v1/customers", strings.Repeat("k", 256), "").status)
}

func TestADeclineIsReplayedAndAMalformedRequestIsNot(t *testing.T) {
	t.Parallel()
	w := start(t)
	declining := strings.Replace(payForm, "visa", "chargeDeclined", 1)
	first := w.call("/v1/payment_intents", "k1", declining)
	require.Equal(t, http.StatusPaymentRequired, first.status)
	second := w.call("/v1/payment_intents", "k1", declining)
	require.Equal(t, first.body, second.body)
	require.Equal(t, "true", second.header.Get("Idempotent-Replayed"))
	require.Len(t, w.box.Charges(""), 1)

	require.Equal(t, http.StatusBadRequest, w.call("/v1/payment_intents", "k2", "amount=2000").status)
	require.Equal(t, http.StatusOK, w.call("/v1/payment_intents", "k2", payForm).status, "nothing was kept")
}

func TestAKeyInUseIsAConflict(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.box.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultLatency, Delay: time.Hour})
	require.NoError(t, err)
	ctx, goOn := context.WithCancel(t.Context())
	slow := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/payment_intents", strings.NewReader(payForm))
	slow.Header.Set("Authorization", "Bearer "+apiKey)
	slow.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	slow.Header.Set("Idempotency-Key", "k1")
	answer := httptest.NewRecorder()
	var first sync.WaitGroup
	first.Go(func() { w.box.Handler().ServeHTTP(answer, slow) })
	require.Eventually(t, func() bool { return len(w.box.Faults()) == 0 }, time.Minute, time.Millisecond, "the first call holds the key and waits")

	second := w.call("/v1/payment_intents", "k1", payForm)
	require.Equal(t, http.StatusConflict, second.status)
	require.Contains(t, second.body, "idempotency_key_in_use")
	require.Equal(t, "true", second.header.Get("Stripe-Should-Retry"))
	goOn()
	first.Wait()
	require.Equal(t, http.StatusOK, answer.Code, "a caller who hangs up does not stop it")
	require.JSONEq(t, answer.Body.String(), w.call("/v1/payment_intents", "k1", payForm).body)
	require.Len(t, w.box.Charges(""), 1)
}

func TestAStoredServerErrorIsReplayedWhileThePaymentExists(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.box.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: http.StatusInternalServerError, Execute: true, Match: "POST /v1/payment_intents"})
	require.NoError(t, err)
	params := intentParams(2000, "usd")
	params.PaymentMethod, params.Confirm, params.IdempotencyKey = stripe.String("pm_card_visa"), stripe.Bool(true), stripe.String("inst:1:a1")
	params.Metadata = map[string]string{"attempt": "1"}
	for range 2 {
		_, err = w.stripe.PaymentIntents.New(params)
		e := requireStripeError(t, err, http.StatusInternalServerError)
		require.Equal(t, stripe.ErrorTypeAPI, e.Type)
	}
	listed := w.stripe.PaymentIntents.List(&stripe.PaymentIntentListParams{})
	require.True(t, listed.Next())
	require.Equal(t, "1", listed.PaymentIntent().Metadata["attempt"])
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, listed.PaymentIntent().Status)
	require.Len(t, w.box.Charges(""), 1)
}

func TestALostAnswerIsReplayedToTheRetryOfStripeGo(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.box.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultReset})
	require.NoError(t, err)
	pi := w.paidIntent(2000, "visa")
	require.Equal(t, stripe.PaymentIntentStatusSucceeded, pi.Status)
	require.Equal(t, "true", pi.LastResponse.Header.Get("Idempotent-Replayed"))
	require.Len(t, w.box.Charges(""), 1)
	require.Empty(t, w.box.Faults())
}

func TestErrorsBeforeExecutionStoreNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		fault   stripesandbox.Fault
		retried bool // stripe-go tries again by itself
	}{
		{"429 rate limit", stripesandbox.Fault{Status: http.StatusTooManyRequests}, false},
		{"429 lock timeout", stripesandbox.Fault{Status: http.StatusTooManyRequests, Code: "lock_timeout"}, true},
		{"500", stripesandbox.Fault{Status: http.StatusInternalServerError}, false},
		{"503", stripesandbox.Fault{Status: http.StatusServiceUnavailable}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			tc.fault.Kind, tc.fault.Count = stripesandbox.FaultError, 2
			_, err := w.box.Inject(tc.fault)
			require.NoError(t, err)
			params := intentParams(2000, "usd")
			params.PaymentMethod, params.Confirm, params.IdempotencyKey = stripe.String("pm_card_visa"), stripe.Bool(true), stripe.String("k1")
			_, err = w.stripe.PaymentIntents.New(params)
			if tc.retried {
				require.NoError(t, err)
			} else {
				requireStripeError(t, err, tc.fault.Status)
				require.Empty(t, w.box.Charges(""))
				w.box.ClearFaults(0)
				_, err = w.stripe.PaymentIntents.New(params)
				require.NoError(t, err)
			}
			require.Len(t, w.box.Charges(""), 1)
		})
	}
	w := start(t)
	for _, f := range []stripesandbox.Fault{
		{Kind: "whim"}, {Kind: stripesandbox.FaultError, Status: 404}, {Kind: stripesandbox.FaultDelay}, {Kind: stripesandbox.FaultDrop, Count: -1},
	} {
		_, err := w.box.Inject(f)
		require.Error(t, err)
	}
}

func TestTheKeyTheVersionAndTheFormAreChecked(t *testing.T) {
	t.Parallel()
	w := start(t)
	_, err := w.client("sk_test_wrongkeywrongkey", nil).Customers.New(nil)
	e := requireStripeError(t, err, http.StatusUnauthorized)
	require.Contains(t, e.Msg, "Invalid API Key provided: sk_test_")
	require.NotContains(t, e.Msg, "wrongkeywrongkey")
	require.Equal(t, http.StatusUnauthorized, w.call("/v1/customers", "", "", "Authorization", "").status)
	require.Equal(t, http.StatusBadRequest, w.call("/v1/customers", "", "", "Stripe-Version", "2024-04-10").status)
	require.Equal(t, http.StatusBadRequest, w.call("/v1/customers", "", "{}", "Content-Type", "application/json").status)
	require.Equal(t, http.StatusBadRequest, w.call("/v1/customers", "", "email[=x").status)
	require.Equal(t, http.StatusBadRequest, w.call("/v1/customers", "", "metadata[a][b]=x").status)
	require.Equal(t, http.StatusForbidden, w.call("/v1/customers", "", "", "Stripe-Account", "nobody").status)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.call("/v1/customers", "", "name="+strings.Repeat("x", 2<<20)).status)
	unknown := w.call("/v1/gifts", "", "")
	require.Equal(t, http.StatusNotFound, unknown.status)
	require.Contains(t, unknown.body, "Unrecognized request URL (POST: /v1/gifts)")

	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/customers", bytes.NewReader(nil))
	r.SetBasicAuth(apiKey, "")
	recorder := httptest.NewRecorder()
	w.box.Handler().ServeHTTP(recorder, r)
	require.Equal(t, http.StatusOK, recorder.Code, "the key may also be the name of basic authentication")
}
