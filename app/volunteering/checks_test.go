package volunteering_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

func TestComingAndLeavingRecordsHours(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:10:00Z")
	in := w.note(u, volunteering.DoorIn)
	require.Equal(t, volunteer.In, in.Status)
	require.Equal(t, 10*time.Minute, in.Late())
	require.Empty(t, w.hoursOf(ada))
	w.atDoor("2026-11-23T17:05:00Z")
	out := w.note(u, volunteering.DoorOut)
	require.Equal(t, volunteer.Done, out.Status)
	hours := w.hoursOf(ada)
	require.Len(t, hours, 1)
	require.Equal(t, 175, hours[0].Minutes)
	require.Equal(t, day.New(2026, 11, 23), hours[0].On)
	require.Equal(t, volunteer.Pending, hours[0].Status)
	require.Equal(t, volunteer.ByCheckIn, hours[0].Source)
	require.False(t, hours[0].Assumed)
	require.Equal(t, 1, w.count("select count(*) from volunteers where person_id = $1 and status = 'active'", ada.ID), "she has helped now")
	require.Contains(t, w.audited(s.ID.UUID), "sign_up.done")
	require.Equal(t, []string{"hours.recorded"}, w.audited(hours[0].ID.UUID))
}

func TestEveryNoteMayComeTwice(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	u, absent := w.signUp(ada, s), w.signUp(ben, s)
	w.atDoor("2026-11-23T17:00:00Z")
	queue := []struct {
		of     volunteer.SignUp
		action volunteering.DoorAction
		ago    time.Duration
	}{
		{u, volunteering.DoorIn, 180 * time.Minute}, {absent, volunteering.DoorNoShow, 170 * time.Minute}, {u, volunteering.DoorOut, 10 * time.Minute},
	}
	for range 2 { // the whole queue in order, and again
		for _, n := range queue {
			_, err := w.volunteering.Check(w.coordinator(), n.of.ID, volunteering.Check{
				Action: n.action, Moment: volunteering.ClientMoment{HappenedAt: w.now().Add(-n.ago), SentAt: w.now()},
			})
			require.NoError(t, err, n.action)
		}
	}
	now := w.signUpNow(u.ID)
	require.Equal(t, volunteer.Done, now.Status)
	require.Equal(t, at("2026-11-23T14:00:00Z"), *now.CheckedInAt)
	require.Equal(t, at("2026-11-23T16:50:00Z"), *now.CheckedOutAt)
	require.Len(t, w.hoursOf(ada), 1)
	require.Equal(t, 170, w.hoursOf(ada)[0].Minutes)
	require.Equal(t, volunteer.NoShow, w.signUpNow(absent.ID).Status)
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	w.clock.Advance(time.Hour)
	require.ErrorIs(t, w.refused(u, volunteering.DoorIn), volunteer.ErrLeft, "coming back later is no old note")
}

func TestInUndoneAndInAgainCountsOnce(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:00:00Z")
	w.note(u, volunteering.DoorIn)
	undo := volunteering.Check{Action: volunteering.DoorUndo, Undoes: volunteering.DoorIn, Moment: w.moment()}
	for range 2 {
		line, err := w.volunteering.Check(w.coordinator(), u.ID, undo)
		require.NoError(t, err, "an undo that names what it takes back may come twice")
		require.Equal(t, volunteer.Confirmed, line.Status)
		require.Nil(t, line.CheckedInAt)
	}
	require.ErrorIs(t, w.refused(u, volunteering.DoorUndo), volunteer.ErrNoUndo, "one that does not, takes back the last note")
	w.clock.Advance(20 * time.Minute)
	w.note(u, volunteering.DoorIn)
	w.clock.Advance(time.Hour)
	w.note(u, volunteering.DoorOut)
	require.Len(t, w.hoursOf(ada), 1)
	_, err := w.volunteering.Check(w.coordinator(), u.ID, undo)
	require.ErrorIs(t, err, volunteer.ErrLeft, "the check-out comes first")
	line := w.note(u, volunteering.DoorUndo)
	require.Equal(t, volunteer.In, line.Status)
	require.Empty(t, w.hoursOf(ada), "the hours go with the check-out")
	w.clock.Advance(time.Hour)
	w.note(u, volunteering.DoorOut)
	require.Equal(t, 120, w.hoursOf(ada)[0].Minutes)
	_, err = w.volunteering.Check(w.coordinator(), u.ID, volunteering.Check{Action: volunteering.DoorUndo, Undoes: "tea", Moment: w.moment()})
	blames(t, err, "undoes")
	blames(t, w.refused(u, "tea"), "action")
}

