package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"tributary/domain/fault"
)

// cost is what one hash takes; a stored hash carries its own, so that raising the cost here upgrades each login at its next sign-in.
type cost struct {
	memory  uint32 // KiB
	passes  uint32
	threads uint8
}

// advised follows OWASP's password storage guide for argon2id.
var advised = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16
	keyLength  = 32
	// longestWait bounds the queue for a processor: who has waited so long is told to come back instead of timing out.
	longestWait = 10 * time.Second
)

// Bounds of what a stored hash may ask for.
const (
	mostMemory = 256 * 1024
	mostPasses = 16
)

var (
	errBusy    = &fault.Error{Kind: fault.KindUnavailable, Code: "login.busy", Message: "Many people are signing in right now. Try again in a moment.", RetryAfter: 10 * time.Second}
	errBadHash = errors.New("stored password hash cannot be read")
)

// hasher turns passwords into argon2id hashes in PHC form and compares them, a few at a time: memory stays bounded however many sign in.
type hasher struct {
	slots chan struct{}
	cost  cost
	decoy string // hash of a password nobody has, compared when there is no login
}

func newHasher(atOnce int, memory uint32) *hasher {
	h := &hasher{slots: make(chan struct{}, max(1, atOnce)), cost: advised}
	if memory > 0 {
		h.cost.memory = memory
	}
	h.decoy = encode(h.cost, make([]byte, saltLength), make([]byte, keyLength))
	return h
}

// hash makes the PHC form of a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails
	key, err := h.derive(ctx, password, salt, h.cost)
	if err != nil {
		return "", err
	}
	return encode(h.cost, salt, key), nil
}

// matches reports whether the password belongs to the hash, and whether the hash should be made anew at today's cost. No hash takes as
// long as a wrong password does.
func (h *hasher) matches(ctx context.Context, password string, hash *string) (ok, outdated bool, err error) {
	phc := h.decoy
	if hash != nil {
		phc = *hash
	}
	c, salt, want, err := decode(phc)
	if err != nil {
		return false, false, err
	}
	got, err := h.derive(ctx, password, salt, c)
	if err != nil {
		return false, false, err
	}
	return hash != nil && subtle.ConstantTimeCompare(got, want) == 1, c != h.cost, nil
}

// derive waits for a free slot. The password is normalised so that one accent typed on two keyboards is the same accent.
func (h *hasher) derive(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	timeout := time.NewTimer(longestWait)
	defer timeout.Stop()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-timeout.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.passes, c.memory, c.threads, keyLength), nil
}

func encode(c cost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

func decode(phc string) (c cost, salt, key []byte, err error) {
	var version int
	var salted string
	if n, err := fmt.Sscanf(phc, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &c.memory, &c.passes, &c.threads, &salted); err != nil || n != 5 {
		return c, nil, nil, errBadHash
	}
	if version != argon2.Version || c.memory == 0 || c.memory > mostMemory || c.passes == 0 || c.passes > mostPasses || c.threads == 0 {
		return c, nil, nil, errBadHash
	}
	first, second, ok := strings.Cut(salted, "$")
	if !ok {
		return c, nil, nil, errBadHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(first)
	key, err2 := base64.RawStdEncoding.DecodeString(second)
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) != keyLength {
		return c, nil, nil, errBadHash
	}
	return c, salt, key, nil
}
