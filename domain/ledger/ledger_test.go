package ledger_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/ledger"
	"tributary/domain/money"
)

var at = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func gift(amount, cover int64) ledger.Gift {
	return ledger.Gift{DonationID: uuid.New(), Amount: usd(amount), Cover: usd(cover)}
}

// sums are the entries of transactions by account.
func sums(t require.TestingT, made ...any) map[ledger.Account]int64 {
	out := map[ledger.Account]int64{}
	for i := 0; i < len(made); i += 2 {
		require.Nil(t, made[i+1])
		for _, e := range made[i].(ledger.Transaction).Entries() { //nolint:forcetypeassert // a test's own arguments
			out[e.Account] += e.Amount.Minor
			if out[e.Account] == 0 {
				delete(out, e.Account)
			}
		}
	}
	return out
}

func pair(t ledger.Transaction, err error) []any { return []any{t, err} }

func TestAnUnbalancedTransactionCannotBeMade(t *testing.T) {
	t.Parallel()
	event := ledger.Event{Kind: ledger.GiftReceived, Source: ledger.Source{Type: "x", ID: "1"}, OccurredAt: at}
	_, err := ledger.New(event, ledger.Debit(ledger.Bank, usd(100)), ledger.Credit(ledger.Income, usd(99)))
	require.ErrorIs(t, err, ledger.ErrUnbalanced)
	_, err = ledger.New(event, ledger.Debit(ledger.Bank, usd(100)), ledger.Credit(ledger.Income, money.New(100, "EUR")))
	require.ErrorIs(t, err, ledger.ErrUnbalanced, "each currency balances by itself")
	_, err = ledger.New(event)
	require.ErrorIs(t, err, ledger.ErrIncomplete)
	event.Source.ID = ""
	_, err = ledger.New(event, ledger.Debit(ledger.Bank, usd(1)), ledger.Credit(ledger.Income, usd(1)))
	require.ErrorIs(t, err, ledger.ErrIncomplete, "what has no source could be booked twice")
}

