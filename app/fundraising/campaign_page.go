package fundraising

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/money"
)

// Pages registers the public pages.
func (s *Service) Pages(p *web.Pages) {
	p.GET("/", s.landingPage)
	p.GET("/robots.txt", s.robots)
	p.GET("/give/{org}", s.organizationPage)
	p.GET("/give/{org}/{campaign}", s.campaignPage)
	p.POST("/give/{org}/{campaign}", s.postCampaignPage)
	p.GET("/give/{org}/{campaign}/og.png", s.shareImage)
	p.GET("/give/{org}/{campaign}/thanks/{reference}", s.thanksPage)
	p.GET("/pictures/{org}/{campaign}/{name}", s.picturePage)
}

// campaignPageData is everything the template needs, decided beforehand.
type campaignPageData struct {
	Org       web.OrganizationView
	Title     string
	Summary   string
	Story     template.HTML
	Picture   string
	Alt       string
	Progress  campaign.Progress
	Recent    []giftView
	DaysLeft  int // 0: no last day
	EndsOn    day.Day
	StartsOn  day.Day
	State     string   // open, ended or upcoming
	Ways      []choice // how to give; empty: only once
	Tiles     []tile
	Monthly   *monthlyView // nil: not offered
	Intervals []choice     // of a pledge; empty: not offered
	Today     day.Day      // the earliest first payment of a pledge
	Plan      *pledgePlan  // what the pledge that was typed comes to; nil: none that can be read
	OtherRate string       // the card fee in words, for an amount we do not know yet
	Cover     bool
	Symbol    string
	Donors    bool
	Form      givingForm
	Path      string
	Embedded  bool
	Preview   bool
	Others    []Counted // other campaigns, for one that ended
}

// tile is one offered amount: what it does, and what it is with the fee covered.
type tile struct {
	Value   string
	Amount  money.Money
	Extra   money.Money
	Total   money.Money
	Line    string
	Checked bool
}

type giftView struct {
	Name, Amount, Comment string
	At                    time.Time
	Ago                   ago
}

// ago is a catalogue key and its number: "give.ago_days", 3.
type ago struct {
	Key   string
	Count int
}

func (s *Service) campaignPage(ctx context.Context, r web.Request) (web.View, error) {
	st, err := s.Standing(ctx, r.Param("org"), r.Param("campaign"))
	if err != nil {
		return web.View{}, err
	}
	return s.campaignView(ctx, st, shown{form: s.emptyForm(st, asked{r.Query("frequency"), r.Query("amount")}), embedded: r.Query("embed") == "1"})
}

// postCampaignPage takes the form of a browser without scripts: the donor goes on to the card page, or sees the form again with what is
// wrong and everything typed.
func (s *Service) postCampaignPage(ctx context.Context, r web.Request) (web.View, error) {
	st, err := s.Standing(ctx, r.Param("org"), r.Param("campaign"))
	if err != nil {
		return web.View{}, err
	}
	form, embedded := formOf(r), r.Query("embed") == "1"
	if s.unseen(st, form) {
		return s.unsavedView(ctx, st, shown{form: form, embedded: embedded}, http.StatusOK)
	}
	target, err := s.give(ctx, st, form, r.Form("website") != "")
	if err == nil {
		return web.View{Redirect: target, Cache: "no-store"}, nil
	}
	form, known := form.rejected(err)
	if !known {
		return web.View{}, err
	}
	return s.unsavedView(ctx, st, shown{form: form, embedded: embedded}, statusOf(err))
}

// unsavedView is the page with a form that somebody has filled but that led nowhere yet.
func (s *Service) unsavedView(ctx context.Context, st Standing, how shown, status int) (web.View, error) {
	v, err := s.campaignView(ctx, st, how)
	if err != nil {
		return web.View{}, err
	}
	v.Status, v.NoIndex, v.Cache = status, true, "no-store"
	return v, nil
}

