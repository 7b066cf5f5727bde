package volunteering

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

const tag = "Volunteering"

// opportunityRoutes registers the operations on opportunities.
func (s *Service) opportunityRoutes(api *web.API) {
	op := func(id, method, path, summary string, p account.Permission) web.Op {
		return web.Op{ID: id, Method: method, Path: path, Summary: summary, Tag: tag, Permission: p}
	}
	web.Handle(api, op("list-opportunities", http.MethodGet, "/opportunities", "Volunteer work offered, newest first", account.VolunteersRead), s.opportunityPage)
	web.Handle(api, op("get-opportunity", http.MethodGet, "/opportunities/{id}", "One opportunity", account.VolunteersRead), s.getOpportunity)
	create := op("create-opportunity", http.MethodPost, "/opportunities", "Draft an opportunity", account.VolunteersManage)
	create.Status = http.StatusCreated
	web.Handle(api, create, s.createOpportunity)
	revise := op("revise-opportunity", http.MethodPatch, "/opportunities/{id}", "Change an opportunity", account.VolunteersManage)
	revise.Description = "Everything is sent: but for slug and zone, a field that is left out becomes what it would be in a new opportunity. version is the one last read: when somebody " +
		"else was faster, the answer is 409. Shifts keep their own times, places and windows."
	revise.Errors = []int{http.StatusConflict}
	web.Handle(api, revise, s.reviseOpportunity)
	web.Handle(api, op("publish-opportunity", http.MethodPost, "/opportunities/{id}/publish", "Let people find an opportunity", account.VolunteersManage), s.publishOpportunity)
	closing := op("close-opportunity", http.MethodPost, "/opportunities/{id}/close", "Take an opportunity off the public pages", account.VolunteersManage)
	closing.Description = "Its shifts to come are cancelled, and everybody on them is told why."
	closing.Errors = []int{http.StatusConflict}
	web.Handle(api, closing, s.closeOpportunity)
}

// PlaceFields is where to come.
type PlaceFields struct {
	Name         string   `json:"name,omitempty"`
	AddressLine1 string   `json:"address_line1,omitempty"`
	City         string   `json:"city,omitempty"`
	Region       string   `json:"region,omitempty"`
	PostalCode   string   `json:"postal_code,omitempty"`
	Country      string   `json:"country,omitempty" doc:"Two letters, ISO 3166-1."`
	Latitude     *float64 `json:"latitude,omitempty" doc:"In degrees; with longitude or not at all."`
	Longitude    *float64 `json:"longitude,omitempty"`
	Remote       bool     `json:"remote,omitempty" doc:"Done from anywhere."`
}

// WindowFields say when people may sign up for a shift and cancel, counted back from its start.
type WindowFields struct {
	OpensBeforeHours    *int `json:"opens_before_hours,omitempty" doc:"Left out: sign-up is open at once."`
	ClosesBeforeMinutes int  `json:"closes_before_minutes,omitempty" doc:"The sign-up cut-off; below zero: so long after the start."`
	CancelBeforeMinutes int  `json:"cancel_before_minutes,omitempty" doc:"Until when volunteers cancel by themselves."`
}

func (f WindowFields) window() volunteer.Window {
	return volunteer.Window{OpensBeforeHours: f.OpensBeforeHours, ClosesBeforeMinutes: f.ClosesBeforeMinutes, CancelBeforeMinutes: f.CancelBeforeMinutes}
}

// OpportunityFields is what staff write about an opportunity.
type OpportunityFields struct {
	Slug         string               `json:"slug,omitempty" doc:"Its address; made from the title when left out."`
	Title        string               `json:"title"`
	Role         string               `json:"role,omitempty" doc:"What one does, in a word or two."`
	Summary      string               `json:"summary"`
	Why          string               `json:"why,omitempty"`
	Description  string               `json:"description,omitempty" doc:"Markdown."`
	Kind         volunteer.Kind       `json:"kind" enum:"shifts,flexible"`
	Visibility   volunteer.Visibility `json:"visibility,omitempty" enum:"public,staff" default:"public" doc:"staff: only staff sign people up."`
	CauseID      *uuid.UUID           `json:"cause_id,omitempty" format:"uuid"`
	CampaignID   *uuid.UUID           `json:"campaign_id,omitempty" format:"uuid"`
	Place        PlaceFields          `json:"place,omitempty"`
	Directions   string               `json:"directions,omitempty" doc:"How to get there and where to report, for reminders."`
	Zone         string               `json:"zone,omitempty" doc:"IANA name: what the clocks of the place show. Left out: the organization's."`
	Skills       []string             `json:"skills,omitempty" maxItems:"30"`
	MinAge       int                  `json:"min_age,omitempty" doc:"In years; 0: any."`
	PartyMax     int                  `json:"party_max,omitempty" minimum:"0" maximum:"50" doc:"How many may come on one sign-up, whoever signs up included; left out: everybody signs up for themselves."`
	ContactName  string               `json:"contact_name,omitempty"`
	ContactEmail string               `json:"contact_email,omitempty"`
	ContactPhone string               `json:"contact_phone,omitempty"`
	WindowFields
	WaitlistMax  *int        `json:"waitlist_max,omitempty" doc:"How many may wait; left out: any number, 0: nobody."`
	OfferHours   int         `json:"offer_hours,omitempty" default:"12" doc:"How long a freed place is held for the first in line, at most."`
	StartsOn     day.Day     `json:"starts_on,omitempty" format:"date" doc:"Of flexible hours; left out: now."`
	EndsOn       day.Day     `json:"ends_on,omitempty" format:"date" doc:"Of flexible hours, inclusive; left out: open-ended."`
	HoursWanted  int         `json:"hours_wanted,omitempty" doc:"Of flexible hours; 0: any number."`
	Requirements []uuid.UUID `json:"requirements,omitempty" maxItems:"20" doc:"Kinds of credentials that it asks for."`
}

