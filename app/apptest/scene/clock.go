// Package scene is what stands around a feature that is tested by itself, without the whole program: a clock that moves when it is told
// to, a charity with its campaign, Stripe at the end of a wire.
package scene

import (
	"context"
	"sync"
	"time"
)

// Clock stands still until it is moved.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// ClockAt is a clock that shows an instant.
func ClockAt(at time.Time) *Clock { return &Clock{at: at} }

// Now is the current instant.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Set moves the clock to an instant.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Unlimited lets tests ask as often as they like.
type Unlimited struct{}

// Allow allows it.
func (Unlimited) Allow(context.Context, string, string, int, time.Duration) error { return nil }