// give starts the checkout, or the pledge, of a posted form and returns where the donor goes next.
func (s *Service) give(ctx context.Context, st Standing, form givingForm, trapped bool) (string, error) {
	if trapped {
		return "", fault.Invalid("website", "donation.form_filled", "This form was filled in by a program. Leave the last, hidden field empty.")
	}
	if form.Frequency == wayPledge {
		return s.pledge(ctx, st, form, web.CallerOf(ctx).IP)
	}
	request, errForm := form.checkoutOf(st.Campaign)
	request.OrgSlug, request.CampaignSlug, request.IP = st.Organization.Slug, st.Campaign.Slug, web.CallerOf(ctx).IP
	if errForm != nil {
		// Say everything at once: the amount cannot be read, and maybe the name is missing too.
		errRules := request.Clean()
		return "", fault.Join(errForm, without(errRules, errForm))
	}
	started, err := s.checkout.StartCheckout(ctx, request)
	return started.RedirectURL, err
}

// without drops from rules the fields that known already blames: an amount that cannot be read is not also too small.
func without(rules, known error) error {
	var r, k *fault.Error
	if !errors.As(rules, &r) || !errors.As(known, &k) {
		return rules
	}
	left := *r
	left.Fields = nil
	for _, field := range r.Fields {
		blamedBefore := false
		for _, other := range k.Fields {
			blamedBefore = blamedBefore || other.Location == field.Location
		}
		if !blamedBefore {
			left.Fields = append(left.Fields, field)
		}
	}
	if len(left.Fields) == 0 {
		return nil
	}
	return &left
}

func statusOf(err error) int {
	switch fault.KindOf(err) {
	case fault.KindConflict:
		return http.StatusConflict
	case fault.KindRateLimited:
		return http.StatusTooManyRequests
	case fault.KindUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusUnprocessableEntity
	}
}

// shown is how a campaign's page is to be shown.
type shown struct {
	form     givingForm
	embedded bool
	preview  bool
}

func (s *Service) campaignView(ctx context.Context, st Standing, how shown) (web.View, error) {
	data, tariff, err := s.campaignData(ctx, st, how)
	if err != nil {
		return web.View{}, err
	}
	org, c := st.Organization, st.Campaign
	url := s.campaignURL(org, c)
	v := web.View{
		Template: "campaign", Data: data, Title: c.Title, Description: c.Summary, Canonical: url,
		OG: &web.OpenGraph{
			Type: "website", Title: c.Title, Description: c.Summary, URL: url, Image: url + "/og.png", ImageAlt: shareAlt(st), SiteName: org.Name,
		},
		JSONLD: jsonLD(st, url), Org: web.AppearanceOf(org),
		NoIndex: how.preview,
	}
	if data.State == "open" {
		v.Entry, v.Boot, v.Messages = "donate", s.bootOf(st, data, tariff), messagesOf(data)
	}
	if how.embedded {
		v.FrameAncestors, v.NoIndex = append([]string{"'self'"}, org.EmbedOrigins...), true
	}
	return v, nil
}

func (s *Service) campaignData(ctx context.Context, st Standing, how shown) (campaignPageData, money.Tariff, error) {
	org, c := st.Organization, st.Campaign
	story, err := web.Markdown(c.Story)
	if err != nil {
		return campaignPageData{}, money.Tariff{}, err
	}
	tariff, err := s.checkout.Offer(ctx, org, c.Currency())
	if err != nil {
		return campaignPageData{}, tariff, err
	}
	currency, err := money.Lookup(c.Currency())
	if err != nil {
		return campaignPageData{}, tariff, err
	}
	left, _ := c.DaysLeft(st.Today)
	data := campaignPageData{
		Org: web.ViewOrganization(org), Title: c.Title, Summary: c.Summary, Story: story, Picture: pagePictureURL(c), Alt: c.PictureAlt,
		Progress: st.Progress, Recent: viewGifts(st.Recent, s.moment(org), org.Location()), DaysLeft: left, EndsOn: c.EndsOn, StartsOn: c.StartsOn,
		State: stateOf(st, how.preview), Tiles: tilesOf(c, c.SuggestedMinor, how.form.Amount, tariff), OtherRate: rateText(tariff, c.Currency()), Cover: c.OfferFeeCover,
		Symbol: currency.Symbol, Donors: c.ShowDonors, Form: how.form, Path: "/give/" + org.Slug + "/" + c.Slug, Embedded: how.embedded, Preview: how.preview,
	}
	s.addWays(&data, st, tariff)
	if currency.Symbol == "" {
		data.Symbol = currency.Code
	}
	if data.State == "ended" {
		if _, data.Others, err = s.LiveCampaigns(ctx, org.Slug); err != nil {
			return campaignPageData{}, tariff, err
		}
	}
	return data, tariff, nil
}

