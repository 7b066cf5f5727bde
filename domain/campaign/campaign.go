// Package campaign holds the rules of a campaign: a time-boxed effort with a goal and a public page on which people give.
//
// What a campaign raised is never stored here: it is derived from the ledger (see Progress).
package campaign

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Faults of campaigns.
var (
	ErrNotFound         = fault.NotFound("campaign")
	ErrSlugTaken        = fault.Invalid("slug", "campaign.slug_taken", "Another campaign of yours has this address. Choose another one.")
	ErrSlugFixed        = fault.Invalid("slug", "campaign.slug_fixed", "People may already have this address, so it cannot change once the campaign was published.")
	ErrCurrencyFixed    = fault.Invalid("goal", "campaign.currency", "A campaign collects in the organization's currency.")
	ErrChanged          = fault.New(fault.KindConflict, "campaign.changed", "Somebody else changed this campaign while you did. Look at it again before you save.")
	ErrCauseUnpublished = fault.Invalid("cause_id", "campaign.cause_unpublished", "Publish the cause first: people must see what they give for.")
	ErrFundInactive     = fault.Invalid("fund_id", "campaign.fund_inactive", "This fund takes no more gifts. Choose another one.")
	ErrFundElsewhere    = fault.Invalid("fund_id", "campaign.fund_elsewhere", "This fund belongs to another cause.")
	ErrNotDraft         = fault.New(fault.KindConflict, "campaign.not_draft", "This campaign is already published.")
	ErrNotLive          = fault.New(fault.KindConflict, "campaign.not_live", "Only a live campaign can be ended.")
	ErrEndPassed        = fault.Invalid("ends_on", "campaign.end_passed", "The last day has already passed. Choose a later one, or none.")
	ErrNotStarted       = fault.New(fault.KindConflict, "campaign.not_started", "This campaign has not started yet.")
	ErrNoMonthly        = fault.Invalid("frequency", "campaign.no_monthly", "This campaign does not take monthly gifts. Choose to give once.")
	ErrNoPledge         = fault.Invalid("frequency", "campaign.no_pledge", "This campaign does not take pledges. Choose another way to give.")
	ErrEnded            = fault.New(fault.KindConflict, "campaign.ended", "This campaign has ended and takes no more gifts. Thank you for thinking of it.")
)

// Status says whether people may see the page and give.
type Status string

// The statuses: only forward.
const (
	Draft Status = "draft"
	Live  Status = "live"
	Ended Status = "ended"
)

// Campaign is one campaign of one organization. Its currency is the organization's and never changes.
type Campaign struct {
	OrgID                 uuid.UUID       `gorm:"primaryKey;type:uuid"`
	ID                    id.ID[Campaign] `gorm:"primaryKey;type:uuid"`
	CauseID               id.ID[cause.Cause]
	FundID                id.ID[cause.Fund]
	Slug                  string
	Title                 string
	Summary               string
	Story                 string // Markdown
	PictureKey            string
	PictureAlt            string
	Goal                  money.Money `gorm:"embedded;embeddedPrefix:goal_"` // zero: no goal is shown
	SuggestedMinor        Amounts     `gorm:"type:bigint[]"`
	DefaultMinor          int64
	ImpactLines           ImpactLines `gorm:"type:jsonb"`
	OfferMonthly          bool
	MonthlySuggestedMinor Amounts `gorm:"type:bigint[]"` // tiles of a monthly gift
	MonthlyDefaultMinor   int64
	OfferPledge           bool // the page also takes pledges
	OfferFeeCover         bool
	ShowDonors            bool
	Status                Status
	StartsOn              day.Day // zero: from its publication
	EndsOn                day.Day // the last day, inclusive; zero: until somebody ends it
	PublishedAt           *time.Time
	EndedAt               *time.Time
	Version               int
	CreatedAt             time.Time
	UpdatedAt             time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Campaign) TableName() string { return "campaigns" }

// Moment is an instant together with the date it is at the organization.
type Moment struct {
	At    time.Time
	Today day.Day
}

// MomentIn is the instant at in the organization's zone.
func MomentIn(at time.Time, zone *time.Location) Moment {
	return Moment{At: at, Today: day.In(at, zone)}
}

// New makes a draft. The goal's currency must be the organization's; an empty slug is made from the title, and without suggested amounts
// the currency's usual ones are taken.
func New(orgID uuid.UUID, currency string, d Details, now Moment) (Campaign, error) {
	d = d.completed(currency)
	if err := d.clean(currency); err != nil {
		return Campaign{}, err
	}
	c := Campaign{OrgID: orgID, ID: id.New[Campaign](), Status: Draft, Version: 1, CreatedAt: now.At}
	c.take(d, now)
	return c, nil
}

