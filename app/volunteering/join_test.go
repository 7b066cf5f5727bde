package volunteering_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/volunteer"
)

const joinPath = "/volunteer/riverbend/join"

// wants is the address of the form for shifts.
func wants(shifts ...volunteer.Shift) string {
	var q []string
	for _, s := range shifts {
		q = append(q, "shift="+s.ID.String())
	}
	return joinPath + "?" + strings.Join(q, "&")
}

// asks fills the form for shifts as somebody who is not signed in.
func (v *visitor) asks(first, email string, shifts ...volunteer.Shift) page {
	v.t.Helper()
	fields := []string{"first_name", first, "last_name", "Hopper", "email", email, "waits", "1"}
	for _, s := range shifts {
		fields = append(fields, "shift", s.ID.String())
	}
	return v.submit(wants(shifts...), joinPath, fields...)
}

func TestStrangersHoldPlacesAndConfirmThemByMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Title = `<i>Parcels</i> & more` })
	first, second := w.shift(o, "2026-11-28T09:00", 2), w.shift(o, "2026-11-29T09:00", 1)
	full := w.shift(o, "2026-11-30T09:00", 1)
	w.signUp(w.person("Ed", "First", ""), full)
	v := w.visit()

	form := v.get(wants(first, second, full) + "&role=Packer")
	form.private()
	form.says("Almost there: who are you?", "Your choice", "<i>Parcels</i> & more", "Saturday 28 November, 09:00–12:00 EST", "Sunday 29 November", "Monday 30 November",
		"Waitlist", "you would be first in line", "Put me on the waitlist where a shift is full")
	form.saysNot("Date of birth")
	require.NotContains(t, form.html, "<i>Parcels")
	require.Contains(t, form.html, `name="waits" value="1" checked`)
	require.Contains(t, form.html, `href="/volunteer/riverbend?role=Packer&amp;shift=`)

	sent := v.asks(`Grace "<b>"`, "Grace@Example.org", first, second, full)
	require.Equal(t, http.StatusOK, sent.status)
	sent.private()
	sent.says("Check your mail: your places are held until 10:30 EST", "Grace@Example.org", "Held for you", "Saturday 28 November", "Sunday 29 November", "Waitlist", "Monday 30 November",
		"The link works until Monday 23 November at 10:00 EST.")
	require.Equal(t, 1, w.shiftNow(first.ID).Taken)
	require.Zero(t, w.count("select count(*) from people where email_normalized = 'grace@example.org'"), "nobody is made of a form")
	v.get("/volunteer/riverbend").says("1 of 2 places left", "The only place is taken")

	link := v.link("Grace@Example.org", "/volunteer/riverbend/confirm/")
	for range 2 { // looking changes nothing: scanners follow links
		look := v.get(link)
		look.private()
		look.says(`One more press, Grace "<b>"`, "Held for you until 10:30 EST", "Saturday 28 November", "And these", "you join the waitlist", "Monday 30 November", "Yes, I will come")
		require.NotContains(t, look.html, "<b>")
	}
	require.Equal(t, 0, w.count("select count(*) from sign_ups where status = 'confirmed' and source = 'public'"))

	done := v.submit(link, link)
	require.Equal(t, http.StatusOK, done.status)
	done.private()
	done.says(`Thank you, Grace`, "You have 2 places", "Saturday 28 November", "You are on the waitlist", "You are number 1 in line.", "Open My shifts", "signed in on this device")
	again := v.get(link)
	again.says("You have confirmed already")
	v.submit(link, link).says("You have 2 places", "You are on the waitlist")

	mine := v.get("/my/riverbend/shifts")
	require.Equal(t, http.StatusOK, mine.status, "the link let the browser in")
	mine.says("Coming up", "Saturday 28 November", "On the waitlist", "You are number 1 in line.")
}

func TestFormsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	adult := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.MinAge = "Pour wine", 18 }), "2026-11-28T09:00", 2)
	v := w.visit()
	form := v.get(wants(adult))
	form.says("Date of birth", "A shift you chose is for people of 18 or older.", "If a shift fills up meanwhile")

	wrong := v.submit(wants(adult), joinPath, "shift", adult.ID.String(), "first_name", "", "email", "nonsense", "birth_date", "long ago", "phone", "1 <2>")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	wrong.says("Please check 3 fields")
	for _, field := range []string{"first_name", "email", "birth_date"} {
		require.Contains(t, wrong.html, `href="#`+field+`"`)
		require.Contains(t, wrong.html, `id="error-`+field+`"`)
	}
	require.Contains(t, wrong.html, `value="nonsense"`)
	require.Contains(t, wrong.html, `value="1 &lt;2&gt;"`)

	none := v.submit(wants(adult), joinPath, "first_name", "Grace", "email", "grace@example.org")
	require.Equal(t, http.StatusUnprocessableEntity, none.status)
	none.says("No shift is chosen", "See all shifts")

	trap := v.submit(wants(adult), joinPath, "shift", adult.ID.String(), "first_name", "Bot", "email", "bot@example.org", "birth_date", "1990-01-01", "website", "https://spam.example")
	require.Equal(t, http.StatusUnprocessableEntity, trap.status)
	trap.says("filled in by a program")
	require.Zero(t, w.shiftNow(adult.ID).Taken)

	many := make([]string, 0, 2*volunteer.MostAtOnce+2)
	o := w.opportunity()
	for n := range volunteer.MostAtOnce + 1 {
		many = append(many, "shift", w.shift(o, wall("2026-12-01T09:00").AddDays(n).String(), 2).ID.String())
	}
	v.submit(wants(adult), joinPath, append(many, "first_name", "Grace", "email", "grace@example.org")...).says("Check your mail")
	require.Equal(t, volunteer.MostAtOnce, w.count("select count(*) from sign_ups where status = 'held'"))
}