func TestAKioskWithAWrongClockDoesNoHarm(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 5)
	w.atDoor("2026-11-23T14:30:00Z")
	for _, tc := range []struct {
		name          string
		wrong, queued time.Duration
		want          string
	}{
		{"three hours ahead", 3 * time.Hour, 0, "2026-11-23T14:30:00Z"},
		{"three hours ahead, sent twenty minutes later", 3 * time.Hour, 20 * time.Minute, "2026-11-23T14:10:00Z"},
		{"one day behind", -24 * time.Hour, 5 * time.Minute, "2026-11-23T14:25:00Z"},
		{"queued for longer than a day", 0, 100 * time.Hour, "2026-11-22T14:30:00Z"},
		{"set back while it queued", 0, -time.Hour, "2026-11-23T14:30:00Z"},
	} {
		u := w.signUp(w.person(tc.name, "", ""), s)
		sent := w.now().Add(tc.wrong)
		line, err := w.volunteering.Check(w.coordinator(), u.ID, volunteering.Check{
			Action: volunteering.DoorIn, Moment: volunteering.ClientMoment{HappenedAt: sent.Add(-tc.queued), SentAt: sent},
		})
		require.NoError(t, err, tc.name)
		require.Equal(t, at(tc.want), *line.CheckedInAt, tc.name)
	}
}

func TestWorkedTimeIsWhatTheNightLasted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		starts, ends string
		want         int
		on           day.Day
	}{
		{"2026-10-31T22:00", "2026-11-01T06:00", 9 * 60, day.New(2026, 10, 31)}, // the clocks go back
		{"2027-03-13T22:00", "2027-03-14T06:00", 7 * 60, day.New(2027, 3, 13)},  // the clocks go forward
	} {
		w := newWorld(t)
		s := w.shift(w.opportunity(), tc.starts, 2, func(d *volunteer.ShiftDetails) { d.EndsLocal = wall(tc.ends) })
		ada := w.person("Ada", "Hale", "ada@example.org")
		u := w.signUp(ada, s)
		w.clock.Set(s.StartsAt)
		w.note(u, volunteering.DoorIn)
		w.clock.Set(s.EndsAt)
		w.note(u, volunteering.DoorOut)
		require.Equal(t, tc.want, w.hoursOf(ada)[0].Minutes)
		require.Equal(t, tc.on, w.hoursOf(ada)[0].On, "the day at the place")
	}
}

func TestANoShowFreesThePlaceAndWhoComesLateAfterAllIsBeyond(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 1, func(d *volunteer.Details) { d.Window.ClosesBeforeMinutes = -120 })
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	u, next := w.signUp(ada, s), w.wait(ben, s)
	require.Equal(t, "sign_up.no_show_too_early", codeOf(w.refused(u, volunteering.DoorNoShow)))
	w.atDoor("2026-11-23T14:20:00Z")
	w.note(u, volunteering.DoorNoShow)
	require.Equal(t, volunteer.Offered, w.signUpNow(next.ID).Status, "the place is offered at once")
	require.Equal(t, volunteer.In, w.note(next, volunteering.DoorIn).Status, "coming is accepting")
	late := w.note(u, volunteering.DoorIn)
	require.Equal(t, volunteer.In, late.Status)
	require.Equal(t, 1, late.Over)
	require.Equal(t, volunteer.Words{"full"}, late.Overrides)
	require.NotNil(t, w.signUpNow(u.ID).OverriddenBy, "by whoever stands at the door")
	now := w.shiftNow(s.ID)
	require.Equal(t, [3]int{2, 1, 0}, [3]int{now.Taken, now.Over, now.Free()})
	require.Equal(t, "sign_up.is_there", codeOf(w.refused(u, volunteering.DoorNoShow)))
	require.Equal(t, volunteer.NoShow, w.note(u, volunteering.DoorUndo).Status, "as before")
	require.Zero(t, w.signUpNow(u.ID).Over)
}

func TestUndoOfANoShowGivesThePlaceBack(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 1)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:20:00Z")
	w.note(u, volunteering.DoorNoShow)
	require.Zero(t, w.shiftNow(s.ID).Taken)
	require.Equal(t, volunteer.Confirmed, w.note(u, volunteering.DoorUndo).Status)
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	w.note(u, volunteering.DoorNoShow)
	again := w.signUp(ada, s)
	require.ErrorIs(t, w.refused(u, volunteering.DoorUndo), volunteer.ErrNoUndo, "she signed up anew")
	require.Equal(t, again.ID, w.note(u, volunteering.DoorIn).ID, "and comes for that one")
}

func TestWhoWaitsOrLeftGetsAPlaceByComing(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 1)
	ada, ben, cy := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org"), w.person("Cy", "Moor", "cy@example.org")
	w.signUp(ada, s)
	waiting, gone := w.wait(ben, s), w.wait(cy, s)
	_, err := w.volunteering.WithdrawByStaff(w.coordinator(), gone.ID, "ill")
	require.NoError(t, err)
	for _, u := range []volunteer.SignUp{waiting, gone} {
		line := w.note(u, volunteering.DoorIn)
		require.Equal(t, volunteer.In, line.Status)
		require.Equal(t, 1, line.Over)
	}
	require.Equal(t, volunteer.Waiting, w.note(waiting, volunteering.DoorUndo).Status, "back in line")
	require.Equal(t, volunteer.Withdrawn, w.note(gone, volunteering.DoorUndo).Status)
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	require.Equal(t, 1, w.shiftNow(s.ID).Waiting)
}

