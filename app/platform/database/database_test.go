package database_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
)

// note is a tenant's row in a table made for these tests.
type note struct {
	OrgID   uuid.UUID `gorm:"primaryKey"`
	ID      uuid.UUID `gorm:"primaryKey"`
	Body    string
	Rank    int
	AddedAt time.Time
}

func (note) TableName() string { return "notes" }

func newNote(org uuid.UUID, body string) note {
	return note{OrgID: org, ID: uuid.New(), Body: body, AddedAt: time.Date(2026, 11, 22, 0, 0, 0, 1000, time.UTC)}
}

const notesTable = `
	CREATE TABLE notes (
		org_id uuid NOT NULL, id uuid NOT NULL, body text NOT NULL, rank int NOT NULL DEFAULT 0, added_at timestamptz NOT NULL,
		CONSTRAINT notes_pkey PRIMARY KEY (org_id, id),
		CONSTRAINT notes_body_key UNIQUE (org_id, body),
		CONSTRAINT notes_rank_key UNIQUE (org_id, rank) DEFERRABLE INITIALLY DEFERRED
	);
	ALTER TABLE notes ALTER rank DROP DEFAULT, DROP CONSTRAINT notes_rank_key;
	ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
	ALTER TABLE notes FORCE ROW LEVEL SECURITY;
	CREATE POLICY tenant ON notes USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
	GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO tributary_app;`

// withNotes opens a database that has the table notes.
func withNotes(t *testing.T) *database.DB {
	t.Helper()
	db, urls := databasetest.NewWithURLs(t)
	asOwner(t, urls, notesTable)
	return db
}

func asOwner(t *testing.T, urls databasetest.Addresses, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), urls.Owner)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), statements)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func bodies(t *testing.T, db *database.DB, scope database.Scope) []string {
	t.Helper()
	var found []string
	require.NoError(t, db.Read(t.Context(), scope, func(r database.Reader) error {
		return r.Gorm(t.Context()).Model(&note{}).Order("body").Pluck("body", &found).Error
	}))
	return found
}

func add(t *testing.T, db *database.DB, n note) {
	t.Helper()
	require.NoError(t, db.InTx(t.Context(), database.Tenant(n.OrgID), func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Create(&n).Error
	}))
}

func TestScopeTravelsWithBegin(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	org, login := uuid.New(), uuid.New()
	for _, tc := range []struct {
		name       string
		scope      database.Scope
		org, login string
	}{
		{"tenant", database.Tenant(org), org.String(), ""},
		{"login", database.Login(login), "", login.String()},
		{"platform", database.Platform(), "", ""},
		{"serializable", database.Tenant(org).Serializable(), org.String(), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, db.InTx(t.Context(), tc.scope, func(tx database.Tx) error {
				var gotOrg, gotLogin string
				err := tx.QueryRow(t.Context(), `SELECT current_setting('app.org_id'), current_setting('app.login_id')`).Scan(&gotOrg, &gotLogin)
				require.NoError(t, err)
				require.Equal(t, tc.org, gotOrg)
				require.Equal(t, tc.login, gotLogin)
				return nil
			}))
		})
	}
}

func TestTenantsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	mine, theirs := uuid.New(), uuid.New()
	add(t, db, newNote(mine, "mine"))
	add(t, db, newNote(theirs, "theirs"))

	require.Equal(t, []string{"mine"}, bodies(t, db, database.Tenant(mine)))
	require.Empty(t, bodies(t, db, database.Platform()))
	require.Empty(t, bodies(t, db, database.Login(mine)))

	err := db.InTx(t.Context(), database.Tenant(mine), func(tx database.Tx) error {
		n := newNote(theirs, "smuggled")
		return tx.Gorm(t.Context()).Create(&n).Error
	})
	require.Equal(t, "42501", database.Code(err))
	changed, err := int64(0), error(nil)
	require.NoError(t, db.InTx(t.Context(), database.Tenant(mine), func(tx database.Tx) error {
		changed, err = tx.Exec(t.Context(), `UPDATE notes SET body = 'changed' WHERE org_id = $1`, theirs)
		return err
	}))
	require.Zero(t, changed)
	require.Equal(t, []string{"theirs"}, bodies(t, db, database.Tenant(theirs)))
}

func TestScopeEndsWithItsTransaction(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	db, err := database.Open(t.Context(), database.Config{URL: urls.App, MaxConns: 1})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.NoError(t, db.InTx(t.Context(), database.Tenant(uuid.New()), func(database.Tx) error { return nil }))
	var left string
	require.NoError(t, db.Pool().QueryRow(t.Context(), `SELECT current_setting('app.org_id', true)`).Scan(&left))
	require.Empty(t, left)
}

