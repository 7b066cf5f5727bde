package volunteering

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// personColumns are those of person.Person; the table's search column stays in the database.
const personColumns = `org_id, id, first_name, last_name, email, email_normalized, phone, address_line1, address_line2, city, region, postal_code,
	country, employer, do_not_contact, anonymised_at, version, created_at, updated_at`

// personOf reads a person; one that does not exist is person.ErrNotFound.
func personOf(ctx context.Context, r database.Reader, who uuid.UUID) (person.Person, error) {
	found, err := peopleOf(ctx, r, []uuid.UUID{who})
	if err != nil {
		return person.Person{}, err
	}
	p, ok := found[who]
	if !ok {
		return p, person.ErrNotFound
	}
	return p, nil
}

// peopleOf reads people by their ids.
func peopleOf(ctx context.Context, r database.Reader, ids []uuid.UUID) (map[uuid.UUID]person.Person, error) {
	var rows []person.Person
	if err := r.Gorm(ctx).Raw(`select `+personColumns+` from people where id = any(?)`, database.Array(ids)).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	found := make(map[uuid.UUID]person.Person, len(rows))
	for _, p := range rows {
		found[p.ID.UUID] = p
	}
	return found, nil
}

// findProfile reads the profile of a person; none is volunteer.ErrVolunteer.
func findProfile(ctx context.Context, r database.Reader, who uuid.UUID) (volunteer.Profile, error) {
	p, err := gorm.G[volunteer.Profile](r.Gorm(ctx)).Where("person_id = ?", who).Take(ctx)
	if database.IsNoRows(err) {
		return p, volunteer.ErrVolunteer
	}
	if err != nil {
		return p, fmt.Errorf("read profile: %w", err)
	}
	return p, nil
}

// saveProfile stores a profile that the caller locked.
func saveProfile(ctx context.Context, tx database.Tx, p volunteer.Profile) error {
	if err := tx.Gorm(ctx).Select("*").Omit("org_id", "person_id", "created_at").Where("person_id = ?", p.PersonID).Updates(&p).Error; err != nil {
		return fmt.Errorf("save profile: %w", err)
	}
	return nil
}

// listVolunteers reads one profile more than a page has. A search finds all matches in people first, through the tenant policy that lets the
// trigram index answer (see isolate_searchable_tenant), and then sorts them.
func listVolunteers(ctx context.Context, r database.Reader, terms []string, f VolunteerFilter) ([]volunteer.Profile, error) {
	var with []any
	found := ""
	if len(terms) > 0 {
		patterns := database.LikePatterns(terms)
		if err := narrowPeople(ctx, r, patterns[0]); err != nil {
			return nil, err
		}
		found = `with found as materialized (select id from people where search like all (string_to_array(lower(?), E'\n')))`
		with = append(with, strings.Join(patterns[1:], "\n"))
	}
	var where []string
	only := func(condition string, args ...any) {
		where, with = append(where, condition), append(with, args...)
	}
	if found != "" {
		only("person_id in (select id from found)")
	}
	if f.Skill != "" {
		only("skills @> array[?]", strings.ToLower(strings.TrimSpace(f.Skill)))
	}
	if f.Status != "" {
		only("status = ?", f.Status)
	}
	if f.BeforeID != uuid.Nil {
		only("(created_at, person_id) < (?, ?)", f.Before, f.BeforeID)
	}
	sql := found + ` select * from volunteers`
	if len(where) > 0 {
		sql += ` where ` + strings.Join(where, " and ")
	}
	var rows []volunteer.Profile
	err := r.Gorm(ctx).Raw(sql+` order by created_at desc, person_id desc limit ?`, append(with, f.Limit+1)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list volunteers: %w", err)
	}
	if found == "" {
		return rows, nil
	}
	return rows, narrowPeople(ctx, r, "") // the setting narrows whatever reads people, and this transaction is not done
}

