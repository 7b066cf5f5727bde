package pledging

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/promise"
)

func openPromisesOf(ctx context.Context, r database.Reader, personID uuid.UUID) ([]id.ID[promise.Promise], error) {
	var open []id.ID[promise.Promise]
	err := r.Gorm(ctx).Model(&promise.Promise{}).Where("person_id = ? and status not in ('completed', 'written_off', 'cancelled')", personID).
		Order("id").Pluck("id", &open).Error
	if err != nil {
		return nil, fmt.Errorf("list open promises: %w", err)
	}
	return open, nil
}

func erasePromises(ctx context.Context, tx database.Tx, personID uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `update promises set donor_first_name = '', donor_last_name = '', donor_email = '', note = '', close_reason = '',
		visibility = 'anonymous' where person_id = $1`, personID)
	if err != nil {
		return fmt.Errorf("erase promises: %w", err)
	}
	_, err = tx.Exec(ctx, `update saved_cards set brand = '', last4 = '', exp_month = 0, exp_year = 0, detached_at = coalesce(detached_at, $2)
		where person_id = $1`, personID, now)
	if err != nil {
		return fmt.Errorf("erase cards: %w", err)
	}
	return nil
}
