package people

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/person"
	"tributary/domain/promise"
	"tributary/domain/receipt"
)

// Pages registers the supporter page and the way into it. Everything works without scripts.
func (s *Service) Pages(p *web.Pages) {
	p.GET("/my/{org}", s.supporterPage)
	p.POST("/my/{org}", s.askForLink)
	p.POST("/my/{org}/details", s.saveDetails)
	p.POST("/my/{org}/preferences", s.savePreferences)
	p.POST("/my/{org}/sign-out", func(ctx context.Context, r web.Request) (web.View, error) {
		if err := s.EndSession(ctx, web.CallerOf(ctx).SupporterToken); err != nil {
			return web.View{}, err
		}
		return web.View{Redirect: myPath(r) + "?state=out", Cookies: []http.Cookie{p.SupporterCookie("", time.Time{})}}, nil
	})
	p.GET("/s/{token}", s.confirmLink)
	p.POST("/s/{token}", func(ctx context.Context, r web.Request) (web.View, error) {
		entry, err := s.UseLink(ctx, r.Param("token"))
		if errors.Is(err, person.ErrLinkSpent) {
			return s.confirmLink(ctx, r)
		}
		if err != nil {
			return web.View{}, err
		}
		cookie := p.SupporterCookie(entry.Token, entry.ExpiresAt)
		return web.View{Redirect: "/my/" + entry.Organization.Slug, Cookies: []http.Cookie{cookie}}, nil
	})
}

// doorView is the page of someone who is not let in yet: asking for a link, told that it is on its way, or about to use it.
type doorView struct {
	Org    web.OrganizationView
	State  string // ask, sent, spent, out, confirm
	Email  string
	Errors map[string]string
	Path   string // where the form goes
}

// homeView is the supporter page itself.
type homeView struct {
	Org      web.OrganizationView
	Name     string
	Email    string
	Saved    string         // details, preferences: what was just saved
	Problem  string         // why nothing was saved
	Promises []promisedView // what is open
	Ended    []promisedView
	Gifts    []giftView
	Version  int
	Details  map[string]string
	Errors   map[string]string
	Channels []channelView
	Silent   bool // staff noted that the person wants no contact at all
	Path     string
}

// promisedView is a plan or pledge in the list.
type promisedView struct {
	Kept     promise.Kept
	Each     money.Money
	Standing promise.Status
	Outlook  promise.Outlook
	Open     bool
	Path     string
}

type giftView struct {
	person.Gift
	Receipts []receiptView
}

type receiptView struct{ Number, Path string }

type channelView struct {
	Channel person.Channel
	Wording string
	Granted bool
}

// supporterPage shows a supporter their page, and anybody else how to get in.
func (s *Service) supporterPage(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.orgs.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	if !isSupporterOf(ctx, org) {
		state := r.Query("state")
		if state != "sent" && state != "out" {
			state = "ask"
		}
		return door(org, doorView{State: state, Path: myPath(r)}), nil
	}
	me, err := s.Self(ctx)
	if err != nil {
		return web.View{}, err
	}
	home := s.home(org, me)
	home.Saved = r.Query("saved")
	return homePage(org, home), nil
}

func (s *Service) askForLink(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.orgs.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	email := r.Form("email")
	err = s.RequestLink(ctx, LinkRequest{OrgSlug: org.Slug, Email: email, IP: web.CallerOf(ctx).IP})
	if wrong := web.FieldErrors(err); wrong != nil {
		view := door(org, doorView{State: "ask", Email: email, Errors: wrong, Path: myPath(r)})
		view.Status = http.StatusUnprocessableEntity
		return view, nil
	}
	if err != nil {
		return web.View{}, err
	}
	return web.View{Redirect: myPath(r) + "?state=sent"}, nil
}

// confirmLink shows one button. The link is spent by pressing it, not by looking at the page.
func (s *Service) confirmLink(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.CheckLink(ctx, r.Param("token"))
	if errors.Is(err, person.ErrLinkSpent) && org.Slug != "" {
		view := door(org, doorView{State: "spent", Path: "/my/" + org.Slug})
		view.Status = http.StatusNotFound
		return view, nil
	}
	if err != nil {
		return web.View{}, err
	}
	return door(org, doorView{State: "confirm", Path: "/s/" + r.Param("token")}), nil
}

