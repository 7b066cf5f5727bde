package account_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/account"
)

func TestNormalizeEmailKeepsWhatWasTypedAndLowersWhatIsCompared(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, typed, display, normalized string }{
		{"blanks around it go", "  Ana@Example.org\n", "Ana@Example.org", "ana@example.org"},
		{"tags stay", "ana+gifts@example.org", "ana+gifts@example.org", "ana+gifts@example.org"},
		{"dots stay", "a.n.a@gmail.com", "a.n.a@gmail.com", "a.n.a@gmail.com"},
		{"an international domain stays as typed", "ana@Bücher.example", "ana@Bücher.example", "ana@bücher.example"},
		{"an international name", "josé@example.org", "josé@example.org", "josé@example.org"},
		{"an apostrophe", "o'brien@example.org", "o'brien@example.org", "o'brien@example.org"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			display, normalized, err := account.NormalizeEmail(tc.typed)
			require.NoError(t, err)
			require.Equal(t, []string{tc.display, tc.normalized}, []string{display, normalized})
		})
	}
}

func TestNormalizeEmailRefuses(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{
		"nothing":               "",
		"blanks":                "   ",
		"no at sign":            "ana.example.org",
		"no name":               "@example.org",
		"no domain":             "ana@",
		"a domain of one label": "ana@localhost",
		"an empty label":        "ana@example..org",
		"a trailing dot":        "ana@example.org.",
		"a hyphen at the end":   "ana@example-.org",
		"two dots in the name":  "a..na@example.org",
		"a display name":        "Ana <ana@example.org>",
		"a comment":             "ana@example.org (Ana)",
		"a quoted name":         `"a b"@example.org`,
		"an address literal":    "ana@[127.0.0.1]",
		"two addresses":         "ana@example.org, bo@example.org",
		"a line break inside":   "ana@exam\nple.org",
		"a header after it":     "ana@example.org\r\nBcc: bo@example.org",
		"a NUL":                 "ana\x00@example.org",
		"a zero-width space":    "ana\u200b@example.org",
		"a direction override":  "ana\u202e@example.org",
		"broken UTF-8":          "ana\xff@example.org",
		"a long name":           strings.Repeat("a", 65) + "@example.org",
		"255 octets":            "ana@" + strings.Repeat("a.", 124) + "org",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := account.NormalizeEmail(email)
			require.ErrorIs(t, err, account.ErrEmailInvalid)
		})
	}
}

func FuzzNormalizeEmailIsStable(f *testing.F) {
	for _, seed := range []string{"Ana@Example.org", "josé@bücher.example", "İ@example.org", "a@b.c\u200b", `"x y"@example.org`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		display, normalized, err := account.NormalizeEmail(email)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(normalized), 254)
		require.NotContains(t, display, "\n")
		_, again, err := account.NormalizeEmail(display)
		require.NoError(t, err)
		require.Equal(t, normalized, again)
	})
}
