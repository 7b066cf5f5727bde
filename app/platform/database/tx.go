package database

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	maxAttempts  = 10
	firstBackoff = 4 * time.Millisecond
	maxBackoff   = 250 * time.Millisecond
)

// InTx runs do in a transaction under scope and commits it when do returns nil. When PostgreSQL refuses the transaction
// because of its neighbours (serialization failure, deadlock) everything is rolled back and do runs again, so do touches
// only the database and builds its results from nothing each time. An error or a panic of do rolls back.
func (db *DB) InTx(ctx context.Context, scope Scope, do func(tx Tx) error) error {
	return repeatedly(ctx, func() (bool, error) {
		return db.primary.once(ctx, db, scope, "", func(s *session) error { return do(s) })
	})
}

// Read runs do in a read-only transaction under scope on the primary; all its statements see the same moment. Like InTx it may run do again.
func (db *DB) Read(ctx context.Context, scope Scope, do func(r Reader) error) error {
	return repeatedly(ctx, func() (bool, error) {
		return db.primary.once(ctx, db, scope, pgx.ReadOnly, func(s *session) error { return do(s) })
	})
}

// ReadReplica is Read on the replica, when there is one: for searches and reports that may lag by a moment, never for
// money or for what the same person has just written.
func (db *DB) ReadReplica(ctx context.Context, scope Scope, do func(r Reader) error) error {
	return repeatedly(ctx, func() (bool, error) {
		return db.replica.once(ctx, db, scope, pgx.ReadOnly, func(s *session) error { return do(s) })
	})
}

// Do lends the transaction itself, for what needs pgx: River's InsertTx, COPY, batches that read. The borrowed value
// must not be kept and cannot be ended.
func Do(tx Tx, do func(pgx.Tx) error) error {
	s := tx.session()
	if err := s.flush(s.ctx); err != nil {
		return err
	}
	return s.note(s.raw(func(*pgx.Conn) error { return do(lent{s.tx}) }))
}

// Savepoint runs do so that its failure undoes only what do did, and the transaction goes on: one bad line of an import
// among good ones.
func Savepoint(ctx context.Context, tx Tx, do func() error) error {
	s := tx.session()
	s.savings++
	name := fmt.Sprintf("s%d", s.savings)
	if _, err := s.ExecContext(ctx, "savepoint "+name); err != nil {
		return err
	}
	waiting, repeat := len(s.after), s.repeat
	err := do()
	if err == nil {
		err = s.flush(ctx)
	}
	if err == nil {
		_, err = s.ExecContext(ctx, "release savepoint "+name)
		return err
	}
	s.closeRows()
	s.queue, s.failed, s.after, s.repeat = nil, nil, s.after[:waiting], repeat
	if _, undo := s.ExecContext(ctx, "rollback to savepoint "+name+"; release savepoint "+name); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

// once makes one attempt and reports whether another one is worth it.
func (p *pool) once(ctx context.Context, db *DB, scope Scope, mode pgx.TxAccessMode, do func(*session) error) (again bool, err error) {
	s, err := p.begin(ctx, db.gorm, scope, mode)
	if err != nil {
		return repeatable(err) || pgconn.SafeToRetry(err) && ctx.Err() == nil, err
	}
	ended := false
	defer func() { // also when do panics or a test calls FailNow
		if !ended {
			s.rollback()
		}
	}()
	if err := do(s); err != nil {
		return s.repeat || repeatable(err), err
	}
	if err := s.commit(); err != nil {
		return s.repeat || repeatable(err), err
	}
	ended = true
	for _, f := range s.after {
		f()
	}
	return false, nil
}

func repeatedly(ctx context.Context, attempt func() (again bool, err error)) error {
	backoff := firstBackoff
	for n := 1; ; n++ {
		again, err := attempt()
		if !again || n == maxAttempts {
			return err
		}
		timer := time.NewTimer(rand.N(backoff) + backoff/2)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// lent is the transaction without its end.
type lent struct{ pgx.Tx }

var errNotYours = errors.New("a borrowed transaction ends in InTx")

func (lent) Commit(context.Context) error   { return errNotYours }
func (lent) Rollback(context.Context) error { return errNotYours }
