package stripesandbox

import (
	"encoding/json"
	"net/http"
)

// confirm tries to collect the intent with the method. A decline is an error that leaves the intent open for another method.
func (t *tx) confirm(pi *PaymentIntent, m *PaymentMethod, conf confirmation) error {
	if m == nil {
		e := wrongState("payment_intent_unexpected_state", "You cannot confirm this PaymentIntent because it's missing a payment method. "+
			"You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method.")
		e.PaymentIntent = encode(t.render(pi))
		return e
	}
	pi.PaymentMethod, pi.NextAction = &m.ID, nil
	t.save(pi)
	if m.Type == "us_bank_account" {
		t.startDebit(pi, m)
		return nil
	}
	c := behaviourOf(m)
	if !needsAuthentication(c, m, conf.offSession) {
		return t.charge(pi, m, false)
	}
	if conf.offSession || conf.failOnAction {
		return t.decline(pi, m, declineCard(authenticationRequired))
	}
	url := t.baseURL + "/c/authenticate/" + pi.ID
	pi.Status = "requires_action"
	pi.NextAction = encode(map[string]any{
		"type": "redirect_to_url", "redirect_to_url": map[string]any{"url": url, "return_url": nilIfEmpty(pi.ReturnURL)},
	})
	t.emit("payment_intent.requires_action", pi, nil)
	return nil
}

func nilIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func needsAuthentication(c card, m *PaymentMethod, offSession bool) bool {
	switch c.auth {
	case authAlways:
		return true
	case authUnlessSaved:
		return !offSession || !m.Ready
	case authOnSession:
		return !offSession
	case authNever:
	}
	return false
}

// authenticate ends the 3-D Secure challenge of an intent.
func (t *tx) authenticate(pi *PaymentIntent, passed bool) error {
	if pi.Status != "requires_action" {
		return t.mayConfirm(pi)
	}
	m := must[*PaymentMethod](t, value(pi.PaymentMethod))
	pi.NextAction = nil
	if passed {
		return t.charge(pi, m, true)
	}
	e := wrongState("payment_intent_authentication_failure",
		"We are unable to authenticate your payment method. Please choose a different payment method and try again.")
	e.PaymentMethod = encode(t.render(m))
	pi.LastPaymentError, pi.Status, pi.PaymentMethod = e, "requires_payment_method", nil
	t.save(pi)
	t.emit("payment_intent.payment_failed", pi, nil)
	return e
}

// charge asks the card for the money.
func (t *tx) charge(pi *PaymentIntent, m *PaymentMethod, authenticated bool) error {
	c := behaviourOf(m)
	if c.code != "" {
		return t.decline(pi, m, c)
	}
	if authenticated && pi.FutureUsage != nil {
		m.Ready = true
		t.save(m)
	}
	ch := t.newCharge(pi, m, authenticated)
	ch.Outcome = &outcome{NetworkStatus: "approved_by_network", RiskLevel: "normal", RiskScore: 12, SellerMessage: "Payment complete.", Type: "authorized"}
	t.create(ch, kindCharge, "ch_")
	t.collected(pi, m, ch)
	if c.dispute != "" {
		t.openDispute(ch, c.dispute)
	}
	return nil
}

// collected books a successful charge on its intent and on the session behind it.
func (t *tx) collected(pi *PaymentIntent, m *PaymentMethod, ch *Charge) {
	t.sessionCustomer(pi)
	ch.Status, ch.Paid, ch.Captured, ch.AmountCaptured, ch.Customer = "succeeded", true, true, ch.Amount, pi.Customer
	pi.Status, pi.AmountReceived, pi.LatestCharge, pi.LastPaymentError, pi.NextAction = "succeeded", pi.Amount, &ch.ID, nil, nil
	t.save(ch)
	t.save(pi)
	if customer, ok := find[*Customer](t, value(pi.Customer)); ok && pi.FutureUsage != nil {
		t.attach(m, customer)
	}
	t.spend(m)
	ch.FeeAt = t.now.Add(max(t.s.opts.FeeDelay, 0)).UnixMilli()
	if t.s.opts.FeeDelay < 0 {
		t.postFee(ch)
	} else {
		t.schedule(ch.FeeAt, ch)
	}
	t.emit("charge.succeeded", ch, nil)
	t.emit("payment_intent.succeeded", pi, nil)
	t.sessionPaid(pi)
}

