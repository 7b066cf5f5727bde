package campaign_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/campaign"
	"tributary/domain/money"
)

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		raised, goal int64
		want, bar    int64
	}{
		{"no goal", 100, 0, 0, 0},
		{"nothing yet", 0, 100, 0, 0},
		{"more given back than came", -5, 100, 0, 0},
		{"rounds down, so that 100 means reached", 9_999, 10_000, 99, 99},
		{"reached", 10_000, 10_000, 100, 100},
		{"beyond", 25_000, 10_000, 250, 100},
		{"the largest amounts do not overflow", money.MaxMinor * 100_000, money.MaxMinor * 100_000, 100, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := campaign.Progress{Raised: money.New(tc.raised, "USD"), Goal: money.New(tc.goal, "USD")}
			require.Equal(t, tc.want, p.Percent())
			require.Equal(t, tc.bar, p.Bar())
			require.Equal(t, tc.want >= 100, p.Reached())
		})
	}
}

func TestUsualAmountsAreChargeableInEveryCurrency(t *testing.T) {
	t.Parallel()
	require.Equal(t, []int64{2500, 5000, 10000, 25000, 50000}, campaign.Usual("USD"))
	for _, currency := range []string{"USD", "EUR", "JPY", "KWD", "UGX", "NGN", "ISK", "HUF"} {
		row := campaign.Usual(currency)
		require.GreaterOrEqual(t, len(row), 3, currency)
		for _, minor := range row {
			require.NoError(t, money.New(minor, currency).Chargeable(), currency)
		}
	}
	require.Empty(t, campaign.Usual("XXX"))
	require.Empty(t, campaign.UsualMonthly("XXX"))
}

func TestUsualMonthlyAmountsAreRoundAndChargeable(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string][]int64{
		"USD": {1000, 2500, 5000, 10_000}, "GBP": {500, 1000, 2500, 5000}, "JPY": {1000, 2500, 5000, 10_000}, "KWD": {2500, 5000, 10_000, 25_000},
		"HUF": {250_000, 500_000, 1_000_000, 2_500_000}, "UGX": {5_000_000, 10_000_000, 25_000_000, 50_000_000},
	} {
		require.Equal(t, want, campaign.UsualMonthly(currency), currency)
		for _, minor := range want {
			require.NoError(t, money.New(minor, currency).Chargeable(), currency)
		}
	}
}

func TestSlugOfAnyTitleIsAnAddressOrEmpty(t *testing.T) {
	t.Parallel()
	pattern := regexp.MustCompile(`^$|^[a-z0-9]$|^[a-z0-9](-?[a-z0-9]){1,59}$`)
	rapid.Check(t, func(t *rapid.T) {
		slug := campaign.Slug(rapid.String().Draw(t, "title"))
		if !pattern.MatchString(slug) || len(slug) > 60 {
			t.Fatalf("slug %q", slug)
		}
	})
}

func TestColumnsReadBackWhatTheyWrote(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amounts := campaign.Amounts(rapid.SliceOf(rapid.Int64()).Draw(t, "amounts"))
		lines := campaign.ImpactLines(rapid.MapOf(rapid.Int64(), rapid.String()).Draw(t, "lines"))
		a, err := amounts.Value()
		require.NoError(t, err)
		l, err := lines.Value()
		require.NoError(t, err)
		var gotA campaign.Amounts
		var gotL campaign.ImpactLines
		require.NoError(t, gotA.Scan(a))
		require.NoError(t, gotL.Scan([]byte(l.(string))))
		require.Len(t, gotA, len(amounts))
		for i := range amounts {
			require.Equal(t, amounts[i], gotA[i])
		}
		require.Len(t, gotL, len(lines))
	})
}

func TestColumnsRefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	require.Error(t, new(campaign.Amounts).Scan(7))
	require.Error(t, new(campaign.Amounts).Scan("{a}"))
	require.Error(t, new(campaign.ImpactLines).Scan("[1]"))
}
