package volunteering

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// Faults of what is noted at the door.
var (
	errIsThere     = fault.New(fault.KindConflict, "sign_up.is_there", "This person is checked in. Undo that first.")
	errUnconfirmed = fault.New(fault.KindConflict, "sign_up.unconfirmed", "This place is held until somebody confirms their e-mail. Check them in as somebody who came without signing up.")
	errAction      = fault.Invalid("action", "sign_up.action_unknown", "Choose in, out, undo, no_show or count.")
)

// ClientMoment is when something happened by the clock of the device that saw it, and when that device sent it, by the same clock. Only the
// difference counts: a kiosk whose clock is wrong does no harm.
type ClientMoment struct {
	HappenedAt time.Time
	SentAt     time.Time
}

// longestQueue is how old what a device sends may be.
const longestQueue = 24 * time.Hour

// at is the instant by our clock.
func (m ClientMoment) at(now time.Time) time.Time {
	return now.Add(-min(max(m.SentAt.Sub(m.HappenedAt), 0), longestQueue))
}

// DoorAction is what somebody at the door notes of a person.
type DoorAction string

// The actions.
const (
	DoorIn     DoorAction = "in"
	DoorOut    DoorAction = "out"
	DoorUndo   DoorAction = "undo"
	DoorNoShow DoorAction = "no_show"
	DoorCount  DoorAction = "count" // another number of people is there, or was
)

// Check is one note of the door.
type Check struct {
	Action DoorAction
	Undoes DoorAction // what an undo takes back, so that one sent twice takes back one; empty: whatever was last
	Moment ClientMoment
	Note   string // of a no-show
	Party  int    // of in and count: how many came, the person included; 0: as many as signed up
}