func (t *tx) newCharge(pi *PaymentIntent, m *PaymentMethod, authenticated bool) *Charge {
	return &Charge{
		Amount: pi.Amount, Currency: pi.Currency, Customer: pi.Customer, Description: pi.Description, Metadata: pi.Metadata,
		Billing: m.Billing, Fraud: map[string]string{}, PaymentIntent: &pi.ID, PaymentMethod: &m.ID, ReceiptEmail: pi.ReceiptEmail,
		Descriptor: pi.Descriptor, DescriptorSuffix: pi.DescriptorSuffix, TransferGroup: pi.TransferGroup, ApplicationFee: pi.ApplicationFee,
		Calculated: ptr("STRIPE SANDBOX"), MethodDetails: methodDetails(m, pi.Amount, authenticated),
	}
}

// decline leaves a failed charge behind and the intent open.
func (t *tx) decline(pi *PaymentIntent, m *PaymentMethod, c card) error {
	t.countDecline(m)
	ch := t.newCharge(pi, m, false)
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", &c.code, &c.message
	ch.Outcome = &outcome{
		NetworkStatus: "declined_by_network", Reason: &c.decline, RiskLevel: "normal", RiskScore: 20,
		SellerMessage: "The bank did not return any further details with this decline.", Type: "issuer_declined",
	}
	t.create(ch, kindCharge, "ch_")
	e := declineError(c, ch)
	e.PaymentMethod = encode(t.render(m))
	pi.LastPaymentError = ptr(*e)
	pi.Status, pi.LatestCharge, pi.PaymentMethod, pi.NextAction = "requires_payment_method", &ch.ID, nil, nil
	t.save(pi)
	t.emit("charge.failed", ch, nil)
	t.emit("payment_intent.payment_failed", pi, nil)
	e.PaymentIntent = encode(t.render(pi))
	return e
}

func declineError(c card, ch *Charge) *apiError {
	e := &apiError{
		status: http.StatusPaymentRequired, executed: true, Type: "card_error", Code: c.code, DeclineCode: c.decline, Message: c.message,
		DocURL: docURL(c.code),
	}
	switch c.code {
	case "incorrect_cvc":
		e.Param = "cvc"
	case "expired_card":
		e.Param = "exp_month"
	}
	if ch != nil {
		e.Charge = ch.ID
	}
	return e
}

func methodDetails(m *PaymentMethod, amount int64, authenticated bool) json.RawMessage {
	if b := m.Bank; b != nil {
		return encode(map[string]any{"type": "us_bank_account", "us_bank_account": map[string]any{
			"account_holder_type": b.HolderType, "account_type": b.AccountType, "bank_name": b.BankName, "fingerprint": b.Fingerprint,
			"last4": b.Last4, "routing_number": b.RoutingNumber,
		}})
	}
	var secure any
	if authenticated {
		secure = map[string]any{
			"authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": nil, "result": "authenticated",
			"result_reason": nil, "transaction_id": randomText(36), "version": "2.2.0",
		}
	}
	c := m.Card
	return encode(map[string]any{"type": "card", "card": map[string]any{
		"amount_authorized": amount, "brand": c.Brand, "checks": c.Checks, "country": c.Country, "exp_month": c.ExpMonth, "exp_year": c.ExpYear,
		"extended_authorization": map[string]any{"status": "disabled"}, "fingerprint": c.Fingerprint, "funding": c.Funding,
		"incremental_authorization": map[string]any{"status": "unavailable"}, "installments": nil, "last4": c.Last4, "mandate": nil,
		"multicapture": map[string]any{"status": "unavailable"}, "network": c.Brand, "network_token": map[string]any{"used": false},
		"overcapture":    map[string]any{"maximum_amount_capturable": amount, "status": "unavailable"},
		"three_d_secure": secure, "wallet": nil,
	}})
}

