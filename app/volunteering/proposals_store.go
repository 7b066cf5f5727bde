package volunteering

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/volunteer"
)

// prospect is what is read of somebody who might cover a shift, with what the rules ask besides.
type prospect struct {
	volunteer.Prospect `gorm:"embedded"`
	FirstName          string
	LastName           string
	Email              string
	BirthDate          *time.Time
	CountedNoShows     int // within volunteer.NoShowMemory
}

// prospectsFor reads who may be asked, and what they did, in one query: the people, or when none are named the volunteers who have a skill that
// is asked for, then those who helped before, then the latest known, one more than mostProspects. Whoever does not want to be asked or
// contacted, is set inactive, or has no e-mail address is left out. No-shows that staff forgave are not counted.
func prospectsFor(ctx context.Context, r database.Reader, o volunteer.Opportunity, people []uuid.UUID, now time.Time) ([]prospect, error) {
	var args []any
	named := ""
	if people != nil {
		named = "and v.person_id = any(?)"
		args = append(args, database.Array(people))
	}
	year := now.AddDate(-1, 0, 0)
	args = append(args, o.Skills, mostProspects+1, year, now, now, o.ID, o.Role, strings.ToLower(o.Role), now.Add(-volunteer.NoShowMemory), year)
	var rows []prospect
	err := r.Gorm(ctx).Raw(`
		with w as materialized (
			select v.person_id, v.skills, v.availability, v.latitude, v.longitude, v.birth_date, v.no_shows_forgiven_at,
				p.first_name, p.last_name, p.email, p.city, p.postal_code
			from volunteers v join people p on p.org_id = v.org_id and p.id = v.person_id
			where v.status <> 'inactive' and v.can_be_asked and p.email is not null and not p.do_not_contact and p.anonymised_at is null `+named+`
			order by v.skills && ?::text[] desc, v.status = 'active' desc, v.created_at desc, v.person_id limit ?
		), did as (
			select u.person_id,
				count(*) filter (where u.status in ('in', 'done') and s.starts_at > ? and s.starts_at <= ?) as came,
				count(*) filter (where u.status in ('in', 'done') and s.starts_at <= ? and (o.id = ? or ? <> '' and lower(o.role) = ?)) as same_role,
				count(*) filter (where u.status = 'no_show' and s.starts_at > greatest(?, w.no_shows_forgiven_at)) as counted_no_shows,
				count(*) filter (where u.status = 'no_show' and s.starts_at > greatest(?, w.no_shows_forgiven_at)) as no_shows
			from w join sign_ups u on u.person_id = w.person_id join shifts s on s.org_id = u.org_id and s.id = u.shift_id
			join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id
			where u.status in ('in', 'done', 'no_show') group by u.person_id
		), gave as (
			select h.person_id, sum(h.minutes) as minutes from w join volunteer_hours h on h.person_id = w.person_id where h.status = 'approved' group by h.person_id
		), asked as (
			select a.person_id, max(a.created_at) as last_asked_at from w join cover_asks a on a.person_id = w.person_id group by a.person_id
		)
		select w.*, coalesce(did.came, 0) as came, coalesce(did.same_role, 0) as same_role, coalesce(did.no_shows, 0) as no_shows,
			coalesce(did.counted_no_shows, 0) as counted_no_shows, coalesce(gave.minutes, 0) as minutes, asked.last_asked_at
		from w left join did using (person_id) left join gave using (person_id) left join asked using (person_id)`, args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list who might cover: %w", err)
	}
	for i, p := range rows {
		rows[i].Name = cmp.Or(strings.TrimSpace(p.FirstName+" "+p.LastName), p.Email)
	}
	return rows, nil
}

// candidatesFor reads what the rules of signing up ask about many people for one shift, in two queries: places around that time, and the
// credentials that are required.
func candidatesFor(ctx context.Context, r database.Reader, s volunteer.Shift, o offer, people []prospect) (map[uuid.UUID]volunteer.Candidate, error) {
	all := make(map[uuid.UUID]volunteer.Candidate, len(people))
	ids := make([]uuid.UUID, len(people))
	for i, p := range people {
		ids[i] = p.PersonID
	}
	var booked []struct {
		PersonID uuid.UUID
		Waiting  bool
		volunteer.Booking
	}
	err := r.Gorm(ctx).Raw(`select u.person_id, u.status = 'waiting' as waiting, s.id as shift_id, o.title, s.starts_at, s.ends_at,
		u.status = 'offered' as offered from sign_ups u
		join shifts s on s.org_id = u.org_id and s.id = u.shift_id join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id
		where u.person_id = any(?) and u.status in ('held', 'confirmed', 'offered', 'in', 'done', 'waiting') and s.status = 'open' and s.starts_at < ? and s.ends_at > ?
		order by s.starts_at`, database.Array(ids), s.EndsAt, s.StartsAt).Scan(&booked).Error
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	for _, b := range booked {
		c := all[b.PersonID]
		switch {
		case b.ShiftID == s.ID.UUID:
			c.SignedUp = true
		case !b.Waiting:
			c.Bookings = append(c.Bookings, b.Booking)
		}
		all[b.PersonID] = c
	}
	if len(o.Required) == 0 {
		return all, nil
	}
	kinds := make([]uuid.UUID, len(o.Required))
	for i, q := range o.Required {
		kinds[i] = q.KindID
	}
	held, err := gorm.G[volunteer.Credential](r.Gorm(ctx)).Where("person_id = any(?) and kind_id = any(?)", database.Array(ids), database.Array(kinds)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	for _, h := range held {
		c := all[h.PersonID]
		c.Credentials = append(c.Credentials, h)
		all[h.PersonID] = c
	}
	return all, nil
}
