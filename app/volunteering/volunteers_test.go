package volunteering_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// came puts somebody on a roster who was there.
func (f *field) came(p person.Person, s volunteer.Shift) {
	f.t.Helper()
	_, err := f.volunteering.Seat(f.ctx, f.org, s.ID, volunteer.SignUp{
		PersonID: &p.ID.UUID, Status: volunteer.Done, Source: volunteer.FromPublic, CheckedInAt: &s.StartsAt, CheckedOutAt: &s.EndsAt,
	})
	require.NoError(f.t, err)
}

// missed puts somebody on a roster who did not come.
func (f *field) missed(p person.Person, s volunteer.Shift) {
	f.t.Helper()
	f.seat(p, s, volunteer.NoShow)
}

// hours stores time that a person gave.
func (f *field) hours(p person.Person, o volunteer.Opportunity, on string, minutes int, status volunteer.HoursStatus) {
	f.t.Helper()
	h := volunteer.Hours{
		OrgID: f.org.ID.UUID, ID: id.New[volunteer.Hours](), PersonID: p.ID.UUID, OpportunityID: o.ID, On: must(day.Parse(on)), Minutes: minutes, People: 1,
		Source: volunteer.ByStaffHand, Status: status, Note: "Sorted tins", Version: 1, CreatedAt: f.now(), UpdatedAt: f.now(),
	}
	f.store(&h)
}

// profile makes somebody a volunteer of whom this is known.
func (f *field) profile(p person.Person, changes ...func(*volunteer.Profile)) volunteer.Profile {
	f.t.Helper()
	v := volunteer.NewProfile(f.org.ID.UUID, p.ID.UUID, "code "+p.ID.String(), "feed "+p.ID.String(), f.now())
	for _, change := range changes {
		change(&v)
	}
	f.store(&v)
	return v
}

func TestWhoNeverHelpedHasAnEmptyProfileUntilSomebodyWritesOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	empty, err := w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, "Ann Lee", empty.Person.DisplayName())
	require.Zero(t, empty.Profile.Version)
	require.Equal(t, volunteer.Prospective, empty.Profile.Status)
	require.Empty(t, empty.Profile.CheckInCode)
	require.Equal(t, volunteering.Summary{}, empty.Summary)
	require.Zero(t, w.count("select count(*) from volunteers"), "looking makes nothing")

	active := volunteer.Active
	made, err := w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, 0, volunteer.ProfilePatch{
		Status: &active, Skills: &[]string{" Driving ", "first aid", "driving"}, Notes: new("Asks for tea"), Coordinates: &[2]float64{40.71277, -74.00597},
	})
	require.NoError(t, err)
	require.Equal(t, volunteer.Words{"driving", "first aid"}, made.Profile.Skills)
	require.NotEmpty(t, made.Profile.CheckInCode)
	require.Equal(t, []float64{40.71, -74.01}, []float64{*made.Profile.Latitude, *made.Profile.Longitude}, "where they set out is no address")
	read, err := w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, made, read)
	require.Equal(t, []string{"volunteer.changed"}, w.audited(ann.ID.UUID))
	require.Equal(t, 1, w.count(`select count(*) from audit_events where after @> '{"skills": ["driving", "first aid"], "notes": true}' and after::text not like '%tea%'`))
}

func TestAnEditorWhoSawAnOlderProfileIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	first, err := w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, 0, volunteer.ProfilePatch{Notes: new("one")})
	require.NoError(t, err)
	for _, stale := range []int{0, first.Profile.Version - 1, first.Profile.Version + 1} {
		_, err = w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, stale, volunteer.ProfilePatch{Notes: new("two")})
		require.ErrorIs(t, err, volunteer.ErrChanged)
	}
	again, err := w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, first.Profile.Version, volunteer.ProfilePatch{Notes: new("two")})
	require.NoError(t, err)
	require.Equal(t, "two", again.Profile.Notes)
}

func TestAnEditorWhoSawNothingMayWriteOnWhatASignUpMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	w.signUp(ann, w.shift(w.opportunity(), "2026-11-25T09:00", 3))
	v, err := w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, 0, volunteer.ProfilePatch{Notes: new("quick")})
	require.NoError(t, err)
	require.Equal(t, "quick", v.Profile.Notes)
	require.Equal(t, 1, v.Summary.Upcoming)
}

func TestProfilesAreOfPeopleWhoAreThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.volunteering.FindVolunteer(w.owner, uuid.New())
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.PatchVolunteer(w.owner, uuid.New(), 0, volunteer.ProfilePatch{Notes: new("?")})
	require.ErrorIs(t, err, person.ErrNotFound)
	_, _, err = w.volunteering.PlacesOf(w.owner, uuid.New(), volunteering.PlacePosition{}, 10)
	require.ErrorIs(t, err, person.ErrNotFound)

	gone, err := person.New(w.org.ID.UUID, person.Details{FirstName: "Ann", Email: "ann@example.org"}, w.now())
	require.NoError(t, err)
	require.NoError(t, gone.Anonymise(w.now()))
	w.store(&gone)
	_, err = w.volunteering.PatchVolunteer(w.owner, gone.ID.UUID, 0, volunteer.ProfilePatch{Notes: new("?")})
	require.ErrorIs(t, err, person.ErrAnonymised)
	_, err = w.volunteering.ForgiveNoShows(w.owner, gone.ID.UUID)
	require.ErrorIs(t, err, person.ErrAnonymised)
	require.Zero(t, w.count("select count(*) from volunteers"))
}

func TestVolunteersSayWhoTheyAreAndNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	active := volunteer.Active
	_, err := w.volunteering.PatchVolunteer(w.owner, ann.ID.UUID, 0, volunteer.ProfilePatch{Notes: new("Never alone at the till")})
	require.NoError(t, err)
	born := must(day.Parse("1990-05-01"))
	always := volunteer.AlwaysAvailable
	mine, err := w.volunteering.PatchSelf(w.self(ann), 2, volunteer.ProfilePatch{
		Status: &active, Notes: new("Trust her blindly"), Skills: &[]string{"cooking"}, Availability: &always, BirthDate: &born, CanBeAsked: new(false), Reminders: new(false),
	})
	require.NoError(t, err)
	require.Empty(t, mine.Profile.Notes, "the coordinator's notes are not for the volunteer")
	self, err := w.volunteering.SelfVolunteer(w.self(ann))
	require.NoError(t, err)
	require.Equal(t, mine, self)

	seen, err := w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, "Never alone at the till", seen.Profile.Notes)
	require.Equal(t, volunteer.Prospective, seen.Profile.Status)
	require.False(t, seen.Profile.CanBeAsked)
	require.False(t, seen.Profile.Reminders)
	require.Equal(t, volunteer.AlwaysAvailable, seen.Profile.Availability)

	other := must(day.Parse("2010-05-01"))
	_, err = w.volunteering.PatchSelf(w.self(ann), 3, volunteer.ProfilePatch{BirthDate: &other})
	requireFault(t, err, "volunteer.birth_date_set")
	none := day.Day{}
	_, err = w.volunteering.PatchSelf(w.self(ann), 3, volunteer.ProfilePatch{BirthDate: &none})
	requireFault(t, err, "volunteer.birth_date_set")
	_, err = w.volunteering.PatchSelf(w.self(ann), 3, volunteer.ProfilePatch{BirthDate: &born, Interests: &[]string{"gardens"}})
	require.NoError(t, err, "the same date again is no correction")

	_, err = w.volunteering.SelfVolunteer(w.owner)
	require.ErrorIs(t, err, person.ErrSessionOver)
	_, err = w.volunteering.PatchSelf(w.owner, 1, volunteer.ProfilePatch{})
	require.ErrorIs(t, err, person.ErrSessionOver)
	_, err = w.volunteering.NewFeedToken(w.owner)
	require.ErrorIs(t, err, person.ErrSessionOver)
}

// requireFault requires an error that a user can act on, by its code or that of a field.
func requireFault(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	codes := []string{f.Code}
	for _, field := range f.Fields {
		codes = append(codes, field.Code)
	}
	require.Contains(t, codes, code)
}

func TestASummaryCountsWhatWasDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, ben := w.person("Ann", "Lee", "ann@example.org"), w.person("Ben", "Cho", "ben@example.org")
	o := w.opportunity()
	w.came(ann, w.shift(o, "2025-12-30T20:00", 3))
	w.came(ann, w.shift(o, "2026-11-10T09:00", 3))
	w.missed(ann, w.shift(o, "2026-02-10T09:00", 3)) // longer ago than no-shows count
	w.missed(ann, w.shift(o, "2026-11-12T09:00", 3))
	w.signUp(ann, w.shift(o, "2026-11-25T09:00", 3))
	w.wait(ann, w.shift(o, "2026-11-26T09:00", 3)) // nobody else: a place is offered at once
	full := w.shift(o, "2026-11-27T09:00", 1)
	w.signUp(ben, full)
	w.wait(ann, full)
	off := w.shift(o, "2026-11-28T09:00", 1)
	w.signUp(ann, off)
	off = w.shiftNow(off.ID)
	require.NoError(t, off.Cancel("Flood", w.now()))
	w.inTx(func(tx database.Tx) error { return tx.Gorm(t.Context()).Save(&off).Error })
	w.hours(ann, o, "2025-11-01", 90, volunteer.Approved)
	w.hours(ann, o, "2026-11-10", 180, volunteer.Approved)
	w.hours(ann, o, "2026-11-11", 60, volunteer.Pending)
	w.hours(ann, o, "2026-11-12", 60, volunteer.Rejected)
	w.hours(ben, o, "2026-11-12", 30, volunteer.Approved)

	got, err := w.volunteering.Summary(w.owner, w.org, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, volunteering.Summary{
		Minutes: 270, MinutesThisYear: 180, Upcoming: 2, Came: 2, Missed: 2, NoShows: 1,
		FirstOn: must(day.Parse("2025-11-01")), LastOn: must(day.Parse("2026-11-10")),
	}, got)
	nobody, err := w.volunteering.Summary(w.owner, w.org, uuid.New())
	require.NoError(t, err)
	require.Equal(t, volunteering.Summary{}, nobody)
}

func TestForgivenNoShowsNoLongerLockOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	o := w.opportunity()
	for _, starts := range []string{"2026-11-01T09:00", "2026-11-08T09:00"} {
		w.missed(ann, w.shift(o, starts, 3))
	}
	next := w.shift(o, "2026-11-25T09:00", 3)
	v, err := w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.True(t, v.Summary.LockedOut())
	out, err := w.volunteering.SignUpSelf(w.self(ann), []id.ID[volunteer.Shift]{next.ID}, volunteering.Joining{})
	require.NoError(t, err)
	require.Equal(t, "sign_up.locked_out", out.Refused[0].Code)

	v, err = w.volunteering.ForgiveNoShows(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.False(t, v.Summary.LockedOut())
	require.Equal(t, 2, v.Summary.Missed, "what happened stays known")
	require.Contains(t, w.audited(ann.ID.UUID), "volunteer.no_shows_forgiven")
	out, err = w.volunteering.SignUpSelf(w.self(ann), []id.ID[volunteer.Shift]{next.ID}, volunteering.Joining{})
	require.NoError(t, err)
	require.Len(t, out.Placed, 1)
}

func TestANewFeedAddressEndsTheOldOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	first, err := w.volunteering.NewFeedToken(w.self(ann))
	require.NoError(t, err)
	second, err := w.volunteering.NewFeedToken(w.self(ann))
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.Equal(t, 1, w.count("select count(*) from volunteers where feed_token = $1", second))
	require.Zero(t, w.count("select count(*) from audit_events where (before || after)::text like '%' || $1 || '%'", second), "it is a secret")
}

func TestVolunteersAreFoundByNameAndNarrowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []struct {
		first, last, email string
		status             volunteer.ProfileStatus
		skills             volunteer.Words
	}{
		{"Maria", "Lopez", "m.lopez@example.org", volunteer.Active, volunteer.Words{"driving"}},
		{"Mario", "Rossi", "rossi@example.com", volunteer.Prospective, volunteer.Words{"cooking", "driving"}},
		{"Zoë", "Østergård", "zoe@example.dk", volunteer.Inactive, volunteer.Words{}},
		{"100%", "O'Neil_x", "", volunteer.Active, volunteer.Words{}},
		{`Back\slash`, "<b>Bold</b>", "", volunteer.Active, volunteer.Words{}},
	} {
		w.profile(w.person(who.first, who.last, who.email), func(v *volunteer.Profile) { v.Status, v.Skills = who.status, who.skills })
	}
	w.person("Maria", "Giver", "giver@example.org") // gives, and does not help
	for _, tc := range []struct {
		name   string
		filter volunteering.VolunteerFilter
		want   []string
	}{
		{"everybody", volunteering.VolunteerFilter{}, []string{"Maria Lopez", "Mario Rossi", "Zoë Østergård", "100% O'Neil_x", `Back\slash <b>Bold</b>`}},
		{"part of a name", volunteering.VolunteerFilter{Search: "mari"}, []string{"Maria Lopez", "Mario Rossi"}},
		{"words in any order", volunteering.VolunteerFilter{Search: "lopez MARIA"}, []string{"Maria Lopez"}},
		{"an address", volunteering.VolunteerFilter{Search: "rossi@example.com"}, []string{"Mario Rossi"}},
		{"two letters", volunteering.VolunteerFilter{Search: "ma"}, []string{"Maria Lopez", "Mario Rossi"}},
		{"letters that patterns use", volunteering.VolunteerFilter{Search: "100%"}, []string{"100% O'Neil_x"}},
		{"only such letters", volunteering.VolunteerFilter{Search: "__"}, nil},
		{"a backslash", volunteering.VolunteerFilter{Search: `k\s`}, []string{`Back\slash <b>Bold</b>`}},
		{"markup", volunteering.VolunteerFilter{Search: "<b>"}, []string{`Back\slash <b>Bold</b>`}},
		{"a skill", volunteering.VolunteerFilter{Skill: " Driving"}, []string{"Maria Lopez", "Mario Rossi"}},
		{"a status", volunteering.VolunteerFilter{Status: volunteer.Inactive}, []string{"Zoë Østergård"}},
		{"all at once", volunteering.VolunteerFilter{Search: "example", Skill: "driving", Status: volunteer.Prospective}, []string{"Mario Rossi"}},
	} {
		tc.filter.Limit = 50
		found, more, err := w.volunteering.ListVolunteers(w.owner, tc.filter)
		require.NoError(t, err, tc.name)
		require.False(t, more, tc.name)
		var names []string
		for _, v := range found {
			names = append(names, v.Person.DisplayName())
		}
		require.ElementsMatch(t, tc.want, names, tc.name)
	}
	_, _, err := w.volunteering.ListVolunteers(w.owner, volunteering.VolunteerFilter{Search: "a", Limit: 50})
	requireFault(t, err, "search.too_short")
}

