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
	"tributary/domain/volunteer"
)

// ListingFilter narrows the public list of shifts. Zero values narrow nothing. After and AfterID are where the previous page ended.
type ListingFilter struct {
	Place       string // a town or the name of a place, or RemotePlace
	Role        string
	From        day.Day // at the place of each shift
	Fits        bool    // only what suits the supporter who looks
	Opportunity *id.ID[volunteer.Opportunity]
	After       time.Time
	AfterID     id.ID[volunteer.Shift]
}

// RemotePlace stands in a filter for work that is done from anywhere. No town is called that.
const RemotePlace = "~remote"

const (
	listingsPerPage = 30
	mostFlexible    = 100
)

// placeName is what people choose a place by.
const placeName = `coalesce(nullif(o.place_city, ''), o.place_name)`

// latestStart is how long after its start a shift may still take people: volunteer.Window allows no more.
const latestStart = 12 * time.Hour

// listListings reads one page of the shifts that people may choose from, the soonest first, and one more to know whether there are more.
// Those whose sign-up has not opened or has closed are on it, for people to know that they exist.
func listListings(ctx context.Context, r database.Reader, f ListingFilter, who *volunteer.Profile, now time.Time) ([]volunteer.Shift, error) {
	q := r.Gorm(ctx).Table("shifts s").Select("s.*").Joins("join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id").
		Where("s.status = 'open' and s.starts_at > ? and (s.starts_at > ? or s.closes_at > ?)", now.Add(-latestStart), now, now).
		Where("o.status = 'published' and o.visibility = 'public'")
	q = placed(q, f)
	if f.Opportunity != nil {
		q = q.Where("s.opportunity_id = ?", *f.Opportunity)
	}
	if !f.From.IsZero() {
		q = q.Where("s.starts_local >= ?", f.From)
	}
	if f.Fits && who != nil {
		q = suiting(q, *who)
	}
	if !f.After.IsZero() {
		q = q.Where("(s.starts_at, s.id) > (?, ?)", f.After, f.AfterID)
	}
	var rows []volunteer.Shift
	if err := q.Order("s.starts_at, s.id").Limit(listingsPerPage + 1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list public shifts: %w", err)
	}
	return rows, nil
}

func placed(q *gorm.DB, f ListingFilter) *gorm.DB {
	switch f.Place {
	case "":
	case RemotePlace:
		q = q.Where("o.place_remote")
	default:
		q = q.Where(placeName+" = ? and not o.place_remote", f.Place)
	}
	if f.Role != "" {
		q = q.Where("o.role = ?", f.Role)
	}
	return q
}

// suiting leaves what a volunteer can do: one of the skills asked for, time at that part of the week, the age, the proofs, and no other place
// at that time. What they have not told us does not count against a shift, but for the age and the proofs, without which nobody gets in.
func suiting(q *gorm.DB, p volunteer.Profile) *gorm.DB {
	if len(p.Skills) > 0 {
		q = q.Where("(o.skills = '{}' or o.skills && ?::text[])", p.Skills)
	}
	if p.Availability != 0 {
		q = q.Where(`(?::int >> ((extract(isodow from s.starts_local)::int - 1) * 4 + case when extract(hour from s.starts_local) between 5 and 11 then 0
			when extract(hour from s.starts_local) between 12 and 16 then 1 when extract(hour from s.starts_local) between 17 and 21 then 2 else 3 end)) & 1 = 1`,
			p.Availability)
	}
	if p.BirthDate == nil {
		q = q.Where("o.min_age = 0")
	} else {
		q = q.Where("o.min_age <= extract(year from age(s.starts_local::date, ?::date))", *p.BirthDate)
	}
	return q.Where(`not exists (select from opportunity_requirements n where n.org_id = o.org_id and n.opportunity_id = o.id and not exists (
			select from credentials c where c.org_id = n.org_id and c.kind_id = n.kind_id and c.person_id = ? and c.confirmed
			and (c.expires_on is null or c.expires_on >= s.starts_local::date)))`, p.PersonID).
		Where(`not exists (select from sign_ups u join shifts b on b.org_id = u.org_id and b.id = u.shift_id where u.org_id = s.org_id and u.person_id = ?
			and u.status in ('held', 'confirmed', 'offered', 'in', 'done') and b.status = 'open' and b.starts_at < s.ends_at and s.starts_at < b.ends_at)`, p.PersonID)
}

