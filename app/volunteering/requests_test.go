package volunteering_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// ask chooses shifts on the public page.
func (w *world) ask(email string, waits bool, shifts ...volunteer.Shift) volunteering.RequestOutcome {
	w.t.Helper()
	out, err := w.volunteering.RequestShifts(w.t.Context(), asking(email, waits, shifts...))
	require.NoError(w.t, err)
	return out
}

func asking(email string, waits bool, shifts ...volunteer.Shift) volunteering.RequestInput {
	return volunteering.RequestInput{OrgSlug: "riverbend", Shifts: idsOf(shifts...), FirstName: "Ada", LastName: "Hale", Email: email, Waits: waits, IP: "192.0.2.1"}
}

func idsOf(shifts ...volunteer.Shift) []id.ID[volunteer.Shift] {
	var ids []id.ID[volunteer.Shift]
	for _, s := range shifts {
		ids = append(ids, s.ID)
	}
	return ids
}

var confirmForm = regexp.MustCompile(`https://give\.example\.org/volunteer/riverbend/confirm/(\w+)`)

// secret is that of the newest link mailed to an address.
func (w *world) secret(to string) string {
	w.t.Helper()
	mails := w.mails(to)
	require.NotEmpty(w.t, mails)
	for i := len(mails) - 1; i >= 0; i-- {
		if found := confirmForm.FindStringSubmatch(mails[i].Text); found != nil {
			return found[1]
		}
	}
	require.Fail(w.t, "no link was mailed")
	return ""
}

func (w *world) confirm(secret string) volunteering.Confirmed {
	w.t.Helper()
	done, err := w.volunteering.ConfirmRequest(w.t.Context(), "riverbend", secret)
	require.NoError(w.t, err)
	return done
}

func codesOf(refused []volunteering.RefusedShift) (codes []string) {
	for _, f := range refused {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestAChoiceOfShiftsIsHeldUntilTheMailIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 2)

	out := w.ask("ada@example.org", false, second, first)
	require.Len(t, out.Held, 2)
	require.Equal(t, first.ID, out.Held[0].Shift.ID, "the soonest first")
	require.Equal(t, w.now().Add(volunteer.RequestHold), out.HoldUntil)
	require.Zero(t, w.count("select count(*) from people"), "nobody is made of an address that anybody may have typed")
	require.Equal(t, 1, w.shiftNow(first.ID).Taken)
	require.Equal(t, []string{"sign_up.request"}, w.mailed("ada@example.org"))

	secret := w.secret("ada@example.org")
	for range 3 { // a mail scanner looks
		check, err := w.volunteering.CheckRequest(t.Context(), "riverbend", secret)
		require.NoError(t, err)
		require.Len(t, check.Held, 2)
		require.Empty(t, check.Others)
		require.Nil(t, check.Request.ConfirmedAt)
	}
	done := w.confirm(secret)
	require.Len(t, done.Placed, 2)
	require.Empty(t, done.Refused)
	require.Equal(t, "Ada Hale", done.Person.DisplayName())
	require.Equal(t, out.Held[0].ID, done.Placed[0].ID, "the held place itself")
	require.Equal(t, volunteer.Confirmed, w.signUpNow(done.Placed[0].ID).Status)
	require.Equal(t, []string{"sign_up.request", "sign_up.confirmed"}, w.mailed("ada@example.org"), "one mail about both")
	who, _, err := w.people.AuthenticateSupporter(t.Context(), done.Entry.Token)
	require.NoError(t, err)
	require.Equal(t, done.Person.ID.UUID, who.ID)

	again := w.confirm(secret)
	require.Equal(t, lineIDs(done.Placed), lineIDs(again.Placed))
	require.NotEmpty(t, again.Entry.Token, "the answer to the first press may have been lost")
	w.clock.Advance(person.LinkLife)
	again = w.confirm(secret)
	require.Equal(t, lineIDs(done.Placed), lineIDs(again.Placed))
	require.Empty(t, again.Entry.Token, "a link lets in only while it is young")
	require.Equal(t, 1, w.count("select count(*) from people"))
	require.Equal(t, 2, w.count("select count(*) from sign_ups"))
}

