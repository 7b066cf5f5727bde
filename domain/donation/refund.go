package donation

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/text"
)

// RefundReason is why money goes back.
type RefundReason string

// The reasons.
const (
	RequestedByDonor RefundReason = "requested_by_donor"
	Duplicate        RefundReason = "duplicate"
	Fraudulent       RefundReason = "fraudulent"
	Mistake          RefundReason = "mistake"
	BouncedCheque    RefundReason = "bounced"
	OtherReason      RefundReason = "other"
)

// Stripe is the gateway's word for the reason; empty when it has none.
func (r RefundReason) Stripe() string {
	switch r {
	case RequestedByDonor:
		return "requested_by_customer"
	case Duplicate:
		return "duplicate"
	case Fraudulent:
		return "fraudulent"
	case Mistake, BouncedCheque, OtherReason:
		return ""
	}
	return ""
}

// Refund is money given back, asked for here or at the gateway.
type Refund struct {
	OrgID                uuid.UUID     `gorm:"primaryKey"`
	ID                   id.ID[Refund] `gorm:"primaryKey"`
	DonationID           uuid.UUID
	ChargeID             *string
	StripeRefundID       *string
	IdempotencyKey       *string
	Amount               money.Money `gorm:"embedded;embeddedPrefix:amount_"`
	CoverMinor           int64       // the part of Amount that comes out of the cover
	Status               payment.RefundStatus
	Reason               RefundReason
	Note                 string
	FailureReason        string
	BalanceTransactionID *string
	RequestedBy          *uuid.UUID
	Request              Request `gorm:"embedded;embeddedPrefix:request_"`
	RequestedAt          time.Time
	RefundedAt           *time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of refunds.
func (Refund) TableName() string { return "refunds" }

// RefundRequest is what staff ask for.
type RefundRequest struct {
	Amount  money.Money
	Reason  RefundReason
	Note    string
	By      *uuid.UUID
	Request Request
}

// Refund makes a refund of the donation. paid is what came of it, cover included; earlier are its refunds so far, of which what is open
// counts as gone. Money under review can be given back too, but has no cover.
func (d Donation) Refund(r RefundRequest, paid money.Money, earlier []Refund, now time.Time) (Refund, error) {
	if !d.Status.Received() && d.Status != Review {
		return Refund{}, ErrNotReceived
	}
	var errReason, errNote, errAmount error
	switch r.Reason {
	case RequestedByDonor, Duplicate, Fraudulent, Mistake, OtherReason:
	case BouncedCheque:
		errReason = ErrRefundReason // a bounced cheque is not given back; it was never ours
	default:
		errReason = ErrRefundReason
	}
	r.Note, errNote = text.Block("note", r.Note, 2000)
	gone := Gone(earlier)
	switch {
	case r.Amount.Currency != paid.Currency:
		errAmount = money.ErrCurrencyMismatch.With("amount")
	case r.Amount.Minor <= 0:
		errAmount = money.ErrAmountTooSmall.With("amount")
	case r.Amount.Minor > paid.Minor-gone:
		errAmount = ErrRefundTooLarge
	}
	if err := fault.Join(errAmount, errReason, errNote); err != nil {
		return Refund{}, err
	}
	cover := int64(0)
	if d.Status != Review {
		cover = d.CoverShare(earlier, r.Amount.Minor)
	}
	return d.refund(r, cover, now), nil
}

func (d Donation) refund(r RefundRequest, cover int64, now time.Time) Refund {
	return Refund{
		OrgID: d.OrgID, ID: id.New[Refund](), DonationID: d.ID.UUID, Amount: r.Amount, CoverMinor: cover, Status: payment.RefundRequested,
		Reason: r.Reason, Note: r.Note, RequestedBy: r.By, Request: r.Request, RequestedAt: now, UpdatedAt: now,
	}
}

// Return makes the refund of a charge that paid the donation a second time.
func (d Donation) Return(chargeID string, amount money.Money, now time.Time) Refund {
	r := d.refund(RefundRequest{Amount: amount, Reason: Duplicate, Note: "Paid twice; given back automatically."}, 0, now)
	r.ChargeID = &chargeID
	return r
}

// Bounce makes the record of a cheque that the bank returned: the gift never came.
func (d Donation) Bounce(note string, by *uuid.UUID, earlier []Refund, now time.Time) (Refund, error) {
	note, err := text.Block("note", note, 2000)
	if err != nil {
		return Refund{}, err
	}
	if d.Method != Cheque || d.Status != Recorded || Gone(earlier) > 0 {
		return Refund{}, ErrNotBounceable
	}
	r := d.refund(RefundRequest{Amount: d.Amount, Reason: BouncedCheque, Note: note, By: by}, 0, now)
	r.Status, r.RefundedAt = payment.RefundSucceeded, &now
	return r, nil
}

// Gone is what refunds take away, asked for or done.
func Gone(refunds []Refund) int64 {
	total := int64(0)
	for _, r := range refunds {
		if !r.Status.Void() {
			total += r.Amount.Minor
		}
	}
	return total
}

// FromStripe makes the record of a refund that was not asked for here but, say, in Stripe's dashboard. earlier are the refunds of the same
// charge.
func FromStripe(d Donation, f payment.RefundFact, earlier []Refund, now time.Time) Refund {
	return Refund{
		OrgID: d.OrgID, ID: id.New[Refund](), DonationID: d.ID.UUID, Amount: f.Amount, CoverMinor: d.CoverShare(earlier, f.Amount.Minor),
		Status: payment.RefundPending, Reason: OtherReason, Note: "Refunded in Stripe", RequestedAt: f.CreatedAt, UpdatedAt: now,
	}
}

// Follow takes over what the gateway says of the refund. States only move forward, but one that only we thought failed, since the gateway
// gave no answer that named it, is what the gateway says it is. Another amount or currency than was asked for is a conflict that a person
// has to look at: ErrRefundDiffers.
func (r *Refund) Follow(f payment.RefundFact, now time.Time) error {
	if r.Amount != f.Amount {
		return ErrRefundDiffers
	}
	if r.StripeRefundID == nil && r.Status == payment.RefundFailed {
		r.Status, r.FailureReason = payment.RefundRequested, ""
	}
	r.StripeRefundID, r.ChargeID = &f.ID, &f.ChargeID
	r.Status = r.Status.Later(f.Status)
	r.UpdatedAt = now
	if f.FailureReason != "" {
		r.FailureReason = f.FailureReason
	}
	if f.Balance != nil {
		r.BalanceTransactionID = &f.Balance.ID
	}
	if r.RefundedAt == nil && r.Status.Returns() {
		at := f.CreatedAt
		r.RefundedAt = &at
	}
	return nil
}
