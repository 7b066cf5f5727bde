package stripesandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"
)

// newCard makes a payment method of a test card. A method that came from a token is stored when it is first used.
func (t *tx) newCard(c card, billing billingDetails, month, year int64) *PaymentMethod {
	check := "pass"
	if c.cvc != "" {
		check = c.cvc
	}
	m := &PaymentMethod{
		Type: "card", Billing: billing, Metadata: map[string]string{}, Behaviour: c.number,
		Card: &pmCard{
			Brand: c.brand, Checks: cardChecks{CVC: &check}, Country: "US", DisplayBrand: displayBrand(c.brand), ExpMonth: month, ExpYear: year,
			Fingerprint: fingerprintOf(t.account, c.number), Funding: c.funding, Last4: c.number[len(c.number)-4:],
			Networks: encode(map[string]any{"available": []string{c.brand}, "preferred": nil}), ThreeDSecure: raw(`{"supported":true}`),
		},
	}
	t.create(m, kindPaymentMethod, "pm_")
	return m
}

func displayBrand(brand string) string {
	if brand == "amex" {
		return "american_express"
	}
	return brand
}

// fingerprintOf is the same for the same number on the same account.
func fingerprintOf(account, number string) string {
	sum := sha256.Sum256([]byte(account + number))
	return hex.EncodeToString(sum[:])[:16]
}

func (t *tx) newBank(number string, billing billingDetails) *PaymentMethod {
	m := &PaymentMethod{
		Type: "us_bank_account", Billing: billing, Metadata: map[string]string{}, Behaviour: number,
		Bank: &pmBank{
			HolderType: "individual", AccountType: "checking", BankName: "STRIPE TEST BANK", Fingerprint: fingerprintOf(t.account, number),
			Last4: number[len(number)-4:], Networks: raw(`{"preferred":"ach","supported":["ach"]}`), RoutingNumber: bankRouting,
		},
	}
	t.create(m, kindPaymentMethod, "pm_")
	return m
}

// usableMethod finds a stored method that may still be used, or makes one from a pm_card_… token.
func (t *tx) usableMethod(id, param string) (*PaymentMethod, error) {
	if m, ok := find[*PaymentMethod](t, id); ok {
		if m.Spent {
			return nil, wrongState("", "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a "+
				"connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, "+
				"you must attach it to a Customer first.")
		}
		return m, nil
	}
	if c, ok := cardByToken(id); ok {
		return t.newCard(c, billingDetails{}, 12, int64(t.now.Year()+1)), nil
	}
	return nil, missing(kindPaymentMethod, id, param)
}

// namedMethod finds or makes the method that a request names, by its id or by its data. It is nil when none is named.
func (t *tx) namedMethod(id *string, data *methodData) (*PaymentMethod, error) {
	if data != nil {
		return data.make(t), nil
	}
	if id == nil {
		return nil, nil //nolint:nilnil // no method named is not an error
	}
	return t.usableMethod(*id, "payment_method")
}

// checkOwner refuses a method of somebody else than the customer of an intent.
func checkOwner(m *PaymentMethod, customer *string, intent string) error {
	switch owner := value(m.Customer); {
	case owner != "" && customer == nil:
		return invalid("", "", "The payment method supplied (%s) belongs to a Customer. Please include the Customer in the `customer` parameter on the %s.", m.ID, intent)
	case owner != "" && owner != *customer:
		return invalid("payment_method_customer_mismatch", "payment_method", "The provided PaymentMethod %s does not belong to the Customer %s.", m.ID, *customer)
	}
	return nil
}

// automaticMethods reads whether Stripe is to choose the types of methods; nil when it was not asked to.
func automaticMethods(p *params) json.RawMessage {
	automatic := p.hash("automatic_payment_methods")
	if automatic == nil {
		return nil
	}
	enabled, redirects := value(automatic.boolean("enabled")), automatic.enum("allow_redirects", "always", "never")
	return encode(map[string]any{"enabled": enabled, "allow_redirects": cmpOr(value(redirects), "always")})
}

func (t *tx) attach(m *PaymentMethod, customer *Customer) {
	if value(m.Customer) == customer.ID {
		return
	}
	m.Customer = &customer.ID
	t.save(m)
	t.emit("payment_method.attached", m, nil)
}

func (t *tx) detach(m *PaymentMethod) {
	before := t.render(m)
	m.Customer, m.Spent = nil, true
	t.save(m)
	t.emitUpdate("payment_method.detached", m, before)
}

// spend marks a method that collected money and belongs to nobody: it cannot be used again.
func (t *tx) spend(m *PaymentMethod) {
	if m.Customer == nil {
		m.Spent = true
		t.save(m)
	}
}

func readBilling(p *params) billingDetails {
	h := p.hash("billing_details")
	if h == nil {
		return billingDetails{}
	}
	b := billingDetails{Email: h.text("email"), Name: h.text("name"), Phone: h.text("phone")}
	if lines := h.hash("address"); lines != nil {
		b.Address = readAddress(lines)
	}
	return b
}

// methodData is the part of a request that describes a new payment method.
type methodData struct {
	card        card
	bank        string
	month, year int64
	billing     billingDetails
	metadata    map[string]string
}