// Revise changes what the patch names. The version is the one the editor saw. Once published, the address stays, and the last day
// cannot be moved into the past. Whoever moves a live campaign to another cause or fund calls CheckPlace as well.
func (c *Campaign) Revise(p Patch, version int, now Moment) error {
	if version != c.Version {
		return ErrChanged
	}
	d := p.Apply(c.Details())
	if c.Status != Draft && d.Slug != c.Slug {
		return ErrSlugFixed
	}
	if c.Status == Live && d.EndsOn != c.EndsOn && !d.EndsOn.IsZero() && d.EndsOn.Before(now.Today) {
		return ErrEndPassed
	}
	d = d.completed(c.Goal.Currency)
	if err := d.clean(c.Goal.Currency); err != nil {
		return err
	}
	c.take(d, now)
	c.Version++
	return nil
}

// CheckPlace reports whether a public campaign may collect for that cause into that fund: people give for a published cause into an active
// fund of it.
func CheckPlace(ca cause.Cause, f cause.Fund) error {
	switch {
	case ca.Status != cause.Published:
		return ErrCauseUnpublished
	case f.CauseID != ca.ID:
		return ErrFundElsewhere
	case !f.Active:
		return ErrFundInactive
	}
	return nil
}

// Publish opens the page, for the cause and the fund that the campaign names.
func (c *Campaign) Publish(ca cause.Cause, f cause.Fund, now Moment) error {
	if c.Status != Draft {
		return ErrNotDraft
	}
	if err := CheckPlace(ca, f); err != nil {
		return err
	}
	if !c.EndsOn.IsZero() && c.EndsOn.Before(now.Today) {
		return ErrEndPassed
	}
	at := now.At
	c.Status, c.PublishedAt = Live, &at
	c.touch(now)
	return nil
}

// End closes the page to gifts. It stays visible with what was raised.
func (c *Campaign) End(now Moment) error {
	if c.Status != Live {
		return ErrNotLive
	}
	at := now.At
	c.Status, c.EndedAt = Ended, &at
	c.touch(now)
	return nil
}

// Due reports whether a live campaign's last day is over.
func (c Campaign) Due(today day.Day) bool {
	return c.Status == Live && !c.EndsOn.IsZero() && c.EndsOn.Before(today)
}

// Picture replaces the picture by the stored one of that key; an empty key takes it away. It returns the key of the former one.
func (c *Campaign) Picture(key string, now Moment) (former string) {
	former, c.PictureKey = c.PictureKey, key
	c.touch(now)
	return former
}

// Open reports whether the campaign takes gifts on that day: nil, or why not. A draft does not exist for the outside.
func (c Campaign) Open(today day.Day) error {
	switch {
	case c.Status == Draft:
		return ErrNotFound
	case c.Status == Ended || c.Due(today):
		return ErrEnded
	case !c.StartsOn.IsZero() && today.Before(c.StartsOn):
		return ErrNotStarted
	}
	return nil
}

// DaysLeft counts the days on which people can still give, today included; ok is false without a last day or after it.
func (c Campaign) DaysLeft(today day.Day) (n int, ok bool) {
	if c.EndsOn.IsZero() || c.EndsOn.Before(today) {
		return 0, false
	}
	return int(c.EndsOn.Start(time.UTC).Sub(today.Start(time.UTC))/(24*time.Hour)) + 1, true
}

// Currency is the one it collects in.
func (c Campaign) Currency() string { return c.Goal.Currency }

// Details gives back what editors may change.
func (c Campaign) Details() Details {
	monthly, monthlyChosen := c.Monthly()
	return Details{
		CauseID: c.CauseID, FundID: c.FundID, Slug: c.Slug, Title: c.Title, Summary: c.Summary, Story: c.Story, PictureAlt: c.PictureAlt,
		Goal: c.Goal, Suggested: c.SuggestedMinor, Default: c.DefaultMinor, ImpactLines: c.ImpactLines, OfferMonthly: c.OfferMonthly,
		MonthlySuggested: monthly, MonthlyDefault: monthlyChosen, OfferPledge: c.OfferPledge, OfferFeeCover: c.OfferFeeCover,
		ShowDonors: c.ShowDonors, StartsOn: c.StartsOn, EndsOn: c.EndsOn,
	}
}

func (c *Campaign) take(d Details, now Moment) {
	c.CauseID, c.FundID, c.Slug, c.Title, c.Summary, c.Story = d.CauseID, d.FundID, d.Slug, d.Title, d.Summary, d.Story
	c.PictureAlt, c.Goal, c.SuggestedMinor, c.DefaultMinor, c.ImpactLines = d.PictureAlt, d.Goal, d.Suggested, d.Default, d.ImpactLines
	c.OfferMonthly, c.MonthlySuggestedMinor, c.MonthlyDefaultMinor = d.OfferMonthly, d.MonthlySuggested, d.MonthlyDefault
	c.OfferPledge, c.OfferFeeCover, c.ShowDonors = d.OfferPledge, d.OfferFeeCover, d.ShowDonors
	c.StartsOn, c.EndsOn, c.UpdatedAt = d.StartsOn, d.EndsOn, now.At
}

func (c *Campaign) touch(now Moment) {
	c.UpdatedAt = now.At
	c.Version++
}
