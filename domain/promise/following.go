package promise

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/payment"
)

// How failed payments are followed up. The days are counted from the decline before, at nine o'clock in the promise's zone.
var retryDays = []int{1, 3, 5, 7}

const (
	catchUpDays = 10 // a plan's instalment this late is charged after all; later it is left out
	askAgain    = 10 * time.Minute
	claimLife   = time.Hour // a claimed instalment whose job got lost is looked at again
	nagDays     = 2         // between mails that ask the donor to confirm a payment at their bank
	nags        = 3
	confirmDays = 7 // after which a payment that the donor did not confirm has failed
)

// Step is what is to be done about an instalment.
type Step string

// The steps.
const (
	StepNone   Step = ""
	StepCharge Step = "charge" // the saved card
	StepAsk    Step = "ask"    // what became of an attempt
	StepRemind Step = "remind" // the donor, with a link to pay
	StepUnmet  Step = "unmet"  // the donor did not confirm in time: FailUnconfirmed
	StepMiss   Step = "miss"   // too late to charge: Miss
	StepLapse  Step = "lapse"  // Lapse
)

// NextStep says what is to be done about an instalment now.
func (p *Promise) NextStep(i *Instalment, now time.Time) Step {
	if i.ActAt == nil || now.Before(*i.ActAt) || !i.State.Open() {
		return StepNone
	}
	switch i.State {
	case Scheduled, Due, RetryWait:
		switch {
		case p.Method == ByLink:
			return StepRemind
		case p.Kind == Plan && i.Attempt == 0 && i.DueOn.AddDays(catchUpDays).Before(day.In(now, p.Location())):
			return StepMiss
		}
		return StepCharge
	case Attempting, Unknown, Processing:
		return StepAsk
	case RequiresAction:
		if i.Reminders < nags {
			return StepRemind
		}
		return StepUnmet
	case Failed:
		return StepLapse
	case Paid, Skipped, Waived, GivenUp, Ended:
	}
	return StepNone
}

// Claim marks an instalment as taken by a job; should the job get lost, it is found again an hour later.
func (i *Instalment) Claim(now time.Time) {
	at := now.Add(claimLife)
	i.ActAt, i.UpdatedAt = &at, now
	if i.State == Scheduled || i.State == RetryWait {
		i.State = Due
	}
}

// Attempted marks that attempt n of a donation is stored and about to be sent.
func (p *Promise) Attempted(i *Instalment, donationID uuid.UUID, n int, now time.Time) {
	at := now.Add(askAgain)
	i.State, i.DonationID, i.Attempt, i.ActAt, i.UpdatedAt = Attempting, &donationID, n, &at, now
	p.changed(now)
}

// Facts is what is known of collecting an instalment.
type Facts struct {
	DonationID  uuid.UUID
	Attempt     int                  // number of the newest attempt
	State       payment.AttemptState // of that attempt; empty when there is none
	DeclineCode string
	Received    bool  // money came, whatever happened to it later
	PaidMinor   int64 // of all donations to this instalment, net of refunds and without cover
}

// Follow brings an instalment up to date with its donation. It may be called any number of times with the same or older facts. It reports
// whether anything changed.
func (p *Promise) Follow(of id.ID[Instalment], f Facts, now time.Time) bool {
	i := p.Instalment(of)
	if i == nil {
		return false
	}
	before := *i
	switch {
	case f.PaidMinor > 0:
		p.pay(i, f, now)
	case f.Received && p.Kind == Pledge && i.State == Paid:
		p.reopen(i)
	case f.Received && i.State == Paid:
		i.PaidMinor = 0 // a refunded gift of a plan is not asked for again
	case f.Received:
		// given back before it was followed: nothing is asked for twice, and staff see the gift
	case i.State.Open() && f.Attempt >= i.Attempt && (i.DonationID == nil || *i.DonationID == f.DonationID):
		p.followAttempt(i, f, now)
	}
	if same(before, *i) {
		return false
	}
	i.UpdatedAt = now
	p.spread(now)
	p.advance(now)
	p.changed(now)
	return true
}

func same(a, b Instalment) bool {
	a.ActAt, b.ActAt = nil, nil
	return a == b
}