func (s *Service) saveDetails(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.orgs.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	if !isSupporterOf(ctx, org) {
		return web.View{Redirect: myPath(r)}, nil
	}
	version, err := strconv.Atoi(r.Form("version"))
	if err != nil {
		return web.View{}, fault.Invalid("version", "version.invalid", "Load the page again.")
	}
	typed := map[string]string{}
	for _, field := range detailFields {
		typed[field] = r.Form(field)
	}
	err = s.ChangeSelf(ctx, version, patchOf(typed))
	wrong := web.FieldErrors(err)
	if err != nil && wrong == nil && !errors.Is(err, person.ErrChanged) {
		return web.View{}, err
	}
	if err == nil {
		return web.View{Redirect: myPath(r) + "?saved=details"}, nil
	}
	me, readErr := s.Self(ctx)
	if readErr != nil {
		return web.View{}, readErr
	}
	home := s.home(org, me)
	home.Details, home.Errors = typed, wrong
	view := homePage(org, home)
	view.Status = http.StatusUnprocessableEntity
	if wrong == nil {
		home.Problem, home.Errors = person.ErrChanged.Message, map[string]string{}
		view = homePage(org, home)
		view.Status = http.StatusConflict
	}
	return view, nil
}

func (s *Service) savePreferences(ctx context.Context, r web.Request) (web.View, error) {
	org, err := s.orgs.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	if !isSupporterOf(ctx, org) {
		return web.View{Redirect: myPath(r)}, nil
	}
	var answers []person.Answer
	for _, channel := range person.Channels {
		answers = append(answers, person.Answer{Channel: channel, Granted: r.Form("consent_"+string(channel)) != "", Wording: wordingOf(channel, org)})
	}
	if err := s.Prefer(ctx, answers); err != nil {
		return web.View{}, err
	}
	return web.View{Redirect: myPath(r) + "?saved=preferences"}, nil
}

func (s *Service) home(org account.Organization, me Supporter) homeView {
	home := homeView{
		Org: web.ViewOrganization(org), Name: me.DisplayName(), Email: me.EmailAddress(), Version: me.Version, Errors: map[string]string{},
		Silent: me.DoNotContact, Path: "/my/" + org.Slug, Details: map[string]string{},
	}
	for _, field := range detailFields {
		home.Details[field], _ = me.Fields()[field].(string)
	}
	for _, k := range me.Promises {
		view := s.promised(org, k)
		if view.Open {
			home.Promises = append(home.Promises, view)
		} else {
			home.Ended = append(home.Ended, view)
		}
	}
	for _, g := range me.Gifts {
		view := giftView{Gift: g}
		for _, r := range g.Receipts {
			view.Receipts = append(view.Receipts, receiptView{Number: r.Number, Path: s.receipt(me.OrgID, id.From[receipt.Receipt](r.ID))})
		}
		home.Gifts = append(home.Gifts, view)
	}
	for _, channel := range person.Channels {
		home.Channels = append(home.Channels, channelView{channel, wordingOf(channel, org), me.Consents.Allows(channel)})
	}
	return home
}

func (s *Service) promised(org account.Organization, k promise.Kept) promisedView {
	now := s.now()
	return promisedView{
		Kept: k, Each: k.Each(), Standing: k.StandingOn(day.In(now, k.Location())), Outlook: k.Outlook(now), Open: k.Status.Open(),
		Path: "/my/" + org.Slug + "/promises/" + k.ID.String(),
	}
}

var detailFields = []string{
	"first_name", "last_name", "phone", "address_line1", "address_line2", "city", "region", "postal_code", "country",
}

func patchOf(typed map[string]string) person.Patch {
	field := func(name string) *string { v := typed[name]; return &v }
	return person.Patch{
		FirstName: field("first_name"), LastName: field("last_name"), Phone: field("phone"), AddressLine1: field("address_line1"),
		AddressLine2: field("address_line2"), City: field("city"), Region: field("region"), PostalCode: field("postal_code"),
		Country: field("country"),
	}
}

// wordingOf is the sentence a supporter agrees to; it is kept with the answer.
func wordingOf(channel person.Channel, org account.Organization) string {
	switch channel {
	case person.ChannelEmail:
		return org.Name + " may send me news by e-mail."
	case person.ChannelPhone:
		return org.Name + " may call me."
	case person.ChannelText:
		return org.Name + " may send me text messages."
	case person.ChannelPost:
		return org.Name + " may send me letters."
	}
	return ""
}

func door(org account.Organization, d doorView) web.View {
	d.Org = web.ViewOrganization(org)
	if d.Errors == nil {
		d.Errors = map[string]string{}
	}
	return web.View{Template: "supporter_door", Data: d, Title: "Your page", Org: web.AppearanceOf(org), NoIndex: true, Cache: "private, no-store"}
}

func homePage(org account.Organization, h homeView) web.View {
	return web.View{Template: "supporter_home", Data: h, Title: "Your page", Org: web.AppearanceOf(org), NoIndex: true, Cache: "private, no-store"}
}

func isSupporterOf(ctx context.Context, org account.Organization) bool {
	who := actor.From(ctx)
	return who.Kind == actor.KindSupporter && who.OrgID == org.ID.UUID
}

func myPath(r web.Request) string { return "/my/" + r.Param("org") }
