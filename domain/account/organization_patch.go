package account

import (
	"slices"
	"strings"
	"time"

	"tributary/domain/fault"
	"tributary/domain/text"
)

// OrganizationPatch names the settings to change; nil leaves one as it is.
type OrganizationPatch struct {
	Name             *string
	LegalName        *string
	Email            *string
	Phone            *string
	Website          *string
	AddressLine1     *string
	AddressLine2     *string
	City             *string
	Region           *string
	PostalCode       *string
	Country          *string
	Zone             *string
	BrandColor       *string
	ReceiptSignatory *string
	ReceiptPrefix    *string
	FiscalYearStart  *int16
	EmbedOrigins     *[]string
	BookPledges      *bool
}

// Apply changes the settings that p names and returns, by column, what they were and what they are now, only for those that differ. When
// anything is wrong it says all of it and changes nothing.
func (o *Organization) Apply(p OrganizationPatch, now time.Time) (before, after map[string]any, err error) {
	next := *o
	a := applier{before: map[string]any{}, after: map[string]any{}}
	a.text("name", &next.Name, p.Name, required(200))
	a.text("legal_name", &next.LegalName, p.LegalName, o.checkLegalName)
	a.text("email", &next.Email, p.Email, optionalEmail)
	a.text("phone", &next.Phone, p.Phone, atMost(40))
	a.text("website", &next.Website, p.Website, website)
	a.text("address_line1", &next.AddressLine1, p.AddressLine1, atMost(200))
	a.text("address_line2", &next.AddressLine2, p.AddressLine2, atMost(200))
	a.text("city", &next.City, p.City, atMost(100))
	a.text("region", &next.Region, p.Region, atMost(100))
	a.text("postal_code", &next.PostalCode, p.PostalCode, atMost(20))
	a.text("country", &next.Country, p.Country, upper(checkCountry))
	a.text("zone", &next.Zone, p.Zone, whole(checkZone))
	a.text("brand_color", &next.BrandColor, p.BrandColor, color)
	a.text("receipt_signatory", &next.ReceiptSignatory, p.ReceiptSignatory, atMost(200))
	a.text("receipt_prefix", &next.ReceiptPrefix, p.ReceiptPrefix, upper(checkPrefix))
	a.month("fiscal_year_start", &next.FiscalYearStart, p.FiscalYearStart)
	a.origins("embed_origins", &next.EmbedOrigins, p.EmbedOrigins)
	a.choice("book_pledges", &next.BookPledges, p.BookPledges)
	if err := fault.Join(a.errs...); err != nil {
		return nil, nil, err
	}
	if len(a.after) > 0 {
		next.UpdatedAt = now
	}
	*o = next
	return a.before, a.after, nil
}

// applier gathers what changed and what is wrong.
type applier struct {
	before, after map[string]any
	errs          []error
}

type textRule func(field, value string) (string, error)

func (a *applier) text(field string, setting, wanted *string, rule textRule) {
	if wanted == nil {
		return
	}
	value, err := rule(field, *wanted)
	if err != nil {
		a.errs = append(a.errs, err)
		return
	}
	if value != *setting {
		a.before[field], a.after[field] = *setting, value
		*setting = value
	}
}

func (a *applier) month(field string, setting, wanted *int16) {
	switch {
	case wanted == nil || *wanted == *setting:
	case *wanted < 1 || *wanted > 12:
		a.errs = append(a.errs, errFiscalYear)
	default:
		a.before[field], a.after[field] = *setting, *wanted
		*setting = *wanted
	}
}

func (a *applier) choice(field string, setting, wanted *bool) {
	if wanted == nil || *wanted == *setting {
		return
	}
	a.before[field], a.after[field] = *setting, *wanted
	*setting = *wanted
}

func (a *applier) origins(field string, setting *Origins, wanted *[]string) {
	if wanted == nil {
		return
	}
	origins, err := NewOrigins(*wanted)
	if err != nil {
		a.errs = append(a.errs, err)
		return
	}
	if !slices.Equal(origins, *setting) {
		a.before[field], a.after[field] = *setting, origins
		*setting = origins
	}
}

// checkLegalName keeps a verified name: receipts and public pages show it as the registry's.
func (o *Organization) checkLegalName(field, value string) (string, error) {
	name, err := text.Required(field, value, 200)
	if err == nil && o.Verified() && name != o.LegalName {
		return "", ErrLegalNameVerified
	}
	return name, err
}

func required(longest int) textRule {
	return func(field, value string) (string, error) { return text.Required(field, value, longest) }
}

func atMost(longest int) textRule {
	return func(field, value string) (string, error) { return text.Line(field, value, longest) }
}

func upper(check func(string) error) textRule {
	return func(_, value string) (string, error) {
		value = strings.ToUpper(strings.TrimSpace(value))
		return value, check(value)
	}
}

func whole(check func(string) error) textRule {
	return func(_, value string) (string, error) { return value, check(value) }
}

func optionalEmail(_, value string) (string, error) {
	if strings.TrimSpace(value) == "" {
		return "", nil
	}
	display, _, err := NormalizeEmail(value)
	return display, err
}

func website(field, value string) (string, error) {
	value, err := text.Line(field, value, 200)
	if err == nil && value != "" && !websitePattern.MatchString(value) {
		return "", errWebsite
	}
	return value, err
}

func color(_, value string) (string, error) {
	value = strings.ToLower(strings.TrimSpace(value))
	if !colorPattern.MatchString(value) {
		return "", errColor
	}
	return value, nil
}

func checkPrefix(s string) error {
	if !prefixPattern.MatchString(s) {
		return errPrefix
	}
	return nil
}
