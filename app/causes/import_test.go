package causes_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/causes"
	"tributary/app/platform/database"
	"tributary/domain/cause"
	"tributary/domain/fault"
)

const (
	thisMonth = "testdata/eo_wy.csv"
	nextMonth = "testdata/eo_wy_next.csv"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return content
}

// bring imports content as source eo_wy and collects what was rejected.
func (f *fixture) bring(t *testing.T, content []byte) (causes.Report, []causes.Rejected, error) {
	t.Helper()
	var rejected []causes.Rejected
	report, err := f.ImportRegistry(t.Context(), causes.Import{
		Content: bytes.NewReader(content), FileName: "eo_wy.csv",
		Rejected: func(r causes.Rejected) error { rejected = append(rejected, r); return nil },
	})
	report.Took = 0
	return report, rejected, err
}

// entry reads one entry of the registry.
func (f *fixture) entry(t *testing.T, ein string) cause.RegistryEntry {
	t.Helper()
	hits, _, err := f.SearchRegistry(t.Context(), causes.RegistryPage{Search: ein, Limit: 5})
	require.NoError(t, err)
	require.Len(t, hits, 1)
	return hits[0].RegistryEntry
}

func TestImportOfARealFile(t *testing.T) {
	t.Parallel()
	f := start(t)
	report, rejected, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	require.Empty(t, rejected)
	require.Equal(t, causes.Report{Source: "eo_wy", Read: 200, Created: 200}, report)

	legion := f.entry(t, "01-0631747")
	require.Equal(t, cause.EIN("010631747"), legion.EIN, "leading zeros kept")
	require.Equal(t, "AMERICAN LEGION", legion.Name)
	require.Equal(t, "% DOUG HENSALA", legion.InCareOf)
	require.Equal(t, "eo_wy", legion.Source)
	require.Equal(t, 135, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE deductibility IN ('1', '4')"))
	require.Positive(t, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE asset_amount IS NULL"))
	require.Positive(t, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE revenue_amount < 0 OR income_amount < 0 OR asset_amount < 0"))
	require.Equal(t, 1, f.count(t, orgOf(f.river), `SELECT count(*) FROM registry_imports
		WHERE source = 'eo_wy' AND file_name = 'eo_wy.csv' AND rows_read = 200 AND created = 200 AND octet_length(file_hash) = 32`))
}

func TestSecondImportChangesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	content := read(t, thisMonth)
	_, _, err := f.bring(t, content)
	require.NoError(t, err)
	first := f.at
	f.at = f.at.Add(24 * time.Hour)
	for _, again := range [][]byte{
		content,
		append([]byte("\ufeff"), content...),
		bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")),
		bytes.TrimRight(content, "\r\n"),
	} {
		report, _, err := f.bring(t, again)
		require.NoError(t, err)
		require.Equal(t, causes.Report{Source: "eo_wy", Read: 200, Unchanged: 200}, report)
	}
	require.Equal(t, 200, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE updated_at = $1", first))
}

func TestNextMonthUpdates(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	first := f.at
	f.at = f.at.AddDate(0, 1, 0)
	report, rejected, err := f.bring(t, read(t, nextMonth))
	require.NoError(t, err)
	require.Empty(t, rejected)
	require.Equal(t, causes.Report{Source: "eo_wy", Read: 199, Created: 2, Updated: 4, Unchanged: 193, Removed: 3}, report)
	require.Equal(t, "AMERICAN LEGION POST 17", f.entry(t, "010631747").Name)
	require.Equal(t, f.at, *f.entry(t, "043831012").RemovedAt)
	require.Equal(t, "No longer listed by the IRS", f.entry(t, "043831012").StatusText())
	require.Equal(t, 193, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE updated_at = $1", first))

	report, _, err = f.bring(t, read(t, thisMonth)) // the three are back, the two are gone, the four as before
	require.NoError(t, err)
	require.Equal(t, causes.Report{Source: "eo_wy", Read: 200, Updated: 7, Unchanged: 193, Removed: 2}, report)
	require.Nil(t, f.entry(t, "043831012").RemovedAt)
}

func TestAnotherSourceRemovesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	lines := strings.SplitAfter(string(read(t, thisMonth)), "\r\n")
	moved := lines[0] + strings.Replace(lines[1], ",WY,", ",CO,", 1)
	report, err := f.ImportRegistry(t.Context(), causes.Import{Content: strings.NewReader(moved), FileName: "/data/EO_CO.csv"})
	require.NoError(t, err)
	require.Equal(t, "eo_co", report.Source)
	require.Equal(t, int64(1), report.Updated)
	require.Zero(t, report.Removed)
	require.Equal(t, "CO", f.entry(t, "010631747").State)

	withoutIt := lines[0] + strings.Join(lines[2:], "")
	again, _, err := f.bring(t, []byte(withoutIt))
	require.NoError(t, err)
	require.Zero(t, again.Removed, "it moved to another state's file and has not vanished")
}

func TestRejectedRowsAreListedAndKeepTheirOldState(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimRight(string(read(t, thisMonth)), "\r\n"), "\r\n")
	lines[1] = strings.Replace(lines[1], ",82001-4917,", ",8200,", 1) // a damaged row of a known organization
	lines[2] = strings.TrimPrefix(lines[2], "0")                      // lost its zero in a spreadsheet
	lines[3] += ",surplus"
	lines[4] = strings.Replace(lines[4], "WILLOW", "WIL\"LOW", 1)
	lines[5] = strings.Replace(lines[5], "SHOSHONE", "SHO\x00NE", 1)
	lines = append(lines, lines[6], "", strings.Repeat("x", 70_000), lines[7][:30])

	report, rejected, err := f.bring(t, []byte(strings.Join(lines, "\r\n")))
	require.NoError(t, err)
	where := map[int64]string{}
	for _, r := range rejected {
		where[r.Line] = r.Column + ": " + r.Reason
		require.LessOrEqual(t, len(r.Text), 2000)
	}
	require.Equal(t, map[int64]string{
		2:   "ZIP: a ZIP code such as 82001-4917, or 00000 for a foreign address expected",
		3:   "EIN: nine digits expected, leading zeros included",
		4:   "ROW: 29 columns found, 28 expected",
		5:   "ROW: a quotation mark is out of place",
		6:   "NAME: holds characters that cannot be shown",
		202: "EIN: already on line 7",
		204: "ROW: the line is longer than 64 KB",
		205: "ROW: 2 columns found, 28 expected",
	}, where)
	require.Equal(t, causes.Report{Source: "eo_wy", Read: 203, Unchanged: 195, Removed: 1, Rejected: 8}, report,
		"only the one whose EIN could not be read counts as gone")
	require.Nil(t, f.entry(t, "010631747").RemovedAt)
	require.Equal(t, "82001-4917", f.entry(t, "010631747").ZIP)
}

func TestImportRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	f := start(t)
	header, _, _ := strings.Cut(string(read(t, thisMonth)), "\r\n")
	for _, tc := range []struct{ name, content, says string }{
		{"an empty file", "", "The file is empty"},
		{"blank lines", "\r\n\r\n", "The file is empty"},
		{"a header alone", header, "no row"},
		{"no row that can be read", header + "\r\nx\r\ny", "no row"},
		{"a missing column", strings.Replace(header, ",ICO", "", 1), "missing: ICO"},
		{"a surplus column", header + ",EXTRA", `unknown: "EXTRA"`},
		{"a column twice", header + ",EIN", "there twice: EIN"},
		{"something else", "%PDF-1.7 \"", "not a header"},
	} {
		_, _, err := f.bring(t, []byte(tc.content))
		requireInvalid(t, err, "file")
		require.ErrorContains(t, err, tc.says, tc.name)
	}
	_, err := f.ImportRegistry(t.Context(), causes.Import{Content: strings.NewReader(header), FileName: "Übersicht 2026.csv"})
	requireInvalid(t, err, "source")
	require.Zero(t, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries"))
	require.Zero(t, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_imports"))
}

func TestColumnsMayStandInAnyOrder(t *testing.T) {
	t.Parallel()
	f := start(t)
	var turned []string
	for line := range strings.SplitSeq(strings.TrimRight(string(read(t, thisMonth)), "\r\n"), "\r\n") {
		first, rest, _ := strings.Cut(line, ",")
		turned = append(turned, rest+","+first)
	}
	report, _, err := f.bring(t, []byte(strings.Join(turned, "\n")))
	require.NoError(t, err)
	require.Equal(t, int64(200), report.Created)
	require.Equal(t, "AMERICAN LEGION", f.entry(t, "010631747").Name)
}

func TestCutOffFileRemovesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	content := read(t, thisMonth)
	_, _, err := f.bring(t, content)
	require.NoError(t, err)
	half := content[:len(content)/2]
	_, _, err = f.bring(t, half)
	require.ErrorIs(t, err, causes.ErrFileTooShort)
	require.Zero(t, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_entries WHERE removed_at IS NOT NULL"))

	report, err := f.ImportRegistry(t.Context(), causes.Import{Content: bytes.NewReader(half), FileName: "eo_wy.csv", AllowRemovals: true})
	require.NoError(t, err)
	require.Positive(t, report.Removed)
}

// interrupted ends with an error half-way, as a file on a lost disk does.
type interrupted struct{ left *bytes.Reader }

var errDisk = errors.New("disk lost")

func (r interrupted) Read(p []byte) (int, error) {
	n, err := r.left.Read(p[:min(len(p), 512)])
	if err != nil {
		return n, errDisk
	}
	return n, nil
}

func TestInterruptedImportLeavesTheOldState(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	snapshot := "SELECT count(*) FROM registry_entries WHERE updated_at = $1 AND removed_at IS NULL"
	before := f.count(t, orgOf(f.river), snapshot, f.at)
	f.at = f.at.AddDate(0, 1, 0)

	next := read(t, nextMonth)
	_, err = f.ImportRegistry(t.Context(), causes.Import{Content: interrupted{bytes.NewReader(next[:len(next)-5000])}, FileName: "eo_wy.csv"})
	require.ErrorIs(t, err, errDisk)

	ctx, cancel := context.WithCancel(t.Context())
	_, err = f.ImportRegistry(ctx, causes.Import{
		Content: bytes.NewReader(next), FileName: "eo_wy.csv",
		Progress: func(p causes.Progress) {
			if p.Stage == causes.StageComparing {
				cancel()
			}
		},
	})
	require.ErrorIs(t, err, context.Canceled)
	_, err = f.ImportRegistry(t.Context(), causes.Import{
		Content: strings.NewReader(string(next) + "broken"), FileName: "eo_wy.csv", Rejected: func(causes.Rejected) error { return errDisk },
	})
	require.ErrorIs(t, err, errDisk)

	require.Equal(t, before, f.count(t, orgOf(f.river), snapshot, f.at.AddDate(0, -1, 0)))
	require.Equal(t, 1, f.count(t, orgOf(f.river), "SELECT count(*) FROM registry_imports"))
	report, _, err := f.bring(t, next)
	require.NoError(t, err)
	require.Equal(t, int64(2), report.Created)
}

func TestOneImportAtATime(t *testing.T) {
	t.Parallel()
	f := start(t)
	var second error
	_, err := f.ImportRegistry(t.Context(), causes.Import{
		Content: bytes.NewReader(read(t, thisMonth)), FileName: "eo_wy.csv",
		Progress: func(p causes.Progress) {
			if p.Stage == causes.StageComparing {
				_, second = f.ImportRegistry(t.Context(), causes.Import{Content: bytes.NewReader(read(t, thisMonth)), FileName: "eo_wy.csv"})
			}
		},
	})
	require.NoError(t, err)
	require.ErrorIs(t, second, causes.ErrImportRunning)
}

func TestProgressGrows(t *testing.T) {
	t.Parallel()
	f := start(t)
	var seen []causes.Progress
	content := read(t, thisMonth)
	_, err := f.ImportRegistry(t.Context(), causes.Import{
		Content: bytes.NewReader(content), FileName: "eo_wy.csv", Progress: func(p causes.Progress) { seen = append(seen, p) },
	})
	require.NoError(t, err)
	last := seen[len(seen)-1]
	require.Equal(t, causes.Progress{Stage: causes.StageComparing, Rows: 200, Bytes: int64(len(content))}, last)
}

func TestRegistryIsNotPartOfATenant(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, err := f.bring(t, read(t, thisMonth))
	require.NoError(t, err)
	require.NoError(t, f.db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
		var n int
		require.NoError(t, r.QueryRow(t.Context(), "SELECT count(*) FROM registry_entries").Scan(&n))
		require.Equal(t, 200, n)
		return nil
	}))
	require.Equal(t, fault.KindConflict, fault.KindOf(causes.ErrFileTooShort))
}
