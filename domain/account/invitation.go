package account

import (
	"time"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// InvitationLife is how long an invitation can be accepted.
const InvitationLife = 7 * 24 * time.Hour

// Why an invitation cannot be made or accepted.
var (
	ErrInvitationInvalid = fault.New(fault.KindNotFound, "invitation.invalid",
		"This invitation was used or withdrawn, or is too old. Ask for a new one.")
	ErrAlreadyInvited = fault.New(fault.KindConflict, "invitation.open", "There is an open invitation to this e-mail. Withdraw it first.")
)

// Invitation asks someone by mail to join an organization with a role. The mailed link carries the secret, this the hash.
type Invitation struct {
	OrgID           id.ID[Organization] `gorm:"primaryKey"`
	ID              id.ID[Invitation]   `gorm:"primaryKey"`
	Email           string
	EmailNormalized string
	Role            Role
	TokenHash       []byte
	InvitedBy       id.ID[Login]
	CreatedAt       time.Time
	ExpiresAt       time.Time
	AcceptedAt      *time.Time
	RevokedAt       *time.Time
}

// TableName tells GORM the table.
func (Invitation) TableName() string { return "invitations" }

// InvitationDetails is what inviting takes.
type InvitationDetails struct {
	OrgID     id.ID[Organization]
	Email     string
	Role      Role
	InvitedBy id.ID[Login]
	TokenHash []byte
}

// NewInvitation makes an invitation that lasts seven days. Whether the inviter may give the role is Team.CheckInvitation's to say.
func NewInvitation(d InvitationDetails, now time.Time) (Invitation, error) {
	email, normalized, emailErr := NormalizeEmail(d.Email)
	var roleErr error
	if !d.Role.Valid() {
		roleErr = ErrRoleUnknown
	}
	if err := fault.Join(emailErr, roleErr); err != nil {
		return Invitation{}, err
	}
	return Invitation{
		OrgID: d.OrgID, ID: id.New[Invitation](), Email: email, EmailNormalized: normalized, Role: d.Role, TokenHash: d.TokenHash,
		InvitedBy: d.InvitedBy, CreatedAt: now, ExpiresAt: now.Add(InvitationLife),
	}, nil
}

// Open reports whether the invitation can be accepted at now.
func (i Invitation) Open(now time.Time) bool {
	return i.AcceptedAt == nil && i.RevokedAt == nil && now.Before(i.ExpiresAt)
}
