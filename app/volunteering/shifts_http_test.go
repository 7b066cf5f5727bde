package volunteering_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/volunteer"
)

type shiftJSON struct {
	ID          string  `json:"id"`
	Opportunity string  `json:"opportunity_title"`
	Role        string  `json:"role"`
	SeriesID    *string `json:"series_id"`
	Detached    bool    `json:"detached"`
	Title       string  `json:"title"`
	StartsLocal string  `json:"starts_local"`
	EndsLocal   string  `json:"ends_local"`
	StartsAt    string  `json:"starts_at"`
	Places      int     `json:"places"`
	Free        int     `json:"free"`
	Taken       int     `json:"taken"`
	Waiting     int     `json:"waiting"`
	Fill        string  `json:"fill"`
	Status      string  `json:"status"`
	Reason      string  `json:"cancel_reason"`
	Closes      int     `json:"closes_before_minutes"`
	Version     int     `json:"version"`
}

type shiftsJSON struct {
	Items      []shiftJSON `json:"items"`
	NextCursor string      `json:"next_cursor"`
}

// hours is a shift of some day ahead from one hour to another.
func (h *house) hours(days, from, to int, changes object) object {
	body := object{"starts_local": h.inDays(days, from), "ends_local": h.inDays(days, to), "places": 4}
	for field, value := range changes {
		body[field] = value
	}
	return body
}

func TestShiftsOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	path := "/opportunities/" + o.ID.String() + "/shifts"
	preview := apptest.Decode[struct {
		Items []struct {
			StartsLocal string `json:"starts_local"`
			EndsAt      string `json:"ends_at"`
		} `json:"items"`
		Total int  `json:"total"`
		Ends  bool `json:"ends"`
	}](h.staff.Post(path+"/preview", h.hours(3, 9, 12, object{"repeat": "FREQ=WEEKLY;COUNT=3"})))
	require.Len(t, preview.Items, 3)
	require.Equal(t, h.inDays(10, 9), preview.Items[1].StartsLocal)
	require.Equal(t, 3, preview.Total)
	require.True(t, preview.Ends)

	key, body := apptest.IdempotencyKey("plan-of-saturdays"), h.hours(3, 9, 12, object{"repeat": "FREQ=WEEKLY;COUNT=3", "title": "Hall", "window": object{"closes_before_minutes": 60}})
	made := apptest.Decode[shiftsJSON](h.staff.Post(path, body, key).Is(http.StatusCreated)).Items
	require.Len(t, made, 3)
	require.Equal(t, made, apptest.Decode[shiftsJSON](h.staff.Post(path, body, key)).Items, "a button pressed twice")
	require.NotNil(t, made[0].SeriesID)
	require.Equal(t, "Pack food parcels", made[0].Opportunity)
	require.Equal(t, "Packer", made[0].Role)
	require.Equal(t, 60, made[0].Closes)
	require.Equal(t, "empty", made[0].Fill)

	changed := apptest.Decode[shiftJSON](h.staff.Patch("/shifts/"+made[0].ID, h.hours(3, 10, 13, object{"version": 1, "scope": "following", "title": "Hall", "message": "Later."})))
	require.Equal(t, h.inDays(3, 10), changed.StartsLocal)
	require.Equal(t, 60, changed.Closes, "left out: as it was")
	require.Equal(t, h.inDays(10, 10), apptest.Decode[shiftJSON](h.reader.Get("/shifts/"+made[1].ID)).StartsLocal)
	h.staff.Patch("/shifts/"+made[0].ID, h.hours(3, 10, 13, object{"version": 1})).Problem(http.StatusConflict, "volunteering.changed")

	cancelled := apptest.Decode[shiftJSON](h.staff.Post("/shifts/"+made[2].ID+"/cancel", object{"reason": "Snow.", "message": "Stay at home."}))
	require.Equal(t, "cancelled", cancelled.Fill)
	require.Equal(t, "Snow.", cancelled.Reason)
	h.staff.Post("/shifts/"+made[2].ID+"/cancel", object{}).Problem(http.StatusConflict, "shift.cancelled")

	for name, c := range map[string]struct {
		change      object
		field, code string
	}{
		"no time":          {object{"starts_local": "tomorrow"}, "body.starts_local", "wall.invalid"},
		"no end":           {object{"ends_local": ""}, "body.ends_local", "wall.invalid"},
		"ends before":      {object{"ends_local": h.inDays(3, 8)}, "body.ends_local", "shift.ends_before_start"},
		"three days":       {object{"ends_local": h.inDays(6, 9)}, "body.ends_local", "shift.too_long"},
		"no place":         {object{"places": 0}, "body.places", "volunteering.out_of_range"},
		"too many places":  {object{"places": 10_001}, "body.places", "volunteering.out_of_range"},
		"no rule":          {object{"repeat": "FREQ=HOURLY"}, "body.repeat", "shift.repeat_invalid"},
		"another planet":   {object{"zone": "Mars/Olympus"}, "body.zone", "volunteering.zone_unknown"},
		"a hidden reverse": {object{"title": "\u202egnihton"}, "body.title", "text.forbidden"},
	} {
		answer := h.staff.Post(path, h.hours(3, 9, 12, c.change)).Is(http.StatusUnprocessableEntity)
		require.Contains(t, answer.Text, c.field, name)
		if c.code != "text.forbidden" {
			answer.Blames(c.field, c.code)
		}
	}
	h.staff.Patch("/shifts/"+made[0].ID, h.hours(3, 10, 13, object{"version": 2, "message": strings.Repeat("m", 2001)})).Is(http.StatusUnprocessableEntity)
	h.staff.Patch("/shifts/"+made[0].ID, h.hours(3, 10, 13, object{"version": 2, "scope": "all"})).Is(http.StatusUnprocessableEntity)
}

