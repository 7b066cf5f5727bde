package volunteer

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// HoursStatus says whether staff agreed to recorded time. Only approved hours count.
type HoursStatus string

// The statuses of hours.
const (
	Pending  HoursStatus = "pending"
	Approved HoursStatus = "approved"
	Rejected HoursStatus = "rejected"
)

// HoursSource says who recorded the time.
type HoursSource string

// The sources of hours.
const (
	ByCheckIn   HoursSource = "check_in"
	BySelf      HoursSource = "self"
	ByStaffHand HoursSource = "staff"
)

// Hours is time that one person gave on one day.
type Hours struct {
	OrgID         uuid.UUID    `gorm:"primaryKey;type:uuid"`
	ID            id.ID[Hours] `gorm:"primaryKey;type:uuid"`
	PersonID      uuid.UUID
	OpportunityID id.ID[Opportunity] `gorm:"type:uuid"`
	SignUpID      *uuid.UUID         // of time recorded by check-in, or entered for a shift
	On            day.Day            `gorm:"column:on_date"` // at the place
	Minutes       int                // that the person gave; whoever came with them gave as many each
	People        int                // how many that is, the person included
	Source        HoursSource
	Status        HoursStatus
	Assumed       bool   // nobody checked the person out: the planned end was taken
	Note          string // what was done
	Reason        string // why it was rejected, or corrected
	DecidedBy     *uuid.UUID
	DecidedAt     *time.Time
	Version       int
	CreatedAt     time.Time
	UpdatedAt     time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Hours) TableName() string { return "volunteer_hours" }

// Faults of hours.
var (
	errMinutes     = fault.Invalid("minutes", "hours.minutes", "Enter between one minute and 24 hours.")
	errPeople      = fault.Invalid("people", "hours.people", "Say how many people gave the time, the volunteer included.")
	errFuture      = fault.Invalid("on", "hours.future", "Hours are recorded after they were given, not before.")
	errTooOld      = fault.Invalid("on", "hours.too_old", "This day is too long ago. Please ask the contact to enter it.")
	errHoursWhy    = fault.Invalid("reason", "hours.reason_missing", "Say why, so that the volunteer understands.")
	ErrDecided     = fault.New(fault.KindConflict, "hours.decided", "These hours were decided already.")
	ErrOutsideDays = fault.Invalid("on", "hours.outside", "That day lies outside the time in which help is wanted.")
	ErrHoursTwice  = fault.New(fault.KindConflict, "hours.twice", "The hours of this shift are recorded already.")
)

const (
	mostMinutes = 24 * 60
	oldestSelf  = 90 // days back that volunteers enter hours themselves
)

// HoursDetails is what is said of time given.
type HoursDetails struct {
	On       day.Day
	Minutes  int
	People   int // 0: one
	Note     string
	Source   HoursSource
	SignUpID *uuid.UUID
	Assumed  bool
}

// NewHours records time, pending until staff decide. today is the date at the place.
func NewHours(o Opportunity, person uuid.UUID, d HoursDetails, today day.Day, at time.Time) (Hours, error) {
	h := Hours{
		OrgID: o.OrgID, ID: id.New[Hours](), PersonID: person, OpportunityID: o.ID, SignUpID: d.SignUpID, On: d.On, Minutes: d.Minutes, People: max(1, d.People), Source: d.Source,
		Status: Pending, Assumed: d.Assumed, Version: 1, CreatedAt: at, UpdatedAt: at,
	}
	if err := fault.Join(checkHours(d.On, d.Minutes, today), checkPeople(h.People), block(&h.Note, "note", d.Note, 500)); err != nil {
		return Hours{}, err
	}
	if d.Source == BySelf && d.On.Before(today.AddDays(-oldestSelf)) {
		return Hours{}, errTooOld
	}
	if o.Kind == Flexible && (!o.StartsOn.IsZero() && d.On.Before(o.StartsOn) || !o.EndsOn.IsZero() && d.On.After(o.EndsOn)) {
		return Hours{}, ErrOutsideDays
	}
	return h, nil
}

func checkHours(on day.Day, minutes int, today day.Day) error {
	var errs []error
	if minutes < 1 || minutes > mostMinutes {
		errs = append(errs, errMinutes)
	}
	if on.IsZero() || on.After(today) {
		errs = append(errs, errFuture)
	}
	return fault.Join(errs...)
}

func checkPeople(n int) error {
	if CheckParty(n) != nil {
		return errPeople
	}
	return nil
}

// InAll is the time that everybody gave together, in minutes.
func (h Hours) InAll() int { return h.Minutes * h.People }

// Worked is how many whole minutes lie between check-in and check-out, at least one and at most a day.
func Worked(in, out time.Time) int {
	return within(int(out.Sub(in).Round(time.Minute)/time.Minute), 1, mostMinutes)
}

// Approve makes pending or rejected hours count.
func (h *Hours) Approve(by *uuid.UUID, at time.Time) error {
	if h.Status == Approved {
		return ErrDecided
	}
	h.decide(Approved, "", by, at)
	return nil
}

// Reject says no to pending or approved hours; the volunteer reads the reason.
func (h *Hours) Reject(reason string, by *uuid.UUID, at time.Time) error {
	if h.Status == Rejected {
		return ErrDecided
	}
	reason, err := why(reason)
	if err != nil {
		return err
	}
	h.decide(Rejected, reason, by, at)
	return nil
}

// Recount says how many gave the time, while nobody has decided on it: ErrDecided.
func (h *Hours) Recount(people int, at time.Time) error {
	if h.Status != Pending {
		return ErrDecided
	}
	h.People, h.UpdatedAt = people, at
	h.Version++
	return nil
}

// Correction is how time really was, and why that differs from what was recorded.
type Correction struct {
	Version int // the one the editor saw
	On      day.Day
	Minutes int
	People  int    // 0: as it was
	Reason  string // the volunteer reads it
}

// Correct changes the day, the minutes and how many gave them, and approves. today is the date at the place.
func (h *Hours) Correct(c Correction, by *uuid.UUID, today day.Day, at time.Time) error {
	if c.Version != h.Version {
		return ErrChanged
	}
	reason, reasonErr := why(c.Reason)
	if c.People == 0 {
		c.People = h.People
	}
	if err := fault.Join(checkHours(c.On, c.Minutes, today), checkPeople(c.People), reasonErr); err != nil {
		return err
	}
	h.On, h.Minutes, h.People, h.Assumed = c.On, c.Minutes, c.People, false
	h.decide(Approved, reason, by, at)
	return nil
}

func (h *Hours) decide(status HoursStatus, reason string, by *uuid.UUID, at time.Time) {
	h.Status, h.Reason, h.DecidedBy, h.DecidedAt, h.UpdatedAt = status, reason, by, &at, at
	h.Version++
}

func why(reason string) (string, error) {
	var clean string
	if err := block(&clean, "reason", reason, 500); err != nil {
		return "", err
	}
	if clean == "" {
		return "", errHoursWhy
	}
	return clean, nil
}

// InHours writes minutes as people say them: "3 h", "2 h 30 min", "45 min".
func InHours(minutes int) string {
	var parts []string
	if minutes >= 60 {
		parts = append(parts, fmt.Sprintf("%d h", minutes/60))
	}
	if minutes%60 != 0 || minutes == 0 {
		parts = append(parts, fmt.Sprintf("%d min", minutes%60))
	}
	return strings.Join(parts, " ")
}
