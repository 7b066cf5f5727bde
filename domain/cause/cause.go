// Package cause holds what gifts are for: causes, the funds their money is booked to, and the entries of the charity registry that prove
// who an organization is.
package cause

import (
	"regexp"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
)

// Faults about causes.
var (
	// ErrNotFound means that the organization has no such cause.
	ErrNotFound = fault.NotFound("cause")
	// ErrSlugTaken means that another cause of the organization has this slug.
	ErrSlugTaken = fault.New(fault.KindConflict, "cause.slug_taken", "Another cause already has this address.")
	// ErrHasLiveCampaigns means that campaigns are collecting for the cause.
	ErrHasLiveCampaigns = fault.New(fault.KindConflict, "cause.has_live_campaigns", "A live campaign collects for this cause. End the campaign first.")
	// ErrArchived means that an archived cause takes no new funds.
	ErrArchived = fault.New(fault.KindConflict, "cause.archived", "This cause is archived. Publish it again first.")
)

// Status is where a cause stands.
type Status string

// The statuses of a cause. Any may follow any: an archived cause can come back.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Archived  Status = "archived"
)

// Cause is what a gift is for, published by a nonprofit.
type Cause struct {
	OrgID     uuid.UUID    `gorm:"primaryKey;type:uuid"`
	ID        id.ID[Cause] `gorm:"primaryKey;type:uuid"`
	Slug      string
	Name      string
	Summary   string
	Status    Status
	CreatedAt time.Time
	UpdatedAt time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Cause) TableName() string { return "causes" }

// Details is what staff say of a new cause. An empty slug is made from the name.
type Details struct {
	Name    string
	Slug    string
	Summary string
}

// New makes a draft.
func New(org uuid.UUID, d Details, at time.Time) (Cause, error) {
	c := Cause{OrgID: org, ID: id.New[Cause](), Status: Draft, CreatedAt: at, UpdatedAt: at}
	if d.Slug == "" {
		d.Slug = Slug(d.Name)
	}
	if err := fault.Join(c.setName(&d.Name), c.setSlug(d.Slug), c.setSummary(&d.Summary)); err != nil {
		return Cause{}, err
	}
	return c, nil
}

// Patch names the fields to change; nil leaves a field as it is. The slug never changes: it is in links.
type Patch struct {
	Name    *string
	Summary *string
	Status  *Status
}

// Apply changes the cause, or leaves it as it was and says why.
func (c *Cause) Apply(p Patch, at time.Time) error {
	after := *c
	if err := fault.Join(after.setName(p.Name), after.setSummary(p.Summary), after.setStatus(p.Status)); err != nil {
		return err
	}
	if after != *c {
		after.UpdatedAt = at
		*c = after
	}
	return nil
}

func (c *Cause) setName(value *string) error { return setLine(&c.Name, value) }

func (c *Cause) setSummary(value *string) error {
	if value == nil {
		return nil
	}
	summary, err := text.Block("summary", *value, 500)
	if err == nil {
		c.Summary = summary
	}
	return err
}

func (c *Cause) setStatus(value *Status) error {
	if value == nil {
		return nil
	}
	switch *value {
	case Draft, Published, Archived:
		c.Status = *value
		return nil
	}
	return fault.Invalid("status", "cause.status", "The status is draft, published or archived.")
}

var slugForm = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9]){1,59}$`)

func (c *Cause) setSlug(value string) error {
	if !slugForm.MatchString(value) || len(value) > 60 {
		return fault.Invalid("slug", "cause.slug", "Use 2 to 60 small letters, digits and single dashes.")
	}
	c.Slug = value
	return nil
}

func setLine(to, value *string) error {
	if value == nil {
		return nil
	}
	name, err := text.Required("name", *value, 200)
	if err == nil {
		*to = name
	}
	return err
}