func TestAShiftShowsEverythingAroundIt(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(3, 9), 1)
	hostile := h.person("<b>Ada</b>", "Hale", "ada@example.org")
	h.signUp(hostile, s)
	h.wait(h.person("Ben", "Low", "ben@example.org"), s)
	version := h.shiftNow(s.ID).Version
	h.staff.Patch("/shifts/"+s.ID.String(), object{
		"starts_local": h.inDays(3, 11), "ends_local": h.inDays(3, 14), "places": 1, "version": version, "message": "The road is closed.",
	}).OK()
	type detail struct {
		shiftJSON
		Opportunity struct{ Title string } `json:"opportunity"`
		SignUps     []struct {
			Status   string
			Position int
			Person   struct{ Name string }
		} `json:"sign_ups"`
		Asks    []object `json:"asks"`
		Notices []struct {
			Message     string
			Cancelled   bool
			Told        int
			ByName      string `json:"by_name"`
			Differences []volunteer.Difference
		} `json:"notices"`
	}
	var got detail
	h.reader.Get("/shifts/" + s.ID.String()).Into(&got.shiftJSON)
	var around struct {
		Opportunity struct{ Title string } `json:"opportunity"`
		detail
	}
	h.reader.Get("/shifts/" + s.ID.String()).Into(&around)
	require.Equal(t, 1, got.Taken)
	require.Equal(t, 1, got.Waiting)
	require.Zero(t, got.Free)
	require.Equal(t, "full", got.Fill)
	require.Equal(t, "Pack food parcels", around.Opportunity.Title)
	require.Len(t, around.SignUps, 2)
	require.Equal(t, "<b>Ada</b> Hale", around.SignUps[0].Person.Name)
	require.Equal(t, "waiting", around.SignUps[1].Status)
	require.Equal(t, 1, around.SignUps[1].Position)
	require.NotNil(t, around.Asks)
	require.Len(t, around.Notices, 1)
	n := around.Notices[0]
	require.Equal(t, "The road is closed.", n.Message)
	require.Equal(t, 2, n.Told)
	require.Equal(t, h.coordinator.Login.Name, n.ByName)
	require.False(t, n.Cancelled)
	require.Equal(t, []volunteer.Difference{
		{Field: "starts", Before: h.inDays(3, 9), After: h.inDays(3, 11)}, {Field: "ends", Before: h.inDays(3, 12), After: h.inDays(3, 14)},
	}, n.Differences)
	h.reader.Get("/shifts/"+uuid.NewString()).Problem(http.StatusNotFound, "shift.not_found")
}

