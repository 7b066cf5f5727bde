package pledging_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// The game: donors, staff, banks, Stripe, its network, our jobs and the clock act in random order, and now and then we die between a call
// and its commit. PROPERTY_CHECKS is how many games are played, PROPERTY_SEED the seed of the first.
const (
	gamesByDefault = 5
	movesPerGame   = 90
)

// game is one world with what its players know.
type game struct {
	*world
	rng     *rand.Rand
	plans   []id.ID[promise.Promise]
	pledges []id.ID[promise.Promise]
	trail   []string
	swept   time.Time // when we last asked Stripe for events that nobody told us
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func TestNothingIsChargedTwiceAndNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	first := setting("PROPERTY_SEED", 1)
	for n := range setting("PROPERTY_CHECKS", gamesByDefault) {
		seed := uint64(first + n)
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			opts := []option{startingAt(at("2027-01-28T15:00:00Z"))}
			if seed%3 == 0 {
				opts = append(opts, onAccount("acct_riverbend0000001"))
			}
			if seed%2 == 0 {
				opts = append(opts, booking())
			}
			g := &game{world: newWorld(t, opts...), rng: rand.New(rand.NewPCG(seed, 11))}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("PROPERTY_SEED=%d PROPERTY_CHECKS=1, what happened:\n%s", seed, strings.Join(g.trail, "\n"))
				}
			})
			g.open()
			for range movesPerGame {
				g.move()
			}
			g.comeToRest()
			g.check()
		})
	}
}

func (g *game) note(format string, args ...any) {
	g.trail = append(g.trail, fmt.Sprintf("%s %s", g.clock.now().Format("01-02T15:04:05"), fmt.Sprintf(format, args...)))
}

// pick chooses one of them; ok is false when there is none.
func pick[T any](g *game, from []T) (one T, ok bool) {
	if len(from) == 0 {
		return one, false
	}
	return from[g.rng.IntN(len(from))], true
}

func (g *game) chance(percent int) bool { return g.rng.IntN(100) < percent }

// mortal is a context in which we sometimes die: right after the answer to one of the next calls to Stripe, before anything of it is
// committed.
func (g *game) mortal() (context.Context, func()) {
	ctx, die := context.WithCancel(g.t.Context())
	if !g.chance(20) {
		return ctx, die
	}
	calls := g.rng.IntN(3)
	g.wire.tap(func() {
		if calls--; calls < 0 {
			die()
		}
	})
	return ctx, func() { g.wire.tap(nil); die() }
}

// runJob runs a job of River by hand: in any order, sometimes twice, sometimes dying.
func (g *game) runJob(ctx context.Context, kind string, args []byte) error {
	switch kind {
	case payment.Reconcile{}.Kind():
		return g.giving.Reconcile(ctx, of[payment.Reconcile](args).EventID)
	case payment.Refresh{}.Kind():
		j := of[payment.Refresh](args)
		return g.giving.Refresh(ctx, j.OrgID, j.DonationID)
	case payment.SendRefund{}.Kind():
		j := of[payment.SendRefund](args)
		return g.giving.SendRefund(ctx, j.OrgID, j.RefundID)
	case payment.ExpirePage{}.Kind():
		j := of[payment.ExpirePage](args)
		return g.giving.ExpirePage(ctx, j.OrgID, j.AttemptID)
	case payment.SweepOrganization{}.Kind():
		return g.giving.SweepOrganization(ctx, of[payment.SweepOrganization](args).OrgID)
	case promise.FindDueOf{}.Kind():
		return g.pledging.FindDueOf(ctx, of[promise.FindDueOf](args).OrgID)
	case promise.Act{}.Kind():
		j := of[promise.Act](args)
		return g.pledging.Act(ctx, j.OrgID, j.InstalmentID)
	case promise.ReadCard{}.Kind():
		j := of[promise.ReadCard](args)
		return g.pledging.ReadCard(ctx, j.OrgID, j.ObjectID)
	}
	return nil // receipts and mails
}

func of[T any](args []byte) (job T) {
	if err := json.Unmarshal(args, &job); err != nil {
		panic(err)
	}
	return job
}

type waiting struct {
	id   int64
	kind string
	args []byte
}

func (g *game) waiting() (jobs []waiting) {
	rows, err := g.jobs.Pool().Query(context.Background(), "select id, kind, args from river_job where finalized_at is null order by id")
	require.NoError(g.t, err)
	defer rows.Close()
	for rows.Next() {
		var j waiting
		require.NoError(g.t, rows.Scan(&j.id, &j.kind, &j.args))
		jobs = append(jobs, j)
	}
	require.NoError(g.t, rows.Err())
	return jobs
}

