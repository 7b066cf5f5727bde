package receipting

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/receipt"
)

// Why a receipt is void when no person decided it.
const (
	reasonChanged  = "The amount of the gift changed."
	reasonRefunded = "The whole gift was refunded."
)

// Issue brings the receipt of a donation in line with the money that stands: it issues one, replaces it by a corrected one or voids it,
// and mails what it did. Running it again does nothing.
func (s *Service) Issue(ctx context.Context, org, donation uuid.UUID) error {
	return s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		facts, err := lockFacts(ctx, tx, donation)
		if err != nil {
			return err
		}
		latest, err := latestReceipt(ctx, tx, donation)
		if err != nil {
			return err
		}
		switch facts.Next(latest.summary()) {
		case receipt.Begin:
			_, err = s.issueTx(ctx, tx, facts, latest)
			return err
		case receipt.Replace:
			if err := s.voidTx(ctx, tx, latest, receipt.Void{Reason: reasonChanged}); err != nil {
				return err
			}
			_, err = s.issueTx(ctx, tx, facts, latest)
			return err
		case receipt.Cancel:
			if err := s.voidTx(ctx, tx, latest, receipt.Void{Reason: reasonRefunded}); err != nil {
				return err
			}
			return s.mailCancelledTx(ctx, tx, facts, latest)
		case receipt.Keep:
		}
		return nil
	})
}

// summary is what the rules ask of the newest receipt.
func (k *Kept) summary() *receipt.Latest {
	if k == nil {
		return nil
	}
	return &receipt.Latest{Amount: k.receipt().Amount(), Stands: k.Stands, VoidedByPerson: k.VoidedBy != nil}
}

// issueTx numbers, writes and mails a receipt. earlier is the void one it replaces, nil for a first one.
func (s *Service) issueTx(ctx context.Context, tx database.Tx, f receipt.Facts, earlier *Kept) (receipt.Receipt, error) {
	number, err := nextNumber(ctx, tx, f.Organization, f.OrgID, f.ReceivedOn.Year())
	if err != nil {
		return receipt.Receipt{}, err
	}
	var replaced *receipt.Earlier
	if earlier != nil {
		replaced = &receipt.Earlier{ID: earlier.Row.ID, Text: earlier.Row.Content.Number}
	}
	issued, err := receipt.New(f, number, replaced, s.now())
	if err != nil {
		return receipt.Receipt{}, err
	}
	if err := queueReceipt(ctx, tx, issued); err != nil {
		return receipt.Receipt{}, err
	}
	c := issued.Content()
	after := map[string]any{"number": c.Number, "amount": issued.Amount(), "donation_id": f.DonationID}
	if c.Replaces != "" {
		after["replaces"] = c.Replaces
	}
	if err := s.recordTx(ctx, tx, "receipt.issued", issued.ID(), audit.Event{After: after}); err != nil {
		return receipt.Receipt{}, err
	}
	return issued, s.mailIssuedTx(ctx, tx, f, issued)
}

// voidTx ends the receipt that stands.
func (s *Service) voidTx(ctx context.Context, tx database.Tx, k *Kept, v receipt.Void) error {
	v.OrgID, v.ReceiptID, v.VoidedAt = k.Row.OrgID, k.Row.ID, s.now()
	if err := queueVoid(ctx, tx, v); err != nil {
		return err
	}
	return s.recordTx(ctx, tx, "receipt.voided", k.Row.ID, audit.Event{
		Before: map[string]any{"number": k.Row.Content.Number, "amount": k.receipt().Amount()},
		After:  map[string]any{"reason": v.Reason, "donation_id": k.Row.DonationID},
	})
}

func (s *Service) recordTx(ctx context.Context, tx database.Tx, action string, receiptID id.ID[receipt.Receipt], e audit.Event) error {
	e.Action, e.SubjectType, e.SubjectID = action, "receipt", receiptID.UUID
	return s.audit.RecordTx(ctx, tx, e)
}

// person is who acts, when it is a person or their token; the system's own voids have none.
func person(ctx context.Context) *uuid.UUID {
	who := actor.From(ctx)
	if who.ID == uuid.Nil {
		return nil
	}
	return &who.ID
}
