package stripesandbox

import "encoding/json"

// Row is what every stored object has. Names with an underscore never leave the sandbox.
type Row struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	// Account is the account that owns the object.
	Account string `json:"_account"`
	// Seq orders objects made in the same second.
	Seq int64 `json:"_seq"`
	// listed is the owner under whom the index has it.
	listed string
}

func (r *Row) row() *Row { return r }

type entity interface{ row() *Row }

// The structs below hold what the sandbox decides on; the rest of an object's keys comes from shapes/shapes.json.

// Account is a Stripe account: the platform itself or a connected one.
type Account struct {
	Row
	Email    *string           `json:"email"`
	Country  string            `json:"country"`
	Currency string            `json:"default_currency"`
	Type     string            `json:"type"`
	Metadata map[string]string `json:"metadata"`
	Platform bool              `json:"_platform"`
}

// Customer is someone who pays.
type Customer struct {
	Row
	Address         json.RawMessage   `json:"address"`
	Description     *string           `json:"description"`
	Email           *string           `json:"email"`
	InvoicePrefix   string            `json:"invoice_prefix"`
	InvoiceSettings invoiceSettings   `json:"invoice_settings"`
	Metadata        map[string]string `json:"metadata"`
	Name            *string           `json:"name"`
	Phone           *string           `json:"phone"`
	Locales         []string          `json:"preferred_locales"`
	Deleted         bool              `json:"_deleted"`
}

type invoiceSettings struct {
	CustomFields         *string `json:"custom_fields"`
	DefaultPaymentMethod *string `json:"default_payment_method"`
	Footer               *string `json:"footer"`
	RenderingOptions     *string `json:"rendering_options"`
}

type billingDetails struct {
	Address address `json:"address"`
	Email   *string `json:"email"`
	Name    *string `json:"name"`
	Phone   *string `json:"phone"`
}

type address struct {
	City       *string `json:"city"`
	Country    *string `json:"country"`
	Line1      *string `json:"line1"`
	Line2      *string `json:"line2"`
	PostalCode *string `json:"postal_code"`
	State      *string `json:"state"`
}

// PaymentMethod is a card or a bank account. Behaviour is the number that decides what it does; it is a published test number.
type PaymentMethod struct {
	Row
	Type      string            `json:"type"`
	Billing   billingDetails    `json:"billing_details"`
	Customer  *string           `json:"customer"`
	Metadata  map[string]string `json:"metadata"`
	Card      *pmCard           `json:"card,omitempty"`
	Bank      *pmBank           `json:"us_bank_account,omitempty"`
	Behaviour string            `json:"_behaviour"`
	// Ready says that the cardholder agreed to later charges (setup_future_usage, a setup intent) with an authentication.
	Ready bool `json:"_ready"`
	// Spent says that it was used without belonging to a customer, or was detached: Stripe takes it no more.
	Spent bool `json:"_spent,omitempty"`
	// Declines is the decline code that charges get whatever Behaviour says; DeclinesLeft counts them, zero meaning all.
	Declines     string `json:"_declines,omitempty"`
	DeclinesLeft int    `json:"_declines_left,omitempty"`
}

type cardChecks struct {
	Line1      *string `json:"address_line1_check"`
	PostalCode *string `json:"address_postal_code_check"`
	CVC        *string `json:"cvc_check"`
}

type pmCard struct {
	Brand         string          `json:"brand"`
	Checks        cardChecks      `json:"checks"`
	Country       string          `json:"country"`
	DisplayBrand  string          `json:"display_brand"`
	ExpMonth      int64           `json:"exp_month"`
	ExpYear       int64           `json:"exp_year"`
	Fingerprint   string          `json:"fingerprint"`
	Funding       string          `json:"funding"`
	GeneratedFrom json.RawMessage `json:"generated_from"`
	Last4         string          `json:"last4"`
	Networks      json.RawMessage `json:"networks"`
	ThreeDSecure  json.RawMessage `json:"three_d_secure_usage"`
	Wallet        json.RawMessage `json:"wallet"`
}

type pmBank struct {
	HolderType    string          `json:"account_holder_type"`
	AccountType   string          `json:"account_type"`
	BankName      string          `json:"bank_name"`
	Connections   *string         `json:"financial_connections_account"`
	Fingerprint   string          `json:"fingerprint"`
	Last4         string          `json:"last4"`
	Networks      json.RawMessage `json:"networks"`
	RoutingNumber string          `json:"routing_number"`
	StatusDetails json.RawMessage `json:"status_details"`
}

