package stripesandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
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

func (s *shop) savedCard(t *rapid.T) (stripesandbox.PaymentMethod, bool) {
	saved := slices.DeleteFunc(s.box.PaymentMethods(""), func(m stripesandbox.PaymentMethod) bool { return m.Customer == nil })
	if len(saved) == 0 {
		return stripesandbox.PaymentMethod{}, false
	}
	return rapid.SampledFrom(saved).Draw(t, "saved card"), true
}

// requireListsAgree compares the lists of a customer with all there is.
func requireListsAgree(t require.TestingT, box *stripesandbox.Sandbox, customer string) {
	want := map[string][]string{"/v1/payment_intents": {}, "/v1/charges": {}, "/v1/payment_methods": {}}
	add := func(path, id string, of *string) {
		if of != nil && *of == customer {
			want[path] = append([]string{id}, want[path]...) // newest first
		}
	}
	for _, pi := range box.PaymentIntents("") {
		add("/v1/payment_intents", pi.ID, pi.Customer)
	}
	for _, ch := range box.Charges("") {
		add("/v1/charges", ch.ID, ch.Customer)
	}
	for _, m := range box.PaymentMethods("") {
		add("/v1/payment_methods", m.ID, m.Customer)
	}
	for path, ids := range want {
		r := httptest.NewRequest(http.MethodGet, path+"?limit=100&customer="+customer, nil) //nolint:noctx // in process
		r.Header.Set("Authorization", "Bearer sk_test_x")
		answer := httptest.NewRecorder()
		box.Handler().ServeHTTP(answer, r)
		var list struct {
			Data []struct {
				ID string `json:"id"`
			} `json:"data"`
		}
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &list))
		got := []string{}
		for _, o := range list.Data {
			got = append(got, o.ID)
		}
		require.Equal(t, ids, got, path)
	}
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
			"save a card": func(t *rapid.T) {
				customer := idOf(t, post(t, s.box, "/v1/customers", ""))
				require.Equal(t, http.StatusOK, post(t, s.box, "/v1/payment_methods/pm_card_visa/attach", "customer="+customer).Code)
			},
			"charge a saved card": func(t *rapid.T) {
				if m, ok := s.savedCard(t); ok {
					post(t, s.box, "/v1/payment_intents", "amount="+rapid.StringMatching(`[1-9][0-9]{2,5}`).Draw(t, "amount")+
						"&currency=usd&confirm=true&off_session=true&payment_method="+m.ID+"&customer="+*m.Customer)
				}
			},
			"change a saved card": func(t *rapid.T) {
				m, ok := s.savedCard(t)
				if !ok {
					return
				}
				switch rapid.IntRange(0, 3).Draw(t, "how") {
				case 0:
					require.NoError(t, s.box.DeclineNext(m.ID, "insufficient_funds", rapid.IntRange(0, 2).Draw(t, "times")))
				case 1:
					require.NoError(t, s.box.SetBehaviour(m.ID, "4242424242424242"))
				case 2:
					require.NoError(t, s.box.UpdateCard(m.ID, "5555555555554444", 12, int64(s.clock.Now().Year()+3)))
				default:
					require.NoError(t, s.box.DetachCard(m.ID))
				}
			},
			"look at a customer": func(t *rapid.T) {
				if m, ok := s.savedCard(t); ok {
					requireListsAgree(t, s.box, *m.Customer)
				}
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
		box.PaymentMethods(""), box.SetupIntents(""), box.Sessions(""),
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
