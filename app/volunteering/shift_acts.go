package volunteering

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// act is one act of staff on shifts, within a transaction: it changes or cancels them through their rosters, records each, and makes one notice
// of what everybody on them has to know.
type act struct {
	s       *Service
	tx      database.Tx
	org     account.Organization
	now     time.Time
	message string
	shifts  []id.ID[volunteer.Shift] // the one that staff chose first
	first   volunteer.Shift          // as it was before it was locked
	series  *volunteer.Series        // locked, when those that follow are concerned
	fresh   *volunteer.Series        // which takes over from it
	items   []volunteer.NoticeItem
}

func (s *Service) openAct(ctx context.Context, tx database.Tx, org account.Organization, message string) (*act, error) {
	return &act{s: s, tx: tx, org: org, now: s.moment(), message: message}, ctx.Err()
}

// choose finds what the act is about. Opportunity, series and shifts are locked in this order everywhere.
func (a *act) choose(ctx context.Context, of id.ID[volunteer.Shift], scope Scope) (err error) {
	a.shifts = []id.ID[volunteer.Shift]{of}
	if a.first, err = findShift(ctx, a.tx, of); err != nil || scope == OneShift {
		return err
	}
	if a.first.SeriesID == nil || a.first.Detached {
		return errNotRepeating
	}
	if _, err := lockOpportunity(ctx, a.tx, a.first.OpportunityID, "SHARE"); err != nil {
		return err
	}
	series, err := lockSeries(ctx, a.tx, id.From[volunteer.Series](*a.first.SeriesID))
	if err != nil {
		return err
	}
	a.series = &series
	if a.first, err = findShift(ctx, a.tx, of); err != nil { // whoever held the series may have moved it
		return err
	}
	switch {
	case a.first.SeriesID == nil || *a.first.SeriesID != series.ID.UUID || a.first.Detached:
		return volunteer.ErrChanged
	case a.first.Status == volunteer.Cancelled:
		return volunteer.ErrShiftGone
	case !a.first.EndsAt.After(a.now):
		return volunteer.ErrShiftEnded
	}
	a.shifts, err = followingOf(ctx, a.tx, series.ID, a.first.StartsLocal)
	return err
}

// end lets the series make nothing from the first shift of the act on.
func (a *act) end(ctx context.Context) error {
	if a.series == nil {
		return nil
	}
	rule, err := parseRepeat(a.series.Rule)
	if err != nil {
		return fmt.Errorf("read the rule of series %s: %w", a.series.ID, err)
	}
	a.series.Rule, a.series.Ended, a.series.UpdatedAt = rule.before(a.first.StartsLocal).text(), true, a.now
	return saveSeries(ctx, a.tx, *a.series)
}

// split lets a series of its own begin with the first shift of the act, as it is to be; the old one ends before it.
func (a *act) split(ctx context.Context, c ShiftChange) error {
	if a.series == nil {
		return nil
	}
	rule, err := parseRepeat(a.series.Rule)
	if err != nil {
		return fmt.Errorf("read the rule of series %s: %w", a.series.ID, err)
	}
	to := a.first
	if _, err := to.Change(c.Details, c.Version, a.now); err != nil {
		return err
	}
	if rule, err = rule.following(a.series.StartsLocal, a.first.StartsLocal, to.StartsLocal); err != nil {
		return err
	}
	fresh := volunteer.Series{
		OrgID: a.series.OrgID, ID: id.New[volunteer.Series](), OpportunityID: a.series.OpportunityID, Rule: rule.text(), StartsLocal: to.StartsLocal,
		EndsLocal: to.EndsLocal, Zone: to.Zone, Title: to.Title, MeetingPoint: to.MeetingPoint, Places: to.Places, Window: to.Window,
		MadeUntil: a.series.MadeUntil.Add(to.StartsLocal.Sub(a.first.StartsLocal)), Ended: a.series.Ended, CreatedAt: a.now, UpdatedAt: a.now,
	}
	if err := insertSeries(ctx, a.tx, fresh); err != nil {
		return err
	}
	a.fresh = &fresh
	return a.end(ctx)
}

