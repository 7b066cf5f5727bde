package volunteer_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/volunteer"
)

func TestHoursAreRecordedAfterTheyWereGiven(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	today := day.New(2026, 10, 20)
	for _, tc := range []struct {
		name    string
		on      day.Day
		minutes int
		source  volunteer.HoursSource
		ok      bool
	}{
		{"today", today, 90, volunteer.BySelf, true},
		{"tomorrow", today.AddDays(1), 90, volunteer.BySelf, false},
		{"no day", day.Day{}, 90, volunteer.BySelf, false},
		{"nothing", today, 0, volunteer.BySelf, false},
		{"a whole day", today, 1440, volunteer.BySelf, true},
		{"more than a day", today, 1441, volunteer.BySelf, false},
		{"ninety days ago", today.AddDays(-90), 60, volunteer.BySelf, true},
		{"longer ago", today.AddDays(-91), 60, volunteer.BySelf, false},
		{"longer ago, by staff", today.AddDays(-400), 60, volunteer.ByStaffHand, true},
	} {
		h, err := volunteer.NewHours(o, uuid.New(), volunteer.HoursDetails{On: tc.on, Minutes: tc.minutes, Source: tc.source}, today, noon)
		require.Equal(t, tc.ok, err == nil, tc.name)
		if tc.ok {
			require.Equal(t, volunteer.Pending, h.Status, tc.name)
		}
	}
	open := opportunity(t, func(d *volunteer.Details) {
		d.Kind, d.StartsOn, d.EndsOn = volunteer.Flexible, day.New(2026, 10, 10), day.New(2026, 10, 15)
	})
	_, err := volunteer.NewHours(open, uuid.New(), volunteer.HoursDetails{On: day.New(2026, 10, 16), Minutes: 60, Source: volunteer.BySelf}, today, noon)
	require.ErrorIs(t, err, volunteer.ErrOutsideDays)
}

func TestHoursAreDecidedAndMayBeCorrected(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 10, 20)
	h, err := volunteer.NewHours(opportunity(t, nil), uuid.New(), volunteer.HoursDetails{On: today, Minutes: 90, Source: volunteer.ByCheckIn, Assumed: true}, today, noon)
	require.NoError(t, err)
	by := uuid.New()
	require.Error(t, h.Reject("  ", &by, noon), "the volunteer has to understand")
	require.NoError(t, h.Approve(&by, noon))
	require.ErrorIs(t, h.Approve(&by, noon), volunteer.ErrDecided)
	require.ErrorIs(t, h.Correct(volunteer.Correction{Version: 1, On: today, Minutes: 60, Reason: "left early"}, &by, today, noon), volunteer.ErrChanged)
	require.NoError(t, h.Correct(volunteer.Correction{Version: h.Version, On: today, Minutes: 60, Reason: "left early"}, &by, today, noon))
	require.Equal(t, 60, h.Minutes)
	require.False(t, h.Assumed)
	require.Equal(t, volunteer.Approved, h.Status)
	require.NoError(t, h.Reject("was not there", &by, noon))
	require.Equal(t, 4, h.Version)
}

func TestWorkedMinutes(t *testing.T) {
	t.Parallel()
	for span, want := range map[time.Duration]int{
		0: 1, -time.Hour: 1, 89*time.Minute + 29*time.Second: 89, 89*time.Minute + 31*time.Second: 90, 30 * time.Hour: 1440,
	} {
		require.Equal(t, want, volunteer.Worked(noon, noon.Add(span)), span)
	}
	require.Equal(t, "2 h 30 min", volunteer.InHours(150))
	require.Equal(t, "3 h", volunteer.InHours(180))
	require.Equal(t, "0 min", volunteer.InHours(0))
}

