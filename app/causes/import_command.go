package causes

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ImportCommand is an import as the command line runs it: a file in, progress and a report out, rejected rows into a file of their own.
type ImportCommand struct {
	Path          string
	Source        string // empty: from the file's name
	RejectsPath   string // empty: beside the file, "eo_wy.rejected.csv"; written only when a row is rejected
	AllowRemovals bool
	Out           io.Writer
	Terminal      bool // Out is a terminal: progress stays on one line
}

// shownRejects is how many rejected rows are listed on the screen; the file has them all.
const shownRejects = 20

// RunImport imports one file and tells the operator about it on Out.
func (s *Service) RunImport(ctx context.Context, c ImportCommand) (report Report, err error) {
	file, err := os.Open(c.Path)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return Report{}, err
	}
	if c.RejectsPath == "" {
		c.RejectsPath = strings.TrimSuffix(c.Path, filepath.Ext(c.Path)) + ".rejected.csv"
	}
	rejects := &rejectFile{path: c.RejectsPath}
	screen := &importScreen{out: c.Out, terminal: c.Terminal, size: info.Size()}
	report, err = s.ImportRegistry(ctx, Import{
		Content: file, FileName: c.Path, Source: c.Source, AllowRemovals: c.AllowRemovals,
		Rejected: rejects.add, Progress: screen.progress,
	})
	screen.endLine()
	if closing := rejects.close(); err == nil {
		err = closing
	}
	if err != nil {
		fmt.Fprintln(c.Out, "Nothing was changed.")
		return Report{}, err
	}
	screen.report(report, rejects)
	return report, nil
}

// rejectFile collects rejected rows; the file is made with the first one.
type rejectFile struct {
	path  string
	first []Rejected // for the screen
	file  *os.File
	csv   *csv.Writer
}

func (f *rejectFile) add(r Rejected) (err error) {
	if f.file == nil {
		if f.file, err = os.Create(f.path); err != nil {
			return fmt.Errorf("write rejected rows: %w", err)
		}
		f.csv = csv.NewWriter(f.file)
		if err := f.csv.Write([]string{"line", "ein", "column", "reason", "row"}); err != nil {
			return fmt.Errorf("write rejected rows: %w", err)
		}
	}
	if len(f.first) < shownRejects {
		f.first = append(f.first, r)
	}
	if err := f.csv.Write([]string{strconv.FormatInt(r.Line, 10), r.EIN.String(), r.Column, r.Reason, r.Text}); err != nil {
		return fmt.Errorf("write rejected rows: %w", err)
	}
	return nil
}

func (f *rejectFile) close() error {
	if f.file == nil {
		return nil
	}
	f.csv.Flush()
	return errors.Join(f.csv.Error(), f.file.Close())
}

// importScreen words an import for the operator.
type importScreen struct {
	out      io.Writer
	terminal bool
	size     int64
	shown    time.Duration
	open     bool // a progress line has no end yet
}

func (s *importScreen) progress(p Progress) {
	if p.Stage == StageReading && p.Elapsed-s.shown < time.Second/4 && p.Bytes < s.size {
		return
	}
	s.shown = p.Elapsed
	percent := int64(100)
	if s.size > 0 {
		percent = p.Bytes * 100 / s.size
	}
	line := fmt.Sprintf("Reading: %s rows, %d %%, %s rows/s, %s rejected", grouped(p.Rows), percent,
		grouped(int64(float64(p.Rows)/max(p.Elapsed.Seconds(), 1e-6))), grouped(p.Rejected))
	if p.Stage == StageComparing {
		line = fmt.Sprintf("Comparing %s rows with the registry", grouped(p.Rows))
	}
	if s.terminal {
		fmt.Fprintf(s.out, "\r\033[K%s", line)
		s.open = true
		return
	}
	fmt.Fprintln(s.out, line)
}

func (s *importScreen) endLine() {
	if s.open {
		fmt.Fprintln(s.out)
	}
}

func (s *importScreen) report(r Report, rejects *rejectFile) {
	fmt.Fprintf(s.out, "Imported %s: %s rows in %s (%s rows/s)\n", r.Source, grouped(r.Read), r.Took.Round(time.Millisecond),
		grouped(int64(r.RowsPerSecond())))
	for _, l := range []struct {
		name string
		n    int64
	}{{"created", r.Created}, {"updated", r.Updated}, {"unchanged", r.Unchanged}, {"removed", r.Removed}, {"rejected", r.Rejected}} {
		fmt.Fprintf(s.out, "  %-10s %9s\n", l.name, grouped(l.n))
	}
	for _, row := range rejects.first {
		fmt.Fprintf(s.out, "  line %d, %s: %s\n", row.Line, row.Column, row.Reason)
	}
	if r.Rejected > 0 {
		fmt.Fprintf(s.out, "All rejected rows with their reasons: %s\n", rejects.path)
	}
}

// grouped writes 5985 as "5,985".
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
