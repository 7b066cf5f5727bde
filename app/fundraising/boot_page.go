package fundraising

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/money"
)

// boot is what the form's island starts from: the same form, and what it needs to show totals while somebody types.
type boot struct {
	Organization string       `json:"organization"`
	Campaign     string       `json:"campaign"`
	OrgName      string       `json:"org_name"`
	Currency     currencyBoot `json:"currency"`
	Tariff       *tariffBoot  `json:"tariff"` // null: the fee cover is not offered
	Tiles        []tileBoot   `json:"tiles"`
	Monthly      []tileBoot   `json:"monthly"` // null: not offered
	Pledge       bool         `json:"pledge"`
	Donors       bool         `json:"donors"`
	Embedded     bool         `json:"embedded"`
	Form         formBoot     `json:"form"`
}

type currencyBoot struct {
	Code     string `json:"code"`
	Symbol   string `json:"symbol"`
	Decimals int    `json:"decimals"`
	Step     int64  `json:"step"`
	Least    int64  `json:"least"`
	Most     int64  `json:"most"`
}

type tariffBoot struct {
	BasisPoints int64  `json:"basis_points"`
	Fixed       int64  `json:"fixed"`
	Cap         int64  `json:"cap"`
	Rate        string `json:"rate"`
}

type tileBoot struct {
	Minor int64  `json:"minor"`
	Line  string `json:"line"`
}

type formBoot struct {
	Token   string            `json:"token"`
	Errors  map[string]string `json:"errors"`
	Problem string            `json:"problem"`
}

// islandMessages are the catalogue's words the island says.
var islandMessages = []string{
	"give.amount_legend", "give.other", "give.other_label", "give.cover", "give.cover_other", "give.cover_total", "give.first_name", "give.last_name", "give.email",
	"give.more", "give.more_private", "give.visibility", "give.visible_all", "give.visible_name", "give.visible_none", "give.comment",
	"give.comment_hint", "give.comment_private", "give.consent", "give.submit", "give.submit_plain", "give.busy", "give.secure", "give.check_fields", "give.problem", "give.kept",
	"give.error_amount_empty", "give.error_amount_format", "give.error_amount_decimals", "give.error_amount_small", "give.error_amount_large",
	"give.error_amount_step", "give.error_name", "give.error_email", "give.error_offline", "give.live_total", "give.raised", "give.gifts", "give.pledged",
	"give.ago_now", "give.ago_minutes", "give.ago_hours", "give.ago_today", "give.ago_days", "give.anonymous", "give.leave_empty",
	"give.goal_words", "error.unexpected", "error.offline",
}

// monthlyMessages and pledgeMessages are said where these ways to give are offered.
var (
	waysMessages    = []string{"give.ways", "give.way_once", "give.way_monthly", "give.way_pledge"}
	monthlyMessages = []string{
		"give.monthly_legend", "give.monthly_other_label", "give.monthly_cover", "give.monthly_cover_other", "give.monthly_cover_total",
		"give.monthly_submit", "give.monthly_submit_plain", "give.monthly_next", "give.monthly_next_shorter", "give.monthly_stop", "give.instead", "give.instead_yes", "give.instead_no",
		"give.day_zero", "give.day_one", "give.day_two", "give.day_few", "give.day_many", "give.day_other",
	}
	pledgeMessages = []string{
		"give.pledge_legend", "give.pledge_text", "give.pledge_total", "give.pledge_count", "give.pledge_interval", "give.pledge_first",
		"give.every_week", "give.every_month", "give.every_quarter", "give.every_year", "give.pledge_even", "give.pledge_uneven", "give.pledge_one",
		"give.pledge_dates", "give.pledge_submit", "give.pledge_submit_plain", "give.pledge_secure", "give.pledge_more", "give.pledge_problem",
		"give.error_count", "give.error_part_small", "give.error_part_large", "give.error_first", "give.error_first_past", "give.error_first_far",
	}
)

// messagesOf are the words that the island of a page needs.
func messagesOf(data campaignPageData) []string {
	keys := slices.Clone(islandMessages)
	if len(data.Ways) > 0 {
		keys = append(keys, waysMessages...)
	}
	if data.Monthly != nil {
		keys = append(keys, monthlyMessages...)
	}
	if len(data.Intervals) > 0 {
		keys = append(keys, pledgeMessages...)
	}
	return keys
}

func (s *Service) bootOf(st Standing, data campaignPageData, tariff money.Tariff) boot {
	c := st.Campaign
	currency, _ := money.Lookup(c.Currency())
	b := boot{
		Organization: st.Organization.Slug, Campaign: c.Slug, OrgName: st.Organization.Name,
		Currency: currencyBoot{currency.Code, currency.Symbol, currency.Decimals, currency.Step, currency.Least, money.MaxMinor},
		Pledge:   len(data.Intervals) > 0, Donors: c.ShowDonors, Embedded: data.Embedded, Form: formBoot{data.Form.Token, data.Form.Errors, data.Form.Problem},
	}
	if c.OfferFeeCover {
		b.Tariff = &tariffBoot{tariff.BasisPoints, tariff.Fixed, tariff.Cap, data.OtherRate}
	}
	b.Tiles = bootTiles(data.Tiles)
	if data.Monthly != nil {
		b.Monthly = bootTiles(data.Monthly.Tiles)
	}
	return b
}

func bootTiles(tiles []tile) []tileBoot {
	list := make([]tileBoot, len(tiles))
	for i, t := range tiles {
		list[i] = tileBoot{t.Amount.Minor, t.Line}
	}
	return list
}

// rateText is a tariff in words: "2.9% + $0.30".
func rateText(t money.Tariff, currency string) string {
	percent := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d.%02d", t.BasisPoints/100, t.BasisPoints%100), "0"), ".") + "%"
	if t.Fixed == 0 {
		return percent
	}
	return percent + " + " + money.New(t.Fixed, currency).String()
}

// jsonLD tells search engines that one can give here.
func jsonLD(st Standing, url string) map[string]any {
	org := map[string]any{"@type": "NGO", "name": st.Organization.Name, "legalName": st.Organization.LegalName}
	if st.Organization.EIN != nil {
		org["taxID"] = web.ViewOrganization(st.Organization).EIN
	}
	return map[string]any{
		"@context": "https://schema.org", "@type": "DonateAction", "name": st.Campaign.Title, "description": st.Campaign.Summary, "url": url,
		"recipient": org, "priceCurrency": st.Campaign.Currency(),
		"target": map[string]any{"@type": "EntryPoint", "urlTemplate": url + "?amount={amount}", "actionPlatform": "https://schema.org/DesktopWebPlatform"},
	}
}

func (s *Service) pictureView(ctx context.Context, org, id uuid.UUID, name string) (web.View, error) {
	file, info, err := s.OpenPicture(ctx, org, id, name)
	if err != nil {
		return web.View{}, err
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(file)
	if err != nil {
		return web.View{}, fmt.Errorf("read a picture of %s bytes: %w", strconv.FormatInt(info.Size, 10), err)
	}
	return web.View{Body: content, ContentType: "image/jpeg", Cache: "public, max-age=31536000, immutable"}, nil
}
