package person

import (
	"strings"
	"time"

	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/text"
)

const maxName = 100

// Patch names the fields to change; nil leaves a field as it is, an empty text clears it.
type Patch struct {
	FirstName, LastName        *string
	Email                      *string
	Phone                      *string
	AddressLine1, AddressLine2 *string
	City, Region, PostalCode   *string
	Country                    *string
	Employer                   *string
	DoNotContact               *bool
}

// Apply changes the person and returns which columns differ now; when none does, nothing is changed, not even the version. On an error
// the person is left as it was.
func (p *Person) Apply(c Patch, at time.Time) ([]string, error) {
	if p.AnonymisedAt != nil {
		return nil, ErrAnonymised
	}
	after := *p
	if err := after.set(c); err != nil {
		return nil, err
	}
	changed := p.differences(after)
	if len(changed) > 0 {
		after.Version, after.UpdatedAt = p.Version+1, at
		*p = after
	}
	return changed, nil
}

// Fields lists the columns a patch can change with their values, for the record of changes.
func (p Person) Fields() map[string]any {
	return map[string]any{
		"first_name": p.FirstName, "last_name": p.LastName, "email": p.EmailAddress(), "phone": p.Phone,
		"address_line1": p.AddressLine1, "address_line2": p.AddressLine2, "city": p.City, "region": p.Region,
		"postal_code": p.PostalCode, "country": p.Country, "employer": p.Employer, "do_not_contact": p.DoNotContact,
	}
}

var fieldOrder = []string{
	"first_name", "last_name", "email", "phone", "address_line1", "address_line2", "city", "region", "postal_code", "country", "employer",
	"do_not_contact",
}

func (p *Person) differences(after Person) []string {
	before, now := p.Fields(), after.Fields()
	var changed []string
	for _, field := range fieldOrder {
		if before[field] != now[field] {
			changed = append(changed, field)
		}
	}
	return changed
}

// set checks and takes over every named field; all mistakes are reported together.
func (p *Person) set(c Patch) error {
	err := fault.Join(
		setText(&p.FirstName, c.FirstName, "first_name", maxName),
		setText(&p.LastName, c.LastName, "last_name", maxName),
		p.setEmail(c.Email),
		setText(&p.Phone, c.Phone, "phone", 40),
		setText(&p.AddressLine1, c.AddressLine1, "address_line1", 200),
		setText(&p.AddressLine2, c.AddressLine2, "address_line2", 200),
		setText(&p.City, c.City, "city", 100),
		setText(&p.Region, c.Region, "region", 100),
		setText(&p.PostalCode, c.PostalCode, "postal_code", 20),
		p.setCountry(c.Country),
		setText(&p.Employer, c.Employer, "employer", 200),
	)
	if err != nil {
		return err
	}
	if c.DoNotContact != nil {
		p.DoNotContact = *c.DoNotContact
	}
	if p.Nameless() && p.Email == nil {
		return fault.Invalid("first_name", "person.nameless", "Give a name or an e-mail address.")
	}
	return nil
}

func setText(to, value *string, field string, max int) error {
	if value == nil {
		return nil
	}
	clean, err := text.Line(field, *value, max)
	if err == nil {
		*to = clean
	}
	return err
}

func (p *Person) setEmail(value *string) error {
	if value == nil {
		return nil
	}
	if strings.TrimSpace(*value) == "" {
		p.Email, p.EmailNormalized = nil, nil
		return nil
	}
	written, normalized, err := account.NormalizeEmail(*value)
	if err != nil {
		return err
	}
	p.Email, p.EmailNormalized = &written, &normalized
	return nil
}

func (p *Person) setCountry(value *string) error {
	if value == nil {
		return nil
	}
	country := strings.ToUpper(strings.TrimSpace(*value))
	if country != "" && (len(country) != 2 || strings.Trim(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return fault.Invalid("country", "person.country", "Write the country as two letters, such as US.")
	}
	p.Country = country
	return nil
}

func (d Details) patch() Patch {
	return Patch{
		FirstName: &d.FirstName, LastName: &d.LastName, Email: &d.Email, Phone: &d.Phone, AddressLine1: &d.AddressLine1,
		AddressLine2: &d.AddressLine2, City: &d.City, Region: &d.Region, PostalCode: &d.PostalCode, Country: &d.Country,
		Employer: &d.Employer,
	}
}
