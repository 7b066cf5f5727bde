package receipting

import (
	"fmt"
	"time"

	"tributary/app/platform/sheet"
	"tributary/domain/receipt"
)

const labelWidth = 58.0 // millimetres

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

// drawing is the sheet of one receipt.
type drawing struct{ *sheet.Sheet }

// renderPDF draws a receipt. The same receipt gives the same bytes.
func renderPDF(p printed) ([]byte, error) {
	c := p.content
	s := drawing{sheet.New(sheet.Document{
		Title: c.Title + " " + c.Number, Author: c.LegalName, Subject: "Official receipt of a donation", Language: c.Language, Foot: "Receipt " + c.Number,
		Letter: c.Paper == "letter", At: p.issuedAt,
	})}
	s.watermark(p)
	s.head(c)
	s.notice(p)
	s.lines(c)
	s.statements(c)
	pdf, err := s.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw receipt: %w", err)
	}
	return pdf, nil
}

func (s drawing) paragraph(text string, gap float64) { s.Paragraph(text, sheet.LineHeight, gap) }

func (s drawing) watermark(p printed) {
	if p.voidedOn == "" {
		return
	}
	w, h := s.GetPageSize()
	s.Style("B", 150, sheet.Watermark)
	s.TransformBegin()
	s.TransformRotate(35, w/2, h/2)
	s.Text(w/2-s.GetStringWidth("VOID")/2, h/2+20, "VOID")
	s.TransformEnd()
}

func (s drawing) head(c receipt.Content) {
	address := c.Issuer
	if c.EIN != "" {
		address = append([]string{"EIN " + c.EIN}, address...)
	}
	s.Head(c.LegalName, address, c.Title, 5)
}

func (s drawing) notice(p printed) {
	if p.voidedOn == "" {
		return
	}
	s.Style("B", 11, sheet.Danger)
	s.paragraph(p.notice(), 3)
}

func (s drawing) lines(c receipt.Content) {
	s.BeginRows()
	for _, line := range c.Lines {
		s.line(line)
	}
	s.Ln(8)
}

// line draws label and value side by side; a long value takes several lines and stays together.
func (s drawing) line(l receipt.Line) {
	weight, size := "", sheet.BodySize
	if l.Total {
		weight, size = "B", 12
	}
	const pad, inset = 1.6, 3.0
	s.Style(weight, size, sheet.Black)
	values := s.SplitText(s.Drawable(l.Value), s.Width-labelWidth-2*inset)
	labels := s.SplitText(s.Drawable(l.Label), labelWidth-inset)
	height := float64(max(len(values), len(labels)))*sheet.LineHeight + 2*pad
	if !s.Holds(height) {
		s.AddPage()
	}
	top := s.GetY()
	if l.Total {
		s.Tinted(height)
	} else {
		s.Style("", sheet.BodySize, sheet.Muted)
	}
	s.Lines(labels, sheet.Margin+inset, top+pad)
	s.Style(weight, size, sheet.Black)
	s.Lines(values, sheet.Margin+labelWidth+inset, top+pad)
	s.EndRow(top + height)
}

func (s drawing) statements(c receipt.Content) {
	s.Style("", sheet.BodySize, sheet.Black)
	for _, statement := range c.Statements {
		s.paragraph(statement, 2)
	}
	if c.Signatory != "" {
		s.Ln(6)
		s.paragraph(c.Signatory, 0)
		s.Style("", 9, sheet.Muted)
		s.paragraph("for "+c.LegalName, 0)
	}
	s.Apologize(" The online version of this receipt shows them as given.")
}
