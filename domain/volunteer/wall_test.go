package volunteer_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/volunteer"
)

func wall(t require.TestingT, s string) volunteer.Wall {
	w, err := volunteer.ParseWall(s)
	require.NoError(t, err)
	return w
}

func zone(t require.TestingT, name string) *time.Location {
	l, err := time.LoadLocation(name)
	require.NoError(t, err)
	return l
}

func TestWallTimesWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, wall, zone, utc string }{
		{"an ordinary winter morning", "2026-01-10T09:00", "America/New_York", "2026-01-10T14:00:00Z"},
		{"nine stays nine in summer", "2026-07-10T09:00", "America/New_York", "2026-07-10T13:00:00Z"},
		{"a time that is skipped shows an hour later", "2026-03-08T02:30", "America/New_York", "2026-03-08T07:30:00Z"},
		{"of an hour that comes twice the first", "2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00Z"},
		{"after it came twice", "2026-11-01T02:30", "America/New_York", "2026-11-01T07:30:00Z"},
		{"east of Greenwich, skipped", "2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00Z"},
		{"east of Greenwich, twice", "2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"},
		{"half an hour of summer time", "2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"},
		{"no summer time at all", "2026-03-08T02:30", "Asia/Singapore", "2026-03-07T18:30:00Z"},
	} {
		got := wall(t, tc.wall).In(zone(t, tc.zone))
		require.Equal(t, tc.utc, got.UTC().Format(time.RFC3339), tc.name)
	}
}

func TestAnInstantShowsOnTheClockItCameFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := zone(t, rapid.SampledFrom([]string{"America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC"}).Draw(t, "zone"))
		instant := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "instant")/60*60, 0)
		w := volunteer.WallAt(instant, l)
		back := w.In(l)
		require.Equal(t, w, volunteer.WallAt(back, l))
		require.LessOrEqual(t, instant.Sub(back), time.Hour, "only of an hour that comes twice is the other one meant")
		require.GreaterOrEqual(t, instant.Sub(back), time.Duration(0))
	})
}

func TestWallTimesAreDatesAndTimes(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "2026-02-30T09:00", "2026-02-03", "09:00", "2026-02-03T25:00", "0001-01-01T00:00", "2026-02-03T09:00Z"} {
		_, err := volunteer.ParseWall(bad)
		require.ErrorIs(t, err, volunteer.ErrWall, bad)
	}
	require.Equal(t, "2028-02-29T23:59", wall(t, "2028-02-28T23:59").AddDays(1).String())
}

func TestWordsSurviveTheDatabaseForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.SliceOfN(rapid.StringMatching(`[a-z"\\,{} ]{1,12}`), 0, 6).Draw(t, "typed")
		words, err := volunteer.NewWords("skills", typed)
		require.NoError(t, err)
		text, err := words.Value()
		require.NoError(t, err)
		var back volunteer.Words
		require.NoError(t, back.Scan(text))
		require.Equal(t, words, back)
	})
	words, err := volunteer.NewWords("skills", []string{" Driving ", "driving", "", "First aid"})
	require.NoError(t, err)
	require.Equal(t, volunteer.Words{"driving", "first aid"}, words)
	require.Equal(t, volunteer.Words{"driving"}, words.Common(volunteer.Words{"cooking", "driving"}))
	var plain volunteer.Words
	require.NoError(t, plain.Scan(`{driving,"first aid"}`))
	require.Equal(t, words, plain)
	require.Error(t, plain.Scan(7))
}
