package access_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/queue/queuetest"
	"tributary/domain/account"
)

func TestTheSweepRunsAsAJob(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	_, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	f.clock.Advance(account.SessionIdle)
	workers := river.NewWorkers()
	f.Workers(workers)
	client := queuetest.New(t, f.db, workers)
	require.NoError(t, client.Insert(t.Context(), account.SweepSessions{}))
	queuetest.Drain(t, client)
	require.Empty(t, column[string](t, f, uuid.Nil, `SELECT ip FROM sessions`))
}
