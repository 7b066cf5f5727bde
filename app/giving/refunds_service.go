package giving

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// Refund gives money of a donation back. A card refund is handed to Stripe by a job and is done when Stripe says so; money that came
// otherwise is given back by hand, and booked at once. Checked under a lock on the donation: refunds never exceed what came.
func (s *Service) Refund(ctx context.Context, donationID id.ID[donation.Donation], in donation.RefundRequest) (donation.Refund, error) {
	who := actor.From(ctx)
	in.By = who.Login()
	var refund donation.Refund
	err := s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		d := donation.Donation{ID: donationID}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		earlier, err := refundsOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		before, again, err := askedBefore(earlier, in.Request)
		if err != nil || again {
			refund = before
			return err
		}
		if d.Method != donation.Card {
			refund, err = d.Refund(in, d.Total(), earlier, s.now())
			if err != nil {
				return err
			}
			return s.refundByHandTx(ctx, tx, d, refund, earlier)
		}
		payments, err := paymentsOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		charge, ok := paid(payments)
		if !ok {
			return donation.ErrNotReceived
		}
		if refund, err = d.Refund(in, charge.Amount, ofCharge(earlier, charge.ChargeID), s.now()); err != nil {
			return err
		}
		refund.ChargeID = &charge.ChargeID
		return s.requestRefundTx(ctx, tx, refund)
	})
	return refund, err
}

// askedBefore finds the refund that an earlier, equal request made: the answer to it may have been lost.
func askedBefore(refunds []donation.Refund, again donation.Request) (donation.Refund, bool, error) {
	for _, r := range refunds {
		if again.Key != nil && r.Request.Key != nil && *r.Request.Key == *again.Key {
			return r, true, r.Request.Repeats(again)
		}
	}
	return donation.Refund{}, false, nil
}

// paid is the charge that is the gift; for a donation under review the first that succeeded.
func paid(payments []Payment) (found Payment, ok bool) {
	for _, p := range payments {
		switch {
		case p.Status != payment.ChargeSucceeded:
		case p.Strange == "":
			return p, true
		case !ok:
			found, ok = p, true
		}
	}
	return found, ok
}

// ofCharge leaves out the refunds of other charges.
func ofCharge(refunds []donation.Refund, chargeID string) []donation.Refund {
	var mine []donation.Refund
	for _, r := range refunds {
		if r.ChargeID != nil && *r.ChargeID == chargeID {
			mine = append(mine, r)
		}
	}
	return mine
}

// requestRefundTx stores the refund with its key before Stripe hears of it, and leaves the call to a job.
func (s *Service) requestRefundTx(ctx context.Context, tx database.Tx, r donation.Refund) error {
	key := "rf:" + r.ID.String()
	r.IdempotencyKey = &key
	if err := saveRefund(ctx, tx, r); err != nil {
		return err
	}
	if err := s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "refund.requested", SubjectType: "donation", SubjectID: r.DonationID,
		After: map[string]any{"amount_minor": r.Amount.Minor, "currency": r.Amount.Currency, "reason": r.Reason},
	}); err != nil {
		return err
	}
	return s.jobs.InsertTx(ctx, tx, payment.SendRefund{OrgID: r.OrgID, RefundID: r.ID.UUID}, queue.On(queue.Stripe))
}

// refundByHandTx books money given back by cheque, cash or transfer, out of the bank, or out of hand when it never went to the bank.
func (s *Service) refundByHandTx(ctx context.Context, tx database.Tx, d donation.Donation, r donation.Refund, earlier []donation.Refund) error {
	now := s.now()
	r.Status, r.RefundedAt = payment.RefundSucceeded, &now
	if err := saveRefund(ctx, tx, r); err != nil {
		return err
	}
	from, err := whereabouts(ctx, tx, d)
	if err != nil {
		return err
	}
	t, err := ledger.OfflineReturn(ledger.Returned{Gift: d.Gift(), RefundID: r.ID.String(), Part: r.Amount, Cover: money.Zero(r.Amount.Currency), At: now}, from)
	if err != nil {
		return err
	}
	s.books.PostTx(tx, d.OrgID, t)
	return s.settleByHandTx(ctx, tx, d, append(earlier, r))
}

// settleByHandTx derives the status of a gift that did not come by card.
func (s *Service) settleByHandTx(ctx context.Context, tx database.Tx, d donation.Donation, refunds []donation.Refund) error {
	before := d
	facts := donation.Facts{}
	for _, r := range refunds {
		if r.Status.Returns() {
			facts.Returned += r.Amount.Minor
		}
	}
	d.Settle(facts, s.now())
	if err := s.saveSettledTx(ctx, tx, before, d); err != nil {
		return err
	}
	return s.followTx(ctx, tx, d, payment.Attempt{}, nil)
}