// PaymentIntent is one wish to collect an amount; it succeeds at most once.
type PaymentIntent struct {
	Row
	Amount             int64             `json:"amount"`
	AmountCapturable   int64             `json:"amount_capturable"`
	AmountReceived     int64             `json:"amount_received"`
	ApplicationFee     *int64            `json:"application_fee_amount"`
	AutomaticMethods   json.RawMessage   `json:"automatic_payment_methods"`
	CanceledAt         *int64            `json:"canceled_at"`
	CancellationReason *string           `json:"cancellation_reason"`
	CaptureMethod      string            `json:"capture_method"`
	ClientSecret       string            `json:"client_secret"`
	ConfirmationMethod string            `json:"confirmation_method"`
	Currency           string            `json:"currency"`
	Customer           *string           `json:"customer"`
	Description        *string           `json:"description"`
	LastPaymentError   *apiError         `json:"last_payment_error"`
	LatestCharge       *string           `json:"latest_charge"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         json.RawMessage   `json:"next_action"`
	PaymentMethod      *string           `json:"payment_method"`
	MethodTypes        []string          `json:"payment_method_types"`
	ReceiptEmail       *string           `json:"receipt_email"`
	FutureUsage        *string           `json:"setup_future_usage"`
	Descriptor         *string           `json:"statement_descriptor"`
	DescriptorSuffix   *string           `json:"statement_descriptor_suffix"`
	Status             string            `json:"status"`
	TransferGroup      *string           `json:"transfer_group"`
	Session            string            `json:"_session"`
	ReturnURL          string            `json:"_return_url"`
}

// Charge is one attempt at an intent, successful or not.
type Charge struct {
	Row
	Amount           int64             `json:"amount"`
	AmountCaptured   int64             `json:"amount_captured"`
	AmountRefunded   int64             `json:"amount_refunded"`
	ApplicationFeeID *string           `json:"application_fee"`
	ApplicationFee   *int64            `json:"application_fee_amount"`
	BalanceTx        *string           `json:"balance_transaction"`
	Billing          billingDetails    `json:"billing_details"`
	Calculated       *string           `json:"calculated_statement_descriptor"`
	Captured         bool              `json:"captured"`
	Currency         string            `json:"currency"`
	Customer         *string           `json:"customer"`
	Description      *string           `json:"description"`
	Disputed         bool              `json:"disputed"`
	FailureTx        *string           `json:"failure_balance_transaction"`
	FailureCode      *string           `json:"failure_code"`
	FailureMessage   *string           `json:"failure_message"`
	Fraud            map[string]string `json:"fraud_details"`
	Metadata         map[string]string `json:"metadata"`
	Outcome          *outcome          `json:"outcome"`
	Paid             bool              `json:"paid"`
	PaymentIntent    *string           `json:"payment_intent"`
	PaymentMethod    *string           `json:"payment_method"`
	MethodDetails    json.RawMessage   `json:"payment_method_details"`
	ReceiptEmail     *string           `json:"receipt_email"`
	ReceiptURL       *string           `json:"receipt_url"`
	Refunded         bool              `json:"refunded"`
	Descriptor       *string           `json:"statement_descriptor"`
	DescriptorSuffix *string           `json:"statement_descriptor_suffix"`
	Status           string            `json:"status"`
	TransferGroup    *string           `json:"transfer_group"`
	// FeeAt and SettleAt are when, in milliseconds, the balance transaction appears and a bank debit ends.
	FeeAt    int64 `json:"_fee_at"`
	SettleAt int64 `json:"_settle_at"`
}

type outcome struct {
	NetworkStatus string  `json:"network_status"`
	Reason        *string `json:"reason"`
	RiskLevel     string  `json:"risk_level"`
	RiskScore     int64   `json:"risk_score"`
	SellerMessage string  `json:"seller_message"`
	Type          string  `json:"type"`
}

// Refund is money going back.
type Refund struct {
	Row
	Amount        int64             `json:"amount"`
	BalanceTx     *string           `json:"balance_transaction"`
	Charge        string            `json:"charge"`
	Currency      string            `json:"currency"`
	Destination   json.RawMessage   `json:"destination_details"`
	FailureReason *string           `json:"failure_reason,omitempty"`
	FailureTx     *string           `json:"failure_balance_transaction,omitempty"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent *string           `json:"payment_intent"`
	Reason        *string           `json:"reason"`
	Status        string            `json:"status"`
	// SettleAt is when, in milliseconds, the status changes to SettleTo.
	SettleAt int64  `json:"_settle_at"`
	SettleTo string `json:"_settle_to"`
}

