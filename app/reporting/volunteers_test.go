package reporting_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/reporting"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/person"
)

// opportunity writes down a published one of the charity.
func (w *world) opportunity(c charity, slug string) uuid.UUID {
	w.t.Helper()
	o := newID()
	w.exec(c.org, `insert into opportunities (org_id, id, slug, title, kind, status, visibility, zone, created_at, updated_at)
		values ($1, $2, $3, 'Sorting food', 'shifts', 'published', 'public', 'America/New_York', now(), now())`, c.org, o, slug)
	return o
}

// slot is a shift to write down: so many places from an instant on, for three hours.
type slot struct {
	opportunity uuid.UUID
	at          time.Time
	places      int
	taken       int
	over        int
	status      string
}

func (w *world) shift(c charity, s slot) uuid.UUID {
	w.t.Helper()
	shift := newID()
	if s.status == "" {
		s.status = "open"
	}
	w.exec(c.org, `insert into shifts (org_id, id, opportunity_id, starts_local, ends_local, zone, starts_at, ends_at, places, closes_before_minutes, cancel_before_minutes,
			closes_at, cancel_until, status, taken, over, created_at, updated_at)
		values ($1, $2, $3, $4::timestamptz at time zone 'America/New_York', $5::timestamptz at time zone 'America/New_York', 'America/New_York', $4, $5, $6, 0, 0, $4, $4, $7, $8, $9, now(), now())`,
		c.org, shift, s.opportunity, s.at, s.at.Add(3*time.Hour), s.places, s.status, s.taken, s.over)
	return shift
}

func (w *world) signUp(shift uuid.UUID, status string, at time.Time) uuid.UUID {
	w.t.Helper()
	u := newID()
	w.exec(w.org, `insert into sign_ups (org_id, id, shift_id, person_id, status, source, rank, hold_until, checked_in_at, created_at, updated_at)
		values ($1, $2, $3, $4, $5, 'public', 1, case when $5 = 'offered' then $6::timestamptz + interval '1 hour' end, case when $5 in ('in', 'done') then $6::timestamptz end, $6, $6)`,
		w.org, u, shift, w.person, status, at)
	return u
}

func (w *world) hours(opportunity uuid.UUID, minutes int, status string, on day.Day) uuid.UUID {
	w.t.Helper()
	h := newID()
	w.exec(w.org, `insert into volunteer_hours (org_id, id, person_id, opportunity_id, on_date, minutes, source, status, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, 'staff', $7, $8, $8)`, w.org, h, w.person, opportunity, on.String(), minutes, status, now.Add(-time.Hour))
	return h
}

func TestCoordinatorsSeeWhatLacksPeople(t *testing.T) {
	t.Parallel()
	w := open(t)
	o := w.opportunity(w.charity, "sorting")
	later := w.shift(w.charity, slot{opportunity: o, at: now.Add(7 * 24 * time.Hour), places: 4, taken: 4, over: 1})
	soon := w.shift(w.charity, slot{opportunity: o, at: now.Add(time.Hour), places: 4, taken: 1})
	for _, s := range []slot{
		{at: now.Add(-time.Hour), places: 4},
		{at: now.Add(7*24*time.Hour + time.Second), places: 4},
		{at: now.Add(2 * time.Hour), places: 4, taken: 4},
		{at: now.Add(2 * time.Hour), places: 4, status: "cancelled"},
	} {
		s.opportunity = o
		w.shift(w.charity, s)
	}
	draft := w.opportunity(w.charity, "draft")
	w.exec(w.org, "update opportunities set status = 'draft' where id = $1", draft)
	w.shift(w.charity, slot{opportunity: draft, at: now.Add(time.Hour), places: 4})
	w.shift(w.other, slot{opportunity: w.opportunity(w.other, "sorting"), at: now.Add(time.Hour), places: 4})
	for _, status := range []string{"pending", "pending", "approved", "rejected"} {
		w.hours(o, 60, status, day.New(2026, 11, 28))
	}
	help := func(c charity, person uuid.UUID, status string, at time.Time) {
		w.exec(c.org, `insert into offers_of_help (org_id, id, status, person_id, message, expires_at, confirmed_at, answered_at, created_at)
			values ($1, $2, $3, $4, 'I have a van.', $5, $5, case when $3 = 'answered' then $5::timestamptz end, $5)`, c.org, newID(), status, person, at)
	}
	help(w.charity, w.person, "open", now.Add(-time.Hour))
	help(w.charity, w.person, "open", now.Add(-3*time.Hour))
	help(w.charity, w.person, "answered", now.Add(-2*time.Hour))
	help(w.other, w.personOf(w.other.org, "bo@example.org"), "open", now)
	w.exec(w.org, "insert into offers_of_help (org_id, id, status, expires_at, created_at) values ($1, $2, 'unconfirmed', now(), now())", w.org, newID())
	kind := newID()
	w.exec(w.org, "insert into credential_kinds (org_id, id, name, created_at, updated_at) values ($1, $2, 'Background check', now(), now())", w.org, kind)
	credential := func(person uuid.UUID, expires string, confirmed bool) {
		w.exec(w.org, `insert into credentials (org_id, id, person_id, kind_id, issued_on, expires_on, confirmed, created_at, updated_at)
			values ($1, $2, $3, $4, '2025-01-01', $5::date, $6, now(), now())`, w.org, newID(), person, kind, expires, confirmed)
	}
	credential(w.person, "2026-12-20", true)
	renewed := w.personOf(w.org, "ada@example.org")
	credential(renewed, "2026-12-10", true)
	credential(renewed, "2027-12-10", true)
	credential(w.personOf(w.org, "eve@example.org"), "2026-12-10", false)
	credential(w.personOf(w.org, "may@example.org"), "2027-02-10", true)

	var today struct {
		HoursToApprove int `json:"hours_to_approve"`
		HelpOffers     int `json:"help_offers"`
		Unfilled       []struct {
			ID   string
			Free int
		}
		Expiring []struct {
			PersonID  string `json:"person_id"`
			Kind      string
			ExpiresOn string `json:"expires_on"`
		}
	}
	status, text := w.get("volunteer_coordinator", "/today/volunteers", &today)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, 2, today.HoursToApprove)
	require.Equal(t, 1, today.HelpOffers, "people are counted")
	require.Len(t, today.Unfilled, 2)
	require.Equal(t, soon.String(), today.Unfilled[0].ID)
	require.Equal(t, 3, today.Unfilled[0].Free)
	require.Equal(t, later.String(), today.Unfilled[1].ID)
	require.Equal(t, 1, today.Unfilled[1].Free, "whom staff let in beyond the places takes none")
	require.Len(t, today.Expiring, 1)
	require.Equal(t, w.person.String(), today.Expiring[0].PersonID)
	require.Equal(t, "2026-12-20", today.Expiring[0].ExpiresOn)

	for role, want := range map[string]int{"": http.StatusUnauthorized, "finance": http.StatusForbidden} {
		status, _ := w.get(role, "/today/volunteers", nil)
		require.Equal(t, want, status, role)
	}
}

