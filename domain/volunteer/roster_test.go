package volunteer_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// game plays with one roster and keeps what the rules promise apart from how they are kept.
type game struct {
	t    *rapid.T
	r    *volunteer.Roster
	now  time.Time
	told int // events looked at
	seen map[id.ID[volunteer.SignUp]]volunteer.SignUpStatus
}

func (g *game) pick(name string, of ...volunteer.SignUpStatus) *volunteer.SignUp {
	var all []*volunteer.SignUp
	for i := range g.r.SignUps {
		if len(of) == 0 || slices.Contains(of, g.r.SignUps[i].Status) {
			all = append(all, &g.r.SignUps[i])
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(g.t, name)]
}

// join is what signing up does: places when enough are free that nobody waits for, else a place in line.
func (g *game) join(*rapid.T) {
	person := uuid.New()
	s := volunteer.SignUp{PersonID: &person, Source: volunteer.FromPublic, Status: volunteer.Confirmed, Party: rapid.IntRange(0, min(3, g.r.Shift.Places)).Draw(g.t, "party")}
	closed := !g.now.Before(g.r.Shift.ClosesAt)
	switch {
	case closed:
	case g.r.Full(max(1, s.Party)):
		before := len(g.waiting())
		_, err := g.r.Wait(s, g.now)
		if most := g.r.Waitlist.WaitlistMax; most != nil && before >= *most {
			require.ErrorIs(g.t, err, volunteer.ErrWaitlistFull)
		} else {
			require.NoError(g.t, err)
		}
	case rapid.Bool().Draw(g.t, "confirms by mail"):
		until := g.now.Add(volunteer.RequestHold)
		s.PersonID, s.Status, s.HoldUntil = nil, volunteer.Held, &until
		g.r.Add(s, false, g.now)
	default:
		g.r.Add(s, false, g.now)
	}
}

func (g *game) force(*rapid.T) {
	person := uuid.New()
	party := rapid.IntRange(1, 3).Draw(g.t, "party")
	before := g.r.Shift.Free()
	s := g.r.Add(volunteer.SignUp{PersonID: &person, Source: volunteer.FromStaff, Status: volunteer.Confirmed, Party: party}, true, g.now)
	require.Equal(g.t, max(0, party-before), s.Over, "only those for whom there was no place are beyond the places")
}

func (g *game) resize(*rapid.T) {
	s := g.pick("resize", volunteer.Confirmed, volunteer.Waiting, volunteer.In)
	if s == nil {
		return
	}
	was, free := *s, g.r.Shift.Free()
	by := rapid.SampledFrom([]volunteer.By{volunteer.ByVolunteer, volunteer.ByStaff}).Draw(g.t, "by")
	party := rapid.IntRange(0, 4).Draw(g.t, "party")
	err := g.r.Resize(s.ID, party, by, g.now)
	switch {
	case err != nil:
		require.Equal(g.t, was, *s, "what is refused changes nothing")
	case by == volunteer.ByVolunteer && was.Status.TakesPlace():
		require.LessOrEqual(g.t, party-was.Party, free, "nobody brings more people than there are places")
		require.LessOrEqual(g.t, s.Over, was.Over)
	}
	if err == nil {
		require.Equal(g.t, party, s.Party)
	}
}

func (g *game) confirm(*rapid.T) {
	if s := g.pick("confirm", volunteer.Held); s != nil {
		require.NoError(g.t, g.r.Confirm(s.ID, uuid.New(), g.now))
	}
}

func (g *game) accept(*rapid.T) {
	if s := g.pick("accept"); s != nil {
		offered := s.Status == volunteer.Offered
		err := g.r.Accept(s.ID, g.now)
		require.Equal(g.t, offered, err == nil, "only whoever is offered a place can accept it")
	}
}

func (g *game) withdraw(*rapid.T) {
	if s := g.pick("withdraw"); s != nil {
		late := !g.now.Before(g.r.Shift.CancelUntil)
		was := *s
		err := g.r.Withdraw(s.ID, volunteer.ByVolunteer, "", g.now)
		may := was.Status == volunteer.Held || was.Status == volunteer.Offered || was.Status == volunteer.Waiting || was.Status == volunteer.Confirmed && !late
		require.Equal(g.t, may, err == nil, "%s", was.Status)
	}
}

func (g *game) noShow(*rapid.T) {
	if s := g.pick("absent", volunteer.Confirmed); s != nil {
		err := g.r.MarkNoShow(s.ID, "", g.now)
		require.Equal(g.t, !g.now.Before(g.r.Shift.StartsAt), err == nil)
	}
}

func (g *game) door(*rapid.T) {
	s := g.pick("at the door")
	if s == nil {
		return
	}
	switch rapid.IntRange(0, 2).Draw(g.t, "door") {
	case 0:
		if err := g.r.CheckIn(s.ID, g.now, g.now); err == nil {
			require.Equal(g.t, volunteer.In, s.Status)
		}
	case 1:
		if err := g.r.CheckOut(s.ID, g.now.Add(-time.Hour), g.now); err == nil {
			require.False(g.t, s.CheckedOutAt.Before(*s.CheckedInAt), "nobody leaves before they came")
		}
	case 2:
		_ = g.r.Undo(s.ID, g.now) // what there is nothing to undo of is refused: the invariants hold either way
	}
}

func (g *game) move(*rapid.T) {
	if s := g.pick("move", volunteer.Waiting); s != nil {
		to := rapid.IntRange(-1, 8).Draw(g.t, "position")
		of := s.ID
		n := len(g.waiting())
		require.NoError(g.t, g.r.Move(of, to, g.now))
		require.Equal(g.t, max(1, min(to, n)), g.r.Position(of))
	}
}

func (g *game) enlarge(*rapid.T) { g.r.Shift.Places++ }

func (g *game) wait(*rapid.T) {
	g.now = g.now.Add(time.Duration(rapid.IntRange(1, 600).Draw(g.t, "minutes")) * time.Minute)
}

func (g *game) waiting() []volunteer.SignUp {
	var line []volunteer.SignUp
	for _, s := range g.r.SignUps {
		if s.Status == volunteer.Waiting {
			line = append(line, s)
		}
	}
	slices.SortFunc(line, func(a, b volunteer.SignUp) int { return int(a.Rank - b.Rank) })
	return line
}

// check settles, as every change does, and looks at what the roster promises.
func (g *game) check(t *rapid.T) {
	line := g.waiting()
	g.r.Settle(g.now)
	var taken, over int
	ranks := map[int64]bool{}
	for _, s := range g.r.SignUps {
		require.False(t, ranks[s.Rank], "two have one rank")
		ranks[s.Rank] = true
		if s.Status.TakesPlace() {
			taken += s.Party
			over += s.Over
			require.LessOrEqual(t, s.Over, s.Party)
		}
		require.Equal(t, s.HoldUntil != nil, s.Status == volunteer.Held || s.Status == volunteer.Offered)
		if s.HoldUntil != nil {
			require.True(t, s.HoldUntil.After(g.now), "a hold outlived its end")
		}
		if s.Status == volunteer.Offered {
			require.False(t, s.HoldUntil.After(g.r.Shift.ClosesAt), "an offer outlives the cut-off")
		}
	}
	require.Equal(t, taken, g.r.Shift.Taken)
	require.Equal(t, over, g.r.Shift.Over)
	require.LessOrEqual(t, taken-over, g.r.Shift.Places, "more people than places")
	still := g.waiting()
	require.Equal(t, len(still), g.r.Shift.Waiting)
	if !g.now.Before(g.r.Shift.ClosesAt) {
		require.Empty(t, still, "nobody waits after the cut-off")
	}
	for _, s := range still {
		require.Less(t, g.r.Shift.Free(), s.Party, "enough places are free for somebody who waits")
	}
	// Whoever left the line by Settle before the cut-off stood before whoever still waits, or needs fewer places: nobody else is passed.
	for i, s := range line {
		if !slices.ContainsFunc(still, func(u volunteer.SignUp) bool { return u.ID == s.ID }) {
			continue
		}
		for _, after := range line[i+1:] {
			if g.r.Find(after.ID).Status == volunteer.Offered {
				require.Less(t, after.Party, s.Party, "somebody was passed")
			}
		}
	}
	again := g.r.Events()
	g.r.Settle(g.now)
	require.Len(t, g.r.Events(), len(again), "settling twice is settling once")
	if at := g.r.Alarm(); at != nil {
		require.True(t, at.After(g.now), "what is due was left undone")
	}
	g.follow(t)
}

// follow reads the events since the last look: each tells of a status that the sign-up really has had, and none is told twice.
func (g *game) follow(t *rapid.T) {
	fits := map[volunteer.Happened]volunteer.SignUpStatus{
		volunteer.GotPlace: volunteer.Confirmed, volunteer.GotInLine: volunteer.Waiting, volunteer.GotOffer: volunteer.Offered, volunteer.OfferEnded: volunteer.Lapsed,
		volunteer.HoldEnded: volunteer.Lapsed, volunteer.WaitlistClosed: volunteer.Lapsed, volunteer.Ended: volunteer.Withdrawn, volunteer.Absent: volunteer.NoShow,
	}
	for _, e := range g.r.Events()[g.told:] {
		require.Equal(t, fits[e.What], e.SignUp.Status)
		require.NotEqual(t, e.SignUp.Status, g.seen[e.SignUp.ID], "%s was told twice", e.What)
		g.seen[e.SignUp.ID] = e.SignUp.Status
	}
	g.told = len(g.r.Events())
	for _, s := range g.r.SignUps {
		g.seen[s.ID] = s.Status
	}
}

func TestARosterKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := opportunity(t, func(d *volunteer.Details) {
			d.Window.ClosesBeforeMinutes = rapid.SampledFrom([]int{0, 120, 60 * 24, -30}).Draw(t, "closes before")
			d.Window.CancelBeforeMinutes = rapid.SampledFrom([]int{0, 180, 60 * 24}).Draw(t, "cancel before")
			d.Waitlist.OfferHours = rapid.IntRange(1, 24).Draw(t, "offer hours")
			if rapid.Bool().Draw(t, "short waitlist") {
				most := rapid.IntRange(0, 3).Draw(t, "waitlist")
				d.Waitlist.WaitlistMax = &most
			}
		})
		s := shift(t, o, "2026-10-23T09:00", "2026-10-23T17:00", rapid.IntRange(1, 4).Draw(t, "places"))
		g := &game{t: t, r: &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist}, now: noon, seen: map[id.ID[volunteer.SignUp]]volunteer.SignUpStatus{}}
		t.Repeat(map[string]func(*rapid.T){
			"join": g.join, "force": g.force, "confirm": g.confirm, "accept": g.accept, "withdraw": g.withdraw, "no-show": g.noShow, "door": g.door,
			"move": g.move, "resize": g.resize, "enlarge": g.enlarge, "wait": g.wait, "": g.check,
		})
	})
}

