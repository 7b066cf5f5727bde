package stripesandbox

import "strings"

const inquiry = "warning_"

// openDispute objects to a charge. A real dispute takes the money and a fee at once; an inquiry takes nothing.
func (t *tx) openDispute(ch *Charge, status string) *Dispute {
	m := must[*PaymentMethod](t, value(ch.PaymentMethod))
	d := &Dispute{
		Amount: ch.Amount - ch.AmountRefunded, Charge: ch.ID, Currency: ch.Currency, Evidence: noEvidence(),
		Details:    evidenceDetails{DueBy: t.now.AddDate(0, 0, 9).Unix()},
		Refundable: strings.HasPrefix(status, inquiry), Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent,
		MethodDetails: encode(map[string]any{"type": "card", "card": map[string]any{"brand": cardOf(m).brand, "network_reason_code": "83"}}),
		Reason:        "fraudulent", Status: status, BalanceTxIDs: []string{},
	}
	t.create(d, kindDispute, "dp_")
	if d.Refundable {
		t.emit("charge.dispute.created", d, nil)
		return d
	}
	before := t.render(ch)
	ch.Disputed = true
	t.save(ch)
	t.moveDisputed(d, -1, t.s.opts.Fees.dispute(d.Currency))
	t.emit("charge.dispute.created", d, nil)
	t.emit("charge.dispute.funds_withdrawn", d, nil)
	t.emitUpdate("charge.updated", ch, before)
	return d
}

// moveDisputed takes the disputed money (sign -1) or gives it back (+1); a fee that is given back is negative.
func (t *tx) moveDisputed(d *Dispute, sign, fee int64) {
	category, verb := "dispute", "Chargeback withdrawal for "
	if sign > 0 {
		category, verb = "dispute_reversal", "Chargeback reversal for "
	}
	b := &BalanceTransaction{
		Amount: sign * d.Amount, Currency: d.Currency, Description: ptr(verb + d.Charge), Fee: fee, ReportingCategory: category, Source: &d.ID,
		Type: "adjustment",
	}
	if fee != 0 {
		b.FeeDetails = []feeDetail{{Amount: fee, Currency: d.Currency, Description: ptr("Dispute fee"), Type: "stripe_fee"}}
	}
	t.post(b, 0)
	d.BalanceTxIDs = append(d.BalanceTxIDs, b.ID)
	t.save(d)
}

// Open says whether the dispute is still to be decided.
func (d *Dispute) Open() bool {
	return d.Status != "won" && d.Status != "lost" && d.Status != "warning_closed"
}

// endDispute decides a dispute. Winning returns the money, and the fee too if feeBack.
func (t *tx) endDispute(d *Dispute, won, feeBack bool) error {
	if !d.Open() {
		return wrongState("", "This dispute is already closed.")
	}
	switch {
	case strings.HasPrefix(d.Status, inquiry):
		d.Status = "warning_closed"
	case won:
		d.Status = "won"
		fee := int64(0)
		if feeBack {
			fee = -t.s.opts.Fees.dispute(d.Currency)
		}
		t.moveDisputed(d, 1, fee)
		ch := must[*Charge](t, d.Charge)
		ch.Disputed = false
		t.save(ch)
		t.emit("charge.dispute.funds_reinstated", d, nil)
	default:
		d.Status = "lost"
	}
	t.save(d)
	t.emit("charge.dispute.closed", d, nil)
	return nil
}

func noEvidence() map[string]*string {
	evidence := map[string]*string{}
	for key := range strings.FieldsSeq(`access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal
		customer_communication customer_email_address customer_name customer_purchase_ip customer_signature duplicate_charge_documentation
		duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy refund_policy_disclosure
		refund_refusal_explanation service_date service_documentation shipping_address shipping_carrier shipping_date shipping_documentation
		shipping_tracking_number uncategorized_file uncategorized_text`) {
		evidence[key] = nil
	}
	return evidence
}

// updateDispute takes evidence. As with Stripe's test mode, the words winning_evidence and losing_evidence decide the case.
func updateDispute(c *call) (any, error) {
	p := c.params
	d, ok := find[*Dispute](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindDispute, c.path("id"), "")
	}
	sent := map[string]*string{}
	if evidence := p.hash("evidence"); evidence != nil {
		for key := range d.Evidence {
			if text := evidence.str(key); text != nil {
				sent[key] = text
			}
		}
	}
	submit, metadata := p.boolean("submit"), p.metadata()
	if err := p.err(); err != nil {
		return nil, err
	}
	before := c.render(d)
	for key, text := range sent {
		field := d.Evidence[key]
		set(&field, text)
		d.Evidence[key] = field
		d.Details.HasEvidence = d.Details.HasEvidence || field != nil
	}
	d.Metadata = metadata(d.Metadata)
	if len(sent) > 0 && (submit == nil || *submit) {
		d.Details.Submissions++
		d.Status = strings.Replace(d.Status, "needs_response", "under_review", 1)
	}
	c.save(d)
	c.emitUpdate("charge.dispute.updated", d, before)
	switch value(d.Evidence["uncategorized_text"]) {
	case "winning_evidence":
		return d, c.endDispute(d, true, false)
	case "losing_evidence":
		return d, c.endDispute(d, false, false)
	}
	return d, nil
}

// closeDispute accepts the loss.
func closeDispute(c *call) (any, error) {
	d, ok := find[*Dispute](c.tx, c.path("id"))
	if !ok {
		return nil, missing(kindDispute, c.path("id"), "")
	}
	if err := c.params.err(); err != nil {
		return nil, err
	}
	return d, c.endDispute(d, false, false)
}

func listDisputes(c *call) (any, error) {
	p := c.params
	created, charge, intent := p.created("created"), p.matches("charge"), p.matches("payment_intent")
	return page(c, kindDispute, func(d *Dispute) bool {
		return created(d.Created) && charge(d.Charge) && intent(value(d.PaymentIntent))
	})
}
