package volunteering

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
	"tributary/domain/volunteer"
)

const (
	mostNotices    = 100 // about one shift: the newest
	longestMessage = 2000
)

var (
	errNotRepeating = fault.New(fault.KindConflict, "shift.not_repeating", "This shift does not repeat, or was changed by itself. Change it alone.")
	errScope        = fault.Invalid("scope", "shift.scope_unknown", "Choose this shift, or this and those that follow.")
)

// Scope says how much of a series an act concerns.
type Scope string

// The scopes.
const (
	OneShift  Scope = "one"
	Following Scope = "following" // and those of its series that start later, but for those that were changed by themselves
)

func (s Scope) check() error {
	if s != OneShift && s != Following {
		return errScope
	}
	return nil
}

// ShiftLine is a shift with what it is for.
type ShiftLine struct {
	volunteer.Shift  `gorm:"embedded"`
	OpportunityTitle string
	Role             string
}

// ShiftFilter says which shifts to list, the soonest first.
type ShiftFilter struct {
	From          time.Time // of those that start then or later; zero: from the first
	To            time.Time // of those that start before; zero: without end
	OpportunityID id.ID[volunteer.Opportunity]
	Role          string
	Unfilled      bool      // only open ones with a free place
	After         time.Time // with AfterID the last row seen
	AfterID       uuid.UUID
	Limit         int
}

// ListShifts returns a page of the shifts of the actor's organization, and whether there are more. How full they are stands in their rows.
func (s *Service) ListShifts(ctx context.Context, f ShiftFilter) (page []ShiftLine, more bool, err error) {
	asked := f.Limit
	f.Limit++
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		page, err = listShifts(ctx, r, f)
		return err
	})
	if more = len(page) > asked; more {
		page = page[:asked]
	}
	return page, more, err
}

// ShiftNotice is what was told about a shift, and by whom.
type ShiftNotice struct {
	volunteer.Notice
	Item   volunteer.NoticeItem
	ByName string // empty when nobody of the staff did it
}

// ShiftDetail is a shift with its opportunity, everybody on it, who was asked to help, and what was told about it.
type ShiftDetail struct {
	ShiftLine
	Opportunity OpportunityDetail
	SignUps     []RosterLine
	Asked       []AskedPerson
	Notices     []ShiftNotice // the newest first
}

// FindShift returns one shift of the actor's organization.
func (s *Service) FindShift(ctx context.Context, of id.ID[volunteer.Shift]) (d ShiftDetail, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return d, err
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		if d.ShiftLine, err = shiftLine(ctx, r, of); err != nil {
			return err
		}
		if d.Opportunity, err = s.opportunity(ctx, r, org, d.OpportunityID); err != nil {
			return err
		}
		if d.SignUps, err = rosterOf(ctx, r, of, true); err != nil {
			return err
		}
		if d.Asked, err = asksOf(ctx, r, of); err != nil {
			return err
		}
		d.Notices, err = noticesOf(ctx, r, of)
		return err
	})
	return d, err
}

// ShiftChange is what staff want of a shift.
type ShiftChange struct {
	Version int // the one they saw
	Details volunteer.ShiftDetails
	Scope   Scope
	Message string // to whom it concerns
}

// ChangeShift changes a shift, or it and those that follow, and has everybody on them told what changed. Alone, a shift of a series is detached
// from it. With those that follow it begins a series of its own: the same change of times, and everything else as given, for all of them. When
// one of them cannot be changed none is, and the error names it.
func (s *Service) ChangeShift(ctx context.Context, of id.ID[volunteer.Shift], c ShiftChange) (ShiftLine, error) {
	return s.actOnShifts(ctx, of, c.Scope, c.Message, func(a *act) error {
		if err := a.split(ctx, c); err != nil {
			return err
		}
		return a.change(ctx, c)
	})
}

// CancelShift calls a shift off, or it and those that follow, which ends the series; everybody on them is told why.
func (s *Service) CancelShift(ctx context.Context, of id.ID[volunteer.Shift], scope Scope, reason, message string) (ShiftLine, error) {
	return s.actOnShifts(ctx, of, scope, message, func(a *act) error {
		if err := a.end(ctx); err != nil {
			return err
		}
		return a.cancel(ctx, reason)
	})
}

// actOnShifts opens an act on a shift, and on those that follow when the scope says so, and tells what came of it.
func (s *Service) actOnShifts(ctx context.Context, of id.ID[volunteer.Shift], scope Scope, message string, do func(a *act) error) (line ShiftLine, err error) {
	message, errMessage := text.Block("message", message, longestMessage)
	if err := fault.Join(scope.check(), errMessage); err != nil {
		return line, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return line, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		a, err := s.openAct(ctx, tx, org, message)
		if err != nil {
			return err
		}
		if err := a.choose(ctx, of, scope); err != nil {
			return err
		}
		if err := do(a); err != nil {
			return err
		}
		if err := a.finish(ctx); err != nil {
			return err
		}
		line, err = shiftLine(ctx, tx, of)
		return err
	})
	return line, err
}

// CloseOpportunity takes an opportunity off the public pages, ends its series and calls its shifts to come off; everybody on them is told why.
// A shift that has begun takes place.
func (s *Service) CloseOpportunity(ctx context.Context, of id.ID[volunteer.Opportunity], reason string) (closed OpportunityDetail, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return closed, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		o, err := lockOpportunity(ctx, tx, of, "NO KEY UPDATE")
		if err != nil {
			return err
		}
		before := o
		if err := o.Close(s.moment()); err != nil {
			return err
		}
		if before.Status != o.Status {
			if err := s.closeTx(ctx, tx, org, o, reason); err != nil {
				return err
			}
			event := opportunityEvent("opportunity.closed", o, map[string]any{"status": before.Status}, map[string]any{"status": o.Status, "reason": reason})
			if err := s.audit.RecordTx(ctx, tx, event); err != nil {
				return err
			}
		}
		closed, err = s.opportunity(ctx, tx, org, of)
		return err
	})
	return closed, err
}

func (s *Service) closeTx(ctx context.Context, tx database.Tx, org account.Organization, o volunteer.Opportunity, reason string) error {
	a, err := s.openAct(ctx, tx, org, "")
	if err != nil {
		return err
	}
	if err := endSeriesOf(ctx, tx, o.ID, a.now); err != nil {
		return err
	}
	if a.shifts, err = comingOf(ctx, tx, o.ID, a.now); err != nil {
		return err
	}
	if err := a.cancel(ctx, reason); err != nil {
		return err
	}
	if err := a.finish(ctx); err != nil {
		return err
	}
	return updateOpportunity(ctx, tx, o)
}

// shiftValues is what the record of changes says of a shift.
func shiftValues(s volunteer.Shift) map[string]any {
	return map[string]any{
		"opportunity_id": s.OpportunityID, "series_id": s.SeriesID, "detached": s.Detached, "title": s.Title, "meeting_point": s.MeetingPoint,
		"starts_local": s.StartsLocal.String(), "ends_local": s.EndsLocal.String(), "zone": s.Zone, "places": s.Places,
		"opens_before_hours": s.Window.OpensBeforeHours, "closes_before_minutes": s.Window.ClosesBeforeMinutes,
		"cancel_before_minutes": s.Window.CancelBeforeMinutes, "status": s.Status, "cancel_reason": s.CancelReason,
	}
}

func shiftEvent(action string, before, after volunteer.Shift) audit.Event {
	was, is := differing(shiftValues(before), shiftValues(after))
	return audit.Event{Action: action, SubjectType: "shift", SubjectID: after.ID.UUID, Before: was, After: is}
}
