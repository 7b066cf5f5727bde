package volunteer_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

func born(year int, month time.Month, dayOfMonth int) *time.Time {
	d := time.Date(year, month, dayOfMonth, 0, 0, 0, 0, time.UTC)
	return &d
}

func TestEveryRuleRefusesAlone(t *testing.T) {
	t.Parallel()
	certificate := volunteer.Requirement{KindID: uuid.New(), Name: "Food hygiene certificate"}
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC) // three in the morning, six hours before the shift
	fits := volunteer.Candidate{
		Known: true, BirthDate: born(2000, 5, 5),
		Credentials: []volunteer.Credential{{KindID: certificate.KindID, Confirmed: true, IssuedOn: day.New(2026, 1, 1)}},
	}
	hours := 4
	for _, tc := range []struct {
		name   string
		change func(r *volunteer.Roster, c *volunteer.Candidate, at *time.Time)
		want   []volunteer.Rule
	}{
		{"welcome", func(*volunteer.Roster, *volunteer.Candidate, *time.Time) {}, nil},
		{"already signed up", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.SignedUp = true }, []volunteer.Rule{volunteer.RuleAlready}},
		{"over", func(r *volunteer.Roster, _ *volunteer.Candidate, at *time.Time) { *at = r.Shift.EndsAt }, []volunteer.Rule{volunteer.RuleEnded}},
		{"not open yet", func(r *volunteer.Roster, _ *volunteer.Candidate, _ *time.Time) {
			opens := r.Shift.StartsAt.Add(-time.Duration(hours) * time.Hour)
			r.Shift.OpensAt = &opens
		}, []volunteer.Rule{volunteer.RuleNotYetOpen}},
		{"cut off", func(r *volunteer.Roster, _ *volunteer.Candidate, at *time.Time) { *at = r.Shift.ClosesAt }, []volunteer.Rule{volunteer.RuleCutOff}},
		{"full", func(r *volunteer.Roster, _ *volunteer.Candidate, at *time.Time) { fill(r, *at) }, []volunteer.Rule{volunteer.RuleFull}},
		{"others wait", func(r *volunteer.Roster, _ *volunteer.Candidate, _ *time.Time) {
			r.SignUps = append(r.SignUps, volunteer.SignUp{Status: volunteer.Waiting, Party: 1})
		}, []volunteer.Rule{volunteer.RuleFull}},
		{"overlap", func(r *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) {
			c.Bookings = []volunteer.Booking{{ShiftID: uuid.New(), StartsAt: r.Shift.EndsAt.Add(-time.Minute), EndsAt: r.Shift.EndsAt.Add(time.Hour)}}
		}, []volunteer.Rule{volunteer.RuleOverlap}},
		{"one after the other is no overlap", func(r *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) {
			c.Bookings = []volunteer.Booking{
				{ShiftID: uuid.New(), StartsAt: r.Shift.EndsAt, EndsAt: r.Shift.EndsAt.Add(time.Hour)},
				{ShiftID: uuid.New(), StartsAt: r.Shift.StartsAt.Add(-time.Hour), EndsAt: r.Shift.StartsAt},
			}
		}, nil},
		{"too young", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.BirthDate = born(2010, 12, 2) }, []volunteer.Rule{volunteer.RuleRequirement}},
		{"sixteen that very day", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.BirthDate = born(2010, 12, 1) }, nil},
		{"age unknown", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.BirthDate = nil }, []volunteer.Rule{volunteer.RuleRequirement}},
		{"expired on the day", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) {
			c.Credentials = []volunteer.Credential{{KindID: certificate.KindID, Confirmed: true, ExpiresOn: day.New(2026, 11, 30)}}
		}, []volunteer.Rule{volunteer.RuleRequirement}},
		{"expires that day", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) {
			c.Credentials = []volunteer.Credential{{KindID: certificate.KindID, Confirmed: true, ExpiresOn: day.New(2026, 12, 1)}}
		}, nil},
		{"not confirmed", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) {
			c.Credentials = []volunteer.Credential{{KindID: certificate.KindID}}
		}, []volunteer.Rule{volunteer.RuleRequirement}},
		{"locked out", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.NoShows = volunteer.NoShowLimit }, []volunteer.Rule{volunteer.RuleLockedOut}},
		{"one no-show is forgiven", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { c.NoShows = volunteer.NoShowLimit - 1 }, nil},
		{"a place that is held", func(r *volunteer.Roster, c *volunteer.Candidate, at *time.Time) {
			fill(r, *at)
			c.Holds = 1
		}, nil},
		{"everything at once, in order", func(r *volunteer.Roster, c *volunteer.Candidate, at *time.Time) {
			fill(r, *at)
			*at = r.Shift.ClosesAt
			c.SignedUp, c.BirthDate, c.NoShows = true, nil, 5
			c.Bookings = []volunteer.Booking{{ShiftID: uuid.New(), StartsAt: r.Shift.StartsAt, EndsAt: r.Shift.EndsAt}}
		}, []volunteer.Rule{
			volunteer.RuleAlready, volunteer.RuleCutOff, volunteer.RuleFull, volunteer.RuleOverlap, volunteer.RuleRequirement, volunteer.RuleLockedOut,
		}},
		{"a stranger is only told of the shift", func(_ *volunteer.Roster, c *volunteer.Candidate, _ *time.Time) { *c = volunteer.Candidate{} }, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := opportunity(t, func(d *volunteer.Details) { d.MinAge = 16; d.Window.ClosesBeforeMinutes = 60 })
			s := shift(t, o, "2026-12-01T09:00", "2026-12-01T12:00", 2)
			r := &volunteer.Roster{Shift: &s}
			c, now := fits, at
			tc.change(r, &c, &now)
			refusals, err := volunteer.Refusals(r, o, []volunteer.Requirement{certificate}, c, now)
			require.NoError(t, err)
			var got []volunteer.Rule
			for _, refusal := range refusals {
				require.NotEmpty(t, refusal.Message)
				got = append(got, refusal.Rule)
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func TestAPartyIsAskedForItsPlaces(t *testing.T) {
	t.Parallel()
	certificate := volunteer.Requirement{KindID: uuid.New(), Name: "Food hygiene certificate"}
	has := volunteer.Candidate{Known: true, Credentials: []volunteer.Credential{{KindID: certificate.KindID, Confirmed: true}}}
	for _, tc := range []struct {
		name     string
		party    int
		taken    int
		required []volunteer.Requirement
		want     []volunteer.Rule
		says     string
	}{
		{"fits", 3, 1, nil, nil, ""},
		{"one too many for the places", 3, 2, nil, []volunteer.Rule{volunteer.RuleFull}, "Only 2 places are left."},
		{"one place left", 2, 3, nil, []volunteer.Rule{volunteer.RuleFull}, "Only one place is left."},
		{"none left", 2, 4, nil, []volunteer.Rule{volunteer.RuleFull}, "All places are taken."},
		{"more than may come together", 4, 0, nil, []volunteer.Rule{volunteer.RuleParty}, "At most 3 people"},
		{"a proof that the others have not shown", 2, 0, []volunteer.Requirement{certificate}, []volunteer.Rule{volunteer.RuleParty}, "Everybody signs up for themselves"},
		{"alone with the proof", 1, 0, []volunteer.Requirement{certificate}, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := opportunity(t, func(d *volunteer.Details) { d.PartyMax = 3 })
			s := shift(t, o, "2026-12-01T09:00", "2026-12-01T12:00", 4)
			r := &volunteer.Roster{Shift: &s}
			if tc.taken > 0 {
				r.Add(volunteer.SignUp{Status: volunteer.Confirmed, Party: tc.taken}, false, noon)
			}
			c := has
			c.Party = tc.party
			refusals, err := volunteer.Refusals(r, o, tc.required, c, noon)
			require.NoError(t, err)
			var got []volunteer.Rule
			for _, refusal := range refusals {
				got = append(got, refusal.Rule)
				require.Contains(t, refusal.Message, tc.says)
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func fill(r *volunteer.Roster, at time.Time) {
	for r.Shift.Free() > 0 {
		person := uuid.New()
		r.Add(volunteer.SignUp{PersonID: &person, Status: volunteer.Confirmed}, false, at)
		r.Settle(at)
	}
}

func TestNobodyOverrulesACancelledShift(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	s := shift(t, o, "2026-12-01T09:00", "2026-12-01T12:00", 2)
	require.NoError(t, s.Cancel("", noon))
	_, err := volunteer.Refusals(&volunteer.Roster{Shift: &s}, o, nil, volunteer.Candidate{}, noon)
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	require.NoError(t, o.Close(noon))
	open := s
	open.Status = volunteer.Open
	_, err = volunteer.Refusals(&volunteer.Roster{Shift: &open}, o, nil, volunteer.Candidate{}, noon)
	require.ErrorIs(t, err, volunteer.ErrClosed)
}

func TestStaffNameWhatTheyOverrule(t *testing.T) {
	t.Parallel()
	refusals := []volunteer.Refusal{{Rule: volunteer.RuleFull, Message: "full"}, {Rule: volunteer.RuleOverlap, Message: "overlap"}}
	_, err := volunteer.Overruled(refusals, []volunteer.Rule{volunteer.RuleFull})
	require.Equal(t, fault.KindConflict, fault.KindOf(err))
	require.ErrorContains(t, err, "overlap")
	names, err := volunteer.Overruled(refusals, []volunteer.Rule{volunteer.RuleOverlap, volunteer.RuleFull, volunteer.RuleLockedOut})
	require.NoError(t, err)
	require.Equal(t, volunteer.Words{"full", "overlap"}, names, "only what stood against it is recorded")
	_, err = volunteer.Overruled([]volunteer.Refusal{{Rule: volunteer.RuleAlready, Message: "already"}}, volunteer.Rules)
	require.ErrorContains(t, err, "already")
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		born, on day.Day
		want     int
	}{
		{day.New(2010, 12, 1), day.New(2026, 11, 30), 15},
		{day.New(2010, 12, 1), day.New(2026, 12, 1), 16},
		{day.New(2008, 2, 29), day.New(2026, 2, 28), 17},
		{day.New(2008, 2, 29), day.New(2026, 3, 1), 18},
	} {
		require.Equal(t, tc.want, volunteer.Age(tc.born, tc.on))
	}
}
