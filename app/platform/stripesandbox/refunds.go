package stripesandbox

import "strings"

func createRefund(c *call) (any, error) {
	p := c.params
	chargeID, intentID, amount := p.text("charge"), p.text("payment_intent"), p.integer("amount")
	reason := p.enum("reason", "duplicate", "fraudulent", "requested_by_customer")
	returnFee := value(p.boolean("refund_application_fee"))
	metadata := p.metadata()(nil)
	if err := p.err(); err != nil {
		return nil, err
	}
	ch, err := c.refundable(chargeID, intentID)
	if err != nil {
		return nil, err
	}
	left := ch.AmountCaptured - ch.AmountRefunded
	if amount == nil {
		amount = &left
	}
	switch {
	case ch.Disputed:
		return nil, wrongState("charge_disputed", "Charge %s has been charged back; cannot issue a refund.", ch.ID)
	case left == 0:
		return nil, wrongState("charge_already_refunded", "Charge %s has already been refunded.", ch.ID)
	case *amount < 1:
		return nil, invalid("parameter_invalid_integer", "amount", "Invalid positive integer")
	case *amount > left:
		e := wrongState("", "Refund amount (%s) is greater than unrefunded amount on charge (%s)", formatAmount(*amount, ch.Currency), formatAmount(left, ch.Currency))
		e.Param = "amount"
		return nil, e
	case returnFee && ch.ApplicationFeeID == nil:
		return nil, invalid("", "refund_application_fee", "You cannot refund an application fee on charge %s, which has none.", ch.ID)
	}
	if e := checkStep(*amount, ch.Currency, "amount"); e != nil {
		return nil, e
	}
	r := &Refund{Amount: *amount, Charge: ch.ID, Currency: ch.Currency, Metadata: metadata, PaymentIntent: ch.PaymentIntent, Reason: reason}
	c.refund(ch, r)
	if returnFee {
		c.returnApplicationFee(ch, *amount)
	}
	return r, nil
}

// refundable finds the charge that a refund names by itself or by its intent.
func (c *call) refundable(chargeID, intentID *string) (*Charge, error) {
	if (chargeID == nil) == (intentID == nil) {
		return nil, invalid("parameter_missing", "", "One of the following params should be provided for this request: payment_intent or charge.")
	}
	if chargeID == nil {
		pi, ok := find[*PaymentIntent](c.tx, *intentID)
		if !ok {
			return nil, missing(kindPaymentIntent, *intentID, "payment_intent")
		}
		if pi.Status != "succeeded" {
			return nil, wrongState("", "This PaymentIntent (%s) does not have a successful charge to refund.", pi.ID)
		}
		chargeID = pi.LatestCharge
	}
	ch, ok := find[*Charge](c.tx, *chargeID)
	if !ok {
		return nil, missing(kindCharge, *chargeID, "charge")
	}
	if ch.Status != "succeeded" {
		return nil, wrongState("", "Charge %s is not successful; there is nothing to refund.", ch.ID)
	}
	return ch, nil
}

// refund sends the money back as the card's test behaviour has it: at once, later, or in vain.
func (t *tx) refund(ch *Charge, r *Refund) {
	m := must[*PaymentMethod](t, value(ch.PaymentMethod))
	prefix, behaviour := "re_", cardOf(m).refund
	if m.Type == "card" {
		r.Destination = raw(`{"type":"card","card":{"type":"refund","reference_type":"acquirer_reference_number","reference_status":"pending"}}`)
	} else {
		prefix = "pyr_"
		r.Destination = raw(`{"type":"us_bank_transfer","us_bank_transfer":{"reference":null,"reference_status":"pending"}}`)
	}
	switch behaviour {
	case "pending":
		r.Status, r.SettleTo = "pending", "succeeded"
	case "fail":
		r.Status, r.SettleTo = "succeeded", "failed"
	default:
		r.Status = "succeeded"
	}
	if r.SettleTo != "" {
		r.SettleAt = t.now.Add(t.s.opts.RefundDelay).UnixMilli()
	}
	t.create(r, kindRefund, prefix)
	if r.SettleTo != "" {
		t.schedule(r.SettleAt, r)
	}
	if r.Status == "succeeded" {
		t.postRefund(r)
	}
	before := t.render(ch)
	t.countRefund(ch, r.Amount)
	t.emitUpdate("charge.refunded", ch, before)
	t.emit("refund.created", r, nil)
}

