package pledging_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/promise"
)

// dates are the dates of a promise's instalments that were paid.
func (w *world) paidDates(of id.ID[promise.Promise]) (dates []string) {
	w.t.Helper()
	for _, i := range w.promise(of).Instalments {
		if i.State == promise.Paid {
			dates = append(dates, i.DueOn.String())
		}
	}
	return dates
}

// chargedAt is when the card was charged, as Stripe tells it, in the promise's zone.
func (w *world) chargedAt(of id.ID[promise.Promise]) (times []string) {
	w.t.Helper()
	var rows []donation.Donation
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("instalment_id in (select id from instalments where promise_id = ?)", of).
			Order("succeeded_at").Find(&rows).Error
	})
	p := w.promise(of)
	for _, d := range rows {
		require.NotNil(w.t, d.SucceededAt)
		times = append(times, d.SucceededAt.In(p.Location()).Format("2006-01-02 15:04"))
	}
	return times
}

func TestThreeYearsOfAPlanFromTheLastOfJanuary(t *testing.T) {
	t.Parallel()
	w := newWorld(t, startingAt(at("2027-01-31T17:00:00Z")))
	plan := w.plan()
	w.until(at("2030-01-30T00:00:00Z"))

	require.Equal(t, []string{
		"2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31", "2027-08-31", "2027-09-30", "2027-10-31", "2027-11-30", "2027-12-31",
		"2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31", "2028-06-30", "2028-07-31", "2028-08-31", "2028-09-30", "2028-10-31", "2028-11-30", "2028-12-31",
		"2029-01-31", "2029-02-28", "2029-03-31", "2029-04-30", "2029-05-31", "2029-06-30", "2029-07-31", "2029-08-31", "2029-09-30", "2029-10-31", "2029-11-30", "2029-12-31",
	}, w.paidDates(plan))
	require.Equal(t, "paid×36 scheduled", w.states(plan))
	require.Len(t, w.charged(), 36)
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 36}, w.donations())
	times := w.chargedAt(plan)
	require.Len(t, times, 36)
	for n, on := range w.paidDates(plan)[1:] {
		require.Equal(t, on+" 09:00", times[n+1], "at nine in the donor's morning, in summer and winter")
	}
	require.EqualValues(t, 36*25_00, -w.balance(ledger.Income))
	require.Equal(t, w.sandbox.Balance("")["usd"], w.balance(ledger.StripeClearing), "the books agree with Stripe to the cent")
	require.Equal(t, []string{"plan.started"}, w.sent())
	require.Equal(t, 35, w.wire.Count("POST /v1/payment_intents"))
}

func TestAYearlyPlanFromTheLeapDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, startingAt(at("2028-02-29T17:00:00Z")))
	plan, session := w.begin(w.monthlyForm())
	w.exec("update promises set unit = 'year'")
	w.pay(session, visaCard)
	w.until(at("2033-01-01T00:00:00Z"))
	require.Equal(t, []string{"2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"}, w.paidDates(plan))
	require.Len(t, w.charged(), 5)
}

func TestAWeeklyPlanOverAYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, startingAt(at("2027-01-04T17:00:00Z")))
	plan, session := w.begin(w.monthlyForm())
	w.exec("update promises set unit = 'week', every = 2")
	w.pay(session, visaCard)
	w.until(at("2028-01-04T00:00:00Z"))
	require.Len(t, w.charged(), 27)
	require.Equal(t, "paid×27 scheduled", w.states(plan))
}

func TestAPlanWithAnEndIsCompleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, session := w.begin(w.monthlyForm())
	w.exec("update promises set count = 3")
	w.pay(session, visaCard)
	w.until(at("2027-06-01T00:00:00Z"))
	require.Equal(t, "paid×3", w.states(plan))
	require.Equal(t, promise.Completed, w.promise(plan).Status)
	require.Len(t, w.charged(), 3)
}

