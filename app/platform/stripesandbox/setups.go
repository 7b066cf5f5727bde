package stripesandbox

import (
	"slices"
	"strings"
)

// setupConfirmation is how a setup intent is to be confirmed.
type setupConfirmation struct {
	methodID  *string
	data      *methodData
	returnURL *string
}

func readSetupConfirmation(c *call) setupConfirmation {
	conf := setupConfirmation{methodID: c.params.text("payment_method"), returnURL: c.params.text("return_url")}
	c.params.boolean("use_stripe_sdk") // the hosted challenge page serves both
	if h := c.params.hash("payment_method_data"); h != nil {
		conf.data = ptr(readMethodData(h, c.now))
	}
	return conf
}

func createSetup(c *call) (any, error) {
	p := c.params
	si := &SetupIntent{MethodTypes: []string{"card"}, Customer: c.customerParam(), Description: p.text("description"), Metadata: p.metadata()(nil)}
	si.Usage = cmpOr(value(p.enum("usage", "on_session", "off_session")), "off_session")
	if types := p.strs("payment_method_types"); types != nil {
		checkSavedTypes(p, types)
		si.MethodTypes = types
	}
	si.AutomaticMethods = automaticMethods(p)
	confirm, conf := value(p.boolean("confirm")), readSetupConfirmation(c)
	if err := p.err(); err != nil {
		return nil, err
	}
	method, err := c.setupMethod(conf, si)
	if err != nil {
		return nil, err
	}
	c.openSetup(si)
	if method != nil {
		si.PaymentMethod, si.Status = &method.ID, "requires_confirmation"
	}
	if !confirm {
		return si, nil
	}
	return si, c.confirmSetup(si, method, conf)
}

// checkSavedTypes refuses to keep what the sandbox cannot charge later.
func checkSavedTypes(p *params, types []string) {
	if len(types) != 1 || types[0] != "card" {
		p.fail(invalid("", p.name("payment_method_types"), "The sandbox saves cards: payment_method_types must be card alone."))
	}
}

// setupMethod finds or makes the method that a request names, and checks that it may be saved by this intent. It is nil when none is named.
func (c *call) setupMethod(conf setupConfirmation, si *SetupIntent) (*PaymentMethod, error) {
	method, err := c.namedMethod(conf.methodID, conf.data)
	if err != nil || method == nil || conf.data != nil {
		return method, err
	}
	if method.Type != "card" {
		return nil, invalid("", "payment_method", "The PaymentMethod provided (%s) is not allowed for this SetupIntent.", method.Type)
	}
	if err := checkOwner(method, si.Customer, "SetupIntent"); err != nil {
		return nil, err
	}
	return method, nil
}

// openSetup stores a new setup intent.
func (t *tx) openSetup(si *SetupIntent) {
	si.ID = "seti_" + randomText(24)
	si.ClientSecret = si.ID + "_secret_" + randomText(35)
	si.Status = "requires_payment_method"
	t.create(si, kindSetupIntent, "seti_")
	t.emit("setup_intent.created", si, nil)
}

func confirmSetup(c *call) (any, error) {
	si, ok := find[*SetupIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindSetupIntent, c.path("id"), "")
	}
	conf := readSetupConfirmation(c)
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if err := c.maySetUp(si, "confirm"); err != nil {
		return nil, err
	}
	method, err := c.setupMethod(conf, si)
	if err != nil {
		return nil, err
	}
	if method == nil && si.PaymentMethod != nil {
		method = must[*PaymentMethod](c.tx, *si.PaymentMethod)
	}
	return si, c.confirmSetup(si, method, conf)
}

// maySetUp says whether the API may still change a setup intent: one behind an open page belongs to the page.
func (t *tx) maySetUp(si *SetupIntent, verb string) error {
	if !slices.Contains(confirmable, si.Status) {
		e := wrongState("setup_intent_unexpected_state", "You cannot %s this SetupIntent because it has a status of %s.", verb, si.Status)
		e.SetupIntent = encode(t.render(si))
		return e
	}
	if session, ok := t.db.byID[si.Session].(*Session); ok && session.Status == "open" {
		return wrongState("", "You cannot %s this SetupIntent because it was created by Checkout. Expire the Session instead.", verb)
	}
	return nil
}

func updateSetup(c *call) (any, error) {
	p := c.params
	si, ok := find[*SetupIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindSetupIntent, c.path("id"), "")
	}
	customer, description, methodID, metadata := c.customerParam(), p.str("description"), p.text("payment_method"), p.metadata()
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := c.maySetUp(si, "update"); err != nil {
		return nil, err
	}
	owned := *si
	if customer != nil {
		owned.Customer = customer
	}
	method, err := c.setupMethod(setupConfirmation{methodID: methodID}, &owned)
	if err != nil {
		return nil, err
	}
	si.Customer = owned.Customer
	if method != nil {
		si.PaymentMethod, si.Status = &method.ID, "requires_confirmation"
	}
	set(&si.Description, description)
	si.Metadata = metadata(si.Metadata)
	c.save(si)
	return si, nil
}

