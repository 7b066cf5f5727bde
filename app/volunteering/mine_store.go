package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

const (
	mostComing  = 200
	pastPerPage = 20
	mostSkills  = 60
)

// comingSignUps reads a person's sign-ups for what is still to come, the soonest first: those that count, and those whose shift was called off, as
// everybody looks for them where they were.
func comingSignUps(ctx context.Context, r database.Reader, who uuid.UUID, now time.Time) ([]volunteer.SignUp, error) {
	var rows []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select u.* from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = ? and s.ends_at > ? and (s.status = 'open' and u.status in ('held', 'confirmed', 'offered', 'in', 'waiting')
			or s.status = 'cancelled' and u.status = 'cancelled' and u.ended_by = 'system')
		order by s.starts_at, u.id limit ?`, who, now, mostComing).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list coming sign-ups: %w", err)
	}
	return rows, nil
}

// pastCursor is where a page of past shifts goes on.
type pastCursor struct {
	at time.Time
	id id.ID[volunteer.SignUp]
}

// pastSignUps reads a person's sign-ups for what is over, the latest first, and one more than a page has.
func pastSignUps(ctx context.Context, r database.Reader, who uuid.UUID, now time.Time, before pastCursor) ([]volunteer.SignUp, error) {
	after, args := "", []any{who, now}
	if !before.at.IsZero() {
		after, args = "and (s.starts_at, u.id) < (?, ?)", append(args, before.at, before.id)
	}
	var rows []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select u.* from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = ? and s.ends_at <= ? and u.status in ('confirmed', 'in', 'done', 'no_show') `+after+`
		order by s.starts_at desc, u.id desc limit ?`, append(args, pastPerPage+1)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list past sign-ups: %w", err)
	}
	return rows, nil
}

// pendingMinutes is how much of a person's time staff have not decided about.
func pendingMinutes(ctx context.Context, r database.Reader, who uuid.UUID) (minutes int, err error) {
	err = r.Gorm(ctx).Raw(`select coalesce(sum(minutes), 0) from volunteer_hours where person_id = ? and status = 'pending'`, who).Scan(&minutes).Error
	if err != nil {
		return 0, fmt.Errorf("sum up pending hours: %w", err)
	}
	return minutes, nil
}

// skillsWanted lists the skills that published opportunities ask for.
func skillsWanted(ctx context.Context, r database.Reader) (skills []string, err error) {
	err = r.Gorm(ctx).Raw(`select distinct unnest(skills) as skill from opportunities where status = 'published' and visibility = 'public'
		order by skill limit ?`, mostSkills).Scan(&skills).Error
	if err != nil {
		return nil, fmt.Errorf("list skills: %w", err)
	}
	return skills, nil
}
