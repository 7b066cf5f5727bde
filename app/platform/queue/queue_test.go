package queue_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/domain/actor"
)

type greet struct {
	ID uuid.UUID `json:"id"`
}

func (greet) Kind() string { return "test.greet" }

type follow struct {
	ID uuid.UUID `json:"id"`
}

func (follow) Kind() string { return "test.follow" }

func insert(t *testing.T, db *database.DB, client *queue.Client, args queue.Args, opts ...queue.Option) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		return client.InsertTx(t.Context(), tx, args, opts...)
	}))
}

func TestJobIsEnqueuedWithTheTransaction(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	var ran atomic.Int64
	queue.Handle(workers, func(context.Context, greet) error {
		ran.Add(1)
		return nil
	})
	client := queuetest.New(t, db, workers)

	errUndo := errors.New("undo")
	err := db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		require.NoError(t, client.InsertTx(t.Context(), tx, greet{}))
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
	queuetest.Drain(t, client)
	require.Zero(t, ran.Load())

	insert(t, db, client, greet{})
	queuetest.Drain(t, client)
	queuetest.Drain(t, client)
	require.EqualValues(t, 1, ran.Load())
}

func TestManyJobsAreEnqueuedAtOnceAndLetOthersGoFirst(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	var order []uuid.UUID // one worker per queue
	queue.Handle(workers, func(_ context.Context, g greet) error {
		order = append(order, g.ID)
		return nil
	})
	client := queuetest.New(t, db, workers)
	crowd := []queue.Args{greet{uuid.New()}, greet{uuid.New()}, greet{uuid.New()}}
	urgent := greet{uuid.New()}
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		require.NoError(t, client.InsertManyTx(t.Context(), tx, nil))
		return client.InsertManyTx(t.Context(), tx, crowd, queue.On(queue.Stripe), queue.Priority(3))
	}))
	insert(t, db, client, urgent, queue.On(queue.Stripe))
	queuetest.Drain(t, client)
	require.Equal(t, []uuid.UUID{urgent.ID, crowd[0].(greet).ID, crowd[1].(greet).ID, crowd[2].(greet).ID}, order)
}

func TestHandlerRunsAsSystemAndMayEnqueueMore(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	want := uuid.New()
	var client *queue.Client
	var followed atomic.Pointer[uuid.UUID]
	queue.Handle(workers, func(ctx context.Context, args greet) error {
		who := actor.From(ctx)
		if who.Kind != actor.KindSystem || who.RequestID == "" {
			return errors.New("not the system")
		}
		return client.Insert(ctx, follow(args), queue.On(queue.Mail))
	})
	queue.Handle(workers, func(_ context.Context, args follow) error {
		followed.Store(&args.ID)
		return nil
	})
	client = queuetest.New(t, db, workers)

	insert(t, db, client, greet{ID: want})
	queuetest.Drain(t, client)
	require.Equal(t, want, *followed.Load())
}

func TestFailureIsRetriedUnlessPermanent(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	var greetings, follows atomic.Int64
	queue.Handle(workers, func(context.Context, greet) error {
		if greetings.Add(1) == 1 {
			return errors.New("not yet")
		}
		return nil
	})
	queue.Handle(workers, func(context.Context, follow) error {
		follows.Add(1)
		return queue.Permanent(errors.New("never"))
	})
	client := queuetest.New(t, db, workers)
	insert(t, db, client, greet{})
	insert(t, db, client, follow{})

	require.ElementsMatch(t, []string{"test.greet: not yet", "test.follow: never"}, queuetest.Run(t, client))
	require.Equal(t, 1, queuetest.Waiting(t, client, "test.greet"))
	require.Zero(t, queuetest.Waiting(t, client, "test.follow"))

	require.EqualValues(t, 1, queuetest.MakeDue(t, client, "test.greet"))
	require.Zero(t, queuetest.MakeDue(t, client, "test.follow"))
	queuetest.Drain(t, client)
	require.EqualValues(t, 2, greetings.Load())
	require.EqualValues(t, 1, follows.Load())
	require.NoError(t, queue.Permanent(nil))
}

func TestUniqueJobWaitsOnce(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	var ran atomic.Int64
	queue.Handle(workers, func(context.Context, greet) error {
		ran.Add(1)
		return nil
	})
	client := queuetest.New(t, db, workers)
	args := greet{ID: uuid.New()}
	for range 3 {
		insert(t, db, client, args, queue.Unique())
	}
	require.Equal(t, 1, queuetest.Waiting(t, client, "test.greet"))
	queuetest.Drain(t, client)
	insert(t, db, client, args, queue.Unique())
	queuetest.Drain(t, client)
	require.EqualValues(t, 2, ran.Load())
}

func TestDelayedJobIsNotDue(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	var ran atomic.Int64
	queue.Handle(workers, func(context.Context, greet) error {
		ran.Add(1)
		return nil
	})
	client := queuetest.New(t, db, workers)
	insert(t, db, client, greet{}, queue.At(time.Now().Add(time.Hour)))
	queuetest.Drain(t, client)
	require.Zero(t, ran.Load())
	require.EqualValues(t, 1, queuetest.MakeDue(t, client, "test.greet"))
	queuetest.Drain(t, client)
	require.EqualValues(t, 1, ran.Load())
}

func TestUnknownKindIsRefused(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	client, err := queue.New(db, queue.Config{Workers: river.NewWorkers()})
	require.NoError(t, err)
	require.ErrorContains(t, client.Insert(t.Context(), greet{}), "enqueue test.greet")
}

func TestInsertOnlyClientStartsAndStops(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	client, err := queue.New(db, queue.Config{})
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	require.NoError(t, client.Insert(t.Context(), greet{}))
	require.NoError(t, client.Stop(t.Context()))
	require.Equal(t, 1, queuetest.Waiting(t, client, "test.greet"))
}

func TestProductionSettingsRunPeriodicJobs(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	workers := river.NewWorkers()
	ran := make(chan struct{}, 10)
	queue.Handle(workers, func(context.Context, greet) error {
		ran <- struct{}{}
		return nil
	})
	client, err := queue.New(db, queue.Config{
		Work: true, Workers: workers, Queues: map[string]int{queue.Default: 2},
		PeriodicJobs: []*river.PeriodicJob{queue.Every(time.Hour, true, greet{}, queue.Unique())},
	})
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	select {
	case <-ran:
	case <-time.After(30 * time.Second):
		require.FailNow(t, "the periodic job did not run")
	}
	require.NoError(t, client.Stop(t.Context()))
}

func TestJobsPageIsServedUnderItsPrefix(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	client, err := queue.New(db, queue.Config{})
	require.NoError(t, err)
	pages, err := queue.UI(t.Context(), client, "/ops/jobs")
	require.NoError(t, err)
	for _, path := range []string{"/ops/jobs/", "/ops/jobs/api/states"} {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusOK, answer.Code, path)
	}
}
