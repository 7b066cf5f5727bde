package fundraising

import (
	"context"
	"fmt"
	"regexp"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// thanksPageData is the page a donor comes back to. It shows what the holder of the reference typed, the e-mail address only in part.
type thanksPageData struct {
	Org       web.OrganizationView
	Campaign  string
	State     string // confirming, thanked, refunded, checking or unpaid
	Reason    string // of an unpaid gift: declined, expired or cancelled
	FirstName string
	Email     string // masked
	Amount    money.Money
	Cover     money.Money
	Total     money.Money
	Reference string
	Path      string
	URL       string
	Again     string
	Declined  string    // what the bank said, in words
	Plan      *planView // of a monthly gift
}

// planView is what the page of a monthly gift adds: when it is charged again.
type planView struct {
	First bool       // the gift is the first of its plan
	Next  nextCharge // zero On: nothing is charged by itself any more
}

// thanksBoot is what the page's script needs to ask again, and to share.
type thanksBoot struct {
	Poll  string `json:"poll"`
	State string `json:"state"`
	URL   string `json:"url"`
	Title string `json:"title"`
}

var referencePattern = regexp.MustCompile(`^[A-Za-z0-9-]{4,40}$`)

// thanksPage never decides whether a gift was paid: it shows what the card gateway has told us so far, and asks again.
func (s *Service) thanksPage(ctx context.Context, r web.Request) (web.View, error) {
	st, err := s.Standing(ctx, r.Param("org"), r.Param("campaign"))
	if err != nil {
		return web.View{}, err
	}
	if !referencePattern.MatchString(r.Param("reference")) {
		return web.View{}, donation.ErrNotFound
	}
	d, decline, err := s.checkout.ThanksFor(ctx, st.Organization.Slug, r.Param("reference"))
	if err != nil {
		return web.View{}, err
	}
	if d.CampaignID == nil || *d.CampaignID != st.Campaign.ID.UUID {
		return web.View{}, donation.ErrNotFound
	}
	plan, err := s.planOf(ctx, d, st.Today)
	if err != nil {
		return web.View{}, err
	}
	state, reason := thanksState(d.Status)
	again := "?amount=" + d.Amount.Decimal()
	if plan != nil {
		again += "&frequency=" + wayMonthly
	}
	path := "/give/" + st.Organization.Slug + "/" + st.Campaign.Slug
	url := s.campaignURL(st.Organization, st.Campaign)
	v := web.View{
		Template: "thanks", Title: thanksTitle(state), NoIndex: true, Cache: "private, no-store",
		Org: web.AppearanceOf(st.Organization),
		Data: thanksPageData{
			Org: web.ViewOrganization(st.Organization), Campaign: st.Campaign.Title, State: state, Reason: reason, FirstName: d.DonorFirstName,
			Email: account.MaskEmail(d.DonorEmail), Amount: d.Amount, Cover: d.Cover(), Total: d.Total(), Reference: d.Reference, Path: path, URL: url,
			Again: path + again + "#give", Declined: declineKey(decline), Plan: plan,
		},
		Entry: "thanks", Messages: []string{"thanks.copied", "thanks.copy_failed", "thanks.still"},
		Boot: thanksBoot{"/api/v1/public/donations/" + st.Organization.Slug + "/" + d.Reference, string(d.Status), url, st.Campaign.Title},
	}
	return v, nil
}

// planOf says of a gift that pays a monthly plan when the next one comes; nil: it pays none.
func (s *Service) planOf(ctx context.Context, d donation.Donation, today day.Day) (*planView, error) {
	if d.InstalmentID == nil || s.pledges == nil {
		return nil, nil
	}
	p, err := s.pledges.PromiseOfInstalment(ctx, d.OrgID, *d.InstalmentID)
	if err != nil {
		return nil, fmt.Errorf("find the plan of a gift: %w", err)
	}
	if p.Kind != promise.Plan {
		return nil, nil
	}
	v := &planView{}
	if paid := p.Instalment(id.ID[promise.Instalment]{UUID: *d.InstalmentID}); paid != nil {
		v.First = paid.N == 1
	}
	if next := p.Next(); next != nil && p.StandingOn(today) == promise.Active {
		v.Next = nextCharge{
			On: next.DueOn, Day: p.Schedule.AnchorDay, DayKey: ordinalKey(p.Schedule.AnchorDay), Shorter: p.Schedule.AnchorDay > 28,
		}
	}
	return v, nil
}

func thanksState(status donation.Status) (state, reason string) {
	switch status {
	case donation.Succeeded, donation.Recorded, donation.PartiallyRefunded:
		return "thanked", ""
	case donation.Refunded:
		return "refunded", ""
	case donation.Review:
		return "checking", ""
	case donation.Failed:
		return "unpaid", "declined"
	case donation.Expired:
		return "unpaid", "expired"
	case donation.Cancelled:
		return "unpaid", "cancelled"
	case donation.Draft, donation.AwaitingPayment, donation.Processing, donation.RequiresAction:
		return "confirming", ""
	}
	return "confirming", ""
}

func thanksTitle(state string) string {
	switch state {
	case "thanked":
		return "Thank you"
	case "refunded":
		return "Your gift was returned"
	case "unpaid":
		return "Your gift did not go through"
	}
	return "Confirming your payment"
}

// declineKey is the catalogue key of what a bank said, for the answers a donor can do something about.
func declineKey(code string) string {
	switch code {
	case "insufficient_funds", "expired_card", "incorrect_cvc", "incorrect_number", "authentication_required", "processing_error":
		return "thanks.declined_" + code
	}
	return "thanks.declined"
}
