package receipting

import (
	"time"

	"tributary/domain/receipt"
)

// Drawable shows tests how a text is drawn.
var Drawable = drawable

// DrawPDF draws a receipt without a database.
func DrawPDF(c receipt.Content, issuedAt time.Time, voidedOn, replacedBy string) ([]byte, error) {
	return renderPDF(printed{content: c, issuedAt: issuedAt, voidedOn: voidedOn, replacedBy: replacedBy})
}
