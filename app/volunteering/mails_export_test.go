package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// ApplyTo applies rules to a roster as a use case does.
func (s *Service) ApplyTo(ctx context.Context, org account.Organization, shift id.ID[volunteer.Shift], do func(*volunteer.Roster, time.Time) error) error {
	return s.onRosters(ctx, org, concerned{shifts: []id.ID[volunteer.Shift]{shift}}, func(d *desk) error { return do(d.roster(shift), d.now) })
}

// SeatAll gives a person a place in each of some shifts, or a position in line where one is full, and tells of all of them in one mail.
func (s *Service) SeatAll(ctx context.Context, org account.Organization, person uuid.UUID, shifts ...id.ID[volunteer.Shift]) error {
	return s.onRosters(ctx, org, concerned{people: []uuid.UUID{person}, shifts: shifts}, func(d *desk) error {
		var all []id.ID[volunteer.SignUp]
		for _, of := range shifts {
			r := d.roster(of)
			u := volunteer.SignUp{PersonID: &person, Status: volunteer.Confirmed, Source: volunteer.FromPublic}
			if r.Full(1) {
				added, err := r.Wait(u, d.now)
				if err != nil {
					return err
				}
				all = append(all, added.ID)
				continue
			}
			all = append(all, r.Add(u, false, d.now).ID)
		}
		return s.confirmedMailTx(ctx, d, person, all)
	})
}

// RequestMail writes the mail that asks to confirm shifts.
func (s *Service) RequestMail(ctx context.Context, tx database.Tx, org account.Organization, r volunteer.Request, secret string, held, full []id.ID[volunteer.Shift]) error {
	return s.requestMailTx(ctx, tx, org, requestLetter{request: r, secret: secret, held: held, full: full})
}

// CoverMail asks people to help.
func (s *Service) CoverMail(ctx context.Context, tx database.Tx, org account.Organization, c volunteer.Cover, asks []volunteer.Ask) error {
	return s.coverMailTx(ctx, tx, org, c, asks)
}

// CoverTakenMail tells them that they need not answer.
func (s *Service) CoverTakenMail(ctx context.Context, tx database.Tx, org account.Organization, c id.ID[volunteer.Cover]) error {
	return s.coverTakenMailTx(ctx, tx, org, c)
}

// HoursMails writes about rejected and about corrected hours.
func (s *Service) HoursMails(ctx context.Context, tx database.Tx, org account.Organization, rejected []volunteer.Hours, corrected volunteer.Hours) error {
	if err := s.hoursRejectedMailTx(ctx, tx, org, rejected); err != nil {
		return err
	}
	return s.hoursCorrectedMailTx(ctx, tx, org, corrected)
}

// OpenOffer, OpenAsk and OpenOptOut read the tokens of links.
func (s *Service) OpenOffer(org account.Organization, token string) (id.ID[volunteer.SignUp], error) {
	return s.openOffer(org, token)
}

func (s *Service) OpenAsk(org account.Organization, token string) (id.ID[volunteer.Ask], error) {
	return s.openAsk(org, token)
}

func (s *Service) OpenOptOut(org account.Organization, token string) (uuid.UUID, error) {
	return s.openOptOut(org, token)
}

// CalendarAttachment is what the outbox asks when it sends a mail with a calendar file.
func (s *Service) CalendarAttachment(ctx context.Context, org uuid.UUID, ref string) ([]byte, error) {
	return s.calendarAttachment(ctx, org, ref)
}

// Span says when a shift is.
func Span(s volunteer.Shift) string { return span(s) }

// What the tests of plans explain.
const StampSQL = stampSQL

// DueSQL finds the far reminders that are due.
var DueSQL = fmt.Sprintf(dueSQL, "reminded_far_at")

// CalendarEntry is one sign-up in a calendar.
type CalendarEntry struct {
	Shift  volunteer.Shift
	Offer  volunteer.Opportunity
	SignUp volunteer.SignUp
}

// CalendarOf writes sign-ups as a calendar.
func (s *Service) CalendarOf(org account.Organization, all ...CalendarEntry) []byte {
	entries := make([]entry, len(all))
	for i, e := range all {
		entries[i] = entry{told{e.Shift, e.Offer, e.SignUp.Party}, e.SignUp}
	}
	return s.calendarOf(org, entries)
}

// Calendar writes one sign-up as a calendar.
func (s *Service) Calendar(org account.Organization, shift volunteer.Shift, o volunteer.Opportunity, u volunteer.SignUp) []byte {
	return s.CalendarOf(org, CalendarEntry{shift, o, u})
}

// LimitBy replaces what counts requests.
func (s *Service) LimitBy(l Limiter) { s.limiter = l }
