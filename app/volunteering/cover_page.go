package volunteering

import (
	"context"
	"net/http"
	"slices"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// coverView is the page on which somebody says whether they can help with a shift.
type coverView struct {
	Org      web.OrganizationView
	State    string // asked, covered, yes, no, waiting, too_late, hindered, off, over
	Name     string
	Message  string // of staff
	Place    placeView
	Because  []string // codes of why they are asked
	Refused  []string
	Position bool // waits in line
	Problem  string
	Path, My string
	List     string
}

// toldReasons are the reasons for asking that the asked may read: those that speak for them.
var toldReasons = []string{"skills", "available", "near", "same_postal_code", "same_town", "same_role", "experienced", "reliable"}

func (s *Service) coverPage(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.coverLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	q, err := s.FindQuestion(ctx, org, of)
	if err != nil {
		return web.View{}, err
	}
	return s.covering(org, q, nil), nil
}

func (s *Service) coverLink(ctx context.Context, r web.Request) (account.Organization, id.ID[volunteer.Ask], error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, id.ID[volunteer.Ask]{}, err
	}
	of, err := s.openAsk(org, r.Param("token"))
	return org, of, err
}

func (s *Service) covering(org account.Organization, q Question, cause error) web.View {
	v := coverView{
		Org: web.ViewOrganization(org), State: s.coverState(q), Name: q.FirstName, Message: q.Message, Place: s.placeOf(org, q.Shift, q.Opportunity),
		Problem: fault.MessageOf(cause), Path: s.askPath(org, q.Ask.ID), My: myShiftsPath(org), List: volunteerPath(org),
	}
	for _, code := range q.Ask.Reasons {
		if slices.Contains(toldReasons, code) {
			v.Because = append(v.Because, code)
		}
	}
	for _, f := range q.Refused {
		v.Refused = append(v.Refused, f.Message)
	}
	page := s.mailed(org, "volunteer_cover", "Can you help?", &v)
	if cause != nil {
		page.Status = http.StatusConflict
	}
	return page
}

// coverState is how a question stands: what the person has comes before what they said.
func (s *Service) coverState(q Question) string {
	switch {
	case q.Shift.Status == volunteer.Cancelled:
		return "off"
	case !q.Shift.EndsAt.After(s.now()):
		return "over"
	case q.SignUp != nil && q.SignUp.Status == volunteer.Waiting:
		return "waiting"
	case q.SignUp != nil && q.SignUp.Status.TakesPlace() && q.SignUp.Status != volunteer.Offered:
		return "yes"
	case len(q.Refused) > 0 && q.Refused[0].Rule != volunteer.RuleFull:
		return "hindered"
	case q.Ask.Answer == volunteer.No:
		return "no"
	case q.Covered && q.Ask.Answer == volunteer.TooLate:
		return "too_late"
	case q.Covered:
		return "covered"
	}
	return "asked"
}

func (s *Service) postCover(ctx context.Context, r web.Request) (web.View, error) {
	org, of, err := s.coverLink(ctx, r)
	if err != nil {
		return web.View{}, err
	}
	var q Question
	switch r.Form("answer") {
	case "yes":
		q, err = s.AnswerCover(ctx, org, of, true)
	case "no":
		q, err = s.AnswerCover(ctx, org, of, false)
	case "wait":
		q, err = s.WaitInstead(ctx, org, of)
	default:
		return web.View{Redirect: s.askPath(org, of)}, nil
	}
	switch {
	case err == nil && len(q.Refused) > 0: // which the page behind the address would not say again
		return s.covering(org, q, nil), nil
	case err == nil:
		return web.View{Redirect: s.askPath(org, of), Cache: "no-store"}, nil
	case fault.KindOf(err) == fault.KindConflict:
		q, readErr := s.FindQuestion(ctx, org, of)
		if readErr != nil {
			return web.View{}, readErr
		}
		return s.covering(org, q, err), nil
	}
	return web.View{}, err
}