// SendRefund hands a requested refund to Stripe. Sending it again is the same refund, by its key; so it may be repeated until Stripe answers.
// When the key may have been forgotten, Stripe's list decides whether the refund was made.
func (s *Service) SendRefund(ctx context.Context, org, refundID uuid.UUID) error {
	r, p, err := s.refundToSend(ctx, org, refundID)
	if err != nil || r.Status != payment.RefundRequested {
		return err
	}
	donationID := id.From[donation.Donation](r.DonationID)
	if s.now().Sub(r.RequestedAt) > payment.KeyLifetime {
		if err := s.reconcile(ctx, org, donationID, true); err != nil {
			return err
		}
		if r, p, err = s.refundToSend(ctx, org, refundID); err != nil || r.Status != payment.RefundRequested {
			return err
		}
	}
	_, err = s.gateway.CreateRefund(ctx, p.StripeAccount, *r.IdempotencyKey, payment.RefundParams{
		ChargeID: p.ChargeID, Amount: r.Amount.Minor, Reason: r.Reason.Stripe(),
		Metadata: map[string]string{"refund": r.ID.String(), "donation": r.DonationID.String(), "org": org.String()},
	})
	if errors.Is(err, payment.ErrRefused) || errors.Is(err, payment.ErrUnknownObject) {
		return s.refuseRefund(ctx, org, refundID)
	}
	if err != nil {
		return fmt.Errorf("send refund %s: %w", r.ID, err)
	}
	return s.reconcile(ctx, org, donationID, true)
}

// refundToSend is a card refund and the charge it takes from.
func (s *Service) refundToSend(ctx context.Context, org, refundID uuid.UUID) (r donation.Refund, p Payment, err error) {
	err = s.db.Read(ctx, database.Tenant(org), func(reader database.Reader) (err error) {
		if r, err = findRefund(ctx, reader, refundID); err != nil || r.Status != payment.RefundRequested {
			return err
		}
		p, err = findPayment(ctx, reader, *r.ChargeID)
		return err
	})
	return r, p, err
}

// refuseRefund keeps that Stripe will not give this money back, for staff to see; unless Stripe has told otherwise meanwhile.
func (s *Service) refuseRefund(ctx context.Context, org, refundID uuid.UUID) error {
	return s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		r, err := findRefund(ctx, tx, refundID)
		if err != nil {
			return err
		}
		d := donation.Donation{ID: id.From[donation.Donation](r.DonationID)}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		if r, err = findRefund(ctx, tx, refundID); err != nil || r.Status != payment.RefundRequested {
			return err
		}
		r.Status, r.FailureReason, r.UpdatedAt = payment.RefundFailed, "refused_by_stripe", s.now()
		if err := saveRefund(ctx, tx, r); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "refund.failed", SubjectType: "donation", SubjectID: r.DonationID, After: map[string]any{"reason": r.FailureReason}})
	})
}

// Deposit books a cheque or cash taken to the bank on a day.
func (s *Service) Deposit(ctx context.Context, donationID id.ID[donation.Donation], on day.Day) error {
	return s.byHand(ctx, donationID, on, func(tx database.Tx, d donation.Donation, at time.Time) error {
		if from := d.Method.Lands(); d.Status != donation.Recorded || from != ledger.ChequesOnHand && from != ledger.CashOnHand {
			return donation.ErrNotDepositable
		}
		from, err := whereabouts(ctx, tx, d)
		if err != nil {
			return err
		}
		if from == ledger.Bank {
			return donation.ErrAlreadyAtBank
		}
		t, err := ledger.Deposited(d.Gift(), from, at)
		if err != nil {
			return err
		}
		s.books.PostTx(tx, d.OrgID, t)
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "donation.deposited", SubjectType: "donation", SubjectID: d.ID.UUID, After: map[string]any{"on": on.String()}})
	})
}

// Bounce books a cheque that the bank returned: the gift no longer counts, and its receipt is void.
func (s *Service) Bounce(ctx context.Context, donationID id.ID[donation.Donation], on day.Day, bankFee money.Money, note string) error {
	return s.byHand(ctx, donationID, on, func(tx database.Tx, d donation.Donation, at time.Time) error {
		if bankFee.Minor < 0 || bankFee.Minor > money.MaxMinor || bankFee.Currency != d.Amount.Currency {
			return fault.Invalid("bank_fee", "amount.invalid", "Write the bank's fee in the gift's currency, or 0.")
		}
		earlier, err := refundsOf(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		r, err := d.Bounce(note, actor.From(ctx).Login(), earlier, s.now())
		if err != nil {
			return err
		}
		if err := saveRefund(ctx, tx, r); err != nil {
			return err
		}
		from, err := whereabouts(ctx, tx, d)
		if err != nil {
			return err
		}
		t, err := ledger.Bounced(d.Gift(), from, bankFee, at)
		if err != nil {
			return err
		}
		s.books.PostTx(tx, d.OrgID, t)
		return s.settleByHandTx(ctx, tx, d, append(earlier, r))
	})
}
