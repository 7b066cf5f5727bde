package bookkeeping

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/ledger"
	"tributary/domain/money"
)

// Routes registers the ledger's operations.
func (s *Service) Routes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "trial-balance", Method: http.MethodGet, Path: "/ledger/trial-balance", Summary: "Sum of every account", Tag: "Ledger", Permission: account.LedgerRead,
	}, s.showTrialBalance)
	web.Handle(api, web.Op{
		ID: "trial-balance-csv", Method: http.MethodGet, Path: "/ledger/trial-balance.csv", Summary: "Sum of every account, as CSV", Tag: "Ledger",
		Permission: account.LedgerRead, Produces: "text/csv",
	}, s.downloadTrialBalance)
	web.Handle(api, web.Op{
		ID: "list-ledger-transactions", Method: http.MethodGet, Path: "/ledger/transactions", Summary: "Booked transactions with their entries", Tag: "Ledger", Permission: account.LedgerRead,
	}, s.listTransactions)
}

type trialBalanceInput struct {
	AsOf day.Day `query:"as_of" format:"date" doc:"Up to the end of this day in the organization's zone; everything when absent."`
}

type balanceView struct {
	Account  ledger.Account `json:"account"`
	Label    string         `json:"label"`
	Currency string         `json:"currency"`
	Debit    web.Money      `json:"debit" doc:"Sum of the left side"`
	Credit   web.Money      `json:"credit" doc:"Sum of the right side"`
	Balance  web.Money      `json:"balance" doc:"Debit less credit"`
}

type sumView struct {
	Currency string    `json:"currency"`
	Debit    web.Money `json:"debit"`
	Credit   web.Money `json:"credit"`
}

type trialBalanceOutput struct {
	Body struct {
		Items  []balanceView `json:"items"`
		Totals []sumView     `json:"totals" doc:"Both sides of each currency: equal, always"`
	}
}

func (s *Service) showTrialBalance(ctx context.Context, in *trialBalanceInput) (*trialBalanceOutput, error) {
	balances, err := s.TrialBalance(ctx, actor.From(ctx).OrgID, in.AsOf)
	if err != nil {
		return nil, err
	}
	out := &trialBalanceOutput{}
	out.Body.Items = []balanceView{}
	out.Body.Totals = []sumView{}
	for _, b := range inOrder(balances) {
		out.Body.Items = append(out.Body.Items, balanceView{
			Account: b.Account, Label: label(b.Account), Currency: b.Currency, Debit: money.New(b.Debit, b.Currency),
			Credit: money.New(b.Credit, b.Currency), Balance: money.New(b.Debit-b.Credit, b.Currency),
		})
		i := slices.IndexFunc(out.Body.Totals, func(t sumView) bool { return t.Currency == b.Currency })
		if i < 0 {
			out.Body.Totals = append(out.Body.Totals, sumView{Currency: b.Currency, Debit: money.Zero(b.Currency), Credit: money.Zero(b.Currency)})
			i = len(out.Body.Totals) - 1
		}
		out.Body.Totals[i].Debit.Minor += b.Debit
		out.Body.Totals[i].Credit.Minor += b.Credit
	}
	return out, nil
}

func (s *Service) downloadTrialBalance(ctx context.Context, in *trialBalanceInput) (*web.Blob, error) {
	balances, err := s.TrialBalance(ctx, actor.From(ctx).OrgID, in.AsOf)
	if err != nil {
		return nil, err
	}
	name := "trial-balance.csv"
	if !in.AsOf.IsZero() {
		name = "trial-balance-" + in.AsOf.String() + ".csv"
	}
	return web.CSV(name, []string{"Account", "Name", "Currency", "Debit", "Credit", "Balance"}, rows(inOrder(balances))), nil
}

