package account

import (
	"regexp"
	"slices"
	"strings"

	"tributary/domain/fault"
)

// What is wrong with a slug.
var (
	ErrSlugInvalid  = fault.Invalid("slug", "slug.invalid", "Use 2 to 40 lower-case letters and digits, with single hyphens between them.")
	ErrSlugReserved = fault.Invalid("slug", "slug.reserved", "This address is kept for the platform. Choose another.")
)

const longestSlug = 40

var slugPattern = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)

// reservedSlugs would read as the platform itself in a link.
var reservedSlugs = []string{
	"about", "admin", "api", "app", "assets", "dev", "embed", "give", "help", "login", "mail", "my", "new", "ops", "portal", "public",
	"root", "static", "status", "support", "tributary", "www",
}

// CheckSlug says whether s can name an organization in a web address.
func CheckSlug(s string) error {
	if len(s) > longestSlug || !slugPattern.MatchString(s) {
		return ErrSlugInvalid
	}
	if slices.Contains(reservedSlugs, s) {
		return ErrSlugReserved
	}
	return nil
}

// Slugify proposes a slug for a name: "Harbor Food Bank" becomes "harbor-food-bank". A name without Latin letters or digits gives "".
func Slugify(name string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if hyphen && b.Len() > 0 {
				b.WriteByte('-')
			}
			hyphen = false
			b.WriteRune(r)
		case r == '\'' || r == '’':
		default:
			hyphen = true
		}
	}
	s := b.String()
	if len(s) > longestSlug {
		s = strings.TrimRight(s[:longestSlug], "-")
	}
	return s
}
