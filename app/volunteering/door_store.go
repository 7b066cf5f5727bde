package volunteering

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// Nothing on earth is further from UTC than this, and no shift is longer than its longest: what a day of some zone can reach.
const (
	widestZone   = 15 * time.Hour
	longestNight = 48 * time.Hour
)

// shiftsOfDay reads the shifts that touch a date at their own place, in their order; a cancelled one only while somebody is still there.
func shiftsOfDay(ctx context.Context, r database.Reader, on day.Day, limit int) ([]volunteer.Shift, error) {
	midnight := on.Start(time.UTC)
	shifts, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).
		Where("starts_at > ? and starts_at < ?", midnight.Add(-widestZone-longestNight), midnight.Add(24*time.Hour+widestZone)).
		Where("starts_local < ? and ends_local > ?", volunteer.WallOn(on.AddDays(1), 0, 0), volunteer.WallOn(on, 0, 0)).
		Where("status = 'open' or exists (select from sign_ups u where u.org_id = shifts.org_id and u.shift_id = shifts.id and u.status = 'in')").
		Order("starts_at, id").Limit(limit).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list shifts of a day: %w", err)
	}
	return shifts, nil
}

// lastSignUps reads how each person stands to shifts: their last sign-up for each. Places that nobody has confirmed yet belong to nobody and
// are left out.
func lastSignUps(ctx context.Context, r database.Reader, shifts []volunteer.Shift) ([]volunteer.SignUp, error) {
	var all []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select distinct on (shift_id, person_id) * from sign_ups where shift_id = any(?) and person_id is not null
		order by shift_id, person_id, status in ('confirmed', 'offered', 'in', 'done', 'waiting') desc, rank desc`, database.Array(shiftIDs(shifts))).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("list who stands on shifts: %w", err)
	}
	return all, nil
}

func shiftIDs(shifts []volunteer.Shift) []id.ID[volunteer.Shift] {
	ids := make([]id.ID[volunteer.Shift], len(shifts))
	for i, s := range shifts {
		ids[i] = s.ID
	}
	return ids
}

// lastSignUpsOf reads the last sign-up of one person for each shift whose time touches a span.
func lastSignUpsOf(ctx context.Context, r database.Reader, who uuid.UUID, from, to time.Time) ([]volunteer.SignUp, []volunteer.Shift, error) {
	var signUps []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select distinct on (u.shift_id) u.* from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = ? and s.starts_at < ? and s.ends_at > ? and (s.status = 'open' or u.status = 'in')
		order by u.shift_id, u.status in ('confirmed', 'offered', 'in', 'done', 'waiting') desc, u.rank desc`, who, to, from).Scan(&signUps).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list sign-ups of a volunteer: %w", err)
	}
	of := make([]id.ID[volunteer.Shift], len(signUps))
	for i, u := range signUps {
		of[i] = u.ShiftID
	}
	shifts, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).Where("id = any(?)", database.Array(of)).Order("starts_at, id").Find(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list shifts of a volunteer: %w", err)
	}
	return signUps, shifts, nil
}

// visitor is what the door has to know of a person.
type visitor struct {
	person.Person
	BirthDate   *time.Time
	Credentials []volunteer.Credential `gorm:"-"`
}

// visitorsOf reads people with their credentials.
func visitorsOf(ctx context.Context, r database.Reader, people []uuid.UUID) (map[uuid.UUID]*visitor, error) {
	var rows []*visitor
	err := r.Gorm(ctx).Raw(`select p.id, p.first_name, p.last_name, p.email, p.phone, v.birth_date from people p
		left join volunteers v on v.org_id = p.org_id and v.person_id = p.id where p.id = any(?)`, database.Array(people)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read volunteers: %w", err)
	}
	all := make(map[uuid.UUID]*visitor, len(rows))
	for _, v := range rows {
		all[v.ID.UUID] = v
	}
	credentials, err := gorm.G[volunteer.Credential](r.Gorm(ctx)).Where("person_id = any(?)", database.Array(people)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	for _, c := range credentials {
		if v := all[c.PersonID]; v != nil {
			v.Credentials = append(v.Credentials, c)
		}
	}
	return all, nil
}

// byCheckInCode finds whose QR code it is.
func byCheckInCode(ctx context.Context, r database.Reader, code string) (uuid.UUID, error) {
	p, err := gorm.G[volunteer.Profile](r.Gorm(ctx)).Where("check_in_code = ?", code).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return uuid.Nil, volunteer.ErrVolunteer
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find a check-in code: %w", err)
	}
	return p.PersonID, nil
}

// hasHelped makes a prospective volunteer, whose profile the caller locked, an active one.
func hasHelped(ctx context.Context, tx database.Tx, people []uuid.UUID, at time.Time) error {
	err := tx.Gorm(ctx).Exec(`update volunteers set status = 'active', version = version + 1, updated_at = ? where person_id = any(?) and status = 'prospective'`,
		at, database.Array(people)).Error
	if err != nil {
		return fmt.Errorf("note who has helped: %w", err)
	}
	return nil
}

// forgotten reads who is still there at shifts that ended before an instant, at most so many.
func forgotten(ctx context.Context, r database.Reader, before time.Time, limit int) ([]volunteer.SignUp, error) {
	var all []volunteer.SignUp
	err := r.Gorm(ctx).Raw(`select u.* from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.status = 'in' and s.ends_at < ? and u.checked_in_at < ? order by s.ends_at, s.id limit ?`, before, before, limit).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("list forgotten check-outs: %w", err)
	}
	return all, nil
}
