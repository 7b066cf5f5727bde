// Package payment holds what a card gateway tells us, in our own words, and the rules for believing it: facts only move forward, so that
// the order, number and age of the messages that carry them do not matter.
package payment

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
)

// Faults of paying.
var (
	// ErrUnavailable: the gateway did not answer, answered with its own failure, or asked us to slow down. The outcome is unknown; the same
	// call with the same key is safe.
	ErrUnavailable = fault.New(fault.KindUnavailable, "payment.unavailable", "Our payment partner does not answer right now. Nothing was charged. Please try again in a few minutes.")
	// ErrRefused: the gateway understood the call and refused it for good.
	ErrRefused = fault.New(fault.KindConflict, "payment.refused", "Our payment partner refused this.")
	// ErrUnknownObject: the gateway knows no such object.
	ErrUnknownObject = fault.New(fault.KindNotFound, "payment.unknown_object", "Our payment partner knows no such object.")
	// ErrBadSignature: an event that the gateway did not sign, or too long ago.
	ErrBadSignature = fault.New(fault.KindInvalid, "payment.bad_signature", "This event is not signed by our payment partner.")
)

// AttemptState is where one try to collect money stands.
type AttemptState string

// The states of an attempt. created: stored, its call to the gateway not (known to be) answered.
const (
	AttemptCreated        AttemptState = "created"
	AttemptOpen           AttemptState = "open"
	AttemptProcessing     AttemptState = "processing"
	AttemptRequiresAction AttemptState = "requires_action"
	AttemptSucceeded      AttemptState = "succeeded"
	AttemptFailed         AttemptState = "failed"
	AttemptExpired        AttemptState = "expired"
	AttemptCancelled      AttemptState = "cancelled"
	AttemptUnknown        AttemptState = "unknown"
)

// Open reports whether money may still come of an attempt in this state.
func (s AttemptState) Open() bool {
	switch s {
	case AttemptCreated, AttemptOpen, AttemptProcessing, AttemptRequiresAction, AttemptUnknown:
		return true
	case AttemptSucceeded, AttemptFailed, AttemptExpired, AttemptCancelled:
		return false
	}
	return false
}

// CheckoutParams is the exact request for a hosted checkout. It is stored before it is sent, and resent as stored.
type CheckoutParams struct {
	Lines         []CheckoutLine    `json:"lines"`
	SuccessURL    string            `json:"success_url"`
	CancelURL     string            `json:"cancel_url"`
	DonationID    string            `json:"donation_id"`
	CustomerEmail string            `json:"customer_email"`
	ExpiresAt     int64             `json:"expires_at"` // Unix seconds; Stripe allows 30 minutes to 24 hours ahead
	Metadata      map[string]string `json:"metadata"`
	SaveCard      bool              `json:"save_card,omitempty"`   // keep the card for charges without its owner present
	CustomerID    string            `json:"customer_id,omitempty"` // empty: the gateway makes a customer
}

// ChargeParams is the exact request to charge a saved card without its owner present. It is stored before it is sent, and resent as stored.
type ChargeParams struct {
	Amount          money.Money       `json:"amount"`
	CustomerID      string            `json:"customer_id"`
	PaymentMethodID string            `json:"payment_method_id"`
	Description     string            `json:"description"`
	Metadata        map[string]string `json:"metadata"`
}

// SetupParams is the exact request for a page on which a card is saved and nothing is paid.
type SetupParams struct {
	CustomerID    string            `json:"customer_id,omitempty"` // empty: the gateway makes a customer
	CustomerEmail string            `json:"customer_email,omitempty"`
	SuccessURL    string            `json:"success_url"`
	CancelURL     string            `json:"cancel_url"`
	ExpiresAt     int64             `json:"expires_at"`
	Currency      string            `json:"currency"`
	Metadata      map[string]string `json:"metadata"`
}

// SavedMethod is a card that the gateway keeps for a customer.
type SavedMethod struct {
	ID         string
	CustomerID string
	Brand      string
	Last4      string
	ExpMonth   int
	ExpYear    int
	Detached   bool // it belongs to no customer any more
}

// CheckoutLine is one line of what is paid for.
type CheckoutLine struct {
	Name   string      `json:"name"`
	Amount money.Money `json:"amount"`
}

// AttemptKind says how money is collected.
type AttemptKind string

// The kinds of attempt.
const (
	OnPage  AttemptKind = "page"   // the donor pays on the gateway's page
	BySaved AttemptKind = "charge" // a saved card is charged without its owner present
)

