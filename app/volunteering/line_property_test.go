package volunteering_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest/playing"
	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// The game: volunteers, strangers, staff and the clock act on three shifts in random order, two of them at the same time, all with few places.
// PROPERTY_CHECKS is how many games are played, PROPERTY_SEED the seed of the first.
const (
	gamesByDefault = 4
	movesPerGame   = 110
)

// game is one world with what its players know.
type game struct {
	*world
	*playing.Game
	shifts  []volunteer.Shift
	people  []person.Person
	secrets []string
}

func TestNobodyIsPassedOverDoubleBookedOrForgotten(t *testing.T) {
	t.Parallel()
	playing.Play(t, gamesByDefault, func(t *testing.T, seed uint64) {
		w := newWorld(t)
		g := &game{world: w, Game: playing.New(t, seed, 7, w.now)}
		g.open()
		for range movesPerGame {
			before := g.rows()
			g.move()
			g.sound()
			g.alarmed()
			g.inOrder(before, g.rows())
		}
		g.until(g.now().Add(4 * 24 * time.Hour))
		g.sound()
		require.Zero(t, g.count("select count(*) from sign_ups where status in ('held', 'offered', 'waiting')"), "nobody waits for ever")
		g.toldOnce()
	})
}

func (g *game) open() {
	o := g.opportunity(func(d *volunteer.Details) { d.Waitlist.OfferHours, d.Window.CancelBeforeMinutes, d.PartyMax = 3, 30, 3 })
	for i, starts := range []string{"2026-11-23T09:00", "2026-11-23T10:00", "2026-11-24T09:00"} {
		g.shifts = append(g.shifts, g.shift(o, starts, 1+i))
	}
	for i := range 9 {
		g.people = append(g.people, g.person("Ada", fmt.Sprint("Hale ", i), fmt.Sprintf("ada%d@example.org", i)))
	}
}

// move lets one of the players act.
func (g *game) move() {
	moves := []struct {
		weight int
		name   string
		do     func() error
	}{
		{34, "join", g.join}, {10, "request", g.request}, {10, "confirm", g.confirmOne}, {14, "withdraw", g.withdraw}, {8, "accept", g.accept},
		{4, "pass", g.pass}, {8, "resize", g.resize}, {5, "swap", g.swap}, {6, "staff", g.staff}, {3, "staff withdraws", g.staffWithdraws}, {4, "move in line", g.moveInLine},
		{4, "places", g.places}, {5, "at the door", g.door}, {12, "clock", g.clockGoes},
	}
	all := 0
	for _, m := range moves {
		all += m.weight
	}
	n := g.Rand.IntN(all)
	for _, m := range moves {
		if n -= m.weight; n < 0 {
			err := m.do()
			g.Note("%s: %v", m.name, err)
			require.True(g.t, err == nil || fault.KindOf(err) != "", "%v", err)
			return
		}
	}
}

func one[T any](g *game, from []T) T { return from[g.Rand.IntN(len(from))] }

// somebody is a person who signs up for a shift that is not over yet.
func (g *game) somebody() (person.Person, volunteer.Shift) {
	s := one(g, g.shifts)
	for !s.EndsAt.After(g.now()) {
		s = g.shifts[len(g.shifts)-1]
		if !s.EndsAt.After(g.now()) {
			break
		}
	}
	return one(g, g.people), s
}

// signUpOf is one of some statuses, of a shift that is not over; nil when there is none.
func (g *game) signUpOf(statuses ...volunteer.SignUpStatus) *volunteer.SignUp {
	all := slices.DeleteFunc(g.rows(), func(u volunteer.SignUp) bool {
		i := slices.IndexFunc(g.shifts, func(s volunteer.Shift) bool { return s.ID == u.ShiftID })
		return u.PersonID == nil || !slices.Contains(statuses, u.Status) || !g.shifts[i].EndsAt.After(g.now())
	})
	if len(all) == 0 {
		return nil
	}
	u := one(g, all)
	return &u
}

func (g *game) whose(u *volunteer.SignUp) context.Context {
	return g.self(person.Person{ID: id.From[person.Person](*u.PersonID)})
}

func (g *game) join() error {
	p, s := g.somebody()
	_, err := g.volunteering.SignUpSelf(g.self(p), idsOf(s), volunteering.Joining{Party: g.party(), Waits: g.Rand.IntN(4) > 0})
	return err
}

