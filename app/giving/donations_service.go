package giving

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/promise"
	"tributary/domain/receipt"
	"tributary/domain/text"
)

// Record books a gift that came by cheque, cash or transfer. It returns invalid faults that name the fields, and
// donation.ErrReferenceTaken. A request that was recorded already is not recorded again.
func (s *Service) Record(ctx context.Context, in donation.Details) (Detail, error) {
	who := actor.From(ctx)
	in.By = who.Login()
	now := s.now()
	var d donation.Donation
	var known surroundings
	err := s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) (err error) {
		if in.InstalmentID != nil {
			if in.PersonID, err = s.takeByHandTx(ctx, tx, in); err != nil {
				return err
			}
		}
		if known, err = surroundingsOf(ctx, tx, in); err != nil {
			return err
		}
		if in.Amount.Currency != known.org.Currency {
			return donation.ErrWrongCurrency
		}
		if d, err = donation.Record(who.OrgID, in, known.org.Location(), now); err != nil {
			return err
		}
		d.CauseID = known.causeID
		if err := s.nameDonorTx(ctx, tx, &d, known.donor); err != nil {
			return err
		}
		if err := s.jobs.InsertTx(ctx, tx, receipt.Issue{OrgID: d.OrgID, DonationID: d.ID.UUID}); err != nil {
			return err
		}
		if err := queueDonation(ctx, tx, &d); err != nil {
			return err
		}
		t, err := ledger.OfflineGift(d.Gift(), d.Method.Lands(), d.OccurredAt)
		if err != nil {
			return err
		}
		s.books.PostTx(tx, d.OrgID, t)
		announce(tx, d)
		if err := s.followTx(ctx, tx, d, payment.Attempt{}, nil); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "donation.recorded", SubjectType: "donation", SubjectID: d.ID.UUID, After: map[string]any{
			"amount_minor": d.Amount.Minor, "currency": d.Amount.Currency, "method": d.Method, "received_on": d.ReceivedOn.String(),
		}})
	})
	if errors.Is(err, errRepeated) {
		return s.recordedBefore(ctx, d)
	}
	if in.InstalmentID != nil && in.Request.Key != nil && fault.KindOf(err) != "" {
		if made, errBefore := s.recordedBefore(ctx, donation.Donation{OrgID: who.OrgID, Request: in.Request}); !errors.Is(errBefore, donation.ErrNotFound) {
			return made, errBefore // the instalment is refused because this very request paid it
		}
	}
	if err != nil {
		return Detail{}, err
	}
	made := Detail{Line: known.names, AtBank: d.Method.Lands() == ledger.Bank}
	made.Donation = d
	return made, nil
}

// recordedBefore returns what an earlier, equal request recorded: the answer to it may have been lost.
func (s *Service) recordedBefore(ctx context.Context, d donation.Donation) (Detail, error) {
	var before donation.Donation
	err := s.db.Read(ctx, database.Tenant(d.OrgID), func(r database.Reader) error {
		var err error
		if before, err = firstDonation(ctx, r, "request_key = ?", *d.Request.Key); err != nil {
			return err
		}
		return before.Request.Repeats(d.Request)
	})
	if err != nil {
		return Detail{}, err
	}
	return s.Find(ctx, before.ID)
}

// nameDonorTx ties the gift to its person: the one that staff chose, as they are called today, or the one found or made from what they wrote.
func (s *Service) nameDonorTx(ctx context.Context, tx database.Tx, d *donation.Donation, chosen *donation.Donor) error {
	if chosen != nil {
		d.DonorFirstName, d.DonorLastName, d.DonorEmail = chosen.FirstName, chosen.LastName, chosen.Email
		return nil
	}
	p, err := s.people.FindOrCreateTx(ctx, tx, d.OrgID, person.Details{FirstName: d.DonorFirstName, LastName: d.DonorLastName, Email: d.DonorEmail})
	if err != nil {
		return err
	}
	d.PersonID = &p.ID.UUID
	return nil
}

// List returns donations that the filter matches, newest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Line, error) {
	if err := f.clean(); err != nil {
		return nil, err
	}
	var lines []Line
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		lines, err = listDonations(ctx, r, actor.From(ctx).OrgID, f)
		return err
	})
	return lines, err
}

// Exported records that somebody takes a copy of gifts out, and of which.
func (s *Service) Exported(ctx context.Context, f Filter) error {
	if err := f.clean(); err != nil {
		return err
	}
	org := actor.From(ctx).OrgID
	return s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "donations.exported", SubjectType: "organization", SubjectID: org, After: map[string]any{
			"searched": f.Search != "", "statuses": f.Statuses, "method": f.Method, "from": f.From.String(), "to": f.To.String(), "to_thank": f.ToThank,
		}})
	})
}

