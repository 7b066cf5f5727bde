package giving

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/payment"
)

// insertEvent stores an event; fresh is false when it is stored already.
func insertEvent(ctx context.Context, tx database.Tx, e payment.Event) (fresh bool, err error) {
	n, err := tx.Exec(ctx, `insert into stripe_events (event_id, account, type, object_id, api_version, livemode, created, received_at, payload, state)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10) on conflict do nothing`,
		e.EventID, e.Account, e.Type, e.ObjectID, e.APIVersion, e.Livemode, e.Created, e.ReceivedAt, string(e.Payload), string(e.State))
	if err != nil {
		return false, fmt.Errorf("store event: %w", err)
	}
	return n == 1, nil
}

func findEvent(ctx context.Context, r database.Reader, eventID string) (payment.Event, error) {
	e, err := gorm.G[payment.Event](r.Gorm(ctx)).Where("event_id = ?", eventID).Take(ctx)
	if err != nil {
		return e, fmt.Errorf("find event: %w", err)
	}
	return e, nil
}

func saveEvent(ctx context.Context, tx database.Tx, e payment.Event) error {
	err := tx.Gorm(ctx).Model(&e).Where("event_id = ?", e.EventID).Select("State", "Attempts", "LastError", "OrgID", "DonationID", "ProcessedAt").Updates(e).Error
	if err != nil {
		return fmt.Errorf("save event: %w", err)
	}
	return nil
}

// forgetPayloads empties the text of events received before an instant, some at a time.
func forgetPayloads(ctx context.Context, tx database.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `update stripe_events set payload = '{}' where event_id in (
		select event_id from stripe_events where received_at < $1 and payload <> '{}'::jsonb order by received_at limit 10000)`, before)
	if err != nil {
		return fmt.Errorf("forget old events' text: %w", err)
	}
	return nil
}

// stripeObject tells whose an object is: uuid.Nil when nobody's, and no donation for one that is about a saved card.
func stripeObject(ctx context.Context, r database.Reader, stripeID string) (org, donationID uuid.UUID, err error) {
	var of *uuid.UUID
	err = r.QueryRow(ctx, "select org_id, donation_id from stripe_objects where stripe_id = $1", stripeID).Scan(&org, &of)
	if err != nil && !database.IsNoRows(err) {
		return uuid.Nil, uuid.Nil, fmt.Errorf("find stripe object: %w", err)
	}
	if of != nil {
		donationID = *of
	}
	return org, donationID, nil
}

func nonprofits(ctx context.Context, r database.Reader) ([]account.Organization, error) {
	orgs, err := gorm.G[account.Organization](r.Gorm(ctx)).Where("kind = 'nonprofit'").Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	return orgs, nil
}

// stuck finds payments whose page ended, or that nobody heard of for an hour, and refunds that Stripe has not answered for five minutes.
func stuck(ctx context.Context, r database.Reader, now time.Time) (donations, refunds []uuid.UUID, err error) {
	err = r.Gorm(ctx).Table("donations").Where("status in ('draft', 'awaiting_payment', 'processing', 'requires_action') and initiated_at < ?", now.Add(-35*time.Minute)).
		Order("initiated_at").Limit(1000).Pluck("id", &donations).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list open donations: %w", err)
	}
	err = r.Gorm(ctx).Table("refunds").Where("status = 'requested' and requested_at < ?", now.Add(-5*time.Minute)).
		Order("requested_at").Limit(1000).Pluck("id", &refunds).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list open refunds: %w", err)
	}
	return donations, refunds, nil
}

func checkpoint(ctx context.Context, r database.Reader, stripeAccount string) (time.Time, error) {
	var at time.Time
	err := r.QueryRow(ctx, "select created from stripe_checkpoints where account = $1", stripeAccount).Scan(&at)
	if err != nil && !database.IsNoRows(err) {
		return at, fmt.Errorf("find checkpoint: %w", err)
	}
	return at, nil
}

func saveCheckpoint(ctx context.Context, tx database.Tx, stripeAccount string, at time.Time) error {
	_, err := tx.Exec(ctx, `insert into stripe_checkpoints (account, created, updated_at) values ($1, $2, $2)
		on conflict (account) do update set created = greatest(stripe_checkpoints.created, excluded.created), updated_at = excluded.updated_at`, stripeAccount, at)
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	return nil
}
