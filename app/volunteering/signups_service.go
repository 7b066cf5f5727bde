package volunteering

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/text"
	"tributary/domain/volunteer"
)

// SignUpLine is a sign-up with what it is for.
type SignUpLine struct {
	volunteer.SignUp
	Shift       volunteer.Shift
	Opportunity volunteer.Opportunity
	Position    int // on the waitlist, from 1; 0: not on it
}

// RefusedShift is a shift that somebody did not get, and why.
type RefusedShift struct {
	Shift       volunteer.Shift
	Opportunity volunteer.Opportunity
	Code        string // of the fault: "sign_up.full", "shift.cancelled"
	Message     string // which rule, and what to do
}

// Outcome is what became of a choice of shifts.
type Outcome struct {
	Placed  []SignUpLine
	Waiting []SignUpLine
	Refused []RefusedShift
}

func (o *Outcome) refuse(shift volunteer.Shift, of volunteer.Opportunity, why error) {
	var f *fault.Error
	if errors.As(why, &f) {
		o.Refused = append(o.Refused, RefusedShift{shift, of, f.Code, f.Message})
	}
}

// signing says how somebody comes to a shift.
type signing struct {
	Source   volunteer.Source
	Request  *uuid.UUID              // which the person confirms
	Held     id.ID[volunteer.SignUp] // the place that is held for them; zero: none
	Party    int                     // how many come, the person included; 0: one
	Waits    bool                    // joins the waitlist where the shift is full
	Override []volunteer.Rule        // what staff overrule
	Note     string                  // why
	By       *uuid.UUID              // the login that overrules
}

// signUpTx is the one way to a place or into the line: it asks the rules, under the locks of the desk, which was opened for the person too. When
// rules stand against it they are returned, and nothing has changed. That the shift itself takes nobody, being cancelled, is an error.
func (s *Service) signUpTx(ctx context.Context, d *desk, who uuid.UUID, r *volunteer.Roster, how signing) (volunteer.SignUp, []volunteer.Refusal, error) {
	c, err := d.candidate(ctx, who, r)
	if err != nil {
		return volunteer.SignUp{}, nil, err
	}
	held := r.Find(how.Held)
	holds := held != nil && held.Status == volunteer.Held
	if holds { // the newest of several requests says how many come
		how.Party, c.Holds = held.Party, held.Party
	}
	c.Party = how.Party
	refusals, err := volunteer.Refusals(r, d.offer(r).Opportunity, d.offer(r).Required, c, d.now)
	if err != nil {
		return volunteer.SignUp{}, nil, err
	}
	waits := how.Waits && refuses(refusals, volunteer.RuleFull) && !slices.Contains(how.Override, volunteer.RuleFull)
	refusals = slices.DeleteFunc(refusals, func(f volunteer.Refusal) bool { return waits && f.Rule == volunteer.RuleFull })
	overruled, err := volunteer.Overruled(refusals, how.Override)
	if err != nil {
		return volunteer.SignUp{}, unnamed(refusals, how.Override), nil
	}
	u := volunteer.SignUp{PersonID: &who, RequestID: how.Request, Status: volunteer.Confirmed, Source: how.Source, Party: how.Party, Overrides: overruled}
	if len(overruled) > 0 {
		u.OverrideNote, u.OverriddenBy = how.Note, how.By
	}
	switch {
	case holds:
		if err := r.Confirm(how.Held, who, d.now); err != nil {
			return volunteer.SignUp{}, nil, err
		}
		return *r.Find(how.Held), nil, nil
	case waits:
		added, err := r.Wait(u, d.now)
		if errors.Is(err, volunteer.ErrWaitlistFull) {
			return volunteer.SignUp{}, []volunteer.Refusal{{Rule: volunteer.RuleFull, Message: volunteer.ErrWaitlistFull.Message}}, nil
		}
		if err != nil {
			return volunteer.SignUp{}, nil, err
		}
		return *added, nil, nil
	}
	return *r.Add(u, slices.Contains(overruled, string(volunteer.RuleFull)), d.now), nil, nil
}

