package volunteering

import (
	"context"
	"html/template"

	"tributary/app/platform/web"
	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// offeringView is the public page of one opportunity.
type offeringView struct {
	Org         web.OrganizationView
	Title, Role string
	Summary     string
	Why         string
	Description template.HTML
	Place       string
	Remote      bool
	Zone        string
	Skills      []string
	Needs       []string
	MinAge      int
	Together    int // how many may come on one sign-up
	Contact     contactView
	Flexible    bool
	From, Until day.Day
	Hours       int
	Closed      bool
	SignedIn    bool
	Days        []dayView
	Later       bool
	Next        string
	Choice      choiceView
	Back        string // the list, as it was filtered
	Path, List  string
	LogHours    string
}

func (s *Service) offeringPage(ctx context.Context, r web.Request) (web.View, error) {
	f, _, err := filterOf(r)
	if err != nil {
		return web.View{}, err
	}
	chosen, _ := chosenIn(r.Queries("shift"))
	found, err := s.FindOffering(ctx, r.Param("org"), r.Param("slug"), ListingFilter{After: f.After, AfterID: f.AfterID}, chosen)
	if err != nil {
		return web.View{}, err
	}
	org, o, now := found.Org, found.Offer, s.now()
	v := offeringView{
		Org: web.ViewOrganization(org), Title: o.Title, Role: o.Role, Summary: o.Summary, Why: o.Why, Place: addressInWords(o.Place), Remote: o.Place.Remote,
		Zone: o.Zone, Skills: o.Skills, MinAge: o.MinAge, Together: o.Together(o.Required), Contact: contactView{o.ContactName, o.ContactEmail, o.ContactPhone},
		Flexible: o.Kind == volunteer.Flexible, From: o.StartsOn, Until: o.EndsOn, Hours: o.HoursWanted, Closed: o.Status == volunteer.Closed,
		SignedIn: found.SignedIn, Later: !f.After.IsZero(), Back: withQuery(volunteerPath(org), keptQuery(r)), Path: opportunityPath(org, o.Slug), List: volunteerPath(org),
		LogHours: myShiftsPath(org) + "/hours",
	}
	if v.Description, err = web.Markdown(o.Description); err != nil {
		return web.View{}, err
	}
	for _, n := range o.Required {
		v.Needs = append(v.Needs, n.Name)
	}
	v.Days = daysOf(org, found.Listings, chosen, now)
	for d := range v.Days {
		for c := range v.Days[d].Cards {
			v.Days[d].Cards[c].Describe = false
		}
	}
	v.Choice = choiceOf(org, found.Listings, found.Chosen, now)
	if found.More {
		last := found.Listings[len(found.Listings)-1]
		v.Next = web.EncodeTimeCursor(last.StartsAt, last.ID.String())
	}
	page := s.finding(org, "volunteer_opportunity", o.Title, &v, v.Path)
	page.Description, page.OG.Description, page.NoIndex = o.Summary, o.Summary, v.Closed
	return page, nil
}