func TestYearEndFromOneEndOfTheWorldToTheOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, startingAt(at("2026-11-30T12:00:00Z")))
	early := w.plan(func(r *donation.CheckoutRequest) { r.Zone = "Pacific/Auckland" })                            // the first of December there
	late := w.plan(func(r *donation.CheckoutRequest) { r.Zone, r.Email = "Pacific/Honolulu", "ada@example.org" }) // still the thirtieth
	w.until(at("2027-01-02T00:00:00Z"))
	require.Equal(t, []string{"2026-12-01", "2027-01-01"}, w.paidDates(early))
	require.Equal(t, []string{"2026-12-01 01:00", "2027-01-01 09:00"}, w.chargedAt(early))
	require.Equal(t, []string{"2026-11-30", "2026-12-30"}, w.paidDates(late))
	require.Equal(t, []string{"2026-11-30 02:00", "2026-12-30 09:00"}, w.chargedAt(late))
	// The receipt's year is decided where the organization is: nine in Auckland is still the year before in New York.
	require.Equal(t, date("2026-12-31"), *w.giftOf(early, 2).ReceivedOn)
	require.Equal(t, date("2026-12-30"), *w.giftOf(late, 2).ReceivedOn)
}

func TestNineInTheMorningWhenTheClocksChange(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Australia/Lord_Howe", "America/Santiago"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, startingAt(at("2027-02-14T17:00:00Z")))
			plan := w.plan(func(r *donation.CheckoutRequest) { r.Zone = zone })
			w.until(at("2028-02-20T00:00:00Z"))
			times := w.chargedAt(plan)
			require.Len(t, times, 13)
			for n, on := range w.paidDates(plan)[1:] {
				require.Equal(t, on+" 09:00", times[n+1])
			}
		})
	}
}

func TestAPauseOverADueDateIsNotChargedAfterwards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.until(at("2026-12-23T00:00:00Z"))
	_, err := w.pledging.Pause(w.owner, w.org.ID.UUID, plan, 0, date("2027-03-10"))
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "is paused until March 10, 2027")
	require.Contains(t, w.lastMail().Text, "Next payment: $25.00 on March 22, 2027")
	w.until(at("2027-04-01T00:00:00Z"))
	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-03-22"}, w.paidDates(plan))
	require.Len(t, w.charged(), 3)
	require.Equal(t, "paid×2 skipped×2 paid scheduled", w.states(plan))
}

func TestWhatADonorChangesTakesEffectExactlyAsTheMailSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, org := w.plan(), w.org.ID.UUID

	_, err := w.pledging.ChangeAmount(w.owner, org, plan, 0, dollars(40_00), false)
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "is $40.00 from now on")
	require.Contains(t, w.lastMail().Text, "Next payment: $40.00 on December 22, 2026")
	w.until(at("2026-12-23T00:00:00Z"))

	_, err = w.pledging.ChangeDay(w.owner, org, plan, 0, 31)
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "is charged every month on the 31st, or on the last day of a shorter month")
	require.Contains(t, w.lastMail().Text, "Next payment: $40.00 on January 31, 2027")
	w.until(at("2027-03-01T00:00:00Z"))

	_, err = w.pledging.Skip(w.owner, org, plan, 0)
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "Next payment: $40.00 on April 30, 2027")
	w.until(at("2027-05-01T00:00:00Z"))

	_, err = w.pledging.Pause(w.owner, org, plan, 0, date("2027-08-15"))
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "Next payment: $40.00 on August 31, 2027")
	w.until(at("2027-06-15T00:00:00Z"))
	_, err = w.pledging.Resume(w.owner, org, plan, 0)
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "Next payment: $40.00 on June 30, 2027")
	w.until(at("2027-07-01T15:00:00Z"))

	_, err = w.pledging.Cancel(w.owner, org, plan, 0, "Moving away")
	require.NoError(t, err)
	require.Contains(t, w.lastMail().Text, "has ended. Nothing more will be charged")
	w.until(at("2028-01-01T00:00:00Z"))

	require.Equal(t, []string{"2026-11-22", "2026-12-22", "2027-01-31", "2027-02-28", "2027-04-30", "2027-06-30"}, w.paidDates(plan))
	require.Equal(t, []int64{2500, 4000, 4000, 4000, 4000, 4000}, w.charged())
	require.Equal(t, promise.Cancelled, w.promise(plan).Status)
	_, waits := w.nextAlarm()
	require.False(t, waits)
}

func TestAClockThatGoesBackChargesNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.until(at("2026-12-22T14:00:00Z"))
	for _, off := range []time.Duration{-10 * time.Minute, 10 * time.Minute, -24 * time.Hour, 0} {
		w.clock.Set(at("2026-12-22T14:00:00Z").Add(off))
		w.look()
		require.Len(t, w.charged(), 2, off)
		require.Equal(t, "paid×2 scheduled", w.states(plan))
	}
}
