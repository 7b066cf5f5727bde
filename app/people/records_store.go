package people

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/person"
)

// columns of person.Person; the table's search column stays in the database.
const columns = `org_id, id, first_name, last_name, email, email_normalized, phone, address_line1, address_line2, city, region, postal_code,
	country, employer, do_not_contact, version, created_at, updated_at`

func findPerson(ctx context.Context, r database.Reader, who id.ID[person.Person]) (person.Person, error) {
	p, err := gorm.G[person.Person](r.Gorm(ctx)).Where("id = ?", who).Take(ctx)
	return p, notFound(err)
}

func lockPerson(ctx context.Context, tx database.Tx, who id.ID[person.Person]) (person.Person, error) {
	p, err := gorm.G[person.Person](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", who).Take(ctx)
	return p, notFound(err)
}

func notFound(err error) error {
	switch {
	case database.IsNoRows(err):
		return person.ErrNotFound
	case err != nil:
		return fmt.Errorf("read person: %w", err)
	}
	return nil
}

func newestPeople(ctx context.Context, r database.Reader, p Page) ([]person.Person, error) {
	after, position := afterPosition(p.Before)
	var found []person.Person
	return found, r.Gorm(ctx).Raw(newestSQL(after), append(position, p.Limit+1)...).Scan(&found).Error
}

func newestSQL(after string) string {
	return `SELECT ` + columns + ` FROM people ` + after + ` ORDER BY created_at DESC, id DESC LIMIT ?`
}

// matchingPeople reads the people whose search text holds every term. The longest term narrows the table through its tenant policy, which
// is what lets the trigram index answer (see isolate_searchable_tenant); the others filter what is left.
func matchingPeople(ctx context.Context, r database.Reader, terms []string, p Page) ([]person.Person, error) {
	patterns := database.LikePatterns(terms)
	var narrowed string
	if err := r.QueryRow(ctx, narrowSQL, patterns[0]).Scan(&narrowed); err != nil {
		return nil, err
	}
	after, position := afterPosition(p.Before)
	args := append([]any{strings.Join(patterns[1:], "\n")}, position...)
	var found []person.Person
	return found, r.Gorm(ctx).Raw(matchingSQL(after), append(args, p.Limit+1)...).Scan(&found).Error
}

const narrowSQL = `SELECT set_config('app.search_people', lower($1), true)`

// matchingSQL finds all matches before it sorts them: with ORDER BY and LIMIT in one query the planner may walk the whole list by date in
// the hope of an early match.
func matchingSQL(after string) string {
	return `
		WITH found AS MATERIALIZED (
			SELECT id, created_at FROM people WHERE search LIKE ALL (string_to_array(lower(?), E'\n'))
		), page AS MATERIALIZED (
			SELECT id FROM found ` + after + ` ORDER BY created_at DESC, id DESC LIMIT ?
		)
		SELECT ` + columns + ` FROM people WHERE id = ANY (ARRAY(SELECT id FROM page)) ORDER BY created_at DESC, id DESC`
}

func afterPosition(p Position) (sql string, args []any) {
	if p.ID.IsZero() {
		return "", nil
	}
	return "WHERE (created_at, id) < (?, ?)", []any{p.CreatedAt, p.ID}
}

func insertPerson(ctx context.Context, tx database.Tx, p person.Person) error {
	return explain(gorm.G[person.Person](tx.Gorm(ctx)).Create(ctx, &p))
}

// insertOrFindByEmail returns p once stored, or the person who has its address already. The second statement sees the row of a
// transaction that committed while the first one waited for it.
func insertOrFindByEmail(ctx context.Context, tx database.Tx, p person.Person) (person.Person, error) {
	kept, err := personByEmail(ctx, tx, *p.EmailNormalized)
	if err == nil || !database.IsNoRows(err) {
		return kept, err
	}
	unlessTaken := clause.OnConflict{
		Columns:     []clause.Column{{Name: "org_id"}, {Name: "email_normalized"}},
		TargetWhere: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: "email_normalized IS NOT NULL"}}},
		DoNothing:   true,
	}
	inserted := tx.Gorm(ctx).Clauses(unlessTaken).Create(&p)
	if inserted.Error != nil || inserted.RowsAffected == 1 {
		return p, inserted.Error
	}
	return personByEmail(ctx, tx, *p.EmailNormalized)
}

func personByEmail(ctx context.Context, r database.Reader, normalized string) (person.Person, error) {
	return gorm.G[person.Person](r.Gorm(ctx)).Where("email_normalized = ?", normalized).Take(ctx)
}

func updatePerson(ctx context.Context, tx database.Tx, p person.Person) error {
	return explain(tx.Gorm(ctx).Select("*").Omit("org_id", "id", "created_at").Updates(&p).Error)
}

func explain(err error) error {
	if database.Constraint(err) == "people_email_normalized_key" {
		return person.ErrEmailTaken.With("email")
	}
	return err
}

func queueConsent(ctx context.Context, tx database.Tx, c person.Consent) error {
	return database.QueueCreate(ctx, tx, &c, func(err error) error {
		if database.Constraint(err) == "consents_person_id_fkey" {
			return person.ErrNotFound
		}
		return err
	})
}

// consentsOf is the newest answer per channel.
func consentsOf(ctx context.Context, r database.Reader, who id.ID[person.Person]) (person.Consents, error) {
	var newest []person.Consent
	err := r.Gorm(ctx).Raw(`
		SELECT DISTINCT ON (channel) org_id, id, person_id, channel, granted, source, wording, at
		FROM consents WHERE person_id = ? ORDER BY channel, at DESC, id DESC`, who).Scan(&newest).Error
	if err != nil {
		return nil, fmt.Errorf("read consents: %w", err)
	}
	consents := person.Consents{}
	for _, c := range newest {
		consents[c.Channel] = c
	}
	return consents, nil
}
