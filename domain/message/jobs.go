package message

import (
	"github.com/google/uuid"

	"tributary/domain/id"
)

// Send asks the mail platform to send one mail of an organization.
type Send struct {
	OrgID     uuid.UUID      `json:"org_id"`
	MessageID id.ID[Message] `json:"message_id"`
}

// Kind names the job.
func (Send) Kind() string { return "message.send" }

// SendLogin asks the mail platform to send one mail to a login.
type SendLogin struct {
	MessageID id.ID[LoginMessage] `json:"message_id"`
}

// Kind names the job.
func (SendLogin) Kind() string { return "message.send_login" }
