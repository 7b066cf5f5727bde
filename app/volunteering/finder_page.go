package volunteering

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// findingPages registers where people find shifts and sign up.
func (s *Service) findingPages(p *web.Pages) {
	p.GET("/volunteer/{org}", s.finderPage)
	p.GET("/volunteer/{org}/o/{slug}", s.offeringPage)
	p.GET("/volunteer/{org}/join", s.joinPage)
	p.POST("/volunteer/{org}/join", s.postJoin)
}

// finderView is the public list of shifts. The filters and the choice are one form, so that a change of the filters keeps the choice.
type finderView struct {
	Org      web.OrganizationView
	SignedIn bool
	Filter   filterView
	Days     []dayView
	Flexible []flexibleView
	Capped   bool // there are more flexible ones than the page shows
	Later    bool // not the first page
	Next     string
	Choice   choiceView
	Path     string
	My       string // My shifts
	Help     string // where help is offered without a shift
}

// filterView is the filters as they stand.
type filterView struct {
	Place, Role, From string
	Fits, Remote      bool
	Places, Roles     []string
	CanBeRemote       bool
	Errors            map[string]string
	Narrow            bool // something is left out
}

// dayView is the shifts of one day.
type dayView struct {
	Name  string
	On    day.Day
	Cards []shiftCard
}

// choiceView is the bar below the list. Elsewhere are chosen shifts that the page does not list.
type choiceView struct {
	Count     int
	Elsewhere []shiftCard
	Gone      int
	Most      int
	Offered   bool // there is something to choose
}

// shiftCard is a shift as lists show it.
type shiftCard struct {
	ID                         id.ID[volunteer.Shift]
	Title, Role, Part          string // Part tells it from others of the opportunity
	Day, Span, Length          string
	Place                      string
	Remote                     bool
	Path                       string
	Places, Free, Taken, Queue int
	Line                       int // the place in line of the viewer, or of who joins now
	Opening                    Opening
	When                       string // when sign-up opens or closed
	Needs                      []string
	MinAge                     int
	Together                   int // how many may come on one sign-up
	Contact                    contactView
	Chosen, Choosable          bool
	StartsAt, EndsAt           time.Time
	Describe                   bool // says what the opportunity is, and leads to it
	My                         string
}

// contactView is whom to ask.
type contactView struct{ Name, Email, Phone string }

// flexibleView is an opportunity without shifts.
type flexibleView struct {
	Title, Role, Summary, Place, Path string
	Remote                            bool
	Until                             day.Day
	Hours                             int
	Needs                             []string
	MinAge                            int
}

func (s *Service) finderPage(ctx context.Context, r web.Request) (web.View, error) {
	f, view, err := filterOf(r)
	if err != nil {
		return web.View{}, err
	}
	chosen, unknown := chosenIn(r.Queries("shift"))
	found, err := s.FindShifts(ctx, r.Param("org"), f, chosen)
	if err != nil {
		return web.View{}, err
	}
	now, org := s.now(), found.Org
	v := finderView{
		Org: web.ViewOrganization(org), SignedIn: found.SignedIn, Filter: view, Later: !f.After.IsZero(), Path: volunteerPath(org), My: myShiftsPath(org),
		Help: helpPath(org), Capped: len(found.Flexible) == mostFlexible,
	}
	v.Filter.Fits = view.Fits && found.SignedIn
	v.Filter.Places = slices.DeleteFunc(found.Places, func(p string) bool { return p == RemotePlace })
	v.Filter.CanBeRemote, v.Filter.Roles = len(v.Filter.Places) < len(found.Places), found.Roles
	v.Days = daysOf(org, found.Listings, chosen, now)
	v.Choice = choiceOf(org, found.Listings, found.Chosen, now)
	v.Choice.Gone = found.Gone + unknown
	for _, o := range found.Flexible {
		v.Flexible = append(v.Flexible, viewFlexible(org, o))
	}
	if found.More {
		last := found.Listings[len(found.Listings)-1]
		v.Next = web.EncodeTimeCursor(last.StartsAt, last.ID.String())
	}
	return s.finding(org, "volunteer_finder", "Volunteer with "+org.Name, &v, v.Path), nil
}

// finding is a public page of volunteer work, with the script that watches over the choice.
func (s *Service) finding(org account.Organization, template, title string, data any, path string) web.View {
	url := s.publicURL.JoinPath(path).String()
	about := "Find a shift and help " + org.Name + "."
	return web.View{
		Template: template, Data: data, Title: title, Description: about, Canonical: url, Org: web.AppearanceOf(org), Entry: "volunteer",
		OG:   &web.OpenGraph{Title: title, Description: about, URL: url, SiteName: org.Name},
		Boot: map[string]any{"most": volunteer.MostAtOnce}, Messages: choiceMessages,
	}
}

// choiceMessages are what the script says about the choice.
var choiceMessages = []string{"vol.chosen", "vol.clash", "vol.too_many"}

// filterOf reads the filters. A date that cannot be read is said beside its field and narrows nothing.
func filterOf(r web.Request) (ListingFilter, filterView, error) {
	v := filterView{
		Place: clip(r.Query("place")), Role: clip(r.Query("role")), From: clip(r.Query("from")), Fits: r.Query("fits") != "", Errors: map[string]string{},
	}
	v.Remote = v.Place == RemotePlace
	f := ListingFilter{Place: v.Place, Role: v.Role, Fits: v.Fits}
	if v.From != "" {
		from, err := day.Parse(v.From)
		if err != nil {
			v.Errors["from"] = "Write the date as YYYY-MM-DD."
		}
		f.From = from
	}
	v.Narrow = v.Place != "" || v.Role != "" || v.From != "" || v.Fits
	var err error
	f.After, f.AfterID, err = web.DecodeTimeCursor(r.Query("cursor"), id.Parse[volunteer.Shift])
	return f, v, err
}

// keptQuery is the part of an address that says what is looked for and what was chosen.
func keptQuery(r web.Request) string {
	q := url.Values{}
	for _, name := range []string{"place", "role", "from", "fits"} {
		if v := clip(r.Query(name)); v != "" {
			q.Set(name, v)
		}
	}
	for _, of := range r.Queries("shift") {
		q.Add("shift", clip(of))
	}
	return q.Encode()
}

func withQuery(path, query string) string {
	if query == "" {
		return path
	}
	return path + "?" + query
}

func clip(s string) string { return s[:min(len(s), 200)] }

// chosenIn reads the chosen shifts, each once and no more than may be chosen; unknown counts what is no shift at all.
func chosenIn(values []string) (chosen []id.ID[volunteer.Shift], unknown int) {
	for _, v := range values {
		of, err := id.Parse[volunteer.Shift](v)
		switch {
		case err != nil:
			unknown++
		case !slices.Contains(chosen, of) && len(chosen) < volunteer.MostAtOnce:
			chosen = append(chosen, of)
		}
	}
	return chosen, unknown
}

// daysOf groups listings by the day on which they start, where they are.
func daysOf(org account.Organization, all []Listing, chosen []id.ID[volunteer.Shift], now time.Time) []dayView {
	var days []dayView
	for _, l := range all {
		on := l.StartsLocal.Day()
		if len(days) == 0 || days[len(days)-1].On != on {
			days = append(days, dayView{Name: dayInWords(on, day.In(now, l.Location())), On: on})
		}
		card := cardOf(org, l, now)
		card.Chosen = card.Choosable && slices.Contains(chosen, l.ID)
		days[len(days)-1].Cards = append(days[len(days)-1].Cards, card)
	}
	return days
}

// choiceOf sums up the choice: what is chosen but stands elsewhere in the list, and what can be chosen no more.
func choiceOf(org account.Organization, shown, chosen []Listing, now time.Time) choiceView {
	v := choiceView{Most: volunteer.MostAtOnce}
	for _, l := range shown {
		v.Offered = v.Offered || l.Opening(now).Choosable()
	}
	for _, l := range chosen {
		card := cardOf(org, l, now)
		if !card.Choosable {
			v.Gone++
			continue
		}
		v.Count, v.Offered = v.Count+1, true
		if !slices.ContainsFunc(shown, func(o Listing) bool { return o.ID == l.ID }) {
			card.Chosen = true
			v.Elsewhere = append(v.Elsewhere, card)
		}
	}
	return v
}

func cardOf(org account.Organization, l Listing, now time.Time) shiftCard {
	zone := l.Location()
	c := shiftCard{
		ID: l.ID, Title: l.Offer.Title, Role: l.Offer.Role, Part: l.Title, Day: dayInWords(l.StartsLocal.Day(), day.In(now, zone)), Span: spanInWords(l.Shift),
		Length: volunteer.InHours(int(l.Length().Minutes())), Place: placeInWords(l.Offer.Place), Remote: l.Offer.Place.Remote, Path: opportunityPath(org, l.Offer.Slug),
		Places: l.Places, Free: l.Free(), Taken: min(l.Taken, l.Places), Queue: l.Waiting, Line: l.Waiting + 1, Opening: l.Opening(now), MinAge: l.Offer.MinAge,
		Together: min(l.Offer.Together(l.Offer.Required), l.Places), Contact: contactView{l.Offer.ContactName, l.Offer.ContactEmail, l.Offer.ContactPhone}, StartsAt: l.StartsAt, EndsAt: l.EndsAt, Describe: true,
		My: myShiftsPath(org),
	}
	if l.MeetingPoint != "" && !c.Remote {
		c.Place = joined(", ", l.MeetingPoint, l.Offer.Place.City)
	}
	for _, n := range l.Offer.Required {
		c.Needs = append(c.Needs, n.Name)
	}
	c.Choosable = c.Opening.Choosable()
	switch c.Opening {
	case NotYetOpen:
		c.When = instantInWords(*l.OpensAt, zone)
	case NoLonger:
		c.When = instantInWords(l.ClosesAt, zone)
	case InLine:
		c.Line = l.Mine.Position
	case OpenForAll, OpenToWait, NothingLeft, AlreadyMine, PlaceOffered, TookPlace, Off, Withheld:
	}
	return c
}

func viewFlexible(org account.Organization, o offer) flexibleView {
	v := flexibleView{
		Title: o.Title, Role: o.Role, Summary: o.Summary, Place: placeInWords(o.Place), Path: opportunityPath(org, o.Slug), Remote: o.Place.Remote, Until: o.EndsOn,
		Hours: o.HoursWanted, MinAge: o.MinAge,
	}
	for _, n := range o.Required {
		v.Needs = append(v.Needs, n.Name)
	}
	return v
}

// privately keeps pages about somebody out of every cache, and their addresses, which may hold a secret, from other sites.
func privately(v web.View) web.View {
	v.NoIndex, v.Cache, v.Header = true, "private, no-store", http.Header{"Referrer-Policy": {"no-referrer"}}
	return v
}
