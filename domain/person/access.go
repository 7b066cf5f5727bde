package person

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// How long a mailed link and the session it opens last.
const (
	LinkLife    = 15 * time.Minute
	SessionLife = 7 * 24 * time.Hour
)

// ErrLinkSpent means that a mailed link was used, is too old, or never was one of ours. Which of them is nobody's business.
var ErrLinkSpent = fault.New(fault.KindNotFound, "supporter_link.spent", "This link has been used or is too old. Ask for a new one.")

// ErrSessionOver means that a supporter has to ask for a new link.
var ErrSessionOver = fault.New(fault.KindUnauthenticated, "supporter_session.over", "Your visit has ended. Ask for a new link.")

// Link is a mailed, single-use link to the supporter page.
type Link struct {
	OrgID     uuid.UUID     `gorm:"primaryKey;type:uuid"`
	TokenHash []byte        `gorm:"primaryKey"`
	PersonID  id.ID[Person] `gorm:"type:uuid"`
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    *time.Time
}

// TableName tells GORM the table.
func (Link) TableName() string { return "supporter_links" }

// Session is a browser that opened a supporter link.
type Session struct {
	OrgID     uuid.UUID     `gorm:"primaryKey;type:uuid"`
	TokenHash []byte        `gorm:"primaryKey"`
	PersonID  id.ID[Person] `gorm:"type:uuid"`
	CSRFToken string        `gorm:"column:csrf_token"`
	CreatedAt time.Time
	ExpiresAt time.Time
}

// TableName tells GORM the table.
func (Session) TableName() string { return "supporter_sessions" }

// NewLink makes a link for p and the secret that goes into the mail; the link itself keeps only the secret's hash.
func NewLink(p Person, at time.Time) (Link, Secret) {
	secret := newSecret(p.OrgID)
	return Link{OrgID: p.OrgID, TokenHash: secret.Hash(), PersonID: p.ID, CreatedAt: at, ExpiresAt: at.Add(LinkLife)}, secret
}

// NewSession makes the session that a link of the person opens, and the secret that goes into the cookie.
func NewSession(org uuid.UUID, p id.ID[Person], at time.Time) (Session, Secret) {
	secret := newSecret(org)
	return Session{
		OrgID: org, TokenHash: secret.Hash(), PersonID: p, CSRFToken: rand.Text(), CreatedAt: at, ExpiresAt: at.Add(SessionLife),
	}, secret
}

// Secret is what a mailed link or a supporter's cookie holds: the organization, so that the rest can be looked up under that tenant, and
// 32 random bytes.
type Secret [16 + 32]byte

func newSecret(org uuid.UUID) Secret {
	var s Secret
	copy(s[:16], org[:])
	_, _ = rand.Read(s[16:]) // never fails: the program ends instead
	return s
}

// ParseSecret reads the text form; anything else is no secret.
func ParseSecret(text string) (Secret, bool) {
	var s Secret
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(s) {
		return Secret{}, false
	}
	copy(s[:], raw)
	return s, true
}

// String is the form in a link or cookie: 64 letters that need no escaping in a URL.
func (s Secret) String() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

// OrgID is the organization the secret belongs to.
func (s Secret) OrgID() uuid.UUID { return uuid.UUID(s[:16]) }

// Hash is what the database keeps. The secret is random, so a plain hash cannot be guessed back.
func (s Secret) Hash() []byte {
	sum := sha256.Sum256(s[:])
	return sum[:]
}
