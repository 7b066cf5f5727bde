package volunteer

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// SignUpStatus says how one person stands to one shift.
type SignUpStatus string

// The statuses. The first five have a place.
const (
	Held      SignUpStatus = "held"      // until the mail is confirmed, or the hold ends
	Confirmed SignUpStatus = "confirmed" // has a place
	Offered   SignUpStatus = "offered"   // a freed place is held until it is accepted, passed on, or the hold ends
	In        SignUpStatus = "in"        // is there
	Done      SignUpStatus = "done"      // was there
	Waiting   SignUpStatus = "waiting"
	NoShow    SignUpStatus = "no_show"
	Withdrawn SignUpStatus = "cancelled"
	Lapsed    SignUpStatus = "lapsed" // was not confirmed or accepted in time, or the waitlist closed
)

// TakesPlace reports whether somebody of that status has a place.
func (s SignUpStatus) TakesPlace() bool {
	switch s {
	case Held, Confirmed, Offered, In, Done:
		return true
	case Waiting, NoShow, Withdrawn, Lapsed:
	}
	return false
}

// Active reports whether the sign-up still counts: a person has at most one active sign-up for a shift.
func (s SignUpStatus) Active() bool { return s.TakesPlace() || s == Waiting }

// ActiveStatuses lists the statuses for which Active holds.
var ActiveStatuses = []SignUpStatus{Held, Confirmed, Offered, In, Done, Waiting}

// Source says how a sign-up came about.
type Source string

// The sources.
const (
	FromPublic Source = "public"
	FromStaff  Source = "staff"
	FromWalkIn Source = "walk_in"
	FromSwap   Source = "swap"
	FromCover  Source = "cover" // said yes when asked to help
)

// By says who ended a sign-up.
type By string

// Who ends a sign-up.
const (
	ByVolunteer By = "volunteer"
	ByStaff     By = "staff"
	BySystem    By = "system"
)

// SignUp is one person's place in a shift, with that of whoever they bring, or in the line for one. Until the mail is confirmed it belongs to a request and to nobody.
type SignUp struct {
	OrgID          uuid.UUID     `gorm:"primaryKey;type:uuid"`
	ID             id.ID[SignUp] `gorm:"primaryKey;type:uuid"`
	ShiftID        id.ID[Shift]  `gorm:"type:uuid"`
	PersonID       *uuid.UUID
	RequestID      *uuid.UUID
	Status         SignUpStatus
	Was            SignUpStatus // before a check-in, for Undo
	Source         Source
	Party          int        // how many come, the person included: so many places it takes
	WasParty       int        // before a check-in, for Undo; 0: not checked in
	CountedAt      *time.Time // when the door counted who came
	Rank           int64      // order of arrival within the shift; the waitlist is served in this order
	HoldUntil      *time.Time // of held and offered
	Over           int        // how many of the party staff let in beyond the shift's places
	Overrides      Words      // the rules that staff overruled
	OverrideNote   string
	OverriddenBy   *uuid.UUID // the login
	EndedBy        By         // of one that was cancelled; else empty
	EndReason      string
	CheckedInAt    *time.Time
	CheckedOutAt   *time.Time
	NoShowNote     string
	RemindedFarAt  *time.Time // the reminder days ahead
	RemindedNearAt *time.Time // the reminder hours ahead
	Version        int
	CreatedAt      time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (SignUp) TableName() string { return "sign_ups" }

// Request is a set of shifts that somebody chose on the public page without signing in: their places are held until the mail is confirmed.
type Request struct {
	OrgID           uuid.UUID      `gorm:"primaryKey;type:uuid"`
	ID              id.ID[Request] `gorm:"primaryKey;type:uuid"`
	TokenHash       []byte
	FirstName       string
	LastName        string
	Email           string
	EmailNormalized string
	Phone           string
	BirthDate       *time.Time `gorm:"type:date"`
	Party           int        // how many come, the person included
	Waits           bool       // joins the waitlist where a shift is full
	CreatedAt       time.Time
	HoldUntil       time.Time // places are held so long
	ExpiresAt       time.Time // the link works so long
	ConfirmedAt     *time.Time
	PersonID        *uuid.UUID
}

// TableName tells GORM the table.
func (Request) TableName() string { return "sign_up_requests" }

// CheckParty reports whether so many may come on one sign-up anywhere.
func CheckParty(party int) error {
	if party < 1 || party > LargestParty {
		return errParty
	}
	return nil
}

// TooMany refuses to bring more people than may come together.
func TooMany(most int) *fault.Error {
	message := fmt.Sprintf("At most %d people may come on one sign-up.", most)
	if most <= 1 {
		message = "Everybody signs up for themselves here: come alone, and pass the page on."
	}
	return fault.Invalid("party", "sign_up.party", message)
}

// Together is how many may come on one sign-up. Where a proof is asked for everybody has to show their own.
func (o Opportunity) Together(required []Requirement) int {
	if len(required) > 0 {
		return 1
	}
	return max(1, o.PartyMax)
}

// How long an unconfirmed request holds its places, and how long its link works.
const (
	RequestHold = 30 * time.Minute
	RequestLife = 24 * time.Hour
	MostAtOnce  = 20 // shifts in one request
)

// Reminders go out so long before a shift, to whoever signed up earlier than that.
const (
	RemindFar  = 48 * time.Hour
	RemindNear = 3 * time.Hour
)