func TestTheFirstInLineHasUntilTheDeadlineThenTheNext(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	s := shift(t, o, "2026-11-20T09:00", "2026-11-20T12:00", 1)
	r := &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist}
	has, first, second := uuid.New(), uuid.New(), uuid.New()
	place := r.Add(volunteer.SignUp{PersonID: &has, Status: volunteer.Confirmed}, false, noon).ID
	for _, p := range []uuid.UUID{first, second} {
		_, err := r.Wait(volunteer.SignUp{PersonID: &p}, noon)
		require.NoError(t, err)
	}
	require.Equal(t, 2, r.Position(r.Of(second).ID))
	require.NoError(t, r.Withdraw(place, volunteer.ByVolunteer, "", noon))
	r.Settle(noon)
	require.Equal(t, volunteer.Offered, r.Of(first).Status)
	require.Equal(t, noon.Add(12*time.Hour), *r.Of(first).HoldUntil)
	require.Equal(t, noon.Add(12*time.Hour), *r.Alarm())
	require.True(t, r.Full(1), "the place is held")

	late := noon.Add(12 * time.Hour)
	offered := r.Of(first).ID
	require.ErrorIs(t, r.Accept(offered, late), volunteer.ErrNotWaiting, "the deadline itself is too late")
	r.Settle(late)
	require.Nil(t, r.Of(first))
	require.NoError(t, r.Accept(r.Of(second).ID, late.Add(time.Minute)))
	require.Equal(t, volunteer.Confirmed, r.Of(second).Status)
}

