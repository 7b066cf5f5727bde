package stripesandbox

import (
	"slices"
	"strings"
)

// confirmation is how an intent is to be confirmed.
type confirmation struct {
	offSession    bool
	failOnAction  bool // error_on_requires_action
	methodID      *string
	data          *methodData
	returnURL     *string
	futureUsage   *string
	receiptEmail  *string
	captureMethod *string
}

func readConfirmation(c *call) confirmation {
	p := c.params
	conf := confirmation{
		failOnAction: value(p.boolean("error_on_requires_action")), methodID: p.text("payment_method"), returnURL: p.text("return_url"),
		futureUsage: p.enum("setup_future_usage", "on_session", "off_session"), receiptEmail: p.text("receipt_email"),
		captureMethod: p.enum("capture_method", "automatic", "automatic_async"),
	}
	p.boolean("use_stripe_sdk") // the hosted challenge page serves both
	switch v := p.enum("off_session", "true", "false", "one_off", "recurring"); value(v) {
	case "", "false":
	default:
		conf.offSession = true
	}
	if h := p.hash("payment_method_data"); h != nil {
		conf.data = ptr(readMethodData(h, c.now))
	}
	return conf
}

func createIntent(c *call) (any, error) {
	p := c.params
	pi := &PaymentIntent{ConfirmationMethod: "automatic", CaptureMethod: "automatic", Status: "requires_payment_method", MethodTypes: []string{"card"}}
	amount := p.integer("amount")
	if amount == nil {
		p.required("amount")
	}
	pi.Amount, pi.Currency, pi.Customer = value(amount), p.currency("currency"), c.customerParam()
	pi.Description, pi.TransferGroup, pi.ApplicationFee = p.text("description"), p.text("transfer_group"), p.integer("application_fee_amount")
	pi.Descriptor, pi.DescriptorSuffix = p.text("statement_descriptor"), p.text("statement_descriptor_suffix")
	pi.Metadata = p.metadata()(nil)
	if m := p.enum("confirmation_method", "automatic", "manual"); m != nil {
		pi.ConfirmationMethod = *m
	}
	if types := p.strs("payment_method_types"); types != nil {
		pi.MethodTypes = types
		checkMethodTypes(p, types)
	}
	pi.AutomaticMethods = automaticMethods(p)
	confirm, sentOffSession := value(p.boolean("confirm")), p.has("off_session")
	conf := readConfirmation(c)
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := checkIntent(c, pi, confirm, sentOffSession); err != nil {
		return nil, err
	}
	method, err := c.intentMethod(conf, pi)
	if err != nil {
		return nil, err
	}
	conf.apply(pi)
	c.openIntent(pi)
	if method != nil {
		pi.PaymentMethod, pi.Status = &method.ID, "requires_confirmation"
	}
	if !confirm {
		return pi, nil
	}
	return pi, c.confirm(pi, method, conf)
}

func checkMethodTypes(p *params, types []string) {
	for _, kind := range types {
		if kind != "card" && kind != "us_bank_account" {
			p.fail(invalid("", p.name("payment_method_types"), "The payment method type \"%s\" is invalid. The sandbox knows card and us_bank_account.", kind))
		}
	}
}

func checkIntent(c *call, pi *PaymentIntent, confirm, sentOffSession bool) error {
	if e := checkAmount(pi.Amount, pi.Currency, "amount"); e != nil {
		return e
	}
	switch fee := pi.ApplicationFee; {
	case sentOffSession && !confirm:
		return invalid("", "off_session", "The parameter `off_session` can only be used when `confirm` is true.")
	case fee != nil && !c.isConnected():
		return invalid("", "application_fee_amount", "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).")
	case fee != nil && (*fee < 1 || *fee > pi.Amount):
		return invalid("", "application_fee_amount", "Invalid application_fee_amount: must be positive and at most the amount.")
	}
	return nil
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// intentMethod finds or makes the method that a request names, and checks that it may pay this intent. It is nil when none is named.
func (c *call) intentMethod(conf confirmation, pi *PaymentIntent) (*PaymentMethod, error) {
	method, err := c.namedMethod(conf.methodID, conf.data)
	if err != nil || method == nil || conf.data != nil {
		return method, err
	}
	if err := checkOwner(method, pi.Customer, "PaymentIntent"); err != nil {
		return nil, err
	}
	if !slices.Contains(pi.MethodTypes, method.Type) && pi.AutomaticMethods == nil {
		return nil, invalid("", "payment_method", "The PaymentMethod provided (%s) is not allowed for this PaymentIntent.", method.Type)
	}
	return method, nil
}

func (conf confirmation) apply(pi *PaymentIntent) {
	if conf.futureUsage != nil {
		pi.FutureUsage = conf.futureUsage
	}
	if conf.receiptEmail != nil {
		pi.ReceiptEmail = conf.receiptEmail
	}
	if conf.captureMethod != nil {
		pi.CaptureMethod = *conf.captureMethod
	}
	if conf.returnURL != nil {
		pi.ReturnURL = *conf.returnURL
	}
}

// openIntent stores a new intent.
func (t *tx) openIntent(pi *PaymentIntent) {
	pi.ID = "pi_" + randomText(24)
	pi.ClientSecret = pi.ID + "_secret_" + randomText(25)
	t.create(pi, kindPaymentIntent, "pi_")
	t.emit("payment_intent.created", pi, nil)
}

var confirmable = []string{"requires_payment_method", "requires_confirmation", "requires_action"}

func confirmIntent(c *call) (any, error) {
	pi, ok := find[*PaymentIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindPaymentIntent, c.path("id"), "")
	}
	conf := readConfirmation(c)
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if err := c.mayConfirm(pi); err != nil {
		return nil, err
	}
	if open, ok := c.db.byID[pi.Session].(*Session); ok && open.Status == "open" {
		return nil, wrongState("", "You cannot confirm this PaymentIntent because it was created by Checkout.")
	}
	method, err := c.intentMethod(conf, pi)
	if err != nil {
		return nil, err
	}
	if method == nil && pi.PaymentMethod != nil {
		method = must[*PaymentMethod](c.tx, *pi.PaymentMethod)
	}
	conf.apply(pi)
	return pi, c.confirm(pi, method, conf)
}

