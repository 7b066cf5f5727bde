package stripepay

import (
	"context"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"tributary/domain/money"
	"tributary/domain/payment"
)

// CreateCheckout opens a hosted checkout. The same key and parameters give the same session, however often it is called.
func (g *Gateway) CreateCheckout(ctx context.Context, account, key string, p payment.CheckoutParams) (payment.Session, error) {
	common, err := g.params(ctx, account, key)
	if err != nil {
		return payment.Session{}, err
	}
	in := &stripe.CheckoutSessionParams{
		Params:            common,
		Mode:              stripe.String(string(stripe.CheckoutSessionModePayment)),
		SubmitType:        stripe.String(string(stripe.CheckoutSessionSubmitTypeDonate)),
		ClientReferenceID: stripe.String(p.DonationID),
		CustomerCreation:  stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways)),
		SuccessURL:        stripe.String(p.SuccessURL),
		CancelURL:         stripe.String(p.CancelURL),
		ExpiresAt:         stripe.Int64(p.ExpiresAt),
		Metadata:          p.Metadata,
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: p.Metadata},
	}
	if p.CustomerEmail != "" {
		in.CustomerEmail = stripe.String(p.CustomerEmail)
	}
	for _, l := range p.Lines {
		in.LineItems = append(in.LineItems, &stripe.CheckoutSessionLineItemParams{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
				Currency:    stripe.String(strings.ToLower(l.Amount.Currency)),
				UnitAmount:  stripe.Int64(l.Amount.Minor),
				ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(l.Name)},
			},
		})
	}
	s, err := g.api.CheckoutSessions.New(in)
	if err != nil {
		return payment.Session{}, classify("open checkout", err)
	}
	return session(s), nil
}

// Session fetches a hosted checkout with its payment intent, charge and fee, in one call.
func (g *Gateway) Session(ctx context.Context, account, id string) (payment.Session, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Session{}, err
	}
	in := &stripe.CheckoutSessionParams{Params: common}
	in.AddExpand("payment_intent.latest_charge.balance_transaction")
	s, err := g.api.CheckoutSessions.Get(id, in)
	if err != nil {
		return payment.Session{}, classify("fetch checkout", err)
	}
	return session(s), nil
}

// ExpireSession ends a hosted checkout so that it can no longer be paid. A session that is already over is refused with
// payment.ErrRefused: fetch it to see how it ended.
func (g *Gateway) ExpireSession(ctx context.Context, account, id string) error {
	common, err := g.params(ctx, account, "cs-expire:"+id)
	if err != nil {
		return err
	}
	_, err = g.api.CheckoutSessions.Expire(id, &stripe.CheckoutSessionExpireParams{Params: common})
	return classify("expire checkout", err)
}

// Intent fetches a payment intent with its latest charge and fee.
func (g *Gateway) Intent(ctx context.Context, account, id string) (payment.Intent, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Intent{}, err
	}
	in := &stripe.PaymentIntentParams{Params: common}
	in.AddExpand("latest_charge.balance_transaction")
	pi, err := g.api.PaymentIntents.Get(id, in)
	if err != nil {
		return payment.Intent{}, classify("fetch payment intent", err)
	}
	return *intent(pi), nil
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

func session(s *stripe.CheckoutSession) payment.Session {
	return payment.Session{
		ID: s.ID, URL: s.URL, Status: payment.SessionStatus(s.Status), Donation: s.ClientReferenceID, Metadata: s.Metadata,
		Paid: s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid, ExpiresAt: unix(s.ExpiresAt), Intent: intent(s.PaymentIntent),
	}
}

func intent(pi *stripe.PaymentIntent) *payment.Intent {
	if pi == nil {
		return nil
	}
	out := &payment.Intent{ID: pi.ID, Status: string(pi.Status), Metadata: pi.Metadata, Charge: charge(pi.LatestCharge)}
	if e := pi.LastPaymentError; e != nil {
		out.DeclineCode = string(e.DeclineCode)
		if out.DeclineCode == "" {
			out.DeclineCode = string(e.Code)
		}
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
