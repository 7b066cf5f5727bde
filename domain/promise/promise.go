// Package promise holds money promised ahead. A plan charges a saved card again and again; a pledge is a fixed amount paid in parts. Both
// are paid by instalments that one schedule dates; of an open plan only the next instalment exists, the later ones are computed.
package promise

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Faults of promises.
var (
	ErrNotFound       = fault.NotFound("promise")
	ErrChanged        = fault.New(fault.KindConflict, "promise.changed", "Somebody changed this meanwhile. Look at it again.")
	ErrClosed         = fault.New(fault.KindConflict, "promise.closed", "This has ended and cannot be changed any more.")
	ErrNotReady       = fault.New(fault.KindConflict, "promise.not_ready", "The donor has not finished setting this up.")
	ErrNotPlan        = fault.New(fault.KindConflict, "promise.not_plan", "This can only be done with a regular gift.")
	ErrNotPledge      = fault.New(fault.KindConflict, "promise.not_pledge", "This can only be done with a pledge.")
	ErrInFlight       = fault.New(fault.KindConflict, "promise.in_flight", "A payment is under way right now. Please try again in a few minutes.")
	ErrNothingNext    = fault.New(fault.KindConflict, "promise.nothing_next", "There is no coming payment to change.")
	ErrInstalment     = fault.Invalid("instalment_id", "promise.instalment", "There is no such open instalment.")
	ErrPauseUntil     = fault.Invalid("until", "promise.pause_until", "Choose a date after today, at most a year ahead.")
	ErrNotPaused      = fault.New(fault.KindConflict, "promise.not_paused", "This regular gift is not paused.")
	ErrPaused         = fault.New(fault.KindConflict, "promise.paused", "This regular gift is paused. Nothing is charged before the pause is over.")
	ErrReason         = fault.Invalid("reason", "promise.reason", "Write why.")
	ErrFirstPast      = fault.Invalid("first_on", "promise.first_past", "The first date has passed. Choose a later one.")
	ErrFirstFar       = fault.Invalid("first_on", "promise.first_far", "The first date is more than five years away.")
	ErrPartSmall      = fault.Invalid("count", "promise.part_small", "The instalments would be too small. Choose fewer.")
	ErrPartLarge      = fault.Invalid("count", "promise.part_large", "The instalments would be too large to be charged. Choose more.")
	ErrNotDue         = fault.New(fault.KindConflict, "promise.not_due", "This is charged by itself on its date.")
	ErrNoCard         = fault.New(fault.KindConflict, "promise.no_card", "There is no saved card to charge.")
	ErrFrequency      = fault.Invalid("frequency", "promise.frequency", "Choose how often.")
	ErrPersonNeeded   = fault.Invalid("person_id", "promise.person", "Choose who promises.")
	ErrRequestDiffers = donation.ErrRequestDiffers
)

// Kind says what is promised.
type Kind string

// The kinds.
const (
	Plan   Kind = "plan"   // the same amount again and again, by saved card
	Pledge Kind = "pledge" // one amount, in parts, by card, link, cheque or transfer
)

// Method is how instalments are collected.
type Method string

// The methods.
const (
	ByCard Method = "card" // charged to the saved card on the date
	ByLink Method = "link" // the donor pays by a mailed link, or sends a cheque
)

// Status is where a promise stands, as far as it follows from facts. What follows from the date (paused, overdue) is asked of StandingOn.
type Status string

// The statuses.
const (
	PendingSetup       Status = "pending_setup"        // nobody has paid, or saved a card, yet
	Active             Status = "active"               //
	PastDue            Status = "past_due"             // a payment failed and is tried again, or waits for the donor
	NeedsPaymentMethod Status = "needs_payment_method" // nothing is tried before there is another card
	Lapsed             Status = "lapsed"               // a plan without payment for sixty days
	Completed          Status = "completed"            // everything promised was paid, waived or written off
	WrittenOff         Status = "written_off"          // the rest of a pledge was given up
	Cancelled          Status = "cancelled"            //
	Paused             Status = "paused"               // never stored: by date
	Overdue            Status = "overdue"              // never stored: a pledge with an unpaid date behind it
	Delinquent         Status = "delinquent"           // never stored: overdue for sixty days
)

