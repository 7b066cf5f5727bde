package person

import (
	"strings"
	"unicode/utf8"

	"tributary/domain/fault"
	"tributary/domain/text"
)

const (
	maxSearch = 100
	maxTerms  = 8
)

// SearchTerms splits what someone typed into the search box; a person matches when name or e-mail address holds every term. Nothing typed
// is no term. A single letter is refused: it would match nearly everybody.
func SearchTerms(search string) ([]string, error) {
	search, err := text.Line("search", search, maxSearch)
	if err != nil {
		return nil, err
	}
	terms := strings.Fields(search)
	switch {
	case len(terms) == 0:
		return nil, nil
	case utf8.RuneCountInString(search) < 2:
		return nil, fault.Invalid("search", "search.too_short", "Type at least two characters.")
	case len(terms) > maxTerms:
		return nil, fault.Invalid("search", "search.too_many_words", "Search for at most eight words at once.")
	}
	return terms, nil
}
