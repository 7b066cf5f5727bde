package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"tributary/migrations"
)

const (
	// defaultAppRole receives the grants unless AppRole says otherwise.
	defaultAppRole = "tributary_app"
	// migrationLock is the advisory lock that serialises migrators; any constant of our own does.
	migrationLock = 7_471_889_211_004
	lockPolling   = 50 * time.Millisecond
	// ddlLockTimeout makes a migration fail rather than queue every request behind it.
	ddlLockTimeout = "10s"
)

// MigrateOption changes what Migrate does.
type MigrateOption func(*migrator)

// AppRole names the role the program runs as, which receives the grants; the default is tributary_app.
func AppRole(name string) MigrateOption { return func(m *migrator) { m.appRole, m.named = name, true } }

// RoleOf returns the role that a connection URL signs in as.
func RoleOf(url string) (string, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return "", fmt.Errorf("parse the database URL: %w", err)
	}
	return cfg.User, nil
}

type migrator struct {
	appRole string
	named   bool
	log     *slog.Logger
}

// Migrate brings the schema up to date as its owner: our migrations, then River's, then the grants of the application
// role. Any number of processes may call it at once. It needs a session of its own, so the URL must not lead through a
// transaction pooler.
func Migrate(ctx context.Context, ownerURL string, logger *slog.Logger, opts ...MigrateOption) error {
	m := &migrator{appRole: defaultAppRole, log: logger}
	for _, opt := range opts {
		opt(m)
	}
	cfg, err := pgxpool.ParseConfig(ownerURL)
	if err != nil {
		return fmt.Errorf("parse the owner's URL: %w", err)
	}
	cfg.ConnConfig.RuntimeParams["lock_timeout"] = ddlLockTimeout
	cfg.ConnConfig.RuntimeParams["application_name"] = "tributary migrate"
	cfg.MaxConns = 4
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("connect as the schema's owner: %w", err)
	}
	defer pool.Close()
	return m.locked(ctx, pool, func() error {
		if err := m.ours(ctx, pool); err != nil {
			return err
		}
		if err := m.river(ctx, pool); err != nil {
			return err
		}
		return m.grant(ctx, pool)
	})
}

// locked polls: a migrator blocked inside pg_advisory_lock holds a snapshot, which CREATE INDEX CONCURRENTLY waits for.
func (m *migrator) locked(ctx context.Context, pool *pgxpool.Pool, do func() error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect as the schema's owner: %w", err)
	}
	defer conn.Release()
	ticker := time.NewTicker(lockPolling)
	defer ticker.Stop()
	for {
		var mine bool
		if err := conn.QueryRow(ctx, "select pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&mine); err != nil {
			return fmt.Errorf("lock migrations: %w", err)
		}
		if mine {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another migration: %w", ctx.Err())
		case <-ticker.C:
		}
	}
	defer func() {
		// The session's end would release it too; this only hands over sooner.
		_, _ = conn.Exec(context.WithoutCancel(ctx), "select pg_advisory_unlock($1)", int64(migrationLock))
	}()
	return do()
}

func (m *migrator) ours(ctx context.Context, pool *pgxpool.Pool) error {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		m.log.InfoContext(ctx, "migration applied", slog.String("file", r.Source.Path), slog.Duration("took", r.Duration))
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (m *migrator) river(ctx context.Context, pool *pgxpool.Pool) error {
	river, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("read the job queue's migrations: %w", err)
	}
	result, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	if n := len(result.Versions); n > 0 {
		m.log.InfoContext(ctx, "job queue migrated", slog.Int("versions", n))
	}
	return nil
}

// Status counts migrations, ours and River's.
type Status struct{ Applied, Pending int }

// MigrationStatus reports how many migrations this program knows and the database lacks.
func (db *DB) MigrationStatus(ctx context.Context) (Status, error) {
	known, err := knownVersions()
	if err != nil {
		return Status{}, err
	}
	river, err := rivermigrate.New(riverpgxv5.New(db.primary.pgx), nil)
	if err != nil {
		return Status{}, fmt.Errorf("read the job queue's migrations: %w", err)
	}
	riverKnown := make([]int64, 0, len(river.AllVersions()))
	for _, v := range river.AllVersions() {
		riverKnown = append(riverKnown, int64(v.Version))
	}
	var status Status
	for _, part := range []struct {
		query string
		known []int64
	}{
		{`select count(distinct version_id) from goose_db_version where is_applied and version_id = any($1)`, known},
		{`select count(*) from river_migration where line = 'main' and version = any($1)`, riverKnown},
	} {
		var applied int
		err := db.primary.pgx.QueryRow(ctx, part.query, part.known).Scan(&applied)
		if err != nil && Code(err) != pgerrcode.UndefinedTable {
			return Status{}, fmt.Errorf("count migrations: %w", err)
		}
		status.Applied += applied
		status.Pending += len(part.known) - applied
	}
	return status, nil
}

// OwnsSchema reports whether the program runs as the role that owns the tables, so that only triggers and forced row
// level security, not missing grants, keep it from what it must not do.
func (db *DB) OwnsSchema(ctx context.Context) (bool, error) {
	var owns bool
	err := db.primary.pgx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'MEMBER'))`).Scan(&owns)
	if err != nil {
		return false, fmt.Errorf("look up the tables' owner: %w", err)
	}
	return owns, nil
}

func knownVersions() ([]int64, error) {
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(files) == 0 {
		return nil, errors.Join(errors.New("read migrations: none embedded"), err)
	}
	versions := make([]int64, 0, len(files))
	for _, name := range files {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		versions = append(versions, version)
	}
	return versions, nil
}