func TestShiftsAreListedSoonestFirst(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	pack := h.opportunity()
	drive := h.opportunity(func(d *volunteer.Details) { d.Slug, d.Role = "drive", "Driver" })
	full := h.shift(pack, h.inDays(4, 9), 1)
	h.signUp(h.person("Ada", "Hale", "ada@example.org"), full)
	for _, days := range []int{5, 3, 2} {
		h.shift(pack, h.inDays(days, 9), 2)
	}
	h.shift(drive, h.inDays(3, 9), 2)
	list := func(query url.Values) (starts []string, next string) {
		page := apptest.Decode[shiftsJSON](h.reader.Get("/shifts?" + query.Encode()))
		for _, s := range page.Items {
			starts = append(starts, s.StartsLocal+" "+s.Role)
		}
		return starts, page.NextCursor
	}
	day := func(n int, role string) string { return h.inDays(n, 9) + " " + role }
	all, _ := list(url.Values{})
	require.Len(t, all, 5)
	require.Equal(t, day(2, "Packer"), all[0])
	require.Equal(t, day(5, "Packer"), all[4])
	first, next := list(url.Values{"limit": {"2"}})
	second, next := list(url.Values{"limit": {"2"}, "cursor": {next}})
	third, next := list(url.Values{"limit": {"2"}, "cursor": {next}})
	require.Empty(t, next)
	require.Equal(t, all, append(append(first, second...), third...), "none twice, none left out")
	got, _ := list(url.Values{"role": {"Driver"}})
	require.Equal(t, []string{day(3, "Driver")}, got)
	got, _ = list(url.Values{"opportunity_id": {drive.ID.String()}})
	require.Equal(t, []string{day(3, "Driver")}, got)
	got, _ = list(url.Values{"unfilled": {"true"}, "role": {"Packer"}})
	require.Equal(t, []string{day(2, "Packer"), day(3, "Packer"), day(5, "Packer")}, got)
	from := h.shiftNow(full.ID).StartsAt.Format(time.RFC3339)
	got, _ = list(url.Values{"from": {from}})
	require.Equal(t, []string{day(4, "Packer"), day(5, "Packer")}, got)
	got, _ = list(url.Values{"to": {from}, "limit": {"1"}})
	require.Equal(t, []string{day(2, "Packer")}, got)
	h.reader.Get("/shifts?from=yesterday").Is(http.StatusUnprocessableEntity)
	h.reader.Get("/shifts?limit=101").Is(http.StatusUnprocessableEntity)
	h.reader.Get("/shifts?opportunity_id=1").Is(http.StatusUnprocessableEntity)
	h.reader.Get("/shifts?cursor=nonsense").Is(http.StatusUnprocessableEntity)
}

func TestAWeekIsCopiedOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	monday := volunteer.WallAt(h.now(), h.org.Location()).Day().AddDays(7)
	for volunteer.WallOn(monday, 0, 0).Weekday() != time.Monday {
		monday = monday.AddDays(1)
	}
	o := h.opportunity()
	h.shift(o, volunteer.WallOn(monday.AddDays(5), 9, 0).String(), 2)
	body := object{"from": monday.String(), "to": monday.AddDays(7).String()}
	type copied struct{ Made, Skipped int }
	require.Equal(t, copied{1, 0}, apptest.Decode[copied](h.staff.Post("/shifts/copy-week", body)))
	body["opportunity_id"] = o.ID.String()
	require.Equal(t, copied{0, 1}, apptest.Decode[copied](h.staff.Post("/shifts/copy-week", body)))
	h.staff.Post("/shifts/copy-week", object{"from": monday.AddDays(1).String(), "to": monday.String()}).Blames("body.from", "shift.no_monday")
	h.staff.Post("/shifts/copy-week", object{"from": monday.String(), "to": monday.String()}).Blames("body.to", "shift.same_week")
	h.reader.Post("/shifts/copy-week", body).Is(http.StatusForbidden)
	other := h.SignIn(h.Found("otherside"))
	require.Equal(t, copied{0, 0}, apptest.Decode[copied](other.Post("/shifts/copy-week", object{"from": monday.String(), "to": monday.AddDays(14).String()})))
	other.Post("/shifts/copy-week", body).Problem(http.StatusNotFound, "opportunity.not_found")
}

