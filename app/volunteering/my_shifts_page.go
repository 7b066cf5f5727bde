package volunteering

import (
	"context"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// minePages registers where volunteers look after their shifts.
func (s *Service) minePages(p *web.Pages) {
	p.GET("/my/{org}/shifts", s.myShiftsPage)
	p.POST("/my/{org}/shifts/feed", s.postFeed)
	p.GET("/my/{org}/shifts/hours", s.myHoursPage)
	p.POST("/my/{org}/shifts/hours", s.postHours)
	p.GET("/my/{org}/shifts/certificate.pdf", s.myCertificate)
	p.GET("/my/{org}/shifts/profile", s.myProfilePage)
	p.POST("/my/{org}/shifts/profile", s.postProfile)
	p.POST("/my/{org}/shifts/credentials", s.postCredential)
	p.GET("/my/{org}/shifts/{signup}", s.mySignUpPage)
	for doing, act := range map[string]signUpAct{"cancel": s.actCancel, "swap": s.actSwap, "accept": s.actAccept, "pass": s.actPass, "party": s.actParty} {
		p.POST("/my/{org}/shifts/{signup}/"+doing, s.onMySignUp(doing, act))
	}
}

// saidDone are the changes that My shifts confirms: its address names one after it was made.
var saidDone = []string{"cancel", "swap", "accept", "pass", "party", "feed"}

// myShiftsView is My shifts.
type myShiftsView struct {
	Org        web.OrganizationView
	Name       string
	Done       string
	Offers     []myShift
	Coming     []myShift
	Waiting    []myShift
	Off        []myShift
	Past       []myShift
	Earlier    string // the cursor of the next page of the past
	Later      bool   // not the first page of the past
	Known      bool   // there is a profile: so there is a code and a feed
	Feed       string
	Subscribe  template.URL
	Code       string
	QR         qrCode
	Hours      hoursView
	List, Home string
	Path       string
}

// hoursView is what somebody gave, in words.
type hoursView struct {
	Total, ThisYear, Pending string
	Some                     bool
	Came                     int
}

// myShift is one sign-up of the volunteer who looks.
type myShift struct {
	ID                 id.ID[volunteer.SignUp]
	Status             volunteer.SignUpStatus
	Title, Role, Part  string
	When, Length       string
	Address            string
	Remote             bool
	Meet               string
	Directions         string
	Map                string
	Contact            contactView
	Position           int
	Party              int    // how many come
	Most               int    // how many may; 0: it cannot be changed
	Until              string // the place is held
	CancelUntil        string
	CanCancel, CanSwap bool
	Reason             string // why it was called off
	Path               string
}

func (s *Service) myShiftsPage(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	var before pastCursor
	if before.at, before.id, err = web.DecodeTimeCursor(r.Query("cursor"), id.Parse[volunteer.SignUp]); err != nil {
		return web.View{}, err
	}
	mine, err := s.MyShifts(ctx, org, before)
	if err != nil {
		return web.View{}, err
	}
	v := s.myShiftsOf(org, mine)
	v.Later = !before.at.IsZero()
	if done := r.Query("done"); slices.Contains(saidDone, done) {
		v.Done = done
	}
	return s.ownPage(org, "my_shifts", "My shifts", &v), nil
}

// volunteersOwn is the organization of a page that belongs to the volunteer who asks; away is where anybody else goes.
func (s *Service) volunteersOwn(ctx context.Context, r web.Request) (account.Organization, *web.View, error) {
	org, err := s.nonprofitBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, nil, err
	}
	if _, signedIn := viewerOf(ctx, org); !signedIn {
		return org, &web.View{Redirect: "/my/" + org.Slug}, nil
	}
	return org, nil, nil
}

func orView(v *web.View) web.View {
	if v == nil {
		return web.View{}
	}
	return *v
}

func (s *Service) ownPage(org account.Organization, template, title string, data any) web.View {
	return privately(web.View{Template: template, Data: data, Title: title, Org: web.AppearanceOf(org), Entry: "volunteer"})
}

