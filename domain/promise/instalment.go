package promise

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// State is where an instalment stands.
type State string

// The states. An instalment is collected by one donation, which may take several attempts.
const (
	Scheduled      State = "scheduled"       // its time has not come, or nothing is done about it by itself
	Due            State = "due"             // a job to charge it is on its way
	Attempting     State = "attempting"      // an attempt is stored; what became of it is not known yet
	Unknown        State = "unknown"         // Stripe did not answer: asked again, never charged anew
	Processing     State = "processing"      // a bank takes its time
	RequiresAction State = "requires_action" // the donor's bank wants to see the donor: a link was mailed
	RetryWait      State = "retry_wait"      // declined for now
	Failed         State = "failed"          // declined for good
	Paid           State = "paid"
	Skipped        State = "skipped"     // by the donor, by a pause, or because its date was missed
	Waived         State = "waived"      // a part of a pledge forgiven
	GivenUp        State = "written_off" // a part of a pledge that will not come
	Ended          State = "cancelled"   // with its promise
)

// Open reports whether the instalment may still be paid.
func (s State) Open() bool {
	switch s {
	case Scheduled, Due, Attempting, Unknown, Processing, RequiresAction, RetryWait, Failed:
		return true
	case Paid, Skipped, Waived, GivenUp, Ended:
		return false
	}
	return false
}

// InFlight reports whether money may be moving right now, so that nothing about the instalment can change.
func (s State) InFlight() bool {
	switch s {
	case Attempting, Unknown, Processing:
		return true
	case Scheduled, Due, RequiresAction, RetryWait, Failed, Paid, Skipped, Waived, GivenUp, Ended:
		return false
	}
	return false
}

// Reasons of instalments that are closed without a person's words.
const (
	ReasonSkipped   = "skipped"   // the donor left one out
	ReasonPaused    = "paused"    // its date lay in a pause
	ReasonAbandoned = "abandoned" // the donor never came back to pay, or to save a card
	ReasonMissed    = "missed"    // its date passed while nothing could be charged; never charged afterwards
	ReasonMoved     = "rescheduled"
)

// Reasons of open instalments.
const (
	ReasonReopened = "reopened" // its payment was given back: not charged, and nobody reminded, before somebody wants it
	ReasonNewCard  = "new_card" // another card was saved while the one before was being charged
)

// Instalment is one part of a promise.
type Instalment struct {
	OrgID        uuid.UUID         `gorm:"primaryKey"`
	ID           id.ID[Instalment] `gorm:"primaryKey"`
	PromiseID    id.ID[Promise]
	N            int
	DueOn        day.Day
	PlannedMinor int64       // as the schedule set it; the planned amounts of a pledge always sum to its total
	Amount       money.Money `gorm:"embedded;embeddedPrefix:amount_"` // what is asked for now; of a closed one, what closed it
	CoverMinor   int64       // plan: added for the fee
	PaidMinor    int64       // what came in, net of refunds and without cover
	State        State
	Attempt      int        // the number of the newest attempt that was followed
	Tries        int        // declines so far
	DonationID   *uuid.UUID // what collects it
	DeclineCode  string
	Reason       string
	ActAt        *time.Time // when something is to be done about it; nil: nothing by itself
	Reminders    int
	RemindedAt   *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of instalments.
func (Instalment) TableName() string { return "instalments" }

// Total is what the donor pays: the amount and the cover.
func (i Instalment) Total() money.Money {
	return money.New(i.Amount.Minor+i.CoverMinor, i.Amount.Currency)
}

// stops reports whether a failed instalment keeps its plan from going on before there is another card.
func (i Instalment) stops() bool {
	return i.State == Failed && payment.DeclineOf(i.DeclineCode) != payment.SoftDecline
}

func (p *Promise) add(n int, due day.Day, planned int64, now time.Time) *Instalment {
	p.Instalments = append(p.Instalments, Instalment{
		OrgID: p.OrgID, ID: id.New[Instalment](), PromiseID: p.ID, N: n, DueOn: due, PlannedMinor: planned,
		Amount: money.New(planned, p.Amount.Currency), State: Scheduled, CreatedAt: now, UpdatedAt: now,
	})
	i := &p.Instalments[len(p.Instalments)-1]
	if p.Kind == Plan {
		i.CoverMinor = p.CoverMinor
	}
	p.wake(i)
	return i
}

// wake sets when the machine next looks at an instalment whose date lies ahead. What no card can be charged with, such as a few cents that are
// left, is for people to settle.
func (p *Promise) wake(i *Instalment) {
	i.ActAt = nil
	switch {
	case !p.collectable(i):
	case p.Method == ByCard:
		at := Morning(i.DueOn, p.Location())
		i.ActAt = &at
	case p.RemindAtMost > 0:
		at := Morning(i.DueOn.AddDays(-p.RemindBeforeDays), p.Location())
		i.ActAt = &at
	}
}

// last is the highest number so far.
func (p *Promise) last() int {
	last := 0
	for _, i := range p.Instalments {
		last = max(last, i.N)
	}
	return last
}
