package volunteering_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// noticed stores a notice of what became of shifts, for everybody who is on them now, and tells it.
func (w *world) noticed(message string, items ...volunteer.NoticeItem) volunteer.Notice {
	w.t.Helper()
	n := volunteer.Notice{OrgID: w.org.ID.UUID, ID: id.New[volunteer.Notice](), Message: message, CreatedAt: w.now()}
	w.store(&n)
	for i := range items {
		items[i].OrgID, items[i].NoticeID, items[i].SignUpIDs = w.org.ID.UUID, n.ID, volunteer.Words{}
		if items[i].Differences == nil {
			items[i].Differences = []volunteer.Difference{}
		}
		w.inTx(func(tx database.Tx) error {
			return tx.Gorm(w.t.Context()).Table("sign_ups").Where("shift_id = ?", items[i].ShiftID).Pluck("id::text", (*[]string)(&items[i].SignUpIDs)).Error
		})
	}
	w.store(&items)
	w.tellNotice(n)
	return n
}

func (w *world) tellNotice(n volunteer.Notice) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return w.jobs.InsertTx(w.t.Context(), tx, volunteer.TellChange{OrgID: w.org.ID.UUID, NoticeID: n.ID.UUID})
	})
	w.settle()
}

// moved changes when a shift is and returns what volunteers have to know.
func (w *world) moved(s volunteer.Shift, change func(*volunteer.ShiftDetails)) volunteer.NoticeItem {
	w.t.Helper()
	now := w.shiftNow(s.ID)
	d := now.Details()
	change(&d)
	differences, err := now.Change(d, 0, w.now())
	require.NoError(w.t, err)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(w.t.Context()).Select("*").Omit("org_id", "id").Where("id = ?", s.ID).Updates(&now).Error
	})
	return volunteer.NoticeItem{ShiftID: s.ID, Differences: differences}
}

func startsAt(wallTime string) func(*volunteer.ShiftDetails) {
	return func(d *volunteer.ShiftDetails) {
		d.StartsLocal, d.EndsLocal = wall(wallTime), wall(wallTime).Add(3*time.Hour)
	}
}

func TestAChangeIsToldExactlyAndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.wait(w.person("Ada", "One", "ada@example.org"), s)
	n := w.noticed("Sorry for the trouble.\nWe have <coffee>.", w.moved(s, func(d *volunteer.ShiftDetails) {
		startsAt("2026-11-28T10:00")(d)
		d.MeetingPoint, d.Title = "Gate B", "late team"
	}))
	w.noticed("later", volunteer.NoticeItem{ShiftID: w.shift(w.opportunity(func(d *volunteer.Details) { d.Slug = "other" }), "2026-12-01T09:00", 1).ID})

	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "shift.changed", m.Kind)
	require.Equal(t, "Changed: Pack food parcels: late team, Sat 28 Nov 2026, 10:00–13:00 EST", m.Subject)
	require.Contains(t, m.Text, `a shift of yours has changed:

Sorry for the trouble.
We have <coffee>.

Starts: Sat 28 Nov 09:00 → Sat 28 Nov 10:00
Ends: Sat 28 Nov 12:00 → Sat 28 Nov 13:00
Meeting point: now “Gate B”
Called: now “late team”
It is now:
Pack food parcels: late team
When: Sat 28 Nov 2026, 10:00–13:00 EST
`)
	require.Contains(t, m.HTML, "Sorry for the trouble.<br>We have &lt;coffee&gt;.")
	require.Len(t, m.Attachments, 1)
	require.NotContains(t, m.Text, "waitlist")
	require.Contains(t, w.lastMail("ada@example.org").Text, "You are still on its waitlist.")

	before := len(w.allMails())
	w.tellNotice(n)
	require.Len(t, w.allMails(), before, "nothing is told twice")
}

func TestAMovedZoneIsSaidInBoth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-12-31T23:00", 1)
	w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.noticed("", w.moved(s, func(d *volunteer.ShiftDetails) { startsAt("2027-01-01T00:30")(d); d.Zone = "America/Chicago" }))
	require.Contains(t, w.lastMail("maya@example.org").Text, `Starts: Thu 31 Dec 2026 23:00 → Fri 1 Jan 2027 00:30
Ends: Fri 1 Jan 02:00 → Fri 1 Jan 03:30
Time zone: America/New_York (EST) → America/Chicago (CST)
It is now:
Pack food parcels
When: Fri 1 Jan 2027, 00:30–03:30 CST
`)
}

func TestOneMailTellsOfAllShiftsOfANotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second, third := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 1), w.shift(o, "2026-11-30T09:00", 2)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.signUp(maya, first)
	w.signUp(maya, second)
	gone := w.signUp(maya, third)
	w.signUp(w.person("Ada", "One", "ada@example.org"), third)
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, first.ID, func(r *volunteer.Roster, now time.Time) error {
		require.NoError(t, r.Shift.Cancel("The river is <high>.", now))
		r.CallOff(now)
		return nil
	}))
	items := []volunteer.NoticeItem{
		{ShiftID: first.ID, Cancelled: true}, w.moved(second, startsAt("2026-11-29T14:00")), w.moved(third, startsAt("2026-11-30T14:00")),
	}
	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, third.ID, func(r *volunteer.Roster, now time.Time) error {
		return r.Withdraw(gone.ID, volunteer.ByVolunteer, "", now) // between the change and the mail
	}))
	w.noticed("", items...)
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "2 of your shifts have changed (Riverbend Trust)", m.Subject)
	require.Contains(t, m.Text, "Cancelled, so you need not come: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST\nWhy: The river is <high>.\n")
	require.Contains(t, m.Text, "Starts: Sun 29 Nov 09:00 → Sun 29 Nov 14:00\n")
	require.NotContains(t, m.Text, "30 Nov")
	require.Contains(t, m.HTML, "<s>Sat 28 Nov 2026, 09:00–12:00 EST</s><br>Why: The river is &lt;high&gt;.")
	require.Contains(t, w.lastMail("ada@example.org").Text, "Starts: Mon 30 Nov 09:00 → Mon 30 Nov 14:00\n")
	require.Equal(t, 1, w.count(`select count(*) from messages where kind = 'shift.changed' and to_email = 'maya@example.org'`))
}

func TestACancelledShiftIsToldAndANoteAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	w.signUp(w.person("Maya", "Ruiz", "maya@example.org"), s)
	w.noticed("Bring gloves.", volunteer.NoticeItem{ShiftID: s.ID})
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "About your shift: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	require.Contains(t, m.Text, "please note, for your shift:\n\nBring gloves.\n\nPack food parcels\nWhen: ")

	require.NoError(t, w.volunteering.ApplyTo(w.owner, w.org, s.ID, func(r *volunteer.Roster, now time.Time) error {
		require.NoError(t, r.Shift.Cancel("Storm", now))
		r.CallOff(now)
		return nil
	}))
	w.noticed("", volunteer.NoticeItem{ShiftID: s.ID, Cancelled: true})
	m = w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, "Cancelled: Pack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST", m.Subject)
	require.Contains(t, m.Text, "this shift is cancelled. You need not come:\n\nPack food parcels, Sat 28 Nov 2026, 09:00–12:00 EST\nWhy: Storm\n")
	require.Contains(t, m.HTML, "Your shift is cancelled")
}

func TestAMovedShiftSaysWhatItOverlaps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	other := w.opportunity(func(d *volunteer.Details) { d.Title, d.Slug = "Drive the van", "van" })
	moving, standing := w.shift(o, "2026-11-28T09:00", 2), w.shift(other, "2026-11-28T13:00", 2)
	maya, ada := w.person("Maya", "Ruiz", "maya@example.org"), w.person("Ada", "One", "ada@example.org")
	w.signUp(maya, moving)
	w.signUp(maya, standing)
	w.signUp(ada, moving)
	w.noticed("", w.moved(moving, startsAt("2026-11-28T11:00")))
	require.Contains(t, w.lastMail("maya@example.org").Text,
		"Careful: at that time you also help with “Drive the van”, Sat 28 Nov 2026, 13:00–16:00 EST. Please give one of the two back under My shifts.\n")
	require.NotContains(t, w.lastMail("ada@example.org").Text, "Careful")
}

// TestABigNoticeGoesOutInBatches writes to 230 people in three jobs, each of which knows where the one before it stopped.
func TestABigNoticeGoesOutInBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 230
	s := w.shift(w.opportunity(), "2026-11-28T09:00", many)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `with made as (insert into people (org_id, id, first_name, last_name, email, email_normalized, created_at, updated_at)
				select $1, gen_random_uuid(), 'P', n::text, 'p' || n || '@example.org', 'p' || n || '@example.org', $3, $3 from generate_series(1, $4) n returning id)
			insert into sign_ups (org_id, id, shift_id, person_id, status, source, rank, created_at, updated_at)
				select $1, gen_random_uuid(), $2, id, 'confirmed', 'public', row_number() over (), $3, $3 from made`, w.org.ID, s.ID, w.now(), many)
		return err
	})
	n := w.noticed("", w.moved(s, startsAt("2026-11-28T10:00")))
	require.Equal(t, many, w.count(`select count(*) from messages where kind = 'shift.changed'`))
	require.Equal(t, many, w.count(`select count(distinct to_email) from messages where kind = 'shift.changed'`))
	require.NoError(t, w.volunteering.TellNotice(w.owner, volunteer.TellChange{OrgID: w.org.ID.UUID, NoticeID: n.ID.UUID, After: uuid.Max}))
	w.tellNotice(n)
	require.Equal(t, many, w.count(`select count(*) from messages where kind = 'shift.changed'`))
	require.True(t, strings.HasPrefix(fmt.Sprint(w.allMails()[0].DedupeKey), "shift_changed:"+n.ID.String()))
}
