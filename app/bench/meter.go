package bench

import (
	"net/http"
	"sync"
	"time"
)

// meter counts calls by the tenth of a second in which they came.
type meter struct {
	now   func() time.Time
	mu    sync.Mutex
	first time.Time
	calls []int
}

// count counts what it passes on.
func (m *meter) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.note()
		next.ServeHTTP(w, r)
	})
}

func (m *meter) note() {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := m.now()
	if m.first.IsZero() {
		m.first = at
	}
	tenth := int(at.Sub(m.first) / (100 * time.Millisecond))
	for len(m.calls) <= tenth {
		m.calls = append(m.calls, 0)
	}
	m.calls[tenth]++
}

// reset forgets everything.
func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.first, m.calls = time.Time{}, nil
}

// total is how many came.
func (m *meter) total() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	total := 0
	for _, n := range m.calls {
		total += n
	}
	return total
}

// most is the largest number within any stretch of a length.
func (m *meter) most(within time.Duration) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	width, sum, most := int(within/(100*time.Millisecond)), 0, 0
	for i, n := range m.calls {
		sum += n
		if i >= width {
			sum -= m.calls[i-width]
		}
		most = max(most, sum)
	}
	return most
}
