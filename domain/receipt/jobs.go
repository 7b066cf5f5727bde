package receipt

import "github.com/google/uuid"

// Issue asks for the receipt of a donation to be brought in line with the money that stands: issued, replaced or void.
type Issue struct {
	OrgID      uuid.UUID `json:"org_id"`
	DonationID uuid.UUID `json:"donation_id"`
}

// Kind names the job.
func (Issue) Kind() string { return "receipt.issue" }
