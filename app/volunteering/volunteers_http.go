package volunteering

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

const volunteeringTag = "Volunteering"

func (s *Service) volunteerRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-volunteers", Method: http.MethodGet, Path: "/volunteers", Summary: "List volunteers, the newest first", Tag: volunteeringTag,
		Permission: account.VolunteersRead,
	}, s.listVolunteersOp)
	web.Handle(api, web.Op{
		ID: "get-volunteer", Method: http.MethodGet, Path: "/people/{id}/volunteer", Summary: "Read a person as a volunteer", Tag: volunteeringTag,
		Description: "Of somebody of whom nothing is known as a volunteer, version is 0 and everything is empty.",
		Permission:  account.VolunteersRead,
	}, s.getVolunteer)
	web.Handle(api, web.Op{
		ID: "change-volunteer", Method: http.MethodPatch, Path: "/people/{id}/volunteer", Summary: "Change what is known of a volunteer", Tag: volunteeringTag,
		Description: "Fields that are left out stay. Send the version you read; when someone else changed it meanwhile the answer is 409 volunteering.changed.",
		Permission:  account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.changeVolunteer)
	web.Handle(api, web.Op{
		ID: "forgive-no-shows", Method: http.MethodPost, Path: "/people/{id}/volunteer/forgive-no-shows", Tag: volunteeringTag,
		Summary: "Let a volunteer sign up again after no-shows", Permission: account.VolunteersManage, Errors: []int{http.StatusConflict},
	}, s.forgiveNoShows)
	web.Handle(api, web.Op{
		ID: "list-person-sign-ups", Method: http.MethodGet, Path: "/people/{id}/sign-ups", Tag: volunteeringTag,
		Summary: "List the shifts a person signed up for, the newest sign-up first", Permission: account.VolunteersRead,
	}, s.listPersonSignUps)
}

// volunteerView is a person as a volunteer.
type volunteerView struct {
	PersonID        uuid.UUID        `json:"person_id"`
	Name            string           `json:"name" doc:"Else the e-mail address."`
	Email           string           `json:"email" doc:"Empty when unknown."`
	Phone           string           `json:"phone"`
	DoNotContact    bool             `json:"do_not_contact"`
	Status          string           `json:"status" enum:"prospective,active,inactive"`
	Skills          []string         `json:"skills"`
	Interests       []string         `json:"interests"`
	Availability    int32            `json:"availability" doc:"A bit per weekday, Monday first, and part of the day (morning, afternoon, evening, night); 0: they have not said."`
	BirthDate       *string          `json:"birth_date" format:"date"`
	Latitude        *float64         `json:"latitude" doc:"Where they set out, to about a kilometre."`
	Longitude       *float64         `json:"longitude"`
	Notes           string           `json:"notes" doc:"Of staff; the volunteer never sees them."`
	Reminders       bool             `json:"reminders"`
	CanBeAsked      bool             `json:"can_be_asked" doc:"May be asked to cover a shift."`
	NoShows         int              `json:"no_shows" doc:"Missed shifts that count towards being locked out."`
	LockedOut       bool             `json:"locked_out"`
	ApprovedMinutes int              `json:"approved_minutes"`
	MinutesThisYear int              `json:"minutes_this_year" doc:"Approved, of the calendar year."`
	Upcoming        int              `json:"upcoming" doc:"Shifts to come in which they have a place."`
	Came            int              `json:"came"`
	Missed          int              `json:"missed"`
	FirstOn         *string          `json:"first_on" format:"date"`
	LastOn          *string          `json:"last_on" format:"date"`
	CheckInCode     string           `json:"check_in_code" doc:"What their QR code says; empty while nothing is known of them."`
	Credentials     []credentialView `json:"credentials"`
	Version         int              `json:"version" doc:"0: nothing is known yet."`
}

