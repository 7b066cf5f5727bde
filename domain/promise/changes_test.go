package promise_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

func TestAPauseLeavesItsDatesOutForGood(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.Pause(day.New(2027, 2, 22), w.today(), w.now))
	require.Equal(t, promise.Active, w.p.Status)
	require.Equal(t, promise.Paused, w.p.StandingOn(w.today()))
	require.Equal(t, promise.Paused, w.p.StandingOn(day.New(2027, 2, 21)))
	require.Equal(t, promise.Active, w.p.StandingOn(day.New(2027, 2, 22)))
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, []string{"2027-02-22"}, w.chargedOn(), "the day the pause ends is charged, nothing before it")
	require.Equal(t, []promise.State{promise.Paid, promise.Skipped, promise.Skipped, promise.Paid, promise.Scheduled}, states(w))
	require.ErrorIs(t, w.p.Resume(w.now), promise.ErrNotPaused)
}

func TestResumingGoesOnWithTheNextRegularDate(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.ErrorIs(t, w.p.Resume(w.now), promise.ErrNotPaused)
	require.NoError(t, w.p.Pause(day.New(2027, 4, 1), w.today(), w.now))
	w.runTo(noon(2027, 1, 5))
	require.NoError(t, w.p.ChangeAmount(usd(5000), 0, w.now))
	require.NoError(t, w.p.Resume(w.now))
	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-01-22"}, w.dueDates())
	require.Equal(t, promise.ReasonPaused, w.n(2).Reason, "what passed in the pause is not charged afterwards")
	require.Len(t, w.p.Dropped, 3)
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2027-01-22"}, w.chargedOn())
	require.Equal(t, int64(5000), w.charges[0].minor, "the amount that was chosen meanwhile")
}

func TestResumingOnADateDoesNotChargeIt(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.Pause(day.New(2027, 4, 1), w.today(), w.now))
	w.runTo(promise.Morning(day.New(2026, 12, 22), w.p.Location()))
	require.NoError(t, w.p.Resume(w.now))
	w.runTo(noon(2027, 1, 30))
	require.Equal(t, []string{"2027-01-22"}, w.chargedOn())
}

func TestAnotherPauseReplacesTheFirst(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.Pause(day.New(2027, 4, 1), w.today(), w.now))
	require.NoError(t, w.p.Pause(day.New(2026, 12, 30), w.today(), w.now))
	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-01-22"}, w.dueDates())
	require.NoError(t, w.p.Pause(day.New(2027, 2, 1), w.today(), w.now))
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, []string{"2027-02-22"}, w.chargedOn())
}

func TestAPauseEndsWithinAYear(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	for _, until := range []day.Day{{}, w.today().AddDays(-1), w.today(), w.today().AddDays(367)} {
		require.ErrorIs(t, w.p.Pause(until, w.today(), w.now), promise.ErrPauseUntil)
	}
	require.NoError(t, w.p.Pause(w.today().AddDays(366), w.today(), w.now))
	require.NoError(t, w.p.Cancel("supporter", "", w.now))
	require.ErrorIs(t, w.p.Pause(w.today().AddDays(9), w.today(), w.now), promise.ErrClosed)
	require.ErrorIs(t, w.p.Resume(w.now), promise.ErrClosed)
	require.Equal(t, promise.Cancelled, w.p.StandingOn(w.today()), "what has ended is not paused")
	pledge := newPledge(t, promise.ByCard, usd(300_00), 3)
	require.ErrorIs(t, pledge.p.Pause(w.today().AddDays(9), w.today(), w.now), promise.ErrNotPlan)
}

