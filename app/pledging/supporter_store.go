package pledging

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// purposesOf is what each of several promises is for: its campaign's title, else its cause's name.
func purposesOf(ctx context.Context, r database.Reader, promises []promise.Promise) (map[id.ID[promise.Promise]]string, error) {
	ids := make([]uuid.UUID, len(promises))
	for k, p := range promises {
		ids[k] = p.ID.UUID
	}
	var rows []struct {
		ID      id.ID[promise.Promise]
		Purpose string
	}
	err := r.Gorm(ctx).Raw(`select p.id, coalesce(c.title, ca.name) as purpose from promises p
		join causes ca on ca.org_id = p.org_id and ca.id = p.cause_id
		left join campaigns c on c.org_id = p.org_id and c.id = p.campaign_id
		where p.id = any(?)`, database.Array(ids)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("find what promises are for: %w", err)
	}
	purposes := make(map[id.ID[promise.Promise]]string, len(rows))
	for _, row := range rows {
		purposes[row.ID] = row.Purpose
	}
	return purposes, nil
}
