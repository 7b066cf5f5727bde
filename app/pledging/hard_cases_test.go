package pledging_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/database"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// Which test shows which of the hard cases (PAYMENTS section 6) that are about charging a saved card, and of the bad days of promises.
//
//	 8    killed after Stripe's answer            TestAProcessKilledAroundTheCallChargesOnce
//	 9    an answer lost                          TestAnAnswerThatIsLostIsAskedForAgain
//	10    a 500 kept under the key                TestAChargeBehindAStoredFailureIsFound
//	11    unknown for longer than the key lives   TestAChargeUnknownForADayIsLookedForAndNeverRepeatedBlindly
//	12    two workers on one instalment           TestManyWorkersOnOneInstalmentChargeOnce
//	13    other parameters after a deploy         TestAStoredChargeIsResentAsItWas
//	14    409, 429, 503                           TestStripeAskingForPatienceIsGivenIt
//	20    authentication, mail, paid; a retry     TestABankThatWantsToSeeTheDonorIsNotAskedAgainWithoutThem
//	31    clocks, zones, year end                 TestAClockThatGoesBackChargesNothingTwice, TestNineInTheMorningWhenTheClocksChange,
//	                                              TestYearEndFromOneEndOfTheWorldToTheOther
//	32    31 January, 29 February                 TestThreeYearsOfAPlanFromTheLastOfJanuary, TestAYearlyPlanFromTheLeapDay
//	33    changes while an attempt is in flight   TestWhatChangesWhileAChargeIsUnderWay, TestAPauseOverADueDateIsNotChargedAfterwards
//	      a card replaced while a retry waits     TestACardReplacedWhileARetryWaitsIsChargedOnce
//	      paid by hand during dunning             TestADonorWhoPaysInMoreThanOneWayDuringDunningPaysOnce
//	      a person being anonymised               TestAPersonBeingForgottenIsNotChargedAgain
//	      Stripe down for a day                   TestStripeDownForADayChargesEverythingOnce
//	      any of these, at random                 TestNothingIsChargedTwiceAndNothingIsLeftOut

const charging = "POST /v1/payment_intents"

// due is a plan whose second payment is due right now, and that instalment.
func (w *world) duePlan() (plan id.ID[promise.Promise], instalment uuid.UUID) {
	w.t.Helper()
	plan = w.plan()
	w.clock.Set(at("2026-12-22T14:00:00Z"))
	return plan, w.promise(plan).Instalments[1].ID.UUID
}

func (w *world) fault(f stripesandbox.Fault) {
	w.t.Helper()
	_, err := w.sandbox.Inject(f)
	require.NoError(w.t, err)
}

func TestAProcessKilledAroundTheCallChargesOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		plan func(w *world, kill func() error)
	}{
		{"before the call arrives", func(w *world, kill func() error) { w.whenCalled(charging, kill) }},
		{"after Stripe charged", func(w *world, kill func() error) { w.whenAnswered(charging, kill) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			plan, instalment := w.duePlan()
			w.sandbox.PauseWebhooks(true)
			ctx, kill := context.WithCancel(t.Context())
			tc.plan(w, func() error {
				kill()
				return context.Canceled
			})
			require.Error(t, w.pledging.Act(ctx, w.org.ID.UUID, instalment))
			require.Equal(t, "paid attempting", w.states(plan))

			w.look()
			require.Equal(t, "paid attempting", w.states(plan), "not at once: the call may still be on its way")
			w.pass(15 * time.Minute)
			require.Equal(t, "paid×2 scheduled", w.states(plan))
			require.Len(t, w.charged(), 2)
			require.Equal(t, 1, w.countWhere("payment_attempts", "kind = 'charge'"), "no new key")
			w.sandbox.PauseWebhooks(false)
			w.settle()
			require.Equal(t, map[donation.Status]int{donation.Succeeded: 2}, w.donations())
		})
	}
}

func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultReset, Match: charging})
	w.look()
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
}

func TestAChargeBehindAStoredFailureIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	w.sandbox.PauseWebhooks(true)
	w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: charging})
	w.look()
	require.Equal(t, "paid unknown", w.states(plan))
	require.Len(t, w.charged(), 2, "Stripe charged behind its failure")
	require.Equal(t, promise.Active, w.promise(plan).Status, "unknown is not failed")
	require.Equal(t, []string{"plan.started"}, w.sent(), "the donor is not told that it failed")

	w.pass(time.Hour)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
	require.Equal(t, 1, w.wire.Count(charging), "it was found in Stripe's list")
}

func TestAnEventTellsWhatTheAnswerDidNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: charging})
	w.look()
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Equal(t, 1, w.wire.Count(charging))
}

func TestAFailureThatChargedNothingIsSentAgainUnderTheSameKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Match: charging})
	w.look()
	require.Equal(t, "paid unknown", w.states(plan))
	w.pass(2 * time.Hour)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
	require.Equal(t, 1, w.countWhere("payment_attempts", "kind = 'charge'"))
}

func TestAQuestionThatIsRefusedSaysNothingOfTheCharge(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 404} {
		w := newWorld(t)
		plan, _ := w.duePlan()
		w.sandbox.PauseWebhooks(true)
		w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: charging})
		w.look()
		w.whenCalled("GET /v1/payment_intents", func() error { return scene.Refusal{Status: status, Type: "invalid_request_error"} })
		w.pass(12 * time.Minute)
		require.Equal(t, "paid unknown", w.states(plan), "Stripe charged, whatever it says of the list")

		w.pass(time.Hour)
		require.Equal(t, "paid×2 scheduled", w.states(plan))
		require.Len(t, w.charged(), 2)
		require.NotContains(t, w.sent(), "card.needed")
	}
}

func TestAChargeUnknownForADayIsLookedForAndNeverRepeatedBlindly(t *testing.T) {
	t.Parallel()
	for _, charged := range []bool{true, false} {
		t.Run(fmt.Sprintf("charged %v", charged), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			plan, _ := w.duePlan()
			w.sandbox.PauseWebhooks(true)
			if charged {
				w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: charging})
			}
			w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 429, Count: 10_000, Match: "/v1/"})
			w.until(at("2026-12-23T15:00:00Z"))
			require.Equal(t, "paid unknown", w.states(plan))

			w.sandbox.ClearFaults(0)
			calls := w.wire.Count(charging)
			w.pass(2 * time.Hour)
			require.Equal(t, "paid×2 scheduled", w.states(plan))
			require.Len(t, w.charged(), 2)
			attempts := 2
			if charged {
				attempts = 1
				require.Equal(t, calls, w.wire.Count(charging), "nothing is sent under a key that Stripe may have forgotten")
			}
			require.Equal(t, attempts, w.countWhere("payment_attempts", "kind = 'charge'"))
			require.NotContains(t, w.sent(), "payment.declined")
		})
	}
}

func TestManyWorkersOnOneInstalmentChargeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, instalment := w.duePlan()
	var group sync.WaitGroup
	errs := make(chan error, 12)
	for range 12 {
		group.Go(func() { errs <- w.pledging.Act(context.Background(), w.org.ID.UUID, instalment) })
	}
	group.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	w.look()
	require.Equal(t, 1, w.wire.Count(charging))
	require.Equal(t, 1, w.countWhere("payment_attempts", "kind = 'charge'"))
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
}

func TestAStoredChargeIsResentAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, instalment := w.duePlan()
	ctx, kill := context.WithCancel(t.Context())
	w.whenCalled(charging, func() error {
		kill()
		return context.Canceled
	})
	require.Error(t, w.pledging.Act(ctx, w.org.ID.UUID, instalment))
	w.exec("update campaigns set title = 'Another name'")
	_, err := w.pledging.ChangeAmount(w.owner, w.org.ID.UUID, plan, 0, dollars(99_00), false)
	require.NoError(t, err)
	w.pass(time.Hour)
	require.Equal(t, []int64{2500, 2500}, w.charged())
	intents := w.sandbox.PaymentIntents("")
	require.Equal(t, "Gift to Rebuild the library", *intents[len(intents)-1].Description)
}

