package volunteering

import (
	"context"
	"errors"
	"net/http"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/volunteer"
)

// mailedPages registers what the links in mails open. Looking at such a page does nothing: programs that scan mail follow links. One button does.
func (s *Service) mailedPages(p *web.Pages) {
	p.GET("/volunteer/{org}/confirm/{secret}", s.confirmPage)
	p.POST("/volunteer/{org}/confirm/{secret}", func(ctx context.Context, r web.Request) (web.View, error) {
		done, err := s.ConfirmRequest(ctx, r.Param("org"), r.Param("secret"))
		if errors.Is(err, volunteer.ErrLinkSpent) {
			return s.spentPage(ctx, r)
		}
		if err != nil {
			return web.View{}, err
		}
		v := s.outcomeWith(done.Organization, outcomeView{Name: done.Person.FirstName, Entered: done.Entry.Token != ""}, done.Outcome)
		if done.Entry.Token != "" {
			v.Cookies = []http.Cookie{p.SupporterCookie(done.Entry.Token, done.Entry.ExpiresAt)}
		}
		return v, nil
	})
	p.GET("/volunteer/{org}/offer/{token}", s.offerPage)
	p.POST("/volunteer/{org}/offer/{token}", s.postOffer)
	p.GET("/volunteer/{org}/cover/{token}", s.coverPage)
	p.POST("/volunteer/{org}/cover/{token}", s.postCover)
}

// confirmView is the page of the link that confirms chosen shifts.
type confirmView struct {
	Org    web.OrganizationView
	State  string // confirm, done, spent
	Name   string
	Held   []placeView
	Others []placeView // nothing is held in these: they are tried
	Until  string      // the clock when the held places go
	Waits  bool
	Path   string
	List   string
}

func (s *Service) confirmPage(ctx context.Context, r web.Request) (web.View, error) {
	check, err := s.CheckRequest(ctx, r.Param("org"), r.Param("secret"))
	if errors.Is(err, volunteer.ErrLinkSpent) {
		return s.spentPage(ctx, r)
	}
	if err != nil {
		return web.View{}, err
	}
	org, q := check.Organization, check.Request
	v := confirmView{
		State: "confirm", Name: q.FirstName, Held: s.placesOf(org, check.Held), Others: s.placesOf(org, check.Others), Waits: q.Waits,
		Path: confirmPath(org, r.Param("secret")),
	}
	if q.ConfirmedAt != nil {
		v.State = "done"
	}
	if len(check.Held) > 0 {
		v.Until = clockInWords(q.HoldUntil, org.Location(), s.now())
	}
	return s.confirming(org, v), nil
}

func (s *Service) spentPage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	page := s.confirming(org, confirmView{State: "spent"})
	page.Status = http.StatusNotFound
	return page, nil
}

func (s *Service) confirming(org account.Organization, v confirmView) web.View {
	v.Org, v.List = web.ViewOrganization(org), volunteerPath(org)
	return s.mailed(org, "volunteer_confirm", "Confirm your shifts", &v)
}

// mailed is a page behind a link in a mail.
func (s *Service) mailed(org account.Organization, template, title string, data any) web.View {
	return privately(web.View{Template: template, Data: data, Title: title, Org: web.AppearanceOf(org), Entry: "volunteer"})
}