func TestOpenRefusesARoleThatIgnoresRowLevelSecurity(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	admin := databasetest.AdminURL(t, urls)
	_, err := database.Open(t.Context(), database.Config{URL: admin})
	require.ErrorIs(t, err, database.ErrPrivilegedRole)
	_, err = database.Open(t.Context(), database.Config{URL: urls.App, ReplicaURL: admin})
	require.ErrorIs(t, err, database.ErrPrivilegedRole)
	_, err = database.Open(t.Context(), database.Config{URL: "postgres://%zz"})
	require.ErrorContains(t, err, "parse the URL")
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	err := db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		n := newNote(org, "written")
		return r.Gorm(t.Context()).Create(&n).Error
	})
	require.Equal(t, "25006", database.Code(err))
}

func TestReplicaServesReads(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	db, err := database.Open(t.Context(), database.Config{URL: urls.App, ReplicaURL: urls.App + "&application_name=replica", MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.NoError(t, db.Ping(t.Context()))
	var primary, replica string
	name := func(into *string) func(database.Reader) error {
		return func(r database.Reader) error {
			return r.QueryRow(t.Context(), `SELECT current_setting('application_name')`).Scan(into)
		}
	}
	require.NoError(t, db.Read(t.Context(), database.Platform(), name(&primary)))
	require.NoError(t, db.ReadReplica(t.Context(), database.Platform(), name(&replica)))
	require.Equal(t, "tributary", primary)
	require.Equal(t, "replica", replica)
}

func TestInstantsAreUTC(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	n := newNote(uuid.New(), "when")
	add(t, db, n)
	var found note
	require.NoError(t, db.Read(t.Context(), database.Tenant(n.OrgID), func(r database.Reader) error {
		return r.Gorm(t.Context()).Take(&found).Error
	}))
	require.Equal(t, n, found)
}

func TestNoRowsIsRecognised(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	for name, read := range map[string]func(r database.Reader) error{
		"gorm": func(r database.Reader) error { return r.Gorm(t.Context()).Take(&note{}).Error },
		"sql": func(r database.Reader) error {
			var body string
			return r.QueryRow(t.Context(), `SELECT body FROM notes WHERE id = $1`, uuid.New()).Scan(&body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := db.Read(t.Context(), database.Platform(), read)
			require.True(t, database.IsNoRows(err), err)
		})
	}
	require.False(t, database.IsNoRows(context.Canceled))
}

func TestArrayIsOneParameter(t *testing.T) {
	t.Parallel()
	db := withNotes(t)
	org := uuid.New()
	a, b := newNote(org, "a"), newNote(org, "b")
	add(t, db, a)
	add(t, db, b)
	add(t, db, newNote(org, "c"))
	find := func(where string, list any) (found []string) {
		require.NoError(t, db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
			return r.Gorm(t.Context()).Model(&note{}).Where(where, list).Order("body").Pluck("body", &found).Error
		}))
		return found
	}
	require.Equal(t, []string{"a", "b"}, find("id = ANY(?)", database.Array([]uuid.UUID{a.ID, b.ID})))
	require.Equal(t, []string{"b", "c"}, find("body = ANY(?)", database.Array([]string{"c", "b"})))
	require.Empty(t, find("id = ANY(?)", database.Array[uuid.UUID](nil)))
}

func TestSlowStatementsAreLoggedWithoutArguments(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	asOwner(t, urls, notesTable)
	var log bytes.Buffer
	db, err := database.Open(t.Context(), database.Config{
		URL: urls.App, MaxConns: 1, SlowStatement: time.Nanosecond, Logger: slog.New(slog.NewJSONHandler(&log, nil)),
	})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	require.NoError(t, db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		return r.Gorm(t.Context()).Where("body = ? OR body = ? -- "+strings.Repeat("x", 1000), "secret", "hidden").Find(&[]note{}).Error
	}))
	require.Contains(t, log.String(), "slow statement")
	require.Contains(t, log.String(), "body = $1 OR body = $2")
	require.NotContains(t, log.String(), "secret")
	require.NotContains(t, log.String(), "hidden")
	require.Less(t, log.Len(), 800)
}

func TestListenHearsNotifications(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	heard, ended := make(chan string, 10), make(chan struct{})
	go func() {
		db.Listen(ctx, "news", func(payload string) { heard <- payload })
		close(ended)
	}()
	require.Empty(t, <-heard) // listening has begun
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		tx.Queue(`SELECT pg_notify('news', $1)`, []any{"extra"}, nil)
		return nil
	}))
	require.Equal(t, "extra", <-heard)

	var broken int
	require.NoError(t, db.Pool().QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE application_name = 'tributary listen' AND datname = current_database()`).Scan(&broken))
	require.Equal(t, 1, broken)
	require.Empty(t, <-heard) // listens again
	cancel()
	<-ended
}
