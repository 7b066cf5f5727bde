package volunteering

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

const (
	mostSeriesAtOnce = 200
	mostCounted      = 5000 // shifts of a rule: a preview counts no further
)

var (
	errTooManyShifts = fault.Invalid("repeat", "shift.too_many", "That would make more than 400 shifts at once. Begin later, or repeat less often.")
	errMonday        = fault.New(fault.KindInvalid, "shift.no_monday", "A week begins on a Monday.")
	errSameWeek      = fault.Invalid("to", "shift.same_week", "Choose another week than the one that is copied.")
	errWeekTooLarge  = fault.New(fault.KindConflict, "shift.week_too_large", "More than 400 shifts are in that week. Copy one opportunity at a time.")
)

// Plan is the shifts that a plan makes at once.
type Plan struct {
	Shifts []volunteer.Shift
	Total  int  // how many it makes in all, when it ends
	Ends   bool // false: it goes on, and the rest is made as time goes by
	series *volunteer.Series
}

// PreviewShifts says which shifts PlanShifts would make, and makes none.
func (s *Service) PreviewShifts(ctx context.Context, of id.ID[volunteer.Opportunity], d volunteer.ShiftDetails, rule string) (p Plan, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{of})
		if err != nil {
			return err
		}
		o, ok := offers[of]
		if !ok {
			return volunteer.ErrOpportunity
		}
		p, err = planOf(o.Opportunity, d, rule, s.moment())
		return err
	})
	return p, err
}

// PlanShifts plans a shift of an opportunity, or, with a rule of RFC 5545, a series: as many as there are up to the horizon, and the rest as
// time goes by.
func (s *Service) PlanShifts(ctx context.Context, of id.ID[volunteer.Opportunity], d volunteer.ShiftDetails, rule string) (made []ShiftLine, err error) {
	err = s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		o, err := lockOpportunity(ctx, tx, of, "SHARE")
		if err != nil {
			return err
		}
		p, err := planOf(o, d, rule, s.moment())
		if err != nil {
			return err
		}
		if p.series != nil {
			if err := insertSeries(ctx, tx, *p.series); err != nil {
				return err
			}
		}
		made = make([]ShiftLine, len(p.Shifts))
		for i, shift := range p.Shifts {
			made[i] = ShiftLine{Shift: shift, OpportunityTitle: o.Title, Role: o.Role}
		}
		return s.storeShiftsTx(ctx, tx, p.Shifts)
	})
	return made, err
}

// storeShiftsTx stores new shifts and records each.
func (s *Service) storeShiftsTx(ctx context.Context, tx database.Tx, shifts []volunteer.Shift) error {
	if err := insertShifts(ctx, tx, shifts); err != nil {
		return err
	}
	for _, shift := range shifts {
		_, after := differing(nil, shiftValues(shift))
		if err := s.audit.RecordTx(ctx, tx, audit.Event{Action: "shift.planned", SubjectType: "shift", SubjectID: shift.ID.UUID, After: after}); err != nil {
			return err
		}
	}
	return nil
}

// planOf applies a rule to an opportunity. The first shift is the rule's first one at or after the given start.
func planOf(o volunteer.Opportunity, d volunteer.ShiftDetails, rule string, now time.Time) (Plan, error) {
	if rule == "" {
		shift, err := volunteer.NewShift(o, d, now)
		return Plan{Shifts: []volunteer.Shift{shift}, Total: 1, Ends: true}, err
	}
	again, err := parseRepeat(rule)
	if err != nil {
		return Plan{}, err
	}
	if _, err := volunteer.NewShift(o, d, now); err != nil { // what is wrong is wrong with what was typed
		return Plan{}, err
	}
	first, ok := again.first(d.StartsLocal)
	if !ok {
		return Plan{}, volunteer.ErrSeriesRule
	}
	d.StartsLocal, d.EndsLocal = first, first.Add(d.EndsLocal.Sub(d.StartsLocal))
	shift, err := volunteer.NewShift(o, lasting(d, o.Zone), now)
	if err != nil {
		return Plan{}, err
	}
	series := volunteer.Series{
		OrgID: o.OrgID, ID: id.New[volunteer.Series](), OpportunityID: o.ID, Rule: again.text(), StartsLocal: first, EndsLocal: d.EndsLocal, Zone: shift.Zone,
		Title: shift.Title, MeetingPoint: shift.MeetingPoint, Places: shift.Places, Window: shift.Window, MadeUntil: first, CreatedAt: now,
	}
	until := volunteer.WallAt(now.Add(volunteer.Horizon), shift.Location())
	if !until.After(first) {
		until = first.Add(time.Minute) // one shift is always made, so that everybody sees that the series exists
	}
	shifts, err := makeAhead(o, &series, again, until, now)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Shifts: shifts, Total: len(shifts), Ends: again.ends(), series: &series}
	if p.Ends {
		p.Total = len(again.between(first, first, endOfTime, mostCounted))
	}
	return p, nil
}

