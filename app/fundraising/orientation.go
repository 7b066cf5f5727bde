package fundraising

import (
	"encoding/binary"
	"image"
	"image/color"
)

// orientation finds the Exif orientation (1 to 8) of a JPEG: phones store the picture as the sensor saw it and say how it was held.
// Anything odd counts as upright.
func orientation(raw []byte) int {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, length := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || length < 2 || at+2+length > len(raw) {
			return 1
		}
		segment := raw[at+4 : at+2+length]
		if marker == 0xe1 && len(segment) > 14 && string(segment[:6]) == "Exif\x00\x00" {
			return tiffOrientation(segment[6:])
		}
		at += 2 + length
	}
	return 1
}

const (
	tagOrientation = 0x0112
	typeShort      = 3
)

func tiffOrientation(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	start := int64(order.Uint32(tiff[4:]))
	if start+2 > int64(len(tiff)) {
		return 1
	}
	count := int64(order.Uint16(tiff[start:]))
	for i := range count {
		at := start + 2 + 12*i
		if at+12 > int64(len(tiff)) {
			return 1
		}
		entry := tiff[at : at+12]
		if order.Uint16(entry) != tagOrientation || order.Uint16(entry[2:]) != typeShort {
			continue
		}
		if o := int(order.Uint16(entry[8:])); o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}

// turned shows a picture the way it was meant to be seen, by its Exif orientation, without a copy.
type turned struct {
	image.Image
	orientation int
}

// Bounds implements image.Image: orientations from 5 on swap the sides.
func (t turned) Bounds() image.Rectangle {
	s := t.Image.Bounds().Size()
	if t.orientation >= 5 {
		s.X, s.Y = s.Y, s.X
	}
	return image.Rectangle{Max: s}
}

// At implements image.Image.
func (t turned) At(x, y int) color.Color {
	b := t.Image.Bounds()
	w, h := b.Dx()-1, b.Dy()-1
	sx, sy := x, y
	switch t.orientation {
	case 2:
		sx, sy = w-x, y
	case 3:
		sx, sy = w-x, h-y
	case 4:
		sx, sy = x, h-y
	case 5:
		sx, sy = y, x
	case 6:
		sx, sy = y, h-x
	case 7:
		sx, sy = w-y, h-x
	case 8:
		sx, sy = w-y, x
	}
	return t.Image.At(b.Min.X+sx, b.Min.Y+sy)
}
