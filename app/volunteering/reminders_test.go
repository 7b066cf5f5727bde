package volunteering_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/volunteer"
)

// remind does what the job does every few minutes.
func (w *world) remind() {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error { return w.jobs.InsertTx(w.t.Context(), tx, volunteer.Remind{}) })
	w.settle()
}

// remindersTo counts the reminders that went to an address.
func (f *field) remindersTo(to string) int {
	f.t.Helper()
	return f.count(`select count(*) from messages where kind = 'shift.reminder' and to_email = $1`, to)
}

func TestRemindersGoOutTwiceBeforeAShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 3)
	w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.person("No", "Place", "other@example.org")

	w.clock.Set(s.StartsAt.Add(-48*time.Hour - time.Second))
	w.remind()
	require.Zero(t, w.remindersTo("maya@example.org"))
	w.clock.Set(s.StartsAt.Add(-48 * time.Hour))
	w.remind()
	w.remind()
	require.Equal(t, 1, w.remindersTo("maya@example.org"))
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "Reminder: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	for _, part := range []string{
		"Where: Food bank, 5 Dock Street", "Getting there: Ring at the blue door.", "Contact: Mo Carter, mo@riverbend.example, 555 0100",
		"https://give.example.org/my/riverbend/shifts", "No more reminders, please: https://give.example.org/volunteer/riverbend/reminders/",
	} {
		require.Contains(t, m.Text, part)
	}
	require.Len(t, m.Attachments, 1)
	require.True(t, strings.HasPrefix(m.Unsubscribe, "https://give.example.org/volunteer/riverbend/unsubscribe/"))

	w.clock.Set(s.StartsAt.Add(-3*time.Hour - time.Second))
	w.remind()
	require.Equal(t, 1, w.remindersTo("maya@example.org"))
	w.clock.Set(s.StartsAt.Add(-3 * time.Hour))
	w.remind()
	w.remind()
	require.Equal(t, 2, w.remindersTo("maya@example.org"))
	require.Equal(t, "Soon: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", w.lastMail("maya@example.org").Subject)
	w.whole(w.lastMail("maya@example.org"))
	w.clock.Set(s.StartsAt.Add(time.Minute))
	w.remind()
	require.Equal(t, 2, w.count(`select count(*) from messages where kind = 'shift.reminder'`))
}

func TestOnlyWhoHasHadAPlaceForAWhileIsReminded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, off := w.shift(o, "2026-11-28T09:00", 3), w.shift(o, "2026-11-28T13:00", 3)
	place := func(name string, s volunteer.Shift) volunteer.SignUp {
		return w.signUp(w.person(name, "Test", name+"@example.org"), s)
	}
	place("early", s)
	gone := place("gone", s)
	full := place("stays", s)
	waits := w.wait(w.person("waits", "Test", "waits@example.org"), s)
	place("off", off)
	w.clock.Set(s.StartsAt.Add(-24 * time.Hour))
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		return r.Withdraw(gone.ID, volunteer.ByVolunteer, "", now)
	}))
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error { return r.Accept(waits.ID, now) }))
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, off.ID, func(r *volunteer.Roster, now time.Time) error {
		require.NoError(t, r.Shift.Cancel("Storm", now))
		r.CallOff(now)
		return nil
	}))
	w.remind()
	require.Equal(t, 1, w.remindersTo("early@example.org"), "later than due is better than never")
	require.Equal(t, 1, w.remindersTo("stays@example.org"))
	require.Zero(t, w.remindersTo("gone@example.org"))
	require.Zero(t, w.remindersTo("off@example.org"))
	require.Zero(t, w.remindersTo("waits@example.org"), "whose place was confirmed a minute ago")
	w.clock.Set(s.StartsAt.Add(-2 * time.Hour))
	w.remind()
	require.Equal(t, 1, w.remindersTo("waits@example.org"), "but the near one comes")
	require.NotNil(t, w.signUpNow(full.ID).RemindedNearAt)
	require.Equal(t, 1, w.signUpNow(full.ID).Version, "being reminded changes nothing for who edits")
}

func TestAMovedShiftIsRemindedOfInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	days, hours := w.shift(o, "2026-11-28T09:00", 3), w.shift(o, "2026-11-28T09:00", 3)
	w.signUp(w.person("Days", "Test", "days@example.org"), days)
	w.signUp(w.person("Hours", "Test", "hours@example.org"), hours)
	w.clock.Set(days.StartsAt.Add(-40 * time.Hour))
	w.remind()
	w.moved(days, startsAt("2026-12-03T09:00"))
	w.moved(hours, startsAt("2026-11-28T11:00"))

	for at := w.now(); at.Before(days.StartsAt.AddDate(0, 0, 5).Add(-36 * time.Hour)); at = at.Add(time.Hour) {
		w.clock.Set(at)
		w.remind()
	}
	require.Equal(t, 2, w.remindersTo("hours@example.org"), "one each: two hours are nothing to be told of twice")
	require.Equal(t, 2, w.remindersTo("days@example.org"), "again, two days before the new time")
	require.Equal(t, "Reminder: Pack food parcels, Thu 3 Dec 2026, 09:00–12:00 EST", w.lastMail("days@example.org").Subject)
	w.clock.Set(days.StartsAt.AddDate(0, 0, 5).Add(-time.Hour))
	w.remind()
	require.Equal(t, 3, w.remindersTo("days@example.org"))
}

func TestSeveralShiftsAreOneReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, w.shift(o, "2026-11-28T13:00", 1))
	w.signUp(maya, w.shift(o, "2026-11-28T09:00", 1))
	w.clock.Set(at("2026-11-27T14:00:00Z"))
	w.remind()
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, 1, w.remindersTo("maya@example.org"))
	require.Equal(t, "Reminder: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST and 1 more", m.Subject)
	require.Contains(t, m.Text, "When: Sat 28 Nov 2026, 13:00–16:00 EST")
	require.Equal(t, "shifts.ics", m.Attachments[0].Name)
	w.settle()
}

// TestManyWorkersRemindOnce has four workers remind of 230 places at once, while rosters change under them.
func TestManyWorkersRemindOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 230
	s := w.shift(w.opportunity(), "2026-11-28T09:00", many+1)
	late := w.signUp(w.person("Late", "Comer", "late@example.org"), s)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `with made as (insert into people (org_id, id, first_name, last_name, email, email_normalized, created_at, updated_at)
				select $1, gen_random_uuid(), 'P', n::text, 'p' || n || '@example.org', 'p' || n || '@example.org', $3, $3 from generate_series(1, $4) n returning id)
			insert into sign_ups (org_id, id, shift_id, person_id, status, source, rank, created_at, updated_at)
				select $1, gen_random_uuid(), $2, id, 'confirmed', 'public', 1 + row_number() over (), $3, $3 from made`, w.org.ID, s.ID, w.now(), many)
		return err
	})
	w.clock.Set(s.StartsAt.Add(-40 * time.Hour))
	ctx := actor.With(t.Context(), actor.System)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { require.NoError(t, w.volunteering.RemindOf(ctx, w.org.ID.UUID)) })
	}
	all.Go(func() {
		require.NoError(t, w.volunteering.ApplyTo(ctx, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
			for i := range r.SignUps {
				if u := &r.SignUps[i]; u.ID != late.ID && i%2 == 0 {
					require.NoError(t, r.Withdraw(u.ID, volunteer.ByStaff, "", now))
				}
			}
			return nil
		}))
	})
	all.Wait()
	require.NoError(t, w.volunteering.RemindOf(ctx, w.org.ID.UUID)) // what somebody held just then
	require.Equal(t, w.count(`select count(distinct to_email) from messages where kind = 'shift.reminder'`),
		w.count(`select count(*) from messages where kind = 'shift.reminder'`))
	require.Zero(t, w.count(`select count(*) from sign_ups where status = 'confirmed' and reminded_far_at is null`))
	require.Equal(t, 1, w.remindersTo("late@example.org"))
}

func TestWhoWantsNoRemindersGetsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 3)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, s)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update volunteers set reminders = false where person_id = $1`, maya.ID)
		return err
	})
	w.clock.Set(s.StartsAt.Add(-47 * time.Hour))
	w.remind()
	require.Zero(t, w.remindersTo("maya@example.org"))
}

// TestRemindersStopByPageAndByTheMailProgram goes through the links of a reminder.
func TestRemindersStopByPageAndByTheMailProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 3)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, s)
	w.clock.Set(s.StartsAt.Add(-40 * time.Hour))
	w.remind()
	m := w.lastMail("maya@example.org")
	signed := tokenIn(t, m, "reminders")
	address, oneClick := "/volunteer/riverbend/reminders/"+signed, "/volunteer/riverbend/unsubscribe/"+signed
	require.Equal(t, "https://give.example.org"+oneClick, m.Unsubscribe)
	wants := func() bool {
		return w.count(`select count(*) from volunteers where person_id = $1 and reminders`, maya.ID) == 1
	}

	nobody := w.visit()
	shown := nobody.get(address)
	shown.says("Reminders of your shifts", "two days and three hours before", "My shifts")
	shown.private()
	require.True(t, wants(), "opening the page changes nothing: mail scanners do")
	require.Equal(t, http.StatusSeeOther, nobody.submit(address, address, "wants", "0").status)
	require.False(t, wants())
	nobody.get(address).says("You get no reminders", "Remind me again")
	require.Equal(t, http.StatusForbidden, nobody.send(http.MethodPost, address, url.Values{"wants": {"1"}}).status, "only a page of ours asks for them again")
	require.Equal(t, http.StatusSeeOther, nobody.submit(address, address, "wants", "1").status)
	require.True(t, wants())

	scanner := w.visit()
	opened := scanner.get(oneClick)
	require.Equal(t, http.StatusSeeOther, opened.status)
	require.Equal(t, address, opened.location)
	require.True(t, wants())
	require.Equal(t, http.StatusOK, scanner.send(http.MethodPost, oneClick, url.Values{"List-Unsubscribe": {"One-Click"}}).status, "without cookie or token (RFC 8058)")
	require.Equal(t, http.StatusOK, scanner.send(http.MethodPost, oneClick, url.Values{"List-Unsubscribe": {"One-Click"}}).status)
	require.False(t, wants())
	require.Equal(t, []string{"volunteer.reminders", "volunteer.reminders", "volunteer.reminders"}, w.audited(maya.ID.UUID))
	for _, wrong := range []string{address + "A", "/volunteer/riverbend/reminders/nonsense"} {
		require.Equal(t, http.StatusNotFound, nobody.get(wrong).status, wrong)
	}
	require.Equal(t, http.StatusNotFound, scanner.send(http.MethodPost, oneClick+"A", url.Values{}).status)
}
