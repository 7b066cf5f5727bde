package promise

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// mostPauseDays is how far ahead a pause may end.
const mostPauseDays = 366

// ErrCover refuses a share of the fee below nothing.
var ErrCover = fault.Invalid("cover_minor", "promise.cover", "The fee you cover cannot be less than nothing.")

// Activate opens a promise that waited for its first payment or saved card. Told again it changes nothing: what the donor chose since stays.
func (p *Promise) Activate(personID uuid.UUID, cardID *uuid.UUID, now time.Time) {
	if p.Status != PendingSetup && p.PersonID != nil && (p.CardID != nil || cardID == nil) {
		return
	}
	if p.PersonID == nil {
		p.PersonID = &personID
	}
	if cardID != nil && (p.CardID == nil || p.Status == PendingSetup) {
		p.CardID = cardID
	}
	p.open()
	p.advance(now)
	p.changed(now)
}

// open ends the wait for a first payment or a saved card.
func (p *Promise) open() {
	if p.Status != PendingSetup {
		return
	}
	p.Status = Active
	for k := range p.Instalments {
		if i := &p.Instalments[k]; i.State == Scheduled && i.DonationID == nil {
			p.wake(i)
		}
	}
}

func (p *Promise) openPlan() error {
	switch {
	case p.Kind != Plan:
		return ErrNotPlan
	case p.Status == PendingSetup:
		return ErrNotReady
	case !p.Status.Open():
		return ErrClosed
	}
	return nil
}

// pending is the open instalment of a plan that is not given up, or nil.
func (p *Promise) pending() *Instalment {
	for k := range p.Instalments {
		if i := &p.Instalments[k]; i.State.Open() && (i.State != Failed || i.stops()) {
			return i
		}
	}
	return nil
}

// Pause leaves out every date before until: nothing is charged for them, now or later. A payment under way is not stopped.
func (p *Promise) Pause(until, today day.Day, now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	switch {
	case p.Status == Lapsed:
		return ErrNothingNext
	case !until.After(today) || until.After(today.AddDays(mostPauseDays)):
		return ErrPauseUntil
	}
	p.unpause(now)
	p.PausedUntil = &until
	for k := range p.Instalments {
		switch i := &p.Instalments[k]; {
		case !i.State.Open() || i.State.InFlight() || !i.DueOn.Before(until):
		case i.stops(): // it still takes another card to go on, and does not lapse while nobody is to be charged
			if end := Morning(until, p.Location()); i.ActAt == nil || i.ActAt.Before(end) {
				i.ActAt, i.UpdatedAt = &end, now
			}
		default:
			i.State, i.Reason, i.ActAt, i.UpdatedAt = Skipped, ReasonPaused, nil, now
		}
	}
	p.advance(now)
	p.changed(now)
	return nil
}

// Resume ends a pause: the next charge is on the next regular date after today.
func (p *Promise) Resume(now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	if !p.PausedOn(day.In(now, p.Location())) {
		return ErrNotPaused
	}
	p.unpause(now)
	p.advance(now)
	p.changed(now)
	return nil
}

// unpause takes back what a pause left out and has not come yet: the first such date is open again, the others are made when their turn comes.
func (p *Promise) unpause(now time.Time) {
	p.PausedUntil = nil
	for k := range p.Instalments {
		if i := &p.Instalments[k]; i.stops() {
			p.fail(i) // lapses when it would have without a pause
		}
	}
	today := day.In(now, p.Location())
	from := slices.IndexFunc(p.Instalments, func(i Instalment) bool {
		return i.State == Skipped && i.Reason == ReasonPaused && i.DueOn.After(today) && p.Schedule.Due(i.N).After(today)
	})
	if from < 0 {
		return
	}
	later := p.Instalments[from+1:]
	if slices.ContainsFunc(later, func(i Instalment) bool {
		return i.State != Skipped && i.State != Scheduled || i.DonationID != nil
	}) {
		return // something was paid ahead: what the pause left out stays so
	}
	for _, i := range later {
		p.Dropped = append(p.Dropped, i.ID)
	}
	p.Instalments = p.Instalments[:from+1]
	i := &p.Instalments[from]
	i.DueOn, i.State, i.Reason, i.UpdatedAt = p.Schedule.Due(i.N), Scheduled, "", now
	i.PlannedMinor, i.Amount, i.CoverMinor = p.Amount.Minor, p.Amount, p.CoverMinor
	p.wake(i)
}