// The figures are those of the postings table: gift 100.00, cover 3.30, fee 3.20 or 3.30.
func TestPostingsFollowTheTable(t *testing.T) {
	t.Parallel()
	plain, covered := gift(10_000, 0), gift(10_000, 330)
	back := ledger.Returned{Gift: plain, RefundID: "re_1", Part: usd(10_000), Cover: usd(0), At: at}
	partial := ledger.Returned{Gift: covered, RefundID: "re_2", Part: usd(3872), Cover: usd(128), At: at}
	payout := ledger.Payout{ID: "po_1", Amount: usd(9680), At: at}
	for _, tc := range []struct {
		row  string
		made []any
		want map[ledger.Account]int64
	}{
		{"1a", pair(ledger.CardGift(plain, "ch_1", at)), map[ledger.Account]int64{"stripe_clearing": 10_000, "income": -10_000}},
		{"1b", pair(ledger.CardFee(plain, "txn_1", usd(320), at)), map[ledger.Account]int64{"processing_fees": 320, "stripe_clearing": -320}},
		{"2a", pair(ledger.CardGift(covered, "ch_1", at)), map[ledger.Account]int64{"stripe_clearing": 10_330, "income": -10_000, "fee_cover": -330}},
		{"2b 2c", pair(ledger.CardFee(covered, "txn_1", usd(330), at)), map[ledger.Account]int64{"stripe_clearing": -330, "fee_cover": 330}},
		{"2c, fee below the cover", pair(ledger.CardFee(covered, "txn_1", usd(320), at)), map[ledger.Account]int64{"stripe_clearing": -320, "fee_cover": 330, "fee_variance": -10}},
		{"2c, fee above the cover", pair(ledger.CardFee(covered, "txn_1", usd(350), at)), map[ledger.Account]int64{"stripe_clearing": -350, "fee_cover": 330, "fee_variance": 20}},
		{"3a", pair(ledger.CardRefund(back)), map[ledger.Account]int64{"income": 10_000, "refunds_payable": -10_000}},
		{"3b", pair(ledger.CardRefundSettled(back, "txn_2")), map[ledger.Account]int64{"refunds_payable": 10_000, "stripe_clearing": -10_000}},
		{"3c after it had left", pair(ledger.CardRefundFailed(back, true)), map[ledger.Account]int64{"stripe_clearing": 10_000, "income": -10_000}},
		{"3c before it left", pair(ledger.CardRefundFailed(back, false)), map[ledger.Account]int64{"refunds_payable": 10_000, "income": -10_000}},
		{"4", pair(ledger.CardRefund(partial)), map[ledger.Account]int64{"income": 3872, "fee_cover": 128, "refunds_payable": -4000}},
		{"6a", pair(ledger.PayoutLeft(payout)), map[ledger.Account]int64{"cash_in_transit": 9680, "stripe_clearing": -9680}},
		{"6b", pair(ledger.PayoutMatched(payout)), map[ledger.Account]int64{"bank": 9680, "cash_in_transit": -9680}},
		{"6c", pair(ledger.PayoutReturned(payout, false)), map[ledger.Account]int64{"stripe_clearing": 9680, "cash_in_transit": -9680}},
		{"6c after it was matched", pair(ledger.PayoutReturned(payout, true)), map[ledger.Account]int64{"stripe_clearing": 9680, "bank": -9680}},
		{"10a", pair(ledger.OfflineGift(plain, ledger.ChequesOnHand, at)), map[ledger.Account]int64{"cheques_on_hand": 10_000, "income": -10_000}},
		{"10b", pair(ledger.Deposited(plain, ledger.ChequesOnHand, at)), map[ledger.Account]int64{"bank": 10_000, "cheques_on_hand": -10_000}},
		{"10c", pair(ledger.Bounced(plain, ledger.Bank, usd(1200), at)), map[ledger.Account]int64{"income": 10_000, "bank": -11_200, "bank_fees": 1200}},
		{"15", pair(ledger.Strange(plain.DonationID, "ch_1", usd(77), at)), map[ledger.Account]int64{"stripe_clearing": 77, "suspense": -77}},
	} {
		require.Equal(t, tc.want, sums(t, tc.made...), "row %s", tc.row)
	}
}

func TestAGiftThatGoesBackLeavesNothingButTheFee(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := gift(rapid.Int64Range(50, 1e7).Draw(t, "amount"), rapid.Int64Range(0, 1000).Draw(t, "cover"))
		fee := usd(rapid.Int64Range(1, 1000).Draw(t, "fee"))
		r := ledger.Returned{Gift: g, RefundID: "re", Part: g.Amount, Cover: g.Cover, At: at}
		var all []any
		all = append(all, pair(ledger.CardGift(g, "ch", at))...)
		all = append(all, pair(ledger.CardFee(g, "txn", fee, at))...)
		all = append(all, pair(ledger.CardRefund(r))...)
		all = append(all, pair(ledger.CardRefundSettled(r, "txn2"))...)
		left := sums(t, all...)
		require.Equal(t, -fee.Minor, left[ledger.StripeClearing])
		require.Zero(t, left[ledger.Income])
		require.Zero(t, left[ledger.RefundsPayable])
		require.Equal(t, fee.Minor, left[ledger.ProcessingFees]+left[ledger.FeeVariance]+left[ledger.FeeCover], "what is left of the cost")
	})
}

// pledge is a change of what may be expected of a pledge.
func pledge(id uuid.UUID, version int, owed int64) ledger.PledgeChange {
	return ledger.PledgeChange{PledgeID: id, Version: version, Dimension: ledger.Dimension{CauseID: uuid.New(), FundID: uuid.New()}, Owed: usd(owed), At: at}
}

