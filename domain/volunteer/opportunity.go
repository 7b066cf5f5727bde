package volunteer

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
)

// Kind says how the time of an opportunity is given.
type Kind string

// The kinds.
const (
	InShifts Kind = "shifts"   // at set times with places
	Flexible Kind = "flexible" // whenever the volunteer likes, in a window of days or without an end
)

// Status says whether people may see an opportunity and sign up.
type Status string

// The statuses.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Closed    Status = "closed" // takes nobody any more; its hours stay
)

// Visibility says who finds a published opportunity.
type Visibility string

// The visibilities.
const (
	ForEverybody Visibility = "public"
	ByStaffOnly  Visibility = "staff" // staff sign people up
)

// Place is where to come. Latitude and longitude, in degrees, are both set or neither.
type Place struct {
	Name         string
	AddressLine1 string `gorm:"column:address_line1"`
	City         string
	Region       string
	PostalCode   string
	Country      string // ISO 3166-1 alpha-2, or empty
	Latitude     *float64
	Longitude    *float64
	Remote       bool // done from anywhere
}

// Window says when people may sign up for a shift and cancel, counted back from its start.
type Window struct {
	OpensBeforeHours    *int // nil: at once
	ClosesBeforeMinutes int  // below zero: so long after the start, for whoever comes late
	CancelBeforeMinutes int
}

// Waitlist says how the waitlist of a shift works.
type Waitlist struct {
	WaitlistMax *int // how many may wait; nil: any number, 0: nobody
	OfferHours  int  // how long a freed place is held for the first in line, at most
}

// LargestParty is how many may come on one sign-up at the very most.
const LargestParty = 50

// Opportunity is volunteer work offered: what, why, where, and what it takes.
type Opportunity struct {
	OrgID        uuid.UUID          `gorm:"primaryKey;type:uuid"`
	ID           id.ID[Opportunity] `gorm:"primaryKey;type:uuid"`
	Slug         string
	Title        string
	Role         string // what one does, in a word or two: "Driver"
	Summary      string // what, in a sentence or two
	Why          string // what it is good for
	Description  string // Markdown
	Kind         Kind
	Status       Status
	Visibility   Visibility
	CauseID      *uuid.UUID
	CampaignID   *uuid.UUID
	Place        Place  `gorm:"embedded;embeddedPrefix:place_"`
	Directions   string // how to get there and where to report, for reminders
	Zone         string // IANA name: what the clocks of the place show
	Skills       Words
	MinAge       int // years; 0: any
	PartyMax     int // how many may come on one sign-up, whoever signs up included; 1: everybody signs up for themselves
	ContactName  string
	ContactEmail string
	ContactPhone string
	Window       Window   `gorm:"embedded"` // of new shifts
	Waitlist     Waitlist `gorm:"embedded"`
	StartsOn     day.Day  // of flexible hours; zero: now
	EndsOn       day.Day  // of flexible hours, inclusive; zero: open-ended
	HoursWanted  int      // of flexible hours, whole; 0: any number
	PublishedAt  *time.Time
	ClosedAt     *time.Time
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Opportunity) TableName() string { return "opportunities" }

// Location is the zone's; UTC when this machine does not know the name, which Publish and Revise refuse.
func (o Opportunity) Location() *time.Location { return location(o.Zone) }

func location(zone string) *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// Details is what staff write about an opportunity.
type Details struct {
	Slug, Title, Role, Summary, Why, Description string
	Kind                                         Kind
	Visibility                                   Visibility
	CauseID, CampaignID                          *uuid.UUID
	Place                                        Place
	Directions, Zone                             string
	Skills                                       []string
	MinAge                                       int
	PartyMax                                     int // 0: 1
	ContactName, ContactEmail, ContactPhone      string
	Window                                       Window
	Waitlist                                     Waitlist
	StartsOn, EndsOn                             day.Day
	HoursWanted                                  int
}

// Details is what the opportunity says now, to be changed and given to Revise.
func (o Opportunity) Details() Details {
	return Details{
		Slug: o.Slug, Title: o.Title, Role: o.Role, Summary: o.Summary, Why: o.Why, Description: o.Description, Kind: o.Kind, Visibility: o.Visibility,
		CauseID: o.CauseID, CampaignID: o.CampaignID, Place: o.Place, Directions: o.Directions, Zone: o.Zone, Skills: o.Skills, MinAge: o.MinAge, PartyMax: o.PartyMax,
		ContactName: o.ContactName, ContactEmail: o.ContactEmail, ContactPhone: o.ContactPhone, Window: o.Window, Waitlist: o.Waitlist,
		StartsOn: o.StartsOn, EndsOn: o.EndsOn, HoursWanted: o.HoursWanted,
	}
}

