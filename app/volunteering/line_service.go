package volunteering

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// FindPlace is the sign-up of a link that was mailed, for the page that asks what to do with it. Looking changes nothing: programs that scan
// mail follow links.
func (s *Service) FindPlace(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp]) (line SignUpLine, err error) {
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		line, err = signUpLine(ctx, r, of)
		return err
	})
	return line, err
}

// AcceptOffer takes the place that is held for somebody on the waitlist, who opened the link in their mail; doing so again is the same. It returns
// volunteer.ErrNotWaiting when the place has gone on, and a rule's refusal when one stands against it by now: the place stays held, as the person
// may be able to help it.
func (s *Service) AcceptOffer(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp]) (SignUpLine, error) {
	return s.onSignUp(ctx, org, of, anyone, func(ctx context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
		if u.Status == volunteer.Confirmed {
			return nil
		}
		c, err := d.candidate(ctx, *u.PersonID, r)
		if err != nil {
			return err
		}
		c.SignedUp, c.Party, c.Holds = false, u.Party, u.Party
		c.Bookings = slices.DeleteFunc(c.Bookings, func(b volunteer.Booking) bool { return b.Offered }) // of two offers one may be taken
		refusals, err := volunteer.Refusals(r, d.offer(r).Opportunity, d.offer(r).Required, c, d.now)
		if err != nil {
			return err
		}
		for _, f := range refusals {
			if !slices.Contains(u.Overrides, string(f.Rule)) {
				return f.Fault()
			}
		}
		return r.Accept(of, d.now)
	})
}

// AcceptSelf is AcceptOffer for the supporter who asks.
func (s *Service) AcceptSelf(ctx context.Context, of id.ID[volunteer.SignUp]) (SignUpLine, error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return SignUpLine{}, err
	}
	if err := s.ownSignUp(ctx, of); err != nil {
		return SignUpLine{}, err
	}
	return s.AcceptOffer(ctx, org, of)
}

// PassOffer lets a place go that is held for somebody who opened the link in their mail: it goes to the next in line.
func (s *Service) PassOffer(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp]) (SignUpLine, error) {
	return s.onSignUp(ctx, org, of, anyone, func(_ context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
		if u.Status == volunteer.Withdrawn && u.EndedBy == volunteer.ByVolunteer {
			return nil
		}
		if u.Status != volunteer.Offered {
			return volunteer.ErrNotWaiting
		}
		return r.Withdraw(of, volunteer.ByVolunteer, "", d.now)
	})
}

// WithdrawSelf ends a sign-up of the supporter who asks: a place, an offer, or a place in line.
func (s *Service) WithdrawSelf(ctx context.Context, of id.ID[volunteer.SignUp], reason string) (SignUpLine, error) {
	return s.onOwnSignUp(ctx, of, func(_ context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
		if u.Status == volunteer.Withdrawn && u.EndedBy == volunteer.ByVolunteer { // the button was pressed twice
			return nil
		}
		return r.Withdraw(of, volunteer.ByVolunteer, reason, d.now)
	})
}

// WithdrawByStaff takes somebody off a shift or out of the line. The person is told why.
func (s *Service) WithdrawByStaff(ctx context.Context, of id.ID[volunteer.SignUp], reason string) (RosterLine, error) {
	return s.staffOnSignUp(ctx, of, func(_ context.Context, d *desk, r *volunteer.Roster, _ volunteer.SignUp) error {
		return r.Withdraw(of, volunteer.ByStaff, reason, d.now)
	})
}

// ResizeSelf says that another number of people comes on a sign-up of the supporter who asks, they included.
func (s *Service) ResizeSelf(ctx context.Context, of id.ID[volunteer.SignUp], party int) (SignUpLine, error) {
	return s.onOwnSignUp(ctx, of, func(ctx context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
		if err := mayGrow(d, r, u, party); err != nil {
			return err
		}
		return s.resizeTx(ctx, d, r, resizing{u, party, volunteer.ByVolunteer})
	})
}

// mayGrow reports whether a volunteer may bring so many: more than before only while sign-up is open.
func mayGrow(d *desk, r *volunteer.Roster, u volunteer.SignUp, party int) error {
	if party <= u.Party {
		return nil
	}
	o := d.offer(r)
	if most := max(u.Party, min(o.Together(o.Required), r.Shift.Places)); party > most {
		return volunteer.TooMany(most)
	}
	refusals, err := volunteer.Refusals(r, o.Opportunity, o.Required, volunteer.Candidate{}, d.now)
	if err != nil {
		return err
	}
	for _, f := range refusals {
		if f.Rule != volunteer.RuleFull { // which is about those who come anew
			return f.Fault()
		}
	}
	return nil
}

