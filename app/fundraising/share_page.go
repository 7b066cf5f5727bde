package fundraising

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/sync/singleflight"

	"tributary/app/platform/web"
	"tributary/domain/campaign"
)

// The picture of a shared link, 1200×630, as every network wants it.
const (
	shareW, shareH = 1200, 630
	margin         = 72
	photoWidth     = 460
	mostDrawings   = 64 // kept in memory, a few hundred kilobytes each
)

// shareImage draws a campaign's title and live total.
func (s *Service) shareImage(ctx context.Context, r web.Request) (web.View, error) {
	st, err := s.Standing(ctx, r.Param("org"), r.Param("campaign"))
	if err != nil {
		return web.View{}, err
	}
	tag, err := etagOf([]any{
		st.Organization.Name, st.Organization.BrandColor, st.Campaign.Title, st.Campaign.PictureKey, st.Progress, stateOf(st, false),
	})
	if err != nil {
		return web.View{}, err
	}
	v := web.View{ContentType: "image/png", Cache: "public, max-age=300", Header: http.Header{"Etag": {tag}}}
	if r.Header("If-None-Match") == tag {
		v.Status, v.Body = http.StatusNotModified, []byte{}
		return v, nil
	}
	v.Body, err = s.drawings.drawn(ctx, tag, func(ctx context.Context) ([]byte, error) {
		photo, err := s.photo(ctx, st.Campaign)
		if err != nil {
			return nil, err
		}
		return drawShare(st, photo)
	})
	return v, err
}

// photo is the campaign's picture; nil when it has none.
func (s *Service) photo(ctx context.Context, c campaign.Campaign) (image.Image, error) {
	if c.PictureKey == "" {
		return nil, nil
	}
	file, _, err := s.files.Open(ctx, shareName(c.PictureKey))
	if err != nil {
		return nil, fmt.Errorf("open the picture of campaign %s: %w", c.ID, err)
	}
	defer func() { _ = file.Close() }()
	img, _, err := image.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("read the picture of campaign %s: %w", c.ID, err)
	}
	return img, nil
}

// shareAlt says in words what the picture shows.
func shareAlt(st Standing) string {
	return st.Campaign.Title + ": " + raisedWords(st.Progress)
}

func raisedWords(p campaign.Progress) string {
	if p.Goal.Minor == 0 {
		return p.Raised.Short() + " raised"
	}
	return p.Raised.Short() + " raised of " + p.Goal.Short()
}

var (
	paper = color.RGBA{0xfb, 0xfa, 0xf7, 0xff}
	ink   = color.RGBA{0x1c, 0x1b, 0x18, 0xff}
	muted = color.RGBA{0x5c, 0x59, 0x52, 0xff}
	track = color.RGBA{0xe4, 0xe2, 0xda, 0xff}
)

