package campaign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
)

var now = campaign.MomentIn(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC), time.FixedZone("here", -5*3600))

func library() campaign.Details {
	return campaign.Details{
		CauseID: id.New[cause.Cause](), FundID: id.New[cause.Fund](), Title: "Rebuild the school library",
		Goal: money.New(3_000_000, "USD"), Suggested: []int64{10000, 2500, 5000}, Default: 5000,
		ImpactLines: map[int64]string{5000: "buys 4 books"}, OfferFeeCover: true, ShowDonors: true,
	}
}

func draft(t *testing.T, d campaign.Details) campaign.Campaign {
	t.Helper()
	c, err := campaign.New(uuid.New(), "USD", d, now)
	require.NoError(t, err)
	return c
}

func live(t *testing.T, d campaign.Details) campaign.Campaign {
	t.Helper()
	c := draft(t, d)
	require.NoError(t, c.Publish(cause.Cause{ID: c.CauseID, Status: cause.Published}, cause.Fund{ID: c.FundID, CauseID: c.CauseID, Active: true}, now))
	return c
}

func fields(t *testing.T, err error) map[string]string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.KindInvalid, f.Kind)
	got := map[string]string{}
	for _, field := range f.Fields {
		got[field.Location] = field.Code
	}
	return got
}

func TestNewFillsInWhatMayBeLeftOut(t *testing.T) {
	t.Parallel()
	d := library()
	d.Title, d.Suggested, d.Default, d.ImpactLines, d.Goal = "  Rebuild Anna's library!  ", nil, 0, nil, money.Money{}
	c := draft(t, d)
	require.Equal(t, "Rebuild Anna's library!", c.Title)
	require.Equal(t, "rebuild-annas-library", c.Slug)
	require.Equal(t, campaign.Amounts{2500, 5000, 10000, 25000, 50000}, c.SuggestedMinor)
	require.Equal(t, int64(5000), c.DefaultMinor)
	require.Equal(t, money.Zero("USD"), c.Goal)
	require.Equal(t, campaign.Draft, c.Status)
	require.Equal(t, 1, c.Version)
}

func TestNewSortsTheSuggestedAmounts(t *testing.T) {
	t.Parallel()
	require.Equal(t, campaign.Amounts{2500, 5000, 10000}, draft(t, library()).SuggestedMinor)
}

func TestNewNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	_, err := campaign.New(uuid.New(), "USD", campaign.Details{
		Slug: "Not A Slug", Summary: strings.Repeat("x", 301), Story: "bell\a", Goal: money.New(-1, "USD"),
		Suggested: []int64{49}, StartsOn: day.New(2026, 12, 2), EndsOn: day.New(2026, 12, 1),
	}, now)
	require.Equal(t, map[string]string{
		"title": "text.required", "slug": "campaign.slug", "summary": "text.too_long", "story": "text.invalid", "cause_id": "campaign.cause",
		"fund_id": "campaign.fund", "goal": "campaign.goal", "suggested": "amount.too_small", "ends_on": "campaign.dates",
	}, fields(t, err))
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		spoil func(*campaign.Details)
		field string
		code  string
	}{
		{"an amount offered twice", func(d *campaign.Details) { d.Suggested = []int64{2500, 5000, 2500} }, "suggested", "campaign.suggested_twice"},
		{"seven amounts", func(d *campaign.Details) { d.Suggested = []int64{100, 200, 300, 400, 500, 600, 5000} }, "suggested", "campaign.suggested_count"},
		{"a monthly amount offered twice", func(d *campaign.Details) { d.MonthlySuggested = []int64{1000, 1000} }, "monthly_suggested", "campaign.suggested_twice"},
		{"seven monthly amounts", func(d *campaign.Details) { d.MonthlySuggested = []int64{100, 200, 300, 400, 500, 600, 700} }, "monthly_suggested", "campaign.suggested_count"},
		{"a monthly amount below the least", func(d *campaign.Details) { d.MonthlySuggested = []int64{10} }, "monthly_suggested", "amount.too_small"},
		{"a monthly default that is not offered", func(d *campaign.Details) { d.MonthlyDefault = 5001 }, "monthly_default_minor", "campaign.default"},
		{"an amount no card takes", func(d *campaign.Details) { d.Suggested = []int64{5000, 100_000_000} }, "suggested", "amount.too_large"},
		{"a default that is not offered", func(d *campaign.Details) { d.Default = 5001 }, "default_minor", "campaign.default"},
		{"a goal in another currency", func(d *campaign.Details) { d.Goal = money.New(100, "EUR") }, "goal", "campaign.currency"},
		{"a goal beyond counting", func(d *campaign.Details) { d.Goal.Minor = 1 << 62 }, "goal", "campaign.goal_too_large"},
		{"a line for an amount not offered", func(d *campaign.Details) { d.ImpactLines = map[int64]string{7: "x"} }, "impact_lines", "campaign.impact_amount"},
		{"a line break in the title", func(d *campaign.Details) { d.Title = "a\nb" }, "title", "text.invalid"},
		{"a title of bytes that are no text", func(d *campaign.Details) { d.Title = "ab\xff" }, "title", "text.invalid"},
		{"a title without any letter for the address", func(d *campaign.Details) { d.Title = "図書館" }, "slug", "campaign.slug"},
		{"an address of 61 characters", func(d *campaign.Details) { d.Slug = strings.Repeat("a-", 30) + "b" }, "slug", "campaign.slug"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := library()
			tc.spoil(&d)
			_, err := campaign.New(uuid.New(), "USD", d, now)
			require.Equal(t, map[string]string{tc.field: tc.code}, fields(t, err))
		})
	}
}

