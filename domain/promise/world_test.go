package promise_test

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// What the bank of a world answers, beside decline codes. What it says late was true all the while.
const (
	accepts    = ""           // takes the money and says so
	takesTime  = "processing" // says so, and what became of it later
	bounces    = "bounces"    // the same, and what became of it is nothing
	lostAnswer = "lost_answer"
	lostCall   = "lost_call" // and never hears of it
)

// world is a promise with a bank and a donor: it does what is to be done about an alarm, and nothing by a rule of its own.
type world struct {
	t       require.TestingT
	p       promise.Promise
	now     time.Time
	bank    func(i promise.Instalment, tries int) string
	gifts   []*gift
	hold    bool                       // no answer is heard of
	lost    func() bool                // whether the job of an alarm is lost
	before  func(i promise.Instalment) // looks at what is about to be charged
	charges []charge                   // that took money, by saved card
	tried   int                        // calls that reached the bank
	mails   []promise.Step
}

// gift collects an instalment.
type gift struct {
	id         uuid.UUID
	instalment id.ID[promise.Instalment]
	attempt    int
	truth      string // what the bank did with the newest attempt
	state      payment.AttemptState
	code       string
	amount     int64
	cover      int64
	paid, back int64
	page       bool // open for the donor
	ended      bool // nothing is collected by it any more
	sentAt     time.Time
}

type charge struct {
	instalment id.ID[promise.Instalment]
	n          int
	dueOn, on  day.Day
	minor      int64
}

func (w *world) today() day.Day { return day.In(w.now, w.p.Location()) }

// newPlan is a plan of $20 a month whose first gift was paid on a date at noon UTC.
func newPlan(t require.TestingT, zone string, first time.Time, more ...func(*promise.PlanDetails)) *world {
	w := &world{t: t, now: first, bank: func(promise.Instalment, int) string { return accepts }}
	location, err := time.LoadLocation(zone)
	require.NoError(t, err)
	d := promise.PlanDetails{
		Donation: donation.Donation{OrgID: uuid.New(), ID: id.New[donation.Donation](), Amount: money.New(2000, "USD"), CoverMinor: 90},
		Unit:     promise.Month, Every: 1, Zone: zone, Today: day.In(first, location), Token: uuid.New(),
	}
	for _, change := range more {
		change(&d)
	}
	w.p, err = promise.NewPlan(d, first)
	require.NoError(t, err)
	i := w.p.Instalments[0]
	g := &gift{id: d.Donation.ID.UUID, instalment: i.ID, attempt: 1, state: payment.AttemptSucceeded, amount: i.Amount.Minor, paid: i.Amount.Minor}
	w.gifts = append(w.gifts, g)
	card := uuid.New()
	w.p.Activate(uuid.New(), &card, first)
	w.follow(g)
	return w
}

// newPledge is a pledge of monthly parts by card or link, taken at noon UTC the day before the first date.
func newPledge(t require.TestingT, method promise.Method, total money.Money, count int, more ...func(*promise.PledgeDetails)) *world {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	w := &world{t: t, now: now, bank: func(promise.Instalment, int) string { return accepts }}
	person, card := uuid.New(), uuid.New()
	d := promise.PledgeDetails{
		PersonID: &person, Total: total, Count: count, Unit: promise.Month, Every: 1, FirstOn: day.New(2026, 11, 23), Zone: "UTC", Method: method,
		RemindBeforeDays: 7, RemindEveryDays: 10, RemindAtMost: 3,
	}
	if method == promise.ByCard {
		d.CardID = &card
	}
	for _, change := range more {
		change(&d)
	}
	var err error
	w.p, err = promise.NewPledge(uuid.New(), d, w.today(), now)
	require.NoError(t, err)
	return w
}

// runTo lets the time pass until t: every alarm that rings on the way is answered.
func (w *world) runTo(t time.Time) {
	for range 10_000 {
		i := w.alarm()
		if i == nil || i.ActAt.After(t) {
			w.now = t
			return
		}
		if i.ActAt.After(w.now) {
			w.now = *i.ActAt
		}
		i.Claim(w.now)
		if w.lost == nil || !w.lost() {
			w.act(i)
		}
	}
	require.Fail(w.t, "the alarms never stop")
}

