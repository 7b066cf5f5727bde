package promise_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// machine drives a world at random: time passes, banks say anything, jobs get lost, answers come late, donors and staff change things.
type machine struct {
	*world
	again map[id.ID[promise.Instalment]]bool // staff had it charged again, early or late
	late  bool                               // money moved after the end
}

var zones = []string{"UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Honolulu", "Australia/Lord_Howe"}

func (m *machine) start(t *rapid.T) {
	m.again = map[id.ID[promise.Instalment]]bool{}
	says := rapid.SampledFrom([]string{
		accepts, accepts, accepts, accepts, accepts, "insufficient_funds", "do_not_honor", "stolen_card", payment.CodeAuthentication, takesTime, bounces, lostAnswer, lostCall,
	})
	m.bank = func(promise.Instalment, int) string { return says.Draw(t, "bank") }
	m.lost = func() bool { return rapid.IntRange(0, 19).Draw(t, "job lost") == 0 }
	m.before = func(i promise.Instalment) {
		require.Nil(t, m.p.CancelledAt, "charged after a cancellation")
		require.Nil(t, m.p.WrittenOffAt)
		require.Nil(t, m.p.LapsedAt)
		require.NotNil(t, m.p.CardID)
		require.Equal(t, promise.ByCard, m.p.Method)
		require.False(t, m.p.PausedOn(m.today()), "charged in a pause")
		if !m.again[i.ID] {
			require.False(t, i.DueOn.After(m.today()), "charged before its date")
		}
		for _, other := range m.p.Instalments {
			require.False(t, m.p.Kind == promise.Plan && !m.again[i.ID] && other.N > i.N && other.State == promise.Paid, "charged for a date long past")
		}
	}
}

func (m *machine) any(t *rapid.T) *promise.Instalment {
	return &m.p.Instalments[rapid.IntRange(0, len(m.p.Instalments)-1).Draw(t, "n")]
}

func (m *machine) gift(t *rapid.T, wanted func(*gift) bool) *gift {
	var all []*gift
	for _, g := range m.gifts {
		if wanted(g) {
			all = append(all, g)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "gift")]
}

// closed notes that what follows happens to a promise that has ended.
func (m *machine) closed() { m.late = m.late || !m.p.Status.Open() && m.p.Status != promise.Completed }

// shared are the actions on plans and pledges alike.
func (m *machine) shared() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"": m.check,
		"hours pass": func(t *rapid.T) {
			m.runTo(m.now.Add(time.Duration(rapid.IntRange(1, 30*60).Draw(t, "minutes")) * time.Minute))
		},
		"days pass": func(t *rapid.T) { m.runTo(m.now.AddDate(0, 0, rapid.IntRange(1, 45).Draw(t, "days"))) },
		"silence":   func(*rapid.T) { m.hold = true },
		"sound":     func(*rapid.T) { m.hold = false },
		"an answer": func(t *rapid.T) {
			if g := m.gift(t, func(g *gift) bool { return g.paid == 0 && !g.ended && !g.page && g.attempt > 0 }); g != nil && m.p.Instalment(g.instalment).State.InFlight() {
				m.closed()
				m.hear(g)
			}
		},
		"money by hand": func(t *rapid.T) {
			if i := m.any(t); i.State.Open() {
				m.byHand(i.ID, rapid.Int64Range(1, 2*i.Amount.Minor+100).Draw(t, "minor"))
			}
		},
		"a page opens": func(t *rapid.T) {
			i, err := m.p.TakeByHand(m.any(t).ID)
			if err != nil || i.Amount.Minor == 0 {
				return
			}
			if old := m.unpaid(i.ID); old != nil {
				old.ended = true
			}
			m.gifts = append(m.gifts, &gift{
				id: uuid.New(), instalment: i.ID, amount: i.Amount.Minor, attempt: m.attempts(i.ID) + 1, state: payment.AttemptOpen, page: true,
			})
		},
		"a page is paid": func(t *rapid.T) {
			g := m.gift(t, func(g *gift) bool { return g.page })
			switch {
			case g == nil:
			case m.p.Instalment(g.instalment) == nil: // taken back: it is a gift like any other now
				g.page, g.ended = false, true
			case !m.p.Instalment(g.instalment).State.InFlight():
				m.closed()
				g.page, g.state, g.paid = false, payment.AttemptSucceeded, g.amount
				m.follow(g)
			}
		},
		"a page expires": func(t *rapid.T) {
			if g := m.gift(t, func(g *gift) bool { return g.page }); g != nil {
				g.page, g.state, g.ended = false, payment.AttemptExpired, true
				m.follow(g)
			}
		},
		"a refund": func(t *rapid.T) {
			if g := m.gift(t, func(g *gift) bool { return g.paid > g.back }); g != nil {
				m.closed()
				minor := g.paid - g.back
				if rapid.Bool().Draw(t, "in part") {
					minor = rapid.Int64Range(1, minor).Draw(t, "back")
				}
				m.giveBack(g, minor)
			}
		},
		"a refund fails": func(t *rapid.T) {
			if g := m.gift(t, func(g *gift) bool { return g.back > 0 }); g != nil {
				m.closed()
				m.giveBack(g, -g.back)
			}
		},
		"old news": func(t *rapid.T) {
			g := m.gift(t, func(g *gift) bool {
				return m.p.Instalment(g.instalment) != nil && (g.paid > 0 || g.ended || g.attempt > 1 && !g.page)
			})
			if g == nil {
				return
			}
			f := m.facts(g)
			switch {
			case g.ended && g.paid == 0:
				f.State = payment.AttemptCancelled
			case g.paid == 0:
				f.Attempt, f.State, f.DeclineCode = g.attempt-1, payment.AttemptFailed, "stolen_card"
			}
			before := m.p.Tried()
			require.False(t, m.p.Follow(g.instalment, f, m.now), "old news change something")
			require.Equal(t, before, m.p)
		},
		"another card": func(*rapid.T) { m.p.UseCard(uuid.New(), m.now) },
		"staff charge": func(t *rapid.T) {
			if i := m.any(t); m.p.ChargeNow(i.ID, m.now) == nil {
				m.again[i.ID] = true
			}
		},
		"the end": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "sure") == 0 {
				_ = m.p.Cancel("supporter", "", m.now)
			}
		},
	}
}

func TestAPlanKeepsItsRulesWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := noon(2027, 1, 1).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "first"))
		m := &machine{world: newPlan(t, rapid.SampledFrom(zones).Draw(t, "zone"), first, func(d *promise.PlanDetails) {
			d.Unit = rapid.SampledFrom([]promise.Unit{promise.Month, promise.Month, promise.Week, promise.Year}).Draw(t, "unit")
			d.Every = rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "every")
			if n := rapid.IntRange(0, 20).Draw(t, "count"); n > 0 {
				d.Count = &n
			}
		})}
		m.start(t)
		actions := m.shared()
		actions["a pause"] = func(t *rapid.T) {
			_ = m.p.Pause(m.today().AddDays(rapid.IntRange(0, 200).Draw(t, "days")), m.today(), m.now)
		}
		actions["resuming"] = func(*rapid.T) { _ = m.p.Resume(m.now) }
		actions["a skip"] = func(*rapid.T) { _ = m.p.Skip(m.now) }
		actions["another amount"] = func(t *rapid.T) {
			_ = m.p.ChangeAmount(usd(rapid.Int64Range(0, 10_000).Draw(t, "amount")), rapid.Int64Range(0, 300).Draw(t, "cover"), m.now)
		}
		actions["another day"] = func(t *rapid.T) { _ = m.p.ChangeDay(rapid.IntRange(1, 31).Draw(t, "day"), m.now) }
		t.Repeat(actions)
	})
}

func TestAPledgeKeepsItsRulesWhateverHappens(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom([]promise.Method{promise.ByCard, promise.ByLink}).Draw(t, "method")
		count := rapid.IntRange(1, 8).Draw(t, "count")
		m := &machine{world: newPledge(t, method, usd(rapid.Int64Range(int64(count)*50, 100_000).Draw(t, "total")), count, func(d *promise.PledgeDetails) {
			d.Zone = rapid.SampledFrom(zones).Draw(t, "zone")
			d.FirstOn = day.New(2026, 11, 23).AddDays(rapid.IntRange(0, 60).Draw(t, "first"))
			d.Unit = rapid.SampledFrom([]promise.Unit{promise.Month, promise.Week, promise.Year}).Draw(t, "unit")
			d.RemindAtMost = rapid.IntRange(0, 3).Draw(t, "reminders")
		})}
		m.start(t)
		reason := func(t *rapid.T) string { return rapid.SampledFrom([]string{"", "Moved away"}).Draw(t, "reason") }
		actions := m.shared()
		actions["a waiver"] = func(t *rapid.T) { _ = m.p.Waive(m.any(t).ID, reason(t), m.now) }
		actions["a write-off"] = func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "sure") == 0 {
				_ = m.p.WriteOff("login", reason(t), m.now)
			}
		}
		actions["another date"] = func(t *rapid.T) {
			_ = m.p.Move(m.any(t).ID, m.today().AddDays(rapid.IntRange(-1, 100).Draw(t, "days")), m.today(), m.now)
		}
		actions["another schedule"] = func(t *rapid.T) {
			unit := rapid.SampledFrom([]promise.Unit{promise.Month, promise.Week}).Draw(t, "unit")
			first := m.today().AddDays(rapid.IntRange(-1, 60).Draw(t, "first"))
			_ = m.p.Rearrange(unit, rapid.IntRange(1, 3).Draw(t, "every"), rapid.IntRange(1, 6).Draw(t, "count"), first, m.today(), m.now)
		}
		t.Repeat(actions)
	})
}

