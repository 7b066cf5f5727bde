package causes

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/cause"
	"tributary/domain/id"
)

func listCauses(ctx context.Context, r database.Reader) ([]Listed, error) {
	var found []cause.Cause
	err := r.Gorm(ctx).Order(`status = 'archived', name COLLATE "und-x-icu", id`).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list causes: %w", err)
	}
	var funds []cause.Fund
	if err := r.Gorm(ctx).Order("NOT active, code").Find(&funds).Error; err != nil {
		return nil, fmt.Errorf("list funds: %w", err)
	}
	listed := make([]Listed, len(found))
	place := make(map[id.ID[cause.Cause]]int, len(found))
	for i, c := range found {
		listed[i].Cause = c
		place[c.ID] = i
	}
	for _, f := range funds {
		i := place[f.CauseID]
		listed[i].Funds = append(listed[i].Funds, f)
	}
	return listed, nil
}

func insertCause(ctx context.Context, tx database.Tx, c cause.Cause) error {
	err := gorm.G[cause.Cause](tx.Gorm(ctx)).Create(ctx, &c)
	if database.Constraint(err) == "causes_slug_key" {
		return cause.ErrSlugTaken.With("slug")
	}
	return err
}

func lockCause(ctx context.Context, tx database.Tx, which id.ID[cause.Cause]) (cause.Cause, error) {
	c, err := gorm.G[cause.Cause](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", which).Take(ctx)
	return c, orNotFound(err, cause.ErrNotFound)
}

func updateCause(ctx context.Context, tx database.Tx, c cause.Cause) error {
	return tx.Gorm(ctx).Select("name", "summary", "status", "updated_at").Updates(&c).Error
}

func fundsOf(ctx context.Context, r database.Reader, which id.ID[cause.Cause]) ([]cause.Fund, error) {
	return gorm.G[cause.Fund](r.Gorm(ctx)).Where("cause_id = ?", which).Order("NOT active, code").Find(ctx)
}

func insertFund(ctx context.Context, tx database.Tx, f cause.Fund) error {
	err := gorm.G[cause.Fund](tx.Gorm(ctx)).Create(ctx, &f)
	if database.Constraint(err) == "funds_code_key" {
		return cause.ErrFundCodeTaken.With("code")
	}
	return err
}

func findFund(ctx context.Context, r database.Reader, org uuid.UUID, which id.ID[cause.Fund]) (cause.Fund, error) {
	f, err := gorm.G[cause.Fund](r.Gorm(ctx)).Where("org_id = ? AND id = ?", org, which).Take(ctx)
	return f, orNotFound(err, cause.ErrFundNotFound)
}

func lockFund(ctx context.Context, tx database.Tx, which id.ID[cause.Fund]) (cause.Fund, error) {
	f, err := gorm.G[cause.Fund](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", which).Take(ctx)
	return f, orNotFound(err, cause.ErrFundNotFound)
}

func updateFund(ctx context.Context, tx database.Tx, f cause.Fund) error {
	return tx.Gorm(ctx).Select("name", "active", "updated_at").Updates(&f).Error
}

// hasLiveCampaign asks about campaigns by "cause_id" or "fund_id".
func hasLiveCampaign(ctx context.Context, r database.Reader, column string, which uuid.UUID) (live bool, err error) {
	return live, r.QueryRow(ctx, `SELECT EXISTS (SELECT FROM campaigns WHERE `+column+` = $1 AND status = 'live')`, which).Scan(&live)
}

func orNotFound(err, fault error) error {
	switch {
	case database.IsNoRows(err):
		return fault
	case err != nil:
		return fmt.Errorf("read: %w", err)
	}
	return nil
}