// Export yields every donation that the filter matches, newest first.
func (s *Service) Export(ctx context.Context, f Filter) iter.Seq2[Line, error] {
	f.Limit = 1000
	return database.Pages(func(after *Line) ([]Line, bool, error) {
		page := f
		if after != nil {
			page.Before, page.BeforeID = after.OccurredAt, after.ID.UUID
		}
		lines, err := s.List(ctx, page)
		return lines, len(lines) == f.Limit, err
	})
}

// Detail is a donation with its money trail.
type Detail struct {
	Line
	Attempts []payment.Attempt
	Payments []Payment
	Refunds  []donation.Refund
	AtBank   bool // a cheque or cash that was taken to the bank
	Pays     *Pays
}

// Pays says which instalment a gift pays.
type Pays struct {
	PromiseID uuid.UUID
	Reference string
	Kind      promise.Kind
	N         int
}

// Refundable is what is left to give back.
func (d Detail) Refundable() money.Money {
	left, refunds := d.Total().Minor, d.Refunds
	if d.Method == donation.Card {
		left = 0
		if p, ok := paid(d.Payments); ok {
			left, refunds = p.Amount.Minor, ofCharge(refunds, p.ChargeID)
		}
	}
	return money.New(max(left-donation.Gone(refunds), 0), d.Amount.Currency)
}

// Find returns one donation, or donation.ErrNotFound.
func (s *Service) Find(ctx context.Context, donationID id.ID[donation.Donation]) (Detail, error) {
	var out Detail
	org := actor.From(ctx).OrgID
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		lines, err := listDonations(ctx, r, org, Filter{ID: donationID.UUID, Limit: 1})
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return donation.ErrNotFound
		}
		out.Line = lines[0]
		if out.Attempts, err = attemptsOf(ctx, r, donationID); err != nil {
			return err
		}
		if out.Payments, err = paymentsOf(ctx, r, donationID); err != nil {
			return err
		}
		if out.Refunds, err = refundsOf(ctx, r, donationID); err != nil {
			return err
		}
		if out.Pays, err = paysOf(ctx, r, out.InstalmentID); err != nil {
			return err
		}
		at, err := whereabouts(ctx, r, out.Donation)
		out.AtBank = at == ledger.Bank
		return err
	})
	return out, err
}

// Thank marks a gift as thanked by whoever asks, or takes the mark away. Doing so twice is the same.
func (s *Service) Thank(ctx context.Context, donationID id.ID[donation.Donation], thanked bool) error {
	who := actor.From(ctx)
	return s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		d := donation.Donation{ID: donationID}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		if !d.Status.Received() {
			return donation.ErrNotReceived
		}
		now := s.now()
		d.ThankedAt, d.ThankedBy, d.UpdatedAt = nil, nil, now
		action := "donation.unthanked"
		if thanked {
			d.ThankedAt, d.ThankedBy, action = &now, who.Login(), "donation.thanked"
		}
		changed, err := setThanked(ctx, tx, d)
		if err != nil || !changed {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: action, SubjectType: "donation", SubjectID: d.ID.UUID})
	})
}

// Note replaces what staff wrote about a gift.
func (s *Service) Note(ctx context.Context, donationID id.ID[donation.Donation], note string) error {
	note, err := text.Block("note", note, 2000)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		d := donation.Donation{ID: donationID}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		before := d.Note
		d.Note, d.UpdatedAt = note, s.now()
		if err := saveNote(ctx, tx, d); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "donation.note_changed", SubjectType: "donation", SubjectID: d.ID.UUID, Before: map[string]any{"note": before}, After: map[string]any{"note": note},
		})
	})
}

// byHand runs a change of an offline gift that happened on a day, under a lock on it.
func (s *Service) byHand(ctx context.Context, donationID id.ID[donation.Donation], on day.Day, do func(database.Tx, donation.Donation, time.Time) error) error {
	who := actor.From(ctx)
	org, err := s.organizations.Organization(ctx, who.OrgID)
	if err != nil {
		return err
	}
	now := s.now()
	if on.After(day.In(now, org.Location())) {
		return fault.Invalid("on", "date.in_future", "Choose today or an earlier day.")
	}
	at := now
	if on != day.In(now, org.Location()) {
		at = on.Start(org.Location()).Add(12 * time.Hour)
	}
	return s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		d := donation.Donation{ID: donationID}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		if d.ReceivedOn != nil && on.Before(*d.ReceivedOn) {
			return fault.Invalid("on", "date.before_gift", "This is before the gift was received.")
		}
		return do(tx, d, at)
	})
}

// EraseTx takes names, address and words of a person off their gifts; amounts and receipts stay.
func (s *Service) EraseTx(ctx context.Context, tx database.Tx, _, personID uuid.UUID) error {
	return eraseDonor(ctx, tx, personID, s.now())
}
