package causes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/cause"
)

// entryColumns are the columns of cause.RegistryEntry; the table's search column stays in the database.
var entryColumns = strings.Join(fileColumns, ", ") + ", source, removed_at, created_at, updated_at"

func searchRegistry(ctx context.Context, r database.Reader, q registryQuery, p RegistryPage) ([]RegistryHit, error) {
	query, args := registrySQL(q, p)
	var hits []RegistryHit
	return hits, r.Gorm(ctx).Raw(query, args...).Scan(&hits).Error
}

// registrySQL finds all matches before it sorts them, so that the planner has no reason to walk the table in the order of names.
func registrySQL(q registryQuery, p RegistryPage) (query string, args []any) {
	var conditions []string
	if q.digits != "" {
		conditions = append(conditions, "ein BETWEEN ?::char(9) AND ?::char(9)")
		args = append(args, q.digits+"000000000"[len(q.digits):], q.digits+"999999999"[len(q.digits):])
	}
	for _, word := range q.words {
		conditions = append(conditions, "search LIKE lower(?)")
		args = append(args, database.LikePattern(word))
	}
	after := ""
	if p.After.EIN != "" {
		after = "WHERE (name, ein) > (?, ?)"
		args = append(args, p.After.Name, p.After.EIN.Digits())
	}
	return `
		WITH found AS MATERIALIZED (
			SELECT ein, name FROM registry_entries WHERE ` + strings.Join(conditions, " AND ") + `
		), page AS MATERIALIZED (
			SELECT ein FROM found ` + after + ` ORDER BY name, ein LIMIT ?
		)
		SELECT ` + entryColumns + `, EXISTS (SELECT FROM organizations o WHERE o.ein = e.ein) AS claimed
		FROM registry_entries e WHERE ein = ANY (ARRAY(SELECT ein FROM page)) ORDER BY name, ein`, append(args, p.Limit+1)
}

func findEntry(ctx context.Context, r database.Reader, ein cause.EIN, lock string) (cause.RegistryEntry, error) {
	q := gorm.G[cause.RegistryEntry](r.Gorm(ctx)).Where("ein = ?", ein.Digits())
	if lock != "" {
		q = gorm.G[cause.RegistryEntry](r.Gorm(ctx), clause.Locking{Strength: lock}).Where("ein = ?", ein.Digits())
	}
	entry, err := q.Take(ctx)
	return entry, orNotFound(err, cause.ErrEntryNotFound)
}

// claimant is what of an organization a claim looks at and changes.
type claimant struct {
	ID         uuid.UUID
	Kind       account.OrganizationKind
	LegalName  string
	EIN        cause.EIN
	VerifiedAt *time.Time
}

func readClaimant(ctx context.Context, r database.Reader, org uuid.UUID, lock string) (claimant, error) {
	query := "SELECT id, kind, legal_name, ein, ein_verified_at FROM organizations WHERE id = $1"
	if lock != "" {
		query += " FOR " + lock
	}
	var c claimant
	err := r.QueryRow(ctx, query, org).Scan(&c.ID, &c.Kind, &c.LegalName, &c.EIN, &c.VerifiedAt)
	if err != nil {
		return c, fmt.Errorf("read organization: %w", err)
	}
	return c, nil
}

// claimantOf is the organization that claimed an entry, or cause.ErrNoClaim.
func claimantOf(ctx context.Context, r database.Reader, ein cause.EIN) (org uuid.UUID, err error) {
	err = r.QueryRow(ctx, "SELECT id FROM organizations WHERE ein = $1", ein.Digits()).Scan(&org)
	if database.IsNoRows(err) {
		return uuid.Nil, cause.ErrNoClaim
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find who claimed an entry: %w", err)
	}
	return org, nil
}

func claimEntry(ctx context.Context, tx database.Tx, org uuid.UUID, e cause.RegistryEntry, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE organizations SET ein = $2, legal_name = $3, ein_verified_at = $4, updated_at = $4 WHERE id = $1`,
		org, e.EIN.Digits(), e.Name, at)
	if database.Constraint(err) == "organizations_ein_key" {
		return cause.ErrEntryClaimed
	}
	return err
}

func releaseClaim(ctx context.Context, tx database.Tx, org uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, "UPDATE organizations SET ein = NULL, ein_verified_at = NULL, updated_at = $2 WHERE id = $1", org, at)
	return err
}
