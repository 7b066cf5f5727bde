package auditing

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/audit"
)

// queueRecord takes the organization from the transaction's own scope: a record can only land where the change did.
func queueRecord(tx database.Tx, r audit.Record) {
	tx.Queue(`INSERT INTO audit_events
			(org_id, id, at, actor_kind, actor_id, action, subject_type, subject_id, before, after, request_id)
		VALUES (nullif(current_setting('app.org_id', true), '')::uuid, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		[]any{r.ID, r.At, string(r.ActorKind), r.ActorID, r.Action, r.SubjectType, r.SubjectID, r.Before, r.After, r.RequestID}, nil)
}

// records reads names where they live now, in logins, API tokens and people: a record keeps ids only, so that erasing a person erases
// the name here too.
func records(ctx context.Context, r database.Reader, f audit.Filter) ([]audit.Line, error) {
	sql := `SELECT e.org_id, e.id, e.seq, e.at, e.actor_kind, e.actor_id, e.action, e.subject_type, e.subject_id, e.before, e.after,
			e.request_id, coalesce(l.name, t.name, p.first_name || ' ' || p.last_name, '')
		FROM audit_events e
		LEFT JOIN logins l ON e.actor_kind = 'login' AND l.id = e.actor_id
		LEFT JOIN api_tokens t ON e.actor_kind = 'token' AND t.org_id = e.org_id AND t.id = e.actor_id
		LEFT JOIN people p ON e.actor_kind = 'supporter' AND p.org_id = e.org_id AND p.id = e.actor_id
		WHERE e.org_id = nullif(current_setting('app.org_id', true), '')::uuid`
	var args []any
	where := func(condition string, arg any) {
		args = append(args, arg)
		sql += fmt.Sprintf(" AND "+condition, len(args))
	}
	if f.SubjectType != "" {
		where("e.subject_type = $%d", f.SubjectType)
	}
	if f.SubjectID != uuid.Nil {
		where("e.subject_id = $%d", f.SubjectID)
	}
	if f.Before > 0 {
		where("e.seq < $%d", f.Before)
	}
	args = append(args, f.Limit)
	rows, err := r.Query(ctx, sql+fmt.Sprintf(" ORDER BY e.seq DESC LIMIT $%d", len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("list audit events: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var lines []audit.Line
	for rows.Next() {
		var l audit.Line
		if err := rows.Scan(&l.OrgID, &l.ID, &l.Seq, &l.At, &l.ActorKind, &l.ActorID, &l.Action, &l.SubjectType, &l.SubjectID,
			(*[]byte)(&l.Before), (*[]byte)(&l.After), &l.RequestID, &l.ActorName); err != nil {
			return nil, fmt.Errorf("read an audit event: %w", err)
		}
		lines = append(lines, l)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list audit events: %w", err)
	}
	return lines, nil
}
