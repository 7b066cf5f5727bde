package stripesandbox

import "encoding/json"

// Event is a fact that webhooks tell; Data is the object as it was at that moment.
type Event struct {
	Row
	Type       string       `json:"type"`
	Data       packed       `json:"data"`
	Request    eventRequest `json:"request"`
	Connected  string       `json:"account,omitempty"`
	Deliveries []*Delivery  `json:"_deliveries"`
}

type eventRequest struct {
	ID             *string `json:"id"`
	IdempotencyKey *string `json:"idempotency_key"`
}

// Delivery is the duty to tell one endpoint of one event.
type Delivery struct {
	Endpoint string `json:"endpoint"`
	Attempts int    `json:"attempts"`
	// NextAt is when, in milliseconds, the next attempt is due.
	NextAt     int64         `json:"next_at"`
	State      DeliveryState `json:"state"`
	LastStatus int           `json:"last_status"`
}

// DeliveryState says whether a delivery is still owed.
type DeliveryState string

// The states of a delivery. Lost is what a drop fault leaves: never sent, and only listing events can find it.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed"
	DeliveryLost      DeliveryState = "lost"
)

// Endpoint is a webhook endpoint.
type Endpoint struct {
	Row
	APIVersion *string           `json:"api_version"`
	Desc       *string           `json:"description"`
	Events     []string          `json:"enabled_events"`
	Metadata   map[string]string `json:"metadata"`
	Status     string            `json:"status"`
	URL        string            `json:"url"`
	Connect    bool              `json:"_connect"`
	Secret     string            `json:"_secret"`
	// OldSecret signs too until OldUntil (seconds): the roll of a secret.
	OldSecret string `json:"_old_secret"`
	OldUntil  int64  `json:"_old_until"`
}

// Payout is money on its way to the bank.
type Payout struct {
	Row
	Amount         int64             `json:"amount"`
	ArrivalDate    int64             `json:"arrival_date"`
	BalanceTx      *string           `json:"balance_transaction"`
	Currency       string            `json:"currency"`
	Destination    *string           `json:"destination"`
	FailureTx      *string           `json:"failure_balance_transaction"`
	FailureCode    *string           `json:"failure_code"`
	FailureMessage *string           `json:"failure_message"`
	Metadata       map[string]string `json:"metadata"`
	Reconciliation string            `json:"reconciliation_status"`
	Status         string            `json:"status"`
}

// Dispute is a cardholder's objection to a charge.
type Dispute struct {
	Row
	Amount        int64              `json:"amount"`
	BalanceTxIDs  []string           `json:"_balance_transactions"`
	Charge        string             `json:"charge"`
	Currency      string             `json:"currency"`
	Evidence      map[string]*string `json:"evidence"`
	Details       evidenceDetails    `json:"evidence_details"`
	Refundable    bool               `json:"is_charge_refundable"`
	Metadata      map[string]string  `json:"metadata"`
	PaymentIntent *string            `json:"payment_intent"`
	MethodDetails json.RawMessage    `json:"payment_method_details"`
	Reason        string             `json:"reason"`
	Status        string             `json:"status"`
}

type evidenceDetails struct {
	DueBy       int64 `json:"due_by"`
	HasEvidence bool  `json:"has_evidence"`
	PastDue     bool  `json:"past_due"`
	Submissions int64 `json:"submission_count"`
}

// SetupIntent is one wish to keep a card for later charges, without paying.
type SetupIntent struct {
	Row
	AutomaticMethods   json.RawMessage   `json:"automatic_payment_methods"`
	CancellationReason *string           `json:"cancellation_reason"`
	ClientSecret       string            `json:"client_secret"`
	Customer           *string           `json:"customer"`
	Description        *string           `json:"description"`
	LastSetupError     *apiError         `json:"last_setup_error"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         json.RawMessage   `json:"next_action"`
	PaymentMethod      *string           `json:"payment_method"`
	MethodTypes        []string          `json:"payment_method_types"`
	Status             string            `json:"status"`
	Usage              string            `json:"usage"`
	Session            string            `json:"_session"`
	ReturnURL          string            `json:"_return_url"`
}

// savedResponse is the answer kept under an idempotency key.
type savedResponse struct {
	Row
	Fingerprint string `json:"fingerprint"`
	RequestID   string `json:"request_id"`
	Status      int    `json:"status"`
	Body        packed `json:"body"`
}

// The kinds of object that are stored.
const (
	kindAccount       = "account"
	kindCustomer      = "customer"
	kindPaymentMethod = "payment_method"
	kindPaymentIntent = "payment_intent"
	kindSetupIntent   = "setup_intent"
	kindCharge        = "charge"
	kindRefund        = "refund"
	kindBalanceTx     = "balance_transaction"
	kindAppFee        = "application_fee"
	kindSession       = "checkout.session"
	kindEvent         = "event"
	kindEndpoint      = "webhook_endpoint"
	kindPayout        = "payout"
	kindDispute       = "dispute"
	kindSaved         = "_saved_response"
)

// newEntity makes the empty object of a kind, for reading the state file.
func newEntity(kind string) entity {
	switch kind {
	case kindAccount:
		return new(Account)
	case kindCustomer:
		return new(Customer)
	case kindPaymentMethod:
		return new(PaymentMethod)
	case kindPaymentIntent:
		return new(PaymentIntent)
	case kindSetupIntent:
		return new(SetupIntent)
	case kindCharge:
		return new(Charge)
	case kindRefund:
		return new(Refund)
	case kindBalanceTx:
		return new(BalanceTransaction)
	case kindAppFee:
		return new(ApplicationFee)
	case kindSession:
		return new(Session)
	case kindEvent:
		return new(Event)
	case kindEndpoint:
		return new(Endpoint)
	case kindPayout:
		return new(Payout)
	case kindDispute:
		return new(Dispute)
	case kindSaved:
		return new(savedResponse)
	default:
		return nil
	}
}
