package volunteering_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/volunteer"
)

const mine = "/my/riverbend/shifts"

func TestMyShiftsAreMineOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2)
	ada, bo := w.person("Ada", "Lovelace", "ada@example.org"), w.person("Bo", "Peep", "bo@example.org")
	place := w.signUp(ada, s)
	v := w.visit()
	for _, path := range []string{mine, mine + "/hours", mine + "/profile", mine + "/certificate.pdf", mine + "/" + place.ID.String()} {
		away := v.get(path)
		require.Equal(t, http.StatusSeeOther, away.status, path)
		require.Equal(t, "/my/riverbend", away.location)
	}
	require.Equal(t, http.StatusNotFound, v.as(bo).get(mine+"/"+place.ID.String()).status)
	other := v.as(bo).submit(mine+"/profile", mine+"/"+place.ID.String()+"/cancel")
	require.Equal(t, http.StatusNotFound, other.status)
	require.Equal(t, volunteer.Confirmed, w.signUpNow(place.ID).Status)
	empty := v.as(bo).get(mine)
	empty.private()
	empty.says("My shifts", "You are not signed up for anything yet.", "0 min")
	empty.saysNot("Your check-in code", "Download the certificate")
	require.Equal(t, http.StatusNotFound, v.as(ada).get(mine+"/nonsense").status)
}

func TestMyShiftsSayWhereAndWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) {
		d.Title, d.Directions, d.ContactName = `Sort "<u>"`, "Ring <twice>.\n\nThen wait.", "Mo <Carter>"
	})
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	night := w.shift(o, "2026-11-28T22:00", 2, func(d *volunteer.ShiftDetails) {
		d.EndsLocal, d.MeetingPoint = wall("2026-11-29T02:00"), "the back door"
	})
	w.signUp(ada, night)
	taken := w.shift(o, "2026-11-30T09:00", 1)
	w.signUp(w.person("Ed", "First", ""), taken)
	w.wait(ada, taken)
	off := w.shift(o, "2026-12-01T09:00", 2)
	w.signUp(ada, off)
	_, err := w.volunteering.CancelShift(w.as(account.Owner), off.ID, volunteering.OneShift, "No heating.", "")
	require.NoError(t, err)
	w.settle()
	v := w.visit().as(ada)
	page := v.get(mine)
	page.private()
	page.says("Coming up", `Sort "<u>"`, "Saturday 28 November, 22:00 – Sunday 02:00 EST", "4 h", "Food bank, 5 Dock Street, Riverbend NY 12500, US", "Meet at the back door.",
		"Ring <twice>.", "Then wait.", "Show it on a map", "Mo <Carter>", "555 0100", "mo@riverbend.example", "Cancel or swap", "On the waitlist", "You are number 1 in line.",
		"Leave the waitlist", "Called off", "The reason: No heating.", "Add to my calendar", "Your check-in code")
	require.NotContains(t, page.html, "<u>")
	require.NotContains(t, page.html, "<twice>")
	require.Contains(t, page.html, `href="webcal://give.example.org/volunteer/riverbend/feed/`)
	require.Contains(t, page.html, `value="https://give.example.org/volunteer/riverbend/feed/`)
	require.Contains(t, page.html, `<svg class="qr" viewBox="0 0 `)

	feed := page.html[strings.Index(page.html, "webcal://"):]
	feed = feed[:strings.IndexByte(feed, '"')]
	renewed := v.submit(mine, mine+"/feed")
	require.Equal(t, http.StatusSeeOther, renewed.status)
	after := v.get(mine + "?done=feed")
	after.says("Your calendar has a new address.")
	require.NotContains(t, after.html, feed)
	require.NotContains(t, v.get(mine+"?done=%3Cscript%3E").html, `role="status"`)
}