func TestPostingsOfABookedPledge(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	for _, tc := range []struct {
		row  string
		made []any
		want map[ledger.Account]int64
	}{
		{"promised", pair(ledger.Pledged(ledger.PledgeMade, pledge(id, 1, 30_000))), map[ledger.Account]int64{"pledge_receivable": 30_000, "pledged_income": -30_000}},
		{"paid", pair(ledger.Pledged(ledger.PledgePaid, pledge(id, 2, -10_000))), map[ledger.Account]int64{"pledge_receivable": -10_000, "pledged_income": 10_000}},
		{"given back", pair(ledger.Pledged(ledger.PledgeReopened, pledge(id, 3, 10_000))), map[ledger.Account]int64{"pledge_receivable": 10_000, "pledged_income": -10_000}},
		{"waived", pair(ledger.Pledged(ledger.PledgeReduced, pledge(id, 4, -10_000))), map[ledger.Account]int64{"pledge_receivable": -10_000, "pledged_income": 10_000}},
		{"14", pair(ledger.WrittenOff(pledge(id, 5, -20_000))), map[ledger.Account]int64{"bad_debt": 20_000, "pledge_receivable": -20_000}},
	} {
		require.Equal(t, tc.want, sums(t, tc.made...), "row %s", tc.row)
	}
	_, err := ledger.Pledged(ledger.PledgePaid, pledge(id, 6, 0))
	require.ErrorIs(t, err, ledger.ErrIncomplete, "no change is no event")
	_, err = ledger.WrittenOff(pledge(id, 6, 0))
	require.ErrorIs(t, err, ledger.ErrIncomplete)
}

func TestEachVersionOfAPledgeIsBookedOnce(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	first, err := ledger.Pledged(ledger.PledgeMade, pledge(id, 1, 100))
	require.NoError(t, err)
	second, err := ledger.WrittenOff(pledge(id, 2, -100))
	require.NoError(t, err)
	require.Equal(t, ledger.Source{Type: "pledge", ID: id.String() + ":1"}, first.Event().Source)
	require.Equal(t, ledger.Source{Type: "pledge", ID: id.String() + ":2"}, second.Event().Source)
	require.Equal(t, ledger.PledgeMade, first.Event().Kind)
	require.Equal(t, ledger.PledgeWrittenOff, second.Event().Kind)
}

func TestThePledgeAccountsCarryTheirDimensionOnIncomeOnly(t *testing.T) {
	t.Parallel()
	c := pledge(uuid.New(), 1, -500)
	for _, made := range [][]any{pair(ledger.Pledged(ledger.PledgePaid, c)), pair(ledger.WrittenOff(c))} {
		require.Nil(t, made[1])
		for _, e := range made[0].(ledger.Transaction).Entries() { //nolint:forcetypeassert // a test's own arguments
			want := c.Dimension
			if e.Account == ledger.PledgeReceivable {
				want = ledger.Dimension{}
			}
			require.Equal(t, want, e.Dimension, e.Account)
		}
	}
}

// Whatever happens to a pledge, the receivable is what is still owed, and income is only money that came.
func TestThePledgeReceivableIsWhatIsOwed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id, owed, booked := uuid.New(), int64(0), map[ledger.Account]int64{}
		book := func(made ...any) {
			for account, minor := range sums(t, made...) {
				booked[account] += minor
			}
		}
		for version := 1; version < 12; version++ {
			by := rapid.Int64Range(-owed, 10_000).Draw(t, "by")
			if by == 0 {
				continue
			}
			owed += by
			kind := rapid.SampledFrom([]ledger.Kind{ledger.PledgeMade, ledger.PledgePaid, ledger.PledgeReopened, ledger.PledgeReduced}).Draw(t, "kind")
			if by < 0 && rapid.Bool().Draw(t, "given up") {
				book(pair(ledger.WrittenOff(pledge(id, version, by)))...)
				continue
			}
			book(pair(ledger.Pledged(kind, pledge(id, version, by)))...)
		}
		require.Equal(t, owed, booked[ledger.PledgeReceivable])
		require.Equal(t, -owed, booked[ledger.PledgedIncome]+booked[ledger.BadDebt])
		require.Zero(t, booked[ledger.Income])
	})
}
