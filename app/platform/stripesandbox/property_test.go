package stripesandbox_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/app/platform/stripesandbox"
)

// shop is a sandbox under random use.
type shop struct {
	box   *stripesandbox.Sandbox
	clock *clock
	path  string
}

func (s *shop) open(t *rapid.T) {
	box, err := stripesandbox.New(stripesandbox.Options{Now: s.clock.Now, Manual: true, StatePath: s.path})
	require.NoError(t, err)
	s.box = box
}

func (s *shop) charge(t *rapid.T) (stripesandbox.Charge, bool) {
	charges := s.box.Charges("")
	if len(charges) == 0 {
		return stripesandbox.Charge{}, false
	}
	return rapid.SampledFrom(charges).Draw(t, "charge"), true
}

// TestMoneyIsNeverMadeOrLost runs payments, refunds, disputes, payouts, time and restarts in random order. Refusals are part of the game;
// what holds afterwards is the same.
func TestMoneyIsNeverMadeOrLost(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		file, err := os.CreateTemp(directory, "*.jsonl")
		require.NoError(t, err)
		require.NoError(t, file.Close())
		s := &shop{clock: newClock(), path: file.Name()}
		s.open(t)
		t.Repeat(map[string]func(*rapid.T){
			"pay": func(t *rapid.T) {
				number := rapid.SampledFrom([]string{
					"4242424242424242", "4000000000000002", "4000000000005126", "4000000000007726", "4000000000000259", "4000000000001976",
				}).Draw(t, "card")
				post(t, s.box, "/v1/payment_intents", "amount="+rapid.StringMatching(`[1-9][0-9]{2,5}`).Draw(t, "amount")+
					"&currency=usd&confirm=true&payment_method_data[type]=card&payment_method_data[card][number]="+number+
					"&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2030")
			},
			"refund": func(t *rapid.T) {
				if ch, ok := s.charge(t); ok {
					post(t, s.box, "/v1/refunds", "charge="+ch.ID+"&amount="+rapid.StringMatching(`[1-9][0-9]{1,5}`).Draw(t, "amount"))
				}
			},
			"fail a refund": func(t *rapid.T) {
				if refunds := s.box.Refunds(""); len(refunds) > 0 {
					_ = s.box.FailRefund(rapid.SampledFrom(refunds).Draw(t, "refund").ID)
				}
			},
			"dispute": func(t *rapid.T) {
				if ch, ok := s.charge(t); ok {
					_, _ = s.box.OpenDispute(ch.ID, rapid.Bool().Draw(t, "inquiry"))
				}
			},
			"close a dispute": func(t *rapid.T) {
				if disputes := s.box.Disputes(""); len(disputes) > 0 {
					_ = s.box.CloseDispute(rapid.SampledFrom(disputes).Draw(t, "dispute").ID, rapid.Bool().Draw(t, "won"), rapid.Bool().Draw(t, "fee back"))
				}
			},
			"pay out": func(*rapid.T) { _, _ = s.box.CreatePayout("", "usd") },
			"fail a payout": func(t *rapid.T) {
				if payouts := s.box.Payouts(""); len(payouts) > 0 {
					_ = s.box.FailPayout(rapid.SampledFrom(payouts).Draw(t, "payout").ID)
				}
			},
			"time passes": func(t *rapid.T) {
				s.clock.Add(time.Duration(rapid.IntRange(1, 3*24*3600).Draw(t, "seconds")) * time.Second)
				s.box.Sweep()
			},
			"restart": func(t *rapid.T) {
				before := state(t, s.box)
				require.NoError(t, s.box.Close())
				s.open(t)
				require.Equal(t, before, state(t, s.box))
			},
			"": func(t *rapid.T) { requireMoneyHolds(t, s.box) },
		})
		require.NoError(t, s.box.Close())
	})
}

// state is everything of the platform's account as JSON.
func state(t require.TestingT, box *stripesandbox.Sandbox) string {
	data, err := json.Marshal([]any{
		box.Charges(""), box.PaymentIntents(""), box.Refunds(""), box.Disputes(""), box.Payouts(""), box.BalanceTransactions(""), box.Events(""),
	})
	require.NoError(t, err)
	return string(data)
}

// requireMoneyHolds checks each sum against the objects it comes from.
func requireMoneyHolds(t require.TestingT, box *stripesandbox.Sandbox) {
	refunded := map[string]int64{}
	for _, r := range box.Refunds("") {
		if r.Status == "pending" || r.Status == "succeeded" {
			refunded[r.Charge] += r.Amount
		}
	}
	bySource := map[string]int64{}
	payouts := map[string]int64{}
	for _, b := range box.BalanceTransactions("") {
		require.Equal(t, b.Amount-b.Fee, b.Net)
		bySource[*b.Source] += b.Amount
		payouts[b.Payout] += b.Net
	}
	for payout, sum := range payouts {
		if payout != "" {
			require.Zero(t, sum, "a payout takes exactly what it settles")
		}
	}
	for _, ch := range box.Charges("") {
		require.Equal(t, refunded[ch.ID], ch.AmountRefunded)
		require.LessOrEqual(t, ch.AmountRefunded, ch.AmountCaptured)
		if ch.BalanceTx != nil {
			require.Equal(t, ch.Amount, bySource[ch.ID])
		} else {
			require.Zero(t, bySource[ch.ID])
		}
	}
	for _, r := range box.Refunds("") {
		want := -r.Amount
		if r.Status != "succeeded" {
			want = 0
		}
		require.Equal(t, want, bySource[r.ID], r.Status)
	}
	for _, d := range box.Disputes("") {
		want := -d.Amount
		if d.Status == "won" || d.Refundable {
			want = 0
		}
		require.Equal(t, want, bySource[d.ID], d.Status)
	}
	for _, o := range box.Payouts("") {
		want := -o.Amount
		if o.Status == "failed" {
			want = 0
		}
		require.Equal(t, want, bySource[o.ID], o.Status)
	}
}
