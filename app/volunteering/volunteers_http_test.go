package volunteering_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/account"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// volunteerSeen is what these tests read of a volunteer.
type volunteerSeen struct {
	PersonID        string   `json:"person_id"`
	Name            string   `json:"name"`
	Status          string   `json:"status"`
	Skills          []string `json:"skills"`
	Availability    int      `json:"availability"`
	BirthDate       *string  `json:"birth_date"`
	Latitude        *float64 `json:"latitude"`
	Notes           string   `json:"notes"`
	LockedOut       bool     `json:"locked_out"`
	NoShows         int      `json:"no_shows"`
	ApprovedMinutes int      `json:"approved_minutes"`
	CheckInCode     string   `json:"check_in_code"`
	Credentials     []object `json:"credentials"`
	Version         int      `json:"version"`
}

type volunteerPage struct {
	Items      []volunteerSeen `json:"items"`
	NextCursor string          `json:"next_cursor"`
}

// refusesStrangers requires that an operation is for staff who look after volunteers only.
func (h *house) refusesStrangers(ask func(*apptest.Client) *apptest.Response, readers bool) {
	h.t.Helper()
	ask(h.Nobody()).Problem(http.StatusUnauthorized, "session.required")
	if !readers {
		ask(h.reader).Problem(http.StatusForbidden, "permission.missing")
	}
	ask(h.SignIn(h.Join(h.owner, account.Finance))).Problem(http.StatusForbidden, "permission.missing")
}

func profilePath(p person.Person) string { return "/people/" + p.ID.String() + "/volunteer" }

func TestStaffReadAndChangeAVolunteerOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ann := h.person("Ann", "<b>Lee</b>", "ann@example.org")
	empty := apptest.Decode[volunteerSeen](h.reader.Get(profilePath(ann)))
	require.Equal(t, volunteerSeen{PersonID: ann.ID.String(), Name: "Ann <b>Lee</b>", Status: "prospective", Skills: []string{}, Credentials: []object{}}, empty)

	made := apptest.Decode[volunteerSeen](h.staff.Patch(profilePath(ann), object{
		"version": 0, "status": "active", "skills": []string{"Driving"}, "availability": 1<<28 | 5, "birth_date": "1990-02-28", "latitude": 40.7128, "longitude": -74.006,
		"notes": "Asks for tea",
	}))
	require.Equal(t, []string{"driving"}, made.Skills)
	require.Equal(t, 5, made.Availability, "bits that stand for nothing are left out")
	require.Equal(t, "1990-02-28", *made.BirthDate)
	require.Equal(t, 40.71, *made.Latitude)
	require.NotEmpty(t, made.CheckInCode)
	cleared := apptest.Decode[volunteerSeen](h.staff.Patch(profilePath(ann), object{"version": made.Version, "birth_date": "", "no_place": true}))
	require.Nil(t, cleared.BirthDate)
	require.Nil(t, cleared.Latitude)
	require.Equal(t, "Asks for tea", cleared.Notes, "what is left out stays")

	h.staff.Patch(profilePath(ann), object{"version": made.Version, "notes": "late"}).Problem(http.StatusConflict, "volunteering.changed")
	h.staff.Patch(profilePath(ann), object{"version": cleared.Version, "birth_date": "30 April"}).Blames("body.birth_date", "date.invalid")
	h.staff.Patch(profilePath(ann), object{"version": cleared.Version, "birth_date": "2999-01-01"}).Blames("body.birth_date", "volunteer.birth_date")
	h.staff.Patch(profilePath(ann), object{"version": cleared.Version, "latitude": 40}).Blames("body.latitude", "volunteering.coordinates_half")
	h.staff.Patch(profilePath(ann), object{"version": cleared.Version, "latitude": 140, "longitude": 3}).Blames("body.latitude", "volunteering.coordinates")
	h.staff.Patch("/people/"+uuid.NewString()+"/volunteer", object{"version": 0}).Problem(http.StatusNotFound, "person.not_found")
	h.staff.Get("/people/"+uuid.NewString()+"/volunteer").Problem(http.StatusNotFound, "person.not_found")
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get(profilePath(ann)) }, true)
	h.refusesChange(func(c *apptest.Client) *apptest.Response { return c.Patch(profilePath(ann), object{"version": 0}) })
}

