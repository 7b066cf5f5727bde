package web

import (
	"fmt"
	"math"
	"strconv"
)

// Brand is the palette derived from the one colour an organization chooses. Every text pair has a contrast of 4.5:1 or more; a chosen
// colour that is too light for that is darkened (for the light theme) or lightened (for the dark one) at the same hue.
type Brand struct {
	Accent, AccentHover, AccentSoft, OnAccent                 string
	DarkAccent, DarkAccentHover, DarkAccentSoft, DarkOnAccent string
}

// DefaultBrand is the platform's own evergreen, as the style sheet has it.
const DefaultBrand = "#0b6b50"

const (
	minContrast = 4.5
	lightPage   = "#f2f1ec" // the darkest light background: sunken
	darkPage    = "#1c1c19" // the lightest dark background: surface
)

// BrandOf derives the palette of a colour written as #rrggbb; anything else is the default colour.
func BrandOf(color string) Brand {
	base, ok := parseHex(color)
	if !ok {
		base, _ = parseHex(DefaultBrand)
	}
	c := base.oklch()
	light := fit(c, lightPage, -0.01)
	soft := oklch{0.955, math.Min(c.c, 0.03), c.h}
	// Accent text also stands on its own soft background.
	for contrast(light.rgb(), soft.rgb()) < minContrast {
		light = light.withL(light.l - 0.01)
	}
	hover := light.withL(light.l - 0.07)
	dark := fit(oklch{math.Min(math.Max(c.l, 0.72), 0.95), math.Min(c.c, 0.14), c.h}, darkPage, +0.01)
	darkSoft := oklch{0.29, math.Min(c.c, 0.05), c.h}
	for contrast(dark.rgb(), darkSoft.rgb()) < minContrast {
		dark = dark.withL(dark.l + 0.01)
	}
	return Brand{
		Accent: light.hex(), AccentHover: hover.hex(), AccentSoft: soft.hex(), OnAccent: textOn(light.rgb(), hover.rgb(), oklch{}),
		DarkAccent: dark.hex(), DarkAccentHover: dark.withL(math.Min(dark.l+0.06, 0.97)).hex(), DarkAccentSoft: darkSoft.hex(),
		DarkOnAccent: textOn(dark.rgb(), dark.rgb(), oklch{0.2, math.Min(c.c, 0.04), c.h}),
	}
}

// CSS sets the design tokens for both themes, in the way the style sheet chooses between them.
func (b Brand) CSS() string {
	tokens := func(accent, hover, soft, on string) string {
		return fmt.Sprintf("{--accent:%s;--accent-hover:%s;--accent-soft:%s;--on-accent:%s}", accent, hover, soft, on)
	}
	dark := tokens(b.DarkAccent, b.DarkAccentHover, b.DarkAccentSoft, b.DarkOnAccent)
	return ":root" + tokens(b.Accent, b.AccentHover, b.AccentSoft, b.OnAccent) +
		"@media (prefers-color-scheme:dark){:root:not([data-theme=light])" + dark + "}" +
		":root[data-theme=dark]" + dark
}

// fit moves the lightness until the colour can be read on the page.
func fit(c oklch, page string, step float64) oklch {
	background, _ := parseHex(page)
	for contrast(c.rgb(), background) < minContrast && c.l+step > 0 && c.l+step < 1 {
		c = c.withL(c.l + step)
	}
	return c
}

// textOn is white when it can be read on both shades, else the ink.
func textOn(a, b rgb, ink oklch) string {
	white := rgb{1, 1, 1}
	if contrast(white, a) >= minContrast && contrast(white, b) >= minContrast {
		return "#ffffff"
	}
	return ink.hex()
}

type rgb struct{ r, g, b float64 } // gamma-encoded, 0 to 1

type oklch struct{ l, c, h float64 }

func parseHex(s string) (rgb, bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, true
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(math.Max(0, math.Min(1, v)) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encoded(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}

// Contrast is the ratio of WCAG 2 between two colours written as #rrggbb; 0 when one is no colour.
func Contrast(a, b string) float64 {
	x, okX := parseHex(a)
	y, okY := parseHex(b)
	if !okX || !okY {
		return 0
	}
	return contrast(x, y)
}

// contrast is the ratio of WCAG 2.
func contrast(a, b rgb) float64 {
	luminance := func(c rgb) float64 { return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b) }
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// oklch converts by Björn Ottosson's matrices.
func (c rgb) oklch() oklch {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	x := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	y := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(x, y), math.Atan2(y, x)}
}

func (c oklch) withL(l float64) oklch { return oklch{l, c.c, c.h} }

func (c oklch) hex() string { return c.rgb().hex() }

// rgb loses chroma until the colour exists on a screen.
func (c oklch) rgb() rgb {
	for chroma := c.c; ; chroma -= 0.005 {
		out, inside := oklch{c.l, math.Max(chroma, 0), c.h}.linearRGB()
		if inside || chroma <= 0 {
			return rgb{clampEncode(out.r), clampEncode(out.g), clampEncode(out.b)}
		}
	}
}

func clampEncode(v float64) float64 { return encoded(math.Max(0, math.Min(1, v))) }

func cubed(v float64) float64 { return v * v * v }

func (c oklch) linearRGB() (rgb, bool) {
	x, y := c.c*math.Cos(c.h), c.c*math.Sin(c.h)
	l := cubed(c.l + 0.3963377774*x + 0.2158037573*y)
	m := cubed(c.l - 0.1055613458*x - 0.0638541728*y)
	s := cubed(c.l - 0.0894841775*x - 1.2914855480*y)
	out := rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
	const slack = 1e-4
	in := func(v float64) bool { return v >= -slack && v <= 1+slack }
	return out, in(out.r) && in(out.g) && in(out.b)
}