func lineIDs(lines []volunteering.SignUpLine) []id.ID[volunteer.SignUp] {
	var ids []id.ID[volunteer.SignUp]
	for _, l := range lines {
		ids = append(ids, l.ID)
	}
	return ids
}

func TestTwoBrowsersThatConfirmOneLinkSeeOneOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	free, busy, clash := w.shift(o, "2026-11-28T09:00", 1), w.shift(o, "2026-11-29T09:00", 5), w.shift(o, "2026-11-29T10:00", 5)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), busy)
	w.ask("ada@example.org", false, free, clash)
	secret := w.secret("ada@example.org")
	outcomes := make([]volunteering.Confirmed, 6)
	var racing errgroup.Group
	for i := range outcomes {
		racing.Go(func() (err error) {
			outcomes[i], err = w.volunteering.ConfirmRequest(t.Context(), "riverbend", secret)
			return err
		})
	}
	require.NoError(t, racing.Wait())
	for _, done := range outcomes {
		require.Equal(t, outcomes[0].Person.ID, done.Person.ID)
		require.Len(t, done.Placed, 1)
		require.Equal(t, free.ID, done.Placed[0].Shift.ID)
		require.Equal(t, outcomes[0].Placed[0].ID, done.Placed[0].ID)
		require.Equal(t, []string{"sign_up.overlap"}, codesOf(done.Refused))
		require.Contains(t, done.Refused[0].Message, "Pack food parcels")
		require.NotEmpty(t, done.Entry.Token)
	}
	require.Equal(t, 1, w.count("select count(*) from people"))
	require.Equal(t, []string{"sign_up.held", "sign_up.confirmed"}, w.audited(free.ID.UUID))
	require.Zero(t, w.shiftNow(clash.ID).Taken, "what was held in vain is free again")
}

func TestTwoSpellingsOfAnAddressAreOnePersonWithOnePlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 5)
	w.ask("ada@example.org", false, s)
	older := w.secret("ada@example.org")
	w.ask("  Ada@EXAMPLE.org ", false, s)
	newer := w.secret("Ada@EXAMPLE.org")
	require.Equal(t, 1, w.shiftNow(s.ID).Taken, "the newer request has the place of the older one")

	outcomes := make([]volunteering.Confirmed, 2)
	var racing errgroup.Group
	for i, secret := range []string{older, newer} {
		racing.Go(func() (err error) {
			outcomes[i], err = w.volunteering.ConfirmRequest(t.Context(), "riverbend", secret)
			return err
		})
	}
	require.NoError(t, racing.Wait())
	require.Equal(t, outcomes[0].Person.ID, outcomes[1].Person.ID)
	require.Len(t, append(outcomes[0].Placed, outcomes[1].Placed...), 1)
	require.Equal(t, []string{"sign_up.already_signed_up"}, codesOf(append(outcomes[0].Refused, outcomes[1].Refused...)))
	require.Equal(t, 1, w.count("select count(*) from people"))
	require.Equal(t, 1, w.count("select count(*) from sign_ups where status not in ('cancelled', 'lapsed')"))
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
}

func TestAfterTheHoldTheRulesDecideAnew(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		places int
		waits  bool
		placed int
		line   int
		codes  []string
	}{
		{"a place is free", 2, false, 1, 0, nil},
		{"full", 1, false, 0, 0, []string{"sign_up.full"}},
		{"full, and the person waits", 1, true, 0, 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.shift(w.opportunity(), "2026-11-28T09:00", tc.places)
			w.ask("ada@example.org", tc.waits, s)
			w.ring(volunteer.RequestHold, s)
			require.Zero(t, w.shiftNow(s.ID).Taken)
			w.signUp(w.person("Ben", "Low", "ben@example.org"), s)
			check, err := w.volunteering.CheckRequest(t.Context(), "riverbend", w.secret("ada@example.org"))
			require.NoError(t, err)
			require.Empty(t, check.Held)
			require.Len(t, check.Others, 1)

			done := w.confirm(w.secret("ada@example.org"))
			require.Len(t, done.Placed, tc.placed)
			require.Len(t, done.Waiting, tc.line)
			require.Equal(t, tc.codes, codesOf(done.Refused))
			again := w.confirm(w.secret("ada@example.org"))
			require.Equal(t, done.Outcome, again.Outcome)
		})
	}
}

