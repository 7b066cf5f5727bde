package promise_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

func TestASoftDeclineIsTriedFourTimesMore(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "America/New_York", noon(2026, 11, 22))
	var triedOn []string
	var statuses []promise.Status
	w.bank = func(i promise.Instalment, _ int) string {
		if i.N > 2 {
			return accepts
		}
		triedOn, statuses = append(triedOn, w.now.Format("2006-01-02T15:04Z")), append(statuses, w.p.Status)
		return "insufficient_funds"
	}
	w.runTo(noon(2027, 1, 10))
	require.Equal(t, []string{"2026-12-22T14:00Z", "2026-12-23T14:00Z", "2026-12-26T14:00Z", "2026-12-31T14:00Z", "2027-01-07T14:00Z"}, triedOn)
	require.Equal(t, []promise.Status{promise.Active, promise.PastDue, promise.PastDue, promise.PastDue, promise.PastDue}, statuses, "it does not look well while it is tried again")
	require.Equal(t, promise.Failed, w.n(2).State)
	require.Equal(t, "insufficient_funds", w.n(2).DeclineCode)
	require.Equal(t, promise.PastDue, w.p.Status)
	require.Equal(t, "2027-01-22", w.p.Next().DueOn.String(), "the plan goes on")

	w.runTo(noon(2027, 1, 23))
	require.Equal(t, []string{"2027-01-22"}, w.chargedOn())
	require.Equal(t, promise.Active, w.p.Status, "a fail is not final")
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, promise.Skipped, w.n(2).State, "it is left out for good when it would have lapsed")
	require.Equal(t, promise.Active, w.p.Status)
	require.Nil(t, w.p.LapsedAt)
}

func TestASoftDeclineThatPassesIsForgotten(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("issuer_not_available", "do_not_honor")
	w.runTo(noon(2027, 1, 1))
	require.Equal(t, []string{"2026-12-26"}, w.chargedOn())
	require.Equal(t, promise.Active, w.p.Status)
	require.Empty(t, w.n(2).DeclineCode)
	require.Equal(t, 3, w.n(2).Attempt)
	require.Equal(t, "2027-01-22", w.p.Next().DueOn.String(), "the next date does not move with it")
}

func TestAHardDeclineStopsAndAsksForAnotherCard(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("stolen_card")
	w.runTo(noon(2026, 12, 27))
	require.Equal(t, 1, w.tried)
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.Nil(t, w.p.Next())
	require.ErrorIs(t, w.p.Skip(w.now), promise.ErrNothingNext)

	charged := w.p.UseCard(uuid.New(), w.now)
	require.Equal(t, 2, charged.N)
	require.Empty(t, charged.DeclineCode)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(w.now)
	require.Equal(t, []string{"2026-12-27"}, w.chargedOn(), "at once")
	require.Equal(t, "2027-01-22", w.p.Next().DueOn.String())
}

func TestACardThatComesLateIsChargedOnTheNextDate(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("expired_card")
	w.runTo(noon(2027, 1, 2))
	require.Nil(t, w.p.UseCard(uuid.New(), w.now), "eleven days late")
	require.Equal(t, promise.Skipped, w.n(2).State)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2027-01-22"}, w.chargedOn())
}

func TestSixtyDaysWithoutPaymentLapseAndACardRevives(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("stolen_card")
	w.runTo(noon(2027, 2, 19))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	w.runTo(noon(2027, 2, 20))
	require.Equal(t, promise.Lapsed, w.p.Status)
	require.Nil(t, w.alarm())
	require.ErrorIs(t, w.p.Pause(w.today().AddDays(9), w.today(), w.now), promise.ErrNothingNext)
	require.ErrorIs(t, w.p.Skip(w.now), promise.ErrNothingNext)
	w.runTo(noon(2027, 5, 30))

	require.Nil(t, w.p.UseCard(uuid.New(), w.now), "nothing of the past is charged")
	require.Equal(t, promise.Active, w.p.Status)
	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-01-22", "2027-02-22", "2027-03-22", "2027-04-22", "2027-05-22", "2027-06-22"}, w.dueDates())
	w.runTo(noon(2027, 7, 1))
	require.Equal(t, []string{"2027-06-22"}, w.chargedOn())
}

func TestSoftDeclinesForSixtyDaysLapseToo(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = func(promise.Instalment, int) string { return "insufficient_funds" }
	w.runTo(noon(2027, 2, 19))
	require.Equal(t, promise.PastDue, w.p.Status)
	w.runTo(noon(2027, 2, 20))
	require.Equal(t, promise.Lapsed, w.p.Status)
	for _, i := range w.p.Instalments[1:] {
		require.Equal(t, promise.Skipped, i.State)
	}
	require.Equal(t, 10, w.tried)
}

