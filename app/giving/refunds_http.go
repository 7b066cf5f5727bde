package giving

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/payment"
)

func (s *Service) refundRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "refund-donation", Method: http.MethodPost, Path: "/donations/{id}/refunds", Summary: "Give money of a gift back", Tag: "Donations",
		Permission: account.DonationsRefund, Status: http.StatusCreated, Idempotent: true,
	}, s.refundDonation)
}

type refundInput struct {
	ByID
	Body struct {
		Amount web.Money             `json:"amount" doc:"Cover included; at most what is left."`
		Reason donation.RefundReason `json:"reason" enum:"requested_by_donor,duplicate,fraudulent,mistake,other"`
		Note   string                `json:"note,omitempty" maxLength:"2000"`
	}
}

type refundView struct {
	ID             string                `json:"id"`
	Amount         web.Money             `json:"amount"`
	Status         payment.RefundStatus  `json:"status"`
	Reason         donation.RefundReason `json:"reason"`
	Note           string                `json:"note"`
	StripeRefundID string                `json:"stripe_refund_id"`
	FailureReason  string                `json:"failure_reason"`
	RequestedAt    time.Time             `json:"requested_at"`
	RefundedAt     *time.Time            `json:"refunded_at" nullable:"true"`
}

type refundOutput struct{ Body refundView }

func (s *Service) refundDonation(ctx context.Context, in *refundInput) (*refundOutput, error) {
	donationID, err := in.donation()
	if err != nil {
		return nil, err
	}
	caller := web.CallerOf(ctx)
	r, err := s.Refund(ctx, donationID, donation.RefundRequest{
		Amount: in.Body.Amount, Reason: in.Body.Reason, Note: in.Body.Note, Request: donation.RequestOf(caller.IdempotencyKey, caller.IdempotencyHash),
	})
	if err != nil {
		return nil, err
	}
	return &refundOutput{Body: refundOf(r)}, nil
}

func refundOf(r donation.Refund) refundView {
	v := refundView{
		ID: r.ID.String(), Amount: r.Amount, Status: r.Status, Reason: r.Reason, Note: r.Note, FailureReason: r.FailureReason, RequestedAt: r.RequestedAt, RefundedAt: r.RefundedAt,
	}
	if r.StripeRefundID != nil {
		v.StripeRefundID = *r.StripeRefundID
	}
	return v
}

func viewOfPayment(p Payment) paymentView {
	v := paymentView{
		ChargeID: p.ChargeID, PaymentIntentID: p.PaymentIntentID, Status: p.Status, Amount: p.Amount, Brand: p.Brand, Last4: p.Last4, FailureCode: p.FailureCode, ChargedAt: p.ChargedAt,
	}
	if p.BalanceTransactionID != nil {
		fee, net := money.New(*p.FeeMinor, *p.BalanceCurrency), money.New(*p.NetMinor, *p.BalanceCurrency)
		v.BalanceTransactionID, v.Fee, v.Net = *p.BalanceTransactionID, &fee, &net
	}
	return v
}
