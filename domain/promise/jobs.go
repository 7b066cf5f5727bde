package promise

import "github.com/google/uuid"

// FindDue asks to look, organization by organization, for instalments about which something is to be done.
type FindDue struct{}

// Kind names the job.
func (FindDue) Kind() string { return "promise.find_due" }

// FindDueOf asks for the instalments of one organization.
type FindDueOf struct {
	OrgID uuid.UUID `json:"org_id"`
}

// Kind names the job.
func (FindDueOf) Kind() string { return "promise.find_due_of" }

// Act asks to do what is to be done about one instalment: charge, ask, remind, give up.
type Act struct {
	OrgID        uuid.UUID `json:"org_id"`
	InstalmentID uuid.UUID `json:"instalment_id"`
}

// Kind names the job.
func (Act) Kind() string { return "promise.act" }

// ReadCard asks to fetch what the gateway says of a page on which a card is saved, or of a saved card.
type ReadCard struct {
	OrgID    uuid.UUID `json:"org_id"`
	ObjectID string    `json:"object_id"` // cs_, seti_ or pm_
}

// Kind names the job.
func (ReadCard) Kind() string { return "promise.read_card" }
