package volunteering

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// offerView is the page on which somebody takes a place that is held for them, or lets it go.
type offerView struct {
	Org           web.OrganizationView
	State         string // offered, taken, passed, late, off, over
	Place         placeView
	Until         string
	Problem       string
	Again         string // where to join the line anew
	Path, My      string
	List, Reason  string
	ContactWanted bool
}

func (s *Service) offerPage(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.offerLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	return s.offering(ctx, org, of, nil)
}

func (s *Service) offerLink(ctx context.Context, r web.Request) (account.Organization, id.ID[volunteer.SignUp], error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, id.ID[volunteer.SignUp]{}, err
	}
	of, err := s.openOffer(org, r.Param("token"))
	return org, of, err
}

func (s *Service) offering(ctx context.Context, org account.Organization, of id.ID[volunteer.SignUp], cause error) (web.View, error) {
	line, err := s.FindPlace(ctx, org, of)
	if err != nil {
		return web.View{}, err
	}
	now := s.now()
	v := offerView{
		Org: web.ViewOrganization(org), State: offerState(line, now), Place: s.placeOf(org, line.Shift, line.Opportunity), Path: s.offerPath(org, of),
		My: myShiftsPath(org), List: volunteerPath(org), Problem: fault.MessageOf(cause), Reason: line.Shift.CancelReason,
		ContactWanted: fault.KindOf(cause) == fault.KindConflict,
	}
	v.Place.Party = line.Party
	if v.State == "offered" {
		v.Until = instantInWords(*line.HoldUntil, line.Shift.Location())
	}
	if v.State != "offered" { // then the state itself says why
		v.Problem, v.ContactWanted = "", false
	}
	if v.State == "late" || v.State == "passed" {
		v.Again = volunteerPath(org) + "/join?shift=" + line.Shift.ID.String()
	}
	page := s.mailed(org, "volunteer_offer", offerTitles[v.State], &v)
	if cause != nil {
		page.Status = http.StatusConflict
	}
	return page, nil
}

var offerTitles = map[string]string{
	"offered": "A place is free", "taken": "You have the place", "passed": "You let the place go", "late": "The place has gone on", "off": "This shift was called off",
	"over": "This shift is over",
}

func (s *Service) postOffer(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.offerLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	if r.Form("answer") == "pass" {
		_, err = s.PassOffer(ctx, org, of)
	} else {
		_, err = s.AcceptOffer(ctx, org, of)
	}
	switch {
	case err == nil:
		return web.View{Redirect: s.offerPath(org, of), Cache: "no-store"}, nil
	case fault.KindOf(err) == fault.KindConflict:
		return s.offering(ctx, org, of, err)
	}
	return web.View{}, err
}

// offerState is how it stands about a place that was held for somebody.
func offerState(l SignUpLine, now time.Time) string {
	switch {
	case l.Shift.Status == volunteer.Cancelled:
		return "off"
	case !l.Shift.EndsAt.After(now):
		return "over"
	case l.Status == volunteer.Offered && l.HoldUntil.After(now):
		return "offered"
	case l.Status.TakesPlace() && l.Status != volunteer.Offered:
		return "taken"
	case l.Status == volunteer.Withdrawn:
		return "passed"
	}
	return "late"
}
