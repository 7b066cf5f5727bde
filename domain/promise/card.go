package promise

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/id"
	"tributary/domain/payment"
)

// Card is a card that a person saved with the gateway. What is kept here can charge nobody by itself.
type Card struct {
	OrgID           uuid.UUID   `gorm:"primaryKey"`
	ID              id.ID[Card] `gorm:"primaryKey"`
	PersonID        uuid.UUID
	StripeAccount   string
	CustomerID      string
	PaymentMethodID string
	Brand           string
	Last4           string
	ExpMonth        int
	ExpYear         int
	DetachedAt      *time.Time // taken back by the donor or their bank
	CreatedAt       time.Time
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of saved cards.
func (Card) TableName() string { return "saved_cards" }

// Usable reports whether the card can still be charged, as far as is known.
func (c Card) Usable() bool { return c.DetachedAt == nil }

// NewCard keeps a card that the gateway saved for a person.
func NewCard(org, personID uuid.UUID, account string, m payment.SavedMethod, now time.Time) Card {
	return Card{
		OrgID: org, ID: id.New[Card](), PersonID: personID, StripeAccount: account, CustomerID: m.CustomerID, PaymentMethodID: m.ID,
		Brand: m.Brand, Last4: m.Last4, ExpMonth: m.ExpMonth, ExpYear: m.ExpYear, CreatedAt: now, UpdatedAt: now,
	}
}

// Setup is one try to save a card without paying: the exact request, stored before it is sent.
type Setup struct {
	OrgID          uuid.UUID    `gorm:"primaryKey"`
	ID             id.ID[Setup] `gorm:"primaryKey"`
	PersonID       *uuid.UUID   // nil for a public pledge: its donor is found when the card is saved
	PromiseID      *uuid.UUID   // the promise it was asked for; the card serves all of the person's
	IdempotencyKey string
	Params         payment.SetupParams `gorm:"serializer:json;type:jsonb"`
	StripeAccount  string
	State          payment.AttemptState
	SessionID      *string
	SessionURL     string
	ExpiresAt      *time.Time
	CreatedAt      time.Time
	UpdatedAt      time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of setups.
func (Setup) TableName() string { return "card_setups" }