// readMethodData reads type, card or us_bank_account, billing_details and metadata. The caller checks p.err before make.
func readMethodData(p *params, now time.Time) methodData {
	kind := p.enum("type", "card", "us_bank_account")
	if kind == nil {
		p.required("type")
		return methodData{}
	}
	d := methodData{billing: readBilling(p), metadata: p.metadata()(nil), month: 12, year: int64(now.Year() + 1)}
	h := p.hash(*kind)
	if h == nil {
		p.fail(invalid("parameter_missing", p.name(*kind), "Missing required param: %s.", p.name(*kind)))
		return d
	}
	if *kind == "us_bank_account" {
		d.bank = readBank(h)
		return d
	}
	ok := false
	if token := h.text("token"); token != nil {
		d.card, ok = cardByToken(*token)
	} else {
		d.card, ok = cardByNumber(h.required("number"))
		month, year := h.integer("exp_month"), h.integer("exp_year")
		_ = h.text("cvc") // never kept
		d.month, d.year = value(month), value(year)
		if h.problem == nil && expired(d.month, d.year, now) {
			h.fail(cardInputError("invalid_expiry_year", h.name("exp_year"), "Your card's expiration year is invalid."))
		}
	}
	if !ok {
		h.fail(cardInputError("incorrect_number", h.name("number"), "Your card number is incorrect. The sandbox knows Stripe's published test cards."))
	}
	return d
}

func readBank(h *params) string {
	number, routing := h.required("account_number"), h.required("routing_number")
	h.enum("account_holder_type", "individual", "company")
	h.enum("account_type", "checking", "savings")
	if h.problem == nil && (routing != bankRouting || number != bankSucceeds && number != bankFails) {
		h.fail(invalid("bank_account_unusable", h.name("account_number"), "The sandbox knows the test accounts %s and %s with routing number %s.",
			bankSucceeds, bankFails, bankRouting))
	}
	return number
}

func (d methodData) make(t *tx) *PaymentMethod {
	var m *PaymentMethod
	if d.bank != "" {
		m = t.newBank(d.bank, d.billing)
	} else {
		m = t.newCard(d.card, d.billing, d.month, d.year)
	}
	m.Metadata = d.metadata
	return m
}

func expired(month, year int64, now time.Time) bool {
	if year < 100 {
		year += 2000
	}
	return month < 1 || month > 12 || year > int64(now.Year()+50) || !now.Before(time.Date(int(year), time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC))
}

func cardInputError(code, param, message string) *apiError {
	return &apiError{status: http.StatusPaymentRequired, Type: "card_error", Code: code, Param: param, Message: message, DocURL: docURL(code)}
}

func createMethod(c *call) (any, error) {
	d := readMethodData(c.params, c.now)
	if err := c.params.err(); err != nil {
		return nil, err
	}
	return d.make(c.tx), nil
}

func updateMethod(c *call) (any, error) {
	m, ok := find[*PaymentMethod](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindPaymentMethod, c.path("id"), "")
	}
	billing := c.params.has("billing_details")
	details, metadata := readBilling(c.params), c.params.metadata()
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if value(m.Customer) == "" {
		return nil, wrongState("", "You must save this PaymentMethod to a customer before you can update it.")
	}
	before := c.render(m)
	if billing {
		m.Billing = details
	}
	m.Metadata = metadata(m.Metadata)
	c.save(m)
	c.emitUpdate("payment_method.updated", m, before)
	return m, nil
}

func attachMethod(c *call) (any, error) {
	c.params.required("customer")
	customerID := c.customerParam()
	if err := c.params.err(); err != nil {
		return nil, err
	}
	m, err := c.usableMethod(c.path("id"), "")
	if err != nil {
		return nil, err
	}
	customer := must[*Customer](c.tx, *customerID)
	switch owner := value(m.Customer); {
	case owner != "" && owner != customer.ID:
		return nil, wrongState("payment_method_unexpected_state", "The payment method you provided has already been attached to a customer.")
	case cardOf(m).code != "" && !cardOf(m).attaches:
		return nil, declineError(cardOf(m), nil)
	}
	c.attach(m, customer)
	return m, nil
}

func detachMethod(c *call) (any, error) {
	m, ok := find[*PaymentMethod](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindPaymentMethod, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if m.Customer == nil {
		return nil, wrongState("", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	c.detach(m)
	return m, nil
}

func listMethods(c *call) (any, error) {
	customer, kind := c.customerParam(), c.params.matches("type")
	return pageFrom(c, kindPaymentMethod, c.db.owned(kindPaymentMethod, value(customer)), func(m *PaymentMethod) bool { return kind(m.Type) })
}

func listCustomerMethods(c *call) (any, error) {
	customer, ok := find[*Customer](c.tx, c.path("id"))
	if !ok || customer.Deleted {
		return nil, missing(kindCustomer, c.path("id"), "")
	}
	kind := c.params.matches("type")
	return pageFrom(c, kindPaymentMethod, c.db.owned(kindPaymentMethod, customer.ID), func(m *PaymentMethod) bool { return kind(m.Type) })
}

func retrieveCustomerMethod(c *call) (any, error) {
	m, ok := find[*PaymentMethod](c.tx, c.path("pm"))
	if !ok || value(m.Customer) != c.path("id") {
		return nil, missing(kindPaymentMethod, c.path("pm"), "")
	}
	return m, c.params.err()
}

// cardOf is the behaviour of a method; the zero card for a bank account.
func cardOf(m *PaymentMethod) card {
	c, _ := cardByNumber(m.Behaviour)
	return c
}
