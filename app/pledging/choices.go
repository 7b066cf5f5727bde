package pledging

import (
	"slices"
	"time"

	"tributary/domain/day"
	"tributary/domain/promise"
)

// choices are the changes that a donor can make to a plan, each with what would come of it: every one was tried out on a copy, so a page
// promises exactly what the change then does.
type choices struct {
	Skip       *skipChoice
	Pauses     []pauseChoice
	Resume     *promise.Outlook // what comes next when a pause ends now
	Days       []dayChoice
	AmountFrom *day.Day // the first date with another amount; nil: whenever the next gift is
}

type skipChoice struct{ Left, Next promise.Outlook }

type pauseChoice struct {
	Months int
	Until  day.Day
	Next   day.Day // the first charge after it; zero: none
}

type dayChoice struct {
	Day   int
	Next  day.Day
	Taken bool // it is this day already
}

var pauseMonths = []int{1, 2, 3, 6}

// upcomingTried is how many coming dates are compared to see what a change moves.
const upcomingTried = 4

func choicesOf(p promise.Promise, now time.Time) choices {
	today := day.In(now, p.Location())
	var c choices
	if p.StandingOn(today) == promise.Paused {
		if t := p.Tried(); t.Resume(now) == nil {
			next := t.Outlook(now)
			c.Resume = &next
		}
	} else {
		if t := p.Tried(); t.Skip(now) == nil {
			c.Skip = &skipChoice{p.Outlook(now), t.Outlook(now)}
		}
	}
	for _, months := range pauseMonths {
		until := pausedFor(p, months, now)
		t := p.Tried()
		if t.Pause(until, today, now) == nil {
			c.Pauses = append(c.Pauses, pauseChoice{months, until, firstFrom(t.Upcoming(upcomingTried, today), until)})
		}
	}
	before := p.Upcoming(upcomingTried, today)
	for wanted := 1; wanted <= 31; wanted++ {
		t := p.Tried()
		if t.ChangeDay(wanted, now) == nil {
			c.Days = append(c.Days, dayChoice{wanted, firstMoved(before, t.Upcoming(upcomingTried, today)), wanted == p.Schedule.AnchorDay})
		}
	}
	c.AmountFrom = amountFrom(p, today, now)
	return c
}

// moving reports whether a payment is under way, which no change stops.
func moving(p promise.Promise) bool {
	return slices.ContainsFunc(p.Instalments, func(i promise.Instalment) bool { return i.State.InFlight() })
}

// amountFrom tries another amount to see on which date it first counts.
func amountFrom(p promise.Promise, today day.Day, now time.Time) *day.Day {
	t, other := p.Tried(), p.Amount
	other.Minor *= 2
	if t.ChangeAmount(other, 0, now) != nil {
		return nil
	}
	for _, part := range t.Upcoming(upcomingTried, today) {
		if part.Amount == other {
			return &part.DueOn
		}
	}
	return nil
}

// pausedFor is when a pause of some months ends: that much later than the next gift would come without any pause, so that a pause of one
// month leaves a monthly gift out once.
func pausedFor(p promise.Promise, months int, now time.Time) day.Day {
	today := day.In(now, p.Location())
	t, next := p.Tried(), today
	_ = t.Resume(now) // not paused: the same
	for _, part := range t.Upcoming(upcomingTried, today) {
		if inFlight := slices.ContainsFunc(t.Instalments, func(i promise.Instalment) bool { return i.N == part.N && i.State.InFlight() }); !inFlight {
			next = part.DueOn
			break
		}
	}
	if next.Before(today) {
		next = today
	}
	return promise.Schedule{Unit: promise.Month, Every: 1, AnchorOn: next, AnchorDay: next.DayOfMonth()}.Due(months)
}

func firstFrom(parts []promise.Part, d day.Day) day.Day {
	for _, part := range parts {
		if !part.DueOn.Before(d) {
			return part.DueOn
		}
	}
	return day.Day{}
}

// firstMoved is the first date that differs from what it was, or the first when none does.
func firstMoved(before, after []promise.Part) day.Day {
	for i, part := range after {
		if i >= len(before) || before[i].DueOn != part.DueOn {
			return part.DueOn
		}
	}
	if len(after) > 0 {
		return after[0].DueOn
	}
	return day.Day{}
}
