package fundraising

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// pledgeForm is the part of the giving form that promises an amount in parts, as it was typed.
type pledgeForm struct {
	Total    string
	Count    string
	Interval string // a name of intervals
	FirstOn  string
	Seen     string // what the shown dates were counted from: only what was seen is promised
}

// interval is one choice of how far apart the parts are.
type interval struct {
	name  string
	unit  promise.Unit
	every int
}

var intervals = []interval{{"week", promise.Week, 1}, {"month", promise.Month, 1}, {"quarter", promise.Month, 3}, {"year", promise.Year, 1}}

func intervalNames() []string {
	names := make([]string, len(intervals))
	for i, v := range intervals {
		names[i] = v.name
	}
	return names
}

func emptyPledge(today day.Day) pledgeForm {
	return pledgeForm{Count: "12", Interval: "month", FirstOn: today.String()}
}

// key names what was typed, so that a preview belongs to it.
func (f pledgeForm) key() string {
	return strings.Join([]string{strings.TrimSpace(f.Total), strings.TrimSpace(f.Count), f.Interval, f.FirstOn}, "|")
}

// pledgePlan is what a pledge would come to.
type pledgePlan struct {
	Total    money.Money
	Schedule promise.Schedule
	Parts    []promise.Part
}

// Count is how many parts there are.
func (p pledgePlan) Count() int { return len(p.Parts) }

// Each is what every part but the last comes to.
func (p pledgePlan) Each() money.Money { return p.Parts[0].Amount }

// Last is the last part, with the remainder in it.
func (p pledgePlan) Last() promise.Part { return p.Parts[len(p.Parts)-1] }

// Even reports whether the last part is like the others.
func (p pledgePlan) Even() bool { return p.Each() == p.Last().Amount }

// First is the date of the first part.
func (p pledgePlan) First() day.Day { return p.Parts[0].DueOn }

// plan reads the form. It returns invalid faults that name the form's fields.
func (f pledgeForm) plan(currency string, today day.Day) (pledgePlan, error) {
	total, errTotal := money.Parse(f.Total, currency)
	count, errCount := strconv.Atoi(strings.TrimSpace(f.Count))
	if errCount != nil {
		errCount = promise.ErrCount
	}
	first, errFirst := day.Parse(f.FirstOn)
	switch {
	case errFirst != nil:
		errFirst = fault.Invalid("first_on", "date.invalid", "Choose the date of the first payment.")
	case first.Before(today):
		errFirst = promise.ErrFirstPast
	case first.After(today.AddDays(5 * 366)):
		errFirst = promise.ErrFirstFar
	}
	errInterval := error(promise.ErrUnit)
	var chosen interval
	for _, v := range intervals {
		if v.name == f.Interval {
			chosen, errInterval = v, nil
		}
	}
	if err := fault.Join(blamed(errTotal, "total"), errCount, renamed(errInterval), errFirst); err != nil {
		return pledgePlan{}, err
	}
	schedule, err := promise.NewSchedule(chosen.unit, chosen.every, &count, first)
	if err != nil {
		return pledgePlan{}, renamed(err)
	}
	parts, err := promise.Preview(total, schedule)
	if err != nil {
		return pledgePlan{}, renamed(err)
	}
	return pledgePlan{total, schedule, parts}, nil
}

// renamed calls what a pledge's rules blame as the form calls it.
func renamed(err error) error {
	return fault.Rename(err, map[string]string{"amount": "total", "unit": "interval", "every": "interval"})
}

// unseen reports whether the form pledges what its giver has not been shown yet. Nobody promises unseen dates and amounts.
func (s *Service) unseen(st Standing, form givingForm) bool {
	if form.Frequency != wayPledge || !slices.Contains(s.waysOf(st.Campaign), wayPledge) || form.Pledge.Seen == form.Pledge.key() {
		return false
	}
	_, err := form.Pledge.plan(st.Campaign.Currency(), st.Today)
	return err == nil
}

// addPledge adds the form's part for a pledge, and what the typed one comes to.
func (s *Service) addPledge(data *campaignPageData, st Standing) {
	f := &data.Form.Pledge
	data.Intervals, data.Today, f.Seen = choicesOf(intervalNames(), f.Interval, "give.every_"), st.Today, ""
	if plan, err := f.plan(st.Campaign.Currency(), st.Today); err == nil && data.Form.Frequency == wayPledge {
		data.Plan, f.Seen = &plan, f.key()
	}
}

// pledge starts the pledge of a posted form and returns where the donor saves a card.
func (s *Service) pledge(ctx context.Context, st Standing, form givingForm, ip string) (string, error) {
	if !st.Campaign.OfferPledge || s.pledges == nil {
		return "", campaign.ErrNoPledge
	}
	token, errToken := uuid.Parse(form.Token)
	if errToken != nil {
		errToken = donation.ErrFormToken
	}
	plan, errPlan := form.Pledge.plan(st.Campaign.Currency(), st.Today)
	r := promise.PledgeRequest{
		OrgSlug: st.Organization.Slug, CampaignSlug: st.Campaign.Slug, Total: plan.Total, Count: plan.Count(), Unit: plan.Schedule.Unit,
		Every: plan.Schedule.Every, FirstOn: plan.Schedule.AnchorOn, FirstName: form.FirstName, LastName: form.LastName, Email: form.Email,
		Visibility: donation.Visibility(form.Visibility), EmailConsent: form.EmailConsent, FormToken: token, IP: ip,
	}
	if err := fault.Join(errPlan, errToken); err != nil {
		r.Total.Currency = st.Campaign.Currency()
		return "", fault.Join(err, without(r.Clean(), err))
	}
	started, err := s.pledges.StartPledge(ctx, r)
	return started.RedirectURL, renamed(err)
}
