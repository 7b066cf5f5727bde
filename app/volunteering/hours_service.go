package volunteering

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// Faults of entering hours.
var (
	errDayFull  = fault.Invalid("minutes", "hours.day_full", "With what is recorded for this day already, it would be more than 24 hours.")
	errTotalsBy = fault.Invalid("by", "hours.totals_by", "Choose opportunity, role or month.")
)

// HoursInput is an entry of hours by hand.
type HoursInput struct {
	OpportunityID id.ID[volunteer.Opportunity]
	On            day.Day
	Minutes       int
	People        int // 0: one
	Note          string
}

const (
	sameEntry   = 10 * time.Minute     // an equal entry within it is the same one, sent twice
	choosesFrom = 183 * 24 * time.Hour // how long ago somebody may have helped with what they enter hours for
)

// LogHoursSelf records time that the supporter who asks says they gave. Staff decide whether it counts.
func (s *Service) LogHoursSelf(ctx context.Context, in HoursInput) (HoursLine, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return HoursLine{}, err
	}
	return s.logHours(ctx, who, in, volunteer.BySelf)
}

// LogHours records time that staff say a person gave. It counts once it is approved.
func (s *Service) LogHours(ctx context.Context, who uuid.UUID, in HoursInput) (HoursLine, error) {
	return s.logHours(ctx, who, in, volunteer.ByStaffHand)
}

func (s *Service) logHours(ctx context.Context, who uuid.UUID, in HoursInput, by volunteer.HoursSource) (line HoursLine, err error) {
	org, now := actor.From(ctx).OrgID, s.now()
	err = s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		if err := livingPerson(ctx, tx, who); err != nil {
			return err
		}
		if _, err := lockVolunteers(ctx, tx, org, []uuid.UUID{who}, now); err != nil {
			return err
		}
		o, err := opportunityForHours(ctx, tx, in.OpportunityID, who, by)
		if err != nil {
			return err
		}
		h, err := volunteer.NewHours(o, who, volunteer.HoursDetails{On: in.On, Minutes: in.Minutes, People: in.People, Note: in.Note, Source: by}, day.In(now, o.Location()), now)
		if err != nil {
			return err
		}
		before, err := fitsDay(ctx, tx, h)
		if err != nil {
			return err
		}
		if before != nil {
			h = *before
		} else if err := s.keepHoursTx(ctx, tx, []volunteer.Hours{h}, now); err != nil {
			return err
		}
		line, err = hoursLine(ctx, tx, h.ID)
		return err
	})
	return line, err
}

// opportunityForHours is the opportunity for which hours are entered. Staff may enter them for any; volunteers for what is published to
// everybody, and for what they signed up for.
func opportunityForHours(ctx context.Context, r database.Reader, of id.ID[volunteer.Opportunity], who uuid.UUID, by volunteer.HoursSource) (volunteer.Opportunity, error) {
	offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{of})
	if err != nil {
		return volunteer.Opportunity{}, err
	}
	found, known := offers[of]
	o := found.Opportunity
	switch {
	case !known:
		return o, volunteer.ErrOpportunity
	case by != volunteer.BySelf || o.Status == volunteer.Published && o.Visibility == volunteer.ForEverybody:
		return o, nil
	}
	helps, err := hasSignedUp(ctx, r, who, of)
	if err != nil {
		return o, err
	}
	if !helps || o.Status == volunteer.Draft {
		return o, volunteer.ErrOpportunity
	}
	return o, nil
}

// fitsDay checks fresh hours against what is recorded for the same day: nobody gives more than a day has, and what a check-in recorded is not
// entered again. It returns the entry that the same form made a moment ago, if there is one.
func fitsDay(ctx context.Context, r database.Reader, h volunteer.Hours) (*volunteer.Hours, error) {
	recorded, err := hoursOn(ctx, r, h.PersonID, h.On)
	if err != nil {
		return nil, err
	}
	all := h.Minutes
	for _, other := range recorded {
		all += other.Minutes
		same := other.OpportunityID == h.OpportunityID
		switch {
		case same && other.Source == h.Source && other.Minutes == h.Minutes && other.People == h.People && other.Note == h.Note && h.CreatedAt.Sub(other.CreatedAt) < sameEntry:
			return &other, nil
		case same && other.Source == volunteer.ByCheckIn && h.Source == volunteer.BySelf:
			return nil, volunteer.ErrHoursTwice
		}
	}
	if all > 24*60 {
		return nil, errDayFull
	}
	return nil, nil
}

