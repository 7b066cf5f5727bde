package database

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Alone runs one statement under scope as a transaction of its own and returns the number of rows it changed. It is InTx in a single round
// trip instead of three: the scope's settings and the statement travel together, and PostgreSQL commits what arrives together as one.
func (db *DB) Alone(ctx context.Context, scope Scope, sql string, args ...any) (changed int64, err error) {
	err = repeatedly(ctx, func() (bool, error) {
		batch := &pgx.Batch{}
		batch.Queue(scope.settings(), setting(scope.org), setting(scope.login))
		batch.Queue(sql, args...)
		results := db.primary.pgx.SendBatch(ctx, batch)
		_, err := results.Exec()
		if err == nil {
			var tag pgconn.CommandTag
			tag, err = results.Exec()
			changed = tag.RowsAffected()
		}
		if closing := results.Close(); err == nil {
			err = closing // the commit's answer
		}
		return repeatable(err) || err != nil && pgconn.SafeToRetry(err) && ctx.Err() == nil, err
	})
	return changed, err
}

// settings is what begin sets, as a statement that takes parameters.
func (s Scope) settings() string {
	set := "select set_config('app.org_id', $1, true), set_config('app.login_id', $2, true)"
	if s.unsynced {
		set += ", set_config('synchronous_commit', 'off', true)"
	}
	return set
}
