package pledging_test

import (
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest/playing"
	"tributary/app/platform/stripesandbox"
	"tributary/app/pledging"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// open begins the game with some promises.
func (g *game) open() {
	for n := range 3 {
		zone, _ := playing.Pick(g.Game, []string{"America/New_York", "Pacific/Auckland", "Pacific/Honolulu", "Europe/Berlin"})
		g.plans = append(g.plans, g.plan(func(r *donation.CheckoutRequest) {
			r.Zone, r.CoverFee, r.Email = zone, g.Chance(50), fmt.Sprintf("donor%d@example.org", n%2)
		}))
	}
	who := g.personOf(g.plans[0])
	card := g.card(g.plans[0]).ID.UUID
	g.pledges = append(g.pledges,
		g.pledge(who, func(d *promise.PledgeDetails) { d.Method, d.CardID, d.Count = promise.ByCard, &card, 5 }),
		g.pledge(g.donor("Ada", "ada@example.org"), func(d *promise.PledgeDetails) { d.Count = 4 }))
}

// move is one thing that one of the players does. Refusals are part of the game; defects are not.
func (g *game) move() {
	moves := []struct {
		weight int
		do     func()
	}{
		{16, g.passTime}, {10, g.look}, {26, g.runSomeJobs}, {10, g.deliver}, {8, g.declineSome}, {6, g.disturb}, {5, g.actAtOnce},
		{4, g.changePlan}, {3, g.changePledge}, {4, g.newCard}, {4, g.openPayPage}, {6, g.payOpenPage}, {3, g.writeCheque}, {2, g.giveBack},
		{1, g.renewCard}, {1, g.sweep}, {2, g.chargeNow},
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

// refused requires that an error is an answer that people may get.
func (g *game) refused(err error) {
	require.True(g.t, err == nil || fault.KindOf(err) != "", "%v", err)
}

func (g *game) any() id.ID[promise.Promise] {
	of, _ := playing.Pick(g.Game, append(append([]id.ID[promise.Promise]{}, g.plans...), g.pledges...))
	return of
}

func (g *game) passTime() {
	d, _ := playing.Pick(g.Game, []time.Duration{time.Minute, 11 * time.Minute, 32 * time.Minute, 7 * time.Hour, 25 * time.Hour, 6 * 24 * time.Hour})
	to := g.clock.Now().Add(d)
	if next, ok := g.nextAlarm(); ok && g.Chance(60) {
		to = later(g.clock.Now(), next)
	}
	g.clock.Set(to)
	g.sandbox.Sweep()
	g.Note("time passes")
	for range 5 { // a calm moment comes within three weeks
		if g.clock.Now().Sub(g.swept) > 15*24*time.Hour {
			g.sweep()
		}
	}
}

func (g *game) look() {
	ctx, done := g.mortal()
	defer done()
	g.Note("look: %v", g.pledging.FindDueOf(ctx, g.org.ID.UUID))
}

func (g *game) runSomeJobs() {
	for range 1 + g.Rand.IntN(5) {
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

// actAtOnce lets several workers loose on one instalment.
func (g *game) actAtOnce() {
	i, ok := playing.Pick(g.Game, g.promise(g.any()).Instalments)
	if !ok {
		return
	}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := g.pledging.Act(g.t.Context(), g.org.ID.UUID, i.ID.UUID); err != nil && fault.KindOf(err) == "" {
				panic(err)
			}
		})
	}
	group.Wait()
	g.Note("three act on %s", i.ID)
}

// deliver hands us some events in any order, old ones and repeated ones among them.
func (g *game) deliver() {
	if g.Chance(40) {
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
		g.Note("deliver %s %s: %v", e.Type, e.ID, g.giving.Receive(g.t.Context(), body, signature))
	}
}

func (g *game) declineSome() {
	var saved []string
	for _, m := range g.sandbox.PaymentMethods(g.account()) {
		if m.Customer != nil {
			saved = append(saved, m.ID)
		}
	}
	method, ok := playing.Pick(g.Game, saved)
	if !ok {
		return
	}
	code, _ := playing.Pick(g.Game, []string{
		"insufficient_funds", "generic_decline", "issuer_not_available", "lost_card", "expired_card", "authentication_required", "authentication_required", "do_not_try_again",
	})
	g.Note("%s declines: %v", code, g.sandbox.DeclineNext(method, code, 1+g.Rand.IntN(3)))
}

func (g *game) disturb() {
	f, _ := playing.Pick(g.Game, []stripesandbox.Fault{
		{Kind: stripesandbox.FaultError, Status: 429, Match: "/v1/", Count: 4},
		{Kind: stripesandbox.FaultError, Status: 429, Match: "POST /v1/"},
		{Kind: stripesandbox.FaultError, Status: 500, Match: charging},
		{Kind: stripesandbox.FaultError, Status: 500, Match: charging, Execute: true},
		{Kind: stripesandbox.FaultError, Status: 500, Match: charging, Execute: true},
		{Kind: stripesandbox.FaultReset, Match: "POST /v1/"},
		{Kind: stripesandbox.FaultDrop, Count: 3},
		{Kind: stripesandbox.FaultDuplicate, Count: 3},
		{Kind: stripesandbox.FaultReorder, Count: 4},
		{Kind: stripesandbox.FaultDelay, Count: 2, Delay: time.Hour},
	})
	g.fault(f)
	g.Note("fault %s %d execute %t", f.Kind, f.Status, f.Execute)
}

func (g *game) changePlan() {
	plan, _ := playing.Pick(g.Game, g.plans)
	org, today := g.org.ID.UUID, day.In(g.clock.Now(), g.org.Location())
	var err error
	var did string
	switch g.Rand.IntN(12) {
	case 0, 1:
		did = "pause"
		_, err = g.pledging.Pause(g.owner, org, plan, 0, today.AddDays(1+g.Rand.IntN(80)))
	case 2, 3:
		did = "resume"
		_, err = g.pledging.Resume(g.owner, org, plan, 0)
	case 4, 5:
		did = "skip"
		_, err = g.pledging.Skip(g.owner, org, plan, 0)
	case 6, 7:
		did = "amount"
		_, err = g.pledging.ChangeAmount(g.owner, org, plan, 0, dollars(500+g.Rand.Int64N(9000)), g.Chance(50))
	case 8, 9, 10:
		did = "day"
		_, err = g.pledging.ChangeDay(g.owner, org, plan, 0, 1+g.Rand.IntN(31))
	default:
		did = "cancel"
		_, err = g.pledging.Cancel(g.owner, org, plan, 0, "")
	}
	g.Note("%s %s: %v", did, plan, err)
	g.refused(err)
}

func (g *game) changePledge() {
	pledge, _ := playing.Pick(g.Game, g.pledges)
	org, today := g.org.ID.UUID, day.In(g.clock.Now(), g.org.Location())
	i, _ := playing.Pick(g.Game, g.promise(pledge).Instalments)
	var err error
	var did string
	switch g.Rand.IntN(10) {
	case 0, 1, 2, 3:
		did = "move"
		_, err = g.pledging.Move(g.owner, org, pledge, 0, i.ID, today.AddDays(g.Rand.IntN(40)))
	case 4, 5:
		did = "waive"
		_, err = g.pledging.Waive(g.owner, org, pledge, 0, i.ID, "hard times")
	case 6, 7, 8:
		did = "rearrange"
		_, err = g.pledging.Rearrange(g.owner, org, pledge, 0, pledging.Rearrangement{
			Unit: promise.Month, Every: 1, Count: 1 + g.Rand.IntN(3), FirstOn: today.AddDays(g.Rand.IntN(30)),
		})
	default:
		did = "write off"
		_, err = g.pledging.WriteOff(g.owner, org, pledge, 0, "gone")
	}
	g.Note("%s %s: %v", did, pledge, err)
	g.refused(err)
}

func (g *game) newCard() {
	of := g.any()
	ctx, done := g.mortal()
	address, err := g.pledging.StartSetup(ctx, g.org, g.promise(of), back)
	died := ctx.Err() != nil
	done()
	g.Note("page for a card of %s: %v", of, err)
	if err != nil {
		require.True(g.t, died || fault.KindOf(err) != "", "%v", err)
		return
	}
	number, _ := playing.Pick(g.Game, []string{visaCard, masterCard})
	session := ""
	for _, s := range g.sandbox.Sessions(g.account()) {
		if s.URL != nil && *s.URL == address {
			session = s.ID
		}
	}
	if session == "" { // a card was saved there, which nobody has told us yet
		return
	}
	_, err = g.sandbox.SaveCard(session, stripesandbox.Payment{Card: number})
	g.Note("save %s: %v", number, err)
	if g.Chance(50) {
		g.refused(g.pledging.RefreshSetup(g.t.Context(), g.org, of))
	}
}

func (g *game) openPayPage() {
	of := g.any()
	i, _ := playing.Pick(g.Game, g.promise(of).Instalments)
	ctx, done := g.mortal()
	_, err := g.pledging.OpenPayPage(ctx, g.org, i.ID, g.Chance(50), back)
	died := ctx.Err() != nil
	done()
	g.Note("page to pay %d of %s: %v, died %t", i.N, of, err, died)
	require.True(g.t, died || err == nil || fault.KindOf(err) != "", "%v", err)
}

func (g *game) payOpenPage() {
	var open []string
	for _, s := range g.sandbox.Sessions(g.account()) {
		if s.Status == "open" && s.Mode == "payment" {
			open = append(open, s.ID)
		}
	}
	session, ok := playing.Pick(g.Game, open)
	if !ok {
		return
	}
	number, _ := playing.Pick(g.Game, []string{visaCard, visaCard, masterCard, "4000000000000002"})
	_, err := g.sandbox.PaySession(session, stripesandbox.Payment{Card: number})
	g.Note("pay %s with %s: %v", session, number, err)
}

func (g *game) writeCheque() {
	pledge, _ := playing.Pick(g.Game, g.pledges)
	p := g.promise(pledge)
	i, _ := playing.Pick(g.Game, p.Instalments)
	_, err := g.giving.Record(g.owner, donation.Details{
		InstalmentID: &i.ID.UUID, PersonID: p.PersonID, Amount: dollars(max(i.Amount.Minor/2, 100) + g.Rand.Int64N(3000)), Method: donation.Cheque,
		Target: donation.Target{CauseID: p.CauseID, FundID: p.FundID}, ReceivedOn: day.In(g.clock.Now(), g.org.Location()),
	})
	g.Note("cheque for %d of %s: %v", i.N, pledge, err)
	g.refused(err)
}

func (g *game) giveBack() {
	var gifts []donation.Donation
	g.query("select id, amount_minor + cover_minor - refunded_minor from donations where status in ('succeeded', 'recorded', 'partially_refunded')",
		func(scan func(...any) error) error {
			var d donation.Donation
			err := scan(&d.ID, &d.Amount.Minor)
			gifts = append(gifts, d)
			return err
		})
	d, ok := playing.Pick(g.Game, gifts)
	if !ok {
		return
	}
	amount := d.Amount.Minor
	if g.Chance(40) {
		amount = 1 + g.Rand.Int64N(amount)
	}
	_, err := g.giving.Refund(g.owner, d.ID, donation.RefundRequest{Amount: dollars(amount), Reason: donation.Mistake})
	g.Note("give back %d of %s: %v", amount, d.ID, err)
	g.refused(err)
}

func (g *game) renewCard() {
	var saved []string
	for _, m := range g.sandbox.PaymentMethods(g.account()) {
		if m.Customer != nil {
			saved = append(saved, m.ID)
		}
	}
	method, ok := playing.Pick(g.Game, saved)
	if !ok {
		return
	}
	if g.Chance(50) {
		g.Note("detach %s: %v", method, g.sandbox.DetachCard(method))
		return
	}
	g.Note("renew %s: %v", method, g.sandbox.UpdateCard(method, masterCard, 1+g.Rand.Int64N(12), 2031))
}

func (g *game) chargeNow() {
	of := g.any()
	i, _ := playing.Pick(g.Game, g.promise(of).Instalments)
	_, err := g.pledging.Charge(g.owner, g.org.ID.UUID, of, 0, i.ID)
	g.Note("charge %d of %s now: %v", i.N, of, err)
	g.refused(err)
}

// sweep asks Stripe for what no event told. Stripe lists events for thirty days.
func (g *game) sweep() {
	err := g.giving.SweepOrganization(g.t.Context(), g.org.ID.UUID)
	g.Note("sweep: %v", err)
	g.refused(err)
	if err == nil {
		g.swept = g.clock.Now()
	}
}