// ResizeByStaff says that another number of people comes on a sign-up. Those for whom there is no place are let in beyond the places.
func (s *Service) ResizeByStaff(ctx context.Context, of id.ID[volunteer.SignUp], party int) (RosterLine, error) {
	return s.staffOnSignUp(ctx, of, func(ctx context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
		return s.resizeTx(ctx, d, r, resizing{u, party, volunteer.ByStaff})
	})
}

// resizing is a sign-up on which another number of people comes.
type resizing struct {
	was   volunteer.SignUp
	party int
	by    volunteer.By
}

func (s *Service) resizeTx(ctx context.Context, d *desk, r *volunteer.Roster, z resizing) error {
	if err := r.Resize(z.was.ID, z.party, z.by, d.now); err != nil {
		return err
	}
	u := r.Find(z.was.ID)
	if len(u.Overrides) > len(z.was.Overrides) {
		u.OverriddenBy = actor.From(ctx).Login()
	}
	return s.recordPartyTx(ctx, d, *u, z.was.Party)
}

// recordPartyTx records that another number of people comes on a sign-up than was.
func (s *Service) recordPartyTx(ctx context.Context, d *desk, u volunteer.SignUp, was int) error {
	if u.Party == was {
		return nil
	}
	return s.audit.RecordTx(ctx, d.tx, audit.Event{
		Action: "sign_up.resized", SubjectType: "shift", SubjectID: u.ShiftID.UUID,
		Before: map[string]any{"party": was}, After: map[string]any{"sign_up_id": u.ID, "party": u.Party, "over": u.Over},
	})
}

// MoveInLine puts somebody who waits at a position of the line, from 1.
func (s *Service) MoveInLine(ctx context.Context, of id.ID[volunteer.SignUp], position int) (RosterLine, error) {
	return s.staffOnSignUp(ctx, of, func(_ context.Context, d *desk, r *volunteer.Roster, _ volunteer.SignUp) error {
		return r.Move(of, position, d.now)
	})
}

// anyone: the caller has proof of who asks.
var anyone *uuid.UUID

// change is what is done to a sign-up u of a roster.
type change func(ctx context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error

// onSignUp opens a desk for one sign-up and its person, of whom is the one who may change it. It acts as the person.
func (s *Service) onSignUp(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp], whose *uuid.UUID, do change) (line SignUpLine, err error) {
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		u, err := shiftOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if u.PersonID == nil || whose != nil && *u.PersonID != *whose {
			return volunteer.ErrSignUp
		}
		ctx := asVolunteer(ctx, org, *u.PersonID)
		return s.changeSignUpTx(ctx, tx, org, u, func(ctx context.Context, d *desk, r *volunteer.Roster, u volunteer.SignUp) error {
			if err := do(ctx, d, r, u); err != nil {
				return err
			}
			line = SignUpLine{*r.Find(of), *r.Shift, d.offer(r).Opportunity, r.Position(of)}
			return nil
		})
	})
	return line, err
}

// onOwnSignUp is onSignUp for a sign-up of the supporter who asks.
func (s *Service) onOwnSignUp(ctx context.Context, of id.ID[volunteer.SignUp], do change) (SignUpLine, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return SignUpLine{}, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return SignUpLine{}, err
	}
	return s.onSignUp(ctx, org, of, &who, do)
}

// staffOnSignUp is onSignUp for staff.
func (s *Service) staffOnSignUp(ctx context.Context, of id.ID[volunteer.SignUp], do change) (line RosterLine, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		u, err := shiftOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if err := s.changeSignUpTx(ctx, tx, org, u, do); err != nil {
			return err
		}
		line, err = rosterLine(ctx, tx, of)
		return err
	})
	return line, err
}

func (s *Service) changeSignUpTx(ctx context.Context, tx database.Tx, org account.Organization, u volunteer.SignUp, do change) error {
	c := concerned{shifts: []id.ID[volunteer.Shift]{u.ShiftID}}
	if u.PersonID != nil {
		c.people = []uuid.UUID{*u.PersonID}
	}
	return s.onRostersTx(ctx, tx, org, c, func(d *desk) error {
		r := d.roster(u.ShiftID)
		now := r.Find(u.ID)
		if now == nil { // only its person's being erased takes a sign-up away
			return volunteer.ErrSignUp
		}
		return do(ctx, d, r, *now)
	})
}

// ownSignUp reports whether a sign-up is that of the supporter who asks.
func (s *Service) ownSignUp(ctx context.Context, of id.ID[volunteer.SignUp]) error {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return err
	}
	return s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		u, err := shiftOf(ctx, r, of)
		if err == nil && (u.PersonID == nil || *u.PersonID != who) {
			err = volunteer.ErrSignUp
		}
		return err
	})
}

// asVolunteer acts for a person who has shown who they are, which is what the audit record then says.
func asVolunteer(ctx context.Context, org account.Organization, who uuid.UUID) context.Context {
	return actor.With(ctx, actor.Actor{Kind: actor.KindSupporter, ID: who, OrgID: org.ID.UUID, RequestID: actor.From(ctx).RequestID})
}
