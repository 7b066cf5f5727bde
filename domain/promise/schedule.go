package promise

import (
	"time"

	"tributary/domain/day"
	"tributary/domain/fault"
)

// Unit is the step of a schedule.
type Unit string

// The units.
const (
	Week  Unit = "week"
	Month Unit = "month"
	Year  Unit = "year"
)

// Limits of a schedule.
const (
	MostEvery       = 12  // units between two instalments
	MostInstalments = 120 // of a pledge, or of a plan with an end
)

// chargeHour is when, on its date, an instalment is charged in its promise's zone.
const chargeHour = 9

// Faults of schedules.
var (
	ErrUnit  = fault.Invalid("unit", "promise.unit", "Choose weeks, months or years.")
	ErrEvery = fault.Invalid("every", "promise.every", "Choose between 1 and 12.")
	ErrCount = fault.Invalid("count", "promise.count", "Choose between 1 and 120 instalments.")
	ErrDay   = fault.Invalid("day", "promise.day", "Choose a day between 1 and 31.")
	ErrZone  = fault.Invalid("zone", "promise.zone", "Choose a time zone.")
)

// Schedule says when instalments are due. Every date is counted from the anchor, never from the date before it, so that the 31st comes back
// after February: due(n) = anchor + (n - AnchorN) steps, clamped to the end of the month.
type Schedule struct {
	Unit      Unit
	Every     int     // units between two instalments
	Count     *int    // how many there are; nil: until somebody ends it
	AnchorOn  day.Day // the date of instalment AnchorN, or any date of its month
	AnchorDay int     // the day of the month that is meant, 1 to 31; without meaning for weeks
	AnchorN   int
}

// NewSchedule makes a schedule whose first instalment is due on first; count nil means without end.
func NewSchedule(unit Unit, every int, count *int, first day.Day) (Schedule, error) {
	s := Schedule{Unit: unit, Every: every, Count: count, AnchorOn: first, AnchorDay: first.DayOfMonth(), AnchorN: 1}
	return s, s.check()
}

func (s Schedule) check() error {
	var errUnit, errEvery, errCount error
	switch s.Unit {
	case Week, Month, Year:
	default:
		errUnit = ErrUnit
	}
	if s.Every < 1 || s.Every > MostEvery {
		errEvery = ErrEvery
	}
	if s.Count != nil && (*s.Count < 1 || *s.Count > MostInstalments) {
		errCount = ErrCount
	}
	return fault.Join(errUnit, errEvery, errCount)
}

// Due is the date of instalment n.
func (s Schedule) Due(n int) day.Day {
	steps := (n - s.AnchorN) * s.Every
	switch s.Unit {
	case Week:
		return s.AnchorOn.AddDays(7 * steps)
	case Year:
		return clamp(s.AnchorOn.Year()+steps, s.AnchorOn.Month(), s.AnchorDay)
	case Month:
	}
	months := s.AnchorOn.Year()*12 + int(s.AnchorOn.Month()) - 1 + steps
	return clamp(months/12, time.Month(months%12+1), s.AnchorDay)
}

// clamp is the wanted day of a month, or the month's last.
func clamp(year int, month time.Month, wanted int) day.Day {
	return day.New(year, month, min(wanted, day.New(year, month+1, 0).DayOfMonth()))
}

// Ends reports whether there is no instalment n.
func (s Schedule) Ends(n int) bool { return s.Count != nil && n > *s.Count }

// FirstFrom is the first instalment from n on that is not due before d; ok is false when the schedule ends earlier.
func (s Schedule) FirstFrom(n int, d day.Day) (first int, ok bool) {
	for !s.Ends(n) {
		if !s.Due(n).Before(d) {
			return n, true
		}
		n++
	}
	return 0, false
}

// MovedTo is the schedule with instalments from n on falling on another day of the month (of the week, for weeks: the date's own): n comes
// on the first such day after today.
func (s Schedule) MovedTo(n, wanted int, today day.Day) (Schedule, error) {
	if wanted < 1 || wanted > 31 {
		return s, ErrDay
	}
	next := s.Due(n)
	s.AnchorOn, s.AnchorN, s.AnchorDay = clamp(next.Year(), next.Month(), wanted), n, wanted
	for !s.Due(n).After(today) {
		year, month := s.AnchorOn.Year(), s.AnchorOn.Month()+1
		s.AnchorOn = clamp(year, month, wanted)
	}
	return s, nil
}

// StartingOn is the schedule with instalment n due on d and the later ones following from it.
func (s Schedule) StartingOn(n int, d day.Day) Schedule {
	s.AnchorOn, s.AnchorDay, s.AnchorN = d, d.DayOfMonth(), n
	return s
}

// Morning is when things due on a date are done in zone: nine o'clock there.
func Morning(d day.Day, zone *time.Location) time.Time {
	return time.Date(d.Year(), d.Month(), d.DayOfMonth(), chargeHour, 0, 0, 0, zone).UTC()
}
