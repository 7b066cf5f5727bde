// Package databasetest gives each test a migrated PostgreSQL database of its own.
//
// TEST_DATABASE_URL names a server to use, as a superuser; when it is unset an embedded server is started, shared by all
// test processes and ended with the last of them. Databases are cloned from a migrated template and dropped when the
// test ends.
package databasetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/pgembed"
	"tributary/migrations"
)

const (
	ownerRole = "tributary_owner"
	appRole   = "tributary_app"
	// password is for servers that ask for one; the roles exist on test servers only.
	password = "tributary-test"
	// seedVersion changes when the way the template is made does.
	seedVersion = "1"
	testConns   = 8
	setUpTime   = 3 * time.Minute
	dropTime    = 30 * time.Second
)

// New opens a database of t's own, as the application role, and drops it when t ends.
func New(t testing.TB) *database.DB {
	t.Helper()
	db, _ := open(t, testConns)
	return db
}

// Bench is New with more connections.
func Bench(b *testing.B, maxConns int32) *database.DB {
	b.Helper()
	db, _ := open(b, maxConns)
	return db
}

// NewWithURLs is New that also tells how to connect to the same database.
func NewWithURLs(t testing.TB) (*database.DB, Addresses) {
	t.Helper()
	return open(t, testConns)
}

// Addresses are the connection URLs of one test database.
type Addresses struct {
	// Owner owns the schema and migrates.
	Owner string
	// App is as whom the program runs.
	App string
}

// URLs makes a database of t's own without connecting to it.
func URLs(t testing.TB) Addresses {
	t.Helper()
	return clone(t, template)
}

// Empty makes a database of t's own without any table: for tests of migrations.
func Empty(t testing.TB) Addresses {
	t.Helper()
	return clone(t, "template0")
}

// AdminURL connects as the superuser to the database of urls.
func AdminURL(t testing.TB, urls Addresses) string {
	t.Helper()
	s, err := running()
	require.NoError(t, err)
	cfg, err := pgx.ParseConfig(urls.App)
	require.NoError(t, err)
	return s.adminURL(cfg.Database)
}

func open(t testing.TB, maxConns int32) (*database.DB, Addresses) {
	t.Helper()
	urls := clone(t, template)
	db, err := database.Open(t.Context(), database.Config{
		URL: urls.App, MaxConns: maxConns, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db, urls
}

func clone(t testing.TB, from string) Addresses {
	t.Helper()
	s, err := running()
	require.NoError(t, err)
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if from == template {
		from = s.template
	}
	_, err = s.admin.Exec(t.Context(), fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s OWNER %s STRATEGY FILE_COPY`, name, from, ownerRole))
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTime)
		defer cancel()
		_, err := s.admin.Exec(ctx, `DROP DATABASE `+name+` WITH (FORCE)`)
		require.NoError(t, err)
	})
	return Addresses{Owner: s.url(ownerRole, name), App: s.url(appRole, name)}
}

const template = "template"

// server is where this process's test databases live.
type server struct {
	admin    *pgxpool.Pool
	template string
	url      func(role, database string) string
	adminURL func(database string) string
}

// running starts or joins the server once per process.
var running = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), setUpTime)
	defer cancel()
	if given := os.Getenv("TEST_DATABASE_URL"); given != "" {
		return givenServer(ctx, given)
	}
	key, err := schemaKey()
	if err != nil {
		return nil, err
	}
	srv, err := pgembed.Shared(ctx, pgembed.Seed{Key: key, Fill: func(ctx context.Context, srv *pgembed.Server) error {
		return database.Migrate(ctx, srv.OwnerURL(), slog.New(slog.DiscardHandler), database.AppRole(appRole))
	}})
	if err != nil {
		return nil, err
	}
	admin, err := adminPool(ctx, srv.AdminURL())
	if err != nil {
		return nil, err
	}
	return &server{admin: admin, template: "tributary", url: srv.URL, adminURL: func(database string) string {
		return srv.URL("postgres", database)
	}}, nil
})

func adminPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse the test server's URL: %w", err)
	}
	cfg.MaxConns = 4
	return pgxpool.NewWithConfig(ctx, cfg)
}

// givenServer makes roles and template on a server that is not ours to seed.
func givenServer(ctx context.Context, given string) (*server, error) {
	admin, err := adminPool(ctx, given)
	if err != nil {
		return nil, err
	}
	key, err := schemaKey()
	if err != nil {
		return nil, err
	}
	address, err := url.Parse(given)
	if err != nil {
		return nil, fmt.Errorf("parse TEST_DATABASE_URL: %w", err)
	}
	connect := func(user *url.Userinfo, database string) string {
		u := *address
		u.User, u.Path = user, "/"+database
		return u.String()
	}
	s := &server{
		admin: admin, template: "tributary_template_" + key,
		url:      func(role, database string) string { return connect(url.UserPassword(role, password), database) },
		adminURL: func(database string) string { return connect(address.User, database) },
	}
	conn, err := admin.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to TEST_DATABASE_URL: %w", err)
	}
	defer conn.Release()
	const lock = 7_471_889_211_005
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(lock)); err != nil {
		return nil, err
	}
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(lock)) }()
	return s, s.prepare(ctx, conn.Conn())
}

func (s *server) prepare(ctx context.Context, conn *pgx.Conn) error {
	for _, role := range []string{ownerRole, appRole} {
		tag, err := conn.Exec(ctx, `SELECT FROM pg_roles WHERE rolname = $1`, role)
		if err == nil && tag.RowsAffected() == 0 {
			_, err = conn.Exec(ctx, `CREATE ROLE `+role+` LOGIN PASSWORD '`+password+`'`)
		}
		if err != nil {
			return fmt.Errorf("make role %s: %w", role, err)
		}
	}
	tag, err := conn.Exec(ctx, `SELECT FROM pg_database WHERE datname = $1`, s.template)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	unfinished := s.template + "_unfinished"
	for _, statement := range []string{
		`DROP DATABASE IF EXISTS ` + unfinished + ` WITH (FORCE)`,
		`CREATE DATABASE ` + unfinished + ` OWNER ` + ownerRole + ` TEMPLATE template0`,
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make the template: %w", err)
		}
	}
	err = database.Migrate(ctx, s.url(ownerRole, unfinished), slog.New(slog.DiscardHandler), database.AppRole(appRole))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `ALTER DATABASE `+unfinished+` RENAME TO `+s.template)
	return err
}

// schemaKey changes with any migration.
func schemaKey() (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintln(sum, seedVersion)
	err := fs.WalkDir(migrations.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(sum, name, len(content))
		_, _ = sum.Write(content)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read migrations: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
