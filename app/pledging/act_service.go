package pledging

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/access"
	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// FindDue looks for instalments about which something is to be done, organization by organization.
func (s *Service) FindDue(ctx context.Context) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		find := func(org uuid.UUID) queue.Args { return promise.FindDueOf{OrgID: org} }
		return access.EnqueueForNonprofitsTx(ctx, tx, s.jobs, find, queue.On(queue.Stripe), queue.Unique())
	})
}

// claimSize is how many instalments one transaction claims: of a morning's hundred thousand only so many are ever in memory.
const claimSize = 500

// FindDueOf claims the instalments of an organization whose alarm has rung, and enqueues a job for each.
func (s *Service) FindDueOf(ctx context.Context, orgID uuid.UUID) error {
	for n := 0; ; n++ {
		claimed := 0
		err := s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
			due, err := claimDue(ctx, tx, s.now(), claimSize)
			if err != nil {
				return err
			}
			claimed = len(due)
			jobs := make([]queue.Args, len(due))
			for i, instalment := range due {
				jobs[i] = promise.Act{OrgID: orgID, InstalmentID: instalment}
			}
			return s.jobs.InsertManyTx(ctx, tx, jobs, queue.On(queue.Stripe), queue.Priority(turn(n)))
		})
		if err != nil || claimed < claimSize {
			return err
		}
	}
}

// turn is the priority of the n-th batch of an organization's jobs: after every job about a single event, and the later the further down
// its list, so that an organization with a hundred plans does not wait for one with a hundred thousand.
func turn(n int) int {
	switch {
	case n == 0:
		return 2
	case n < 10:
		return 3
	}
	return 4
}

// Act does what is to be done about an instalment now: charges the saved card, asks what became of a charge, writes to the donor, or gives
// it up. Who comes second finds nothing to do: what is stored says that it was done, and is stored before anything is sent.
func (s *Service) Act(ctx context.Context, orgID, instalment uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	var gift uuid.UUID // whose newest attempt is to be carried to Stripe
	err = s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
		gift = uuid.Nil
		of, err := promiseOf(ctx, tx, instalment)
		if errors.Is(err, promise.ErrNotFound) { // taken back meanwhile, before anything was tried
			return nil
		}
		if err != nil {
			return err
		}
		p, err := lockPromise(ctx, tx, of)
		if err != nil {
			return err
		}
		return s.changeTx(ctx, tx, org, &p, func(p *promise.Promise, _ day.Day) (c change, err error) {
			i := p.Instalment(id.From[promise.Instalment](instalment))
			if i == nil {
				return change{}, nil
			}
			a := acting{org: org, p: p, i: i}
			c, err = s.stepTx(ctx, tx, &a)
			gift = a.gift
			if c.detail == nil {
				c.detail = about(*p.Instalment(id.From[promise.Instalment](instalment)))
			}
			return c, err
		})
	})
	if err != nil || gift == uuid.Nil {
		return err
	}
	if err := s.collector.Send(ctx, orgID, gift); err != nil {
		return fmt.Errorf("collect instalment %s: %w", instalment, err)
	}
	return nil
}

// acting is an instalment in hand, with its locked promise.
type acting struct {
	org  account.Organization
	p    *promise.Promise
	i    *promise.Instalment
	gift uuid.UUID // what is to be carried to Stripe afterwards
}

func (s *Service) stepTx(ctx context.Context, tx database.Tx, a *acting) (change, error) {
	now := s.now()
	switch a.p.NextStep(a.i, now) {
	case promise.StepCharge:
		return s.chargeTx(ctx, tx, a)
	case promise.StepAsk:
		if a.i.DonationID != nil {
			a.gift = *a.i.DonationID
		}
		a.p.Asking(a.i, now)
		return change{action: "promise.instalment_asked", quiet: true}, nil
	case promise.StepRemind:
		return s.remindTx(ctx, tx, a)
	case promise.StepUnmet:
		a.p.FailUnconfirmed(a.i, now)
		return change{action: "promise.instalment_failed", letter: letter{template: "card_needed", about: a.i, key: mailKey(*a.i, "unmet")}}, nil
	case promise.StepMiss:
		missed := *a.i
		a.p.Miss(a.i, now)
		return change{action: "promise.instalment_missed", detail: about(missed)}, nil
	case promise.StepLapse:
		if !a.p.Lapse(a.i, now) {
			return change{action: "promise.instalment_missed"}, nil
		}
		return change{action: "promise.lapsed", letter: letter{template: "plan_lapsed", about: a.i, key: mailKey(*a.i, "lapsed")}}, nil
	case promise.StepDrop:
		return change{action: "promise.abandoned"}, a.p.Abandon(now)
	case promise.StepNone:
	}
	return change{}, nil
}

