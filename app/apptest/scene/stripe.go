package scene

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
)

// WebhookSecret is what the sandbox signs its events with.
const WebhookSecret = "whsec_test_0123456789abcdef"

// Sandbox starts Stripe's sandbox, which hands its events to receive when it is told to; connect, those of connected accounts.
func Sandbox(t testing.TB, clock *Clock, connect bool, receive func(ctx context.Context, body []byte, signature string) error) *stripesandbox.Sandbox {
	t.Helper()
	sandbox, err := stripesandbox.New(stripesandbox.Options{
		Now: clock.Now, Manual: true, FeeDelay: time.Minute, BaseURL: "https://checkout.example.org", Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sandbox.Close()) })
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = receive(r.Context(), body, r.Header.Get("Stripe-Signature"))
		}
		if err != nil {
			rw.WriteHeader(http.StatusBadRequest)
		}
	}))
	t.Cleanup(hook.Close)
	_, err = sandbox.RegisterEndpoint(stripesandbox.EndpointInput{URL: hook.URL, Secret: WebhookSecret, Connect: connect})
	require.NoError(t, err)
	return sandbox
}

// Wire is the connection to Stripe, on which tests let things happen around a call, such as "POST /v1/refunds".
type Wire struct {
	next http.RoundTripper

	mu      sync.Mutex
	before  map[string]func() error
	after   map[string]func() error
	refused map[string]Refusal
	calls   map[string]int
	each    func()
}

// WireTo is a wire on which nothing happens yet.
func WireTo(next http.RoundTripper) *Wire {
	return &Wire{next: next, before: map[string]func() error{}, after: map[string]func() error{}, refused: map[string]Refusal{}, calls: map[string]int{}}
}

// Refusal is Stripe's definite no to a call.
type Refusal struct {
	Status int
	Type   string // of Stripe's error
}

func (no Refusal) Error() string { return "refused" }

func (no Refusal) answer(r *http.Request) *http.Response {
	body := `{"error":{"type":"` + no.Type + `","message":"No."}}`
	return &http.Response{
		StatusCode: no.Status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}
}

// RoundTrip sends the request on; what a test has planned for such a call happens once, and its error replaces the answer.
func (l *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	call := r.Method + " " + r.URL.Path
	l.mu.Lock()
	l.calls[call]++
	l.mu.Unlock()
	var no Refusal
	if err := l.happen(l.before, call); errors.As(err, &no) {
		return no.answer(r), nil
	} else if err != nil {
		return nil, err
	}
	if no, refused := l.refusal(call); refused {
		return no.answer(r), nil
	}
	response, err := l.next.RoundTrip(r)
	if lost := l.happen(l.after, call); lost != nil {
		if response != nil {
			_ = response.Body.Close()
		}
		return nil, lost
	}
	l.mu.Lock()
	each := l.each
	l.mu.Unlock()
	if each != nil {
		each()
	}
	return response, err
}

func (l *Wire) refusal(call string) (no Refusal, refused bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	no, refused = l.refused[call]
	return no, refused
}

func (l *Wire) happen(plans map[string]func() error, call string) error {
	l.mu.Lock()
	plan := plans[call]
	delete(plans, call)
	l.mu.Unlock()
	if plan == nil {
		return nil
	}
	return plan()
}

// WhenCalled lets something happen while the next such call is on its way to Stripe; an error keeps it from arriving, a Refusal answers it.
func (l *Wire) WhenCalled(call string, do func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.before[call] = do
}

// WhenAnswered lets something happen while the next such answer is on its way to us; an error keeps it from arriving.
func (l *Wire) WhenAnswered(call string, do func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.after[call] = do
}

// Refuse lets Stripe refuse such calls from now on, or no more when the error's type is empty.
func (l *Wire) Refuse(call, errorType string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.refused, call)
	if errorType != "" {
		l.refused[call] = Refusal{http.StatusBadRequest, errorType}
	}
}

// Tap lets something happen after every answer, until it is called with nil.
func (l *Wire) Tap(each func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.each = each
}

// Count is how often such a call was made.
func (l *Wire) Count(call string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[call]
}
