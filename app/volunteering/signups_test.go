package volunteering_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// rulesAgainst asks what stands against a person's signing up.
func (w *world) rulesAgainst(p person.Person, s volunteer.Shift) []volunteer.Rule {
	w.t.Helper()
	refusals, err := w.volunteering.CheckSignUp(w.owner, s.ID, p.ID.UUID, 1)
	require.NoError(w.t, err)
	rules := []volunteer.Rule{}
	for _, f := range refusals {
		rules = append(rules, f.Rule)
	}
	return rules
}

// needs requires a proof of an opportunity, which nobody has yet.
func (w *world) needs(o volunteer.Opportunity, name string) volunteer.CredentialKind {
	w.t.Helper()
	k, err := volunteer.NewCredentialKind(w.org.ID.UUID, name, "", 0, w.now())
	require.NoError(w.t, err)
	w.store(&k)
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "insert into opportunity_requirements (org_id, opportunity_id, kind_id) values ($1, $2, $3)", w.org.ID, o.ID, k.ID)
		return err
	})
	return k
}

func TestStaffOverruleByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, other := w.opportunity(), w.opportunity(func(d *volunteer.Details) { d.Slug = "drive" })
	w.needs(o, "Food hygiene")
	s := w.shift(o, "2026-11-28T09:00", 1)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	w.signUp(ben, s)
	w.signUp(ada, w.shift(other, "2026-11-28T08:00", 1))
	for _, starts := range []string{"2026-11-24T09:00", "2026-11-25T09:00"} {
		w.inTx(noShow(w.signUp(ada, w.shift(other, starts, 1))))
	}
	all := []volunteer.Rule{volunteer.RuleFull, volunteer.RuleOverlap, volunteer.RuleRequirement, volunteer.RuleLockedOut}
	require.Equal(t, all, w.rulesAgainst(ada, s))

	_, err := w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{PersonID: ada.ID.UUID, Override: all[:3]})
	require.ErrorContains(t, err, "sign_up.locked_out", "the one that was not named")
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	before := len(w.mailed("ada@example.org"))
	line, err := w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{PersonID: ada.ID.UUID, Override: append(all, volunteer.RuleEnded), Note: " She drives the van. "})
	require.NoError(t, err)
	u := w.signUpNow(line.ID)
	require.Equal(t, volunteer.Words{"full", "overlap", "requirement", "locked_out"}, u.Overrides, "what was overruled, not what was named")
	require.Equal(t, "She drives the van.", u.OverrideNote)
	require.Equal(t, actor.From(w.owner).ID, *u.OverriddenBy)
	require.Equal(t, 1, u.Over)
	require.Equal(t, 1, w.shiftNow(s.ID).Over)
	require.Equal(t, 1, w.count("select count(*) from audit_events where action = 'sign_up.confirmed' and after -> 'overrides' ? 'locked_out' and after ->> 'note' = 'She drives the van.'"))
	require.Len(t, w.mailed("ada@example.org"), before, "staff chose not to tell")

	_, err = w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{PersonID: ada.ID.UUID, Override: volunteer.Rules})
	require.ErrorContains(t, err, "sign_up.already_signed_up", "nobody has two places")
}

func TestStaffSignUpWhomTheyMeet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 2)
	line, err := w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{
		NewPerson: person.Details{FirstName: "Cy", Email: " Cy@Example.org"}, Tell: true,
	})
	require.NoError(t, err)
	require.Equal(t, "Cy", line.Person.DisplayName())
	require.Equal(t, volunteer.FromStaff, line.Source)
	require.Equal(t, []string{"sign_up.confirmed"}, w.mailed("Cy@Example.org"))
	_, err = w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{NewPerson: person.Details{FirstName: "Cyrus", Email: "cy@example.org"}})
	require.ErrorContains(t, err, "sign_up.already_signed_up", "found by the address")
	_, err = w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{NewPerson: person.Details{FirstName: "Di"}})
	require.NoError(t, err)

	full := volunteering.StaffSignUp{NewPerson: person.Details{FirstName: "Ed"}}
	_, err = w.volunteering.SignUpPerson(w.owner, s.ID, full)
	require.ErrorContains(t, err, "sign_up.full")
	require.Zero(t, w.count("select count(*) from people where first_name = 'Ed'"), "a refused newcomer leaves no record")
	full.Wait = true
	line, err = w.volunteering.SignUpPerson(w.owner, s.ID, full)
	require.NoError(t, err)
	require.Equal(t, 1, line.Position)
	require.Empty(t, line.Overrides)

	_, err = w.volunteering.SignUpPerson(w.owner, s.ID, volunteering.StaffSignUp{PersonID: uuid.New()})
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.SignUpPerson(w.owner, id.New[volunteer.Shift](), full)
	require.ErrorIs(t, err, volunteer.ErrShift)
}

