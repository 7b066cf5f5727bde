package campaign

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
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
	CauseID       id.ID[cause.Cause]
	FundID        id.ID[cause.Fund]
	Slug          string
	Title         string
	Summary       string
	Story         string // Markdown; raw HTML in it is shown as text
	PictureAlt    string
	Goal          money.Money
	Suggested     []int64 // minor units
	Default       int64   // one of Suggested; zero: the second one
	ImpactLines   map[int64]string
	OfferFeeCover bool
	ShowDonors    bool
	StartsOn      day.Day
	EndsOn        day.Day
}

// Patch names the details to change; nil leaves one as it is.
type Patch struct {
	CauseID       *id.ID[cause.Cause]
	FundID        *id.ID[cause.Fund]
	Slug          *string
	Title         *string
	Summary       *string
	Story         *string
	PictureAlt    *string
	Goal          *money.Money
	Suggested     *[]int64
	Default       *int64
	ImpactLines   *map[int64]string
	OfferFeeCover *bool
	ShowDonors    *bool
	StartsOn      *day.Day
	EndsOn        *day.Day
}

func (p Patch) apply(d Details) Details {
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
	set(&d.OfferFeeCover, p.OfferFeeCover)
	set(&d.ShowDonors, p.ShowDonors)
	set(&d.StartsOn, p.StartsOn)
	set(&d.EndsOn, p.EndsOn)
	if p.Suggested != nil && p.Default == nil && !slices.Contains(d.Suggested, d.Default) {
		d.Default = 0 // the old default is no longer offered: take the usual place in the new row
	}
	if p.Suggested != nil && p.ImpactLines == nil {
		kept := maps.Clone(d.ImpactLines)
		maps.DeleteFunc(kept, func(minor int64, _ string) bool { return !slices.Contains(d.Suggested, minor) })
		d.ImpactLines = kept
	}
	return d
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// completed trims texts and fills in what may be left out.
func (d Details) completed(currency string) Details {
	d.Title, d.Summary = strings.TrimSpace(d.Title), strings.TrimSpace(d.Summary)
	d.Story = strings.TrimSpace(strings.ReplaceAll(d.Story, "\r\n", "\n"))
	d.Slug, d.PictureAlt = strings.TrimSpace(d.Slug), strings.TrimSpace(d.PictureAlt)
	if d.Slug == "" {
		d.Slug = Slug(d.Title)
	}
	if d.Goal.Currency == "" {
		d.Goal.Currency = currency
	}
	if len(d.Suggested) == 0 {
		d.Suggested = Usual(currency)
	}
	d.Suggested = slices.Sorted(slices.Values(d.Suggested))
	if d.Default == 0 {
		d.Default = d.Suggested[min(1, len(d.Suggested)-1)]
	}
	lines := map[int64]string{}
	for minor, line := range d.ImpactLines {
		if line = strings.TrimSpace(line); line != "" {
			lines[minor] = line
		}
	}
	d.ImpactLines = lines
	return d
}

// check reports every mistake at once.
func (d Details) check(currency string) error {
	return fault.Join(
		text("title", d.Title, 1, MaxTitle),
		text("summary", d.Summary, 0, MaxSummary),
		text("story", d.Story, 0, MaxStory),
		text("picture_alt", d.PictureAlt, 0, MaxPictureAlt),
		d.checkSlug(),
		d.checkPlace(),
		d.checkGoal(currency),
		d.checkSuggested(currency),
		d.checkImpact(),
		d.checkDates(),
	)
}

var slugPattern = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){1,59}$`)

func (d Details) checkSlug() error {
	if d.Title == "" && d.Slug == "" {
		return nil // the missing title is the one mistake
	}
	if !slugPattern.MatchString(d.Slug) || len(d.Slug) > 60 {
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

func (d Details) checkSuggested(currency string) error {
	if len(d.Suggested) > MaxSuggested {
		return fault.Invalid("suggested", "campaign.suggested_count", fmt.Sprintf("Offer at most %d amounts.", MaxSuggested))
	}
	for i, minor := range d.Suggested {
		if err := money.New(minor, currency).Chargeable(); err != nil {
			return blame(err, "suggested")
		}
		if i > 0 && minor == d.Suggested[i-1] {
			return fault.Invalid("suggested", "campaign.suggested_twice", "Each amount can be offered once.")
		}
	}
	if !slices.Contains(d.Suggested, d.Default) {
		return fault.Invalid("default_minor", "campaign.default", "The amount chosen beforehand must be one of the offered ones.")
	}
	return nil
}

func (d Details) checkImpact() error {
	for minor, line := range d.ImpactLines {
		if !slices.Contains(d.Suggested, minor) {
			return fault.Invalid("impact_lines", "campaign.impact_amount", "Each line belongs to one of the offered amounts.")
		}
		if err := text("impact_lines", line, 0, MaxImpactLine); err != nil {
			return err
		}
	}
	return nil
}

func (d Details) checkDates() error {
	if !d.StartsOn.IsZero() && !d.EndsOn.IsZero() && d.EndsOn.Before(d.StartsOn) {
		return fault.Invalid("ends_on", "campaign.dates", "The last day comes before the first one.")
	}
	return nil
}

func blame(err error, field string) error {
	if f, ok := err.(*fault.Error); ok {
		return f.With(field)
	}
	return err
}

// text refuses control characters (but the line breaks and tabs of the story) and lengths out of bounds.
func text(field, s string, least, most int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && (field != "story" || r != '\n' && r != '\t')
	}):
		return fault.Invalid(field, "text.characters", "This text has characters that cannot be shown.")
	case n < least:
		return fault.Invalid(field, "text.required", "Write something here.")
	case n > most:
		return fault.Invalid(field, "text.too_long", fmt.Sprintf("Keep this to %d characters.", most))
	}
	return nil
}

// Usual is the row of amounts offered when editors name none: for dollars 25, 50, 100, 250 and 500, for other currencies the same
// multiples of their smallest charge.
func Usual(currency string) []int64 {
	c, err := money.Lookup(currency)
	if err != nil {
		return []int64{}
	}
	var row []int64
	for _, times := range []int64{50, 100, 200, 500, 1000} {
		if m := money.New(c.Least*times, currency); m.Chargeable() == nil {
			row = append(row, m.Minor)
		}
	}
	return row
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
