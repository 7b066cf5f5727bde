package volunteering

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

// repeat is a rule of RFC 5545 by which shifts repeat, in wall time: the library calculates with times of no zone, so that nine o'clock stays
// nine o'clock when the clocks change.
type repeat struct{ option rrule.ROption }

// errRepeatDay refuses to move "the first Saturday" to a Sunday: a month later that may be another weekend.
var errRepeatDay = fault.Invalid("starts_local", "shift.repeat_day",
	"Shifts that repeat by the month or the year cannot all move to another day. Cancel those that follow and plan new ones.")

const (
	longestRule = 300
	mostEvery   = 99
)

// repeatParts are the parts of a rule that shifts can have, and for which frequencies; one shift a day at most, so no hours or minutes.
var repeatParts = map[string][]rrule.Frequency{
	"FREQ": nil, "INTERVAL": nil, "COUNT": nil, "UNTIL": nil, "WKST": nil, "BYDAY": nil, "BYMONTH": nil,
	"BYMONTHDAY": {rrule.MONTHLY, rrule.YEARLY}, "BYSETPOS": {rrule.MONTHLY, rrule.YEARLY},
}

// parseRepeat reads a rule; any that is not understood, or that makes no sense for shifts, is volunteer.ErrSeriesRule.
func parseRepeat(text string) (repeat, error) {
	text = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(text)), "RRULE:")
	if len(text) > longestRule || strings.ContainsAny(text, "\r\n") {
		return repeat{}, volunteer.ErrSeriesRule
	}
	option, err := rrule.StrToROption(text)
	if err != nil {
		return repeat{}, volunteer.ErrSeriesRule
	}
	values := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		key, value, _ := strings.Cut(part, "=")
		only, known := repeatParts[key]
		if _, twice := values[key]; !known || twice || only != nil && !slices.Contains(only, option.Freq) {
			return repeat{}, volunteer.ErrSeriesRule
		}
		values[key] = value
	}
	if len(values["UNTIL"]) == len(rrule.DateFormat) {
		option.Until = option.Until.Add(24*time.Hour - time.Second) // a date means the whole day
	}
	r := repeat{*option}
	if !r.sensible(values) {
		return repeat{}, volunteer.ErrSeriesRule
	}
	option.Interval = max(1, option.Interval)
	return repeat{*option}, nil
}

func (r repeat) sensible(values map[string]string) bool {
	o := r.option
	if _, given := values["INTERVAL"]; given && (o.Interval < 1 || o.Interval > mostEvery) {
		return false
	}
	if _, given := values["COUNT"]; given && (o.Count < 1 || o.Count > volunteer.MostOfSeries || !o.Until.IsZero()) {
		return false
	}
	long := o.Freq == rrule.MONTHLY || o.Freq == rrule.YEARLY
	for _, d := range o.Byweekday {
		if n := d.N(); n < -5 || n > 5 || n != 0 && !long || n == 0 && values["BYDAY"] == "" {
			return false
		}
	}
	return o.Freq <= rrule.DAILY && (len(o.Bysetpos) == 0 || len(o.Byweekday) > 0)
}

// ends reports whether the rule makes no more shifts one day.
func (r repeat) ends() bool { return r.option.Count > 0 || !r.option.Until.IsZero() }

// text is the rule without its start, as it is stored. Its UNTIL is a wall time, as its start is.
func (r repeat) text() string {
	return strings.ReplaceAll(r.option.RRuleString(), "Z", "")
}

// first is the first time of the rule, not before a wall time; false when there is none.
func (r repeat) first(from volunteer.Wall) (volunteer.Wall, bool) {
	next, err := r.iterator(from)
	if err != nil {
		return volunteer.Wall{}, false
	}
	t, ok := next()
	return volunteer.FromNaive(t), ok
}

// between lists the times of the rule since its first that are not before one wall time and before another, up to most.
func (r repeat) between(first, from, before volunteer.Wall, most int) []volunteer.Wall {
	next, err := r.iterator(first)
	if err != nil {
		return nil
	}
	var all []volunteer.Wall
	for t, ok := next(); ok && len(all) < most; t, ok = next() {
		w := volunteer.FromNaive(t)
		if !before.After(w) {
			break
		}
		if !from.After(w) {
			all = append(all, w)
		}
	}
	return all
}

// over reports whether the rule makes nothing from a wall time on.
func (r repeat) over(first, from volunteer.Wall) bool {
	next, err := r.iterator(first)
	if err != nil {
		return true
	}
	for t, ok := next(); ok; t, ok = next() {
		if !from.After(volunteer.FromNaive(t)) {
			return false
		}
	}
	return true
}

func (r repeat) iterator(first volunteer.Wall) (rrule.Next, error) {
	option := r.option
	option.Dtstart = first.Naive()
	rule, err := rrule.NewRRule(option)
	if err != nil {
		return nil, err
	}
	return rule.Iterator(), nil
}

// before is the rule that ends before a wall time.
func (r repeat) before(end volunteer.Wall) repeat {
	r.option.Count, r.option.Until = 0, end.Naive().Add(-time.Second)
	return r
}

// following is the rule from one of its times on, all moved as that one is to another: what a count has already made is taken off, and its
// days of the week move along.
func (r repeat) following(first, from, to volunteer.Wall) (repeat, error) {
	days := int(volunteer.WallOn(to.Day(), 0, 0).Sub(volunteer.WallOn(from.Day(), 0, 0)) / (24 * time.Hour))
	if days != 0 && (r.option.Freq == rrule.MONTHLY || r.option.Freq == rrule.YEARLY || len(r.option.Bymonth) > 0) {
		return r, errRepeatDay
	}
	if r.option.Count > 0 {
		r.option.Count -= len(r.between(first, first, from, r.option.Count))
	}
	if !r.option.Until.IsZero() {
		r.option.Until = r.option.Until.Add(to.Sub(from))
	}
	if days != 0 {
		moved := make([]rrule.Weekday, len(r.option.Byweekday))
		for i, d := range r.option.Byweekday {
			moved[i] = turned(d, days)
		}
		slices.SortFunc(moved, func(a, b rrule.Weekday) int { return cmp.Compare(a.Day(), b.Day()) })
		r.option.Byweekday, r.option.Wkst = moved, turned(r.option.Wkst, days) // the week moves too, or every other week would become the one between
	}
	return r, nil
}

var weekdays = []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}

func turned(d rrule.Weekday, days int) rrule.Weekday { return weekdays[((d.Day()+days)%7+7)%7] }
