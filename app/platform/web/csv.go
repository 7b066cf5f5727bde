package web

import (
	"encoding/csv"
	"iter"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// CSV answers with a file of comma-separated values. Rows are written as they come, so a million of them need no memory; an error among
// them cuts the connection, so that nobody takes half a file for a whole one. Cells that a spreadsheet would run as a formula are defused.
func CSV(filename string, header []string, rows iter.Seq2[[]string, error]) *Blob {
	return &Blob{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetHeader("Content-Disposition", disposition(filename))
		ctx.SetHeader("Cache-Control", "private, no-store")
		ctx.SetStatus(http.StatusOK)
		w := csv.NewWriter(ctx.BodyWriter())
		w.UseCRLF = true
		if err := w.Write(header); err != nil {
			panic(http.ErrAbortHandler)
		}
		for row, err := range rows {
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			for i := range row {
				row[i] = defused(row[i])
			}
			if err := w.Write(row); err != nil {
				panic(http.ErrAbortHandler)
			}
		}
		w.Flush()
	}}
}

// CSVRows writes each thing of a list as a row; an error ends them.
func CSVRows[T any](things iter.Seq2[T, error], row func(T) []string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for thing, err := range things {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(row(thing), nil) {
				return
			}
		}
	}
}

// defused puts an apostrophe before text that a spreadsheet would take for a formula. Plain numbers, negative ones included, stay as they
// are (OWASP: CSV injection).
func defused(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) || plainNumber(cell) {
		return cell
	}
	return "'" + cell
}

func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, frac, point := strings.Cut(s, ".")
	return digitsOnly(whole) && (!point || digitsOnly(frac))
}

func digitsOnly(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
