package fundraising

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"
)

// board remembers standings for a moment and knows who watches which campaign.
type board struct {
	now      func() time.Time
	flights  singleflight.Group
	mu       sync.Mutex
	kept     map[string]remembered
	watchers map[watched]map[chan struct{}]bool
}

type remembered struct {
	Standing
	at time.Time
}

type watched struct{ org, campaign uuid.UUID }

func newBoard(now func() time.Time) *board {
	return &board{now: now, kept: map[string]remembered{}, watchers: map[watched]map[chan struct{}]bool{}}
}

func (b *board) standing(ctx context.Context, key string, derive func(context.Context) (Standing, error)) (Standing, error) {
	b.mu.Lock()
	known, ok := b.kept[key]
	b.mu.Unlock()
	if ok && b.now().Sub(known.at) < freshFor {
		return known.Standing, nil
	}
	// One visitor who leaves must not fail the others who wait for the same answer.
	result, err, _ := b.flights.Do(key, func() (any, error) {
		began := b.now()
		st, err := derive(context.WithoutCancel(ctx))
		if err == nil {
			b.keep(key, remembered{st, began})
		}
		return st, err
	})
	return result.(Standing), err
}

func (b *board) keep(key string, r remembered) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) >= mostKept {
		maps.DeleteFunc(b.kept, func(_ string, old remembered) bool { return r.at.Sub(old.at) >= freshFor })
	}
	if len(b.kept) < mostKept {
		b.kept[key] = r
	}
}

func (b *board) forget(org, id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.kept, func(_ string, r remembered) bool { return r.Campaign.OrgID == org && r.Campaign.ID.UUID == id })
}

func (b *board) forgetAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.kept)
}

func (b *board) join(org, id uuid.UUID) (changes <-chan struct{}, leave func()) {
	key, signal := watched{org, id}, make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers[key] == nil {
		b.watchers[key] = map[chan struct{}]bool{}
	}
	b.watchers[key][signal] = true
	return signal, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers[key], signal)
		if len(b.watchers[key]) == 0 {
			delete(b.watchers, key)
		}
	}
}

func (b *board) wake(org, id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	signalAll(b.watchers[watched{org, id}])
}

func (b *board) wakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, signals := range b.watchers {
		signalAll(signals)
	}
}

// signalAll never blocks: a watcher that has not looked yet will see this change too.
func signalAll(signals map[chan struct{}]bool) {
	for signal := range signals {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
}
