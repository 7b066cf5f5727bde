package stripesandbox_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/stripesandbox"
)

// reopen starts a second sandbox on a copy of the state, as it is on disk at this moment: what a process killed now would leave.
func (w *world) reopen(path string, change func([]byte) []byte) *world {
	w.t.Helper()
	state, err := os.ReadFile(path)
	require.NoError(w.t, err)
	if change != nil {
		state = change(state)
	}
	left := filepath.Join(w.t.TempDir(), "killed.jsonl")
	require.NoError(w.t, os.WriteFile(left, state, 0o600))
	next := startWith(w.t, stripesandbox.Options{StatePath: left})
	next.clock.Add(w.clock.Now().Sub(next.clock.Now()))
	return next
}

func TestAKilledSandboxKeepsWhatItAcknowledged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "stripe.jsonl")
	w := startWith(t, stripesandbox.Options{StatePath: path})
	w.listen()
	session := w.session(2000)
	pi := w.paidIntent(10000, "visa")
	_, err := w.refund(pi, 4000)
	require.NoError(t, err)
	first := w.call("/v1/payment_intents", "k1", payForm)
	w.inject(stripesandbox.Fault{Kind: stripesandbox.FaultDrop, Count: 100})
	w.box.PauseWebhooks(true)

	next := w.reopen(path, nil)
	require.Equal(t, w.box.PlatformAccount(), next.box.PlatformAccount())
	require.Equal(t, w.box.Charges(""), next.box.Charges(""))
	require.Equal(t, w.box.Refunds(""), next.box.Refunds(""))
	again := next.call("/v1/payment_intents", "k1", payForm)
	require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	require.Equal(t, first.body, again.body)
	require.Empty(t, next.box.Faults(), "faults do not outlive the process")

	next.clock.Add(2 * time.Second)
	next.drain()
	require.Contains(t, w.receiver.take(), "charge.updated", "fees and webhooks that were owed still come")
	next.clock.Add(25 * time.Hour)
	got, err := next.stripe.CheckoutSessions.Get(session.ID, nil)
	require.NoError(t, err)
	require.Equal(t, stripe.CheckoutSessionStatusExpired, got.Status)
}

func TestATransactionCutInTheMiddleIsAsIfItNeverWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.jsonl")
	w := startWith(t, stripesandbox.Options{StatePath: path})
	w.paidIntent(2000, "visa")
	before := w.box.Events("")
	w.paidIntent(3000, "visa")
	next := w.reopen(path, func(state []byte) []byte { return state[:len(state)-40] })
	require.Len(t, next.box.Charges(""), 1)
	require.Len(t, next.box.Events(""), len(before))
	next.paidIntent(4000, "visa")
	require.Len(t, next.box.Charges(""), 2)
}

func TestAStateFileThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.jsonl")
	now := func() time.Time { return time.Unix(0, 0) }
	for _, content := range []string{"hello\n", `[{"kind":"gift","value":{}}]` + "\n", `[{"kind":"charge","value":{"amount":"x"}}]` + "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := stripesandbox.New(stripesandbox.Options{StatePath: path, Now: now})
		require.ErrorContains(t, err, "line 1")
	}
	_, err := stripesandbox.New(stripesandbox.Options{})
	require.ErrorContains(t, err, "Options.Now")
	_, err = stripesandbox.New(stripesandbox.Options{Now: now, BaseURL: "sandbox"})
	require.ErrorContains(t, err, "BaseURL")
}

func TestOpeningCompactsTheState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.jsonl")
	open := func() *stripesandbox.Sandbox {
		box, err := stripesandbox.New(stripesandbox.Options{StatePath: path, Now: newClock().Now, Manual: true})
		require.NoError(t, err)
		return box
	}
	lines := func() int {
		state, err := os.ReadFile(path)
		require.NoError(t, err)
		return strings.Count(string(state), "\n")
	}
	box := open()
	for _, version := range []string{"a", "b", "c", "d"} {
		_, err := box.RegisterEndpoint(stripesandbox.EndpointInput{URL: "https://example.org/hook", APIVersion: version})
		require.NoError(t, err)
	}
	require.NoError(t, box.Close())
	require.Equal(t, 5, lines(), "the account, and each change of the endpoint")
	box = open()
	require.Equal(t, 2, lines(), "each object once")
	require.Equal(t, "d", *box.Endpoints()[0].APIVersion)
	require.NoError(t, box.Close())
}

func TestWhatStripeForgetsTakesNoRoom(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "stripe.jsonl")
	w := startWith(t, stripesandbox.Options{StatePath: path})
	w.listen()
	w.receiver.answer(http.StatusServiceUnavailable)
	customer, method := w.savedByPage("4242424242424242")
	for range 36 { // three years of a monthly gift
		require.Empty(t, w.declineOf(customer, method))
		w.clock.Add(31 * 24 * time.Hour)
		w.box.Sweep()
	}
	require.Len(t, w.box.Charges(""), 36)
	require.Len(t, w.box.Balance(""), 1)
	require.LessOrEqual(t, len(w.box.Events("")), 4, "no more than the last month's")
	require.Len(t, w.reopen(path, nil).box.Charges(""), 36)
}