func TestReviseChangesOnlyWhatThePatchNames(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	before := c.Details()
	title, at := "A new title", campaign.Moment{At: now.At.Add(time.Hour), Today: now.Today}
	require.NoError(t, c.Revise(campaign.Patch{Title: &title}, 1, at))
	before.Title = title
	require.Equal(t, before, c.Details())
	require.Equal(t, 2, c.Version)
	require.Equal(t, at.At, c.UpdatedAt)
}

func TestReviseRefusesAnOldVersion(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	title := "x"
	require.NoError(t, c.Revise(campaign.Patch{Title: &title}, 1, now))
	require.ErrorIs(t, c.Revise(campaign.Patch{Title: &title}, 1, now), campaign.ErrChanged)
}

func TestReviseKeepsTheAmountsConsistent(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	require.NoError(t, c.Revise(campaign.Patch{Suggested: &[]int64{1000, 2000}}, 1, now))
	require.Equal(t, int64(2000), c.DefaultMinor)
	require.Equal(t, campaign.ImpactLines{5000: "buys 4 books"}, c.ImpactLines, "50 a month is still offered")
	require.NoError(t, c.Revise(campaign.Patch{MonthlySuggested: &[]int64{700, 900}}, 2, now))
	require.Equal(t, int64(900), c.MonthlyDefaultMinor)
	require.Empty(t, c.ImpactLines)
}

func TestMonthlyGiftsHaveARowOfTheirOwn(t *testing.T) {
	t.Parallel()
	d := library()
	d.OfferMonthly, d.MonthlySuggested, d.ImpactLines = true, []int64{3000, 1500}, map[int64]string{1500: "a book a month"}
	c := draft(t, d)
	row, chosen := c.Monthly()
	require.Equal(t, campaign.Amounts{1500, 3000}, row)
	require.Equal(t, int64(3000), chosen)
	require.Equal(t, c.Details(), draft(t, c.Details()).Details())
	off, pledges := false, true
	before := c
	require.NoError(t, c.Revise(campaign.Patch{OfferMonthly: &off, OfferPledge: &pledges}, 1, now))
	was, is := campaign.Difference(before, c)
	require.Equal(t, map[string]any{"offer_monthly": true, "offer_pledge": false}, was)
	require.Equal(t, map[string]any{"offer_monthly": false, "offer_pledge": true}, is)
}

func TestACampaignOlderThanMonthlyGiftsOffersTheUsualRow(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	c.MonthlySuggestedMinor, c.MonthlyDefaultMinor = nil, 0
	row, chosen := c.Monthly()
	require.Equal(t, campaign.Amounts{1000, 2500, 5000, 10000}, row)
	require.Equal(t, int64(2500), chosen)
	before, title := c, "Another"
	require.NoError(t, c.Revise(campaign.Patch{Title: &title}, 1, now))
	was, _ := campaign.Difference(before, c)
	require.Equal(t, map[string]any{"title": before.Title}, was, "the usual row is no change")
}

func TestReviseThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	before := c
	long := strings.Repeat("x", 200)
	require.Error(t, c.Revise(campaign.Patch{Title: &long}, 1, now))
	require.Equal(t, before, c)
}

func TestAPublishedAddressStays(t *testing.T) {
	t.Parallel()
	c := live(t, library())
	slug := "another"
	require.ErrorIs(t, c.Revise(campaign.Patch{Slug: &slug}, c.Version, now), campaign.ErrSlugFixed)
}

func TestALiveCampaignCannotEndInThePast(t *testing.T) {
	t.Parallel()
	c := live(t, library())
	yesterday, today := now.Today.AddDays(-1), now.Today
	require.ErrorIs(t, c.Revise(campaign.Patch{EndsOn: &yesterday}, c.Version, now), campaign.ErrEndPassed)
	require.NoError(t, c.Revise(campaign.Patch{EndsOn: &today}, c.Version, now))
}