func TestAPauseDoesNotStopWhatIsUnderWayButWhatWaits(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(lostAnswer)
	w.runTo(promise.Morning(day.New(2026, 12, 22), w.p.Location()))
	require.NoError(t, w.p.Pause(day.New(2027, 3, 1), w.today(), w.now))
	require.Equal(t, promise.Unknown, w.n(2).State)
	w.runTo(noon(2027, 3, 23))
	require.Equal(t, promise.Paid, w.n(2).State)
	require.Equal(t, []string{"2026-12-22", "2027-03-22"}, w.chargedOn())
	require.Equal(t, promise.ReasonPaused, w.n(3).Reason)

	for _, code := range []string{"insufficient_funds", payment.CodeAuthentication} {
		w = newPlan(t, "UTC", noon(2026, 11, 22))
		w.bank = answers(code)
		w.runTo(noon(2026, 12, 22))
		require.NoError(t, w.p.Pause(day.New(2027, 3, 1), w.today(), w.now))
		require.Equal(t, promise.Skipped, w.n(2).State, code)
		require.Equal(t, promise.Active, w.p.Status)
		w.runTo(noon(2027, 3, 23))
		require.Equal(t, []string{"2027-03-22"}, w.chargedOn())
	}
}

func TestAPausedPlanWhoseCardFailedNeitherLapsesNorChargesTheNewCard(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("stolen_card")
	w.runTo(noon(2026, 12, 23))
	require.NoError(t, w.p.Pause(day.New(2027, 6, 1), w.today(), w.now))
	require.ErrorIs(t, w.p.ChargeNow(w.n(2).ID, w.now), promise.ErrPaused)
	w.runTo(noon(2027, 5, 1))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.Nil(t, w.p.UseCard(uuid.New(), w.now))
	require.Equal(t, promise.ReasonPaused, w.n(2).Reason)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 6, 30))
	require.Equal(t, []string{"2027-06-22"}, w.chargedOn())

	w = newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("stolen_card")
	w.runTo(noon(2026, 12, 23))
	require.NoError(t, w.p.Pause(day.New(2027, 6, 1), w.today(), w.now))
	require.NoError(t, w.p.Resume(w.now))
	w.runTo(noon(2027, 2, 20))
	require.Equal(t, promise.Lapsed, w.p.Status, "resumed, it lapses when it would have")
}

func TestSkippingLeavesOneOut(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.Skip(w.now))
	require.NoError(t, w.p.Skip(w.now))
	require.Equal(t, promise.ReasonSkipped, w.n(3).Reason)
	w.runTo(noon(2027, 2, 28))
	require.Equal(t, []string{"2027-02-22"}, w.chargedOn())

	w.bank = answers("insufficient_funds", lostAnswer)
	w.runTo(noon(2027, 3, 22))
	require.NoError(t, w.p.Skip(w.now), "what waits for another try")
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(promise.Morning(day.New(2027, 4, 22), w.p.Location()))
	require.ErrorIs(t, w.p.Skip(w.now), promise.ErrInFlight)
}

func TestSkippingInAPauseMakesItLonger(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.Pause(day.New(2027, 1, 10), w.today(), w.now))
	require.NoError(t, w.p.Skip(w.now))
	require.Equal(t, day.New(2027, 1, 23), *w.p.PausedUntil)
	require.Equal(t, "2027-02-22", w.p.Next().DueOn.String())
	require.NoError(t, w.p.Resume(w.now))
	require.Equal(t, "2026-12-22", w.p.Next().DueOn.String())
	require.Equal(t, []string{"2026-11-22", "2026-12-22"}, w.dueDates())
}

func TestAnotherAmountCountsFromWhatWasNotTriedYet(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.ChangeAmount(usd(3000), 120, w.now))
	require.Equal(t, int64(3120), w.n(2).Total().Minor)
	w.runTo(noon(2026, 12, 23))
	w.bank = answers("insufficient_funds")
	w.runTo(noon(2027, 1, 22))
	require.NoError(t, w.p.ChangeAmount(usd(4000), 0, w.now))
	w.runTo(noon(2027, 2, 23))
	require.Equal(t, []int64{3000, 3000, 4000}, []int64{w.charges[0].minor, w.charges[1].minor, w.charges[2].minor}, "what is being tried keeps its amount")
	require.Equal(t, int64(2000), w.n(1).Amount.Minor)
}

func TestAnAmountMustBeChargeable(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	before := w.p.Tried()
	for _, tc := range []struct {
		amount money.Money
		cover  int64
		want   error
	}{
		{money.New(2000, "EUR"), 0, money.ErrCurrencyMismatch},
		{usd(49), 0, money.ErrAmountTooSmall},
		{usd(49), 100, money.ErrAmountTooSmall},
		{usd(-500), 2000, money.ErrAmountTooSmall},
		{usd(money.MaxMinor + 1), 0, money.ErrAmountTooLarge},
		{usd(money.MaxMinor), 1, money.ErrAmountTooLarge},
		{usd(2000), -1, promise.ErrCover},
	} {
		require.ErrorIs(t, w.p.ChangeAmount(tc.amount, tc.cover, w.now), tc.want)
	}
	require.Equal(t, before, w.p)
}

func TestAnotherDay(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.ChangeDay(31, w.now))
	w.runTo(noon(2027, 4, 1))
	require.Equal(t, []string{"2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"}, w.chargedOn())
	for _, wanted := range []int{0, 32} {
		require.ErrorIs(t, w.p.ChangeDay(wanted, w.now), promise.ErrDay)
	}

	w.bank = answers("insufficient_funds")
	w.runTo(noon(2027, 4, 30))
	require.NoError(t, w.p.ChangeDay(2, w.now), "while one waits for another try")
	w.runTo(noon(2027, 7, 1))
	require.Equal(t, []string{"2027-05-01", "2027-05-02", "2027-06-02"}, w.chargedOn()[4:], "the try keeps its date, May moves")

	weekly := newPlan(t, "UTC", noon(2026, 11, 22), func(d *promise.PlanDetails) { d.Unit = promise.Week })
	require.ErrorIs(t, weekly.p.ChangeDay(5, weekly.now), promise.ErrDay)
}

func TestAnotherDayDoesNotLandInThePause(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 20))
	require.NoError(t, w.p.Pause(day.New(2027, 3, 15), w.today(), w.now))
	require.NoError(t, w.p.ChangeDay(10, w.now))
	require.Equal(t, "2027-04-10", w.p.Next().DueOn.String())
	require.NoError(t, w.p.ChangeDay(15, w.now))
	require.Equal(t, "2027-04-15", w.p.Next().DueOn.String())

	w.runTo(noon(2026, 12, 16))
	require.NoError(t, w.p.Resume(w.now))
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, []string{"2027-01-15", "2027-02-15"}, w.chargedOn())
}

func TestNoTwoDatesAreTheSameHoweverTheDayMoves(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2027, 1, 31))
	for k, wanted := range []int{1, 31, 1, 28, 29, 30, 5, 31} {
		require.NoError(t, w.p.ChangeDay(wanted, w.now))
		w.runTo(w.now.AddDate(0, 0, 17+5*k))
	}
	seen := map[string]bool{}
	for _, on := range w.dueDates() {
		require.False(t, seen[on], on)
		seen[on] = true
	}
}

func TestMoneyByHandPaysWhatIsOwedLongest(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("insufficient_funds")
	w.runTo(noon(2026, 12, 22))
	require.True(t, w.byHand(id0, 2000))
	require.Equal(t, promise.Paid, w.n(2).State)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 1, 21))
	require.Empty(t, w.charges, "no other try follows")
	require.NoError(t, w.p.Cancel("login", "", w.now))
	require.False(t, w.byHand(id0, 2000))
	_, err := w.p.TakeByHand(id0)
	require.ErrorIs(t, err, promise.ErrClosed)
}

func TestANewCardForAPledgeByLinkAnnouncesNoChargeOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByLink, usd(300_00), 3)
	w.runTo(noon(2026, 12, 16)) // a reminder of the second was due yesterday
	require.ErrorIs(t, w.p.ChargeNow(w.n(1).ID, w.now), promise.ErrNoCard)
	require.Nil(t, w.p.UseCard(uuid.New(), w.now))
	require.Nil(t, w.n(1).ActAt, "what is late is charged when somebody wants it")
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-12-23", "2027-01-23"}, w.chargedOn(), "on their dates, not on those of reminders")
	require.NoError(t, w.p.ChargeNow(w.n(1).ID, w.now))
	w.runTo(w.now)
	require.Equal(t, promise.Completed, w.p.Status)
}
