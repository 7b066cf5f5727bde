// Package sheettest reads what a sheet shows.
package sheettest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

var (
	streams = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shows   = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\) ?Tj`)
	escapes = regexp.MustCompile(`(?s)\\(.)`)
)

// Texts reads the drawn texts of a PDF, in the order in which they were drawn.
func Texts(t *testing.T, pdf []byte) (texts []string) {
	t.Helper()
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	for _, m := range streams.FindAllSubmatch(pdf, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not a compressed stream
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte("Tj")) {
			continue
		}
		for _, show := range shows.FindAllSubmatch(content, -1) {
			texts = append(texts, utf16Text(escapes.ReplaceAllFunc(show[1], unescaped)))
		}
	}
	return texts
}

func unescaped(escape []byte) []byte {
	if escape[1] == 'r' {
		return []byte("\r")
	}
	return escape[1:]
}

func utf16Text(b []byte) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}