// NewOpportunity makes a draft. An empty slug is made from the title, an empty zone is the organization's.
func NewOpportunity(org account.Organization, d Details, at time.Time) (Opportunity, error) {
	if d.Zone == "" {
		d.Zone = org.Zone
	}
	if d.Slug == "" {
		d.Slug = account.Slugify(d.Title)
	}
	o := Opportunity{OrgID: org.ID.UUID, ID: id.New[Opportunity](), Status: Draft, Version: 1, CreatedAt: at}
	if err := o.take(d, at); err != nil {
		return Opportunity{}, err
	}
	return o, nil
}

// Revise replaces what the opportunity says. version is the one its editor saw. The address of a published one and the kind of one that is no
// draft stay. Shifts keep their own times, places and windows.
func (o *Opportunity) Revise(d Details, version int, at time.Time) error {
	if version != o.Version {
		return ErrChanged
	}
	if o.Status != Draft && d.Slug != o.Slug {
		return fault.Invalid("slug", "opportunity.slug_fixed", "People may already have this address, so it cannot change any more.")
	}
	if o.Status != Draft && d.Kind != o.Kind {
		return fault.Invalid("kind", "opportunity.kind_fixed", "People may already have signed up, so this cannot change any more.")
	}
	after := *o
	if err := after.take(d, at); err != nil {
		return err
	}
	after.Version++
	*o = after
	return nil
}

// Publish lets people find it.
func (o *Opportunity) Publish(at time.Time) error {
	if o.Status == Published {
		return nil
	}
	o.Status, o.PublishedAt, o.ClosedAt, o.UpdatedAt = Published, &at, nil, at
	o.Version++
	return nil
}

// Close takes it off the public pages. Shifts to come have to be cancelled before, so that nobody waits in vain.
func (o *Opportunity) Close(at time.Time) error {
	switch o.Status {
	case Closed:
		return nil
	case Draft:
		return ErrNotPublished
	case Published:
	}
	o.Status, o.ClosedAt, o.UpdatedAt = Closed, &at, at
	o.Version++
	return nil
}

const (
	maxLine     = 200
	maxSummary  = 500
	maxMarkdown = 20_000
	maxWaitlist = 10_000
	maxWindow   = 60 * 24 * 366 // minutes
	maxLateness = 60 * 12       // minutes after the start
)

func (o *Opportunity) take(d Details, at time.Time) error {
	var skills Words
	d.PartyMax = max(1, d.PartyMax)
	errs := []error{
		set(&o.Slug, account.CheckSlug(d.Slug), d.Slug),
		required(&o.Title, "title", d.Title, 120), line(&o.Role, "role", d.Role, 60), required(&o.Summary, "summary", d.Summary, maxSummary),
		block(&o.Why, "why", d.Why, maxSummary*4), block(&o.Description, "description", d.Description, maxMarkdown),
		line(&o.Place.Name, "place.name", d.Place.Name, maxLine), line(&o.Place.AddressLine1, "place.address_line1", d.Place.AddressLine1, maxLine),
		line(&o.Place.City, "place.city", d.Place.City, 100), line(&o.Place.Region, "place.region", d.Place.Region, 100),
		line(&o.Place.PostalCode, "place.postal_code", d.Place.PostalCode, 20), block(&o.Directions, "directions", d.Directions, 2000),
		line(&o.ContactName, "contact_name", d.ContactName, 100), line(&o.ContactPhone, "contact_phone", d.ContactPhone, 40),
		o.checkContact(d.ContactEmail), checkKind(d), checkPlace(d.Place), CheckZone(d.Zone), d.Window.check(), d.Waitlist.check(), checkDays(d),
		checkRange("min_age", d.MinAge, 0, 120), checkRange("party_max", d.PartyMax, 1, LargestParty), checkRange("hours_wanted", d.HoursWanted, 0, 10_000),
	}
	words, err := NewWords("skills", d.Skills)
	skills = words
	if err := fault.Join(append(errs, err)...); err != nil {
		return err
	}
	o.Kind, o.Visibility, o.CauseID, o.CampaignID = d.Kind, d.Visibility, d.CauseID, d.CampaignID
	o.Place.Country, o.Place.Latitude, o.Place.Longitude, o.Place.Remote = strings.ToUpper(d.Place.Country), d.Place.Latitude, d.Place.Longitude, d.Place.Remote
	o.Zone, o.Skills, o.MinAge, o.PartyMax, o.Window, o.Waitlist = d.Zone, skills, d.MinAge, d.PartyMax, d.Window, d.Waitlist
	o.StartsOn, o.EndsOn, o.HoursWanted, o.UpdatedAt = d.StartsOn, d.EndsOn, d.HoursWanted, at
	return nil
}