func viewOfVolunteer(v Volunteer) volunteerView {
	p, sum := v.Profile, v.Summary
	view := volunteerView{
		PersonID: p.PersonID, Name: v.Person.DisplayName(), Email: v.Person.EmailAddress(), Phone: v.Person.Phone, DoNotContact: v.Person.DoNotContact,
		Status: string(p.Status), Skills: written(p.Skills), Interests: written(p.Interests), Availability: int32(p.Availability),
		BirthDate: writtenDay(bornOn(p)), Latitude: p.Latitude, Longitude: p.Longitude, Notes: p.Notes, Reminders: p.Reminders, CanBeAsked: p.CanBeAsked,
		NoShows: sum.NoShows, LockedOut: sum.LockedOut(), ApprovedMinutes: sum.Minutes, MinutesThisYear: sum.MinutesThisYear, Upcoming: sum.Upcoming,
		Came: sum.Came, Missed: sum.Missed, FirstOn: writtenDay(sum.FirstOn), LastOn: writtenDay(sum.LastOn), CheckInCode: p.CheckInCode,
		Credentials: []credentialView{}, Version: p.Version,
	}
	for _, h := range v.Credentials {
		view.Credentials = append(view.Credentials, viewOfCredential(h))
	}
	return view
}

// written are words for the wire, where a list is never null.
func written(words volunteer.Words) []string { return append([]string{}, words...) }

// writtenDay is a date for the wire; null when there is none.
func writtenDay(d day.Day) *string {
	if d.IsZero() {
		return nil
	}
	return new(d.String())
}

type volunteerOutput struct{ Body volunteerView }

func answerVolunteer(v Volunteer, err error) (*volunteerOutput, error) {
	if err != nil {
		return nil, err
	}
	return &volunteerOutput{viewOfVolunteer(v)}, nil
}

type listVolunteersInput struct {
	web.PageInput
	Search string `query:"search" maxLength:"100" doc:"Words of the name or e-mail address, at least two characters; every word must match."`
	Skill  string `query:"skill" maxLength:"60"`
	Status string `query:"status" enum:"prospective,active,inactive"`
}

type volunteerPageOutput struct {
	Body web.PageOf[volunteerView]
}