func TestOfAFullShiftTheRequestBecomesAPlaceInLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := 1
	o := w.opportunity(func(d *volunteer.Details) { d.Waitlist.WaitlistMax = &one })
	s := w.shift(o, "2026-11-28T09:00", 1)
	ben := w.signUp(w.person("Ben", "Low", "ben@example.org"), s)
	require.Equal(t, []string{"sign_up.full"}, codesOf(w.ask("ada@example.org", false, s).Refused))
	require.Empty(t, w.mails("ada@example.org"), "nothing came of it")
	require.Len(t, w.ask("ada@example.org", true, s).InLine, 1)
	require.Len(t, w.ask("cy@example.org", true, s).InLine, 1)

	done := w.confirm(w.secret("ada@example.org"))
	require.Len(t, done.Waiting, 1)
	require.Equal(t, 1, done.Waiting[0].Position)
	late := w.confirm(w.secret("cy@example.org"))
	require.Equal(t, []string{"sign_up.full"}, codesOf(late.Refused))
	require.Equal(t, volunteer.ErrWaitlistFull.Message, late.Refused[0].Message)
	require.Equal(t, []string{"sign_up.waitlist_full"}, codesOf(w.ask("di@example.org", true, s).Refused))

	_, err := w.volunteering.WithdrawByStaff(w.owner, ben.ID, "")
	require.NoError(t, err)
	again := w.confirm(w.secret("ada@example.org"))
	require.Equal(t, volunteer.Offered, again.Placed[0].Status, "the outcome is as it is by now")
}

func TestAStrangerLearnsNothingAboutAnAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.MinAge = 18 })
	known := w.person("Ada", "Hale", "ada@example.org")
	for _, starts := range []string{"2026-11-23T09:00", "2026-11-24T09:00"} {
		s := w.shift(o, starts, 1)
		missed := w.signUp(known, s)
		w.inTx(noShow(missed))
	}
	w.signUp(known, w.shift(o, "2026-11-28T09:00", 5))
	s := w.shift(o, "2026-11-28T10:00", 5)
	about, nobody := w.ask("ada@example.org", false, s), w.ask("nobody@example.org", false, s)
	require.Len(t, about.Held, 1)
	require.Len(t, nobody.Held, 1)
	require.Equal(t, about.HoldUntil, nobody.HoldUntil)
	require.Equal(t, about.Refused, nobody.Refused)
	require.NotContains(t, w.mails("ada@example.org")[0].Text, "Hale", "anybody can type any name")
	require.Equal(t, []string{"sign_up.overlap"}, codesOf(w.confirm(w.secret("ada@example.org")).Refused), "the first rule in order")
	require.Equal(t, []string{"sign_up.requirement"}, codesOf(w.confirm(w.secret("nobody@example.org")).Refused))
}

func TestOneBasketHoldsNoTwoShiftsAtOneTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second, after := w.shift(o, "2026-11-28T09:00", 5), w.shift(o, "2026-11-28T11:00", 5), w.shift(o, "2026-11-28T12:00", 5)
	out := w.ask("ada@example.org", false, first, second, after)
	require.Len(t, out.Held, 2, "one that begins as another ends is no clash")
	require.Equal(t, []string{"sign_up.overlap"}, codesOf(out.Refused))
	require.Equal(t, second.ID, out.Refused[0].Shift.ID)

	self := w.self(w.person("Ben", "Low", "ben@example.org"))
	own, err := w.volunteering.SignUpSelf(self, idsOf(first, second, after, first), volunteering.Joining{})
	require.NoError(t, err)
	require.Len(t, own.Placed, 2)
	require.Equal(t, second.ID, own.Refused[0].Shift.ID)
	require.Equal(t, []string{"sign_up.overlap"}, codesOf(own.Refused))
}

func TestAShiftThatGoesUnderAnOpenPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	gone, stays := w.shift(o, "2026-11-28T09:00", 5), w.shift(o, "2026-11-29T09:00", 5)
	w.ask("ada@example.org", false, gone, stays)
	w.callOff(gone)
	done := w.confirm(w.secret("ada@example.org"))
	require.Len(t, done.Placed, 1)
	require.Equal(t, []string{volunteer.ErrShiftGone.Code}, codesOf(done.Refused))
	require.Equal(t, []string{volunteer.ErrShiftGone.Code}, codesOf(w.ask("ben@example.org", true, gone).Refused))
	_, err := w.volunteering.SignUpPerson(w.owner, gone.ID, volunteering.StaffSignUp{PersonID: done.Person.ID.UUID, Override: volunteer.Rules})
	require.ErrorIs(t, err, volunteer.ErrShiftGone, "nobody overrules that")
	_, err = w.volunteering.SwapSelf(w.self(done.Person), done.Placed[0].ID, gone.ID)
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	require.Equal(t, volunteer.Confirmed, w.signUpNow(done.Placed[0].ID).Status)
}

func TestShiftsThatArePublicToNobodyDoNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hidden := w.shift(w.opportunity(func(d *volunteer.Details) { d.Slug, d.Visibility = "night", volunteer.ByStaffOnly }), "2026-11-28T09:00", 5)
	deleted := w.shift(w.opportunity(), "2026-11-29T09:00", 5)
	w.inTx(removed(deleted))
	self := w.self(w.person("Ada", "Hale", "ada@example.org"))
	for _, s := range []volunteer.Shift{hidden, deleted} {
		_, err := w.volunteering.RequestShifts(t.Context(), asking("ada@example.org", true, s))
		require.ErrorIs(t, err, volunteer.ErrShift)
		_, err = w.volunteering.SignUpSelf(self, idsOf(s), volunteering.Joining{Waits: true})
		require.ErrorIs(t, err, volunteer.ErrShift)
	}
	require.Equal(t, fault.KindNotFound, fault.KindOf(volunteer.ErrShift))
	unknown := asking("ada@example.org", true, hidden)
	unknown.OrgSlug = "elsewhere"
	_, err := w.volunteering.RequestShifts(t.Context(), unknown)
	require.Error(t, err)
	require.Empty(t, w.mails("ada@example.org"))
}

func TestALinkOfNobodyOpensNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 5)
	w.ask("ada@example.org", false, s)
	secret := w.secret("ada@example.org")
	w.elsewhere("harbor")
	for _, link := range [][2]string{{"riverbend", "guess"}, {"riverbend", secret + "A"}, {"harbor", secret}} {
		_, err := w.volunteering.CheckRequest(t.Context(), link[0], link[1])
		require.ErrorIs(t, err, volunteer.ErrLinkSpent)
		_, err = w.volunteering.ConfirmRequest(t.Context(), link[0], link[1])
		require.ErrorIs(t, err, volunteer.ErrLinkSpent)
	}
	w.clock.Advance(volunteer.RequestLife)
	_, err := w.volunteering.ConfirmRequest(t.Context(), "riverbend", secret)
	require.ErrorIs(t, err, volunteer.ErrLinkSpent, "too old")
	require.Zero(t, w.count("select count(*) from people"))
}

func TestARequestSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 5)
	wrong := asking("nonsense", true)
	wrong.FirstName, wrong.BirthDate = " ", day.New(2030, 1, 1)
	_, err := w.volunteering.RequestShifts(t.Context(), wrong)
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	fields := []string{}
	for _, field := range f.Fields {
		fields = append(fields, field.Location)
	}
	require.ElementsMatch(t, []string{"first_name", "email", "birth_date", "shifts"}, fields)
	many := asking("ada@example.org", true, s)
	for range volunteer.MostAtOnce {
		many.Shifts = append(many.Shifts, id.New[volunteer.Shift]())
	}
	_, err = w.volunteering.RequestShifts(t.Context(), many)
	require.ErrorAs(t, err, &f)
	require.Equal(t, "sign_up.too_many", f.Code)
}

