package people

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/person"
)

func findOrganization(ctx context.Context, r database.Reader, which uuid.UUID) (account.Organization, error) {
	org, err := gorm.G[account.Organization](r.Gorm(ctx)).Where("id = ?", which).Take(ctx)
	if database.IsNoRows(err) {
		return org, person.ErrLinkSpent
	}
	return org, err
}

func insertLink(ctx context.Context, tx database.Tx, l person.Link) error {
	if err := gorm.G[person.Link](tx.Gorm(ctx)).Create(ctx, &l); err != nil {
		return fmt.Errorf("store supporter link: %w", err)
	}
	return nil
}

func checkLink(ctx context.Context, r database.Reader, hash []byte, at time.Time) error {
	_, err := gorm.G[person.Link](r.Gorm(ctx)).Where("token_hash = ? AND used_at IS NULL AND expires_at > ?", hash, at).Take(ctx)
	if database.IsNoRows(err) {
		return person.ErrLinkSpent
	}
	return err
}

// spendLink decides by the update itself who of several was first.
func spendLink(ctx context.Context, tx database.Tx, hash []byte, at time.Time) (who id.ID[person.Person], err error) {
	err = tx.QueryRow(ctx, `
		UPDATE supporter_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2
		RETURNING person_id`, hash, at).Scan(&who)
	if database.IsNoRows(err) {
		return who, person.ErrLinkSpent
	}
	return who, err
}

func insertSession(ctx context.Context, tx database.Tx, s person.Session) error {
	if err := gorm.G[person.Session](tx.Gorm(ctx)).Create(ctx, &s); err != nil {
		return fmt.Errorf("store supporter session: %w", err)
	}
	return nil
}

func liveSession(ctx context.Context, r database.Reader, hash []byte, at time.Time) (person.Session, error) {
	s, err := gorm.G[person.Session](r.Gorm(ctx)).Where("token_hash = ? AND expires_at > ?", hash, at).Take(ctx)
	if database.IsNoRows(err) {
		return s, person.ErrSessionOver
	}
	return s, err
}

func deleteSession(ctx context.Context, tx database.Tx, hash []byte) error {
	_, err := tx.Exec(ctx, "DELETE FROM supporter_sessions WHERE token_hash = $1", hash)
	return err
}

// queueEndOfAccess takes the keys to the supporter page away from whoever holds some.
func queueEndOfAccess(tx database.Tx, who id.ID[person.Person]) {
	tx.Queue("DELETE FROM supporter_sessions WHERE person_id = $1", []any{who}, nil)
	tx.Queue("DELETE FROM supporter_links WHERE person_id = $1 AND used_at IS NULL", []any{who}, nil)
}

// queueForgetting removes what expired of the person's links and sessions, so that the tables stay as small as the use of them.
func queueForgetting(tx database.Tx, who id.ID[person.Person], before time.Time) {
	tx.Queue("DELETE FROM supporter_sessions WHERE person_id = $1 AND expires_at <= $2", []any{who, before}, nil)
	tx.Queue("DELETE FROM supporter_links WHERE person_id = $1 AND expires_at <= $2", []any{who, before}, nil)
}