func TestTheTimeAPersonGave(t *testing.T) {
	t.Parallel()
	w := open(t)
	o := w.opportunity(w.charity, "sorting")
	w.hours(o, 90, "approved", day.New(2025, 12, 31))
	w.hours(o, 60, "approved", day.New(2026, 1, 1))
	w.hours(o, 45, "pending", day.New(2026, 11, 30))
	w.hours(o, 30, "rejected", day.New(2026, 11, 30))
	past, next := w.shift(w.charity, slot{opportunity: o, at: now.Add(-48 * time.Hour), places: 9}), w.shift(w.charity, slot{opportunity: o, at: now.Add(48 * time.Hour), places: 9})
	off := w.shift(w.charity, slot{opportunity: o, at: now.Add(48 * time.Hour), places: 9, status: "cancelled"})
	done, confirmed := w.signUp(past, "done", now.Add(-72*time.Hour)), w.signUp(next, "confirmed", now.Add(-2*time.Hour))
	w.signUp(w.shift(w.charity, slot{opportunity: o, at: now.Add(-96 * time.Hour), places: 9}), "no_show", now.Add(-100*time.Hour))
	w.signUp(off, "confirmed", now.Add(-101*time.Hour))
	w.exec(w.org, `insert into offers_of_help (org_id, id, status, person_id, message, expires_at, confirmed_at, created_at)
		values ($1, $2, 'open', $3, 'I have a van.', $4, $4, $4)`, w.org, newID(), w.person, now.Add(-103*time.Hour))

	got, err := w.TimeOf(w.as(w.charity, account.VolunteerCoordinator), w.person)
	require.NoError(t, err)
	require.Equal(t, reporting.Given{
		Minutes: 150, YearMinutes: 60, Pending: 45, FirstOn: day.New(2025, 12, 31), LastOn: day.New(2026, 1, 1), Came: 1, NoShows: 1, Upcoming: 1,
	}, got)
	_, err = w.TimeOf(w.as(w.other, account.Owner), w.person)
	require.ErrorIs(t, err, person.ErrNotFound)
	var view struct {
		Minutes int
		FirstOn string `json:"first_on"`
	}
	status, text := w.get("viewer", "/people/"+w.person.String()+"/time", &view)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, 150, view.Minutes)
	require.Equal(t, "2025-12-31", view.FirstOn)
	status, text = w.get("viewer", "/people/"+w.personOf(w.org, "new@example.org").String()+"/time", nil)
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, text, "first_on", "who never helped has no first day")

	var page struct {
		Items []struct {
			Kind, ID, Title, State string
			ShiftID                string     `json:"shift_id"`
			StartsAt               *time.Time `json:"starts_at"`
			Minutes                int
		}
	}
	status, text = w.get("volunteer_coordinator", "/people/"+w.person.String()+"/timeline", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Len(t, page.Items, 9)
	require.Equal(t, "help", page.Items[8].Kind)
	require.Equal(t, "I have a van.", page.Items[8].Title)
	require.Equal(t, "open", page.Items[8].State)
	require.Equal(t, "hours", page.Items[0].Kind)
	newest := page.Items[4]
	require.Equal(t, "shift", newest.Kind)
	require.Equal(t, confirmed.String(), newest.ID)
	require.Equal(t, "confirmed", newest.State)
	require.Equal(t, "Sorting food", newest.Title)
	require.Equal(t, next.String(), newest.ShiftID)
	require.True(t, newest.StartsAt.Equal(now.Add(48*time.Hour)))
	require.Equal(t, done.String(), page.Items[5].ID)
	status, text = w.get("finance", "/people/"+w.person.String()+"/timeline", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Empty(t, page.Items, "finance does not see who volunteers when")
}