func TestShiftsThatWentUnderAnOpenPageAreSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	kept, off := w.shift(o, "2026-11-28T09:00", 2), w.shift(o, "2026-11-29T09:00", 2)
	v := w.visit()
	v.get(wants(kept, off))
	_, err := w.volunteering.CancelShift(w.as(account.Owner), off.ID, volunteering.OneShift, "The hall is flooded.", "")
	require.NoError(t, err)
	v.get(wants(kept, off)).says("Saturday 28 November", "Sunday 29 November", "This shift was called off.")
	v.get(wants(off)).says("No shift is chosen", "This shift was called off.", "See all shifts")
	nowhere := kept
	nowhere.ID.UUID = uuid.New()
	v.get(wants(kept, nowhere)).says("One shift you chose can no longer be chosen")

	fields := []string{"first_name", "Grace", "last_name", "Hopper", "email", "grace@example.org"}
	sent := v.submit(wants(kept), joinPath, append(fields, "shift", kept.ID.String(), "shift", off.ID.String(), "shift", nowhere.ID.String())...)
	require.Equal(t, http.StatusOK, sent.status)
	sent.says("Check your mail: your places are held", "One shift you chose can no longer be chosen", "Not held", "This shift was cancelled.")

	nothing := v.submit(wants(kept), joinPath, append(fields, "shift", off.ID.String())...)
	require.Equal(t, http.StatusConflict, nothing.status)
	nothing.says("Nothing could be held", "No mail was sent.", "This shift was cancelled.")
	lost := v.submit(wants(kept), joinPath, append(fields, "shift", nowhere.ID.String())...)
	require.Equal(t, http.StatusUnprocessableEntity, lost.status)
	lost.says("No shift is chosen")
}

func TestSupportersJustConfirm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	place, clash := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-28T10:00", 1)
	adult := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.MinAge = "Pour wine", 18 }), "2026-11-30T09:00", 1)
	ada := w.person("Ada", "Lovelace", "ada@example.org")
	v := w.visit().as(ada)
	form := v.get(wants(place, clash, adult))
	form.says("Sign up for these shifts?", "Date of birth", "Sign me up")
	form.saysNot("E-mail address")
	future := v.submit(wants(adult), joinPath, "shift", adult.ID.String(), "birth_date", "2030-01-01")
	require.Equal(t, http.StatusUnprocessableEntity, future.status)
	future.says("Check the date of birth.")

	done := v.submit(wants(place, clash, adult), joinPath, "shift", place.ID.String(), "shift", clash.ID.String(), "shift", adult.ID.String(), "birth_date", "1990-02-03")
	done.private()
	done.says("Thank you", "You have 2 places", "This one did not work", "You already help with “Pack food parcels” at that time")
	require.Equal(t, 1, w.shiftNow(adult.ID).Taken)
	v.get(wants(clash)).saysNot("Date of birth")
	other := w.visit().as(w.person("Bo", "Waits", "bo@example.org"))
	refused := other.submit(wants(place), joinPath, "shift", place.ID.String())
	refused.says("You have no place yet", "All places are taken.", "Join the waitlist instead")
	other.submit(wants(place), joinPath, "shift", place.ID.String(), "waits", "1").says("You are on the waitlist", "You are number 1 in line.")
}

func TestALinkThatIsTooOldSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	v := w.visit()
	v.asks("Grace", "grace@example.org", s).says("Check your mail")
	link := v.link("grace@example.org", "/volunteer/riverbend/confirm/")
	w.ring(31*time.Minute, s)
	late := v.get(link)
	late.says("One more press, Grace", "What you chose", "Saturday 28 November")
	late.saysNot("Held for you")
	w.ring(24*time.Hour, s)
	for _, path := range []string{link, "/volunteer/riverbend/confirm/nonsense"} {
		spent := v.get(path)
		require.Equal(t, http.StatusNotFound, spent.status)
		require.Equal(t, "private, no-store", spent.header.Get("Cache-Control"))
		spent.says("This link does not work any more", "Choose your shifts again", "See all shifts")
	}
}

func TestAnOfferIsTakenOrPassedOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ed := w.person("Ed", "First", "ed@example.org")
	had := w.signUp(ed, s)
	for _, name := range []string{"ada", "bo", "cy"} {
		w.wait(w.person(name, "Waits", name+"@example.org"), s)
	}
	_, err := w.volunteering.WithdrawSelf(w.self(ed), had.ID, "")
	require.NoError(t, err)
	v := w.visit()
	ada := v.link("ada@example.org", "/volunteer/riverbend/offer/")
	offer := v.get(ada)
	offer.private()
	offer.says("A place is free for you", "It is held for you until", "EST", "Pack food parcels", "Take the place", "Pass it on")
	passed := v.submit(ada, ada, "answer", "pass")
	require.Equal(t, http.StatusSeeOther, passed.status)
	v.get(passed.location).says("You let the place go", "Join the line again")

	bo := v.link("bo@example.org", "/volunteer/riverbend/offer/")
	require.Equal(t, http.StatusSeeOther, v.submit(bo, bo, "answer", "accept").status)
	v.get(bo).says("You have the place", "Open My shifts")
	v.get(ada).says("You let the place go")

	other := w.visit().get(strings.Replace(bo, "riverbend/offer/", "riverbend/offer/x", 1))
	require.Equal(t, http.StatusNotFound, other.status)
}

func TestAnOfferThatRanOutOrIsHinderedSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s := w.shift(o, "2026-11-28T09:00", 1)
	ed, ada := w.person("Ed", "First", "ed@example.org"), w.person("Ada", "Waits", "ada@example.org")
	had := w.signUp(ed, s)
	w.wait(ada, s)
	_, err := w.volunteering.WithdrawSelf(w.self(ed), had.ID, "")
	require.NoError(t, err)
	v := w.visit()
	link := v.link("ada@example.org", "/volunteer/riverbend/offer/")
	shown := v.get(link)
	w.signUp(ada, w.shift(o, "2026-11-28T11:00", 1))
	hindered := v.submit(link, link, "answer", "accept")
	require.Equal(t, http.StatusConflict, hindered.status)
	hindered.says("That did not work", "You already help with", "A place is free for you", "mo@riverbend.example")
	w.ring(13*time.Hour, s)
	late := v.get(link)
	late.says("The place has gone on", "You can join the line again.", "Join the line again")
	late.saysNot("Take the place")
	found := token.FindStringSubmatch(shown.html)
	require.Len(t, found, 2)
	pressed := v.send(http.MethodPost, link, map[string][]string{"csrf_token": {found[1]}, "answer": {"accept"}}) // the page stayed open
	require.Equal(t, http.StatusConflict, pressed.status)
	pressed.says("The place has gone on")
}

func TestTheFirstYesCoversAShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	asked := []uuid.UUID{}
	for _, name := range []string{"Ada", "Bo", "Cy"} {
		p := w.person(name, "Helper", strings.ToLower(name)+"@example.org")
		_, err := w.volunteering.PatchSelf(w.self(p), 0, volunteer.ProfilePatch{Interests: &[]string{"food"}})
		require.NoError(t, err)
		asked = append(asked, p.ID.UUID)
	}
	_, err := w.volunteering.AskToCover(w.as(account.Owner), s.ID, volunteering.AskInput{People: asked, Message: "Please <help>!"})
	require.NoError(t, err)
	v := w.visit()
	ada, bo, cy := v.link("ada@example.org", "/volunteer/riverbend/cover/"), v.link("bo@example.org", "/volunteer/riverbend/cover/"), v.link("cy@example.org", "/volunteer/riverbend/cover/")
	ask := v.get(ada)
	ask.private()
	ask.says("Ada, can you help?", "The first yes gets the place.", "Pack food parcels", "Please <help>!", "Yes, I will come", "No, not this time")
	require.NotContains(t, ask.html, "<help>")

	require.Equal(t, http.StatusSeeOther, v.submit(bo, bo, "answer", "no").status)
	v.get(bo).says("Thank you for telling us", "I can help after all")
	require.Equal(t, http.StatusSeeOther, v.submit(ada, ada, "answer", "yes").status)
	v.get(ada).says("Thank you, the place is yours", "Open My shifts")

	v.get(cy).says("Somebody else can help", "Join the waitlist instead")
	late := v.submit(cy, cy, "answer", "yes")
	late.says("Thank you, somebody was faster", "Join the waitlist instead")
	require.Equal(t, http.StatusSeeOther, v.submit(cy, cy, "answer", "wait").status)
	v.get(cy).says("You are on the waitlist")
	require.Equal(t, http.StatusNotFound, v.get("/volunteer/riverbend/cover/nonsense").status)
}
