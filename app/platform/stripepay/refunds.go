package stripepay

import (
	"context"

	"github.com/stripe/stripe-go/v76"

	"tributary/domain/money"
	"tributary/domain/payment"
)

// CreateRefund gives money of a charge back. The same key and parameters give the same refund.
func (g *Gateway) CreateRefund(ctx context.Context, account, key string, p payment.RefundParams) (payment.RefundFact, error) {
	common, err := g.params(ctx, account, key)
	if err != nil {
		return payment.RefundFact{}, err
	}
	in := &stripe.RefundParams{Params: common, Charge: stripe.String(p.ChargeID), Amount: stripe.Int64(p.Amount), Metadata: p.Metadata}
	if p.Reason != "" {
		in.Reason = stripe.String(p.Reason)
	}
	in.AddExpand("balance_transaction")
	r, err := g.api.Refunds.New(in)
	if err != nil {
		return payment.RefundFact{}, classify("create refund", err)
	}
	return refund(r), nil
}

// RefundsOf lists every refund of a charge, also those made in Stripe's dashboard: a charge no longer carries the list itself.
func (g *Gateway) RefundsOf(ctx context.Context, account, chargeID string) ([]payment.RefundFact, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return nil, err
	}
	in := &stripe.RefundListParams{Charge: stripe.String(chargeID)}
	in.Context, in.StripeAccount = common.Context, common.StripeAccount
	in.Limit = stripe.Int64(100)
	in.AddExpand("data.balance_transaction")
	in.AddExpand("data.failure_balance_transaction")
	var out []payment.RefundFact
	it := g.api.Refunds.List(in)
	for it.Next() {
		out = append(out, refund(it.Refund()))
	}
	return out, classify("list refunds", it.Err())
}

// Refund fetches one refund.
func (g *Gateway) Refund(ctx context.Context, account, id string) (payment.RefundFact, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.RefundFact{}, err
	}
	r, err := g.api.Refunds.Get(id, &stripe.RefundParams{Params: common})
	if err != nil {
		return payment.RefundFact{}, classify("fetch refund", err)
	}
	return refund(r), nil
}

// Payout fetches a payout.
func (g *Gateway) Payout(ctx context.Context, account, id string) (payment.PayoutFact, error) {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return payment.PayoutFact{}, err
	}
	p, err := g.api.Payouts.Get(id, &stripe.PayoutParams{Params: common})
	if err != nil {
		return payment.PayoutFact{}, classify("fetch payout", err)
	}
	out := payment.PayoutFact{
		ID: p.ID, Amount: money.New(p.Amount, currency(p.Currency)), Status: string(p.Status), ArrivalAt: unix(p.ArrivalDate), CreatedAt: unix(p.Created),
	}
	if p.BalanceTransaction != nil {
		out.BalanceID = p.BalanceTransaction.ID
	}
	return out, nil
}

func refund(r *stripe.Refund) payment.RefundFact {
	out := payment.RefundFact{
		ID: r.ID, Amount: money.New(r.Amount, currency(r.Currency)), Status: payment.RefundStatus(r.Status), FailureReason: string(r.FailureReason),
		Metadata: r.Metadata, CreatedAt: unix(r.Created), Balance: balance(r.BalanceTransaction), FailureBalance: balance(r.FailureBalanceTransaction),
	}
	if r.Charge != nil {
		out.ChargeID = r.Charge.ID
	}
	return out
}
