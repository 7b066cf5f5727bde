package access_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/access"
)

func TestAHashBelongsToItsPasswordHoweverItWasTyped(t *testing.T) {
	t.Parallel()
	h := access.NewHasher(1, quick)
	hash, err := h.Hash(t.Context(), "caf\u00e9 by the river")
	require.NoError(t, err)
	other, err := h.Hash(t.Context(), "caf\u00e9 by the river")
	require.NoError(t, err)
	require.NotEqual(t, hash, other, "each has its own salt")
	for password, want := range map[string]bool{"caf\u00e9 by the river": true, "cafe\u0301 by the river": true, "cafe by the river": false, "": false} {
		ok, outdated, err := h.Matches(t.Context(), password, &hash)
		require.NoError(t, err)
		require.Equal(t, []bool{want, false}, []bool{ok, outdated}, "%q", password)
	}
	ok, _, err := h.Matches(t.Context(), "", nil)
	require.NoError(t, err)
	require.False(t, ok, "nobody has no password")
}

func TestTheCostIsTheOneAdvised(t *testing.T) {
	t.Parallel()
	hash, err := access.NewHasher(1, 0).Hash(t.Context(), password)
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$`, hash)
}

func TestAnOlderHashIsOutdated(t *testing.T) {
	t.Parallel()
	hash := weakHash(password)
	ok, outdated, err := access.NewHasher(1, quick).Matches(t.Context(), password, &hash)
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, outdated)
}

func TestStoredHashesThatCannotBeReadAreAnErrorAndCostNothing(t *testing.T) {
	t.Parallel()
	h := access.NewHasher(1, quick)
	for _, hash := range []string{
		"", "plain", "$2a$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$a2V5", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
		"$argon2id$v=16$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$" + key, "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0$" + key,
		"$argon2id$v=19$m=19456,t=0,p=1$c2FsdHNhbHRzYWx0$" + key, "$argon2id$v=19$m=19456,t=2,p=0$c2FsdHNhbHRzYWx0$" + key,
		"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$?$" + key,
	} {
		_, _, err := h.Matches(t.Context(), password, &hash)
		require.Error(t, err, hash)
	}
}

// key is 32 bytes in base64 without padding.
const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestWhoWaitsForAProcessorGivesUpWithTheRequest(t *testing.T) {
	t.Parallel()
	h := access.NewHasher(2, quick)
	release := h.HoldAll()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Hash(ctx, password)
	require.ErrorIs(t, err, context.Canceled)
	release()
	_, err = h.Hash(t.Context(), password)
	require.NoError(t, err)
}

func TestAHundredSignInsHashTwoAtATime(t *testing.T) {
	t.Parallel()
	h := access.NewHasher(2, quick)
	hash, err := h.Hash(t.Context(), password)
	require.NoError(t, err)
	for _, err := range together(100, func(int) error {
		_, _, err := h.Matches(t.Context(), password, &hash)
		if n := h.Busy(); n > 2 {
			t.Errorf("%d at once", n)
		}
		return err
	}) {
		require.NoError(t, err)
	}
	require.Zero(t, h.Busy())
}
