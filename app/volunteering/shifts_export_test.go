package volunteering

import (
	"context"
	"strings"

	"tributary/app/platform/database"
	"tributary/domain/volunteer"
)

// ExplainShifts is how the database finds a page of shifts.
func ExplainShifts(ctx context.Context, r database.Reader, f ShiftFilter) (string, error) {
	var lines []string
	err := r.Gorm(ctx).Raw("explain select * from (?) page", pageOfShifts(r.Gorm(ctx), f)).Scan(&lines).Error
	return strings.Join(lines, "\n"), err
}

// Rule lets tests ask a rule for its times.
type Rule struct{ repeat }

// ParseRule reads a rule.
func ParseRule(text string) (Rule, error) {
	r, err := parseRepeat(text)
	return Rule{r}, err
}

// Text is the rule as it is stored.
func (r Rule) Text() string { return r.text() }

// First is the first time, not before a wall time.
func (r Rule) First(from volunteer.Wall) (volunteer.Wall, bool) { return r.first(from) }

// Between lists the times between two wall times.
func (r Rule) Between(first, from, before volunteer.Wall) []volunteer.Wall {
	return r.between(first, from, before, 1000)
}

// Before is the rule that ends before a wall time.
func (r Rule) Before(end volunteer.Wall) Rule { return Rule{r.before(end)} }

// Following is the rule from one of its times on, moved to another.
func (r Rule) Following(first, from, to volunteer.Wall) (Rule, error) {
	moved, err := r.following(first, from, to)
	return Rule{moved}, err
}
