package giving

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/donation"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// applyRefundTx stores a refund as Stripe tells it and books each step it has taken. suspense: it returns money that was never a gift.
func (s *Service) applyRefundTx(ctx context.Context, tx database.Tx, d donation.Donation, f payment.RefundFact, known []donation.Refund, suspense bool) ([]donation.Refund, error) {
	r, at := match(known, f)
	if at < 0 {
		r = donation.FromStripe(d, f, ofCharge(known, f.ChargeID), s.now())
		known = append(known, r)
		at = len(known) - 1
	}
	if err := r.Follow(f, s.now()); err != nil {
		return nil, err
	}
	if suspense {
		r.CoverMinor = 0
	}
	known[at] = r
	if err := saveRefund(ctx, tx, r); err != nil {
		return nil, err
	}
	for _, post := range steps(d, r, f, suspense) {
		t, err := post()
		if err != nil {
			return nil, err
		}
		s.books.PostTx(tx, d.OrgID, t)
	}
	return known, nil
}

// match finds the refund that Stripe tells of: by Stripe's id, or by ours when its answer never reached us; -1 when it was not made here.
func match(known []donation.Refund, f payment.RefundFact) (donation.Refund, int) {
	for i, r := range known {
		if r.StripeRefundID != nil && *r.StripeRefundID == f.ID || r.StripeRefundID == nil && f.Metadata["refund"] == r.ID.String() {
			return r, i
		}
	}
	return donation.Refund{}, -1
}

// steps are the postings of what a refund has gone through so far; those booked before are not booked again.
func steps(d donation.Donation, r donation.Refund, f payment.RefundFact, suspense bool) []func() (ledger.Transaction, error) {
	returned := ledger.Returned{
		Gift: d.Gift(), RefundID: f.ID, Part: money.New(r.Amount.Minor-r.CoverMinor, r.Amount.Currency), Cover: money.New(r.CoverMinor, r.Amount.Currency), At: f.CreatedAt,
	}
	created, undone, settledAt := ledger.CardRefund, ledger.CardRefundFailed, f.CreatedAt
	if suspense {
		created, undone = ledger.StrangeReturned, ledger.StrangeReturnFailed
	}
	posts := []func() (ledger.Transaction, error){func() (ledger.Transaction, error) { return created(returned) }}
	if f.Balance != nil {
		settledAt = f.Balance.At
		posts = append(posts, func() (ledger.Transaction, error) {
			settled := returned
			settled.At = settledAt
			return ledger.CardRefundSettled(settled, f.Balance.ID)
		})
	}
	if f.Status.Void() {
		posts = append(posts, func() (ledger.Transaction, error) {
			failed := returned
			if f.FailureBalance != nil {
				failed.At = f.FailureBalance.At
			}
			return undone(failed, f.Balance != nil)
		})
	}
	return posts
}
