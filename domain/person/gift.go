package person

import (
	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/money"
)

// Gift is a gift as its giver sees it on the supporter page.
type Gift struct {
	DonationID uuid.UUID
	Reference  string
	ReceivedOn day.Day
	Purpose    string // the campaign's title, else the cause's name
	Amount     money.Money
	Refunded   money.Money
	Receipts   []GiftReceipt // official receipts that stand; none before the first is issued
}

// GiftReceipt is a receipt the giver can download.
type GiftReceipt struct {
	ID     uuid.UUID
	Number string
}