// refusesChange requires that an operation is for coordinators only, where finance has joined already.
func (h *house) refusesChange(ask func(*apptest.Client) *apptest.Response) {
	h.t.Helper()
	ask(h.Nobody()).Problem(http.StatusUnauthorized, "session.required")
	ask(h.reader).Problem(http.StatusForbidden, "permission.missing")
}

func TestTheListOfVolunteersOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, name := range []string{"Ann", "Ben", "Cleo"} {
		h.helper(name, func(v *volunteer.Profile) { v.Skills = volunteer.Words{"driving"} })
	}
	first := apptest.Decode[volunteerPage](h.reader.Get("/volunteers?limit=2"))
	require.Len(t, first.Items, 2)
	second := apptest.Decode[volunteerPage](h.reader.Get("/volunteers?limit=2&cursor=" + first.NextCursor))
	require.Len(t, second.Items, 1)
	require.Empty(t, second.NextCursor)
	found := apptest.Decode[volunteerPage](h.reader.Get("/volunteers?search=cle&skill=driving&status=prospective"))
	require.Len(t, found.Items, 1)
	require.Equal(t, "Cleo", found.Items[0].Name)
	h.reader.Get("/volunteers?search=c").Blames("query.search", "search.too_short")
	h.reader.Get("/volunteers?cursor=xyz").Blames("query.cursor", "cursor.invalid")
	h.reader.Get("/volunteers?status=asleep").Is(http.StatusUnprocessableEntity)
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get("/volunteers") }, true)
}

func TestNoShowsAreForgivenOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	ann := h.helper("Ann")
	h.missed(ann, h.shift(o, h.inDays(-9, 9), 1))
	h.missed(ann, h.shift(o, h.inDays(-8, 9), 1))
	require.True(t, apptest.Decode[volunteerSeen](h.staff.Get(profilePath(ann))).LockedOut)
	forgiven := apptest.Decode[volunteerSeen](h.staff.Post(profilePath(ann)+"/forgive-no-shows", nil))
	require.False(t, forgiven.LockedOut)
	require.Zero(t, forgiven.NoShows)
	h.staff.Post("/people/"+uuid.NewString()+"/volunteer/forgive-no-shows", nil).Problem(http.StatusNotFound, "person.not_found")
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Post(profilePath(ann)+"/forgive-no-shows", nil) }, false)
}

func TestAPersonsSignUpsOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	ann := h.helper("Ann")
	for day := range 3 {
		h.signUp(ann, h.shift(o, h.inDays(day+2, 9), 1))
	}
	type page struct {
		Items []struct {
			ShiftID     string `json:"shift_id"`
			Title       string `json:"opportunity_title"`
			StartsLocal string `json:"starts_local"`
			Status      string `json:"status"`
		} `json:"items"`
		NextCursor string `json:"next_cursor"`
	}
	path := "/people/" + ann.ID.String() + "/sign-ups?limit=2"
	first := apptest.Decode[page](h.reader.Get(path))
	require.Len(t, first.Items, 2)
	require.Equal(t, h.inDays(4, 9), first.Items[0].StartsLocal)
	require.Equal(t, "confirmed", first.Items[0].Status)
	second := apptest.Decode[page](h.reader.Get(path + "&cursor=" + first.NextCursor))
	require.Len(t, second.Items, 1)
	require.Empty(t, second.NextCursor)
	h.reader.Get("/people/"+uuid.NewString()+"/sign-ups").Problem(http.StatusNotFound, "person.not_found")
	h.reader.Get(path+"&cursor=xyz").Blames("query.cursor", "cursor.invalid")
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get(path) }, true)
}

func TestCredentialsOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	ann := h.helper("Ann")
	type kind struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		ValidMonths int    `json:"valid_months"`
		Archived    bool   `json:"archived"`
	}
	type kinds struct {
		Items      []kind `json:"items"`
		NextCursor string `json:"next_cursor"`
	}
	made := apptest.Decode[kind](h.staff.Post("/credential-kinds", object{"name": "Food hygiene", "valid_months": 12}).Is(http.StatusCreated))
	h.staff.Post("/credential-kinds", object{"name": "Food hygiene"}).Blames("body.name", "credential_kind.name_taken")
	h.staff.Post("/credential-kinds", object{"name": "First aid"}).Is(http.StatusCreated)
	first := apptest.Decode[kinds](h.reader.Get("/credential-kinds?limit=1"))
	require.Equal(t, "First aid", first.Items[0].Name)
	require.Equal(t, []kind{made}, apptest.Decode[kinds](h.reader.Get("/credential-kinds?limit=1&cursor="+first.NextCursor)).Items)
	require.True(t, apptest.Decode[kind](h.staff.Patch("/credential-kinds/"+made.ID, object{"archived": true})).Archived)
	require.Len(t, apptest.Decode[kinds](h.reader.Get("/credential-kinds")).Items, 1)
	require.Len(t, apptest.Decode[kinds](h.reader.Get("/credential-kinds?archived=true")).Items, 2)
	h.staff.Patch("/credential-kinds/"+uuid.NewString(), object{"name": "x"}).Problem(http.StatusNotFound, "credential_kind.not_found")
	h.reader.Get("/credential-kinds?cursor=xyz").Blames("query.cursor", "cursor.invalid")

	path := "/people/" + ann.ID.String() + "/credentials"
	h.staff.Post(path, object{"kind_id": made.ID, "issued_on": "2020-01-01"}).Blames("body.kind_id", "credential_kind.archived")
	h.staff.Patch("/credential-kinds/"+made.ID, object{"archived": false}).OK()
	h.staff.Post(path, object{"kind_id": made.ID, "issued_on": "2020-01-01", "expires_on": "2019-01-01"}).Blames("body.expires_on", "credential.expires_on")
	h.staff.Post(path, object{"kind_id": made.ID, "issued_on": "2999-01-01"}).Blames("body.issued_on", "credential.issued_on")
	h.staff.Post("/people/"+uuid.NewString()+"/credentials", object{"kind_id": made.ID, "issued_on": "2020-01-01"}).Problem(http.StatusNotFound, "person.not_found")
	old := apptest.Decode[identified](h.staff.Post(path, object{"kind_id": made.ID, "issued_on": "2020-01-01", "confirmed": true}).Is(http.StatusCreated))
	lasting := apptest.Decode[identified](h.staff.Post(path, object{"kind_id": made.ID, "issued_on": "2020-01-02", "expires_on": "2999-01-01"}).Is(http.StatusCreated))
	seen := apptest.Decode[volunteerSeen](h.reader.Get(profilePath(ann))).Credentials
	require.Equal(t, []any{"unconfirmed", "expired"}, []any{seen[0]["standing"], seen[1]["standing"]})
	require.Equal(t, "2020-12-31", seen[1]["expires_on"])
	require.Equal(t, "valid", apptest.Decode[object](h.staff.Post("/credentials/"+lasting.ID+"/confirm", nil))["standing"])
	h.staff.Post("/credentials/"+uuid.NewString()+"/confirm", nil).Problem(http.StatusNotFound, "credential.not_found")
	h.staff.Delete("/credentials/" + old.ID).Is(http.StatusNoContent)
	h.staff.Delete("/credentials/"+old.ID).Problem(http.StatusNotFound, "credential.not_found")

	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get("/credential-kinds") }, true)
	for _, ask := range []func(*apptest.Client) *apptest.Response{
		func(c *apptest.Client) *apptest.Response {
			return c.Post("/credential-kinds", object{"name": "Mine"})
		},
		func(c *apptest.Client) *apptest.Response {
			return c.Patch("/credential-kinds/"+made.ID, object{"name": "Mine"})
		},
		func(c *apptest.Client) *apptest.Response {
			return c.Post(path, object{"kind_id": made.ID, "issued_on": "2020-01-01"})
		},
		func(c *apptest.Client) *apptest.Response { return c.Post("/credentials/"+lasting.ID+"/confirm", nil) },
		func(c *apptest.Client) *apptest.Response { return c.Delete("/credentials/" + lasting.ID) },
	} {
		h.refusesChange(ask)
	}
}

func TestCoverOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity(func(d *volunteer.Details) { d.Skills = []string{"driving"} })
	shift := h.shift(o, h.inDays(3, 9), 1)
	ann := h.helper("Ann", func(v *volunteer.Profile) { v.Skills = volunteer.Words{"driving"} })
	ben := h.helper("Ben")
	h.signUp(ben, h.shift(o, h.inDays(3, 10), 1))
	type because struct {
		Code   string   `json:"code"`
		Points int      `json:"points"`
		Number int      `json:"number"`
		Words  []string `json:"words"`
	}
	type proposals struct {
		Items []struct {
			PersonID  string    `json:"person_id"`
			Name      string    `json:"name"`
			Score     int       `json:"score"`
			Eligible  bool      `json:"eligible"`
			Reasons   []because `json:"reasons"`
			Obstacles []string  `json:"obstacles"`
			AskedAt   *string   `json:"asked_at"`
			Answer    string    `json:"answer"`
		} `json:"items"`
		Considered int  `json:"considered"`
		More       bool `json:"more"`
	}
	path := "/shifts/" + shift.ID.String()
	found := apptest.Decode[proposals](h.staff.Get(path + "/proposals"))
	require.Len(t, found.Items, 2)
	require.Equal(t, []because{{Code: "skills", Points: 40, Number: 1, Words: []string{"driving"}}}, found.Items[0].Reasons)
	require.True(t, found.Items[0].Eligible)
	require.Nil(t, found.Items[0].AskedAt)
	require.Equal(t, []string{"overlap"}, found.Items[1].Obstacles)
	require.Len(t, apptest.Decode[proposals](h.staff.Get(path+"/proposals?limit=1")).Items, 1)

	type asks struct {
		Asks []struct {
			ID     string   `json:"id"`
			Person object   `json:"person"`
			Answer string   `json:"answer"`
			Reason []string `json:"reasons"`
		} `json:"asks"`
	}
	body := object{"person_ids": []string{ann.ID.String()}, "message": "Can you <b>help</b>?"}
	key := apptest.IdempotencyKey("once")
	asked := apptest.Decode[asks](h.staff.Post(path+"/cover", body, key).Is(http.StatusCreated))
	require.Equal(t, object{"id": ann.ID.String(), "name": "Ann", "email": "ann@example.org"}, asked.Asks[0].Person)
	require.Equal(t, []string{"skills"}, asked.Asks[0].Reason)
	require.Equal(t, asked, apptest.Decode[asks](h.staff.Post(path+"/cover", body, key)), "the same question again asks nobody twice")
	h.RunJobs()
	mails := h.Mails("ann@example.org")
	require.Len(t, mails, 1)
	require.Contains(t, mails[0].Text, "Can you <b>help</b>?")
	require.Equal(t, asked, apptest.Decode[asks](h.reader.Get(path+"/cover")))
	again := apptest.Decode[proposals](h.staff.Get(path + "/proposals"))
	require.Equal(t, "asked", again.Items[0].Answer)
	require.NotNil(t, again.Items[0].AskedAt)

	h.staff.Post(path+"/cover", body).Blames("body.person_ids[0]", "cover.asked_already")
	h.staff.Post(path+"/cover", object{"person_ids": []string{}}).Is(http.StatusUnprocessableEntity)
	h.signUp(ben, shift)
	h.staff.Post(path+"/cover", object{"person_ids": []string{ann.ID.String()}}).Problem(http.StatusConflict, "cover.full")
	past := "/shifts/" + h.shift(o, h.inDays(-3, 9), 1).ID.String()
	h.staff.Get(past+"/proposals").Problem(http.StatusConflict, "shift.ended")
	for _, of := range []string{"/proposals", "/cover"} {
		h.staff.Get("/shifts/"+uuid.NewString()+of).Problem(http.StatusNotFound, "shift.not_found")
	}
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get(path + "/cover") }, true)
	h.refusesChange(func(c *apptest.Client) *apptest.Response { return c.Get(path + "/proposals") })
	h.refusesChange(func(c *apptest.Client) *apptest.Response { return c.Post(path+"/cover", body) })
}