func TestAvailabilityIsByWeekdayAndPartOfTheDay(t *testing.T) {
	t.Parallel()
	mondays := volunteer.AvailableOn(time.Monday, volunteer.Morning)
	require.EqualValues(t, 1, mondays, "Monday morning is the first bit")
	require.True(t, mondays.Fits(wall(t, "2026-11-23T09:00")))
	require.False(t, mondays.Fits(wall(t, "2026-11-23T12:00")))
	require.False(t, mondays.Fits(wall(t, "2026-11-24T09:00")))
	require.True(t, volunteer.AvailableOn(time.Sunday, volunteer.Night).Fits(wall(t, "2026-11-22T23:30")))
	require.True(t, volunteer.AvailableOn(time.Sunday, volunteer.Night).Fits(wall(t, "2026-11-22T04:00")))
	require.True(t, volunteer.AlwaysAvailable.Fits(wall(t, "2026-11-22T18:00")))
	require.EqualValues(t, 1<<28-1, volunteer.AlwaysAvailable)
}

func TestAProfileIsChangedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	p := volunteer.NewProfile(uuid.New(), uuid.New(), "code", "token", noon)
	wrong, skills := volunteer.ProfileStatus("asleep"), []string{"Driving"}
	require.Error(t, p.Apply(volunteer.ProfilePatch{Status: &wrong, Skills: &skills}, 0, noon))
	require.Empty(t, p.Skills)
	child, future := day.New(2011, 3, 1), day.New(2027, 1, 1)
	require.Error(t, p.Apply(volunteer.ProfilePatch{BirthDate: &future}, 0, noon))
	require.ErrorIs(t, p.Apply(volunteer.ProfilePatch{BirthDate: &child}, 7, noon), volunteer.ErrChanged)
	require.Error(t, p.Apply(volunteer.ProfilePatch{Coordinates: &[2]float64{91, 0}}, 0, noon))
	require.NoError(t, p.Apply(volunteer.ProfilePatch{BirthDate: &child, Skills: &skills, Coordinates: &[2]float64{40.7, -74}}, 1, noon))
	require.Equal(t, "2011-03-01", p.BirthDate.Format(time.DateOnly))
	require.Equal(t, 2, p.Version)
	none := day.Day{}
	require.NoError(t, p.Apply(volunteer.ProfilePatch{BirthDate: &none, NoPlace: true}, 2, noon))
	require.Nil(t, p.BirthDate)
	require.Nil(t, p.Latitude)
}

func TestACredentialHoldsAsLongAsItsKindSays(t *testing.T) {
	t.Parallel()
	kind, err := volunteer.NewCredentialKind(uuid.New(), "Background check", "", 12, noon)
	require.NoError(t, err)
	c, err := volunteer.NewCredential(kind, uuid.New(), volunteer.CredentialDetails{IssuedOn: day.New(2026, 3, 10)}, noon)
	require.NoError(t, err)
	require.Equal(t, day.New(2027, 3, 9), c.ExpiresOn)
	all := []volunteer.Credential{c}
	require.Equal(t, volunteer.Unconfirmed, volunteer.Standing(all, kind.ID.UUID, day.New(2027, 3, 9)))
	all[0].Confirm(nil, noon)
	require.Equal(t, volunteer.Valid, volunteer.Standing(all, kind.ID.UUID, day.New(2027, 3, 9)))
	require.Equal(t, volunteer.Expired, volunteer.Standing(all, kind.ID.UUID, day.New(2027, 3, 10)))
	require.Equal(t, volunteer.Missing, volunteer.Standing(all, uuid.New(), day.New(2026, 5, 1)))
	_, err = volunteer.NewCredential(kind, uuid.New(), volunteer.CredentialDetails{IssuedOn: day.New(2026, 12, 1)}, noon)
	require.Error(t, err, "issued in the future")
	_, err = volunteer.NewCredential(kind, uuid.New(), volunteer.CredentialDetails{IssuedOn: day.New(2026, 3, 1), ExpiresOn: day.New(2026, 2, 1)}, noon)
	require.Error(t, err)
}
