package access

import "context"

// InvitationSecret makes a secret that no invitation has.
var InvitationSecret = newInvitationSecret

// Hasher lets tests see how many hashes are being made.
type Hasher struct{ h *hasher }

// NewHasher makes one that hashes so many passwords at once, at the advised cost when memory is 0.
func NewHasher(atOnce int, memory uint32) Hasher { return Hasher{newHasher(atOnce, memory)} }

// Hash is hasher.hash.
func (h Hasher) Hash(ctx context.Context, password string) (string, error) {
	return h.h.hash(ctx, password)
}

// Matches is hasher.matches.
func (h Hasher) Matches(ctx context.Context, password string, hash *string) (ok, outdated bool, err error) {
	return h.h.matches(ctx, password, hash)
}

// Busy is how many are being made now.
func (h Hasher) Busy() int { return len(h.h.slots) }

// HoldAll takes every slot until it is released.
func (h Hasher) HoldAll() (release func()) {
	for range cap(h.h.slots) {
		h.h.slots <- struct{}{}
	}
	return func() {
		for range cap(h.h.slots) {
			<-h.h.slots
		}
	}
}
