package causes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/cause"
	"tributary/domain/fault"
)

// Faults of an import.
var (
	// ErrImportRunning means that another import is at work.
	ErrImportRunning = fault.New(fault.KindConflict, "registry.import_running", "Another import of the registry is running. Wait until it has finished.")
	// ErrFileTooShort means that so many organizations are missing that the file is probably cut off.
	ErrFileTooShort = fault.New(fault.KindConflict, "registry.file_too_short",
		"More than a fifth of the organizations of this source are missing from the file. If that is right, allow it explicitly.")
	errNoRows = fault.Invalid("file", "registry.empty", "The file holds no row that can be imported.")
)

// Import is one file of the registry to bring in.
type Import struct {
	Content       io.Reader
	FileName      string
	Source        string               // which part of the registry this is; empty: from the file's name
	AllowRemovals bool                 // even when a large part of the source is missing
	Rejected      func(Rejected) error // told of each row that is left out, as it is found; nil: nobody
	Progress      func(Progress)       // told now and then; nil: nobody
}

// Rejected is a row that was left out, and why.
type Rejected struct {
	Line   int64
	EIN    cause.EIN // empty when it could not be read
	Column string    // "ROW" when the whole row is damaged
	Reason string
	Text   string // the row, as far as it could be read
}

// Stage is what an import is doing.
type Stage string

// The stages of an import.
const (
	StageReading   Stage = "reading"
	StageComparing Stage = "comparing"
)

// Progress is how far an import is.
type Progress struct {
	Stage          Stage
	Rows, Rejected int64
	Bytes          int64 // of the file read so far
	Elapsed        time.Duration
}

// Report is what an import did. Read is the sum of created, updated, unchanged and rejected.
type Report struct {
	Source    string
	Read      int64
	Created   int64
	Updated   int64 // changed, moved here from another source, or listed again
	Unchanged int64
	Removed   int64 // gone from the newest file of the source
	Rejected  int64
	Took      time.Duration
}

// RowsPerSecond is the speed of the whole import.
func (r Report) RowsPerSecond() float64 {
	return float64(r.Read) / max(r.Took.Seconds(), 1e-6)
}

var sourceForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// SourceOf names the part of the registry a file holds: "eo_wy" for "/data/EO_WY.csv".
func SourceOf(fileName string) string {
	base := strings.ToLower(filepath.Base(fileName))
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// ImportRegistry brings in one file of the IRS Business Master File. A file is complete for its source: organizations of the source that
// it no longer lists are marked as removed, those it lists again come back. Rows that have not changed are not touched. All of it happens
// or, when the import ends early for whatever reason, nothing.
func (s *Service) ImportRegistry(ctx context.Context, in Import) (Report, error) {
	if in.Source == "" {
		in.Source = SourceOf(in.FileName)
	}
	if !sourceForm.MatchString(in.Source) {
		return Report{}, fault.Invalid("source", "registry.source", "Name the source with small letters, digits, dashes and underscores, such as eo_wy.")
	}
	run := &importRun{Import: in, started: s.now(), now: s.now, report: Report{Source: in.Source}}
	err := s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return run.do(ctx, tx) })
	if err != nil {
		return Report{}, fmt.Errorf("import registry: %w", err)
	}
	run.report.Took = s.now().Sub(run.started)
	return run.report, nil
}

// importRun is the state of one import.
type importRun struct {
	Import
	report  Report
	rows    *registryRows
	started time.Time
	now     func() time.Time
}

var errConsumed = errors.New("the database asked to repeat the import, but the file has been read: run it again")

func (r *importRun) do(ctx context.Context, tx database.Tx) error {
	if r.rows != nil {
		return errConsumed
	}
	free, err := lockRegistry(ctx, tx)
	if err != nil {
		return err
	}
	if !free {
		return ErrImportRunning
	}
	if r.rows, err = newRegistryRows(r.Content); err != nil {
		return err
	}
	if err := r.stage(ctx, tx); err != nil {
		return err
	}
	r.tell(StageComparing)
	if err := r.rejectRepeated(ctx, tx); err != nil {
		return err
	}
	if r.report.Read == r.report.Rejected {
		return errNoRows
	}
	if err := r.refuseCutOff(ctx, tx); err != nil {
		return err
	}
	if err := r.merge(ctx, tx); err != nil {
		return err
	}
	return insertImport(ctx, tx, importRecord{
		ID: uuid.Must(uuid.NewV7()), FileName: filepath.Base(r.FileName), FileHash: r.rows.hash.Sum(nil), StartedAt: r.started,
		FinishedAt: r.now(), Report: r.report,
	})
}

