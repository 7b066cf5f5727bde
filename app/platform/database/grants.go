package database

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// grant gives the application role what it needs and no more: append-only tables (those with the trigger append_only)
// can be read and added to, the records of migrations can be read. A database with one role for everything has nobody
// to grant to.
func (m *migrator) grant(ctx context.Context, pool *pgxpool.Pool) error {
	var exists, isOwner bool
	var version int
	err := pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), current_user = $1,
		current_setting('server_version_num')::int`, m.appRole).Scan(&exists, &isOwner, &version)
	if err != nil {
		return fmt.Errorf("look up the application role: %w", err)
	}
	if isOwner || !exists && !m.named {
		return nil
	}
	if !exists {
		return fmt.Errorf("grant: the application role %q does not exist", m.appRole)
	}
	tables, err := grantable(ctx, pool)
	if err != nil {
		return err
	}
	role := pgx.Identifier{m.appRole}.Sanitize()
	statements := []string{
		"GRANT USAGE ON SCHEMA public TO " + role,
		"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO " + role,
	}
	for _, t := range tables {
		statements = append(statements,
			"REVOKE ALL ON "+t.name+" FROM "+role, "GRANT "+t.rights(version)+" ON "+t.name+" TO "+role)
	}
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, s := range statements {
			batch.Queue(s)
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("grant to %s: %w", m.appRole, err)
		}
		return nil
	})
}

type grantTable struct {
	name       string
	appendOnly bool
	readOnly   bool
	jobs       bool
}

func grantable(ctx context.Context, pool *pgxpool.Pool) ([]grantTable, error) {
	rows, err := pool.Query(ctx, `
		SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname),
			EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only'),
			c.relkind IN ('v', 'm') OR c.relname IN ('goose_db_version', 'river_migration'),
			c.relname = 'river_job'
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')
			AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
		ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t grantTable, err error) {
		return t, row.Scan(&t.name, &t.appendOnly, &t.readOnly, &t.jobs)
	})
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return tables, nil
}

func (t grantTable) rights(serverVersion int) string {
	switch {
	case t.readOnly:
		return "SELECT"
	case t.appendOnly:
		return "SELECT, INSERT"
	case t.jobs && serverVersion >= 170000:
		return "SELECT, INSERT, UPDATE, DELETE, MAINTAIN" // River rebuilds its indexes
	default:
		return "SELECT, INSERT, UPDATE, DELETE"
	}
}
