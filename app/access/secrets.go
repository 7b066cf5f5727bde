package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"tributary/domain/account"
)

const secretLength = 32

// newSecret is 256 random bits as text that fits a cookie, a link and a header.
func newSecret() string {
	b := make([]byte, secretLength)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashOf is what is stored of a secret. A plain hash is enough: nobody can guess 256 bits.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func newSessionSecrets() (cookie string, secrets account.SessionSecrets) {
	cookie = newSecret()
	return cookie, account.SessionSecrets{TokenHash: hashOf(cookie), CSRFToken: newSecret()}
}

// newInvitationSecret carries the organization's id, since the invitation can only be found under that tenant.
func newInvitationSecret(orgID uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(orgID[:]) + newSecret()
}

// invitationOrganization reads the organization of an invitation's secret, without saying that the secret is good.
func invitationOrganization(secret string) (uuid.UUID, bool) {
	prefix := base64.RawURLEncoding.EncodedLen(len(uuid.UUID{}))
	if len(secret) != prefix+base64.RawURLEncoding.EncodedLen(secretLength) {
		return uuid.Nil, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(secret[:prefix])
	if err != nil {
		return uuid.Nil, false
	}
	orgID, err := uuid.FromBytes(raw)
	return orgID, err == nil
}