func refuses(refusals []volunteer.Refusal, rule volunteer.Rule) bool {
	return slices.ContainsFunc(refusals, func(f volunteer.Refusal) bool { return f.Rule == rule })
}

// unnamed are the refusals that staff did not overrule, or cannot.
func unnamed(refusals []volunteer.Refusal, named []volunteer.Rule) []volunteer.Refusal {
	return slices.DeleteFunc(slices.Clone(refusals), func(f volunteer.Refusal) bool { return f.Rule.Overridable() && slices.Contains(named, f.Rule) })
}

// signUpAllTx signs a person up for every shift of the desk, the soonest first; how says how for each. What is refused does not keep the rest.
func (s *Service) signUpAllTx(ctx context.Context, d *desk, who uuid.UUID, how func(*volunteer.Roster) signing) (Outcome, error) {
	var out Outcome
	for _, r := range d.byTime() {
		o := d.offer(r).Opportunity
		u, refusals, err := s.signUpTx(ctx, d, who, r, how(r))
		r.Settle(d.now) // which counts the places of the shift in the outcome
		switch {
		case fault.KindOf(err) == fault.KindConflict:
			out.refuse(*r.Shift, o, err)
		case err != nil:
			return Outcome{}, err
		case len(refusals) > 0:
			out.refuse(*r.Shift, o, refusals[0].Fault())
		case u.Status == volunteer.Waiting:
			out.Waiting = append(out.Waiting, SignUpLine{u, *r.Shift, o, r.Position(u.ID)})
		default:
			out.Placed = append(out.Placed, SignUpLine{SignUp: u, Shift: *r.Shift, Opportunity: o})
		}
	}
	return out, nil
}

// Joining says how somebody signs themselves up.
type Joining struct {
	Party int  // how many come, they included; 0: one
	Waits bool // joins the waitlist where a shift is full
}

// SignUpSelf signs the supporter who asks up for shifts that people may find.
func (s *Service) SignUpSelf(ctx context.Context, shifts []id.ID[volunteer.Shift], how Joining) (out Outcome, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return Outcome{}, err
	}
	if shifts, err = chosen(shifts); err != nil {
		return Outcome{}, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return Outcome{}, err
	}
	err = s.onRosters(ctx, org, concerned{[]uuid.UUID{who}, shifts}, func(d *desk) error {
		if err := d.forEverybody(); err != nil {
			return err
		}
		out, err = s.signUpAllTx(ctx, d, who, func(*volunteer.Roster) signing {
			return signing{Source: volunteer.FromPublic, Party: how.Party, Waits: how.Waits}
		})
		if err != nil {
			return err
		}
		return s.tellOutcomeTx(ctx, d, who, out)
	})
	return out, err
}

// forEverybody hides shifts of opportunities that only staff fill: to others they do not exist.
func (d *desk) forEverybody() error {
	for _, r := range d.rosters {
		if o := d.offer(r); o.Visibility != volunteer.ForEverybody || o.Status == volunteer.Draft {
			return volunteer.ErrShift
		}
	}
	return nil
}

// chosen tidies a choice of shifts.
func chosen(shifts []id.ID[volunteer.Shift]) ([]id.ID[volunteer.Shift], error) {
	var once []id.ID[volunteer.Shift]
	for _, of := range shifts {
		if !slices.Contains(once, of) {
			once = append(once, of)
		}
	}
	switch {
	case len(once) == 0:
		return nil, fault.Invalid("shifts", "sign_up.nothing_chosen", "Choose at least one shift.")
	case len(once) > volunteer.MostAtOnce:
		return nil, fault.Invalid("shifts", "sign_up.too_many", "Choose fewer shifts at once.")
	}
	return once, nil
}

