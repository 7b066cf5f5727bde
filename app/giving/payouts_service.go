package giving

import (
	"context"
	"time"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/ledger"
	"tributary/domain/payment"
)

// applyPayout fetches a payout and books how far it has come: on its way, or come back.
func (s *Service) applyPayout(ctx context.Context, e *payment.Event) (payment.EventState, error) {
	org, ok, err := s.payoutOwner(ctx, e.Account)
	if err != nil {
		return payment.EventFailed, err
	}
	if !ok {
		return payment.EventParked, nil
	}
	e.OrgID = &org.ID.UUID
	fact, err := s.gateway.Payout(ctx, e.Account, e.ObjectID)
	if err != nil {
		return payment.EventFailed, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		p, err := upsertPayout(ctx, tx, payment.Payout{
			OrgID: org.ID.UUID, PayoutID: fact.ID, StripeAccount: e.Account, Status: payment.PayoutStatus(fact.Status), Amount: fact.Amount,
			ArrivalOn: day.In(fact.ArrivalAt, time.UTC), BalanceTransactionID: fact.BalanceID, CreatedAt: fact.CreatedAt, UpdatedAt: s.now(),
		})
		if err != nil {
			return err
		}
		moved := ledger.Payout{ID: p.PayoutID, Amount: p.Amount, At: p.CreatedAt}
		t, err := ledger.PayoutLeft(moved)
		if err != nil {
			return err
		}
		s.books.PostTx(tx, p.OrgID, t)
		if !p.Status.Returned() {
			return nil
		}
		moved.At = e.Created
		if t, err = ledger.PayoutReturned(moved, p.BankMatchedAt != nil); err != nil {
			return err
		}
		s.books.PostTx(tx, p.OrgID, t)
		return nil
	})
	if err != nil {
		return payment.EventFailed, err
	}
	return payment.EventApplied, nil
}

// payoutOwner is whose bank an account pays out to: the organization connected with it; for our own account the only one without its own.
func (s *Service) payoutOwner(ctx context.Context, stripeAccount string) (org account.Organization, ok bool, err error) {
	err = s.db.Read(ctx, database.Platform(), func(r database.Reader) error {
		orgs, err := nonprofits(ctx, r)
		if err != nil {
			return err
		}
		if stripeAccount == "" {
			org, ok = theOnly(orgs)
			return nil
		}
		for _, o := range orgs {
			if o.StripeAccountID() == stripeAccount {
				org, ok = o, true
			}
		}
		return nil
	})
	return org, ok, err
}

// ListPayouts returns payouts, newest first.
func (s *Service) ListPayouts(ctx context.Context, before time.Time, beforeID string, limit int) ([]payment.Payout, error) {
	var payouts []payment.Payout
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		payouts, err = listPayouts(ctx, r, before, beforeID, limit)
		return err
	})
	return payouts, err
}

// MatchPayout records that a payout was found on the bank statement. Doing so twice is the same.
func (s *Service) MatchPayout(ctx context.Context, payoutID string) error {
	who := actor.From(ctx)
	return s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		p, err := lockPayout(ctx, tx, payoutID)
		switch {
		case err != nil:
			return err
		case p.BankMatchedAt != nil:
			return nil
		case p.Status != payment.PayoutPaid:
			return payment.ErrPayoutNotPaid
		}
		now := s.now()
		p.BankMatchedAt, p.BankMatchedBy, p.UpdatedAt = &now, who.Login(), now
		if err := saveMatch(ctx, tx, p); err != nil {
			return err
		}
		t, err := ledger.PayoutMatched(ledger.Payout{ID: p.PayoutID, Amount: p.Amount, At: now})
		if err != nil {
			return err
		}
		s.books.PostTx(tx, p.OrgID, t)
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "payout.matched", SubjectType: "organization", SubjectID: p.OrgID, After: map[string]any{"payout": p.PayoutID},
		})
	})
}
