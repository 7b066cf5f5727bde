package stripepay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"tributary/domain/money"
	"tributary/domain/payment"
)

// ChargeSaved charges a saved card without its owner present. A bank's refusal is an answer, not an error: the intent then waits for another
// card (requires_payment_method) and names the code of the refusal. payment.ErrUnknownObject says that the card or its customer is gone, or
// that they do not belong together; payment.ErrRefused that Stripe refused the call itself. After payment.ErrUnavailable nobody knows whether
// the card was charged: the same key and parameters tell, or IntentsOf once the key is too old.
func (g *Gateway) ChargeSaved(ctx context.Context, account, key string, p payment.ChargeParams) (payment.Intent, error) {
	common, err := g.params(ctx, account, key)
	if err != nil {
		return payment.Intent{}, err
	}
	in := &stripe.PaymentIntentParams{
		Params: common, Amount: stripe.Int64(p.Amount.Minor), Currency: stripe.String(strings.ToLower(p.Amount.Currency)),
		Customer: stripe.String(p.CustomerID), PaymentMethod: stripe.String(p.PaymentMethodID), PaymentMethodTypes: stripe.StringSlice([]string{cardType}),
		Confirm: stripe.Bool(true), OffSession: stripe.Bool(true), Metadata: p.Metadata,
	}
	if p.Description != "" {
		in.Description = stripe.String(p.Description)
	}
	in.AddExpand("latest_charge.balance_transaction")
	pi, err := g.api.PaymentIntents.New(in)
	if err == nil {
		return *intent(pi), nil
	}
	var se *stripe.Error
	if !errors.As(err, &se) {
		return payment.Intent{}, classify("charge saved card", err)
	}
	if se.HTTPStatusCode == http.StatusPaymentRequired && se.PaymentIntent != nil {
		return declined(se), nil
	}
	if nothingToCharge(se) {
		return payment.Intent{}, fmt.Errorf("charge saved card: stripe answered %d %s (request %s): %w",
			se.HTTPStatusCode, se.Code, se.RequestID, payment.ErrUnknownObject)
	}
	return payment.Intent{}, classify("charge saved card", err)
}

// nothingToCharge reports whether a refusal is about the card or the customer that the call names: in the body of a call Stripe answers 400
// to an id that it does not know, not 404.
func nothingToCharge(e *stripe.Error) bool {
	if e.HTTPStatusCode != http.StatusBadRequest || e.Type != stripe.ErrorTypeInvalidRequest {
		return false
	}
	return e.Code == stripe.ErrorCodeResourceMissing || e.Param == "payment_method" || e.Param == "customer"
}

// declined is the intent of a charge that the bank refused, as the refusal tells it.
func declined(e *stripe.Error) payment.Intent {
	out := intent(e.PaymentIntent)
	out.DeclineCode = declineCode(e)
	if e.LastResponse != nil {
		out.DeclineCode = advised(out.DeclineCode, e.LastResponse.RawJSON)
	}
	return *out
}

// declineCode is the bank's own word where there is one.
func declineCode(e *stripe.Error) string {
	if e.DeclineCode != "" {
		return string(e.DeclineCode)
	}
	return string(e.Code)
}

// advised replaces a code after which we would try again by one after which we do not, where the card's network asks for that. The SDK of
// this version does not know the advice yet, so it is read from the answer: an error, or an intent.
func advised(code string, answer []byte) string {
	var told struct {
		Error struct {
			AdviceCode string `json:"advice_code"`
		} `json:"error"`
		LastPaymentError struct {
			AdviceCode string `json:"advice_code"`
		} `json:"last_payment_error"`
	}
	const never = "do_not_try_again"
	if err := json.Unmarshal(answer, &told); err != nil || told.Error.AdviceCode != never && told.LastPaymentError.AdviceCode != never {
		return code
	}
	if payment.DeclineOf(code) == payment.SoftDecline {
		return string(stripe.DeclineCodeTransactionNotAllowed)
	}
	return code
}

