package volunteering_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// plan is a shift of three hours for four people.
func plan(starts string, changes ...func(*volunteer.ShiftDetails)) volunteer.ShiftDetails {
	d := volunteer.ShiftDetails{StartsLocal: wall(starts), EndsLocal: wall(starts).Add(3 * time.Hour), Places: 4}
	for _, change := range changes {
		change(&d)
	}
	return d
}

func ends(w string) func(*volunteer.ShiftDetails) {
	return func(d *volunteer.ShiftDetails) { d.EndsLocal = wall(w) }
}

// planned plans shifts that repeat.
func (w *world) planned(o volunteer.Opportunity, d volunteer.ShiftDetails, rule string) []volunteering.ShiftLine {
	w.t.Helper()
	made, err := w.volunteering.PlanShifts(w.owner, o.ID, d, rule)
	require.NoError(w.t, err)
	return made
}

// startsOf are the wall times of an opportunity's open shifts.
func (w *world) startsOf(o volunteer.Opportunity) (starts []string) {
	w.t.Helper()
	page, _, err := w.volunteering.ListShifts(w.owner, volunteering.ShiftFilter{OpportunityID: o.ID, Limit: 500})
	require.NoError(w.t, err)
	for _, s := range page {
		if s.Status == volunteer.Open {
			starts = append(starts, s.StartsLocal.String())
		}
	}
	return starts
}

func TestShiftsKeepTheClockOfThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	for _, c := range []struct {
		name, starts, ends, zone string
		startsAt, endsAt         string
	}{
		{"an ordinary morning", "2026-12-05T09:00", "2026-12-05T12:00", "", "2026-12-05T14:00:00Z", "2026-12-05T17:00:00Z"},
		{"a time that is skipped counts as if the clock had not changed", "2026-03-08T02:30", "2026-03-08T05:00", "", "2026-03-08T07:30:00Z", "2026-03-08T09:00:00Z"},
		{"a night an hour longer", "2026-10-31T22:00", "2026-11-01T06:00", "", "2026-11-01T02:00:00Z", "2026-11-01T11:00:00Z"},
		{"a night an hour shorter", "2027-03-13T22:00", "2027-03-14T06:00", "", "2027-03-14T03:00:00Z", "2027-03-14T10:00:00Z"},
		{"an hour that comes twice means the first", "2026-11-01T01:30", "2026-11-01T04:00", "", "2026-11-01T05:30:00Z", "2026-11-01T09:00:00Z"},
		{"another zone", "2026-12-05T09:00", "2026-12-05T12:00", "Asia/Kathmandu", "2026-12-05T03:15:00Z", "2026-12-05T06:15:00Z"},
	} {
		made := w.planned(o, plan(c.starts, ends(c.ends), func(d *volunteer.ShiftDetails) { d.Zone = c.zone }), "")
		require.Len(t, made, 1, c.name)
		s := w.shiftNow(made[0].ID)
		require.Equal(t, c.starts, s.StartsLocal.String(), c.name)
		require.Equal(t, c.startsAt, s.StartsAt.UTC().Format(time.RFC3339), c.name)
		require.Equal(t, c.endsAt, s.EndsAt.UTC().Format(time.RFC3339), c.name)
	}
	require.Equal(t, 9*time.Hour, w.shiftNow(w.planned(o, plan("2026-10-31T22:00", ends("2026-11-01T06:00")), "")[0].ID).Length())
}

func TestAChangeOfZoneKeepsTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-12-05T09:00", 2)
	u := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	d := s.Details()
	d.Zone = "America/Los_Angeles"
	line, err := w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Version: s.Version, Details: d, Scope: volunteering.OneShift})
	require.NoError(t, err)
	require.Equal(t, "2026-12-05T09:00", line.StartsLocal.String())
	require.Equal(t, "2026-12-05T17:00:00Z", line.StartsAt.UTC().Format(time.RFC3339))
	item := w.items()[0]
	require.Equal(t, []volunteer.Difference{{Field: "zone", Before: "America/New_York", After: "America/Los_Angeles"}}, item.Differences)
	require.Equal(t, volunteer.Words{u.ID.String()}, item.SignUpIDs)
}

// items are what the notices tell, the oldest first.
func (f *field) items() (items []volunteer.NoticeItem) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		return tx.Gorm(f.t.Context()).Order("notice_id, shift_id").Find(&items).Error
	})
	return items
}

