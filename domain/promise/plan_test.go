package promise_test

import (
	"testing"
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

func noon(year int, month time.Month, date int) time.Time {
	return time.Date(year, month, date, 12, 0, 0, 0, time.UTC)
}

func TestThreeYearsOfAPlan(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "America/New_York", noon(2027, 1, 31))
	w.runTo(noon(2030, 1, 30))
	require.Equal(t, promise.Active, w.p.Status)
	require.Len(t, w.charges, 35)
	require.Equal(t, []string{"2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"}, w.chargedOn()[:4])
	require.Equal(t, "2028-02-29", w.charges[12].on.String(), "a leap year")
	require.Equal(t, "2028-03-31", w.charges[13].on.String(), "and back to the 31st")
	require.Equal(t, "2029-12-31", w.charges[34].on.String())
	for k, c := range w.charges {
		require.Equal(t, k+2, c.n)
		require.Equal(t, c.dueOn, c.on)
		require.Equal(t, int64(2000), c.minor)
	}
	require.Equal(t, int64(36*2000), w.p.Paid().Minor)
	require.Equal(t, promise.Morning(day.New(2030, 1, 31), w.p.Location()), *w.p.Next().ActAt, "at nine in New York")
}

func TestAPlanOfALeapDay(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "Pacific/Auckland", noon(2028, 2, 28), func(d *promise.PlanDetails) { d.Unit = promise.Year })
	require.Equal(t, "2028-02-29", w.n(1).DueOn.String(), "it is the 29th there")
	w.runTo(noon(2033, 1, 1))
	require.Equal(t, []string{"2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}, w.chargedOn())
}

func TestAPlanWithAnEndCompletes(t *testing.T) {
	t.Parallel()
	three := 3
	w := newPlan(t, "UTC", noon(2026, 11, 22), func(d *promise.PlanDetails) { d.Count = &three })
	w.runTo(noon(2026, 12, 23))
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 6, 1))
	require.Equal(t, promise.Completed, w.p.Status)
	require.Equal(t, []string{"2026-12-22", "2027-01-22"}, w.chargedOn())
	require.ErrorIs(t, w.p.Skip(w.now), promise.ErrClosed)
}

// pendingPlan is a plan whose first gift is about to be paid, on a page of the gateway.
func pendingPlan(t *testing.T, now time.Time) (promise.Promise, uuid.UUID) {
	t.Helper()
	gift := donation.Donation{OrgID: uuid.New(), ID: id.New[donation.Donation](), Amount: money.New(2000, "USD")}
	p, err := promise.NewPlan(promise.PlanDetails{
		Donation: gift, Unit: promise.Month, Every: 1, Zone: "UTC", Today: day.In(now, time.UTC), Token: uuid.New(),
	}, now)
	require.NoError(t, err)
	return p, gift.ID.UUID
}

func TestAPlanWaitsForItsFirstGift(t *testing.T) {
	t.Parallel()
	now := noon(2026, 11, 22)
	p, gift := pendingPlan(t, now)
	first := p.Instalments[0]
	require.Equal(t, promise.PendingSetup, p.Status)
	require.Equal(t, promise.StepNone, p.NextStep(&first, now.AddDate(0, 0, 6)), "it is paid on the page")
	today := day.New(2026, 11, 22)
	_, byHand := p.TakeByHand(first.ID)
	for _, err := range []error{
		p.Pause(today.AddDays(30), today, now), p.Resume(now), p.Skip(now), p.ChangeDay(5, now), p.ChangeAmount(money.New(500, "USD"), 0, now),
		p.ChargeNow(first.ID, now), byHand,
	} {
		require.ErrorIs(t, err, promise.ErrNotReady)
	}
	require.Nil(t, p.UseCard(uuid.New(), now))
	require.False(t, p.Follow(first.ID, promise.Facts{DonationID: gift, Attempt: 1, State: payment.AttemptExpired}, now))
	require.Equal(t, promise.PendingSetup, p.Status)

	require.True(t, p.Follow(first.ID, promise.Facts{DonationID: gift, Attempt: 1, State: payment.AttemptSucceeded, Received: true, PaidMinor: 2000}, now))
	require.Equal(t, promise.Active, p.Status)
	require.Equal(t, "2026-12-22", p.Next().DueOn.String())
}

