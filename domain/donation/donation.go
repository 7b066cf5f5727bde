// Package donation holds money received, or being received: what makes a gift acceptable, and the rules by which its status follows from
// what the card gateway and the staff say.
package donation

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Faults of giving.
var (
	ErrNotFound       = fault.NotFound("donation")
	ErrReferenceTaken = fault.Invalid("reference", "donation.reference_taken", "Another gift already has this reference.")
	ErrInFuture       = fault.Invalid("received_on", "donation.in_future", "A gift cannot be received in the future.")
	ErrTooOld         = fault.Invalid("received_on", "donation.too_old", "This date is too long ago.")
	ErrMethod         = fault.Invalid("method", "donation.method", "Choose cheque, cash, bank transfer or other.")
	ErrWrongCurrency  = fault.Invalid("amount", "donation.currency", "This organization does not take gifts in this currency.")
	ErrDonorNeeded    = fault.Invalid("first_name", "donation.donor_needed", "Write your first or last name.")
	ErrAlreadyPaid    = fault.New(fault.KindConflict, "donation.already_paid", "This is paid already. Thank you.")
	ErrNotReceived    = fault.New(fault.KindConflict, "donation.not_received", "Only a gift that was received can be changed in this way.")
	ErrRefundTooLarge = fault.Invalid("amount", "donation.refund_too_large", "This is more than is left to refund.")
	ErrRefundReason   = fault.Invalid("reason", "donation.refund_reason", "Choose a reason for the refund.")
	ErrRefundDiffers  = fault.New(fault.KindConflict, "donation.refund_differs", "Stripe tells of another amount than was asked for.")
	ErrNotBounceable  = fault.New(fault.KindConflict, "donation.not_bounceable", "Only a cheque that still counts can bounce.")
	ErrRequestDiffers = fault.New(fault.KindInvalid, "idempotency.mismatch", "This Idempotency-Key was used for another request.")
	ErrAlreadyAtBank  = fault.New(fault.KindConflict, "donation.already_deposited", "This gift is already at the bank.")
	ErrNotDepositable = fault.New(fault.KindConflict, "donation.not_depositable", "Only a cheque or cash can be taken to the bank.")
	ErrVisibility     = fault.Invalid("visibility", "donation.visibility", "Choose how your gift is shown.")
	ErrFrequency      = fault.Invalid("frequency", "donation.frequency", "Choose how often you give.")
	ErrFormToken      = fault.Invalid("form_token", "donation.form_token", "This form is not complete. Please reload the page.")
)

// Method is how money came.
type Method string

// The methods.
const (
	Card         Method = "card"
	Cheque       Method = "cheque"
	Cash         Method = "cash"
	BankTransfer Method = "bank_transfer"
	Other        Method = "other"
)

// Lands is the ledger account that an offline gift of this method goes to first.
func (m Method) Lands() ledger.Account {
	switch m {
	case Cheque:
		return ledger.ChequesOnHand
	case Cash:
		return ledger.CashOnHand
	case BankTransfer, Other:
		return ledger.Bank
	case Card:
		return ledger.StripeClearing
	}
	return ledger.Suspense
}

// Visibility is how much of a gift the public page shows.
type Visibility string

// The visibilities.
const (
	NameAndAmount Visibility = "name_and_amount"
	NameOnly      Visibility = "name"
	Anonymous     Visibility = "anonymous"
)

