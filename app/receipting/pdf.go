package receipting

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/app/platform/typeface"
	"tributary/domain/receipt"
)

// Measures of the sheet in millimetres and points.
const (
	margin     = 22.0
	labelWidth = 58.0
	lineHeight = 5.2
	bodySize   = 10.0
	pageCount  = "\uE000\uE001" // replaced by fpdf; private-use characters, which typeface lets through from nobody
)

type ink struct{ r, g, b int }

// The inks of the design language on paper.
var (
	black     = ink{28, 27, 24}
	muted     = ink{92, 89, 82}
	evergreen = ink{11, 107, 80}
	hairline  = ink{220, 218, 210}
	tint      = ink{225, 241, 234}
	danger    = ink{180, 35, 24}
	watermark = ink{247, 214, 210}
)

// printed is a receipt with what happened to it since it was issued.
type printed struct {
	content    receipt.Content
	issuedAt   time.Time
	voidedOn   string // in words; empty while it stands
	replacedBy string // number of the receipt that stands instead
}

// notice says that the receipt is void; empty while it stands.
func (p printed) notice() string {
	switch {
	case p.voidedOn == "":
		return ""
	case p.replacedBy != "":
		return "VOID since " + p.voidedOn + ". Receipt " + p.replacedBy + " stands instead."
	default:
		return "VOID since " + p.voidedOn + ". Do not use it."
	}
}

// sheet draws one receipt. fpdf keeps the first error and ignores what follows it, so errors are asked for once, at the end.
type sheet struct {
	pdf   *fpdf.Fpdf
	width float64 // between the margins
	exact bool    // every character could be drawn as written
	err   error   // of the font
}

// renderPDF draws a receipt. The same receipt gives the same bytes.
func renderPDF(p printed) ([]byte, error) {
	s := newSheet(p)
	s.pdf.AddPage()
	s.watermark(p)
	s.head(p.content)
	s.notice(p)
	s.lines(p.content)
	s.statements(p.content)
	if s.err != nil {
		return nil, fmt.Errorf("draw receipt: %w", s.err)
	}
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("draw receipt: %w", err)
	}
	return b.Bytes(), nil
}

func newSheet(p printed) *sheet {
	c := p.content
	size := "A4"
	if c.Paper == "letter" {
		size = "Letter"
	}
	pdf := fpdf.New("P", "mm", size, "")
	typeface.AddTo(pdf)
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, margin+6)
	pdf.SetCellMargin(0)
	pdf.SetTitle(c.Title+" "+c.Number, true)
	pdf.SetAuthor(c.LegalName, true)
	pdf.SetSubject("Official receipt of a donation", true)
	pdf.SetLang(c.Language)
	pdf.SetCreator("Tributary", true)
	pdf.SetProducer("Tributary", true)
	pdf.SetCreationDate(p.issuedAt.UTC())
	pdf.SetModificationDate(p.issuedAt.UTC())
	pdf.SetCatalogSort(true)
	pdf.AliasNbPages(pageCount)
	width, _ := pdf.GetPageSize()
	s := &sheet{pdf: pdf, width: width - 2*margin, exact: true}
	number := s.text(c.Number)
	pdf.SetFooterFunc(func() {
		pdf.SetY(-margin + 4)
		s.style("", 8, muted)
		pdf.CellFormat(s.width/2, 4, "Receipt "+number, "", 0, "L", false, 0, "")
		pdf.CellFormat(s.width/2, 4, fmt.Sprintf("Page %d of %s", pdf.PageNo(), pageCount), "", 0, "R", false, 0, "")
	})
	return s
}

func (s *sheet) style(weight string, size float64, color ink) {
	s.pdf.SetFont(typeface.Family, weight, size)
	s.pdf.SetTextColor(color.r, color.g, color.b)
}

// text readies a text for drawing and remembers whether it is drawn as written.
func (s *sheet) text(t string) string {
	shown, exact, err := typeface.Drawable(t)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.exact = s.exact && exact
	return shown
}

func (s *sheet) paragraph(t string, gap float64) {
	s.pdf.MultiCell(s.width, lineHeight, s.text(t), "", "L", false)
	s.pdf.Ln(gap)
}

