package bench

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
)

// BenchmarkDonation records donations through HTTP inside this process, to be profiled:
// go test ./app/bench -run=^$ -bench=Donation -benchtime=3000x -cpuprofile=cpu.prof
func BenchmarkDonation(b *testing.B) {
	w := apptest.Start(b)
	require.NoError(b, Fill(b.Context(), w.URLs.Owner, Filling{Donations: 1000}))
	l := &lab{Options: Options{Now: time.Now}}
	s, err := l.subjectAt(b.Context(), w.URLs.App)
	require.NoError(b, err)
	b.ResetTimer()
	_, err = send(b.Context(), b.N, http.StatusCreated, func(int) (*http.Request, error) { return s.record(b.Context(), w.URL) })
	require.NoError(b, err)
}

func TestProcessorTimeIsReadBehindTheName(t *testing.T) {
	t.Parallel()
	s, err := parseStat([]byte("42 (a ) name) S 7 42 42 0 -1 4194304 1 2 3 4 150 50 20 5 20 0 1 0 100"))
	require.NoError(t, err)
	require.Equal(t, stat{parent: 7, used: 2 * time.Second, ended: 250 * time.Millisecond}, s)

	_, err = parseStat([]byte("42 (name) S 7 42"))
	require.Error(t, err)
}

func TestMedianIgnoresOneBadRound(t *testing.T) {
	t.Parallel()
	costs := []cost{{operations: 10, processor: 10 * time.Millisecond}, {operations: 10, processor: 9 * time.Second}, {operations: 10, processor: 11 * time.Millisecond}}
	require.Equal(t, 1100*time.Microsecond, median(costs))
}

func TestAFilledDatabaseIsNotFilledAgain(t *testing.T) {
	t.Parallel()
	w := apptest.Start(t)
	require.NoError(t, Fill(t.Context(), w.URLs.Owner, Filling{Donations: 200, Promises: 400, Shifts: 400}))
	require.ErrorContains(t, Fill(t.Context(), w.URLs.Owner, Filling{Donations: 200}), "already")
}