func TestAnOfferIsTakenOncePassedOnOrLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	ada := w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	ben, cy, di := w.wait(w.person("Ben", "Low", "ben@example.org"), s), w.wait(w.person("Cy", "Ray", "cy@example.org"), s), w.wait(w.person("Di", "May", "di@example.org"), s)
	_, err := w.volunteering.AcceptOffer(t.Context(), w.org, ben.ID)
	require.ErrorIs(t, err, volunteer.ErrNotWaiting, "nothing is offered yet")
	_, err = w.volunteering.WithdrawByStaff(w.owner, ada.ID, "Moved away")
	require.NoError(t, err)

	place, err := w.volunteering.FindPlace(t.Context(), w.org, ben.ID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Offered, place.Status)
	require.Equal(t, "Pack food parcels", place.Opportunity.Title)
	passed, err := w.volunteering.PassOffer(t.Context(), w.org, ben.ID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Withdrawn, passed.Status)
	again, err := w.volunteering.PassOffer(t.Context(), w.org, ben.ID)
	require.NoError(t, err, "pressed twice")
	require.Equal(t, passed.Version, again.Version)

	w.ring(13*time.Hour, s)
	require.Equal(t, volunteer.Lapsed, w.signUpNow(cy.ID).Status)
	_, err = w.volunteering.AcceptOffer(t.Context(), w.org, cy.ID)
	require.ErrorIs(t, err, volunteer.ErrNotWaiting)
	taken, err := w.volunteering.AcceptOffer(t.Context(), w.org, di.ID)
	require.NoError(t, err)
	again, err = w.volunteering.AcceptOffer(t.Context(), w.org, di.ID)
	require.NoError(t, err, "pressed twice")
	require.Equal(t, taken.Version, again.Version)
	_, err = w.volunteering.PassOffer(t.Context(), w.org, di.ID)
	require.ErrorIs(t, err, volunteer.ErrNotWaiting, "a place that one has is cancelled, not passed on")
	require.Equal(t, []string{"sign_up.waiting", "sign_up.offered", "sign_up.confirmed"}, w.mailed("di@example.org"))
	require.Equal(t, 1, w.count("select count(*) from audit_events where action = 'sign_up.confirmed' and actor_kind = 'supporter' and actor_id = $1", *di.PersonID))
}

func TestOfTwoOffersAtOneTimeOneIsTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-28T10:00", 1)
	ada := w.person("Ada", "Hale", "ada@example.org")
	var offers []volunteer.SignUp
	for _, s := range []volunteer.Shift{first, second} {
		before := w.signUp(w.person("Ben", "Low", ""), s)
		offers = append(offers, w.wait(ada, s))
		_, err := w.volunteering.WithdrawByStaff(w.owner, before.ID, "")
		require.NoError(t, err)
	}
	_, err := w.volunteering.AcceptSelf(w.self(ada), offers[0].ID)
	require.NoError(t, err)
	_, err = w.volunteering.AcceptSelf(w.self(ada), offers[1].ID)
	require.ErrorContains(t, err, "sign_up.overlap")
	require.Equal(t, volunteer.Offered, w.signUpNow(offers[1].ID).Status, "should they rather have this one, they can cancel the other")
}