// startDebit begins a bank debit: it is processing for days, then succeeds or fails.
func (t *tx) startDebit(pi *PaymentIntent, m *PaymentMethod) {
	t.sessionCustomer(pi)
	ch := t.newCharge(pi, m, false)
	ch.Status = "pending"
	ch.Outcome = &outcome{NetworkStatus: "approved_by_network", RiskLevel: "not_assessed", SellerMessage: "Payment complete.", Type: "authorized"}
	ch.SettleAt = t.now.Add(t.s.opts.DebitDelay).UnixMilli()
	t.create(ch, kindCharge, "py_")
	t.schedule(ch.SettleAt, ch)
	pi.Status, pi.LatestCharge = "processing", &ch.ID
	t.save(pi)
	t.emit("charge.pending", ch, nil)
	t.emit("payment_intent.processing", pi, nil)
	t.sessionProcessing(pi)
}

// endDebit is the bank's answer.
func (t *tx) endDebit(ch *Charge, succeeded bool) {
	ch.SettleAt = 0
	pi := must[*PaymentIntent](t, *ch.PaymentIntent)
	m := must[*PaymentMethod](t, *ch.PaymentMethod)
	if succeeded {
		t.collected(pi, m, ch)
		return
	}
	e := &apiError{Type: "card_error", Code: "payment_intent_payment_attempt_failed", Charge: ch.ID, Message: "The customer's bank account has been closed."}
	e.Type = "invalid_request_error"
	e.PaymentMethod = encode(t.render(m))
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", ptr("account_closed"), &e.Message
	pi.Status, pi.LastPaymentError, pi.PaymentMethod = "requires_payment_method", e, nil
	t.save(ch)
	t.save(pi)
	t.emit("charge.failed", ch, nil)
	t.emit("payment_intent.payment_failed", pi, nil)
	t.sessionDebitFailed(pi)
}

// chargeDue posts the fee, or ends the debit, whose time has come.
func (t *tx) chargeDue(ch *Charge) {
	now := t.now.UnixMilli()
	if ch.SettleAt > 0 && ch.SettleAt <= now {
		m := must[*PaymentMethod](t, *ch.PaymentMethod)
		t.endDebit(ch, m.Behaviour == bankSucceeds)
	}
	if ch.FeeAt > 0 && ch.FeeAt <= now {
		before := t.render(ch)
		t.postFee(ch)
		t.emitUpdate("charge.updated", ch, before)
	}
}

func updateCharge(c *call) (any, error) {
	p := c.params
	ch, ok := find[*Charge](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindCharge, c.path("id"), "")
	}
	description, email, group := p.str("description"), p.str("receipt_email"), p.str("transfer_group")
	metadata := p.metadata()
	var report *string
	if fraud := p.hash("fraud_details"); fraud != nil {
		report = fraud.enum("user_report", "fraudulent", "safe")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	before := c.render(ch)
	set(&ch.Description, description)
	set(&ch.ReceiptEmail, email)
	set(&ch.TransferGroup, group)
	if report != nil {
		ch.Fraud = map[string]string{"user_report": *report}
	}
	ch.Metadata = metadata(ch.Metadata)
	c.save(ch)
	c.emitUpdate("charge.updated", ch, before)
	return ch, nil
}

func listCharges(c *call) (any, error) {
	p := c.params
	created := p.created("created")
	intent, group := p.matches("payment_intent"), p.matches("transfer_group")
	return pageOfOwner(c, kindCharge, "customer", func(o *Charge) bool {
		return created(o.Created) && intent(value(o.PaymentIntent)) && group(value(o.TransferGroup))
	})
}