// Check notes that somebody came, left or did not come, or takes the last note back. A note may come twice, late, and from a device with a
// wrong clock. Whoever has no place gets one, beyond the places when none is free.
func (s *Service) Check(ctx context.Context, of id.ID[volunteer.SignUp], c Check) (line DoorLine, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		u, err := shiftOf(ctx, tx, of)
		if err != nil {
			return err
		}
		if u.PersonID == nil {
			return errUnconfirmed
		}
		var r *volunteer.Roster
		current, concerns := of, concerned{people: []uuid.UUID{*u.PersonID}, shifts: []id.ID[volunteer.Shift]{u.ShiftID}}
		err = s.onRostersTx(ctx, tx, org, concerns, func(d *desk) (err error) {
			r = d.roster(u.ShiftID)
			current, err = s.checkTx(ctx, d, r.Find(of), c)
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

// lineTx is a sign-up as it stands on a roster.
func lineTx(ctx context.Context, tx database.Tx, r *volunteer.Roster, of id.ID[volunteer.SignUp]) (DoorLine, error) {
	_, lines, err := doorLines(ctx, tx, []volunteer.Shift{*r.Shift}, []volunteer.SignUp{*r.Find(of)})
	if err != nil {
		return DoorLine{}, err
	}
	return lines[0], nil
}

// checkTx applies a note, and tells which sign-up it is about: when somebody whose sign-up has ended signed up anew, they come for that one.
func (s *Service) checkTx(ctx context.Context, d *desk, u *volunteer.SignUp, c Check) (id.ID[volunteer.SignUp], error) {
	r, at := d.roster(u.ShiftID), c.Moment.at(d.now)
	switch c.Action {
	case DoorIn:
		if now := r.Of(*u.PersonID); now != nil {
			u = now
		}
		return u.ID, s.arrive(ctx, d, u, arrival{at, c.Party})
	case DoorOut:
		return u.ID, s.leaveTx(ctx, d, u, at)
	case DoorUndo:
		return u.ID, s.undoTx(ctx, d, u, c.Undoes)
	case DoorNoShow:
		return u.ID, absent(d, u, c.Note)
	case DoorCount:
		return u.ID, s.recountTx(ctx, d, u, arrival{at, c.Party})
	}
	return u.ID, errAction
}

// arrival says when somebody came, and with how many people, they included; 0: as many as signed up.
type arrival struct {
	at    time.Time
	party int
}

// arrive notes that somebody is there. What happened before they left is an old note that comes again. Somebody who is there already may have been
// joined by others.
func (s *Service) arrive(ctx context.Context, d *desk, u *volunteer.SignUp, a arrival) error {
	r := d.roster(u.ShiftID)
	if u.Status == volunteer.Done && !a.at.After(*u.CheckedOutAt) {
		return s.recountTx(ctx, d, u, a)
	}
	if r.Shift.Status == volunteer.Cancelled && u.Status != volunteer.In {
		return volunteer.ErrShiftGone
	}
	rules, was := len(u.Overrides), u.Party
	if a.party > 0 { // before anybody is let in beyond the places who did not come
		if err := r.Count(u.ID, a.party, a.at, d.now); err != nil {
			return err
		}
	}
	if err := r.CheckIn(u.ID, a.at, d.now); err != nil {
		return err
	}
	if len(u.Overrides) > rules {
		u.OverriddenBy = actor.From(ctx).Login()
	}
	return s.recordPartyTx(ctx, d, *u, was)
}

// recountTx corrects how many came of a party that is there, or has left: then their hours too, unless those are decided.
func (s *Service) recountTx(ctx context.Context, d *desk, u *volunteer.SignUp, a arrival) error {
	rules, was := len(u.Overrides), u.Party
	switch {
	case u.Status != volunteer.In && u.Status != volunteer.Done:
		return volunteer.ErrNotThere
	case a.party == 0 || a.party == was:
		return nil
	}
	if err := d.roster(u.ShiftID).Count(u.ID, a.party, a.at, d.now); err != nil || u.Party == was {
		return err
	}
	if len(u.Overrides) > rules {
		u.OverriddenBy = actor.From(ctx).Login()
	}
	hours, err := lockHoursOf(ctx, d.tx, u.ID)
	if err != nil {
		return err
	}
	for i := range hours {
		if err := hours[i].Recount(u.Party, d.now); err != nil {
			return err
		}
	}
	if len(hours) > 0 {
		if err := saveHours(ctx, d.tx, hours); err != nil {
			return err
		}
	}
	return s.recordPartyTx(ctx, d, *u, was)
}

// leaveTx notes that somebody left, and records the time they gave.
func (s *Service) leaveTx(ctx context.Context, d *desk, u *volunteer.SignUp, at time.Time) error {
	if u.Status == volunteer.Done {
		return nil
	}
	h, err := leave(d, u, departure{at: at})
	if err != nil {
		return err
	}
	return s.keepHoursTx(ctx, d.tx, []volunteer.Hours{h}, d.now)
}

// departure says when somebody left, and whether that is only assumed.
type departure struct {
	at      time.Time
	assumed bool
}

// leave checks somebody out, and returns the time they gave: the minutes between two instants, so that a night in which the clocks change
// counts what it lasted.
func leave(d *desk, u *volunteer.SignUp, left departure) (volunteer.Hours, error) {
	r, signUp := d.roster(u.ShiftID), u.ID.UUID
	if err := r.CheckOut(u.ID, left.at, d.now); err != nil {
		return volunteer.Hours{}, err
	}
	there := r.Shift.Location()
	return volunteer.NewHours(d.offer(r).Opportunity, *u.PersonID, volunteer.HoursDetails{
		On: day.In(*u.CheckedInAt, there), Minutes: volunteer.Worked(*u.CheckedInAt, *u.CheckedOutAt), People: u.Party, Source: volunteer.ByCheckIn, SignUpID: &signUp,
		Assumed: left.assumed,
	}, day.In(d.now, there), d.now)
}

// absent notes that somebody did not come. Doing so twice is the same.
func absent(d *desk, u *volunteer.SignUp, note string) error {
	if u.Status == volunteer.NoShow {
		return nil
	}
	if u.Status == volunteer.In || u.Status == volunteer.Done {
		return errIsThere
	}
	return d.roster(u.ShiftID).MarkNoShow(u.ID, note, d.now)
}

// undoable is what a sign-up is while an action can be taken back.
var undoable = map[DoorAction]volunteer.SignUpStatus{DoorIn: volunteer.In, DoorOut: volunteer.Done, DoorNoShow: volunteer.NoShow}

// undoTx takes the last note back, with the hours that followed from it while nobody has decided them. A named action that was taken back
// already is not taken back again.
func (s *Service) undoTx(ctx context.Context, d *desk, u *volunteer.SignUp, undoes DoorAction) error {
	r := d.roster(u.ShiftID)
	if undoes != "" {
		status, known := undoable[undoes]
		switch {
		case !known:
			return errAction.With("undoes")
		case undoes == DoorIn && u.Status == volunteer.Done:
			return volunteer.ErrLeft
		case u.Status != status:
			return nil
		}
	}
	switch {
	case u.Status == volunteer.Done:
		if err := s.dropHoursTx(ctx, d.tx, u.ID); err != nil {
			return err
		}
	case u.Status == volunteer.In && u.Source != volunteer.FromWalkIn && r.Shift.Status == volunteer.Cancelled:
		return volunteer.ErrShiftGone // there is no place to go back to
	case u.Status == volunteer.NoShow && r.Of(*u.PersonID) != nil:
		return volunteer.ErrNoUndo // they signed up anew
	}
	rules := len(u.Overrides)
	if err := r.Undo(u.ID, d.now); err != nil {
		return err
	}
	if len(u.Overrides) > rules {
		u.OverriddenBy = actor.From(ctx).Login()
	}
	return nil
}

const (
	forgottenAfter = 6 * time.Hour
	mostForgotten  = 500
)

// CloseForgotten checks out whoever is still there six hours after their shift ended: at its planned end, which their hours say. Doing so
// again changes nothing.
func (s *Service) CloseForgotten(ctx context.Context, orgID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	for {
		var still []volunteer.SignUp
		err := s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
			still, err = forgotten(ctx, r, s.now().Add(-forgottenAfter), mostForgotten)
			return err
		})
		if err != nil || len(still) == 0 {
			return err
		}
		for len(still) > 0 { // a transaction for each shift
			n := slices.IndexFunc(still, func(u volunteer.SignUp) bool { return u.ShiftID != still[0].ShiftID })
			if n < 0 {
				n = len(still)
			}
			if err := s.closeShift(ctx, org, still[:n]); err != nil {
				return fmt.Errorf("close shift %s: %w", still[0].ShiftID, err)
			}
			still = still[n:]
		}
	}
}

// closeShift checks out people whom everybody forgot at one shift.
func (s *Service) closeShift(ctx context.Context, org account.Organization, still []volunteer.SignUp) error {
	shift := still[0].ShiftID
	c := concerned{shifts: []id.ID[volunteer.Shift]{shift}}
	for _, u := range still {
		c.people = append(c.people, *u.PersonID)
	}
	return s.onRosters(ctx, org, c, func(d *desk) error {
		r := d.roster(shift)
		var hours []volunteer.Hours
		for _, known := range still {
			u := r.Find(known.ID)
			if u.Status != volunteer.In {
				continue
			}
			h, err := leave(d, u, departure{at: r.Shift.EndsAt, assumed: true})
			if err != nil {
				return err
			}
			hours = append(hours, h)
		}
		return s.keepHoursTx(ctx, d.tx, hours, d.now)
	})
}
