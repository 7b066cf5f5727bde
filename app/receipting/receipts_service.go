package receipting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/receipt"
)

// List returns receipts of the actor's organization, the newest first, and whether more follow.
func (s *Service) List(ctx context.Context, p Page) (found []Kept, more bool, err error) {
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		found, err = listReceipts(ctx, r, p)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	if len(found) > p.Limit {
		return found[:p.Limit], true, nil
	}
	return found, false, nil
}

// PDF draws a receipt as it stands today: a void one carries its mark. name is the file's name.
func (s *Service) PDF(ctx context.Context, org uuid.UUID, receiptID id.ID[receipt.Receipt]) (pdf []byte, name string, err error) {
	k, err := s.find(ctx, org, receiptID)
	if err != nil {
		return nil, "", err
	}
	pdf, err = renderPDF(k.printed())
	return pdf, fileName(k.Row.Content), err
}

func fileName(c receipt.Content) string { return "receipt-" + c.Number + ".pdf" }

// attachment is the source of the PDFs that mails carry.
func (s *Service) attachment(ctx context.Context, org uuid.UUID, ref string) ([]byte, error) {
	receiptID, err := id.Parse[receipt.Receipt](ref)
	if err != nil {
		return nil, err
	}
	pdf, _, err := s.PDF(ctx, org, receiptID)
	return pdf, err
}

func (s *Service) find(ctx context.Context, org uuid.UUID, receiptID id.ID[receipt.Receipt]) (k Kept, err error) {
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		k, err = findReceipt(ctx, r, receiptID)
		return err
	})
	return k, err
}

// Resend mails a receipt that stands once more, to the donor's address of today's donation record. A second press within the same
// minute sends nothing more.
func (s *Service) Resend(ctx context.Context, receiptID id.ID[receipt.Receipt]) error {
	return s.change(ctx, receiptID, func(tx database.Tx, f receipt.Facts, k Kept) error {
		switch {
		case !k.Stands:
			return receipt.ErrVoid
		case f.Donor.Email == "":
			return receipt.ErrNoEmail
		}
		if err := s.recordTx(ctx, tx, "receipt.resent", k.Row.ID, audit.Event{After: map[string]any{"number": k.Row.Content.Number, "donation_id": k.Row.DonationID}}); err != nil {
			return err
		}
		return s.mailReceiptTx(ctx, tx, f, k.receipt(), fmt.Sprintf("receipt:%s:resent:%d", k.Row.ID, s.now().Truncate(time.Minute).Unix()))
	})
}

// Void ends a receipt by a person's decision. The donation stays without one until its money changes or a person replaces it.
func (s *Service) Void(ctx context.Context, receiptID id.ID[receipt.Receipt], reason string) error {
	return s.change(ctx, receiptID, func(tx database.Tx, f receipt.Facts, k Kept) error {
		return s.voidByPersonTx(ctx, tx, k, reason)
	})
}

func (s *Service) voidByPersonTx(ctx context.Context, tx database.Tx, k Kept, reason string) error {
	if !k.Stands {
		return receipt.ErrVoid
	}
	v, err := k.receipt().NewVoid(reason, person(ctx), s.now())
	if err != nil {
		return err
	}
	return s.voidTx(ctx, tx, &k, v)
}

// Replace voids a receipt, if it still stands, and issues another from what the books say now: after a name or address was mended. The
// donor is mailed the new one.
func (s *Service) Replace(ctx context.Context, receiptID id.ID[receipt.Receipt], reason string) (issued receipt.Receipt, err error) {
	err = s.change(ctx, receiptID, func(tx database.Tx, f receipt.Facts, k Kept) error {
		switch {
		case k.ReplacedBy != "":
			return receipt.ErrSuperseded
		case k.Stands:
			if err := s.voidByPersonTx(ctx, tx, k, reason); err != nil {
				return err
			}
		}
		issued, err = s.issueTx(ctx, tx, f, &k)
		return err
	})
	return issued, err
}

// change locks the donation of a receipt of the actor's organization, then runs do with the receipt as it is under that lock.
func (s *Service) change(ctx context.Context, receiptID id.ID[receipt.Receipt], do func(database.Tx, receipt.Facts, Kept) error) error {
	return s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		k, err := findReceipt(ctx, tx, receiptID)
		if err != nil {
			return err
		}
		f, err := lockFacts(ctx, tx, k.Row.DonationID)
		if err != nil {
			return err
		}
		if k, err = findReceipt(ctx, tx, receiptID); err != nil {
			return err
		}
		return do(tx, f, k)
	})
}
