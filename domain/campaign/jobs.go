package campaign

import "github.com/google/uuid"

// Finish ends a live campaign after its last day. It is scheduled when the last day is set, and does nothing when it has moved.
type Finish struct {
	OrgID      uuid.UUID `json:"org_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
}

// Kind names the job.
func (Finish) Kind() string { return "campaign.finish" }