func TestWhoMustNotTouchShifts(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	s := h.shift(o, h.inDays(3, 9), 2)
	other := h.SignIn(h.Found("otherside"))
	plan, change := h.hours(4, 9, 12, nil), h.hours(4, 9, 12, object{"version": 1})
	for _, c := range []struct {
		method, path string
		body         object
	}{
		{http.MethodPost, "/opportunities/" + o.ID.String() + "/shifts", plan}, {http.MethodPost, "/opportunities/" + o.ID.String() + "/shifts/preview", plan},
		{http.MethodPatch, "/shifts/" + s.ID.String(), change}, {http.MethodPost, "/shifts/" + s.ID.String() + "/cancel", object{"reason": "Mine."}},
	} {
		h.Nobody().Send(c.method, "/api/v1"+c.path, c.body).Is(http.StatusUnauthorized)
		h.reader.Send(c.method, "/api/v1"+c.path, c.body).Is(http.StatusForbidden)
		other.Send(c.method, "/api/v1"+c.path, c.body).Is(http.StatusNotFound)
	}
	h.Nobody().Get("/shifts").Is(http.StatusUnauthorized)
	other.Get("/shifts/"+s.ID.String()).Problem(http.StatusNotFound, "shift.not_found")
	require.Empty(t, apptest.Decode[shiftsJSON](other.Get("/shifts")).Items)
	require.Empty(t, apptest.Decode[shiftsJSON](other.Get("/shifts?opportunity_id="+o.ID.String())).Items)
	require.Equal(t, s.Version, h.shiftNow(s.ID).Version)
	require.Equal(t, 1, h.count("select count(*) from shifts"))
}

// TestTheListOfShiftsReadsAnIndex keeps a page of the calendar from reading more than itself, whatever else there is.
func TestTheListOfShiftsReadsAnIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	w.shift(o, "2026-11-28T09:00", 4)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into shifts (org_id, id, opportunity_id, starts_local, ends_local, zone, starts_at, ends_at, places, closes_before_minutes,
				cancel_before_minutes, closes_at, cancel_until, status, taken, version, created_at, updated_at)
			select org_id, gen_random_uuid(), opportunity_id, starts_local + n * interval '1 hour', ends_local + n * interval '1 hour', zone, starts_at + n * interval '1 hour',
				ends_at + n * interval '1 hour', 4, 0, 0, closes_at + n * interval '1 hour', cancel_until, 'open', case when n % 10 = 0 then 0 else 4 end, 1, created_at, updated_at
			from shifts, generate_series(1, 20000) n`)
		return err
	})
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "analyze shifts")
		return err
	})
	for name, f := range map[string]volunteering.ShiftFilter{
		"a week":         {From: at("2027-06-01T00:00:00Z"), To: at("2027-06-08T00:00:00Z"), Limit: 101},
		"the next page":  {From: at("2027-06-01T00:00:00Z"), After: at("2027-06-03T10:00:00Z"), AfterID: uuid.New(), Limit: 101},
		"of one":         {OpportunityID: o.ID, From: at("2027-06-01T00:00:00Z"), Limit: 101},
		"with places":    {Unfilled: true, From: at("2027-06-01T00:00:00Z"), Limit: 101},
		"of a role":      {Role: "Packer", From: at("2027-06-01T00:00:00Z"), Limit: 101},
		"from the first": {Limit: 101},
	} {
		w.inTx(func(tx database.Tx) error {
			plan, err := volunteering.ExplainShifts(t.Context(), tx, f)
			require.NotContains(t, plan, "Seq Scan on shifts", name)
			require.Contains(t, plan, "Index", fmt.Sprint(name))
			return err
		})
	}
}