// BalanceTransaction is one movement of an account's balance. Its status follows from AvailableOn and the clock.
type BalanceTransaction struct {
	Row
	Amount            int64       `json:"amount"`
	AvailableOn       int64       `json:"available_on"`
	Currency          string      `json:"currency"`
	Description       *string     `json:"description"`
	Fee               int64       `json:"fee"`
	FeeDetails        []feeDetail `json:"fee_details"`
	Net               int64       `json:"net"`
	ReportingCategory string      `json:"reporting_category"`
	Source            *string     `json:"source"`
	Type              string      `json:"type"`
	Payout            string      `json:"_payout"`
}

type feeDetail struct {
	Amount      int64   `json:"amount"`
	Application *string `json:"application"`
	Currency    string  `json:"currency"`
	Description *string `json:"description"`
	Type        string  `json:"type"`
}

// ApplicationFee is what the platform takes from a charge on a connected account.
type ApplicationFee struct {
	Row
	From           string  `json:"account"`
	Amount         int64   `json:"amount"`
	AmountRefunded int64   `json:"amount_refunded"`
	Application    string  `json:"application"`
	BalanceTx      *string `json:"balance_transaction"`
	Charge         string  `json:"charge"`
	Currency       string  `json:"currency"`
	Refunded       bool    `json:"refunded"`
}

// Session is a Checkout Session that collects a payment or, in setup mode, keeps a card without paying.
type Session struct {
	Row
	AmountSubtotal    int64             `json:"amount_subtotal"`
	AmountTotal       int64             `json:"amount_total"`
	BillingAddress    *string           `json:"billing_address_collection"`
	CancelURL         *string           `json:"cancel_url"`
	ClientReferenceID *string           `json:"client_reference_id"`
	Currency          string            `json:"currency"`
	Customer          *string           `json:"customer"`
	CustomerCreation  *string           `json:"customer_creation"`
	CustomerDetails   *customerDetails  `json:"customer_details"`
	CustomerEmail     *string           `json:"customer_email"`
	ExpiresAt         int64             `json:"expires_at"`
	Locale            *string           `json:"locale"`
	Metadata          map[string]string `json:"metadata"`
	Mode              string            `json:"mode,omitempty"` // empty: payment
	PaymentIntent     *string           `json:"payment_intent"`
	SetupIntent       *string           `json:"setup_intent,omitempty"`
	MethodTypes       []string          `json:"payment_method_types"`
	PaymentStatus     string            `json:"payment_status"`
	Status            string            `json:"status"`
	SubmitType        *string           `json:"submit_type"`
	SuccessURL        string            `json:"success_url"`
	URL               *string           `json:"url"`
	Items             []lineItem        `json:"_items"`
	Intent            intentData        `json:"_intent"`
	SubmitMessage     *string           `json:"_submit_message"`
	// PaidWith is the form token of the submission that paid or saved, so that its double click lands on the success page.
	PaidWith string `json:"_paid_with"`
}

type customerDetails struct {
	Address   *address `json:"address"`
	Email     *string  `json:"email"`
	Name      *string  `json:"name"`
	Phone     *string  `json:"phone"`
	TaxExempt string   `json:"tax_exempt"`
	TaxIDs    []string `json:"tax_ids"`
}

// intentData is payment_intent_data: what the session gives to the intent it makes at the first attempt to pay.
type intentData struct {
	ApplicationFee   *int64            `json:"application_fee_amount"`
	CaptureMethod    string            `json:"capture_method"`
	Description      *string           `json:"description"`
	FutureUsage      *string           `json:"setup_future_usage"`
	Metadata         map[string]string `json:"metadata"`
	ReceiptEmail     *string           `json:"receipt_email"`
	Descriptor       *string           `json:"statement_descriptor"`
	DescriptorSuffix *string           `json:"statement_descriptor_suffix"`
	TransferGroup    *string           `json:"transfer_group"`
}

type lineItem struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Detail      string `json:"detail"`
	Price       string `json:"price"`
	Product     string `json:"product"`
	UnitAmount  int64  `json:"unit_amount"`
	Quantity    int64  `json:"quantity"`
	TaxBehavior string `json:"tax_behavior"`
}
