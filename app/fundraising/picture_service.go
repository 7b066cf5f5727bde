package fundraising

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // registers the decoder
	"io"

	"github.com/google/uuid"
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // registers the decoder

	"tributary/app/platform/database"
	"tributary/app/platform/files"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/fault"
)

// MaxPictureBytes is the largest picture that can be uploaded.
const MaxPictureBytes = 8 << 20

// Limits against files that unpack into far more memory than they weigh, and what each stored size may weigh.
const (
	maxPictureSide   = 12_000
	maxPicturePixels = 40_000_000
	minPictureSide   = 200
	pageWidth        = 720
	pageBytes        = 120_000
	shareWidth       = 1200
	shareBytes       = 300_000
)

// Faults of pictures.
var (
	ErrPictureKind  = fault.Invalid("picture", "picture.kind", "Choose a JPEG, PNG or WebP picture.")
	ErrPictureLarge = fault.Invalid("picture", "picture.too_large", "This picture is too large. Up to 8 MB and 40 megapixels work.")
	ErrPictureSmall = fault.Invalid("picture", "picture.too_small", "This picture is too small to look good. Choose one of at least 200 pixels a side.")
)

// picture is an uploaded picture in the two sizes we serve. Everything else the file carried (place, camera, owner) is gone.
type picture struct {
	page  []byte // at most 720 px wide and 120 KB
	share []byte // at most 1200 px wide, for link previews
}

// decoding admits two pictures at a time: one may need 160 MB while it is unpacked.
var decoding = make(chan struct{}, 2)

func readPicture(ctx context.Context, body io.Reader) (picture, error) {
	raw, err := io.ReadAll(io.LimitReader(body, MaxPictureBytes+1))
	if err != nil {
		return picture{}, fmt.Errorf("read the picture: %w", err)
	}
	if len(raw) > MaxPictureBytes {
		return picture{}, ErrPictureLarge
	}
	select {
	case decoding <- struct{}{}:
		defer func() { <-decoding }()
	case <-ctx.Done():
		return picture{}, ctx.Err()
	}
	img, err := decodePicture(raw)
	if err != nil {
		return picture{}, err
	}
	var p picture
	if p.page, err = fitted(img, pageWidth, pageBytes); err != nil {
		return picture{}, err
	}
	p.share, err = fitted(img, shareWidth, shareBytes)
	return p, err
}

// decodePicture looks at the header before it unpacks anything.
func decodePicture(raw []byte) (image.Image, error) {
	header, kind, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil || kind != "jpeg" && kind != "png" && kind != "webp" {
		return nil, ErrPictureKind
	}
	switch {
	case header.Width > maxPictureSide || header.Height > maxPictureSide || header.Width*header.Height > maxPicturePixels:
		return nil, ErrPictureLarge
	case header.Width < minPictureSide || header.Height < minPictureSide:
		return nil, ErrPictureSmall
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, ErrPictureKind
	}
	if kind == "jpeg" {
		if o := orientation(raw); o > 1 {
			img = turned{shrunk(img, 2*shareWidth), o} // shrunk first: turning reads pixel by pixel
		}
	}
	return img, nil
}

// fitted scales the picture to at most width and writes it as JPEG of at most limit bytes: first with less quality, then smaller.
// Transparent parts become white.
func fitted(img image.Image, width, limit int) ([]byte, error) {
	for {
		size := img.Bounds().Size()
		w := min(width, size.X)
		h := max(1, size.Y*w/size.X)
		canvas := image.NewRGBA(image.Rect(0, 0, w, h))
		draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
		draw.CatmullRom.Scale(canvas, canvas.Bounds(), img, img.Bounds(), draw.Over, nil)
		for quality := 84; quality >= 44; quality -= 8 {
			var out bytes.Buffer
			if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: quality}); err != nil {
				return nil, fmt.Errorf("write the picture: %w", err)
			}
			if out.Len() <= limit {
				return out.Bytes(), nil
			}
		}
		img, width = canvas, w*3/4
	}
}

// shrunk is the picture with neither side above most.
func shrunk(img image.Image, most int) image.Image {
	size := img.Bounds().Size()
	longest := max(size.X, size.Y)
	if longest <= most {
		return img
	}
	small := image.NewRGBA(image.Rect(0, 0, max(1, size.X*most/longest), max(1, size.Y*most/longest)))
	draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return small
}

// SetPicture replaces a campaign's picture.
func (s *Service) SetPicture(ctx context.Context, id uuid.UUID, body io.Reader) (Counted, error) {
	if _, err := s.Find(ctx, id); err != nil {
		return Counted{}, err
	}
	p, err := readPicture(ctx, body)
	if err != nil {
		return Counted{}, err
	}
	key := pictureKey(actor.From(ctx).OrgID, id)
	for name, content := range map[string][]byte{pageName(key): p.page, shareName(key): p.share} {
		if err := s.files.Put(ctx, name, "image/jpeg", bytes.NewReader(content)); err != nil {
			return Counted{}, fmt.Errorf("keep the picture: %w", err)
		}
	}
	var former string
	c, err := s.change(ctx, id, "campaign.picture_changed", func(_ database.Tx, c *campaign.Campaign, now campaign.Moment) error {
		former = c.Picture(key, now)
		return nil
	})
	if err != nil {
		former = key // nobody will ever ask for it
	}
	s.dropPicture(ctx, former)
	return c, err
}

// dropPicture removes files that no campaign shows any more. A failure leaves an orphan, which harms nobody.
func (s *Service) dropPicture(ctx context.Context, key string) {
	if key != "" {
		_ = s.files.Delete(ctx, pageName(key))
		_ = s.files.Delete(ctx, shareName(key))
	}
}

// OpenPicture opens a stored picture by the last parts of its key. The key holds a random part that only the page tells, so a draft's
// picture is as private as its preview.
func (s *Service) OpenPicture(ctx context.Context, org, campaignID uuid.UUID, name string) (io.ReadSeekCloser, files.Info, error) {
	file, info, err := s.files.Open(ctx, pictureFolder(org, campaignID)+name)
	if fault.KindOf(err) == fault.KindInvalid { // a name no file of ours has
		err = files.ErrNotFound
	}
	return file, info, err
}

// Keys: campaigns/<organization>/<campaign>/<random>, and the size in the file's name. A key is used once, so its files never change.
func pictureKey(org, campaignID uuid.UUID) string {
	return pictureFolder(org, campaignID) + rand.Text()
}

func pictureFolder(org, campaignID uuid.UUID) string {
	return "campaigns/" + org.String() + "/" + campaignID.String() + "/"
}

func pageName(key string) string  { return key + "-720.jpg" }
func shareName(key string) string { return key + "-1200.jpg" }

// scale draws the part from of img over the rectangle to.
func scale(dst draw.Image, to image.Rectangle, img image.Image, from image.Rectangle) {
	draw.CatmullRom.Scale(dst, to, img, from, draw.Src, nil)
}
