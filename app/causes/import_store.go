package causes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"tributary/app/platform/database"
	"tributary/domain/cause"
)

// fileColumns are the columns of registry_entries that come from the file.
var fileColumns = []string{
	"ein", "name", "sort_name", "in_care_of", "street", "city", "state", "zip", "group_number", "subsection", "affiliation", "classification",
	"ruling", "deductibility", "foundation", "activity", "organization_code", "status", "tax_period", "asset_code", "income_code",
	"filing_requirement", "pf_filing_requirement", "accounting_period", "asset_amount", "income_amount", "revenue_amount", "ntee_code", "row_hash",
}

func stagedValues(row registryRow) []any {
	e := row.entry
	if row.problem != nil { // only the EIN is known to be sound
		e = cause.RegistryEntry{EIN: e.EIN}
	}
	return []any{
		row.line, row.problem == nil,
		string(e.EIN), e.Name, e.SortName, e.InCareOf, e.Street, e.City, e.State, e.ZIP, e.GroupNumber, e.Subsection, e.Affiliation,
		e.Classification, e.Ruling, e.Deductibility, e.Foundation, e.Activity, e.OrganizationCode, e.Status, e.TaxPeriod, e.AssetCode,
		e.IncomeCode, e.FilingRequirement, e.PFFilingRequirement, e.AccountingPeriod, e.AssetAmount, e.IncomeAmount, e.RevenueAmount,
		e.NTEECode, e.RowHash,
	}
}

// registryLock is the key of the advisory lock that lets one import run at a time; it only makes for a clear message, the upsert is safe
// without it.
const registryLock = 7_301_990_416

func lockRegistry(ctx context.Context, tx database.Tx) (free bool, err error) {
	return free, tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(registryLock)).Scan(&free)
}

// createStaging makes a table that only this transaction sees and that ends with it.
func createStaging(ctx context.Context, tx database.Tx) error {
	_, err := tx.Exec(ctx, `CREATE TEMPORARY TABLE registry_staging ON COMMIT DROP AS
		SELECT 0::bigint AS line, true AS valid, `+strings.Join(fileColumns, ", ")+` FROM registry_entries WITH NO DATA`)
	if err != nil {
		return fmt.Errorf("create staging table: %w", err)
	}
	return nil
}

func copyRows(ctx context.Context, tx database.Tx, rows pgx.CopyFromSource) error {
	return database.Do(tx, func(t pgx.Tx) error {
		_, err := t.CopyFrom(ctx, pgx.Identifier{"registry_staging"}, append([]string{"line", "valid"}, fileColumns...), rows)
		if err != nil {
			return fmt.Errorf("copy rows: %w", err)
		}
		return nil
	})
}

func indexStaging(ctx context.Context, tx database.Tx) error {
	if _, err := tx.Exec(ctx, "CREATE INDEX ON registry_staging (ein, line)"); err != nil {
		return fmt.Errorf("index staging table: %w", err)
	}
	_, err := tx.Exec(ctx, "ANALYZE registry_staging")
	return err
}

// deleteRepeated drops the rows whose EIN stands on an earlier line, in the order of the file, and reports each.
func deleteRepeated(ctx context.Context, tx database.Tx, report func(line, first int64, ein cause.EIN) error) error {
	rows, err := tx.Query(ctx, `
		WITH repeated AS (
			SELECT line, ein, first FROM (
				SELECT line, ein, min(line) OVER (PARTITION BY ein) AS first FROM registry_staging WHERE valid
			) numbered WHERE line > first
		), dropped AS (
			DELETE FROM registry_staging WHERE line IN (SELECT line FROM repeated)
		)
		SELECT line, first, ein FROM repeated ORDER BY line`)
	if err != nil {
		return fmt.Errorf("drop repeated rows: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var line, first int64
		var ein cause.EIN
		if err := rows.Scan(&line, &first, &ein); err != nil {
			return fmt.Errorf("read repeated row: %w", err)
		}
		if err := report(line, first, ein); err != nil {
			return err
		}
	}
	return rows.Err()
}

// countMissing counts the organizations listed from the source, and those of them that the file no longer has.
func countMissing(ctx context.Context, tx database.Tx, source string) (listed, missing int64, err error) {
	return listed, missing, tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM registry_staging s WHERE s.ein = e.ein))
		FROM registry_entries e WHERE e.source = $1 AND e.removed_at IS NULL`, source).Scan(&listed, &missing)
}

// upsertStaged writes what is new or differs. A row counts as new when this very statement inserted it, which its xmax tells.
func upsertStaged(ctx context.Context, tx database.Tx, source string, at time.Time) (created, updated int64, err error) {
	columns := strings.Join(fileColumns, ", ")
	assignments := make([]string, 0, len(fileColumns))
	for _, c := range fileColumns[1:] {
		assignments = append(assignments, c+" = excluded."+c)
	}
	err = tx.QueryRow(ctx, `
		WITH written AS (
			INSERT INTO registry_entries AS e (`+columns+`, source, created_at, updated_at)
			SELECT `+columns+`, $1, $2, $2 FROM registry_staging WHERE valid ORDER BY ein
			ON CONFLICT (ein) DO UPDATE SET `+strings.Join(assignments, ", ")+`, source = excluded.source, removed_at = NULL, updated_at = excluded.updated_at
				WHERE e.row_hash <> excluded.row_hash OR e.source <> excluded.source OR e.removed_at IS NOT NULL
			RETURNING (xmax = 0) AS new
		)
		SELECT count(*) FILTER (WHERE new), count(*) FILTER (WHERE NOT new) FROM written`, source, at).Scan(&created, &updated)
	if err != nil {
		return 0, 0, fmt.Errorf("write entries: %w", err)
	}
	return created, updated, nil
}

func markRemoved(ctx context.Context, tx database.Tx, source string, at time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `
		UPDATE registry_entries e SET removed_at = $2, updated_at = $2
		WHERE e.source = $1 AND e.removed_at IS NULL AND NOT EXISTS (SELECT FROM registry_staging s WHERE s.ein = e.ein)`, source, at)
	if err != nil {
		return 0, fmt.Errorf("mark removed entries: %w", err)
	}
	return n, nil
}

// importRecord is the line an import leaves behind.
type importRecord struct {
	ID                    uuid.UUID
	FileName              string
	FileHash              []byte
	StartedAt, FinishedAt time.Time
	Report                Report
}

func insertImport(ctx context.Context, tx database.Tx, i importRecord) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO registry_imports (id, source, file_name, file_hash, started_at, finished_at, rows_read, created, updated, unchanged, removed, rejected)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		i.ID, i.Report.Source, i.FileName, i.FileHash, i.StartedAt, i.FinishedAt, i.Report.Read, i.Report.Created, i.Report.Updated,
		i.Report.Unchanged, i.Report.Removed, i.Report.Rejected)
	if err != nil {
		return fmt.Errorf("record import: %w", err)
	}
	return nil
}
