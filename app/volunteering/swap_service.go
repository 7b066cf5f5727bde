package volunteering

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// SwapSelf gives a place of the supporter who asks back for one in another shift, in one step: when the other cannot be had the first stays. The
// other is one that people may find, or of the same opportunity.
func (s *Service) SwapSelf(ctx context.Context, of id.ID[volunteer.SignUp], to id.ID[volunteer.Shift]) (line SignUpLine, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return line, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		u, err := shiftOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if u.PersonID == nil || *u.PersonID != who {
			return volunteer.ErrSignUp
		}
		both := concerned{[]uuid.UUID{who}, []id.ID[volunteer.Shift]{u.ShiftID, to}}
		return s.onRostersTx(ctx, tx, org, both, func(d *desk) error {
			line, err = s.swapTx(ctx, d, of, swap{who, d.roster(u.ShiftID), d.roster(to)})
			return err
		})
	})
	return line, err
}

// swap is a person's way from one shift to another.
type swap struct {
	who      uuid.UUID
	from, to *volunteer.Roster
}

func (s *Service) swapTx(ctx context.Context, d *desk, of id.ID[volunteer.SignUp], w swap) (SignUpLine, error) {
	o := d.offer(w.to)
	if w.from.Shift.OpportunityID != o.ID && (o.Visibility != volunteer.ForEverybody || o.Status == volunteer.Draft) {
		return SignUpLine{}, volunteer.ErrShift
	}
	was := w.from.Find(of)
	if w.from == w.to || was == nil || was.Status != volunteer.Confirmed {
		return SignUpLine{}, volunteer.ErrNotActive
	}
	if err := w.from.Withdraw(of, volunteer.ByVolunteer, "swapped", d.now); err != nil {
		return SignUpLine{}, err
	}
	d.silent[of] = true // the mail about the new place says so
	u, refusals, err := s.signUpTx(ctx, d, w.who, w.to, signing{Source: volunteer.FromSwap, Party: was.Party})
	if err != nil {
		return SignUpLine{}, err
	}
	if len(refusals) > 0 {
		return SignUpLine{}, refusals[0].Fault()
	}
	return SignUpLine{SignUp: u, Shift: *w.to.Shift, Opportunity: o.Opportunity}, nil
}

// mostSwapTargets is how many shifts are offered in exchange for one.
const mostSwapTargets = 30

// SwapTargets lists shifts of the same opportunity that the supporter who asks could take instead of one of theirs, the soonest first.
func (s *Service) SwapTargets(ctx context.Context, of id.ID[volunteer.SignUp]) (targets []volunteer.Shift, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		line, err := signUpLine(ctx, r, of)
		if err != nil {
			return err
		}
		if line.PersonID == nil || *line.PersonID != who {
			return volunteer.ErrSignUp
		}
		now := s.now()
		if targets, err = freeShifts(ctx, r, line, now); err != nil || len(targets) == 0 {
			return err
		}
		profile, err := profileOrNone(ctx, r, who)
		if err != nil {
			return err
		}
		c, err := candidateOf(ctx, r, profile, targets[0].StartsAt, lastEnd(targets), now)
		if err != nil {
			return err
		}
		offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{line.Shift.OpportunityID})
		if err != nil {
			return err
		}
		o := offers[line.Shift.OpportunityID]
		c.Party, c.Holds = line.Party, line.Party // freeShifts asked for the window and the places
		c.Bookings = slices.DeleteFunc(c.Bookings, func(b volunteer.Booking) bool { return b.ShiftID == line.Shift.ID.UUID })
		if line.Party > o.Together(o.Required) { // then each would be refused
			targets = nil
		}
		targets = slices.DeleteFunc(targets, func(t volunteer.Shift) bool {
			refusals, err := volunteer.Refusals(&volunteer.Roster{Shift: &t}, o.Opportunity, o.Required, c, now)
			return err != nil || len(refusals) > 0
		})
		return nil
	})
	return targets, err
}