// work runs one job, and forgets it when it is done; one that failed waits.
func (g *game) work(ctx context.Context, j waiting) {
	err := g.runJob(ctx, j.kind, j.args)
	if !strings.HasPrefix(j.kind, "message.") && !strings.HasPrefix(j.kind, "receipt.") {
		g.note("job %s %s: %v", j.kind, j.args, err)
	}
	if err != nil && ctx.Err() == nil {
		require.ErrorIs(g.t, err, payment.ErrUnavailable, "a job fails only for Stripe's sake")
	}
	if err == nil {
		_, err := g.jobs.Pool().Exec(context.Background(), "delete from river_job where id = $1", j.id)
		require.NoError(g.t, err)
	}
}

func (g *game) runAll() {
	for range 10 {
		jobs := g.waiting()
		g.rng.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
		for _, j := range jobs {
			g.work(g.t.Context(), j)
		}
		if len(jobs) == 0 {
			return
		}
	}
}

// comeToRest ends all disturbances and lets four months pass, alarm by alarm, with every card paying.
func (g *game) comeToRest() {
	g.wire.tap(nil)
	g.sandbox.ClearFaults(0)
	for _, m := range g.sandbox.PaymentMethods(g.account()) {
		if m.Customer != nil {
			require.NoError(g.t, g.sandbox.SetBehaviour(m.ID, visaCard))
		}
	}
	end := g.clock.now().AddDate(0, 4, 0)
	for !g.clock.now().After(end) {
		g.sandbox.Sweep()
		require.NoError(g.t, g.sandbox.Settle())
		require.NoError(g.t, g.sandbox.DrainWebhooks(g.t.Context()))
		g.runAll()
		require.NoError(g.t, g.pledging.FindDue(g.t.Context()))
		g.runAll()
		g.sweep()
		next, ok := g.nextAlarm()
		if !ok || next.After(end) {
			next = end.Add(time.Second)
		}
		g.clock.set(later(g.clock.now().Add(time.Minute), next))
	}
	for _, pause := range []time.Duration{26 * time.Hour, 26 * time.Hour, 2 * time.Minute, 2 * time.Minute} { // late fees, refunds and sweeps
		g.clock.set(g.clock.now().Add(pause))
		g.sandbox.Sweep()
		require.NoError(g.t, g.sandbox.Settle())
		require.NoError(g.t, g.pledging.FindDue(g.t.Context()))
		g.runAll()
		require.NoError(g.t, g.sandbox.DrainWebhooks(g.t.Context()))
		require.NoError(g.t, g.giving.Sweep(g.t.Context()))
		g.runAll()
	}
	require.Empty(g.t, g.waiting())
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// collected is what the gifts of one instalment brought, as our books and Stripe's have it.
type collected struct {
	net     int64 // of all gifts, without cover
	charges int   // that succeeded and were not wholly given back
}

// check compares what we say was paid with what Stripe charged (PAYMENTS section 6).
func (g *game) check() {
	byInstalment := g.collected()
	paid, brought := int64(0), int64(0)
	for _, c := range byInstalment {
		brought += c.net
	}
	for _, of := range append(append([]id.ID[promise.Promise]{}, g.plans...), g.pledges...) {
		p := g.promise(of)
		for _, i := range p.Instalments {
			c := byInstalment[i.ID.UUID]
			require.Equal(g.t, c.net, i.PaidMinor, "instalment %d of %s is paid what its gifts brought", i.N, p.Reference)
			require.LessOrEqual(g.t, c.charges, 1, "instalment %d of %s is charged once", i.N, p.Reference)
			require.False(g.t, i.State.InFlight() || i.State == promise.Due, "instalment %d of %s is %s", i.N, p.Reference, i.State)
			paid += i.PaidMinor
		}
		if p.Kind == promise.Plan {
			g.checkPlan(p)
		} else {
			g.checkPledge(p)
		}
	}
	require.Equal(g.t, brought, paid)
	require.Equal(g.t, g.atStripe()+g.byHand(), paid, "what was paid is what Stripe charged less what went back, and the cheques")
	require.Equal(g.t, g.sandbox.Balance(g.account())["usd"], g.balance(ledger.StripeClearing), "what Stripe holds is what we say it holds")
	g.checkAttempts()
}

// checkPlan requires that no date of a plan is left out: each has come to an end, but for the one that is waiting.
func (g *game) checkPlan(p promise.Promise) {
	for k, i := range p.Instalments {
		require.Equal(g.t, k+1, i.N, "no number of %s is missing", p.Reference)
		if k > 0 {
			require.True(g.t, i.DueOn.After(p.Instalments[k-1].DueOn), "dates of %s go forward: %s", p.Reference, i.DueOn)
		}
	}
	last := p.Instalments[len(p.Instalments)-1]
	switch p.Status {
	case promise.Active, promise.PastDue:
		require.True(g.t, last.State.Open(), "%s goes on: %s", p.Reference, g.states(p.ID))
		require.NotNil(g.t, last.ActAt)
		require.True(g.t, last.ActAt.After(g.clock.now()), "the next date of %s lies ahead: %s", p.Reference, last.DueOn)
	case promise.PendingSetup, promise.NeedsPaymentMethod, promise.Lapsed, promise.Cancelled, promise.Completed:
	default:
		require.Fail(g.t, "a plan cannot be", "%s", p.Status)
	}
}

// checkPledge requires that what is asked for and what came make up the whole pledge, and that the books carry it.
func (g *game) checkPledge(p promise.Promise) {
	waived, planned := int64(0), int64(0)
	for _, i := range p.Instalments {
		planned += i.PlannedMinor
		if i.State == promise.Waived {
			waived += i.Amount.Minor
		}
	}
	expected := int64(0)
	if p.Status.Open() {
		expected = max(p.Amount.Minor-p.Paid().Minor-waived, 0)
		require.Equal(g.t, expected, p.Owed().Minor, "%s: %s", p.Reference, g.states(p.ID))
	}
	if p.Books && p.Status != promise.PendingSetup {
		require.Equal(g.t, expected, p.BookedMinor)
	}
}

func (g *game) collected() map[uuid.UUID]collected {
	all := map[uuid.UUID]collected{}
	g.query(`select d.instalment_id, d.amount_minor - d.refunded_minor + coalesce((select sum(r.cover_minor) from refunds r where r.donation_id = d.id
			and r.status in ('pending', 'requires_action', 'succeeded')), 0),
			(select count(*) from payments p where p.donation_id = d.id and p.status = 'succeeded' and p.amount_minor > coalesce((select sum(r.amount_minor)
				from refunds r where r.charge_id = p.charge_id and r.status in ('pending', 'requires_action', 'succeeded')), 0))
		from donations d where d.status in ('succeeded', 'recorded', 'partially_refunded', 'refunded')`, func(scan func(...any) error) error {
		var of uuid.UUID
		var net int64
		var charges int
		err := scan(&of, &net, &charges)
		c := all[of]
		all[of] = collected{c.net + net, c.charges + charges}
		return err
	})
	return all
}

// atStripe is what Stripe charged and did not give back, without what donors added for the fee.
func (g *game) atStripe() (minor int64) {
	for _, c := range g.sandbox.Charges(g.account()) {
		if c.Status == "succeeded" {
			minor += c.Amount
		}
	}
	for _, r := range g.sandbox.Refunds(g.account()) {
		if r.Status != "failed" && r.Status != "canceled" {
			minor -= r.Amount
		}
	}
	covers := int64(0)
	g.query(`select coalesce(sum(d.cover_minor - coalesce((select sum(r.cover_minor) from refunds r where r.donation_id = d.id
			and r.status in ('pending', 'requires_action', 'succeeded')), 0)), 0)
		from donations d where d.method = 'card' and d.status in ('succeeded', 'partially_refunded', 'refunded')`,
		func(scan func(...any) error) error { return scan(&covers) })
	return minor - covers
}

func (g *game) byHand() (minor int64) {
	g.query("select coalesce(sum(amount_minor - refunded_minor), 0) from donations where method <> 'card' and status <> 'cancelled'",
		func(scan func(...any) error) error { return scan(&minor) })
	return minor
}

// checkAttempts requires that every attempt has come to an end, and made one payment at Stripe at most.
func (g *game) checkAttempts() {
	made := map[string]int{}
	for _, pi := range g.sandbox.PaymentIntents(g.account()) {
		if pi.Metadata["instalment"] != "" {
			made[pi.Metadata["instalment"]+":"+pi.Metadata["attempt"]]++
		}
	}
	for key, n := range made {
		require.Equal(g.t, 1, n, "attempt %s was sent under one key", key)
	}
	require.Zero(g.t, g.countWhere("payment_attempts", "kind = 'charge' and state in ('created', 'unknown', 'processing')"))
}

func (g *game) query(sql string, each func(scan func(...any) error) error) {
	g.t.Helper()
	g.inTx(func(tx database.Tx) error {
		rows, err := tx.Query(context.Background(), sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}
