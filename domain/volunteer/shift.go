package volunteer

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// ShiftStatus says whether a shift takes place.
type ShiftStatus string

// The statuses of a shift.
const (
	Open      ShiftStatus = "open"
	Cancelled ShiftStatus = "cancelled"
)

const mostPlaces = 10_000

// LongestShift is how long one shift may last.
const LongestShift = 48 * time.Hour

// Shift is one slot of an opportunity: places at a time. Taken, Waiting and Over are counted anew from its sign-ups with every change.
type Shift struct {
	OrgID         uuid.UUID          `gorm:"primaryKey;type:uuid"`
	ID            id.ID[Shift]       `gorm:"primaryKey;type:uuid"`
	OpportunityID id.ID[Opportunity] `gorm:"type:uuid"`
	SeriesID      *uuid.UUID
	Detached      bool   // changed by itself since its series made it: changes of the series pass it by
	Title         string // what tells it from others of the opportunity; may be empty
	MeetingPoint  string // where to report, when it differs from the opportunity's directions
	StartsLocal   Wall
	EndsLocal     Wall
	Zone          string
	StartsAt      time.Time
	EndsAt        time.Time
	Places        int
	Window        Window     `gorm:"embedded"`
	OpensAt       *time.Time // nil: at once
	ClosesAt      time.Time  // the sign-up cut-off
	CancelUntil   time.Time
	Status        ShiftStatus
	CancelReason  string
	Taken         int // places held, confirmed, offered or used
	Waiting       int // sign-ups in line, however many people each brings
	Over          int // of Taken, how many staff let in beyond the places
	Version       int
	CreatedAt     time.Time
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Shift) TableName() string { return "shifts" }

// Location is the zone of its clock.
func (s Shift) Location() *time.Location { return location(s.Zone) }

// Length is how long it really lasts: a night in which the clocks change is an hour shorter or longer than it looks.
func (s Shift) Length() time.Duration { return s.EndsAt.Sub(s.StartsAt) }

// Free is how many places nobody has.
func (s Shift) Free() int { return max(0, s.Places-(s.Taken-s.Over)) }

// ShiftDetails is what staff say about a shift.
type ShiftDetails struct {
	Title        string
	MeetingPoint string
	StartsLocal  Wall
	EndsLocal    Wall
	Zone         string // empty: the opportunity's
	Places       int
	Window       *Window // nil: the opportunity's
}

// NewShift plans a shift of an opportunity. A past one may be planned, for hours that are entered later.
func NewShift(o Opportunity, d ShiftDetails, at time.Time) (Shift, error) {
	if o.Kind != InShifts {
		return Shift{}, fault.New(fault.KindConflict, "shift.flexible", "This opportunity has flexible hours, not shifts.")
	}
	if o.Status == Closed {
		return Shift{}, ErrClosed
	}
	if d.Zone == "" {
		d.Zone = o.Zone
	}
	if d.Window == nil {
		d.Window = &o.Window
	}
	s := Shift{OrgID: o.OrgID, ID: id.New[Shift](), OpportunityID: o.ID, Status: Open, Version: 1, CreatedAt: at}
	if err := s.take(d, at); err != nil {
		return Shift{}, err
	}
	return s, nil
}

// Details is what the shift says now, to be changed and given to Change.
func (s Shift) Details() ShiftDetails {
	w := s.Window
	return ShiftDetails{
		Title: s.Title, MeetingPoint: s.MeetingPoint, StartsLocal: s.StartsLocal, EndsLocal: s.EndsLocal, Zone: s.Zone, Places: s.Places, Window: &w,
	}
}

// Change replaces what the shift says and returns what volunteers have to be told, nothing when they need not know. version is the one its
// editor saw; 0 takes whichever there is. Places are never fewer than people have.
func (s *Shift) Change(d ShiftDetails, version int, at time.Time) ([]Difference, error) {
	if version != 0 && version != s.Version {
		return nil, ErrChanged
	}
	if s.Status == Cancelled {
		return nil, ErrShiftGone
	}
	if d.Zone == "" {
		d.Zone = s.Zone
	}
	if d.Window == nil {
		d.Window = &s.Window
	}
	after := *s
	if err := after.take(d, at); err != nil {
		return nil, err
	}
	if after.Places < s.Taken-s.Over {
		return nil, ErrTooFewPlaces
	}
	after.Version++
	told := Differences(*s, after)
	*s = after
	return told, nil
}

// Cancel calls the shift off.
func (s *Shift) Cancel(reason string, at time.Time) error {
	if s.Status == Cancelled {
		return ErrShiftGone
	}
	if !s.EndsAt.After(at) {
		return ErrShiftEnded
	}
	if err := block(&s.CancelReason, "reason", reason, 500); err != nil {
		return err
	}
	s.Status, s.UpdatedAt = Cancelled, at
	s.Version++
	return nil
}