// Open reports whether money may still come of a promise in this status.
func (s Status) Open() bool {
	switch s {
	case PendingSetup, Active, PastDue, NeedsPaymentMethod, Lapsed, Paused, Overdue, Delinquent:
		return true
	case Completed, WrittenOff, Cancelled:
		return false
	}
	return false
}

// patience is how long a promise may go unpaid before a plan lapses and a pledge is called delinquent.
const patienceDays = 60

// Promise is a plan or a pledge, with those of its instalments that were loaded: all of a pledge, the open ones and the newest of a plan.
type Promise struct {
	OrgID            uuid.UUID      `gorm:"primaryKey"`
	ID               id.ID[Promise] `gorm:"primaryKey"`
	Reference        string         // "P-7K2M9-QDXWA"
	Kind             Kind
	Status           Status
	PersonID         *uuid.UUID // nil until the first payment, or the saved card, makes it known
	DonorFirstName   string
	DonorLastName    string
	DonorEmail       string
	CampaignID       *uuid.UUID
	CauseID          uuid.UUID
	FundID           uuid.UUID
	Amount           money.Money `gorm:"embedded;embeddedPrefix:amount_"` // of each instalment of a plan; of a whole pledge
	CoverMinor       int64       // added to each instalment of a plan for the fee
	Schedule         Schedule    `gorm:"embedded"`
	Zone             string      // the donor's, else the organization's: whose morning it is
	Method           Method
	CardID           *uuid.UUID
	PausedUntil      *day.Day
	Visibility       donation.Visibility
	EmailConsent     bool
	RemindBeforeDays int   // pledges by link: the first reminder of an instalment
	RemindEveryDays  int   // then again and again; 0: no more
	RemindAtMost     int   // reminders per instalment; 0: none
	Books            bool  // a pledge that the ledger carries as receivable
	BookedMinor      int64 // of it, receivable in the ledger now
	LapsedAt         *time.Time
	WrittenOffAt     *time.Time
	CancelledAt      *time.Time
	ClosedBy         string // actor kind: supporter, login, system
	CloseReason      string
	FormToken        *uuid.UUID
	Request          donation.Request `gorm:"embedded;embeddedPrefix:request_"`
	Note             string
	CreatedBy        *uuid.UUID
	Version          int
	CreatedAt        time.Time
	UpdatedAt        time.Time `gorm:"autoUpdateTime:false"`

	Instalments []Instalment        `gorm:"-"` // by number
	Card        *Card               `gorm:"-"` // of CardID, where it was asked for
	Dropped     []id.ID[Instalment] `gorm:"-"` // taken back since loading, before anything was tried
}

// TableName is the table of promises.
func (Promise) TableName() string { return "promises" }

// Location is the zone whose mornings count.
func (p *Promise) Location() *time.Location {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil { // stored before the zone database of this machine dropped it
		return time.UTC
	}
	return zone
}

// Cover is what each instalment of a plan adds for the fee.
func (p *Promise) Cover() money.Money { return money.New(p.CoverMinor, p.Amount.Currency) }

// DonorName is how who promised is called.
func (p *Promise) DonorName() string {
	return donation.Donor{FirstName: p.DonorFirstName, LastName: p.DonorLastName}.Name()
}

// Next is the instalment that comes next: the earliest that is still to be paid, or nil. What a plan gave up is not: it goes on with the
// next date, or waits for another card.
func (p *Promise) Next() *Instalment {
	return p.earliest(func(i *Instalment) bool { return i.State != Failed || p.Kind == Pledge })
}

