package promise_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/day"
	"tributary/domain/promise"
)

func schedule(t require.TestingT, unit promise.Unit, every int, first day.Day) promise.Schedule {
	s, err := promise.NewSchedule(unit, every, nil, first)
	require.NoError(t, err)
	return s
}

func firstDates(s promise.Schedule, n int) []string {
	var all []string
	for k := range n {
		all = append(all, s.Due(k+1).String())
	}
	return all
}

func TestDatesAreCountedFromTheAnchor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		unit  promise.Unit
		every int
		first day.Day
		want  []string
	}{
		{"the 31st over a leap year", promise.Month, 1, day.New(2027, 12, 31), []string{"2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"}},
		{"the 31st over a common year", promise.Month, 1, day.New(2027, 1, 31), []string{"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"}},
		{"the 30th", promise.Month, 1, day.New(2027, 1, 30), []string{"2027-01-30", "2027-02-28", "2027-03-30"}},
		{"every 3 months", promise.Month, 3, day.New(2026, 11, 30), []string{"2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30", "2027-11-30", "2028-02-29"}},
		{"29 February every year", promise.Year, 1, day.New(2028, 2, 29), []string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}},
		{"every 4 years", promise.Year, 4, day.New(2028, 2, 29), []string{"2028-02-29", "2032-02-29"}},
		{"weeks over the end of a year", promise.Week, 1, day.New(2026, 12, 24), []string{"2026-12-24", "2026-12-31", "2027-01-07"}},
		{"every other week over a leap day", promise.Week, 2, day.New(2028, 2, 20), []string{"2028-02-20", "2028-03-05"}},
		{"every 12 months", promise.Month, 12, day.New(2027, 12, 31), []string{"2027-12-31", "2028-12-31"}},
	} {
		require.Equal(t, tc.want, firstDates(schedule(t, tc.unit, tc.every, tc.first), len(tc.want)), tc.name)
	}
}

func TestASchedulesLimits(t *testing.T) {
	t.Parallel()
	first, count := day.New(2026, 11, 22), 121
	_, err := promise.NewSchedule("day", 1, nil, first)
	require.ErrorIs(t, err, promise.ErrUnit)
	for _, every := range []int{0, -1, 13} {
		_, err = promise.NewSchedule(promise.Month, every, nil, first)
		require.ErrorIs(t, err, promise.ErrEvery)
	}
	_, err = promise.NewSchedule(promise.Month, 1, &count, first)
	require.ErrorIs(t, err, promise.ErrCount)
	count = 2
	s, err := promise.NewSchedule(promise.Month, 1, &count, first)
	require.NoError(t, err)
	require.False(t, s.Ends(2))
	require.True(t, s.Ends(3))
	n, ok := s.FirstFrom(1, day.New(2026, 11, 23))
	require.True(t, ok)
	require.Equal(t, 2, n)
	_, ok = s.FirstFrom(1, day.New(2026, 12, 23))
	require.False(t, ok, "there is none that late")
}

func TestMovingTheDay(t *testing.T) {
	t.Parallel()
	s := schedule(t, promise.Month, 1, day.New(2026, 11, 20))
	today := day.New(2026, 12, 10)
	for _, tc := range []struct {
		name   string
		wanted int
		want   []string
	}{
		{"later in the month", 25, []string{"2026-12-25", "2027-01-25", "2027-02-25"}},
		{"earlier, but still to come", 11, []string{"2026-12-11", "2027-01-11", "2027-02-11"}},
		{"today is too late", 10, []string{"2027-01-10", "2027-02-10", "2027-03-10"}},
		{"the day has passed this month", 5, []string{"2027-01-05", "2027-02-05", "2027-03-05"}},
		{"the last of the month", 31, []string{"2026-12-31", "2027-01-31", "2027-02-28"}},
	} {
		moved, err := s.MovedTo(2, tc.wanted, today)
		require.NoError(t, err)
		require.Equal(t, tc.want, []string{moved.Due(2).String(), moved.Due(3).String(), moved.Due(4).String()}, tc.name)
	}
	for _, wanted := range []int{0, 32} {
		_, err := s.MovedTo(2, wanted, today)
		require.ErrorIs(t, err, promise.ErrDay)
	}
}

func TestMorningIsNineWhereTheDonorIs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ zone, date, want string }{
		{"America/New_York", "2026-11-22", "2026-11-22T14:00:00Z"},
		{"America/New_York", "2027-03-14", "2027-03-14T13:00:00Z"},    // the clock goes forward at two in the morning
		{"Europe/Berlin", "2026-10-25", "2026-10-25T08:00:00Z"},       // it goes back at three
		{"Australia/Lord_Howe", "2026-10-04", "2026-10-03T22:00:00Z"}, // by half an hour
		{"America/Santiago", "2026-09-06", "2026-09-06T12:00:00Z"},    // at midnight, which does not exist
		{"Pacific/Auckland", "2027-01-01", "2026-12-31T20:00:00Z"},    // UTC+13: the year before, in London
		{"Pacific/Honolulu", "2026-12-31", "2026-12-31T19:00:00Z"},    // UTC-10
		{"Pacific/Kiritimati", "2027-01-01", "2026-12-31T19:00:00Z"},  // UTC+14: the very instant, a date ahead
		{"Asia/Kathmandu", "2026-11-22", "2026-11-22T03:15:00Z"},
	} {
		zone, err := time.LoadLocation(tc.zone)
		require.NoError(t, err)
		d, err := day.Parse(tc.date)
		require.NoError(t, err)
		at := promise.Morning(d, zone)
		require.Equal(t, tc.want, at.Format(time.RFC3339), tc.zone)
		require.Equal(t, d, day.In(at, zone), "it is that date there")
	}
}

func TestDatesAscendAndKeepTheirDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]promise.Unit{promise.Week, promise.Month, promise.Year}).Draw(t, "unit")
		first := day.New(2024, 1, 1).AddDays(rapid.IntRange(0, 3000).Draw(t, "first"))
		s := schedule(t, unit, rapid.IntRange(1, 12).Draw(t, "every"), first)
		require.Equal(t, first, s.Due(1))
		for n := 1; n < 40; n++ {
			due := s.Due(n)
			require.True(t, s.Due(n+1).After(due), "%s is followed by %s", due, s.Due(n+1))
			if unit != promise.Week {
				last := day.New(due.Year(), due.Month()+1, 0).DayOfMonth()
				require.Equal(t, min(first.DayOfMonth(), last), due.DayOfMonth())
			}
			k, ok := s.FirstFrom(1, due)
			require.True(t, ok)
			require.Equal(t, n, k)
		}
		n, wanted := rapid.IntRange(2, 30).Draw(t, "n"), rapid.IntRange(1, 31).Draw(t, "wanted")
		if unit == promise.Week {
			return
		}
		today := s.Due(n).AddDays(rapid.IntRange(-40, 10).Draw(t, "before"))
		moved, err := s.MovedTo(n, wanted, today)
		require.NoError(t, err)
		require.True(t, moved.Due(n).After(today))
		require.True(t, moved.Due(n).After(s.Due(n-1)), "no date comes twice")
		require.False(t, moved.Due(n).After(day.New(max(today.Year(), s.Due(n).Year()), 12, 31).AddDays(31)))
	})
}
