package campaign

import (
	"strings"
	"time"

	"tributary/domain/money"
)

// Progress is how far a campaign has come, derived from the ledger: refunds are already taken off, and what donors added for the
// payment's fee does not count.
type Progress struct {
	Raised  money.Money
	Goal    money.Money // zero: no goal is shown
	Gifts   int64
	Pledged money.Money // still owed of open pledges; no part of Raised, and no part of Percent
}

// Percent is raised ÷ goal rounded down, so that 100 means reached; it goes beyond 100 and is zero without a goal or below zero.
func (p Progress) Percent() int64 {
	if p.Goal.Minor <= 0 || p.Raised.Minor <= 0 {
		return 0
	}
	return p.Raised.Minor/p.Goal.Minor*100 + p.Raised.Minor%p.Goal.Minor*100/p.Goal.Minor
}

// Bar is Percent held between 0 and 100, for drawing.
func (p Progress) Bar() int64 { return min(p.Percent(), 100) }

// Reached reports whether the goal is met.
func (p Progress) Reached() bool { return p.Goal.Minor > 0 && p.Raised.Minor >= p.Goal.Minor }

// Gift is one line of the public list, already reduced to what its giver chose to show.
type Gift struct {
	Name    string       // empty: anonymous
	Amount  *money.Money // nil: not shown
	Comment string
	At      time.Time
}

// Shown reduces a gift to what its giver chose to show: everything, the name alone, or neither. An unknown choice shows nothing.
func Shown(visibility, name string, amount money.Money) Gift {
	switch visibility {
	case "name_and_amount":
		return Gift{Name: strings.TrimSpace(name), Amount: &amount}
	case "name":
		return Gift{Name: strings.TrimSpace(name)}
	}
	return Gift{}
}
