package receipt

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/money"
)

// Facts are what is known of a donation and its organization when a receipt is issued.
type Facts struct {
	OrgID         uuid.UUID
	DonationID    uuid.UUID
	PersonID      *uuid.UUID
	Organization  Organization
	Donor         Donor
	Received      bool        // the money has come; what was refunded since does not matter here
	Undecided     bool        // staff are looking into the payment: receipts stay as they are
	Amount        money.Money // the gift
	Cover         money.Money // what the donor added for the fee
	Refunded      money.Money
	ReceivedOn    day.Day
	Method        string // as in donations.method
	PaymentNumber string
	Cause         string
	Fund          string
	Reference     string
}

// Organization is who issues the receipt.
type Organization struct {
	Name, LegalName string
	Slug            string
	Color           string
	EIN             string // nine digits or empty
	Verified        bool   // the EIN was found in the IRS registry and claimed
	Deductible      bool   // the registry says that contributions to it are deductible
	Address         []string
	Country         string
	Email           string
	Phone           string
	Website         string
	Signatory       string
	ReceiptPrefix   string
	Zone            *time.Location
}

// Donor is who gave.
type Donor struct{ FirstName, LastName, Email string }

// Name is the donor's name as the receipt says it.
func (d Donor) Name() string {
	switch name := strings.TrimSpace(d.FirstName + " " + d.LastName); {
	case name != "":
		return name
	case d.Email != "":
		return d.Email
	default:
		return "Name not given"
	}
}

// Total is the whole contribution, the fee cover included.
func (f Facts) Total() money.Money {
	return money.New(f.Amount.Minor+f.Cover.Minor, f.Amount.Currency)
}

// Net is what stands of the contribution.
func (f Facts) Net() money.Money {
	return money.New(f.Amount.Minor+f.Cover.Minor-f.Refunded.Minor, f.Amount.Currency)
}
