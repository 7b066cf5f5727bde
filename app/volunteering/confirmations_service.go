package volunteering

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// RequestCheck is what a mailed link would confirm.
type RequestCheck struct {
	Organization account.Organization
	Request      volunteer.Request // ConfirmedAt: it was done already
	Held         []SignUpLine
	Others       []SignUpLine // nothing is held in these any more, or they were full: the rules decide at confirmation
}

// CheckRequest is what a link would confirm. Looking uses nothing up: programs that scan mail follow links. A link that no longer works is
// volunteer.ErrLinkSpent.
func (s *Service) CheckRequest(ctx context.Context, orgSlug, secret string) (check RequestCheck, err error) {
	if check.Organization, err = s.organizations.OrganizationBySlug(ctx, orgSlug); err != nil {
		return check, err
	}
	err = s.db.Read(ctx, database.Tenant(check.Organization.ID.UUID), func(r database.Reader) error {
		check.Held, check.Others = nil, nil
		if check.Request, err = requestBy(ctx, r, secretHash(secret), s.now()); err != nil {
			return err
		}
		wishes, err := wishesOf(ctx, r, check.Request.ID)
		if err != nil {
			return err
		}
		at, err := occasionsOf(ctx, r, wished(wishes))
		if err != nil {
			return err
		}
		held, err := heldByRequest(ctx, r, check.Request.ID, s.now())
		if err != nil {
			return err
		}
		for _, w := range wishes {
			line := SignUpLine{SignUp: held[w.ShiftID], Shift: at[w.ShiftID].Shift, Opportunity: at[w.ShiftID].Opportunity}
			if line.ID.IsZero() {
				check.Others = append(check.Others, line)
			} else {
				check.Held = append(check.Held, line)
			}
		}
		return nil
	})
	return check, err
}

func wished(wishes []wish) []id.ID[volunteer.Shift] {
	shifts := make([]id.ID[volunteer.Shift], len(wishes))
	for i, w := range wishes {
		shifts[i] = w.ShiftID
	}
	return shifts
}

// Confirmed is what became of a request whose mail was confirmed.
type Confirmed struct {
	Organization account.Organization
	Person       person.Person
	Outcome
	Entry people.Entry // lets the browser in; without a token when the link was used too long ago for that
}

// ConfirmRequest makes a request that of a person, who is found by the address or made, asks every rule for every shift, and lets the person in.
// Whoever presses the button again, or in another browser, gets the same outcome.
func (s *Service) ConfirmRequest(ctx context.Context, orgSlug, secret string) (done Confirmed, err error) {
	org, err := s.organizations.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return done, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		done = Confirmed{Organization: org}
		claimed, err := claimRequest(ctx, tx, secretHash(secret), s.now())
		if err != nil {
			return err
		}
		q, err := requestBy(ctx, tx, secretHash(secret), s.now())
		if err != nil {
			return err
		}
		if !claimed {
			return s.confirmedTx(ctx, tx, q, &done)
		}
		return s.confirmTx(ctx, tx, q, &done)
	})
	return done, err
}