func (o *Opportunity) checkContact(email string) error {
	o.ContactEmail = ""
	if strings.TrimSpace(email) == "" {
		return nil
	}
	display, _, err := account.NormalizeEmail(email)
	if err != nil {
		return fault.Invalid("contact_email", "opportunity.contact_email", "Write an e-mail address such as name@example.org.")
	}
	o.ContactEmail = display
	return nil
}

func checkKind(d Details) error {
	if d.Kind != InShifts && d.Kind != Flexible {
		return fault.Invalid("kind", "opportunity.kind_unknown", "Choose shifts or flexible hours.")
	}
	if d.Visibility != ForEverybody && d.Visibility != ByStaffOnly {
		return fault.Invalid("visibility", "opportunity.visibility_unknown", "Choose who may find it: everybody, or staff only.")
	}
	return nil
}

func checkDays(d Details) error {
	if !d.StartsOn.IsZero() && !d.EndsOn.IsZero() && d.EndsOn.Before(d.StartsOn) {
		return fault.Invalid("ends_on", "opportunity.ends_before_start", "The last day is before the first.")
	}
	return nil
}

func checkPlace(p Place) error {
	if p.Country != "" && len(p.Country) != 2 {
		return fault.Invalid("place.country", "opportunity.country_invalid", "Write the country as two letters, such as US.")
	}
	return CheckCoordinates(p.Latitude, p.Longitude)
}

// CheckCoordinates reports whether both are degrees on this earth, or neither is given.
func CheckCoordinates(latitude, longitude *float64) error {
	if (latitude == nil) != (longitude == nil) {
		return fault.Invalid("latitude", "volunteering.coordinates_half", "Give latitude and longitude together, or neither.")
	}
	if latitude != nil && (!(*latitude >= -90 && *latitude <= 90) || !(*longitude >= -180 && *longitude <= 180)) {
		return fault.Invalid("latitude", "volunteering.coordinates", "Latitude lies between -90 and 90 degrees, longitude between -180 and 180.")
	}
	return nil
}

// CheckZone reports whether this machine knows the IANA zone.
func CheckZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return fault.Invalid("zone", "volunteering.zone_unknown", "Choose a time zone such as America/New_York.")
	}
	return nil
}

func (w Window) check() error {
	var opens error
	if w.OpensBeforeHours != nil {
		opens = checkRange("opens_before_hours", *w.OpensBeforeHours, 1, maxWindow/60)
	}
	return fault.Join(opens, checkRange("closes_before_minutes", w.ClosesBeforeMinutes, -maxLateness, maxWindow), checkRange("cancel_before_minutes", w.CancelBeforeMinutes, 0, maxWindow))
}

func (w Waitlist) check() error {
	var most error
	if w.WaitlistMax != nil {
		most = checkRange("waitlist_max", *w.WaitlistMax, 0, maxWaitlist)
	}
	return fault.Join(most, checkRange("offer_hours", w.OfferHours, 1, 24*7))
}

func checkRange(field string, n, low, high int) error {
	if n < low || n > high {
		return fault.Invalid(field, "volunteering.out_of_range", "This number is too small or too large.")
	}
	return nil
}

func set(to *string, err error, value string) error {
	if err == nil {
		*to = value
	}
	return err
}

func required(to *string, field, value string, max int) error {
	clean, err := text.Required(field, value, max)
	return set(to, err, clean)
}

func line(to *string, field, value string, max int) error {
	clean, err := text.Line(field, value, max)
	return set(to, err, clean)
}

func block(to *string, field, value string, max int) error {
	clean, err := text.Block(field, value, max)
	return set(to, err, clean)
}