func TestAPlanNobodyPaidIsGivenUpAndLateMoneyIsASingleGift(t *testing.T) {
	t.Parallel()
	now := noon(2026, 11, 22)
	p, gift := pendingPlan(t, now)
	first := p.Instalments[0]
	later := now.AddDate(0, 0, 7)
	require.Equal(t, promise.StepDrop, p.NextStep(&first, later))
	require.NoError(t, p.Abandon(later))
	require.Equal(t, promise.Cancelled, p.Status)
	require.Nil(t, p.Next())

	require.True(t, p.Follow(first.ID, promise.Facts{DonationID: gift, Attempt: 1, State: payment.AttemptSucceeded, Received: true, PaidMinor: 2000}, later))
	require.Equal(t, promise.Cancelled, p.Status)
	require.EqualValues(t, 2000, p.Paid().Minor)
	require.Nil(t, p.Next())
}

func TestTheFirstGiftToldAgainDoesNotBringItsCardBack(t *testing.T) {
	t.Parallel()
	now := noon(2026, 11, 22)
	w := newPlan(t, "UTC", now)
	person, card, other := *w.p.PersonID, *w.p.CardID, uuid.New()
	w.p.UseCard(other, now)
	before := w.p.Tried()
	w.p.Activate(uuid.New(), &card, now.AddDate(0, 3, 0))
	require.Equal(t, before, w.p)
	require.Equal(t, other, *w.p.CardID)
	require.Equal(t, person, *w.p.PersonID)
}

func TestAFirstGiftGivenBackAtOnceIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	now := noon(2026, 11, 22)
	p, gift := pendingPlan(t, now)
	first := p.Instalments[0].ID
	require.True(t, p.Follow(first, promise.Facts{DonationID: gift, Attempt: 1, State: payment.AttemptSucceeded, Received: true}, now))
	require.Equal(t, promise.Paid, p.Instalment(first).State)
	require.Zero(t, p.Paid().Minor)
	require.Equal(t, "2026-12-22", p.Next().DueOn.String())
}

func TestARefundedGiftOfAPlanIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.runTo(noon(2027, 1, 1))
	w.giveBack(w.paidFor(2), 500)
	require.Equal(t, int64(1500), w.n(2).PaidMinor)
	require.Equal(t, int64(2000), w.n(2).Amount.Minor)
	w.giveBack(w.paidFor(2), 1500)
	require.Equal(t, promise.Paid, w.n(2).State)
	require.Zero(t, w.n(2).PaidMinor)
	require.Equal(t, promise.Active, w.p.Status)
	w.runTo(noon(2027, 2, 1))
	require.Equal(t, []string{"2026-12-22", "2027-01-22"}, w.chargedOn())
}

func TestALatePlanIsChargedAfterAllButNotLongAfter(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	w.now = noon(2026, 12, 31) // nothing ran for nine days
	w.runTo(w.now)
	require.Equal(t, []string{"2026-12-31"}, w.chargedOn())
	require.Equal(t, "2027-01-22", w.p.Next().DueOn.String(), "the next keeps its date")

	w.now = noon(2027, 4, 3) // nor for more than two months
	w.runTo(w.now)
	require.Len(t, w.charges, 1)
	require.Equal(t, promise.ReasonMissed, w.n(3).Reason)
	require.Equal(t, "2027-04-22", w.p.Next().DueOn.String(), "what was missed is never charged afterwards")
	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-01-22", "2027-02-22", "2027-03-22", "2027-04-22"}, w.dueDates())
	w.runTo(noon(2027, 5, 1))
	require.Equal(t, []string{"2026-12-31", "2027-04-22"}, w.chargedOn())
}

func TestTheNewYearComesWhereTheDonorIs(t *testing.T) {
	t.Parallel()
	east := newPlan(t, "Pacific/Auckland", time.Date(2026, 12, 31, 10, 59, 59, 0, time.UTC))
	require.Equal(t, "2026-12-31", east.n(1).DueOn.String(), "a second before midnight")
	east = newPlan(t, "Pacific/Auckland", time.Date(2026, 12, 31, 11, 0, 0, 0, time.UTC))
	require.Equal(t, "2027-01-01", east.n(1).DueOn.String())
	west := newPlan(t, "Pacific/Honolulu", time.Date(2027, 1, 1, 9, 59, 59, 0, time.UTC))
	require.Equal(t, "2026-12-31", west.n(1).DueOn.String())
	require.Equal(t, "2027-01-31T19:00:00Z", west.p.Next().ActAt.Format(time.RFC3339))
}
