package causes_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/auditing"
	"tributary/app/causes"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/domain/actor"
	"tributary/domain/cause"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// fixture is the service with its database, two nonprofits and a company.
type fixture struct {
	*causes.Service
	db                  *database.DB
	urls                databasetest.Addresses
	at                  time.Time
	river, harbor, acme context.Context // staff of each
}

func start(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	f.db, f.urls = databasetest.NewWithURLs(t)
	f.Service = causes.New(f.db, auditing.New(f.db, f.now), f.now)
	f.river, f.harbor, f.acme = f.staff(t, "riverbend", "nonprofit"), f.staff(t, "harbor", "nonprofit"), f.staff(t, "acme", "company")
	return f
}

func (f *fixture) now() time.Time { return f.at }

func (f *fixture) staff(t *testing.T, slug, kind string) context.Context {
	t.Helper()
	org := uuid.Must(uuid.NewV7())
	f.exec(t, org, `INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
		VALUES ($1, $2, $3, $3, $3, $4, $4)`, org, kind, slug, f.at)
	return actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: org})
}

func (f *fixture) exec(t *testing.T, org uuid.UUID, query string, args ...any) {
	t.Helper()
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	}))
}

func (f *fixture) count(t *testing.T, org uuid.UUID, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		return r.QueryRow(t.Context(), query, args...).Scan(&n)
	}))
	return n
}

// live adds a campaign that collects for the fund.
func (f *fixture) live(t *testing.T, fund cause.Fund, status string) {
	t.Helper()
	f.exec(t, fund.OrgID, `INSERT INTO campaigns (org_id, id, cause_id, fund_id, slug, title, goal_minor, goal_currency, suggested_minor,
		default_minor, status, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, 'Campaign', 0, 'USD', '{5000}', 5000, $5, $6, $6)`,
		fund.OrgID, uuid.Must(uuid.NewV7()), fund.CauseID, fund.ID, status, f.at)
}

func orgOf(ctx context.Context) uuid.UUID { return actor.From(ctx).OrgID }

func ptr[T any](v T) *T { return &v }

func requireInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.KindInvalid, f.Kind)
	require.Equal(t, field, f.Fields[0].Location)
}

// withFund makes a published cause with a fund at the organization of ctx.
func (f *fixture) withFund(t *testing.T, ctx context.Context) (causes.Listed, cause.Fund) {
	t.Helper()
	c, err := f.Create(ctx, cause.Details{Name: "School library", Summary: "Books"})
	require.NoError(t, err)
	fund, err := f.AddFund(ctx, c.ID, cause.FundDetails{Code: "lib", Name: "Library fund", Restriction: cause.ForPurpose})
	require.NoError(t, err)
	c, err = f.Change(ctx, c.ID, cause.Patch{Status: ptr(cause.Published)})
	require.NoError(t, err)
	return c, fund
}

func TestCauseFromDraftToArchive(t *testing.T) {
	t.Parallel()
	f := start(t)
	c, fund := f.withFund(t, f.river)
	require.Equal(t, "school-library", c.Slug)
	require.Equal(t, cause.Published, c.Status)
	require.Equal(t, []cause.Fund{fund}, c.Funds)

	f.at = f.at.Add(time.Hour)
	c, err := f.Change(f.river, c.ID, cause.Patch{Name: ptr("The library"), Status: ptr(cause.Archived)})
	require.NoError(t, err)
	listed, err := f.List(f.river)
	require.NoError(t, err)
	require.Equal(t, []causes.Listed{c}, listed)
	require.Equal(t, f.at, listed[0].UpdatedAt)
	require.Equal(t, 1, f.count(t, orgOf(f.river), `SELECT count(*) FROM audit_events WHERE action = 'cause.changed'
		AND before->>'status' = 'published' AND after->>'status' = 'archived' AND subject_id = $1`, c.ID))

	_, err = f.AddFund(f.river, c.ID, cause.FundDetails{Code: "x", Name: "x", Restriction: cause.ForTime})
	require.ErrorIs(t, err, cause.ErrArchived)
}

func TestCauseWithLiveCampaignStaysPublished(t *testing.T) {
	t.Parallel()
	f := start(t)
	c, fund := f.withFund(t, f.river)
	f.live(t, fund, "draft")
	f.live(t, fund, "live")
	for _, status := range []cause.Status{cause.Archived, cause.Draft} {
		_, err := f.Change(f.river, c.ID, cause.Patch{Status: &status})
		require.ErrorIs(t, err, cause.ErrHasLiveCampaigns)
	}
	_, err := f.ChangeFund(f.river, fund.ID, cause.FundPatch{Active: ptr(false)})
	require.ErrorIs(t, err, cause.ErrFundHasLiveCampaigns)
	_, err = f.Change(f.river, c.ID, cause.Patch{Summary: ptr("More books")})
	require.NoError(t, err, "words may change")

	f.exec(t, orgOf(f.river), "UPDATE campaigns SET status = 'ended' WHERE status = 'live'")
	_, err = f.Change(f.river, c.ID, cause.Patch{Status: ptr(cause.Archived)})
	require.NoError(t, err)
}

func TestSlugsAndCodesAreTakenOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	c, _ := f.withFund(t, f.river)
	_, err := f.Create(f.river, cause.Details{Name: "School library"})
	require.ErrorIs(t, err, cause.ErrSlugTaken)
	_, err = f.AddFund(f.river, c.ID, cause.FundDetails{Code: "LIB", Name: "Second", Restriction: cause.Unrestricted})
	require.ErrorIs(t, err, cause.ErrFundCodeTaken)
	_, err = f.Create(f.river, cause.Details{Name: "図書館"})
	requireInvalid(t, err, "slug")
	f.withFund(t, f.harbor) // another organization may use both
}

func TestFundChanges(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, fund := f.withFund(t, f.river)
	changed, err := f.ChangeFund(f.river, fund.ID, cause.FundPatch{Name: ptr("Books"), Active: ptr(false)})
	require.NoError(t, err)
	require.False(t, changed.Active)
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(fund.OrgID), func(r database.Reader) error {
		read, err := f.FundTx(t.Context(), r, fund.OrgID, fund.ID)
		require.Equal(t, changed, read)
		return err
	}))
	_, err = f.ChangeFund(f.river, fund.ID, cause.FundPatch{Name: ptr("")})
	requireInvalid(t, err, "name")
}

func TestCausesOfOthersAreOutOfReach(t *testing.T) {
	t.Parallel()
	f := start(t)
	c, fund := f.withFund(t, f.river)
	_, err := f.Change(f.harbor, c.ID, cause.Patch{Name: ptr("Mine now")})
	require.ErrorIs(t, err, cause.ErrNotFound)
	_, err = f.AddFund(f.harbor, c.ID, cause.FundDetails{Code: "x", Name: "x", Restriction: cause.ForTime})
	require.ErrorIs(t, err, cause.ErrNotFound)
	_, err = f.ChangeFund(f.harbor, fund.ID, cause.FundPatch{Active: ptr(false)})
	require.ErrorIs(t, err, cause.ErrFundNotFound)
	listed, err := f.List(f.harbor)
	require.NoError(t, err)
	require.Empty(t, listed)
	require.ErrorIs(t, f.db.Read(t.Context(), database.Tenant(orgOf(f.harbor)), func(r database.Reader) error {
		_, err := f.FundTx(t.Context(), r, orgOf(f.harbor), fund.ID)
		return err
	}), cause.ErrFundNotFound)
	_, err = f.Change(f.river, id.New[cause.Cause](), cause.Patch{})
	require.ErrorIs(t, err, cause.ErrNotFound)
}