func (f OpportunityFields) details() volunteer.Details {
	p := f.Place
	return volunteer.Details{
		Slug: f.Slug, Title: f.Title, Role: f.Role, Summary: f.Summary, Why: f.Why, Description: f.Description, Kind: f.Kind, Visibility: f.Visibility,
		CauseID: f.CauseID, CampaignID: f.CampaignID,
		Place: volunteer.Place{
			Name: p.Name, AddressLine1: p.AddressLine1, City: p.City, Region: p.Region, PostalCode: p.PostalCode, Country: p.Country,
			Latitude: p.Latitude, Longitude: p.Longitude, Remote: p.Remote,
		},
		Directions: f.Directions, Zone: f.Zone, Skills: f.Skills, MinAge: f.MinAge, PartyMax: f.PartyMax, ContactName: f.ContactName, ContactEmail: f.ContactEmail,
		ContactPhone: f.ContactPhone, Window: f.window(), Waitlist: volunteer.Waitlist{WaitlistMax: f.WaitlistMax, OfferHours: f.OfferHours},
		StartsOn: f.StartsOn, EndsOn: f.EndsOn, HoursWanted: f.HoursWanted,
	}
}

// PlaceView is where to come.
type PlaceView struct {
	Name         string   `json:"name"`
	AddressLine1 string   `json:"address_line1"`
	City         string   `json:"city"`
	Region       string   `json:"region"`
	PostalCode   string   `json:"postal_code"`
	Country      string   `json:"country"`
	Latitude     *float64 `json:"latitude,omitempty"`
	Longitude    *float64 `json:"longitude,omitempty"`
	Remote       bool     `json:"remote"`
}

// RequirementView is a kind of credential that an opportunity asks for.
type RequirementView struct {
	KindID uuid.UUID `json:"kind_id" format:"uuid"`
	Name   string    `json:"name"`
}

// OpportunityView is an opportunity as staff see it.
type OpportunityView struct {
	ID                  uuid.UUID            `json:"id" format:"uuid"`
	Slug                string               `json:"slug"`
	Title               string               `json:"title"`
	Role                string               `json:"role"`
	Summary             string               `json:"summary"`
	Why                 string               `json:"why"`
	Description         string               `json:"description" doc:"Markdown."`
	Kind                volunteer.Kind       `json:"kind" enum:"shifts,flexible"`
	Status              volunteer.Status     `json:"status" enum:"draft,published,closed"`
	Visibility          volunteer.Visibility `json:"visibility" enum:"public,staff"`
	CauseID             *uuid.UUID           `json:"cause_id,omitempty" format:"uuid"`
	CampaignID          *uuid.UUID           `json:"campaign_id,omitempty" format:"uuid"`
	Place               PlaceView            `json:"place"`
	Directions          string               `json:"directions"`
	Zone                string               `json:"zone"`
	Skills              []string             `json:"skills"`
	MinAge              int                  `json:"min_age"`
	PartyMax            int                  `json:"party_max" doc:"How many may come on one sign-up; 1: everybody signs up for themselves."`
	ContactName         string               `json:"contact_name"`
	ContactEmail        string               `json:"contact_email"`
	ContactPhone        string               `json:"contact_phone"`
	OpensBeforeHours    *int                 `json:"opens_before_hours,omitempty"`
	ClosesBeforeMinutes int                  `json:"closes_before_minutes"`
	CancelBeforeMinutes int                  `json:"cancel_before_minutes"`
	WaitlistMax         *int                 `json:"waitlist_max,omitempty"`
	OfferHours          int                  `json:"offer_hours"`
	StartsOn            *day.Day             `json:"starts_on,omitempty" format:"date"`
	EndsOn              *day.Day             `json:"ends_on,omitempty" format:"date"`
	HoursWanted         int                  `json:"hours_wanted"`
	Requirements        []RequirementView    `json:"requirements"`
	PublicURL           string               `json:"public_url,omitempty" doc:"Where people find it, once it is published for everybody."`
	Version             int                  `json:"version" doc:"Send it back with a change."`
	CreatedAt           time.Time            `json:"created_at"`
}

