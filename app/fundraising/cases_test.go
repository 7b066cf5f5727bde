package fundraising_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/fault"
	"tributary/domain/money"
)

// cases is the table that both sides of the giving form are tested against: this test and frontend/src/public/donate/amount.test.ts.
type cases struct {
	Currencies map[string]struct {
		Code     string `json:"code"`
		Symbol   string `json:"symbol"`
		Decimals int    `json:"decimals"`
		Step     int64  `json:"step"`
		Least    int64  `json:"least"`
		Most     int64  `json:"most"`
	} `json:"currencies"`
	Tariffs map[string]struct {
		BasisPoints int64 `json:"basis_points"`
		Fixed       int64 `json:"fixed"`
		Cap         int64 `json:"cap"`
	} `json:"tariffs"`
	Parse []struct {
		Text, Currency string
		Minor          *int64
		Error          string
		Full, Short    string
	} `json:"parse"`
	Cover []struct {
		Tariff, Currency string
		Net, Gross, Fee  int64
	} `json:"cover"`
}

func TestTheFormCountsAsTheServerDoes(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../frontend/src/public/donate/cases.json")
	require.NoError(t, err)
	var table cases
	require.NoError(t, json.Unmarshal(raw, &table))
	for code, c := range table.Currencies {
		want, err := money.Lookup(code)
		require.NoError(t, err)
		require.Equal(t, want, money.Currency{Code: c.Code, Symbol: c.Symbol, Decimals: c.Decimals, Step: c.Step, Least: c.Least})
		require.Equal(t, money.MaxMinor, c.Most)
	}
	for _, p := range table.Parse {
		m, err := money.Parse(p.Text, p.Currency)
		if err == nil {
			err = m.Chargeable()
		}
		require.Equal(t, p.Error, reason(p.Text, p.Currency, err), "%q in %s", p.Text, p.Currency)
		if err == nil {
			require.Equal(t, *p.Minor, m.Minor, p.Text)
			require.Equal(t, p.Full, m.String())
			require.Equal(t, p.Short, m.Short())
		}
	}
	for _, c := range table.Cover {
		tariff := money.Tariff{BasisPoints: table.Tariffs[c.Tariff].BasisPoints, Fixed: table.Tariffs[c.Tariff].Fixed, Cap: table.Tariffs[c.Tariff].Cap}
		gross := tariff.Gross(money.New(c.Net, c.Currency))
		require.Equal(t, c.Gross, gross.Minor, "%d %s at %s", c.Net, c.Currency, c.Tariff)
		require.Equal(t, c.Fee, tariff.Fee(gross.Minor))
		require.GreaterOrEqual(t, gross.Minor-c.Fee, c.Net, "the organization receives the whole gift")
	}
}

// reason is the short name the form uses. It tells an empty field apart, which the server calls malformed.
func reason(text, currency string, err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	c, _ := money.Lookup(currency)
	if f.Code == "amount.format" && strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), c.Symbol)) == "" {
		return "empty"
	}
	return map[string]string{
		"amount.format": "format", "amount.decimals": "decimals", "amount.too_small": "small", "amount.too_large": "large", "amount.step": "step",
	}[f.Code]
}
