package account

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tributary/domain/fault"
)

// line checks one line of text: surrounding blanks go, nothing invisible stays, at most longest characters.
func line(field, text string, longest int) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > longest {
		return "", fault.Invalid(field, "text.too_long", fmt.Sprintf("Write at most %d characters.", longest))
	}
	if strings.ContainsFunc(text, invisible) {
		return "", fault.Invalid(field, "text.invalid", "Remove the line breaks and invisible characters.")
	}
	return text, nil
}

// requiredLine is line for what must not be empty.
func requiredLine(field, text string, longest int) (string, error) {
	text, err := line(field, text, longest)
	if err == nil && text == "" {
		return "", fault.Invalid(field, "text.required", "Fill this in.")
	}
	return text, err
}
