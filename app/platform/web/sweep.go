package web

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
)

// Sweep is the job that forgets what limits and replays no longer need.
type Sweep struct{}

// Kind names the job.
func (Sweep) Kind() string { return "web.sweep" }

// Sweep removes ended windows of rate limits and answers that are replayed no more.
func (s *Server) Sweep(ctx context.Context) error {
	if err := s.limiter.Forget(ctx); err != nil {
		return fmt.Errorf("forget rate limits: %w", err)
	}
	var orgs []uuid.UUID
	err := s.cfg.DB.Read(ctx, database.Platform(), func(r database.Reader) error {
		return r.Gorm(ctx).Raw("SELECT id FROM organizations").Scan(&orgs).Error
	})
	if err != nil {
		return fmt.Errorf("list organizations: %w", err)
	}
	old := s.cfg.Now().Add(-idempotencyKept)
	for _, org := range orgs {
		err := s.cfg.DB.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM idempotency_keys WHERE org_id = $1 AND created_at < $2", org, old)
			return err
		})
		if err != nil {
			return fmt.Errorf("forget idempotency keys: %w", err)
		}
	}
	return nil
}
