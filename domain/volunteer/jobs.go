package volunteer

import (
	"time"

	"github.com/google/uuid"
)

// Settle asks to do what is due on one shift at an instant: end holds, offer places, close the waitlist.
type Settle struct {
	OrgID   uuid.UUID `json:"org_id"`
	ShiftID uuid.UUID `json:"shift_id"`
	At      time.Time `json:"at"`
}

// Kind names the job.
func (Settle) Kind() string { return "volunteer.settle" }

// TellChange asks to write to everybody whom a notice concerns: those whose ids come after After.
type TellChange struct {
	OrgID    uuid.UUID `json:"org_id"`
	NoticeID uuid.UUID `json:"notice_id"`
	After    uuid.UUID `json:"after,omitzero"`
}

// Kind names the job.
func (TellChange) Kind() string { return "volunteer.tell_change" }

// Remind asks to write the reminders that are due, organization by organization.
type Remind struct{}

// Kind names the job.
func (Remind) Kind() string { return "volunteer.remind" }

// RemindOf asks for the reminders of one organization.
type RemindOf struct {
	OrgID uuid.UUID `json:"org_id"`
}

// Kind names the job.
func (RemindOf) Kind() string { return "volunteer.remind_of" }

// Keep asks for the daily work, organization by organization: shifts of series are made ahead, forgotten check-outs closed, expiring
// credentials told, spent requests deleted.
type Keep struct{}

// Kind names the job.
func (Keep) Kind() string { return "volunteer.keep" }

// KeepOf asks for the daily work of one organization.
type KeepOf struct {
	OrgID uuid.UUID `json:"org_id"`
}

// Kind names the job.
func (KeepOf) Kind() string { return "volunteer.keep_of" }