// listFlexible reads the opportunities without shifts that still want help, by title.
func listFlexible(ctx context.Context, r database.Reader, f ListingFilter, today day.Day) ([]volunteer.Opportunity, error) {
	q := r.Gorm(ctx).Table("opportunities o").Where("o.status = 'published' and o.visibility = 'public' and o.kind = 'flexible'").
		Where("o.ends_on is null or o.ends_on >= ?", today)
	var rows []volunteer.Opportunity
	if err := placed(q, f).Order("o.title, o.id").Limit(mostFlexible).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list flexible opportunities: %w", err)
	}
	return rows, nil
}

// choicesOf lists the places and roles of what is published.
func choicesOf(ctx context.Context, r database.Reader) (places, roles []string, err error) {
	err = r.Gorm(ctx).Raw(`select distinct case when o.place_remote then '` + RemotePlace + `' else ` + placeName + ` end as place from opportunities o
		where o.status = 'published' and o.visibility = 'public' and (o.place_remote or ` + placeName + ` <> '') order by place`).Scan(&places).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list places: %w", err)
	}
	err = r.Gorm(ctx).Raw(`select distinct role from opportunities where status = 'published' and visibility = 'public' and role <> '' order by role`).Scan(&roles).Error
	if err != nil {
		return nil, nil, fmt.Errorf("list roles: %w", err)
	}
	return places, roles, nil
}

// shiftsOf reads shifts by their ids, the soonest first; those that do not exist are left out.
func shiftsOf(ctx context.Context, r database.Reader, ids []id.ID[volunteer.Shift]) ([]volunteer.Shift, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).Where("id = any(?)", database.Array(ids)).Order("starts_at, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list shifts: %w", err)
	}
	return rows, nil
}

// ownStanding is how one person stands to a shift.
type ownStanding struct {
	ShiftID   id.ID[volunteer.Shift]
	ID        id.ID[volunteer.SignUp]
	Status    volunteer.SignUpStatus
	HoldUntil *time.Time
	Position  int // on the waitlist, from 1
}

// standingsOf reads how a person stands to shifts.
func standingsOf(ctx context.Context, r database.Reader, person uuid.UUID, shifts []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]ownStanding, error) {
	var rows []ownStanding
	err := r.Gorm(ctx).Raw(`select u.shift_id, u.id, u.status, u.hold_until, case when u.status = 'waiting' then (select count(*) from sign_ups w
			where w.org_id = u.org_id and w.shift_id = u.shift_id and w.status = 'waiting' and w.rank <= u.rank) else 0 end as position
		from sign_ups u where u.person_id = ? and u.shift_id = any(?) and u.status in ('held', 'confirmed', 'offered', 'in', 'done', 'waiting')`,
		person, database.Array(shifts)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list standings: %w", err)
	}
	all := map[id.ID[volunteer.Shift]]ownStanding{}
	for _, s := range rows {
		all[s.ShiftID] = s
	}
	return all, nil
}

// publicOpportunity reads an opportunity that people may see, by its address. Closed ones are found: their pages say so.
func publicOpportunity(ctx context.Context, r database.Reader, slug string) (volunteer.Opportunity, error) {
	o, err := gorm.G[volunteer.Opportunity](r.Gorm(ctx)).Where("slug = ? and visibility = 'public' and status <> 'draft'", slug).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return o, volunteer.ErrOpportunity
	}
	if err != nil {
		return o, fmt.Errorf("find opportunity: %w", err)
	}
	return o, nil
}