func TestABankThatWantsToSeeTheDonor(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(payment.CodeAuthentication)
	w.runTo(noon(2026, 12, 22))
	require.Equal(t, promise.RequiresAction, w.n(2).State)
	require.Equal(t, promise.PastDue, w.p.Status)
	require.ErrorIs(t, w.p.ChargeNow(w.n(2).ID, w.now), promise.ErrInFlight, "the card alone does not do")
	w.runTo(noon(2026, 12, 28))
	require.Equal(t, []promise.Step{promise.StepRemind, promise.StepRemind, promise.StepRemind}, w.mails, "beside the first mail")
	require.Equal(t, 3, w.n(2).Reminders)
	w.runTo(noon(2026, 12, 29))
	require.Equal(t, promise.Failed, w.n(2).State, "seven days on")
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.Equal(t, 1, w.tried)
}

func TestADonorWhoConfirmsIsNotChargedByTheMachineAsWell(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(payment.CodeAuthentication)
	w.runTo(noon(2026, 12, 25))
	require.True(t, w.byHand(w.n(2).ID, 2000))
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 1, 21))
	require.Equal(t, 1, w.tried)
	require.Empty(t, w.charges)
}

func TestRemindersThatCannotBeSentDoNotPutOffTheDeadline(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(payment.CodeAuthentication)
	w.runTo(noon(2026, 12, 22))
	for i := w.n(2); w.p.NextStep(i, *i.ActAt) == promise.StepRemind; {
		w.now = *i.ActAt
		w.p.Reminded(i, false, w.now)
	}
	require.Nil(t, w.n(2).RemindedAt)
	require.Equal(t, promise.Morning(day.New(2026, 12, 29), w.p.Location()), *w.n(2).ActAt)
}

func TestAnUnknownAttemptIsAskedForAndNeverSentAnew(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(lostAnswer)
	w.runTo(promise.Morning(day.New(2026, 12, 22), w.p.Location()))
	require.Equal(t, promise.Unknown, w.n(2).State)
	require.Equal(t, promise.Active, w.p.Status)
	_, err := w.p.TakeByHand(w.n(2).ID)
	require.ErrorIs(t, err, promise.ErrInFlight)
	w.runTo(noon(2026, 12, 22))
	require.Equal(t, promise.Paid, w.n(2).State)
	require.Equal(t, 1, w.tried)
}

func TestNewsOfAnEarlierAttemptIsOldNews(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("insufficient_funds", lostAnswer)
	w.runTo(promise.Morning(day.New(2026, 12, 23), w.p.Location()))
	require.Equal(t, promise.Unknown, w.n(2).State)
	before, f := w.p.Tried(), w.facts(w.unpaid(w.n(2).ID))
	f.Attempt, f.State, f.DeclineCode = 1, payment.AttemptFailed, "insufficient_funds"
	require.False(t, w.p.Follow(w.n(2).ID, f, w.now))
	f.Attempt, f.DonationID = 9, uuid.New()
	require.False(t, w.p.Follow(w.n(2).ID, f, w.now), "nor do other gifts' attempts count")
	require.False(t, w.p.Follow(id.New[promise.Instalment](), f, w.now))
	require.Equal(t, before, w.p)
}

func TestACallThatNeverArrivedIsMadeAgain(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(lostCall)
	w.runTo(noon(2026, 12, 23))
	require.Equal(t, []string{"2026-12-23"}, w.chargedOn())
	require.Equal(t, 2, w.n(2).Attempt)
	require.Zero(t, w.n(2).Tries, "nobody declined anything")
}

func TestACallThatNeverArrivedIsNotMadeAgainAfterTheEnd(t *testing.T) {
	t.Parallel()
	morning := promise.Morning(day.New(2026, 12, 22), newPlan(t, "UTC", noon(2026, 11, 22)).p.Location())
	for _, state := range []string{lostCall, "insufficient_funds", "stolen_card", payment.CodeAuthentication} {
		cancelled := newPlan(t, "UTC", noon(2026, 11, 22))
		cancelled.bank = answers(state)
		cancelled.hold = true
		cancelled.runTo(morning)
		require.Equal(t, promise.Attempting, cancelled.n(2).State)
		require.NoError(t, cancelled.p.Cancel("supporter", "", cancelled.now))
		require.Equal(t, promise.Attempting, cancelled.n(2).State, "it is under way")
		cancelled.hold = false
		cancelled.runTo(noon(2027, 3, 1))
		require.Equal(t, promise.Ended, cancelled.n(2).State)
		require.Equal(t, promise.Cancelled, cancelled.p.Status)
		require.Empty(t, cancelled.charges)

		paused := newPlan(t, "UTC", noon(2026, 11, 22))
		paused.bank = answers(state)
		paused.hold = true
		paused.runTo(morning)
		require.NoError(t, paused.p.Pause(day.New(2027, 2, 1), paused.today(), paused.now))
		paused.hold = false
		paused.runTo(noon(2027, 2, 21))
		require.Equal(t, promise.Skipped, paused.n(2).State)
		require.Equal(t, promise.ReasonPaused, paused.n(2).Reason)
		require.Empty(t, paused.charges)
		paused.runTo(noon(2027, 2, 23))
		require.Equal(t, []string{"2027-02-22"}, paused.chargedOn())
	}
}