func opportunityView(o OpportunityDetail) OpportunityView {
	p := o.Place
	v := OpportunityView{
		ID: o.ID.UUID, Slug: o.Slug, Title: o.Title, Role: o.Role, Summary: o.Summary, Why: o.Why, Description: o.Description, Kind: o.Kind, Status: o.Status,
		Visibility: o.Visibility, CauseID: o.CauseID, CampaignID: o.CampaignID,
		Place:      PlaceView{p.Name, p.AddressLine1, p.City, p.Region, p.PostalCode, p.Country, p.Latitude, p.Longitude, p.Remote},
		Directions: o.Directions, Zone: o.Zone, Skills: append([]string{}, o.Skills...), MinAge: o.MinAge, PartyMax: o.PartyMax, ContactName: o.ContactName, ContactEmail: o.ContactEmail,
		ContactPhone: o.ContactPhone, OpensBeforeHours: o.Window.OpensBeforeHours, ClosesBeforeMinutes: o.Window.ClosesBeforeMinutes,
		CancelBeforeMinutes: o.Window.CancelBeforeMinutes, WaitlistMax: o.Waitlist.WaitlistMax, OfferHours: o.Waitlist.OfferHours,
		StartsOn: dayOrNil(o.StartsOn), EndsOn: dayOrNil(o.EndsOn), HoursWanted: o.HoursWanted, Requirements: make([]RequirementView, len(o.Required)),
		PublicURL: o.PublicURL, Version: o.Version, CreatedAt: o.CreatedAt,
	}
	for i, q := range o.Required {
		v.Requirements[i] = RequirementView{q.KindID, q.Name}
	}
	return v
}

func dayOrNil(d day.Day) *day.Day {
	if d.IsZero() {
		return nil
	}
	return &d
}

type opportunityPageOutput struct {
	Body web.PageOf[OpportunityView]
}

func (s *Service) opportunityPage(ctx context.Context, in *struct {
	web.PageInput
	Status volunteer.Status `query:"status" enum:"draft,published,closed"`
	Search string           `query:"search" maxLength:"100" doc:"Part of the title or the role."`
}) (*opportunityPageOutput, error) {
	f := OpportunityFilter{Status: in.Status, Search: in.Search, Limit: in.Limit}
	var err error
	if f.Before, f.BeforeID, err = web.DecodeTimeCursor(in.Cursor, uuid.Parse); err != nil {
		return nil, err
	}
	page, more, err := s.ListOpportunities(ctx, f)
	if err != nil {
		return nil, err
	}
	cursor := func(o OpportunityDetail) string { return web.EncodeTimeCursor(o.CreatedAt, o.ID.String()) }
	return &opportunityPageOutput{web.PageBy(page, more, opportunityView, cursor)}, nil
}

// OpportunityPath names an opportunity. Exported, as huma leaves out what is embedded and is not.
type OpportunityPath struct {
	ID id.ID[volunteer.Opportunity] `path:"id" format:"uuid"`
}

type opportunityOutput struct{ Body OpportunityView }

func opportunityAnswer(o OpportunityDetail, err error) (*opportunityOutput, error) {
	if err != nil {
		return nil, err
	}
	return &opportunityOutput{opportunityView(o)}, nil
}

func (s *Service) getOpportunity(ctx context.Context, in *OpportunityPath) (*opportunityOutput, error) {
	return opportunityAnswer(s.FindOpportunity(ctx, in.ID))
}

func (s *Service) createOpportunity(ctx context.Context, in *struct{ Body OpportunityFields }) (*opportunityOutput, error) {
	return opportunityAnswer(s.CreateOpportunity(ctx, in.Body.details(), in.Body.Requirements))
}

func (s *Service) reviseOpportunity(ctx context.Context, in *struct {
	OpportunityPath
	Body struct {
		OpportunityFields
		Version int `json:"version" minimum:"1" doc:"The version you read."`
	}
}) (*opportunityOutput, error) {
	return opportunityAnswer(s.ReviseOpportunity(ctx, in.ID, in.Body.Version, in.Body.details(), in.Body.Requirements))
}

func (s *Service) publishOpportunity(ctx context.Context, in *OpportunityPath) (*opportunityOutput, error) {
	return opportunityAnswer(s.Publish(ctx, in.ID))
}

func (s *Service) closeOpportunity(ctx context.Context, in *struct {
	OpportunityPath
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"In the mail to everybody on its shifts to come."`
	}
}) (*opportunityOutput, error) {
	return opportunityAnswer(s.CloseOpportunity(ctx, in.ID, in.Body.Reason))
}
