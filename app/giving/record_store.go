package giving

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/fault"
)

// surroundings is what recording a gift has to know, read in one round trip.
type surroundings struct {
	org     account.Organization // zone and currency only
	causeID uuid.UUID
	donor   *donation.Donor // who staff chose; nil when they chose nobody
	names   Line            // of campaign, cause and fund
}

// surroundingsOf reads the fund with its cause, the organization and the person that staff chose. The fund must be open, and stays so until
// the gift is stored; a campaign must be published and for the same cause. It returns an invalid fault that names what does not fit.
func surroundingsOf(ctx context.Context, tx database.Tx, in donation.Details) (surroundings, error) {
	var (
		s                  surroundings
		t                  = in.Target
		active, known      bool
		campaignCause      *uuid.UUID
		first, last, email *string
	)
	err := tx.QueryRow(ctx, `
		select f.cause_id, f.active, f.name, ca.name, c.cause_id, c.title, c.slug, o.zone, o.currency, p.id is not null, p.first_name, p.last_name, p.email
		from funds f join organizations o on o.id = f.org_id join causes ca on ca.org_id = f.org_id and ca.id = f.cause_id
		left join campaigns c on c.org_id = f.org_id and c.id = $2 and c.status <> 'draft'
		left join people p on p.org_id = f.org_id and p.id = $3
		where f.id = $1 for share of f`, t.FundID, t.CampaignID, in.PersonID).
		Scan(&s.causeID, &active, &s.names.FundName, &s.names.CauseName, &campaignCause, &s.names.CampaignTitle, &s.names.CampaignSlug,
			&s.org.Zone, &s.org.Currency, &known, &first, &last, &email)
	switch {
	case database.IsNoRows(err):
		return s, fault.Invalid("fund_id", "donation.fund_unknown", "There is no such fund.")
	case err != nil:
		return s, fmt.Errorf("read what a gift is recorded to: %w", err)
	case !active:
		return s, fault.Invalid("fund_id", "donation.fund_closed", "This fund takes no more gifts.")
	case t.CampaignID != nil && campaignCause == nil:
		return s, fault.Invalid("campaign_id", "donation.campaign_unknown", "There is no such published campaign.")
	case t.CampaignID != nil && *campaignCause != s.causeID:
		return s, fault.Invalid("fund_id", "donation.fund_elsewhere", "This fund is for another cause than the campaign.")
	case in.PersonID != nil && !known:
		return s, fault.Invalid("person_id", "donation.person_unknown", "There is no such person.")
	}
	if known {
		s.donor = &donation.Donor{FirstName: *first, LastName: *last}
		if email != nil {
			s.donor.Email = *email
		}
	}
	return s, nil
}
