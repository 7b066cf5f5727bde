package reporting

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/person"
)

func (s *Service) volunteerRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "volunteers-today", Method: http.MethodGet, Path: "/today/volunteers", Summary: "What to do about volunteers", Tag: "Reports", Permission: account.VolunteersRead,
	}, s.showVolunteersToday)
	web.Handle(api, web.Op{
		ID: "person-time", Method: http.MethodGet, Path: "/people/{id}/time", Summary: "Sums of the time a person gave", Tag: "People", Permission: account.VolunteersRead,
	}, s.showTime)
}

type unfilledShiftView struct {
	ID            string    `json:"id"`
	OpportunityID string    `json:"opportunity_id"`
	Title         string    `json:"title"`
	StartsAt      time.Time `json:"starts_at"`
	Zone          string    `json:"zone" doc:"Of the place: an IANA name"`
	Places        int       `json:"places"`
	Free          int       `json:"free"`
}

type expiringCredentialView struct {
	PersonID  string  `json:"person_id"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	ExpiresOn day.Day `json:"expires_on" format:"date" doc:"The last day on which it holds"`
}

type volunteersTodayOutput struct {
	Body struct {
		HoursToApprove int                      `json:"hours_to_approve" doc:"Entries; at most 100"`
		HelpOffers     int                      `json:"help_offers" doc:"People whose offer of help nobody answered; at most 100"`
		Unfilled       []unfilledShiftView      `json:"unfilled" doc:"Shifts of the next seven days that lack people, the soonest first"`
		Expiring       []expiringCredentialView `json:"expiring" doc:"Credentials that end soon, or did"`
	}
}

func (s *Service) showVolunteersToday(ctx context.Context, _ *web.Empty) (*volunteersTodayOutput, error) {
	v, err := s.VolunteersToday(ctx)
	if err != nil {
		return nil, err
	}
	out := &volunteersTodayOutput{}
	out.Body.HoursToApprove, out.Body.HelpOffers = v.HoursToApprove, v.HelpOffers
	out.Body.Unfilled, out.Body.Expiring = make([]unfilledShiftView, len(v.Unfilled)), make([]expiringCredentialView, len(v.Expiring))
	for i, u := range v.Unfilled {
		out.Body.Unfilled[i] = unfilledShiftView{u.ID.String(), u.OpportunityID.String(), u.Title, u.StartsAt, u.Zone, u.Places, u.Free}
	}
	for i, c := range v.Expiring {
		out.Body.Expiring[i] = expiringCredentialView{c.PersonID.String(), strings.TrimSpace(c.FirstName + " " + c.LastName), c.Kind, c.ExpiresOn}
	}
	return out, nil
}

type personTimeOutput struct {
	Body struct {
		Minutes     int    `json:"minutes" doc:"Approved, ever"`
		YearMinutes int    `json:"year_minutes" doc:"Approved, of this calendar year"`
		Pending     int    `json:"pending_minutes" doc:"Not decided yet"`
		FirstOn     string `json:"first_on,omitempty" format:"date"`
		LastOn      string `json:"last_on,omitempty" format:"date"`
		Came        int    `json:"came" doc:"Shifts"`
		NoShows     int    `json:"no_shows"`
		Upcoming    int    `json:"upcoming" doc:"Shifts to come"`
	}
}

func (s *Service) showTime(ctx context.Context, in *ByID) (*personTimeOutput, error) {
	who, err := in.uuid(person.ErrNotFound)
	if err != nil {
		return nil, err
	}
	g, err := s.TimeOf(ctx, who)
	if err != nil {
		return nil, err
	}
	out := &personTimeOutput{}
	out.Body.Minutes, out.Body.YearMinutes, out.Body.Pending = g.Minutes, g.YearMinutes, g.Pending
	out.Body.Came, out.Body.NoShows, out.Body.Upcoming = g.Came, g.NoShows, g.Upcoming
	if !g.FirstOn.IsZero() {
		out.Body.FirstOn, out.Body.LastOn = g.FirstOn.String(), g.LastOn.String()
	}
	return out, nil
}
