package day_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/day"
	"tributary/domain/fault"
)

func zone(t require.TestingT, name string) *time.Location {
	loaded, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loaded
}

// zones are far apart, off the hour, and some change their clocks at midnight: such a day begins at one o'clock, or has midnight twice.
var zones = []string{
	"UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Cairo", "America/Sao_Paulo",
	"Asia/Beirut", "America/Havana", "Asia/Tehran",
}

func anyDay(t *rapid.T) day.Day {
	return day.New(rapid.IntRange(1900, 2200).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"))
}

func TestTheDateOfAnInstantDependsOnTheZone(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC)
	for _, tc := range []struct{ zone, want string }{
		{"UTC", "2026-11-22"},
		{"America/New_York", "2026-11-21"},
		{"Pacific/Kiritimati", "2026-11-22"},
		{"Pacific/Pago_Pago", "2026-11-21"},
	} {
		require.Equal(t, tc.want, day.In(instant, zone(t, tc.zone)).String(), tc.zone)
	}
	newYork := zone(t, "America/New_York")
	require.Equal(t, "2026-12-31", day.In(time.Date(2027, 1, 1, 4, 59, 59, 0, time.UTC), newYork).String(), "the last second of the year")
	require.Equal(t, "2027-01-01", day.In(time.Date(2027, 1, 1, 5, 0, 0, 0, time.UTC), newYork).String())
}

func TestADayStartsAtItsFirstInstant(t *testing.T) {
	t.Parallel()
	require.Equal(t, time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC), day.New(2026, 11, 22).Start(zone(t, "America/New_York")).UTC())
	require.Equal(t, time.Date(2026, 7, 1, 4, 0, 0, 0, time.UTC), day.New(2026, 7, 1).Start(zone(t, "America/New_York")).UTC(), "in summer")
	require.Equal(t, time.Date(2024, 4, 25, 22, 0, 0, 0, time.UTC), day.New(2024, 4, 26).Start(zone(t, "Africa/Cairo")).UTC(), "midnight was skipped")
	require.Equal(t, time.Date(2024, 11, 3, 4, 0, 0, 0, time.UTC), day.New(2024, 11, 3).Start(zone(t, "America/Havana")).UTC(), "midnight came twice")
	require.Equal(t, time.Date(2018, 11, 4, 3, 0, 0, 0, time.UTC), day.New(2018, 11, 4).Start(zone(t, "America/Sao_Paulo")).UTC(), "skipped, west of Greenwich")
	require.Equal(t, time.Date(2021, 10, 28, 21, 0, 0, 0, time.UTC), day.New(2021, 10, 29).Start(zone(t, "Asia/Amman")).UTC(), "twice, east of Greenwich")
	require.Equal(t, time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC), day.New(2011, 12, 30).Start(zone(t, "Pacific/Apia")).UTC(), "a day that never was ends as it begins")

	rapid.Check(t, func(t *rapid.T) {
		d, where := anyDay(t), zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		start := d.Start(where)
		require.Equal(t, d, day.In(start, where), "the first instant belongs to the day")
		require.True(t, day.In(start.Add(-time.Nanosecond), where).Before(d), "and the one before it does not")
	})
}

func TestDaysOutOfRangeAreNormalised(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2026-03-01", day.New(2026, 2, 29).String())
	require.Equal(t, "2028-02-29", day.New(2028, 2, 29).String())
	require.Equal(t, "2027-01-01", day.New(2026, 12, 32).String())
	require.Equal(t, "2026-10-31", day.New(2026, 11, 0).String())
	d := day.New(2026, 13, 5)
	require.Equal(t, []int{2027, 1, 5}, []int{d.Year(), int(d.Month()), d.DayOfMonth()})
}

func TestDaysAreCountedAndCompared(t *testing.T) {
	t.Parallel()
	require.Equal(t, day.New(2026, 3, 1), day.New(2026, 2, 28).AddDays(1))
	require.Equal(t, day.New(2025, 12, 31), day.New(2026, 1, 1).AddDays(-1))
	rapid.Check(t, func(t *rapid.T) {
		d, n := anyDay(t), rapid.IntRange(1, 50_000).Draw(t, "days")
		later := d.AddDays(n)
		require.True(t, d.Before(later) && later.After(d))
		require.False(t, d.After(later) || later.Before(d) || d.Before(d) || d.After(d))
		require.Equal(t, d, later.AddDays(-n))
	})
}

func TestOnlyDatesAreParsed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-2", "22/11/2026", "2026-11-22T00:00:00Z", " 2026-11-22", "2026-11-22 ", "20261122", "0001-01-01",
	} {
		d, err := day.Parse(text)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), "%q", text)
		require.True(t, d.IsZero(), "%q", text)
	}
	d, err := day.Parse("2028-02-29")
	require.NoError(t, err)
	require.Equal(t, day.New(2028, 2, 29), d)
}

func TestTextAndSQLKeepTheDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := anyDay(t)
		raw, err := json.Marshal(map[string]day.Day{"on": want})
		require.NoError(t, err)
		require.JSONEq(t, `{"on":"`+want.String()+`"}`, string(raw))
		var decoded map[string]day.Day
		require.NoError(t, json.Unmarshal(raw, &decoded))
		require.Equal(t, want, decoded["on"])

		value, err := want.Value()
		require.NoError(t, err)
		got := day.New(1999, 1, 1)
		require.NoError(t, got.Scan(value))
		require.Equal(t, want, got)
		require.NoError(t, got.Scan(want.String()))
		require.Equal(t, want, got)
	})
}

func TestNoDateIsEmptyAndNull(t *testing.T) {
	t.Parallel()
	var none day.Day
	require.True(t, none.IsZero())
	require.Empty(t, none.String())
	value, err := none.Value()
	require.NoError(t, err)
	require.Nil(t, value)

	set := day.New(2026, 11, 22)
	require.NoError(t, set.Scan(nil))
	require.True(t, set.IsZero())
	set = day.New(2026, 11, 22)
	require.NoError(t, set.UnmarshalText(nil))
	require.True(t, set.IsZero())
}

func TestWhatIsNoDateLeavesTheDayAsItWas(t *testing.T) {
	t.Parallel()
	d := day.New(2026, 11, 22)
	require.Error(t, d.UnmarshalText([]byte("soon")))
	require.Error(t, d.Scan("soon"))
	require.Error(t, d.Scan(20261122))
	require.Equal(t, day.New(2026, 11, 22), d)
}

func TestTheDayOfAnInstantOfADatabaseIsTheOneItWasWrittenWith(t *testing.T) {
	t.Parallel()
	var d day.Day
	require.NoError(t, d.Scan(time.Date(2026, 11, 22, 0, 0, 0, 0, time.FixedZone("", 14*3600))))
	require.Equal(t, day.New(2026, 11, 22), d)
}