func TestASupporterTouchesOnlyTheirOwnSignUps(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, other := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 1)
	ada, eve := w.person("Ada", "Hale", "ada@example.org"), w.person("Eve", "Low", "eve@example.org")
	u := w.signUp(ada, s)
	w.ask("held@example.org", false, other)
	held := w.heldOn(other)
	harbor := w.elsewhere("harbor")
	stranger := actor.With(t.Context(), actor.Actor{Kind: actor.KindSupporter, ID: ada.ID.UUID, OrgID: harbor.ID.UUID})
	for _, ctx := range []context.Context{w.self(eve), stranger} {
		for _, of := range []id.ID[volunteer.SignUp]{u.ID, held, id.New[volunteer.SignUp]()} {
			_, err := w.volunteering.WithdrawSelf(ctx, of, "")
			require.ErrorIs(t, err, volunteer.ErrSignUp)
			_, err = w.volunteering.SwapSelf(ctx, of, other.ID)
			require.ErrorIs(t, err, volunteer.ErrSignUp)
			_, err = w.volunteering.SwapTargets(ctx, of)
			require.ErrorIs(t, err, volunteer.ErrSignUp)
			_, err = w.volunteering.AcceptSelf(ctx, of)
			require.ErrorIs(t, err, volunteer.ErrSignUp)
		}
	}
	for _, of := range []id.ID[volunteer.SignUp]{u.ID, held} {
		_, err := w.volunteering.AcceptOffer(t.Context(), harbor, of)
		require.ErrorIs(t, err, volunteer.ErrSignUp)
		_, err = w.volunteering.FindPlace(t.Context(), harbor, of)
		require.ErrorIs(t, err, volunteer.ErrSignUp)
		atSea := actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.New(), OrgID: harbor.ID.UUID})
		_, err = w.volunteering.WithdrawByStaff(atSea, of, "")
		require.ErrorIs(t, err, volunteer.ErrSignUp)
		_, err = w.volunteering.SignUpPerson(atSea, s.ID, volunteering.StaffSignUp{NewPerson: person.Details{FirstName: "Ed"}})
		require.ErrorIs(t, err, volunteer.ErrShift)
	}
	for _, ctx := range []context.Context{t.Context(), w.owner} {
		_, err := w.volunteering.WithdrawSelf(ctx, u.ID, "")
		require.ErrorIs(t, err, person.ErrSessionOver)
		_, err = w.volunteering.SignUpSelf(ctx, idsOf(other), volunteering.Joining{Waits: true})
		require.ErrorIs(t, err, person.ErrSessionOver)
	}
	require.Equal(t, volunteer.Confirmed, w.signUpNow(u.ID).Status)
}

// heldOn is the place held in a shift for whoever confirms their mail.
func (w *world) heldOn(s volunteer.Shift) (of id.ID[volunteer.SignUp]) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(context.Background(), "select id from sign_ups where shift_id = $1 and status = 'held'", s.ID).Scan(&of)
	})
	return of
}

func TestCancellingEndsAtTheCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, full := w.shift(o, "2026-11-22T13:00", 2), w.shift(o, "2026-11-22T16:00", 1)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	first, second := w.signUp(ada, s), w.signUp(ben, s)
	w.signUp(w.person("Cy", "Ray", ""), full)
	inLine := w.wait(ben, full)
	out, err := w.volunteering.WithdrawSelf(w.self(ada), first.ID, "Ill")
	require.NoError(t, err)
	require.Equal(t, volunteer.Withdrawn, out.Status)
	_, err = w.volunteering.WithdrawSelf(w.self(ada), first.ID, "Ill")
	require.NoError(t, err, "pressed twice")
	require.Equal(t, []string{"sign_up.confirmed", "sign_up.cancelled"}, w.mailed("ada@example.org"))

	w.clock.Advance(time.Hour) // two hours before the start
	_, err = w.volunteering.WithdrawSelf(w.self(ben), second.ID, "")
	require.ErrorIs(t, err, volunteer.ErrCancelTooLate)
	_, err = w.volunteering.SwapSelf(w.self(ben), second.ID, full.ID)
	require.ErrorIs(t, err, volunteer.ErrCancelTooLate)
	w.clock.Advance(2 * time.Hour)
	_, err = w.volunteering.WithdrawSelf(w.self(ben), inLine.ID, "")
	require.NoError(t, err, "the line is left at any time")
	_, err = w.volunteering.WithdrawByStaff(w.owner, second.ID, "Called in sick")
	require.NoError(t, err, "staff always can")
}

func TestASwapIsOneStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	s, overlapping, full := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-28T10:00", 1), w.shift(o, "2026-11-29T09:00", 1)
	busy, later := w.shift(o, "2026-11-30T09:00", 2), w.shift(o, "2026-11-30T10:00", 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	u := w.signUp(ada, s)
	w.signUp(ada, busy)
	w.signUp(w.person("Ben", "Low", ""), full)
	line := w.wait(w.person("Cy", "Ray", "cy@example.org"), s)

	targets, err := w.volunteering.SwapTargets(w.self(ada), u.ID)
	require.NoError(t, err)
	require.Equal(t, idsOf(overlapping), idsOf(targets...), "not what is full, hers already, or at the time of another of hers")
	for to, code := range map[volunteer.Shift]string{full: "sign_up.full", busy: "sign_up.already_signed_up", later: "sign_up.overlap"} {
		_, err := w.volunteering.SwapSelf(w.self(ada), u.ID, to.ID)
		require.ErrorContains(t, err, code)
	}
	_, err = w.volunteering.SwapSelf(w.self(ada), u.ID, s.ID)
	require.ErrorIs(t, err, volunteer.ErrNotActive)
	require.Equal(t, volunteer.Confirmed, w.signUpNow(u.ID).Status, "what could not be had costs nothing")

	before := len(w.mailed("ada@example.org"))
	swapped, err := w.volunteering.SwapSelf(w.self(ada), u.ID, overlapping.ID)
	require.NoError(t, err)
	require.Equal(t, overlapping.ID, swapped.Shift.ID)
	require.Equal(t, volunteer.FromSwap, swapped.Source)
	require.Equal(t, volunteer.Withdrawn, w.signUpNow(u.ID).Status)
	require.Equal(t, volunteer.Offered, w.signUpNow(line.ID).Status, "the place she gave back")
	require.Equal(t, []string{"sign_up.confirmed"}, w.mailed("ada@example.org")[before:], "one mail says both")
	require.Equal(t, []string{"sign_up.waiting", "sign_up.offered"}, w.mailed("cy@example.org"))
	_, err = w.volunteering.SwapSelf(w.self(ada), u.ID, full.ID)
	require.ErrorIs(t, err, volunteer.ErrNotActive, "pressed twice")
}