func (p *Promise) pay(i *Instalment, f Facts, now time.Time) {
	if i.State == Paid && i.PaidMinor == f.PaidMinor {
		return
	}
	i.PaidMinor, i.ActAt, i.DeclineCode = f.PaidMinor, nil, ""
	i.State, i.Attempt, i.DonationID = Paid, max(i.Attempt, f.Attempt), &f.DonationID
	i.Amount.Minor = f.PaidMinor
	if p.Kind == Plan {
		i.Amount.Minor = i.PlannedMinor
	}
	if p.Status == PendingSetup {
		p.Status = Active
	}
}

func (p *Promise) reopen(i *Instalment) {
	i.State, i.PaidMinor, i.ActAt, i.DonationID, i.Attempt, i.Tries, i.DeclineCode = Scheduled, 0, nil, nil, 0, 0, ""
}

func (p *Promise) followAttempt(i *Instalment, f Facts, now time.Time) {
	switch f.State {
	case payment.AttemptUnknown:
		if i.State == Attempting || i.State == Unknown {
			i.State = Unknown
			p.at(i, now.Add(askAgain))
		}
	case payment.AttemptProcessing:
		if i.State != Processing {
			i.State = Processing
			p.at(i, now.Add(24*time.Hour))
		}
	case payment.AttemptFailed, payment.AttemptExpired, payment.AttemptCancelled:
		if i.State.InFlight() {
			p.decline(i, f.DeclineCode, now)
		}
	case payment.AttemptCreated, payment.AttemptOpen, payment.AttemptRequiresAction, payment.AttemptSucceeded, "":
		// a page of Stripe is open for the donor, or the money is about to be told of
	}
}

// decline follows up an attempt that came to nothing.
func (p *Promise) decline(i *Instalment, code string, now time.Time) {
	if code == payment.CodeNeverArrived {
		i.State, i.DeclineCode = Scheduled, ""
		p.at(i, now)
		return
	}
	i.Tries++
	i.DeclineCode = code
	today := day.In(now, p.Location())
	switch {
	case p.CancelledAt != nil, p.WrittenOffAt != nil:
		i.State, i.ActAt = Ended, nil
		return
	case p.PausedUntil != nil && today.Before(*p.PausedUntil):
		i.State, i.Reason, i.ActAt = Skipped, ReasonPaused, nil
		return
	}
	switch payment.DeclineOf(code) {
	case payment.AuthenticationDecline:
		i.State, i.Reminders = RequiresAction, 0
		p.at(i, Morning(today.AddDays(nagDays), p.Location()))
	case payment.HardDecline:
		p.fail(i, now)
	case payment.SoftDecline:
		if i.Tries > len(retryDays) {
			p.fail(i, now)
			return
		}
		i.State = RetryWait
		p.at(i, Morning(today.AddDays(retryDays[i.Tries-1]), p.Location()))
	}
}

// fail gives an instalment up until there is another card, or the donor pays in another way. A plan is looked at again when it would lapse.
func (p *Promise) fail(i *Instalment, _ time.Time) {
	i.State, i.ActAt = Failed, nil
	if p.Kind == Plan {
		p.at(i, Morning(i.DueOn.AddDays(patienceDays), p.Location()))
	}
}

// FailUnconfirmed fails an instalment whose donor did not confirm it at their bank in time.
func (p *Promise) FailUnconfirmed(i *Instalment, now time.Time) {
	p.fail(i, now)
	p.settle(i, now)
}

// FailWithoutCard fails an instalment that no card can be charged for.
func (p *Promise) FailWithoutCard(i *Instalment, now time.Time) {
	i.DeclineCode = "no_such_payment_method"
	p.fail(i, now)
	p.settle(i, now)
}

// Miss leaves out an instalment of a plan whose date passed long ago, and goes on with the next.
func (p *Promise) Miss(i *Instalment, now time.Time) {
	i.State, i.Reason, i.ActAt = Skipped, ReasonMissed, nil
	p.settle(i, now)
}

// Reminded notes a reminder, and when the next one is due. sent is false when the person may not be written to: then there will be none.
func (p *Promise) Reminded(i *Instalment, sent bool, now time.Time) {
	today := day.In(now, p.Location())
	i.ActAt = nil
	if sent {
		i.Reminders++
		i.RemindedAt = &now
	}
	switch {
	case i.State == RequiresAction && i.Reminders < nags:
		p.at(i, Morning(today.AddDays(nagDays), p.Location()))
	case i.State == RequiresAction:
		p.at(i, Morning(today.AddDays(confirmDays-nags*nagDays), p.Location()))
	case sent && i.Reminders < p.RemindAtMost && p.RemindEveryDays > 0:
		p.at(i, Morning(today.AddDays(p.RemindEveryDays), p.Location()))
	}
	if i.State == Due {
		i.State = Scheduled
	}
	if i.State == RequiresAction && !sent {
		i.Reminders++ // the deadline comes all the same
	}
	p.settle(i, now)
}