// Skip leaves out the next instalment.
func (p *Promise) Skip(now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	i, today := p.pending(), day.In(now, p.Location())
	switch {
	case i == nil || i.State == Failed:
		return ErrNothingNext
	case i.State.InFlight():
		return ErrInFlight
	}
	i.State, i.Reason, i.ActAt = Skipped, ReasonSkipped, nil
	if until := i.DueOn.AddDays(1); p.PausedOn(today) && !until.After(today.AddDays(mostPauseDays)) {
		i.Reason, p.PausedUntil = ReasonPaused, &until // the pause is that much longer, and ends early as a whole
	}
	p.settle(i, now)
	return nil
}

// ChangeAmount changes what a plan charges from the next instalment that was not tried yet; one that is being tried keeps its amount.
func (p *Promise) ChangeAmount(amount money.Money, coverMinor int64, now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	if amount.Currency != p.Amount.Currency {
		return money.ErrCurrencyMismatch
	}
	if coverMinor < 0 {
		return ErrCover
	}
	if err := amount.Chargeable(); err != nil {
		return fault.Blame(err, "amount")
	}
	if err := money.New(amount.Minor+coverMinor, amount.Currency).Chargeable(); err != nil {
		return fault.Blame(err, "amount")
	}
	p.Amount, p.CoverMinor = amount, coverMinor
	for k := range p.Instalments {
		i := &p.Instalments[k]
		if i.Attempt == 0 && (i.State == Scheduled || i.State == Due) && i.DonationID == nil {
			i.PlannedMinor, i.Amount, i.CoverMinor, i.UpdatedAt = amount.Minor, amount, coverMinor, now
		}
	}
	p.changed(now)
	return nil
}

// ChangeDay moves a plan to another day of the month from the next instalment that was not tried yet: the first such day after today, and not
// in a pause, in or after the month it was due in.
func (p *Promise) ChangeDay(wanted int, now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	if p.Schedule.Unit == Week {
		return ErrDay
	}
	after := day.In(now, p.Location())
	if p.PausedOn(after) {
		after = p.PausedUntil.AddDays(-1)
	}
	i := p.pending()
	n := p.last() + 1
	movable := i != nil && i.Attempt == 0 && (i.State == Scheduled || i.State == Due)
	if movable {
		n = i.N
	}
	schedule, err := p.Schedule.MovedTo(n, wanted, after)
	if err != nil {
		return err
	}
	p.Schedule = schedule
	if movable {
		i.DueOn, i.State, i.UpdatedAt = schedule.Due(n), Scheduled, now
		p.wake(i)
	}
	p.changed(now)
	return nil
}

// UseCard charges another card from now on. What failed, or waits for another try, is charged with it at once; a plan's instalment that is
// long past, or lies in a pause, is left out instead. What is being charged with the card before is charged with this one should that fail.
// It returns the instalment that will be charged at once, or nil.
func (p *Promise) UseCard(cardID uuid.UUID, now time.Time) *Instalment {
	if !p.Status.Open() || p.Status == PendingSetup {
		return nil
	}
	byLink := p.Method == ByLink
	p.CardID, p.Method, p.LapsedAt = &cardID, ByCard, nil
	var charged *Instalment
	for k := range p.Instalments {
		i := &p.Instalments[k]
		switch i.State {
		case Failed, RetryWait, RequiresAction:
			if p.tryAgain(i, charged == nil, now) {
				charged = i
			}
		case Attempting, Unknown, Processing:
			i.Reason, i.UpdatedAt = ReasonNewCard, now
		case Scheduled, Due:
			p.rewake(i, byLink, now)
		case Paid, Skipped, Waived, GivenUp, Ended:
		}
	}
	chargedID := id.ID[Instalment]{}
	if charged != nil {
		chargedID = charged.ID
	}
	p.advance(now) // may move the slice
	p.changed(now)
	return p.Instalment(chargedID)
}

