package volunteering_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

// kind makes a sort of proof that opportunities can ask for.
func (f *field) kind(name string) volunteer.CredentialKind {
	f.t.Helper()
	k, err := volunteer.NewCredentialKind(f.org.ID.UUID, name, "", 0, f.now())
	require.NoError(f.t, err)
	f.store(&k)
	return k
}

func TestAnOpportunityIsDraftedPublishedAndRevised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.kind("First aid"), w.kind("Food hygiene")
	o, err := w.volunteering.CreateOpportunity(w.owner, w.details(), []uuid.UUID{second.ID.UUID, first.ID.UUID, second.ID.UUID})
	require.NoError(t, err)
	require.Equal(t, volunteer.Draft, o.Status)
	require.Equal(t, "pack-food-parcels", o.Slug)
	require.Len(t, o.Required, 2, "each once")
	require.Equal(t, "First aid", o.Required[0].Name)
	require.Empty(t, o.PublicURL, "nobody sees a draft")

	o, err = w.volunteering.Publish(w.owner, o.ID)
	require.NoError(t, err)
	require.Equal(t, "https://give.example.org/volunteer/riverbend/o/pack-food-parcels", o.PublicURL)
	again, err := w.volunteering.Publish(w.owner, o.ID)
	require.NoError(t, err)
	require.Equal(t, o.Version, again.Version, "once is enough")

	d := o.Details()
	d.Slug, d.Zone, d.MinAge = "", "", 16
	revised, err := w.volunteering.ReviseOpportunity(w.owner, o.ID, o.Version, d, []uuid.UUID{first.ID.UUID})
	require.NoError(t, err)
	require.Equal(t, 16, revised.MinAge)
	require.Equal(t, o.Slug, revised.Slug, "what is left out stays")
	require.Equal(t, o.Zone, revised.Zone)
	require.Len(t, revised.Required, 1)
	_, err = w.volunteering.ReviseOpportunity(w.owner, o.ID, o.Version, d, nil)
	require.ErrorIs(t, err, volunteer.ErrChanged, "somebody was faster")

	d.PartyMax = 4 // and nothing else
	revised, err = w.volunteering.ReviseOpportunity(w.owner, o.ID, revised.Version, d, []uuid.UUID{first.ID.UUID})
	require.NoError(t, err)
	require.Equal(t, 4, revised.PartyMax)

	found, err := w.volunteering.FindOpportunity(w.owner, o.ID)
	require.NoError(t, err)
	require.Equal(t, revised.Version, found.Version)
	require.Equal(t, 4, found.PartyMax)
	require.Len(t, found.Required, 1, "a change that is refused leaves the requirements")
	require.Equal(t, []string{"opportunity.created", "opportunity.published", "opportunity.revised", "opportunity.revised"}, w.audited(o.ID.UUID))
}

func TestTheRecordSaysWhatAnOpportunityWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, err := w.volunteering.CreateOpportunity(w.owner, w.details(), nil)
	require.NoError(t, err)
	d := o.Details()
	d.Title = "Pack parcels"
	_, err = w.volunteering.ReviseOpportunity(w.owner, o.ID, 1, d, []uuid.UUID{w.kind("First aid").ID.UUID})
	require.NoError(t, err)
	require.Equal(t, 1, w.count(`select count(*) from audit_events where subject_id = $1 and action = 'opportunity.revised' and actor_id is not null
		and before->>'title' = 'Pack food parcels' and after->>'title' = 'Pack parcels' and jsonb_array_length(after->'requirements') = 1
		and not after ? 'summary'`, o.ID), "only what differs")
	require.Equal(t, 1, w.count(`select count(*) from audit_events where subject_id = $1 and action = 'opportunity.created' and before is null
		and after->>'title' = 'Pack food parcels' and not after ? 'cause_id'`, o.ID))
}

func TestWhatAnOpportunityNamesMustExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nowhere := uuid.New()
	for name, c := range map[string]struct {
		change   func(*volunteer.Details)
		required []uuid.UUID
		field    string
	}{
		"a cause":            {func(d *volunteer.Details) { d.CauseID = &nowhere }, nil, "cause_id"},
		"a campaign":         {func(d *volunteer.Details) { d.CampaignID = &nowhere }, nil, "campaign_id"},
		"a requirement":      {func(*volunteer.Details) {}, []uuid.UUID{nowhere}, "requirements"},
		"many requirements":  {func(*volunteer.Details) {}, make21(), "requirements"},
		"a zone":             {func(d *volunteer.Details) { d.Zone = "Mars/Olympus" }, nil, "zone"},
		"a title":            {func(d *volunteer.Details) { d.Title = " " }, nil, "title"},
		"a place on earth":   {func(d *volunteer.Details) { d.Place.Latitude, d.Place.Longitude = new(91.0), new(0.0) }, nil, "latitude"},
		"the hidden reverse": {func(d *volunteer.Details) { d.Title = "Pack \u202egnihton" }, nil, "title"},
	} {
		_, err := w.volunteering.CreateOpportunity(w.owner, w.details(c.change), c.required)
		var f *fault.Error
		require.ErrorAs(t, err, &f, name)
		require.Equal(t, fault.KindInvalid, f.Kind, name)
		require.True(t, slices.ContainsFunc(f.Fields, func(blamed fault.Field) bool { return blamed.Location == c.field }), name)
	}
	require.Zero(t, w.count("select count(*) from opportunities"))
	w.opportunity()
	_, err := w.volunteering.CreateOpportunity(w.owner, w.details(), nil)
	require.ErrorIs(t, err, volunteer.ErrSlugTaken)
}

func make21() []uuid.UUID {
	all := make([]uuid.UUID, 21)
	for i := range all {
		all[i] = uuid.New()
	}
	return all
}

func TestClosingAnOpportunityCallsItsShiftsOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	going := w.shift(o, "2026-11-22T09:00", 2)
	next := w.shift(o, "2026-11-28T09:00", 2)
	elsewhere := w.shift(w.opportunity(func(d *volunteer.Details) { d.Slug = "other" }), "2026-11-28T13:00", 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	today, later := w.signUp(ada, going), w.signUp(ada, next)
	_, err := w.volunteering.PlanShifts(w.owner, o.ID, plan("2026-12-05T09:00"), "FREQ=WEEKLY")
	require.NoError(t, err)

	closed, err := w.volunteering.CloseOpportunity(w.owner, o.ID, "The cold store is broken.")
	require.NoError(t, err)
	require.Equal(t, volunteer.Closed, closed.Status)
	require.Equal(t, volunteer.Open, w.shiftNow(going.ID).Status, "people are there")
	require.Equal(t, volunteer.Confirmed, w.signUpNow(today.ID).Status)
	require.Equal(t, volunteer.Cancelled, w.shiftNow(next.ID).Status)
	require.Equal(t, "The cold store is broken.", w.shiftNow(next.ID).CancelReason)
	require.Zero(t, w.shiftNow(next.ID).Taken)
	require.Equal(t, volunteer.Withdrawn, w.signUpNow(later.ID).Status)
	require.Equal(t, volunteer.Open, w.shiftNow(elsewhere.ID).Status)
	require.Equal(t, 1, w.count("select count(*) from shifts where opportunity_id = $1 and status = 'open'", o.ID))
	require.Equal(t, 1, w.count("select count(*) from shift_notices"), "one act, one notice")
	require.Equal(t, 1, w.count("select count(*) from shift_notice_items where cancelled and sign_up_ids = array[$1]", later.ID.String()))
	require.Equal(t, 1, w.count("select count(*) from river_job where kind = 'volunteer.tell_change'"))

	w.clock.Set(at("2027-11-22T15:00:00Z"))
	require.NoError(t, w.volunteering.MakeAhead(w.owner, w.org.ID.UUID))
	require.Equal(t, 1, w.count("select count(*) from shifts where opportunity_id = $1 and status = 'open'", o.ID), "its series has ended")
	_, err = w.volunteering.CloseOpportunity(w.owner, o.ID, "")
	require.NoError(t, err)
	require.Equal(t, []string{"opportunity.closed"}, w.audited(o.ID.UUID), "once is enough")
	_, err = w.volunteering.PlanShifts(w.owner, o.ID, plan("2026-12-05T09:00"), "")
	require.ErrorIs(t, err, volunteer.ErrClosed)
	draft, err := w.volunteering.CreateOpportunity(w.owner, w.details(func(d *volunteer.Details) { d.Slug = "draft" }), nil)
	require.NoError(t, err)
	_, err = w.volunteering.CloseOpportunity(w.owner, draft.ID, "")
	require.ErrorIs(t, err, volunteer.ErrNotPublished)
}