// alarm is the instalment whose alarm rings first.
func (w *world) alarm() *promise.Instalment {
	var first *promise.Instalment
	for k := range w.p.Instalments {
		if i := &w.p.Instalments[k]; i.ActAt != nil && (first == nil || i.ActAt.Before(*first.ActAt)) {
			first = i
		}
	}
	return first
}

// act does what is to be done about an instalment now.
func (w *world) act(i *promise.Instalment) {
	step := w.p.NextStep(i, w.now)
	switch step {
	case promise.StepCharge:
		w.charge(i)
	case promise.StepAsk:
		g := w.unpaid(i.ID)
		require.NotNil(w.t, g, "there is something to ask about")
		w.p.Asking(i, w.now)
		w.hear(g)
	case promise.StepRemind:
		w.mails = append(w.mails, step)
		w.p.Reminded(i, true, w.now)
	case promise.StepUnmet:
		w.mails = append(w.mails, step)
		w.p.FailUnconfirmed(i, w.now)
	case promise.StepMiss:
		w.p.Miss(i, w.now)
	case promise.StepLapse:
		w.mails = append(w.mails, step)
		w.p.Lapse(i, w.now)
	case promise.StepDrop:
		require.NoError(w.t, w.p.Abandon(w.now))
	case promise.StepNone:
		require.Failf(w.t, "nothing is done", "an alarm rang for instalment %d, %s", i.N, i.State)
	}
}

// charge stores an attempt and sends it. The bank decides at once, whether its answer comes or not.
func (w *world) charge(i *promise.Instalment) {
	if w.p.CardID == nil {
		w.p.FailWithoutCard(i, w.now)
		return
	}
	g := w.unpaid(i.ID)
	if g != nil && g.page {
		w.p.Wait(i, w.now)
		return
	}
	if g == nil || g.amount != i.Amount.Minor || g.cover != i.CoverMinor {
		if g != nil {
			g.ended = true
		}
		g = &gift{id: uuid.New(), instalment: i.ID, amount: i.Amount.Minor, cover: i.CoverMinor}
		w.gifts = append(w.gifts, g)
	}
	require.NoError(w.t, i.Total().Chargeable())
	if w.before != nil {
		w.before(*i)
	}
	g.attempt, g.state, g.sentAt = w.attempts(i.ID)+1, payment.AttemptCreated, w.now
	w.p.Attempted(i, g.id, g.attempt, w.now)
	g.truth = w.bank(*i, g.attempt)
	if g.truth != lostCall {
		w.tried++
	}
	if takes(g.truth) {
		require.Zero(w.t, w.moneyFor(i.ID), "instalment %d is charged twice", i.N)
		w.charges = append(w.charges, charge{instalment: i.ID, n: i.N, dueOn: i.DueOn, on: w.today(), minor: g.amount})
	}
	w.hear(g)
}

// takes reports whether the bank takes the money, whatever it says.
func takes(truth string) bool { return truth == accepts || truth == takesTime || truth == lostAnswer }

// hear has the promise told what is known of the newest attempt of a gift by now.
func (w *world) hear(g *gift) {
	if w.hold {
		return
	}
	first := g.state == payment.AttemptCreated
	switch {
	case first && (g.truth == takesTime || g.truth == bounces):
		g.state = payment.AttemptProcessing
	case first && (g.truth == lostAnswer || g.truth == lostCall):
		g.state = payment.AttemptUnknown
	case takes(g.truth):
		g.state, g.paid = payment.AttemptSucceeded, g.amount
	case g.truth == bounces:
		g.state, g.code = payment.AttemptFailed, "insufficient_funds"
	case g.truth != lostCall:
		g.state, g.code = payment.AttemptFailed, g.truth
	case w.now.Sub(g.sentAt) > 23*time.Hour:
		g.state, g.code = payment.AttemptFailed, payment.CodeNeverArrived
	}
	w.follow(g)
}

