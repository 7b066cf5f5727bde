package pledging

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// surroundings is what a pledge that staff write down has to know.
type surroundings struct {
	causeID uuid.UUID
	donor   donation.Donor
}

// surroundingsOf reads what a pledge is for and who makes it, in one round trip. The fund must be open, and stays so until the pledge is
// stored; a campaign must be published and for the same cause; a card must be the person's own. It returns an invalid fault that names what
// does not fit.
func surroundingsOf(ctx context.Context, tx database.Tx, d promise.PledgeDetails) (surroundings, error) {
	var (
		s                         surroundings
		active, known, chargeable bool
		campaignCause             *uuid.UUID
		first, last, email        *string
	)
	err := tx.QueryRow(ctx, `
		select f.cause_id, f.active, c.cause_id, p.id is not null, p.first_name, p.last_name, p.email, sc.id is not null
		from funds f
		left join campaigns c on c.org_id = f.org_id and c.id = $2 and c.status <> 'draft'
		left join people p on p.org_id = f.org_id and p.id = $3
		left join saved_cards sc on sc.org_id = f.org_id and sc.id = $4 and sc.person_id = $3 and sc.detached_at is null
		where f.id = $1 for share of f`, d.Target.FundID, d.Target.CampaignID, d.PersonID, d.CardID).
		Scan(&s.causeID, &active, &campaignCause, &known, &first, &last, &email, &chargeable)
	switch {
	case database.IsNoRows(err):
		return s, fault.Invalid("fund_id", "donation.fund_unknown", "There is no such fund.")
	case err != nil:
		return s, fmt.Errorf("read what a pledge is for: %w", err)
	case !known:
		return s, fault.Invalid("person_id", "donation.person_unknown", "There is no such person.")
	case !active:
		return s, fault.Invalid("fund_id", "donation.fund_closed", "This fund takes no more gifts.")
	case d.Target.CampaignID != nil && campaignCause == nil:
		return s, fault.Invalid("campaign_id", "donation.campaign_unknown", "There is no such published campaign.")
	case d.Target.CampaignID != nil && *campaignCause != s.causeID:
		return s, fault.Invalid("fund_id", "donation.fund_elsewhere", "This fund is for another cause than the campaign.")
	case d.Method == promise.ByCard && !chargeable:
		return s, fault.Invalid("card_id", "promise.card", "Choose one of the person's saved cards.")
	}
	s.donor = donation.Donor{FirstName: *first, LastName: *last}
	if email != nil {
		s.donor.Email = *email
	}
	return s, nil
}

// holdCampaign reads a campaign as it is, and keeps it from ending until the transaction does.
func holdCampaign(ctx context.Context, tx database.Tx, which id.ID[campaign.Campaign]) (campaign.Campaign, error) {
	c, err := gorm.G[campaign.Campaign](tx.Gorm(ctx), clause.Locking{Strength: "SHARE"}).Where("id = ?", which).Take(ctx)
	switch {
	case database.IsNoRows(err):
		return c, campaign.ErrNotFound
	case err != nil:
		return c, fmt.Errorf("hold the campaign: %w", err)
	}
	return c, nil
}

// contact is how the donor of a promise can be written to: at the address of their record, once there is one.
type contact struct {
	Email        string
	DoNotContact bool
}

func contactOf(ctx context.Context, r database.Reader, of id.ID[promise.Promise]) (c contact, err error) {
	err = r.QueryRow(ctx, `select case when pe.id is null then p.donor_email else coalesce(pe.email, '') end, coalesce(pe.do_not_contact, false) from promises p
		left join people pe on pe.org_id = p.org_id and pe.id = p.person_id where p.id = $1`, of).Scan(&c.Email, &c.DoNotContact)
	switch {
	case database.IsNoRows(err):
		return c, promise.ErrNotFound
	case err != nil:
		return c, fmt.Errorf("find how to reach the donor of promise %s: %w", of, err)
	}
	return c, nil
}
