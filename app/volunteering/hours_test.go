package volunteering_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/app/apptest"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// mentoring makes an opportunity whose hours are flexible.
func (f *field) mentoring(changes ...func(*volunteer.Details)) volunteer.Opportunity {
	f.t.Helper()
	return f.opportunity(append([]func(*volunteer.Details){func(d *volunteer.Details) {
		d.Title, d.Role, d.Kind = "Mentor a pupil", "Mentor", volunteer.Flexible
	}}, changes...)...)
}

// gave is an entry of staff.
func (f *field) gave(p person.Person, o volunteer.Opportunity, on day.Day, minutes int) volunteering.HoursLine {
	f.t.Helper()
	line, err := f.volunteering.LogHours(f.coordinator(), p.ID.UUID, volunteering.HoursInput{OpportunityID: o.ID, On: on, Minutes: minutes})
	require.NoError(f.t, err)
	return line
}

func (f *field) approve(lines ...volunteering.HoursLine) {
	f.t.Helper()
	d := volunteering.Decision{Approve: true}
	for _, l := range lines {
		d.IDs = append(d.IDs, l.ID)
	}
	_, err := f.volunteering.DecideHours(f.coordinator(), d)
	require.NoError(f.t, err)
}

var november = func(dayOfMonth int) day.Day { return day.New(2026, 11, dayOfMonth) }

func TestVolunteersEnterTheirOwnHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada := w.mentoring(), w.person("Ada", "Hale", "ada@example.org")
	in := volunteering.HoursInput{OpportunityID: o.ID, On: november(21), Minutes: 90, Note: "Fractions."}
	line, err := w.volunteering.LogHoursSelf(w.self(ada), in)
	require.NoError(t, err)
	require.Equal(t, volunteer.Pending, line.Status)
	require.Equal(t, volunteer.BySelf, line.Source)
	require.Equal(t, "Ada Hale", line.PersonName())
	again, err := w.volunteering.LogHoursSelf(w.self(ada), in)
	require.NoError(t, err)
	require.Equal(t, line.ID, again.ID, "a form sent twice is one entry")
	w.clock.Advance(11 * time.Minute)
	later, err := w.volunteering.LogHoursSelf(w.self(ada), in)
	require.NoError(t, err)
	require.NotEqual(t, line.ID, later.ID)
	mine, more, err := w.volunteering.MyHours(w.self(ada), volunteering.HoursFilter{Limit: 1})
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, later.ID, mine[0].ID)
	others, _, err := w.volunteering.MyHours(w.self(w.person("Ben", "Low", "")), volunteering.HoursFilter{PersonID: ada.ID.UUID, Limit: 10})
	require.NoError(t, err)
	require.Empty(t, others, "only their own, whatever they ask for")
	_, err = w.volunteering.LogHoursSelf(w.coordinator(), in)
	require.ErrorIs(t, err, person.ErrSessionOver)
	_, _, err = w.volunteering.MyHours(w.coordinator(), volunteering.HoursFilter{Limit: 10})
	require.ErrorIs(t, err, person.ErrSessionOver)
}

func TestHoursThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Hale", "ada@example.org")
	o := w.mentoring(func(d *volunteer.Details) { d.StartsOn = november(1) })
	hidden := w.mentoring(func(d *volunteer.Details) { d.Title, d.Visibility = "For staff", volunteer.ByStaffOnly })
	self := func(o volunteer.Opportunity, on day.Day, minutes int) error {
		_, err := w.volunteering.LogHoursSelf(w.self(ada), volunteering.HoursInput{OpportunityID: o.ID, On: on, Minutes: minutes})
		return err
	}
	blames(t, self(o, november(23), 60), "on")
	blames(t, self(o, november(20), 0), "minutes")
	blames(t, self(o, november(20), 1441), "minutes")
	require.ErrorIs(t, self(o, day.New(2026, 10, 31), 60), volunteer.ErrOutsideDays)
	require.ErrorIs(t, self(hidden, november(20), 60), volunteer.ErrOpportunity)
	require.ErrorIs(t, self(volunteer.Opportunity{ID: id.New[volunteer.Opportunity]()}, november(20), 60), volunteer.ErrOpportunity)
	blames(t, self(w.mentoring(func(d *volunteer.Details) { d.Title = "Long ago" }), day.New(2026, 8, 1), 60), "on")
	require.NoError(t, self(o, november(20), 1000))
	require.Equal(t, "hours.day_full", codeOf(self(o, november(20), 441)))
	require.NoError(t, self(o, november(20), 440))

	_, err := w.volunteering.LogHours(w.coordinator(), uuid.New(), volunteering.HoursInput{OpportunityID: o.ID, On: november(20), Minutes: 5})
	require.ErrorIs(t, err, person.ErrNotFound)
	require.Equal(t, volunteer.ByStaffHand, w.gave(ada, hidden, day.New(2025, 1, 1), 60).Source, "staff may enter what is long ago, and hidden")
}

func TestWhatACheckInRecordedIsNotEnteredAgain(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.atDoor("2026-11-23T14:00:00Z")
	w.note(u, volunteering.DoorIn)
	w.clock.Advance(2 * time.Hour)
	w.note(u, volunteering.DoorOut)
	in := volunteering.HoursInput{OpportunityID: s.OpportunityID, On: november(23), Minutes: 180}
	_, err := w.volunteering.LogHoursSelf(w.self(ada), in)
	require.ErrorIs(t, err, volunteer.ErrHoursTwice)
	in.On = november(22)
	_, err = w.volunteering.LogHoursSelf(w.self(ada), in)
	require.NoError(t, err)
}

func TestVolunteersChooseFromWhatTheyHelpWith(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	o := w.mentoring()
	w.mentoring(func(d *volunteer.Details) { d.Title, d.Visibility = "For staff", volunteer.ByStaffOnly })
	ada := w.person("Ada", "Hale", "ada@example.org")
	titles := func() (all []string) {
		choices, err := w.volunteering.MyHoursChoices(w.self(ada))
		require.NoError(t, err)
		for _, c := range choices {
			all = append(all, c.Title)
		}
		return all
	}
	require.Equal(t, []string{o.Title}, titles())
	w.signUp(ada, s)
	require.Equal(t, []string{o.Title, "Pack food parcels"}, titles())
}

func TestHoursAreListedByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada, ben := w.mentoring(), w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	for i := range 5 {
		w.gave(ada, o, november(1+i), 60)
		w.clock.Advance(time.Second)
	}
	bens := w.gave(ben, o, november(3), 30)
	w.approve(bens)
	f := volunteering.HoursFilter{PersonID: ada.ID.UUID, Limit: 2}
	var days []string
	for {
		lines, more, err := w.volunteering.ListHours(w.coordinator(), f)
		require.NoError(t, err)
		for _, l := range lines {
			days = append(days, l.On.String())
		}
		if !more {
			break
		}
		last := lines[len(lines)-1]
		f.Before, f.BeforeID = last.CreatedAt, last.ID.UUID
	}
	require.Equal(t, []string{"2026-11-05", "2026-11-04", "2026-11-03", "2026-11-02", "2026-11-01"}, days)
	count := func(f volunteering.HoursFilter) int {
		f.Limit = 100
		lines, _, err := w.volunteering.ListHours(w.coordinator(), f)
		require.NoError(t, err)
		return len(lines)
	}
	require.Equal(t, 5, count(volunteering.HoursFilter{Status: volunteer.Pending}))
	require.Equal(t, 3, count(volunteering.HoursFilter{From: november(2), To: november(3)}))
	require.Equal(t, 6, count(volunteering.HoursFilter{OpportunityID: o.ID.UUID}))
	_, _, err := w.volunteering.ListHours(w.coordinator(), volunteering.HoursFilter{From: november(3), To: november(2)})
	blames(t, err, "to")
	lines, _, err := w.volunteering.ListHours(actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, OrgID: w.neighbour().ID.UUID}), volunteering.HoursFilter{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, lines, "another organization's are not seen")
}

func TestTotalsAreTheSumOfTheRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	opportunities := []volunteer.Opportunity{
		w.mentoring(), w.mentoring(func(d *volunteer.Details) { d.Title = "Mentor a student" }), w.mentoring(func(d *volunteer.Details) { d.Title, d.Role = "Drive", "" }),
	}
	people := []person.Person{w.person("Ada", "Hale", ""), w.person("Ben", "Low", ""), w.person("Cy", "Moor", "")}
	rapid.Check(t, func(rt *rapid.T) {
		w.count("with gone as (delete from volunteer_hours returning 1) select count(*) from gone")
		type sum struct {
			minutes, entries int64
			people           map[uuid.UUID]bool
		}
		from, to := november(rapid.IntRange(1, 10).Draw(rt, "from")), november(rapid.IntRange(10, 20).Draw(rt, "to"))
		want := map[string]map[string]*sum{"opportunity": {}, "role": {}, "month": {}}
		whole := sum{people: map[uuid.UUID]bool{}}
		var rows []volunteer.Hours
		for i := range rapid.IntRange(0, 25).Draw(rt, "rows") {
			o, p := rapid.SampledFrom(opportunities).Draw(rt, "opportunity"), rapid.SampledFrom(people).Draw(rt, "person")
			h, err := volunteer.NewHours(o, p.ID.UUID, volunteer.HoursDetails{
				On: day.New(2026, 10, 25).AddDays(rapid.IntRange(0, 27).Draw(rt, "day")), Minutes: rapid.IntRange(1, 600).Draw(rt, "minutes"), Source: volunteer.ByStaffHand,
			}, november(22), w.now().Add(time.Duration(i)))
			require.NoError(rt, err)
			h.Status = rapid.SampledFrom([]volunteer.HoursStatus{volunteer.Pending, volunteer.Approved, volunteer.Approved, volunteer.Rejected}).Draw(rt, "status")
			rows = append(rows, h)
			if h.Status != volunteer.Approved || h.On.Before(from) || h.On.After(to) {
				continue
			}
			for by, key := range map[string]string{"opportunity": o.ID.String(), "role": o.Role, "month": h.On.String()[:7]} {
				if want[by][key] == nil {
					want[by][key] = &sum{people: map[uuid.UUID]bool{}}
				}
				s := want[by][key]
				s.minutes, s.entries, s.people[p.ID.UUID] = s.minutes+int64(h.Minutes), s.entries+1, true
			}
			whole.minutes, whole.entries, whole.people[p.ID.UUID] = whole.minutes+int64(h.Minutes), whole.entries+1, true
		}
		if len(rows) > 0 {
			w.store(&rows)
		}
		for by, groups := range want {
			got, err := w.volunteering.Totals(w.coordinator(), by, from, to)
			require.NoError(rt, err)
			require.Len(rt, got.Groups, len(groups), by)
			for _, g := range got.Groups {
				s := groups[g.Key]
				require.NotNil(rt, s, "%s %s", by, g.Key)
				require.Equal(rt, [3]int64{s.minutes, s.entries, int64(len(s.people))}, [3]int64{g.Minutes, g.Entries, g.People}, "%s %s", by, g.Key)
			}
			require.Equal(rt, [3]int64{whole.minutes, whole.entries, int64(len(whole.people))}, [3]int64{got.Whole.Minutes, got.Whole.Entries, got.Whole.People})
		}
	})
	_, err := w.volunteering.Totals(w.coordinator(), "weather", day.Day{}, day.Day{})
	blames(t, err, "by")
	got, err := w.volunteering.Totals(actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, OrgID: w.neighbour().ID.UUID}), "month", day.Day{}, day.Day{})
	require.NoError(t, err)
	require.Empty(t, got.Groups)
	require.Zero(t, got.Whole.Minutes)
}

