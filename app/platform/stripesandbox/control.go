package stripesandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// EndpointInput describes a webhook endpoint that the operator registers.
type EndpointInput struct {
	URL string
	// Secret signs the deliveries; empty makes one.
	Secret string
	// Events are the types to send; empty means all.
	Events []string
	// Connect sends the events of connected accounts instead of the platform's own.
	Connect bool
	// APIVersion is what the delivered events name as their version; empty means APIVersion.
	APIVersion string
}

// RegisterEndpoint adds a webhook endpoint of the platform, or updates the one with the same URL and scope.
func (s *Sandbox) RegisterEndpoint(in EndpointInput) (Endpoint, error) {
	if !strings.HasPrefix(in.URL, "http://") && !strings.HasPrefix(in.URL, "https://") {
		return Endpoint{}, fmt.Errorf("register webhook endpoint: URL %q must be absolute", in.URL)
	}
	var registered Endpoint
	err := s.update(func(t *tx) error {
		var w *Endpoint
		for _, existing := range all[*Endpoint](t, kindEndpoint) {
			if existing.URL == in.URL && existing.Connect == in.Connect {
				w = existing
			}
		}
		if w == nil {
			w = &Endpoint{URL: in.URL, Connect: in.Connect, Secret: "whsec_" + randomText(32), Metadata: map[string]string{}}
			t.create(w, kindEndpoint, "we_")
		}
		w.Status, w.Events = "enabled", in.Events
		if len(w.Events) == 0 {
			w.Events = []string{"*"}
		}
		if in.Secret != "" {
			w.Secret = in.Secret
		}
		w.APIVersion = ptr(cmpOr(in.APIVersion, APIVersion))
		t.save(w)
		registered = *w
		return nil
	})
	return registered, err
}

// RollSecret gives the endpoint a new secret; until keepOld has passed deliveries carry both signatures.
func (s *Sandbox) RollSecret(endpointID string, keepOld time.Duration) (string, error) {
	secret := "whsec_" + randomText(32)
	err := s.update(func(t *tx) error {
		w, ok := t.db.byID[endpointID].(*Endpoint)
		if !ok {
			return missing(kindEndpoint, endpointID, "")
		}
		w.OldSecret, w.OldUntil, w.Secret = w.Secret, t.now.Add(keepOld).Unix(), secret
		t.save(w)
		return nil
	})
	return secret, err
}

// Replay owes the event again to every endpoint that listens now.
func (s *Sandbox) Replay(eventID string) error {
	return s.update(func(t *tx) error {
		event, ok := t.db.byID[eventID].(*Event)
		if !ok {
			return missing(kindEvent, eventID, "")
		}
		event.Deliveries = nil
		t.as(event.Account, func() {
			for _, row := range t.db.byKind[kindEndpoint] {
				if w, ok := row.(*Endpoint); ok && w.hears(t, event.Type) {
					event.Deliveries = append(event.Deliveries, &Delivery{Endpoint: w.ID, State: DeliveryPending, NextAt: t.now.UnixMilli()})
				}
			}
		})
		t.db.unsent[event.ID] = event
		t.save(event)
		return nil
	})
}