// stage copies every row whose EIN can be read. Rejected rows go along, marked: their organizations have not vanished.
func (r *importRun) stage(ctx context.Context, tx database.Tx) error {
	if err := createStaging(ctx, tx); err != nil {
		return err
	}
	rows := &stagedRows{run: r}
	err := copyRows(ctx, tx, rows)
	if reading := rows.Err(); reading != nil { // PostgreSQL hands it back as text only
		return reading
	}
	if err != nil {
		return err
	}
	r.tell(StageReading)
	return indexStaging(ctx, tx)
}

func (r *importRun) reject(row Rejected) error {
	r.report.Rejected++
	row.Text = row.Text[:min(len(row.Text), 2000)]
	if r.Rejected == nil {
		return nil
	}
	return r.Rejected(row)
}

// rejectRepeated leaves out the second and later rows of one EIN: which of them is right cannot be known.
func (r *importRun) rejectRepeated(ctx context.Context, tx database.Tx) error {
	return deleteRepeated(ctx, tx, func(line, first int64, ein cause.EIN) error {
		return r.reject(Rejected{Line: line, EIN: ein, Column: "EIN", Reason: fmt.Sprintf("already on line %d", first)})
	})
}

// Below this many missing organizations a file is never taken for cut off.
const fewRemovals = 10

func (r *importRun) refuseCutOff(ctx context.Context, tx database.Tx) error {
	listed, missing, err := countMissing(ctx, tx, r.Source)
	if err != nil {
		return err
	}
	if missing > fewRemovals && missing*5 > listed && !r.AllowRemovals {
		return ErrFileTooShort
	}
	return nil
}

func (r *importRun) merge(ctx context.Context, tx database.Tx) (err error) {
	if r.report.Created, r.report.Updated, err = upsertStaged(ctx, tx, r.Source, r.started); err != nil {
		return err
	}
	r.report.Unchanged = r.report.Read - r.report.Rejected - r.report.Created - r.report.Updated
	r.report.Removed, err = markRemoved(ctx, tx, r.Source, r.started)
	return err
}

func (r *importRun) tell(stage Stage) {
	if r.Progress != nil {
		r.Progress(Progress{
			Stage: stage, Rows: r.report.Read, Rejected: r.report.Rejected, Bytes: r.rows.bytes, Elapsed: r.now().Sub(r.started),
		})
	}
}

// progressEvery is how many rows pass between two reports of progress.
const progressEvery = 1000

// stagedRows feeds COPY from the file, one row at a time.
type stagedRows struct {
	run *importRun
	row registryRow
	err error
}

// Next implements pgx.CopyFromSource.
func (s *stagedRows) Next() bool {
	for {
		if s.row, s.err = s.run.rows.read(); s.err != nil {
			return false
		}
		r := s.run
		if r.report.Read++; r.report.Read%progressEvery == 0 {
			r.tell(StageReading)
		}
		if s.row.problem == nil {
			return true
		}
		s.err = r.reject(Rejected{
			Line: s.row.line, EIN: s.row.entry.EIN, Column: s.row.problem.Column, Reason: s.row.problem.Reason, Text: s.row.text,
		})
		if s.err != nil {
			return false
		}
		if s.row.entry.EIN != "" {
			return true
		}
	}
}

// Values implements pgx.CopyFromSource.
func (s *stagedRows) Values() ([]any, error) {
	return stagedValues(s.row), nil
}

// Err implements pgx.CopyFromSource.
func (s *stagedRows) Err() error {
	if errors.Is(s.err, io.EOF) {
		return nil
	}
	return s.err
}
