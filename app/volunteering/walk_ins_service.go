package volunteering

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// WalkIn is somebody who comes unannounced. Key names the request: when it comes again, it is the same person at the same door.
type WalkIn struct {
	FirstName, LastName, Email, Phone string
	Party                             int // how many came, the person included; 0: one
	Moment                            ClientMoment
	Key                               string
}

// signUp is the id that the sign-up of this request has, however often it comes.
func (w WalkIn) signUp(shift id.ID[volunteer.Shift]) id.ID[volunteer.SignUp] {
	if w.Key == "" {
		return id.New[volunteer.SignUp]()
	}
	return id.From[volunteer.SignUp](uuid.NewSHA1(shift.UUID, []byte("walk-in "+w.Key)))
}

// WalkIn checks somebody in who comes unannounced: found by e-mail address or made, in a free place or beyond the places. Every rule that
// stands against it is overruled by whoever stands at the door, and recorded.
func (s *Service) WalkIn(ctx context.Context, shift id.ID[volunteer.Shift], w WalkIn) (line DoorLine, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	of := w.signUp(shift)
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if _, err := findShift(ctx, tx, shift); err != nil { // before anybody's record is made
			return err
		}
		who, err := s.walkerTx(ctx, tx, of, w)
		if err != nil {
			return err
		}
		var r *volunteer.Roster
		current := of
		err = s.onRostersTx(ctx, tx, org, concerned{people: []uuid.UUID{who}, shifts: []id.ID[volunteer.Shift]{shift}}, func(d *desk) (err error) {
			r = d.roster(shift)
			current, err = s.walkInTx(ctx, d, r, walker{who, of, arrival{w.Moment.at(d.now), w.Party}})
			return err
		})
		if err != nil {
			return err
		}
		line, err = lineTx(ctx, tx, r, current)
		return err
	})
	return line, err
}

// walkerTx is the person of the same request that came before, or the one found or made now.
func (s *Service) walkerTx(ctx context.Context, tx database.Tx, of id.ID[volunteer.SignUp], w WalkIn) (uuid.UUID, error) {
	before, err := shiftOf(ctx, tx, of)
	switch {
	case err == nil:
		return *before.PersonID, nil
	case fault.KindOf(err) != fault.KindNotFound:
		return uuid.Nil, err
	}
	p, err := s.people.FindOrCreateTx(ctx, tx, actor.From(ctx).OrgID, person.Details{FirstName: w.FirstName, LastName: w.LastName, Email: w.Email, Phone: w.Phone})
	return p.ID.UUID, err
}

type walker struct {
	person uuid.UUID
	signUp id.ID[volunteer.SignUp]
	arrival
}

// walkInTx checks in whoever is on the roster already, or comes after they were called absent, and makes a sign-up for everybody else.
func (s *Service) walkInTx(ctx context.Context, d *desk, r *volunteer.Roster, w walker) (id.ID[volunteer.SignUp], error) {
	if r.Find(w.signUp) != nil {
		return w.signUp, nil
	}
	if u := r.Of(w.person); u != nil {
		return u.ID, s.arrive(ctx, d, u, w.arrival)
	}
	for i := range r.SignUps {
		if u := &r.SignUps[i]; u.PersonID != nil && *u.PersonID == w.person && u.Status == volunteer.NoShow {
			return u.ID, s.arrive(ctx, d, u, w.arrival)
		}
	}
	c, err := d.candidate(ctx, w.person, r)
	if err != nil {
		return w.signUp, err
	}
	c.Party = w.party
	refusals, err := volunteer.Refusals(r, d.offer(r).Opportunity, d.offer(r).Required, c, d.now)
	if err != nil {
		return w.signUp, err
	}
	rules, err := volunteer.Overruled(refusals, volunteer.Rules)
	if err != nil {
		return w.signUp, err
	}
	u := volunteer.SignUp{
		ID: w.signUp, PersonID: &w.person, Status: volunteer.In, Source: volunteer.FromWalkIn, Party: w.party, CheckedInAt: &w.at, Overrides: rules,
	}
	if len(rules) > 0 {
		u.OverriddenBy = actor.From(ctx).Login()
	}
	r.Add(u, true, d.now)
	return w.signUp, nil
}
