package campaign

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// Limits of what editors write, in characters.
const (
	MaxTitle      = 120
	MaxSummary    = 300
	MaxStory      = 20_000
	MaxPictureAlt = 300
	MaxImpactLine = 80
	MaxSuggested  = 6
)

// Details is what editors decide about a campaign.
type Details struct {
	CauseID          id.ID[cause.Cause]
	FundID           id.ID[cause.Fund]
	Slug             string
	Title            string
	Summary          string
	Story            string // Markdown; raw HTML in it is shown as text
	PictureAlt       string
	Goal             money.Money
	Suggested        []int64          // minor units
	Default          int64            // one of Suggested; zero: the second one
	ImpactLines      map[int64]string // of amounts in either row
	OfferMonthly     bool
	MonthlySuggested []int64 // the row of a monthly gift
	MonthlyDefault   int64   // one of MonthlySuggested; zero: the second one
	OfferPledge      bool
	OfferFeeCover    bool
	ShowDonors       bool
	StartsOn         day.Day
	EndsOn           day.Day
}

// Patch names the details to change; nil leaves one as it is.
type Patch struct {
	CauseID          *id.ID[cause.Cause]
	FundID           *id.ID[cause.Fund]
	Slug             *string
	Title            *string
	Summary          *string
	Story            *string
	PictureAlt       *string
	Goal             *money.Money
	Suggested        *[]int64
	Default          *int64
	ImpactLines      *map[int64]string
	OfferMonthly     *bool
	MonthlySuggested *[]int64
	MonthlyDefault   *int64
	OfferPledge      *bool
	OfferFeeCover    *bool
	ShowDonors       *bool
	StartsOn         *day.Day
	EndsOn           *day.Day
}

