package promise_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

var id0 id.ID[promise.Instalment] // stands for the instalment that is owed longest

func TestWhatAPledgeStartsLateWithIsForStaffToSpeakOf(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(400_00), 4, func(d *promise.PledgeDetails) { d.FirstOn = day.New(2026, 9, 30) })
	require.Equal(t, promise.Overdue, w.p.StandingOn(w.today()))
	require.Nil(t, w.n(1).ActAt)
	require.Nil(t, w.n(2).ActAt)
	w.runTo(noon(2026, 12, 1))
	require.Len(t, w.mails, 1, "only of what comes due")
	require.Equal(t, promise.Delinquent, w.p.StandingOn(w.today()))
}

func TestAPublicPledgeWaitsForItsCard(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3, func(d *promise.PledgeDetails) { d.Public, d.PersonID, d.CardID = true, nil, nil })
	require.Equal(t, promise.PendingSetup, w.p.Status)
	require.Equal(t, promise.StepNone, w.p.NextStep(w.n(1), w.now.AddDate(0, 0, 6)))
	require.Equal(t, promise.StepDrop, w.p.NextStep(w.n(1), w.now.AddDate(0, 0, 7)))
	first := w.p.Instalments[0].ID
	_, byHand := w.p.TakeByHand(first)
	for _, err := range []error{
		w.p.Waive(first, "x", w.now), w.p.WriteOff("login", "x", w.now), w.p.Move(first, w.today().AddDays(3), w.today(), w.now),
		w.p.Rearrange(promise.Month, 1, 2, w.today(), w.today(), w.now), w.p.ChargeNow(first, w.now), byHand,
	} {
		require.ErrorIs(t, err, promise.ErrNotReady)
	}
	card := uuid.New()
	w.p.Activate(uuid.New(), &card, w.now)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-11-23", "2026-12-23", "2027-01-23"}, w.chargedOn())
	require.Equal(t, promise.Completed, w.p.Status)

	abandoned := newPledge(t, promise.ByCard, usd(300_00), 3, func(d *promise.PledgeDetails) { d.Public, d.PersonID, d.CardID = true, nil, nil })
	require.NoError(t, abandoned.p.Cancel("supporter", "", abandoned.now))
	abandoned.p.Activate(uuid.New(), &card, abandoned.now)
	require.Equal(t, promise.Cancelled, abandoned.p.Status, "a card saved too late opens nothing")
	require.Nil(t, abandoned.alarm())
}

func TestRemindersOfAPledge(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(300_00), 1, func(d *promise.PledgeDetails) { d.FirstOn = day.New(2027, 1, 10) })
	var on []string
	for range 3 {
		i := w.alarm()
		w.runTo(*i.ActAt)
		on = append(on, w.today().String())
	}
	require.Equal(t, []string{"2027-01-03", "2027-01-13", "2027-01-23"}, on, "7 days before, then every 10, at most 3")
	require.Nil(t, w.alarm())
	require.Equal(t, promise.Scheduled, w.n(1).State)

	unwilling := newPledge(t, promise.ByLink, usd(300_00), 1)
	i := unwilling.alarm()
	i.Claim(unwilling.now)
	unwilling.p.Reminded(i, false, unwilling.now)
	require.Nil(t, unwilling.alarm(), "who must not be written to is not asked about again")
	require.Zero(t, unwilling.n(1).Reminders)

	none := newPledge(t, promise.ByLink, usd(300_00), 1, func(d *promise.PledgeDetails) { d.RemindAtMost = 0 })
	require.Nil(t, none.alarm())
}

func TestAReminderByHandDoesNotSilenceTheCard(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.p.Reminded(w.n(1), true, w.now)
	w.runTo(noon(2026, 11, 24))
	require.Equal(t, []string{"2026-11-23"}, w.chargedOn())
}

func TestUnderPaymentGoesToTheNextOrANewLast(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.True(t, w.byHand(w.n(1).ID, 40_00))
	require.Equal(t, []int64{0, 160_00, 100_00}, w.asked())
	require.True(t, w.byHand(w.n(3).ID, 70_00))
	require.Equal(t, []int64{0, 160_00, 0, 30_00}, w.asked())
	require.Equal(t, "2027-02-23", w.n(4).DueOn.String(), "a month after the last")
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, []string{"2026-12-23", "2027-02-23"}, w.chargedOn())
	require.Equal(t, promise.Completed, w.p.Status)
	require.Equal(t, int64(300_00), w.p.Paid().Minor)
	require.Zero(t, w.p.Surplus().Minor)
}

