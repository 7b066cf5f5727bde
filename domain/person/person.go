// Package person holds one human's record at one organization: donor, volunteer and employee at once.
package person

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// Faults about people.
var (
	// ErrChanged means that someone else changed the record since it was read.
	ErrChanged = fault.New(fault.KindConflict, "person.changed", "Someone else changed this person meanwhile. Load the page again and repeat your change.")
	// ErrEmailTaken means that another person of the organization has this e-mail address.
	ErrEmailTaken = fault.New(fault.KindConflict, "person.email_taken", "Another person already has this e-mail address.")
	// ErrAnonymised means that the record names nobody any more, so there is nothing to change.
	ErrAnonymised = fault.New(fault.KindConflict, "person.anonymised", "This person was anonymised.")
	// ErrNotFound means that the organization has no such person.
	ErrNotFound = fault.NotFound("person")
)

// Person is one human's record at one organization. Build it with New, change it with Apply.
type Person struct {
	OrgID           uuid.UUID     `gorm:"primaryKey;type:uuid"`
	ID              id.ID[Person] `gorm:"primaryKey;type:uuid"`
	FirstName       string
	LastName        string
	Email           *string // as the person writes it; nil when unknown
	EmailNormalized *string // what tells two people apart
	Phone           string
	AddressLine1    string `gorm:"column:address_line1"`
	AddressLine2    string `gorm:"column:address_line2"`
	City            string
	Region          string
	PostalCode      string
	Country         string // ISO 3166-1 alpha-2, or empty
	Employer        string
	DoNotContact    bool
	AnonymisedAt    *time.Time // since then the record names nobody
	Version         int        // grows by one with each change
	CreatedAt       time.Time
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Person) TableName() string { return "people" }

// Details is what is known of a person when the record is made.
type Details struct {
	FirstName, LastName        string
	Email                      string
	Phone                      string
	AddressLine1, AddressLine2 string
	City, Region, PostalCode   string
	Country                    string
	Employer                   string
}

// New makes the record of a person at the organization. A name or an e-mail address is required.
func New(org uuid.UUID, d Details, at time.Time) (Person, error) {
	p := Person{OrgID: org, ID: id.New[Person](), Version: 1, CreatedAt: at, UpdatedAt: at}
	if err := p.set(d.patch()); err != nil {
		return Person{}, err
	}
	return p, nil
}

// Anonymous is how an anonymised person is called.
const Anonymous = "Former supporter"

// Anonymise takes away all that tells who the person is. Their gifts and receipts stay in the books.
func (p *Person) Anonymise(at time.Time) error {
	if p.AnonymisedAt != nil {
		return ErrAnonymised
	}
	*p = Person{
		OrgID: p.OrgID, ID: p.ID, LastName: Anonymous, Country: p.Country, DoNotContact: true, AnonymisedAt: &at, Version: p.Version + 1,
		CreatedAt: p.CreatedAt, UpdatedAt: at,
	}
	return nil
}

// DisplayName is how the person is called on a screen: the name, else the e-mail address.
func (p Person) DisplayName() string {
	if name := strings.TrimSpace(p.FirstName + " " + p.LastName); name != "" {
		return name
	}
	return p.EmailAddress()
}

// EmailAddress is the address as written, or empty.
func (p Person) EmailAddress() string {
	if p.Email == nil {
		return ""
	}
	return *p.Email
}

// Nameless reports whether neither name is known.
func (p Person) Nameless() bool { return p.FirstName == "" && p.LastName == "" }