func drawShare(st Standing, photo image.Image) ([]byte, error) {
	accent := hexColor(web.BrandOf(st.Organization.BrandColor).Accent)
	c := &canvas{RGBA: image.NewRGBA(image.Rect(0, 0, shareW, shareH))}
	c.fill(c.Bounds(), paper)
	right := shareW - margin
	if photo != nil {
		c.cover(image.Rect(shareW-photoWidth, 0, shareW, shareH), photo)
		right = shareW - photoWidth - margin/2
	}
	c.fill(image.Rect(0, 0, 20, shareH), accent)
	box := image.Rect(margin, 0, right, shareH)
	c.line(box, 110, c.face(goregular.TTF, 34), muted, st.Organization.Name)
	bottom := c.title(box, 190, st.Campaign.Title)
	bar := image.Rect(box.Min.X, max(bottom+36, 440), box.Max.X, max(bottom+36, 440)+26)
	if st.Progress.Goal.Minor > 0 {
		c.fill(bar, track)
		c.fill(image.Rect(bar.Min.X, bar.Min.Y, bar.Min.X+bar.Dx()*int(st.Progress.Bar())/100, bar.Max.Y), accent)
	}
	c.line(box, bar.Max.Y+62, c.face(gobold.TTF, 44), ink, raisedWords(st.Progress))
	if c.err != nil {
		return nil, fmt.Errorf("draw a share image: %w", c.err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, c); err != nil {
		return nil, fmt.Errorf("write a share image: %w", err)
	}
	return out.Bytes(), nil
}

// canvas draws until the first error, which it keeps.
type canvas struct {
	*image.RGBA
	err error
}

func (c *canvas) fill(r image.Rectangle, col color.Color) {
	draw.Draw(c, r, image.NewUniform(col), image.Point{}, draw.Src)
}

// cover fills r with the middle of the picture.
func (c *canvas) cover(r image.Rectangle, img image.Image) {
	from := img.Bounds()
	if w := from.Dy() * r.Dx() / r.Dy(); w < from.Dx() {
		from.Min.X += (from.Dx() - w) / 2
		from.Max.X = from.Min.X + w
	} else if h := from.Dx() * r.Dy() / r.Dx(); h < from.Dy() {
		from.Min.Y += (from.Dy() - h) / 2
		from.Max.Y = from.Min.Y + h
	}
	scale(c, r, img, from)
}

var parsedFonts sync.Map // font file → *opentype.Font

func (c *canvas) face(ttf []byte, size float64) font.Face {
	parsed, ok := parsedFonts.Load(&ttf[0])
	if !ok {
		f, err := opentype.Parse(ttf)
		if err != nil {
			c.err = err
			return nil
		}
		parsed, _ = parsedFonts.LoadOrStore(&ttf[0], f)
	}
	face, err := opentype.NewFace(parsed.(*opentype.Font), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		c.err = err
	}
	return face
}

// line writes one line, cut with an ellipsis where the box ends.
func (c *canvas) line(box image.Rectangle, y int, face font.Face, col color.Color, text string) {
	if c.err != nil {
		return
	}
	if font.MeasureString(face, text).Ceil() > box.Dx() {
		runes := []rune(text)
		for len(runes) > 0 && font.MeasureString(face, string(runes)+"…").Ceil() > box.Dx() {
			runes = runes[:len(runes)-1]
		}
		text = strings.TrimRight(string(runes), " ") + "…"
	}
	(&font.Drawer{Dst: c, Src: image.NewUniform(col), Face: face, Dot: fixed.P(box.Min.X, y)}).DrawString(text)
}

// title writes up to three lines and returns where the last one ends.
func (c *canvas) title(box image.Rectangle, y int, text string) int {
	const size, leading, most = 62, 74, 3
	face := c.face(gobold.TTF, size)
	if c.err != nil {
		return y
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && font.MeasureString(face, longer).Ceil() > box.Dx() {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	lines = append(lines, line)
	if len(lines) > most {
		lines = append(lines[:most-1], strings.Join(lines[most-1:], " "))
	}
	for i, l := range lines {
		c.line(box, y+i*leading, face, ink, l)
	}
	return y + (len(lines)-1)*leading
}

func hexColor(s string) color.RGBA {
	var c color.RGBA
	if _, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
		return ink
	}
	c.A = 0xff
	return c
}

// drawings remembers what was drawn, by what went into it, and draws each once however many ask. What failed is tried again by the next.
type drawings struct {
	flights singleflight.Group
	mu      sync.Mutex
	kept    map[string][]byte
}

func newDrawings() *drawings { return &drawings{kept: map[string][]byte{}} }

func (d *drawings) drawn(ctx context.Context, key string, draw func(context.Context) ([]byte, error)) ([]byte, error) {
	d.mu.Lock()
	known, ok := d.kept[key]
	d.mu.Unlock()
	if ok {
		return known, nil
	}
	// One visitor who leaves must not fail the others who wait for the same picture.
	result, err, _ := d.flights.Do(key, func() (any, error) {
		content, err := draw(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.kept) >= mostDrawings {
			clear(d.kept)
		}
		d.kept[key] = content
		return content, nil
	})
	if err != nil {
		return nil, err
	}
	return result.([]byte), nil
}
