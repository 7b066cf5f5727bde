package scene

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Charity is an organization that collects for a library: its cause, the cause's fund, and a published campaign.
type Charity struct {
	Org      account.Organization
	Cause    cause.Cause
	Fund     cause.Fund
	Campaign campaign.Campaign
}

// NewCharity founds the Riverbend Trust, so far in memory only.
func NewCharity(t testing.TB, currency, zone string, now time.Time, change ...func(*campaign.Details)) (c Charity) {
	t.Helper()
	var err error
	c.Org, err = account.NewOrganization(account.OrganizationDetails{
		Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Currency: currency, Zone: zone,
	}, now)
	require.NoError(t, err)
	c.Cause = cause.Cause{OrgID: c.Org.ID.UUID, ID: id.New[cause.Cause](), Slug: "reading", Name: "Reading", Status: cause.Published, CreatedAt: now, UpdatedAt: now}
	c.Fund, err = c.Cause.AddFund(cause.FundDetails{Code: "LIB", Name: "Library", Restriction: cause.ForPurpose}, now)
	require.NoError(t, err)
	details := campaign.Details{
		Title: "Rebuild the library", Slug: "library", CauseID: c.Cause.ID, FundID: c.Fund.ID, Goal: money.New(3_000_000, c.Org.Currency),
	}
	for _, change := range change {
		change(&details)
	}
	moment := campaign.MomentIn(now, c.Org.Location())
	c.Campaign, err = campaign.New(c.Org.ID.UUID, c.Org.Currency, details, moment)
	require.NoError(t, err)
	require.NoError(t, c.Campaign.Publish(c.Cause, c.Fund, moment))
	return c
}

// Store writes rows of an organization.
func Store(t testing.TB, db *database.DB, org uuid.UUID, rows ...any) {
	t.Helper()
	require.NoError(t, db.InTx(context.Background(), database.Tenant(org), func(tx database.Tx) error {
		for _, row := range rows {
			if err := tx.Gorm(context.Background()).Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	}))
}

// Directory reads organizations and campaigns as the features that keep them do.
type Directory struct{ DB *database.DB }

// OrganizationBySlug finds an organization.
func (d Directory) OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error) {
	return d.organization(ctx, "slug = ?", slug)
}

// Organization finds an organization.
func (d Directory) Organization(ctx context.Context, org uuid.UUID) (account.Organization, error) {
	return d.organization(ctx, "id = ?", org)
}

func (d Directory) organization(ctx context.Context, where string, arg any) (o account.Organization, err error) {
	err = d.DB.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		o, err = gorm.G[account.Organization](r.Gorm(ctx)).Where(where, arg).Take(ctx)
		return err
	})
	return o, err
}

// CampaignForGiving finds a campaign that the public may see.
func (d Directory) CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (o account.Organization, c campaign.Campaign, err error) {
	if o, err = d.OrganizationBySlug(ctx, orgSlug); err != nil {
		return o, c, campaign.ErrNotFound
	}
	err = d.DB.Read(ctx, database.Tenant(o.ID.UUID), func(r database.Reader) (err error) {
		c, err = gorm.G[campaign.Campaign](r.Gorm(ctx)).Where("slug = ? and status <> 'draft'", campaignSlug).Take(ctx)
		return err
	})
	if database.IsNoRows(err) {
		err = campaign.ErrNotFound
	}
	return o, c, err
}
