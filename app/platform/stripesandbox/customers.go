package stripesandbox

import (
	"slices"
	"strings"
)

func createAccount(c *call) (any, error) {
	p := c.params
	a := &Account{
		Type: value(p.enum("type", "standard", "express", "custom")), Email: p.text("email"), Country: strings.ToUpper(value(p.text("country"))),
		Currency: strings.ToLower(value(p.text("default_currency"))),
	}
	if a.Type == "" {
		a.Type = "standard"
	}
	a.Metadata = p.metadata()(nil)
	if err := p.err(); err != nil {
		return nil, err
	}
	return c.newAccount(a), nil
}

func listAccounts(c *call) (any, error) {
	created := c.params.created("created")
	return page(c, kindAccount, func(a *Account) bool { return !a.Platform && created(a.Created) })
}

func retrieveAccount(c *call) (any, error) {
	id := c.path("id")
	a, ok := c.db.byID[id].(*Account)
	if !ok || c.isConnected() && id != c.account {
		e := invalid("account_invalid", "", "The provided key does not have access to account '%s' (or that account does not exist).", id)
		e.status = 403
		return nil, e
	}
	return a, c.params.err()
}

func ownAccount(c *call) (any, error) { return must[*Account](c.tx, c.account), c.params.err() }

// readCustomer reads what create and update share and returns how to apply it.
func readCustomer(p *params) func(*Customer) {
	texts := map[string]*string{}
	for _, key := range []string{"description", "email", "name", "phone"} {
		texts[key] = p.str(key)
	}
	if email := value(texts["email"]); email != "" && !looksLikeEmail(email) {
		p.fail(invalid("email_invalid", p.name("email"), "Invalid email address: %s", email))
	}
	locales := p.strs("preferred_locales")
	var defaultMethod *string
	if settings := p.hash("invoice_settings"); settings != nil {
		defaultMethod = settings.str("default_payment_method")
	}
	home := p.hash("address")
	var lines *address
	if home != nil {
		lines = ptr(readAddress(home))
	}
	metadata := p.metadata()
	return func(c *Customer) {
		for key, field := range map[string]**string{"description": &c.Description, "email": &c.Email, "name": &c.Name, "phone": &c.Phone} {
			set(field, texts[key])
		}
		set(&c.InvoiceSettings.DefaultPaymentMethod, defaultMethod)
		if lines != nil {
			c.Address = encode(lines)
		}
		if locales != nil {
			c.Locales = locales
		}
		c.Metadata = metadata(c.Metadata)
	}
}

// set applies a sent text: absent leaves the field, empty unsets it.
func set(field **string, sent *string) {
	if sent == nil {
		return
	}
	*field = sent
	if *sent == "" {
		*field = nil
	}
}

func readAddress(p *params) address {
	return address{
		City: p.text("city"), Country: p.text("country"), Line1: p.text("line1"), Line2: p.text("line2"),
		PostalCode: p.text("postal_code"), State: p.text("state"),
	}
}

func looksLikeEmail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.ContainsAny(text, " \t\n<>,") &&
		!strings.Contains(domain, "@")
}

func createCustomer(c *call) (any, error) {
	p := c.params
	apply := readCustomer(p)
	methodID := p.text("payment_method")
	if err := p.err(); err != nil {
		return nil, err
	}
	var method *PaymentMethod
	if methodID != nil {
		var err error
		if method, err = c.usableMethod(*methodID, "payment_method"); err != nil {
			return nil, err
		}
	}
	customer := &Customer{InvoicePrefix: strings.ToUpper(randomText(8)), Locales: []string{}}
	apply(customer)
	c.create(customer, kindCustomer, "cus_")
	c.emit("customer.created", customer, nil)
	if method != nil {
		c.attach(method, customer)
	}
	return customer, nil
}

func updateCustomer(c *call) (any, error) {
	customer, ok := find[*Customer](c.tx, c.path("id"))
	if !ok || customer.Deleted {
		return nil, missing(kindCustomer, c.path("id"), "")
	}
	apply := readCustomer(c.params)
	if err := c.params.err(); err != nil {
		return nil, err
	}
	before := c.render(customer)
	apply(customer)
	c.save(customer)
	c.emitUpdate("customer.updated", customer, before)
	return customer, nil
}

func deleteCustomer(c *call) (any, error) {
	customer, ok := find[*Customer](c.tx, c.path("id"))
	if !ok || customer.Deleted {
		return nil, missing(kindCustomer, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	c.emit("customer.deleted", customer, nil)
	for _, e := range slices.Clone(c.db.owned(kindPaymentMethod, customer.ID)) { // detaching takes it from the list
		if method, ok := e.(*PaymentMethod); ok {
			c.detach(method)
		}
	}
	customer.Deleted = true
	c.save(customer)
	return customer, nil
}

func listCustomers(c *call) (any, error) {
	created, email := c.params.created("created"), c.params.matches("email")
	return page(c, kindCustomer, func(o *Customer) bool { return !o.Deleted && created(o.Created) && email(value(o.Email)) })
}

// customerParam reads the id of a customer that must exist.
func (c *call) customerParam() *string {
	id := c.params.text("customer")
	if id == nil {
		return nil
	}
	if customer, ok := find[*Customer](c.tx, *id); !ok || customer.Deleted {
		c.params.fail(missing(kindCustomer, *id, "customer"))
	}
	return id
}
