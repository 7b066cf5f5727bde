package volunteering

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// ErrOwnHours keeps a member of staff who also volunteers from approving what they recorded themselves.
var ErrOwnHours = fault.New(fault.KindConflict, "hours.own", "Nobody approves their own hours. Ask a colleague.")

var (
	errNoneChosen = fault.Invalid("ids", "hours.none_chosen", "Choose at least one entry.")
	errTooMany    = fault.Invalid("ids", "hours.too_many", "Choose at most 200 entries at once.")
)

// MostDecided is how many entries are decided at once.
const MostDecided = 200

// Decision is what staff say about entries of hours.
type Decision struct {
	IDs     []id.ID[volunteer.Hours]
	Approve bool
	Reason  string // of a rejection; the volunteer reads it
}

// DecideHours approves or rejects entries of hours, all or none: when one of them cannot be decided nothing changes, and the fault names each
// such entry as "ids[n]". Whoever is rejected gets a mail that says why.
func (s *Service) DecideHours(ctx context.Context, d Decision) (lines []HoursLine, err error) {
	d.IDs = slices.Clone(d.IDs)
	switch {
	case len(d.IDs) == 0:
		return nil, errNoneChosen
	case len(d.IDs) > MostDecided:
		return nil, errTooMany
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		hours, own, err := s.takeUpTx(ctx, tx, d.IDs)
		if err != nil {
			return err
		}
		changed, err := s.decideAllTx(ctx, tx, hours, own, d)
		if err != nil {
			return err
		}
		if err := saveHours(ctx, tx, changed); err != nil {
			return err
		}
		if !d.Approve {
			if err := s.hoursRejectedMailTx(ctx, tx, org, changed); err != nil {
				return err
			}
		}
		lines, err = listHours(ctx, tx, HoursFilter{ids: d.IDs})
		return err
	})
	return lines, err
}

// takeUpTx locks hours and whose they are, people first as everywhere, and finds which of the people is the one that asks.
func (s *Service) takeUpTx(ctx context.Context, tx database.Tx, ids []id.ID[volunteer.Hours]) (map[id.ID[volunteer.Hours]]volunteer.Hours, map[uuid.UUID]bool, error) {
	found, err := findHours(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	var people []uuid.UUID
	for _, h := range found {
		people = append(people, h.PersonID)
	}
	if _, err := lockVolunteers(ctx, tx, actor.From(ctx).OrgID, people, s.now()); err != nil {
		return nil, nil, err
	}
	locked, err := lockHours(ctx, tx, ids)
	if err != nil {
		return nil, nil, err
	}
	hours := map[id.ID[volunteer.Hours]]volunteer.Hours{}
	for _, h := range locked {
		hours[h.ID] = h
	}
	own, err := selves(ctx, tx, actor.From(ctx), people)
	return hours, own, err
}

// decideAllTx decides every entry, or returns the fault that names those that cannot be decided.
func (s *Service) decideAllTx(ctx context.Context, tx database.Tx, hours map[id.ID[volunteer.Hours]]volunteer.Hours, own map[uuid.UUID]bool, d Decision) ([]volunteer.Hours, error) {
	now, by := s.now(), actor.From(ctx).Login()
	var changed []volunteer.Hours
	var wrong *fault.Error
	blame := func(i int, because error) error {
		var f *fault.Error
		if !errors.As(because, &f) || f.Kind == fault.KindInvalid {
			return because // the reason, which is that of all
		}
		if wrong == nil {
			wrong = &fault.Error{Kind: f.Kind, Code: f.Code, Message: f.Message}
		}
		wrong.Fields = append(wrong.Fields, fault.Field{Location: fmt.Sprintf("ids[%d]", i), Code: f.Code, Message: f.Message})
		return nil
	}
	seen := map[id.ID[volunteer.Hours]]bool{}
	for i, of := range d.IDs {
		if seen[of] {
			continue
		}
		seen[of] = true
		h, found := hours[of]
		before := h.Status
		var err error
		switch {
		case !found:
			err = volunteer.ErrHours
		case d.Approve && own[h.PersonID]:
			err = ErrOwnHours
		case d.Approve:
			err = h.Approve(by, now)
		default:
			err = h.Reject(d.Reason, by, now)
		}
		if err != nil {
			if err := blame(i, err); err != nil {
				return nil, err
			}
			continue
		}
		changed = append(changed, h)
		if err := s.recordDecisionTx(ctx, tx, h, map[string]any{"status": before}); err != nil {
			return nil, err
		}
	}
	if wrong != nil {
		return nil, wrong
	}
	return changed, nil
}

// recordDecisionTx records what staff said about hours.
func (s *Service) recordDecisionTx(ctx context.Context, tx database.Tx, h volunteer.Hours, before map[string]any) error {
	after := map[string]any{"status": h.Status, "person_id": h.PersonID}
	if h.Reason != "" {
		after["reason"] = h.Reason
	}
	if _, corrected := before["minutes"]; corrected {
		after["on"], after["minutes"], after["people"] = h.On, h.Minutes, h.People
	}
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "hours." + string(h.Status), SubjectType: "volunteer_hours", SubjectID: h.ID.UUID, Before: before, After: after,
	})
}

// CorrectHours changes day, minutes and people of hours and approves them; the volunteer is told how and why.
func (s *Service) CorrectHours(ctx context.Context, of id.ID[volunteer.Hours], c volunteer.Correction) (line HoursLine, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		hours, own, err := s.takeUpTx(ctx, tx, []id.ID[volunteer.Hours]{of})
		if err != nil {
			return err
		}
		h, found := hours[of]
		if !found {
			return volunteer.ErrHours
		}
		if own[h.PersonID] {
			return ErrOwnHours
		}
		if err := s.correctTx(ctx, tx, &h, c, s.now()); err != nil {
			return err
		}
		if err := s.hoursCorrectedMailTx(ctx, tx, org, h); err != nil {
			return err
		}
		line, err = hoursLine(ctx, tx, of)
		return err
	})
	return line, err
}

func (s *Service) correctTx(ctx context.Context, tx database.Tx, h *volunteer.Hours, c volunteer.Correction, now time.Time) error {
	offers, err := opportunitiesOf(ctx, tx, []id.ID[volunteer.Opportunity]{h.OpportunityID})
	if err != nil {
		return err
	}
	before := map[string]any{"status": h.Status, "on": h.On, "minutes": h.Minutes, "people": h.People}
	today := day.In(now, offers[h.OpportunityID].Location())
	if err := h.Correct(c, actor.From(ctx).Login(), today, now); err != nil {
		return err
	}
	if err := saveHours(ctx, tx, []volunteer.Hours{*h}); err != nil {
		return err
	}
	return s.recordDecisionTx(ctx, tx, *h, before)
}