func TestANewLastPartNeverLiesInThePast(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(300_00), 3, func(d *promise.PledgeDetails) { d.FirstOn = day.New(2026, 11, 30) })
	w.runTo(noon(2027, 6, 1))
	for _, n := range []int{1, 2, 3} {
		require.True(t, w.byHand(w.n(n).ID, 90_00))
	}
	require.Equal(t, []int64{0, 0, 0, 50_00}[:3], w.asked()[:3])
	require.Equal(t, int64(30_00), w.n(4).Amount.Minor)
	require.Equal(t, "2027-06-30", w.n(4).DueOn.String())
}

func TestAFewCentsThatAreLeftAreNotCharged(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	for _, n := range []int{1, 2} {
		require.True(t, w.byHand(w.n(n).ID, 100_00))
	}
	require.True(t, w.byHand(w.n(3).ID, 99_80))
	require.Equal(t, int64(20), w.n(4).Amount.Minor)
	require.Nil(t, w.n(4).ActAt)
	require.ErrorIs(t, w.p.ChargeNow(w.n(4).ID, w.now), money.ErrAmountTooSmall)
	require.Equal(t, promise.Active, w.p.Status)
	require.NoError(t, w.p.Waive(w.n(4).ID, "Twenty cents", w.now))
	require.Equal(t, promise.Completed, w.p.Status)
}

func TestOverPaymentReducesTheFollowingThenTheEarlierFromTheEnd(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(400_00), 4)
	require.True(t, w.byHand(w.n(2).ID, 250_00))
	require.Equal(t, []int64{100_00, 0, 0, 50_00}, w.asked())
	require.Nil(t, w.n(3).ActAt)
	require.True(t, w.byHand(w.n(4).ID, 90_00))
	require.Equal(t, []int64{60_00, 0, 0, 0}, w.asked())
	w.runTo(noon(2026, 11, 24))
	require.Equal(t, int64(60_00), w.charges[0].minor)
	require.Equal(t, promise.Completed, w.p.Status)
	w.giveBack(w.paidFor(2), 120_00)
	require.Equal(t, promise.Active, w.p.Status)
	require.Equal(t, int64(120_00), w.p.Owed().Minor)
}

func TestMoreThanEverythingIsASurplus(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(300_00), 3)
	require.True(t, w.byHand(w.n(1).ID, 350_00))
	require.Equal(t, promise.Completed, w.p.Status)
	require.Equal(t, int64(50_00), w.p.Surplus().Minor)
	require.Zero(t, w.p.Owed().Minor)
	require.Nil(t, w.p.Next())
	w.giveBack(w.gifts[0], 50_00)
	require.Zero(t, w.p.Surplus().Minor)
	require.Equal(t, promise.Completed, w.p.Status)
	w.giveBack(w.gifts[0], 300_00)
	require.Equal(t, []int64{100_00, 100_00, 100_00}, w.asked(), "and the plan is as it was")
}

func TestARefundReopensAndIsNotChargedByItself(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.runTo(noon(2026, 11, 24))
	w.giveBack(w.paidFor(1), 100_00)
	require.Equal(t, promise.Scheduled, w.n(1).State)
	require.Equal(t, promise.ReasonReopened, w.n(1).Reason)
	require.Equal(t, promise.Overdue, w.p.StandingOn(w.today()))
	w.p.UseCard(uuid.New(), w.now)
	w.runTo(noon(2027, 2, 1))
	require.Len(t, w.charges, 3, "the two others")
	require.Equal(t, int64(100_00), w.p.Owed().Minor)
	require.NoError(t, w.p.ChargeNow(w.n(1).ID, w.now))
	w.runTo(w.now)
	require.Equal(t, promise.Completed, w.p.Status)
	require.Empty(t, w.n(1).Reason)
}

