// Package text makes what people type safe to keep: trimmed, bounded, and free of characters that could fake another text on a screen or
// in a mail header. Markup is text like any other and is kept; whoever shows it escapes it.
package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tributary/domain/fault"
)

// Line is one line of at most max characters. It returns an invalid fault that names field when the text is longer or holds control
// characters, line separators or marks that reorder text. Text without any ink is empty.
func Line(field, value string, max int) (string, error) {
	return check(field, value, max, forbidden)
}

// Block is Line for text of several lines: line feeds and tabs are kept, other line ends become line feeds.
func Block(field, value string, max int) (string, error) {
	value = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(value)
	return check(field, value, max, func(r rune) bool { return r != '\n' && r != '\t' && forbidden(r) })
}

// Required is Line for what must not be empty.
func Required(field, value string, max int) (string, error) {
	value, err := Line(field, value, max)
	if err == nil && value == "" {
		return "", fault.Invalid(field, "text.required", "Fill this in.")
	}
	return value, err
}

func check(field, value string, max int, bad func(rune) bool) (string, error) {
	value = strings.TrimSpace(value)
	if !utf8.ValidString(value) || strings.ContainsFunc(value, bad) {
		return "", fault.Invalid(field, "text.invalid", "This text holds characters that cannot be shown. Type it instead of pasting it.")
	}
	if utf8.RuneCountInString(value) > max {
		return "", fault.Invalid(field, "text.too_long", fmt.Sprintf("At most %d characters fit here.", max))
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