// Donation is money received, or being received.
type Donation struct {
	OrgID          uuid.UUID       `gorm:"primaryKey"`
	ID             id.ID[Donation] `gorm:"primaryKey"`
	Reference      string          // what donors and staff call it: "R-7K2M9-QDXWA"
	PersonID       *uuid.UUID      // set when the money came
	CampaignID     *uuid.UUID
	CauseID        uuid.UUID
	FundID         uuid.UUID
	InstalmentID   *uuid.UUID // of the plan or pledge it pays
	Method         Method
	Status         Status
	Amount         money.Money `gorm:"embedded;embeddedPrefix:amount_"` // the gift
	CoverMinor     int64       // what the donor added for the fee, in the gift's currency
	RefundedMinor  int64       // given back so far, cover included
	DonorFirstName string
	DonorLastName  string
	DonorEmail     string
	Visibility     Visibility
	Comment        string
	EmailConsent   bool
	FormToken      *uuid.UUID
	PaymentNumber  string // of the cheque or transfer
	Note           string
	ReviewReason   string
	ReceivedOn     *day.Day // the receipt date, in the organization's zone
	InitiatedAt    time.Time
	SucceededAt    *time.Time
	OccurredAt     time.Time // InitiatedAt until the money came, then SucceededAt: what lists sort by
	ThankedAt      *time.Time
	ThankedBy      *uuid.UUID
	CreatedBy      *uuid.UUID
	Request        Request   `gorm:"embedded;embeddedPrefix:request_"`
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of donations.
func (Donation) TableName() string { return "donations" }

// Cover is what the donor added for the fee.
func (d Donation) Cover() money.Money { return money.New(d.CoverMinor, d.Amount.Currency) }

// Total is what the donor pays: the gift and the cover.
func (d Donation) Total() money.Money {
	return money.New(d.Amount.Minor+d.CoverMinor, d.Amount.Currency)
}

// Refunded is what was given back.
func (d Donation) Refunded() money.Money { return money.New(d.RefundedMinor, d.Amount.Currency) }

// Gift is what the ledger needs to know.
func (d Donation) Gift() ledger.Gift {
	g := ledger.Gift{DonationID: d.ID.UUID, Amount: d.Amount, Cover: d.Cover(), Dimension: ledger.Dimension{CauseID: d.CauseID, FundID: d.FundID}}
	if d.CampaignID != nil {
		g.Dimension.CampaignID = *d.CampaignID
	}
	return g
}

// Request identifies the call that made something, so that the same call made again, however late, finds it instead of making another.
type Request struct {
	Key  *string // the caller's Idempotency-Key; nil when there was none
	Hash []byte  // of what was asked for
}

// RequestOf is the call with an Idempotency-Key; without one it is like no other.
func RequestOf(key string, hash []byte) Request {
	if key == "" {
		return Request{}
	}
	return Request{Key: &key, Hash: hash}
}

// Repeats reports whether other is the same call again. A call with the same key that asks for something else is ErrRequestDiffers.
func (r Request) Repeats(other Request) error {
	if !bytes.Equal(r.Hash, other.Hash) {
		return ErrRequestDiffers
	}
	return nil
}

// Donor is who gives, as typed.
type Donor struct {
	FirstName, LastName, Email string
}

// Name is how the donor is called: either name may be missing.
func (d Donor) Name() string { return strings.TrimSpace(d.FirstName + " " + d.LastName) }

// DonorName is how who gave is called.
func (d Donation) DonorName() string {
	return Donor{d.DonorFirstName, d.DonorLastName, d.DonorEmail}.Name()
}

func (d *Donor) clean() error {
	var err1, err2, err3, err4 error
	d.FirstName, err1 = text.Line("first_name", d.FirstName, 100)
	d.LastName, err2 = text.Line("last_name", d.LastName, 100)
	if err1 == nil && err2 == nil && d.FirstName == "" && d.LastName == "" {
		err3 = ErrDonorNeeded
	}
	if d.Email != "" {
		d.Email, _, err4 = account.NormalizeEmail(d.Email)
	}
	return fault.Join(err1, err2, err3, err4)
}

// Target is what a gift is booked to.
type Target struct {
	CampaignID      *uuid.UUID
	CauseID, FundID uuid.UUID
}

// NewReference makes a reference that can be read over the phone and not be guessed: ten letters and digits, 50 bits.
func NewReference() string {
	var b [7]byte
	_, _ = rand.Read(b[:]) // crypto/rand never fails
	s := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(b[:])
	return "R-" + s[:5] + "-" + s[5:10]
}
