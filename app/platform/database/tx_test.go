package database_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
)

var errUndo = errors.New("undo")

func TestErrorRollsBack(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	committed := 0
	err := db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		n := newNote(org, "gone")
		require.NoError(t, tx.Gorm(t.Context()).Create(&n).Error)
		tx.AfterCommit(func() { committed++ })
		return errUndo
	})
	require.ErrorIs(t, err, errUndo)
	require.Empty(t, bodies(t, db, database.Tenant(org)))
	require.Zero(t, committed)
}

func TestPanicRollsBackAndFreesTheConnection(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	asOwner(t, urls, notesTable)
	db, err := database.Open(t.Context(), database.Config{URL: urls.App, MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	org := uuid.New()
	require.PanicsWithValue(t, "boom", func() {
		_ = db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
			n := newNote(org, "gone")
			require.NoError(t, tx.Gorm(t.Context()).Create(&n).Error)
			panic("boom")
		})
	})
	require.PanicsWithValue(t, "boom", func() {
		_ = db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
			return database.Do(tx, func(pgx.Tx) error { panic("boom") })
		})
	})
	require.Empty(t, bodies(t, db, database.Tenant(org)))
}

func TestAReaderSeesOneMoment(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	write := func(body string) {
		require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
			n := newNote(org, body)
			return tx.Gorm(t.Context()).Create(&n).Error
		}))
	}
	write("before")
	count := func(r database.Reader) (n int64) {
		require.NoError(t, r.Gorm(t.Context()).Table("notes").Count(&n).Error)
		return n
	}
	require.NoError(t, db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		require.EqualValues(t, 1, count(r))
		write("meanwhile")
		require.EqualValues(t, 1, count(r), "the second statement saw what the first did not")
		return nil
	}))
	require.Len(t, bodies(t, db, database.Tenant(org)), 2)
}

func TestAfterCommitRunsInOrder(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	var order []int
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		for i := range 3 {
			tx.AfterCommit(func() { order = append(order, i) })
		}
		require.Empty(t, order)
		return nil
	}))
	require.Equal(t, []int{0, 1, 2}, order)
}

// TestSerializationFailureIsRepeated lets two transactions decide on what the other changes: the later one is refused and
// runs again.
func TestSerializationFailureIsRepeated(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	add(t, db, newNote(org, "first"))
	var bothHaveRead, done sync.WaitGroup
	bothHaveRead.Add(2)
	errs, attempts := make([]error, 2), make([]int, 2)
	for i, body := range []string{"left", "right"} {
		done.Go(func() {
			errs[i] = db.InTx(t.Context(), database.Tenant(org).Serializable(), func(tx database.Tx) error {
				attempts[i]++
				var n int64
				if err := tx.Gorm(t.Context()).Model(&note{}).Count(&n).Error; err != nil {
					return err
				}
				if attempts[i] == 1 {
					bothHaveRead.Done()
					bothHaveRead.Wait()
				}
				own := newNote(org, body)
				own.Rank = int(n)
				if err := tx.Gorm(t.Context()).Create(&own).Error; err != nil {
					return errUndo // a store's own words must not hide that it is worth another attempt
				}
				return nil
			})
		})
	}
	done.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 3, attempts[0]+attempts[1])
	var ranks []int
	require.NoError(t, db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		return r.Gorm(t.Context()).Model(&note{}).Order("rank").Pluck("rank", &ranks).Error
	}))
	require.Equal(t, []int{0, 1, 2}, ranks)
}

func TestDeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	a, b := newNote(org, "a"), newNote(org, "b")
	add(t, db, a)
	add(t, db, b)
	var bothHaveOne, done sync.WaitGroup
	bothHaveOne.Add(2)
	errs, attempts := make([]error, 2), make([]int, 2)
	for i, order := range [][]uuid.UUID{{a.ID, b.ID}, {b.ID, a.ID}} {
		done.Go(func() {
			errs[i] = db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
				attempts[i]++
				for n, id := range order {
					if n == 1 && attempts[i] == 1 {
						bothHaveOne.Done()
						bothHaveOne.Wait()
					}
					if _, err := tx.Exec(t.Context(), `UPDATE notes SET rank = rank + 1 WHERE id = $1`, id); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	done.Wait()
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 3, attempts[0]+attempts[1])
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	attempts := 0
	err := db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		attempts++
		_, err := tx.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$`)
		return err
	})
	require.Equal(t, "40001", database.Code(err))
	require.Equal(t, 10, attempts)
}

func TestCancelledStatementDoesNotPoisonThePool(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	asOwner(t, urls, notesTable)
	db, err := database.Open(t.Context(), database.Config{URL: urls.App, MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	org := uuid.New()
	for name, sleep := range map[string]func(context.Context, database.Tx) error{
		"gorm": func(ctx context.Context, tx database.Tx) error { return tx.Gorm(ctx).Exec(`SELECT pg_sleep(60)`).Error },
		"row": func(ctx context.Context, tx database.Tx) error {
			var slept string
			return tx.QueryRow(ctx, `SELECT pg_sleep(60)::text`).Scan(&slept)
		},
		"queued": func(_ context.Context, tx database.Tx) error {
			tx.Queue(`SELECT pg_sleep(60)`, nil, nil)
			return nil
		},
		"borrowed": func(ctx context.Context, tx database.Tx) error {
			return database.Do(tx, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `SELECT pg_sleep(60)`)
				return err
			})
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		watching := make(chan error)
		go func() { watching <- cancelWhenAsleep(t.Context(), urls, cancel) }()
		err := db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
			n := newNote(org, "gone")
			require.NoError(t, tx.Gorm(ctx).Create(&n).Error)
			return sleep(ctx, tx)
		})
		require.NoError(t, <-watching)
		require.ErrorIs(t, err, context.Canceled, name)
		require.Empty(t, bodies(t, db, database.Tenant(org)), name)
	}
}

// cancelWhenAsleep waits until a session of the database is inside pg_sleep: a cancellation that overtakes its statement is
// ignored by PostgreSQL.
func cancelWhenAsleep(ctx context.Context, urls databasetest.Addresses, cancel context.CancelFunc) error {
	defer cancel()
	conn, err := pgx.Connect(ctx, urls.App)
	if err != nil {
		return err
	}
	for asleep := false; !asleep; {
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event = 'PgSleep')`).Scan(&asleep)
		if err != nil {
			return err
		}
	}
	return conn.Close(ctx)
}

func TestCancelledContextCommitsNothing(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	ctx, cancel := context.WithCancel(t.Context())
	err := db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		n := newNote(org, "gone")
		require.NoError(t, tx.Gorm(ctx).Create(&n).Error)
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, bodies(t, db, database.Tenant(org)))
}

func TestLeakedRowsDoNotBlockTheEnd(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT generate_series(1, 10000)`)
		require.NoError(t, err)
		require.True(t, rows.Next())
		return nil
	}))
}

func TestSwallowedFailureIsNotACommit(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	err := db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		n := newNote(org, "gone")
		require.NoError(t, tx.Gorm(t.Context()).Create(&n).Error)
		_, err := tx.Exec(t.Context(), `SELECT 1/0`)
		require.Error(t, err)
		return nil
	})
	require.ErrorContains(t, err, "nothing was saved")
	require.Empty(t, bodies(t, db, database.Tenant(org)))
}

func TestGormCannotBeginByItself(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	err := db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Transaction(func(*gorm.DB) error { return nil })
	})
	require.ErrorIs(t, err, gorm.ErrInvalidTransaction)
}

func TestGenericsShareTheTransaction(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		ctx, n := t.Context(), newNote(org, "generic")
		if err := gorm.G[note](tx.Gorm(ctx)).Create(ctx, &n); err != nil {
			return err
		}
		found, err := gorm.G[note](tx.Gorm(ctx)).Where("id = ?", n.ID).First(ctx)
		require.Equal(t, n, found)
		return err
	}))
	require.Equal(t, []string{"generic"}, bodies(t, db, database.Tenant(org)))
}

func TestBorrowedTransactionIsTheSameAndCannotBeEnded(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		return database.Do(tx, func(tx pgx.Tx) error {
			require.Error(t, tx.Commit(t.Context()))
			require.Error(t, tx.Rollback(t.Context()))
			copied := newNote(org, "copied")
			n, err := tx.CopyFrom(t.Context(), pgx.Identifier{"river_queue"}, []string{"name", "updated_at"},
				pgx.CopyFromRows([][]any{{"x", copied.AddedAt}}))
			require.EqualValues(t, 1, n)
			return err
		})
	}))
}

func TestSavepointUndoesOnlyItsPart(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	ran := []string{}
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		for _, body := range []string{"a", "a", "b"} {
			n := newNote(org, body)
			err := database.Savepoint(t.Context(), tx, func() error {
				tx.AfterCommit(func() { ran = append(ran, body) })
				return database.QueueCreate(t.Context(), tx, &n, nil)
			})
			require.Equal(t, len(ran) == 0 && body == "a" && database.IsUnique(err), err != nil)
		}
		return nil
	}))
	require.Equal(t, []string{"a", "b"}, bodies(t, db, database.Tenant(org)))
	require.Equal(t, []string{"a", "b"}, ran)
}

func BenchmarkQueuedWritesAndCommit(b *testing.B) {
	db := databasetest.Bench(b, 8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := db.InTx(b.Context(), database.Platform(), func(tx database.Tx) error {
				for range 5 {
					tx.Queue(`INSERT INTO river_queue (name, created_at, updated_at) VALUES ($1, now(), now())`, []any{uuid.NewString()}, nil)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkNewDatabase(b *testing.B) {
	for b.Loop() {
		databasetest.URLs(b)
	}
}