func TestStripeAskingForPatienceIsGivenIt(t *testing.T) {
	t.Parallel()
	for _, f := range []stripesandbox.Fault{
		{Status: 409, Count: 20}, {Status: 429, Count: 3}, {Status: 429, Code: "lock_timeout", Count: 20}, {Status: 503, Count: 20},
	} {
		t.Run(fmt.Sprint(f.Status, f.Code), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			plan, _ := w.duePlan()
			f.Kind, f.Match = stripesandbox.FaultError, charging
			w.fault(f)
			w.look()
			require.Equal(t, "paid unknown", w.states(plan))
			w.sandbox.ClearFaults(0)
			w.pass(2 * time.Hour)
			require.Equal(t, "paid×2 scheduled", w.states(plan))
			require.Len(t, w.charged(), 2)
			require.Equal(t, 1, w.countWhere("payment_attempts", "kind = 'charge'"))
		})
	}
}

func TestWhatChangesWhileAChargeIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		edit  func(w *world, plan id.ID[promise.Promise]) error
		want  string
		later []int64 // what is charged afterwards, until the end of February
	}{
		{"amount", func(w *world, plan id.ID[promise.Promise]) error {
			_, err := w.pledging.ChangeAmount(w.owner, w.org.ID.UUID, plan, 0, dollars(40_00), false)
			return err
		}, "paid×2 scheduled", []int64{4000, 4000}},
		{"pause", func(w *world, plan id.ID[promise.Promise]) error {
			_, err := w.pledging.Pause(w.owner, w.org.ID.UUID, plan, 0, date("2027-02-01"))
			return err
		}, "paid×2 skipped scheduled", []int64{2500}},
		{"cancel", func(w *world, plan id.ID[promise.Promise]) error {
			_, err := w.pledging.Cancel(w.owner, w.org.ID.UUID, plan, 0, "")
			return err
		}, "paid×2", nil},
		{"skip", func(w *world, plan id.ID[promise.Promise]) error {
			_, err := w.pledging.Skip(w.owner, w.org.ID.UUID, plan, 0)
			require.ErrorIs(w.t, err, promise.ErrInFlight)
			return nil
		}, "paid×2 scheduled", []int64{2500, 2500}},
		{"day", func(w *world, plan id.ID[promise.Promise]) error {
			_, err := w.pledging.ChangeDay(w.owner, w.org.ID.UUID, plan, 0, 5)
			return err
		}, "paid×2 scheduled", []int64{2500, 2500}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			plan, _ := w.duePlan()
			w.whenCalled(charging, func() error {
				require.Equal(t, "paid attempting", w.states(plan))
				return tc.edit(w, plan)
			})
			w.look()
			require.Equal(t, tc.want, w.states(plan))
			require.Equal(t, []int64{2500, 2500}, w.charged(), "what is under way keeps its amount")
			w.until(at("2027-02-28T00:00:00Z"))
			require.Equal(t, append([]int64{2500, 2500}, tc.later...), w.charged())
		})
	}
}

func TestADeclineAfterTheDonorCancelledEndsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	w.declines(plan, "insufficient_funds", 1)
	w.whenCalled(charging, func() error {
		_, err := w.pledging.Cancel(w.owner, w.org.ID.UUID, plan, 0, "")
		return err
	})
	w.look()
	require.Equal(t, "paid cancelled", w.states(plan))
	w.until(at("2027-02-28T00:00:00Z"))
	require.Len(t, w.charged(), 1)
	require.Equal(t, []string{"plan.started", "plan.cancelled"}, w.sent())
}

func TestAPersonBeingForgottenIsNotChargedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	who := w.personOf(plan)
	w.whenCalled(charging, func() error {
		return w.db.InTx(t.Context(), database.Tenant(w.org.ID.UUID), func(tx database.Tx) error {
			return w.pledging.EraseTx(t.Context(), tx, w.org.ID.UUID, who.ID.UUID)
		})
	})
	w.look()
	require.Equal(t, "paid×2", w.states(plan), "what was under way counts")
	require.Equal(t, promise.Cancelled, w.promise(plan).Status)
	w.until(at("2027-06-01T00:00:00Z"))
	require.Len(t, w.charged(), 2)
	require.Equal(t, []string{"plan.started"}, w.sent(), "nobody is written to")
	require.Empty(t, w.promise(plan).DonorEmail)
	require.Zero(t, w.countWhere("saved_cards", "last4 <> '' and detached_at is null"))
}

func TestStripeDownForADayChargesEverythingOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const plans = 12
	all := make([]id.ID[promise.Promise], plans)
	for n := range all {
		all[n] = w.plan(func(r *donation.CheckoutRequest) { r.Email = fmt.Sprintf("donor%d@example.org", n) })
	}
	w.until(at("2026-12-22T13:00:00Z"))
	w.fault(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 429, Count: 10_000, Match: "/v1/"})
	w.until(at("2026-12-23T13:00:00Z"))
	require.Len(t, w.charged(), plans)
	for _, plan := range all {
		require.Equal(t, "paid unknown", w.states(plan))
	}
	w.sandbox.ClearFaults(0)
	w.pass(3 * time.Hour)
	require.Len(t, w.charged(), 2*plans)
	for _, plan := range all {
		require.Equal(t, "paid×2 scheduled", w.states(plan))
		require.Equal(t, date("2027-01-22"), w.pending(w.promise(plan)).DueOn)
	}
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 2 * plans}, w.donations())
}

func TestAJobThatGotLostIsMadeUpFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, _ := w.duePlan()
	require.NoError(t, w.pledging.FindDueOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, "paid due", w.states(plan))
	require.NoError(t, w.pledging.FindDueOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, 1, queuetest.Waiting(t, w.jobs, promise.Act{}.Kind()), "claimed once")
	_, err := w.jobs.Pool().Exec(t.Context(), "delete from river_job where kind = 'promise.act'")
	require.NoError(t, err)
	w.pass(7 * time.Hour)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
}

func TestALongMorningIsClaimedInBatchesThatLetOthersPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"), func(d *promise.PledgeDetails) { d.RemindAtMost = 0 })
	w.exec(`insert into instalments (org_id, id, promise_id, n, due_on, planned_minor, amount_minor, amount_currency, state, act_at, created_at, updated_at)
		select org_id, gen_random_uuid(), promise_id, g, due_on, 0, 100, 'USD', 'scheduled', created_at, created_at, created_at
		from instalments, generate_series(10, 5610) g where n = 1`)
	require.NoError(t, w.pledging.FindDueOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, 5601, w.countWhere("instalments", "state = 'due'"))
	byPriority := map[int]int{}
	rows, err := w.jobs.Pool().Query(t.Context(), "select priority, count(*) from river_job where kind = 'promise.act' group by 1")
	require.NoError(t, err)
	for rows.Next() {
		var priority, n int
		require.NoError(t, rows.Scan(&priority, &n))
		byPriority[priority] = n
	}
	require.NoError(t, rows.Err())
	require.Equal(t, map[int]int{2: 500, 3: 4500, 4: 601}, byPriority)
	require.NoError(t, w.pledging.FindDueOf(t.Context(), w.org.ID.UUID))
	require.Equal(t, 5601, queuetest.Waiting(t, w.jobs, promise.Act{}.Kind()))
	require.NotEqual(t, promise.Cancelled, w.promise(pledge).Status)
}

func TestOneThatFailsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := w.plan()
	other := w.plan(func(r *donation.CheckoutRequest) { r.Email = "ada@example.org" })
	w.exec("update saved_cards set payment_method_id = 'pm_nobody' where id = $1", w.card(broken).ID)
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "paid failed", w.states(broken))
	require.Equal(t, "no_such_payment_method", w.promise(broken).Instalments[1].DeclineCode)
	require.Equal(t, "paid×2 scheduled", w.states(other))
}
