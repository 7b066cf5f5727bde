package fundraising

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/day"
)

// Standing is all that the public may know of a campaign at one moment.
type Standing struct {
	Organization account.Organization
	Campaign     campaign.Campaign
	Progress     campaign.Progress
	Recent       []campaign.Gift // newest first; empty when the campaign hides its donors
	Today        day.Day         // at the organization
}

// Open reports whether people can give now: nil, or why not.
func (s Standing) Open() error { return s.Campaign.Open(s.Today) }

const (
	freshFor   = 2 * time.Second // how old a public figure may be
	mostKept   = 4096            // campaigns remembered at a time
	recentMost = 12
)

// Standing returns what the public may know of a campaign. A draft is not found. What many read is derived once in two seconds.
func (s *Service) Standing(ctx context.Context, orgSlug, campaignSlug string) (Standing, error) {
	if !campaign.IsSlug(orgSlug) || !campaign.IsSlug(campaignSlug) {
		return Standing{}, campaign.ErrNotFound
	}
	return s.board.standing(ctx, orgSlug+"/"+campaignSlug, func(ctx context.Context) (Standing, error) {
		org, err := s.orgs.OrganizationBySlug(ctx, orgSlug)
		if err != nil {
			return Standing{}, err
		}
		now := s.moment(org)
		st := Standing{Organization: org, Today: now.Today}
		err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
			c, err := findCampaignBySlug(ctx, r, org.ID.UUID, campaignSlug)
			if err != nil {
				return err
			}
			if c.Status == campaign.Draft {
				return campaign.ErrNotFound
			}
			row, err := countCampaign(ctx, r, org.ID.UUID, c.ID.UUID)
			if err != nil {
				return err
			}
			st.Campaign, st.Progress, st.Recent = row.Campaign, row.progress(), nil
			if c.ShowDonors {
				st.Recent, err = listRecentGifts(ctx, r, c, recentMost)
			}
			return err
		})
		return st, err
	})
}

// LiveCampaigns lists what an organization collects for now, the newest first.
func (s *Service) LiveCampaigns(ctx context.Context, orgSlug string) (account.Organization, []Counted, error) {
	if !campaign.IsSlug(orgSlug) {
		return account.Organization{}, nil, campaign.ErrNotFound
	}
	org, err := s.orgs.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return account.Organization{}, nil, err
	}
	today := s.moment(org).Today
	var rows []counted
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		rows, err = listCampaigns(ctx, r, org.ID.UUID, Page{Status: campaign.Live, Limit: 100})
		return err
	})
	if err != nil {
		return account.Organization{}, nil, err
	}
	open := rows[:0]
	for _, row := range rows {
		if row.Open(today) == nil {
			open = append(open, row)
		}
	}
	return org, withOrganization(open, org), nil
}

// Watch calls tell with the campaign's progress now and after every change, until ctx ends or tell fails. Word of a change may get lost,
// so it also looks by itself every fifteen seconds.
func (s *Service) Watch(ctx context.Context, id uuid.UUID, tell func(Counted) error) error {
	org := actor.From(ctx).OrgID
	changes, leave := s.board.join(org, id)
	defer leave()
	ticker := time.NewTicker(15 * time.Second)
	defer ticker.Stop()
	var told campaign.Progress
	for first := true; ; first = false {
		c, err := s.Find(ctx, id)
		if err != nil {
			return err
		}
		if first || c.Progress != told {
			if err := tell(c); err != nil {
				return err
			}
			told = c.Progress
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		case <-ticker.C:
		}
	}
}

// ProgressChannel is the channel on which writers tell that a campaign's total moved; the payload is "organization:campaign".
const ProgressChannel = "campaign_progress"

// ProgressMoved takes word from ProgressChannel: who watches that campaign looks again, and what was remembered of it is forgotten. An
// empty payload says that word may have been lost, so it goes to everybody.
func (s *Service) ProgressMoved(payload string) {
	if payload == "" {
		s.board.forgetAll()
		s.board.wakeAll()
		return
	}
	orgText, campaignText, _ := strings.Cut(payload, ":")
	org, errOrg := uuid.Parse(orgText)
	id, errCampaign := uuid.Parse(campaignText)
	if errOrg != nil || errCampaign != nil {
		return
	}
	s.board.forget(org, id)
	s.board.wake(org, id)
}