func TestPublishNeedsAPublishedCauseAndAnActiveFundOfIt(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	shown := cause.Cause{ID: c.CauseID, Status: cause.Published}
	open := cause.Fund{ID: c.FundID, CauseID: c.CauseID, Active: true}
	require.ErrorIs(t, c.Publish(cause.Cause{ID: c.CauseID, Status: cause.Draft}, open, now), campaign.ErrCauseUnpublished)
	require.ErrorIs(t, c.Publish(shown, cause.Fund{ID: c.FundID, CauseID: c.CauseID}, now), campaign.ErrFundInactive)
	require.ErrorIs(t, c.Publish(shown, cause.Fund{Active: true}, now), campaign.ErrFundElsewhere)
	require.Equal(t, campaign.Draft, c.Status)
	require.NoError(t, c.Publish(shown, open, now))
	require.Equal(t, now.At, *c.PublishedAt)
	require.ErrorIs(t, c.Publish(shown, open, now), campaign.ErrNotDraft)
}

func TestAPublicCampaignCollectsForWhatIsPublishedAndOpen(t *testing.T) {
	t.Parallel()
	shown := cause.Cause{ID: id.New[cause.Cause](), Status: cause.Published}
	open := cause.Fund{CauseID: shown.ID, Active: true}
	require.NoError(t, campaign.CheckPlace(shown, open))
	require.ErrorIs(t, campaign.CheckPlace(cause.Cause{ID: shown.ID, Status: cause.Archived}, open), campaign.ErrCauseUnpublished)
	require.ErrorIs(t, campaign.CheckPlace(shown, cause.Fund{CauseID: shown.ID}), campaign.ErrFundInactive)
	require.ErrorIs(t, campaign.CheckPlace(shown, cause.Fund{CauseID: id.New[cause.Cause](), Active: true}), campaign.ErrFundElsewhere)
}

func TestPublishRefusesALastDayThatHasPassed(t *testing.T) {
	t.Parallel()
	d := library()
	d.EndsOn = now.Today.AddDays(-1)
	c := draft(t, d)
	err := c.Publish(cause.Cause{ID: c.CauseID, Status: cause.Published}, cause.Fund{CauseID: c.CauseID, Active: true}, now)
	require.ErrorIs(t, err, campaign.ErrEndPassed)
}

func TestEndIsForLiveCampaignsOnce(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	require.ErrorIs(t, c.End(now), campaign.ErrNotLive)
	c = live(t, library())
	require.NoError(t, c.End(now))
	require.Equal(t, campaign.Ended, c.Status)
	require.ErrorIs(t, c.End(now), campaign.ErrNotLive)
}

func TestOpenFollowsStatusAndDates(t *testing.T) {
	t.Parallel()
	d := library()
	d.StartsOn, d.EndsOn = now.Today, now.Today.AddDays(2)
	drafted := draft(t, d)
	require.ErrorIs(t, drafted.Open(now.Today), campaign.ErrNotFound)
	c := live(t, d)
	require.ErrorIs(t, c.Open(now.Today.AddDays(-1)), campaign.ErrNotStarted)
	require.NoError(t, c.Open(now.Today))
	require.NoError(t, c.Open(now.Today.AddDays(2)))
	require.ErrorIs(t, c.Open(now.Today.AddDays(3)), campaign.ErrEnded)
	require.False(t, c.Due(now.Today.AddDays(2)))
	require.True(t, c.Due(now.Today.AddDays(3)))
	require.NoError(t, c.End(now))
	require.ErrorIs(t, c.Open(now.Today), campaign.ErrEnded)
}

func TestTodayIsDecidedInTheOrganizationsZone(t *testing.T) {
	t.Parallel()
	require.Equal(t, "2026-11-21", now.Today.String())
}

func TestDaysLeftCountsToday(t *testing.T) {
	t.Parallel()
	d := library()
	d.EndsOn = now.Today.AddDays(2)
	c := draft(t, d)
	n, ok := c.DaysLeft(now.Today)
	require.True(t, ok)
	require.Equal(t, 3, n)
	n, _ = c.DaysLeft(d.EndsOn)
	require.Equal(t, 1, n)
	_, ok = c.DaysLeft(d.EndsOn.AddDays(1))
	require.False(t, ok)
	_, ok = draft(t, library()).DaysLeft(now.Today)
	require.False(t, ok)
}

func TestPictureGivesBackTheFormerOne(t *testing.T) {
	t.Parallel()
	c := draft(t, library())
	require.Empty(t, c.Picture("a", now))
	require.Equal(t, "a", c.Picture("", now))
	require.Equal(t, 3, c.Version)
}
