package stripesandbox

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func createSession(c *call) (any, error) {
	p := c.params
	mode := p.required("mode")
	if p.problem == nil && mode != "payment" && mode != "setup" {
		return nil, invalid("", "mode", "Invalid mode: the sandbox serves payment and setup.")
	}
	s := &Session{
		Status: "open", PaymentStatus: "unpaid", MethodTypes: []string{"card"}, CancelURL: readURL(p, "cancel_url"),
		ClientReferenceID: p.text("client_reference_id"), Customer: c.customerParam(), CustomerEmail: p.text("customer_email"),
		CustomerCreation: p.enum("customer_creation", "always", "if_required"), SubmitType: p.enum("submit_type", "auto", "book", "donate", "pay"),
		BillingAddress: p.enum("billing_address_collection", "auto", "required"), Locale: p.text("locale"),
	}
	p.enum("ui_mode", "hosted")
	p.enum("payment_method_collection", "if_required", "always")
	s.SuccessURL = value(readURL(p, "success_url"))
	if s.SuccessURL == "" {
		p.required("success_url")
	}
	if types := p.strs("payment_method_types"); types != nil {
		checkMethodTypes(p, types)
		s.MethodTypes = types
	}
	if custom := p.hash("custom_text"); custom != nil {
		if submit := custom.hash("submit"); submit != nil {
			s.SubmitMessage = submit.text("message")
		}
	}
	s.Metadata = p.metadata()(nil)
	si := readMode(c, s, mode)
	expires := p.integer("expires_at")
	if err := p.err(); err != nil {
		return nil, err
	}
	if err := checkSession(c, s, expires); err != nil {
		return nil, err
	}
	s.ID = "cs_test_a1" + randomText(56)
	s.URL = ptr(c.baseURL + "/c/pay/" + s.ID)
	if si != nil {
		si.Session, si.Customer = s.ID, s.Customer
		c.openSetup(si)
		s.SetupIntent = &si.ID
	}
	c.create(s, kindSession, "cs_test_")
	c.schedule(s.ExpiresAt*1000, s)
	return s, nil
}

// readMode reads what belongs to one mode only: what is paid for, or the setup intent, which exists from the start.
func readMode(c *call, s *Session, mode string) *SetupIntent {
	p := c.params
	foreign := []string{"setup_intent_data"}
	if mode == "setup" {
		foreign = []string{"line_items", "payment_intent_data", "submit_type"}
	}
	for _, key := range foreign {
		if p.has(key) {
			p.fail(invalid("", key, "You can not pass `%s` in `%s` mode.", key, mode))
		}
	}
	if mode != "setup" {
		s.Intent = readIntentData(p)
		readItems(c, s)
		return nil
	}
	s.Mode, s.PaymentStatus = mode, "no_payment_required"
	if p.has("currency") {
		s.Currency = p.currency("currency")
	}
	if s.Currency == "" && !p.has("payment_method_types") {
		p.fail(invalid("parameter_missing", "currency", "Missing required param: currency. In `setup` mode it is required when `payment_method_types` is not set."))
	}
	checkSavedTypes(p, s.MethodTypes)
	si := &SetupIntent{MethodTypes: s.MethodTypes, Usage: "off_session", Metadata: map[string]string{}}
	if h := p.hash("setup_intent_data"); h != nil {
		si.Description, si.Metadata = h.text("description"), h.metadata()(nil)
	}
	return si
}

// saves says whether the page keeps a card instead of collecting a payment.
func (s *Session) saves() bool { return s.Mode == "setup" }

