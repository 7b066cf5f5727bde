package fundraising

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/campaign"
)

// CampaignForGiving finds the campaign of a giving form. A draft is not found; one that has ended or not begun says so.
func (s *Service) CampaignForGiving(ctx context.Context, orgSlug, campaignSlug string) (account.Organization, campaign.Campaign, error) {
	if !campaign.IsSlug(orgSlug) || !campaign.IsSlug(campaignSlug) {
		return account.Organization{}, campaign.Campaign{}, campaign.ErrNotFound
	}
	org, err := s.orgs.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return account.Organization{}, campaign.Campaign{}, err
	}
	var c campaign.Campaign
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		c, err = findCampaignBySlug(ctx, r, org.ID.UUID, campaignSlug)
		return err
	})
	if err != nil {
		return account.Organization{}, campaign.Campaign{}, err
	}
	if err := c.Open(s.moment(org).Today); err != nil {
		return account.Organization{}, campaign.Campaign{}, err
	}
	return org, c, nil
}

// CampaignByID finds a campaign of an organization, whatever its status.
func (s *Service) CampaignByID(ctx context.Context, org, id uuid.UUID) (c campaign.Campaign, err error) {
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		c, err = findCampaign(ctx, r, org, id)
		return err
	})
	return c, err
}
