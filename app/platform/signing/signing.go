// Package signing makes the secret part of addresses that open one thing to whoever holds them, without signing in.
package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"
)

// Links signs tokens of one purpose. A token names an organization and one thing of it and does not expire: what it opens says for itself
// what is still possible.
type Links struct{ key []byte }

const (
	payloadSize   = 32
	signatureSize = 16
)

// New derives a key of its own for a purpose, so that no other signature of the program passes for a token.
func New(secret []byte, purpose string) Links {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose))
	return Links{mac.Sum(nil)}
}

func (l Links) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(payload)
	return mac.Sum(nil)[:signatureSize]
}

// Token names a thing of an organization. It can be a part of a path.
func (l Links) Token(org, thing uuid.UUID) string {
	payload := append(append(make([]byte, 0, payloadSize+signatureSize), org[:]...), thing[:]...)
	return base64.RawURLEncoding.EncodeToString(append(payload, l.sign(payload)...))
}

// Open reads a token that Token made; ok is false for any other.
func (l Links) Open(token string) (org, thing uuid.UUID, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != payloadSize+signatureSize || !hmac.Equal(b[payloadSize:], l.sign(b[:payloadSize])) {
		return uuid.Nil, uuid.Nil, false
	}
	return uuid.UUID(b[:16]), uuid.UUID(b[16:payloadSize]), true
}
