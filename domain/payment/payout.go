package payment

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/money"
)

// Faults of payouts.
var (
	ErrPayoutNotFound = fault.NotFound("payout")
	ErrPayoutNotPaid  = fault.New(fault.KindConflict, "payout.not_paid", "Only a payout that Stripe has paid can be found on the bank statement.")
)

// PayoutStatus is where a payout stands.
type PayoutStatus string

// The states of a payout, by how far it is. A paid one can still fail, days later.
const (
	PayoutPending   PayoutStatus = "pending"
	PayoutInTransit PayoutStatus = "in_transit"
	PayoutPaid      PayoutStatus = "paid"
	PayoutCanceled  PayoutStatus = "canceled"
	PayoutFailed    PayoutStatus = "failed"
)

var payoutRank = map[PayoutStatus]int{PayoutPending: 0, PayoutInTransit: 1, PayoutPaid: 2, PayoutCanceled: 3, PayoutFailed: 4}

// Later returns the further of two states.
func (s PayoutStatus) Later(other PayoutStatus) PayoutStatus {
	if payoutRank[other] > payoutRank[s] {
		return other
	}
	return s
}

// Returned reports whether the money came back to the balance.
func (s PayoutStatus) Returned() bool { return s == PayoutCanceled || s == PayoutFailed }

// Payout is a transfer from the gateway's balance to the bank.
type Payout struct {
	OrgID                uuid.UUID `gorm:"primaryKey"`
	PayoutID             string    `gorm:"primaryKey"`
	StripeAccount        string
	Status               PayoutStatus
	Amount               money.Money `gorm:"embedded;embeddedPrefix:amount_"`
	ArrivalOn            day.Day
	BalanceTransactionID string
	BankMatchedAt        *time.Time
	BankMatchedBy        *uuid.UUID
	CreatedAt            time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of payouts.
func (Payout) TableName() string { return "payouts" }