// narrowPeople lets the rest of the transaction see only people whose search text is like a pattern; an empty one lets it see all again.
func narrowPeople(ctx context.Context, r database.Reader, pattern string) error {
	var set string
	if err := r.QueryRow(ctx, `select set_config('app.search_people', lower($1), true)`, pattern).Scan(&set); err != nil {
		return fmt.Errorf("narrow people: %w", err)
	}
	return nil
}

// summariesOf counts what people did, in one query.
func summariesOf(ctx context.Context, r database.Reader, people []uuid.UUID, at asOf) (map[uuid.UUID]Summary, error) {
	var rows []struct {
		PersonID uuid.UUID
		Summary  `gorm:"embedded"`
	}
	err := r.Gorm(ctx).Raw(`
		select w.person_id, h.minutes, h.minutes_this_year, u.upcoming, u.came, u.missed, u.no_shows,
			least(h.first_on, u.first_on) as first_on, greatest(h.last_on, u.last_on) as last_on
		from unnest(?::uuid[]) as w (person_id)
		left join lateral (select no_shows_forgiven_at from volunteers where person_id = w.person_id offset 0) v on true -- offset: a look-up each, never a join of all
		cross join lateral (
			select coalesce(sum(minutes), 0) as minutes, coalesce(sum(minutes) filter (where on_date >= ?), 0) as minutes_this_year,
				min(on_date) as first_on, max(on_date) as last_on
			from volunteer_hours where person_id = w.person_id and status = 'approved'
		) h
		cross join lateral (
			select count(*) filter (where u.status in ('confirmed', 'offered') and s.status = 'open' and s.starts_at > ?) as upcoming,
				count(*) filter (where u.status in ('in', 'done')) as came, count(*) filter (where u.status = 'no_show') as missed,
				count(*) filter (where u.status = 'no_show' and s.starts_at > greatest(?, v.no_shows_forgiven_at)) as no_shows,
				min(s.starts_local::date) filter (where u.status in ('in', 'done')) as first_on,
				max(s.starts_local::date) filter (where u.status in ('in', 'done')) as last_on
			from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id where u.person_id = w.person_id
		) u`,
		database.Array(people), day.New(at.today.Year(), time.January, 1), at.now, at.now.Add(-volunteer.NoShowMemory)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("sum up volunteers: %w", err)
	}
	sums := make(map[uuid.UUID]Summary, len(rows))
	for _, row := range rows {
		sums[row.PersonID] = row.Summary
	}
	return sums, nil
}

// credentialsOf reads what people have to show, by person, in order of the kinds' names, the newest first.
func credentialsOf(ctx context.Context, r database.Reader, people []uuid.UUID, today day.Day) (map[uuid.UUID][]Held, error) {
	var rows []Held
	err := r.Gorm(ctx).Raw(`select c.*, k.name as kind_name from credentials c join credential_kinds k on k.org_id = c.org_id and k.id = c.kind_id
		where c.person_id = any(?) order by k.name, c.issued_on desc, c.id desc`, database.Array(people)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list credentials: %w", err)
	}
	held := map[uuid.UUID][]Held{}
	for _, h := range rows {
		h.Standing = volunteer.Standing([]volunteer.Credential{h.Credential}, h.KindID, today)
		held[h.PersonID] = append(held[h.PersonID], h)
	}
	return held, nil
}

// signUpsOfPerson reads the sign-ups of a person along their index, the newest first.
func signUpsOfPerson(ctx context.Context, r database.Reader, who uuid.UUID, before PlacePosition, limit int) ([]PersonSignUp, error) {
	args := []any{who}
	after := ""
	if !before.ID.IsZero() {
		after = "and (u.created_at, u.id) < (?, ?)"
		args = append(args, before.At, before.ID)
	}
	var rows []PersonSignUp
	err := r.Gorm(ctx).Raw(`select u.*, s.opportunity_id, o.title as opportunity_title, o.role, s.title as shift_title, s.status as shift_status,
			s.starts_local, s.ends_local, s.zone, s.starts_at, s.ends_at
		from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id
		where u.person_id = ? `+after+` order by u.created_at desc, u.id desc limit ?`, append(args, limit)...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list sign-ups of a person: %w", err)
	}
	return rows, nil
}