// change applies a change to every shift of the act.
func (a *act) change(ctx context.Context, c ShiftChange) error {
	by, lasts := time.Duration(0), time.Duration(0)
	if a.fresh != nil {
		by, lasts = a.fresh.StartsLocal.Sub(a.first.StartsLocal), a.fresh.EndsLocal.Sub(a.fresh.StartsLocal)
	}
	return a.each(ctx, func(d *desk, r *volunteer.Roster) error {
		before, details, version := *r.Shift, c.Details, c.Version
		if before.ID != a.first.ID {
			details.StartsLocal, version = before.StartsLocal.Add(by), 0
			details.EndsLocal = details.StartsLocal.Add(lasts)
			details = lasting(details, before.Zone)
		}
		concerned := activeOf(r)
		told, err := r.Shift.Change(details, version, d.now)
		if err != nil {
			return err
		}
		if a.fresh != nil {
			r.Shift.SeriesID = &a.fresh.ID.UUID
		}
		event := shiftEvent("shift.changed", before, *r.Shift)
		if len(event.After.(map[string]any)) == 0 {
			r.Shift.Version, r.Shift.UpdatedAt = before.Version, before.UpdatedAt
			return nil
		}
		if before.SeriesID != nil && a.fresh == nil {
			r.Shift.Detached = true
			event = shiftEvent("shift.changed", before, *r.Shift)
		}
		toCome := before.EndsAt.After(d.now) || r.Shift.EndsAt.After(d.now)
		if toCome && (len(told) > 0 || a.message != "") {
			a.tell(*r.Shift, told, concerned)
		}
		return a.s.audit.RecordTx(ctx, a.tx, event)
	})
}

// cancel calls every shift of the act off.
func (a *act) cancel(ctx context.Context, reason string) error {
	return a.each(ctx, func(d *desk, r *volunteer.Roster) error {
		before, concerned := *r.Shift, activeOf(r)
		if err := r.Shift.Cancel(reason, d.now); err != nil {
			return err
		}
		r.CallOff(d.now)
		for _, u := range r.SignUps {
			d.silent[u.ID] = true // the notice tells them
		}
		a.tell(*r.Shift, nil, concerned)
		return a.s.audit.RecordTx(ctx, a.tx, shiftEvent("shift.cancelled", before, *r.Shift))
	})
}

// each does something to every roster of the act, the soonest first; an error names the shift when it is not the one that staff chose.
func (a *act) each(ctx context.Context, do func(d *desk, r *volunteer.Roster) error) error {
	if len(a.shifts) == 0 {
		return nil
	}
	return a.s.onRostersTx(ctx, a.tx, a.org, concerned{shifts: a.shifts}, func(d *desk) error {
		for _, r := range d.byTime() {
			was := *r.Shift
			if err := do(d, r); err != nil {
				if was.ID != a.first.ID {
					return naming(err, was)
				}
				return err
			}
		}
		return nil
	})
}

func (a *act) tell(of volunteer.Shift, what []volunteer.Difference, whom volunteer.Words) {
	if what == nil {
		what = []volunteer.Difference{}
	}
	a.items = append(a.items, volunteer.NoticeItem{
		OrgID: of.OrgID, ShiftID: of.ID, Cancelled: of.Status == volunteer.Cancelled, Differences: what, SignUpIDs: whom,
	})
}

// finish stores what the act tells, and asks for the mails.
func (a *act) finish(ctx context.Context) error {
	return a.s.noticeTx(ctx, a.tx, a.org.ID.UUID, a.message, a.items)
}

// noticeTx stores one notice of what became of shifts, and asks for the mails.
func (s *Service) noticeTx(ctx context.Context, tx database.Tx, org uuid.UUID, message string, items []volunteer.NoticeItem) error {
	if len(items) == 0 {
		return nil
	}
	n := volunteer.Notice{OrgID: org, ID: id.New[volunteer.Notice](), Message: message, By: actor.From(ctx).Login(), CreatedAt: s.moment()}
	for i := range items {
		items[i].NoticeID = n.ID
	}
	if err := insertNotice(ctx, tx, n, items); err != nil {
		return err
	}
	return s.jobs.InsertTx(ctx, tx, volunteer.TellChange{OrgID: org, NoticeID: n.ID.UUID})
}

// activeOf are the sign-ups that count now: whoever signs up afterwards knows.
func activeOf(r *volunteer.Roster) volunteer.Words {
	active := volunteer.Words{}
	for _, u := range r.SignUps {
		if u.Status.Active() {
			active = append(active, u.ID.String())
		}
	}
	return active
}

// naming says of which shift a fault is, when it is of one that nobody sees.
func naming(err error, of volunteer.Shift) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	named := *f
	when := of.StartsLocal.Naive().Format("Monday 2 January 2006 at 15:04")
	named.Message = fmt.Sprintf("The shift of %s: %s", when, f.Message)
	named.Fields = slices.Clone(f.Fields)
	for i := range named.Fields {
		named.Fields[i].Message = named.Message
	}
	return &named
}
