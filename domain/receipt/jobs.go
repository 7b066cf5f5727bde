package receipt

import "github.com/google/uuid"

// Issue asks to bring a donation's official receipt up to date: issue it, replace it after a refund, or void it.
type Issue struct {
	OrgID      uuid.UUID `json:"org_id"`
	DonationID uuid.UUID `json:"donation_id"`
}

// Kind names the job.
func (Issue) Kind() string { return "receipt.issue" }
