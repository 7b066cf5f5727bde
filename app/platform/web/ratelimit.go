package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"time"

	"tributary/app/platform/database"
)

// RateLimiter counts hits in PostgreSQL, so that a limit holds across instances. It keeps no address and no e-mail, only keyed hashes.
type RateLimiter struct {
	db     *database.DB
	secret []byte
	now    func() time.Time
}

// NewRateLimiter counts in db; secret keys the hashes.
func NewRateLimiter(db *database.DB, secret []byte, now func() time.Time) *RateLimiter {
	return &RateLimiter{db: db, secret: secret, now: now}
}

// Allow counts one hit of key under name and refuses the hits after the n-th in a window with a fault of kind rate limited, which says when
// to come back. A key that is an IPv6 address stands for its /64 network: whoever has one address there has them all.
func (l *RateLimiter) Allow(ctx context.Context, name, key string, n int, window time.Duration) error {
	now := l.now()
	start := now.Truncate(window)
	var hits int
	err := l.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		return tx.QueryRow(ctx, `
			INSERT INTO rate_limits (key, window_start, hits, expires_at) VALUES ($1, $2, 1, $3)
			ON CONFLICT (key, window_start) DO UPDATE SET hits = rate_limits.hits + 1
			RETURNING hits`, l.hash(name, networkOf(key)), start, start.Add(2*window)).Scan(&hits)
	})
	if err != nil {
		return fmt.Errorf("count hits of %s: %w", name, err)
	}
	if hits > n {
		refused := *errTooMany
		refused.RetryAfter = start.Add(window).Sub(now)
		return &refused
	}
	return nil
}

// Forget removes windows that have ended. A periodic job calls it.
func (l *RateLimiter) Forget(ctx context.Context) error {
	return l.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM rate_limits WHERE expires_at < $1`, l.now())
		return err
	})
}

// networkOf is the network of an IPv6 address; any other key is itself.
func networkOf(key string) string {
	addr, err := netip.ParseAddr(key)
	if err != nil || !addr.Is6() || addr.Is4In6() {
		return key
	}
	return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
}

func (l *RateLimiter) hash(name, key string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(name + "\x00" + key))
	return name + ":" + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