func TestNoShowsCountByTheDayOfTheShift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ada := w.person("Ada", "Hale", "ada@example.org")
	missed := w.signUp(ada, w.shift(o, "2026-11-23T09:00", 1))
	w.inTx(noShow(missed))
	w.inTx(noShow(w.signUp(ada, w.shift(o, "2026-11-24T09:00", 1))))
	soon, far := w.shift(o, "2027-05-20T09:00", 1), w.shift(o, "2027-05-23T09:00", 1)
	require.Equal(t, []volunteer.Rule{volunteer.RuleLockedOut}, w.rulesAgainst(ada, soon))
	w.clock.Set(at("2027-05-22T15:00:00Z"))
	w.inTx(touched(missed, w.now()))
	require.Empty(t, w.rulesAgainst(ada, far), "what staff write on it later does not bring it back")
}

func touched(u volunteer.SignUp, at time.Time) func(database.Tx) error {
	return func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "update sign_ups set no_show_note = 'late bus', updated_at = $2 where id = $1", u.ID, at)
		return err
	}
}

func TestLookingAtTheRulesChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.MinAge = 18 })
	s := w.shift(o, "2026-11-28T09:00", 1)
	ada := w.person("Ada", "Hale", "ada@example.org")
	require.Equal(t, []volunteer.Rule{volunteer.RuleRequirement}, w.rulesAgainst(ada, s))
	require.Zero(t, w.count("select count(*) from volunteers"))
	w.ask("ben@example.org", false, s)
	require.Equal(t, []volunteer.Rule{volunteer.RuleFull, volunteer.RuleRequirement}, w.rulesAgainst(ada, s))
	w.clock.Advance(volunteer.RequestHold)
	require.Equal(t, []volunteer.Rule{volunteer.RuleRequirement}, w.rulesAgainst(ada, s), "a hold that has ended holds nothing")
	refusals, err := w.volunteering.CheckSignUp(w.owner, s.ID, uuid.Nil, 1)
	require.NoError(t, err)
	require.Empty(t, refusals, "nobody in particular")
	_, err = w.volunteering.CheckSignUp(w.owner, s.ID, uuid.New(), 1)
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.CheckSignUp(w.owner, id.New[volunteer.Shift](), ada.ID.UUID, 1)
	require.ErrorIs(t, err, volunteer.ErrShift)
}

func TestStaffMovePeopleInLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	seated := w.signUp(w.person("Ada", "Hale", ""), s)
	first, second, third := w.wait(w.person("Ben", "Low", ""), s), w.wait(w.person("Cy", "Ray", ""), s), w.wait(w.person("Di", "May", ""), s)
	moved, err := w.volunteering.MoveInLine(w.owner, third.ID, 1)
	require.NoError(t, err)
	require.Equal(t, 1, moved.Position)
	require.Equal(t, "Di May", moved.Person.DisplayName())
	moved, err = w.volunteering.MoveInLine(w.owner, first.ID, 99)
	require.NoError(t, err)
	require.Equal(t, 3, moved.Position)
	_, err = w.volunteering.MoveInLine(w.owner, seated.ID, 1)
	require.ErrorIs(t, err, volunteer.ErrNotActive)
	for _, next := range []volunteer.SignUp{third, second, first} {
		_, err = w.volunteering.WithdrawByStaff(w.owner, seated.ID, "")
		require.NoError(t, err)
		require.Equal(t, volunteer.Offered, w.signUpNow(next.ID).Status)
		seated = next
	}
}
