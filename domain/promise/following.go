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
	setupDays   = 7  // for paying the first gift, or saving a card
	catchUpDays = 10 // a plan's instalment this late is charged after all; later it is left out
	askAgain    = 10 * time.Minute
	askLater    = time.Hour
	claimLife   = 6 * time.Hour // a claimed instalment whose job got lost is looked at again; as long as the longest morning may take
	nagDays     = 2             // between mails that ask the donor to confirm a payment at their bank
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
	StepUnmet  Step = "unmet"  // the donor did not confirm in time, or gave no other card for a pledge whose card fails: FailUnconfirmed
	StepMiss   Step = "miss"   // too late to charge: Miss
	StepLapse  Step = "lapse"  // Lapse
	StepDrop   Step = "drop"   // nobody came back to pay, or to save a card: Abandon
)

// NextStep says what is to be done about an instalment now.
func (p *Promise) NextStep(i *Instalment, now time.Time) Step {
	if i.ActAt == nil || !i.State.Open() || now.Before(*i.ActAt) && !i.claimed() {
		return StepNone
	}
	if p.Status == PendingSetup {
		return StepDrop
	}
	switch i.State {
	case Scheduled, Due, RetryWait:
		switch {
		case p.Method == ByLink:
			return StepRemind
		case p.Kind == Plan && i.Attempt == 0 && i.DueOn.AddDays(catchUpDays).Before(day.In(now, p.Location())):
			return StepMiss
		case p.held(i) != nil:
			return StepUnmet
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

// held is the failed instalment of a pledge for whose sake another one that comes due is not tried: the card has failed for good. It is nil
// when there is none, or the instalment was tried already, so that somebody wants it tried again.
func (p *Promise) held(i *Instalment) *Instalment {
	if p.Kind != Pledge || i.Attempt > 0 || i.Tries > 0 || i.DeclineCode != "" {
		return nil
	}
	for k := range p.Instalments {
		if other := &p.Instalments[k]; other.stops() {
			return other
		}
	}
	return nil
}

// Claim hands an instalment whose alarm rang to a job: one that is to be charged is due from now on. Should the job get lost, it is found
// again when the claim has run out.
func (i *Instalment) Claim(now time.Time) {
	at := ClaimedUntil(now)
	i.ActAt, i.UpdatedAt = &at, now
	if i.State == Scheduled || i.State == RetryWait {
		i.State = Due
	}
}

// ClaimedUntil is when a claim made now runs out. A store that claims many instalments at once does what Claim does.
func ClaimedUntil(now time.Time) time.Time { return now.Add(claimLife) }

// claimed reports whether a job was sent for the instalment and nothing has become of it yet.
func (i *Instalment) claimed() bool { return i.State == Due || i.ActAt.Sub(i.UpdatedAt) == claimLife }

// Asking notes that what became of an attempt is being asked for now, and when to ask again should nobody know.
func (p *Promise) Asking(i *Instalment, now time.Time) {
	p.at(i, now.Add(askLater))
	if i.State == Processing {
		p.at(i, now.Add(24*time.Hour))
	}
	i.UpdatedAt = now
	p.changed(now)
}

// Wait puts off what is to be done about an instalment: the donor has a page open on which it can be paid.
func (p *Promise) Wait(i *Instalment, now time.Time) {
	switch {
	case i.State != Due:
	case i.Tries > 0:
		i.State = RetryWait
	default:
		i.State = Scheduled
	}
	p.at(i, now.Add(askAgain))
	i.UpdatedAt = now
	p.changed(now)
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
	mine := i.DonationID != nil && *i.DonationID == f.DonationID
	switch {
	case f.PaidMinor > 0:
		p.pay(i, f, now)
		i = p.Instalment(of) // a part given back is an instalment more
	case f.Received && i.State != Paid && (!mine || !i.State.Open()):
		// given back before it was followed, and something else collects it now, or nothing
	case f.Received && p.Kind == Pledge:
		p.reopen(i)
	case f.Received: // a refunded gift of a plan is not asked for again
		i.State, i.PaidMinor, i.ActAt, i.DeclineCode, i.Reason = Paid, 0, nil, "", ""
		p.open()
	case i.State.Open() && f.Attempt >= i.Attempt && (i.DonationID == nil || mine):
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
	back := i.PaidMinor - f.PaidMinor
	i.PaidMinor, i.ActAt, i.DeclineCode, i.Reason = f.PaidMinor, nil, "", ""
	i.State, i.Attempt, i.DonationID = Paid, max(i.Attempt, f.Attempt), &f.DonationID
	i.Amount.Minor = f.PaidMinor
	if p.Kind == Plan {
		i.Amount.Minor = i.PlannedMinor
	}
	p.open()
	if p.Kind == Pledge && p.CancelledAt == nil && p.WrittenOffAt == nil {
		p.splitOff(i, min(back, i.PlannedMinor-f.PaidMinor), now)
	}
}

// splitOff makes an instalment of its own of what was given back of a payment. Like a whole payment given back, it is owed again and charged
// only when somebody wants it.
func (p *Promise) splitOff(i *Instalment, back int64, now time.Time) {
	if back <= 0 {
		return
	}
	i.PlannedMinor -= back
	rest := p.add(p.last()+1, i.DueOn, back, now)
	rest.ActAt, rest.Reason = nil, ReasonReopened
}

// reopen has a part of a pledge owed again whose payment was given back.
func (p *Promise) reopen(i *Instalment) {
	i.State, i.PaidMinor, i.ActAt, i.DonationID, i.Attempt, i.Tries, i.DeclineCode = Scheduled, 0, nil, nil, 0, 0, ""
	i.Reason = ReasonReopened
	switch {
	case p.CancelledAt != nil:
		i.State, i.Reason = Ended, ""
	case p.WrittenOffAt != nil:
		i.State, i.Reason = GivenUp, p.CloseReason
	}
}

func (p *Promise) followAttempt(i *Instalment, f Facts, now time.Time) {
	switch f.State {
	case payment.AttemptUnknown:
		if i.State == Attempting { // asked again soon, later ever more rarely: see Asking
			i.State = Unknown
			p.at(i, now.Add(askAgain))
		}
	case payment.AttemptProcessing:
		if i.State != Processing {
			i.State, i.Attempt = Processing, f.Attempt
			p.at(i, now.Add(24*time.Hour))
			if i.DonationID == nil {
				i.DonationID = &f.DonationID
			}
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
	today := day.In(now, p.Location())
	again := code == payment.CodeNeverArrived || i.Reason == ReasonNewCard // nothing was declined, or another card was saved meanwhile
	if i.Reason == ReasonNewCard {
		i.Reason, i.Tries, i.DeclineCode = "", 0, ""
	} else if !again {
		i.Tries++
		i.DeclineCode = code
	}
	switch {
	case p.CancelledAt != nil, p.WrittenOffAt != nil:
		i.State, i.ActAt = Ended, nil
		return
	case p.PausedOn(today):
		i.State, i.Reason, i.ActAt = Skipped, ReasonPaused, nil
		return
	case again:
		i.State = Scheduled
		p.at(i, now)
		return
	}
	switch payment.DeclineOf(code) {
	case payment.AuthenticationDecline:
		i.State, i.Reminders = RequiresAction, 0
		p.at(i, Morning(today.AddDays(nagDays), p.Location()))
	case payment.HardDecline:
		p.fail(i)
	case payment.SoftDecline:
		if i.Tries > len(retryDays) {
			p.fail(i)
			return
		}
		i.State = RetryWait
		p.at(i, Morning(today.AddDays(retryDays[i.Tries-1]), p.Location()))
	}
}

// fail gives an instalment up until there is another card, or the donor pays in another way. A plan is looked at again when it would lapse.
func (p *Promise) fail(i *Instalment) {
	i.State, i.ActAt = Failed, nil
	if p.Kind == Plan {
		p.at(i, Morning(i.DueOn.AddDays(patienceDays), p.Location()))
	}
}

// FailUnconfirmed fails an instalment whose donor did not confirm it at their bank in time, or gave no other card.
func (p *Promise) FailUnconfirmed(i *Instalment, now time.Time) {
	if other := p.held(i); other != nil {
		i.DeclineCode = other.DeclineCode
	}
	p.fail(i)
	p.settle(i, now)
}

// FailWithoutCard fails an instalment that no card can be charged for.
func (p *Promise) FailWithoutCard(i *Instalment, now time.Time) {
	i.DeclineCode = "no_such_payment_method"
	p.fail(i)
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
	if sent {
		i.RemindedAt = &now
	}
	if sent || i.State == RequiresAction { // the deadline of the bank comes all the same
		i.Reminders++
	}
	switch {
	case i.State == RequiresAction && i.Reminders < nags:
		p.at(i, Morning(today.AddDays(nagDays), p.Location()))
	case i.State == RequiresAction:
		p.at(i, Morning(today.AddDays(confirmDays-nags*nagDays), p.Location()))
	case p.Method == ByCard || i.State != Scheduled && i.State != Due: // its alarm is for something else
	case sent && i.Reminders < p.RemindAtMost && p.RemindEveryDays > 0:
		p.at(i, Morning(today.AddDays(p.RemindEveryDays), p.Location()))
	default:
		i.ActAt = nil
	}
	if i.State == Due && p.Method == ByLink {
		i.State = Scheduled
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

// expect sets when a promise is given up that nobody has paid, or saved a card for.
func (p *Promise) expect(now time.Time) { p.at(&p.Instalments[0], now.AddDate(0, 0, setupDays)) }

// Abandon ends a promise whose donor never came back to pay, or to save a card. Should money come after all, it counts as a single gift.
func (p *Promise) Abandon(now time.Time) error { return p.Cancel("system", ReasonAbandoned, now) }

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
		if paused {
			i.Reason = ReasonPaused
		}
	}
}