// Deliver sends the event to the endpoint now, outside the queue and its faults, and returns the status of the answer.
func (s *Sandbox) Deliver(ctx context.Context, eventID, endpointID string) (int, error) {
	var request outgoing
	err := s.update(func(t *tx) error {
		event, knowsEvent := t.db.byID[eventID].(*Event)
		endpoint, knowsEndpoint := t.db.byID[endpointID].(*Endpoint)
		if !knowsEvent || !knowsEndpoint {
			return errors.New("deliver: no such event or endpoint")
		}
		request = t.sign(event, endpoint)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return request.post(ctx, s.opts.HTTPClient)
}

// Sign returns the body and the Stripe-Signature header in which the endpoint would get the event.
func (s *Sandbox) Sign(eventID, endpointID string) (body []byte, signature string, err error) {
	err = s.update(func(t *tx) error {
		event, knowsEvent := t.db.byID[eventID].(*Event)
		endpoint, knowsEndpoint := t.db.byID[endpointID].(*Endpoint)
		if !knowsEvent || !knowsEndpoint {
			return errors.New("sign: no such event or endpoint")
		}
		request := t.sign(event, endpoint)
		body, signature = request.body, request.signature
		return nil
	})
	return body, signature, err
}

// rowsOf copies the account's objects of a kind, oldest first. The empty account is the platform.
func rowsOf[T any, E interface {
	*T
	entity
}](s *Sandbox, account, kind string) []T {
	var rows []T
	_ = s.update(func(t *tx) error { // reads only
		if account != "" {
			t.account = account
		}
		for _, e := range all[E](t, kind) {
			rows = append(rows, *e)
		}
		return nil
	})
	return rows
}

// Charges lists the charges of an account, oldest first; the empty account is the platform.
func (s *Sandbox) Charges(account string) []Charge { return rowsOf[Charge](s, account, kindCharge) }

// PaymentIntents lists the payment intents of an account, oldest first.
func (s *Sandbox) PaymentIntents(account string) []PaymentIntent {
	return rowsOf[PaymentIntent](s, account, kindPaymentIntent)
}

// Sessions lists the checkout sessions of an account, oldest first.
func (s *Sandbox) Sessions(account string) []Session { return rowsOf[Session](s, account, kindSession) }

// Refunds lists the refunds of an account, oldest first.
func (s *Sandbox) Refunds(account string) []Refund { return rowsOf[Refund](s, account, kindRefund) }

// Disputes lists the disputes of an account, oldest first.
func (s *Sandbox) Disputes(account string) []Dispute { return rowsOf[Dispute](s, account, kindDispute) }

// Payouts lists the payouts of an account, oldest first.
func (s *Sandbox) Payouts(account string) []Payout { return rowsOf[Payout](s, account, kindPayout) }

// BalanceTransactions lists the movements of an account's balance, oldest first.
func (s *Sandbox) BalanceTransactions(account string) []BalanceTransaction {
	return rowsOf[BalanceTransaction](s, account, kindBalanceTx)
}

// Events lists the events of an account, oldest first.
func (s *Sandbox) Events(account string) []Event {
	events := rowsOf[Event](s, account, kindEvent)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range events {
		events[i].Deliveries = copyDeliveries(events[i].Deliveries)
	}
	return events
}

// Endpoints lists the webhook endpoints of the platform.
func (s *Sandbox) Endpoints() []Endpoint { return rowsOf[Endpoint](s, "", kindEndpoint) }

// Balance is what an account holds by currency, available and pending together.
func (s *Sandbox) Balance(account string) map[string]int64 {
	sums := map[string]int64{}
	for _, b := range s.BalanceTransactions(account) {
		sums[b.Currency] += b.Net
	}
	return sums
}

// Settle lets everything that waits for time happen now: fees appear, debits and refunds end. Sessions and payouts keep their time.
func (s *Sandbox) Settle() error {
	return s.update(func(t *tx) error {
		now := t.now.UnixMilli()
		for _, e := range slices.Concat(t.db.byKind[kindCharge], t.db.byKind[kindRefund]) {
			t.as(e.row().Account, func() {
				switch e := e.(type) {
				case *Charge:
					e.SettleAt = min(e.SettleAt, now)
					t.chargeDue(e) // a debit that ends here gets its fee below
					e.FeeAt = min(e.FeeAt, now)
					t.chargeDue(e)
				case *Refund:
					e.SettleAt = min(e.SettleAt, now)
					t.refundDue(e)
				}
			})
		}
		return nil
	})
}

// on runs fn on a stored object with its account in sight.
func on[E entity](s *Sandbox, kind, id string, fn func(t *tx, e E) error) error {
	return s.update(func(t *tx) error {
		e, ok := t.db.byID[id].(E)
		if !ok {
			return missing(kind, id, "")
		}
		var err error
		t.as(e.row().Account, func() { err = fn(t, e) })
		return err
	})
}

// OpenDispute disputes a charge; inquiry asks only, without taking money.
func (s *Sandbox) OpenDispute(chargeID string, asInquiry bool) (Dispute, error) {
	var opened Dispute
	err := on(s, kindCharge, chargeID, func(t *tx, ch *Charge) error {
		if ch.Status != "succeeded" || ch.Disputed || ch.AmountRefunded == ch.Amount {
			return wrongState("", "Charge %s cannot be disputed.", ch.ID)
		}
		status := "needs_response"
		if asInquiry {
			status = inquiry + status
		}
		opened = *t.openDispute(ch, status)
		return nil
	})
	return opened, err
}

// CloseDispute decides a dispute; feeBack returns the dispute fee of a won one.
func (s *Sandbox) CloseDispute(disputeID string, won, feeBack bool) error {
	return on(s, kindDispute, disputeID, func(t *tx, d *Dispute) error { return t.endDispute(d, won, feeBack) })
}

// FailRefund ends a refund in failure, also one that looked successful.
func (s *Sandbox) FailRefund(refundID string) error {
	return on(s, kindRefund, refundID, func(t *tx, r *Refund) error {
		if r.Status != "pending" && r.Status != "succeeded" {
			return wrongState("", "Refund %s is %s.", r.ID, r.Status)
		}
		t.settleRefund(r, "failed")
		return nil
	})
}

// EndDebit settles a bank debit that is processing.
func (s *Sandbox) EndDebit(chargeID string, succeeded bool) error {
	return on(s, kindCharge, chargeID, func(t *tx, ch *Charge) error {
		if ch.Status != "pending" {
			return wrongState("", "Charge %s is %s.", ch.ID, ch.Status)
		}
		t.endDebit(ch, succeeded)
		return nil
	})
}

// CreatePayout makes the automatic payout of everything available in a currency.
func (s *Sandbox) CreatePayout(account, currency string) (Payout, error) {
	var made Payout
	err := s.update(func(t *tx) error {
		if account != "" {
			t.account = account
		}
		o, err := t.payout(strings.ToLower(currency))
		if err == nil {
			made = *o
		}
		return err
	})
	return made, err
}

// ArrivePayout ends a payout at the bank ahead of its time.
func (s *Sandbox) ArrivePayout(payoutID string) error {
	return on(s, kindPayout, payoutID, func(t *tx, o *Payout) error {
		if o.Status != "in_transit" {
			return wrongState("", "Payout %s is %s.", o.ID, o.Status)
		}
		t.payoutArrived(o)
		return nil
	})
}

// FailPayout returns a payout to the balance, also one that looked paid.
func (s *Sandbox) FailPayout(payoutID string) error {
	return on(s, kindPayout, payoutID, func(t *tx, o *Payout) error {
		if o.Status == "failed" {
			return wrongState("", "Payout %s is failed.", o.ID)
		}
		t.payoutFailed(o)
		return nil
	})
}
