package volunteering_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/volunteer"
)

// bringing lets so many come on one sign-up.
func bringing(most int) func(*volunteer.Details) {
	return func(d *volunteer.Details) { d.PartyMax = most }
}

func TestAStrangerBringsOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(bringing(4))
	wide, narrow := w.shift(o, "2026-11-28T09:00", 5), w.shift(o, "2026-11-29T09:00", 2)
	v := w.visit()
	v.get("/volunteer/riverbend").says("Bring others: up to 4 of you", "Bring others: up to 2 of you")
	v.get(wants(wide, narrow)).says("How many people come?", "up to 4 on one sign-up", "Some of your shifts take fewer.")

	for _, nonsense := range []string{"0", "-1", "51", "three", "2.5"} {
		wrong := v.asksFor(nonsense, "grace@example.org", wide)
		require.Equal(t, http.StatusUnprocessableEntity, wrong.status, nonsense)
		require.Contains(t, wrong.html, `id="error-party"`)
		require.Contains(t, wrong.html, `name="party" min="1" max="4" value="`+nonsense+`"`)
	}

	sent := v.asksFor("3", "grace@example.org", wide, narrow)
	require.Equal(t, http.StatusOK, sent.status)
	sent.says("Held for you", "For 3 people, you included", "At most 2 people may come on one sign-up.")
	require.Equal(t, 3, w.shiftNow(wide.ID).Taken)
	require.Zero(t, w.shiftNow(narrow.ID).Taken)
	require.Contains(t, w.mails("grace@example.org")[0].Text, "People: 3, you included")

	link := v.link("grace@example.org", "/volunteer/riverbend/confirm/")
	v.get(link).says("For 3 people, you included")
	v.submit(link, link).says("Thank you, Grace", "For 3 people, you included")
	require.Equal(t, 3, w.shiftNow(wide.ID).Taken)
	require.Equal(t, 2, w.shiftNow(wide.ID).Free())
	v.get("/my/riverbend/shifts").says("For 3 people, you included")
}

// asksFor chooses shifts for so many people.
func (v *visitor) asksFor(party, email string, shifts ...volunteer.Shift) page {
	fields := []string{"first_name", "Grace", "last_name", "Hopper", "email", email, "party", party}
	for _, s := range shifts {
		fields = append(fields, "shift", s.ID.String())
	}
	return v.submit(wants(shifts...), joinPath, fields...)
}

func TestTheNewestChoiceSaysHowManyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(bringing(4)), "2026-11-28T09:00", 4)
	ask := func(party int) volunteering.RequestOutcome {
		in := asking("grace@example.org", true, s)
		in.Party = party
		return must(w.volunteering.RequestShifts(t.Context(), in))
	}
	require.Len(t, ask(2).Held, 1)
	older := w.secret("grace@example.org")
	require.Len(t, ask(4).Held, 1, "the two places that are held count for the four")
	require.Equal(t, 4, w.shiftNow(s.ID).Taken)
	done := must(w.volunteering.ConfirmRequest(t.Context(), "riverbend", older))
	require.Len(t, done.Placed, 1)
	require.Equal(t, 4, done.Placed[0].Party, "the older link gives what is held by now")
	require.Equal(t, 4, w.shiftNow(s.ID).Taken)
}

func TestVolunteersChangeHowManyCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(bringing(3)), "2026-11-28T09:00", 3)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	out := must(w.volunteering.SignUpSelf(w.self(ada), idsOf(s), volunteering.Joining{Party: 3}))
	of := out.Placed[0].ID
	waits := must(w.volunteering.SignUpSelf(w.self(ben), idsOf(s), volunteering.Joining{Party: 2, Waits: true}))
	require.Len(t, waits.Waiting, 1)

	v := w.visit().as(ada)
	forms := "/my/riverbend/shifts/" + of.String()
	v.get(forms).says("Who comes with you", "up to 3 on one sign-up")
	wrong := v.submit(forms, forms+"/party", "party", "4")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	wrong.says("At most 3 people may come on one sign-up.")
	require.Equal(t, 3, w.signUpNow(of).Party)

	v.submit(forms, forms+"/party", "party", "2")
	require.Equal(t, 2, w.signUpNow(of).Party)
	require.Equal(t, volunteer.Waiting, w.signUpNow(waits.Waiting[0].ID).Status, "two do not fit into one place")
	v.submit(forms, forms+"/party", "party", "1")
	require.Equal(t, volunteer.Offered, w.signUpNow(waits.Waiting[0].ID).Status)
	again := v.submit(forms, forms+"/party", "party", "2")
	require.Equal(t, http.StatusUnprocessableEntity, again.status)
	again.says("There are not so many free places.")
	require.Contains(t, w.audited(s.ID.UUID), "sign_up.resized")
	w.sound()

	others := w.person("Eve", "Else", "eve@example.org")
	_, err := w.volunteering.ResizeSelf(w.self(others), of, 1)
	require.ErrorIs(t, err, volunteer.ErrSignUp, "nobody changes another's")
}

func TestAProofIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(bringing(4))
	w.requires(o, must(w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: "Food hygiene"})))
	s := w.shift(o, "2026-11-28T09:00", 5)
	v := w.visit()
	v.get(wants(s)).saysNot("How many people come?")
	in := asking("grace@example.org", false, s)
	in.Party = 2
	out := must(w.volunteering.RequestShifts(t.Context(), in))
	require.Len(t, out.Refused, 1)
	require.Equal(t, "sign_up.party", out.Refused[0].Code)
}

func TestStaffBringMoreThanTheOpportunityLets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 3)
	team := w.person("Team", "Acme", "team@example.org")
	in := volunteering.StaffSignUp{PersonID: team.ID.UUID, Party: 5}
	refusals := must(w.volunteering.CheckSignUp(w.owner, s.ID, team.ID.UUID, 5))
	require.Len(t, refusals, 2)
	require.Equal(t, [2]volunteer.Rule{volunteer.RuleParty, volunteer.RuleFull}, [2]volunteer.Rule{refusals[0].Rule, refusals[1].Rule})
	in.Override = []volunteer.Rule{volunteer.RuleFull}
	_, err := w.volunteering.SignUpPerson(w.owner, s.ID, in)
	require.Equal(t, "sign_up.party", codeOf(err), "each rule is overruled by name")
	in.Override = append(in.Override, volunteer.RuleParty)
	line := must(w.volunteering.SignUpPerson(w.owner, s.ID, in))
	require.Equal(t, [2]int{5, 2}, [2]int{line.Party, line.Over})
	require.Equal(t, volunteer.Words{"party", "full"}, line.Overrides)
	w.sound()
}

func TestThoseWhoReallyCameGiveTheHours(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 4, bringing(4))
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := must(w.volunteering.SignUpSelf(w.self(ada), idsOf(s), volunteering.Joining{Party: 4})).Placed[0]
	w.atDoor("2026-11-23T14:00:00Z")
	in := volunteering.Check{Action: volunteering.DoorIn, Party: 3, Moment: w.moment()}
	for range 2 { // a note may come twice
		line := must(w.volunteering.Check(w.owner, u.ID, in))
		require.Equal(t, 3, line.Party)
	}
	require.Equal(t, 1, w.shiftNow(s.ID).Free(), "the fourth place is free")
	in.Party = 5
	in.Moment = w.moment()
	require.Equal(t, 1, must(w.volunteering.Check(w.owner, u.ID, in)).Over, "one more came than there are places")
	w.atDoor("2026-11-23T16:00:00Z")
	w.note(u.SignUp, volunteering.DoorOut)
	in.Action, in.Party = volunteering.DoorCount, 2
	require.Equal(t, 2, must(w.volunteering.Check(w.owner, u.ID, in)).Party)
	in.Party = 5
	must(w.volunteering.Check(w.owner, u.ID, in))

	lines, _, err := w.volunteering.ListHours(w.owner, volunteering.HoursFilter{PersonID: ada.ID.UUID, Limit: 10})
	require.NoError(t, err)
	require.Len(t, lines, 1)
	require.Equal(t, [2]int{120, 5}, [2]int{lines[0].Minutes, lines[0].People})
	w.approve(lines[0])
	in.Party = 1
	_, err = w.volunteering.Check(w.owner, u.ID, in)
	require.ErrorIs(t, err, volunteer.ErrDecided, "what staff agreed to is corrected in the list of hours")
	totals := must(w.volunteering.Totals(w.owner, "role", lines[0].On, lines[0].On))
	require.EqualValues(t, 600, totals.Whole.Minutes, "five people for two hours")
	mine := must(w.volunteering.SelfVolunteer(w.self(ada)))
	require.Equal(t, 120, mine.Summary.Minutes, "of which two are hers")
	w.sound()
}

func TestTakingACheckInBackGivesThePartyItsSizeBack(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 4, bringing(4))
	u := must(w.volunteering.SignUpSelf(w.self(w.person("Ada", "Hale", "ada@example.org")), idsOf(s), volunteering.Joining{Party: 4})).Placed[0].SignUp
	w.atDoor("2026-11-23T14:00:00Z")
	line := must(w.volunteering.Check(w.coordinator(), u.ID, volunteering.Check{Action: volunteering.DoorIn, Party: 1, Moment: w.moment()}))
	require.Equal(t, [2]int{1, 3}, [2]int{line.Party, w.shiftNow(s.ID).Free()})
	w.note(u, volunteering.DoorUndo)
	now := w.signUpNow(u.ID)
	require.Equal(t, volunteer.Confirmed, now.Status)
	require.Equal(t, 4, now.Party, "the wrong row was pressed")

	w.note(u, volunteering.DoorIn)
	must(w.volunteering.Check(w.coordinator(), u.ID, volunteering.Check{Action: volunteering.DoorCount, Party: 2, Moment: w.moment()}))
	w.note(u, volunteering.DoorUndo)
	require.Equal(t, 4, w.signUpNow(u.ID).Party, "counted after they were checked in")
	require.Zero(t, w.shiftNow(s.ID).Free())
	w.sound()
}

