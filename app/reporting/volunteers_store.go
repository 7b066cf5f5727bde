package reporting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
)

// UnfilledShift is a shift to come that has places nobody took.
type UnfilledShift struct {
	ID            uuid.UUID
	OpportunityID uuid.UUID
	Title         string // of the opportunity
	StartsAt      time.Time
	Zone          string
	Places        int
	Free          int
}

// unfilled lists the shifts of published opportunities with free places, the soonest first.
func unfilled(ctx context.Context, r database.Reader, from, to time.Time, limit int) ([]UnfilledShift, error) {
	var rows []UnfilledShift
	err := r.Gorm(ctx).Raw(`select s.id, s.opportunity_id, o.title, s.starts_at, s.zone, s.places, s.places - (s.taken - s.over) as free
		from shifts s join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id and o.status = 'published'
		where s.status = 'open' and s.taken - s.over < s.places and s.starts_at > ? and s.starts_at <= ? order by s.starts_at, s.id limit ?`, from, to, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list unfilled shifts: %w", err)
	}
	return rows, nil
}

// ExpiringCredential is a confirmed credential that ends soon, or has, and that nobody replaced.
type ExpiringCredential struct {
	PersonID  uuid.UUID
	FirstName string
	LastName  string
	Kind      string
	ExpiresOn day.Day
}

// expiring lists credentials that end between two days, the soonest first, unless the person has a longer one of the kind.
func expiring(ctx context.Context, r database.Reader, from, to day.Day, limit int) ([]ExpiringCredential, error) {
	var rows []ExpiringCredential
	err := r.Gorm(ctx).Raw(`select c.person_id, p.first_name, p.last_name, k.name as kind, c.expires_on
		from credentials c join people p on p.org_id = c.org_id and p.id = c.person_id join credential_kinds k on k.org_id = c.org_id and k.id = c.kind_id
		where c.expires_on between ? and ? and c.confirmed and not exists (select 1 from credentials n where n.org_id = c.org_id and n.person_id = c.person_id
			and n.kind_id = c.kind_id and n.confirmed and (n.expires_on is null or n.expires_on > c.expires_on))
		order by c.expires_on, c.id limit ?`, from, to, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list expiring credentials: %w", err)
	}
	return rows, nil
}

// hoursToApprove counts pending hours, up to a limit.
func hoursToApprove(ctx context.Context, r database.Reader, limit int) (n int, err error) {
	err = r.QueryRow(ctx, "select count(*) from (select 1 from volunteer_hours where status = 'pending' limit $1) h", limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count hours to approve: %w", err)
	}
	return n, nil
}

// openHelp counts the people whose offer of help nobody answered, among the newest offers up to a limit.
func openHelp(ctx context.Context, r database.Reader, limit int) (n int, err error) {
	err = r.QueryRow(ctx, "select count(distinct person_id) from (select person_id from offers_of_help where status = 'open' order by confirmed_at desc, id desc limit $1) o", limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count who offered help: %w", err)
	}
	return n, nil
}

// Given is the time a person gave.
type Given struct {
	Minutes     int // approved, ever
	YearMinutes int // approved, of this year
	Pending     int // minutes that nobody decided on
	FirstOn     day.Day
	LastOn      day.Day
	Came        int // shifts they did
	NoShows     int
	Upcoming    int
}

// timeOf sums the time of a person.
func timeOf(ctx context.Context, r database.Reader, person uuid.UUID, newYear day.Day, now time.Time) (Given, error) {
	var g Given
	err := r.Gorm(ctx).Raw(`select h.*, s.* from (
			select coalesce(sum(minutes) filter (where status = 'approved'), 0) as minutes, coalesce(sum(minutes) filter (where status = 'approved' and on_date >= @new_year), 0) as year_minutes,
				coalesce(sum(minutes) filter (where status = 'pending'), 0) as pending, min(on_date) filter (where status = 'approved') as first_on,
				max(on_date) filter (where status = 'approved') as last_on
			from volunteer_hours where person_id = @person
		) h cross join (
			select count(*) filter (where u.status = 'done') as came, count(*) filter (where u.status = 'no_show') as no_shows,
				count(*) filter (where u.status in ('confirmed', 'offered') and s.status = 'open' and s.starts_at > @now) as upcoming
			from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id where u.person_id = @person
		) s`, map[string]any{"person": person, "new_year": newYear, "now": now}).Scan(&g).Error
	if err != nil {
		return Given{}, fmt.Errorf("sum a person's time: %w", err)
	}
	return g, nil
}