// CancelIntent ends an intent, so that it can no longer be paid, and returns how it stands: one that has succeeded stays so. Cancelling twice
// is harmless, so it carries no key: a kept answer would outlive the state that it tells.
func (g *Gateway) CancelIntent(ctx context.Context, account, id string) (payment.Intent, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Intent{}, err
	}
	in := &stripe.PaymentIntentCancelParams{Params: common}
	in.AddExpand("latest_charge.balance_transaction")
	pi, err := g.api.PaymentIntents.Cancel(id, in)
	switch err := classify("cancel payment intent", err); {
	case errors.Is(err, payment.ErrRefused):
		return g.Intent(ctx, account, id)
	case err != nil:
		return payment.Intent{}, err
	}
	return *intent(pi), nil
}

// IntentsOf hands the intents of a customer made at or after since to each, newest first, until it returns an error, which is returned.
func (g *Gateway) IntentsOf(ctx context.Context, account, customerID string, since time.Time, each func(payment.Intent) error) error {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return err
	}
	in := &stripe.PaymentIntentListParams{Customer: stripe.String(customerID), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	in.Context, in.StripeAccount = common.Context, common.StripeAccount
	in.Limit = stripe.Int64(100)
	in.AddExpand("data.latest_charge.balance_transaction")
	it := g.api.PaymentIntents.List(in)
	for it.Next() {
		if err := each(*intent(it.PaymentIntent())); err != nil {
			return err
		}
	}
	return classify("list payment intents", it.Err())
}

// Intent fetches a payment intent with its latest charge, its fee, and the card it kept.
func (g *Gateway) Intent(ctx context.Context, account, id string) (payment.Intent, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Intent{}, err
	}
	in := &stripe.PaymentIntentParams{Params: common}
	in.AddExpand("latest_charge.balance_transaction")
	in.AddExpand("payment_method")
	pi, err := g.api.PaymentIntents.Get(id, in)
	if err != nil {
		return payment.Intent{}, classify("fetch payment intent", err)
	}
	out := intent(pi)
	if pi.LastResponse != nil {
		out.DeclineCode = advised(out.DeclineCode, pi.LastResponse.RawJSON)
	}
	return *out, nil
}

// Charge fetches a charge with its fee.
func (g *Gateway) Charge(ctx context.Context, account, id string) (payment.Charge, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Charge{}, err
	}
	in := &stripe.ChargeParams{Params: common}
	in.AddExpand("balance_transaction")
	c, err := g.api.Charges.Get(id, in)
	if err != nil {
		return payment.Charge{}, classify("fetch charge", err)
	}
	return *charge(c), nil
}

func intent(pi *stripe.PaymentIntent) *payment.Intent {
	if pi == nil {
		return nil
	}
	out := &payment.Intent{
		ID: pi.ID, Status: string(pi.Status), Metadata: pi.Metadata, CreatedAt: unix(pi.Created), Charge: charge(pi.LatestCharge), Saved: kept(pi),
	}
	if e := pi.LastPaymentError; e != nil {
		out.DeclineCode = declineCode(e)
	}
	return out
}

func charge(c *stripe.Charge) *payment.Charge {
	if c == nil || c.Status == "" { // an unexpanded reference holds an id only
		return nil
	}
	out := &payment.Charge{
		ID: c.ID, Status: payment.ChargeStatus(c.Status), Amount: money.New(c.AmountCaptured, currency(c.Currency)), Refunded: c.AmountRefunded,
		Livemode: c.Livemode, FailureCode: c.FailureCode, CreatedAt: unix(c.Created), Metadata: c.Metadata, Balance: balance(c.BalanceTransaction),
	}
	if out.Amount.IsZero() {
		out.Amount.Minor = c.Amount // nothing is captured of a failed or pending charge
	}
	if c.PaymentIntent != nil {
		out.IntentID = c.PaymentIntent.ID
	}
	if d := c.PaymentMethodDetails; d != nil && d.Card != nil {
		out.Brand, out.Last4, out.ExpMonth, out.ExpYear = string(d.Card.Brand), d.Card.Last4, int(d.Card.ExpMonth), int(d.Card.ExpYear)
	}
	return out
}

func balance(b *stripe.BalanceTransaction) *payment.BalanceTransaction {
	if b == nil || b.Type == "" { // an unexpanded reference holds an id only
		return nil
	}
	c := currency(b.Currency)
	return &payment.BalanceTransaction{
		ID: b.ID, Amount: money.New(b.Amount, c), Fee: money.New(b.Fee, c), Net: money.New(b.Net, c), At: unix(b.Created),
	}
}