func TestMoneyThatArrivesAfterTheEndCounts(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers(lostAnswer)
	w.runTo(promise.Morning(day.New(2026, 12, 22), w.p.Location()))
	require.NoError(t, w.p.Cancel("supporter", "Moving", w.now))
	w.runTo(noon(2027, 3, 1))
	require.Equal(t, promise.Paid, w.n(2).State)
	require.Equal(t, promise.Cancelled, w.p.Status)
	require.Len(t, w.p.Instalments, 2)
	require.ErrorIs(t, w.p.Cancel("supporter", "", w.now), promise.ErrClosed)
}

func TestACardSavedWhileTheOldOneIsChargedIsChargedNext(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("stolen_card")
	w.hold = true
	w.runTo(promise.Morning(day.New(2026, 12, 22), w.p.Location()))
	require.Nil(t, w.p.UseCard(uuid.New(), w.now), "what is under way is waited for")
	w.hold = false
	w.runTo(noon(2026, 12, 22))
	require.Equal(t, []string{"2026-12-22"}, w.chargedOn())
	require.Equal(t, promise.Active, w.p.Status)
	require.Empty(t, w.n(2).Reason)
}

func TestACardSavedWhileARetryWaitsIsChargedAtOnceAndOnce(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = answers("insufficient_funds", "insufficient_funds")
	w.runTo(noon(2026, 12, 24))
	require.Equal(t, promise.RetryWait, w.n(2).State)
	i := w.p.UseCard(uuid.New(), w.now)
	require.Equal(t, w.now, *i.ActAt)
	w.runTo(noon(2027, 1, 1))
	require.Equal(t, []string{"2026-12-24"}, w.chargedOn())
}

func TestAPlanWithoutACardAsksForOne(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.p.CardID = nil
	w.runTo(noon(2026, 12, 22))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.Equal(t, "no_such_payment_method", w.n(2).DeclineCode)
	require.ErrorIs(t, w.p.ChargeNow(w.n(2).ID, w.now), promise.ErrNoCard)
}

func TestStaffChargeAgainWhatFailed(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.bank = func(i promise.Instalment, n int) string {
		if i.N == 2 && n <= 6 {
			return "insufficient_funds"
		}
		return accepts
	}
	w.runTo(noon(2027, 1, 10))
	require.ErrorIs(t, w.p.ChargeNow(w.n(3).ID, w.now), promise.ErrNotDue)
	require.NoError(t, w.p.ChargeNow(w.n(2).ID, w.now))
	w.runTo(w.now)
	require.Equal(t, promise.Failed, w.n(2).State, "one try more, no new ladder")
	require.NoError(t, w.p.ChargeNow(w.n(2).ID, w.now))
	w.runTo(w.now)
	require.Equal(t, []string{"2027-01-10"}, w.chargedOn())
	require.Equal(t, promise.Active, w.p.Status)
	require.Equal(t, "2027-01-22", w.p.Next().DueOn.String())
	w.runTo(noon(2027, 2, 1))
	require.Len(t, w.p.Instalments, 4)
}

func TestAPledgesNextPartsAreNotTriedOnACardThatFailed(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.bank = answers("lost_card")
	w.runTo(noon(2026, 12, 24))
	require.Equal(t, 1, w.tried)
	require.Equal(t, promise.NeedsPaymentMethod, w.p.Status)
	require.Equal(t, []promise.State{promise.Failed, promise.Failed, promise.Scheduled}, states(w))
	require.Equal(t, "lost_card", w.n(2).DeclineCode)
	require.Equal(t, w.n(1), w.p.Next(), "what is owed longest")

	w.p.UseCard(uuid.New(), w.now)
	w.runTo(w.now)
	require.Equal(t, []string{"2026-12-24", "2026-12-24"}, w.chargedOn())
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, promise.Completed, w.p.Status)
}

func TestAPledgeThatStaysUnpaidIsDelinquentWhateverWentWrong(t *testing.T) {
	t.Parallel()
	w := newPledge(t, promise.ByCard, usd(300_00), 3)
	w.bank = answers("lost_card")
	w.runTo(noon(2026, 12, 1))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.StandingOn(w.today()))
	require.Equal(t, promise.NeedsPaymentMethod, w.p.StandingOn(day.New(2027, 1, 22)))
	require.Equal(t, promise.Delinquent, w.p.StandingOn(day.New(2027, 1, 23)))
}

func states(w *world) []promise.State {
	var all []promise.State
	for _, i := range w.p.Instalments {
		all = append(all, i.State)
	}
	return all
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }
