package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/volunteer"
)

// dueSQL finds sign-ups to be reminded of; %[1]s is the column of which reminder.
const dueSQL = `select u.id from shifts s join sign_ups u on u.org_id = s.org_id and u.shift_id = s.id
	where s.status = 'open' and s.starts_at > @earliest and s.starts_at <= @latest and u.status = 'confirmed'
		and u.updated_at <= s.starts_at - cast(@before as interval)
		and (u.%[1]s is null or u.%[1]s < s.starts_at - cast(@before as interval) - cast(@slack as interval))
		and not exists (select 1 from volunteers v where v.org_id = u.org_id and v.person_id = u.person_id and not v.reminders)
	order by s.starts_at, u.id limit @n for share of s skip locked for update of u skip locked`

// claimReminders marks sign-ups as reminded: those with a place since before the reminder was due. It holds their shifts still, so that no change
// of a roster takes the mark away again; shifts that somebody changes right now come next time.
func claimReminders(ctx context.Context, tx database.Tx, which reminder, now time.Time, n int) ([]volunteer.SignUp, error) {
	var due []uuid.UUID
	err := tx.Gorm(ctx).Raw(fmt.Sprintf(dueSQL, which.column), map[string]any{
		"earliest": now.Add(which.until), "latest": now.Add(which.before), "before": interval(which.before), "slack": interval(which.slack), "n": n,
	}).Scan(&due).Error
	if err != nil {
		return nil, fmt.Errorf("find due reminders: %w", err)
	}
	if len(due) == 0 {
		return nil, nil
	}
	var claimed []volunteer.SignUp
	err = tx.Gorm(ctx).Model(&claimed).Clauses(clause.Returning{}).Where("id = any(?)", database.Array(due)).UpdateColumn(which.column, now).Error
	if err != nil {
		return nil, fmt.Errorf("claim reminders: %w", err)
	}
	return claimed, nil
}

// interval writes a duration for PostgreSQL.
func interval(d time.Duration) string { return fmt.Sprintf("%d seconds", int(d/time.Second)) }

// remindersWanted reports whether a person gets reminders: so does whoever never said anything.
func remindersWanted(ctx context.Context, r database.Reader, person uuid.UUID) (wants bool, err error) {
	err = r.QueryRow(ctx, `select coalesce((select reminders from volunteers where person_id = $1), true)`, person).Scan(&wants)
	if err != nil {
		return false, fmt.Errorf("ask for reminders: %w", err)
	}
	return wants, nil
}
