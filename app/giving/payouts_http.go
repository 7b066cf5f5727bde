package giving

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/payment"
)

func (s *Service) payoutRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-payouts", Method: http.MethodGet, Path: "/payouts", Summary: "Payouts of Stripe, newest first", Tag: "Ledger", Permission: account.LedgerRead,
	}, s.listPayouts)
	web.Handle(api, web.Op{
		ID: "match-payout", Method: http.MethodPost, Path: "/payouts/{id}/bank-match", Summary: "Record that a payout is on the bank statement", Tag: "Ledger",
		Permission: account.LedgerReconcile,
	}, s.matchPayout)
}

type payoutView struct {
	ID            string               `json:"id"`
	Amount        web.Money            `json:"amount"`
	Status        payment.PayoutStatus `json:"status"`
	ArrivalOn     day.Day              `json:"arrival_on" format:"date"`
	CreatedAt     time.Time            `json:"created_at"`
	BankMatchedAt *time.Time           `json:"bank_matched_at" nullable:"true"`
}

type listPayoutsOutput struct{ Body web.PageOf[payoutView] }

func (s *Service) listPayouts(ctx context.Context, in *struct{ web.PageInput }) (*listPayoutsOutput, error) {
	stripeID := func(text string) (string, error) { return text, nil }
	before, beforeID, err := web.DecodeTimeCursor(in.Cursor, stripeID)
	if err != nil {
		return nil, err
	}
	payouts, err := s.ListPayouts(ctx, before, beforeID, in.Limit+1)
	if err != nil {
		return nil, err
	}
	payouts, more := web.Cut(payouts, in.Limit)
	return &listPayoutsOutput{web.PageBy(payouts, more, payoutOf, func(p payment.Payout) string { return web.EncodeTimeCursor(p.CreatedAt, p.PayoutID) })}, nil
}

func payoutOf(p payment.Payout) payoutView {
	return payoutView{ID: p.PayoutID, Amount: p.Amount, Status: p.Status, ArrivalOn: p.ArrivalOn, CreatedAt: p.CreatedAt, BankMatchedAt: p.BankMatchedAt}
}

func (s *Service) matchPayout(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*web.Empty, error) {
	return nil, s.MatchPayout(ctx, in.ID)
}
