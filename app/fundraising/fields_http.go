package fundraising

import (
	"strconv"

	"tributary/app/platform/web"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// CampaignFields is what editors send (exported for the same reason as CampaignPath). Each field may be left out: a new campaign then takes the usual value, a revised one keeps its own.
// Lengths and amounts are judged by the campaign's rules, which know better words than a schema.
type CampaignFields struct {
	Title               *string            `json:"title,omitempty"`
	Slug                *string            `json:"slug,omitempty" doc:"Last part of the page's address; made from the title when left out. Fixed once published."`
	Summary             *string            `json:"summary,omitempty" doc:"One or two sentences under the title and in link previews."`
	Story               *string            `json:"story,omitempty" doc:"Markdown."`
	CauseID             *string            `json:"cause_id,omitempty" doc:"A cause's id; empty: not chosen yet, which only a preview allows."`
	FundID              *string            `json:"fund_id,omitempty" doc:"Where the gifts are booked: the id of one of the cause's funds."`
	Goal                *web.Money         `json:"goal,omitempty" doc:"Zero: no goal is shown. The currency is the organization's."`
	Suggested           *[]int64           `json:"suggested,omitempty" nullable:"false" doc:"One to six amounts in minor units."`
	DefaultMinor        *int64             `json:"default_minor,omitempty" doc:"The amount chosen beforehand."`
	ImpactLines         *map[string]string `json:"impact_lines,omitempty" doc:"What an offered amount does, by its minor units: {\"5000\": \"buys 4 books\"}. It stands below the amount in both rows."`
	OfferMonthly        *bool              `json:"offer_monthly,omitempty" doc:"Donors may give every month; true for a new campaign."`
	MonthlySuggested    *[]int64           `json:"monthly_suggested,omitempty" nullable:"false" doc:"One to six amounts of a monthly gift in minor units."`
	MonthlyDefaultMinor *int64             `json:"monthly_default_minor,omitempty" doc:"The monthly amount chosen beforehand."`
	OfferPledge         *bool              `json:"offer_pledge,omitempty" doc:"Donors may promise an amount and pay it in parts."`
	OfferFeeCover       *bool              `json:"offer_fee_cover,omitempty"`
	ShowDonors          *bool              `json:"show_donors,omitempty"`
	StartsOn            *string            `json:"starts_on,omitempty" doc:"First day, YYYY-MM-DD; empty: from its publication."`
	EndsOn              *string            `json:"ends_on,omitempty" doc:"Last day, YYYY-MM-DD; empty: until somebody ends it."`
	PictureAlt          *string            `json:"picture_alt,omitempty" doc:"What the picture shows, for those who cannot see it."`
}

func (f CampaignFields) patch() (campaign.Patch, error) {
	startsOn, errStarts := readDay("starts_on", f.StartsOn)
	endsOn, errEnds := readDay("ends_on", f.EndsOn)
	lines, errLines := readImpact(f.ImpactLines)
	causeID, errCause := readID[cause.Cause]("cause_id", f.CauseID)
	fundID, errFund := readID[cause.Fund]("fund_id", f.FundID)
	if err := fault.Join(errCause, errFund, errStarts, errEnds, errLines); err != nil {
		return campaign.Patch{}, err
	}
	return campaign.Patch{
		CauseID: causeID, FundID: fundID, Slug: f.Slug, Title: f.Title, Summary: f.Summary,
		Story: f.Story, PictureAlt: f.PictureAlt, Goal: f.Goal, Suggested: f.Suggested, Default: f.DefaultMinor, ImpactLines: lines,
		OfferMonthly: f.OfferMonthly, MonthlySuggested: f.MonthlySuggested, MonthlyDefault: f.MonthlyDefaultMinor, OfferPledge: f.OfferPledge,
		OfferFeeCover: f.OfferFeeCover, ShowDonors: f.ShowDonors, StartsOn: startsOn, EndsOn: endsOn,
	}, nil
}

// details is the patch on a campaign that takes monthly gifts, offers the fee cover and shows its donors.
func (f CampaignFields) details() (campaign.Details, error) {
	p, err := f.patch()
	if err != nil {
		return campaign.Details{}, err
	}
	return p.Apply(campaign.Details{OfferMonthly: true, OfferFeeCover: true, ShowDonors: true}), nil
}

// readID reads an id; empty text is none.
func readID[T any](field string, text *string) (*id.ID[T], error) {
	if text == nil {
		return nil, nil
	}
	if *text == "" {
		return &id.ID[T]{}, nil
	}
	read, err := id.Parse[T](*text)
	if err != nil {
		return nil, fault.Invalid(field, "id.invalid", "This is not an id.")
	}
	return &read, nil
}

func readDay(field string, text *string) (*day.Day, error) {
	if text == nil {
		return nil, nil
	}
	var d day.Day
	if err := d.UnmarshalText([]byte(*text)); err != nil {
		return nil, fault.Invalid(field, "date.invalid", "Write the date as YYYY-MM-DD.")
	}
	return &d, nil
}

func writeDay(d day.Day) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

func readImpact(lines *map[string]string) (*map[int64]string, error) {
	if lines == nil {
		return nil, nil
	}
	read := make(map[int64]string, len(*lines))
	for text, line := range *lines {
		minor, err := strconv.ParseInt(text, 10, 64)
		if err != nil || strconv.FormatInt(minor, 10) != text {
			return nil, fault.Invalid("impact_lines", "campaign.impact_amount", "Each line belongs to one of the offered amounts.")
		}
		read[minor] = line
	}
	return &read, nil
}

func writeImpact(lines campaign.ImpactLines) map[string]string {
	written := make(map[string]string, len(lines))
	for minor, line := range lines {
		written[strconv.FormatInt(minor, 10)] = line
	}
	return written
}
