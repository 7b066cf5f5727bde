package volunteering

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/app/platform/typeface"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// certificate is what a certificate of service attests.
type certificate struct {
	org      account.Organization
	name     string  // of the volunteer
	from, to day.Day // both inclusive; zero: from the first day, until the day of issue
	issuedOn day.Day
	issuedAt time.Time
	served   []served
}

// minutes is the time of all opportunities.
func (c certificate) minutes() (all int) {
	for _, s := range c.served {
		all += s.Minutes
	}
	return all
}

// period says in words which days it covers.
func (c certificate) period() string {
	first, last := c.from, c.to
	for _, s := range c.served {
		if c.from.IsZero() && (first.IsZero() || s.FirstOn.Before(first)) {
			first = s.FirstOn
		}
	}
	if last.IsZero() || last.After(c.issuedOn) {
		last = c.issuedOn
	}
	return certificateDay(first) + " to " + certificateDay(last)
}

func certificateDay(d day.Day) string { return d.Start(time.UTC).Format("January 2, 2006") }

// Measures of the sheet in millimetres.
const (
	sheetMargin  = 22.0
	sheetLine    = 5.2
	sheetInset   = 2.0
	hoursColumn  = 28.0
	daysColumn   = 52.0
	totalOfPages = "\uE000\uE001" // replaced by fpdf; private-use characters, which typeface lets through from nobody
)

type sheetInk struct{ r, g, b int }

// The inks of the design language on paper.
var (
	inkBlack     = sheetInk{28, 27, 24}
	inkMuted     = sheetInk{92, 89, 82}
	inkEvergreen = sheetInk{11, 107, 80}
	inkHairline  = sheetInk{220, 218, 210}
	inkTint      = sheetInk{225, 241, 234}
)

// certificateSheet draws one certificate. fpdf keeps the first error and ignores what follows it, so errors are asked for once, at the end.
type certificateSheet struct {
	pdf   *fpdf.Fpdf
	width float64 // between the margins
	exact bool    // every character could be drawn as written
	err   error   // of the font
}

// drawCertificate draws a certificate of service. The same certificate gives the same bytes.
func drawCertificate(c certificate) ([]byte, error) {
	s := newCertificateSheet(c)
	s.pdf.AddPage()
	s.head(c)
	s.attest(c)
	s.table(c)
	s.sign(c)
	if s.err != nil {
		return nil, fmt.Errorf("draw certificate: %w", s.err)
	}
	var b bytes.Buffer
	if err := s.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	return b.Bytes(), nil
}

func newCertificateSheet(c certificate) *certificateSheet {
	size := "A4"
	if c.org.Country == "US" || c.org.Country == "CA" {
		size = "Letter"
	}
	pdf := fpdf.New("P", "mm", size, "")
	typeface.AddTo(pdf)
	pdf.SetMargins(sheetMargin, sheetMargin, sheetMargin)
	pdf.SetAutoPageBreak(true, sheetMargin+6)
	pdf.SetCellMargin(0)
	pdf.SetTitle("Certificate of service", true)
	pdf.SetAuthor(c.org.LegalName, true)
	pdf.SetSubject("Hours of volunteer service", true)
	pdf.SetLang("en")
	pdf.SetCreator("Tributary", true)
	pdf.SetProducer("Tributary", true)
	pdf.SetCreationDate(c.issuedAt.UTC())
	pdf.SetModificationDate(c.issuedAt.UTC())
	pdf.SetCatalogSort(true)
	pdf.AliasNbPages(totalOfPages)
	width, _ := pdf.GetPageSize()
	s := &certificateSheet{pdf: pdf, width: width - 2*sheetMargin, exact: true}
	pdf.SetFooterFunc(func() {
		pdf.SetY(-sheetMargin + 4)
		s.style("", 8, inkMuted)
		pdf.CellFormat(s.width/2, 4, "Certificate of service, issued "+certificateDay(c.issuedOn), "", 0, "L", false, 0, "")
		pdf.CellFormat(s.width/2, 4, fmt.Sprintf("Page %d of %s", pdf.PageNo(), totalOfPages), "", 0, "R", false, 0, "")
	})
	return s
}

func (s *certificateSheet) style(weight string, size float64, color sheetInk) {
	s.pdf.SetFont(typeface.Family, weight, size)
	s.pdf.SetTextColor(color.r, color.g, color.b)
}

// text readies a text for drawing and remembers whether it is drawn as written.
func (s *certificateSheet) text(t string) string {
	shown, exact, err := typeface.Drawable(t)
	if err != nil && s.err == nil {
		s.err = err
	}
	s.exact = s.exact && exact
	return shown
}

func (s *certificateSheet) paragraph(t string, height, gap float64) {
	s.pdf.MultiCell(s.width, height, s.text(t), "", "L", false)
	s.pdf.Ln(gap)
}