func (s *Service) confirmTx(ctx context.Context, tx database.Tx, q volunteer.Request, done *Confirmed) error {
	p, err := s.people.FindOrCreateTx(ctx, tx, q.OrgID, person.Details{FirstName: q.FirstName, LastName: q.LastName, Email: q.Email, Phone: q.Phone})
	if err != nil {
		return err
	}
	done.Person = p
	ctx = asVolunteer(ctx, done.Organization, p.ID.UUID)
	wishes, err := wishesOf(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	if err := s.onRostersTx(ctx, tx, done.Organization, concerned{[]uuid.UUID{p.ID.UUID}, wished(wishes)}, func(d *desk) error {
		return s.placeTx(ctx, d, q, done)
	}); err != nil {
		return err
	}
	queueConfirmed(tx, q, p.ID.UUID, done.Refused)
	if err := s.outbox.BelongTx(ctx, tx, requestMails(q.ID.UUID), p.ID.UUID); err != nil {
		return err
	}
	done.Entry, err = s.people.OpenSessionTx(ctx, tx, done.Organization, p.ID)
	return err
}

// placeTx asks the rules for every shift of a request. A place that is held for it, or for another request of the same address, is given or let go.
func (s *Service) placeTx(ctx context.Context, d *desk, q volunteer.Request, done *Confirmed) error {
	who := done.Person.ID.UUID
	if err := d.born(ctx, who, q.BirthDate); err != nil {
		return err
	}
	same, err := unconfirmedOf(ctx, d.tx, q.EmailNormalized)
	if err != nil {
		return err
	}
	same[q.ID.UUID] = true
	done.Outcome, err = s.signUpAllTx(ctx, d, who, func(r *volunteer.Roster) signing {
		how := signing{Source: volunteer.FromPublic, Request: &q.ID.UUID, Party: q.Party, Waits: q.Waits}
		if held := heldFor(r, same); held != nil {
			how.Held = held.ID
		}
		return how
	})
	if err != nil {
		return err
	}
	for _, r := range d.byTime() {
		for held := heldFor(r, same); held != nil; held = heldFor(r, same) {
			d.silent[held.ID] = true
			if err := r.Withdraw(held.ID, volunteer.BySystem, "not needed", d.now); err != nil {
				return err
			}
		}
	}
	return s.tellOutcomeTx(ctx, d, who, done.Outcome)
}

// born keeps a date of birth when none is known yet.
func (d *desk) born(ctx context.Context, who uuid.UUID, on *time.Time) error {
	profile := d.profiles[who]
	if on == nil || profile.BirthDate != nil {
		return nil
	}
	profile.BirthDate, profile.UpdatedAt = on, d.now
	profile.Version++
	d.profiles[who] = profile
	return saveProfile(ctx, d.tx, profile)
}

// tellOutcomeTx writes one mail about all that somebody got at once.
func (s *Service) tellOutcomeTx(ctx context.Context, d *desk, who uuid.UUID, out Outcome) error {
	var got []id.ID[volunteer.SignUp]
	for _, l := range slices.Concat(out.Placed, out.Waiting) {
		got = append(got, l.ID)
	}
	if len(got) < 2 { // one tells of itself
		return nil
	}
	return s.confirmedMailTx(ctx, d, who, got)
}

// confirmedTx is the outcome of a request that was confirmed before. The link opens a session once more while it is as young as a sign-in link.
func (s *Service) confirmedTx(ctx context.Context, tx database.Tx, q volunteer.Request, done *Confirmed) error {
	if q.PersonID == nil {
		return fmt.Errorf("request %s was confirmed for nobody", q.ID)
	}
	p, err := personOf(ctx, tx, *q.PersonID)
	if err != nil {
		return err
	}
	done.Person = p
	wishes, err := wishesOf(ctx, tx, q.ID)
	if err != nil {
		return err
	}
	if err := done.recall(ctx, tx, wishes); err != nil {
		return err
	}
	if s.now().Sub(*q.ConfirmedAt) < person.LinkLife {
		done.Entry, err = s.people.OpenSessionTx(ctx, tx, done.Organization, p.ID)
	}
	return err
}

// recall reads what became of the shifts of a confirmed request.
func (c *Confirmed) recall(ctx context.Context, r database.Reader, wishes []wish) error {
	signUps, err := newestSignUps(ctx, r, c.Person.ID.UUID, wished(wishes))
	if err != nil {
		return err
	}
	at, err := occasionsOf(ctx, r, wished(wishes))
	if err != nil {
		return err
	}
	positions, err := positionsOf(ctx, r, slices.Collect(maps.Values(signUps)))
	if err != nil {
		return err
	}
	for _, w := range wishes {
		u, o := signUps[w.ShiftID], at[w.ShiftID]
		switch {
		case w.Code != "":
			c.refuse(o.Shift, o.Opportunity, w.fault())
		case u.Status == volunteer.Waiting:
			c.Waiting = append(c.Waiting, SignUpLine{u, o.Shift, o.Opportunity, positions[u.ID]})
		case u.Status.TakesPlace():
			c.Placed = append(c.Placed, SignUpLine{SignUp: u, Shift: o.Shift, Opportunity: o.Opportunity})
		default: // ended since
			c.refuse(o.Shift, o.Opportunity, volunteer.ErrNotActive)
		}
	}
	return nil
}
