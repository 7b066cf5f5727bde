package fundraising_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPhoneHeldUprightGivesAnUprightPicture(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		orientation byte
		size        image.Point
		corner      string // where the red corner of the sensor's picture, its upper left, ends up
	}{
		{"as the sensor saw it", 1, image.Pt(600, 300), "upper left"},
		{"upside down", 3, image.Pt(600, 300), "lower right"},
		{"turned right", 6, image.Pt(300, 600), "upper right"},
		{"turned left", 8, image.Pt(300, 600), "lower left"},
		{"nonsense counts as upright", 99, image.Pt(600, 300), "upper left"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "USD")
			c := w.live()
			raw := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPut, "/campaigns/"+c.ID.String()+"/picture", "image/jpeg", photo(t, tc.orientation))
			require.Equal(t, http.StatusOK, raw.status, raw.body)
			var made struct {
				PictureURL string `json:"picture_url"`
			}
			require.NoError(t, json.Unmarshal([]byte(raw.body), &made))
			_, content := w.get(w.browser(), made.PictureURL)
			require.NotContains(t, content, "Exif", "what the camera wrote is gone")
			img, err := jpeg.Decode(strings.NewReader(content))
			require.NoError(t, err)
			require.Equal(t, tc.size, img.Bounds().Size())
			require.Equal(t, tc.corner, redCorner(img))
		})
	}
}

// photo is a JPEG of 600 × 300 with a red corner and an Exif block that says how the camera was held.
func photo(t *testing.T, orientation byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 600, 300))
	for x := range 600 {
		for y := range 300 {
			img.SetRGBA(x, y, color.RGBA{B: 200, A: 255})
			if x < 150 && y < 100 {
				img.SetRGBA(x, y, color.RGBA{R: 250, A: 255})
			}
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, nil))
	exif := []byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{orientation}) + "\x00\x00\x00\x00\x00\x00")
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	plain := b.Bytes()
	return append(append(append([]byte{}, plain[:2]...), segment...), plain[2:]...)
}

func redCorner(img image.Image) string {
	size := img.Bounds().Size()
	for name, at := range map[string]image.Point{
		"upper left": image.Pt(20, 20), "upper right": image.Pt(size.X-20, 20), "lower left": image.Pt(20, size.Y-20),
		"lower right": image.Pt(size.X-20, size.Y-20),
	} {
		if r, _, b, _ := img.At(at.X, at.Y).RGBA(); r > b {
			return name
		}
	}
	return "nowhere"
}
