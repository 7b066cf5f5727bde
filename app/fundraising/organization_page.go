package fundraising

import (
	"context"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/day"
)

type organizationPageData struct {
	Org       web.OrganizationView
	Campaigns []cardView
}

// cardView is a campaign in a list.
type cardView struct {
	Path, Title, Summary, Picture, Alt string
	Progress                           campaign.Progress
	DaysLeft                           int
}

// organizationPage lists what an organization collects for now.
func (s *Service) organizationPage(ctx context.Context, r web.Request) (web.View, error) {
	org, list, err := s.LiveCampaigns(ctx, r.Param("org"))
	if err != nil {
		return web.View{}, err
	}
	if org.Kind != account.Nonprofit {
		return web.View{}, campaign.ErrNotFound
	}
	url := s.url.JoinPath("give", org.Slug).String()
	return web.View{
		Template: "organization", Data: organizationPageData{web.ViewOrganization(org), viewCards(list, s.moment(org).Today)}, Title: "Give to " + org.Name,
		Canonical: url, Description: "What " + org.Name + " collects for.",
		OG:  &web.OpenGraph{Title: "Give to " + org.Name, Description: "What " + org.Name + " collects for.", URL: url, SiteName: org.Name},
		Org: web.AppearanceOf(org),
	}, nil
}

func viewCards(list []Counted, today day.Day) []cardView {
	cards := make([]cardView, len(list))
	for i, c := range list {
		left, _ := c.DaysLeft(today)
		cards[i] = cardView{
			Path: "/give/" + c.Organization.Slug + "/" + c.Slug, Title: c.Title, Summary: c.Summary, Picture: pagePictureURL(c.Campaign),
			Alt: c.PictureAlt, Progress: c.Progress, DaysLeft: left,
		}
	}
	return cards
}

// landingPage says what runs here and shows the three doors.
func (s *Service) landingPage(context.Context, web.Request) (web.View, error) {
	return web.View{
		Template: "landing", Title: "Tributary", Canonical: s.url.String(),
		Description: "Open-source platform for giving money and time: nonprofits, donors and companies on one river.",
		OG: &web.OpenGraph{
			Title: "Tributary", Description: "Open-source platform for giving money and time.", URL: s.url.String(), SiteName: "Tributary",
		},
	}, nil
}

// robots lets search engines read what is public. Thank-you and supporter pages are nobody's business.
func (s *Service) robots(context.Context, web.Request) (web.View, error) {
	return web.View{
		Body:        []byte("User-agent: *\nDisallow: /api/\nDisallow: /app\nDisallow: /portal\nDisallow: /my/\nDisallow: /s/\nDisallow: /give/*/*/thanks/\n"),
		ContentType: "text/plain; charset=utf-8", Cache: "public, max-age=3600",
	}, nil
}