func rows(balances []Balance) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, b := range balances {
			row := []string{
				string(b.Account), label(b.Account), b.Currency, money.New(b.Debit, b.Currency).Decimal(),
				money.New(b.Credit, b.Currency).Decimal(), money.New(b.Debit-b.Credit, b.Currency).Decimal(),
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

type listTransactionsInput struct {
	web.PageInput
	DonationID string `query:"donation_id" format:"uuid" doc:"Only what was booked for this donation."`
}

type transactionView struct {
	ID         string      `json:"id"`
	Seq        int64       `json:"seq" doc:"Order of booking"`
	Kind       ledger.Kind `json:"kind"`
	SourceType string      `json:"source_type"`
	SourceID   string      `json:"source_id"`
	DonationID string      `json:"donation_id,omitempty"`
	Memo       string      `json:"memo"`
	OccurredAt time.Time   `json:"occurred_at"`
	PostedAt   time.Time   `json:"posted_at"`
	Entries    []entryView `json:"entries"`
}

type entryView struct {
	Account ledger.Account `json:"account"`
	Label   string         `json:"label"`
	CauseID string         `json:"cause_id,omitempty"`
	FundID  string         `json:"fund_id,omitempty"`
	Debit   *web.Money     `json:"debit,omitempty"`
	Credit  *web.Money     `json:"credit,omitempty"`
}

type listTransactionsOutput struct{ Body web.PageOf[transactionView] }

func (s *Service) listTransactions(ctx context.Context, in *listTransactionsInput) (*listTransactionsOutput, error) {
	f := Filter{Limit: in.Limit + 1}
	if in.DonationID != "" {
		u, err := uuid.Parse(in.DonationID)
		if err != nil {
			return nil, fault.Invalid("donation_id", "id.invalid", "This is not an id.")
		}
		f.DonationID = u
	}
	parts, err := web.DecodeCursor(in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	if parts != nil {
		if f.BeforeSeq, err = strconv.ParseInt(parts[0], 10, 64); err != nil {
			return nil, web.ErrCursor
		}
	}
	posted, err := s.List(ctx, actor.From(ctx).OrgID, f)
	if err != nil {
		return nil, err
	}
	posted, more := web.Cut(posted, in.Limit)
	return &listTransactionsOutput{web.PageBy(posted, more, viewOf, func(p Posted) string { return web.EncodeCursor(strconv.FormatInt(p.Seq, 10)) })}, nil
}

func viewOf(p Posted) transactionView {
	v := transactionView{
		ID: p.ID.String(), Seq: p.Seq, Kind: p.Kind, SourceType: p.SourceType, SourceID: p.SourceID, DonationID: web.IDText(p.DonationID), Memo: p.Memo,
		OccurredAt: p.OccurredAt, PostedAt: p.PostedAt, Entries: make([]entryView, len(p.Entries)),
	}
	for i, e := range p.Entries {
		v.Entries[i] = entryView{Account: e.Account, Label: label(e.Account), CauseID: web.IDText(e.CauseID), FundID: web.IDText(e.FundID)}
		amount := money.New(e.AmountMinor, e.Currency)
		if e.AmountMinor > 0 {
			v.Entries[i].Debit = &amount
		} else {
			amount = amount.Neg()
			v.Entries[i].Credit = &amount
		}
	}
	return v
}

// inOrder sorts as a trial balance is read: by currency, then assets before income before costs.
func inOrder(balances []Balance) []Balance {
	slices.SortFunc(balances, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(slices.Index(ledger.Accounts, a.Account), slices.Index(ledger.Accounts, b.Account)))
	})
	return balances
}

// labels are the accounts' names in plain words.
var labels = map[ledger.Account]string{
	ledger.StripeClearing: "Held by Stripe", ledger.CashInTransit: "On its way to the bank", ledger.Bank: "Bank", ledger.ChequesOnHand: "Cheques on hand",
	ledger.CashOnHand: "Cash on hand", ledger.RefundsPayable: "Refunds on their way", ledger.Suspense: "Unexplained money", ledger.Income: "Gifts",
	ledger.FeeCover: "Fee cover from donors", ledger.ProcessingFees: "Processing fees", ledger.FeeVariance: "Fee cover above or below the true fee",
	ledger.BankFees: "Bank fees", ledger.PledgeReceivable: "Pledges receivable", ledger.PledgedIncome: "Pledged income", ledger.BadDebt: "Pledges written off",
}

func label(a ledger.Account) string { return labels[a] }
