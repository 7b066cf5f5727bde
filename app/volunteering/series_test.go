package volunteering_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

func TestRulesInWallTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	for _, c := range []struct {
		name, starts, rule string
		want               []string // the first of them
		total              int
		ends               bool
	}{
		{"every week", "2026-11-28T09:00", "FREQ=WEEKLY;COUNT=3", []string{"2026-11-28T09:00", "2026-12-05T09:00", "2026-12-12T09:00"}, 3, true},
		{"some days of the week", "2026-11-28T09:00", "FREQ=WEEKLY;BYDAY=SA,TU;COUNT=3", []string{"2026-11-28T09:00", "2026-12-01T09:00", "2026-12-05T09:00"}, 3, true},
		{"every other week", "2026-11-28T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;UNTIL=20261231T235959", []string{"2026-11-28T09:00", "2026-12-12T09:00", "2026-12-26T09:00"}, 3, true},
		{"until a date, which counts", "2026-11-28T09:00", "FREQ=DAILY;UNTIL=20261130", []string{"2026-11-28T09:00", "2026-11-29T09:00", "2026-11-30T09:00"}, 3, true},
		{"the first Saturday of the month", "2026-12-05T09:00", "FREQ=MONTHLY;BYDAY=1SA;COUNT=3", []string{"2026-12-05T09:00", "2027-01-02T09:00", "2027-02-06T09:00"}, 3, true},
		{"first and third Monday", "2026-12-07T18:00", "freq=monthly;byday=1MO,3MO;count=3", []string{"2026-12-07T18:00", "2026-12-21T18:00", "2027-01-04T18:00"}, 3, true},
		{"the fifth Sunday, where there is one", "2026-11-29T09:00", "FREQ=MONTHLY;BYDAY=5SU;COUNT=3", []string{"2026-11-29T09:00", "2027-01-31T09:00"}, 3, true},
		{"the last working day", "2026-11-30T09:00", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2", []string{"2026-11-30T09:00", "2026-12-31T09:00"}, 2, true},
		{"every year", "2026-12-24T20:00", "FREQ=YEARLY;COUNT=2", []string{"2026-12-24T20:00"}, 2, true},
		{"it begins on the first day that fits", "2026-11-24T09:00", "FREQ=WEEKLY;BYDAY=SA;COUNT=2", []string{"2026-11-28T09:00", "2026-12-05T09:00"}, 2, true},
		{"half a year ahead of one that goes on", "2026-11-28T09:00", "FREQ=WEEKLY", []string{"2026-11-28T09:00", "2026-12-05T09:00"}, 26, false},
		{"one at least, however far away", "2028-11-28T09:00", "FREQ=WEEKLY;BYDAY=TU", []string{"2028-11-28T09:00"}, 1, false},
	} {
		p, err := w.volunteering.PreviewShifts(w.owner, o.ID, plan(c.starts), c.rule)
		require.NoError(t, err, c.name)
		require.Equal(t, c.total, p.Total, c.name)
		require.Equal(t, c.ends, p.Ends, c.name)
		require.GreaterOrEqual(t, len(p.Shifts), len(c.want), c.name)
		for i, starts := range c.want {
			require.Equal(t, starts, p.Shifts[i].StartsLocal.String(), c.name)
			require.Equal(t, 3*time.Hour, p.Shifts[i].EndsLocal.Sub(p.Shifts[i].StartsLocal), c.name)
		}
	}
	require.Zero(t, w.count("select count(*) from shifts"), "a preview makes none")
	require.Zero(t, w.count("select count(*) from shift_series"))
}

func TestRulesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	for _, rule := range []string{
		"x", "FREQ=SOMETIMES", "FREQ=HOURLY", "FREQ=MINUTELY;COUNT=2", "FREQ=SECONDLY", "COUNT=3", "FREQ=WEEKLY;COUNT=0", "FREQ=WEEKLY;COUNT=-1", "FREQ=WEEKLY;COUNT=401",
		"FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1", "FREQ=WEEKLY;INTERVAL=100", "FREQ=WEEKLY;BYDAY=1SA", "FREQ=MONTHLY;BYDAY=6SA",
		"FREQ=DAILY;BYHOUR=9,10", "FREQ=DAILY;BYMINUTE=1", "FREQ=DAILY;BYSECOND=1", "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;FREQ=DAILY",
		"FREQ=WEEKLY;DTSTART=20261128T090000", "DTSTART:20261128T090000\nRRULE:FREQ=WEEKLY", "FREQ=WEEKLY;EXDATE=20261205", "FREQ=YEARLY;BYEASTER=0", "FREQ=YEARLY;BYWEEKNO=1",
		"FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=YEARLY;BYMONTH=13", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
		"FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31", "FREQ=WEEKLY;UNTIL=20261101", "FREQ=WEEKLY;UNTIL=tomorrow", "FREQ=WEEKLY;", ";", "FREQ=WEEKLY;COUNT=99999999999999999999",
		"FREQ=WEEKLY;BYDAY=" + strings.Repeat("SA,", 200) + "SU",
	} {
		_, err := w.volunteering.PreviewShifts(w.owner, o.ID, plan("2026-11-28T09:00"), rule)
		require.ErrorIs(t, err, volunteer.ErrSeriesRule, rule)
	}
	_, err := w.volunteering.PreviewShifts(w.owner, o.ID, plan("2024-11-28T09:00"), "FREQ=DAILY")
	require.Equal(t, fault.KindInvalid, fault.KindOf(err), "more than 400 at once")
	_, err = w.volunteering.PlanShifts(w.owner, id.New[volunteer.Opportunity](), plan("2026-11-28T09:00"), "")
	require.ErrorIs(t, err, volunteer.ErrOpportunity)
	_, err = w.volunteering.PlanShifts(w.owner, o.ID, plan("2026-11-28T09:00", func(d *volunteer.ShiftDetails) { d.Places = 0 }), "FREQ=WEEKLY")
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	flexible := w.opportunity(func(d *volunteer.Details) { d.Slug, d.Kind = "flexible", volunteer.Flexible })
	_, err = w.volunteering.PlanShifts(w.owner, flexible.ID, plan("2026-11-28T09:00"), "")
	require.Equal(t, fault.KindConflict, fault.KindOf(err))
}

func TestASeriesFollowsTheClockThroughTheYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	made := w.planned(o, plan("2026-12-05T22:00", ends("2026-12-06T06:00")), "FREQ=WEEKLY;BYDAY=SA")
	for _, s := range made {
		hour, minute := s.StartsLocal.Clock()
		require.Equal(t, []int{22, 0}, []int{hour, minute})
		want := 8 * time.Hour
		if s.StartsLocal.String() == "2027-03-13T22:00" {
			want = 7 * time.Hour
		}
		require.Equal(t, want, s.Length(), s.StartsLocal.String())
		require.NotNil(t, s.SeriesID)
		require.False(t, s.Detached)
	}
	require.Contains(t, w.startsOf(o), "2027-03-13T22:00")
}

func TestAShiftOfASeriesLastsThoughTheClocksChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	made := w.planned(o, plan("2027-03-07T02:30", ends("2027-03-07T03:15")), "FREQ=WEEKLY;COUNT=3")
	require.Len(t, made, 3)
	require.Equal(t, "2027-03-14T02:30", made[1].StartsLocal.String(), "which the clocks show as 03:30")
	require.Equal(t, "2027-03-14T04:15", made[1].EndsLocal.String())
	for _, s := range made {
		require.Equal(t, 45*time.Minute, s.Length())
	}
	long := w.planned(o, plan("2026-10-24T00:00", ends("2026-10-26T00:00")), "FREQ=WEEKLY;COUNT=3")
	require.Equal(t, volunteer.LongestShift, long[1].Length(), "not 49 hours")
}

func TestASeriesIsMadeAheadOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	require.Len(t, w.planned(o, plan("2026-11-28T09:00"), "FREQ=WEEKLY"), 26)
	w.planned(o, plan("2026-11-29T09:00"), "FREQ=WEEKLY;COUNT=30")
	org := w.org.ID.UUID
	require.NoError(t, w.volunteering.MakeAhead(w.owner, org))
	require.Len(t, w.startsOf(o), 52, "nothing is due")
	w.clock.Advance(6 * 7 * 24 * time.Hour)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := w.volunteering.MakeAhead(w.owner, org); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.NoError(t, w.volunteering.MakeAhead(w.owner, org))
	starts := w.startsOf(o)
	require.Len(t, starts, 32+30)
	seen := map[string]bool{}
	for _, s := range starts {
		require.False(t, seen[s], s)
		seen[s] = true
	}
	require.Equal(t, 1, w.count("select count(*) from shift_series where ended"), "the one of thirty has made all")
	require.Equal(t, 62, w.count("select count(*) from audit_events where action = 'shift.planned'"))
}

// series is a weekly one on Saturdays, from 28 November on, with what came of it.
func (w *world) weekly(rule string) (volunteer.Opportunity, []volunteering.ShiftLine) {
	w.t.Helper()
	o := w.opportunity()
	return o, w.planned(o, plan("2026-11-28T09:00"), rule)
}

func TestThoseThatFollowChangeTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, made := w.weekly("FREQ=WEEKLY;BYDAY=SA;COUNT=6")
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), made[3].Shift)
	ben := w.signUp(w.person("Ben", "Low", "ben@example.org"), made[0].Shift)

	alone := made[4].Details()
	alone.StartsLocal = wall("2026-12-26T11:00")
	detached, err := w.volunteering.ChangeShift(w.owner, made[4].ID, volunteering.ShiftChange{Details: alone, Scope: volunteering.OneShift})
	require.NoError(t, err)
	require.True(t, detached.Detached)
	_, err = w.volunteering.ChangeShift(w.owner, made[4].ID, volunteering.ShiftChange{Details: alone, Scope: volunteering.Following})
	require.Equal(t, fault.KindConflict, fault.KindOf(err), "it follows its series no more")
	_, err = w.volunteering.CancelShift(w.owner, made[2].ID, volunteering.OneShift, "", "")
	require.NoError(t, err)

	d := made[1].Details()
	d.StartsLocal, d.EndsLocal, d.Places, d.MeetingPoint = wall("2026-12-06T10:00"), wall("2026-12-06T14:00"), 8, "Gate 2"
	_, err = w.volunteering.ChangeShift(w.owner, made[1].ID, volunteering.ShiftChange{Version: 1, Details: d, Scope: volunteering.Following, Message: "Sundays from now on."})
	require.NoError(t, err)
	require.Equal(t, []string{"2026-11-28T09:00", "2026-12-06T10:00", "2026-12-20T10:00", "2026-12-26T11:00", "2027-01-03T10:00"}, w.startsOf(o))
	moved := w.shiftNow(made[3].ID)
	require.Equal(t, "2026-12-20T14:00", moved.EndsLocal.String())
	require.Equal(t, 8, moved.Places)
	require.Equal(t, "Gate 2", moved.MeetingPoint)
	require.NotEqual(t, made[0].SeriesID, moved.SeriesID, "a series of its own")
	require.Equal(t, w.shiftNow(made[1].ID).SeriesID, moved.SeriesID)
	require.False(t, moved.Detached)
	untouched := w.shiftNow(made[4].ID)
	require.Equal(t, made[0].SeriesID, untouched.SeriesID)
	require.Empty(t, untouched.MeetingPoint)
	last := w.items()[len(w.items())-3:]
	told := volunteer.Words{}
	for _, item := range last {
		told = append(told, item.SignUpIDs...)
	}
	require.Equal(t, volunteer.Words{ada.ID.String()}, told, "one notice of three shifts")
	require.NotContains(t, told, ben.ID.String())

	w.clock.Set(at("2027-11-22T15:00:00Z"))
	require.NoError(t, w.volunteering.MakeAhead(w.owner, w.org.ID.UUID))
	require.Len(t, w.startsOf(o), 5, "neither series makes what the other made")
	require.Equal(t, 2, w.count("select count(*) from shift_series where ended"))
	require.Equal(t, 1, w.count("select count(*) from shift_series where rule like '%COUNT=5%'"), "what is left of six")
}

func TestASplitSeriesGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, made := w.weekly("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,TU")
	d := made[2].Details() // Saturday, 12 December
	require.Equal(t, "2026-12-12T09:00", d.StartsLocal.String())
	d.StartsLocal, d.EndsLocal = d.StartsLocal.AddDays(6), d.EndsLocal.AddDays(6) // past the end of its week
	_, err := w.volunteering.ChangeShift(w.owner, made[2].ID, volunteering.ShiftChange{Details: d, Scope: volunteering.Following})
	require.NoError(t, err)
	before := w.startsOf(o)
	w.clock.Advance(8 * 7 * 24 * time.Hour)
	require.NoError(t, w.volunteering.MakeAhead(w.owner, w.org.ID.UUID))
	after := w.startsOf(o)
	require.Equal(t, before, after[:len(before)], "what exists stays")
	require.Greater(t, len(after), len(before))
	first := wall(after[2])
	for i, s := range after[2:] { // Fridays and Mondays, every other week, as the Saturdays and Tuesdays were
		want := first.AddDays(i / 2 * 14)
		if i%2 == 1 {
			want = want.AddDays(10)
		}
		require.Equal(t, want.String(), s)
	}
}

func TestWhatCannotFollowChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, made := w.weekly("FREQ=WEEKLY;COUNT=4")
	for _, name := range []string{"ada", "ben", "cy"} {
		w.signUp(w.person(name, "Hale", name+"@example.org"), made[2].Shift)
	}
	d := made[1].Details()
	d.Places = 2
	_, err := w.volunteering.ChangeShift(w.owner, made[1].ID, volunteering.ShiftChange{Details: d, Scope: volunteering.Following})
	require.ErrorIs(t, err, volunteer.ErrTooFewPlaces)
	require.ErrorContains(t, err, "Saturday 12 December 2026 at 09:00", "it names the shift")
	require.Equal(t, 4, w.count("select count(*) from shifts where places = 4 and series_id = $1", *made[0].SeriesID))
	require.Equal(t, 1, w.count("select count(*) from shift_series"))
	require.Empty(t, w.items())

	d = made[1].Details()
	_, err = w.volunteering.ChangeShift(w.owner, made[1].ID, volunteering.ShiftChange{Version: 7, Details: d, Scope: volunteering.Following})
	require.ErrorIs(t, err, volunteer.ErrChanged)
	single := w.shift(o, "2026-12-24T09:00", 1)
	_, err = w.volunteering.CancelShift(w.owner, single.ID, volunteering.Following, "", "")
	require.Equal(t, fault.KindConflict, fault.KindOf(err), "it does not repeat")
	w.clock.Set(at("2026-11-30T15:00:00Z"))
	_, err = w.volunteering.CancelShift(w.owner, made[0].ID, volunteering.Following, "", "")
	require.ErrorIs(t, err, volunteer.ErrShiftEnded)

	monthly := w.planned(o, plan("2026-12-05T15:00"), "FREQ=MONTHLY;BYDAY=1SA")
	d = monthly[0].Details()
	d.StartsLocal, d.EndsLocal = d.StartsLocal.AddDays(1), d.EndsLocal.AddDays(1)
	_, err = w.volunteering.ChangeShift(w.owner, monthly[0].ID, volunteering.ShiftChange{Details: d, Scope: volunteering.Following})
	require.Equal(t, fault.KindInvalid, fault.KindOf(err), "the first Saturday is not the day before the first Sunday")
	d.StartsLocal, d.EndsLocal = wall("2026-12-05T16:00"), wall("2026-12-05T18:00")
	_, err = w.volunteering.ChangeShift(w.owner, monthly[0].ID, volunteering.ShiftChange{Details: d, Scope: volunteering.Following})
	require.NoError(t, err, "at another hour they may be")
}

func TestThoseThatFollowAreCancelledTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, made := w.weekly("FREQ=WEEKLY")
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), made[5].Shift)
	alone := made[6].Details()
	alone.Places = 9
	_, err := w.volunteering.ChangeShift(w.owner, made[6].ID, volunteering.ShiftChange{Details: alone, Scope: volunteering.OneShift})
	require.NoError(t, err)
	line, err := w.volunteering.CancelShift(w.owner, made[2].ID, volunteering.Following, "The project ends.", "")
	require.NoError(t, err)
	require.Equal(t, volunteer.Cancelled, line.Status)
	require.Equal(t, []string{"2026-11-28T09:00", "2026-12-05T09:00", "2027-01-09T09:00"}, w.startsOf(o), "the detached one stays")
	require.Equal(t, volunteer.Withdrawn, w.signUpNow(ada.ID).Status)
	require.Equal(t, 1, w.count("select count(*) from shift_notices"))
	require.Len(t, w.items(), 23)
	w.clock.Set(at("2027-11-22T15:00:00Z"))
	require.NoError(t, w.volunteering.MakeAhead(w.owner, w.org.ID.UUID))
	require.Len(t, w.startsOf(o), 3, "the series makes no more")
}

func TestAChangeAndTheNightlyWorkAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, made := w.weekly("FREQ=WEEKLY")
	w.clock.Advance(3 * 7 * 24 * time.Hour)
	d := made[8].Details()
	d.StartsLocal, d.EndsLocal = d.StartsLocal.Add(time.Hour), d.EndsLocal.Add(time.Hour)
	var all sync.WaitGroup
	all.Go(func() {
		_, err := w.volunteering.ChangeShift(w.owner, made[8].ID, volunteering.ShiftChange{Details: d, Scope: volunteering.Following})
		if err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		if err := w.volunteering.MakeAhead(w.owner, w.org.ID.UUID); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	require.NoError(t, w.volunteering.MakeAhead(w.owner, w.org.ID.UUID))
	starts := w.startsOf(o)
	require.Len(t, starts, 29)
	for i, s := range starts {
		want := wall("2026-11-28T09:00").AddDays(7 * i)
		if i >= 8 {
			want = want.Add(time.Hour)
		}
		require.Equal(t, want.String(), s)
	}
	w.inTx(func(tx database.Tx) error {
		var open int
		err := tx.QueryRow(t.Context(), "select count(*) from shift_series where not ended").Scan(&open)
		require.Equal(t, 1, open)
		return err
	})
}
