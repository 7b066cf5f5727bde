package ledger

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/domain/money"
)

// Gift is what the postings need to know of a donation.
type Gift struct {
	DonationID uuid.UUID
	Dimension  Dimension
	Amount     money.Money // the gift itself
	Cover      money.Money // what the donor added for the fee; may be zero
}

// CardGift books a succeeded charge (rows 1a and 2a): Stripe holds the money, the cause has income, the cover waits for its fee.
func CardGift(g Gift, chargeID string, at time.Time) (Transaction, error) {
	total, err := g.Amount.Add(g.Cover)
	if err != nil {
		return Transaction{}, err
	}
	return New(Event{Kind: GiftReceived, Source: Source{"stripe_charge", chargeID}, DonationID: g.DonationID, OccurredAt: at},
		Debit(StripeClearing, total), Credit(Income, g.Amount).For(g.Dimension), Credit(FeeCover, g.Cover))
}

// CardFee books Stripe's true fee once its balance transaction is known (rows 1b, 2b) and closes the cover against it (2c); what is left
// goes to the variance, never back to the donor's card. A fee in another currency than the gift's leaves the cover open.
func CardFee(g Gift, balanceTransactionID string, fee money.Money, at time.Time) (Transaction, error) {
	lines := []Entry{Debit(ProcessingFees, fee).For(g.Dimension), Credit(StripeClearing, fee)}
	if !g.Cover.IsZero() && g.Cover.Currency == fee.Currency {
		variance := money.New(g.Cover.Minor-fee.Minor, fee.Currency)
		lines = append(lines, Debit(FeeCover, g.Cover), Credit(ProcessingFees, fee).For(g.Dimension), Credit(FeeVariance, variance))
	}
	return New(Event{Kind: FeeKnown, Source: Source{"stripe_balance_transaction", balanceTransactionID}, DonationID: g.DonationID, OccurredAt: at}, lines...)
}

// Returned is money going back to a donor: the part of the gift and the part of the cover.
type Returned struct {
	Gift
	RefundID string // Stripe's for a card refund, ours for one by hand
	Part     money.Money
	Cover    money.Money
	At       time.Time
}

func (r Returned) total() money.Money { return money.New(r.Part.Minor+r.Cover.Minor, r.Part.Currency) }

func (r Returned) event(k Kind, source string) Event {
	return Event{Kind: k, Source: Source{source, r.RefundID}, DonationID: r.DonationID, OccurredAt: r.At}
}

// CardRefund books a refund as soon as Stripe accepted it (rows 3a and 4).
func CardRefund(r Returned) (Transaction, error) {
	return New(r.event(RefundCreated, "stripe_refund"),
		Debit(Income, r.Part).For(r.Dimension), Debit(FeeCover, r.Cover), Credit(RefundsPayable, r.total()))
}

// CardRefundSettled books the refund leaving our Stripe balance (row 3b).
func CardRefundSettled(r Returned, balanceTransactionID string) (Transaction, error) {
	return New(Event{Kind: RefundSettled, Source: Source{"stripe_balance_transaction", balanceTransactionID}, DonationID: r.DonationID, OccurredAt: r.At},
		Debit(RefundsPayable, r.total()), Credit(StripeClearing, r.total()))
}

// CardRefundFailed takes a refund back that did not reach the donor (row 3c): out of Stripe clearing when it had left it, else out of what
// was payable.
func CardRefundFailed(r Returned, settled bool) (Transaction, error) {
	from := RefundsPayable
	if settled {
		from = StripeClearing
	}
	return New(r.event(RefundFailed, "stripe_refund"),
		Debit(from, r.total()), Credit(Income, r.Part).For(r.Dimension), Credit(FeeCover, r.Cover))
}

// Strange is money whose amount, currency or account is not what we asked for (row 15): it stays in suspense until a person decides.
func Strange(donationID uuid.UUID, chargeID string, amount money.Money, at time.Time) (Transaction, error) {
	return New(Event{Kind: UnknownMoney, Source: Source{"stripe_charge", chargeID}, DonationID: donationID, OccurredAt: at},
		Debit(StripeClearing, amount), Credit(Suspense, amount))
}

// StrangeMovement is a change of our Stripe balance without a source we know (row 15). Its amount may be negative.
func StrangeMovement(balanceTransactionID string, net money.Money, at time.Time) (Transaction, error) {
	return New(Event{Kind: UnknownMoney, Source: Source{"stripe_balance_transaction", balanceTransactionID}, OccurredAt: at},
		Debit(StripeClearing, net), Credit(Suspense, net))
}

