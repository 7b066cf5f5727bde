package pledging

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/promise"
)

// organizationOf reads an organization within a transaction, where asking the organizations' service would take a second connection.
func organizationOf(ctx context.Context, r database.Reader, org uuid.UUID) (account.Organization, error) {
	o, err := gorm.G[account.Organization](r.Gorm(ctx)).Where("id = ?", org).Take(ctx)
	if err != nil {
		return o, fmt.Errorf("find organization %s: %w", org, err)
	}
	return o, nil
}

// purposeOf is what the payments of a promise are for: its campaign's title, else its cause's name.
func purposeOf(ctx context.Context, r database.Reader, p promise.Promise) (purpose string, err error) {
	err = r.QueryRow(ctx, `select coalesce((select title from campaigns where id = $1), (select name from causes where id = $2), '')`, p.CampaignID, p.CauseID).
		Scan(&purpose)
	if err != nil {
		return "", fmt.Errorf("find what promise %s is for: %w", p.ID, err)
	}
	return purpose, nil
}
