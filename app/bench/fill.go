package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// organizations share a fill: the first has half of everything, the others the rest in equal parts.
const organizations = 20

// chunk is how many gifts are stored by one transaction: its ledger triggers are kept in memory until it commits.
const chunk = 20_000

var (
	//go:embed fill_functions.sql
	functionsSQL string
	//go:embed fill_organization.sql
	organizationSQL string
	//go:embed fill_people.sql
	peopleSQL string
	//go:embed fill_gifts.sql
	giftsSQL string
	//go:embed fill_rows.sql
	rowsSQL string
	//go:embed fill_rest.sql
	restSQL string
	//go:embed fill_promises.sql
	promisesSQL string
	//go:embed fill_volunteers.sql
	volunteersSQL string
	//go:embed fill_registry.sql
	registrySQL string
)

const giftsTable = `CREATE TEMPORARY TABLE gifts (org_id uuid, id uuid, n bigint, at timestamptz, person_id uuid, campaign_id uuid, cause_id uuid, fund_id uuid,
	method text, status text, amount bigint, cover bigint, first_name text, last_name text, email text, unthanked boolean)`

// LoginID is the login that owns every organization of a fill. It has no password: see [SignIn].
var LoginID = uuid.MustParse("019bd1a0-0000-7000-8000-000000000042")

// OrganizationID is the organization number n of a fill, counted from 1. The first one is the large one; its slug is bench-1.
func OrganizationID(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("019bd1a0-0000-7000-8000-00000000b%03d", n))
}

// Filling says what to make.
type Filling struct {
	Donations int64
	Promises  int64     // plans and pledges
	Shifts    int64     // with volunteers and their hours
	Progress  io.Writer // nil: silent
}

// Fill makes organizations with people, gifts, payments, ledger, receipts, mails, audit records, plans and pledges, shifts in an empty, migrated database. Every
// constraint and trigger holds for them as for anybody, the same number always makes the same rows, and the search indexes are built at the
// end, because that is ten times as fast: nobody can use the database meanwhile. The role must own the tables.
func Fill(ctx context.Context, ownerURL string, f Filling) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect as the schema's owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := mayFill(ctx, conn); err != nil {
		return err
	}
	rebuild, err := dropSearchIndexes(ctx, conn)
	if err != nil {
		return err
	}
	large := make(chan error, 1)
	go func() { large <- fillOrganizations(ctx, ownerURL, f, 1, 1) }()
	small := fillOrganizations(ctx, ownerURL, f, 2, organizations)
	if err := errors.Join(<-large, small); err != nil {
		return err
	}
	f.say("building the search indexes")
	for _, statement := range append(rebuild, "vacuum (analyze)") {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("finish: %w", err)
		}
	}
	return nil
}

func (f Filling) say(format string, args ...any) {
	if f.Progress != nil {
		_, _ = fmt.Fprintf(f.Progress, format+"\n", args...)
	}
}

// mayFill makes the login, and thereby refuses a database that was filled before.
func mayFill(ctx context.Context, conn *pgx.Conn) error {
	var used bool
	if err := conn.QueryRow(ctx, "select exists (select 1 from organizations)").Scan(&used); err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	if used {
		return fmt.Errorf("this database has organizations already: fill an empty one")
	}
	_, err := conn.Exec(ctx, `insert into logins (id, email, email_normalized, name, created_at)
		values ($1, 'owner@bench.example', 'owner@bench.example', 'Bench Owner', '2021-11-22Z')`, LoginID)
	if err != nil {
		return fmt.Errorf("make the login: %w", err)
	}
	return nil
}

// dropSearchIndexes takes the trigram indexes away and returns the statements that bring them back.
func dropSearchIndexes(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `select indexname, indexdef from pg_indexes where schemaname = 'public' and indexdef like '% USING gin %' order by 1`)
	if err != nil {
		return nil, fmt.Errorf("list search indexes: %w", err)
	}
	var name, definition string
	var dropped, definitions []string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		dropped, definitions = append(dropped, name), append(definitions, definition)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("list search indexes: %w", err)
	}
	for _, name := range dropped {
		if strings.HasPrefix(name, "river_") {
			continue
		}
		if _, err := conn.Exec(ctx, "drop index "+pgx.Identifier{name}.Sanitize()); err != nil {
			return nil, fmt.Errorf("drop %s: %w", name, err)
		}
	}
	kept := definitions[:0]
	for i, definition := range definitions {
		if !strings.HasPrefix(dropped[i], "river_") {
			kept = append(kept, definition)
		}
	}
	return kept, nil
}