func (g *game) request() error {
	p, s := g.somebody()
	email := p.EmailAddress()
	if g.Rand.IntN(3) == 0 {
		email = fmt.Sprintf("new%d@example.org", g.Rand.IntN(4))
	}
	ask := asking(email, g.Rand.IntN(2) == 0, s)
	ask.Party = g.party()
	out, err := g.volunteering.RequestShifts(g.t.Context(), ask)
	if err == nil && !out.LinkUntil.IsZero() {
		g.secrets = append(g.secrets, g.secret(email))
	}
	return err
}

func (g *game) confirmOne() error {
	if len(g.secrets) == 0 {
		return nil
	}
	done, err := g.volunteering.ConfirmRequest(g.t.Context(), "riverbend", one(g, g.secrets))
	if err == nil && !slices.ContainsFunc(g.people, func(p person.Person) bool { return p.ID == done.Person.ID }) {
		g.people = append(g.people, done.Person)
	}
	return err
}

func (g *game) withdraw() error {
	from := []volunteer.SignUpStatus{volunteer.Confirmed} // mostly, so that the line moves
	if g.Rand.IntN(4) == 0 {
		from = volunteer.ActiveStatuses
	}
	u := g.signUpOf(from...)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.WithdrawSelf(g.whose(u), u.ID, "")
	return err
}

func (g *game) accept() error {
	u := g.signUpOf(volunteer.Offered)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.AcceptOffer(g.t.Context(), g.org, u.ID)
	return err
}

func (g *game) pass() error {
	u := g.signUpOf(volunteer.Offered, volunteer.Lapsed, volunteer.Confirmed)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.PassOffer(g.t.Context(), g.org, u.ID)
	return err
}

func (g *game) swap() error {
	u := g.signUpOf(volunteer.Confirmed)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.SwapSelf(g.whose(u), u.ID, one(g, g.shifts).ID)
	return err
}

func (g *game) staff() error {
	p, s := g.somebody()
	how := volunteering.StaffSignUp{PersonID: p.ID.UUID, Party: g.party(), Wait: g.Rand.IntN(2) == 0, Tell: true}
	if g.Rand.IntN(2) == 0 {
		how.Override = []volunteer.Rule{volunteer.RuleFull, volunteer.RuleLockedOut, volunteer.RuleCutOff}
	}
	_, err := g.volunteering.SignUpPerson(g.owner, s.ID, how)
	return err
}

// party is how many come: mostly one.
func (g *game) party() int { return max(0, g.Rand.IntN(6)-2) }

// resize says that another number of people comes.
func (g *game) resize() error {
	u := g.signUpOf(volunteer.Confirmed, volunteer.Waiting, volunteer.In)
	if u == nil {
		return nil
	}
	if g.Rand.IntN(3) == 0 {
		_, err := g.volunteering.ResizeByStaff(g.owner, u.ID, 1+g.Rand.IntN(3))
		return err
	}
	_, err := g.volunteering.ResizeSelf(g.whose(u), u.ID, g.Rand.IntN(4))
	return err
}

func (g *game) staffWithdraws() error {
	u := g.signUpOf(volunteer.ActiveStatuses...)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.WithdrawByStaff(g.owner, u.ID, "staff")
	return err
}

func (g *game) moveInLine() error {
	u := g.signUpOf(volunteer.Waiting)
	if u == nil {
		return nil
	}
	_, err := g.volunteering.MoveInLine(g.owner, u.ID, 1+g.Rand.IntN(4))
	return err
}

// places changes how many a shift has.
func (g *game) places() error {
	_, s := g.somebody()
	return g.volunteering.OnRoster(g.owner, g.org, s.ID, func(r *volunteer.Roster, at time.Time) error {
		d := r.Shift.Details()
		d.Places = 1 + g.Rand.IntN(3)
		_, err := r.Shift.Change(d, 0, at)
		return err
	})
}

// door checks somebody in, or notes that they did not come.
func (g *game) door() error {
	u := g.signUpOf(volunteer.Confirmed, volunteer.Offered, volunteer.Waiting)
	if u == nil {
		return nil
	}
	absent := g.Rand.IntN(2) == 0
	return g.volunteering.OnRoster(g.owner, g.org, u.ShiftID, func(r *volunteer.Roster, at time.Time) error {
		if absent {
			return r.MarkNoShow(u.ID, "", at)
		}
		if at.Before(r.Shift.StartsAt) {
			return nil
		}
		return r.CheckIn(u.ID, at, at)
	})
}

