package volunteering_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

func TestShiftsAreFoundByDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.MinAge = 18 })
	early, late := w.shift(o, "2026-11-28T09:00", 8), w.shift(o, "2026-11-29T22:00", 1, func(d *volunteer.ShiftDetails) { d.EndsLocal = wall("2026-11-30T06:00") })
	w.shift(o, "2026-11-21T09:00", 8) // over
	for _, name := range []string{"Ada", "Bo", "Cy", "Di", "Ed"} {
		w.signUp(w.person(name, "Early", ""), early)
	}
	v := w.visit()
	page := v.get("/volunteer/riverbend")
	require.Equal(t, http.StatusOK, page.status)
	page.says("Volunteer with Riverbend Trust", "Saturday 28 November", "09:00–12:00 EST", "Pack food parcels", "Packer", "3 h", "Food bank, Riverbend",
		"3 of 8 places left", "18 or older", "Sunday 29 November", "22:00 – Monday 06:00 EST", "8 h", "The only place is free")
	page.saysNot("21 November", "Mo Carter")
	require.Contains(t, page.html, `name="shift" value="`+early.ID.String()+`"`)
	require.Contains(t, page.html, `<progress class="goal" max="8" value="5"`)
	require.Contains(t, page.html, `<link rel="canonical" href="https://give.example.org/volunteer/riverbend">`)

	w.signUp(w.person("Flo", "Last", ""), late)
	v.get("/volunteer/riverbend").says("The only place is taken", "Nobody waits yet: you would be first in line.")
	w.wait(w.person("Gus", "Waits", ""), late)
	v.get("/volunteer/riverbend").says("1 person waits: you would be number 2 in line.")

	chosen := v.get("/volunteer/riverbend?place=Elsewhere&shift=" + early.ID.String() + "&shift=nonsense")
	chosen.says("One shift you chose can no longer be chosen", "No shift fits these filters", "Also chosen", "Saturday 28 November, 09:00–12:00 EST: Pack food parcels", "1 shift chosen")
	require.Contains(t, chosen.html, `value="`+early.ID.String()+`" data-starts="2026-11-28T14:00:00Z" data-ends="2026-11-28T17:00:00Z"`)
}

func TestWhatCannotBeChosenSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hours := 24
	o := w.opportunity(func(d *volunteer.Details) { d.Window.OpensBeforeHours, d.Window.ClosesBeforeMinutes = &hours, 60 })
	w.shift(o, "2026-11-28T09:00", 8)
	none := 0
	soon := w.opportunity(func(d *volunteer.Details) { d.Title, d.Window.ClosesBeforeMinutes = "Sort clothes", 120 })
	w.shift(soon, "2026-11-22T11:00", 8)
	full := w.opportunity(func(d *volunteer.Details) { d.Title, d.Waitlist.WaitlistMax = "Drive the van", &none })
	w.signUp(w.person("Ada", "First", ""), w.shift(full, "2026-11-25T11:00", 1))
	page := w.visit().get("/volunteer/riverbend")
	page.says("Sort clothes", "Sign-up closed on Sunday 22 November at 09:00 EST.", "Ask Mo Carter whether you can still come.", "Drive the van", "The only place is taken.",
		"Pack food parcels", "Sign-up opens on Friday 27 November at 09:00 EST.")
	require.NotContains(t, page.html, `name="shift"`)
	page.saysNot("Continue")
}

func TestFiltersOfTheList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here := w.opportunity()
	there := w.opportunity(func(d *volunteer.Details) { d.Title, d.Role, d.Place.City = "Sort clothes", "Sorter", "Hillside" })
	online := w.opportunity(func(d *volunteer.Details) {
		d.Title, d.Role, d.Place = "Answer mail", "Writer", volunteer.Place{Remote: true}
	})
	w.shift(here, "2026-11-28T09:00", 8)
	w.shift(there, "2026-11-29T09:00", 8)
	w.shift(online, "2026-12-05T09:00", 8)
	w.opportunity(func(d *volunteer.Details) { d.Title, d.Kind = "Translate letters", volunteer.Flexible })
	w.shift(w.opportunity(func(d *volunteer.Details) {
		d.Title, d.Visibility, d.Role = "Secret work", volunteer.ByStaffOnly, "Guard"
	}), "2026-11-28T09:00", 8)
	v := w.visit()
	all := v.get("/volunteer/riverbend")
	all.says("Hillside", "Riverbend", "From anywhere", "Packer", "Sorter", "Writer", "Pack food parcels", "Sort clothes", "Answer mail", "Whenever you have time", "Translate letters")
	all.saysNot("Secret work", "Guard")
	for query, want := range map[string]string{
		"place=Hillside": "Sort clothes", "place=Riverbend&role=Packer&from=2026-11-28": "Pack food parcels", "place=~remote": "Answer mail", "role=Sorter": "Sort clothes",
		"from=2026-11-30": "Answer mail",
	} {
		page := v.get("/volunteer/riverbend?" + query)
		for _, title := range []string{"Sort clothes", "Pack food parcels", "Answer mail"} {
			require.Equal(t, title == want, strings.Contains(page.text, "About this : "+title), "%s in %s", title, query)
		}
	}
	odd := v.get("/volunteer/riverbend?from=tomorrow")
	require.Equal(t, http.StatusOK, odd.status)
	odd.says("Write the date as YYYY-MM-DD.", "Pack food parcels")
	require.Contains(t, odd.html, `aria-describedby="error-from"`)
	require.Equal(t, http.StatusUnprocessableEntity, v.get("/volunteer/riverbend?cursor=x").status)
}

func TestTheListGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	for range 65 { // at one instant: the id decides
		w.shift(o, "2026-11-28T09:00", 8)
	}
	v, path, seen := w.visit(), "/volunteer/riverbend", map[string]bool{}
	for pages := 1; ; pages++ {
		page := v.get(path)
		for _, part := range strings.Split(page.html, `name="shift" value="`)[1:] {
			of := part[:36]
			require.False(t, seen[of], "no shift comes twice")
			seen[of] = true
		}
		_, rest, more := strings.Cut(page.html, `name="cursor" value="`)
		if !more {
			require.Equal(t, 3, pages)
			break
		}
		path = "/volunteer/riverbend?cursor=" + rest[:strings.IndexByte(rest, '"')]
	}
	require.Len(t, seen, 65)
}

// What SQL takes for fitting is what the rules of the domain take for it, at every hour of a week.
func TestWhatFitsIsWhatTheRulesSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	free := volunteer.AvailableOn(time.Monday, volunteer.Morning) | volunteer.AvailableOn(time.Saturday, volunteer.Night) | volunteer.AvailableOn(time.Sunday, volunteer.Evening) |
		volunteer.AvailableOn(time.Wednesday, volunteer.Afternoon)
	profile := volunteer.NewProfile(w.org.ID.UUID, ada.ID.UUID, "CODE", "feed", w.now())
	profile.Availability = free
	w.store(&profile)
	o := w.opportunity()
	fitting := map[string]bool{}
	for hour := range 7 * 24 {
		starts := wall("2026-12-07T00:30").Add(time.Duration(hour) * time.Hour)
		s := w.shift(o, starts.String(), 3, func(d *volunteer.ShiftDetails) { d.EndsLocal = starts.Add(30 * time.Minute) })
		fitting[s.ID.String()] = free.Fits(starts)
	}
	found := map[string]bool{}
	v, path := w.visit().as(ada), "/volunteer/riverbend?fits=1"
	for path != "" {
		page := v.get(path)
		for _, part := range strings.Split(page.html, `name="shift" value="`)[1:] {
			found[part[:36]] = true
		}
		_, rest, more := strings.Cut(page.html, `name="cursor" value="`)
		if path = ""; more {
			path = "/volunteer/riverbend?fits=1&cursor=" + rest[:strings.IndexByte(rest, '"')]
		}
	}
	for of, fits := range fitting {
		require.Equal(t, fits, found[of], of)
	}
	require.Len(t, found, 7+7+5+5)
}

