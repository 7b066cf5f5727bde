package signing_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/signing"
)

func TestTokenOpensWhatItNames(t *testing.T) {
	t.Parallel()
	links := signing.New([]byte("a secret of the installation"), "receipt link 1")
	org, thing := uuid.New(), uuid.New()
	token := links.Token(org, thing)
	gotOrg, gotThing, ok := links.Open(token)
	require.True(t, ok)
	require.Equal(t, org, gotOrg)
	require.Equal(t, thing, gotThing)
	require.Len(t, token, 64)
	require.NotContains(t, token, "/", "a token is one part of a path")
}

func TestOnlyItsOwnTokensOpen(t *testing.T) {
	t.Parallel()
	secret := []byte("a secret of the installation")
	links := signing.New(secret, "receipt link 1")
	org, thing := uuid.New(), uuid.New()
	token := links.Token(org, thing)
	swapped := links.Token(thing, org)
	last := "A"
	if strings.HasSuffix(token, last) {
		last = "B"
	}
	for name, forged := range map[string]string{
		"nothing":                      "",
		"no base64":                    "§§§",
		"too short":                    token[:40],
		"too long":                     token + token[:4],
		"another last letter":          token[:63] + last,
		"another thing, old signature": swapped[:42] + token[42:],
		"of another purpose":           signing.New(secret, "pay link 1").Token(org, thing),
		"of another installation":      signing.New([]byte("another secret"), "receipt link 1").Token(org, thing),
	} {
		_, _, ok := links.Open(forged)
		require.False(t, ok, name)
	}
}