func TestShortlyBeforeAShiftOffersAreShort(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	s := shift(t, o, "2026-11-20T09:00", "2026-11-20T12:00", 1)
	for left, want := range map[time.Duration]time.Duration{
		72 * time.Hour: 12 * time.Hour, 8 * time.Hour: 2 * time.Hour, time.Hour: 30 * time.Minute, 10 * time.Minute: 10 * time.Minute,
	} {
		now := s.ClosesAt.Add(-left)
		person := uuid.New()
		r := &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist}
		_, err := r.Wait(volunteer.SignUp{PersonID: &person}, now)
		require.NoError(t, err)
		r.Settle(now)
		require.Equal(t, now.Add(want), *r.Of(person).HoldUntil, "%s before", left)
	}
}

func TestALateArrivalKeepsTheirPlaceWithoutTakingAnothers(t *testing.T) {
	t.Parallel()
	o := opportunity(t, func(d *volunteer.Details) { d.Window.ClosesBeforeMinutes = -60 })
	s := shift(t, o, "2026-10-20T09:00", "2026-10-20T12:00", 1)
	r := &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist}
	late, eager := uuid.New(), uuid.New()
	start := s.StartsAt
	missed := r.Add(volunteer.SignUp{PersonID: &late, Status: volunteer.Confirmed}, false, start.Add(-time.Hour)).ID
	require.Error(t, r.MarkNoShow(missed, "", start.Add(-time.Minute)), "they can still come")
	_, err := r.Wait(volunteer.SignUp{PersonID: &eager}, start.Add(-time.Hour))
	require.NoError(t, err)
	require.NoError(t, r.MarkNoShow(missed, "did not call", start.Add(10*time.Minute)))
	r.Settle(start.Add(10 * time.Minute))
	require.NoError(t, r.Accept(r.Of(eager).ID, start.Add(11*time.Minute)))
	require.NoError(t, r.CheckIn(missed, start.Add(20*time.Minute), start.Add(20*time.Minute)))
	r.Settle(start.Add(20 * time.Minute))
	require.Equal(t, volunteer.Confirmed, r.Of(eager).Status)
	require.Equal(t, 1, r.Of(late).Over)
	require.Equal(t, volunteer.Words{"full"}, r.Of(late).Overrides)
	require.Equal(t, 2, s.Taken)
}