func (t *tx) mayConfirm(pi *PaymentIntent) error {
	if slices.Contains(confirmable, pi.Status) {
		return nil
	}
	reason := "it has a status of " + pi.Status
	if pi.Status == "succeeded" {
		reason = "it has already succeeded after being previously confirmed"
	}
	e := wrongState("payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because %s.", reason)
	e.PaymentIntent = encode(t.render(pi))
	return e
}

func updateIntent(c *call) (any, error) {
	p := c.params
	pi, ok := find[*PaymentIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindPaymentIntent, c.path("id"), "")
	}
	amount, description, email, group := p.integer("amount"), p.str("description"), p.str("receipt_email"), p.str("transfer_group")
	customer, usage := c.customerParam(), p.enum("setup_future_usage", "on_session", "off_session")
	methodID, metadata := p.text("payment_method"), p.metadata()
	if err := p.err(); err != nil {
		return nil, err
	}
	changesMoney := amount != nil || methodID != nil || customer != nil
	if changesMoney && !slices.Contains(confirmable, pi.Status) {
		e := wrongState("payment_intent_unexpected_state", "This PaymentIntent's amount, customer and payment method could not be updated because it has a status of %s.", pi.Status)
		e.PaymentIntent = encode(c.render(pi))
		return nil, e
	}
	if amount != nil {
		if e := checkAmount(*amount, pi.Currency, "amount"); e != nil {
			return nil, e
		}
	}
	owned := *pi
	if customer != nil {
		owned.Customer = customer
	}
	method, err := c.intentMethod(confirmation{methodID: methodID}, &owned)
	if err != nil {
		return nil, err
	}
	if amount != nil {
		pi.Amount = *amount
	}
	pi.Customer = owned.Customer
	if method != nil {
		pi.PaymentMethod, pi.Status = &method.ID, "requires_confirmation"
	}
	set(&pi.Description, description)
	set(&pi.ReceiptEmail, email)
	set(&pi.TransferGroup, group)
	confirmation{futureUsage: usage}.apply(pi)
	pi.Metadata = metadata(pi.Metadata)
	c.save(pi)
	return pi, nil
}

func cancelIntent(c *call) (any, error) {
	pi, ok := find[*PaymentIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindPaymentIntent, c.path("id"), "")
	}
	reason := c.params.enum("cancellation_reason", "duplicate", "fraudulent", "requested_by_customer", "abandoned")
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if !slices.Contains(confirmable, pi.Status) {
		e := wrongState("payment_intent_unexpected_state", "You cannot cancel this PaymentIntent because it has a status of %s. "+
			"Only a PaymentIntent with one of the following statuses may be canceled: %s.", pi.Status, strings.Join(confirmable, ", "))
		e.PaymentIntent = encode(c.render(pi))
		return nil, e
	}
	if session, ok := c.db.byID[pi.Session].(*Session); ok && session.Status == "open" {
		return nil, wrongState("", "You cannot cancel PaymentIntents that were created by Checkout while its Session is open. Expire the Session instead.")
	}
	c.cancel(pi, reason)
	return pi, nil
}

func (t *tx) cancel(pi *PaymentIntent, reason *string) {
	pi.Status, pi.CancellationReason, pi.CanceledAt, pi.NextAction = "canceled", reason, ptr(t.now.Unix()), nil
	t.save(pi)
	t.emit("payment_intent.canceled", pi, nil)
}

func listIntents(c *call) (any, error) {
	created := c.params.created("created")
	return pageOfOwner(c, kindPaymentIntent, "customer", func(o *PaymentIntent) bool { return created(o.Created) })
}
