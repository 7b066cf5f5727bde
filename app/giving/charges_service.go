package giving

import (
	"context"
	"slices"

	"tributary/app/platform/database"
	"tributary/domain/donation"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// secondCharge is why a charge beside the one that paid the gift is strange.
const secondCharge = "second_charge"

// applyChargeTx stores a charge and books it: as the gift when it is what was asked for and the first one, else as money we cannot explain.
// It returns the donation's charges with this one.
func (s *Service) applyChargeTx(ctx context.Context, tx database.Tx, d donation.Donation, c payment.Charge, known []Payment) ([]Payment, error) {
	row := paymentOf(d, c, s.now())
	row.Strange = s.judge(d, c, known)
	if err := upsertPayment(ctx, tx, row); err != nil {
		return nil, err
	}
	queueStripeObject(tx, c.ID, d.OrgID, d.ID.UUID, s.now())
	queueStripeObject(tx, c.IntentID, d.OrgID, d.ID.UUID, s.now())
	at := slices.IndexFunc(known, func(p Payment) bool { return p.ChargeID == c.ID })
	switch {
	case at < 0:
		known = append(known, row)
	case known[at].Status != payment.ChargeSucceeded:
		known[at] = row
	}
	if c.Status != payment.ChargeSucceeded {
		return known, nil
	}
	book := func() (ledger.Transaction, error) { return ledger.CardGift(d.Gift(), c.ID, c.CreatedAt) }
	if row.Strange != "" {
		book = func() (ledger.Transaction, error) { return ledger.Strange(d.ID.UUID, c.ID, c.Amount, c.CreatedAt) }
	}
	t, err := book()
	if err != nil {
		return nil, err
	}
	s.books.PostTx(tx, d.OrgID, t)
	if c.Balance == nil {
		return known, nil
	}
	return known, s.applyFeeTx(tx, d, c, row.Strange != "")
}

// judge says why a charge is not the gift, or "". What was decided when it succeeded stays, since it is booked so: whichever page of a gift
// is paid first is the gift, in whatever order we ask about them later.
func (s *Service) judge(d donation.Donation, c payment.Charge, known []Payment) string {
	if c.Status != payment.ChargeSucceeded {
		return ""
	}
	other := false
	for _, p := range known {
		if p.Status != payment.ChargeSucceeded {
			continue
		}
		if p.ChargeID == c.ID {
			return p.Strange
		}
		other = other || p.Strange == ""
	}
	why := d.Expects(c, s.gateway.Livemode())
	if why == "" && other {
		return secondCharge
	}
	return why
}

// returnSecondChargesTx gives back, without being asked, what is left of what a donor paid twice: two pages of one gift, both paid. It asks
// once: a refund that Stripe refuses is for a person to look at.
func (s *Service) returnSecondChargesTx(ctx context.Context, tx database.Tx, d donation.Donation, payments []Payment, refunds []donation.Refund) error {
	for _, p := range payments {
		if p.Strange != secondCharge {
			continue
		}
		of := ofCharge(refunds, p.ChargeID)
		left := p.Amount.Minor - donation.Gone(of)
		if left <= 0 || slices.ContainsFunc(of, func(r donation.Refund) bool { return r.IdempotencyKey != nil }) {
			continue
		}
		if err := s.requestRefundTx(ctx, tx, d.Return(p.ChargeID, money.New(left, p.Amount.Currency), s.now())); err != nil {
			return err
		}
	}
	return nil
}

// applyFeeTx books Stripe's fee. The cover of an explained gift closes against it; unexplained money has none.
func (s *Service) applyFeeTx(tx database.Tx, d donation.Donation, c payment.Charge, strange bool) error {
	gift := d.Gift()
	if strange {
		gift.Cover.Minor = 0
	}
	if c.Balance.Fee.IsZero() && gift.Cover.IsZero() {
		return nil
	}
	t, err := ledger.CardFee(gift, c.Balance.ID, c.Balance.Fee, c.Balance.At)
	if err != nil {
		return err
	}
	s.books.PostTx(tx, d.OrgID, t)
	return nil
}