func TestAPlaceIsCancelledOrSwapped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	first, second := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 4, func(d *volunteer.ShiftDetails) { d.Title = "Late team" })
	place := w.signUp(ada, first)
	path := mine + "/" + place.ID.String()
	v := w.visit().as(ada)
	v.get(path).says("Take another time instead", "Sunday 29 November, 09:00–12:00 EST · Late team", "4 of 4 places left", "You can cancel until Saturday 28 November at 07:00 EST.")
	nothing := v.submit(path, path+"/swap")
	require.Equal(t, http.StatusUnprocessableEntity, nothing.status)
	nothing.says("Choose the shift you would rather take.")
	gone := v.submit(path, path+"/swap", "to", uuid.NewString())
	require.Equal(t, http.StatusConflict, gone.status)
	swapped := v.submit(path, path+"/swap", "to", second.ID.String())
	require.Equal(t, mine+"?done=swap", swapped.location, swapped.text)
	v.get(swapped.location).says("Swapped.", "Sunday 29 November")
	require.Equal(t, 0, w.shiftNow(first.ID).Taken)
	v.get(path).says("This sign-up has ended.")

	shown := v.get(mine).html
	path = shown[strings.Index(shown, mine+"/0"):]
	path = path[:strings.IndexByte(path, '"')]
	long := v.submit(path, path+"/cancel", "reason", strings.Repeat("very ", 200))
	require.Equal(t, http.StatusUnprocessableEntity, long.status)
	cancelled := v.submit(path, path+"/cancel", "reason", "I am <ill>.")
	require.Equal(t, mine+"?done=cancel", cancelled.location)
	require.Equal(t, 0, w.shiftNow(second.ID).Taken)
	require.Equal(t, 1, w.count("select count(*) from sign_ups where end_reason = 'I am <ill>.'"))
}

func TestItIsTooLateToCancelHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-22T11:00", 1)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	place := w.signUp(ada, s)
	path := mine + "/" + place.ID.String()
	v := w.visit().as(ada)
	v.get(mine).says("You cannot come?")
	late := v.get(path)
	late.says("It is too late to cancel here", "Sunday 22 November at 09:00 EST", "Mo Carter", "555 0100")
	late.saysNot("Cancel my place")
	forced := v.submit(mine+"/profile", path+"/cancel")
	require.Equal(t, http.StatusConflict, forced.status)
	forced.says("It is too late to cancel here.")
	require.Equal(t, volunteer.Confirmed, w.signUpNow(place.ID).Status)
}

func TestAnOfferIsAnsweredInMyShifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ed, ada := w.person("Ed", "First", ""), w.person("Ada", "Lovelace", "ada@example.org")
	had := w.signUp(ed, s)
	waiting := w.wait(ada, s)
	_, err := w.volunteering.WithdrawSelf(w.self(ed), had.ID, "")
	require.NoError(t, err)
	v := w.visit().as(ada)
	v.get(mine).says("A place is held for you", "It is held for you until", "Take the place", "Pass it on")
	v.get("/volunteer/riverbend").says("A place is held for you")
	taken := v.submit(mine, mine+"/"+waiting.ID.String()+"/accept")
	require.Equal(t, mine+"?done=accept", taken.location, taken.text)
	v.get(taken.location).says("The place is yours.", "Coming up", "Saturday 28 November")
	require.Equal(t, volunteer.Confirmed, w.signUpNow(waiting.ID).Status)
}

func TestHoursAreEnteredAndCertified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	o := w.opportunity(func(d *volunteer.Details) { d.Title, d.Kind = "Translate letters", volunteer.Flexible })
	v := w.visit().as(ada)
	path := mine + "/hours"
	v.get(path).says("My hours", "Given in all 0 min", "Translate letters (Packer)", "Nothing yet.")
	wrong := v.submit(path, path, "on", "yesterday", "hours", "two")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	wrong.says("Please check 3 fields", "Choose what you helped with.", "Write the date as YYYY-MM-DD.", "Write hours and minutes as whole numbers.")
	require.Contains(t, wrong.html, `value="two"`)
	none := v.submit(path, path, "opportunity", uuid.NewString(), "on", "2026-11-20", "hours", "2")
	require.Equal(t, http.StatusUnprocessableEntity, none.status)
	none.says("Choose what you helped with.")
	future := v.submit(path, path, "opportunity", o.ID.String(), "on", "2026-11-30", "hours", "2")
	require.Equal(t, http.StatusUnprocessableEntity, future.status)
	future.says("Hours are recorded after they were given, not before.")
	saved := v.submit(path, path, "opportunity", o.ID.String(), "on", "2026-11-20", "hours", "2", "minutes", "30", "note", "Ten <letters>")
	require.Equal(t, path+"?done=hours", saved.location, saved.text)
	v.get(saved.location).says("Your hours are entered", "Waiting for approval 2 h 30 min", "2 h 30 min Translate letters", "Waiting for approval", "November 20, 2026", "Ten <letters>")

	early := v.get(mine + "/certificate.pdf")
	require.Equal(t, http.StatusConflict, early.status)
	early.says("There are no approved hours in this period yet.")
	require.Equal(t, http.StatusUnprocessableEntity, v.get(mine+"/certificate.pdf?from=x").status)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Exec("update volunteer_hours set status = 'approved', decided_at = now()").Error
	})
	pdf := v.get(mine + "/certificate.pdf?from=2026-01-01&to=2026-12-31")
	require.Equal(t, http.StatusOK, pdf.status)
	require.Equal(t, "application/pdf", pdf.header.Get("Content-Type"))
	require.Equal(t, "private, no-store", pdf.header.Get("Cache-Control"))
	require.True(t, strings.HasPrefix(pdf.html, "%PDF-"))
	v.get(mine).says("Given in all 2 h 30 min", "Download the certificate")
}

func TestVolunteersSayWhatTheyCanDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	w.opportunity(func(d *volunteer.Details) { d.Skills = []string{"driving", "first aid"} })
	kind, err := w.volunteering.CreateCredentialKind(w.as(account.Owner), volunteering.KindDetails{Name: "Food <hygiene>"})
	require.NoError(t, err)
	v := w.visit().as(ada)
	path := mine + "/profile"
	v.get(path).says("What can you do?", "driving", "first aid", "Monday Morning", "Date of birth (optional)", "Food <hygiene>")
	fields := []string{"skill", "driving", "other_skills", "Sewing, <Baking>", "interests", "children", "free_1_0", "1", "free_0_2", "1", "can_be_asked", "1"}
	bad := v.submit(path, path, append(fields, "version", "0", "birth_date", "2030-01-01")...)
	require.Equal(t, http.StatusUnprocessableEntity, bad.status)
	bad.says("Please check one field", "Check the date of birth.")
	require.Contains(t, bad.html, `value="Sewing, &lt;Baking&gt;"`)

	saved := v.submit(path, path, append(fields, "version", "0", "birth_date", "1990-02-03")...)
	require.Equal(t, path+"?done=profile", saved.location, saved.text)
	shown := v.get(saved.location)
	shown.says("Saved.", "Date of birth: February 3, 1990.")
	require.Contains(t, shown.html, `value="driving" checked`)
	require.Contains(t, shown.html, `name="free_1_0" value="1" checked`)
	require.Contains(t, shown.html, `name="free_0_2" value="1" checked`)
	require.NotContains(t, shown.html, `name="reminders" value="1" checked`)
	stale := v.submit(path, path, append(fields, "version", "0")...)
	require.Equal(t, http.StatusConflict, stale.status)
	stale.says("Somebody else changed this meanwhile.")

	claim := mine + "/credentials"
	without := v.submit(path, claim, "kind", "", "issued_on", "2026-01-01")
	require.Equal(t, http.StatusUnprocessableEntity, without.status)
	without.says("Choose what you have.")
	unknown := v.submit(path, claim, "kind", kind.ID.String(), "issued_on", "")
	require.Equal(t, http.StatusUnprocessableEntity, unknown.status)
	claimed := v.submit(path, claim, "kind", kind.ID.String(), "issued_on", "2026-01-01", "expires_on", "2027-01-01", "note", "No. 7")
	require.Equal(t, path+"?done=credential#credentials", claimed.location, claimed.text)
	v.get(path+"?done=credential").says("It counts once we have seen it.", "Food <hygiene>", "Until January 1, 2027", "Not seen yet")
}

func TestPastShiftsGoOnWhereTheyEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	for n := range 45 {
		w.signUp(ada, w.shift(o, wall("2026-11-20T09:00").AddDays(-n).String(), 1))
	}
	missed := w.shift(o, "2026-11-21T09:00", 1)
	w.seat(ada, missed, volunteer.NoShow)
	v, path, seen := w.visit().as(ada), mine, 0
	v.get(mine).says("Past shifts", "Saturday 21 November", "You did not come.", "Friday 20 November")
	for pages := 1; ; pages++ {
		page := v.get(path)
		seen += strings.Count(page.html, "Your hours have not been noted yet.")
		_, rest, more := strings.Cut(page.html, mine+"?cursor=")
		if !more {
			require.Equal(t, 3, pages)
			break
		}
		path = mine + "?cursor=" + rest[:strings.IndexByte(rest, '#')]
	}
	require.Equal(t, 45, seen)
	require.Equal(t, http.StatusUnprocessableEntity, v.get(mine+"?cursor=x").status)
	w.clock.Advance(time.Hour)
	v.get(mine).says("You are not signed up for anything yet.")
}
