package volunteering

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/app/platform/sheet"
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

// Widths in millimetres.
const (
	sheetInset  = 2.0
	hoursColumn = 28.0
	daysColumn  = 52.0
)

// certificateSheet is the sheet of one certificate.
type certificateSheet struct{ *sheet.Sheet }

// drawCertificate draws a certificate of service. The same certificate gives the same bytes.
func drawCertificate(c certificate) ([]byte, error) {
	const title = "Certificate of service"
	s := certificateSheet{sheet.New(sheet.Document{
		Title: title, Author: c.org.LegalName, Subject: "Hours of volunteer service", Language: "en", Foot: title + ", issued " + certificateDay(c.issuedOn),
		Letter: c.org.Country == "US" || c.org.Country == "CA", At: c.issuedAt,
	})}
	s.Head(c.org.LegalName, orgAddress(c.org), title, 6)
	s.attest(c)
	s.table(c)
	s.sign(c)
	pdf, err := s.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw certificate: %w", err)
	}
	return pdf, nil
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

func (s certificateSheet) attest(c certificate) {
	s.Style("", sheet.BodySize, sheet.Black)
	s.Paragraph("This is to certify that", sheet.LineHeight, 2)
	s.Style("B", 16, sheet.Black)
	s.Paragraph(c.name, 8, 3)
	s.Style("", sheet.BodySize, sheet.Black)
	s.Paragraph("served "+c.org.LegalName+" as a volunteer for "+volunteer.InHours(c.minutes())+" from "+c.period()+
		". These hours were recorded and approved by the organization.", sheet.LineHeight, 6)
}

func (s certificateSheet) table(c certificate) {
	s.BeginRows()
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
		s.row(certificateRow{what, days, volunteer.InHours(served.Minutes), sheet.Black, false})
	}
	s.row(certificateRow{"Total", "", volunteer.InHours(c.minutes()), sheet.Black, true})
	s.Ln(10)
}

type certificateRow struct {
	what, days, hours string
	color             sheet.Ink
	total             bool
}

// certificateHead stands above the rows of every page.
var certificateHead = certificateRow{"Service", "From, until", "Hours", sheet.Muted, false}

// row draws the cells side by side; long ones take several lines, and a row stays on one page.
func (s certificateSheet) row(r certificateRow) {
	weight := ""
	if r.total {
		weight = "B"
	}
	s.Style(weight, sheet.BodySize, r.color)
	whatWidth := s.Width - daysColumn - hoursColumn - 2*sheetInset
	cells := []struct {
		lines []string
		x     float64
	}{
		{s.SplitText(s.Drawable(r.what), whatWidth-2*sheetInset), sheet.Margin + sheetInset},
		{s.SplitText(r.days, daysColumn), sheet.Margin + sheetInset + whatWidth},
		{s.SplitText(r.hours, hoursColumn), sheet.Margin + sheetInset + whatWidth + daysColumn},
	}
	most := 1
	for _, c := range cells {
		most = max(most, len(c.lines))
	}
	const pad = 1.6
	height := float64(most)*sheet.LineHeight + 2*pad
	if !s.Holds(height) {
		s.AddPage()
		s.row(certificateHead)
		s.Style(weight, sheet.BodySize, r.color)
	}
	top := s.GetY()
	if r.total {
		s.Tinted(height)
	}
	for _, c := range cells {
		s.Lines(c.lines, c.x, top+pad)
	}
	s.EndRow(top + height)
}

func (s certificateSheet) sign(c certificate) {
	const room = 40 // signatory, organization and date stay together
	if !s.Holds(room) {
		s.AddPage()
	}
	s.Style("", sheet.BodySize, sheet.Black)
	s.Paragraph("Issued on "+certificateDay(c.issuedOn), sheet.LineHeight, 8)
	if c.org.ReceiptSignatory != "" {
		s.Paragraph(c.org.ReceiptSignatory, sheet.LineHeight, 0)
	}
	s.Style("", 9, sheet.Muted)
	s.Paragraph("for "+c.org.LegalName, sheet.LineHeight, 0)
	s.Apologize("")
}