type opportunityJSON struct {
	ID           string `json:"id"`
	Slug         string `json:"slug"`
	Title        string `json:"title"`
	Status       string `json:"status"`
	Zone         string `json:"zone"`
	PublicURL    string `json:"public_url"`
	WaitlistMax  *int   `json:"waitlist_max"`
	OfferHours   int    `json:"offer_hours"`
	Version      int    `json:"version"`
	Requirements []struct {
		KindID string `json:"kind_id"`
		Name   string `json:"name"`
	} `json:"requirements"`
	Place struct {
		City string `json:"city"`
	} `json:"place"`
}

func opportunityBody(changes object) object {
	body := object{
		"title": "Pack food parcels", "summary": "Pack parcels for 40 families.", "kind": "shifts", "role": "Packer", "place": object{"city": "Riverbend", "country": "us"},
	}
	for field, value := range changes {
		body[field] = value
	}
	return body
}

func TestOpportunitiesOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	kind := h.kind("First aid")
	o := apptest.Decode[opportunityJSON](h.staff.Post("/opportunities", opportunityBody(object{"requirements": []string{kind.ID.String()}, "waitlist_max": 0})).Is(http.StatusCreated))
	require.Equal(t, "draft", o.Status)
	require.Equal(t, "America/New_York", o.Zone, "the organization's")
	require.Equal(t, 12, o.OfferHours)
	require.Zero(t, *o.WaitlistMax)
	require.Equal(t, "First aid", o.Requirements[0].Name)
	require.Equal(t, "Riverbend", o.Place.City)
	published := apptest.Decode[opportunityJSON](h.staff.Post("/opportunities/"+o.ID+"/publish", nil))
	require.Equal(t, h.URL+"/volunteer/riverbend/o/pack-food-parcels", published.PublicURL)

	revised := apptest.Decode[opportunityJSON](h.staff.Patch("/opportunities/"+o.ID, opportunityBody(object{"title": "Pack parcels", "version": published.Version})))
	require.Equal(t, "Pack parcels", revised.Title)
	require.Nil(t, revised.WaitlistMax, "left out: any number")
	require.Empty(t, revised.Requirements)
	h.staff.Patch("/opportunities/"+o.ID, opportunityBody(object{"version": published.Version})).Problem(http.StatusConflict, "volunteering.changed")
	h.staff.Patch("/opportunities/"+o.ID, opportunityBody(object{"version": revised.Version, "slug": "elsewhere"})).Blames("body.slug", "opportunity.slug_fixed")
	h.staff.Post("/opportunities", opportunityBody(object{"title": "Drive", "requirements": []string{uuid.NewString()}})).Blames("body.requirements", "opportunity.requirement_unknown")
	h.staff.Post("/opportunities", opportunityBody(object{"title": ""})).Is(http.StatusUnprocessableEntity)
	h.staff.Post("/opportunities", opportunityBody(object{"kind": "sometimes"})).Is(http.StatusUnprocessableEntity)

	closed := apptest.Decode[opportunityJSON](h.staff.Post("/opportunities/"+o.ID+"/close", object{"reason": "Over."}))
	require.Equal(t, "closed", closed.Status)
	require.Empty(t, closed.PublicURL)
	require.Equal(t, closed.Version, apptest.Decode[opportunityJSON](h.reader.Get("/opportunities/"+o.ID)).Version)
	h.reader.Get("/opportunities/"+uuid.NewString()).Problem(http.StatusNotFound, "opportunity.not_found")
}

func TestOpportunitiesAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	for _, slug := range []string{"first", "second", "third"} {
		h.Clock.Advance(1e9)
		h.opportunity(func(d *volunteer.Details) { d.Slug, d.Title = slug, "Help "+slug })
	}
	h.staff.Post("/opportunities", opportunityBody(object{"title": "A 100% draft"})).Is(http.StatusCreated)
	list := func(query string) (slugs []string, next string) {
		page := apptest.Decode[struct {
			Items      []opportunityJSON `json:"items"`
			NextCursor string            `json:"next_cursor"`
		}](h.reader.Get("/opportunities?" + query))
		for _, o := range page.Items {
			slugs = append(slugs, o.Slug)
		}
		return slugs, page.NextCursor
	}
	slugs, next := list("status=published&limit=2")
	require.Equal(t, []string{"third", "second"}, slugs)
	slugs, next = list("status=published&limit=2&cursor=" + next)
	require.Equal(t, []string{"first"}, slugs)
	require.Empty(t, next)
	slugs, _ = list("search=SECOND")
	require.Equal(t, []string{"second"}, slugs)
	slugs, _ = list("search=100%25")
	require.Equal(t, []string{"a-100-draft"}, slugs)
	slugs, _ = list("search=_")
	require.Empty(t, slugs, "no wildcards")
	h.reader.Get("/opportunities?cursor=nonsense").Is(http.StatusUnprocessableEntity)
}

func TestWhoMustNotTouchOpportunities(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	path := "/opportunities/" + o.ID.String()
	other := h.SignIn(h.Found("otherside"))
	for _, c := range []struct {
		method, path string
		body         object
	}{
		{http.MethodPost, path + "/publish", nil}, {http.MethodPost, path + "/close", object{"reason": "Mine."}},
		{http.MethodPatch, path, opportunityBody(object{"version": 1})},
	} {
		h.Nobody().Send(c.method, "/api/v1"+c.path, c.body).Is(http.StatusUnauthorized)
		h.reader.Send(c.method, "/api/v1"+c.path, c.body).Is(http.StatusForbidden)
		other.Send(c.method, "/api/v1"+c.path, c.body).Problem(http.StatusNotFound, "opportunity.not_found")
	}
	h.reader.Post("/opportunities", opportunityBody(nil)).Is(http.StatusForbidden)
	other.Get(path).Problem(http.StatusNotFound, "opportunity.not_found")
	require.Empty(t, apptest.Decode[struct{ Items []opportunityJSON }](other.Get("/opportunities")).Items)
	require.Equal(t, 1, h.count("select count(*) from opportunities where status = 'published' and version = 2"))
}

func TestAnotherPlaceIsToldToWhoeverComes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-12-05T09:00", 1)
	ada := w.person("Ada", "Hale", "ada@example.org")
	w.signUp(ada, w.shift(o, "2026-11-20T09:00", 1)) // over
	w.shift(o, "2026-12-12T09:00", 1)                // with nobody on it
	one, two := w.signUp(ada, first), w.signUp(ada, second)
	waits := w.wait(w.person("Ben", "Low", "ben@example.org"), first)
	d := o.Details()
	d.Directions = "Ring twice."
	revised, err := w.volunteering.ReviseOpportunity(w.owner, o.ID, o.Version, d, nil)
	require.NoError(t, err)
	require.Empty(t, w.items(), "the reminder says how to get there")
	d.Place.AddressLine1 = "7 Mill Lane"
	_, err = w.volunteering.ReviseOpportunity(w.owner, o.ID, revised.Version, d, nil)
	require.NoError(t, err)
	items := w.items()
	require.Len(t, items, 2)
	require.Equal(t, volunteer.Words{one.ID.String(), waits.ID.String()}, items[0].SignUpIDs)
	require.Equal(t, volunteer.Words{two.ID.String()}, items[1].SignUpIDs)
	require.Equal(t, []volunteer.Difference{{
		Field: "place", Before: "Food bank, 5 Dock Street, Riverbend NY 12500, US", After: "Food bank, 7 Mill Lane, Riverbend NY 12500, US",
	}}, items[0].Differences)
	w.settle()
	require.Contains(t, w.mailed("ada@example.org"), "shift.changed")
	require.Len(t, w.items(), 2, "one notice")
}
