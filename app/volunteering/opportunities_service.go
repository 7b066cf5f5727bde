package volunteering

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// mostRequirements is how many credentials one opportunity asks for.
const mostRequirements = 20

var (
	errRequirementUnknown = fault.Invalid("requirements", "opportunity.requirement_unknown", "One of these requirements does not exist.")
	errRequirementsMany   = fault.Invalid("requirements", "opportunity.too_many_requirements", "Ask for at most 20 credentials.")
	errCauseUnknown       = fault.Invalid("cause_id", "opportunity.cause_unknown", "There is no such cause.")
	errCampaignUnknown    = fault.Invalid("campaign_id", "opportunity.campaign_unknown", "There is no such campaign.")
)

// OpportunityDetail is an opportunity with what it asks for and where people find it.
type OpportunityDetail struct {
	volunteer.Opportunity
	Required  []volunteer.Requirement
	PublicURL string // empty while the public does not see it
}

// OpportunityFilter says which opportunities to list, the newest first.
type OpportunityFilter struct {
	Status   volunteer.Status // empty: all
	Search   string           // part of the title or the role
	Before   time.Time        // with BeforeID the last row seen; zero: from the newest
	BeforeID uuid.UUID
	Limit    int
}

// ListOpportunities returns a page of the opportunities of the actor's organization, and whether there are more.
func (s *Service) ListOpportunities(ctx context.Context, f OpportunityFilter) (page []OpportunityDetail, more bool, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, false, err
	}
	asked := f.Limit
	f.Limit++
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		rows, err := listOpportunities(ctx, r, f)
		if err != nil {
			return err
		}
		if more = len(rows) > asked; more {
			rows = rows[:asked]
		}
		of := make([]id.ID[volunteer.Opportunity], len(rows))
		for i, o := range rows {
			of[i] = o.ID
		}
		required, err := requirementsOf(ctx, r, of)
		if err != nil {
			return err
		}
		page = make([]OpportunityDetail, len(rows))
		for i, o := range rows {
			page[i] = s.detailOf(org, o, required[o.ID])
		}
		return nil
	})
	return page, more, err
}

// FindOpportunity returns one opportunity of the actor's organization.
func (s *Service) FindOpportunity(ctx context.Context, of id.ID[volunteer.Opportunity]) (found OpportunityDetail, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return found, err
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		found, err = s.opportunity(ctx, r, org, of)
		return err
	})
	return found, err
}

func (s *Service) opportunity(ctx context.Context, r database.Reader, org account.Organization, of id.ID[volunteer.Opportunity]) (OpportunityDetail, error) {
	offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{of})
	if err != nil {
		return OpportunityDetail{}, err
	}
	o, ok := offers[of]
	if !ok {
		return OpportunityDetail{}, volunteer.ErrOpportunity
	}
	return s.detailOf(org, o.Opportunity, o.Required), nil
}

func (s *Service) detailOf(org account.Organization, o volunteer.Opportunity, required []volunteer.Requirement) OpportunityDetail {
	d := OpportunityDetail{Opportunity: o, Required: required}
	if o.Status == volunteer.Published && o.Visibility == volunteer.ForEverybody {
		d.PublicURL = s.opportunityURL(org, o.Slug)
	}
	return d
}

// CreateOpportunity drafts one; required are the kinds of credentials that it asks for.
func (s *Service) CreateOpportunity(ctx context.Context, d volunteer.Details, required []uuid.UUID) (made OpportunityDetail, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return made, err
	}
	required, errRequired := tidyRequirements(required)
	o, err := volunteer.NewOpportunity(org, d, s.moment())
	if err := fault.Join(err, errRequired); err != nil {
		return made, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if err := insertOpportunity(ctx, tx, o); err != nil {
			return err
		}
		if err := replaceRequirements(ctx, tx, o, required); err != nil {
			return err
		}
		_, after := differing(nil, opportunityValues(o, required))
		if err := s.audit.RecordTx(ctx, tx, opportunityEvent("opportunity.created", o, nil, after)); err != nil {
			return err
		}
		made, err = s.opportunity(ctx, tx, org, o.ID)
		return err
	})
	return made, err
}

// ReviseOpportunity replaces what an opportunity says and asks for, if nobody else changed it since the given version. An empty slug or zone
// stays as it is, and so does whoever is signed up; when the place is another, they are told.
func (s *Service) ReviseOpportunity(
	ctx context.Context, of id.ID[volunteer.Opportunity], version int, d volunteer.Details, required []uuid.UUID,
) (OpportunityDetail, error) {
	required, err := tidyRequirements(required)
	if err != nil {
		return OpportunityDetail{}, err
	}
	return s.changeOpportunity(ctx, of, "opportunity.revised", func(tx database.Tx, o *volunteer.Opportunity) ([]uuid.UUID, error) {
		if d.Slug == "" {
			d.Slug = o.Slug
		}
		if d.Zone == "" {
			d.Zone = o.Zone
		}
		before := *o
		if err := o.Revise(d, version, s.moment()); err != nil {
			return nil, err
		}
		if err := s.tellPlaceTx(ctx, tx, before, *o); err != nil {
			return nil, err
		}
		return required, replaceRequirements(ctx, tx, *o, required)
	})
}