var endOfTime = volunteer.WallOn(day.New(9000, time.January, 1), 0, 0)

// makeAhead makes the shifts of a series that start before a wall time and do not exist yet, and notes in the series that they do.
func makeAhead(o volunteer.Opportunity, series *volunteer.Series, rule repeat, until volunteer.Wall, now time.Time) ([]volunteer.Shift, error) {
	starts := rule.between(series.StartsLocal, series.MadeUntil, until, volunteer.MostOfSeries+1)
	if len(starts) > volunteer.MostOfSeries {
		return nil, errTooManyShifts
	}
	shifts := make([]volunteer.Shift, len(starts))
	for i, start := range starts {
		shift, err := volunteer.NewShift(o, lasting(series.Occurrence(start), o.Zone), now)
		if err != nil {
			return nil, fmt.Errorf("make the shift of %s of series %s: %w", start, series.ID, err)
		}
		shift.SeriesID = &series.ID.UUID
		shifts[i] = shift
	}
	series.MadeUntil, series.Ended, series.UpdatedAt = until, rule.over(series.StartsLocal, until), now
	return shifts, nil
}

// lasting lets a shift on whose night the clocks change last as long as on any other where its wall times would have no time between them, or
// too much.
func lasting(d volunteer.ShiftDetails, zoneOfOffer string) volunteer.ShiftDetails {
	if d.Zone == "" {
		d.Zone = zoneOfOffer
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return d
	}
	usual, starts := d.EndsLocal.Sub(d.StartsLocal), d.StartsLocal.In(zone)
	if lasts := d.EndsLocal.In(zone).Sub(starts); usual > 0 && (lasts <= 0 || lasts > volunteer.LongestShift && usual <= volunteer.LongestShift) {
		d.EndsLocal = volunteer.WallAt(starts.Add(usual), zone)
	}
	return d
}

// MakeAhead makes the shifts of an organization's series up to the horizon. However often it runs, and however many do so at once, every
// shift is made once: the series is locked, and says what exists.
func (s *Service) MakeAhead(ctx context.Context, org uuid.UUID) error {
	now := s.moment()
	for {
		var behind []volunteer.Series
		err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
			// A series is behind by its own clock; none shows an earlier time than this.
			behind, err = seriesBehind(ctx, r, volunteer.WallAt(now.Add(volunteer.Horizon-24*time.Hour), time.UTC))
			return err
		})
		if err != nil {
			return err
		}
		var errs []error
		for _, series := range behind { // each in a transaction of its own: one that cannot be made does not keep the others
			errs = append(errs, s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error { return s.makeAheadTx(ctx, tx, series, now) }))
		}
		if err := errors.Join(errs...); err != nil || len(behind) < mostSeriesAtOnce {
			return err
		}
	}
}