func (s *Service) listVolunteersOp(ctx context.Context, in *listVolunteersInput) (*volunteerPageOutput, error) {
	at, last, err := web.DecodeTimeCursor(in.Cursor, uuid.Parse)
	if err != nil {
		return nil, err
	}
	found, more, err := s.ListVolunteers(ctx, VolunteerFilter{
		Search: in.Search, Skill: in.Skill, Status: volunteer.ProfileStatus(in.Status), Before: at, BeforeID: last, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &volunteerPageOutput{web.PageBy(found, more, viewOfVolunteer, func(v Volunteer) string {
		return web.EncodeTimeCursor(v.Profile.CreatedAt, v.Profile.PersonID.String())
	})}, nil
}

// VolunteerPath names a person. It is exported because huma passes over embedded structs that are not.
type VolunteerPath struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

func (s *Service) getVolunteer(ctx context.Context, in *VolunteerPath) (*volunteerOutput, error) {
	return answerVolunteer(s.FindVolunteer(ctx, in.ID))
}

type changeVolunteerInput struct {
	VolunteerPath
	Body struct {
		Version      int       `json:"version" minimum:"0" doc:"The version you read; 0 when nothing was known."`
		Status       *string   `json:"status,omitempty" enum:"prospective,active,inactive"`
		Skills       *[]string `json:"skills,omitempty" maxItems:"60"`
		Interests    *[]string `json:"interests,omitempty" maxItems:"60"`
		Availability *int32    `json:"availability,omitempty" minimum:"0"`
		BirthDate    *string   `json:"birth_date,omitempty" doc:"A date such as 2001-04-30; empty takes it away."`
		Latitude     *float64  `json:"latitude,omitempty" doc:"Together with longitude."`
		Longitude    *float64  `json:"longitude,omitempty"`
		NoPlace      bool      `json:"no_place,omitempty" doc:"Takes latitude and longitude away."`
		Notes        *string   `json:"notes,omitempty" maxLength:"5000"`
		Reminders    *bool     `json:"reminders,omitempty"`
		CanBeAsked   *bool     `json:"can_be_asked,omitempty"`
	}
}

func (s *Service) changeVolunteer(ctx context.Context, in *changeVolunteerInput) (*volunteerOutput, error) {
	b := in.Body
	patch := volunteer.ProfilePatch{
		Status: (*volunteer.ProfileStatus)(b.Status), Skills: b.Skills, Interests: b.Interests, Availability: (*volunteer.Availability)(b.Availability),
		NoPlace: b.NoPlace, Notes: b.Notes, Reminders: b.Reminders, CanBeAsked: b.CanBeAsked,
	}
	if b.BirthDate != nil {
		born, err := readDay("birth_date", *b.BirthDate)
		if err != nil {
			return nil, err
		}
		patch.BirthDate = &born
	}
	if err := volunteer.CheckCoordinates(b.Latitude, b.Longitude); err != nil {
		return nil, err
	}
	if b.Latitude != nil {
		patch.Coordinates = &[2]float64{*b.Latitude, *b.Longitude}
	}
	return answerVolunteer(s.PatchVolunteer(ctx, in.ID, b.Version, patch))
}

// readDay reads a date of the wire; empty is none.
func readDay(field, typed string) (day.Day, error) {
	if typed == "" {
		return day.Day{}, nil
	}
	d, err := day.Parse(typed)
	if err != nil {
		return day.Day{}, fault.Invalid(field, "date.invalid", "Write a date such as 2026-11-22.")
	}
	return d, nil
}

func (s *Service) forgiveNoShows(ctx context.Context, in *VolunteerPath) (*volunteerOutput, error) {
	return answerVolunteer(s.ForgiveNoShows(ctx, in.ID))
}

// personSignUpView is a sign-up in the list of a person's.
type personSignUpView struct {
	ID               uuid.UUID      `json:"id"`
	ShiftID          uuid.UUID      `json:"shift_id"`
	OpportunityID    uuid.UUID      `json:"opportunity_id"`
	OpportunityTitle string         `json:"opportunity_title"`
	Role             string         `json:"role"`
	ShiftTitle       string         `json:"shift_title"`
	ShiftCancelled   bool           `json:"shift_cancelled"`
	StartsLocal      volunteer.Wall `json:"starts_local" doc:"What the clock at the place shows, such as 2026-11-22T09:00."`
	EndsLocal        volunteer.Wall `json:"ends_local"`
	Zone             string         `json:"zone"`
	StartsAt         time.Time      `json:"starts_at"`
	EndsAt           time.Time      `json:"ends_at"`
	Status           string         `json:"status" enum:"held,confirmed,offered,in,done,waiting,no_show,cancelled,lapsed"`
	Source           string         `json:"source" enum:"public,staff,walk_in,swap,cover"`
	Party            int            `json:"party" doc:"How many come, the person included."`
	HoldUntil        *time.Time     `json:"hold_until"`
	Overrides        []string       `json:"overrides" doc:"Rules that staff overruled."`
	OverrideNote     string         `json:"override_note"`
	CheckedInAt      *time.Time     `json:"checked_in_at"`
	CheckedOutAt     *time.Time     `json:"checked_out_at"`
	NoShowNote       string         `json:"no_show_note"`
	EndReason        string         `json:"end_reason"`
	CreatedAt        time.Time      `json:"created_at"`
}

type personSignUpsOutput struct {
	Body web.PageOf[personSignUpView]
}

func (s *Service) listPersonSignUps(ctx context.Context, in *struct {
	VolunteerPath
	web.PageInput
}) (*personSignUpsOutput, error) {
	at, last, err := web.DecodeTimeCursor(in.Cursor, id.Parse[volunteer.SignUp])
	if err != nil {
		return nil, err
	}
	places, more, err := s.PlacesOf(ctx, in.ID, PlacePosition{at, last}, in.Limit)
	if err != nil {
		return nil, err
	}
	return &personSignUpsOutput{web.PageBy(places, more, viewOfPlace, func(u PersonSignUp) string { return web.EncodeTimeCursor(u.CreatedAt, u.ID.String()) })}, nil
}

func viewOfPlace(u PersonSignUp) personSignUpView {
	return personSignUpView{
		ID: u.ID.UUID, ShiftID: u.ShiftID.UUID, OpportunityID: u.OpportunityID.UUID, OpportunityTitle: u.OpportunityTitle, Role: u.Role,
		ShiftTitle: u.ShiftTitle, ShiftCancelled: u.ShiftStatus == volunteer.Cancelled, StartsLocal: u.StartsLocal, EndsLocal: u.EndsLocal, Zone: u.Zone,
		StartsAt: u.StartsAt, EndsAt: u.EndsAt, Status: string(u.Status), Source: string(u.Source), Party: u.Party, HoldUntil: u.HoldUntil, Overrides: written(u.Overrides),
		OverrideNote: u.OverrideNote, CheckedInAt: u.CheckedInAt, CheckedOutAt: u.CheckedOutAt, NoShowNote: u.NoShowNote, EndReason: u.EndReason,
		CreatedAt: u.CreatedAt,
	}
}
