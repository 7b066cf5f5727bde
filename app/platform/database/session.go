package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/gorm"
)

// errNoScope answers every statement sent outside a transaction.
var errNoScope = errors.New("no transaction: use InTx, Read or ReadReplica")

// rollbackTimeout bounds the clean-up after the caller's context has ended.
const rollbackTimeout = 5 * time.Second

// Reader runs queries inside one transaction. It is not safe for concurrent use: it is one connection.
// Only this package implements it.
type Reader interface {
	// Gorm returns a GORM handle bound to this transaction, also for the generics API: gorm.G[T](r.Gorm(ctx)).
	Gorm(ctx context.Context) *gorm.DB
	// Query runs SQL with $1 placeholders. The caller closes the rows before the next statement.
	Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error)
	// QueryRow runs SQL with $1 placeholders; Scan reports sql.ErrNoRows when there is no row (see IsNoRows).
	QueryRow(ctx context.Context, sql string, args ...any) Row

	session() *session
}

// Row is the answer to QueryRow.
type Row interface{ Scan(dest ...any) error }

// Tx is a read-write transaction. It is not safe for concurrent use, and it ends with the function it was given to.
type Tx interface {
	Reader
	// Exec runs SQL with $1 placeholders and returns the number of rows it changed.
	Exec(ctx context.Context, sql string, args ...any) (int64, error)
	// Queue defers a write. Queued statements travel together in one round trip: before the next statement of this
	// transaction, or else with COMMIT. The error of a queued statement passes through onErr (nil: unchanged), which turns
	// a constraint's name into a domain error, and becomes the error of InTx.
	Queue(sql string, args []any, onErr func(error) error)
	// AfterCommit runs f once the transaction is committed, never if it is rolled back. f must not fail or block.
	AfterCommit(f func())
}

// session is one transaction on one reserved connection. It is also the gorm.ConnPool of its handle, as a pointer,
// because GORM's plugins key maps by it.
type session struct {
	ctx     context.Context // of InTx; a transaction does not outlive it
	conn    *sql.Conn
	tx      pgx.Tx
	orm     *gorm.DB
	queue   []deferred
	open    *sql.Rows // of the last query, closed at the end in case the caller leaked it
	failed  error     // of a queued statement: the transaction is lost and this is why
	repeat  bool      // PostgreSQL refused a statement for its neighbours' sake
	after   []func()
	savings int
}

func (p *pool) begin(ctx context.Context, orm *gorm.DB, scope Scope, mode pgx.TxAccessMode) (*session, error) {
	conn, err := p.sql.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("take a connection: %w", err)
	}
	s := &session{ctx: ctx, conn: conn}
	err = s.raw(func(c *pgx.Conn) error {
		s.tx, err = c.BeginTx(ctx, pgx.TxOptions{BeginQuery: scope.begin(mode)})
		return err
	})
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("begin: %w", err)
	}
	s.orm = orm.Session(&gorm.Session{NewDB: true, Context: ctx})
	s.orm.Statement.ConnPool = s
	return s, nil
}

// raw lends the driver's connection while database/sql holds its lock: outside, a cancelled statement would close the
// connection under our hands.
func (s *session) raw(f func(*pgx.Conn) error) error {
	return s.conn.Raw(func(c any) error { return f(c.(*stdlib.Conn).Conn()) })
}

func (s *session) session() *session { return s }

func (s *session) Gorm(ctx context.Context) *gorm.DB { return s.orm.WithContext(ctx) }

func (s *session) Query(ctx context.Context, sql string, args ...any) (*sql.Rows, error) {
	return s.QueryContext(ctx, sql, args...)
}

func (s *session) QueryRow(ctx context.Context, sql string, args ...any) Row {
	rows, err := s.QueryContext(ctx, sql, args...) //nolint:rowserrcheck // Scan checks it
	return row{rows: rows, err: err, note: s.note}
}

func (s *session) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	result, err := s.ExecContext(ctx, sql, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *session) AfterCommit(f func()) { s.after = append(s.after, f) }

// PrepareContext serves gorm.ConnPool.
func (s *session) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	return s.conn.PrepareContext(ctx, query)
}

// ExecContext serves gorm.ConnPool.
func (s *session) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	result, err := s.conn.ExecContext(ctx, query, args...)
	return result, s.note(err)
}

// QueryContext serves gorm.ConnPool.
func (s *session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	rows, err := s.conn.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.note(err)
	}
	s.open = rows
	return rows, nil
}

// QueryRowContext serves gorm.ConnPool. A *sql.Row cannot carry a foreign error: after a failed flush the query fails in
// the aborted transaction, and InTx reports the flush's error.
func (s *session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_ = s.flush(ctx)
	return s.conn.QueryRowContext(ctx, query, args...)
}

// note remembers that the transaction is to be repeated, even when the caller turns the error into one of its own.
func (s *session) note(err error) error {
	if repeatable(err) {
		s.repeat = true
	}
	return err
}

// commit sends what is queued and COMMIT in one round trip.
func (s *session) commit() error {
	s.closeRows()
	if s.failed != nil {
		return s.failed
	}
	err := s.send(s.ctx, true)
	if err != nil {
		return err
	}
	_ = s.conn.Close()
	return nil
}

// rollback works after the caller's context has ended. What it cannot roll back the pool closes.
func (s *session) rollback() {
	s.closeRows()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), rollbackTimeout)
	defer cancel()
	_ = s.raw(func(c *pgx.Conn) error {
		if c.IsClosed() {
			return nil
		}
		if _, err := c.Exec(ctx, "rollback"); err != nil {
			return c.Close(ctx)
		}
		return nil
	})
	_ = s.conn.Close()
}

func (s *session) closeRows() {
	if s.open != nil {
		_ = s.open.Close()
	}
}

type row struct {
	rows *sql.Rows
	err  error
	note func(error) error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return r.note(err)
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.note(r.rows.Close())
}

// noScope is the ConnPool of the handle that no transaction has been bound to.
type noScope struct{}

func (noScope) PrepareContext(context.Context, string) (*sql.Stmt, error) { return nil, errNoScope }

func (noScope) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errNoScope
}

func (noScope) QueryContext(context.Context, string, ...any) (*sql.Rows, error) {
	return nil, errNoScope
}

func (noScope) QueryRowContext(context.Context, string, ...any) *sql.Row { return nil }