func (s *sheet) watermark(p printed) {
	if p.voidedOn == "" {
		return
	}
	w, h := s.pdf.GetPageSize()
	s.style("B", 150, watermark)
	s.pdf.TransformBegin()
	s.pdf.TransformRotate(35, w/2, h/2)
	s.pdf.Text(w/2-s.pdf.GetStringWidth("VOID")/2, h/2+20, "VOID")
	s.pdf.TransformEnd()
}

func (s *sheet) head(c receipt.Content) {
	s.style("B", 15, evergreen)
	s.pdf.MultiCell(s.width, 7, s.text(c.LegalName), "", "L", false)
	s.style("", 9, muted)
	if c.EIN != "" {
		s.pdf.MultiCell(s.width, 4.5, "EIN "+c.EIN, "", "L", false)
	}
	for _, line := range c.Issuer {
		s.pdf.MultiCell(s.width, 4.5, s.text(line), "", "L", false)
	}
	s.pdf.Ln(6)
	s.pdf.SetDrawColor(evergreen.r, evergreen.g, evergreen.b)
	s.pdf.SetLineWidth(0.6)
	s.pdf.Line(margin, s.pdf.GetY(), margin+s.width, s.pdf.GetY())
	s.pdf.Ln(8)
	s.style("B", 20, black)
	s.pdf.MultiCell(s.width, 9, c.Title, "", "L", false)
	s.pdf.Ln(5)
}

func (s *sheet) notice(p printed) {
	if p.voidedOn == "" {
		return
	}
	s.style("B", 11, danger)
	s.paragraph(p.notice(), 3)
}

func (s *sheet) lines(c receipt.Content) {
	s.pdf.SetDrawColor(hairline.r, hairline.g, hairline.b)
	s.pdf.SetFillColor(tint.r, tint.g, tint.b)
	s.pdf.SetLineWidth(0.2)
	for _, line := range c.Lines {
		s.line(line)
	}
	s.pdf.Ln(8)
}

// line draws label and value side by side; a long value takes several lines and stays together.
func (s *sheet) line(l receipt.Line) {
	weight, size := "", bodySize
	if l.Total {
		weight, size = "B", 12
	}
	const pad, inset = 1.6, 3.0
	label, value := s.text(l.Label), s.text(l.Value)
	valueWidth := s.width - labelWidth - 2*inset
	s.style(weight, size, black)
	values := s.pdf.SplitText(value, valueWidth)
	labels := s.pdf.SplitText(label, labelWidth-inset)
	height := float64(max(len(values), len(labels)))*lineHeight + 2*pad
	_, pageHeight := s.pdf.GetPageSize()
	if s.pdf.GetY()+height > pageHeight-margin-6 {
		s.pdf.AddPage()
	}
	top := s.pdf.GetY()
	if l.Total {
		s.pdf.Rect(margin, top, s.width, height, "F")
	}
	s.write(labels, margin+inset, top+pad, l.Total)
	s.style(weight, size, black)
	s.write(values, margin+labelWidth+inset, top+pad, true)
	s.pdf.Line(margin, top+height, margin+s.width, top+height)
	s.pdf.SetXY(margin, top+height)
}

func (s *sheet) write(lines []string, x, y float64, strong bool) {
	if !strong {
		s.style("", bodySize, muted)
	}
	for i, text := range lines {
		s.pdf.SetXY(x, y+float64(i)*lineHeight)
		s.pdf.CellFormat(0, lineHeight, text, "", 0, "L", false, 0, "")
	}
}

func (s *sheet) statements(c receipt.Content) {
	s.style("", bodySize, black)
	for _, statement := range c.Statements {
		s.paragraph(statement, 2)
	}
	if c.Signatory != "" {
		s.pdf.Ln(6)
		s.paragraph(c.Signatory, 0)
		s.style("", 9, muted)
		s.paragraph("for "+c.LegalName, 0)
	}
	if !s.exact {
		s.pdf.Ln(4)
		s.style("", 8.5, muted)
		s.paragraph("Some characters cannot be printed in this document's typeface and are written in Latin letters or as "+typeface.NoGlyph+
			". The online version of this receipt shows them as given.", 0)
	}
}