func TestTheListOfVolunteersPagesThroughEverybodyOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 23 {
		w.profile(w.person(fmt.Sprintf("Person %02d", i), "Smith", ""))
		if i%3 == 0 { // several share an instant
			w.clock.Advance(time.Minute)
		}
	}
	for _, search := range []string{"", "smith"} {
		seen := map[string]bool{}
		f := volunteering.VolunteerFilter{Search: search, Limit: 5}
		for {
			found, more, err := w.volunteering.ListVolunteers(w.owner, f)
			require.NoError(t, err)
			for i, v := range found {
				require.False(t, seen[v.Person.FirstName])
				seen[v.Person.FirstName] = true
				require.True(t, i == 0 || !v.Profile.CreatedAt.After(found[i-1].Profile.CreatedAt), "newest first")
			}
			if !more {
				break
			}
			last := found[len(found)-1].Profile
			f.Before, f.BeforeID = last.CreatedAt, last.PersonID
		}
		require.Len(t, seen, 23)
	}
}

func TestAPersonsSignUpsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	o := w.opportunity()
	for i := range 7 {
		w.signUp(ann, w.shift(o, fmt.Sprintf("2026-12-%02dT09:00", i+1), 3))
		if i%2 == 0 {
			w.clock.Advance(time.Minute)
		}
	}
	var starts []string
	var at volunteering.PlacePosition
	for {
		places, more, err := w.volunteering.PlacesOf(w.owner, ann.ID.UUID, at, 3)
		require.NoError(t, err)
		for _, p := range places {
			require.Equal(t, "Pack food parcels", p.OpportunityTitle)
			starts = append(starts, p.StartsLocal.Day().String())
		}
		if !more {
			break
		}
		at = volunteering.PlacePosition{At: places[len(places)-1].CreatedAt, ID: places[len(places)-1].ID}
	}
	require.ElementsMatch(t, []string{"2026-12-07", "2026-12-06", "2026-12-05", "2026-12-04", "2026-12-03", "2026-12-02", "2026-12-01"}, starts)
	require.Equal(t, "2026-12-07", starts[0])
}

func TestAnotherOrganizationKnowsNoneOfTheVolunteers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann", "Lee", "ann@example.org")
	w.profile(ann)
	sea := w.field
	sea.org = must(account.NewOrganization(account.OrganizationDetails{Name: "Sea Watch", Kind: account.Nonprofit, Slug: "sea", Zone: "Europe/Oslo"}, w.now()))
	sea.store(&sea.org)
	there := sea.as(account.Owner)
	found, _, err := w.volunteering.ListVolunteers(there, volunteering.VolunteerFilter{Limit: 50})
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = w.volunteering.FindVolunteer(there, ann.ID.UUID)
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.PatchVolunteer(there, ann.ID.UUID, 0, volunteer.ProfilePatch{Notes: new("mine")})
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.ForgiveNoShows(there, ann.ID.UUID)
	require.ErrorIs(t, err, person.ErrNotFound)
}
