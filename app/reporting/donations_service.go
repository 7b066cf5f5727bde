package reporting

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/donation"
)

// Trail returns everything that followed from a donation: bookings, receipts, mails and changes.
func (s *Service) Trail(ctx context.Context, donationID uuid.UUID) (Trail, error) {
	var t Trail
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		exists, err := donationExists(ctx, r, donationID)
		if err != nil {
			return err
		}
		if !exists {
			return donation.ErrNotFound
		}
		t, err = trail(ctx, r, donationID)
		return err
	})
	return t, err
}

const (
	thanksShown    = 20
	thanksCounted  = 100
	attentionShown = 20
	lateShown      = 5
	lateCounted    = 100
	attentionAge   = 30 * 24 * time.Hour
)

// Today is what staff see first.
type Today struct {
	ToThank      []ToThank
	ToThankCount int // at most thanksCounted
	Taken        []Taken
	Attention    []Attention
	LateCount    int // instalments that need somebody, at most lateCounted; the first ones are among Attention
}

// Today gathers what there is to do, and how the day and the month went, in the organization's zone.
func (s *Service) Today(ctx context.Context) (Today, error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return Today{}, err
	}
	now := s.now()
	today := day.In(now, org.Location())
	month := day.New(today.Year(), today.Month(), 1)
	var out Today
	err = s.db.Read(ctx, database.Tenant(a.OrgID), func(r database.Reader) (err error) {
		if out.ToThank, err = toThank(ctx, r, thanksShown); err != nil {
			return err
		}
		if out.ToThankCount, err = countToThank(ctx, r, thanksCounted); err != nil {
			return err
		}
		if out.Taken, err = taken(ctx, r, today, month, month.Start(org.Location())); err != nil {
			return err
		}
		if out.Attention, err = attention(ctx, r, now.Add(-attentionAge), attentionShown); err != nil {
			return err
		}
		overdue, err := listLate(ctx, r, today, longAgo, uuid.Nil, lateCounted)
		out.LateCount = len(overdue)
		for _, l := range overdue[:min(len(overdue), lateShown)] {
			out.Attention = append(out.Attention, Attention{Kind: "promise_late", PromiseID: &l.PromiseID, Reference: l.Reference, Detail: l.Why(), At: l.UpdatedAt})
		}
		return err
	})
	return out, err
}