func (s *Shift) take(d ShiftDetails, at time.Time) error {
	err := fault.Join(
		line(&s.Title, "title", d.Title, 120), line(&s.MeetingPoint, "meeting_point", d.MeetingPoint, maxLine), CheckZone(d.Zone), d.Window.check(),
		checkRange("places", d.Places, 1, mostPlaces), checkTimes(d),
	)
	if err != nil {
		return err
	}
	s.StartsLocal, s.EndsLocal, s.Zone, s.Places, s.Window, s.UpdatedAt = d.StartsLocal, d.EndsLocal, d.Zone, d.Places, *d.Window, at
	zone := s.Location()
	s.StartsAt, s.EndsAt = d.StartsLocal.In(zone), d.EndsLocal.In(zone)
	s.OpensAt = nil
	if h := d.Window.OpensBeforeHours; h != nil {
		opens := s.StartsAt.Add(-time.Duration(*h) * time.Hour)
		s.OpensAt = &opens
	}
	s.ClosesAt = s.StartsAt.Add(-time.Duration(d.Window.ClosesBeforeMinutes) * time.Minute)
	if s.ClosesAt.After(s.EndsAt) {
		s.ClosesAt = s.EndsAt
	}
	s.CancelUntil = s.StartsAt.Add(-time.Duration(d.Window.CancelBeforeMinutes) * time.Minute)
	return nil
}

func checkTimes(d ShiftDetails) error {
	if d.StartsLocal.IsZero() {
		return fault.Invalid("starts_local", "shift.start_missing", "Say when the shift starts.")
	}
	zone := location(d.Zone)
	length := d.EndsLocal.In(zone).Sub(d.StartsLocal.In(zone))
	if d.EndsLocal.IsZero() || length <= 0 {
		return fault.Invalid("ends_local", "shift.ends_before_start", "The shift must end after it starts.")
	}
	if length > LongestShift {
		return fault.Invalid("ends_local", "shift.too_long", fmt.Sprintf("A shift lasts at most %d hours. Make several.", int(LongestShift.Hours())))
	}
	return nil
}

// Difference is one thing about a shift that changed and that its volunteers have to know.
type Difference struct {
	Field  string `json:"field"` // starts, ends, zone, place, title
	Before string `json:"before"`
	After  string `json:"after"`
}

// Differences are what volunteers have to know of a change, in the shift's own clock. How many places there are is not among it.
func Differences(before, after Shift) []Difference {
	var all []Difference
	add := func(field, was, is string) {
		if was != is {
			all = append(all, Difference{field, was, is})
		}
	}
	add("starts", before.StartsLocal.String(), after.StartsLocal.String())
	add("ends", before.EndsLocal.String(), after.EndsLocal.String())
	add("zone", before.Zone, after.Zone)
	add("place", before.MeetingPoint, after.MeetingPoint)
	add("title", before.Title, after.Title)
	return all
}

// Fill is how full a shift is: what the calendar's colours and words say.
type Fill string

// The fills.
const (
	Empty     Fill = "empty"
	Short     Fill = "short"   // fewer than half of the places are taken
	Filling   Fill = "filling" // half or more
	Full      Fill = "full"    // somebody has every place
	CalledOff Fill = "cancelled"
)

// Fill tells how full the shift is.
func (s Shift) Fill() Fill {
	switch {
	case s.Status == Cancelled:
		return CalledOff
	case s.Free() == 0:
		return Full
	case s.Taken == 0:
		return Empty
	case s.Taken*2 < s.Places:
		return Short
	}
	return Filling
}

// Series is a rule by which shifts are made ahead, in wall time.
type Series struct {
	OrgID         uuid.UUID          `gorm:"primaryKey;type:uuid"`
	ID            id.ID[Series]      `gorm:"primaryKey;type:uuid"`
	OpportunityID id.ID[Opportunity] `gorm:"type:uuid"`
	Rule          string             // RFC 5545 RRULE, without DTSTART
	StartsLocal   Wall
	EndsLocal     Wall // of the first shift
	Zone          string
	Title         string
	MeetingPoint  string
	Places        int
	Window        Window `gorm:"embedded"`
	MadeUntil     Wall   // shifts that start before it exist
	Ended         bool   // makes no more
	CreatedAt     time.Time
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Series) TableName() string { return "shift_series" }

// Horizon is how far ahead the shifts of a series are made.
const Horizon = 26 * 7 * 24 * time.Hour

// MostOfSeries is how many shifts one rule makes at once.
const MostOfSeries = 400

// Occurrence is what NewShift takes for the shift of the series that starts at a wall time.
func (s Series) Occurrence(starts Wall) ShiftDetails {
	w := s.Window
	return ShiftDetails{
		Title: s.Title, MeetingPoint: s.MeetingPoint, StartsLocal: starts, EndsLocal: starts.Add(s.EndsLocal.Sub(s.StartsLocal)), Zone: s.Zone,
		Places: s.Places, Window: &w,
	}
}