// Attempt is one try to collect a donation's money.
type Attempt struct {
	OrgID           uuid.UUID      `gorm:"primaryKey"`
	ID              id.ID[Attempt] `gorm:"primaryKey"`
	DonationID      uuid.UUID
	N               int
	IdempotencyKey  string
	Kind            AttemptKind
	Params          CheckoutParams `gorm:"serializer:json;type:jsonb"`                      // of a page
	Charge          *ChargeParams  `gorm:"column:charge_params;serializer:json;type:jsonb"` // of a charge to a saved card
	StripeAccount   string
	State           AttemptState
	SessionID       *string
	SessionURL      string
	PaymentIntentID *string
	DeclineCode     string
	ExpiresAt       *time.Time
	CreatedAt       time.Time
	UpdatedAt       time.Time `gorm:"autoUpdateTime:false"`
}

// TableName is the table of attempts.
func (Attempt) TableName() string { return "payment_attempts" }

// KeyLifetime is how long the gateway surely remembers an idempotency key (Stripe: at least 24 hours), less a margin for clocks.
const KeyLifetime = 23 * time.Hour

// Expired reports whether the attempt can no longer be paid at t, as far as we know.
func (a Attempt) Expired(t time.Time) bool {
	return a.ExpiresAt != nil && !t.Before(*a.ExpiresAt)
}

// SessionStatus is the gateway's word on a hosted checkout.
type SessionStatus string

// The states of a hosted checkout.
const (
	SessionOpen     SessionStatus = "open"
	SessionComplete SessionStatus = "complete"
	SessionExpired  SessionStatus = "expired"
)

// Session is a hosted checkout as the gateway tells it now.
type Session struct {
	ID        string
	URL       string
	Status    SessionStatus
	Paid      bool
	ExpiresAt time.Time
	Donation  string // the reference we gave it
	Metadata  map[string]string
	Intent    *Intent // nil until the donor tried to pay
	Setup     *Setup  // of a page on which a card is saved without paying
}

// Setup is the gateway's record of saving a card without paying.
type Setup struct {
	ID     string
	Status string       // Stripe's word: requires_payment_method, succeeded, canceled …
	Method *SavedMethod // once it succeeded
}

// Intent is the gateway's record of collecting one amount.
type Intent struct {
	ID          string
	Status      string // Stripe's word: requires_payment_method, requires_action, processing, succeeded, canceled …
	Metadata    map[string]string
	DeclineCode string
	CreatedAt   time.Time
	Charge      *Charge
	Saved       *SavedMethod // the card it was paid with, when it is kept for later; told with the intent's customer
}

// ChargeStatus is the gateway's word on a charge.
type ChargeStatus string

// The states of a charge, in the order facts may move.
const (
	ChargePending   ChargeStatus = "pending"
	ChargeFailed    ChargeStatus = "failed"
	ChargeSucceeded ChargeStatus = "succeeded"
)

// Charge is money that moved, or tried to.
type Charge struct {
	ID          string
	IntentID    string
	Account     string // the connected account it was made on; empty: our own
	Status      ChargeStatus
	Amount      money.Money // captured
	Refunded    int64       // minor units, as the gateway sums them
	Livemode    bool
	Brand       string
	Last4       string
	ExpMonth    int
	ExpYear     int
	FailureCode string
	CreatedAt   time.Time
	Metadata    map[string]string
	Balance     *BalanceTransaction // nil until the gateway knows the fee
}

// BalanceTransaction is one movement of our balance at the gateway.
type BalanceTransaction struct {
	ID     string
	Amount money.Money // gross, in the balance's currency
	Fee    money.Money
	Net    money.Money
	At     time.Time
}

// RefundStatus is where giving money back stands.
type RefundStatus string

// The states of a refund. requested: asked for here, the gateway has not answered yet.
const (
	RefundRequested      RefundStatus = "requested"
	RefundPending        RefundStatus = "pending"
	RefundRequiresAction RefundStatus = "requires_action"
	RefundSucceeded      RefundStatus = "succeeded"
	RefundFailed         RefundStatus = "failed"
	RefundCanceled       RefundStatus = "canceled"
)

// rank orders refund states by how far they are: a later fact is never overwritten by an earlier one.
var rank = map[RefundStatus]int{
	RefundRequested: 0, RefundPending: 1, RefundRequiresAction: 2, RefundSucceeded: 3, RefundCanceled: 4, RefundFailed: 5,
}

// Later returns the further of two states.
func (s RefundStatus) Later(other RefundStatus) RefundStatus {
	if rank[other] > rank[s] {
		return other
	}
	return s
}

// Returns reports whether a refund in this state gives money back (or is about to).
func (s RefundStatus) Returns() bool {
	return s == RefundPending || s == RefundRequiresAction || s == RefundSucceeded
}

// Void reports whether a refund in this state came to nothing.
func (s RefundStatus) Void() bool { return s == RefundFailed || s == RefundCanceled }