func (s *Service) myShiftsOf(org account.Organization, m Mine) myShiftsView {
	v := myShiftsView{
		Org: web.ViewOrganization(org), Name: m.Person.FirstName, Hours: hoursOf(m), List: volunteerPath(org), Home: "/my/" + org.Slug, Path: myShiftsPath(org),
	}
	for _, l := range m.Coming {
		my := s.mineOf(org, l)
		switch {
		case l.Shift.Status == volunteer.Cancelled:
			v.Off = append(v.Off, my)
		case l.Status == volunteer.Offered:
			v.Offers = append(v.Offers, my)
		case l.Status == volunteer.Waiting:
			v.Waiting = append(v.Waiting, my)
		default:
			v.Coming = append(v.Coming, my)
		}
	}
	for _, l := range m.Past {
		v.Past = append(v.Past, s.mineOf(org, l))
	}
	if m.More {
		last := m.Past[len(m.Past)-1]
		v.Earlier = web.EncodeTimeCursor(last.Shift.StartsAt, last.ID.String())
	}
	if v.Known = m.Profile.Version > 0; v.Known {
		v.Feed, v.Code, v.QR = s.feedURL(org, m.Profile.FeedToken), m.Profile.CheckInCode, drawQR(m.Profile.CheckInCode)
		v.Subscribe = subscription(v.Feed)
	}
	return v
}

// subscription is the address that calendar programs open by themselves.
func subscription(feed string) template.URL {
	_, rest, _ := strings.Cut(feed, "://")
	return template.URL("webcal://" + rest) //nolint:gosec // our own address with a random token
}

func hoursOf(m Mine) hoursView {
	return hoursView{
		Total: volunteer.InHours(m.Summary.Minutes), ThisYear: volunteer.InHours(m.Summary.MinutesThisYear), Pending: pendingInWords(m.PendingMinutes),
		Some: m.Summary.Minutes > 0, Came: m.Summary.Came,
	}
}

func pendingInWords(minutes int) string {
	if minutes == 0 {
		return ""
	}
	return volunteer.InHours(minutes)
}

func (s *Service) mineOf(org account.Organization, l SignUpLine) myShift {
	now, zone, o := s.now(), l.Shift.Location(), l.Opportunity
	my := myShift{
		ID: l.ID, Status: l.Status, Title: o.Title, Role: o.Role, Part: l.Shift.Title, When: whenInWords(l.Shift, now),
		Length: volunteer.InHours(int(l.Shift.Length().Minutes())), Address: addressInWords(o.Place), Remote: o.Place.Remote, Meet: l.Shift.MeetingPoint,
		Directions: o.Directions, Contact: contactView{o.ContactName, o.ContactEmail, o.ContactPhone}, Position: l.Position, Party: l.Party,
		Reason: l.Shift.CancelReason, Path: myShiftsPath(org) + "/" + l.ID.String(),
	}
	if my.Address != "" && o.Place.AddressLine1 != "" {
		my.Map = "https://www.openstreetmap.org/search?" + url.Values{"query": {my.Address}}.Encode()
	}
	if l.HoldUntil != nil {
		my.Until = instantInWords(*l.HoldUntil, zone)
	}
	my.CanCancel = l.Status == volunteer.Waiting || l.Status == volunteer.Offered || l.Status == volunteer.Confirmed && now.Before(l.Shift.CancelUntil)
	my.CanSwap = l.Status == volunteer.Confirmed && my.CanCancel
	my.CancelUntil = instantInWords(l.Shift.CancelUntil, zone)
	return my
}

// postFeed gives the calendar feed another address: the old one stops working.
func (s *Service) postFeed(ctx context.Context, r web.Request) (web.View, error) {
	org, away, err := s.volunteersOwn(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	if _, err := s.NewFeedToken(ctx); err != nil {
		return web.View{}, err
	}
	return web.View{Redirect: myShiftsPath(org) + "?done=feed#calendar"}, nil
}
