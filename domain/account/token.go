package account

import (
	"database/sql/driver"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
)

// What is wrong with an API token, or with one that is to be made.
var (
	ErrTokenInvalid  = fault.New(fault.KindUnauthenticated, "token.invalid", "This API token is unknown, revoked or expired.")
	ErrScopeUnknown  = fault.Invalid("scopes", "token.scope_unknown", "Choose from the scopes an API token can have.")
	ErrScopeNotYours = fault.Invalid("scopes", "token.scope_not_yours", "You cannot give a token more than you may do yourself.")
	ErrScopesMissing = fault.Invalid("scopes", "token.scopes_missing", "Choose at least one scope.")
	ErrExpiryInvalid = fault.Invalid("expires_in_days", "token.expiry_invalid", "Choose from 1 to 3,650 days, or leave it open.")
	ErrTokenUnknown  = fault.NotFound("token")
)

const (
	longestTokenDays   = 3650
	longestToken       = 200
	tokenPrefix        = "trib_"
	tokenHintLength    = 4
	encodedOrgIDLength = 22 // 16 bytes in base64 without padding
)

// APIToken is a key for programs. Only the hash of its text is kept.
type APIToken struct {
	OrgID      id.ID[Organization] `gorm:"primaryKey"`
	ID         id.ID[APIToken]     `gorm:"primaryKey"`
	Name       string
	TokenHash  []byte
	Hint       string // last four characters, to recognise it by
	Scopes     Permissions
	CreatedBy  id.ID[Login]
	CreatedAt  time.Time
	LastUsedAt *time.Time
	ExpiresAt  *time.Time
	RevokedAt  *time.Time
}

// TableName tells GORM the table.
func (APIToken) TableName() string { return "api_tokens" }

// TokenDetails is what making an API token takes.
type TokenDetails struct {
	OrgID         id.ID[Organization]
	Name          string
	Scopes        []Permission
	ExpiresInDays *int
	CreatedBy     Membership
}

// NewAPIToken checks that the scopes are ones a token can have and the maker holds. Seal completes it.
func NewAPIToken(d TokenDetails, now time.Time) (APIToken, error) {
	name, nameErr := text.Required("name", d.Name, 100)
	if err := fault.Join(nameErr, checkScopes(d.Scopes, d.CreatedBy.Role), checkExpiry(d.ExpiresInDays)); err != nil {
		return APIToken{}, err
	}
	scopes := slices.Clone(d.Scopes)
	slices.Sort(scopes)
	t := APIToken{
		OrgID: d.OrgID, ID: id.New[APIToken](), Name: name, Scopes: slices.Compact(scopes), CreatedBy: d.CreatedBy.LoginID, CreatedAt: now,
	}
	if d.ExpiresInDays != nil {
		expires := now.AddDate(0, 0, *d.ExpiresInDays)
		t.ExpiresAt = &expires
	}
	return t, nil
}

// Seal gives the token its secret and returns the text to show once; the caller stores its hash.
func (t *APIToken) Seal(secret string, hash func(string) []byte) (token string) {
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(t.OrgID.UUID[:]) + secret
	t.TokenHash, t.Hint = hash(token), token[len(token)-tokenHintLength:]
	return token
}

// Exceeds reports whether the token may do what role may not.
func (t APIToken) Exceeds(role Role) bool { return checkScopes(t.Scopes, role) != nil }

// TokenOrganization reads which organization an API token's text belongs to, without saying that the token is good.
func TokenOrganization(token string) (uuid.UUID, bool) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(rest) <= encodedOrgIDLength || len(rest) > longestToken {
		return uuid.Nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest[:encodedOrgIDLength])
	if err != nil {
		return uuid.Nil, false
	}
	org, err := uuid.FromBytes(raw)
	return org, err == nil
}

func checkScopes(scopes []Permission, role Role) error {
	if len(scopes) == 0 {
		return ErrScopesMissing
	}
	known, own := Scopes(), role.Permissions()
	for _, s := range scopes {
		if !slices.Contains(known, s) {
			return ErrScopeUnknown
		}
		if !slices.Contains(own, s) {
			return ErrScopeNotYours
		}
	}
	return nil
}

func checkExpiry(days *int) error {
	if days != nil && (*days < 1 || *days > longestTokenDays) {
		return ErrExpiryInvalid
	}
	return nil
}

// Permissions is a list of permissions; in the database a text[].
type Permissions []Permission

// GormDataType tells GORM the column type.
func (Permissions) GormDataType() string { return "text[]" }

// Value implements driver.Valuer with PostgreSQL's text form; a permission holds no character that needs escaping.
func (p Permissions) Value() (driver.Value, error) {
	return "{" + strings.Join(p.Texts(), ",") + "}", nil
}

// Scan implements sql.Scanner.
func (p *Permissions) Scan(src any) error {
	texts, err := scanTexts(src)
	if err != nil {
		return err
	}
	*p = make(Permissions, len(texts))
	for i, t := range texts {
		(*p)[i] = Permission(t)
	}
	return nil
}

// Texts lists the permissions as plain texts, as an actor carries them.
func (p Permissions) Texts() []string {
	texts := make([]string, len(p))
	for i, permission := range p {
		texts[i] = string(permission)
	}
	return texts
}

// Live reports whether the token still works at now.
func (t APIToken) Live(now time.Time) bool {
	return t.RevokedAt == nil && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt))
}