// StrangeReturned books the refund of money that was in suspense.
func StrangeReturned(r Returned) (Transaction, error) {
	return New(r.event(UnknownReturned, "stripe_refund"), Debit(Suspense, r.total()), Credit(RefundsPayable, r.total()))
}

// StrangeReturnFailed takes the refund of money in suspense back that did not reach the donor; settled as in CardRefundFailed.
func StrangeReturnFailed(r Returned, settled bool) (Transaction, error) {
	from := RefundsPayable
	if settled {
		from = StripeClearing
	}
	return New(r.event(RefundFailed, "stripe_refund"), Debit(from, r.total()), Credit(Suspense, r.total()))
}

// Payout is a transfer from the Stripe balance to the bank.
type Payout struct {
	ID     string
	Amount money.Money
	At     time.Time
}

func (p Payout) event(k Kind) Event {
	return Event{Kind: k, Source: Source{"stripe_payout", p.ID}, OccurredAt: p.At}
}

// PayoutLeft books a payout on its way (row 6a).
func PayoutLeft(p Payout) (Transaction, error) {
	return New(p.event(PayoutSent), Debit(CashInTransit, p.Amount), Credit(StripeClearing, p.Amount))
}

// PayoutMatched books a payout found on the bank statement (row 6b).
func PayoutMatched(p Payout) (Transaction, error) {
	return New(p.event(PayoutArrived), Debit(Bank, p.Amount), Credit(CashInTransit, p.Amount))
}

// PayoutReturned books a payout that the bank refused, even after it was reported as paid (row 6c); matched: it had been found on the bank
// statement already, so it is the bank that gives it back.
func PayoutReturned(p Payout, matched bool) (Transaction, error) {
	from := CashInTransit
	if matched {
		from = Bank
	}
	return New(p.event(PayoutFailed), Debit(StripeClearing, p.Amount), Credit(from, p.Amount))
}

// OfflineGift books a gift that came to hand (row 10a): into is ChequesOnHand, CashOnHand or Bank.
func OfflineGift(g Gift, into Account, at time.Time) (Transaction, error) {
	return New(Event{Kind: OfflineReceived, Source: Source{"donation", g.DonationID.String()}, DonationID: g.DonationID, OccurredAt: at},
		Debit(into, g.Amount), Credit(Income, g.Amount).For(g.Dimension))
}

// Deposited books a cheque or cash taken to the bank (row 10b).
func Deposited(g Gift, from Account, at time.Time) (Transaction, error) {
	return New(Event{Kind: OfflineDeposited, Source: Source{"donation", g.DonationID.String()}, DonationID: g.DonationID, OccurredAt: at},
		Debit(Bank, g.Amount), Credit(from, g.Amount))
}

// Bounced books a cheque the bank returned (row 10c): the income goes, out of where the cheque was, with the bank's own fee.
func Bounced(g Gift, from Account, bankFee money.Money, at time.Time) (Transaction, error) {
	return New(Event{Kind: ChequeBounced, Source: Source{"donation", g.DonationID.String()}, DonationID: g.DonationID, OccurredAt: at},
		Debit(Income, g.Amount).For(g.Dimension), Credit(from, g.Amount), Debit(BankFees, bankFee), Credit(Bank, bankFee))
}

// OfflineReturn books money given back by hand out of the given account.
func OfflineReturn(r Returned, from Account) (Transaction, error) {
	return New(r.event(OfflineRefunded, "refund"), Debit(Income, r.Part).For(r.Dimension), Credit(from, r.total()))
}

// PledgeChange is a change of what an organization that books pledges may still expect of one of them.
type PledgeChange struct {
	PledgeID  uuid.UUID
	Version   int // of the pledge after the change: each is booked once
	Dimension Dimension
	Owed      money.Money // the change: positive for a promise or a payment given back, negative for what need not be expected any more
	At        time.Time
}

// Pledged books what an organization may newly expect, or no longer has to, against pledged income: a pledge made, a payment that came (which
// is income by its own posting), one that was given back, a part waived or cancelled.
func Pledged(k Kind, c PledgeChange) (Transaction, error) {
	return New(c.event(k), Debit(PledgeReceivable, c.Owed), Credit(PledgedIncome, c.Owed).For(c.Dimension))
}

// WrittenOff books what is given up of a pledge (row 14). Owed is negative.
func WrittenOff(c PledgeChange) (Transaction, error) {
	return New(c.event(PledgeWrittenOff), Debit(BadDebt, c.Owed.Neg()).For(c.Dimension), Credit(PledgeReceivable, c.Owed.Neg()))
}

func (c PledgeChange) event(k Kind) Event {
	return Event{Kind: k, Source: Source{"pledge", fmt.Sprintf("%s:%d", c.PledgeID, c.Version)}, OccurredAt: c.At}
}
