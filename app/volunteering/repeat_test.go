package volunteering_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/app/volunteering"
	"tributary/domain/volunteer"
)

var weekdayNames = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

// drawRule makes a rule that the forms, or another program, could send.
func drawRule(t *rapid.T) string {
	parts := []string{"FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")}
	if every := rapid.IntRange(1, 4).Draw(t, "every"); every > 1 {
		parts = append(parts, fmt.Sprintf("INTERVAL=%d", every))
	}
	days := rapid.SliceOfNDistinct(rapid.SampledFrom(weekdayNames), 0, 4, rapid.ID[string]).Draw(t, "days")
	if n := rapid.SampledFrom([]string{"", "1", "2", "-1"}).Draw(t, "nth"); n != "" && strings.HasSuffix(parts[0], "MONTHLY") {
		for i := range days {
			days[i] = n + days[i]
		}
	}
	if len(days) > 0 {
		parts = append(parts, "BYDAY="+strings.Join(days, ","))
	}
	switch rapid.IntRange(0, 2).Draw(t, "end") {
	case 0:
		parts = append(parts, fmt.Sprintf("COUNT=%d", rapid.IntRange(1, 60).Draw(t, "count")))
	case 1:
		parts = append(parts, fmt.Sprintf("UNTIL=2027%02d%02dT235959", rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")))
	}
	return strings.Join(parts, ";")
}

func TestASplitRuleMakesWhatTheWholeMade(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rule, err := volunteering.ParseRule(drawRule(t))
		require.NoError(t, err)
		first, ok := rule.First(wall("2026-11-28T09:00").AddDays(rapid.IntRange(0, 40).Draw(t, "begin")))
		if !ok {
			require.Contains(t, rule.Text(), "UNTIL", "only a rule that ends before it begins makes nothing")
			return
		}
		begin, end := first, first.AddDays(500)
		whole := rule.Between(first, begin, end)
		require.Equal(t, first, whole[0])
		require.True(t, slices.IsSortedFunc(whole, func(a, b volunteer.Wall) int { return int(a.Sub(b)) }))

		again, err := volunteering.ParseRule(rule.Text())
		require.NoError(t, err, rule.Text())
		require.Equal(t, whole, again.Between(first, begin, end), "as it is stored: %s", rule.Text())

		middle := first.AddDays(rapid.IntRange(0, 500).Draw(t, "middle"))
		require.Equal(t, whole, append(rule.Between(first, begin, middle), rule.Between(first, middle, end)...), "made ahead in pieces")

		k := rapid.IntRange(0, len(whole)-1).Draw(t, "k")
		old, err := volunteering.ParseRule(rule.Before(whole[k]).Text())
		require.NoError(t, err)
		require.ElementsMatch(t, whole[:k], old.Between(first, begin, end.AddDays(100)))

		by := time.Duration(rapid.IntRange(-8*24, 8*24).Draw(t, "hours")) * time.Hour
		fresh, err := rule.Following(first, whole[k], whole[k].Add(by))
		if err != nil {
			require.ErrorContains(t, err, "shift.repeat_day")
			require.NotEqual(t, whole[k].Day(), whole[k].Add(by).Day())
			require.NotContains(t, rule.Text(), "FREQ=WEEKLY")
			require.NotContains(t, rule.Text(), "FREQ=DAILY")
			return
		}
		fresh, err = volunteering.ParseRule(fresh.Text())
		require.NoError(t, err)
		moved := []volunteer.Wall{}
		for _, w := range whole[k:] {
			moved = append(moved, w.Add(by))
		}
		require.Equal(t, moved, fresh.Between(moved[0], moved[0], end.Add(by)), "%s from %s moved by %s is %s", rule.Text(), whole[k], by, fresh.Text())
	})
}

func FuzzRules(f *testing.F) {
	for _, rule := range []string{"FREQ=WEEKLY;BYDAY=SA;COUNT=10", "FREQ=MONTHLY;BYDAY=1SA,-1SU;BYSETPOS=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "RRULE:FREQ=DAILY;UNTIL=20261231T000000Z"} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule, err := volunteering.ParseRule(text)
		if err != nil {
			require.ErrorIs(t, err, volunteer.ErrSeriesRule)
			return
		}
		again, err := volunteering.ParseRule(rule.Text())
		require.NoError(t, err)
		first, ok := rule.First(wall("2026-11-28T09:00"))
		if !ok {
			return
		}
		got := rule.Between(first, first, first.AddDays(200))
		require.LessOrEqual(t, len(got), 201, "one a day at most")
		require.Equal(t, got, again.Between(first, first, first.AddDays(200)))
	})
}
