// Package volunteer holds the rules of giving time: opportunities and their shifts, who has a place and who waits for one, who may sign up,
// what was worked, and who could be asked to help.
//
// A shift's places and its waitlist are one thing, the Roster: every change goes through it under the shift's lock, and Settle leaves no
// place empty that somebody waits for. What a sign-up is refused for is one ordered list, Refusals; staff may overrule most of it by name.
package volunteer

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	"tributary/domain/fault"
	"tributary/domain/text"
)

// What can be wrong with whatever is looked for or changed.
var (
	ErrOpportunity   = fault.NotFound("opportunity")
	ErrShift         = fault.NotFound("shift")
	ErrSignUp        = fault.NotFound("sign_up")
	ErrHours         = fault.NotFound("volunteer_hours")
	ErrCredential    = fault.NotFound("credential")
	ErrVolunteer     = fault.NotFound("volunteer")
	ErrCover         = fault.NotFound("cover_request")
	ErrChanged       = fault.New(fault.KindConflict, "volunteering.changed", "Somebody else changed this meanwhile. Load the page again and repeat your change.")
	ErrLinkSpent     = fault.New(fault.KindNotFound, "sign_up_link.spent", "This link has been used or is too old. Choose your shifts again.")
	ErrSlugTaken     = fault.Invalid("slug", "opportunity.slug_taken", "Another opportunity of yours has this address. Choose another one.")
	ErrNameTaken     = fault.Invalid("name", "credential_kind.name_taken", "There is already a requirement of this name.")
	ErrNotPublished  = fault.New(fault.KindConflict, "opportunity.not_published", "This opportunity is not published.")
	ErrClosed        = fault.New(fault.KindConflict, "opportunity.closed", "This opportunity is closed.")
	ErrShiftEnded    = fault.New(fault.KindConflict, "shift.ended", "This shift is over.")
	ErrShiftGone     = fault.New(fault.KindConflict, "shift.cancelled", "This shift was cancelled.")
	ErrTooFewPlaces  = fault.Invalid("places", "shift.too_few_places", "More people than that have a place. Take some of them off the shift first.")
	ErrNotWaiting    = fault.New(fault.KindConflict, "sign_up.no_offer", "This place is no longer held for you.")
	ErrCancelTooLate = fault.New(fault.KindConflict, "sign_up.cancel_too_late", "It is too late to cancel here. Please call or write to the contact of the shift.")
	ErrNotActive     = fault.New(fault.KindConflict, "sign_up.not_active", "This sign-up has already ended.")
	ErrNotThere      = fault.New(fault.KindConflict, "sign_up.not_checked_in", "This person is not checked in.")
	ErrLeft          = fault.New(fault.KindConflict, "sign_up.checked_out", "This person has already checked out.")
	ErrNoUndo        = fault.New(fault.KindConflict, "sign_up.nothing_to_undo", "There is nothing to undo.")
	ErrTooFewFree    = fault.Invalid("party", "sign_up.too_few_free", "There are not so many free places.")
	errParty         = fault.Invalid("party", "sign_up.party_size", "Say how many people come, yourself included.")
	ErrWaitlistFull  = fault.New(fault.KindConflict, "sign_up.waitlist_full", "The waitlist of this shift is full, too. Choose another shift.")
	ErrSeriesRule    = fault.Invalid("repeat", "shift.repeat_invalid", "This is no repeat rule that we can follow.")
)

// Words is a set of short texts such as skills: lower case, each once, in order. In the database it is a text[].
type Words []string

const (
	mostWords   = 30
	longestWord = 60
)

// NewWords tidies what somebody typed; the fault names field.
func NewWords(field string, typed []string) (Words, error) {
	words := Words{}
	for _, w := range typed {
		w, err := text.Line(field, strings.ToLower(w), longestWord)
		if err != nil {
			return nil, err
		}
		if w != "" {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) > mostWords {
		return nil, fault.Invalid(field, "volunteering.too_many_words", fmt.Sprintf("List at most %d.", mostWords))
	}
	return words, nil
}

// Common are the words that both have.
func (w Words) Common(other Words) Words {
	both := Words{}
	for _, word := range w {
		if slices.Contains(other, word) {
			both = append(both, word)
		}
	}
	return both
}

// GormDataType tells GORM the column type.
func (Words) GormDataType() string { return "text[]" }

// Value implements driver.Valuer with PostgreSQL's text form of an array.
func (w Words) Value() (driver.Value, error) {
	quoted := make([]string, len(w))
	for i, word := range w {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}", nil
}

// Scan implements sql.Scanner for PostgreSQL's text form of a one-dimensional text[] without nulls.
func (w *Words) Scan(src any) error {
	s, ok := src.(string)
	if !ok || len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return fmt.Errorf("scan %T into words", src)
	}
	words := Words{}
	var word strings.Builder
	quoted, escaped, some := false, false, false
	for _, r := range s[1 : len(s)-1] {
		switch {
		case escaped:
			escaped = false
			word.WriteRune(r)
		case r == '\\':
			escaped = true
		case r == '"':
			quoted, some = !quoted, true
		case r == ',' && !quoted:
			words, some = append(words, word.String()), false
			word.Reset()
		default:
			some = true
			word.WriteRune(r)
		}
	}
	if some {
		words = append(words, word.String())
	}
	*w = words
	return nil
}

// within clamps n between low and high.
func within[T cmp.Ordered](n, low, high T) T { return max(low, min(n, high)) }
