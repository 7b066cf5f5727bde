package promise

import (
	"time"

	"tributary/domain/day"
)

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
		if i.State == Ended { // replaced by a new schedule
			continue
		}
		carry += i.PlannedMinor
		if i.State.Open() && !i.State.InFlight() {
			p.ask(i, max(carry, 0), now)
		}
		carry -= i.Amount.Minor
	}
	for k := len(p.Instalments) - 1; k >= 0 && carry < 0; k-- {
		i := &p.Instalments[k]
		if i.State.Open() && !i.State.InFlight() {
			less := min(i.Amount.Minor, -carry)
			p.ask(i, i.Amount.Minor-less, now)
			carry += less
		}
	}
	if carry > 0 {
		p.ask(p.add(p.last()+1, p.afterLast(day.In(now, p.Location())), 0, now), carry, now)
	}
}

// afterLast is the first date of the schedule that lies ahead and behind all other dates.
func (p *Promise) afterLast(today day.Day) day.Day {
	latest, beyond := today, 1
	for _, i := range p.Instalments {
		if i.State != Ended && i.DueOn.After(latest) {
			latest = i.DueOn
		}
	}
	s := p.Schedule
	if s.Count != nil {
		beyond += *s.Count
	}
	s.Count = nil
	n, _ := s.FirstFrom(beyond, latest.AddDays(1))
	return s.Due(n)
}

// ask changes what an open instalment asks for, and sets its alarm when there is something to collect again.
func (p *Promise) ask(i *Instalment, minor int64, now time.Time) {
	if i.Amount.Minor == minor {
		return
	}
	before := p.collectable(i)
	i.Amount.Minor, i.UpdatedAt = minor, now
	switch {
	case !p.collectable(i):
		i.State, i.ActAt, i.Tries, i.DeclineCode = Scheduled, nil, 0, ""
	case !before && i.Reason != ReasonReopened && i.DueOn.After(day.In(now, p.Location())):
		p.wake(i)
	}
}

// collectable reports whether what an instalment asks for can be collected by itself: a few cents that are left cannot be charged to a card.
func (p *Promise) collectable(i *Instalment) bool {
	return i.Amount.Minor > 0 && (p.Method != ByCard || i.Total().Chargeable() == nil)
}
