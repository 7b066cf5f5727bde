package volunteering

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/volunteer"
)

// stampSQL fences each step off (offset 0), so that even without statistics a person's sign-ups are looked up first, and then their shifts by key.
const stampSQL = `select v.person_id, t.rows, t.versions, t.changed from volunteers v
	cross join lateral (select count(*) as rows, coalesce(sum(u.version + s.version + o.version), 0) as versions,
			max(greatest(u.updated_at, s.updated_at, o.updated_at)) as changed
		from sign_ups u
		cross join lateral (select s.opportunity_id, s.version, s.updated_at, s.ends_at from shifts s where s.org_id = u.org_id and s.id = u.shift_id offset 0) s
		cross join lateral (select o.version, o.updated_at from opportunities o where o.org_id = u.org_id and o.id = s.opportunity_id offset 0) o
		where u.org_id = v.org_id and u.person_id = v.person_id and s.ends_at > $2) t
	where v.org_id = $3 and v.feed_token = $1`

// readStamp reads the stamp of a token's feed, from a few entries of indexes; an unknown token is volunteer.ErrVolunteer.
func readStamp(ctx context.Context, r database.Reader, f *feedStamp, token string) error {
	err := r.QueryRow(ctx, stampSQL, token, f.Today.Add(-feedPast), f.OrgID).Scan(&f.PersonID, &f.Rows, &f.Versions, &f.Changed)
	if database.IsNoRows(err) {
		return volunteer.ErrVolunteer
	}
	if err != nil {
		return fmt.Errorf("find calendar feed: %w", err)
	}
	return nil
}

// feedSignUps lists what stands in a feed. Somebody may have signed up for a shift again after they cancelled: the ended sign-up is then left
// out, or the calendar shows the shift twice.
func feedSignUps(ctx context.Context, r database.Reader, f feedStamp) ([]volunteer.SignUp, error) {
	if f.Rows == 0 {
		return nil, nil
	}
	signUps, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Raw(`select distinct on (u.shift_id) u.* from sign_ups u
		join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = ? and s.ends_at > ? and u.status <> 'no_show'
			and (s.status = 'open' and u.status in ('confirmed', 'offered', 'in', 'done', 'waiting') or greatest(u.updated_at, s.updated_at) > ?)
		order by u.shift_id, u.status in ('confirmed', 'offered', 'in', 'done', 'waiting') desc, u.created_at desc limit ?`,
		f.PersonID, f.Today.Add(-feedPast), f.Today.Add(-feedCancelled), mostOfFeed).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list shifts of a calendar feed: %w", err)
	}
	return signUps, nil
}
