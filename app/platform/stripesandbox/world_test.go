package stripesandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"github.com/stripe/stripe-go/v76/webhook"

	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/stripesandbox/stripecheck"
)

const apiKey = "sk_test_sandboxkey"

// clock is a clock that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a running sandbox, a stripe-go client of it, and a webhook receiver.
type world struct {
	t        *testing.T
	box      *stripesandbox.Sandbox
	clock    *clock
	server   *httptest.Server
	stripe   *client.API
	receiver *receiver
}

func start(t *testing.T) *world { return startWith(t, stripesandbox.Options{}) }

func startWith(t *testing.T, opts stripesandbox.Options) *world {
	t.Helper()
	w := &world{t: t, clock: newClock()}
	opts.Now, opts.APIKey, opts.Manual = w.clock.Now, apiKey, true
	if opts.HTTPClient == nil {
		opts.HTTPClient = browser() // without a timeout: the receiver's first check loads Stripe's whole specification, which takes its time
	}
	if opts.SignedAt == nil {
		opts.SignedAt = time.Now // stripe-go compares with the real clock
	}
	box, err := stripesandbox.New(opts)
	require.NoError(t, err)
	w.box = box
	w.server = httptest.NewServer(box.Handler())
	t.Cleanup(func() {
		w.server.Close()
		require.NoError(t, box.Close())
	})
	w.stripe = w.client(apiKey, stripecheck.Transport(t, nil))
	w.receiver = newReceiver(t)
	return w
}

// client builds stripe-go as the program does: each backend from a BackendConfig of its own.
func (w *world) client(key string, transport http.RoundTripper) *client.API {
	build := func(kind stripe.SupportedBackend) stripe.Backend {
		b := stripe.GetBackendWithConfig(kind, &stripe.BackendConfig{
			URL: stripe.String(w.server.URL), HTTPClient: &http.Client{Transport: transport}, MaxNetworkRetries: stripe.Int64(2),
			EnableTelemetry: stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		})
		if implementation, ok := b.(*stripe.BackendImplementation); ok {
			implementation.SetNetworkRetriesSleep(false)
		}
		return b
	}
	return client.New(key, &stripe.Backends{
		API: build(stripe.APIBackend), Connect: build(stripe.ConnectBackend), Uploads: build(stripe.UploadsBackend),
	})
}

// receiver is a webhook endpoint that keeps what it accepts.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	secret string
	events []stripe.Event
	status int
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{secret: "whsec_test_receiver", status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err != nil || r.status != http.StatusOK {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		event, err := webhook.ConstructEventWithOptions(body, req.Header.Get("Stripe-Signature"), r.secret, webhook.ConstructEventOptions{Tolerance: 5 * time.Minute})
		var o map[string]any
		if err == nil {
			err = json.Unmarshal(body, &o)
		}
		if err == nil {
			err = stripecheck.Object(o)
		}
		if err != nil {
			t.Errorf("webhook: %v", err)
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.events = append(r.events, event)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// take returns the types received since the last take.
func (r *receiver) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	types := []string{}
	for _, e := range r.events {
		types = append(types, string(e.Type))
	}
	r.events = nil
	return types
}

func (w *world) listen() stripesandbox.Endpoint {
	w.t.Helper()
	endpoint, err := w.box.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.receiver.URL, Secret: w.receiver.secret})
	require.NoError(w.t, err)
	return endpoint
}

func (w *world) drain() {
	w.t.Helper()
	require.NoError(w.t, w.box.DrainWebhooks(context.Background()))
}

func sessionParams(amount int64) *stripe.CheckoutSessionParams {
	return &stripe.CheckoutSessionParams{
		Mode: stripe.String("payment"), SubmitType: stripe.String("donate"), ClientReferenceID: stripe.String("donation-1"),
		CustomerCreation: stripe.String("always"), CustomerEmail: stripe.String("jo@example.org"),
		SuccessURL: stripe.String("https://give.example.org/thanks?cs={CHECKOUT_SESSION_ID}"), CancelURL: stripe.String("https://give.example.org/page"),
		LineItems: []*stripe.CheckoutSessionLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency: stripe.String("usd"), UnitAmount: stripe.Int64(amount),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("Gift to the school library")},
			},
		}},
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			Metadata: map[string]string{"donation": "donation-1"}, TransferGroup: stripe.String("donation-1"), Description: stripe.String("Gift"),
		},
	}
}

func (w *world) session(amount int64) *stripe.CheckoutSession {
	w.t.Helper()
	session, err := w.stripe.CheckoutSessions.New(sessionParams(amount))
	require.NoError(w.t, err)
	return session
}

// browser follows no redirect, so that a test sees where it leads.
func browser() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

type visit struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (w *world) get(address string) visit {
	w.t.Helper()
	return w.read(browser().Get(address))
}

func (w *world) post(address string, form url.Values) visit {
	w.t.Helper()
	return w.read(browser().PostForm(address, form))
}

func (w *world) read(response *http.Response, err error) visit {
	w.t.Helper()
	require.NoError(w.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	return visit{response.StatusCode, response.Header.Get("Location"), response.Header, string(body)}
}

func cardForm(number string) url.Values {
	return url.Values{
		"action": {"pay"}, "token": {"tab-1"}, "email": {"jo@example.org"}, "name": {"Jo Rivers"}, "number": {number}, "expiry": {"12 / 30"}, "cvc": {"123"},
	}
}

// requireStripeError returns the error that Stripe's API gave, with the status it must have.
func requireStripeError(t *testing.T, err error, status int) *stripe.Error {
	t.Helper()
	var e *stripe.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, status, e.HTTPStatusCode, e.Msg)
	return e
}

// newServer serves a sandbox until the test ends.
func newServer(t *testing.T, box *stripesandbox.Sandbox) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(box.Handler())
	t.Cleanup(server.Close)
	return server
}

// roundTrip is a transport made of a function.
type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// recordType accepts every webhook and sends its type to the channel.
func recordType(types chan<- string) http.RoundTripper {
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		var event struct {
			Type string `json:"type"`
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			return nil, err
		}
		types <- event.Type
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
	})
}

// post calls the API in process; refusals are the caller's business, failures are not.
func post(t require.TestingT, box *stripesandbox.Sandbox, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form)) //nolint:noctx // in process
	r.Header.Set("Authorization", "Bearer sk_test_x")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	recorder := httptest.NewRecorder()
	box.Handler().ServeHTTP(recorder, r)
	require.Less(t, recorder.Code, http.StatusInternalServerError)
	return recorder
}
