package volunteering

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

// interestPages registers where people offer help without choosing a shift.
func (s *Service) interestPages(p *web.Pages) {
	p.GET("/volunteer/{org}/interest", s.interestPage)
	p.POST("/volunteer/{org}/interest", s.postInterest)
	p.GET("/volunteer/{org}/interest/{secret}", s.confirmHelpPage)
	p.POST("/volunteer/{org}/interest/{secret}", func(ctx context.Context, r web.Request) (web.View, error) {
		done, err := s.ConfirmHelp(ctx, r.Param("org"), r.Param("secret"))
		if errors.Is(err, volunteer.ErrLinkSpent) {
			return s.spentHelpPage(ctx, r)
		}
		if err != nil {
			return web.View{}, err
		}
		page := s.helping(done.Organization, "Thank you", helpView{State: "thanks", Name: done.Person.FirstName, Entered: done.Entry.Token != ""})
		if done.Entry.Token != "" {
			page.Cookies = []http.Cookie{p.SupporterCookie(done.Entry.Token, done.Entry.ExpiresAt)}
		}
		return page, nil
	})
}

// interestView is the form in which somebody offers help.
type interestView struct {
	Org      web.OrganizationView
	SignedIn bool
	Form     interestForm
	abilitiesView
	Errors     map[string]string
	Summary    []mistake
	Problem    string
	Path, List string
	Longest    int // characters of the message
}

// interestForm is what was typed.
type interestForm struct {
	FirstName, LastName, Email, Phone, Message string
	abilities
}

func (s *Service) interestPage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	return s.interestWith(ctx, org, interestForm{}, interestView{})
}

// interestWith shows the form with what was typed.
func (s *Service) interestWith(ctx context.Context, org account.Organization, form interestForm, v interestView) (web.View, error) {
	wanted, err := s.WantedSkills(ctx, org)
	if err != nil {
		return web.View{}, err
	}
	_, v.SignedIn = viewerOf(ctx, org)
	v.Org, v.Form, v.abilitiesView = web.ViewOrganization(org), form, form.view(wanted)
	v.Path, v.List, v.Longest = helpPath(org), volunteerPath(org), volunteer.LongestHelpMessage
	if v.Errors == nil {
		v.Errors = map[string]string{}
	}
	return s.mailed(org, "volunteer_interest", "Offer your help", &v), nil
}

func interestFormOf(r web.Request) interestForm {
	typed := func(name string) string { return clip(strings.ToValidUTF8(r.Form(name), "")) }
	return interestForm{
		FirstName: typed("first_name"), LastName: typed("last_name"), Email: typed("email"), Phone: typed("phone"),
		Message: strings.ToValidUTF8(r.Form("message"), ""), abilities: abilitiesIn(r), // the whole message comes back, however long it is
	}
}

// postInterest takes in what a supporter offers, and mails anybody else a link to confirm it.
func (s *Service) postInterest(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	form := interestFormOf(r)
	in := HelpInput{
		OrgSlug: org.Slug, FirstName: form.FirstName, LastName: form.LastName, Email: form.Email, Phone: form.Phone, IP: web.CallerOf(ctx).IP,
		Details: volunteer.HelpDetails{Skills: form.skills, Interests: form.interests, Availability: form.free, Message: form.Message},
	}
	if _, signedIn := viewerOf(ctx, org); signedIn {
		if _, err := s.OfferHelpSelf(ctx, in); err != nil {
			return s.interestAgain(ctx, org, form, err)
		}
		return s.helping(org, "Thank you", helpView{State: "thanks"}), nil
	}
	if r.Form("website") != "" {
		return s.interestAgain(ctx, org, form, errFilledByProgram)
	}
	o, err := s.OfferHelp(ctx, in)
	if err != nil {
		return s.interestAgain(ctx, org, form, err)
	}
	return s.helping(org, "Check your mail", helpView{State: "sent", Email: o.Email, Until: instantInWords(o.ExpiresAt, org.Location())}), nil
}

var errFilledByProgram = fault.Invalid("website", "sign_up.form_filled", "This form was filled in by a program. Leave the last, hidden field empty.")

// interestAgain shows the form again with everything typed and what is wrong.
func (s *Service) interestAgain(ctx context.Context, org account.Organization, form interestForm, cause error) (web.View, error) {
	status := refusedStatus(cause)
	if status == 0 {
		return web.View{}, cause
	}
	v := interestView{Errors: web.FieldErrors(cause)}
	if v.Errors == nil {
		v.Problem = fault.MessageOf(cause)
	}
	for _, field := range []string{"first_name", "last_name", "email", "phone", "message", "skills", "interests", "website"} {
		if message, wrong := v.Errors[field]; wrong {
			v.Summary = append(v.Summary, mistake{field, message})
		}
	}
	page, err := s.interestWith(ctx, org, form, v)
	page.Status = status
	return page, err
}

// helpView is what becomes of an offer of help.
type helpView struct {
	Org      web.OrganizationView
	State    string // sent, confirm, done, thanks, spent
	Name     string
	Email    string
	Until    string // the link works so long
	Entered  bool   // the browser was let in by this
	Path     string
	My, List string
	Again    string // the form
}

func (s *Service) confirmHelpPage(ctx context.Context, r web.Request) (web.View, error) {
	check, err := s.CheckHelp(ctx, r.Param("org"), r.Param("secret"))
	if errors.Is(err, volunteer.ErrLinkSpent) {
		return s.spentHelpPage(ctx, r)
	}
	if err != nil {
		return web.View{}, err
	}
	v := helpView{State: "confirm", Name: check.Offer.FirstName, Path: helpPath(check.Organization) + "/" + r.Param("secret")}
	if check.Offer.ConfirmedAt != nil {
		v.State = "done"
	}
	return s.helping(check.Organization, "Confirm your offer", v), nil
}

func (s *Service) spentHelpPage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	page := s.helping(org, "This link does not work any more", helpView{State: "spent"})
	page.Status = http.StatusNotFound
	return page, nil
}

func (s *Service) helping(org account.Organization, title string, v helpView) web.View {
	v.Org, v.My, v.List, v.Again = web.ViewOrganization(org), myShiftsPath(org), volunteerPath(org), helpPath(org)
	return s.mailed(org, "volunteer_help", title, &v)
}
