package volunteer_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

var noon = time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)

func details() volunteer.Details {
	return volunteer.Details{
		Title: "Food bank sorting", Role: "Sorter", Summary: "Sort what came in.", Kind: volunteer.InShifts, Visibility: volunteer.ForEverybody,
		Zone: "America/New_York", Waitlist: volunteer.Waitlist{OfferHours: 12},
	}
}

func opportunity(t require.TestingT, change func(*volunteer.Details)) volunteer.Opportunity {
	d := details()
	if change != nil {
		change(&d)
	}
	o, err := volunteer.NewOpportunity(account.Organization{ID: id.From[account.Organization](uuid.New()), Zone: "UTC"}, d, noon)
	require.NoError(t, err)
	require.NoError(t, o.Publish(noon))
	return o
}

func shift(t require.TestingT, o volunteer.Opportunity, starts, ends string, places int) volunteer.Shift {
	s, err := volunteer.NewShift(o, volunteer.ShiftDetails{StartsLocal: wall(t, starts), EndsLocal: wall(t, ends), Places: places}, noon)
	require.NoError(t, err)
	return s
}

func TestAnOpportunityNamesEveryMistake(t *testing.T) {
	t.Parallel()
	negative := -1
	d := details()
	d.Title, d.Slug, d.Zone, d.MinAge, d.Kind, d.ContactEmail, d.Waitlist = "", "UPPER", "Mars/Olympus", 200, "sometimes", "nobody", volunteer.Waitlist{WaitlistMax: &negative}
	d.Window.ClosesBeforeMinutes = -10_000
	_, err := volunteer.NewOpportunity(account.Organization{}, d, noon)
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	var invalid *fault.Error
	require.ErrorAs(t, err, &invalid)
	fields := map[string]bool{}
	for _, f := range invalid.Fields {
		fields[f.Location] = true
	}
	for _, field := range []string{"title", "slug", "zone", "min_age", "kind", "contact_email", "waitlist_max", "offer_hours", "closes_before_minutes"} {
		require.True(t, fields[field], field)
	}
}

func TestAnAddressThatWasSharedStays(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	d := o.Details()
	d.Slug = "another"
	require.Error(t, o.Revise(d, o.Version, noon))
	d = o.Details()
	d.Summary = "Sort and pack."
	require.ErrorIs(t, o.Revise(d, o.Version-1, noon), volunteer.ErrChanged)
	require.NoError(t, o.Revise(d, o.Version, noon))
	require.Equal(t, "Sort and pack.", o.Summary)
	require.NoError(t, o.Close(noon))
	_, err := volunteer.NewShift(o, volunteer.ShiftDetails{StartsLocal: wall(t, "2026-11-01T09:00"), EndsLocal: wall(t, "2026-11-01T10:00"), Places: 1}, noon)
	require.ErrorIs(t, err, volunteer.ErrClosed)
}

func TestANightShiftOfTheLongNightIsLonger(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	long := shift(t, o, "2026-10-31T22:00", "2026-11-01T06:00", 2)
	require.Equal(t, 9*time.Hour, long.Length())
	short := shift(t, o, "2026-03-07T22:00", "2026-03-08T06:00", 2)
	require.Equal(t, 7*time.Hour, short.Length())
}

func TestAnotherZoneMovesTheInstantNotTheClock(t *testing.T) {
	t.Parallel()
	s := shift(t, opportunity(t, nil), "2026-12-01T09:00", "2026-12-01T12:00", 4)
	d := s.Details()
	d.Zone = "America/Denver"
	before := s.StartsAt
	told, err := s.Change(d, s.Version, noon)
	require.NoError(t, err)
	require.Equal(t, []volunteer.Difference{{Field: "zone", Before: "America/New_York", After: "America/Denver"}}, told)
	require.Equal(t, 2*time.Hour, s.StartsAt.Sub(before))
	require.Equal(t, "2026-12-01T09:00", s.StartsLocal.String())
}

func TestAShiftIsNotMadeSmallerThanItsPeople(t *testing.T) {
	t.Parallel()
	s := shift(t, opportunity(t, nil), "2026-12-01T09:00", "2026-12-01T12:00", 4)
	s.Taken, s.Over = 4, 1
	d := s.Details()
	d.Places = 2
	_, err := s.Change(d, 0, noon)
	require.ErrorIs(t, err, volunteer.ErrTooFewPlaces)
	d.Places = 3
	told, err := s.Change(d, 0, noon)
	require.NoError(t, err)
	require.Empty(t, told, "how many places there are is nobody's news")
	require.Zero(t, s.Free())
	require.NoError(t, s.Cancel("storm", noon))
	_, err = s.Change(d, 0, noon)
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	require.ErrorIs(t, s.Cancel("again", noon), volunteer.ErrShiftGone)
}

func TestAShiftEndsAfterItStarts(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	for _, ends := range []string{"2026-12-01T09:00", "2026-12-01T08:00", "2026-12-04T09:00"} {
		_, err := volunteer.NewShift(o, volunteer.ShiftDetails{StartsLocal: wall(t, "2026-12-01T09:00"), EndsLocal: wall(t, ends), Places: 1}, noon)
		require.Error(t, err, ends)
	}
	_, err := volunteer.NewShift(o, volunteer.ShiftDetails{StartsLocal: wall(t, "2026-03-08T02:10"), EndsLocal: wall(t, "2026-03-08T03:05"), Places: 1}, noon)
	require.Error(t, err, "02:10 is skipped that night and shows as 03:10, after the end")
}

func TestFillSaysHowFull(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		taken, over int
		status      volunteer.ShiftStatus
		want        volunteer.Fill
	}{
		{0, 0, volunteer.Open, volunteer.Empty},
		{1, 0, volunteer.Open, volunteer.Short},
		{2, 0, volunteer.Open, volunteer.Filling},
		{4, 0, volunteer.Open, volunteer.Full},
		{5, 1, volunteer.Open, volunteer.Full},
		{4, 1, volunteer.Open, volunteer.Filling},
		{4, 0, volunteer.Cancelled, volunteer.CalledOff},
	} {
		s := volunteer.Shift{Places: 4, Taken: tc.taken, Over: tc.over, Status: tc.status}
		require.Equal(t, tc.want, s.Fill())
	}
}
