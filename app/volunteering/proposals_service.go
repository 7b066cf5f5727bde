package volunteering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// Proposed is a proposal with the last question about this shift that went to the person.
type Proposed struct {
	volunteer.Proposal
	AskedAt *time.Time
	Answer  volunteer.Answer // of that question; empty when there was none
}

// Proposals is who could cover a shift, the best first.
type Proposals struct {
	Shift      volunteer.Shift
	Items      []Proposed
	Considered int  // volunteers who may be asked; Items may be fewer
	More       bool // there are more volunteers than were considered
}

// mostProspects is how many volunteers one proposal weighs, those first who have a skill that is asked for and who helped lately.
const mostProspects = 2000

// Propose ranks up to limit volunteers who could cover a shift. It names everybody who may be asked, with the rules that stand against them:
// the same as a sign-up asks, but for the window and the places, which staff who ask somebody have already thought of.
func (s *Service) Propose(ctx context.Context, of id.ID[volunteer.Shift], limit int) (p Proposals, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		shift, o, err := s.coverable(ctx, r, of)
		if err != nil {
			return err
		}
		all, err := s.proposalsOf(ctx, r, shift, o, nil)
		if err != nil {
			return err
		}
		p = Proposals{Shift: shift, Considered: min(len(all), mostProspects), More: len(all) > mostProspects}
		asks, err := lastAsksOf(ctx, r, of)
		if err != nil {
			return err
		}
		for _, proposal := range all[:min(len(all), limit, mostProspects)] {
			asked := asks[proposal.PersonID]
			p.Items = append(p.Items, Proposed{Proposal: proposal, AskedAt: asked.at, Answer: asked.answer})
		}
		return nil
	})
	return p, err
}

// coverable is a shift for which somebody can be asked, with its opportunity.
func (s *Service) coverable(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (volunteer.Shift, offer, error) {
	shift, err := findShift(ctx, r, of)
	if err != nil {
		return shift, offer{}, err
	}
	offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{shift.OpportunityID})
	if err == nil && !shift.EndsAt.After(s.now()) {
		err = volunteer.ErrShiftEnded
	}
	return shift, offers[shift.OpportunityID], err
}

// proposalsOf ranks the people, or when none are named everybody who may be asked, in a fixed number of queries.
func (s *Service) proposalsOf(ctx context.Context, r database.Reader, shift volunteer.Shift, o offer, people []uuid.UUID) ([]volunteer.Proposal, error) {
	now := s.now()
	prospects, err := prospectsFor(ctx, r, o.Opportunity, people, now)
	if err != nil {
		return nil, err
	}
	candidates, err := candidatesFor(ctx, r, shift, o, prospects)
	if err != nil {
		return nil, err
	}
	roster := &volunteer.Roster{Shift: &shift, Waitlist: o.Waitlist}
	all := make([]volunteer.Prospect, len(prospects))
	for i, p := range prospects {
		c := candidates[p.PersonID]
		c.Known, c.Holds, c.BirthDate, c.NoShows = true, 1, p.BirthDate, p.CountedNoShows
		refusals, err := volunteer.Refusals(roster, o.Opportunity, o.Required, c, now)
		if err != nil {
			return nil, err
		}
		all[i] = p.Prospect
		for _, refused := range refusals {
			all[i].Obstacles = append(all[i].Obstacles, refused.Rule)
		}
	}
	return volunteer.Propose(shift, o.Opportunity, all, now), nil
}
