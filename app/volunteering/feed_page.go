package volunteering

import (
	"context"
	"net/http"
	"strings"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/volunteer"
)

// feedPages registers what calendars and mail programs ask for, and the page on which reminders are stopped.
func (s *Service) feedPages(p *web.Pages) {
	p.GET("/volunteer/{org}/feed/{token}", s.feedPage)
	p.GET("/volunteer/{org}/reminders/{token}", s.remindersPage)
	p.POST("/volunteer/{org}/reminders/{token}", s.postReminders)
	p.GET("/volunteer/{org}/unsubscribe/{token}", s.unsubscribePage)
	p.OneClick("/volunteer/{org}/unsubscribe/{token}", s.postUnsubscribe)
}

// feedCache lets a calendar program keep the feed for as long as it should wait before it asks again.
const feedCache = "private, max-age=300"

// feedPage is a volunteer's calendar feed. Programs ask for it day and night: one that says what it has (If-None-Match) and has the newest is
// answered from one query of a few index entries; the rest is limited.
func (s *Service) feedPage(ctx context.Context, r web.Request) (web.View, error) {
	token, ok := strings.CutSuffix(r.Param("token"), ".ics")
	if !ok || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return web.View{}, volunteer.ErrVolunteer
	}
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	stamp, err := s.feedStamp(ctx, org, token)
	if err != nil {
		return web.View{}, err
	}
	view := web.View{
		Body: []byte{}, ContentType: "text/calendar; charset=utf-8", Cache: feedCache,
		Header: http.Header{"Etag": {stamp.tag()}, "X-Robots-Tag": {"noindex"}, "Referrer-Policy": {"no-referrer"}},
	}
	if sameTag(r.Header("If-None-Match"), stamp.tag()) {
		view.Status = http.StatusNotModified
		return view, nil
	}
	if err := s.limiter.Allow(ctx, "volunteer_feed", token, feedLimit, feedWindow); err != nil {
		return web.View{}, err
	}
	view.Header.Set("Content-Disposition", `inline; filename="shifts.ics"`)
	view.Body, err = s.feed(ctx, org, stamp)
	return view, err
}

// Whole feeds that one token gets: a program that looks every minute on three devices stays below.
const (
	feedLimit  = 30
	feedWindow = 5 * time.Minute
)

// sameTag compares entity tags weakly (RFC 9110, 8.8.3.2): what compressed an answer on its way may have weakened the tag.
func sameTag(asked, tag string) bool {
	for one := range strings.SplitSeq(asked, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == strings.TrimPrefix(tag, "W/") || one == "*" {
			return true
		}
	}
	return false
}

// remindersView is the page behind the link in every reminder.
type remindersView struct {
	Org   web.OrganizationView
	Wants bool
	Path  string
}

// remindersPage never acts: mail scanners open every link. It has one button.
func (s *Service) remindersPage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	person, err := s.openOptOut(org, r.Param("token"))
	if err != nil {
		return web.View{}, err
	}
	wants, err := s.wantsReminders(ctx, org, person)
	if err != nil {
		return web.View{}, err
	}
	return web.View{
		Template: "volunteer_reminders", Title: "Reminders", Org: web.AppearanceOf(org), NoIndex: true, Cache: "private, no-store",
		Header: http.Header{"Referrer-Policy": {"no-referrer"}},
		Data:   &remindersView{Org: web.ViewOrganization(org), Wants: wants, Path: s.optOutPath(org, person)},
	}, nil
}

func (s *Service) postReminders(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.remindersOf(ctx, r, r.Form("wants") == "1")
	if err != nil {
		return web.View{}, err
	}
	return web.View{Redirect: volunteerPath(org) + "/reminders/" + r.Param("token")}, nil
}

// unsubscribePage is for mail programs that open the address of the unsubscribe header instead of posting to it.
func (s *Service) unsubscribePage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	return web.View{Redirect: volunteerPath(org) + "/reminders/" + r.Param("token")}, nil
}

// postUnsubscribe answers a mail program's own button.
func (s *Service) postUnsubscribe(ctx context.Context, r web.Request) (web.View, error) {
	if _, err := s.remindersOf(ctx, r, false); err != nil {
		return web.View{}, err
	}
	return web.View{Body: []byte("No more reminders.\n"), ContentType: "text/plain; charset=utf-8", Cache: "no-store"}, nil
}

func (s *Service) remindersOf(ctx context.Context, r web.Request, wants bool) (account.Organization, error) {
	org, err := s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, err
	}
	person, err := s.openOptOut(org, r.Param("token"))
	if err != nil {
		return org, err
	}
	return org, s.setReminders(ctx, org, person, wants)
}
