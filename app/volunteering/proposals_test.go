package volunteering_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// ranking writes proposals as one reads them: name, score, and each reason with its points and number.
func ranking(p volunteering.Proposals) []string {
	var all []string
	for _, item := range p.Items {
		line := fmt.Sprintf("%s %d:", item.Name, item.Score)
		for _, b := range item.Reasons {
			line += fmt.Sprintf(" %s%+d(%d%s)", b.Code, b.Points, b.Number, strings.Join(append([]string{""}, b.Words...), " "))
		}
		all = append(all, line)
	}
	return all
}

// TestWhoCouldCoverIsRankedWithReasons has its points added up by hand from what is promised: skills 40 shared by those that are asked for,
// time 30, the same role 8 and 4 for each time up to 20, 2 and 1 for each ten hours up to 10, reliable 5 and 2 for each time up to 15, near 20
// less the kilometres.
func TestWhoCouldCoverIsRankedWithReasons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hygiene := w.kind("Food hygiene")
	driving := w.opportunity(func(d *volunteer.Details) {
		d.Title, d.Role, d.Skills, d.MinAge = "Drive the van", "Driver", []string{"driving", "lifting"}, 16
		d.Place.Latitude, d.Place.Longitude = new(40.0), new(-74.0)
	})
	w.requires(driving, hygiene)
	sorting := w.opportunity(func(d *volunteer.Details) { d.Title, d.Slug, d.Role = "Sort tins", "sort-tins", "Sorter" })
	shift := w.shift(driving, "2026-11-25T09:00", 2) // a Wednesday
	wednesdays := func(v *volunteer.Profile) { v.Availability = volunteer.AvailableOn(time.Wednesday, volunteer.Morning) }
	grown := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	helper := func(name string, changes ...func(*volunteer.Profile)) person.Person {
		p := w.helper(name, append(changes, func(v *volunteer.Profile) {
			if v.BirthDate == nil {
				v.BirthDate = &grown
			}
		})...)
		if name != "Dan" && name != "Kim" {
			w.credential(p, hygiene, "", true)
		}
		return p
	}

	ann := helper("Ann", wednesdays, func(v *volunteer.Profile) {
		v.Skills, v.Latitude, v.Longitude = volunteer.Words{"driving", "lifting", "singing"}, new(40.0), new(-74.0)
	})
	for _, starts := range []string{"2026-10-07T09:00", "2026-10-14T09:00", "2026-10-21T09:00"} {
		w.came(ann, w.shift(driving, starts, 5))
	}
	w.hours(ann, sorting, "2026-09-01", 20*60, volunteer.Approved)
	w.hours(ann, sorting, "2026-09-02", 24*60, volunteer.Approved)
	w.hours(ann, sorting, "2026-09-03", 6*60+30, volunteer.Approved)
	w.hours(ann, sorting, "2026-09-04", 8*60, volunteer.Pending)
	helper("Ben", func(v *volunteer.Profile) {
		v.Skills, v.Latitude, v.Longitude = volunteer.Words{"driving"}, new(40.09), new(-74.0)
	})
	cleo := helper("Cleo", func(v *volunteer.Profile) { v.Availability = volunteer.AvailableOn(time.Sunday, volunteer.Night) })
	w.exec("update people set city = ' RIVERBEND ' where id = $1", cleo.ID)
	dan := helper("Dan", wednesdays)
	w.credential(dan, hygiene, "2026-11-24", true)
	eve := helper("Eve", wednesdays)
	w.signUp(eve, w.shift(sorting, "2026-11-25T11:00", 5))
	finn := helper("Finn")
	w.exec("update people set postal_code = '12500' where id = $1", finn.ID)
	w.askToCover(w.shift(sorting, "2026-12-05T09:00", 1), finn)
	gus := helper("Gus")
	w.came(gus, w.shift(sorting, "2026-10-07T09:00", 5))
	w.missed(gus, w.shift(sorting, "2026-10-08T09:00", 5))
	hal := helper("Hal")
	w.missed(hal, w.shift(sorting, "2026-10-07T09:00", 5))
	w.missed(hal, w.shift(sorting, "2026-10-08T09:00", 5))
	ida := helper("Ida", wednesdays)
	w.wait(ida, shift)
	helper("Jo", func(v *volunteer.Profile) { born := time.Date(2010, 11, 26, 0, 0, 0, 0, time.UTC); v.BirthDate = &born })
	kim := helper("Kim")
	w.credential(kim, hygiene, "", false)
	w.signUp(helper("Lou"), w.shift(sorting, "2026-11-25T12:00", 5)) // begins when this one ends

	helper("Inactive", func(v *volunteer.Profile) { v.Status = volunteer.Inactive })
	helper("Unwilling", func(v *volunteer.Profile) { v.CanBeAsked = false })
	w.exec("update people set do_not_contact = true where id = $1", helper("Silent").ID)
	w.profile(w.person("Unreachable", "", ""))
	w.person("Giver", "", "giver@example.org")

	w.clock.Advance(3 * 24 * time.Hour / 2)
	found, err := w.volunteering.Propose(w.owner, shift.ID, 50)
	require.NoError(t, err)
	require.Equal(t, []string{
		"Ann 128: skills+40(2 driving lifting) available+30(0) same_role+20(3) experienced+7(50) reliable+11(100) near+20(0)",
		"Ben 30: skills+20(1 driving) near+10(10)",
		"Finn 5: same_postal_code+15(0) asked_lately-10(1)",
		"Lou 0:",
		"Cleo -10: unavailable-20(0) same_town+10(0)",
		"Gus -10: no_shows-10(1)",
		"Dan 30: available+30(0) requirement+0(0)",
		"Eve 30: available+30(0) overlap+0(0)",
		"Ida 30: available+30(0) already_signed_up+0(0)",
		"Jo 0: requirement+0(0)",
		"Kim 0: requirement+0(0)",
		"Hal -20: no_shows-20(2) locked_out+0(0)",
	}, ranking(found))
	require.Equal(t, 12, found.Considered)
	require.False(t, found.More)

	best, err := w.volunteering.Propose(w.owner, shift.ID, 2)
	require.NoError(t, err)
	require.Equal(t, ranking(found)[:2], ranking(best))
	require.Equal(t, 12, best.Considered, "nobody is left out in silence")
}

func TestForgivenNoShowsCountAgainstNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Place = volunteer.Place{Remote: true} })
	hal := w.helper("Hal")
	w.missed(hal, w.shift(o, "2026-10-07T09:00", 5))
	w.missed(hal, w.shift(o, "2026-10-08T09:00", 5))
	_, err := w.volunteering.ForgiveNoShows(w.owner, hal.ID.UUID)
	require.NoError(t, err)
	found, err := w.volunteering.Propose(w.owner, w.shift(o, "2026-11-25T09:00", 1).ID, 50)
	require.NoError(t, err)
	require.Equal(t, []string{"Hal 0:"}, ranking(found))
}

func TestNobodyIsProposedForAShiftThatNeedsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	_, err := w.volunteering.Propose(w.owner, id.New[volunteer.Shift](), 50)
	require.ErrorIs(t, err, volunteer.ErrShift)
	_, err = w.volunteering.Propose(w.owner, w.shift(o, "2026-11-20T09:00", 1).ID, 50)
	require.ErrorIs(t, err, volunteer.ErrShiftEnded)
	w.helper("Ann")
	off := w.shift(o, "2026-11-25T09:00", 1)
	w.exec("update shifts set status = 'cancelled' where id = $1", off.ID)
	_, err = w.volunteering.Propose(w.owner, off.ID, 50)
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
}

func TestMoreVolunteersThanAreWeighedAreNotKeptSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Skills, d.Place = []string{"driving"}, volunteer.Place{Remote: true} })
	shift, elsewhere := w.shift(o, "2026-11-25T09:00", 1), w.shift(o, "2026-11-25T10:00", 5000)
	driver := w.helper("Driver", func(v *volunteer.Profile) { v.Skills = volunteer.Words{"driving"} })
	w.clock.Advance(time.Hour)
	w.exec(`with p as (insert into people (org_id, id, first_name, email, email_normalized, created_at, updated_at)
			select $1::uuid, gen_random_uuid(), 'Helper ' || n, n || '@example.org', n || '@example.org', $2::timestamptz, $2::timestamptz from generate_series(1, 2100) n
			returning org_id, id),
		v as (insert into volunteers (org_id, person_id, status, check_in_code, feed_token, created_at, updated_at)
			select org_id, id, 'active', id::text, id::text, $2::timestamptz, $2::timestamptz from p returning org_id, person_id)
		insert into sign_ups (org_id, id, shift_id, person_id, status, source, rank, created_at, updated_at)
			select org_id, gen_random_uuid(), $3::uuid, person_id, 'confirmed', 'public', row_number() over (), $2::timestamptz, $2::timestamptz from v`,
		w.org.ID, w.now(), elsewhere.ID)
	found, err := w.volunteering.Propose(w.owner, shift.ID, 3)
	require.NoError(t, err)
	require.Equal(t, 2000, found.Considered)
	require.True(t, found.More)
	require.Len(t, found.Items, 3)
	require.Equal(t, driver.ID.UUID, found.Items[0].PersonID, "who has the skill is weighed before all others, however long ago they came")
	require.Equal(t, []volunteer.Rule{volunteer.RuleOverlap}, found.Items[1].Obstacles)
}
