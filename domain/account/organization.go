package account

import (
	"regexp"
	"strings"
	"time"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/text"
)

// OrganizationKind is the sort of legal body.
type OrganizationKind string

// The kinds of organization.
const (
	Nonprofit OrganizationKind = "nonprofit"
	Company   OrganizationKind = "company"
)

// Valid reports whether the kind exists.
func (k OrganizationKind) Valid() bool { return k == Nonprofit || k == Company }

// What can be wrong with an organization.
var (
	ErrSlugTaken         = fault.New(fault.KindConflict, "organization.slug_taken", "Another organization has this address. Choose another.").With("slug")
	ErrLegalNameVerified = fault.Invalid("legal_name", "organization.legal_name_verified",
		"The legal name comes from the registry entry you claimed and cannot be changed here.")
	errKindUnknown = fault.Invalid("kind", "organization.kind_unknown", "Choose nonprofit or company.")
	errZoneUnknown = fault.Invalid("zone", "organization.zone_unknown", "Choose a time zone such as America/New_York.")
	errCountry     = fault.Invalid("country", "organization.country_invalid", "Write the country as two letters, such as US.")
	errColor       = fault.Invalid("brand_color", "organization.color_invalid", "Write the colour as # and six hexadecimal digits.")
	errPrefix      = fault.Invalid("receipt_prefix", "organization.prefix_invalid", "Use at most 8 capital letters, digits and hyphens.")
	errFiscalYear  = fault.Invalid("fiscal_year_start", "organization.fiscal_year_invalid", "Choose a month from 1 to 12.")
	errWebsite     = fault.Invalid("website", "organization.website_invalid", "Write the whole address, such as https://www.example.org.")
	errCurrency    = fault.Invalid("currency", "organization.currency_unknown", "Choose a currency we know, such as USD.")
	colorPattern   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	prefixPattern  = regexp.MustCompile(`^[A-Z0-9-]{0,8}$`)
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	websitePattern = regexp.MustCompile(`^https?://[^\s"'<>\\]+\.[^\s"'<>\\]+$`)
	zonePattern    = regexp.MustCompile(`^(UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2})$`)
)

const (
	defaultZone     = "America/New_York"
	defaultCountry  = "US"
	defaultCurrency = "USD"
	defaultColor    = "#0b6b50"
)

// Organization is a legal body using the platform: a nonprofit or a company. Its id is the tenant.
type Organization struct {
	ID               id.ID[Organization] `gorm:"primaryKey"`
	Kind             OrganizationKind
	Slug             string
	Name             string     // what the public reads
	LegalName        string     // what receipts say
	EIN              *string    `gorm:"column:ein"` // nine digits; set by claiming a registry entry
	EINVerifiedAt    *time.Time `gorm:"column:ein_verified_at"`
	Email            string
	Phone            string
	Website          string
	AddressLine1     string
	AddressLine2     string
	City             string
	Region           string
	PostalCode       string
	Country          string // ISO 3166-1 alpha-2
	Zone             string // IANA name; decides which date an instant is
	Currency         string
	FiscalYearStart  int16 // month, 1 to 12
	BrandColor       string
	StripeAccount    *string // direct mode: the connected account
	ReceiptSignatory string
	ReceiptPrefix    string
	EmbedOrigins     Origins
	BookPledges      bool // new pledges are carried in the ledger as receivable
	CreatedAt        time.Time
	UpdatedAt        time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Organization) TableName() string { return "organizations" }

// OrganizationDetails is what founding an organization takes. Slug may be empty: it is then made from the name. Country, zone and
// currency default to the United States, New York and the dollar.
type OrganizationDetails struct {
	Name     string
	Kind     OrganizationKind
	Slug     string
	Country  string
	Zone     string
	Currency string
}

// NewOrganization founds an organization, or says everything that is wrong with the details.
func NewOrganization(d OrganizationDetails, now time.Time) (Organization, error) {
	o := Organization{
		ID: id.New[Organization](), Kind: d.Kind, Zone: or(d.Zone, defaultZone), Country: strings.ToUpper(or(d.Country, defaultCountry)),
		Currency: strings.ToUpper(or(d.Currency, defaultCurrency)), FiscalYearStart: 1, BrandColor: defaultColor, CreatedAt: now, UpdatedAt: now,
	}
	name, nameErr := text.Required("name", d.Name, 200)
	o.Name, o.LegalName = name, name
	o.Slug = or(d.Slug, Slugify(name))
	slugErr := CheckSlug(o.Slug)
	if nameErr != nil && d.Slug == "" {
		slugErr = nil // the slug is only wrong because the name is
	}
	if err := fault.Join(nameErr, checkKind(o.Kind), slugErr, checkCountry(o.Country), checkZone(o.Zone), checkCurrency(o.Currency)); err != nil {
		return Organization{}, err
	}
	return o, nil
}

// Location is the zone in which the organization's dates are decided.
func (o Organization) Location() *time.Location {
	zone, err := time.LoadLocation(o.Zone)
	if err != nil { // stored before the zone database of this machine dropped it
		return time.UTC
	}
	return zone
}

// StripeAccountID is the Stripe account the organization's money goes to: its own connected one, or ours (empty).
func (o Organization) StripeAccountID() string {
	if o.StripeAccount == nil {
		return ""
	}
	return *o.StripeAccount
}

// Verified reports whether a registry entry has been claimed.
func (o Organization) Verified() bool { return o.EINVerifiedAt != nil }

func or(given, otherwise string) string {
	if given = strings.TrimSpace(given); given == "" {
		return otherwise
	}
	return given
}

func checkKind(k OrganizationKind) error {
	if !k.Valid() {
		return errKindUnknown
	}
	return nil
}

func checkCountry(s string) error {
	if !countryPattern.MatchString(s) {
		return errCountry
	}
	return nil
}

// checkZone refuses what LoadLocation would accept beyond names: "", "Local" and paths.
func checkZone(s string) error {
	if !zonePattern.MatchString(s) {
		return errZoneUnknown
	}
	if _, err := time.LoadLocation(s); err != nil {
		return errZoneUnknown
	}
	return nil
}

func checkCurrency(s string) error {
	if _, err := money.Lookup(s); err != nil {
		return errCurrency
	}
	return nil
}

// FormattedEIN is the registry number as people write it, "12-3456789"; nil without one.
func (o Organization) FormattedEIN() *string {
	if o.EIN == nil || len(*o.EIN) != 9 {
		return nil
	}
	ein := (*o.EIN)[:2] + "-" + (*o.EIN)[2:]
	return &ein
}
