package stripesandbox_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
)

// BenchmarkCharge measures one off-session charge with its events, written to disk, without the network.
func BenchmarkCharge(b *testing.B) {
	box, err := stripesandbox.New(stripesandbox.Options{Now: newClock().Now, Manual: true, StatePath: filepath.Join(b.TempDir(), "stripe.jsonl")})
	require.NoError(b, err)
	_, err = box.RegisterEndpoint(stripesandbox.EndpointInput{URL: "https://example.org/hook"})
	require.NoError(b, err)
	for b.Loop() {
		require.Equal(b, http.StatusOK, post(b, box, "/v1/payment_intents", payForm).Code)
	}
	require.NoError(b, box.Close())
}