var errNobodyNamed = fault.Invalid("person_id", "sign_up.person_missing", "Say whom to sign up.")

// StaffSignUp is staff signing somebody up.
type StaffSignUp struct {
	PersonID  uuid.UUID        // zero: NewPerson
	NewPerson person.Details   // found by the e-mail address, else made
	Party     int              // how many come, the person included; 0: one
	Wait      bool             // in line, when the shift is full
	Override  []volunteer.Rule // every rule that stands against it, named
	Note      string           // why it is overruled
	Tell      bool             // the person gets the mail
}

// SignUpPerson signs a person up for the actor. The first rule that stands against it and is not overruled is the error; CheckSignUp lists all.
func (s *Service) SignUpPerson(ctx context.Context, shift id.ID[volunteer.Shift], in StaffSignUp) (line RosterLine, err error) {
	if in.Note, err = text.Block("note", in.Note, 500); err != nil {
		return line, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if _, err := findShift(ctx, tx, shift); err != nil { // before anybody's record is made
			return err
		}
		p, err := s.comerTx(ctx, tx, org.ID.UUID, in)
		if err != nil {
			return err
		}
		who := p.ID.UUID
		return s.onRostersTx(ctx, tx, org, concerned{[]uuid.UUID{who}, []id.ID[volunteer.Shift]{shift}}, func(d *desk) error {
			r := d.roster(shift)
			u, refusals, err := s.signUpTx(ctx, d, who, r, signing{
				Source: volunteer.FromStaff, Party: in.Party, Waits: in.Wait, Override: in.Override, Note: in.Note, By: actor.From(ctx).Login(),
			})
			if err != nil {
				return err
			}
			if len(refusals) > 0 {
				return refusals[0].Fault()
			}
			d.silent[u.ID] = !in.Tell
			line = RosterLine{SignUp: u, Position: r.Position(u.ID), Person: &p}
			return nil
		})
	})
	return line, err
}

// comerTx is the person whom staff sign up.
func (s *Service) comerTx(ctx context.Context, tx database.Tx, org uuid.UUID, in StaffSignUp) (person.Person, error) {
	switch {
	case in.PersonID != uuid.Nil:
	case in.NewPerson == person.Details{}:
		return person.Person{}, errNobodyNamed
	default:
		return s.people.FindOrCreateTx(ctx, tx, org, in.NewPerson)
	}
	p, err := personOf(ctx, tx, in.PersonID)
	if err == nil && p.AnonymisedAt != nil {
		err = person.ErrAnonymised
	}
	return p, err
}

// CheckSignUp lists what stands against signing a person up for a shift now, with a party of so many; nobody in particular when who is zero.
func (s *Service) CheckSignUp(ctx context.Context, shift id.ID[volunteer.Shift], who uuid.UUID, party int) (refusals []volunteer.Refusal, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		now := s.now()
		roster, o, err := readRoster(ctx, r, shift)
		if err != nil {
			return err
		}
		roster.Settle(now)
		var c volunteer.Candidate
		if who != uuid.Nil {
			if c, err = s.candidateFor(ctx, r, who, roster, now); err != nil {
				return err
			}
		}
		c.Party = party
		refusals, err = volunteer.Refusals(roster, o.Opportunity, o.Required, c, now)
		return err
	})
	return refusals, err
}

// candidateFor is what the rules ask about a person, without any lock.
func (s *Service) candidateFor(ctx context.Context, r database.Reader, who uuid.UUID, roster *volunteer.Roster, now time.Time) (volunteer.Candidate, error) {
	if _, err := personOf(ctx, r, who); err != nil {
		return volunteer.Candidate{}, err
	}
	profile, err := profileOrNone(ctx, r, who)
	if err != nil {
		return volunteer.Candidate{}, err
	}
	c, err := candidateOf(ctx, r, profile, roster.Shift.StartsAt, roster.Shift.EndsAt, now)
	c.SignedUp = roster.Of(who) != nil
	return c, err
}