func TestABirthDateIsKeptOnlyWhenNoneIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity(func(d *volunteer.Details) { d.MinAge = 18 })
	first, second := w.shift(o, "2026-11-28T09:00", 5), w.shift(o, "2026-11-29T09:00", 5)
	in := asking("ada@example.org", false, first)
	in.BirthDate = day.New(2000, 2, 29)
	_, err := w.volunteering.RequestShifts(t.Context(), in)
	require.NoError(t, err)
	done := w.confirm(w.secret("ada@example.org"))
	require.Len(t, done.Placed, 1, "the date of birth counts at once")
	in = asking("ada@example.org", false, second)
	in.BirthDate = day.New(2020, 1, 1)
	_, err = w.volunteering.RequestShifts(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, w.confirm(w.secret("ada@example.org")).Placed, 1)
	require.Equal(t, 1, w.count("select count(*) from volunteers where birth_date = '2000-02-29'"))
}

func TestAskingAgainHoldsNoLongerWhileOthersWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 1)
	until := w.ask("ada@example.org", false, s).HoldUntil
	w.clock.Advance(10 * time.Minute)
	require.Equal(t, until.Add(10*time.Minute), w.ask("ada@example.org", false, s).HoldUntil)
	w.wait(w.person("Ben", "Low", "ben@example.org"), s)
	w.clock.Advance(10 * time.Minute)
	again := w.ask("ada@example.org", false, s)
	require.Len(t, again.Held, 1, "the place is not lost to the line")
	require.Equal(t, until.Add(10*time.Minute), again.HoldUntil)
	w.ring(until.Add(10*time.Minute).Sub(w.now()), s)
	require.Equal(t, 1, w.count("select count(*) from sign_ups where status = 'offered'"))
}

// turnstile refuses the hits after the n-th.
type turnstile map[string]int

func (c turnstile) Allow(_ context.Context, name, key string, n int, _ time.Duration) error {
	if c[name+key]++; c[name+key] > n {
		return fault.New(fault.KindRateLimited, "rate_limited", "Too many.")
	}
	return nil
}

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.volunteering.LimitBy(turnstile{})
	nowhere := asking("ada@example.org", false, volunteer.Shift{ID: id.New[volunteer.Shift]()})
	var err error
	tries := 0
	for ; tries < 100 && fault.KindOf(err) != fault.KindRateLimited; tries++ {
		_, err = w.volunteering.RequestShifts(t.Context(), nowhere)
	}
	require.Equal(t, 7, tries, "per e-mail")
	for tries = 0; tries < 100 && (tries == 0 || fault.KindOf(err) != fault.KindRateLimited); tries++ {
		nowhere.Email = uuid.NewString() + "@example.org"
		_, err = w.volunteering.RequestShifts(t.Context(), nowhere)
	}
	require.Equal(t, 24, tries, "per address of the network")
}

// elsewhere makes another organization.
func (w *world) elsewhere(slug string) account.Organization {
	w.t.Helper()
	org, err := account.NewOrganization(account.OrganizationDetails{Name: "Harbor", Kind: account.Nonprofit, Slug: slug, Zone: "Europe/Paris"}, w.now())
	require.NoError(w.t, err)
	require.NoError(w.t, w.db.InTx(w.t.Context(), database.Tenant(org.ID.UUID), func(tx database.Tx) error { return tx.Gorm(w.t.Context()).Create(&org).Error }))
	return org
}

// noShow notes that somebody did not come, as if their shift had been.
func noShow(u volunteer.SignUp) func(database.Tx) error {
	return func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "update sign_ups set status = 'no_show' where id = $1", u.ID)
		return err
	}
}

func removed(s volunteer.Shift) func(database.Tx) error {
	return func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), "delete from shifts where id = $1", s.ID)
		return err
	}
}

// callOff cancels a shift, as staff do, without telling anybody.
func (w *world) callOff(s volunteer.Shift) {
	w.t.Helper()
	require.NoError(w.t, w.volunteering.OnRoster(w.owner, w.org, s.ID, func(r *volunteer.Roster, at time.Time) error {
		r.CallOff(at)
		return r.Shift.Cancel("storm", at)
	}))
}
