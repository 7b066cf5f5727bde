// Package database is the only door to PostgreSQL.
//
// All work happens in a transaction that names its [Scope]: one tenant, one login or the platform. The scope's settings
// travel in the same message as BEGIN, and row level security compares each row with them; a statement without a scope
// cannot be written, because nothing outside [DB.InTx], [DB.Read] and [DB.ReadReplica] hands out a connection.
//
// Inside a transaction GORM, plain SQL, deferred writes ([Tx.Queue]) and the borrowed pgx transaction ([Do], for
// River and COPY) are one and the same PostgreSQL transaction on one connection.
//
// Roles. The schema belongs to an owner role, which runs [Migrate]. The program runs as a second role that is only
// granted what it needs, so that append-only tables have no UPDATE or DELETE for it. The migrations grant to the role
// tributary_app, which Migrate creates without login when it is missing and the owner may create roles; a login role
// given with [AppRole] is made a member of it. With a single role for both (DATABASE_URL alone) forced row level security
// still separates tenants and triggers still refuse changes to append-only tables.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

// ErrPrivilegedRole means that the configured role ignores row level security, so tenants would not be separated.
var ErrPrivilegedRole = errors.New("database role is superuser or has BYPASSRLS: use a role that row level security binds")

// defaultConns lets requests and jobs of one process work side by side.
const defaultConns = 30

// Config says how to reach PostgreSQL.
type Config struct {
	// URL of the primary, with the application role.
	URL string
	// ReplicaURL of a streaming replica for searches and reports; empty means the primary.
	ReplicaURL string
	// MaxConns limits each pool; 0 means the URL's pool_max_conns, else 30.
	MaxConns int32
	// Logger receives slow statements, never their arguments; nil means slog.Default().
	Logger *slog.Logger
	// SlowStatement is the duration from which a statement is logged; 0 means 500 ms.
	SlowStatement time.Duration
}

// DB holds the pools. Its methods are safe for concurrent use.
type DB struct {
	primary *pool
	replica *pool
	gorm    *gorm.DB
	log     *slog.Logger
}

type pool struct {
	pgx *pgxpool.Pool
	sql *sql.DB
}

// Open connects, checks that the role is bound by row level security and returns the handle. The caller closes it.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	if cfg.SlowStatement == 0 {
		cfg.SlowStatement = 500 * time.Millisecond
	}
	orm, err := gorm.Open(postgres.New(postgres.Config{Conn: noScope{}}), &gorm.Config{
		SkipDefaultTransaction: true,
		PrepareStmt:            false,
		TranslateError:         false,
		DisableAutomaticPing:   true,
		Logger:                 statementLogger{log: cfg.Logger, slow: cfg.SlowStatement},
		NowFunc:                func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) },
	})
	if err != nil {
		return nil, fmt.Errorf("set up gorm: %w", err)
	}
	db := &DB{gorm: orm, log: cfg.Logger}
	if db.primary, err = openPool(ctx, cfg.URL, cfg.MaxConns); err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	db.replica = db.primary
	if cfg.ReplicaURL != "" {
		if db.replica, err = openPool(ctx, cfg.ReplicaURL, cfg.MaxConns); err != nil {
			db.primary.close()
			return nil, fmt.Errorf("connect to the database replica: %w", err)
		}
	}
	return db, nil
}

func openPool(ctx context.Context, url string, maxConns int32) (*pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("parse the URL: %w", err)
	}
	switch {
	case maxConns > 0:
		cfg.MaxConns = maxConns
	case !strings.Contains(url, "pool_max_conns"):
		cfg.MaxConns = defaultConns // pgx would take one per processor, of which jobs alone want more
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "tributary"
	}
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		// Without it pgx returns instants in the machine's zone.
		conn.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		return nil
	}
	conns, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	p := &pool{pgx: conns, sql: stdlib.OpenDBFromPool(conns)}
	if err := p.refusePrivilegedRole(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *pool) refusePrivilegedRole(ctx context.Context) error {
	var privileged bool
	err := p.pgx.QueryRow(ctx, `SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles
		WHERE rolname IN (current_user, session_user)`).Scan(&privileged)
	if err != nil {
		return fmt.Errorf("look up the role: %w", err)
	}
	if privileged {
		return ErrPrivilegedRole
	}
	return nil
}

func (p *pool) close() {
	_ = p.sql.Close() // nothing of its own: it borrows from the pgx pool
	p.pgx.Close()
}

// Close waits for running transactions and closes all connections.
func (db *DB) Close() {
	if db.replica != db.primary {
		db.replica.close()
	}
	db.primary.close()
}

// Ping reports whether the primary answers.
func (db *DB) Ping(ctx context.Context) error { return db.primary.pgx.Ping(ctx) }

// Pool lends the primary's connections to the job queue and to LISTEN. It sets no scope: tenant tables show no row
// through it.
func (db *DB) Pool() *pgxpool.Pool { return db.primary.pgx }
