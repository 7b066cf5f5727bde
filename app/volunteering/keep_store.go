package volunteering

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// claimCredentials marks confirmed credentials that run out within days as warned of, and those that have as expired.
func claimCredentials(ctx context.Context, tx database.Tx, today day.Day, now time.Time) ([]expiring, error) {
	var due []expiring
	err := tx.Gorm(ctx).Raw(`select c.*, k.name as kind_name, c.expires_on < @today as expired, c.expires_on < @stale as stale,
			k.archived or exists (select 1 from credentials n where n.org_id = c.org_id and n.person_id = c.person_id and n.kind_id = c.kind_id
				and n.id <> c.id and n.confirmed and (n.expires_on is null or n.expires_on > c.expires_on)) as renewed
		from credentials c join credential_kinds k on k.org_id = c.org_id and k.id = c.kind_id
		where c.expires_on <= @soon and c.expired_at is null and c.confirmed and (c.warned_at is null or c.expires_on < @today)
		order by c.expires_on, c.id limit @n for update of c skip locked`, map[string]any{
		"today": today, "soon": today.AddDays(credentialWarning), "stale": today.AddDays(-credentialStale), "n": credentialsAtOnce,
	}).Scan(&due).Error
	if err != nil {
		return nil, fmt.Errorf("find expiring credentials: %w", err)
	}
	if len(due) == 0 {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(due))
	for i, c := range due {
		ids[i] = c.ID.UUID
	}
	_, err = tx.Exec(ctx, `update credentials set warned_at = coalesce(warned_at, $2), expired_at = case when expires_on < $3 then $2 end where id = any($1)`,
		ids, now, today)
	if err != nil {
		return nil, fmt.Errorf("claim expiring credentials: %w", err)
	}
	return due, nil
}

// coordinatorsOf lists who looks after volunteers: the coordinators, else everybody who may.
func coordinatorsOf(ctx context.Context, tx database.Tx) ([]staffMember, error) {
	var may []string
	for _, role := range account.Roles {
		if slices.Contains(role.Permissions(), account.VolunteersManage) {
			may = append(may, string(role))
		}
	}
	var all []staffMember
	err := tx.Gorm(ctx).Raw(`select m.login_id, m.role, l.name, l.email from memberships m join logins l on l.id = m.login_id where m.role = any(?) order by m.login_id`,
		database.Array(may)).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("list who looks after volunteers: %w", err)
	}
	coordinators := slices.DeleteFunc(slices.Clone(all), func(m staffMember) bool { return m.Role != account.VolunteerCoordinator })
	if len(coordinators) > 0 {
		return coordinators, nil
	}
	return all, nil
}

// unsettled lists shifts on which a hold ended, or whose waitlist should have closed, before an instant.
func unsettled(ctx context.Context, r database.Reader, before time.Time) (shifts []uuid.UUID, err error) {
	err = r.Gorm(ctx).Raw(`select shift_id from sign_ups where hold_until < @before
		union select id from shifts where waiting > 0 and closes_at < @before limit 500`, map[string]any{"before": before}).Scan(&shifts).Error
	if err != nil {
		return nil, fmt.Errorf("list unsettled shifts: %w", err)
	}
	return shifts, nil
}

// deleteSpent deletes up to n requests that expired before an instant, with the sign-ups that nobody confirmed, and returns which.
func deleteSpent(ctx context.Context, tx database.Tx, before time.Time, n int) ([]uuid.UUID, error) {
	var old []volunteer.Request
	err := tx.Gorm(ctx).Select("id").Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
		Where("expires_at < ?", before).Order("expires_at").Limit(n).Find(&old).Error
	if err != nil {
		return nil, fmt.Errorf("list spent requests: %w", err)
	}
	ids := make([]uuid.UUID, len(old))
	for i, r := range old {
		ids[i] = r.ID.UUID
	}
	if len(ids) == 0 {
		return nil, nil
	}
	if _, err := tx.Exec(ctx, `delete from sign_ups where request_id = any($1) and person_id is null and status in ('cancelled', 'lapsed')`, ids); err != nil {
		return nil, fmt.Errorf("delete unconfirmed sign-ups: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from sign_up_requests where id = any($1)`, ids); err != nil {
		return nil, fmt.Errorf("delete spent requests: %w", err)
	}
	return ids, nil
}
