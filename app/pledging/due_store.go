package pledging

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
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

// claimDue claims up to n instalments whose alarm has rung, the longest waiting first: what promise.Instalment.Claim does, for many at once.
// Those that somebody holds right now are passed over.
func claimDue(ctx context.Context, tx database.Tx, now time.Time, n int) (claimed []uuid.UUID, err error) {
	err = tx.Gorm(ctx).Raw(`update instalments set act_at = ?, updated_at = ?,
			state = case when state in ('scheduled', 'retry_wait') then 'due' else state end
		where id = any(array(select id from instalments where act_at <= ? order by act_at limit ? for update skip locked))
		returning id`, promise.ClaimedUntil(now), now, now, n).Scan(&claimed).Error
	if err != nil {
		return nil, fmt.Errorf("claim due instalments: %w", err)
	}
	return claimed, nil
}

// paidFor is what came in for an instalment, of all its gifts: net of what was given back, and without what donors added for the fee.
func paidFor(ctx context.Context, r database.Reader, instalment uuid.UUID) (minor int64, err error) {
	err = r.QueryRow(ctx, `select coalesce(sum(greatest(0, d.amount_minor - (d.refunded_minor - coalesce((select sum(f.cover_minor) from refunds f
				where f.org_id = d.org_id and f.donation_id = d.id and f.status in ('pending', 'requires_action', 'succeeded')), 0)))), 0)
		from donations d where d.instalment_id = $1 and d.status in ('succeeded', 'recorded', 'partially_refunded', 'refunded')`, instalment).Scan(&minor)
	if err != nil {
		return 0, fmt.Errorf("sum what came for instalment %s: %w", instalment, err)
	}
	return minor, nil
}

// recallInstalment adds an instalment of a plan that is older than those that are loaded.
func recallInstalment(ctx context.Context, r database.Reader, p *promise.Promise, of id.ID[promise.Instalment]) error {
	i, err := gorm.G[promise.Instalment](r.Gorm(ctx)).Where("id = ? and promise_id = ?", of, p.ID).Take(ctx)
	if err != nil {
		return fmt.Errorf("find instalment %s: %w", of, err)
	}
	p.Instalments = append([]promise.Instalment{i}, p.Instalments...)
	return nil
}
