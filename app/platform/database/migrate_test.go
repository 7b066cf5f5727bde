package database_test

import (
	"log/slog"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
)

func withRanks(t *testing.T) *database.DB {
	t.Helper()
	db, urls := databasetest.NewWithURLs(t)
	asOwner(t, urls, `CREATE TABLE ranks (rank int CONSTRAINT ranks_rank_key UNIQUE DEFERRABLE INITIALLY DEFERRED);
		GRANT SELECT, INSERT ON ranks TO tributary_app`)
	return db
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	urls := databasetest.Empty(t)
	logger := slog.New(slog.DiscardHandler)
	db, err := database.Open(t.Context(), database.Config{URL: urls.App, MaxConns: 2})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	before, err := db.MigrationStatus(t.Context())
	require.NoError(t, err)
	require.Zero(t, before.Applied)
	require.Positive(t, before.Pending)

	var done sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		done.Go(func() { errs[i] = database.Migrate(t.Context(), urls.Owner, logger) })
	}
	done.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	after, err := db.MigrationStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, database.Status{Applied: before.Pending}, after)
}

func TestApplicationRoleHasOnlyWhatItNeeds(t *testing.T) {
	t.Parallel()
	db, urls := databasetest.NewWithURLs(t)
	asOwner(t, urls, `
		CREATE TABLE facts (n int);
		CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON facts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
		CREATE TABLE things (n int)`)
	require.NoError(t, database.Migrate(t.Context(), urls.Owner, slog.New(slog.DiscardHandler)))
	for statement, code := range map[string]string{
		`INSERT INTO facts VALUES (1)`:                   "",
		`SELECT * FROM facts`:                            "",
		`UPDATE facts SET n = 2`:                         "42501",
		`DELETE FROM facts`:                              "42501",
		`TRUNCATE facts`:                                 "42501",
		`INSERT INTO things VALUES (1)`:                  "",
		`UPDATE things SET n = 2`:                        "",
		`DELETE FROM things`:                             "",
		`TRUNCATE things`:                                "42501",
		`DROP TABLE things`:                              "42501",
		`CREATE TABLE mine (n int)`:                      "42501",
		`SELECT * FROM goose_db_version`:                 "",
		`DELETE FROM goose_db_version`:                   "42501",
		`SELECT * FROM river_job`:                        "",
		`ALTER TABLE things DISABLE ROW LEVEL SECURITY`:  "42501",
		`SET LOCAL session_replication_role = 'replica'`: "42501",
		`SET LOCAL ROLE tributary_owner`:                 "42501",
	} {
		t.Run(statement, func(t *testing.T) {
			t.Parallel()
			err := db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
				_, err := tx.Exec(t.Context(), statement)
				return err
			})
			require.Equal(t, code, database.Code(err), err)
		})
	}
}

func TestOwnerOfTheSchemaIsRecognised(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	for url, want := range map[string]bool{urls.App: false, urls.Owner: true} {
		db, err := database.Open(t.Context(), database.Config{URL: url, MaxConns: 1})
		require.NoError(t, err)
		t.Cleanup(db.Close)
		owns, err := db.OwnsSchema(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, owns)
	}
}

func TestJobIndexesCanBeRebuilt(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	_, err := db.Pool().Exec(t.Context(), `REINDEX INDEX CONCURRENTLY river_job_args_index`)
	require.NoError(t, err)
}

func TestMigrateNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	urls := databasetest.URLs(t)
	logger := slog.New(slog.DiscardHandler)
	require.ErrorContains(t, database.Migrate(t.Context(), "postgres://%zz", logger), "owner's URL")
	require.ErrorContains(t, database.Migrate(t.Context(), urls.Owner, logger, database.AppRole("nobody_here")), `"nobody_here"`)
	require.NoError(t, database.Migrate(t.Context(), urls.Owner, logger, database.AppRole("tributary_owner")))
	role, err := database.RoleOf(urls.App)
	require.NoError(t, err)
	require.Equal(t, "tributary_app", role)
	_, err = database.RoleOf("postgres://%zz")
	require.ErrorContains(t, err, "parse the database URL")
}
