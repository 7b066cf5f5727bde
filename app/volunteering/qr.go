package volunteering

import (
	"strconv"
	"strings"

	"rsc.io/qr"
)

// qrCode is a QR code as one path of squares, for an SVG of Size by Size with the quiet zone that readers need.
type qrCode struct {
	Path string
	Size int
}

// quietZone is the blank border of a QR code in squares (ISO/IEC 18004).
const quietZone = 4

// drawQR draws a short text; one that is too long is drawn as nothing.
func drawQR(text string) qrCode {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return qrCode{}
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+quietZone) + " " + strconv.Itoa(y+quietZone) + "h1v1h-1z")
			}
		}
	}
	return qrCode{Path: path.String(), Size: code.Size + 2*quietZone}
}