// byHand records money that came otherwise, or is paid on a page; false when it may not be taken.
func (w *world) byHand(of id.ID[promise.Instalment], minor int64) bool {
	i, err := w.p.TakeByHand(of)
	if err != nil {
		return false
	}
	if g := w.unpaid(i.ID); g != nil {
		g.ended = true
	}
	g := &gift{id: uuid.New(), instalment: i.ID, amount: minor, paid: minor}
	w.gifts = append(w.gifts, g)
	w.follow(g)
	return true
}

// giveBack refunds a part of a gift.
func (w *world) giveBack(g *gift, minor int64) {
	g.back += minor
	w.follow(g)
}

// follow tells the promise of a gift, twice: the second time changes nothing.
func (w *world) follow(g *gift) {
	f := w.facts(g)
	w.p.Follow(g.instalment, f, w.now)
	before := w.p.Tried()
	require.False(w.t, w.p.Follow(g.instalment, f, w.now.Add(time.Minute)), "facts told again change something")
	require.Equal(w.t, before, w.p, "facts told again change something")
}

func (w *world) facts(g *gift) promise.Facts {
	return promise.Facts{
		DonationID: g.id, Attempt: g.attempt, State: g.state, DeclineCode: g.code, Received: g.paid > 0, PaidMinor: w.moneyFor(g.instalment),
	}
}

// moneyFor is what came for an instalment and was not given back.
func (w *world) moneyFor(of id.ID[promise.Instalment]) int64 {
	sum := int64(0)
	for _, g := range w.gifts {
		if g.instalment == of {
			sum += g.paid - g.back
		}
	}
	return sum
}

// unpaid is the gift that collects an instalment, or nil.
func (w *world) unpaid(of id.ID[promise.Instalment]) *gift {
	k := slices.IndexFunc(w.gifts, func(g *gift) bool { return g.instalment == of && g.paid == 0 && !g.ended })
	if k < 0 {
		return nil
	}
	return w.gifts[k]
}

func (w *world) attempts(of id.ID[promise.Instalment]) int {
	n := 0
	for _, g := range w.gifts {
		if g.instalment == of {
			n = max(n, g.attempt)
		}
	}
	return n
}

// paidFor is the gift that paid instalment n.
func (w *world) paidFor(n int) *gift {
	for _, g := range w.gifts {
		if i := w.p.Instalment(g.instalment); i != nil && i.N == n && g.paid > g.back {
			return g
		}
	}
	require.Failf(w.t, "no gift", "nothing paid instalment %d", n)
	return nil
}

// n is instalment number n.
func (w *world) n(n int) *promise.Instalment {
	k := slices.IndexFunc(w.p.Instalments, func(i promise.Instalment) bool { return i.N == n })
	require.GreaterOrEqual(w.t, k, 0, "there is no instalment %d", n)
	return &w.p.Instalments[k]
}

// dueDates lists the dates of all instalments.
func (w *world) dueDates() []string {
	var all []string
	for _, i := range w.p.Instalments {
		all = append(all, i.DueOn.String())
	}
	return all
}

// chargedOn lists when the saved card was charged.
func (w *world) chargedOn() []string {
	var all []string
	for _, c := range w.charges {
		all = append(all, c.on.String())
	}
	return all
}

// asked lists what the instalments ask for, 0 for a closed one.
func (w *world) asked() []int64 {
	var all []int64
	for _, i := range w.p.Instalments {
		minor := int64(0)
		if i.State.Open() {
			minor = i.Amount.Minor
		}
		all = append(all, minor)
	}
	return all
}

// answers is a bank that says one thing after the other, and then accepts.
func answers(all ...string) func(promise.Instalment, int) string {
	return func(promise.Instalment, int) string {
		if len(all) == 0 {
			return accepts
		}
		first := all[0]
		all = all[1:]
		return first
	}
}
