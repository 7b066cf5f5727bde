package promise

import (
	"slices"
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

// Follow brings a card up to date with what the gateway says of it now. renewed: its bank replaced it by itself; lost: it was taken back.
func (c *Card) Follow(m payment.SavedMethod, now time.Time) (renewed, lost bool) {
	switch {
	case c.DetachedAt != nil:
		return false, false
	case m.Detached:
		c.DetachedAt, c.UpdatedAt = &now, now
		return false, true
	case c.Brand == m.Brand && c.Last4 == m.Last4 && c.ExpMonth == m.ExpMonth && c.ExpYear == m.ExpYear:
		return false, false
	}
	c.Brand, c.Last4, c.ExpMonth, c.ExpYear, c.UpdatedAt = m.Brand, m.Last4, m.ExpMonth, m.ExpYear, now
	return true, false
}

// outdated lists the codes of declines that a renewed card may mend.
var outdated = map[string]bool{
	"expired_card": true, "incorrect_number": true, "invalid_account": true, "invalid_number": true, "lost_card": true, "new_account_information_available": true,
	"pickup_card": true, "stolen_card": true,
}

// AwaitsRenewal reports whether something failed because the card was not the newest that its bank had issued.
func (p *Promise) AwaitsRenewal() bool {
	return slices.ContainsFunc(p.Instalments, func(i Instalment) bool { return i.State == Failed && outdated[i.DeclineCode] })
}

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
