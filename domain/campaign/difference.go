package campaign

import (
	"crypto/sha256"
	"fmt"
	"unicode/utf8"
)

// Difference lists what differs between two states of a campaign, before and after, in the words of the API. A long story is not
// repeated: only that it changed, and how long it was.
func Difference(before, after Campaign) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	b, a := before.facts(), after.facts()
	for name, value := range a {
		if b[name] != value {
			was[name], is[name] = b[name], value
		}
	}
	return was, is
}

func (c Campaign) facts() map[string]any {
	amounts, _ := c.SuggestedMinor.Value()
	lines, _ := c.ImpactLines.Value()
	monthly, monthlyChosen := c.Monthly()
	monthlyAmounts, _ := monthly.Value()
	return map[string]any{
		"cause_id": c.CauseID.String(), "fund_id": c.FundID.String(), "slug": c.Slug, "title": c.Title, "summary": c.Summary,
		"story": storyFact(c.Story), "picture": c.PictureKey, "picture_alt": c.PictureAlt, "goal_minor": c.Goal.Minor, "suggested": amounts,
		"default_minor": c.DefaultMinor, "impact_lines": lines, "offer_monthly": c.OfferMonthly,
		"monthly_suggested": monthlyAmounts, "monthly_default_minor": monthlyChosen, "offer_pledge": c.OfferPledge, "offer_fee_cover": c.OfferFeeCover, "show_donors": c.ShowDonors,
		"status": string(c.Status), "starts_on": c.StartsOn.String(), "ends_on": c.EndsOn.String(),
	}
}

func storyFact(story string) string {
	if story == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(story))
	return fmt.Sprintf("%d characters, sha256 %x", utf8.RuneCountInString(story), sum[:6])
}
