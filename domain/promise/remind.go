package promise

import (
	"time"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// Faults of writing to a donor by hand.
var (
	ErrNothingToAsk = fault.New(fault.KindConflict, "promise.nothing_to_ask", "This is charged to the saved card by itself. There is nothing to remind of.")
	ErrReminded     = fault.New(fault.KindConflict, "promise.reminded", "A reminder was sent today already.")
	ErrDoNotContact = fault.New(fault.KindConflict, "promise.do_not_contact", "This person does not want to be written to.")
	ErrNoAddress    = fault.New(fault.KindConflict, "promise.no_address", "This person has no e-mail address.")
)

// Remind notes that staff remind of an instalment by hand, at most once a day. The reminders that follow by themselves keep their distance
// from it, and it counts as one of them; nothing else moves.
func (p *Promise) Remind(of id.ID[Instalment], now time.Time) (*Instalment, error) {
	i, today := p.Instalment(of), day.In(now, p.Location())
	switch {
	case p.Status == PendingSetup:
		return nil, ErrNotReady
	case !p.Status.Open():
		return nil, ErrClosed
	case i == nil || !i.State.Open() || i.Amount.Minor == 0:
		return nil, ErrInstalment
	case i.State.InFlight():
		return nil, ErrInFlight
	case p.Method == ByCard && p.CardID != nil && i.ActAt != nil && (i.State == Scheduled || i.State == Due):
		return nil, ErrNothingToAsk
	case i.RemindedAt != nil && day.In(*i.RemindedAt, p.Location()) == today:
		return nil, ErrReminded
	}
	i.RemindedAt, i.UpdatedAt = &now, now
	if p.Method == ByLink && (i.State == Scheduled || i.State == Due) {
		i.Reminders++
		i.State = Scheduled
		next := Morning(today.AddDays(p.RemindEveryDays), p.Location())
		switch {
		case i.ActAt == nil:
		case i.Reminders >= p.RemindAtMost || p.RemindEveryDays == 0:
			i.ActAt = nil
		case i.ActAt.Before(next):
			p.at(i, next)
		}
	}
	p.changed(now)
	return i, nil
}

// AskForCard notes that the donor is asked for another card.
func (p *Promise) AskForCard(now time.Time) error {
	switch {
	case p.Status == PendingSetup:
		return ErrNotReady
	case !p.Status.Open():
		return ErrClosed
	}
	p.changed(now)
	return nil
}
