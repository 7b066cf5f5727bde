package person

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tributary/domain/fault"
)

const maxName = 100

// Text is one line of text about a person, made safe to keep: trimmed, at most max characters. What could fake another text on a screen
// or in a mail header is refused: control characters, line separators and the marks that reorder text. Markup is text like any other and
// is kept: whoever shows it escapes it.
func Text(field, value string, max int) (string, error) {
	value = strings.TrimSpace(value)
	if !utf8.ValidString(value) || strings.ContainsFunc(value, forbidden) {
		return "", fault.Invalid(field, "person.text", "This text holds characters that cannot be shown. Type it instead of pasting it.")
	}
	if utf8.RuneCountInString(value) > max {
		return "", fault.Invalid(field, "person.too_long", fmt.Sprintf("At most %d characters fit here.", max))
	}
	if !strings.ContainsFunc(value, visible) {
		return "", nil
	}
	return value, nil
}

func forbidden(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff', r == utf8.RuneError:
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // embeddings, overrides and isolates
		return true
	}
	return false
}

// visible is false for marks without ink, such as the zero-width joiner, which spell nothing when they stand alone.
func visible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }
