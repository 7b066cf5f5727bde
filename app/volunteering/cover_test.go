package volunteering_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// credential gives somebody a proof that holds from 1 January 2026.
func (f *field) credential(p person.Person, k volunteer.CredentialKind, expires string, confirmed bool) volunteer.Credential {
	f.t.Helper()
	d := volunteer.CredentialDetails{IssuedOn: must(day.Parse("2026-01-01"))}
	if expires != "" {
		d.ExpiresOn = must(day.Parse(expires))
	}
	c, err := volunteer.NewCredential(k, p.ID.UUID, d, f.now())
	require.NoError(f.t, err)
	if confirmed {
		c.Confirm(nil, f.now())
	}
	f.store(&c)
	return c
}

// requires makes an opportunity ask for a proof.
func (f *field) requires(o volunteer.Opportunity, k volunteer.CredentialKind) {
	f.t.Helper()
	f.exec("insert into opportunity_requirements (org_id, opportunity_id, kind_id) values ($1, $2, $3)", f.org.ID, o.ID, k.ID)
}

func (f *field) exec(sql string, args ...any) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), sql, args...)
		return err
	})
}

// helper is a volunteer with an e-mail address.
func (f *field) helper(first string, changes ...func(*volunteer.Profile)) person.Person {
	f.t.Helper()
	p := f.person(first, "", strings.ToLower(first)+"@example.org")
	f.profile(p, changes...)
	return p
}

// askToCover asks people and returns their questions in the order of the people.
func (f *field) askToCover(s volunteer.Shift, people ...person.Person) []id.ID[volunteer.Ask] {
	f.t.Helper()
	var ids []uuid.UUID
	for _, p := range people {
		ids = append(ids, p.ID.UUID)
	}
	asked, err := f.volunteering.AskToCover(f.ctx, s.ID, volunteering.AskInput{People: ids, Message: "Sorry for the short notice."})
	require.NoError(f.t, err)
	all := make([]id.ID[volunteer.Ask], len(people))
	for i, p := range people {
		for _, a := range asked {
			if a.PersonID == p.ID.UUID && all[i].IsZero() { // the newest first
				all[i] = a.ID
			}
		}
		require.False(f.t, all[i].IsZero())
	}
	return all
}

func TestTheFirstOfTenWhoSayYesAtOnceGetsThePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shift := w.shift(w.opportunity(), "2026-11-25T09:00", 1)
	people := make([]person.Person, 10)
	for i := range people {
		people[i] = w.helper(fmt.Sprintf("Helper%d", i))
	}
	asks := w.askToCover(shift, people...)
	answers := make([]volunteering.Question, len(asks))
	var all errgroup.Group
	for i, of := range asks {
		all.Go(func() (err error) {
			answers[i], err = w.volunteering.AnswerCover(t.Context(), w.org, of, true)
			return err
		})
	}
	require.NoError(t, all.Wait())
	w.settle()
	given := map[volunteer.Answer]int{}
	for i, q := range answers {
		given[q.Ask.Answer]++
		mailed := w.mailed(people[i].EmailAddress())
		if q.Ask.Answer == volunteer.Yes {
			require.Equal(t, volunteer.Confirmed, q.SignUp.Status)
			require.Equal(t, volunteer.FromCover, q.SignUp.Source)
			require.ElementsMatch(t, []string{"cover.request", "sign_up.confirmed"}, mailed)
			continue
		}
		require.True(t, q.Covered)
		require.Nil(t, q.SignUp)
		require.Equal(t, volunteer.RuleFull, q.Refused[0].Rule)
		require.ElementsMatch(t, []string{"cover.request", "cover.taken"}, mailed)
	}
	require.Equal(t, map[volunteer.Answer]int{volunteer.Yes: 1, volunteer.TooLate: 9}, given)
	require.Equal(t, 1, w.count("select count(*) from sign_ups where shift_id = $1", shift.ID))
	require.Equal(t, 1, w.shiftNow(shift.ID).Taken)
	actions := map[string]int{}
	for _, action := range w.audited(shift.ID.UUID) {
		actions[action]++
	}
	require.Equal(t, map[string]int{"cover.asked": 1, "cover.yes": 1, "cover.too_late": 9, "sign_up.confirmed": 1}, actions)
	require.Equal(t, 10, w.count("select count(*) from audit_events where action in ('cover.yes', 'cover.too_late') and actor_kind = 'supporter' and actor_id::text = after ->> 'person_id'"))
}

func TestNobodyIsDoubleBookedByTwoQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ann := w.helper("Ann")
	var asks []id.ID[volunteer.Ask]
	for _, starts := range []string{"2026-11-25T09:00", "2026-11-25T10:00", "2026-11-25T11:00", "2026-11-25T11:59"} {
		asks = append(asks, w.askToCover(w.shift(o, starts, 1), ann)...)
	}
	var all errgroup.Group
	for _, of := range asks {
		all.Go(func() error {
			_, err := w.volunteering.AnswerCover(t.Context(), w.org, of, true)
			return err
		})
	}
	require.NoError(t, all.Wait())
	require.Equal(t, 1, w.count("select count(*) from sign_ups where person_id = $1", ann.ID))
	require.Equal(t, 1, w.count("select count(*) from cover_asks where answer = 'yes'"))
	require.Equal(t, 3, w.count("select count(*) from cover_asks where answer = 'hindered'"))
}

func TestAYesThatARuleStandsAgainstSaysWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	hygiene := w.kind("Food hygiene")
	w.requires(o, hygiene)
	shift := w.shift(o, "2026-11-25T09:00", 1)
	dan := w.helper("Dan")
	old := w.credential(dan, hygiene, "2026-11-24", true)
	asks := w.askToCover(shift, dan)

	q, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], true)
	require.NoError(t, err)
	require.Equal(t, volunteer.Hindered, q.Ask.Answer)
	require.Equal(t, []volunteer.Refusal{{Rule: volunteer.RuleRequirement, Message: "Your “Food hygiene” has expired by then: send us the new one."}}, q.Refused)
	require.Nil(t, q.SignUp)
	require.False(t, q.Covered)
	require.Zero(t, w.shiftNow(shift.ID).Taken)

	// Once they have shown the new one, the same link helps.
	require.NoError(t, w.volunteering.RemoveCredential(w.owner, old.ID))
	w.credential(dan, hygiene, "2027-11-24", true)
	q, err = w.volunteering.AnswerCover(t.Context(), w.org, asks[0], true)
	require.NoError(t, err)
	require.Equal(t, volunteer.Yes, q.Ask.Answer)
	require.Equal(t, volunteer.Confirmed, q.SignUp.Status)
}

func TestWhoIsTooLateMayWaitInstead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shift := w.shift(w.opportunity(), "2026-11-25T09:00", 1)
	ann, ben, cleo := w.helper("Ann"), w.helper("Ben"), w.helper("Cleo")
	asks := w.askToCover(shift, ann, ben, cleo)
	first, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], true)
	require.NoError(t, err)
	q, err := w.volunteering.FindQuestion(t.Context(), w.org, asks[1])
	require.NoError(t, err)
	require.True(t, q.Covered, "the page says so before anything is pressed")
	require.Equal(t, volunteer.Asked, q.Ask.Answer)
	q, err = w.volunteering.AnswerCover(t.Context(), w.org, asks[1], true)
	require.NoError(t, err)
	require.Equal(t, volunteer.TooLate, q.Ask.Answer)
	for range 2 { // pressing twice is the same
		q, err = w.volunteering.WaitInstead(t.Context(), w.org, asks[1])
		require.NoError(t, err)
		require.Equal(t, volunteer.Waiting, q.SignUp.Status)
		require.Equal(t, volunteer.TooLate, q.Ask.Answer)
	}
	q, err = w.volunteering.AnswerCover(t.Context(), w.org, asks[2], false)
	require.NoError(t, err)
	require.Equal(t, volunteer.No, q.Ask.Answer)

	_, err = w.volunteering.WithdrawSelf(w.self(ann), first.SignUp.ID, "")
	require.NoError(t, err)
	q, err = w.volunteering.FindQuestion(t.Context(), w.org, asks[1])
	require.NoError(t, err)
	require.Equal(t, volunteer.Offered, q.SignUp.Status)
	q, err = w.volunteering.AnswerCover(t.Context(), w.org, asks[1], true)
	require.NoError(t, err)
	require.Equal(t, volunteer.Confirmed, q.SignUp.Status, "a yes to the question takes the offer, too")
	require.Equal(t, volunteer.Yes, q.Ask.Answer)
}

func TestAnAnswerStandsUntilItIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	shift := w.shift(w.opportunity(), "2026-11-25T09:00", 2)
	ann := w.helper("Ann")
	asks := w.askToCover(shift, ann)
	for _, yes := range []bool{false, false, true, true} {
		q, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], yes)
		require.NoError(t, err)
		require.Equal(t, map[bool]volunteer.Answer{false: volunteer.No, true: volunteer.Yes}[yes], q.Ask.Answer)
	}
	require.Equal(t, 1, w.shiftNow(shift.ID).Taken)
	require.Equal(t, 1, w.count("select count(*) from audit_events where action = 'cover.yes'"))
	_, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], false)
	requireFault(t, err, "cover.has_place")
	require.Equal(t, 1, w.shiftNow(shift.ID).Taken)
	_, err = w.volunteering.AnswerCover(t.Context(), w.org, id.New[volunteer.Ask](), true)
	require.ErrorIs(t, err, volunteer.ErrCover)
}

func TestStaffWhoAskAfterTheCutOffHaveOverruledIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Window.ClosesBeforeMinutes = 24 * 60 })
	shift := w.shift(o, "2026-11-23T09:00", 1) // sign-up closed an hour ago
	ann, ben := w.helper("Ann"), w.helper("Ben")
	out, err := w.volunteering.SignUpSelf(w.self(ann), []id.ID[volunteer.Shift]{shift.ID}, volunteering.Joining{})
	require.NoError(t, err)
	require.Equal(t, "sign_up.cut_off", out.Refused[0].Code)

	asks := w.askToCover(shift, ann, ben)
	q, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], true)
	require.NoError(t, err)
	require.Equal(t, volunteer.Yes, q.Ask.Answer)
	require.Equal(t, volunteer.Words{"cut_off"}, q.SignUp.Overrides)
	require.NotNil(t, q.SignUp.OverriddenBy, "in the name of whoever asked")
	_, err = w.volunteering.AnswerCover(t.Context(), w.org, asks[1], true)
	require.NoError(t, err)
	q, err = w.volunteering.WaitInstead(t.Context(), w.org, asks[1])
	require.NoError(t, err)
	require.Equal(t, volunteer.RuleCutOff, q.Refused[0].Rule, "the waitlist has closed for good")
	require.Nil(t, q.SignUp)
}

func TestPeopleAreNotAskedWhoMustNotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	shift := w.shift(o, "2026-11-25T09:00", 2)
	ann, ben, cleo := w.helper("Ann"), w.helper("Ben"), w.helper("Cleo")
	unwilling := w.helper("Unwilling", func(v *volunteer.Profile) { v.CanBeAsked = false })
	inactive := w.helper("Inactive", func(v *volunteer.Profile) { v.Status = volunteer.Inactive })
	silent := w.helper("Silent")
	w.exec("update people set do_not_contact = true where id = $1", silent.ID)
	mailless := w.person("Mailless", "", "")
	w.profile(mailless)
	giver := w.person("Giver", "", "giver@example.org")
	w.signUp(cleo, shift)
	asks := w.askToCover(shift, ben)
	_, err := w.volunteering.AnswerCover(t.Context(), w.org, asks[0], false)
	require.NoError(t, err)
	before := w.count("select count(*) from cover_asks")

	for _, tc := range []struct {
		name, code string
		who        uuid.UUID
	}{
		{"does not want to be asked", "cover.not_to_be_asked", unwilling.ID.UUID},
		{"is set inactive", "cover.not_to_be_asked", inactive.ID.UUID},
		{"wants no contact", "cover.not_to_be_asked", silent.ID.UUID},
		{"has no address", "cover.not_to_be_asked", mailless.ID.UUID},
		{"never helped", "cover.not_to_be_asked", giver.ID.UUID},
		{"is nobody", "cover.not_to_be_asked", uuid.New()},
		{"is signed up", "cover.signed_up", cleo.ID.UUID},
		{"said no", "cover.said_no", ben.ID.UUID},
	} {
		_, err := w.volunteering.AskToCover(w.owner, shift.ID, volunteering.AskInput{People: []uuid.UUID{ann.ID.UUID, tc.who}})
		requireFault(t, err, tc.code)
		require.Contains(t, err.Error(), "person_ids[1]", tc.name)
	}
	require.Equal(t, before, w.count("select count(*) from cover_asks"))
	require.Empty(t, w.mailed("ann@example.org"), "all are asked, or nobody")

	_, err = w.volunteering.AskToCover(w.owner, shift.ID, volunteering.AskInput{})
	requireFault(t, err, "cover.people")
	w.askToCover(shift, ann, ann)
	require.Equal(t, []string{"cover.request"}, w.mailed("ann@example.org"))
	_, err = w.volunteering.AskToCover(w.owner, shift.ID, volunteering.AskInput{People: []uuid.UUID{ann.ID.UUID}})
	requireFault(t, err, "cover.asked_already")
	w.clock.Advance(25 * time.Hour)
	w.askToCover(shift, ann)
	require.Len(t, w.mailed("ann@example.org"), 2)

	full := w.shift(o, "2026-11-26T09:00", 1)
	w.signUp(cleo, full)
	_, err = w.volunteering.AskToCover(w.owner, full.ID, volunteering.AskInput{People: []uuid.UUID{ann.ID.UUID}})
	requireFault(t, err, "cover.full")
	_, err = w.volunteering.AskToCover(w.owner, id.New[volunteer.Shift](), volunteering.AskInput{People: []uuid.UUID{ann.ID.UUID}})
	require.ErrorIs(t, err, volunteer.ErrShift)
	_, err = w.volunteering.AskToCover(w.owner, w.shift(o, "2026-11-20T09:00", 1).ID, volunteering.AskInput{People: []uuid.UUID{ann.ID.UUID}})
	require.ErrorIs(t, err, volunteer.ErrShiftEnded)
}

func TestAQuestionSaysWhyItsPersonWasProposed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.Skills = []string{"driving"} })
	shift := w.shift(o, "2026-11-25T09:00", 1)
	ann := w.helper("Ann", func(v *volunteer.Profile) {
		v.Skills, v.Availability = volunteer.Words{"driving"}, volunteer.AlwaysAvailable
	})
	w.askToCover(shift, ann)
	asked, err := w.volunteering.AskedToCover(w.owner, shift.ID)
	require.NoError(t, err)
	require.Len(t, asked, 1)
	require.Equal(t, volunteer.Words{"available", "skills"}, asked[0].Reasons)
	require.Equal(t, "Sorry for the short notice.", asked[0].Message)
	require.Equal(t, "Ann", asked[0].FirstName)
	found, err := w.volunteering.Propose(w.owner, shift.ID, 50)
	require.NoError(t, err)
	require.Equal(t, w.now(), found.Items[0].AskedAt.UTC())
	require.Equal(t, volunteer.Asked, found.Items[0].Answer)
	_, err = w.volunteering.AskedToCover(w.owner, id.New[volunteer.Shift]())
	require.ErrorIs(t, err, volunteer.ErrShift)
}
