package giving_test

import (
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/apptest/playing"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// move is one thing that one of the players does. Refusals are part of the game; defects are not.
func (g *game) move() {
	moves := []struct {
		weight int
		do     func()
	}{
		{14, g.sendForm}, {6, g.sendFormAgain}, {18, g.payPage}, {4, g.answerChallenge}, {2, g.leavePage}, {3, g.loseTrackOfPage},
		{8, g.refund}, {4, g.refundInStripe}, {2, g.failRefund}, {2, g.askOnly}, {5, g.passTime}, {4, g.disturb}, {3, g.sweep},
		{14, g.deliver}, {16, g.runSomeJobs}, {4, g.payOut}, {3, g.recordCheque}, {3, g.handleCheque}, {4, g.lookNow},
	}
	total := 0
	for _, m := range moves {
		total += m.weight
	}
	n := g.Rand.IntN(total)
	for _, m := range moves {
		if n -= m.weight; n < 0 {
			m.do()
			return
		}
	}
}

func (g *game) sendForm() {
	form := g.form(func(r *donation.CheckoutRequest) {
		r.Amount.Minor = 50 + g.Rand.Int64N(200_000)
		r.CoverFee = g.Chance(40)
		r.EmailConsent = g.Chance(50)
		r.Email, _ = playing.Pick(g.Game, []string{"grace@example.org", "ada@example.org", "joan@example.org"})
	})
	g.forms = append(g.forms, form)
	g.send(form)
}

func (g *game) sendFormAgain() {
	form, ok := playing.Pick(g.Game, g.forms)
	if !ok {
		return
	}
	var group sync.WaitGroup
	for range g.Rand.IntN(3) {
		group.Go(func() { _, _ = g.giving.StartCheckout(g.t.Context(), form) })
	}
	g.send(form)
	group.Wait()
	g.learnGifts()
}

func (g *game) send(form donation.CheckoutRequest) {
	ctx, done := g.mortal()
	started, err := g.giving.StartCheckout(ctx, form)
	died := ctx.Err() != nil
	done()
	g.Note("form of %d: %s %v, died %t", form.Amount.Minor, started.Reference, err, died)
	if err != nil && !died {
		require.ErrorIs(g.t, err, payment.ErrUnavailable)
	}
	g.learnGifts()
}

// learnGifts reads which donations the forms have become.
func (g *game) learnGifts() {
	g.gifts = nil
	g.query("select id from donations where method = 'card' order by id", func(scan func(...any) error) error {
		var d id.ID[donation.Donation]
		err := scan(&d)
		g.gifts = append(g.gifts, d)
		return err
	})
}

func (g *game) payPage() {
	var open []string
	for _, s := range g.sandbox.Sessions(g.account()) {
		if s.Status == "open" {
			open = append(open, s.ID)
		}
	}
	session, ok := playing.Pick(g.Game, open)
	if !ok {
		return
	}
	with := stripesandbox.Payment{}
	switch n := g.Rand.IntN(20); {
	case n < 11:
		with.Card = visa
	case n < 13:
		with.Card = declined
	case n < 15:
		with.Card = challenged
	case n < 16:
		with.Card = "4000000000005126" // its refunds fail later
	case n < 17:
		with.Card = "4000000000007726" // its refunds wait
	case n < 19:
		with.Bank = bankSucceeds
	default:
		with.Bank = bankFails
	}
	_, err := g.sandbox.PaySession(session, with)
	g.Note("pay %s with %s%s: %v", session, with.Card, with.Bank, err)
}

func (g *game) answerChallenge() {
	var asked []string
	for _, pi := range g.sandbox.PaymentIntents(g.account()) {
		if pi.Status == "requires_action" {
			asked = append(asked, pi.ID)
		}
	}
	if intent, ok := playing.Pick(g.Game, asked); ok {
		g.Note("challenge of %s: %v", intent, g.sandbox.Authenticate(intent, g.Chance(60)))
	}
}

func (g *game) leavePage() {
	if s, ok := playing.Pick(g.Game, g.sandbox.Sessions(g.account())); ok {
		g.Note("leave %s: %v", s.ID, g.sandbox.ExpireSession(s.ID))
	}
}

// loseTrackOfPage makes us believe that a page has ended, as a clock that is ahead does.
func (g *game) loseTrackOfPage() {
	d, ok := playing.Pick(g.Game, g.gifts)
	if !ok {
		return
	}
	g.exec("update payment_attempts set state = 'expired' where donation_id = $1 and state in ('created', 'open', 'requires_action')", d)
	g.Note("lose track of %s", d)
}

func (g *game) refund() {
	d, ok := playing.Pick(g.Game, g.gifts)
	if !ok {
		return
	}
	left := g.find(d).Refundable().Minor
	amount := 1 + g.Rand.Int64N(max(left, 10)*5/4)
	if g.Chance(30) {
		amount = max(left, 1)
	}
	var group sync.WaitGroup
	for range 1 + g.Rand.IntN(3) {
		group.Go(func() {
			_, err := g.giving.Refund(g.owner, d, donation.RefundRequest{Amount: money.New(amount, "USD"), Reason: donation.Mistake})
			if err != nil && fault.KindOf(err) == "" {
				panic(err)
			}
		})
	}
	group.Wait()
	g.Note("refund %d of %s", amount, d)
}

func (g *game) refundInStripe() {
	c, ok := playing.Pick(g.Game, g.sandbox.Charges(g.account()))
	if !ok || c.Amount <= c.AmountRefunded {
		return
	}
	amount := 1 + g.Rand.Int64N(c.Amount-c.AmountRefunded)
	in := &stripe.RefundParams{Charge: stripe.String(c.ID), Amount: stripe.Int64(amount)}
	if g.account() != "" {
		in.SetStripeAccount(g.account())
	}
	_, err := g.dashboard().Refunds.New(in)
	g.Note("refund %d of %s in Stripe: %v", amount, c.ID, err)
}

func (g *game) failRefund() {
	if r, ok := playing.Pick(g.Game, g.sandbox.Refunds(g.account())); ok {
		g.Note("fail %s: %v", r.ID, g.sandbox.FailRefund(r.ID))
	}
}

// askOnly opens an inquiry: it moves no money, and its events must not disturb anything.
func (g *game) askOnly() {
	if c, ok := playing.Pick(g.Game, g.sandbox.Charges(g.account())); ok {
		_, err := g.sandbox.OpenDispute(c.ID, true)
		g.Note("inquiry on %s: %v", c.ID, err)
	}
}

func (g *game) passTime() {
	d, _ := playing.Pick(g.Game, []time.Duration{time.Second, time.Minute, 5 * time.Minute, 32 * time.Minute, 26 * time.Hour, 4 * 24 * time.Hour})
	g.clock.Advance(d)
	g.sandbox.Sweep()
	g.Note("%s later", d)
}

func (g *game) disturb() {
	f, _ := playing.Pick(g.Game, []stripesandbox.Fault{
		{Kind: stripesandbox.FaultError, Status: 429, Match: "/v1/"},
		{Kind: stripesandbox.FaultError, Status: 429, Match: "POST /v1/"},
		{Kind: stripesandbox.FaultError, Status: 500, Match: "POST /v1/"},
		{Kind: stripesandbox.FaultError, Status: 500, Match: "POST /v1/", Execute: true},
		{Kind: stripesandbox.FaultError, Status: 503, Match: "POST /v1/", Execute: true, Count: 1},
		{Kind: stripesandbox.FaultReset, Match: "POST /v1/"},
		{Kind: stripesandbox.FaultDrop, Count: 3},
		{Kind: stripesandbox.FaultDuplicate, Count: 3},
		{Kind: stripesandbox.FaultReorder, Count: 4},
		{Kind: stripesandbox.FaultDelay, Count: 2, Delay: time.Hour},
	})
	_, err := g.sandbox.Inject(f)
	require.NoError(g.t, err)
	g.Note("fault %s %d", f.Kind, f.Status)
}

func (g *game) sweep() {
	g.Note("sweep: %v", g.giving.Sweep(g.t.Context()))
}

// deliver hands us some events in any order, old ones and repeated ones among them.
func (g *game) deliver() {
	if g.Chance(15) {
		require.NoError(g.t, g.sandbox.DrainWebhooks(g.t.Context()))
		g.Note("deliver what is due")
		return
	}
	for range 1 + g.Rand.IntN(4) {
		e, ok := playing.Pick(g.Game, g.sandbox.Events(g.account()))
		if !ok {
			return
		}
		body, signature, err := g.sandbox.Sign(e.ID, g.sandbox.Endpoints()[0].ID)
		require.NoError(g.t, err)
		ctx, done := g.mortal()
		err = g.giving.Receive(ctx, body, signature)
		done()
		g.Note("deliver %s %s: %v", e.Type, e.ID, err)
	}
}

func (g *game) runSomeJobs() {
	for range 1 + g.Rand.IntN(4) {
		j, ok := playing.Pick(g.Game, playing.Waiting(g.t, g.jobs))
		if !ok {
			return
		}
		ctx, done := g.mortal()
		if g.Chance(15) { // the queue delivers at least once
			_ = g.runJob(ctx, j.Kind, j.Args)
		}
		g.work(ctx, j)
		done()
	}
}

func (g *game) payOut() {
	payouts := g.sandbox.Payouts(g.account())
	p, ok := playing.Pick(g.Game, payouts)
	if !ok || g.Chance(40) {
		p, err := g.sandbox.CreatePayout(g.account(), "usd")
		g.Note("pay out %d: %v", p.Amount, err)
		return
	}
	switch g.Rand.IntN(3) {
	case 0:
		g.Note("payout arrives: %v", g.sandbox.ArrivePayout(p.ID))
	case 1:
		g.Note("payout fails: %v", g.sandbox.FailPayout(p.ID))
	case 2:
		err := g.giving.MatchPayout(g.owner, p.ID)
		g.Note("payout matched: %v", err)
		require.True(g.t, err == nil || fault.KindOf(err) != "", err)
	}
}

func (g *game) recordCheque() {
	method, _ := playing.Pick(g.Game, []donation.Method{donation.Cheque, donation.Cash, donation.BankTransfer})
	d, err := g.giving.Record(g.owner, donation.Details{
		Donor: donation.Donor{FirstName: "Ada", Email: "ada@example.org"}, Amount: money.New(1+g.Rand.Int64N(50_000), "USD"), Method: method,
		Target: donation.Target{FundID: g.fund.ID.UUID}, ReceivedOn: day.In(g.clock.Now(), g.org.Location()),
	})
	require.NoError(g.t, err)
	g.cheques = append(g.cheques, d.ID)
	g.Note("%s of %d", method, d.Amount.Minor)
}

func (g *game) handleCheque() {
	d, ok := playing.Pick(g.Game, g.cheques)
	if !ok {
		return
	}
	today := day.In(g.clock.Now(), g.org.Location())
	var err error
	switch g.Rand.IntN(3) {
	case 0:
		err = g.giving.Deposit(g.owner, d, today)
	case 1:
		err = g.giving.Bounce(g.owner, d, today, money.New(500, "USD"), "")
	case 2:
		_, err = g.giving.Refund(g.owner, d, refundOf(1+g.Rand.Int64N(max(g.find(d).Refundable().Minor, 1))))
	}
	require.True(g.t, err == nil || fault.KindOf(err) != "", err)
}

// lookNow asks Stripe without an event, sometimes dying on the way.
func (g *game) lookNow() {
	d, ok := playing.Pick(g.Game, g.gifts)
	if !ok {
		return
	}
	ctx, done := g.mortal()
	err := g.giving.Refresh(ctx, g.org.ID.UUID, d.UUID)
	g.Note("look at %s: %v", d, err)
	if err != nil && ctx.Err() == nil {
		require.ErrorIs(g.t, err, payment.ErrUnavailable)
	}
	done()
}