func fillOrganizations(ctx context.Context, ownerURL string, f Filling, first, last int) error {
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fmt.Errorf("connect as the schema's owner: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, statement := range []string{"set synchronous_commit = off", "set timezone = 'UTC'", functionsSQL, giftsTable} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	for n := first; n <= last; n++ {
		o := filled{n: n, id: OrganizationID(n), gifts: share(f.Donations, n), promises: share(f.Promises, n), shifts: share(f.Shifts, n)}
		o.people = max(o.gifts/4, 10)
		if err := o.fill(ctx, conn, f); err != nil {
			return fmt.Errorf("fill organization %d: %w", n, err)
		}
	}
	return nil
}

// share is how much of a number of things the organization n has.
func share(of int64, n int) int64 {
	if n > 1 {
		return (of - of/2) / (organizations - 1)
	}
	return of / 2
}

// filled is an organization that is being filled.
type filled struct {
	n                       int
	id                      uuid.UUID
	gifts, people, promises int64
	shifts                  int64
}

func (o filled) fill(ctx context.Context, conn *pgx.Conn, f Filling) error {
	err := o.tx(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, organizationSQL, o.n, o.id, LoginID); err != nil {
			return fmt.Errorf("the organization: %w", err)
		}
		if _, err := tx.Exec(ctx, peopleSQL, o.n, o.id, o.people); err != nil {
			return fmt.Errorf("people: %w", err)
		}
		if _, err := tx.Exec(ctx, restSQL, o.id); err != nil {
			return fmt.Errorf("payouts: %w", err)
		}
		if o.n == 1 {
			if _, err := tx.Exec(ctx, registrySQL, max(f.Donations/10, 100)); err != nil {
				return fmt.Errorf("the registry: %w", err)
			}
		}
		return nil
	})
	for from := int64(0); err == nil && from < o.gifts; from += chunk {
		to := min(from+chunk, o.gifts) - 1
		if err = o.tx(ctx, conn, func(tx pgx.Tx) error { return o.fillGifts(ctx, tx, from, to) }); err == nil {
			f.say("bench-%d: %d of %d gifts", o.n, to+1, o.gifts)
		}
	}
	for from := int64(0); err == nil && from < o.promises; from += chunk {
		to := min(from+chunk, o.promises) - 1
		if err = o.tx(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, promisesSQL, o.n, o.id, o.people, from, to)
			return err
		}); err != nil {
			return fmt.Errorf("promises: %w", err)
		}
		f.say("bench-%d: %d of %d promises", o.n, to+1, o.promises)
	}
	for from := int64(0); err == nil && from < o.shifts; from += chunk {
		to := min(from+chunk, o.shifts) - 1
		if err = o.tx(ctx, conn, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, volunteersSQL, o.n, o.id, o.people, from, to, o.shifts)
			return err
		}); err != nil {
			return fmt.Errorf("shifts: %w", err)
		}
		f.say("bench-%d: %d of %d shifts", o.n, to+1, o.shifts)
	}
	return err
}

func (o filled) fillGifts(ctx context.Context, tx pgx.Tx, from, to int64) error {
	if _, err := tx.Exec(ctx, "truncate gifts"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, giftsSQL, o.n, o.id, o.people, from, to, o.gifts); err != nil {
		return fmt.Errorf("work out gifts: %w", err)
	}
	for _, statement := range strings.Split(rowsSQL, "\n----\n") {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("store gifts: %w", err)
		}
	}
	return nil
}

// tx runs do as the organization: row level security binds the owner of the tables too.
func (o filled) tx(ctx context.Context, conn *pgx.Conn, do func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select set_config('app.org_id', $1, true)", o.id.String()); err != nil {
			return err
		}
		return do(tx)
	})
}

// SignIn stores a session of the fill's login and returns its cookie's value and its CSRF token.
func SignIn(ctx context.Context, url string, now time.Time) (cookie, csrf string, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", "", fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	cookie, csrf = "bench-"+uuid.NewString(), uuid.NewString()
	_, err = conn.Exec(ctx, `insert into sessions (token_hash, login_id, csrf_token, created_at, last_seen_at, expires_at)
		values (sha256(convert_to($1, 'UTF8')), $2, $3, $4, $4, $5)`, cookie, LoginID, csrf, now, now.Add(time.Hour))
	if err != nil {
		return "", "", fmt.Errorf("store a session: %w", err)
	}
	return cookie, csrf, nil
}