func (t *tx) countRefund(ch *Charge, amount int64) {
	ch.AmountRefunded += amount
	ch.Refunded = ch.AmountRefunded == ch.AmountCaptured
	t.save(ch)
}

func (t *tx) postRefund(r *Refund) {
	kind := "refund"
	if strings.HasPrefix(r.ID, "pyr_") {
		kind = "payment_refund"
	}
	b := t.post(&BalanceTransaction{
		Amount: -r.Amount, Currency: r.Currency, Description: ptr("REFUND FOR CHARGE"), ReportingCategory: "refund", Source: &r.ID, Type: kind,
	}, t.s.opts.PayoutDelay)
	r.BalanceTx = &b.ID
	t.save(r)
}

// refundDue lets a waiting refund end as its card has it.
func (t *tx) refundDue(r *Refund) {
	if r.SettleAt > 0 && r.SettleAt <= t.now.UnixMilli() {
		t.settleRefund(r, r.SettleTo)
	}
}

// settleRefund changes the status of a refund. Money that did not arrive returns to the balance and to what can be refunded.
func (t *tx) settleRefund(r *Refund, status string) {
	before := t.render(r)
	r.SettleAt, r.SettleTo = 0, ""
	r.Status = status
	ch := must[*Charge](t, r.Charge)
	switch status {
	case "succeeded":
		t.postRefund(r)
	case "failed":
		r.FailureReason = ptr("expired_or_canceled_card")
		if r.BalanceTx != nil {
			b := t.post(&BalanceTransaction{
				Amount: r.Amount, Currency: r.Currency, Description: ptr("REFUND FAILURE"), ReportingCategory: "refund_failure", Source: &r.ID,
				Type: "refund_failure",
			}, 0)
			r.FailureTx = &b.ID
		}
		t.countRefund(ch, -r.Amount)
	case "canceled":
		t.countRefund(ch, -r.Amount)
	}
	t.save(r)
	t.emitUpdate("charge.refund.updated", r, before)
	t.emitUpdate("refund.updated", r, before)
}

// returnApplicationFee gives the platform's part back, in proportion.
func (t *tx) returnApplicationFee(ch *Charge, amount int64) {
	fee := must[*ApplicationFee](t, *ch.ApplicationFeeID)
	back := min(fee.Amount*amount/ch.Amount, fee.Amount-fee.AmountRefunded)
	if back == 0 {
		return
	}
	t.as(t.db.platformID, func() {
		fee.AmountRefunded += back
		fee.Refunded = fee.AmountRefunded == fee.Amount
		t.save(fee)
		t.post(&BalanceTransaction{
			Amount: -back, Currency: fee.Currency, ReportingCategory: "platform_earning_refund", Source: &fee.ID, Type: "application_fee_refund",
		}, 0)
		t.emit("application_fee.refunded", fee, nil)
	})
	t.post(&BalanceTransaction{
		Amount: back, Currency: fee.Currency, ReportingCategory: "fee", Source: &ch.ID, Type: "application_fee_refund",
		Description: ptr("APPLICATION FEE REFUND"),
	}, 0)
}

func updateRefund(c *call) (any, error) {
	r, ok := find[*Refund](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindRefund, c.path("id"), "")
	}
	metadata := c.params.metadata()
	if err := c.params.err(); err != nil {
		return nil, err
	}
	before := c.render(r)
	r.Metadata = metadata(r.Metadata)
	c.save(r)
	c.emitUpdate("charge.refund.updated", r, before)
	c.emitUpdate("refund.updated", r, before)
	return r, nil
}

func cancelRefund(c *call) (any, error) {
	r, ok := find[*Refund](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindRefund, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	if r.Status != "pending" {
		return nil, wrongState("", "Refund %s cannot be canceled because its status is %s.", r.ID, r.Status)
	}
	c.settleRefund(r, "canceled")
	return r, nil
}

// refundsOf returns the refunds of a charge, oldest first.
func (t *tx) refundsOf(chargeID string) []*Refund {
	var found []*Refund
	for _, e := range t.db.owned(kindRefund, chargeID) {
		if r, ok := e.(*Refund); ok {
			found = append(found, r)
		}
	}
	return found
}

func listRefunds(c *call) (any, error) {
	p := c.params
	created, intent := p.created("created"), p.matches("payment_intent")
	return pageOfOwner(c, kindRefund, "charge", func(r *Refund) bool { return created(r.Created) && intent(value(r.PaymentIntent)) })
}
