package volunteering_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// crowd makes so many people at once, without addresses: mails are not what these tests are about.
func (w *world) crowd(n int) []person.Person {
	w.t.Helper()
	people := make([]person.Person, n)
	for i := range people {
		people[i] = must(person.New(w.org.ID.UUID, person.Details{FirstName: "Ada", LastName: fmt.Sprint("Hale ", i)}, w.now()))
	}
	w.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).CreateInBatches(&people, 500).Error })
	return people
}

// sound checks by SQL, of every shift, what must hold after each change.
func (w *world) sound() {
	w.t.Helper()
	var problems []string
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Raw(unsoundSQL, map[string]any{"now": w.now()}).Scan(&problems).Error
	})
	require.Empty(w.t, problems)
}

const unsoundSQL = `
	with counted as (
		select s.id, s.places, s.taken, s.waiting, s.over, s.status, s.closes_at,
			coalesce(sum(u.party) filter (where u.status in ('held', 'confirmed', 'offered', 'in', 'done')), 0) as has,
			coalesce(sum(u.over) filter (where u.status in ('held', 'confirmed', 'offered', 'in', 'done')), 0) as beyond,
			count(u.id) filter (where u.status = 'waiting') as waits, min(u.party) filter (where u.status = 'waiting') as fewest
		from shifts s left join sign_ups u on u.org_id = s.org_id and u.shift_id = s.id group by s.org_id, s.id
	)
	select 'counters of ' || id from counted where (taken, waiting, over) is distinct from (has, waits, beyond)
	union all select 'too many in ' || id from counted where has - beyond > places
	union all select 'free while somebody waits in ' || id from counted where waits > 0 and has - beyond + fewest <= places and closes_at > @now
	union all select 'waiting after the cut-off in ' || id from counted where waits > 0 and (closes_at <= @now or status <> 'open')
	union all select 'two sign-ups of ' || person_id from sign_ups
		where status in ('held', 'confirmed', 'offered', 'in', 'done', 'waiting') and person_id is not null group by shift_id, person_id having count(*) > 1
	union all select 'one rank twice in ' || shift_id from sign_ups group by shift_id, rank having count(*) > 1
	union all select 'a hold that ended in ' || shift_id from sign_ups where hold_until <= @now
	union all select 'double-booked: ' || a.person_id from sign_ups a join shifts s on s.id = a.shift_id
		join sign_ups b on b.person_id = a.person_id and b.id > a.id join shifts o on o.id = b.shift_id and o.id <> s.id and o.starts_at < s.ends_at and s.starts_at < o.ends_at
		where a.status in ('confirmed', 'in', 'done') and b.status in ('confirmed', 'in', 'done')`

// line is who waits for a shift, the first first.
func (w *world) line(s volunteer.Shift) (line []id.ID[volunteer.SignUp]) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Raw("select id from sign_ups where shift_id = ? and status = 'waiting' order by rank", s.ID).Scan(&line).Error
	})
	return line
}

func TestFiveHundredComeForTwentyPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 20)
	var placed, waiting atomic.Int64
	var positions [481]atomic.Int64
	var crowd errgroup.Group
	for _, p := range w.crowd(500) {
		crowd.Go(func() error {
			out, err := w.volunteering.SignUpSelf(w.self(p), idsOf(s), volunteering.Joining{Waits: true})
			placed.Add(int64(len(out.Placed)))
			for _, l := range out.Waiting {
				waiting.Add(1)
				positions[l.Position].Add(1)
			}
			if len(out.Refused) > 0 {
				return fmt.Errorf("refused: %s", out.Refused[0].Message)
			}
			return err
		})
	}
	require.NoError(t, crowd.Wait())
	require.EqualValues(t, 20, placed.Load())
	require.EqualValues(t, 480, waiting.Load())
	for n := 1; n <= 480; n++ {
		require.EqualValues(t, 1, positions[n].Load(), "everybody was told a place in line of their own")
	}
	now := w.shiftNow(s.ID)
	require.Equal(t, 20, now.Taken)
	require.Equal(t, 480, now.Waiting)
	require.Equal(t, 500, w.count("select count(distinct person_id) from sign_ups where status in ('confirmed', 'waiting')"))
	require.Equal(t, 500, w.count("select max(rank) from sign_ups"), "without a gap")
	w.sound()
}