func TestMonthsAreInOrderAndOpportunitiesBySize(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	small, large, ada := w.mentoring(), w.mentoring(func(d *volunteer.Details) { d.Title = "Drive" }), w.person("Ada", "Hale", "")
	w.approve(w.gave(ada, small, day.New(2026, 9, 5), 60), w.gave(ada, large, day.New(2026, 10, 5), 600), w.gave(ada, small, november(5), 60))
	keys := func(by string) (all []string) {
		got, err := w.volunteering.Totals(w.coordinator(), by, day.Day{}, day.Day{})
		require.NoError(t, err)
		require.EqualValues(t, 720, got.Whole.Minutes)
		for _, g := range got.Groups {
			all = append(all, g.Label)
		}
		return all
	}
	require.Equal(t, []string{"2026-09", "2026-10", "2026-11"}, keys("month"))
	require.Equal(t, []string{"Drive", "Mentor a pupil"}, keys("opportunity"))
}

func TestAnExportIsWholeAndRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada := w.mentoring(), w.person("=HYPERLINK(1)", "Hale", "ada@example.org")
	var rows []volunteer.Hours
	for i := range 1001 { // more than one page
		h, err := volunteer.NewHours(o, ada.ID.UUID, volunteer.HoursDetails{On: november(1), Minutes: 1 + i%60, Source: volunteer.ByStaffHand}, november(22), w.now().Add(time.Duration(i/7)*time.Second))
		require.NoError(t, err)
		rows = append(rows, h)
	}
	w.store(&rows)
	seen := map[string]bool{}
	for l, err := range w.volunteering.ExportHours(w.coordinator(), volunteering.HoursFilter{}) {
		require.NoError(t, err)
		seen[l.ID.String()] = true
	}
	require.Len(t, seen, 1001)
	require.NoError(t, w.volunteering.HoursExported(w.coordinator(), volunteering.HoursFilter{Status: volunteer.Pending}))
	require.Contains(t, w.audited(w.org.ID.UUID), "hours.exported")
}

func TestHoursOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o, ada := h.mentoring(), h.person("=Ada", "Hale", "ada@example.org")
	yesterday := day.In(h.now(), h.org.Location()).AddDays(-1)
	body := object{"person_id": ada.ID, "opportunity_id": o.ID, "on": yesterday, "minutes": 90, "note": "Fractions."}
	var made volunteering.HoursView
	h.staff.Post("/volunteer-hours", body).Is(201).Into(&made)
	require.Equal(t, "pending", string(made.Status))
	require.Equal(t, "Mentor a pupil", made.Opportunity.Title)
	h.staff.Post("/volunteer-hours", object{"person_id": ada.ID, "opportunity_id": o.ID, "on": yesterday.AddDays(5), "minutes": 90}).Blames("body.on", "hours.future")
	h.staff.Post("/volunteer-hours", object{"person_id": uuid.New(), "opportunity_id": o.ID, "on": yesterday, "minutes": 90}).Problem(404, "person.not_found")
	h.reader.Post("/volunteer-hours", body).Problem(403, "permission.missing")

	var page struct {
		Items      []volunteering.HoursView `json:"items"`
		NextCursor string                   `json:"next_cursor"`
	}
	h.reader.Get("/volunteer-hours?status=pending&person_id=" + ada.ID.String()).OK().Into(&page)
	require.Len(t, page.Items, 1)
	require.Equal(t, "=Ada Hale", page.Items[0].Person.Name)
	h.reader.Get("/volunteer-hours?from=2026-02-02&to=2026-01-01").Blames("query.to", "date.order")
	h.reader.Get("/volunteer-hours?cursor=nonsense").Blames("query.cursor", "cursor.invalid")
	h.Nobody().Get("/volunteer-hours").Problem(401, "session.required")
	other := h.SignIn(h.Found("hillside"))
	other.Get("/volunteer-hours").OK().Into(&page)
	require.Empty(t, page.Items)

	csv := h.reader.Get("/volunteer-hours.csv").OK()
	require.Contains(t, csv.Header.Get("Content-Type"), "text/csv")
	require.Contains(t, csv.Text, "'=Ada Hale", "no formula")
	require.Contains(t, csv.Text, ",90,1,1.50,pending,staff,")
	require.Equal(t, 2, strings.Count(csv.Text, "\r\n"))
	h.Nobody().Get("/volunteer-hours.csv").Problem(401, "session.required")

	h.reader.Post("/volunteer-hours/decide", object{"ids": []string{made.ID}, "decision": "approve"}).Problem(403, "permission.missing")
	other.Post("/volunteer-hours/decide", object{"ids": []string{made.ID}, "decision": "approve"}).Problem(404, "volunteer_hours.not_found")
	h.staff.Post("/volunteer-hours/decide", object{"ids": []string{made.ID}, "decision": "reject"}).Blames("body.reason", "hours.reason_missing")
	key := uuid.NewString()
	for range 2 {
		var decided struct{ Items []volunteering.HoursView }
		h.staff.Post("/volunteer-hours/decide", object{"ids": []string{made.ID}, "decision": "approve"}, apptest.IdempotencyKey(key)).OK().Into(&decided)
		require.Equal(t, "approved", string(decided.Items[0].Status))
		require.Equal(t, "volunteer_coordinator", decided.Items[0].DecidedByName)
		made = decided.Items[0]
	}
	require.Contains(t, h.staff.Post("/volunteer-hours/decide", object{"ids": []string{made.ID}, "decision": "approve"}).Problem(409, "hours.decided").Errors[0].Location, "body.ids[0]")

	correction := object{"version": made.Version, "on": yesterday, "minutes": 60, "reason": "You left early."}
	h.reader.Post("/volunteer-hours/"+made.ID+"/correct", correction).Problem(403, "permission.missing")
	other.Post("/volunteer-hours/"+made.ID+"/correct", correction).Problem(404, "volunteer_hours.not_found")
	h.staff.Post("/volunteer-hours/"+made.ID+"/correct", correction).OK().Into(&made)
	require.Equal(t, 60, made.Minutes)
	h.staff.Post("/volunteer-hours/"+made.ID+"/correct", correction).Problem(409, "volunteering.changed")

	var totals struct {
		Items           []volunteering.HoursTotalView
		Minutes, People int
	}
	h.reader.Get("/volunteer-hours/totals?by=role").OK().Into(&totals)
	require.Equal(t, []volunteering.HoursTotalView{{Key: "Mentor", Label: "Mentor", Minutes: 60, People: 1, Entries: 1}}, totals.Items)
	require.Equal(t, [2]int{60, 1}, [2]int{totals.Minutes, totals.People})
	h.reader.Get("/volunteer-hours/totals").Is(422)
	other.Get("/volunteer-hours/totals?by=month").OK().Into(&totals)
	require.Empty(t, totals.Items)
	h.Nobody().Get("/volunteer-hours/totals?by=month").Problem(401, "session.required")

	path := fmt.Sprintf("/people/%s/volunteer-certificate", ada.ID)
	pdf := h.reader.Get(path).OK()
	require.Equal(t, "application/pdf", pdf.Header.Get("Content-Type"))
	require.Contains(t, pdfText(t, []byte(pdf.Text)), "=Ada Hale")
	h.reader.Get(path+"?to=2001-01-01").Problem(409, "certificate.no_hours")
	other.Get(path).Problem(404, "person.not_found")
	h.Nobody().Get(path).Problem(401, "session.required")
	finance := h.SignIn(h.Join(h.owner, account.Finance))
	finance.Get(path).Problem(403, "permission.missing")
	finance.Get("/volunteer-hours").Problem(403, "permission.missing")
}