func (g *game) clockGoes() error {
	g.until(g.now().Add(time.Duration(1+g.Rand.IntN(150)) * time.Minute))
	return nil
}

// until lets time pass: what rings, rings at its instant.
func (g *game) until(end time.Time) {
	for {
		next, shift, ok := g.nextAlarm()
		if !ok || next.After(end) {
			break
		}
		g.clock.Set(next)
		require.NoError(g.t, g.volunteering.SettleShift(g.t.Context(), g.org.ID.UUID, shift.UUID))
	}
	g.clock.Set(end)
}

const alarmsSQL = `
	select s.id, least(min(u.hold_until), min(s.closes_at) filter (where u.status = 'waiting')) as at
	from shifts s join sign_ups u on u.org_id = s.org_id and u.shift_id = s.id where u.hold_until is not null or u.status = 'waiting' group by s.id`

func (g *game) nextAlarm() (at time.Time, shift id.ID[volunteer.Shift], ok bool) {
	g.inTx(func(tx database.Tx) error {
		err := tx.QueryRow(context.Background(), "select id, at from ("+alarmsSQL+") a order by at limit 1").Scan(&shift, &at)
		ok = err == nil
		if database.IsNoRows(err) {
			err = nil
		}
		return err
	})
	return at, shift, ok
}

// alarmed requires a job for whatever happens next by itself.
func (g *game) alarmed() {
	g.t.Helper()
	require.Zero(g.t, g.count(`select count(*) from (`+alarmsSQL+`) a where not exists (
		select from river_job j where j.kind = 'volunteer.settle' and j.args ->> 'shift_id' = a.id::text and j.scheduled_at = a.at
			and (j.args ->> 'at')::timestamptz = a.at and j.finalized_at is null)`), "nothing rings")
}

func (g *game) rows() (rows []volunteer.SignUp) {
	g.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Order("shift_id, rank").Find(&rows).Error
	})
	return rows
}

// inOrder requires that in a move nobody passed another who waits: neither in line nor from outside, but for those whom staff let in.
func (g *game) inOrder(before, after []volunteer.SignUp) {
	g.t.Helper()
	was := map[id.ID[volunteer.SignUp]]volunteer.SignUpStatus{}
	for _, u := range before {
		was[u.ID] = u.Status
	}
	for _, u := range after {
		status, known := was[u.ID]
		gained := u.Status.TakesPlace() && u.Status != volunteer.In && (!known && u.Status != volunteer.Held || status == volunteer.Waiting)
		if !gained || u.Over > 0 {
			continue
		}
		for _, other := range after {
			passed := other.ShiftID == u.ShiftID && other.Status == volunteer.Waiting && was[other.ID] == volunteer.Waiting && other.Rank < u.Rank && other.Party <= u.Party
			require.False(g.t, passed, "%s passed %s", u.ID, other.ID)
		}
	}
}

// toldOnce requires one mail for everything that became of somebody, by what the audit record says.
func (g *game) toldOnce() {
	g.t.Helper()
	var wrong []string
	g.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Raw(untoldSQL).Scan(&wrong).Error })
	require.Empty(g.t, wrong)
}

const untoldSQL = `
	with happened as (
		select (after ->> 'person_id')::uuid as person_id, case
			when after ->> 'status' in ('confirmed', 'waiting', 'offered') then 'sign_up.' || (after ->> 'status')
			when after ->> 'status' = 'lapsed' and before ->> 'status' = 'offered' then 'sign_up.offer_lapsed'
			when after ->> 'status' = 'lapsed' and before ->> 'status' = 'waiting' then 'sign_up.waitlist_closed'
			when after ->> 'status' = 'cancelled' and u.end_reason <> 'swapped' then 'sign_up.cancelled' end as kind
		from audit_events a join sign_ups u on u.id = (after ->> 'sign_up_id')::uuid where after ->> 'person_id' is not null
	),
	due as (select person_id, kind, count(*) as n from happened where kind is not null group by person_id, kind),
	told as (select person_id, kind, count(*) as n from messages where person_id is not null and kind <> 'sign_up.request' group by person_id, kind)
	select coalesce(due.person_id, told.person_id) || ': ' || coalesce(due.n, 0) || ' due, ' || coalesce(told.n, 0) || ' mails ' || coalesce(due.kind, told.kind)
	from due full join told using (person_id, kind) where due.n is distinct from told.n`
