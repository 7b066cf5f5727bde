package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/fault"
	"tributary/domain/text"
)

// refused requires an invalid fault that blames the field, has the code and does not repeat the text.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.KindInvalid, f.Kind)
	require.Equal(t, code, f.Code)
	require.Len(t, f.Fields, 1)
	require.Equal(t, "title", f.Fields[0].Location)
}

// fakes can pass for another text, or end a line where there must be one.
var fakes = map[string]string{
	"null": "a\x00b", "bell": "a\x07b", "escape": "a\x1b[31mb", "delete": "a\x7fb", "next line": "a\u0085b", "line separator": "a\u2028b", "paragraph separator": "a\u2029b",
	"embedding": "a\u202ab", "override": "gift\u202eexe.pdf", "pop": "a\u202cb", "isolate": "a\u2066b", "pop isolate": "a\u2069b", "byte order mark": "a\ufeffb",
	"replacement character": "a\ufffdb", "broken UTF-8": "a\xffb", "half a character": "a\xc3",
}

func TestTextThatCouldFakeAnotherIsRefused(t *testing.T) {
	t.Parallel()
	for name, value := range fakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, check := range []func(field, value string, max int) (string, error){text.Line, text.Block, text.Required} {
				got, err := check("title", value, 100)
				refused(t, err, "text.invalid")
				require.Empty(t, got)
				require.NotContains(t, err.Error(), value)
			}
		})
	}
}

func TestALineIsOneLine(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a\nb", "a\rb", "a\r\nBcc: x@example.org", "a\tb"} {
		_, err := text.Line("title", value, 100)
		refused(t, err, "text.invalid")
	}
	got, err := text.Line("title", " \n\tRiver clean-up\r\n ", 100)
	require.NoError(t, err)
	require.Equal(t, "River clean-up", got, "line ends around it are blanks")
}

func TestABlockKeepsItsLines(t *testing.T) {
	t.Parallel()
	got, err := text.Block("title", "\r\none\r\n\ttwo\rthree\n\n", 100)
	require.NoError(t, err)
	require.Equal(t, "one\n\ttwo\nthree", got)
	got, err = text.Block("title", "a\r\nb", 3)
	require.NoError(t, err, "a line end counts once")
	require.Equal(t, "a\nb", got)
}

func TestLengthIsCountedInCharacters(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"ééééé", "日本語日本", "🌊🌊🌊🌊🌊", "  abcde  "} {
		got, err := text.Line("title", value, 5)
		require.NoError(t, err, value)
		require.Equal(t, strings.TrimSpace(value), got)
		_, err = text.Line("title", value+"x", 5)
		if strings.TrimSpace(value) == value {
			refused(t, err, "text.too_long")
		}
	}
	_, err := text.Block("title", "a\nb\nc", 4)
	refused(t, err, "text.too_long")
	require.ErrorContains(t, err, "4 characters")
}

func TestTextOfAllLanguagesIsKept(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"Zoë O’Brien-Łukasz", "שלום", "مرحبا", "नमस्ते", "👩‍👩‍👧", "می‌خواهم", "<b>bold</b> & \"quoted\"", "=SUM(A1)", "e\u0301",
	} {
		got, err := text.Line("title", value, 100)
		require.NoError(t, err, value)
		require.Equal(t, value, got)
	}
}

func TestTextWithoutInkIsEmpty(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "   ", "\n\t ", "\u00a0", "\u3000", "\u200b", "\u200d\u200d", "\u200e \u200f"} {
		got, err := text.Line("title", value, 100)
		require.NoError(t, err, "%q", value)
		require.Empty(t, got, "%q", value)
		_, err = text.Required("title", value, 100)
		refused(t, err, "text.required")
	}
	got, err := text.Required("title", " x ", 1)
	require.NoError(t, err)
	require.Equal(t, "x", got)
}

func TestWhatIsAcceptedIsAcceptedAgainUnchanged(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value, limit := rapid.String().Draw(t, "value"), rapid.IntRange(0, 30).Draw(t, "limit")
		for _, check := range []func(field, value string, max int) (string, error){text.Line, text.Block} {
			once, err := check("title", value, limit)
			if err != nil {
				require.Empty(t, once)
				var f *fault.Error
				require.ErrorAs(t, err, &f)
				continue
			}
			require.LessOrEqual(t, utf8.RuneCountInString(once), limit)
			twice, err := check("title", once, limit)
			require.NoError(t, err)
			require.Equal(t, once, twice)
		}
	})
}
