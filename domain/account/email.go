package account

import (
	"net/mail"
	"strings"
	"unicode"

	"tributary/domain/fault"
)

// ErrEmailInvalid blames the field "email"; a caller whose field has another name re-labels it.
var ErrEmailInvalid = fault.Invalid("email", "email.invalid", "Write an e-mail address such as name@example.org.")

const (
	maxEmail     = 254 // octets, RFC 5321
	maxLocalPart = 64
)

// NormalizeEmail checks an address and returns it twice: display as typed without surrounding blanks, to write to; normalized in lower
// case, to compare and look up by. Dots and "+tags" before the @ are kept, since only the mailbox's provider knows what they mean, and
// an internationalised domain stays as typed. Quoted local parts, comments and address literals are refused.
func NormalizeEmail(email string) (display, normalized string, err error) {
	display = strings.TrimSpace(email)
	if len(display) > maxEmail || strings.ContainsFunc(display, invisible) {
		return "", "", ErrEmailInvalid
	}
	parsed, err := mail.ParseAddress(display)
	if err != nil || parsed.Address != display {
		return "", "", ErrEmailInvalid
	}
	at := strings.LastIndexByte(display, '@')
	if at > maxLocalPart || !isDomain(display[at+1:]) {
		return "", "", ErrEmailInvalid
	}
	normalized = strings.ToLower(display)
	if len(normalized) > maxEmail { // a few letters grow when lower-cased
		return "", "", ErrEmailInvalid
	}
	return display, normalized, nil
}

// invisible finds what can hide inside a line: controls, line breaks, zero-width and direction marks, and broken UTF-8.
func invisible(r rune) bool {
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}

func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	if len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return r != '-' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

// MaskEmail keeps enough of an address for its owner to know it: "a•••@example.org".
func MaskEmail(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok || name == "" {
		return ""
	}
	return string([]rune(name)[0]) + "•••@" + domain
}