func (s *Service) makeAheadTx(ctx context.Context, tx database.Tx, series volunteer.Series, now time.Time) error {
	o, err := lockOpportunity(ctx, tx, series.OpportunityID, "SHARE")
	if err != nil {
		return err
	}
	if series, err = lockSeries(ctx, tx, series.ID); err != nil || series.Ended {
		return err
	}
	rule, err := parseRepeat(series.Rule)
	if err != nil {
		return fmt.Errorf("read the rule of series %s: %w", series.ID, err)
	}
	zone, err := time.LoadLocation(series.Zone)
	if err != nil {
		return fmt.Errorf("find the zone of series %s: %w", series.ID, err)
	}
	until := volunteer.WallAt(now.Add(volunteer.Horizon), zone)
	if !until.After(series.MadeUntil) {
		return nil
	}
	shifts, err := makeAhead(o, &series, rule, until, now)
	if err != nil {
		return err
	}
	if err := s.storeShiftsTx(ctx, tx, shifts); err != nil {
		return err
	}
	return saveSeries(ctx, tx, series)
}

// CopyWeek plans in one week what another has: the same opportunities, times of the week, places and windows, without who signed up. What is
// there already at the same time under the same title is passed over, even when it was called off, and so are shifts that were.
func (s *Service) CopyWeek(ctx context.Context, from, to day.Day, only id.ID[volunteer.Opportunity]) (made, skipped int, err error) {
	if err := fault.Join(monday("from", from), monday("to", to)); err != nil {
		return 0, 0, err
	}
	if from == to {
		return 0, 0, errSameWeek
	}
	err = s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		copies, passed, err := s.copiesTx(ctx, tx, from, to, only)
		if err != nil {
			return err
		}
		made, skipped = len(copies), passed
		return s.storeShiftsTx(ctx, tx, copies)
	})
	return made, skipped, err
}

func (s *Service) copiesTx(ctx context.Context, tx database.Tx, from, to day.Day, only id.ID[volunteer.Opportunity]) (copies []volunteer.Shift, passed int, err error) {
	if !only.IsZero() {
		if _, err := lockOpportunity(ctx, tx, only, "NO KEY UPDATE"); err != nil {
			return nil, 0, err
		}
	}
	week, err := shiftsOfWeek(ctx, tx, from, only)
	if err != nil {
		return nil, 0, err
	}
	if len(week) > volunteer.MostOfSeries {
		return nil, 0, errWeekTooLarge
	}
	offers, err := s.offersOf(ctx, tx, week)
	if err != nil {
		return nil, 0, err
	}
	there, err := shiftsOfWeek(ctx, tx, to, only)
	if err != nil {
		return nil, 0, err
	}
	type slot struct {
		of     id.ID[volunteer.Opportunity]
		starts volunteer.Wall
		title  string
	}
	taken := map[slot]bool{}
	for _, shift := range there {
		taken[slot{shift.OpportunityID, shift.StartsLocal, shift.Title}] = true
	}
	days := int(volunteer.WallOn(to, 0, 0).Sub(volunteer.WallOn(from, 0, 0)) / (24 * time.Hour))
	for _, shift := range week {
		d, o := shift.Details(), offers[shift.OpportunityID]
		d.StartsLocal, d.EndsLocal = d.StartsLocal.AddDays(days), d.EndsLocal.AddDays(days)
		if shift.Status == volunteer.Cancelled || o.Status == volunteer.Closed || taken[slot{shift.OpportunityID, d.StartsLocal, shift.Title}] {
			passed++
			continue
		}
		again, err := volunteer.NewShift(o, lasting(d, o.Zone), s.moment())
		if err != nil {
			return nil, 0, naming(err, shift)
		}
		copies = append(copies, again)
	}
	return copies, passed, nil
}

func (s *Service) offersOf(ctx context.Context, tx database.Tx, shifts []volunteer.Shift) (map[id.ID[volunteer.Opportunity]]volunteer.Opportunity, error) {
	var of []id.ID[volunteer.Opportunity]
	for _, shift := range shifts {
		of = append(of, shift.OpportunityID)
	}
	return lockOpportunities(ctx, tx, of)
}

func monday(field string, d day.Day) error {
	if d.IsZero() || volunteer.WallOn(d, 0, 0).Weekday() != time.Monday {
		return errMonday.With(field)
	}
	return nil
}
