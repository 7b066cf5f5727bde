package access

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
)

// liveTokens leaves out what was revoked; what has expired is still shown, so that it can be told from what never was.
const liveTokens = "org_id = " + ownOrganization + " AND revoked_at IS NULL"

func insertToken(ctx context.Context, tx database.Tx, t account.APIToken) error {
	if err := gorm.G[account.APIToken](tx.Gorm(ctx)).Create(ctx, &t); err != nil {
		return fmt.Errorf("insert api token: %w", err)
	}
	return nil
}

func listTokens(ctx context.Context, r database.Reader) ([]account.APIToken, error) {
	return tokens(gorm.G[account.APIToken](r.Gorm(ctx)).Where(liveTokens).Order("created_at DESC, id DESC").Find(ctx))
}

func lockTokensBy(ctx context.Context, tx database.Tx, login id.ID[account.Login]) ([]account.APIToken, error) {
	return tokens(gorm.G[account.APIToken](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where(liveTokens+" AND created_by = ?", login).Order("id").Find(ctx))
}

func tokens(found []account.APIToken, err error) ([]account.APIToken, error) {
	if err != nil {
		return nil, fmt.Errorf("list api tokens: %w", err)
	}
	return found, nil
}

func lockToken(ctx context.Context, tx database.Tx, tokenID id.ID[account.APIToken]) (account.APIToken, error) {
	t, err := gorm.G[account.APIToken](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).Where(liveTokens+" AND id = ?", tokenID).Take(ctx)
	if database.IsNoRows(err) {
		return account.APIToken{}, account.ErrTokenUnknown
	}
	if err != nil {
		return account.APIToken{}, fmt.Errorf("lock api token: %w", err)
	}
	return t, nil
}

func queueRevokeToken(tx database.Tx, tokenID id.ID[account.APIToken], now time.Time) {
	tx.Queue(`UPDATE api_tokens SET revoked_at = $2 WHERE org_id = `+ownOrganization+` AND id = $1`, []any{tokenID, now}, nil)
}

// touchToken notes the last use, unless another request just did.
func touchToken(ctx context.Context, tx database.Tx, tokenID id.ID[account.APIToken], now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE api_tokens SET last_used_at = $2
		WHERE org_id = `+ownOrganization+` AND id = $1 AND (last_used_at IS NULL OR last_used_at < $2)`, tokenID, now)
	if err != nil {
		return fmt.Errorf("touch api token: %w", err)
	}
	return nil
}
