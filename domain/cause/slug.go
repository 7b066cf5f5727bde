package cause

import "strings"

// plain maps the accented letters of Western names to what an address may hold.
var plain = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "æ", "ae", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e", "ì", "i",
	"í", "i", "î", "i", "ï", "i", "ñ", "n", "ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ø", "o", "œ", "oe", "ß", "ss", "ù", "u",
	"ú", "u", "û", "u", "ü", "u", "ý", "y", "ÿ", "y", "ł", "l", "š", "s", "ž", "z", "č", "c", "ć", "c", "'", "", "’", "", "&", " and ",
)

// Slug makes the part of a web address from a name: small letters, digits and single dashes, at most 60. A name in another script gives
// nothing, and its author has to choose a slug.
func Slug(name string) string {
	var b strings.Builder
	dash := false
	for _, r := range plain.Replace(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		default:
			dash = true
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.Trim(b.String()[:min(b.Len(), 60)], "-")
}
