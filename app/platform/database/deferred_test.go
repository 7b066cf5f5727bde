package database_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
)

var errTaken = errors.New("taken")

const insertNote = `INSERT INTO notes (org_id, id, body, rank, added_at) VALUES ($1, $2, $3, $4, now())`

func taken(err error) error {
	if database.Constraint(err) == "notes_body_key" {
		return errTaken
	}
	return err
}

func TestQueuedWritesAreSentBeforeTheNextStatement(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org, id := uuid.New(), uuid.New()
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		tx.Queue(insertNote, []any{org, id, "one", 1}, nil)
		tx.Queue(`UPDATE notes SET rank = rank * 10 WHERE id = $1`, []any{id}, nil)
		tx.Queue(`UPDATE notes SET rank = rank + 5 WHERE id = $1`, []any{id}, nil)
		var found note
		require.NoError(t, tx.Gorm(t.Context()).Take(&found).Error)
		require.Equal(t, 15, found.Rank)
		tx.Queue(`UPDATE notes SET body = 'two' WHERE id = $1`, []any{id}, nil)
		return nil
	}))
	require.Equal(t, []string{"two"}, bodies(t, db, database.Tenant(org)))
}

func TestQueuedFailureBecomesTheDomainsError(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	add(t, db, newNote(org, "same"))
	for name, after := range map[string]func(context.Context, database.Tx) error{
		"at commit":                  func(context.Context, database.Tx) error { return nil },
		"before a gorm statement":    func(ctx context.Context, tx database.Tx) error { return tx.Gorm(ctx).Take(&note{}).Error },
		"before a swallowed failure": func(ctx context.Context, tx database.Tx) error { _, _ = tx.Exec(ctx, `SELECT 1`); return nil },
		"before a raw row": func(ctx context.Context, tx database.Tx) error {
			var n int
			return errors.Join(tx.QueryRow(ctx, `SELECT 1`).Scan(&n), tx.QueryRow(ctx, `SELECT 1`).Scan(&n))
		},
		"before a gorm row": func(ctx context.Context, tx database.Tx) error {
			var n int
			_ = tx.Gorm(ctx).Raw(`SELECT 1`).Row().Scan(&n)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
				tx.Queue(insertNote, []any{org, uuid.New(), name, 0}, nil)
				tx.Queue(insertNote, []any{org, uuid.New(), "same", 0}, taken)
				tx.Queue(insertNote, []any{org, uuid.New(), name + " again", 0}, nil)
				return after(t.Context(), tx)
			})
			require.ErrorIs(t, err, errTaken)
			require.Equal(t, []string{"same"}, bodies(t, db, database.Tenant(org)))
		})
	}
}

func TestConstraintIsNamed(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	n := newNote(uuid.New(), "once")
	add(t, db, n)
	err := db.InTx(t.Context(), database.Tenant(n.OrgID), func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Create(&n).Error
	})
	require.Equal(t, "notes_pkey", database.Constraint(err))
	require.True(t, database.IsUnique(err))
	require.False(t, database.IsLockTimeout(err))
	require.Empty(t, database.Constraint(errUndo))
	require.Empty(t, database.Code(errUndo))
}

func TestDeferredConstraintSpeaksAtCommit(t *testing.T) {
	t.Parallel()
	db := withRanks(t)
	for name, queued := range map[string]bool{"queued": true, "at once": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			returned := false
			err := db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
				for range 2 {
					if queued {
						tx.Queue(`INSERT INTO ranks VALUES ($1)`, []any{1}, nil)
						continue
					}
					_, err := tx.Exec(t.Context(), `INSERT INTO ranks VALUES ($1)`, 1)
					require.NoError(t, err)
				}
				returned = true
				return nil
			})
			require.True(t, returned)
			require.Equal(t, "ranks_rank_key", database.Constraint(err))
		})
	}
}

func TestQueueCreateWritesModels(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	require.NoError(t, db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		one, more := newNote(org, "a"), []note{newNote(org, "b"), newNote(org, "c")}
		return errors.Join(
			database.QueueCreate(t.Context(), tx, &one, taken),
			database.QueueCreate(t.Context(), tx, &more, taken),
		)
	}))
	require.Equal(t, []string{"a", "b", "c"}, bodies(t, db, database.Tenant(org)))

	err := db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		again := newNote(org, "b")
		return database.QueueCreate(t.Context(), tx, &again, taken)
	})
	require.ErrorIs(t, err, errTaken)
	err = db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		return database.QueueCreate(t.Context(), tx, 42, nil)
	})
	require.ErrorContains(t, err, "write the insert")
}
