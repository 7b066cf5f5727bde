// Package ledger holds the rules of double-entry bookkeeping: which accounts there are, and that a transaction which does not balance
// cannot be made. Positive amounts are debits, negative ones credits.
package ledger

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/money"
)

// Account names one account of an organization's books; each is kept per currency.
type Account string

// The accounts. The database lists the same ones.
const (
	StripeClearing Account = "stripe_clearing" // what Stripe holds for us
	Income         Account = "income"          // gifts, by cause, fund and campaign
	FeeCover       Account = "fee_cover"       // what donors add for the fee, until the fee is known
	ProcessingFees Account = "processing_fees" // what Stripe took
	FeeVariance    Account = "fee_variance"    // cover less true fee
	RefundsPayable Account = "refunds_payable" // promised back, not yet taken from our Stripe balance
	CashInTransit  Account = "cash_in_transit" // paid out by Stripe, not yet seen at the bank
	Bank           Account = "bank"            //
	BankFees       Account = "bank_fees"       //
	ChequesOnHand  Account = "cheques_on_hand" // received, not yet deposited
	CashOnHand     Account = "cash_on_hand"    // received, not yet deposited
	Suspense       Account = "suspense"        // money we cannot explain yet
	// The accounts of pledges, used only by an organization that books them. What a pledge promises is pledged income until it is paid;
	// the payment itself is income like any gift, so that totals of money received never contain a promise.
	PledgeReceivable Account = "pledge_receivable"
	PledgedIncome    Account = "pledged_income"
	BadDebt          Account = "bad_debt" // pledges written off
)

// Accounts lists every account in the order of a trial balance.
var Accounts = []Account{
	StripeClearing, CashInTransit, Bank, ChequesOnHand, CashOnHand, PledgeReceivable, RefundsPayable, Suspense, Income, PledgedIncome, FeeCover,
	ProcessingFees, FeeVariance, BankFees, BadDebt,
}

// Kind says which business event a transaction books; with its source it is booked at most once. Kinds are append-only.
type Kind string

// The kinds, with the row of PAYMENTS "Ledger" they follow and what their source is.
const (
	GiftReceived     Kind = "gift_received"     // 1a, 2a: charge
	FeeKnown         Kind = "fee_known"         // 1b, 2b, 2c: balance transaction
	RefundCreated    Kind = "refund_created"    // 3a, 4: refund
	RefundSettled    Kind = "refund_settled"    // 3b: balance transaction
	RefundFailed     Kind = "refund_failed"     // 3c: refund
	PayoutSent       Kind = "payout_sent"       // 6a: payout
	PayoutArrived    Kind = "payout_arrived"    // 6b: payout
	PayoutFailed     Kind = "payout_failed"     // 6c: payout
	OfflineReceived  Kind = "offline_received"  // 10a and its like for cash and transfers: donation
	OfflineDeposited Kind = "offline_deposited" // 10b: donation
	ChequeBounced    Kind = "cheque_bounced"    // 10c: donation
	OfflineRefunded  Kind = "offline_refunded"  // money given back by hand: refund
	UnknownMoney     Kind = "unknown_money"     // 15: charge or balance transaction
	UnknownReturned  Kind = "unknown_returned"  // unknown money refunded: refund
	PledgeMade       Kind = "pledge_made"       // the rows of pledges: the promise and its version
	PledgePaid       Kind = "pledge_paid"
	PledgeReopened   Kind = "pledge_reopened"    // its payment was given back
	PledgeReduced    Kind = "pledge_reduced"     // waived or cancelled
	PledgeWrittenOff Kind = "pledge_written_off" // 14
)

// Faults of bookkeeping; both mean a defect of ours, so no person sees them.
var (
	ErrUnbalanced = fault.New(fault.KindConflict, "ledger.unbalanced", "These entries do not balance.")
	ErrIncomplete = fault.New(fault.KindConflict, "ledger.incomplete", "A ledger transaction needs a source and two entries.")
)

// Dimension says what the money of an entry belongs to. Zero ids mean none.
type Dimension struct {
	CauseID, FundID, CampaignID uuid.UUID
}

// Entry is one line of a transaction.
type Entry struct {
	Account   Account
	Dimension Dimension
	Amount    money.Money // positive debit, negative credit
}

// Debit makes a line on the left.
func Debit(a Account, m money.Money) Entry { return Entry{Account: a, Amount: m} }

// Credit makes a line on the right.
func Credit(a Account, m money.Money) Entry { return Entry{Account: a, Amount: m.Neg()} }

// For gives the line its dimension.
func (e Entry) For(d Dimension) Entry { e.Dimension = d; return e }

// Source is the fact a transaction books, such as {"stripe_charge", "ch_…"}.
type Source struct{ Type, ID string }

// Event says what happened, when, and to which donation (zero for none).
type Event struct {
	Kind       Kind
	Source     Source
	DonationID uuid.UUID
	OccurredAt time.Time
	Memo       string
}

// Transaction is a balanced set of entries for one event. It can only be made by New.
type Transaction struct {
	event   Event
	entries []Entry
}

// New makes a transaction. Lines of zero are left out. It returns ErrUnbalanced unless debits equal credits in each currency, and
// ErrIncomplete without a source or with fewer than two lines.
func New(e Event, lines ...Entry) (Transaction, error) {
	sums := map[string]int64{}
	entries := make([]Entry, 0, len(lines))
	for _, l := range lines {
		if l.Amount.IsZero() {
			continue
		}
		sums[l.Amount.Currency] += l.Amount.Minor
		entries = append(entries, l)
	}
	if e.Kind == "" || e.Source.Type == "" || e.Source.ID == "" || e.OccurredAt.IsZero() || len(entries) < 2 {
		return Transaction{}, fmt.Errorf("%s of %s %s: %w", e.Kind, e.Source.Type, e.Source.ID, ErrIncomplete)
	}
	for currency, sum := range sums {
		if sum != 0 {
			return Transaction{}, fmt.Errorf("%s of %s %s: off by %d %s: %w", e.Kind, e.Source.Type, e.Source.ID, sum, currency, ErrUnbalanced)
		}
	}
	return Transaction{event: e, entries: entries}, nil
}

// Event is what the transaction books.
func (t Transaction) Event() Event { return t.event }

// Entries are the lines, in the order given.
func (t Transaction) Entries() []Entry { return append([]Entry(nil), t.entries...) }