func TestOnlyWhoIsThereLeaves(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	u := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	require.ErrorIs(t, w.refused(u, volunteering.DoorOut), volunteer.ErrNotThere)
	require.ErrorIs(t, w.refused(volunteer.SignUp{ID: id.New[volunteer.SignUp]()}, volunteering.DoorIn), volunteer.ErrSignUp)
	until := w.now().Add(time.Hour)
	held, err := w.volunteering.Seat(w.ctx, w.org, s.ID, volunteer.SignUp{Status: volunteer.Held, Source: volunteer.FromPublic, HoldUntil: &until})
	require.NoError(t, err)
	require.Equal(t, "sign_up.unconfirmed", codeOf(w.refused(held, volunteering.DoorIn)))
}

func TestNobodyComesToACancelledShift(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	there, u := w.signUp(ada, s), w.signUp(ben, s)
	w.atDoor("2026-11-23T14:00:00Z")
	w.note(there, volunteering.DoorIn)
	w.count("with done as (update shifts set status = 'cancelled' where id = $1 returning 1) select count(*) from done", s.ID)
	require.ErrorIs(t, w.refused(u, volunteering.DoorIn), volunteer.ErrShiftGone)
	require.ErrorIs(t, w.refused(there, volunteering.DoorUndo), volunteer.ErrShiftGone)
	board, err := w.volunteering.Door(w.coordinator(), day.New(2026, 11, 23), id.ID[volunteer.Shift]{})
	require.NoError(t, err)
	require.Len(t, board.Shifts, 1, "somebody is still there")
	require.Equal(t, volunteer.Done, w.note(there, volunteering.DoorOut).Status)
	board, err = w.volunteering.Door(w.coordinator(), day.New(2026, 11, 23), id.ID[volunteer.Shift]{})
	require.NoError(t, err)
	require.Empty(t, board.Shifts)
}

func TestUndoingWhatIsDecidedIsRefused(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:00:00Z")
	w.note(u, volunteering.DoorIn)
	w.clock.Advance(time.Hour)
	w.note(u, volunteering.DoorOut)
	_, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: []id.ID[volunteer.Hours]{w.hoursOf(ada)[0].ID}, Approve: true})
	require.NoError(t, err)
	require.ErrorIs(t, w.refused(u, volunteering.DoorUndo), volunteer.ErrDecided)
	require.Equal(t, volunteer.Done, w.signUpNow(u.ID).Status)
	require.Len(t, w.hoursOf(ada), 1)
}

func TestForgottenCheckOutsAreClosedAtThePlannedEnd(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 5)
	other := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title = "Evening" }), "2026-11-23T18:00", 2)
	ada, ben, cy := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org"), w.person("Cy", "Moor", "cy@example.org")
	u, late := w.signUp(ada, s), w.signUp(ben, s)
	evening := w.signUp(cy, other)
	w.atDoor("2026-11-23T14:00:00Z")
	w.note(u, volunteering.DoorIn)
	w.atDoor("2026-11-23T22:59:00Z") // within six hours of the end, 17:00 in UTC
	sweep := func() {
		require.NoError(t, w.volunteering.CloseForgotten(actor.With(t.Context(), actor.System), w.org.ID.UUID))
	}
	sweep()
	require.Equal(t, volunteer.In, w.signUpNow(u.ID).Status)
	w.note(late, volunteering.DoorIn)
	w.note(evening, volunteering.DoorIn)
	w.atDoor("2026-11-23T23:01:00Z")
	for range 2 {
		sweep()
		require.Equal(t, volunteer.Done, w.signUpNow(u.ID).Status)
		require.Equal(t, s.EndsAt, *w.signUpNow(u.ID).CheckedOutAt)
		require.Len(t, w.hoursOf(ada), 1)
	}
	require.Equal(t, 180, w.hoursOf(ada)[0].Minutes)
	require.True(t, w.hoursOf(ada)[0].Assumed)
	require.Equal(t, volunteer.In, w.signUpNow(late.ID).Status, "noted two minutes ago")
	w.clock.Advance(10 * time.Hour)
	sweep()
	require.Equal(t, 1, w.hoursOf(ben)[0].Minutes, "came after the planned end")
	require.Equal(t, volunteer.Done, w.signUpNow(evening.ID).Status)
	require.ErrorContains(t, w.volunteering.CloseForgotten(t.Context(), uuid.New()), "not found")
}