func TestWhatIsGivenBackInPartIsOwedAgainByItself(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.runTo(noon(2026, 11, 24))
	w.giveBack(w.paidFor(1), 30_00)
	require.Equal(t, promise.Paid, w.n(1).State)
	require.Equal(t, []int64{0, 100_00, 100_00, 30_00}, w.asked(), "the next charges stay as they were announced")
	require.Nil(t, w.n(4).ActAt)
	require.Equal(t, w.n(1).DueOn, w.n(4).DueOn)
	w.giveBack(w.paidFor(1), 70_00)
	require.Equal(t, []int64{70_00, 100_00, 100_00, 30_00}, w.asked())
	w.runTo(noon(2027, 2, 1))
	require.Len(t, w.charges, 3)
	require.True(t, w.byHand(id0, 70_00))
	require.True(t, w.byHand(id0, 30_00))
	require.Equal(t, promise.Completed, w.p.Status)
}

func TestARefundThatFailsIsPaidAgain(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(300_00), 3)
	require.True(t, w.byHand(w.n(1).ID, 100_00))
	w.giveBack(w.gifts[0], 100_00)
	require.Equal(t, int64(300_00), w.p.Owed().Minor)
	w.giveBack(w.gifts[0], -100_00)
	require.Equal(t, []int64{0, 100_00, 100_00}, w.asked())
	require.Equal(t, promise.Paid, w.n(1).State)
}

func TestWaivingForgivesOnePart(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.ErrorIs(t, w.p.Waive(w.n(2).ID, "  ", w.now), promise.ErrReason)
	require.ErrorIs(t, w.p.Waive(id.New[promise.Instalment](), "Moved", w.now), promise.ErrInstalment)
	require.NoError(t, w.p.Waive(w.n(2).ID, "Moved", w.now))
	require.ErrorIs(t, w.p.Waive(w.n(2).ID, "Moved", w.now), promise.ErrInstalment)
	require.Equal(t, int64(200_00), w.p.Owed().Minor)
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-11-23", "2027-01-23"}, w.chargedOn())
	require.Equal(t, promise.Completed, w.p.Status)
	require.ErrorIs(t, w.p.Waive(w.n(1).ID, "Moved", w.now), promise.ErrClosed)
	plan := newPlan(t, "UTC", w.now)
	require.ErrorIs(t, plan.p.Waive(plan.n(2).ID, "Moved", w.now), promise.ErrNotPledge)
}

func TestWritingOffGivesUpWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.bank = answers(lostAnswer, "stolen_card")
	w.runTo(promise.Morning(day.New(2026, 11, 23), w.p.Location()))
	require.ErrorIs(t, w.p.WriteOff("login", "Deceased", w.now), promise.ErrInFlight)
	w.runTo(noon(2026, 12, 24))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.NoError(t, w.p.WriteOff("login", "Deceased", w.now))
	require.Equal(t, promise.WrittenOff, w.p.Status)
	require.Equal(t, []promise.State{promise.Paid, promise.GivenUp, promise.GivenUp}, states(w))
	require.Nil(t, w.alarm())
	require.ErrorIs(t, w.p.WriteOff("login", "Deceased", w.now), promise.ErrClosed)

	w.giveBack(w.paidFor(1), 100_00)
	require.Equal(t, promise.GivenUp, w.n(1).State, "what comes back after the end is not owed again")
	require.Zero(t, w.p.Owed().Minor)
}

func TestMovingOnePart(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.ErrorIs(t, w.p.Move(w.n(1).ID, w.today().AddDays(-1), w.today(), w.now), promise.ErrFirstPast)
	require.ErrorIs(t, w.p.Move(w.n(1).ID, w.today().AddDays(2000), w.today(), w.now), promise.ErrFirstFar)
	require.NoError(t, w.p.Move(w.n(1).ID, day.New(2027, 1, 5), w.today(), w.now))
	require.Equal(t, 2, w.p.Next().N, "the earliest, not the first number")
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-12-23", "2027-01-05", "2027-01-23"}, w.chargedOn())

	full := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.True(t, full.byHand(full.n(1).ID, 200_00))
	require.ErrorIs(t, full.p.Move(full.n(2).ID, day.New(2027, 1, 5), full.today(), full.now), promise.ErrInstalment, "nothing is left to collect")
	require.Nil(t, full.n(2).ActAt)
}

func TestRearrangingSpreadsWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.True(t, w.byHand(w.n(1).ID, 40_00))
	require.ErrorIs(t, w.p.Rearrange(promise.Week, 2, 7, w.today().AddDays(-1), w.today(), w.now), promise.ErrFirstPast)
	require.NoError(t, w.p.Rearrange(promise.Week, 2, 7, day.New(2026, 12, 1), w.today(), w.now))
	require.Equal(t, []int64{0, 0, 0, 37_14, 37_14, 37_14, 37_14, 37_14, 37_14, 37_16}, w.asked())
	require.Equal(t, "2026-12-01", w.n(4).DueOn.String())
	require.Equal(t, "2027-02-23", w.n(10).DueOn.String())
	require.Equal(t, promise.ReasonMoved, w.n(2).Reason)
	require.Equal(t, int64(300_00), planned(w))

	w.giveBack(w.gifts[0], 40_00)
	require.Equal(t, int64(300_00), w.p.Owed().Minor)
	require.Equal(t, int64(40_00), w.n(1).Amount.Minor)
	require.True(t, w.byHand(w.n(1).ID, 70_00))
	require.Equal(t, int64(7_14), w.n(4).Amount.Minor)
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, promise.Completed, w.p.Status)
	require.Equal(t, int64(300_00), w.p.Paid().Minor)
}

func TestAPageThatWasOpenPaysARearrangedPledgeAllTheSame(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.bank = answers(payment.CodeAuthentication)
	w.runTo(noon(2026, 11, 24))
	first := w.n(1).ID
	require.NoError(t, w.p.Rearrange(promise.Month, 1, 2, day.New(2027, 1, 1), w.today(), w.now))
	g := &gift{id: uuid.New(), instalment: first, amount: 100_00, paid: 100_00}
	w.gifts = append(w.gifts, g)
	w.follow(g)
	require.Equal(t, promise.Paid, w.n(1).State)
	require.Equal(t, int64(200_00), w.p.Owed().Minor, "it is not asked for twice")
	require.Equal(t, int64(300_00), planned(w))
	w.giveBack(g, 100_00)
	require.Equal(t, int64(300_00), w.p.Owed().Minor)
}

// planned is what the parts that count are planned to bring.
func planned(w *world) int64 {
	sum := int64(0)
	for _, i := range w.p.Instalments {
		sum += i.PlannedMinor
	}
	return sum
}

func TestCancellingAPledgeEndsItsParts(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.runTo(noon(2026, 11, 24))
	require.Error(t, w.p.Cancel("login", strings.Repeat("x", 501), w.now))
	require.NoError(t, w.p.Cancel("login", "Changed their mind", w.now))
	require.Equal(t, []promise.State{promise.Paid, promise.Ended, promise.Ended}, states(w))
	require.Nil(t, w.alarm())
	require.Zero(t, w.p.Owed().Minor)
	w.giveBack(w.paidFor(1), 100_00)
	require.Equal(t, promise.Ended, w.n(1).State)
	require.Equal(t, promise.Cancelled, w.p.Status)
}

func TestWhatWasGivenBackBeforeItsDateIsNotChargedOnIt(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.True(t, w.byHand(w.n(3).ID, 100_00))
	w.giveBack(w.gifts[0], 100_00)
	require.Nil(t, w.n(3).ActAt)
	w.p.UseCard(uuid.New(), w.now)
	require.Nil(t, w.n(3).ActAt, "not for a new card")
	require.True(t, w.byHand(w.n(2).ID, 250_00))
	require.Zero(t, w.n(3).Amount.Minor)
	w.giveBack(w.gifts[1], 250_00)
	require.Equal(t, []int64{100_00, 100_00, 100_00}, w.asked())
	require.Nil(t, w.n(3).ActAt, "nor when it is asked for again")
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-11-23"}, w.chargedOn())
	require.NoError(t, w.p.Move(w.n(3).ID, day.New(2027, 2, 10), w.today(), w.now))
	w.runTo(noon(2027, 2, 11))
	require.Equal(t, []string{"2026-11-23", "2027-02-10"}, w.chargedOn(), "a new date is somebody's wish")
}
