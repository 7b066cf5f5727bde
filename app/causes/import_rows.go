package causes

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"tributary/domain/cause"
	"tributary/domain/fault"
)

// maxLine is far beyond any row of the file; a longer line is damage.
const maxLine = 64 << 10

// registryRows reads a Business Master File row by row in constant memory. Each line stands alone: a quotation mark out of place spoils
// its own row and does not swallow the ones after it.
type registryRows struct {
	in     *bufio.Reader
	hash   hash.Hash
	bytes  int64
	line   int64
	order  []int // order[i] is where the file has cause.RegistryColumns[i]
	width  int
	values []string
}

// registryRow is a row with its place in the file. Problem is nil for a good one.
type registryRow struct {
	line    int64
	text    string
	entry   cause.RegistryEntry
	problem *cause.RowError
}

// newRegistryRows reads the header. A column that is missing, unknown or there twice is an error that names it.
func newRegistryRows(content io.Reader) (*registryRows, error) {
	sum := sha256.New()
	r := &registryRows{in: bufio.NewReaderSize(io.TeeReader(content, sum), maxLine), hash: sum, values: make([]string, len(cause.RegistryColumns))}
	header, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, fault.Invalid("file", "registry.empty", "The file is empty.")
	}
	if err != nil {
		return nil, err
	}
	names, problem := split(strings.TrimPrefix(header, "\ufeff"))
	if problem != nil {
		return nil, fault.Invalid("file", "registry.columns", "The first line is not a header: "+problem.Reason+".")
	}
	return r, r.arrange(names)
}

func (r *registryRows) arrange(names []string) error {
	var missing, unknown, twice []string
	place := map[string]int{}
	for i, name := range names {
		name = strings.ToUpper(strings.TrimSpace(name))
		if _, seen := place[name]; seen {
			twice = append(twice, name)
		}
		if !slices.Contains(cause.RegistryColumns, name) {
			unknown = append(unknown, fmt.Sprintf("%.40q", name))
		}
		place[name] = i
	}
	for _, column := range cause.RegistryColumns {
		if _, there := place[column]; !there {
			missing = append(missing, column)
		}
		r.order = append(r.order, place[column])
	}
	r.width = len(names)
	var complaints []string
	for _, c := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"unknown", unknown}, {"there twice", twice}} {
		if len(c.names) > 0 {
			complaints = append(complaints, c.what+": "+strings.Join(c.names[:min(len(c.names), len(cause.RegistryColumns))], ", "))
		}
	}
	if len(complaints) > 0 {
		return fault.Invalid("file", "registry.columns", "The file does not have the 28 columns of the Business Master File; "+strings.Join(complaints, "; ")+".")
	}
	return nil
}

// read returns the next row, or io.EOF.
func (r *registryRows) read() (registryRow, error) {
	text, err := r.next()
	if err != nil {
		if errors.Is(err, errLineTooLong) {
			return registryRow{line: r.line, problem: &cause.RowError{Column: "ROW", Reason: "the line is longer than 64 KB"}}, nil
		}
		return registryRow{}, err
	}
	row := registryRow{line: r.line, text: text}
	fields, problem := split(text)
	switch {
	case problem != nil:
		row.problem = problem
		row.entry.EIN = r.readableEIN(strings.Split(text, ","))
		return row, nil
	case len(fields) != r.width:
		row.problem = &cause.RowError{Column: "ROW", Reason: fmt.Sprintf("%d columns found, %d expected", len(fields), r.width)}
		row.entry.EIN = r.readableEIN(fields)
		return row, nil
	}
	for i, from := range r.order {
		r.values[i] = fields[from]
	}
	row.entry, err = cause.ParseRegistryRow(r.values)
	if err != nil && !errors.As(err, &row.problem) {
		return registryRow{}, err
	}
	return row, nil
}

// readableEIN looks for the EIN in a damaged row.
func (r *registryRows) readableEIN(fields []string) cause.EIN {
	if r.order[0] >= len(fields) {
		return ""
	}
	ein, err := cause.ParseEIN(fields[r.order[0]])
	if err != nil {
		return ""
	}
	return ein
}

var errLineTooLong = errors.New("line too long")

// next returns the next line that is not blank, without its end.
func (r *registryRows) next() (string, error) {
	for {
		raw, err := r.in.ReadSlice('\n')
		r.line++
		r.bytes += int64(len(raw))
		if errors.Is(err, bufio.ErrBufferFull) {
			return "", r.skipLine()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read line %d: %w", r.line, err)
		}
		if text := bytes.TrimRight(raw, "\r\n"); len(bytes.TrimSpace(text)) > 0 {
			return string(text), nil
		}
		if errors.Is(err, io.EOF) {
			return "", io.EOF
		}
	}
}

func (r *registryRows) skipLine() error {
	for {
		raw, err := r.in.ReadSlice('\n')
		r.bytes += int64(len(raw))
		switch {
		case err == nil, errors.Is(err, io.EOF):
			return errLineTooLong
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read line %d: %w", r.line, err)
		}
	}
}

// split parts a line at its commas.
func split(line string) ([]string, *cause.RowError) {
	if !strings.Contains(line, `"`) {
		return strings.Split(line, ","), nil
	}
	fields, err := csv.NewReader(strings.NewReader(line)).Read()
	if err != nil {
		return nil, &cause.RowError{Column: "ROW", Reason: "a quotation mark is out of place"}
	}
	return fields, nil
}
