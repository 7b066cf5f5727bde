package volunteering

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// coverMailTx asks people whether they can help with a shift. Whoever wants no mail is not asked.
func (s *Service) coverMailTx(ctx context.Context, tx database.Tx, org account.Organization, c volunteer.Cover, asks []volunteer.Ask) error {
	return s.mailAskedTx(ctx, tx, org, asks, letter{
		template: "cover_request", why: "You get this mail because you help " + org.Name + " and may be asked to.", view: mailView{Message: lines(c.Message)},
	})
}

// coverTakenMailTx tells everybody who has not answered yet that somebody else helps out.
func (s *Service) coverTakenMailTx(ctx context.Context, tx database.Tx, org account.Organization, c id.ID[volunteer.Cover]) error {
	asks, err := unanswered(ctx, tx, c)
	if err != nil {
		return err
	}
	return s.mailAskedTx(ctx, tx, org, asks, letter{template: "cover_taken", why: "You get this mail because " + org.Name + " asked you for help."})
}

func (s *Service) mailAskedTx(ctx context.Context, tx database.Tx, org account.Organization, asks []volunteer.Ask, l letter) error {
	if len(asks) == 0 {
		return nil
	}
	people, shifts := make([]uuid.UUID, len(asks)), make([]id.ID[volunteer.Shift], len(asks))
	for i, a := range asks {
		people[i], shifts[i] = a.PersonID, a.ShiftID
	}
	to, err := recipientsOf(ctx, tx, people)
	if err != nil {
		return err
	}
	about, err := shiftsWithOffers(ctx, tx, slices.Compact(shifts))
	if err != nil {
		return err
	}
	for _, a := range asks {
		l.to, l.key = to[a.PersonID], a.ID.String()
		if l.to.DoNotContact {
			continue
		}
		l.view.Shifts, l.view.ActURL = []shiftWords{s.words(org, about[a.ShiftID])}, s.askURL(org, a.ID)
		if err := s.mailTx(ctx, tx, org, l); err != nil {
			return fmt.Errorf("mail about cover ask %s: %w", a.ID, err)
		}
	}
	return nil
}

// hoursWords is recorded time that staff decided on.
type hoursWords struct {
	On     string
	For    string // the opportunity
	Amount string // "2 h 30 min"
	Reason string
}

// hoursRejectedMailTx tells volunteers, a mail each, that staff did not agree to hours, and why.
func (s *Service) hoursRejectedMailTx(ctx context.Context, tx database.Tx, org account.Organization, hours []volunteer.Hours) error {
	return s.hoursMailTx(ctx, tx, org, "hours_rejected", hours)
}

// hoursCorrectedMailTx tells a volunteer how staff corrected hours, and why.
func (s *Service) hoursCorrectedMailTx(ctx context.Context, tx database.Tx, org account.Organization, h volunteer.Hours) error {
	return s.hoursMailTx(ctx, tx, org, "hours_corrected", []volunteer.Hours{h})
}

func (s *Service) hoursMailTx(ctx context.Context, tx database.Tx, org account.Organization, template string, hours []volunteer.Hours) error {
	if len(hours) == 0 {
		return nil
	}
	var people []uuid.UUID
	of := make([]id.ID[volunteer.Opportunity], len(hours))
	by := map[uuid.UUID][]volunteer.Hours{}
	for i, h := range hours {
		if by[h.PersonID] == nil {
			people = append(people, h.PersonID)
		}
		by[h.PersonID], of[i] = append(by[h.PersonID], h), h.OpportunityID
	}
	to, err := recipientsOf(ctx, tx, people)
	if err != nil {
		return err
	}
	offers, err := opportunitiesOf(ctx, tx, of)
	if err != nil {
		return err
	}
	for _, person := range people {
		l := letter{template: template, to: to[person], why: "You get this mail because you recorded hours at " + org.Name + "."}
		for _, h := range by[person] {
			l.view.Hours = append(l.view.Hours, hoursWords{
				On: dayWords(h.On), For: offers[h.OpportunityID].Title, Amount: volunteer.InHours(h.Minutes), Reason: h.Reason,
			})
		}
		l.key = fmt.Sprintf("%s:%d", by[person][0].ID, by[person][0].Version)
		l.view.ActURL = s.myHoursURL(org)
		if err := s.mailTx(ctx, tx, org, l); err != nil {
			return fmt.Errorf("mail about hours %s: %w", by[person][0].ID, err)
		}
	}
	return nil
}
