package fundraising

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/campaign"
	"tributary/domain/money"
)

// Counted is a campaign with how far it has come, and the organization it belongs to.
type Counted struct {
	campaign.Campaign
	Progress     campaign.Progress
	Organization account.Organization
}

// Page asks for one page of campaigns, the newest first.
type Page struct {
	Status campaign.Status // empty: all
	Before *Position       // nil: from the newest
	Limit  int
}

// Position is the place of a campaign in the list.
type Position struct {
	At time.Time
	ID uuid.UUID
}

// List returns a page of the campaigns of the actor's organization, and where the next one begins (nil: nowhere).
func (s *Service) List(ctx context.Context, p Page) ([]Counted, *Position, error) {
	org, err := s.orgs.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, nil, err
	}
	var rows []counted
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		rows, err = listCampaigns(ctx, r, org.ID.UUID, Page{p.Status, p.Before, p.Limit + 1})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	var next *Position
	if len(rows) > p.Limit {
		rows = rows[:p.Limit]
		last := rows[len(rows)-1]
		next = &Position{last.CreatedAt, last.ID.UUID}
	}
	return withOrganization(rows, org), next, nil
}

// Find returns one campaign of the actor's organization.
func (s *Service) Find(ctx context.Context, id uuid.UUID) (Counted, error) {
	org, err := s.orgs.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Counted{}, err
	}
	var row counted
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		row, err = countCampaign(ctx, r, org.ID.UUID, id)
		return err
	})
	if err != nil {
		return Counted{}, err
	}
	return withOrganization([]counted{row}, org)[0], nil
}

// CampaignForGiving finds the campaign of a giving form. A draft is not found; whether the campaign takes gifts now is for the checkout to
// say, which holds it meanwhile.
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
	switch {
	case err != nil:
		return account.Organization{}, campaign.Campaign{}, err
	case c.Status == campaign.Draft:
		return account.Organization{}, campaign.Campaign{}, campaign.ErrNotFound
	}
	return org, c, nil
}

// Create makes a draft.
func (s *Service) Create(ctx context.Context, d campaign.Details) (Counted, error) {
	org, err := s.orgs.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Counted{}, err
	}
	c, err := campaign.New(org.ID.UUID, org.Currency, d, s.moment(org))
	if err != nil {
		return Counted{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if err := insertCampaign(ctx, tx, c); err != nil {
			return err
		}
		_, after := campaign.Difference(campaign.Campaign{}, c)
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "campaign.created", SubjectType: "campaign", SubjectID: c.ID.UUID, After: after})
	})
	if err != nil {
		return Counted{}, err
	}
	return Counted{c, campaign.Progress{Raised: money.Zero(c.Currency()), Goal: c.Goal, Pledged: money.Zero(c.Currency())}, org}, nil
}

// Revise changes what the patch names, if nobody else changed the campaign since the given version.
func (s *Service) Revise(ctx context.Context, id uuid.UUID, p campaign.Patch, version int) (Counted, error) {
	return s.change(ctx, id, "campaign.revised", func(tx database.Tx, c *campaign.Campaign, now campaign.Moment) error {
		before := *c
		if err := c.Revise(p, version, now); err != nil {
			return err
		}
		if c.Status != campaign.Live || c.CauseID == before.CauseID && c.FundID == before.FundID {
			return nil
		}
		ca, f, err := placeOf(ctx, tx, *c)
		if err != nil {
			return err
		}
		return campaign.CheckPlace(ca, f)
	})
}

// Publish opens a campaign's page.
func (s *Service) Publish(ctx context.Context, id uuid.UUID) (Counted, error) {
	return s.change(ctx, id, "campaign.published", func(tx database.Tx, c *campaign.Campaign, now campaign.Moment) error {
		ca, f, err := placeOf(ctx, tx, *c)
		if err != nil {
			return err
		}
		return c.Publish(ca, f, now)
	})
}

// End closes a campaign to gifts.
func (s *Service) End(ctx context.Context, id uuid.UUID) (Counted, error) {
	return s.change(ctx, id, "campaign.ended", func(_ database.Tx, c *campaign.Campaign, now campaign.Moment) error {
		return c.End(now)
	})
}

// Finish ends a campaign of the organization whose last day is over. It does nothing when the day has moved or somebody was faster.
func (s *Service) Finish(ctx context.Context, job campaign.Finish) error {
	org, err := s.orgs.Organization(ctx, job.OrgID)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Tenant(job.OrgID), func(tx database.Tx) error {
		c, err := lockCampaign(ctx, tx, job.OrgID, job.CampaignID)
		if err != nil {
			return err
		}
		now, before := s.moment(org), c
		if !c.Due(now.Today) {
			return nil
		}
		if err := c.End(now); err != nil {
			return err
		}
		return s.saveTx(ctx, tx, "campaign.ended", before, c)
	})
}

// change locks a campaign of the actor's organization, applies a rule to it and saves what came of it.
func (s *Service) change(ctx context.Context, id uuid.UUID, action string, rule func(database.Tx, *campaign.Campaign, campaign.Moment) error) (Counted, error) {
	org, err := s.orgs.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Counted{}, err
	}
	var row counted
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		c, err := lockCampaign(ctx, tx, org.ID.UUID, id)
		if err != nil {
			return err
		}
		before := c
		if err := rule(tx, &c, s.moment(org)); err != nil {
			return err
		}
		if err := s.saveTx(ctx, tx, action, before, c); err != nil {
			return err
		}
		if err := s.scheduleTx(ctx, tx, before, c, org); err != nil {
			return err
		}
		row, err = countCampaign(ctx, tx, org.ID.UUID, id)
		return err
	})
	if err != nil {
		return Counted{}, err
	}
	return withOrganization([]counted{row}, org)[0], nil
}

func (s *Service) saveTx(ctx context.Context, tx database.Tx, action string, before, c campaign.Campaign) error {
	if err := updateCampaign(ctx, tx, c); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.board.forget(c.OrgID, c.ID.UUID) })
	was, is := campaign.Difference(before, c)
	return s.audit.RecordTx(ctx, tx, audit.Event{Action: action, SubjectType: "campaign", SubjectID: c.ID.UUID, Before: was, After: is})
}

// scheduleTx has a live campaign ended when its last day is over at the organization.
func (s *Service) scheduleTx(ctx context.Context, tx database.Tx, before, c campaign.Campaign, org account.Organization) error {
	if c.Status != campaign.Live || c.EndsOn.IsZero() || before.Status == campaign.Live && before.EndsOn == c.EndsOn {
		return nil
	}
	over := c.EndsOn.AddDays(1).Start(org.Location())
	return s.jobs.InsertTx(ctx, tx, campaign.Finish{OrgID: c.OrgID, CampaignID: c.ID.UUID}, queue.At(over))
}

// moment is now, with the date it is at the organization. The database keeps microseconds.
func (s *Service) moment(org account.Organization) campaign.Moment {
	return campaign.MomentIn(s.now().UTC().Truncate(time.Microsecond), org.Location())
}

func withOrganization(rows []counted, org account.Organization) []Counted {
	list := make([]Counted, len(rows))
	for i, row := range rows {
		list[i] = Counted{row.Campaign, row.progress(), org}
	}
	return list
}