func (s *certificateSheet) head(c certificate) {
	s.style("B", 15, inkEvergreen)
	s.paragraph(c.org.LegalName, 7, 0)
	s.style("", 9, inkMuted)
	for _, line := range orgAddress(c.org) {
		s.paragraph(line, 4.5, 0)
	}
	s.pdf.Ln(6)
	s.pdf.SetDrawColor(inkEvergreen.r, inkEvergreen.g, inkEvergreen.b)
	s.pdf.SetLineWidth(0.6)
	s.pdf.Line(sheetMargin, s.pdf.GetY(), sheetMargin+s.width, s.pdf.GetY())
	s.pdf.Ln(8)
	s.style("B", 20, inkBlack)
	s.paragraph("Certificate of service", 9, 6)
}

// orgAddress is the postal address in lines, empty ones left out.
func orgAddress(o account.Organization) []string {
	town := o.City
	if region := strings.TrimSpace(o.Region + " " + o.PostalCode); town == "" {
		town = region
	} else if region != "" {
		town += ", " + region
	}
	return slices.DeleteFunc([]string{o.AddressLine1, o.AddressLine2, town}, func(line string) bool { return line == "" })
}

func (s *certificateSheet) attest(c certificate) {
	s.style("", 10, inkBlack)
	s.paragraph("This is to certify that", sheetLine, 2)
	s.style("B", 16, inkBlack)
	s.paragraph(c.name, 8, 3)
	s.style("", 10, inkBlack)
	s.paragraph("served "+c.org.LegalName+" as a volunteer for "+volunteer.InHours(c.minutes())+" from "+c.period()+
		". These hours were recorded and approved by the organization.", sheetLine, 6)
}

func (s *certificateSheet) table(c certificate) {
	s.pdf.SetDrawColor(inkHairline.r, inkHairline.g, inkHairline.b)
	s.pdf.SetFillColor(inkTint.r, inkTint.g, inkTint.b)
	s.pdf.SetLineWidth(0.2)
	s.row(certificateHead)
	for _, served := range c.served {
		what := served.Title
		if served.Role != "" {
			what += " (" + served.Role + ")"
		}
		days := certificateDay(served.FirstOn)
		if served.LastOn != served.FirstOn {
			days += " –\n" + certificateDay(served.LastOn)
		}
		s.row(certificateRow{what, days, volunteer.InHours(served.Minutes), inkBlack, false})
	}
	s.row(certificateRow{"Total", "", volunteer.InHours(c.minutes()), inkBlack, true})
	s.pdf.Ln(10)
}

type certificateRow struct {
	what, days, hours string
	color             sheetInk
	total             bool
}

// certificateHead stands above the rows of every page.
var certificateHead = certificateRow{"Service", "From, until", "Hours", inkMuted, false}

// row draws the cells side by side; long ones take several lines, and a row stays on one page.
func (s *certificateSheet) row(r certificateRow) {
	weight := ""
	if r.total {
		weight = "B"
	}
	s.style(weight, 10, r.color)
	whatWidth := s.width - daysColumn - hoursColumn - 2*sheetInset
	cells := []struct {
		lines []string
		x     float64
	}{
		{s.pdf.SplitText(s.text(r.what), whatWidth-2*sheetInset), sheetMargin + sheetInset},
		{s.pdf.SplitText(r.days, daysColumn), sheetMargin + sheetInset + whatWidth},
		{s.pdf.SplitText(r.hours, hoursColumn), sheetMargin + sheetInset + whatWidth + daysColumn},
	}
	most := 1
	for _, c := range cells {
		most = max(most, len(c.lines))
	}
	const pad = 1.6
	height := float64(most)*sheetLine + 2*pad
	if _, page := s.pdf.GetPageSize(); s.pdf.GetY()+height > page-sheetMargin-6 {
		s.pdf.AddPage()
		s.row(certificateHead)
		s.style(weight, 10, r.color)
	}
	top := s.pdf.GetY()
	if r.total {
		s.pdf.Rect(sheetMargin, top, s.width, height, "F")
	}
	for _, c := range cells {
		for i, line := range c.lines {
			s.pdf.SetXY(c.x, top+pad+float64(i)*sheetLine)
			s.pdf.CellFormat(0, sheetLine, line, "", 0, "L", false, 0, "")
		}
	}
	s.pdf.Line(sheetMargin, top+height, sheetMargin+s.width, top+height)
	s.pdf.SetXY(sheetMargin, top+height)
}

func (s *certificateSheet) sign(c certificate) {
	const room = 40 // signatory, organization and date stay together
	if _, page := s.pdf.GetPageSize(); s.pdf.GetY()+room > page-sheetMargin-6 {
		s.pdf.AddPage()
	}
	s.style("", 10, inkBlack)
	s.paragraph("Issued on "+certificateDay(c.issuedOn), sheetLine, 8)
	if c.org.ReceiptSignatory != "" {
		s.paragraph(c.org.ReceiptSignatory, sheetLine, 0)
	}
	s.style("", 9, inkMuted)
	s.paragraph("for "+c.org.LegalName, sheetLine, 0)
	if !s.exact {
		s.pdf.Ln(4)
		s.style("", 8.5, inkMuted)
		s.paragraph("Some characters cannot be printed in this document's typeface and are written in Latin letters or as "+typeface.NoGlyph+".", sheetLine, 0)
	}
}
