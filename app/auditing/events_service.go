package auditing

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
)

// RecordTx adds an event to the transaction's organization: the actor and the request id come from ctx, the time from the clock. The
// insert is queued, so it costs no round trip of its own.
func (s *Service) RecordTx(ctx context.Context, tx database.Tx, e audit.Event) error {
	before, err := values(e.Before)
	if err != nil {
		return fmt.Errorf("record %s: write what it was before: %w", e.Action, err)
	}
	after, err := values(e.After)
	if err != nil {
		return fmt.Errorf("record %s: write what it is now: %w", e.Action, err)
	}
	who := actor.From(ctx)
	queueRecord(tx, audit.Record{
		ID: uuid.Must(uuid.NewV7()), At: s.now(), ActorKind: who.Kind, ActorID: known(who.ID), RequestID: who.RequestID,
		Action: e.Action, SubjectType: e.SubjectType, SubjectID: e.SubjectID, Before: before, After: after,
	})
	return nil
}

// List returns the records of the organization that the actor of ctx works for, the newest first.
func (s *Service) List(ctx context.Context, f audit.Filter) ([]audit.Line, error) {
	if f.SubjectID != uuid.Nil && f.SubjectType == "" {
		return nil, fault.Invalid("subject_type", "audit.subject_type_missing", "Say what sort of thing the subject is.")
	}
	var lines []audit.Line
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		lines, err = records(ctx, r, f)
		return err
	})
	return lines, err
}

func values(side any) (audit.Values, error) {
	if side == nil {
		return nil, nil
	}
	text, err := json.Marshal(side)
	if err != nil || string(text) == "null" {
		return nil, err
	}
	return text, nil
}

func known(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
