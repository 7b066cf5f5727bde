package promise

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Activate opens a promise that waited for its first payment or saved card.
func (p *Promise) Activate(personID uuid.UUID, cardID *uuid.UUID, now time.Time) {
	p.PersonID = &personID
	if cardID != nil {
		p.CardID = cardID
	}
	if p.Status == PendingSetup {
		p.Status = Active
		for k := range p.Instalments {
			if i := &p.Instalments[k]; i.State == Scheduled && i.DonationID == nil {
				p.wake(i)
			}
		}
	}
	p.advance(now)
	p.changed(now)
}

func (p *Promise) openPlan() error {
	switch {
	case p.Kind != Plan:
		return ErrNotPlan
	case !p.Status.Open(), p.Status == PendingSetup:
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
	if !until.After(today) || until.After(today.AddDays(366)) {
		return ErrPauseUntil
	}
	p.unpause(now)
	p.PausedUntil = &until
	for k := range p.Instalments {
		i := &p.Instalments[k]
		if !i.State.Open() || i.State.InFlight() || i.State == Failed && i.stops() || !i.DueOn.Before(until) {
			continue
		}
		i.State, i.Reason, i.ActAt, i.UpdatedAt = Skipped, ReasonPaused, nil, now
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
	if p.PausedUntil == nil || !day.In(now, p.Location()).Before(*p.PausedUntil) {
		return ErrNotPaused
	}
	p.unpause(now)
	p.advance(now)
	p.changed(now)
	return nil
}

// unpause takes back the dates that a pause left out and that have not come yet, together with the instalment after them.
func (p *Promise) unpause(now time.Time) {
	p.PausedUntil = nil
	today := day.In(now, p.Location())
	from := -1
	for k, i := range p.Instalments {
		if i.State == Skipped && i.Reason == ReasonPaused && i.DueOn.After(today) && i.Attempt == 0 {
			from = k
			break
		}
	}
	if from < 0 {
		return
	}
	for _, i := range p.Instalments[from:] {
		if i.Attempt > 0 || i.State != Skipped && i.State != Scheduled {
			return
		}
	}
	for _, i := range p.Instalments[from:] {
		p.Dropped = append(p.Dropped, i.ID)
	}
	p.Instalments = p.Instalments[:from]
}

// Skip leaves out the next instalment.
func (p *Promise) Skip(now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	i := p.pending()
	switch {
	case i == nil:
		return ErrNothingNext
	case i.State.InFlight():
		return ErrInFlight
	}
	i.State, i.Reason, i.ActAt = Skipped, ReasonSkipped, nil
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
	if err := checkAmount(money.New(amount.Minor+coverMinor, amount.Currency)); err != nil {
		return err
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

// ChangeDay moves a plan to another day of the month from the next instalment that was not tried yet: the first such day after today in or
// after the month it was due in.
func (p *Promise) ChangeDay(wanted int, now time.Time) error {
	if err := p.openPlan(); err != nil {
		return err
	}
	if p.Schedule.Unit == Week {
		return ErrDay
	}
	today := day.In(now, p.Location())
	i := p.pending()
	n := p.last() + 1
	movable := i != nil && i.Attempt == 0 && (i.State == Scheduled || i.State == Due)
	if movable {
		n = i.N
	}
	schedule, err := p.Schedule.MovedTo(n, wanted, today)
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
// long past is left out instead. It returns the instalment that will be charged at once, or nil.
func (p *Promise) UseCard(cardID uuid.UUID, now time.Time) *Instalment {
	if !p.Status.Open() || p.Status == PendingSetup {
		return nil
	}
	today := day.In(now, p.Location())
	byLink := p.Method == ByLink
	p.CardID, p.Method, p.LapsedAt = &cardID, ByCard, nil
	var charged *Instalment
	for k := range p.Instalments {
		i := &p.Instalments[k]
		switch {
		case i.State != Failed && i.State != RetryWait && i.State != RequiresAction:
		case p.Kind == Plan && (i.DueOn.AddDays(catchUpDays).Before(today) || charged != nil):
			i.State, i.Reason, i.ActAt, i.UpdatedAt = Skipped, ReasonMissed, nil, now
		default:
			i.State, i.Tries, i.Reminders, i.UpdatedAt = Scheduled, 0, 0, now
			p.at(i, now)
			charged = i
		}
	}
	for k := range p.Instalments {
		switch i := &p.Instalments[k]; {
		case p.Kind != Pledge, i.State != Scheduled && i.State != Due, i.Amount.Minor == 0, i.ActAt != nil && (!byLink || i.ActAt.Equal(now)):
		case i.DueOn.After(today):
			p.wake(i)
		default: // the alarm of a reminder must not become a charge that nobody announced
			i.State, i.ActAt = Scheduled, nil
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

// ChargeNow has an instalment charged at once that failed, waits, or lies open.
func (p *Promise) ChargeNow(of id.ID[Instalment], now time.Time) error {
	i := p.Instalment(of)
	switch {
	case !p.Status.Open() || p.Status == PendingSetup:
		return ErrClosed
	case i == nil || !i.State.Open() || i.Amount.Minor == 0:
		return ErrInstalment
	case i.State.InFlight() || i.State == RequiresAction || i.State == Due:
		return ErrInFlight
	case p.CardID == nil:
		return ErrNoCard
	}
	p.Method = ByCard
	i.State = Scheduled
	p.at(i, now)
	p.settle(i, now)
	return nil
}

// TakeByHand checks that money that came by hand, or by a link, can be for an instalment: it must be open and nothing may be under way.
// A nil id stands for the first open one.
func (p *Promise) TakeByHand(of id.ID[Instalment]) (*Instalment, error) {
	if !p.Status.Open() {
		return nil, ErrClosed
	}
	i := p.Instalment(of)
	if of.UUID == uuid.Nil {
		i = p.Next()
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
