package fundraising

import (
	"context"

	"github.com/google/uuid"

	"tributary/domain/actor"
	"tributary/domain/campaign"
)

// Preview is how a campaign of the actor's organization would stand with the patch, whole or not; nothing is saved. Without an id it is a
// new one.
func (s *Service) Preview(ctx context.Context, id *uuid.UUID, p campaign.Patch) (Standing, error) {
	st := Standing{}
	base := campaign.Campaign{OfferMonthly: true, OfferFeeCover: true, ShowDonors: true}
	if id == nil {
		org, err := s.orgs.Organization(ctx, actor.From(ctx).OrgID)
		if err != nil {
			return Standing{}, err
		}
		base.OrgID, base.Goal.Currency, base.Status = org.ID.UUID, org.Currency, campaign.Draft
		st.Organization = org
	} else {
		c, err := s.Find(ctx, *id)
		if err != nil {
			return Standing{}, err
		}
		base, st.Organization, st.Progress = c.Campaign, c.Organization, c.Progress
	}
	now := s.moment(st.Organization)
	st.Campaign, st.Today = base.Sketch(p, now), now.Today
	st.Progress.Goal = st.Campaign.Goal
	st.Progress.Raised.Currency, st.Progress.Pledged.Currency = st.Campaign.Currency(), st.Campaign.Currency()
	return st, nil
}
