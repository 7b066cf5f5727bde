package database

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// errAborted means that a statement failed, its error was swallowed and COMMIT therefore did nothing.
var errAborted = errors.New("commit: an earlier statement had failed, nothing was saved")

// deferred is a queued write.
type deferred struct {
	sql   string
	args  []any
	onErr func(error) error
}

func (s *session) Queue(sql string, args []any, onErr func(error) error) {
	s.queue = append(s.queue, deferred{sql, args, onErr})
}

// QueueCreate queues the INSERT that GORM writes for value, a model or a slice of models. Columns filled by the database
// are not read back.
func QueueCreate(ctx context.Context, tx Tx, value any, onErr func(error) error) error {
	dry := tx.Gorm(ctx).Session(&gorm.Session{DryRun: true}).Create(value)
	if dry.Error != nil {
		return fmt.Errorf("write the insert: %w", dry.Error)
	}
	tx.Queue(dry.Statement.SQL.String(), dry.Statement.Vars, onErr)
	return nil
}

// flush sends the queued writes. After a failure the transaction is lost and every later statement repeats the reason.
func (s *session) flush(ctx context.Context) error {
	if s.failed != nil {
		return s.failed
	}
	if len(s.queue) == 0 {
		return nil
	}
	return s.send(ctx, false)
}

// send runs the queued writes, and COMMIT if asked, in one round trip.
func (s *session) send(ctx context.Context, commit bool) error {
	queue := s.queue
	s.queue = nil
	var committed pgconn.CommandTag
	err := s.raw(func(c *pgx.Conn) (err error) {
		if len(queue) == 0 {
			committed, err = c.Exec(ctx, "commit")
			return commitError(err)
		}
		batch := &pgx.Batch{}
		for _, q := range queue {
			batch.Queue(q.sql, q.args...)
		}
		if commit {
			batch.Queue("commit")
		}
		results := c.SendBatch(ctx, batch)
		defer func() {
			if closing := results.Close(); err == nil {
				err = closing
			}
		}()
		for _, q := range queue {
			if _, err := results.Exec(); err != nil {
				return q.explain(err)
			}
		}
		if commit {
			committed, err = results.Exec()
			return commitError(err)
		}
		return nil
	})
	if err != nil {
		s.failed = s.note(err)
		return err
	}
	if commit && committed.String() == "ROLLBACK" {
		return errAborted
	}
	return nil
}

func commitError(err error) error {
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (q deferred) explain(err error) error {
	if q.onErr == nil || repeatable(err) {
		return err
	}
	return q.onErr(err)
}
