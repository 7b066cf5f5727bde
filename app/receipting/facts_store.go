package receipting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/receipt"
)

// factRow is a donation with its organization as lockFacts reads them.
type factRow struct {
	OrgID, ID                                              uuid.UUID
	PersonID                                               *uuid.UUID
	Status, Method, PaymentNumber, Reference, Currency     string
	AmountMinor, CoverMinor, RefundedMinor                 int64
	ReceivedOn                                             day.Day
	DonorFirstName, DonorLastName, DonorEmail              string
	Cause, Fund                                            string
	Name, LegalName, Slug, BrandColor, Country, Zone       string
	AddressLine1, AddressLine2, City, Region, PostalCode   string
	Email, Phone, Website, ReceiptSignatory, ReceiptPrefix string
	EIN                                                    string `gorm:"column:ein"`
	Verified, Deductible                                   bool
}

// lockFacts reads what a receipt is made of and holds it still: the donation, so that two jobs cannot both decide, and the
// organization, so that its legal entity does not change between choosing a series and taking a number. Deductibility code 1 of the IRS
// master file is "contributions are deductible".
func lockFacts(ctx context.Context, tx database.Tx, donationID uuid.UUID) (receipt.Facts, error) {
	var row factRow
	err := tx.Gorm(ctx).Raw(`
		SELECT d.org_id, d.id, d.person_id, d.status, d.method, d.payment_number, d.reference, d.amount_currency AS currency,
			d.amount_minor, d.cover_minor, d.refunded_minor, d.received_on, d.donor_first_name, d.donor_last_name, d.donor_email,
			c.name AS cause, f.name AS fund,
			o.name, o.legal_name, o.slug, o.brand_color, o.country, o.zone, o.address_line1, o.address_line2, o.city, o.region,
			o.postal_code, o.email, o.phone, o.website, o.receipt_signatory, o.receipt_prefix, coalesce(o.ein, '') AS ein,
			o.ein IS NOT NULL AND o.ein_verified_at IS NOT NULL AS verified,
			EXISTS (SELECT FROM registry_entries r WHERE r.ein = o.ein AND r.deductibility = '1' AND r.removed_at IS NULL) AS deductible
		FROM donations d
		JOIN organizations o ON o.id = d.org_id
		JOIN causes c ON (c.org_id, c.id) = (d.org_id, d.cause_id)
		JOIN funds f ON (f.org_id, f.id) = (d.org_id, d.fund_id)
		WHERE d.id = ?
		FOR NO KEY UPDATE OF d FOR SHARE OF o`, donationID).Take(&row).Error
	if database.IsNoRows(err) {
		return receipt.Facts{}, fault.NotFound("donation")
	}
	if err != nil {
		return receipt.Facts{}, fmt.Errorf("read donation to receipt: %w", err)
	}
	return row.facts()
}

func (r factRow) facts() (receipt.Facts, error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return receipt.Facts{}, fmt.Errorf("zone of organization %s: %w", r.OrgID, err)
	}
	return receipt.Facts{
		OrgID: r.OrgID, DonationID: r.ID, PersonID: r.PersonID,
		Organization: receipt.Organization{
			Name: r.Name, LegalName: r.LegalName, Slug: r.Slug, Color: r.BrandColor, EIN: r.EIN, Verified: r.Verified,
			Deductible: r.Deductible, Address: r.address(), Country: r.Country, Email: r.Email, Phone: r.Phone, Website: r.Website,
			Signatory: r.ReceiptSignatory, ReceiptPrefix: r.ReceiptPrefix, Zone: zone,
		},
		Donor:     receipt.Donor{FirstName: r.DonorFirstName, LastName: r.DonorLastName, Email: r.DonorEmail},
		Received:  slices.Contains([]string{"succeeded", "recorded", "partially_refunded", "refunded"}, r.Status),
		Undecided: r.Status == "review",
		Amount:    money.New(r.AmountMinor, r.Currency), Cover: money.New(r.CoverMinor, r.Currency), Refunded: money.New(r.RefundedMinor, r.Currency),
		ReceivedOn: r.ReceivedOn, Method: r.Method, PaymentNumber: r.PaymentNumber, Cause: r.Cause, Fund: r.Fund, Reference: r.Reference,
	}, nil
}

// address is the postal address in lines, empty ones left out.
func (r factRow) address() []string {
	region := strings.TrimSpace(r.Region + " " + r.PostalCode)
	town := r.City
	switch {
	case town == "":
		town = region
	case region != "":
		town += ", " + region
	}
	country := r.Country
	if country == "US" {
		country = ""
	}
	lines := slices.DeleteFunc([]string{r.AddressLine1, r.AddressLine2, town}, func(s string) bool { return s == "" })
	if len(lines) > 0 && country != "" {
		lines = append(lines, country)
	}
	return lines
}
