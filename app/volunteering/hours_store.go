package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// HoursFilter narrows a list of hours. Zero values narrow nothing. Before and BeforeID are where the previous page ended.
type HoursFilter struct {
	Status        volunteer.HoursStatus
	PersonID      uuid.UUID
	OpportunityID uuid.UUID
	From, To      day.Day // both inclusive
	Before        time.Time
	BeforeID      uuid.UUID
	Limit         int
	ids           []id.ID[volunteer.Hours]
}

func (f HoursFilter) check() error { return checkPeriod(f.From, f.To) }

func checkPeriod(from, to day.Day) error {
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		return fault.Invalid("to", "date.order", "The last day is before the first.")
	}
	return nil
}

// HoursLine is recorded time with the names a list shows.
type HoursLine struct {
	volunteer.Hours
	FirstName, LastName string
	Email               *string
	Title, Role         string // of the opportunity
	DecidedByName       string
}

// listHours reads hours, the newest first.
func listHours(ctx context.Context, r database.Reader, f HoursFilter) ([]HoursLine, error) {
	page := r.Gorm(ctx).Table("volunteer_hours")
	if f.ids != nil {
		page = page.Where("id = any(?)", database.Array(f.ids))
	}
	if f.Status != "" {
		page = page.Where("status = ?", f.Status)
	}
	if f.PersonID != uuid.Nil {
		page = page.Where("person_id = ?", f.PersonID)
	}
	if f.OpportunityID != uuid.Nil {
		page = page.Where("opportunity_id = ?", f.OpportunityID)
	}
	if !f.From.IsZero() {
		page = page.Where("on_date >= ?", f.From)
	}
	if !f.To.IsZero() {
		page = page.Where("on_date <= ?", f.To)
	}
	if !f.Before.IsZero() {
		page = page.Where("(created_at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	page = page.Order("created_at desc, id desc")
	if f.Limit > 0 {
		page = page.Limit(f.Limit)
	}
	var lines []HoursLine
	err := r.Gorm(ctx).Table("(?) as h", page).
		Select("h.*, p.first_name, p.last_name, p.email, o.title, o.role, coalesce(l.name, '') as decided_by_name").
		Joins("join people p on p.org_id = h.org_id and p.id = h.person_id").
		Joins("join opportunities o on o.org_id = h.org_id and o.id = h.opportunity_id").
		Joins("left join logins l on l.id = h.decided_by").
		Order("h.created_at desc, h.id desc").Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list hours: %w", err)
	}
	return lines, nil
}

// insertHours stores fresh hours. A second entry for one sign-up is volunteer.ErrHoursTwice.
func insertHours(ctx context.Context, tx database.Tx, hours []volunteer.Hours) error {
	err := tx.Gorm(ctx).Create(&hours).Error
	if database.Constraint(err) == "volunteer_hours_sign_up_id_key" {
		return volunteer.ErrHoursTwice
	}
	if err != nil {
		return fmt.Errorf("insert hours: %w", err)
	}
	return nil
}

// findHours reads whose hours some are, without a lock.
func findHours(ctx context.Context, r database.Reader, ids []id.ID[volunteer.Hours]) ([]volunteer.Hours, error) {
	rows, err := gorm.G[volunteer.Hours](r.Gorm(ctx)).Where("id = any(?)", database.Array(ids)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find hours: %w", err)
	}
	return rows, nil
}

// lockHours locks hours in the order of their ids.
func lockHours(ctx context.Context, tx database.Tx, ids []id.ID[volunteer.Hours]) ([]volunteer.Hours, error) {
	var rows []volunteer.Hours
	err := tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = any(?)", database.Array(ids)).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("lock hours: %w", err)
	}
	return rows, nil
}

// lockHoursOf locks the hours of a sign-up, if there are any.
func lockHoursOf(ctx context.Context, tx database.Tx, of id.ID[volunteer.SignUp]) ([]volunteer.Hours, error) {
	var rows []volunteer.Hours
	if err := tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("sign_up_id = ?", of).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("lock hours of sign-up %s: %w", of, err)
	}
	return rows, nil
}

// saveHours stores hours that the caller locked, in one statement.
func saveHours(ctx context.Context, tx database.Tx, hours []volunteer.Hours) error {
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "org_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{"on_date", "minutes", "people", "assumed", "status", "reason", "decided_by", "decided_at", "version", "updated_at"}),
	}).Create(&hours).Error
	if err != nil {
		return fmt.Errorf("save hours: %w", err)
	}
	return nil
}

func deleteHours(ctx context.Context, tx database.Tx, h volunteer.Hours) error {
	if err := tx.Gorm(ctx).Where("id = ?", h.ID).Delete(&volunteer.Hours{}).Error; err != nil {
		return fmt.Errorf("delete hours %s: %w", h.ID, err)
	}
	return nil
}

// selves are those of some people who are the one that asks: by the e-mail address of the login, or of the login that made the token.
func selves(ctx context.Context, r database.Reader, who actor.Actor, people []uuid.UUID) (map[uuid.UUID]bool, error) {
	var found []uuid.UUID
	err := r.Gorm(ctx).Raw(`select p.id from people p join logins l on l.email_normalized = p.email_normalized
		where p.id = any(?) and (l.id = ? or l.id = (select t.created_by from api_tokens t where t.id = ?))`,
		database.Array(people), who.ID, who.ID).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find out whose hours they are: %w", err)
	}
	own := map[uuid.UUID]bool{}
	for _, p := range found {
		own[p] = true
	}
	return own, nil
}