// tryAgain has an instalment that did not work charged to another card now, or leaves it out.
func (p *Promise) tryAgain(i *Instalment, first bool, now time.Time) bool {
	today := day.In(now, p.Location())
	i.UpdatedAt, i.ActAt = now, nil
	if p.Kind == Plan {
		switch {
		case p.PausedOn(today):
			i.State, i.Reason = Skipped, ReasonPaused
			return false
		case !first || i.DueOn.AddDays(catchUpDays).Before(today):
			i.State, i.Reason = Skipped, ReasonMissed
			return false
		}
	}
	i.State, i.Tries, i.Reminders, i.DeclineCode = Scheduled, 0, 0, ""
	p.at(i, now)
	return true
}

// rewake sets the alarm of a pledge's instalment that nobody tried yet, now that a card pays it. The alarm of a reminder must not become a
// charge that nobody announced, and what is late is charged only when somebody wants it.
func (p *Promise) rewake(i *Instalment, byLink bool, now time.Time) {
	if p.Kind != Pledge || i.ActAt != nil && !byLink || i.Reason == ReasonReopened {
		return
	}
	i.State, i.ActAt, i.UpdatedAt = Scheduled, nil, now
	if i.DueOn.After(day.In(now, p.Location())) {
		p.wake(i)
	}
}

// ChargeNow has an instalment charged at once that failed, waits, or lies open.
func (p *Promise) ChargeNow(of id.ID[Instalment], now time.Time) error {
	i, today := p.Instalment(of), day.In(now, p.Location())
	switch {
	case p.Status == PendingSetup:
		return ErrNotReady
	case !p.Status.Open():
		return ErrClosed
	case i == nil || !i.State.Open() || i.Amount.Minor == 0:
		return ErrInstalment
	case i.State.InFlight() || i.State == RequiresAction || i.State == Due:
		return ErrInFlight
	case p.CardID == nil || p.Method != ByCard || p.held(i) != nil:
		return ErrNoCard
	case p.PausedOn(today):
		return ErrPaused
	case p.Kind == Plan && i.DueOn.After(today):
		return ErrNotDue
	}
	if err := i.Total().Chargeable(); err != nil {
		return err
	}
	i.State, i.Reason = Scheduled, ""
	p.at(i, now)
	p.settle(i, now)
	return nil
}

// TakeByHand checks that money that came by hand, or by a link, can be for an instalment: it must be open and nothing may be under way.
// A nil id stands for the earliest that is owed.
func (p *Promise) TakeByHand(of id.ID[Instalment]) (*Instalment, error) {
	switch {
	case p.Status == PendingSetup:
		return nil, ErrNotReady
	case !p.Status.Open():
		return nil, ErrClosed
	}
	i := p.Instalment(of)
	if of.UUID == uuid.Nil {
		i = p.earliest(func(*Instalment) bool { return true })
	}
	switch {
	case i == nil || !i.State.Open():
		return nil, ErrInstalment
	case i.State.InFlight():
		return nil, ErrInFlight
	}
	return i, nil
}

// Cancel ends a promise. A payment under way is not stopped, and counts when it arrives.
func (p *Promise) Cancel(by, reason string, now time.Time) error {
	if !p.Status.Open() {
		return ErrClosed
	}
	reason, err := text.Block("reason", reason, 500)
	if err != nil {
		return err
	}
	p.CancelledAt, p.ClosedBy, p.CloseReason = &now, by, reason
	p.close(Ended, "", now)
	p.changed(now)
	return nil
}

func (p *Promise) close(as State, reason string, now time.Time) {
	for k := range p.Instalments {
		if i := &p.Instalments[k]; i.State.Open() && !i.State.InFlight() {
			i.State, i.Reason, i.ActAt, i.UpdatedAt = as, reason, nil, now
		}
	}
}