func stateOf(st Standing, preview bool) string {
	switch err := st.Open(); {
	case err == nil, preview && errors.Is(err, campaign.ErrNotFound):
		return "open"
	case errors.Is(err, campaign.ErrNotStarted):
		return "upcoming"
	}
	return "ended"
}

// addWays adds what the page shows of giving otherwise than once.
func (s *Service) addWays(data *campaignPageData, st Standing, tariff money.Tariff) {
	ways := s.waysOf(st.Campaign)
	if !slices.Contains(ways, data.Form.Frequency) {
		data.Form.Frequency = wayOnce // no longer offered
	}
	if len(ways) > 1 {
		data.Ways = choicesOf(ways, data.Form.Frequency, "give.way_")
	}
	if slices.Contains(ways, wayMonthly) {
		row, _ := st.Campaign.Monthly()
		data.Monthly = &monthlyView{tilesOf(st.Campaign, row, data.Form.MonthlyAmount, tariff), nextChargeAfter(st.Today)}
	}
	if slices.Contains(ways, wayPledge) {
		s.addPledge(data, st)
	}
}

func viewGifts(gifts []campaign.Gift, now campaign.Moment, zone *time.Location) []giftView {
	views := make([]giftView, len(gifts))
	for i, g := range gifts {
		views[i] = giftView{Name: g.Name, Comment: g.Comment, At: g.At, Ago: agoOf(g.At, now.At, zone)}
		if g.Amount != nil {
			views[i].Amount = g.Amount.Short()
		}
	}
	return views
}

// agoOf is how long ago a gift came, in words that stay true for a while; a month and more is a date.
func agoOf(at, now time.Time, zone *time.Location) ago {
	days := int(day.In(now, zone).Start(time.UTC).Sub(day.In(at, zone).Start(time.UTC)) / (24 * time.Hour))
	switch since := now.Sub(at); {
	case since < time.Minute:
		return ago{"give.ago_now", 0}
	case since < time.Hour:
		return ago{"give.ago_minutes", int(since / time.Minute)}
	case since < 12*time.Hour:
		return ago{"give.ago_hours", int(since / time.Hour)}
	case days == 0:
		return ago{"give.ago_today", 0}
	case days < 30:
		return ago{"give.ago_days", days}
	}
	return ago{}
}

func (s *Service) campaignURL(org account.Organization, c campaign.Campaign) string {
	return s.url.JoinPath("give", org.Slug, c.Slug).String()
}

func pagePictureURL(c campaign.Campaign) string {
	if c.PictureKey == "" {
		return ""
	}
	return "/pictures/" + strings.TrimPrefix(pageName(c.PictureKey), "campaigns/")
}

func (s *Service) picturePage(ctx context.Context, r web.Request) (web.View, error) {
	org, errOrg := uuid.Parse(r.Param("org"))
	id, errID := uuid.Parse(r.Param("campaign"))
	if errOrg != nil || errID != nil {
		return web.View{}, campaign.ErrNotFound
	}
	return s.pictureView(ctx, org, id, r.Param("name"))
}