// check holds what is always true.
func (m *machine) check(t *rapid.T) {
	p := &m.p
	require.Equal(t, p.Derived(), p.Status)
	for k := range p.Instalments {
		i := &p.Instalments[k]
		require.Equal(t, k+1, i.N, "numbers have no gap")
		require.Equal(t, m.moneyFor(i.ID), i.PaidMinor, "instalment %d knows its money", i.N)
		require.False(t, i.State == promise.Paid && i.ActAt != nil)
		require.False(t, !p.Status.Open() && i.State.Open() && !i.State.InFlight() && i.Amount.Minor > 0, "nothing is asked for after the end")
		m.checkAlarm(t, i)
	}
	if p.Kind == promise.Plan {
		m.checkPlan(t)
	} else {
		m.checkPledge(t)
	}
}

// checkAlarm: what has an alarm will have something done about it, and what has none is left to people for a reason.
func (m *machine) checkAlarm(t *rapid.T, i *promise.Instalment) {
	if i.ActAt != nil {
		at := m.now
		if i.ActAt.After(at) {
			at = *i.ActAt
		}
		require.True(t, i.State.Open(), "%s", i.State)
		require.NotEqual(t, promise.StepNone, m.p.NextStep(i, at), "%s", i.State)
		return
	}
	byPeople := m.p.Kind == promise.Pledge &&
		(i.State == promise.Failed || i.Reason == promise.ReasonReopened || m.p.Method == promise.ByLink && i.State == promise.Scheduled || i.State == promise.Scheduled && !i.DueOn.After(m.today()))
	require.True(t, !i.State.Open() || byPeople || !m.p.Collectable(*i), "nobody looks at instalment %d, %s", i.N, i.State)
}

func (m *machine) checkPlan(t *rapid.T) {
	p, pending := &m.p, 0
	for k, i := range p.Instalments {
		if k > 0 {
			require.True(t, i.DueOn.After(p.Instalments[k-1].DueOn), "no date comes twice, as that of %d", i.N)
		}
		require.False(t, i.State.Open() && !i.State.InFlight() && p.Status == promise.Lapsed)
		if i.State.Open() && (i.State != promise.Failed || i.Stops()) && !m.again[i.ID] {
			pending++
		}
	}
	require.LessOrEqual(t, pending, 1, "only the next one exists: %v", states(m.world))
	goesOn := (p.Status == promise.Active || p.Status == promise.PastDue) && !p.Schedule.Ends(len(p.Instalments)+1)
	if goesOn && !slices.ContainsFunc(p.Instalments, func(i promise.Instalment) bool { return m.again[i.ID] && i.State.Open() }) {
		require.Equal(t, 1, pending, "it goes on by itself: %v", states(m.world))
	}
	if next := p.Next(); next != nil && next.State == promise.Scheduled && p.PausedOn(m.today()) {
		require.False(t, next.DueOn.Before(*p.PausedUntil), "the next charge comes after the pause")
	}
}

func (m *machine) checkPledge(t *rapid.T) {
	p := &m.p
	plan, sum, moving := int64(0), int64(0), int64(0)
	for _, i := range p.Instalments {
		require.GreaterOrEqual(t, i.Amount.Minor, int64(0))
		require.GreaterOrEqual(t, i.PlannedMinor, int64(0))
		plan += i.PlannedMinor
		if i.State != promise.Ended {
			sum += i.Amount.Minor
		}
		if i.State.InFlight() {
			moving += i.Amount.Minor
		}
	}
	require.Equal(t, p.Amount.Minor, plan, "the planned parts sum to the total")
	if p.CancelledAt != nil || m.late {
		return
	}
	over := sum - p.Amount.Minor
	require.GreaterOrEqual(t, over, int64(0), "what is asked for, came, was forgiven or given up is the total: %v", m.asked())
	if over > 0 {
		require.LessOrEqual(t, p.Owed().Minor, moving, "more than the total only by what came or is on its way")
	}
	if moving == 0 {
		require.Equal(t, over, p.Surplus().Minor)
	}
	require.Equal(t, p.Owed().Minor == 0 && p.WrittenOffAt == nil, p.Status == promise.Completed)
}

// The three amounts of a plan's life agree: what the bank took, what the gifts say, what the instalments say.
func TestThreeYearsOfDeclinesAndCrashesCollectWhatTheBankTook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := &machine{world: newPlan(t, rapid.SampledFrom(zones).Draw(t, "zone"), noon(2027, 1, 31))}
		m.start(t)
		for month := range 36 {
			m.runTo(m.now.AddDate(0, 0, 30))
			if m.p.Status == promise.NeedsPaymentMethod || m.p.Status == promise.Lapsed {
				m.p.UseCard(uuid.New(), m.now)
			}
			if month%6 == 5 {
				m.check(t)
			}
		}
		m.runTo(m.now.AddDate(0, 0, 3)) // the last answers come
		took := int64(2000)
		for _, c := range m.charges {
			took += c.minor
		}
		paid := m.p.Paid().Minor
		for _, i := range m.p.Instalments {
			if i.State.InFlight() {
				paid += i.Amount.Minor
			}
		}
		require.Contains(t, []int64{took, took + 2000}, paid, "one may be on its way")
		require.GreaterOrEqual(t, len(m.p.Instalments), 36)
	})
}
