package pledging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// errCard is what nobody should see: cards are found by rows that point to them.
var errCard = fault.NotFound("card")

func findCard(ctx context.Context, r database.Reader, card uuid.UUID) (promise.Card, error) {
	c, err := gorm.G[promise.Card](r.Gorm(ctx)).Where("id = ?", card).Take(ctx)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return c, errCard
	case err != nil:
		return c, fmt.Errorf("find saved card: %w", err)
	}
	return c, nil
}

// keepCard stores a card, or finds it when it is known, and remembers whose events about it are.
func keepCard(ctx context.Context, tx database.Tx, c promise.Card) (promise.Card, error) {
	method := c.PaymentMethodID
	queueObject(tx, method, c.OrgID, c.CreatedAt)
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "org_id"}, {Name: "payment_method_id"}}, DoNothing: true,
	}).Create(&c).Error
	if err != nil {
		return c, fmt.Errorf("keep card: %w", err)
	}
	c, _, err = lockCardByMethod(ctx, tx, method)
	return c, err
}

// queueObject remembers whose a Stripe object is that belongs to no gift.
func queueObject(tx database.Tx, stripeID string, org uuid.UUID, now time.Time) {
	tx.Queue("insert into stripe_objects (stripe_id, org_id, created_at) values ($1, $2, $3) on conflict do nothing", []any{stripeID, org, now}, nil)
}

// lockCardByMethod locks a card by Stripe's name for it; found is false for one that nobody saved with us.
func lockCardByMethod(ctx context.Context, tx database.Tx, method string) (c promise.Card, found bool, err error) {
	err = tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("payment_method_id = ?", method).Take(&c).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return c, false, nil
	case err != nil:
		return c, false, fmt.Errorf("find saved card: %w", err)
	}
	return c, true, nil
}

func saveCard(ctx context.Context, tx database.Tx, c promise.Card) error {
	err := tx.Gorm(ctx).Select("brand", "last4", "exp_month", "exp_year", "detached_at", "updated_at").Where("id = ?", c.ID).Updates(&c).Error
	if err != nil {
		return fmt.Errorf("save card %s: %w", c.ID, err)
	}
	return nil
}

// newestCustomer is the customer at Stripe that a person saved a card with; empty when there is none.
func newestCustomer(ctx context.Context, r database.Reader, person uuid.UUID, account string) (customer string, err error) {
	err = r.QueryRow(ctx, "select customer_id from saved_cards where person_id = $1 and stripe_account = $2 order by created_at desc limit 1", person, account).
		Scan(&customer)
	if err != nil && !database.IsNoRows(err) {
		return "", fmt.Errorf("find customer: %w", err)
	}
	return customer, nil
}

// byCardOf lists a person's promises that a new card is used for: those that are open, begun and charged to a card.
func byCardOf(ctx context.Context, r database.Reader, person uuid.UUID) (found []id.ID[promise.Promise], err error) {
	return openPromises(ctx, r, "person_id = ?", person)
}

// chargedTo lists the promises that a card is charged for.
func chargedTo(ctx context.Context, r database.Reader, card id.ID[promise.Card]) (found []id.ID[promise.Promise], err error) {
	return openPromises(ctx, r, "card_id = ?", card)
}

func openPromises(ctx context.Context, r database.Reader, where string, arg any) (found []id.ID[promise.Promise], err error) {
	err = r.Gorm(ctx).Table("promises").Where(where, arg).
		Where("method = 'card' and status in ('active', 'past_due', 'needs_payment_method', 'lapsed')").Order("id").Pluck("id", &found).Error
	if err != nil {
		return nil, fmt.Errorf("list promises by card: %w", err)
	}
	return found, nil
}

func insertSetup(ctx context.Context, tx database.Tx, setup promise.Setup) error {
	if err := tx.Gorm(ctx).Create(&setup).Error; err != nil {
		return fmt.Errorf("insert card setup: %w", err)
	}
	return nil
}

// saveSetup stores what became of a setup.
func saveSetup(ctx context.Context, tx database.Tx, setup promise.Setup) error {
	err := tx.Gorm(ctx).Select("person_id", "state", "session_id", "session_url", "expires_at", "updated_at").Where("id = ?", setup.ID).Updates(&setup).Error
	if err != nil {
		return fmt.Errorf("save card setup %s: %w", setup.ID, err)
	}
	return nil
}

// newestSetup is the last try to save a card for a promise; its State is empty when there was none.
func newestSetup(ctx context.Context, r database.Reader, of id.ID[promise.Promise]) (promise.Setup, error) {
	setup, err := gorm.G[promise.Setup](r.Gorm(ctx)).Where("promise_id = ?", of).Order("created_at desc, id desc").Take(ctx)
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return setup, fmt.Errorf("find card setup: %w", err)
	}
	return setup, nil
}

// setupOfSession finds a setup by its page; its State is empty when it is not known.
func setupOfSession(ctx context.Context, r database.Reader, session string) (promise.Setup, error) {
	setup, err := gorm.G[promise.Setup](r.Gorm(ctx)).Where("session_id = ?", session).Take(ctx)
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return setup, fmt.Errorf("find card setup: %w", err)
	}
	return setup, nil
}

// lockSetup locks a setup by its id; found is false when there is none.
func lockSetup(ctx context.Context, tx database.Tx, of uuid.UUID) (setup promise.Setup, found bool, err error) {
	err = tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", of).Take(&setup).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return setup, false, nil
	case err != nil:
		return setup, false, fmt.Errorf("find card setup: %w", err)
	}
	return setup, true, nil
}
