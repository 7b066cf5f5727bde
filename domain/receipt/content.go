package receipt

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/domain/day"
	"tributary/domain/money"
)

// contentVersion is raised when the shape of Content changes; old receipts keep theirs.
const contentVersion = 1

// acknowledgement is the single gift in USD from which the IRS asks for a written acknowledgement (Publication 1771).
const acknowledgement = 250_00

// Content is everything printed on a receipt, frozen in the words of the day it was issued: HTML, PDF and text are made from it and
// from nothing else. Its JSON is a stored format: fields are only ever added.
type Content struct {
	Version     int      `json:"version"`
	Language    string   `json:"language"`
	Paper       string   `json:"paper"` // "letter" or "a4"
	Title       string   `json:"title"`
	Number      string   `json:"number"`
	Replaces    string   `json:"replaces,omitempty"`
	IssuedOn    day.Day  `json:"issued_on"`
	TaxYear     int      `json:"tax_year"`
	LegalName   string   `json:"legal_name"`
	EIN         string   `json:"ein,omitempty"` // "12-3456789", only when verified
	Verified    bool     `json:"verified"`
	Issuer      []string `json:"issuer"` // lines below the legal name
	DonorName   string   `json:"donor_name"`
	DonorEmail  string   `json:"donor_email,omitempty"`
	Lines       []Line   `json:"lines"`
	Statements  []string `json:"statements"`
	Signatory   string   `json:"signatory,omitempty"`
	AmountMinor int64    `json:"amount_minor"` // what the receipt attests
	GiftMinor   int64    `json:"gift_minor"`
	CoverMinor  int64    `json:"cover_minor"`
	RefundMinor int64    `json:"refunded_minor"`
	Currency    string   `json:"currency"`
	Reference   string   `json:"reference"`
}

// Line is one labelled value of a receipt.
type Line struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Total bool   `json:"total,omitempty"`
}

// Amount is the money the receipt attests.
func (c Content) Amount() money.Money { return money.New(c.AmountMinor, c.Currency) }

// Refunded is what of the gift was given back before this receipt was issued.
func (c Content) Refunded() money.Money { return money.New(c.RefundMinor, c.Currency) }

func contentOf(f Facts, number string, earlier *Earlier, issuedOn day.Day) Content {
	o := f.Organization
	c := Content{
		Version: contentVersion, Language: "en", Paper: "a4", Title: "Donation receipt", Number: number, IssuedOn: issuedOn,
		TaxYear: f.ReceivedOn.Year(), LegalName: o.LegalName, Verified: o.Verified && o.EIN != "", Issuer: o.issuer(),
		DonorName: f.Donor.Name(), DonorEmail: f.Donor.Email, Signatory: o.Signatory, AmountMinor: f.Net().Minor,
		GiftMinor: f.Amount.Minor, CoverMinor: f.Cover.Minor, RefundMinor: f.Refunded.Minor, Currency: f.Amount.Currency,
		Reference: f.Reference,
	}
	if o.Country == "US" || o.Country == "CA" {
		c.Paper = "letter"
	}
	if c.Verified {
		c.EIN = o.EIN[:2] + "-" + o.EIN[2:]
	}
	if earlier != nil {
		c.Title, c.Replaces = "Corrected donation receipt", earlier.Text
	}
	c.Lines, c.Statements = lines(f, c), statements(f, c)
	return c
}

func (o Organization) issuer() []string {
	issuer := append([]string{}, o.Address...)
	contact := slices.DeleteFunc([]string{o.Email, o.Phone, o.Website}, func(s string) bool { return s == "" })
	if len(contact) > 0 {
		issuer = append(issuer, strings.Join(contact, " · "))
	}
	return issuer
}

func lines(f Facts, c Content) []Line {
	l := []Line{
		{Label: "Receipt number", Value: c.Number},
		{Label: "Issued on", Value: longDate(c.IssuedOn)},
		{Label: "Received from", Value: c.DonorName},
		{Label: "Received on", Value: longDate(f.ReceivedOn)},
		{Label: "Received by", Value: method(f)},
		{Label: "For", Value: designation(f)},
		{Label: "Gift reference", Value: f.Reference},
	}
	if !f.Cover.IsZero() {
		l = append(l, Line{Label: "Gift", Value: f.Amount.String()}, Line{Label: "Added towards processing fees", Value: f.Cover.String()})
	}
	if f.Refunded.IsZero() {
		return append(l, Line{Label: "Cash contribution", Value: f.Net().String(), Total: true})
	}
	return append(l,
		Line{Label: "Contribution received", Value: f.Total().String()},
		Line{Label: "Refunded", Value: f.Refunded.Neg().String()},
		Line{Label: "Contribution that stands", Value: f.Net().String(), Total: true})
}

func designation(f Facts) string {
	if f.Fund == "" || f.Fund == f.Cause {
		return f.Cause
	}
	return f.Cause + " (" + f.Fund + ")"
}

func method(f Facts) string {
	name := map[string]string{"card": "Card", "cheque": "Cheque", "cash": "Cash", "bank_transfer": "Bank transfer"}[f.Method]
	switch {
	case name == "":
		name = "Other means"
	case f.Method == "cheque" && f.Organization.Country == "US":
		name = "Check"
	}
	if f.PaymentNumber != "" {
		name += " no. " + f.PaymentNumber
	}
	return name
}

// statements says only what is true: nothing of deductibility unless the IRS registry says so of an organization that claimed its
// entry. Wording after IRS Publication 1771.
func statements(f Facts, c Content) []string {
	var s []string
	name := c.LegalName
	if c.Replaces != "" {
		s = append(s, "This receipt replaces receipt "+c.Replaces+", which is void. Please do not use the earlier one.")
	}
	if !f.Refunded.IsZero() {
		s = append(s, fmt.Sprintf("Of the %s received, %s was refunded. This receipt is for the %s that remains.", f.Total(), f.Refunded, f.Net()))
	}
	s = append(s, name+" did not provide any goods or services in exchange for this contribution.")
	if f.Organization.Country != "US" {
		return append(s, "Please keep this receipt for your records.")
	}
	switch {
	case c.Verified && f.Organization.Deductible:
		s = append(s, fmt.Sprintf("%s (EIN %s) is listed by the Internal Revenue Service as an organization eligible to receive "+
			"tax-deductible contributions. Contributions are deductible to the extent allowed by law.", name, c.EIN))
	case c.Verified:
		s = append(s, fmt.Sprintf("%s is registered with the Internal Revenue Service under EIN %s. This receipt does not state that the "+
			"contribution is tax-deductible.", name, c.EIN))
	default:
		return append(s, "This receipt does not state that the contribution is tax-deductible: ask "+name+" about its tax status.",
			"Please keep this receipt for your records.")
	}
	if f.Amount.Currency == "USD" && c.AmountMinor >= acknowledgement {
		return append(s, "Please keep this written acknowledgment with your tax records. The IRS asks for one for any single contribution "+
			"of $250 or more, and you need it before you file your return.")
	}
	return append(s, "Please keep this receipt with your tax records.")
}

func longDate(d day.Day) string { return d.Start(time.UTC).Format("January 2, 2006") }
