package giving_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest/playing"
	"tributary/app/platform/database"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/receipt"
)

// The game: donors, staff, Stripe, its network, our jobs and the clock act in random order, and now and then we die between a call and its
// commit. PROPERTY_CHECKS is how many games are played, PROPERTY_SEED the seed of the first.
const (
	gamesByDefault = 6
	movesPerGame   = 70
)

// game is one world with what its players know.
type game struct {
	*world
	*playing.Game
	forms   []donation.CheckoutRequest
	gifts   []id.ID[donation.Donation]
	cheques []id.ID[donation.Donation]
}

func TestMoneyIsNeverLostDoubledOrMisbooked(t *testing.T) {
	t.Parallel()
	playing.Play(t, gamesByDefault, func(t *testing.T, seed uint64) {
		var opts []option
		if seed%3 == 0 {
			opts = append(opts, direct("acct_riverbend0000001"))
		}
		w := newWorld(t, append(opts, unchecked())...)
		g := &game{world: w, Game: playing.New(t, seed, 7, w.clock.Now)}
		for range movesPerGame {
			g.move()
		}
		g.comeToRest()
		g.check()
	})
}

func (g *game) account() string {
	if g.org.StripeAccount == nil {
		return ""
	}
	return *g.org.StripeAccount
}

// mortal is a context in which we sometimes die between a call to Stripe and the commit of its answer.
func (g *game) mortal() (context.Context, func()) { return g.Mortal(g.t.Context(), g.wire.Tap) }

// jobs of River, run by hand: in any order, sometimes twice, sometimes dying.
func (g *game) runJob(ctx context.Context, kind string, args []byte) error {
	run := map[string]func() error{
		payment.Reconcile{}.Kind(): func() error { j := playing.ArgsOf[payment.Reconcile](args); return g.giving.Reconcile(ctx, j.EventID) },
		payment.Refresh{}.Kind(): func() error {
			j := playing.ArgsOf[payment.Refresh](args)
			return g.giving.Refresh(ctx, j.OrgID, j.DonationID)
		},
		payment.SendRefund{}.Kind(): func() error {
			j := playing.ArgsOf[payment.SendRefund](args)
			return g.giving.SendRefund(ctx, j.OrgID, j.RefundID)
		},
		payment.SweepOrganization{}.Kind(): func() error {
			return g.giving.SweepOrganization(ctx, playing.ArgsOf[payment.SweepOrganization](args).OrgID)
		},
		receipt.Issue{}.Kind(): func() error { return g.receipts.issue(ctx, playing.ArgsOf[receipt.Issue](args)) },
	}
	return run[kind]()
}

// work runs one job, and forgets it when it is done; one that failed waits, unless its answer was definite.
func (g *game) work(ctx context.Context, j playing.Job) {
	err := g.runJob(ctx, j.Kind, j.Args)
	g.Note("job %s %s: %v", j.Kind, j.Args, err)
	if err != nil && ctx.Err() == nil {
		require.ErrorIs(g.t, err, payment.ErrUnavailable, "a job fails only for Stripe's sake")
	}
	if err == nil {
		playing.Forget(g.t, g.jobs, j)
	}
}

// comeToRest ends all disturbances and lets time pass, until nothing more can happen.
func (g *game) comeToRest() {
	g.wire.Tap(nil)
	g.sandbox.ClearFaults(0)
	for _, pause := range []time.Duration{0, 2 * time.Hour, 25 * time.Hour, 5 * 24 * time.Hour, time.Hour, time.Hour} {
		g.clock.Advance(pause)
		g.sandbox.Sweep()
		require.NoError(g.t, g.sandbox.Settle())
		if g.Chance(70) {
			require.NoError(g.t, g.sandbox.DrainWebhooks(g.t.Context())) // else only the sweep tells
		}
		g.runAll()
		require.NoError(g.t, g.giving.Sweep(g.t.Context()))
		g.runAll()
	}
	require.Empty(g.t, playing.Waiting(g.t, g.jobs))
}