// tellPlaceTx has everybody on the shifts to come told when the place is another.
func (s *Service) tellPlaceTx(ctx context.Context, tx database.Tx, before, after volunteer.Opportunity) error {
	was, is := placeWords(before.Place), placeWords(after.Place)
	if was == is {
		return nil
	}
	items, err := concernedByPlace(ctx, tx, after, s.moment())
	if err != nil {
		return err
	}
	for i := range items {
		items[i].Differences = []volunteer.Difference{{Field: "place", Before: was, After: is}}
	}
	return s.noticeTx(ctx, tx, after.OrgID, "", items)
}

// Publish lets people find an opportunity.
func (s *Service) Publish(ctx context.Context, of id.ID[volunteer.Opportunity]) (OpportunityDetail, error) {
	return s.changeOpportunity(ctx, of, "opportunity.published", func(_ database.Tx, o *volunteer.Opportunity) ([]uuid.UUID, error) {
		return nil, o.Publish(s.moment())
	})
}

// changeOpportunity locks an opportunity of the actor's organization, applies a rule to it, and saves and records what came of it. The rule
// returns what the opportunity asks for when that is new, else nil.
func (s *Service) changeOpportunity(
	ctx context.Context, of id.ID[volunteer.Opportunity], action string, rule func(database.Tx, *volunteer.Opportunity) ([]uuid.UUID, error),
) (changed OpportunityDetail, err error) {
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return changed, err
	}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		o, err := lockOpportunity(ctx, tx, of, "NO KEY UPDATE")
		if err != nil {
			return err
		}
		asked, err := requirementsOf(ctx, tx, []id.ID[volunteer.Opportunity]{of})
		if err != nil {
			return err
		}
		before := opportunityValues(o, kindsOf(asked[of]))
		required, err := rule(tx, &o)
		if err != nil {
			return err
		}
		if required == nil {
			required = kindsOf(asked[of])
		}
		if was, is := differing(before, opportunityValues(o, required)); len(is) > 0 {
			if err := updateOpportunity(ctx, tx, o); err != nil {
				return err
			}
			if err := s.audit.RecordTx(ctx, tx, opportunityEvent(action, o, was, is)); err != nil {
				return err
			}
		}
		changed, err = s.opportunity(ctx, tx, org, of)
		return err
	})
	return changed, err
}

// moment is now, as exactly as the database keeps it.
func (s *Service) moment() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// tidyRequirements names each kind once, and refuses too many.
func tidyRequirements(kinds []uuid.UUID) ([]uuid.UUID, error) {
	tidy := eachOnce(kinds)
	if len(tidy) > mostRequirements {
		return nil, errRequirementsMany
	}
	return tidy, nil
}

// eachOnce sorts ids and names each once. It never returns nil.
func eachOnce(ids []uuid.UUID) []uuid.UUID {
	sorted := slices.SortedFunc(slices.Values(ids), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return append([]uuid.UUID{}, slices.Compact(sorted)...)
}

func kindsOf(required []volunteer.Requirement) []uuid.UUID {
	kinds := make([]uuid.UUID, len(required))
	for i, q := range required {
		kinds[i] = q.KindID
	}
	return eachOnce(kinds)
}

func opportunityEvent(action string, o volunteer.Opportunity, before, after map[string]any) audit.Event {
	event := audit.Event{Action: action, SubjectType: "opportunity", SubjectID: o.ID.UUID, After: after}
	if before != nil {
		event.Before = before
	}
	return event
}

// opportunityValues is what the record of changes says of an opportunity.
func opportunityValues(o volunteer.Opportunity, required []uuid.UUID) map[string]any {
	return map[string]any{
		"slug": o.Slug, "title": o.Title, "role": o.Role, "summary": o.Summary, "why": o.Why, "description": o.Description, "kind": o.Kind,
		"status": o.Status, "visibility": o.Visibility, "cause_id": o.CauseID, "campaign_id": o.CampaignID, "place": o.Place,
		"directions": o.Directions, "zone": o.Zone, "skills": o.Skills, "min_age": o.MinAge, "party_max": o.PartyMax, "contact_name": o.ContactName,
		"contact_email": o.ContactEmail, "contact_phone": o.ContactPhone, "opens_before_hours": o.Window.OpensBeforeHours,
		"closes_before_minutes": o.Window.ClosesBeforeMinutes, "cancel_before_minutes": o.Window.CancelBeforeMinutes,
		"waitlist_max": o.Waitlist.WaitlistMax, "offer_hours": o.Waitlist.OfferHours, "starts_on": o.StartsOn.String(), "ends_on": o.EndsOn.String(),
		"hours_wanted": o.HoursWanted, "requirements": required,
	}
}

// differing keeps what two sides do not agree on; of nothing before, what is not empty now.
func differing(before, after map[string]any) (was, is map[string]any) {
	is = map[string]any{}
	if before != nil {
		was = map[string]any{}
	}
	for field, value := range after {
		switch v := reflect.ValueOf(value); {
		case before == nil && (v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0):
		case before == nil:
			is[field] = value
		case !reflect.DeepEqual(before[field], value):
			was[field], is[field] = before[field], value
		}
	}
	return was, is
}
