package volunteering_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// TestWhateverIsNotedTheBooksAgree notes at random, with decisions in between: nobody is counted twice, nobody has a second place, and time is
// recorded for exactly those who left.
func TestWhateverIsNotedTheBooksAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Window.ClosesBeforeMinutes = -60 })
	var people []person.Person
	for i := range 5 {
		people = append(people, w.person(fmt.Sprintf("P%d", i), "", fmt.Sprintf("p%d@example.org", i)))
	}
	start := w.now()
	rapid.Check(t, func(rt *rapid.T) {
		w.clock.Set(start)
		s := w.shift(o, "2026-11-23T09:00", rapid.IntRange(2, 3).Draw(rt, "places"))
		signUps := []volunteer.SignUp{w.signUp(people[0], s), w.signUp(people[1], s), w.wait(people[2], s), w.wait(people[3], s)}
		w.atDoor("2026-11-23T13:55:00Z")
		for range rapid.IntRange(1, 10).Draw(rt, "notes") {
			w.clock.Advance(time.Duration(rapid.IntRange(1, 15).Draw(rt, "minutes")) * time.Minute)
			switch n := rapid.IntRange(0, 9).Draw(rt, "what"); n {
			case 0:
				p := rapid.SampledFrom(people).Draw(rt, "walker")
				_, err := w.volunteering.WalkIn(w.coordinator(), s.ID, volunteering.WalkIn{FirstName: "P", Email: *p.Email, Moment: w.moment()})
				noDefect(rt, err)
			case 1:
				for _, h := range w.hoursAt(s) {
					_, err := w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: []id.ID[volunteer.Hours]{h.ID}, Approve: true})
					noDefect(rt, err)
				}
			default:
				action := rapid.SampledFrom([]volunteering.DoorAction{volunteering.DoorIn, volunteering.DoorIn, volunteering.DoorOut, volunteering.DoorUndo, volunteering.DoorNoShow}).Draw(rt, "action")
				noDefect(rt, w.refused(rapid.SampledFrom(signUps).Draw(rt, "of"), action))
			}
			w.booksAgree(rt, s)
		}
	})
}

func noDefect(t require.TestingT, err error) {
	if err != nil {
		require.NotEmpty(t, fault.KindOf(err), "%v", err)
	}
}

// hoursAt are the hours that follow from a shift's check-ins.
func (f *field) hoursAt(s volunteer.Shift) (all []volunteer.Hours) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("sign_up_id in (select id from sign_ups where shift_id = ?)", s.ID).Find(&all).Error
	})
	return all
}

func (w *world) booksAgree(t require.TestingT, s volunteer.Shift) {
	var all []volunteer.SignUp
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("shift_id = ?", s.ID).Find(&all).Error
	})
	now := w.shiftNow(s.ID)
	taken, over, waiting := 0, 0, 0
	left := map[string]volunteer.SignUp{}
	active := map[string]bool{}
	for _, u := range all {
		if u.Status.Active() {
			require.False(t, active[u.PersonID.String()], "one active sign-up each")
			active[u.PersonID.String()] = true
		}
		if u.Status.TakesPlace() {
			taken += u.Party
			over += u.Over
			if u.Over > 0 {
				require.Contains(t, u.Overrides, "full")
			}
		}
		if u.Status == volunteer.Waiting {
			waiting++
		}
		if u.Status == volunteer.Done {
			left[u.ID.String()] = u
			require.False(t, u.CheckedOutAt.Before(*u.CheckedInAt))
		}
		require.Equal(t, u.Status == volunteer.In || u.Status == volunteer.Done, u.CheckedInAt != nil)
	}
	require.Equal(t, [3]int{taken, over, waiting}, [3]int{now.Taken, now.Over, now.Waiting})
	require.LessOrEqual(t, taken-over, now.Places)
	hours := w.hoursAt(s)
	require.Len(t, hours, len(left))
	for _, h := range hours {
		u, known := left[h.SignUpID.String()]
		require.True(t, known, "hours of somebody who has not left")
		require.Equal(t, volunteer.Worked(*u.CheckedInAt, *u.CheckedOutAt), h.Minutes)
	}
}

func TestDevicesThatNoteAtOnceNoteOnce(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 3)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:00:00Z")
	atOnce := func(do func() error) {
		var wg sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			wg.Go(func() { errs[i] = do() })
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
	}
	note := func(action volunteering.DoorAction) func() error {
		return func() error { return w.refused(u, action) }
	}
	atOnce(note(volunteering.DoorIn))
	w.clock.Advance(time.Hour)
	atOnce(note(volunteering.DoorOut))
	require.Len(t, w.hoursOf(ada), 1)
	atOnce(func() error {
		_, err := w.volunteering.WalkIn(w.coordinator(), s.ID, volunteering.WalkIn{FirstName: "Ben", Email: "ben@example.org", Moment: w.moment()})
		return err
	})
	require.Equal(t, 1, w.count("select count(*) from people where email_normalized = 'ben@example.org'"))
	require.Equal(t, 2, w.shiftNow(s.ID).Taken)
	w.booksAgree(t, s)
}

func TestUndoAndApprovalAtOnceAgree(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 20)
	var signUps []volunteer.SignUp
	for i := range 10 {
		signUps = append(signUps, w.signUp(w.person(fmt.Sprintf("P%d", i), "", ""), s))
	}
	w.atDoor("2026-11-23T14:00:00Z")
	for _, u := range signUps {
		w.note(u, volunteering.DoorIn)
	}
	w.clock.Advance(time.Hour)
	for _, u := range signUps {
		w.note(u, volunteering.DoorOut)
	}
	var ids []id.ID[volunteer.Hours]
	for _, h := range w.hoursAt(s) {
		ids = append(ids, h.ID)
	}
	var wg sync.WaitGroup
	var decided error
	undone := make([]error, len(signUps))
	wg.Go(func() {
		_, decided = w.volunteering.DecideHours(w.coordinator(), volunteering.Decision{IDs: ids, Approve: true})
	})
	for i, u := range signUps {
		wg.Go(func() { undone[i] = w.refused(u, volunteering.DoorUndo) })
	}
	wg.Wait()
	for i, err := range undone {
		if decided == nil {
			require.ErrorIs(t, err, volunteer.ErrDecided, "%d", i)
			continue
		}
		require.ErrorIs(t, decided, volunteer.ErrHours, "an entry is gone, so none is approved")
		noDefect(t, err)
	}
	w.booksAgree(t, s)
}