func TestAChangeIsToldToWhomItConcerns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s := w.shift(o, "2026-11-28T09:00", 1)
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	ben := w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	left := w.signUp(w.person("Cy", "Roe", "cy@example.org"), w.shift(o, "2026-11-29T09:00", 1))
	version := w.shiftNow(s.ID).Version
	d := plan("2026-11-28T10:30", func(d *volunteer.ShiftDetails) { d.Places, d.MeetingPoint = 1, "Gate 2" })
	line, err := w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Version: version, Details: d, Scope: volunteering.OneShift, Message: "The road is closed early."})
	require.NoError(t, err)
	require.Equal(t, version+1, line.Version)
	require.Equal(t, "2026-11-28T15:30:00Z", line.StartsAt.UTC().Format(time.RFC3339))
	require.Equal(t, "2026-11-28T13:30:00Z", line.CancelUntil.UTC().Format(time.RFC3339), "its windows move along")
	items := w.items()
	require.Len(t, items, 1)
	require.Equal(t, []volunteer.Difference{
		{Field: "starts", Before: "2026-11-28T09:00", After: "2026-11-28T10:30"}, {Field: "ends", Before: "2026-11-28T12:00", After: "2026-11-28T13:30"},
		{Field: "place", Before: "", After: "Gate 2"},
	}, items[0].Differences)
	require.ElementsMatch(t, volunteer.Words{ada.ID.String(), ben.ID.String()}, items[0].SignUpIDs)
	require.NotContains(t, items[0].SignUpIDs, left.ID.String())
	require.Equal(t, 1, w.count("select count(*) from shift_notices where message = 'The road is closed early.' and by_login is not null"))
	require.Equal(t, 1, w.count("select count(*) from river_job where kind = 'volunteer.tell_change'"))
	require.Equal(t, 1, w.count(`select count(*) from audit_events where subject_id = $1 and action = 'shift.changed' and before->>'starts_local' = '2026-11-28T09:00'
		and after->>'starts_local' = '2026-11-28T10:30' and not after ? 'places'`, s.ID))

	_, err = w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Version: version, Details: d, Scope: volunteering.OneShift})
	require.ErrorIs(t, err, volunteer.ErrChanged, "somebody was faster")
	_, err = w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Version: line.Version, Details: line.Details(), Scope: volunteering.OneShift})
	require.NoError(t, err)
	require.Equal(t, line.Version, w.shiftNow(s.ID).Version, "nothing changed")
	require.Len(t, w.items(), 1, "nothing to tell")
}

func TestWhatNobodyNeedsToKnowIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	coming, over := w.shift(o, "2026-11-28T09:00", 2), w.shift(o, "2026-11-20T09:00", 2)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), coming)
	more := coming.Details()
	more.Places = 9
	_, err := w.volunteering.ChangeShift(w.owner, coming.ID, volunteering.ShiftChange{Details: more, Scope: volunteering.OneShift})
	require.NoError(t, err)
	late := over.Details()
	late.EndsLocal = wall("2026-11-20T14:00")
	_, err = w.volunteering.ChangeShift(w.owner, over.ID, volunteering.ShiftChange{Details: late, Scope: volunteering.OneShift, Message: "It took longer."})
	require.NoError(t, err)
	require.Zero(t, w.count("select count(*) from shift_notices"))
	_, err = w.volunteering.ChangeShift(w.owner, coming.ID, volunteering.ShiftChange{Details: more, Scope: "most"})
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
}

func TestMorePlacesGoToWhoeverWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	ben := w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	cy := w.wait(w.person("Cy", "Roe", "cy@example.org"), s)
	d := s.Details()
	d.Places = 2
	line, err := w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Details: d, Scope: volunteering.OneShift})
	require.NoError(t, err)
	require.Equal(t, volunteer.Offered, w.signUpNow(ben.ID).Status)
	require.Equal(t, volunteer.Waiting, w.signUpNow(cy.ID).Status)
	require.Equal(t, 2, line.Taken)
	require.Equal(t, 1, line.Waiting)
	d.Places = 1
	_, err = w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Details: d, Scope: volunteering.OneShift})
	require.ErrorIs(t, err, volunteer.ErrTooFewPlaces)
}

func TestAShiftThatMovesClosesItsWaitlistAtTheNewCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-23T09:00", 1)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	waits := w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	d := plan("2026-11-24T06:00", func(d *volunteer.ShiftDetails) { d.Places = 1 })
	_, err := w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Details: d, Scope: volunteering.OneShift})
	require.NoError(t, err)
	require.NotZero(t, w.count("select count(*) from river_job where kind = 'volunteer.settle' and scheduled_at = $1", w.shiftNow(s.ID).ClosesAt),
		"the waitlist closes at the new cut-off")
	require.True(t, w.signUpNow(waits.ID).Status.Active())
}

func TestACancelledShiftLetsEverybodyGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	ben := w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	line, err := w.volunteering.CancelShift(w.owner, s.ID, volunteering.OneShift, "Snow.", "Please stay at home.")
	require.NoError(t, err)
	require.Equal(t, volunteer.Cancelled, line.Status)
	require.Zero(t, line.Taken+line.Waiting)
	for _, of := range []id.ID[volunteer.SignUp]{ada.ID, ben.ID} {
		u := w.signUpNow(of)
		require.Equal(t, volunteer.Withdrawn, u.Status)
		require.Equal(t, volunteer.BySystem, u.EndedBy)
	}
	item := w.items()[0]
	require.True(t, item.Cancelled)
	require.Empty(t, item.Differences)
	require.ElementsMatch(t, volunteer.Words{ada.ID.String(), ben.ID.String()}, item.SignUpIDs)
	require.NotContains(t, w.mailed("ben@example.org"), "place.offered", "nobody is offered a place in it")
	require.Contains(t, w.audited(s.ID.UUID), "shift.cancelled")
	_, err = w.volunteering.CancelShift(w.owner, s.ID, volunteering.OneShift, "", "")
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	_, err = w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Details: s.Details(), Scope: volunteering.OneShift})
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	over := w.shift(w.opportunity(func(d *volunteer.Details) { d.Slug = "past" }), "2026-11-20T09:00", 1)
	_, err = w.volunteering.CancelShift(w.owner, over.ID, volunteering.OneShift, "", "")
	require.ErrorIs(t, err, volunteer.ErrShiftEnded)
}

func TestChangesOfOneShiftAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 5)
	errs := make([]error, 4)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			d := s.Details()
			d.Places = 6 + i
			_, errs[i] = w.volunteering.ChangeShift(w.owner, s.ID, volunteering.ShiftChange{Version: s.Version, Details: d, Scope: volunteering.OneShift})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, volunteer.ErrChanged)
	}
	require.Equal(t, 1, won)
}

func TestAWeekIsCopied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	other := w.opportunity(func(d *volunteer.Details) { d.Slug = "drive" })
	shut := w.opportunity(func(d *volunteer.Details) { d.Slug = "shut" })
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), w.shift(o, "2026-11-23T00:00", 3))
	w.shift(o, "2026-11-28T09:00", 2, func(d *volunteer.ShiftDetails) { d.Title = "Hall" })
	w.shift(o, "2026-11-28T09:00", 2, func(d *volunteer.ShiftDetails) { d.Title = "Kitchen" })
	w.shift(o, "2026-11-30T09:00", 2) // the week after
	night := w.shift(other, "2026-11-29T23:30", 1, func(d *volunteer.ShiftDetails) { d.Zone = "Pacific/Kiritimati" })
	gone := w.shift(other, "2026-11-25T09:00", 1)
	w.shift(shut, "2026-11-25T09:00", 1)
	_, err := w.volunteering.CancelShift(w.owner, gone.ID, volunteering.OneShift, "", "")
	require.NoError(t, err)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), "update opportunities set status = 'closed' where slug = 'shut'")
		return err
	})
	w.shift(o, "2026-12-05T09:00", 7, func(d *volunteer.ShiftDetails) { d.Title = "Hall" })

	from, to := day.New(2026, 11, 23), day.New(2026, 11, 30)
	made, skipped, err := w.volunteering.CopyWeek(w.owner, from, to, id.ID[volunteer.Opportunity]{})
	require.NoError(t, err)
	require.Equal(t, 3, made)
	require.Equal(t, 3, skipped, "called off, closed, and there already")
	require.Equal(t, []string{"2026-11-23T00:00", "2026-11-28T09:00", "2026-11-28T09:00", "2026-11-30T00:00", "2026-11-30T09:00", "2026-12-05T09:00", "2026-12-05T09:00"}, w.startsOf(o))
	require.Equal(t, []string{night.StartsLocal.String(), "2026-12-06T23:30"}, w.startsOf(other))
	require.Equal(t, 1, w.count("select count(*) from sign_ups"), "nobody is signed up")
	require.Equal(t, 1, w.count("select count(*) from shifts where starts_local = '2026-11-30 00:00' and places = 3 and taken = 0 and series_id is null"))
	made, skipped, err = w.volunteering.CopyWeek(w.owner, from, to, id.ID[volunteer.Opportunity]{})
	require.NoError(t, err)
	require.Zero(t, made, "once is enough")
	require.Equal(t, 6, skipped)
	made, _, err = w.volunteering.CopyWeek(w.owner, from, day.New(2026, 12, 7), other.ID)
	require.NoError(t, err)
	require.Equal(t, 1, made, "of one opportunity")

	for name, days := range map[string][2]day.Day{
		"a Tuesday": {day.New(2026, 11, 24), to}, "to a Sunday": {from, day.New(2026, 11, 29)}, "no day": {day.Day{}, to}, "onto itself": {from, from},
	} {
		_, _, err := w.volunteering.CopyWeek(w.owner, days[0], days[1], id.ID[volunteer.Opportunity]{})
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), name)
	}
	_, _, err = w.volunteering.CopyWeek(w.owner, from, to, id.New[volunteer.Opportunity]())
	require.ErrorIs(t, err, volunteer.ErrOpportunity)
}

func TestAWeekCopiedTwiceAtOnceIsThereOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	w.shift(o, "2026-11-28T09:00", 2)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			_, _, err := w.volunteering.CopyWeek(w.owner, day.New(2026, 11, 23), day.New(2026, 11, 30), o.ID)
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.Equal(t, []string{"2026-11-28T09:00", "2026-12-05T09:00"}, w.startsOf(o))
}
