package web_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
)

func TestRateLimiter(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	limiter := web.NewRateLimiter(db, []byte("0123456789abcdef0123456789abcdef"), func() time.Time { return now })
	hit := func(key string) error { return limiter.Allow(t.Context(), "sign-in", key, 2, time.Minute) }

	require.NoError(t, hit("ada@example.org"))
	require.NoError(t, hit("ada@example.org"))
	err := hit("ada@example.org")
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, fault.KindRateLimited, refused.Kind)
	require.Equal(t, time.Minute, refused.RetryAfter)
	require.NoError(t, hit("bob@example.org"), "each key counts by itself")

	var kept string
	require.NoError(t, db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		return r.QueryRow(t.Context(), "SELECT string_agg(key, ' ') FROM rate_limits").Scan(&kept)
	}))
	require.NotContains(t, kept, "example.org")

	now = now.Add(time.Minute)
	require.NoError(t, hit("ada@example.org"), "a new window")
	now = now.Add(time.Hour)
	require.NoError(t, limiter.Forget(t.Context()))
	var left int
	require.NoError(t, db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		return r.QueryRow(t.Context(), "SELECT count(*) FROM rate_limits").Scan(&left)
	}))
	require.Zero(t, left)
}

func TestRateLimiterCountsNetworksOfIPv6(t *testing.T) {
	t.Parallel()
	limiter := web.NewRateLimiter(databasetest.New(t), []byte("0123456789abcdef0123456789abcdef"), func() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) })
	hit := func(key string) error { return limiter.Allow(t.Context(), "form", key, 1, time.Minute) }
	require.NoError(t, hit("2001:db8:1:2::1"))
	require.Equal(t, fault.KindRateLimited, fault.KindOf(hit("2001:db8:1:2:ffff:ffff:ffff:ffff")), "one network")
	require.NoError(t, hit("2001:db8:1:3::1"), "another network")
	require.NoError(t, hit("192.0.2.1"))
	require.NoError(t, hit("192.0.2.2"), "IPv4 addresses count one by one")
	require.NoError(t, hit("::ffff:192.0.2.3"))
	require.NoError(t, hit("::ffff:192.0.2.4"))
}

// till is an idempotent operation whose behaviour a test changes.
type till struct {
	*site
	db   *database.DB
	runs atomic.Int32
	now  atomic.Int64 // nanoseconds after the real clock
	run  func(ctx context.Context) error
}