// hoursOn reads what a person has recorded on a day that nobody rejected.
func hoursOn(ctx context.Context, r database.Reader, person uuid.UUID, on day.Day) ([]volunteer.Hours, error) {
	rows, err := gorm.G[volunteer.Hours](r.Gorm(ctx)).Where("person_id = ? and on_date = ? and status <> 'rejected'", person, on).Order("created_at, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list hours of a day: %w", err)
	}
	return rows, nil
}

// hasSignedUp reports whether a person ever signed up for a shift of an opportunity.
func hasSignedUp(ctx context.Context, r database.Reader, person uuid.UUID, o id.ID[volunteer.Opportunity]) (has bool, err error) {
	err = r.QueryRow(ctx, `select exists (select from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = $1 and s.opportunity_id = $2)`, person, o).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("find out who helps with an opportunity: %w", err)
	}
	return has, nil
}

// HoursChoice is an opportunity for which a volunteer may enter hours.
type HoursChoice struct {
	ID          id.ID[volunteer.Opportunity]
	Title, Role string
	Zone        string
}

// hoursChoices lists what a person may enter hours for: public flexible work that is published, and whatever they signed up for in the last
// half year.
func hoursChoices(ctx context.Context, r database.Reader, person uuid.UUID, since time.Time) ([]HoursChoice, error) {
	var all []HoursChoice
	err := r.Gorm(ctx).Raw(`select o.id, o.title, o.role, o.zone from opportunities o
		where o.status = 'published' and o.kind = 'flexible' and o.visibility = 'public'
			or o.status <> 'draft' and o.id in (select s.opportunity_id from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
				where u.person_id = ? and u.status in ('confirmed', 'in', 'done') and s.starts_at > ?)
		order by lower(o.title), o.id limit 500`, person, since).Scan(&all).Error
	if err != nil {
		return nil, fmt.Errorf("list what hours are entered for: %w", err)
	}
	return all, nil
}

// Total is the approved time of one group, that of those who came along included. People are those known by name.
type Total struct {
	Key     string // the opportunity's id, the role, or the month as 2026-11
	Label   string
	Minutes int64
	People  int64
	Entries int64
}

// grouping is a way to add up hours: rows are first added up by person within a bucket, so that people are counted among few rows.
type grouping struct{ bucket, key, label, join, order string }

const ofOpportunity = "join opportunities o on o.org_id = x.org_id and o.id = x.bucket"

var groupings = map[string]grouping{
	"opportunity": {"h.opportunity_id", "o.id", "o.title", ofOpportunity, "minutes desc, label, key"},
	"role":        {"h.opportunity_id", "o.role", "o.role", ofOpportunity, "minutes desc, key"},
	"month":       {"to_char(h.on_date, 'YYYY-MM')", "x.bucket", "x.bucket", "", "key"},
}

// totalHours adds approved hours up by groups, and all of them.
func totalHours(ctx context.Context, r database.Reader, g grouping, from, to day.Day) ([]Total, Total, error) {
	people := r.Gorm(ctx).Table("volunteer_hours h").
		Select("h.org_id, " + g.bucket + " as bucket, h.person_id, sum(h.minutes * h.people) as minutes, count(*) as entries").Where("h.status = 'approved'")
	if !from.IsZero() {
		people = people.Where("h.on_date >= ?", from)
	}
	if !to.IsZero() {
		people = people.Where("h.on_date <= ?", to)
	}
	var rows []struct {
		Total `gorm:"embedded"`
		Whole bool
	}
	err := r.Gorm(ctx).Table("(?) x", people.Group("h.org_id, bucket, h.person_id")).
		Select(fmt.Sprintf(`%s::text as key, %s as label, grouping(%[1]s) = 1 as whole, sum(x.minutes) as minutes, count(distinct x.person_id) as people,
			sum(x.entries) as entries`, g.key, g.label)).
		Joins(g.join).Group(fmt.Sprintf("grouping sets ((%s, %s), ())", g.key, g.label)).Having("count(*) > 0").Order(g.order).Scan(&rows).Error
	if err != nil {
		return nil, Total{}, fmt.Errorf("add up hours: %w", err)
	}
	all, whole := []Total{}, Total{}
	for _, row := range rows {
		if row.Whole {
			whole = row.Total
		} else {
			all = append(all, row.Total)
		}
	}
	return all, whole, nil
}

// served is what one person gave to one opportunity.
type served struct {
	Title, Role     string
	FirstOn, LastOn day.Day
	Minutes         int
}

// servedBy adds up a person's approved hours by opportunity, in the order in which they began.
func servedBy(ctx context.Context, r database.Reader, person uuid.UUID, from, to day.Day) ([]served, error) {
	q := r.Gorm(ctx).Table("volunteer_hours h").
		Select("o.title, o.role, min(h.on_date) as first_on, max(h.on_date) as last_on, sum(h.minutes) as minutes").
		Joins("join opportunities o on o.org_id = h.org_id and o.id = h.opportunity_id").Where("h.status = 'approved' and h.person_id = ?", person)
	if !from.IsZero() {
		q = q.Where("h.on_date >= ?", from)
	}
	if !to.IsZero() {
		q = q.Where("h.on_date <= ?", to)
	}
	var rows []served
	if err := q.Group("o.id, o.title, o.role").Order("first_on, o.title, o.id").Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("add up a volunteer's hours: %w", err)
	}
	return rows, nil
}

// livingPerson reports whether somebody is known who can do something: neither a stranger nor a record that names nobody any more.
func livingPerson(ctx context.Context, r database.Reader, who uuid.UUID) error {
	p, err := gorm.G[person.Person](r.Gorm(ctx)).Where("id = ?", who).Take(ctx)
	switch {
	case database.IsNoRows(err):
		return person.ErrNotFound
	case err != nil:
		return fmt.Errorf("find person %s: %w", who, err)
	case p.AnonymisedAt != nil:
		return person.ErrAnonymised
	}
	return nil
}
