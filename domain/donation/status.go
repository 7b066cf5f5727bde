package donation

import (
	"time"

	"tributary/domain/day"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// Status is where a donation stands. It is derived from facts by Settle, never chosen.
type Status string

// The statuses.
const (
	Draft             Status = "draft"
	AwaitingPayment   Status = "awaiting_payment"
	Processing        Status = "processing"
	RequiresAction    Status = "requires_action"
	Failed            Status = "failed"
	Expired           Status = "expired"
	Cancelled         Status = "cancelled"
	Succeeded         Status = "succeeded"
	Recorded          Status = "recorded"
	PartiallyRefunded Status = "partially_refunded"
	Refunded          Status = "refunded"
	Review            Status = "review"
)

// Statuses lists every status.
var Statuses = []Status{
	Draft, AwaitingPayment, Processing, RequiresAction, Failed, Expired, Cancelled, Succeeded, Recorded, PartiallyRefunded, Refunded, Review,
}

// Received reports whether the money came, whatever happened to it later.
func (s Status) Received() bool {
	switch s {
	case Succeeded, Recorded, PartiallyRefunded, Refunded:
		return true
	case Draft, AwaitingPayment, Processing, RequiresAction, Failed, Expired, Cancelled, Review:
		return false
	}
	return false
}

// Facts is all that a donation's status follows from.
type Facts struct {
	Attempt     payment.AttemptState // of the newest attempt; empty for an offline gift
	ReceivedAt  *time.Time           // when the expected money came; nil: it did not
	Returned    int64                // minor units given back, or on their way back
	Unexpected  string               // why money that came is not what we asked for; empty: nothing strange
	ReceiptZone *time.Location       // decides the receipt date
}

// Settle derives the donation's status from the facts. Money wins over opinion: a gift that was paid after it expired is a gift.
func (d *Donation) Settle(f Facts, now time.Time) {
	d.UpdatedAt = now
	d.RefundedMinor = f.Returned
	d.ReviewReason = f.Unexpected
	if f.ReceivedAt != nil && d.SucceededAt == nil {
		at := *f.ReceivedAt
		on := day.In(at, f.ReceiptZone)
		d.SucceededAt, d.OccurredAt, d.ReceivedOn = &at, at, &on
	}
	switch {
	case d.SucceededAt != nil && f.Returned >= d.Total().Minor:
		d.Status = Refunded
	case d.SucceededAt != nil && f.Returned > 0:
		d.Status = PartiallyRefunded
	case d.SucceededAt != nil && d.Method == Card:
		d.Status = Succeeded
	case d.SucceededAt != nil:
		d.Status = Recorded
	case f.Unexpected != "":
		d.Status = Review
	default:
		d.Status = unpaid(f.Attempt)
	}
}

func unpaid(s payment.AttemptState) Status {
	switch s {
	case payment.AttemptCreated, payment.AttemptUnknown:
		return Draft
	case payment.AttemptOpen:
		return AwaitingPayment
	case payment.AttemptProcessing:
		return Processing
	case payment.AttemptRequiresAction:
		return RequiresAction
	case payment.AttemptFailed:
		return Failed
	case payment.AttemptExpired:
		return Expired
	case payment.AttemptCancelled:
		return Cancelled
	case payment.AttemptSucceeded: // the attempt succeeded but its money is not (yet) ours
		return Processing
	}
	return Draft
}

// Expects checks money that came against what was asked for; it returns why it is strange, or "".
func (d Donation) Expects(c payment.Charge, livemode bool) string {
	switch {
	case c.Amount.Currency != d.Amount.Currency:
		return "currency"
	case c.Amount.Minor != d.Total().Minor:
		return "amount"
	case c.Livemode != livemode:
		return "livemode"
	}
	return ""
}

// CoverShare is the part of a refund that comes out of the cover, pro rata by largest remainder. It is cut from the running sum, less what
// the earlier refunds that stand took of it, so that any number of refunds, failed ones among them, add up exactly.
func (d Donation) CoverShare(earlier []Refund, amount int64) int64 {
	if d.CoverMinor == 0 {
		return 0
	}
	gone, taken := Gone(earlier), int64(0)
	for _, r := range earlier {
		if !r.Status.Void() {
			taken += r.CoverMinor
		}
	}
	share := money.New(gone+amount, d.Amount.Currency).Split([]int64{d.Amount.Minor, d.CoverMinor})[1].Minor - taken
	giftLeft := d.Amount.Minor - (gone - taken)
	return min(max(share, amount-giftLeft, 0), amount)
}