func TestAnOldCountDoesNotChangeANewerOne(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 6, bringing(4))
	u := must(w.volunteering.SignUpSelf(w.self(w.person("Ada", "Hale", "ada@example.org")), idsOf(s), volunteering.Joining{Party: 4})).Placed[0].SignUp
	w.atDoor("2026-11-23T14:00:00Z")
	count := func(action volunteering.DoorAction, party int, ago time.Duration) (volunteering.DoorLine, error) {
		m := volunteering.ClientMoment{HappenedAt: w.now().Add(-ago), SentAt: w.now()}
		return w.volunteering.Check(w.coordinator(), u.ID, volunteering.Check{Action: action, Party: party, Moment: m})
	}
	_, err := count(volunteering.DoorCount, 2, 0)
	require.ErrorIs(t, err, volunteer.ErrNotThere, "counting checks nobody in")
	require.Equal(t, 4, must(count(volunteering.DoorIn, 4, 20*time.Minute)).Party)
	require.Equal(t, 1, must(count(volunteering.DoorCount, 1, 10*time.Minute)).Party)
	require.Equal(t, 1, must(count(volunteering.DoorIn, 4, 20*time.Minute)).Party, "the first note comes again")
	require.Equal(t, 3, must(count(volunteering.DoorCount, 3, 0)).Party)
	w.sound()
}

func TestNobodyIsAddedAfterSignUpHasClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(bringing(4), func(d *volunteer.Details) { d.Window.ClosesBeforeMinutes, d.Window.CancelBeforeMinutes = 48*60, 60 }), "2026-11-28T09:00", 4)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := must(w.volunteering.SignUpSelf(w.self(ada), idsOf(s), volunteering.Joining{Party: 2})).Placed[0].SignUp
	w.clock.Set(at("2026-11-28T09:00:00Z")) // five hours before
	_, err := w.volunteering.ResizeSelf(w.self(ada), u.ID, 4)
	require.Equal(t, "sign_up.cut_off", codeOf(err))
	require.Equal(t, 1, must(w.volunteering.ResizeSelf(w.self(ada), u.ID, 1)).Party, "fewer may come as long as one may cancel")
}

func TestNobodyWaitsForMorePlacesThanThereAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2)
	_, err := w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{
		PersonID: w.person("Team", "Acme", "team@example.org").ID.UUID, Party: 5, Wait: true, Override: []volunteer.Rule{volunteer.RuleParty},
	})
	blames(t, err, "party")
	require.Zero(t, w.shiftNow(s.ID).Waiting)
}

func TestWhoeverWaitsForMoreIsToldHowManyPlacesAreFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(bringing(2)), "2026-11-28T09:00", 2)
	ada := w.helper("Ada")
	asked := w.askToCover(s, ada)[0]
	w.signUp(w.person("Ben", "Low", "ben@example.org"), s)
	out := must(w.volunteering.SignUpSelf(w.self(ada), idsOf(s), volunteering.Joining{Party: 2, Waits: true}))
	require.Len(t, out.Waiting, 1)

	q := must(w.volunteering.AnswerCover(t.Context(), w.org, asked, true))
	require.Equal(t, volunteer.Hindered, q.Ask.Answer)
	require.Len(t, q.Refused, 1)
	require.Contains(t, q.Refused[0].Message, "Only one place is left.")
	require.Equal(t, volunteer.Waiting, w.signUpNow(out.Waiting[0].ID).Status)

	must(w.volunteering.ResizeSelf(w.self(ada), out.Waiting[0].ID, 1))
	require.Equal(t, volunteer.Offered, w.signUpNow(out.Waiting[0].ID).Status, "alone there is a place")
}

func TestOnlyWhatFitsAPartyIsOfferedInExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(bringing(3))
	s := w.shift(o, "2026-11-28T09:00", 3)
	wide, narrow := w.shift(o, "2026-11-29T09:00", 3), w.shift(o, "2026-11-30T09:00", 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := must(w.volunteering.SignUpSelf(w.self(ada), idsOf(s), volunteering.Joining{Party: 3})).Placed[0]
	targets := must(w.volunteering.SwapTargets(w.self(ada), u.ID))
	require.Len(t, targets, 1)
	require.Equal(t, wide.ID, targets[0].ID)
	_, err := w.volunteering.SwapSelf(w.self(ada), u.ID, narrow.ID)
	require.Equal(t, "sign_up.party", codeOf(err))
	line := must(w.volunteering.SwapSelf(w.self(ada), u.ID, wide.ID))
	require.Equal(t, 3, line.Party)
	require.Equal(t, [2]int{0, 3}, [2]int{w.shiftNow(s.ID).Taken, w.shiftNow(wide.ID).Taken})
	w.sound()
}