func TestTenCancelWhileTenJoin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-11-28T09:00", 10)
	people := w.crowd(30)
	var seated []volunteer.SignUp
	for _, p := range people[:10] {
		seated = append(seated, w.signUp(p, s))
	}
	for _, p := range people[10:20] {
		w.wait(p, s)
	}
	before := w.line(s)
	var crowd errgroup.Group
	for i := range 10 {
		crowd.Go(func() error {
			_, err := w.volunteering.WithdrawSelf(w.self(people[i]), seated[i].ID, "")
			return err
		})
		crowd.Go(func() error {
			out, err := w.volunteering.SignUpSelf(w.self(people[20+i]), idsOf(s), volunteering.Joining{Waits: true})
			if err == nil && len(out.Waiting) != 1 {
				err = fmt.Errorf("passed the line: %v", out)
			}
			return err
		})
	}
	require.NoError(t, crowd.Wait())
	w.sound()
	now := w.shiftNow(s.ID)
	require.Equal(t, 10, now.Taken)
	require.Equal(t, 10, now.Waiting)
	for _, of := range before {
		require.Equal(t, volunteer.Offered, w.signUpNow(of).Status, "whoever came first is asked first")
	}

	line := w.line(s)
	var taking errgroup.Group
	for i, of := range before {
		taking.Go(func() error {
			act := w.volunteering.AcceptOffer
			if i%2 == 0 {
				act = w.volunteering.PassOffer
			}
			_, err := act(t.Context(), w.org, of)
			return err
		})
	}
	require.NoError(t, taking.Wait())
	w.sound()
	for i, of := range line {
		want := volunteer.Waiting
		if i < 5 {
			want = volunteer.Offered
		}
		require.Equal(t, want, w.signUpNow(of).Status)
	}
}

func TestOnePersonAtTwoPagesHasOnePlaceAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ada := w.person("Ada", "Hale", "ada@example.org")
	var shifts []volunteer.Shift
	for _, starts := range []string{"2026-11-28T09:00", "2026-11-28T10:00", "2026-11-28T11:00", "2026-11-28T11:30"} {
		shifts = append(shifts, w.shift(o, starts, 5))
	}
	var placed, refused atomic.Int64
	var pages errgroup.Group
	for i := range 12 {
		pages.Go(func() error {
			out, err := w.volunteering.SignUpSelf(w.self(ada), idsOf(shifts[i%4]), volunteering.Joining{Waits: true})
			placed.Add(int64(len(out.Placed)))
			refused.Add(int64(len(out.Refused)))
			return err
		})
	}
	require.NoError(t, pages.Wait())
	require.EqualValues(t, 1, placed.Load())
	require.EqualValues(t, 11, refused.Load())
	w.sound()
}

func TestTwoSwapPlacesWithEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	first, second := w.shift(o, "2026-11-28T09:00", 4), w.shift(o, "2026-11-29T09:00", 4)
	people := w.crowd(6)
	var crowd errgroup.Group
	for i, p := range people {
		from, to := first, second
		if i%2 == 0 {
			from, to = second, first
		}
		u := w.signUp(p, from)
		crowd.Go(func() error { // the two shifts are locked in one order, whichever way one goes
			_, err := w.volunteering.SwapSelf(w.self(p), u.ID, to.ID)
			if err != nil && strings.Contains(err.Error(), "sign_up.full") {
				err = nil
			}
			return err
		})
	}
	require.NoError(t, crowd.Wait())
	require.Equal(t, 6, w.count("select count(*) from sign_ups where status = 'confirmed'"), "nobody lost a place")
	w.sound()
}

func TestAcceptingAtTheInstantAtWhichTheOfferEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	type rival struct{ offered, next volunteer.SignUp }
	var rivals []rival
	var shifts []volunteer.Shift
	for i := range 6 {
		s := w.shift(o, fmt.Sprintf("2026-11-%02dT09:00", 24+i), 1)
		people := w.crowd(3)
		first := w.signUp(people[0], s)
		r := rival{w.wait(people[1], s), w.wait(people[2], s)}
		_, err := w.volunteering.WithdrawByStaff(w.owner, first.ID, "")
		require.NoError(t, err)
		w.inTx(func(tx database.Tx) error { // all of them end at one instant
			_, err := tx.Exec(context.Background(), "update sign_ups set hold_until = $2 where id = $1", r.offered.ID, w.now().Add(time.Hour))
			return err
		})
		rivals, shifts = append(rivals, r), append(shifts, s)
	}
	var crowd errgroup.Group
	accepted := make([]bool, len(rivals))
	for i, r := range rivals {
		crowd.Go(func() error {
			_, err := w.volunteering.AcceptOffer(t.Context(), w.org, r.offered.ID)
			accepted[i] = err == nil
			return nil
		})
		crowd.Go(func() error {
			w.clock.Set(at("2026-11-22T16:00:00Z"))
			return w.volunteering.SettleShift(t.Context(), w.org.ID.UUID, shifts[i].ID.UUID)
		})
	}
	require.NoError(t, crowd.Wait())
	for i, r := range rivals {
		first, next := w.signUpNow(r.offered.ID).Status, w.signUpNow(r.next.ID).Status
		if accepted[i] {
			require.Equal(t, []volunteer.SignUpStatus{volunteer.Confirmed, volunteer.Waiting}, []volunteer.SignUpStatus{first, next})
		} else {
			require.Equal(t, []volunteer.SignUpStatus{volunteer.Lapsed, volunteer.Offered}, []volunteer.SignUpStatus{first, next})
		}
	}
	w.sound()
}
