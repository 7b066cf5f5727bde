// Package typeface is what our documents are printed with: one font for PDF files, and what becomes of names in scripts that it lacks.
package typeface

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/mozillazg/go-unidecode"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// NoGlyph stands for a character that can neither be drawn nor transliterated, such as an emoji: nothing is dropped silently.
const NoGlyph = "□"

// Family is what the font is called within a document, upright and bold ("B").
const Family = "body"

// AddTo gives a document the font.
func AddTo(pdf *fpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(Family, "", dejavusanscondensed.TTF)
	pdf.AddUTF8FontFromBytes(Family, "B", dejavusanscondensedbold.TTF)
}

// glyphs knows which characters the font can draw.
var glyphs = sync.OnceValues(func() (*sfnt.Font, error) {
	return sfnt.ParseReaderAt(bytes.NewReader(dejavusanscondensed.TTF))
})

// Drawable turns text into what the PDF can show: composed, shaped and ordered for the eye, with characters the font lacks
// transliterated. exact tells whether nothing had to be.
func Drawable(s string) (shown string, exact bool, err error) {
	font, err := glyphs()
	if err != nil {
		return "", false, err
	}
	var buf sfnt.Buffer
	var b strings.Builder
	exact = true
	draws := func(r rune) bool {
		glyph, err := font.GlyphIndex(&buf, r)
		return r <= 0xFFFF && !unicode.In(r, unicode.Cc, unicode.Co) && err == nil && glyph != 0
	}
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			// joiners, direction marks and emoji selectors have no look of their own
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case draws(r):
			b.WriteRune(r)
		default:
			exact = false
			b.WriteString(substitute(r, draws))
		}
	}
	text := b.String()
	if !exact {
		text = strings.Join(strings.Fields(text), " ")
	}
	return visual(text), exact, nil
}

// substitute is what is drawn for a character the font lacks: the plain form of a decorated one, its Latin transliteration, or NoGlyph.
func substitute(r rune, draws func(rune) bool) string {
	plain := norm.NFKC.String(string(r))
	if plain != string(r) && !strings.ContainsFunc(plain, func(r rune) bool { return !draws(r) }) {
		return plain
	}
	latin := strings.TrimSpace(unidecode.Unidecode(string(r)))
	switch {
	case latin == "" || unicode.IsControl(r):
		return NoGlyph
	case unicode.In(r, unicode.Han, unicode.Hangul):
		return latin + " " // a syllable each
	default:
		return latin
	}
}

// visual puts right-to-left text into the order in which it is drawn.
func visual(s string) string {
	if !strings.ContainsFunc(s, rightToLeft) {
		return s
	}
	var p bidi.Paragraph
	if _, err := p.SetString(s); err != nil {
		return s
	}
	order, err := p.Order()
	if err != nil {
		return s
	}
	runs := make([]string, 0, order.NumRuns())
	for i := range order.NumRuns() {
		run := order.Run(i)
		text := run.String()
		if run.Direction() == bidi.RightToLeft {
			text = bidi.ReverseString(joined(text))
		}
		runs = append(runs, text)
	}
	if p.IsLeftToRight() {
		return strings.Join(runs, "")
	}
	slices.Reverse(runs)
	return strings.Join(runs, "")
}

func rightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// forms are the four shapes of an Arabic letter: alone, at the end, at the beginning and in the middle of a joined group. Letters with
// two shapes do not join to the next one.
var forms = map[rune][4]rune{
	'ء': {0xFE80}, 'آ': {0xFE81, 0xFE82}, 'أ': {0xFE83, 0xFE84}, 'ؤ': {0xFE85, 0xFE86}, 'إ': {0xFE87, 0xFE88},
	'ئ': {0xFE89, 0xFE8A, 0xFE8B, 0xFE8C}, 'ا': {0xFE8D, 0xFE8E}, 'ب': {0xFE8F, 0xFE90, 0xFE91, 0xFE92}, 'ة': {0xFE93, 0xFE94},
	'ت': {0xFE95, 0xFE96, 0xFE97, 0xFE98}, 'ث': {0xFE99, 0xFE9A, 0xFE9B, 0xFE9C}, 'ج': {0xFE9D, 0xFE9E, 0xFE9F, 0xFEA0},
	'ح': {0xFEA1, 0xFEA2, 0xFEA3, 0xFEA4}, 'خ': {0xFEA5, 0xFEA6, 0xFEA7, 0xFEA8}, 'د': {0xFEA9, 0xFEAA}, 'ذ': {0xFEAB, 0xFEAC},
	'ر': {0xFEAD, 0xFEAE}, 'ز': {0xFEAF, 0xFEB0}, 'س': {0xFEB1, 0xFEB2, 0xFEB3, 0xFEB4}, 'ش': {0xFEB5, 0xFEB6, 0xFEB7, 0xFEB8},
	'ص': {0xFEB9, 0xFEBA, 0xFEBB, 0xFEBC}, 'ض': {0xFEBD, 0xFEBE, 0xFEBF, 0xFEC0}, 'ط': {0xFEC1, 0xFEC2, 0xFEC3, 0xFEC4},
	'ظ': {0xFEC5, 0xFEC6, 0xFEC7, 0xFEC8}, 'ع': {0xFEC9, 0xFECA, 0xFECB, 0xFECC}, 'غ': {0xFECD, 0xFECE, 0xFECF, 0xFED0},
	'ف': {0xFED1, 0xFED2, 0xFED3, 0xFED4}, 'ق': {0xFED5, 0xFED6, 0xFED7, 0xFED8}, 'ك': {0xFED9, 0xFEDA, 0xFEDB, 0xFEDC},
	'ل': {0xFEDD, 0xFEDE, 0xFEDF, 0xFEE0}, 'م': {0xFEE1, 0xFEE2, 0xFEE3, 0xFEE4}, 'ن': {0xFEE5, 0xFEE6, 0xFEE7, 0xFEE8},
	'ه': {0xFEE9, 0xFEEA, 0xFEEB, 0xFEEC}, 'و': {0xFEED, 0xFEEE}, 'ى': {0xFEEF, 0xFEF0}, 'ي': {0xFEF1, 0xFEF2, 0xFEF3, 0xFEF4},
	'پ': {0xFB56, 0xFB57, 0xFB58, 0xFB59}, 'چ': {0xFB7A, 0xFB7B, 0xFB7C, 0xFB7D}, 'ژ': {0xFB8A, 0xFB8B},
	'ک': {0xFB8E, 0xFB8F, 0xFB90, 0xFB91}, 'گ': {0xFB92, 0xFB93, 0xFB94, 0xFB95}, 'ی': {0xFBFC, 0xFBFD, 0xFBFE, 0xFBFF},
}

// lamAlef are the ligatures of lam with the alefs: alone and at the end.
var lamAlef = map[rune][2]rune{'آ': {0xFEF5, 0xFEF6}, 'أ': {0xFEF7, 0xFEF8}, 'إ': {0xFEF9, 0xFEFA}, 'ا': {0xFEFB, 0xFEFC}}

// joined writes Arabic letters in the shape their neighbours give them. Vowel signs above and below letters do not part neighbours.
func joined(s string) string {
	letters := []rune(s)
	var out []rune
	joins := false // the letter before reaches out to this one
	for i := 0; i < len(letters); i++ {
		r := letters[i]
		shape, known := forms[r]
		if !known {
			out = append(out, r)
			joins = joins && unicode.Is(unicode.Mn, r)
			continue
		}
		next := i + 1
		for next < len(letters) && unicode.Is(unicode.Mn, letters[next]) {
			next++
		}
		if r == 'ل' && next == i+1 && next < len(letters) {
			if ligature, ok := lamAlef[letters[next]]; ok {
				out = append(out, ligature[index(joins)])
				joins, i = false, next
				continue
			}
		}
		reaches := shape[2] != 0 && next < len(letters) && forms[letters[next]][1] != 0
		out = append(out, shape[index(joins)+2*index(reaches)])
		joins = reaches
	}
	return string(out)
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
