package stripesandbox

import (
	"maps"
	"slices"
	"time"
)

func (b *BalanceTransaction) status(now int64) string {
	if b.AvailableOn <= now {
		return "available"
	}
	return "pending"
}

// post stores a movement of the balance. A movement with a fee brings its fee details.
func (t *tx) post(b *BalanceTransaction, availableAfter time.Duration) *BalanceTransaction {
	b.Net = b.Amount - b.Fee
	b.AvailableOn = t.now.Add(availableAfter).Unix()
	if b.FeeDetails == nil {
		b.FeeDetails = []feeDetail{}
	}
	t.create(b, kindBalanceTx, "txn_")
	return b
}

// postFee books a charge on the balance: only now does anyone know its fee.
func (t *tx) postFee(ch *Charge) {
	ch.FeeAt = 0
	fee := t.s.opts.Fees.of(ch.Amount, ch.Currency)
	details := []feeDetail{{Amount: fee, Currency: ch.Currency, Description: ptr("Stripe processing fees"), Type: "stripe_fee"}}
	if ch.ApplicationFee != nil {
		details = append(details, feeDetail{
			Amount: *ch.ApplicationFee, Application: ptr(t.application()), Currency: ch.Currency, Description: ptr("application fee"), Type: "application_fee",
		})
		t.postApplicationFee(ch)
	}
	kind := "charge"
	if ch.ID[:3] == "py_" {
		kind = "payment"
	}
	b := t.post(&BalanceTransaction{
		Amount: ch.Amount, Currency: ch.Currency, Description: ch.Description, Fee: fee + value(ch.ApplicationFee), FeeDetails: details,
		ReportingCategory: "charge", Source: &ch.ID, Type: kind,
	}, t.s.opts.PayoutDelay)
	ch.BalanceTx = &b.ID
	t.save(ch)
}

// application is the id of the platform as the maker of application fees.
func (t *tx) application() string { return "ca_" + t.db.platformID[len("acct_"):] }

// postApplicationFee gives the platform its part of a charge on a connected account.
func (t *tx) postApplicationFee(ch *Charge) {
	from := t.account
	t.as(t.db.platformID, func() {
		fee := &ApplicationFee{From: from, Amount: *ch.ApplicationFee, Application: t.application(), Charge: ch.ID, Currency: ch.Currency}
		t.create(fee, kindAppFee, "fee_")
		b := t.post(&BalanceTransaction{
			Amount: fee.Amount, Currency: fee.Currency, ReportingCategory: "platform_earning", Source: &fee.ID, Type: "application_fee",
		}, t.s.opts.PayoutDelay)
		fee.BalanceTx = &b.ID
		ch.ApplicationFeeID = &fee.ID
		t.emit("application_fee.created", fee, nil)
	})
}

// funds sums an account's balance by currency.
func (t *tx) funds() (available, pending map[string]int64) {
	available, pending = map[string]int64{}, map[string]int64{}
	for _, b := range all[*BalanceTransaction](t, kindBalanceTx) {
		if b.status(t.now.Unix()) == "available" {
			available[b.Currency] += b.Net
		} else {
			pending[b.Currency] += b.Net
		}
	}
	return available, pending
}

func retrieveBalance(c *call) (any, error) {
	if err := c.params.err(); err != nil {
		return nil, err
	}
	available, pending := c.funds()
	currencies := slices.Collect(maps.Keys(available))
	for currency := range pending {
		if _, known := available[currency]; !known {
			currencies = append(currencies, currency)
		}
	}
	slices.Sort(currencies)
	if len(currencies) == 0 {
		currencies = []string{"usd"}
	}
	parts := func(sums map[string]int64) []any {
		rows := make([]any, len(currencies))
		for i, currency := range currencies {
			rows[i] = map[string]any{"amount": sums[currency], "currency": currency, "source_types": map[string]any{"card": sums[currency]}}
		}
		return rows
	}
	balance := map[string]any{"object": "balance", "livemode": false, "available": parts(available), "pending": parts(pending)}
	if !c.isConnected() {
		balance["connect_reserved"] = []any{map[string]any{"amount": 0, "currency": "usd"}}
	}
	return balance, nil
}

func listBalanceTxs(c *call) (any, error) {
	p := c.params
	created, currency, payout := p.created("created"), p.matches("currency"), p.matches("payout")
	source, kind := p.matches("source"), p.matches("type")
	return page(c, kindBalanceTx, func(b *BalanceTransaction) bool {
		return created(b.Created) && currency(b.Currency) && payout(b.Payout) && source(value(b.Source)) && kind(b.Type)
	})
}

func listAppFees(c *call) (any, error) {
	created, charge := c.params.created("created"), c.params.matches("charge")
	return page(c, kindAppFee, func(f *ApplicationFee) bool { return created(f.Created) && charge(f.Charge) })
}

// payout sends everything available in a currency to the bank and says which movements it settles. Nothing or less is no payout.
func (t *tx) payout(currency string) (*Payout, error) {
	var settled []*BalanceTransaction
	var sum int64
	for _, b := range all[*BalanceTransaction](t, kindBalanceTx) {
		if b.Payout == "" && b.Currency == currency && b.status(t.now.Unix()) == "available" {
			settled = append(settled, b)
			sum += b.Net
		}
	}
	if sum <= 0 {
		return nil, invalid("balance_insufficient", "currency", "There is nothing available in %s to pay out.", currency)
	}
	o := &Payout{
		Amount: sum, Currency: currency, ArrivalDate: t.now.Add(t.s.opts.PayoutDelay).Unix(), Metadata: map[string]string{},
		Destination: ptr("ba_" + t.account[len("acct_"):]), Reconciliation: "in_progress", Status: "in_transit",
	}
	t.create(o, kindPayout, "po_")
	b := t.post(&BalanceTransaction{
		Amount: -sum, Currency: currency, Description: ptr("STRIPE PAYOUT"), ReportingCategory: "payout", Source: &o.ID, Type: "payout", Payout: o.ID,
	}, 0)
	o.BalanceTx = &b.ID
	t.emit("payout.created", o, nil)
	for _, row := range settled {
		row.Payout = o.ID
		t.save(row)
	}
	o.Reconciliation = "completed"
	t.emit("payout.reconciliation_completed", o, nil)
	t.schedule(o.ArrivalDate*1000, o)
	return o, nil
}

func (t *tx) payoutDue(o *Payout) {
	if o.Status == "in_transit" {
		t.payoutArrived(o)
	}
}

func (t *tx) payoutArrived(o *Payout) {
	o.Status = "paid"
	t.save(o)
	t.emit("payout.paid", o, nil)
}

// payoutFailed returns the money to the balance, also when the payout had looked paid.
func (t *tx) payoutFailed(o *Payout) {
	o.Status, o.FailureCode, o.FailureMessage = "failed", ptr("account_closed"), ptr("The bank account has been closed")
	b := t.post(&BalanceTransaction{
		Amount: o.Amount, Currency: o.Currency, Description: ptr("STRIPE PAYOUT FAILURE"), ReportingCategory: "payout_reversal", Source: &o.ID,
		Type: "payout_failure",
	}, 0)
	o.FailureTx = &b.ID
	t.save(o)
	t.emit("payout.failed", o, nil)
}

func listPayouts(c *call) (any, error) {
	p := c.params
	created, arrival, status := p.created("created"), p.created("arrival_date"), p.matches("status")
	destination := p.matches("destination")
	return page(c, kindPayout, func(o *Payout) bool {
		return created(o.Created) && arrival(o.ArrivalDate) && status(o.Status) && destination(value(o.Destination))
	})
}
