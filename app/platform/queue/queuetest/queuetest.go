// Package queuetest runs jobs in tests: all that are due, to the end, in the caller's time.
package queuetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
)

const patience = 30 * time.Second

// New returns a client for Drain, running few jobs at once, because a test's database has few connections.
func New(t testing.TB, db *database.DB, workers *river.Workers) *queue.Client {
	t.Helper()
	few := map[string]int{queue.Default: 2, queue.Mail: 1, queue.Stripe: 1}
	client, err := queue.New(db, queue.Config{
		Work: true, Workers: workers, Queues: few, Test: true, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	return client
}

// Drain runs every job that is due, and those they enqueue, until none is left, and requires that each succeeds.
func Drain(t testing.TB, client *queue.Client) {
	t.Helper()
	require.Empty(t, Run(t, client))
}

// Run is Drain that returns what failed, each as "kind: error". A job that waits for its next attempt is not due. Failures are read from
// the table: events of a client that stops may be lost.
func Run(t testing.TB, client *queue.Client) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if due(ctx, t, client) == 0 {
		return nil
	}
	var started time.Time
	require.NoError(t, client.Pool().QueryRow(ctx, "SELECT clock_timestamp()").Scan(&started))
	events, unsubscribe := client.River().SubscribeConfig(&river.SubscribeConfig{ChanSize: 10_000, Kinds: []river.EventKind{
		river.EventKindJobCompleted, river.EventKindJobFailed, river.EventKindJobCancelled, river.EventKindJobSnoozed,
	}})
	defer unsubscribe()
	require.NoError(t, client.Start(ctx))
	for due(ctx, t, client) > 0 {
		select {
		case _, open := <-events:
			require.True(t, open, "the client stopped by itself")
		case <-ctx.Done():
			require.FailNow(t, "jobs are still running", "%d left", due(t.Context(), t, client))
		}
	}
	require.NoError(t, client.Stop(ctx))
	return failedSince(t, client, started)
}

func failedSince(t testing.TB, client *queue.Client, started time.Time) []string {
	t.Helper()
	rows, err := client.Pool().Query(t.Context(), `SELECT kind || ': ' || coalesce(errors[array_upper(errors, 1)] ->> 'error', 'cancelled') FROM river_job
		WHERE (state = 'cancelled' OR state <> 'completed' AND cardinality(errors) > 0) AND attempted_at >= $1 ORDER BY id`, started)
	require.NoError(t, err)
	failed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return failed
}

// due counts jobs that wait for a worker or have one.
func due(ctx context.Context, t testing.TB, client *queue.Client) (n int) {
	t.Helper()
	require.NoError(t, client.Pool().QueryRow(ctx, `SELECT count(*) FROM river_job
		WHERE state = 'running' OR state = 'available' AND scheduled_at <= now()`).Scan(&n))
	return n
}

// MakeDue moves the waiting jobs of a kind, delayed or to be retried, to now; it returns how many.
func MakeDue(t testing.TB, client *queue.Client, kind string) int64 {
	t.Helper()
	tag, err := client.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now()
		WHERE kind = $1 AND (state IN ('scheduled', 'retryable') OR state = 'available' AND scheduled_at > now())`, kind)
	require.NoError(t, err)
	return tag.RowsAffected()
}

// Waiting counts the jobs of a kind that have not been finished, due or not.
func Waiting(t testing.TB, client *queue.Client, kind string) (n int) {
	t.Helper()
	require.NoError(t, client.Pool().QueryRow(t.Context(), `SELECT count(*) FROM river_job
		WHERE kind = $1 AND finalized_at IS NULL`, kind).Scan(&n))
	return n
}
