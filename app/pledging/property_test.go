package pledging_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/playing"
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
	*playing.Game
	plans   []id.ID[promise.Promise]
	pledges []id.ID[promise.Promise]
	swept   time.Time // when we last asked Stripe for events that nobody told us
}

func TestNothingIsChargedTwiceAndNothingIsLeftOut(t *testing.T) {
	t.Parallel()
	playing.Play(t, gamesByDefault, func(t *testing.T, seed uint64) {
		opts := []option{startingAt(at("2027-01-28T15:00:00Z"))}
		if seed%3 == 0 {
			opts = append(opts, onAccount("acct_riverbend0000001"))
		}
		if seed%2 == 0 {
			opts = append(opts, booking())
		}
		w := newWorld(t, opts...)
		g := &game{world: w, Game: playing.New(t, seed, 11, w.clock.Now)}
		g.open()
		for range movesPerGame {
			g.move()
		}
		g.comeToRest()
		g.check()
	})
}

// mortal is a context in which we sometimes die between a call to Stripe and the commit of its answer.
func (g *game) mortal() (context.Context, func()) { return g.Mortal(g.t.Context(), g.wire.Tap) }

// runJob runs a job of River by hand: in any order, sometimes twice, sometimes dying.
func (g *game) runJob(ctx context.Context, kind string, args []byte) error {
	switch kind {
	case payment.Reconcile{}.Kind():
		return g.giving.Reconcile(ctx, playing.ArgsOf[payment.Reconcile](args).EventID)
	case payment.Refresh{}.Kind():
		j := playing.ArgsOf[payment.Refresh](args)
		return g.giving.Refresh(ctx, j.OrgID, j.DonationID)
	case payment.SendRefund{}.Kind():
		j := playing.ArgsOf[payment.SendRefund](args)
		return g.giving.SendRefund(ctx, j.OrgID, j.RefundID)
	case payment.ExpirePage{}.Kind():
		j := playing.ArgsOf[payment.ExpirePage](args)
		return g.giving.ExpirePage(ctx, j.OrgID, j.AttemptID)
	case payment.SweepOrganization{}.Kind():
		return g.giving.SweepOrganization(ctx, playing.ArgsOf[payment.SweepOrganization](args).OrgID)
	case promise.FindDueOf{}.Kind():
		return g.pledging.FindDueOf(ctx, playing.ArgsOf[promise.FindDueOf](args).OrgID)
	case promise.Act{}.Kind():
		j := playing.ArgsOf[promise.Act](args)
		return g.pledging.Act(ctx, j.OrgID, j.InstalmentID)
	case promise.ReadCard{}.Kind():
		j := playing.ArgsOf[promise.ReadCard](args)
		return g.pledging.ReadCard(ctx, j.OrgID, j.ObjectID)
	}
	return nil // receipts and mails
}

// work runs one job, and forgets it when it is done; one that failed waits.
func (g *game) work(ctx context.Context, j playing.Job) {
	err := g.runJob(ctx, j.Kind, j.Args)
	if !strings.HasPrefix(j.Kind, "message.") && !strings.HasPrefix(j.Kind, "receipt.") {
		g.Note("job %s %s: %v", j.Kind, j.Args, err)
	}
	if err != nil && ctx.Err() == nil {
		require.ErrorIs(g.t, err, payment.ErrUnavailable, "a job fails only for Stripe's sake")
	}
	if err == nil {
		playing.Forget(g.t, g.jobs, j)
	}
}

func (g *game) runAll() {
	for range 10 {
		jobs := playing.Waiting(g.t, g.jobs)
		g.Rand.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
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
	g.wire.Tap(nil)
	g.sandbox.ClearFaults(0)
	for _, m := range g.sandbox.PaymentMethods(g.account()) {
		if m.Customer != nil {
			require.NoError(g.t, g.sandbox.SetBehaviour(m.ID, visaCard))
		}
	}
	end := g.clock.Now().AddDate(0, 4, 0)
	for !g.clock.Now().After(end) {
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
		g.clock.Set(later(g.clock.Now().Add(time.Minute), next))
	}
	for _, pause := range []time.Duration{26 * time.Hour, 26 * time.Hour, 2 * time.Minute, 2 * time.Minute} { // late fees, refunds and sweeps
		g.clock.Set(g.clock.Now().Add(pause))
		g.sandbox.Sweep()
		require.NoError(g.t, g.sandbox.Settle())
		require.NoError(g.t, g.pledging.FindDue(g.t.Context()))
		g.runAll()
		require.NoError(g.t, g.sandbox.DrainWebhooks(g.t.Context()))
		require.NoError(g.t, g.giving.Sweep(g.t.Context()))
		g.runAll()
	}
	require.Empty(g.t, playing.Waiting(g.t, g.jobs))
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
		require.True(g.t, last.ActAt.After(g.clock.Now()), "the next date of %s lies ahead: %s", p.Reference, last.DueOn)
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