// RefundFact is a refund as the gateway tells it now.
type RefundFact struct {
	ID             string
	ChargeID       string
	Amount         money.Money
	Status         RefundStatus
	FailureReason  string
	Metadata       map[string]string
	CreatedAt      time.Time
	Balance        *BalanceTransaction
	FailureBalance *BalanceTransaction
}

// RefundParams is the exact request for a refund.
type RefundParams struct {
	ChargeID string
	Amount   int64
	Reason   string // Stripe's word, or empty
	Metadata map[string]string
}

// PayoutFact is a payout as the gateway tells it now.
type PayoutFact struct {
	ID        string
	Amount    money.Money
	Status    string
	ArrivalAt time.Time
	CreatedAt time.Time
	BalanceID string
}

// EventState is what became of an event.
type EventState string

// The states of an event. parked: it tells of something we do not know yet.
const (
	EventReceived EventState = "received"
	EventApplied  EventState = "applied"
	EventIgnored  EventState = "ignored"
	EventParked   EventState = "parked"
	EventFailed   EventState = "failed"
)

// Event is a signed message of the gateway. Only its type and object id are used; the facts are fetched.
type Event struct {
	EventID     string `gorm:"primaryKey"`
	Account     string
	Type        string
	ObjectID    string
	APIVersion  string `gorm:"column:api_version"`
	Livemode    bool
	Created     time.Time
	ReceivedAt  time.Time
	Payload     []byte `gorm:"type:jsonb"`
	State       EventState
	Attempts    int
	LastError   string     // code of the fault
	OrgID       *uuid.UUID // once known
	DonationID  *uuid.UUID // once known
	ProcessedAt *time.Time
}

// TableName is the table of events.
func (Event) TableName() string { return "stripe_events" }

// Follow takes over what the gateway says of the attempt's checkout. What has ended is only reopened by money: what succeeded stays so, and
// what was given up here can still succeed, or wait for a bank. superseded: a later attempt has taken its place, and only one may be open.
func (a *Attempt) Follow(s Session, superseded bool) {
	if s.Intent != nil {
		a.PaymentIntentID = &s.Intent.ID
		a.DeclineCode = s.Intent.DeclineCode
	}
	next := s.attemptState()
	switch {
	case a.State == AttemptSucceeded:
	case next == AttemptSucceeded:
		a.State, a.DeclineCode = next, ""
	case a.State == AttemptCancelled: // withdrawn here: something else collects the money now
	case !next.Open():
		a.State = next
	case superseded:
	case a.State == AttemptExpired && next == AttemptProcessing:
		a.State = next
	case !a.State.Open(), a.State == AttemptProcessing: // an older answer, or a page that we gave up and Stripe has not yet
	default:
		a.State = next
	}
}

// FollowIntent takes over what the gateway says of a charge to a saved card. Only money reopens what has ended.
func (a *Attempt) FollowIntent(i Intent) {
	a.PaymentIntentID = &i.ID
	switch {
	case a.State == AttemptSucceeded:
		return
	case i.Status == "succeeded":
		a.State, a.DeclineCode = AttemptSucceeded, ""
		return
	case a.State == AttemptCancelled: // withdrawn here: something else collects the money now
		return
	}
	switch i.Status {
	case "processing":
		if a.State.Open() {
			a.State = AttemptProcessing
		}
	case "requires_payment_method", "requires_action", "requires_confirmation", "requires_capture":
		a.State, a.DeclineCode = AttemptFailed, i.DeclineCode
		if i.Status == "requires_action" {
			a.DeclineCode = CodeAuthentication
		}
	case "canceled":
		a.State = AttemptFailed
		if i.DeclineCode != "" {
			a.DeclineCode = i.DeclineCode
		}
	}
}

// Same reports whether the gateway has told nothing new of the attempt since before.
func (a Attempt) Same(before Attempt) bool {
	return a.State == before.State && a.DeclineCode == before.DeclineCode && (a.PaymentIntentID == nil || before.PaymentIntentID != nil && *a.PaymentIntentID == *before.PaymentIntentID)
}

// attemptState is where an attempt stands by its checkout alone.
func (s Session) attemptState() AttemptState {
	intent := ""
	if s.Intent != nil {
		intent = s.Intent.Status
	}
	switch {
	case s.Paid || intent == "succeeded":
		return AttemptSucceeded
	case s.Status == SessionExpired:
		return AttemptExpired
	case s.Status == SessionComplete && (intent == "requires_payment_method" || intent == "canceled"): // a bank debit that came to nothing
		return AttemptFailed
	case s.Status == SessionComplete, intent == "processing":
		return AttemptProcessing
	case intent == "requires_action":
		return AttemptRequiresAction
	}
	return AttemptOpen // a declined card leaves the page open for another one
}
