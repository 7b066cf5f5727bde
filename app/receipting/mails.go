package receipting

import (
	"context"
	"strings"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/message"
	"tributary/domain/receipt"
)

// mailData is what the templates of receipt mails see.
type mailData struct {
	Greeting     string // the donor's first name, may be empty
	Organization string // its public name
	For          string // the cause
	Amount       string // what the receipt attests
	Receipt      receipt.Content
	ReceiptURL   string
	SupporterURL string
	Refunded     string // empty when nothing was
}

// mailIssuedTx tells the donor of a new receipt. A donor without an address gets none: staff hand the PDF over.
func (s *Service) mailIssuedTx(ctx context.Context, tx database.Tx, f receipt.Facts, issued receipt.Receipt) error {
	return s.mailReceiptTx(ctx, tx, f, issued, "receipt:"+issued.ID().String())
}

// mailReceiptTx mails a receipt with its PDF under a dedupe key.
func (s *Service) mailReceiptTx(ctx context.Context, tx database.Tx, f receipt.Facts, r receipt.Receipt, key string) error {
	template, kind := "receipt_issued", "receipt.issued"
	if r.Content().Replaces != "" {
		template, kind = "receipt_corrected", "receipt.corrected"
	}
	return s.mailTx(ctx, tx, f, r, mailing{template, kind, key})
}

// mailCancelledTx tells the donor that a receipt is void and nothing stands instead.
func (s *Service) mailCancelledTx(ctx context.Context, tx database.Tx, f receipt.Facts, k *Kept) error {
	return s.mailTx(ctx, tx, f, k.receipt(), mailing{"receipt_cancelled", "receipt.cancelled", "receipt-void:" + k.Row.ID.String()})
}

type mailing struct{ template, kind, key string }

func (s *Service) mailTx(ctx context.Context, tx database.Tx, f receipt.Facts, r receipt.Receipt, as mailing) error {
	if f.Donor.Email == "" {
		return nil
	}
	c, o := r.Content(), f.Organization
	data := mailData{
		Greeting: f.Donor.FirstName, Organization: o.Name, For: f.Cause, Amount: r.Amount().String(), Receipt: c,
		ReceiptURL: s.publicPage(f.OrgID, r.ID()), SupporterURL: s.url + "/my/" + o.Slug,
	}
	if !c.Refunded().IsZero() {
		data.Refunded = c.Refunded().String()
	}
	body, err := s.outbox.Render(as.template, mail.Sender{
		Name: o.Name, Color: o.Color, Address: strings.Join(o.Address, ", "), Website: o.Website,
		Reason: "You get this mail because you gave to " + o.Name + ".",
	}, data)
	if err != nil {
		return err
	}
	donation := f.DonationID
	return s.outbox.EnqueueTx(ctx, tx, message.Message{
		OrgID: f.OrgID, Kind: as.kind, DedupeKey: as.key, PersonID: f.PersonID, DonationID: &donation,
		ToEmail: f.Donor.Email, ToName: f.Donor.Name(), FromName: o.Name, ReplyTo: replyTo(o.Email),
		Subject: body.Subject, Text: body.Text, HTML: body.HTML,
		Attachments: []message.Attachment{{Name: fileName(c), ContentType: "application/pdf", Key: attachmentScheme + ":" + r.ID().String()}},
	})
}

// replyTo passes over an address that cannot stand in a mail: the receipt matters more.
func replyTo(address string) string {
	if !message.ValidAddress(address) {
		return ""
	}
	return address
}