func (g *game) runAll() {
	for range 8 {
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

// check compares our books with Stripe's (PAYMENTS section 6).
func (g *game) check() {
	balances := g.balances()
	sum := int64(0)
	for _, b := range balances {
		sum += b
	}
	require.Zero(g.t, sum, "the ledger balances")
	require.Equal(g.t, g.stripeBalance(), balances["stripe_clearing"], "what Stripe holds is what we say it holds")
	g.checkSources()
	gifts := map[string]int64{} // income by donation
	g.query("select t.donation_id::text, sum(e.amount_minor) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id where e.account = 'income' group by 1",
		func(scan func(...any) error) error {
			var d string
			var minor int64
			err := scan(&d, &minor)
			gifts[d] = -minor
			return err
		})
	raised := int64(0)
	for _, d := range append(slices.Clone(g.gifts), g.cheques...) {
		raised += g.checkGift(d, gifts[d.String()])
	}
	require.Equal(g.t, -balances["income"], raised, "what was raised is the sum of net gifts")
}

// checkSources requires that each fact at Stripe is booked exactly once, and nothing else.
func (g *game) checkSources() {
	want := map[string]int{}
	for _, c := range g.sandbox.Charges(g.account()) {
		if c.Status == "succeeded" {
			want["charge "+c.ID]++
		}
	}
	failedRefund := map[string]bool{}
	for _, r := range g.sandbox.Refunds(g.account()) {
		want["refund "+r.ID]++
		if r.Status == "failed" || r.Status == "canceled" {
			want["failed "+r.ID]++
			failedRefund[r.ID] = true
		}
	}
	for _, p := range g.sandbox.Payouts(g.account()) {
		want["payout "+p.ID]++
		if p.Status == "failed" || p.Status == "canceled" {
			want["payout back "+p.ID]++
		}
	}
	for _, b := range g.sandbox.BalanceTransactions(g.account()) {
		switch b.Type {
		case "charge", "payment":
			want["fee "+b.ID]++
		case "refund", "payment_refund":
			want["settled "+b.ID]++
		}
	}
	word := map[string]string{
		"gift_received": "charge ", "unknown_money": "charge ", "refund_created": "refund ", "unknown_returned": "refund ", "refund_failed": "failed ",
		"refund_settled": "settled ", "fee_known": "fee ", "payout_sent": "payout ", "payout_failed": "payout back ",
	}
	got := map[string]int{}
	g.query("select kind, source_id from ledger_transactions", func(scan func(...any) error) error {
		var kind, source string
		err := scan(&kind, &source)
		if w := word[kind]; w != "" {
			got[w+source]++
		}
		return err
	})
	require.Equal(g.t, want, got, "each fact is booked once")
	stored := map[string]int{}
	g.query("select charge_id from payments where status = 'succeeded'", func(scan func(...any) error) error {
		var charge string
		err := scan(&charge)
		stored["charge "+charge]++
		return err
	})
	for key, n := range want {
		if strings.HasPrefix(key, "charge ") {
			require.Equal(g.t, n, stored[key], "%s belongs to one donation", key)
		}
	}
}

// checkGift compares a donation with what Stripe knows of it, and returns what it raised.
func (g *game) checkGift(donationID id.ID[donation.Donation], income int64) int64 {
	d := g.find(donationID)
	received, live, returned, cover := int64(0), 0, int64(0), int64(0)
	for _, p := range d.Payments {
		if p.Status != payment.ChargeSucceeded {
			continue
		}
		gone := int64(0)
		failed := false
		for _, r := range d.Refunds {
			if r.ChargeID != nil && *r.ChargeID == p.ChargeID && r.Status.Returns() {
				gone += r.Amount.Minor
				if p.Strange == "" {
					returned, cover = returned+r.Amount.Minor, cover+r.CoverMinor
				}
			}
			failed = failed || r.Status.Void()
		}
		require.LessOrEqual(g.t, gone, p.Amount.Minor, "no more goes back than came")
		if p.Strange == "" {
			received += p.Amount.Minor
		}
		if gone < p.Amount.Minor && (p.Strange == "" || !failed) {
			live++
		}
		require.NotNil(g.t, p.FeeMinor, "the fee is known by now")
	}
	for _, r := range d.Refunds {
		require.NotEqual(g.t, payment.RefundRequested, r.Status, "Stripe has answered by now")
		if r.ChargeID == nil && r.Status.Returns() {
			returned, cover = returned+r.Amount.Minor, cover+r.CoverMinor
		}
	}
	if d.Method != donation.Card {
		received = d.Total().Minor
	}
	require.LessOrEqual(g.t, live, 1, "no gift keeps two charges")
	want, net := donation.Succeeded, d.Amount.Minor-(returned-cover)
	switch {
	case received == 0:
		require.Contains(g.t, []donation.Status{donation.Expired, donation.Failed}, d.Status, "nothing stays open for ever")
		require.Zero(g.t, income)
		require.Zero(g.t, g.receipts.asked[d.ID.UUID])
		return 0
	case returned == d.Total().Minor:
		want = donation.Refunded
	case returned > 0:
		want = donation.PartiallyRefunded
	case d.Method != donation.Card:
		want = donation.Recorded
	}
	require.Equal(g.t, want, d.Status)
	require.Equal(g.t, d.Total().Minor, received)
	require.Equal(g.t, returned, d.RefundedMinor)
	require.Equal(g.t, net, income)
	require.NotNil(g.t, d.PersonID)
	require.Positive(g.t, g.receipts.asked[d.ID.UUID])
	return net
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