// Lapse ends the tries of a plan that nobody paid for sixty days, unless a later instalment was paid meanwhile. A new card revives it.
func (p *Promise) Lapse(i *Instalment, now time.Time) bool {
	i.ActAt = nil
	for _, other := range p.Instalments {
		if other.N > i.N && other.State == Paid || other.State.InFlight() {
			p.Miss(i, now)
			return false
		}
	}
	p.LapsedAt = &now
	for k := range p.Instalments {
		if o := &p.Instalments[k]; o.State.Open() {
			o.State, o.Reason, o.ActAt, o.UpdatedAt = Skipped, ReasonMissed, nil, now
		}
	}
	p.changed(now)
	return true
}

func (p *Promise) settle(i *Instalment, now time.Time) {
	i.UpdatedAt = now
	p.spread(now)
	p.advance(now)
	p.changed(now)
}

func (p *Promise) at(i *Instalment, t time.Time) { i.ActAt = &t }

// advance makes the next instalment of a plan once the newest one is settled. Dates that passed meanwhile, or lie in a pause, are left out
// and never charged afterwards.
func (p *Promise) advance(now time.Time) {
	if p.Kind != Plan || p.CancelledAt != nil || p.LapsedAt != nil || p.Status == PendingSetup {
		return
	}
	for _, i := range p.Instalments {
		if i.State.Open() && (i.State != Failed || i.stops()) {
			return
		}
	}
	from := day.In(now, p.Location()).AddDays(1)
	for n := p.last() + 1; !p.Schedule.Ends(n); n++ {
		due := p.Schedule.Due(n)
		paused := p.PausedUntil != nil && due.Before(*p.PausedUntil)
		i := p.add(n, due, p.Amount.Minor, now)
		if !paused && !due.Before(from) {
			return
		}
		i.State, i.ActAt, i.Reason = Skipped, nil, ReasonMissed
		if paused && !due.Before(from) {
			i.Reason = ReasonPaused
		}
	}
}

// spread works out what each open instalment of a pledge asks for. What was paid less than planned goes to the next open one, or to a new
// last one; what was paid more reduces the following ones, and failing those the earlier ones from the end. What is in flight keeps its
// amount. The planned amounts sum to the total, so the open ones always sum to what is left of it.
func (p *Promise) spread(now time.Time) {
	if p.Kind != Pledge || p.CancelledAt != nil || p.WrittenOffAt != nil {
		return
	}
	carry := int64(0)
	for k := range p.Instalments {
		i := &p.Instalments[k]
		carry += i.PlannedMinor
		if !i.State.Open() || i.State.InFlight() || i.State == RequiresAction {
			carry -= i.Amount.Minor
			continue
		}
		p.ask(i, max(carry, 0), now)
		carry -= i.Amount.Minor
	}
	for k := len(p.Instalments) - 1; k >= 0 && carry < 0; k-- {
		i := &p.Instalments[k]
		if i.State.Open() && !i.State.InFlight() && i.State != RequiresAction {
			less := min(i.Amount.Minor, -carry)
			p.ask(i, i.Amount.Minor-less, now)
			carry += less
		}
	}
	if carry > 0 {
		n := p.last() + 1
		i := p.add(n, p.Instalments[len(p.Instalments)-1].nextDue(p.Schedule), 0, now)
		p.ask(i, carry, now)
	}
}

// nextDue is one step of the schedule after the instalment's own date.
func (i Instalment) nextDue(s Schedule) day.Day { return s.StartingOn(1, i.DueOn).Due(2) }

func (p *Promise) ask(i *Instalment, minor int64, now time.Time) {
	if i.Amount.Minor == minor {
		return
	}
	fresh := i.Amount.Minor == 0
	i.Amount.Minor, i.UpdatedAt = minor, now
	switch {
	case minor == 0:
		i.State, i.ActAt = Scheduled, nil
	case fresh && i.State == Scheduled && i.DueOn.After(day.In(now, p.Location())):
		p.wake(i)
	}
}
