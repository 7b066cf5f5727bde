// Package receipt holds the rules of official receipts: when a donation gets one, which number it carries and what it says. A receipt
// is never changed: a correction voids it and issues another, and everything printed on it is frozen when it is issued.
package receipt

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Faults of receipts.
var (
	ErrNotFound   = fault.NotFound("receipt")
	ErrVoid       = fault.New(fault.KindConflict, "receipt.void", "This receipt is void.")
	ErrNoEmail    = fault.New(fault.KindConflict, "receipt.no_email", "The donor gave no e-mail address. Download the receipt and hand it over.")
	ErrNothing    = fault.New(fault.KindConflict, "receipt.nothing_received", "No money stands for this donation, so there is nothing to receipt.")
	ErrSuperseded = fault.New(fault.KindConflict, "receipt.superseded", "Another receipt stands for this donation. Replace that one.")
	ErrReason     = fault.Invalid("reason", "receipt.reason", "Say why in at most 300 characters.")
)

const maxReason = 300

// Receipt is an official receipt. It can only be made by New or brought back by Restore, and never changed.
type Receipt struct {
	orgID      uuid.UUID
	id         id.ID[Receipt]
	donationID uuid.UUID
	number     Number
	replaces   *id.ID[Receipt]
	amount     money.Money
	receivedOn day.Day
	content    Content
	issuedAt   time.Time
}

// Number is a receipt's place in the books of one legal entity: gapless within series and year.
type Number struct {
	Series string // the legal entity: its EIN, or else the organization
	Year   int    // of the receipt date
	Mark   string // tells a second legal entity of the same organization and year apart; usually empty
	Number int
}

// Text is the number as it is printed: "RB-2026-000123".
func (n Number) Text(prefix string) string {
	text := fmt.Sprintf("%04d-%s%06d", n.Year, n.Mark, n.Number)
	if prefix = strings.Trim(prefix, "-"); prefix != "" {
		return prefix + "-" + text
	}
	return text
}

// Earlier is the receipt a new one replaces.
type Earlier struct {
	ID   id.ID[Receipt]
	Text string // its number as printed
}

// New issues a receipt of the money that stands. earlier is nil for a first receipt.
func New(f Facts, n Number, earlier *Earlier, now time.Time) (Receipt, error) {
	net := f.Net()
	if net.Minor <= 0 || !f.Received {
		return Receipt{}, ErrNothing
	}
	if n.Number <= 0 || n.Series == "" || n.Year != f.ReceivedOn.Year() {
		return Receipt{}, fmt.Errorf("receipt number %+v does not belong to a gift of %s", n, f.ReceivedOn)
	}
	r := Receipt{
		orgID: f.OrgID, id: id.New[Receipt](), donationID: f.DonationID, number: n, amount: net, receivedOn: f.ReceivedOn,
		issuedAt: now, content: contentOf(f, n.Text(f.Organization.ReceiptPrefix), earlier, day.In(now, f.Organization.Zone)),
	}
	if earlier != nil {
		r.replaces = &earlier.ID
	}
	return r, nil
}

// Row is how a receipt is kept.
type Row struct {
	OrgID      uuid.UUID
	ID         id.ID[Receipt]
	DonationID uuid.UUID
	Number     Number
	Replaces   *id.ID[Receipt]
	Amount     money.Money
	ReceivedOn day.Day
	Content    Content
	IssuedAt   time.Time
}

// Restore brings back a receipt as it was kept.
func Restore(r Row) Receipt {
	return Receipt{r.OrgID, r.ID, r.DonationID, r.Number, r.Replaces, r.Amount, r.ReceivedOn, r.Content, r.IssuedAt}
}

// Row gives out what is to be kept.
func (r Receipt) Row() Row {
	return Row{r.orgID, r.id, r.donationID, r.number, r.replaces, r.amount, r.receivedOn, r.content, r.issuedAt}
}

// ID identifies the receipt within its organization.
func (r Receipt) ID() id.ID[Receipt] { return r.id }

// OrgID is the organization that issued it.
func (r Receipt) OrgID() uuid.UUID { return r.orgID }

// DonationID is the gift it is for.
func (r Receipt) DonationID() uuid.UUID { return r.donationID }

// Number is its place in the books.
func (r Receipt) Number() Number { return r.number }

// Amount is the money it attests.
func (r Receipt) Amount() money.Money { return r.amount }

// ReceivedOn is the receipt date of the gift.
func (r Receipt) ReceivedOn() day.Day { return r.receivedOn }

// IssuedAt is when it was issued.
func (r Receipt) IssuedAt() time.Time { return r.issuedAt }

// Replaces is the void receipt it stands in for; nil for a first one.
func (r Receipt) Replaces() *id.ID[Receipt] { return r.replaces }

// Content is everything printed on it.
func (r Receipt) Content() Content { return r.content }

// Void says that a receipt no longer stands, and why.
type Void struct {
	OrgID     uuid.UUID
	ReceiptID id.ID[Receipt]
	Reason    string
	VoidedBy  *uuid.UUID // the person who did; nil when the money itself went
	VoidedAt  time.Time
}

// NewVoid ends a receipt by a person's decision.
func (r Receipt) NewVoid(reason string, by *uuid.UUID, now time.Time) (Void, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > maxReason || strings.ContainsAny(reason, "\x00\r\n") {
		return Void{}, ErrReason
	}
	return Void{OrgID: r.orgID, ReceiptID: r.id, Reason: reason, VoidedBy: by, VoidedAt: now}, nil
}
