package giving

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/payment"
)

// upsertPayout stores what Stripe tells of a payout and returns the payout as it stands: its state only moves forward.
func upsertPayout(ctx context.Context, tx database.Tx, p payment.Payout) (payment.Payout, error) {
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(&p).Error
	if err != nil {
		return p, fmt.Errorf("store payout: %w", err)
	}
	stored, err := lockPayout(ctx, tx, p.PayoutID)
	if err != nil {
		return p, err
	}
	stored.Status, stored.UpdatedAt = stored.Status.Later(p.Status), p.UpdatedAt
	if err := tx.Gorm(ctx).Model(&stored).Where("payout_id = ?", p.PayoutID).Select("Status", "UpdatedAt").Updates(stored).Error; err != nil {
		return p, fmt.Errorf("save payout: %w", err)
	}
	return stored, nil
}

func lockPayout(ctx context.Context, tx database.Tx, payoutID string) (payment.Payout, error) {
	p, err := gorm.G[payment.Payout](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).Where("payout_id = ?", payoutID).Take(ctx)
	if database.IsNoRows(err) {
		return p, payment.ErrPayoutNotFound
	}
	if err != nil {
		return p, fmt.Errorf("find payout: %w", err)
	}
	return p, nil
}

func saveMatch(ctx context.Context, tx database.Tx, p payment.Payout) error {
	err := tx.Gorm(ctx).Model(&p).Where("payout_id = ?", p.PayoutID).Select("BankMatchedAt", "BankMatchedBy", "UpdatedAt").Updates(p).Error
	if err != nil {
		return fmt.Errorf("save payout: %w", err)
	}
	return nil
}

func listPayouts(ctx context.Context, r database.Reader, before time.Time, beforeID string, limit int) ([]payment.Payout, error) {
	query := gorm.G[payment.Payout](r.Gorm(ctx)).Order("created_at desc, payout_id desc").Limit(limit)
	if !before.IsZero() {
		query = query.Where("(created_at, payout_id) < (?, ?)", before, beforeID)
	}
	payouts, err := query.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list payouts: %w", err)
	}
	return payouts, nil
}
