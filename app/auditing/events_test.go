package auditing_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type fixture struct {
	*auditing.Service
	db            *database.DB
	owner         string
	river, harbor uuid.UUID
	olga          uuid.UUID
}

func start(t *testing.T) *fixture {
	t.Helper()
	db, urls := databasetest.NewWithURLs(t)
	f := &fixture{Service: auditing.New(db, func() time.Time { return noon }), db: db, owner: urls.Owner, olga: uuid.Must(uuid.NewV7())}
	f.river, f.harbor = f.organization(t, "riverbend"), f.organization(t, "harbor")
	require.NoError(t, db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO logins (id, email, email_normalized, name, created_at) VALUES ($1, 'o@x.example', 'o@x.example', 'Olga', $2)`, f.olga, noon)
		return err
	}))
	return f
}

func (f *fixture) organization(t *testing.T, slug string) uuid.UUID {
	t.Helper()
	org := uuid.Must(uuid.NewV7())
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
			VALUES ($1, 'nonprofit', $2, $2, $2, $3, $3)`, org, slug, noon)
		return err
	}))
	return org
}

// as is the context of Olga's request at the organization.
func (f *fixture) as(t *testing.T, org uuid.UUID) context.Context {
	t.Helper()
	return actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: f.olga, OrgID: org, RequestID: "req-7"})
}

func (f *fixture) record(ctx context.Context, org uuid.UUID, e audit.Event) error {
	return f.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error { return f.RecordTx(ctx, tx, e) })
}

func TestARecordSaysWhoDidWhatAndWhatItWasBefore(t *testing.T) {
	t.Parallel()
	f := start(t)
	fund := uuid.Must(uuid.NewV7())
	require.NoError(t, f.record(f.as(t, f.river), f.river, audit.Event{
		Action: "fund.renamed", SubjectType: "fund", SubjectID: fund, Before: map[string]any{"name": "Books"}, After: map[string]any{"name": "Library"},
	}))
	lines, err := f.List(f.as(t, f.river), audit.Filter{Limit: 10})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	got := lines[0]
	require.Equal(t, audit.Line{ActorName: "Olga", Record: audit.Record{
		OrgID: f.river, ID: got.ID, Seq: got.Seq, At: noon, ActorKind: actor.KindLogin, ActorID: &f.olga, Action: "fund.renamed", SubjectType: "fund",
		SubjectID: fund, Before: json.RawMessage(`{"name": "Books"}`), After: json.RawMessage(`{"name": "Library"}`), RequestID: "req-7",
	}}, got)
}

func TestNothingToSayIsNull(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx := actor.With(t.Context(), actor.System)
	var nothing map[string]any
	require.NoError(t, f.record(ctx, f.river, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river, Before: nothing}))
	require.NoError(t, f.db.Read(ctx, database.Tenant(f.river), func(r database.Reader) error {
		var nulls bool
		err := r.QueryRow(ctx, `SELECT before IS NULL AND after IS NULL AND actor_id IS NULL FROM audit_events`).Scan(&nulls)
		require.True(t, nulls)
		return err
	}))
	lines, err := f.List(f.as(t, f.river), audit.Filter{Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []any{actor.KindSystem, "", audit.Values(nil)}, []any{lines[0].ActorKind, lines[0].ActorName, lines[0].After})
}

func TestARecordStandsAndFallsWithItsTransaction(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx := f.as(t, f.river)
	refused := errors.New("refused")
	require.ErrorIs(t, f.db.InTx(ctx, database.Tenant(f.river), func(tx database.Tx) error {
		require.NoError(t, f.RecordTx(ctx, tx, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river}))
		return refused
	}), refused)
	lines, err := f.List(ctx, audit.Filter{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, lines)
	require.Error(t, f.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		return f.RecordTx(ctx, tx, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river})
	}), "a change that belongs to no organization has no place here")
	require.Error(t, f.record(ctx, f.river, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river, After: func() {}}))
}

func TestListIsNewestFirstFilteredAndPaged(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx := f.as(t, f.river)
	subject := uuid.Must(uuid.NewV7())
	for _, action := range []string{"gift.recorded", "gift.thanked", "gift.refunded"} {
		require.NoError(t, f.record(ctx, f.river, audit.Event{Action: action, SubjectType: "donation", SubjectID: subject}))
		require.NoError(t, f.record(ctx, f.river, audit.Event{Action: "fund.renamed", SubjectType: "fund", SubjectID: subject}))
	}
	actions := func(filter audit.Filter) (found []string, last int64) {
		lines, err := f.List(ctx, filter)
		require.NoError(t, err)
		for _, l := range lines {
			found, last = append(found, l.Action), l.Seq
		}
		return found, last
	}
	gifts := audit.Filter{SubjectType: "donation", SubjectID: subject, Limit: 2}
	found, last := actions(gifts)
	require.Equal(t, []string{"gift.refunded", "gift.thanked"}, found)
	gifts.Before = last
	found, _ = actions(gifts)
	require.Equal(t, []string{"gift.recorded"}, found)
	found, _ = actions(audit.Filter{Limit: 10})
	require.Len(t, found, 6)
	found, _ = actions(audit.Filter{SubjectType: "donation", SubjectID: uuid.Must(uuid.NewV7()), Limit: 10})
	require.Empty(t, found)
	_, err := f.List(ctx, audit.Filter{SubjectID: subject, Limit: 10})
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func TestAnotherOrganizationSeesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	require.NoError(t, f.record(f.as(t, f.river), f.river, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river}))
	for _, org := range []uuid.UUID{f.harbor, uuid.Nil} {
		lines, err := f.List(f.as(t, org), audit.Filter{SubjectType: "fund", SubjectID: f.river, Limit: 10})
		require.NoError(t, err)
		require.Empty(t, lines)
	}
}

func TestRecordsCannotBeChangedByAnybody(t *testing.T) {
	t.Parallel()
	f := start(t)
	require.NoError(t, f.record(f.as(t, f.river), f.river, audit.Event{Action: "fund.closed", SubjectType: "fund", SubjectID: f.river}))
	owner, err := pgx.Connect(t.Context(), f.owner)
	require.NoError(t, err)
	defer func() { _ = owner.Close(context.WithoutCancel(t.Context())) }()
	_, err = owner.Exec(t.Context(), `SELECT set_config('app.org_id', $1, false)`, f.river.String())
	require.NoError(t, err)
	for _, change := range []string{`UPDATE audit_events SET action = 'nothing'`, `DELETE FROM audit_events`} {
		err := f.db.InTx(t.Context(), database.Tenant(f.river), func(tx database.Tx) error {
			_, err := tx.Exec(t.Context(), change)
			return err
		})
		require.Equal(t, "42501", database.Code(err), "the program lacks the right")
		_, err = owner.Exec(t.Context(), change)
		require.Equal(t, "append_only", database.Constraint(err), "the owner meets the trigger")
	}
	_, err = owner.Exec(t.Context(), `TRUNCATE audit_events`)
	require.Equal(t, "append_only", database.Constraint(err))
}
