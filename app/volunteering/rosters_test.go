package volunteering_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/domain/volunteer"
)

func TestSettlingAQuietShiftChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	ben := w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	now := w.shiftNow(s.ID)
	require.Equal(t, 1, now.Taken)
	require.Equal(t, 1, now.Waiting)
	require.Equal(t, volunteer.Confirmed, w.signUpNow(ada.ID).Status)
	require.Equal(t, volunteer.Waiting, w.signUpNow(ben.ID).Status)
	w.ring(time.Hour, s)
	require.Equal(t, volunteer.Waiting, w.signUpNow(ben.ID).Status, "nobody gave a place up")
	require.Contains(t, w.audited(s.ID.UUID), "sign_up.waiting")
}

func TestTheClockOfAHouseIsThatOfItsPrograms(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(3, 9), 2)
	ada := h.signUp(h.person("Ada", "Hale", "ada@example.org"), s)
	h.pass(time.Minute)
	require.Equal(t, 1, h.shiftNow(s.ID).Taken)
	require.Equal(t, volunteer.Confirmed, h.signUpNow(ada.ID).Status)
	h.staff.Get("/organization").OK()
	h.reader.Get("/organization").OK()
}

func TestAnAlarmRingsOnceForAnInstantAndWaitsForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2)
	must(w.volunteering.RequestShifts(t.Context(), asking("grace@example.org", false, s)))
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), s) // another change: the alarm is set already
	alarms := "select count(*) from river_job where kind = 'volunteer.settle' and state = $1"
	require.Equal(t, 1, w.count(alarms, "scheduled"))

	rings := func() { // the queue's clock is ahead of ours
		w.exec("update river_job set scheduled_at = now(), state = 'available' where kind = 'volunteer.settle'")
		w.settle()
	}
	rings()
	require.Equal(t, 2, w.shiftNow(s.ID).Taken, "the hold has not ended")
	require.Equal(t, 1, w.count(alarms, "scheduled"), "it rings again in time")

	w.clock.Advance(volunteer.RequestHold)
	rings()
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	require.Equal(t, 1, w.count(alarms, "completed"))
}

func TestAShiftIsSettledThoughItsAlarmWasLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	must(w.volunteering.RequestShifts(t.Context(), asking("grace@example.org", false, s)))
	ada := w.wait(w.person("Ada", "Hale", "ada@example.org"), s)
	w.exec("delete from river_job where kind = 'volunteer.settle'")
	w.clock.Advance(volunteer.RequestHold + time.Minute)
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, volunteer.Waiting, w.signUpNow(ada.ID).Status, "its job may still come")
	w.clock.Advance(time.Hour)
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, volunteer.Offered, w.signUpNow(ada.ID).Status)
	w.exec("delete from river_job where kind = 'volunteer.settle'")
	w.clock.Set(w.shiftNow(s.ID).ClosesAt.Add(time.Hour))
	require.NoError(t, w.volunteering.KeepOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, volunteer.Lapsed, w.signUpNow(ada.ID).Status)
}