func TestFitsMeKnowsSkillsAgeProofsAndOtherPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	kind, err := volunteer.NewCredentialKind(w.org.ID.UUID, "Food hygiene", "", 0, w.now())
	require.NoError(t, err)
	w.store(&kind)
	proofs := func(o volunteer.Opportunity) {
		w.inTx(func(tx database.Tx) error {
			return tx.Gorm(t.Context()).Exec("insert into opportunity_requirements values (?, ?, ?)", o.OrgID, o.ID, kind.ID).Error
		})
	}
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.Skills = "Drive the van", []string{"driving", "lifting"} }), "2026-11-28T09:00", 3)
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.Skills = "Mend coats", []string{"sewing"} }), "2026-11-29T09:00", 3)
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.MinAge = "Pour the wine", 21 }), "2026-11-30T09:00", 3)
	cook := w.opportunity(func(d *volunteer.Details) { d.Title = "Cook soup" })
	proofs(cook)
	w.shift(cook, "2026-12-01T09:00", 3)
	taken := w.opportunity(func(d *volunteer.Details) { d.Title = "Read aloud" })
	busy := w.shift(taken, "2026-12-02T09:00", 3)
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Title = "Water plants" }), "2026-12-02T11:00", 3)
	page := func(p person.Person) page { return w.visit().as(p).get("/volunteer/riverbend?fits=1") }

	page(ada).says("Drive the van", "Mend coats", "Read aloud", "Water plants") // nothing is known of her skills and her time
	page(ada).saysNot("Pour the wine", "Cook soup")

	born := day.New(2005, time.November, 30)
	_, err = w.volunteering.PatchSelf(w.self(ada), 0, volunteer.ProfilePatch{Skills: &[]string{"Driving"}, BirthDate: &born})
	require.NoError(t, err)
	w.store(&volunteer.Credential{OrgID: w.org.ID.UUID, ID: id.New[volunteer.Credential](), PersonID: ada.ID.UUID, KindID: kind.ID.UUID, IssuedOn: day.New(2026, 1, 1),
		ExpiresOn: day.New(2026, 12, 1), Confirmed: true, CreatedAt: w.now(), UpdatedAt: w.now()})
	w.signUp(ada, busy)
	fits := page(ada)
	fits.says("Drive the van", "Pour the wine", "Cook soup") // her birthday, and the last day of her proof
	fits.saysNot("Mend coats", "Read aloud", "Water plants")
	all := w.visit().as(ada).get("/volunteer/riverbend")
	all.says("Read aloud", "You have a place", "See it in My shifts", "Water plants")
	require.NotContains(t, all.html, `value="`+busy.ID.String()+`"`)
	stranger := w.visit().get("/volunteer/riverbend?fits=1")
	stranger.says("Drive the van", "Mend coats", "Cook soup")
	stranger.saysNot("Only what fits me")
}

func TestThePageOfAnOpportunity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) {
		d.Why, d.Description, d.Skills, d.MinAge = "Nobody goes hungry.", "We **pack** together.\n\n<script>alert(1)</script>", []string{"lifting"}, 16
		d.Title = `Pack <b>"food"</b> & parcels`
		d.Slug = "pack"
	})
	s := w.shift(o, "2026-11-28T09:00", 8, func(d *volunteer.ShiftDetails) { d.Title, d.MeetingPoint = "Early team", "Gate <3>" })
	v := w.visit()
	page := v.get("/volunteer/riverbend/o/pack")
	require.Equal(t, http.StatusOK, page.status)
	page.says(`Pack <b>"food"</b> & parcels`, "Packer", "Pack parcels for 40 families.", "We pack together.", "Nobody goes hungry.", "Food bank, 5 Dock Street, Riverbend NY 12500, US",
		"America/New_York", "at least 16 years old", "lifting", "Mo Carter", "Saturday 28 November", "Early team", "8 of 8 places left")
	page.saysNot("Ring at the blue door")
	require.NotContains(t, page.html, "<b>")
	require.NotContains(t, page.html, "<script>alert")
	require.Contains(t, page.html, "<strong>pack</strong>")
	require.Contains(t, page.html, `<meta property="og:description" content="Pack parcels for 40 families.">`)
	require.Contains(t, page.html, `<meta property="og:url" content="https://give.example.org/volunteer/riverbend/o/pack">`)
	require.Contains(t, page.html, `value="`+s.ID.String()+`"`)
	back := v.get("/volunteer/riverbend/o/pack?role=Packer&shift=" + s.ID.String())
	require.Contains(t, back.html, `href="/volunteer/riverbend?role=Packer&amp;shift=`+s.ID.String()+`"`)
	require.Contains(t, back.html, `checked`)

	draft, err := volunteer.NewOpportunity(w.org, w.details(func(d *volunteer.Details) { d.Slug = "draft" }), w.now())
	require.NoError(t, err)
	w.store(&draft)
	hidden := w.opportunity(func(d *volunteer.Details) { d.Slug, d.Visibility = "hidden", volunteer.ByStaffOnly })
	for _, slug := range []string{"draft", hidden.Slug, "nothing"} {
		require.Equal(t, http.StatusNotFound, v.get("/volunteer/riverbend/o/"+slug).status, slug)
	}
	_, err = w.volunteering.CloseOpportunity(w.as(account.Owner), o.ID, "The winter is over.")
	require.NoError(t, err)
	closed := v.get("/volunteer/riverbend/o/pack")
	closed.says("This is over.", "See what else you can do")
	require.Contains(t, closed.html, `content="noindex"`)
	require.NotContains(t, closed.html, `name="shift"`)
}

func TestAnEmptyListSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.visit().get("/volunteer/riverbend").says("No shift to sign up for right now", "Riverbend Trust has planned none at the moment.")
	w.visit().get("/volunteer/riverbend?role=Cook").says("No shift fits these filters", "Clear the filters")
}
