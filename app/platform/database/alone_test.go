package database_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
)

func TestAloneActsUnderItsScope(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	mine, theirs := uuid.New(), uuid.New()
	add(t, db, newNote(mine, "kept"))
	add(t, db, newNote(theirs, "theirs"))

	changed, err := db.Alone(t.Context(), database.Tenant(mine).Unsynced(), "update notes set body = $1 where rank = 0", "changed")
	require.NoError(t, err)
	require.EqualValues(t, 1, changed)
	require.Equal(t, []string{"changed"}, bodies(t, db, database.Tenant(mine)))
	require.Equal(t, []string{"theirs"}, bodies(t, db, database.Tenant(theirs)))

	changed, err = db.Alone(t.Context(), database.Platform(), "delete from notes")
	require.NoError(t, err)
	require.Zero(t, changed, "the scope of an earlier statement must not stay on the connection")
}

func TestAloneTellsWhatWasRefused(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	mine := uuid.New()
	add(t, db, newNote(mine, "once"))
	_, err := db.Alone(t.Context(), database.Tenant(mine), "insert into notes values ($1, $2, 'once', 1, now())", mine, uuid.New())
	require.Equal(t, "notes_body_key", database.Constraint(err))
	require.Equal(t, []string{"once"}, bodies(t, db, database.Tenant(mine)))
}

func TestUnsyncedLastsAsLongAsItsTransaction(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	waits := func(scope database.Scope) (setting string) {
		require.NoError(t, db.Read(t.Context(), scope, func(r database.Reader) error {
			return r.QueryRow(t.Context(), "select current_setting('synchronous_commit')").Scan(&setting)
		}))
		return setting
	}
	before := waits(database.Platform())
	require.Equal(t, "off", waits(database.Platform().Unsynced()))
	require.Equal(t, before, waits(database.Platform()))
}
