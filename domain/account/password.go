package account

import (
	_ "embed" // the list of common passwords
	"strings"
	"unicode"
	"unicode/utf8"

	"tributary/domain/fault"
)

// Lengths of a password in characters. The upper bound keeps hashing cheap, not passwords weak.
const (
	MinPassword = 12
	MaxPassword = 200
)

// What is wrong with a password.
var (
	ErrPasswordShort = fault.Invalid("password", "password.too_short", "Use at least 12 characters. Several words make a good password.")
	ErrPasswordLong  = fault.Invalid("password", "password.too_long", "Use at most 200 characters.")
	ErrPasswordEmail = fault.Invalid("password", "password.is_email", "Do not use your e-mail address as your password.")
	ErrPasswordEasy  = fault.Invalid("password", "password.too_common", "This is among the first passwords anyone would try. Choose another.")
)

//go:embed common_passwords.txt
var commonPasswords string

// CheckPassword says whether password may protect the login with this e-mail. There are no rules about kinds of characters: they make
// passwords harder to remember, not to guess.
func CheckPassword(password, email string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return ErrPasswordShort
	case n > MaxPassword:
		return ErrPasswordLong
	}
	lower := strings.ToLower(strings.TrimSpace(password))
	if email = strings.ToLower(strings.TrimSpace(email)); email != "" {
		local, _, _ := strings.Cut(email, "@")
		if lower == email || core(lower) == core(local) && core(local) != "" {
			return ErrPasswordEmail
		}
	}
	if monotonous(lower) || common(lower) || common(core(lower)) {
		return ErrPasswordEasy
	}
	return nil
}

// monotonous finds few different characters, and runs such as "123456789012" or "abcdefghijkl".
func monotonous(s string) bool {
	distinct := map[rune]bool{}
	steps := map[rune]int{}
	previous, n := rune(-1), 0
	for _, r := range s {
		distinct[r] = true
		if previous >= 0 {
			steps[r-previous]++
		}
		previous = r
		n++
	}
	return len(distinct) < 5 || steps[1]+steps[-1] >= n-2
}

// common finds a listed word, also written several times over.
func common(s string) bool {
	if s == "" {
		return false
	}
	for word := range strings.FieldsSeq(commonPasswords) {
		if strings.ReplaceAll(s, word, "") == "" {
			return true
		}
	}
	return false
}

var plainLetters = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// core is what is left of "P@ssw0rd2026!" without the decoration guessers try first: digits and signs at both ends, and letters
// written as digits.
func core(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '@' && r != '$' })
	s = plainLetters.Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, s)
}