// keepHoursTx stores fresh hours and records them.
func (s *Service) keepHoursTx(ctx context.Context, tx database.Tx, hours []volunteer.Hours, at time.Time) error {
	if len(hours) == 0 {
		return nil
	}
	if err := insertHours(ctx, tx, hours); err != nil {
		return err
	}
	var helped []uuid.UUID
	for _, h := range hours {
		if h.Source == volunteer.ByCheckIn {
			helped = append(helped, h.PersonID)
		}
		err := s.audit.RecordTx(ctx, tx, audit.Event{Action: "hours.recorded", SubjectType: "volunteer_hours", SubjectID: h.ID.UUID, After: map[string]any{
			"person_id": h.PersonID, "opportunity_id": h.OpportunityID, "on": h.On, "minutes": h.Minutes, "people": h.People, "source": h.Source, "assumed": h.Assumed,
		}})
		if err != nil {
			return err
		}
	}
	return hasHelped(ctx, tx, helped, at)
}

// dropHoursTx takes the hours of a check-out back. What staff decided stays: volunteer.ErrDecided.
func (s *Service) dropHoursTx(ctx context.Context, tx database.Tx, of id.ID[volunteer.SignUp]) error {
	hours, err := lockHoursOf(ctx, tx, of)
	if err != nil || len(hours) == 0 {
		return err
	}
	h := hours[0]
	if h.Status != volunteer.Pending {
		return volunteer.ErrDecided
	}
	if err := deleteHours(ctx, tx, h); err != nil {
		return err
	}
	return s.audit.RecordTx(ctx, tx, audit.Event{Action: "hours.taken_back", SubjectType: "volunteer_hours", SubjectID: h.ID.UUID, Before: map[string]any{
		"person_id": h.PersonID, "on": h.On, "minutes": h.Minutes,
	}})
}

// hoursLine reads hours with the names a list shows.
func hoursLine(ctx context.Context, r database.Reader, of id.ID[volunteer.Hours]) (HoursLine, error) {
	lines, err := listHours(ctx, r, HoursFilter{ids: []id.ID[volunteer.Hours]{of}})
	if err != nil {
		return HoursLine{}, err
	}
	if len(lines) == 0 {
		return HoursLine{}, volunteer.ErrHours
	}
	return lines[0], nil
}

// PersonName is how the person is called.
func (l HoursLine) PersonName() string {
	return person.Person{FirstName: l.FirstName, LastName: l.LastName, Email: l.Email}.DisplayName()
}

// ListHours returns up to Limit entries of hours that the filter matches, the newest first, and whether there are more.
func (s *Service) ListHours(ctx context.Context, f HoursFilter) (lines []HoursLine, more bool, err error) {
	if err := f.check(); err != nil {
		return nil, false, err
	}
	limit := f.Limit
	f.Limit++
	err = s.db.ReadReplica(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		lines, err = listHours(ctx, r, f)
		return err
	})
	if len(lines) > limit {
		return lines[:limit], true, err
	}
	return lines, false, err
}

// MyHours is ListHours of the supporter who asks.
func (s *Service) MyHours(ctx context.Context, f HoursFilter) ([]HoursLine, bool, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return nil, false, err
	}
	f.PersonID = who
	return s.ListHours(ctx, f)
}

// MyHoursChoices lists what the supporter who asks may enter hours for.
func (s *Service) MyHoursChoices(ctx context.Context) (all []HoursChoice, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		all, err = hoursChoices(ctx, r, who, s.now().Add(-choosesFrom))
		return err
	})
	return all, err
}

// HoursExported records that somebody takes a copy of hours out, and of which.
func (s *Service) HoursExported(ctx context.Context, f HoursFilter) error {
	if err := f.check(); err != nil {
		return err
	}
	org := actor.From(ctx).OrgID
	return s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "hours.exported", SubjectType: "organization", SubjectID: org, After: map[string]any{
			"status": f.Status, "person_id": f.PersonID, "opportunity_id": f.OpportunityID, "from": f.From, "to": f.To,
		}})
	})
}

// ExportHours yields all hours that the filter matches, the newest first.
func (s *Service) ExportHours(ctx context.Context, f HoursFilter) iter.Seq2[HoursLine, error] {
	f.Limit = 1000
	return database.Pages(func(after *HoursLine) ([]HoursLine, bool, error) {
		page := f
		if after != nil {
			page.Before, page.BeforeID = after.CreatedAt, after.ID.UUID
		}
		return s.ListHours(ctx, page)
	})
}

// HoursTotals is approved time, added up.
type HoursTotals struct {
	Groups []Total
	Whole  Total
}

// Totals adds approved hours up by opportunity, role or month, between two dates, both inclusive; a zero date is no limit.
func (s *Service) Totals(ctx context.Context, by string, from, to day.Day) (t HoursTotals, err error) {
	g, known := groupings[by]
	if !known {
		return t, errTotalsBy
	}
	if err := checkPeriod(from, to); err != nil {
		return t, err
	}
	err = s.db.ReadReplica(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		t.Groups, t.Whole, err = totalHours(ctx, r, g, from, to)
		return err
	})
	return t, err
}