func TestAPartyTakesAsManyPlacesAsPeople(t *testing.T) {
	t.Parallel()
	o := opportunity(t, nil)
	s := shift(t, o, "2026-11-20T09:00", "2026-11-20T12:00", 5)
	r := &volunteer.Roster{Shift: &s, Waitlist: o.Waitlist}
	four, three, one := uuid.New(), uuid.New(), uuid.New()
	place := r.Add(volunteer.SignUp{PersonID: &four, Status: volunteer.Confirmed, Party: 4}, false, noon).ID
	require.False(t, r.Full(1))
	require.True(t, r.Full(2), "one place is left")

	for _, p := range []volunteer.SignUp{{PersonID: &three, Party: 3}, {PersonID: &one, Party: 1}} {
		_, err := r.Wait(p, noon)
		require.NoError(t, err)
	}
	r.Settle(noon)
	require.Equal(t, volunteer.Waiting, r.Of(three).Status, "three do not fit into one place")
	require.Equal(t, volunteer.Offered, r.Of(one).Status, "which does not stay empty for that")
	require.Equal(t, 1, r.Position(r.Of(three).ID), "they keep their place in line")

	require.NoError(t, r.Resize(place, 2, volunteer.ByVolunteer, noon), "two of them cannot come")
	r.Settle(noon)
	require.Equal(t, volunteer.Waiting, r.Of(three).Status)
	require.NoError(t, r.Resize(place, 1, volunteer.ByVolunteer, noon))
	r.Settle(noon)
	require.Equal(t, volunteer.Offered, r.Of(three).Status)
	require.Equal(t, 5, s.Taken)

	require.ErrorIs(t, r.Resize(place, 2, volunteer.ByVolunteer, noon), volunteer.ErrTooFewFree)
	require.NoError(t, r.Resize(place, 3, volunteer.ByStaff, noon), "staff let two in beyond the places")
	r.Settle(noon)
	require.Equal(t, 2, s.Over)
	require.Equal(t, volunteer.Words{"full"}, r.Of(four).Overrides)
	require.NoError(t, r.Resize(place, 2, volunteer.ByStaff, noon))
	r.Settle(noon)
	require.Equal(t, 1, s.Over, "those beyond the places are the first who stay at home")
	require.Equal(t, 6, s.Taken)
	require.Zero(t, s.Free())
}
