package promise

import (
	"slices"
	"time"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/text"
)

func (p *Promise) openPledge() error {
	switch {
	case p.Kind != Pledge:
		return ErrNotPledge
	case p.Status == PendingSetup:
		return ErrNotReady
	case !p.Status.Open():
		return ErrClosed
	}
	return nil
}

func reasonOf(s string) (string, error) {
	s, err := text.Block("reason", s, 500)
	if err == nil && s == "" {
		err = ErrReason
	}
	return s, err
}

// Waive forgives one instalment of a pledge.
func (p *Promise) Waive(of id.ID[Instalment], reason string, now time.Time) error {
	if err := p.openPledge(); err != nil {
		return err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	i := p.Instalment(of)
	switch {
	case i == nil || !i.State.Open() || i.Amount.Minor == 0:
		return ErrInstalment
	case i.State.InFlight():
		return ErrInFlight
	}
	i.State, i.Reason, i.ActAt = Waived, reason, nil
	p.settle(i, now)
	return nil
}

// WriteOff gives up what is left of a pledge.
func (p *Promise) WriteOff(by, reason string, now time.Time) error {
	if err := p.openPledge(); err != nil {
		return err
	}
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Instalments, func(i Instalment) bool { return i.State.InFlight() }) {
		return ErrInFlight
	}
	p.close(GivenUp, reason, now)
	p.WrittenOffAt, p.ClosedBy, p.CloseReason = &now, by, reason
	p.changed(now)
	return nil
}

// Move gives one instalment of a pledge another date.
func (p *Promise) Move(of id.ID[Instalment], due, today day.Day, now time.Time) error {
	if err := p.openPledge(); err != nil {
		return err
	}
	i := p.Instalment(of)
	switch {
	case i == nil || !i.State.Open() || i.Amount.Minor == 0:
		return ErrInstalment
	case i.State.InFlight():
		return ErrInFlight
	case due.IsZero() || due.Before(today):
		return ErrFirstPast
	case due.After(today.AddDays(5 * 366)):
		return ErrFirstFar
	}
	i.DueOn, i.State, i.Tries, i.Reminders, i.DeclineCode, i.Reason = due, Scheduled, 0, 0, "", ""
	p.wake(i)
	p.settle(i, now)
	return nil
}

// Rearrange replaces the open instalments of a pledge by a new schedule of what is left: count parts from first on.
func (p *Promise) Rearrange(unit Unit, every, count int, first, today day.Day, now time.Time) error {
	if err := p.openPledge(); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(p.Instalments, func(i Instalment) bool { return i.State.InFlight() }):
		return ErrInFlight
	case first.IsZero() || first.Before(today):
		return ErrFirstPast
	case first.After(today.AddDays(5 * 366)):
		return ErrFirstFar
	}
	schedule, err := NewSchedule(unit, every, &count, first)
	if err != nil {
		return err
	}
	parts, err := Preview(p.Owed(), schedule)
	if err != nil {
		return err
	}
	for k := range p.Instalments { // what came stays as it came, and nothing is planned any more for what is replaced
		i := &p.Instalments[k]
		switch {
		case i.State.Open():
			i.PlannedMinor = 0
		case i.State != Ended:
			i.PlannedMinor = i.Amount.Minor
		}
	}
	p.close(Ended, ReasonMoved, now)
	last := p.last()
	schedule.AnchorN = last + 1
	total := last + count
	schedule.Count = &total
	p.Schedule = schedule
	for _, part := range parts {
		p.add(last+part.N, part.DueOn, part.Amount.Minor, now)
	}
	p.changed(now)
	return nil
}