// chargeTx stores the next attempt to charge the saved card. The card must be the promiser's own.
func (s *Service) chargeTx(ctx context.Context, tx database.Tx, a *acting) (change, error) {
	now := s.now()
	card, ok, err := s.cardOf(ctx, tx, a.org, *a.p)
	if err != nil {
		return change{}, err
	}
	if !ok {
		a.p.FailWithoutCard(a.i, now)
		return change{action: "promise.instalment_failed", letter: letter{template: "card_needed", about: a.i, key: mailKey(*a.i, "no_card")}}, nil
	}
	purpose, err := purposeOf(ctx, tx, *a.p)
	if err != nil {
		return change{}, err
	}
	c := collection(*a.p, *a.i)
	c.Purpose = "Gift to " + purpose
	c.Card = &payment.SavedMethod{ID: card.PaymentMethodID, CustomerID: card.CustomerID}
	gift, attempt, err := s.collector.ChargeTx(ctx, tx, a.org, c)
	switch {
	case errors.Is(err, promise.ErrInFlight): // the donor has a page open
		a.p.Wait(a.i, now)
		return change{action: "promise.instalment_waits", quiet: true}, nil
	case errors.Is(err, donation.ErrAlreadyPaid): // with money that somebody has to look at first
		a.p.Asking(a.i, now)
		return change{action: "promise.instalment_waits", quiet: true}, nil
	case err != nil:
		return change{}, err
	}
	a.p.Attempted(a.i, gift, attempt, now)
	a.gift = gift
	return change{action: "promise.instalment_attempted"}, nil
}

// cardOf is the card that a promise charges, when it can be charged: it is the promiser's own, nobody took it back, and it is kept where the
// organization's money goes.
func (s *Service) cardOf(ctx context.Context, r database.Reader, org account.Organization, p promise.Promise) (c promise.Card, ok bool, err error) {
	if p.CardID == nil || p.PersonID == nil {
		return c, false, nil
	}
	if c, err = findCard(ctx, r, *p.CardID); err != nil {
		return c, false, err
	}
	return c, c.Usable() && c.PersonID == *p.PersonID && c.StripeAccount == org.StripeAccountID(), nil
}

// remindTx writes to a donor who has to do something: pay a pledge's instalment, or confirm a payment at their bank. Nobody who does not
// want to be written to is reminded of a pledge.
func (s *Service) remindTx(ctx context.Context, tx database.Tx, a *acting) (change, error) {
	now := s.now()
	c, err := contactOf(ctx, tx, a.p.ID)
	if err != nil {
		return change{}, err
	}
	template, sent := "pledge_reminder", c.Email != "" && !c.DoNotContact
	if a.i.State == promise.RequiresAction { // a payment that they asked for
		template, sent = "payment_confirm", c.Email != ""
	}
	a.p.Reminded(a.i, sent, now)
	if !sent {
		return change{action: "promise.not_reminded"}, nil
	}
	return change{action: "promise.reminded", letter: letter{template: template, about: a.i, key: mailKey(*a.i, fmt.Sprint("reminder", a.i.Reminders))}}, nil
}

// collection is what it takes to collect an instalment.
func collection(p promise.Promise, i promise.Instalment) donation.Collection {
	return donation.Collection{
		OrgID: p.OrgID, InstalmentID: i.ID.UUID, PersonID: p.PersonID, Donor: donorOf(p),
		Target: donation.Target{CampaignID: p.CampaignID, CauseID: p.CauseID, FundID: p.FundID}, Amount: i.Amount, CoverMinor: i.CoverMinor,
		Visibility: p.Visibility, EmailConsent: p.EmailConsent,
	}
}

// about is what the record of changes keeps of an instalment.
func about(i promise.Instalment) map[string]any {
	m := map[string]any{"instalment_id": i.ID, "n": i.N, "due_on": i.DueOn, "state": i.State}
	if i.Attempt > 0 {
		m["attempt"] = i.Attempt
	}
	if i.DeclineCode != "" {
		m["decline_code"] = i.DeclineCode
	}
	return m
}

// mailKey names a mail about one try to collect an instalment, so that it is sent once.
func mailKey(i promise.Instalment, what string) string {
	return fmt.Sprintf("%s:%d:%s", i.ID, i.Attempt, what)
}