// earliest is the open instalment with the first date that asks for something and is wanted, or nil.
func (p *Promise) earliest(wanted func(*Instalment) bool) *Instalment {
	var first *Instalment
	for k := range p.Instalments {
		i := &p.Instalments[k]
		if i.State.Open() && i.Amount.Minor > 0 && wanted(i) && (first == nil || i.DueOn.Before(first.DueOn)) {
			first = i
		}
	}
	return first
}

// Instalment finds a loaded instalment, or nil.
func (p *Promise) Instalment(of id.ID[Instalment]) *Instalment {
	for i := range p.Instalments {
		if p.Instalments[i].ID == of {
			return &p.Instalments[i]
		}
	}
	return nil
}

// Paid is the sum of what came in, net of refunds, of the loaded instalments: for a pledge, all.
func (p *Promise) Paid() money.Money {
	return p.sum(func(i Instalment) int64 { return i.PaidMinor })
}

// Owed is what is still to be paid of the loaded instalments: for a pledge, all of it.
func (p *Promise) Owed() money.Money {
	return p.sum(func(i Instalment) int64 {
		if !i.State.Open() {
			return 0
		}
		return i.Amount.Minor
	})
}

// Surplus is what came in for a pledge beyond what was promised and not forgiven.
func (p *Promise) Surplus() money.Money {
	over := p.sum(func(i Instalment) int64 {
		if p.Kind == Pledge && (i.State == Paid || i.State == Waived) {
			return i.Amount.Minor
		}
		return 0
	})
	over.Minor = max(over.Minor-p.Amount.Minor, 0)
	return over
}

func (p *Promise) sum(of func(Instalment) int64) money.Money {
	total := money.New(0, p.Amount.Currency)
	for _, i := range p.Instalments {
		total.Minor += of(i)
	}
	return total
}

// PausedOn reports whether nothing is charged on a date because the donor paused the plan.
func (p *Promise) PausedOn(today day.Day) bool {
	return p.PausedUntil != nil && today.Before(*p.PausedUntil)
}

// StandingOn is the status on a date.
func (p *Promise) StandingOn(today day.Day) Status {
	switch p.Status {
	case Active, PastDue, NeedsPaymentMethod:
	case PendingSetup, Lapsed, Completed, WrittenOff, Cancelled, Paused, Overdue, Delinquent:
		return p.Status
	}
	if p.PausedOn(today) {
		return Paused
	}
	if p.Kind == Plan {
		return p.Status
	}
	oldest := p.earliest(func(*Instalment) bool { return true })
	switch {
	case oldest == nil || !oldest.DueOn.Before(today):
	case oldest.DueOn.AddDays(patienceDays).Before(today):
		return Delinquent
	case p.Status == Active:
		return Overdue
	}
	return p.Status
}

// derive sets the status that follows from everything else.
func (p *Promise) derive() {
	paid := 0 // the newest instalment that was paid: what a plan failed to collect before it is behind it
	for _, i := range p.Instalments {
		if i.State == Paid {
			paid = max(paid, i.N)
		}
	}
	open, waiting, broken := int64(0), false, false
	for _, i := range p.Instalments {
		behind := p.Kind == Plan && i.State == Failed && !i.stops()
		if !i.State.Open() || behind && i.N < paid {
			continue
		}
		if !behind {
			open += i.Amount.Minor
		}
		waiting = waiting || i.Tries > 0 || i.State == RequiresAction || i.State == Failed
		broken = broken || i.stops()
	}
	switch {
	case p.CancelledAt != nil:
		p.Status = Cancelled
	case p.WrittenOffAt != nil:
		p.Status = WrittenOff
	case p.Status == PendingSetup: // left only by open
	case p.LapsedAt != nil:
		p.Status = Lapsed
	case broken:
		p.Status = NeedsPaymentMethod
	case waiting:
		p.Status = PastDue
	case open == 0:
		p.Status = Completed
	default:
		p.Status = Active
	}
}

func (p *Promise) changed(now time.Time) {
	p.derive()
	p.UpdatedAt = now
	p.Version++
}
