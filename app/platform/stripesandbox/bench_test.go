package stripesandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

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

// BenchmarkSavedCards charges saved cards of many customers, as a morning of monthly gifts does, and asks now and then what became of them. Neither the
// time nor the memory of one charge may depend on how many came before.
func BenchmarkSavedCards(b *testing.B) {
	box, err := stripesandbox.New(stripesandbox.Options{Now: newClock().Now, Manual: true})
	require.NoError(b, err)
	type saved struct{ customer, method string }
	var cards []saved
	for range 100 {
		customer := idOf(b, post(b, box, "/v1/customers", "email=jo@example.org"))
		cards = append(cards, saved{customer, idOf(b, post(b, box, "/v1/payment_methods/pm_card_visa/attach", "customer="+customer))})
	}
	before, n := heap(), 0
	for b.Loop() {
		card := cards[n%len(cards)]
		n++
		require.Equal(b, http.StatusOK, post(b, box, "/v1/payment_intents", "amount=2000&currency=usd&confirm=true&off_session=true"+
			"&expand[]=latest_charge.balance_transaction&metadata[attempt]="+strconv.Itoa(n)+"&payment_method="+card.method+"&customer="+card.customer).Code)
		if n%1000 == 0 {
			list := httptest.NewRequest(http.MethodGet, "/v1/payment_intents?limit=100&created[gte]=1&customer="+card.customer, nil)
			list.Header.Set("Authorization", "Bearer sk_test_x")
			answer := httptest.NewRecorder()
			box.Handler().ServeHTTP(answer, list)
			require.Equal(b, http.StatusOK, answer.Code)
		}
	}
	box.AdvanceClock(time.Minute) // all fees at once
	b.ReportMetric(float64(heap()-before)/float64(n), "held-B/charge")
	require.NoError(b, box.Close())
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func idOf(t require.TestingT, answer *httptest.ResponseRecorder) string {
	var o struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &o))
	return o.ID
}