func readURL(p *params, key string) *string {
	text := p.text(key)
	if text == nil {
		return nil
	}
	u, err := url.Parse(strings.ReplaceAll(*text, "{CHECKOUT_SESSION_ID}", "cs"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.fail(invalid("url_invalid", p.name(key), "Not a valid URL"))
	}
	return text
}

func readIntentData(p *params) intentData {
	d := intentData{CaptureMethod: "automatic"}
	h := p.hash("payment_intent_data")
	if h == nil {
		return d
	}
	if m := h.enum("capture_method", "automatic", "automatic_async"); m != nil {
		d.CaptureMethod = *m
	}
	d.ApplicationFee, d.Description, d.FutureUsage = h.integer("application_fee_amount"), h.text("description"), h.enum("setup_future_usage", "on_session", "off_session")
	d.ReceiptEmail, d.Descriptor, d.DescriptorSuffix = h.text("receipt_email"), h.text("statement_descriptor"), h.text("statement_descriptor_suffix")
	d.TransferGroup, d.Metadata = h.text("transfer_group"), h.metadata()(nil)
	return d
}

func readItems(c *call, s *Session) {
	p := c.params
	items := p.list("line_items")
	if len(items) == 0 {
		p.fail(invalid("parameter_missing", "line_items", "You must pass at least one line item in `payment` mode."))
	}
	for _, h := range items {
		if price := h.text("price"); price != nil {
			h.fail(missing("price", *price, h.name("price")))
			continue
		}
		quantity := h.integer("quantity")
		data := h.hash("price_data")
		if data == nil {
			h.fail(invalid("parameter_missing", h.name("price_data"), "Missing required param: %s.", h.name("price_data")))
			continue
		}
		s.addItem(c, data, value(quantity))
		if item := s.Items[len(s.Items)-1]; item.Quantity < 1 {
			h.fail(invalid("parameter_missing", h.name("quantity"), "Quantity is required. Add `quantity` to `%s`", h.path))
		}
	}
}

func (s *Session) addItem(c *call, data *params, quantity int64) {
	item := lineItem{
		ID: "li_" + randomText(24), Price: "price_" + randomText(24), Product: "prod_" + randomText(14), Quantity: quantity,
		TaxBehavior: cmpOr(value(data.enum("tax_behavior", "inclusive", "exclusive", "unspecified")), "unspecified"),
	}
	currency := data.currency("currency")
	if s.Currency != "" && currency != s.Currency {
		data.fail(invalid("", data.name("currency"), "All line items must have the same currency: %s and %s differ.", s.Currency, currency))
	}
	s.Currency = currency
	amount := data.integer("unit_amount")
	if amount == nil {
		data.required("unit_amount")
	}
	item.UnitAmount = value(amount)
	if item.UnitAmount < 0 || item.UnitAmount > maxAmount {
		data.fail(invalid("parameter_invalid_integer", data.name("unit_amount"), "This value must be between 0 and %d.", maxAmount))
	} else if e := checkStep(item.UnitAmount, currency, data.name("unit_amount")); e != nil {
		data.fail(e)
	}
	product := data.hash("product_data")
	if product == nil {
		data.fail(invalid("parameter_missing", data.name("product_data"), "Missing required param: %s.", data.name("product_data")))
		return
	}
	item.Name, item.Detail = product.required("name"), value(product.text("description"))
	product.metadata()
	product.strs("images")
	s.Items = append(s.Items, item)
	s.AmountTotal += item.UnitAmount * max(quantity, 0)
	s.AmountSubtotal = s.AmountTotal
}

func checkSession(c *call, s *Session, expires *int64) error {
	now := c.now.Unix()
	s.ExpiresAt = now + int64(24*time.Hour/time.Second)
	if expires != nil {
		s.ExpiresAt = *expires
	}
	switch {
	case s.ExpiresAt < now+30*60:
		return invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
	case s.ExpiresAt > now+24*60*60:
		return invalid("", "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
	case s.Customer != nil && s.CustomerEmail != nil:
		return invalid("", "customer_email", "You may only specify one of these parameters: customer, customer_email.")
	case s.Customer != nil && s.CustomerCreation != nil:
		return invalid("", "customer_creation", "`customer_creation` cannot be used with `customer`.")
	case s.CustomerEmail != nil && !looksLikeEmail(*s.CustomerEmail):
		return invalid("email_invalid", "customer_email", "Invalid email address: %s", *s.CustomerEmail)
	case len(value(s.ClientReferenceID)) > 200:
		return invalid("", "client_reference_id", "Invalid string: client_reference_id must be at most 200 characters.")
	}
	if e := checkAmount(s.AmountTotal, s.Currency, "line_items"); e != nil && !s.saves() {
		if e.Code == "amount_too_small" {
			e.Message = "The Checkout Session's total amount due must add up to at least " + formatAmount(minimum(s.Currency), s.Currency) + " " + s.Currency
			e.Param = ""
		}
		return e
	}
	if fee := s.Intent.ApplicationFee; fee != nil && (!c.isConnected() || *fee < 1 || *fee > s.AmountTotal) {
		return invalid("", "payment_intent_data[application_fee_amount]", "An application fee needs a direct charge and must be positive and at most the amount.")
	}
	if s.Customer == nil && s.CustomerCreation == nil {
		s.CustomerCreation = ptr("if_required")
	}
	if s.CustomerEmail != nil {
		s.CustomerDetails = &customerDetails{Email: s.CustomerEmail, TaxExempt: "none"}
	}
	return nil
}

func (t *tx) renderSession(s *Session, o map[string]any) {
	if s.saves() {
		o["amount_subtotal"], o["amount_total"], o["payment_method_collection"] = nil, nil, "always"
		if s.Currency == "" {
			o["currency"] = nil
		}
	}
	if s.SubmitMessage != nil {
		o["custom_text"] = map[string]any{
			"after_submit": nil, "shipping_address": nil, "terms_of_service_acceptance": nil,
			"submit": map[string]any{"message": *s.SubmitMessage},
		}
	}
	if slices.Contains(s.MethodTypes, "us_bank_account") {
		o["payment_method_options"] = map[string]any{"us_bank_account": map[string]any{"verification_method": "automatic"}}
	}
}

func (s *Session) lineItems() []any {
	items := make([]any, 0, len(s.Items))
	for _, i := range s.Items {
		price := cloneShape("price")
		price["id"], price["created"], price["currency"], price["product"] = i.Price, s.Created, s.Currency, i.Product
		price["unit_amount"], price["unit_amount_decimal"] = i.UnitAmount, strconv.FormatInt(i.UnitAmount, 10)
		price["active"], price["tax_behavior"] = false, i.TaxBehavior
		item := cloneShape("item")
		item["id"], item["currency"], item["description"], item["quantity"] = i.ID, s.Currency, i.Name, i.Quantity
		item["amount_subtotal"], item["amount_total"], item["price"] = i.UnitAmount*i.Quantity, i.UnitAmount*i.Quantity, price
		items = append(items, item)
	}
	return items
}

func expireSession(c *call) (any, error) {
	s, ok := find[*Session](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindSession, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if s.Status != "open" {
		return nil, wrongState("", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `%s`.", s.Status)
	}
	c.expire(s)
	return s, nil
}

// expire closes the session and lets go of the intent behind it.
func (t *tx) expire(s *Session) {
	s.Status, s.URL = "expired", nil
	t.save(s)
	if pi, ok := find[*PaymentIntent](t, value(s.PaymentIntent)); ok && slices.Contains(confirmable, pi.Status) {
		t.cancel(pi, ptr("automatic"))
	}
	if si, ok := find[*SetupIntent](t, value(s.SetupIntent)); ok && slices.Contains(confirmable, si.Status) {
		t.cancelSetup(si, ptr("abandoned"))
	}
	t.emit("checkout.session.expired", s, nil)
}

func (t *tx) sessionDue(s *Session) {
	if s.Status == "open" && s.ExpiresAt <= t.now.Unix() {
		t.expire(s)
	}
}

// sessionPaid closes the session whose intent has succeeded: at once for a card, days after the visit for a debit.
func (t *tx) sessionPaid(pi *PaymentIntent) {
	s, ok := find[*Session](t, pi.Session)
	if !ok {
		return
	}
	late := s.Status == "complete"
	s.Status, s.PaymentStatus, s.URL = "complete", "paid", nil
	t.save(s)
	if late {
		t.emit("checkout.session.async_payment_succeeded", s, nil)
		return
	}
	t.emit("checkout.session.completed", s, nil)
}

// sessionProcessing closes the session of a debit that has begun: complete, and unpaid.
func (t *tx) sessionProcessing(pi *PaymentIntent) {
	if s, ok := find[*Session](t, pi.Session); ok {
		s.Status, s.URL = "complete", nil
		t.save(s)
		t.emit("checkout.session.completed", s, nil)
	}
}

func (t *tx) sessionDebitFailed(pi *PaymentIntent) {
	if s, ok := find[*Session](t, pi.Session); ok {
		t.emit("checkout.session.async_payment_failed", s, nil)
	}
}

func listSessionItems(c *call) (any, error) {
	s, ok := find[*Session](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindSession, c.path("id"), "")
	}
	limit := c.params.integer("limit")
	after := c.params.text("starting_after")
	if err := c.params.err(); err != nil {
		return nil, err
	}
	items := s.lineItems()
	if after != nil {
		at := slices.IndexFunc(s.Items, func(i lineItem) bool { return i.ID == *after })
		if at < 0 {
			return nil, missing("item", *after, "starting_after")
		}
		items = items[at+1:]
	}
	size := 10
	if limit != nil {
		size = int(min(max(*limit, 1), 100))
	}
	more := len(items) > size
	return listOf(c.url, items[:min(size, len(items))], more), nil
}

func listSessions(c *call) (any, error) {
	p := c.params
	created, intent := p.created("created"), p.matches("payment_intent")
	status := p.matches("status")
	return pageOfOwner(c, kindSession, "customer", func(s *Session) bool {
		return created(s.Created) && intent(value(s.PaymentIntent)) && status(s.Status)
	})
}

// Total is what the line costs.
func (i lineItem) Total() int64 { return i.UnitAmount * i.Quantity }
