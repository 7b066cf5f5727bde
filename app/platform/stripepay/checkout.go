package stripepay

import (
	"context"
	"errors"
	"strings"

	"github.com/stripe/stripe-go/v76"

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
		SuccessURL:        stripe.String(p.SuccessURL),
		CancelURL:         stripe.String(p.CancelURL),
		ExpiresAt:         stripe.Int64(p.ExpiresAt),
		Metadata:          p.Metadata,
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{Metadata: p.Metadata},
	}
	payer(in, p.CustomerID, p.CustomerEmail)
	if p.SaveCard {
		in.PaymentMethodTypes = stripe.StringSlice([]string{cardType}) // what is kept must be chargeable later, at once and without a mandate
		in.PaymentIntentData.SetupFutureUsage = stripe.String(string(stripe.PaymentIntentSetupFutureUsageOffSession))
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

// cardType is Stripe's word for cards, wallets that hold one included.
const cardType = "card"

// payer names who pays: a customer whom Stripe knows, with the address it has of him, or a new one.
func payer(in *stripe.CheckoutSessionParams, customerID, email string) {
	if customerID != "" {
		in.Customer = stripe.String(customerID)
		return
	}
	in.CustomerCreation = stripe.String(string(stripe.CheckoutSessionCustomerCreationAlways))
	if email != "" {
		in.CustomerEmail = stripe.String(email)
	}
}

// wholeSession is what is fetched with a session, in the same call.
var wholeSession = []*string{
	stripe.String("payment_intent.latest_charge.balance_transaction"), stripe.String("payment_intent.payment_method"),
	stripe.String("setup_intent.payment_method"),
}

// Session fetches a hosted checkout with its payment intent, charge, fee and the card it kept, in one call.
func (g *Gateway) Session(ctx context.Context, account, id string) (payment.Session, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Session{}, err
	}
	s, err := g.api.CheckoutSessions.Get(id, &stripe.CheckoutSessionParams{Params: common, Expand: wholeSession})
	if err != nil {
		return payment.Session{}, classify("fetch checkout", err)
	}
	return session(s), nil
}

// ExpireCheckout ends a hosted checkout, so that it can no longer be paid, and returns how it stands: one that is already over stays as it
// ended, so look at Paid. Expiring twice is harmless, so it carries no key: a kept answer would outlive the state that it tells.
func (g *Gateway) ExpireCheckout(ctx context.Context, account, id string) (payment.Session, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.Session{}, err
	}
	s, err := g.api.CheckoutSessions.Expire(id, &stripe.CheckoutSessionExpireParams{Params: common, Expand: wholeSession})
	switch err := classify("expire checkout", err); {
	case errors.Is(err, payment.ErrRefused):
		return g.Session(ctx, account, id)
	case err != nil:
		return payment.Session{}, err
	}
	return session(s), nil
}

func session(s *stripe.CheckoutSession) payment.Session {
	return payment.Session{
		ID: s.ID, URL: s.URL, Status: payment.SessionStatus(s.Status), Donation: s.ClientReferenceID, Metadata: s.Metadata,
		Paid: s.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid, ExpiresAt: unix(s.ExpiresAt), Intent: intent(s.PaymentIntent),
		Setup: setup(s.SetupIntent),
	}
}
