package reporting

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/person"
)

// Summary sums a person's giving and their open promises, each one line per currency. "This year" is the calendar year in the
// organization's zone.
func (s *Service) Summary(ctx context.Context, who uuid.UUID) (given []Summary, promised []Promised, err error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return nil, nil, err
	}
	var sums []personSums
	err = s.db.ReadReplica(ctx, database.Tenant(a.OrgID), func(r database.Reader) error {
		if err := mustExist(ctx, r, who); err != nil {
			return err
		}
		sums, err = sumsOf(ctx, r, who, day.In(s.now(), org.Location()))
		return err
	})
	for _, sum := range sums {
		if !sum.FirstGiftOn.IsZero() {
			given = append(given, Summary{sum.Currency, sum.Lifetime, sum.ThisYear, sum.GiftCount, sum.FirstGiftOn, sum.LastGiftOn})
		}
		if sum.Plans+sum.Pledges > 0 {
			promised = append(promised, Promised{sum.Currency, sum.Plans, sum.Monthly, sum.Pledges, sum.Pledged, sum.Paid, sum.Owed, sum.Late})
		}
	}
	return given, promised, err
}

// Timeline lists what happened with a person, newest first; before is where the previous page ended. Money, and mails that may speak of it,
// are left out for an actor who may not see gifts; shifts and hours for one who may not see volunteers.
func (s *Service) Timeline(ctx context.Context, who uuid.UUID, before time.Time, beforeID uuid.UUID, limit int) ([]Moment, error) {
	a := actor.From(ctx)
	if before.IsZero() {
		before, beforeID = s.now().Add(time.Hour), uuid.Max
	}
	var moments []Moment
	err := s.db.ReadReplica(ctx, database.Tenant(a.OrgID), func(r database.Reader) (err error) {
		if err := mustExist(ctx, r, who); err != nil {
			return err
		}
		moments, err = timeline(ctx, r, timelineQuery{
			person: who, amounts: a.May(string(account.DonationsRead)), shifts: a.May(string(account.VolunteersRead)), before: before, beforeID: beforeID, limit: limit,
		})
		return err
	})
	return moments, err
}

func mustExist(ctx context.Context, r database.Reader, who uuid.UUID) error {
	exists, err := personExists(ctx, r, who)
	if err == nil && !exists {
		return person.ErrNotFound
	}
	return err
}

// giftsShown is more than a lifetime of monthly gifts.
const giftsShown = 1000

// GiftsOf lists a supporter's gifts for their own page, newest first, each with the receipt it stands on.
func (s *Service) GiftsOf(ctx context.Context, org uuid.UUID, p id.ID[person.Person]) ([]person.Gift, error) {
	var rows []giftRow
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		rows, err = giftsOf(ctx, r, p.UUID, giftsShown)
		return err
	})
	gifts := make([]person.Gift, len(rows))
	for i, row := range rows {
		gifts[i] = person.Gift{
			DonationID: row.ID, Reference: row.Reference, ReceivedOn: row.ReceivedOn, Purpose: row.Purpose,
			Amount: money.New(row.AmountMinor+row.CoverMinor, row.Currency), Refunded: money.New(row.RefundedMinor, row.Currency),
		}
		if row.ReceiptID != nil && row.ReceiptNumber != nil {
			gifts[i].Receipts = []person.GiftReceipt{{ID: *row.ReceiptID, Number: *row.ReceiptNumber}}
		}
	}
	return gifts, err
}
