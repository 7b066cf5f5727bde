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
	"tributary/domain/payment"
)

// lockUnpaidOf locks the one gift that collects an instalment and is not settled; found is false when there is none.
func lockUnpaidOf(ctx context.Context, tx database.Tx, instalment uuid.UUID) (d donation.Donation, found bool, err error) {
	d, err = gorm.G[donation.Donation](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where("instalment_id = ? and status in ('draft', 'awaiting_payment', 'processing', 'requires_action', 'failed', 'expired')", instalment).Take(ctx)
	if database.IsNoRows(err) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("lock the gift of instalment %s: %w", instalment, err)
	}
	return d, true, nil
}

// collected reports whether money of an instalment came and was not wholly given back, or came otherwise than asked for and waits for
// somebody to look at it.
func collected(ctx context.Context, r database.Reader, instalment uuid.UUID) (paid bool, err error) {
	err = r.QueryRow(ctx, `select exists (select 1 from donations where instalment_id = $1
		and status in ('succeeded', 'recorded', 'partially_refunded', 'review'))`, instalment).Scan(&paid)
	if err != nil {
		return false, fmt.Errorf("look for money of instalment %s: %w", instalment, err)
	}
	return paid, nil
}

// attemptsToCollect is the highest number of an attempt to collect an instalment, of all its gifts: a number is never used twice.
func attemptsToCollect(ctx context.Context, r database.Reader, instalment uuid.UUID) (n int, err error) {
	// The gifts come first whatever the planner knows of the tables: a join was walked from the attempts of a whole organization.
	err = r.QueryRow(ctx, `select coalesce(max(n), 0) from payment_attempts
		where donation_id = any(array(select id from donations where instalment_id = $1))`, instalment).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count attempts of instalment %s: %w", instalment, err)
	}
	return n, nil
}

func findAttempt(ctx context.Context, r database.Reader, attemptID uuid.UUID) (payment.Attempt, error) {
	a, err := gorm.G[payment.Attempt](r.Gorm(ctx)).Where("id = ?", attemptID).Take(ctx)
	if err != nil {
		return a, fmt.Errorf("find attempt: %w", err)
	}
	return a, nil
}

// answerCharge keeps what a charge came to of which Stripe has no record (yet).
func answerCharge(ctx context.Context, tx database.Tx, a payment.Attempt, state payment.AttemptState, code string, now time.Time) error {
	_, err := tx.Exec(ctx, `update payment_attempts set state = $3, decline_code = $4, updated_at = $5
		where org_id = $1 and id = $2 and state in ('created', 'unknown') and payment_intent_id is null`, a.OrgID, a.ID, string(state), code, now)
	if err != nil {
		return fmt.Errorf("keep the answer to attempt %s: %w", a.ID, err)
	}
	return nil
}

// paysOf is what a gift pays; nil for one that pays no instalment.
func paysOf(ctx context.Context, r database.Reader, instalment *uuid.UUID) (*Pays, error) {
	if instalment == nil {
		return nil, nil //nolint:nilnil // most gifts pay none
	}
	var p Pays
	err := r.QueryRow(ctx, `select p.id, p.reference, p.kind, i.n from instalments i join promises p on p.org_id = i.org_id and p.id = i.promise_id
		where i.id = $1`, *instalment).Scan(&p.PromiseID, &p.Reference, &p.Kind, &p.N)
	if err != nil {
		return nil, fmt.Errorf("find what a gift pays: %w", err)
	}
	return &p, nil
}
