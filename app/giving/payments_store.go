package giving

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// Payment is a charge as stored. What Stripe does not know yet is nil.
type Payment struct {
	OrgID                uuid.UUID `gorm:"primaryKey"`
	ChargeID             string    `gorm:"primaryKey"`
	DonationID           uuid.UUID
	PaymentIntentID      string
	StripeAccount        string
	Status               payment.ChargeStatus
	Amount               money.Money `gorm:"embedded;embeddedPrefix:amount_"`
	FeeMinor             *int64
	NetMinor             *int64
	BalanceCurrency      *string
	BalanceTransactionID *string
	Brand                string
	Last4                string
	ExpMonth             int
	ExpYear              int
	FailureCode          string
	Strange              string // why it is not the gift, decided when it succeeded; empty for the gift
	ChargedAt            time.Time
	UpdatedAt            time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of payments.
func (Payment) TableName() string { return "payments" }

// paymentOf is the row of a charge that Stripe tells of.
func paymentOf(d donation.Donation, c payment.Charge, now time.Time) Payment {
	row := Payment{
		OrgID: d.OrgID, ChargeID: c.ID, DonationID: d.ID.UUID, PaymentIntentID: c.IntentID, StripeAccount: c.Account, Status: c.Status, Amount: c.Amount,
		Brand: c.Brand, Last4: c.Last4, ExpMonth: c.ExpMonth, ExpYear: c.ExpYear, FailureCode: c.FailureCode, ChargedAt: c.CreatedAt, UpdatedAt: now,
	}
	if b := c.Balance; b != nil {
		row.FeeMinor, row.NetMinor, row.BalanceCurrency, row.BalanceTransactionID = &b.Fee.Minor, &b.Net.Minor, &b.Net.Currency, &b.ID
	}
	return row
}

// upsertPayment stores a charge. What is known stays known: an older answer neither takes a success back nor forgets the fee, and what a
// succeeded charge was taken for stays so.
func upsertPayment(ctx context.Context, tx database.Tx, row Payment) error {
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "org_id"}, {Name: "charge_id"}},
		DoUpdates: clause.Set{
			{Column: clause.Column{Name: "status"}, Value: gorm.Expr("case when payments.status = 'succeeded' then payments.status else excluded.status end")},
			{Column: clause.Column{Name: "strange"}, Value: gorm.Expr("case when payments.status = 'succeeded' then payments.strange else excluded.strange end")},
			{Column: clause.Column{Name: "failure_code"}, Value: gorm.Expr("coalesce(nullif(excluded.failure_code, ''), payments.failure_code)")},
			{Column: clause.Column{Name: "amount_minor"}, Value: gorm.Expr("excluded.amount_minor")},
			{Column: clause.Column{Name: "fee_minor"}, Value: gorm.Expr("coalesce(excluded.fee_minor, payments.fee_minor)")},
			{Column: clause.Column{Name: "net_minor"}, Value: gorm.Expr("coalesce(excluded.net_minor, payments.net_minor)")},
			{Column: clause.Column{Name: "balance_currency"}, Value: gorm.Expr("coalesce(excluded.balance_currency, payments.balance_currency)")},
			{Column: clause.Column{Name: "balance_transaction_id"}, Value: gorm.Expr("coalesce(excluded.balance_transaction_id, payments.balance_transaction_id)")},
			{Column: clause.Column{Name: "updated_at"}, Value: gorm.Expr("excluded.updated_at")},
		},
	}).Create(&row).Error
	if err != nil {
		return fmt.Errorf("store charge %s: %w", row.ChargeID, err)
	}
	return nil
}

func paymentsOf(ctx context.Context, r database.Reader, donationID id.ID[donation.Donation]) ([]Payment, error) {
	rows, err := gorm.G[Payment](r.Gorm(ctx)).Where("donation_id = ?", donationID).Order("charged_at, charge_id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list payments: %w", err)
	}
	return rows, nil
}

func findPayment(ctx context.Context, r database.Reader, chargeID string) (Payment, error) {
	p, err := gorm.G[Payment](r.Gorm(ctx)).Where("charge_id = ?", chargeID).Take(ctx)
	if err != nil {
		return p, fmt.Errorf("find charge: %w", err)
	}
	return p, nil
}

func refundsOf(ctx context.Context, r database.Reader, donationID id.ID[donation.Donation]) ([]donation.Refund, error) {
	refunds, err := gorm.G[donation.Refund](r.Gorm(ctx)).Where("donation_id = ?", donationID).Order("requested_at, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list refunds: %w", err)
	}
	return refunds, nil
}

func findRefund(ctx context.Context, r database.Reader, refundID uuid.UUID) (donation.Refund, error) {
	refund, err := gorm.G[donation.Refund](r.Gorm(ctx)).Where("id = ?", refundID).Take(ctx)
	if err != nil {
		return refund, fmt.Errorf("find refund: %w", err)
	}
	return refund, nil
}

// saveRefund stores a new refund or what has changed of one.
func saveRefund(ctx context.Context, tx database.Tx, r donation.Refund) error {
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "org_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"charge_id", "stripe_refund_id", "status", "cover_minor", "failure_reason", "balance_transaction_id", "refunded_at", "updated_at",
		}),
	}).Create(&r).Error
	if database.Constraint(err) == "refunds_request_key_key" {
		return donation.ErrRequestDiffers // the key belongs to a refund of another donation
	}
	if err != nil {
		return fmt.Errorf("store refund %s: %w", r.ID, err)
	}
	return nil
}
