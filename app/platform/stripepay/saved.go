package stripepay

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"tributary/domain/payment"
)

// CreateSetup opens a hosted page on which a card is saved and nothing is paid. The same key and parameters give the same page. Only cards are
// offered, so no currency is sent: Stripe asks for one to choose among other methods.
func (g *Gateway) CreateSetup(ctx context.Context, account, key string, p payment.SetupParams) (payment.Session, error) {
	common, err := g.params(ctx, account, key)
	if err != nil {
		return payment.Session{}, err
	}
	in := &stripe.CheckoutSessionParams{
		Params:             common,
		Mode:               stripe.String(string(stripe.CheckoutSessionModeSetup)),
		PaymentMethodTypes: stripe.StringSlice([]string{cardType}),
		SuccessURL:         stripe.String(p.SuccessURL),
		CancelURL:          stripe.String(p.CancelURL),
		ExpiresAt:          stripe.Int64(p.ExpiresAt),
		Metadata:           p.Metadata,
		SetupIntentData:    &stripe.CheckoutSessionSetupIntentDataParams{Metadata: p.Metadata},
	}
	payer(in, p.CustomerID, p.CustomerEmail)
	in.AddExpand("setup_intent")
	s, err := g.api.CheckoutSessions.New(in)
	if err != nil {
		return payment.Session{}, classify("open setup", err)
	}
	return session(s), nil
}

// SavedMethod fetches a saved card. One that its customer or his bank has taken back is Detached.
func (g *Gateway) SavedMethod(ctx context.Context, account, id string) (payment.SavedMethod, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.SavedMethod{}, err
	}
	pm, err := g.api.PaymentMethods.Get(id, &stripe.PaymentMethodParams{Params: common})
	if err != nil {
		return payment.SavedMethod{}, classify("fetch payment method", err)
	}
	return savedMethod(pm), nil
}

// kept is the card that an intent was paid with, when its payer agreed to later charges.
func kept(pi *stripe.PaymentIntent) *payment.SavedMethod {
	agreed := pi.Status == stripe.PaymentIntentStatusSucceeded && pi.SetupFutureUsage == stripe.PaymentIntentSetupFutureUsageOffSession
	if !agreed || pi.Customer == nil || pi.PaymentMethod == nil || pi.PaymentMethod.Card == nil { // an unexpanded reference holds an id only
		return nil
	}
	return belongingTo(pi.Customer, pi.PaymentMethod)
}

// belongingTo tells the saved card with the customer it was saved for, also when it has been detached since.
func belongingTo(customer *stripe.Customer, pm *stripe.PaymentMethod) *payment.SavedMethod {
	m := savedMethod(pm)
	if m.CustomerID == "" {
		m.CustomerID = customer.ID
	}
	return &m
}

func setup(si *stripe.SetupIntent) *payment.Setup {
	if si == nil {
		return nil
	}
	out := &payment.Setup{ID: si.ID, Status: string(si.Status)}
	if si.Status == stripe.SetupIntentStatusSucceeded && si.Customer != nil && si.PaymentMethod != nil && si.PaymentMethod.Card != nil {
		out.Method = belongingTo(si.Customer, si.PaymentMethod)
	}
	return out
}

func savedMethod(pm *stripe.PaymentMethod) payment.SavedMethod {
	out := payment.SavedMethod{ID: pm.ID, Detached: pm.Customer == nil}
	if pm.Customer != nil {
		out.CustomerID = pm.Customer.ID
	}
	if c := pm.Card; c != nil {
		out.Brand, out.Last4, out.ExpMonth, out.ExpYear = string(c.Brand), c.Last4, int(c.ExpMonth), int(c.ExpYear)
	}
	return out
}
