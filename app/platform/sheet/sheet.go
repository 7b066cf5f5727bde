// Package sheet is the paper that our documents are drawn on: its size and margins, the inks of the design language, the letterhead, and
// the count of pages at the foot.
package sheet

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/app/platform/typeface"
)

// Measures in millimetres, but for the size of body text, which is in points.
const (
	Margin     = 22.0
	LineHeight = 5.2
	BodySize   = 10.0
	foot       = 6.0            // kept free above the bottom margin
	pageCount  = "\uE000\uE001" // replaced by fpdf; private-use characters, which typeface lets through from nobody
)

// Ink is a colour on paper.
type Ink struct{ r, g, b int }

// The inks of the design language on paper.
var (
	Black     = Ink{28, 27, 24}
	Muted     = Ink{92, 89, 82}
	Evergreen = Ink{11, 107, 80}
	Hairline  = Ink{220, 218, 210}
	Tint      = Ink{225, 241, 234}
	Danger    = Ink{180, 35, 24}
	Watermark = Ink{247, 214, 210}
)

// Document is what a file says of itself.
type Document struct {
	Title, Author, Subject string
	Language               string
	Foot                   string // on the left of every page's foot
	Letter                 bool   // on US letter instead of A4
	At                     time.Time
}

// Sheet draws one document; the same calls give the same bytes. fpdf keeps the first error and ignores what follows it, so errors are asked
// for once, at the end.
type Sheet struct {
	*fpdf.Fpdf
	Width float64 // between the margins
	exact bool    // every character could be drawn as written
	err   error   // of the font
}

// New begins a document at the top of its first page.
func New(d Document) *Sheet {
	size := "A4"
	if d.Letter {
		size = "Letter"
	}
	pdf := fpdf.New("P", "mm", size, "")
	typeface.AddTo(pdf)
	pdf.SetMargins(Margin, Margin, Margin)
	pdf.SetAutoPageBreak(true, Margin+foot)
	pdf.SetCellMargin(0)
	pdf.SetTitle(d.Title, true)
	pdf.SetAuthor(d.Author, true)
	pdf.SetSubject(d.Subject, true)
	pdf.SetLang(d.Language)
	pdf.SetCreator("Tributary", true)
	pdf.SetProducer("Tributary", true)
	pdf.SetCreationDate(d.At.UTC())
	pdf.SetModificationDate(d.At.UTC())
	pdf.SetCatalogSort(true)
	pdf.AliasNbPages(pageCount)
	width, _ := pdf.GetPageSize()
	s := &Sheet{Fpdf: pdf, Width: width - 2*Margin, exact: true}
	left := s.Drawable(d.Foot)
	pdf.SetFooterFunc(func() {
		pdf.SetY(-Margin + 4)
		s.Style("", 8, Muted)
		pdf.CellFormat(s.Width/2, 4, left, "", 0, "L", false, 0, "")
		pdf.CellFormat(s.Width/2, 4, fmt.Sprintf("Page %d of %s", pdf.PageNo(), pageCount), "", 0, "R", false, 0, "")
	})
	pdf.AddPage()
	return s
}

// Style sets weight ("B" or none), size in points and ink of what is drawn next.
func (s *Sheet) Style(weight string, size float64, ink Ink) {
	s.SetFont(typeface.Family, weight, size)
	s.SetTextColor(ink.r, ink.g, ink.b)
}

// Drawable readies a text for drawing and remembers whether it is drawn as written.
func (s *Sheet) Drawable(text string) string {
	shown, exact, err := typeface.Drawable(text)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.exact = s.exact && exact
	return shown
}

// Paragraph draws a text from margin to margin in lines of a height, and leaves a gap below it.
func (s *Sheet) Paragraph(text string, height, gap float64) {
	s.MultiCell(s.Width, height, s.Drawable(text), "", "L", false)
	s.Ln(gap)
}

// Head draws the letterhead, who writes and where, and the title below its rule.
func (s *Sheet) Head(name string, address []string, title string, gap float64) {
	s.Style("B", 15, Evergreen)
	s.Paragraph(name, 7, 0)
	s.Style("", 9, Muted)
	for _, line := range address {
		s.Paragraph(line, 4.5, 0)
	}
	s.Ln(6)
	s.SetDrawColor(Evergreen.r, Evergreen.g, Evergreen.b)
	s.SetLineWidth(0.6)
	s.rule(s.GetY())
	s.Ln(8)
	s.Style("B", 20, Black)
	s.Paragraph(title, 9, gap)
}

// BeginRows sets the hairlines and the tint of the rows that follow.
func (s *Sheet) BeginRows() {
	s.SetDrawColor(Hairline.r, Hairline.g, Hairline.b)
	s.SetFillColor(Tint.r, Tint.g, Tint.b)
	s.SetLineWidth(0.2)
}

// Tinted fills a row from the current height down.
func (s *Sheet) Tinted(height float64) { s.Rect(Margin, s.GetY(), s.Width, height, "F") }

// EndRow draws the hairline under a row and goes to the beginning of the next.
func (s *Sheet) EndRow(bottom float64) {
	s.rule(bottom)
	s.SetXY(Margin, bottom)
}

func (s *Sheet) rule(y float64) { s.Line(Margin, y, Margin+s.Width, y) }

// Lines draws lines one below the other, beginning at a point.
func (s *Sheet) Lines(lines []string, x, y float64) {
	for i, line := range lines {
		s.SetXY(x, y+float64(i)*LineHeight)
		s.CellFormat(0, LineHeight, line, "", 0, "L", false, 0, "")
	}
}

// Holds reports whether the page has room for something of a height.
func (s *Sheet) Holds(height float64) bool {
	_, page := s.GetPageSize()
	return s.GetY()+height <= page-Margin-foot
}

// Apologize says that some characters are not as they were given, if that is so, and what more there is to say about it.
func (s *Sheet) Apologize(more string) {
	if s.exact {
		return
	}
	s.Ln(4)
	s.Style("", 8.5, Muted)
	s.Paragraph("Some characters cannot be printed in this document's typeface and are written in Latin letters or as "+typeface.NoGlyph+"."+more, LineHeight, 0)
}

// Bytes ends the document.
func (s *Sheet) Bytes() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	if err := s.Output(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
