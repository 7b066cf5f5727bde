package typeface_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/typeface"
)

func TestNamesInAnyScriptArePrinted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, want string }{
		{"Zoë Ødegård-Škvorecký", "Zoë Ødegård-Škvorecký"},
		{"Zoe\u0308", "Zoë"},
		{"Анна Петрова", "Анна Петрова"},
		{"Ελένη", "Ελένη"},
		{"Nguyễn Thị Ánh", "Nguyễn Thị Ánh"},
		{"李明", "Li Ming"},
		{"김철수", "gim ceol su"},
		{"Maya 🎉", "Maya □"},
		{"👩‍👩‍👧", "□□□"},
		{"𝓜𝓪𝔂𝓪", "Maya"},
		{"a\u202Eb\u0000c", "ab□c"},
		{"\xff\xfe", "\uFFFD"},
		{"tab\tand\nline", "tab and line"},
		{"שלום", "םולש"},
		{"محمد", "ﺪﻤﺤﻣ"},
		{"سلام", "ﻡﻼﺳ"},
	} {
		got, _, err := typeface.Drawable(tc.name)
		require.NoError(t, err)
		require.Equal(t, tc.want, got, "%q", tc.name)
	}
}

func FuzzDrawable(f *testing.F) {
	for _, s := range []string{"Maya", "李明", "محمد", "🎉", "a\u0301\u202E\x00", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown, _, err := typeface.Drawable(s)
		require.NoError(t, err)
		if strings.ContainsFunc(s, func(r rune) bool { return r > ' ' && r < 0x7f }) {
			require.NotEmpty(t, shown)
		}
		for _, r := range shown {
			require.LessOrEqual(t, r, rune(0xFFFF))
		}
	})
}
