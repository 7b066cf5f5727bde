package volunteering

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// listKinds reads one kind more than a page has.
func listKinds(ctx context.Context, r database.Reader, f KindFilter) ([]volunteer.CredentialKind, error) {
	q := gorm.G[volunteer.CredentialKind](r.Gorm(ctx)).Where("name > ?", f.After)
	if !f.Archived {
		q = q.Where("not archived")
	}
	kinds, err := q.Order("name").Limit(f.Limit + 1).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list credential kinds: %w", err)
	}
	return kinds, nil
}

func insertKind(ctx context.Context, tx database.Tx, k volunteer.CredentialKind) error {
	return explainKind(tx.Gorm(ctx).Create(&k).Error)
}

// lockKind holds a kind as it is until the end of the transaction.
func lockKind(ctx context.Context, tx database.Tx, of id.ID[volunteer.CredentialKind]) (volunteer.CredentialKind, error) {
	k, err := gorm.G[volunteer.CredentialKind](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", of).Take(ctx)
	if database.IsNoRows(err) {
		return k, ErrKind
	}
	if err != nil {
		return k, fmt.Errorf("read credential kind: %w", err)
	}
	return k, nil
}

func updateKind(ctx context.Context, tx database.Tx, k volunteer.CredentialKind) error {
	return explainKind(tx.Gorm(ctx).Select("name", "description", "valid_months", "archived", "updated_at").Where("id = ?", k.ID).Updates(&k).Error)
}

func explainKind(err error) error {
	if database.Constraint(err) == "credential_kinds_name_key" {
		return volunteer.ErrNameTaken
	}
	if err != nil {
		return fmt.Errorf("save credential kind: %w", err)
	}
	return nil
}

func insertCredential(ctx context.Context, tx database.Tx, c volunteer.Credential) error {
	if err := tx.Gorm(ctx).Create(&c).Error; err != nil {
		return fmt.Errorf("save credential: %w", err)
	}
	return nil
}

// fewClaims reports whether somebody, whose profile the caller locked, has few credentials that nobody has looked at.
func fewClaims(ctx context.Context, tx database.Tx, who uuid.UUID) error {
	var open int
	if err := tx.QueryRow(ctx, `select count(*) from credentials where person_id = $1 and not confirmed`, who).Scan(&open); err != nil {
		return fmt.Errorf("count claims: %w", err)
	}
	if open >= mostClaims {
		return errTooManyClaims
	}
	return nil
}

// lockCredential locks a credential and names its kind.
func lockCredential(ctx context.Context, tx database.Tx, of id.ID[volunteer.Credential]) (c volunteer.Credential, kind string, err error) {
	c, err = gorm.G[volunteer.Credential](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).Where("id = ?", of).Take(ctx)
	if database.IsNoRows(err) {
		return c, "", volunteer.ErrCredential
	}
	if err != nil {
		return c, "", fmt.Errorf("read credential: %w", err)
	}
	k, err := lockKind(ctx, tx, id.From[volunteer.CredentialKind](c.KindID))
	return c, k.Name, err
}

func updateCredential(ctx context.Context, tx database.Tx, c volunteer.Credential) error {
	if err := tx.Gorm(ctx).Select("confirmed", "confirmed_by", "updated_at").Where("id = ?", c.ID).Updates(&c).Error; err != nil {
		return fmt.Errorf("save credential: %w", err)
	}
	return nil
}

func deleteCredential(ctx context.Context, tx database.Tx, of id.ID[volunteer.Credential]) error {
	if err := tx.Gorm(ctx).Where("id = ?", of).Delete(&volunteer.Credential{}).Error; err != nil {
		return fmt.Errorf("remove credential: %w", err)
	}
	return nil
}