func cancelSetup(c *call) (any, error) {
	si, ok := find[*SetupIntent](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindSetupIntent, c.path("id"), "")
	}
	reason := c.params.enum("cancellation_reason", "abandoned", "requested_by_customer", "duplicate")
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if err := c.maySetUp(si, "cancel"); err != nil {
		return nil, err
	}
	c.cancelSetup(si, reason)
	return si, nil
}

func (t *tx) cancelSetup(si *SetupIntent, reason *string) {
	si.Status, si.CancellationReason, si.NextAction = "canceled", reason, nil
	t.save(si)
	t.emit("setup_intent.canceled", si, nil)
}

func listSetups(c *call) (any, error) {
	p := c.params
	created, method := p.created("created"), p.matches("payment_method")
	return pageOfOwner(c, kindSetupIntent, "customer", func(o *SetupIntent) bool { return created(o.Created) && method(value(o.PaymentMethod)) })
}

// confirmSetup tries to keep the method. A decline is an error that leaves the intent open for another method.
func (t *tx) confirmSetup(si *SetupIntent, m *PaymentMethod, conf setupConfirmation) error {
	if m == nil {
		e := wrongState("setup_intent_unexpected_state", "You cannot confirm this SetupIntent because it's missing a payment method. "+
			"Update the SetupIntent with a payment method and then confirm it again.")
		e.SetupIntent = encode(t.render(si))
		return e
	}
	si.PaymentMethod, si.NextAction = &m.ID, nil
	if conf.returnURL != nil {
		si.ReturnURL = *conf.returnURL
	}
	t.save(si)
	if behaviourOf(m).auth == authNever {
		return t.keepMethod(si, m, false)
	}
	si.Status = "requires_action"
	si.NextAction = encode(map[string]any{
		"type": "redirect_to_url", "redirect_to_url": map[string]any{"url": t.baseURL + "/c/authenticate/" + si.ID, "return_url": nilIfEmpty(si.ReturnURL)},
	})
	t.emit("setup_intent.requires_action", si, nil)
	return nil
}

// authenticateSetup ends the 3-D Secure challenge of a setup intent.
func (t *tx) authenticateSetup(si *SetupIntent, passed bool) error {
	if si.Status != "requires_action" {
		e := wrongState("setup_intent_unexpected_state", "This SetupIntent has a status of %s.", si.Status)
		e.SetupIntent = encode(t.render(si))
		return e
	}
	m := must[*PaymentMethod](t, value(si.PaymentMethod))
	if passed {
		return t.keepMethod(si, m, true)
	}
	return t.failSetup(si, m, wrongState("setup_intent_authentication_failure",
		"We are unable to authenticate your payment method. Please choose a different payment method and try again."))
}

// keepMethod asks the card whether it may be kept, and attaches it to the customer.
func (t *tx) keepMethod(si *SetupIntent, m *PaymentMethod, authenticated bool) error {
	if c := behaviourOf(m); c.code != "" && !c.attaches {
		t.countDecline(m)
		return t.failSetup(si, m, declineError(c, nil))
	}
	m.Ready = m.Ready || authenticated
	t.save(m)
	t.setupCustomer(si)
	if customer, ok := find[*Customer](t, value(si.Customer)); ok {
		t.attach(m, customer)
	}
	si.Status, si.LastSetupError, si.NextAction = "succeeded", nil, nil
	t.save(si)
	t.emit("setup_intent.succeeded", si, nil)
	t.sessionSaved(si)
	return nil
}

// failSetup leaves the intent open for another method.
func (t *tx) failSetup(si *SetupIntent, m *PaymentMethod, e *apiError) error {
	e.PaymentMethod = encode(t.render(m))
	si.LastSetupError = ptr(*e)
	si.Status, si.PaymentMethod, si.NextAction = "requires_payment_method", nil, nil
	t.save(si)
	t.emit("setup_intent.setup_failed", si, nil)
	e.SetupIntent = encode(t.render(si))
	return e
}

// setupCustomer makes the customer that the page promised, now that a card is kept.
func (t *tx) setupCustomer(si *SetupIntent) {
	session, ok := find[*Session](t, si.Session)
	if !ok || value(session.CustomerCreation) != "always" || session.Customer != nil {
		return
	}
	si.Customer = t.payingCustomer(session)
	t.save(si)
}

// sessionSaved closes the page whose card is kept.
func (t *tx) sessionSaved(si *SetupIntent) {
	s, ok := find[*Session](t, si.Session)
	if !ok {
		return
	}
	s.Status, s.URL = "complete", nil
	t.save(s)
	t.emit("checkout.session.completed", s, nil)
}

// isSetup says whether an intent's id is that of a setup intent.
func isSetup(id string) bool { return strings.HasPrefix(id, "seti_") }