func openTill(t *testing.T) *till {
	t.Helper()
	db := databasetest.New(t)
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
			VALUES ($1, 'nonprofit', 'riverbend', 'Riverbend', 'Riverbend Trust', now(), now())`, org)
		return err
	}))
	l := &till{db: db}
	l.site = start(t, db, func(s *web.Server) {
		web.Handle(s.API(), web.Op{
			ID: "take", Method: http.MethodPost, Path: "/takings", Summary: "Take", Tag: "Takings", Permission: account.DonationsRecord, Status: 201, Idempotent: true,
		}, func(ctx context.Context, in *giftInput) (*giftOutput, error) {
			l.runs.Add(1)
			if l.run != nil {
				if err := l.run(ctx); err != nil {
					return nil, err
				}
			}
			out := &giftOutput{}
			out.Body.Name = in.Body.Name
			return out, nil
		})
	}, func(c *web.Config) { c.Now = func() time.Time { return time.Now().Add(time.Duration(l.now.Load())) } })
	return l
}

func (l *till) take(key, body string, changes ...with) answer {
	l.t.Helper()
	return l.do(http.MethodPost, "/api/v1/takings", body, append([]with{session("finance"), header("Idempotency-Key", key)}, changes...)...)
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	first := l.take("k1", good)
	require.Equal(t, http.StatusCreated, first.StatusCode, first.body)
	require.Empty(t, first.Header.Get("Idempotent-Replayed"))

	again := l.take("k1", good)
	require.Equal(t, first.StatusCode, again.StatusCode)
	require.Equal(t, first.body, again.body)
	require.Equal(t, first.Header.Get("Content-Type"), again.Header.Get("Content-Type"))
	require.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))
	require.EqualValues(t, 1, l.runs.Load())

	other := l.take("k1", `{"amount": 26, "name": "Ada"}`)
	require.Equal(t, http.StatusUnprocessableEntity, other.StatusCode)
	require.Equal(t, "idempotency.mismatch", other.problem(t).Code)

	someoneElse := l.take("k1", good, header("Authorization", "Bearer token"))
	require.Equal(t, "idempotency.mismatch", someoneElse.problem(t).Code, "an answer is for whoever asked first")

	missing := l.take("", good)
	require.Equal(t, http.StatusUnprocessableEntity, missing.StatusCode)
	require.Equal(t, "header.Idempotency-Key", missing.problem(t).Errors[0].Location)

	require.Equal(t, http.StatusCreated, l.take("k2", good).StatusCode)
	require.EqualValues(t, 2, l.runs.Load())

	require.NoError(t, l.Sweep(t.Context()))
	require.Equal(t, "true", l.take("k1", good).Header.Get("Idempotent-Replayed"), "sweeping leaves what is still replayed")
	l.now.Store(int64(49 * time.Hour))
	require.Empty(t, l.take("k1", good).Header.Get("Idempotent-Replayed"), "after 48 hours a key is new")
	require.EqualValues(t, 3, l.runs.Load())
	l.now.Store(int64(99 * time.Hour))
	require.NoError(t, l.Sweep(t.Context()))
	var left int
	require.NoError(t, l.db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		return r.QueryRow(t.Context(), "SELECT count(*) FROM idempotency_keys").Scan(&left)
	}))
	require.Zero(t, left)
}

func TestIdempotencyKeyKeepsRefusalsButNotFailures(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	l.run = func(context.Context) error { return fault.New(fault.KindConflict, "donation.refunded", "Refunded.") }
	require.Equal(t, http.StatusConflict, l.take("k1", good).StatusCode)
	l.run = nil
	again := l.take("k1", good)
	require.Equal(t, "donation.refunded", again.problem409(t))
	require.Equal(t, "true", again.Header.Get("Idempotent-Replayed"))

	l.run = func(context.Context) error { return errors.New("the disk is full") }
	require.Equal(t, http.StatusInternalServerError, l.take("k2", good).StatusCode)
	l.run = func(context.Context) error { panic("boom") }
	require.Equal(t, http.StatusInternalServerError, l.take("k2", good).StatusCode)
	l.run = nil
	require.Equal(t, http.StatusCreated, l.take("k2", good).StatusCode)
}

// problem409 reads a replayed problem, whose request id is the first request's.
func (a answer) problem409(t *testing.T) string {
	t.Helper()
	require.Equal(t, http.StatusConflict, a.StatusCode)
	require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"))
	require.Contains(t, a.body, `"code":"donation.refunded"`)
	return "donation.refunded"
}

func TestIdempotencyKeyInFlight(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	l.run = func(context.Context) error {
		close(entered)
		<-leave
		return nil
	}
	done := make(chan int)
	go func() { done <- l.take("k1", good).StatusCode }()
	<-entered
	busy := l.take("k1", good)
	require.Equal(t, http.StatusConflict, busy.StatusCode)
	require.Equal(t, "idempotency.in_flight", busy.problem(t).Code)
	close(leave)
	require.Equal(t, http.StatusCreated, <-done)
	require.Equal(t, "true", l.take("k1", good).Header.Get("Idempotent-Replayed"))
}

func TestIdempotencyLockOfADeadProcessExpires(t *testing.T) {
	t.Parallel()
	l := openTill(t)
	require.Equal(t, http.StatusCreated, l.take("k1", good).StatusCode)
	require.NoError(t, l.db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE idempotency_keys SET status = NULL, body = NULL`) // as a crash leaves it
		return err
	}))
	require.Equal(t, "idempotency.in_flight", l.take("k1", good).problem(t).Code)
	l.now.Store(int64(3 * time.Minute))
	require.Equal(t, http.StatusCreated, l.take("k1", good).StatusCode)
	require.EqualValues(t, 2, l.runs.Load())
}
