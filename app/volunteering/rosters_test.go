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