// Apply gives d as the patch wants it.
func (p Patch) Apply(d Details) Details {
	set(&d.CauseID, p.CauseID)
	set(&d.FundID, p.FundID)
	set(&d.Slug, p.Slug)
	set(&d.Title, p.Title)
	set(&d.Summary, p.Summary)
	set(&d.Story, p.Story)
	set(&d.PictureAlt, p.PictureAlt)
	set(&d.Goal, p.Goal)
	set(&d.Suggested, p.Suggested)
	set(&d.Default, p.Default)
	set(&d.ImpactLines, p.ImpactLines)
	set(&d.OfferMonthly, p.OfferMonthly)
	set(&d.MonthlySuggested, p.MonthlySuggested)
	set(&d.MonthlyDefault, p.MonthlyDefault)
	set(&d.OfferPledge, p.OfferPledge)
	set(&d.OfferFeeCover, p.OfferFeeCover)
	set(&d.ShowDonors, p.ShowDonors)
	set(&d.StartsOn, p.StartsOn)
	set(&d.EndsOn, p.EndsOn)
	if p.Suggested != nil && p.Default == nil && !slices.Contains(d.Suggested, d.Default) {
		d.Default = 0 // the old default is no longer offered: take the usual place in the new row
	}
	if p.MonthlySuggested != nil && p.MonthlyDefault == nil && !slices.Contains(d.MonthlySuggested, d.MonthlyDefault) {
		d.MonthlyDefault = 0
	}
	if (p.Suggested != nil || p.MonthlySuggested != nil) && p.ImpactLines == nil {
		kept := maps.Clone(d.ImpactLines)
		maps.DeleteFunc(kept, func(minor int64, _ string) bool { return !d.offers(minor) })
		d.ImpactLines = kept
	}
	return d
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// completed fills in what may be left out.
func (d Details) completed(currency string) Details {
	if d.Slug = strings.TrimSpace(d.Slug); d.Slug == "" {
		d.Slug = Slug(d.Title)
	}
	if d.Goal.Currency == "" {
		d.Goal.Currency = currency
	}
	d.Suggested, d.Default = completedRow(d.Suggested, d.Default, Usual(currency))
	d.MonthlySuggested, d.MonthlyDefault = completedRow(d.MonthlySuggested, d.MonthlyDefault, UsualMonthly(currency))
	lines := map[int64]string{}
	for minor, line := range d.ImpactLines {
		if strings.TrimSpace(line) != "" {
			lines[minor] = line
		}
	}
	d.ImpactLines = lines
	return d
}

// clean tidies the texts and reports every mistake at once.
func (d *Details) clean(currency string) error {
	return fault.Join(
		d.cleanTexts(),
		d.checkSlug(),
		d.checkPlace(),
		d.checkGoal(currency),
		checkRow(d.Suggested, d.Default, currency, rowFields{"suggested", "default_minor"}),
		checkRow(d.MonthlySuggested, d.MonthlyDefault, currency, rowFields{"monthly_suggested", "monthly_default_minor"}),
		d.cleanImpact(),
		d.checkDates(),
	)
}

func (d *Details) cleanTexts() error {
	var errs [4]error
	untitled := strings.TrimSpace(d.Title) == "" && d.Slug == ""
	d.Title, errs[0] = text.Required("title", d.Title, MaxTitle)
	d.Summary, errs[1] = text.Line("summary", d.Summary, MaxSummary)
	d.Story, errs[2] = text.Block("story", d.Story, MaxStory)
	d.PictureAlt, errs[3] = text.Line("picture_alt", d.PictureAlt, MaxPictureAlt)
	if untitled {
		d.Slug = noSlug // the missing title is the one mistake
	}
	return fault.Join(errs[:]...)
}

const noSlug = "untitled"

var slugPattern = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){1,59}$`)

// IsSlug reports whether s can be an address at all; anything else need not be looked up.
func IsSlug(s string) bool { return len(s) <= 60 && slugPattern.MatchString(s) }

func (d Details) checkSlug() error {
	if !IsSlug(d.Slug) {
		return fault.Invalid("slug", "campaign.slug", "The address takes 2 to 60 small letters a-z, digits and single hyphens between them.")
	}
	return nil
}

func (d Details) checkPlace() error {
	var problems []error
	if d.CauseID.IsZero() {
		problems = append(problems, fault.Invalid("cause_id", "campaign.cause", "Choose the cause people give for."))
	}
	if d.FundID.IsZero() {
		problems = append(problems, fault.Invalid("fund_id", "campaign.fund", "Choose the fund the gifts go to."))
	}
	return fault.Join(problems...)
}

// maxGoal keeps sums of goals far from overflow: a hundred thousand times the largest single charge.
const maxGoal = money.MaxMinor * 100_000

func (d Details) checkGoal(currency string) error {
	switch {
	case d.Goal.Currency != currency:
		return ErrCurrencyFixed
	case d.Goal.Minor < 0:
		return fault.Invalid("goal", "campaign.goal", "The goal cannot be negative. Zero means that no goal is shown.")
	case d.Goal.Minor > maxGoal:
		return fault.Invalid("goal", "campaign.goal_too_large", "This goal is larger than we can count.")
	}
	return nil
}

func (d Details) checkDates() error {
	if !d.StartsOn.IsZero() && !d.EndsOn.IsZero() && d.EndsOn.Before(d.StartsOn) {
		return fault.Invalid("ends_on", "campaign.dates", "The last day comes before the first one.")
	}
	return nil
}

// Slug makes an address of a title: small ASCII letters, digits and single hyphens; empty when nothing is left of it.
func Slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '\'' || r == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	if len(s) > 60 {
		s = s[:60]
	}
	return strings.Trim(s, "-")
}

// Sketch is the campaign as the patch would make it, for a preview while somebody is still writing: what no page could show is left out
// instead of refused.
func (c Campaign) Sketch(p Patch, now Moment) Campaign {
	d := p.Apply(c.Details())
	d.Goal = money.New(min(max(d.Goal.Minor, 0), maxGoal), c.Goal.Currency)
	d.Suggested, d.MonthlySuggested = sketchRow(d.Suggested, c.Goal.Currency), sketchRow(d.MonthlySuggested, c.Goal.Currency)
	d = d.completed(c.Goal.Currency)
	d.Default, d.MonthlyDefault = offered(d.Default, d.Suggested), offered(d.MonthlyDefault, d.MonthlySuggested)
	for field, most := range map[*string]int{&d.Title: MaxTitle, &d.Summary: MaxSummary, &d.Story: MaxStory, &d.PictureAlt: MaxPictureAlt} {
		*field = cut(strings.ToValidUTF8(*field, ""), most)
	}
	c.take(d, now)
	return c
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}
