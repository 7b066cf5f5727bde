package receipting

import (
	"time"

	"tributary/domain/receipt"
)

// DrawPDF draws a receipt without a database.
func DrawPDF(c receipt.Content, issuedAt time.Time, voidedOn, replacedBy string) ([]byte, error) {
	return renderPDF(printed{content: c, issuedAt: issuedAt, voidedOn: voidedOn, replacedBy: replacedBy})
}
