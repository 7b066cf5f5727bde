package volunteering

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// desk is what a change of rosters works on: the shifts with everybody on them, and the people concerned, all locked.
type desk struct {
	tx       database.Tx
	org      account.Organization
	now      time.Time
	rosters  map[id.ID[volunteer.Shift]]*volunteer.Roster
	offers   map[id.ID[volunteer.Opportunity]]offer
	profiles map[uuid.UUID]volunteer.Profile
	before   map[id.ID[volunteer.SignUp]]volunteer.SignUpStatus
	silent   map[id.ID[volunteer.SignUp]]bool // of whose events no mail tells: another one does

	candidates map[uuid.UUID]volunteer.Candidate
}

// roster is that of one of the shifts that the desk was opened for.
func (d *desk) roster(of id.ID[volunteer.Shift]) *volunteer.Roster { return d.rosters[of] }

// offer is the opportunity of a roster.
func (d *desk) offer(r *volunteer.Roster) offer { return d.offers[r.Shift.OpportunityID] }

// candidate is what the rules ask about one of the people, for one of the shifts. What else they do at the time of any of the desk's shifts is
// read once; of those shifts themselves the desk knows best.
func (d *desk) candidate(ctx context.Context, person uuid.UUID, r *volunteer.Roster) (volunteer.Candidate, error) {
	c, known := d.candidates[person]
	if !known {
		err := livingPerson(ctx, d.tx, person) // under the lock that erasing takes, too
		if err != nil {
			return c, err
		}
		from, to := d.span()
		if c, err = candidateOf(ctx, d.tx, d.profiles[person], from, to, d.now); err != nil {
			return c, err
		}
		d.candidates[person] = c
	}
	c.Bookings = slices.DeleteFunc(slices.Clone(c.Bookings), func(b volunteer.Booking) bool { return d.roster(id.From[volunteer.Shift](b.ShiftID)) != nil })
	for _, other := range d.byTime() {
		if u := other.Of(person); u != nil && other != r && u.Status.TakesPlace() && other.Shift.Status == volunteer.Open {
			c.Bookings = append(c.Bookings, volunteer.Booking{
				ShiftID: other.Shift.ID.UUID, Title: d.offer(other).Title, StartsAt: other.Shift.StartsAt, EndsAt: other.Shift.EndsAt,
				Offered: u.Status == volunteer.Offered,
			})
		}
	}
	c.SignedUp = r.Of(person) != nil
	return c, nil
}

// byTime lists the rosters, the soonest shift first.
func (d *desk) byTime() []*volunteer.Roster {
	return slices.SortedFunc(maps.Values(d.rosters), func(a, b *volunteer.Roster) int {
		return cmp.Or(a.Shift.StartsAt.Compare(b.Shift.StartsAt), slices.Compare(a.Shift.ID.UUID[:], b.Shift.ID.UUID[:]))
	})
}

// span is from the first start to the last end of the desk's shifts.
func (d *desk) span() (from, to time.Time) {
	for i, r := range d.byTime() {
		if i == 0 {
			from = r.Shift.StartsAt
		}
		if r.Shift.EndsAt.After(to) {
			to = r.Shift.EndsAt
		}
	}
	return from, to
}

// concerned says who and what a change of rosters locks.
type concerned struct {
	people []uuid.UUID
	shifts []id.ID[volunteer.Shift]
}

// onRosters opens a desk in a transaction of its own: people are locked before shifts, both in the order of their ids. After do the waitlists
// are settled, and what changed is saved, recorded and mailed.
func (s *Service) onRosters(ctx context.Context, org account.Organization, c concerned, do func(d *desk) error) error {
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error { return s.onRostersTx(ctx, tx, org, c, do) })
}

// onRostersTx is onRosters within the caller's transaction, which has locked no shift and no volunteer yet.
func (s *Service) onRostersTx(ctx context.Context, tx database.Tx, org account.Organization, c concerned, do func(d *desk) error) error {
	d := &desk{tx: tx, org: org, now: s.now(), before: map[id.ID[volunteer.SignUp]]volunteer.SignUpStatus{}, silent: map[id.ID[volunteer.SignUp]]bool{}, candidates: map[uuid.UUID]volunteer.Candidate{}}
	var err error
	if d.profiles, err = lockVolunteers(ctx, tx, org.ID.UUID, c.people, d.now); err != nil {
		return err
	}
	if d.rosters, err = lockRosters(ctx, tx, c.shifts); err != nil {
		return err
	}
	var of []id.ID[volunteer.Opportunity]
	for _, r := range d.rosters {
		of = append(of, r.Shift.OpportunityID)
	}
	if d.offers, err = opportunitiesOf(ctx, tx, of); err != nil {
		return err
	}
	for _, r := range d.rosters {
		r.Waitlist = d.offer(r).Waitlist
		for _, u := range r.SignUps {
			d.before[u.ID] = u.Status
		}
		r.Settle(d.now) // nobody is refused for a hold that has already ended
	}
	if err := do(d); err != nil {
		return err
	}
	for _, r := range d.rosters {
		r.Settle(d.now)
		if err := saveRoster(ctx, tx, r); err != nil {
			return err
		}
		if err := s.recordTx(ctx, d, r); err != nil {
			return err
		}
		if err := s.tellTx(ctx, d, r); err != nil {
			return err
		}
		if err := s.setAlarmTx(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// setAlarmTx enqueues the job that settles a roster when a hold of it ends or its waitlist closes; once for each such instant.
func (s *Service) setAlarmTx(ctx context.Context, tx database.Tx, r *volunteer.Roster) error {
	at := r.Alarm()
	if at == nil {
		return nil
	}
	return s.jobs.InsertTx(ctx, tx, volunteer.Settle{OrgID: r.Shift.OrgID, ShiftID: r.Shift.ID.UUID, At: at.UTC().Truncate(time.Microsecond)}, queue.At(*at), queue.Unique())
}

// recordTx records what became of each sign-up that changed.
func (s *Service) recordTx(ctx context.Context, d *desk, r *volunteer.Roster) error {
	for _, u := range r.Changed() {
		was, known := d.before[u.ID]
		if known && was == u.Status {
			continue
		}
		after := map[string]any{"sign_up_id": u.ID, "status": u.Status}
		if u.PersonID != nil {
			after["person_id"] = *u.PersonID
		}
		if len(u.Overrides) > 0 {
			after["overrides"], after["note"] = u.Overrides, u.OverrideNote
		}
		event := audit.Event{Action: "sign_up." + string(u.Status), SubjectType: "shift", SubjectID: r.Shift.ID.UUID, After: after}
		if known {
			event.Before = map[string]any{"status": was}
		}
		if err := s.audit.RecordTx(ctx, d.tx, event); err != nil {
			return err
		}
	}
	return nil
}

// SettleShift ends holds of a shift that ran out and offers its free places; the job that rings when a hold ends. Doing so again changes nothing.
func (s *Service) SettleShift(ctx context.Context, orgID, shift uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	return s.onRosters(ctx, org, concerned{shifts: []id.ID[volunteer.Shift]{id.From[volunteer.Shift](shift)}}, func(*desk) error { return nil })
}
