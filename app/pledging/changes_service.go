package pledging

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// change is what came of applying a rule: how it is recorded and booked, and which mail tells the donor. Without an action nothing is kept.
type change struct {
	action string         // of the record of who did what: "promise.paused"
	detail map[string]any // added to that record
	books  ledger.Kind    // why less is to be expected of a pledge; empty: it was paid
	letter letter
	quiet  bool // kept without a record: the machine only noted when to look again
}

// rule applies one of domain/promise's rules to a locked promise; today is the date where its mornings are.
type rule func(p *promise.Promise, today day.Day) (change, error)

// change applies a rule to a promise in a transaction of its own. version is the one its editor saw, 0 for whichever there is. It returns
// promise.ErrNotFound, promise.ErrChanged or what the rule refuses.
func (s *Service) change(ctx context.Context, orgID uuid.UUID, of id.ID[promise.Promise], version int, do rule) (promise.Promise, error) {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return promise.Promise{}, err
	}
	var p promise.Promise
	err = s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
		if p, err = lockPromise(ctx, tx, of); err != nil {
			return err
		}
		if version != 0 && version != p.Version {
			return promise.ErrChanged
		}
		return s.changeTx(ctx, tx, org, &p, do)
	})
	return p, err
}

// changeTx applies a rule to a promise that the caller locked.
func (s *Service) changeTx(ctx context.Context, tx database.Tx, org account.Organization, p *promise.Promise, do rule) error {
	before := *p
	before.Instalments = slices.Clone(p.Instalments)
	c, err := do(p, day.In(s.now(), p.Location()))
	if err != nil || c.action == "" {
		return err
	}
	if err := s.bookTx(tx, p, c.books); err != nil {
		return err
	}
	if err := savePromise(ctx, tx, before, *p); err != nil {
		return err
	}
	if err := s.withdrawTx(ctx, tx, before, *p); err != nil {
		return err
	}
	if !c.quiet {
		err := s.audit.RecordTx(ctx, tx, audit.Event{
			Action: c.action, SubjectType: "promise", SubjectID: p.ID.UUID, Before: terms(before, nil), After: terms(*p, c.detail),
		})
		if err != nil {
			return err
		}
	}
	if c.letter.template != "" {
		if err := s.mailTx(ctx, tx, org, *p, c.letter); err != nil {
			return err
		}
	}
	s.announce(tx, before, *p)
	return s.wakeTx(ctx, tx, before, *p)
}

// bookTx makes the ledger carry what may still be expected of a pledge, for an organization that books pledges. why says why it is less.
func (s *Service) bookTx(tx database.Tx, p *promise.Promise, why ledger.Kind) error {
	if p.Kind != promise.Pledge || !p.Books || p.Status == promise.PendingSetup {
		return nil
	}
	expected := int64(0)
	if p.Status.Open() {
		expected = p.Owed().Minor
	}
	by := expected - p.BookedMinor
	if by == 0 {
		return nil
	}
	c := ledger.PledgeChange{PledgeID: p.ID.UUID, Version: p.Version, Dimension: dimension(*p), Owed: money.New(by, p.Amount.Currency), At: s.now()}
	book := func() (ledger.Transaction, error) { return ledger.Pledged(ledger.PledgePaid, c) }
	switch {
	case by > 0 && p.BookedMinor == 0 && p.Paid().IsZero():
		book = func() (ledger.Transaction, error) { return ledger.Pledged(ledger.PledgeMade, c) }
	case by > 0:
		book = func() (ledger.Transaction, error) { return ledger.Pledged(ledger.PledgeReopened, c) }
	case why == ledger.PledgeWrittenOff:
		book = func() (ledger.Transaction, error) { return ledger.WrittenOff(c) }
	case why != "":
		book = func() (ledger.Transaction, error) { return ledger.Pledged(why, c) }
	}
	t, err := book()
	if err != nil {
		return fmt.Errorf("book pledge %s: %w", p.ID, err)
	}
	s.books.PostTx(tx, p.OrgID, t)
	p.BookedMinor = expected
	return nil
}

func dimension(p promise.Promise) ledger.Dimension {
	d := ledger.Dimension{CauseID: p.CauseID, FundID: p.FundID}
	if p.CampaignID != nil {
		d.CampaignID = *p.CampaignID
	}
	return d
}

// withdrawTx gives up the unpaid gifts of instalments that need no collecting any more.
func (s *Service) withdrawTx(ctx context.Context, tx database.Tx, before, p promise.Promise) error {
	for _, was := range before.Instalments {
		if was.DonationID == nil || !was.State.Open() || was.State.InFlight() {
			continue
		}
		if is := p.Instalment(was.ID); is != nil && (is.State.Open() || is.State == promise.Paid) {
			continue
		}
		if err := s.collector.WithdrawTx(ctx, tx, *was.DonationID); err != nil {
			return err
		}
	}
	return nil
}

// wakeTx enqueues the jobs of instalments whose alarm has rung by this very change; the others are found when theirs rings.
func (s *Service) wakeTx(ctx context.Context, tx database.Tx, before, p promise.Promise) error {
	now := s.now()
	for _, i := range p.Instalments {
		if i.ActAt == nil || i.ActAt.After(now) || i.State != promise.Scheduled {
			continue
		}
		if was := before.Instalment(i.ID); was != nil && was.ActAt != nil && was.ActAt.Equal(*i.ActAt) {
			continue
		}
		if err := s.jobs.InsertTx(ctx, tx, promise.Act{OrgID: p.OrgID, InstalmentID: i.ID.UUID}, queue.On(queue.Stripe)); err != nil {
			return err
		}
	}
	return nil
}

// announce tells open pages that what is pledged to a campaign moved.
func (s *Service) announce(tx database.Tx, before, p promise.Promise) {
	if p.CampaignID != nil && p.Kind == promise.Pledge && (before.Status != p.Status || before.Owed() != p.Owed()) {
		tx.Queue("select pg_notify('campaign_progress', $1)", []any{p.OrgID.String() + ":" + p.CampaignID.String()}, nil)
	}
}

// terms is what the record of changes keeps of a promise: no names.
func terms(p promise.Promise, more map[string]any) map[string]any {
	m := map[string]any{"status": p.Status, "amount_minor": p.Amount.Minor, "method": p.Method}
	if p.PausedUntil != nil {
		m["paused_until"] = p.PausedUntil
	}
	if next := p.Next(); next != nil {
		m["next_on"], m["next_minor"], m["next_state"] = next.DueOn, next.Amount.Minor, next.State
	}
	if p.CardID != nil {
		m["card_id"] = p.CardID
	}
	for k, v := range more {
		m[k] = v
	}
	return m
}

// dateOf is the date of an instant where the promise's mornings are.
func dateOf(p promise.Promise, at time.Time) day.Day { return day.In(at, p.Location()) }
