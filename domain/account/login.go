package account

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
)

// Sign-in limits of one login.
const (
	MaxFailedSignIns = 10
	LockDuration     = 15 * time.Minute
)

// Why a sign-in is refused. ErrWrongCredentials is the same whether the e-mail is unknown or the password is wrong, and ErrLocked is given
// for unknown e-mails too.
var (
	ErrWrongCredentials = fault.New(fault.KindUnauthenticated, "login.wrong_credentials", "This e-mail and password do not match.")
	ErrLocked           = &fault.Error{Kind: fault.KindRateLimited, Code: "login.locked",
		Message: "Too many failed attempts. Wait 15 minutes, or choose a new password with the link we can mail you.", RetryAfter: LockDuration}
	ErrEmailTaken = fault.New(fault.KindConflict, "login.email_taken", "There is a login with this e-mail already.").With("email")
)

// Login is the credentials of one human across organizations.
type Login struct {
	ID                id.ID[Login] `gorm:"primaryKey"`
	Email             string       // as typed, to write to
	EmailNormalized   string       // to look up by
	Name              string
	PasswordHash      *string // argon2id, PHC form
	Operator          bool    // runs the platform
	FailedSignIns     int     // since the last success or lock
	LockedUntil       *time.Time
	PasswordChangedAt *time.Time
	CreatedAt         time.Time
}

// TableName tells GORM the table.
func (Login) TableName() string { return "logins" }

// LoginDetails is what making a login takes beside the password.
type LoginDetails struct {
	Name     string
	Email    string
	Operator bool
}

// NewLogin makes a login without a password.
func NewLogin(d LoginDetails, now time.Time) (Login, error) {
	name, nameErr := text.Required("name", d.Name, 200)
	email, normalized, emailErr := NormalizeEmail(d.Email)
	if err := fault.Join(nameErr, emailErr); err != nil {
		return Login{}, err
	}
	return Login{ID: id.New[Login](), Email: email, EmailNormalized: normalized, Name: name, Operator: d.Operator, CreatedAt: now}, nil
}

// SetPassword stores the hash of a new password and lifts a lock: whoever could set it has shown who they are.
func (l *Login) SetPassword(hash string, now time.Time) {
	l.PasswordHash, l.PasswordChangedAt = &hash, &now
	l.FailedSignIns, l.LockedUntil = 0, nil
}

// Locked reports whether sign-in is refused at now, whatever the password.
func (l *Login) Locked(now time.Time) bool { return l.LockedUntil != nil && now.Before(*l.LockedUntil) }

// SignInFailed counts one wrong password and reports whether it locked the login. While locked nothing is counted, and after a lock the
// count starts anew.
func (l *Login) SignInFailed(now time.Time) (locked bool) {
	if l.Locked(now) {
		return false
	}
	if l.LockedUntil != nil {
		l.FailedSignIns, l.LockedUntil = 0, nil
	}
	l.FailedSignIns++
	if l.FailedSignIns < MaxFailedSignIns {
		return false
	}
	until := now.Add(LockDuration)
	l.LockedUntil = &until
	return true
}

// SignedIn forgets earlier failures.
func (l *Login) SignedIn() { l.FailedSignIns, l.LockedUntil = 0, nil }

// What happened to a login, as its history names it.
const (
	LoginCreated            = "login.created"
	LoginSignedIn           = "login.signed_in"
	LoginSignedOut          = "login.signed_out"
	LoginSignedOutAll       = "login.signed_out_everywhere"
	LoginLocked             = "login.locked"
	LoginPasswordRequested  = "login.password_reset_requested"
	LoginPasswordReset      = "login.password_reset"
	LoginPasswordRehashed   = "login.password_rehashed"
	LoginOrganizationJoined = "login.organization_joined"
)

// LoginEvent is one line of a login's history, beyond any one organization.
type LoginEvent struct {
	Seq       int64 `gorm:"->;primaryKey;autoIncrement"`
	LoginID   id.ID[Login]
	Action    string
	ActorKind string
	ActorID   *uuid.UUID
	RequestID string
	At        time.Time
}

// TableName tells GORM the table.
func (LoginEvent) TableName() string { return "login_events" }

// ResetTokenLife is how long a mailed link to choose a new password works.
const ResetTokenLife = 30 * time.Minute

// ErrResetLinkInvalid is the answer to a link that is unknown, used or too old; it does not say which.
var ErrResetLinkInvalid = fault.New(fault.KindNotFound, "password_reset.invalid",
	"This link was used already or is too old. Ask for a new one.")

// TokenPurpose says what a mailed secret lets its holder do.
type TokenPurpose string

// PasswordReset lets the holder choose a new password.
const PasswordReset TokenPurpose = "password_reset"

// LoginToken is a single-use mailed secret of a login, known by its hash only.
type LoginToken struct {
	TokenHash []byte `gorm:"primaryKey"`
	LoginID   id.ID[Login]
	Purpose   TokenPurpose
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// TableName tells GORM the table.
func (LoginToken) TableName() string { return "login_tokens" }

// NewResetToken makes the stored half of a link to choose a new password.
func NewResetToken(hash []byte, login id.ID[Login], now time.Time) LoginToken {
	return LoginToken{TokenHash: hash, LoginID: login, Purpose: PasswordReset, CreatedAt: now, ExpiresAt: now.Add(ResetTokenLife)}
}
