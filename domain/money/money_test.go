package money_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/money"
)

func TestParseReadsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, currency string
		minor          int64
	}{
		{"50", "USD", 5000}, {"50.5", "USD", 5050}, {" $1,234.50 ", "USD", 123450}, {"0.50", "USD", 50}, {"50.00", "JPY", 50}, {"2,500", "JPY", 2500},
		{"5.12", "KWD", 5120}, {"5.124", "KWD", 5124}, {"007", "USD", 700}, {"0", "USD", 0},
	} {
		got, err := money.Parse(tc.text, tc.currency)
		require.NoError(t, err, tc.text)
		require.Equal(t, money.New(tc.minor, tc.currency), got, tc.text)
	}
}

func TestParseRefusesWhatCouldBeMisread(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, currency string
		want           error
	}{
		{"", "USD", money.ErrAmountFormat}, {"1e3", "USD", money.ErrAmountFormat}, {"١٢", "USD", money.ErrAmountFormat}, {"-5", "USD", money.ErrAmountFormat},
		{"+5", "USD", money.ErrAmountFormat}, {"12,34", "USD", money.ErrAmountFormat}, {"1.230,99", "USD", money.ErrAmountFormat}, {"5.", "USD", money.ErrAmountFormat},
		{".5", "USD", money.ErrAmountFormat}, {"0x10", "USD", money.ErrAmountFormat}, {"1 000", "USD", money.ErrAmountFormat}, {"NaN", "USD", money.ErrAmountFormat},
		{"5.001", "USD", money.ErrAmountDecimals}, {"5.5", "JPY", money.ErrAmountDecimals}, {"5.1241", "KWD", money.ErrAmountDecimals},
		{"99999999999999999999", "USD", money.ErrAmountTooLarge}, {"5", "XXX", money.ErrCurrencyUnknown}, {"5", "usd", money.ErrCurrencyUnknown},
	} {
		_, err := money.Parse(tc.text, tc.currency)
		require.ErrorIs(t, err, tc.want, "%q %s", tc.text, tc.currency)
	}
}

func TestChargeableKeepsStripesLimits(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		minor    int64
		currency string
		want     error
	}{
		{50, "USD", nil}, {49, "USD", money.ErrAmountTooSmall}, {0, "USD", money.ErrAmountTooSmall}, {-100, "USD", money.ErrAmountTooSmall},
		{99_999_999, "USD", nil}, {100_000_000, "USD", money.ErrAmountTooLarge}, {5120, "KWD", nil}, {5124, "KWD", money.ErrAmountStep},
		{50_000, "ISK", nil}, {50_001, "ISK", money.ErrAmountStep}, {100, "JPY", nil},
	} {
		err := money.New(tc.minor, tc.currency).Chargeable()
		if tc.want == nil {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, tc.want, "%d %s", tc.minor, tc.currency)
	}
}

func TestTextForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		m                    money.Money
		long, short, decimal string
	}{
		{money.New(5000, "USD"), "$50.00", "$50", "50.00"}, {money.New(5181, "USD"), "$51.81", "$51.81", "51.81"},
		{money.New(1_234_567_89, "USD"), "$1,234,567.89", "$1,234,567.89", "1234567.89"}, {money.New(-205, "USD"), "-$2.05", "-$2.05", "-2.05"},
		{money.New(2500, "JPY"), "¥2,500", "¥2,500", "2500"}, {money.New(5120, "KWD"), "KWD 5.120", "KWD 5.120", "5.120"}, {money.New(7, "USD"), "$0.07", "$0.07", "0.07"},
	} {
		require.Equal(t, tc.long, tc.m.String())
		require.Equal(t, tc.short, tc.m.Short())
		require.Equal(t, tc.decimal, tc.m.Decimal())
	}
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		m    money.Money
		n    int
		want []int64
	}{
		{"leftover cent goes first", money.New(100, "USD"), 3, []int64{34, 33, 33}},
		{"yen have no parts", money.New(100, "JPY"), 3, []int64{34, 33, 33}},
		{"krónur stay whole", money.New(50_000, "ISK"), 3, []int64{16_700, 16_700, 16_600}},
		{"debts split as well", money.New(-100, "USD"), 3, []int64{-34, -33, -33}},
	} {
		var got []int64
		for _, part := range tc.m.Allocate(tc.n) {
			got = append(got, part.Minor)
		}
		require.Equal(t, tc.want, got, tc.name)
	}
}

func TestPartsAlwaysSumToTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := money.New(rapid.Int64Range(-1e12, 1e12).Draw(t, "minor"), rapid.SampledFrom([]string{"USD", "JPY", "KWD", "ISK"}).Draw(t, "currency"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 20).Draw(t, "weights")
		weights[0]++
		var sum, total int64
		for _, w := range weights {
			total += w
		}
		for i, part := range m.Split(weights) {
			sum += part.Minor
			exact := float64(m.Minor) * float64(weights[i]) / float64(total)
			require.InDelta(t, exact, float64(part.Minor), 101, "a part is off by one step at most")
		}
		require.Equal(t, m.Minor, sum)
	})
}

func TestGrossOfTheDocumentedTariffs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		tariff money.Tariff
		net    int64
		want   int64
	}{
		{money.Tariff{BasisPoints: 290, Fixed: 30}, 10_000, 10_330},
		{money.Tariff{BasisPoints: 220, Fixed: 30}, 10_000, 10_256},
		{money.Tariff{BasisPoints: 290, Fixed: 30}, 5_000, 5_180}, // 51.81 would leave a cent too much
		{money.Tariff{BasisPoints: 80, Cap: 500}, 200_000, 200_500},
	} {
		require.Equal(t, tc.want, tc.tariff.Gross(money.New(tc.net, "USD")).Minor)
	}
}

func TestStripesRecordedFees(t *testing.T) {
	t.Parallel()
	for gross, fee := range map[int64]int64{36_500: 1089, 11_176: 354, 12_000: 378, 2000: 88} {
		require.Equal(t, fee, money.Tariff{BasisPoints: 290, Fixed: 30}.Fee(gross))
	}
}

func TestTheCoverNeverFallsShortNorRunsOver(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff := money.Tariff{BasisPoints: rapid.Int64Range(0, 1000).Draw(t, "rate"), Fixed: rapid.Int64Range(0, 100).Draw(t, "fixed")}
		net := rapid.Int64Range(50, 20_000_000).Draw(t, "net")
		gross := tariff.Gross(money.New(net, "USD")).Minor
		left := gross - tariff.Fee(gross)
		require.GreaterOrEqual(t, left, net)
		require.LessOrEqual(t, left, net+1)
	})
}

func TestAddRefusesAnotherCurrency(t *testing.T) {
	t.Parallel()
	_, err := money.New(1, "USD").Add(money.New(1, "EUR"))
	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
	sum, err := money.New(1, "USD").Sub(money.New(3, "USD"))
	require.NoError(t, err)
	require.Equal(t, money.New(-2, "USD"), sum)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"50", "1,234.50", "$5", "1e3", "", ".", "١٢"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := money.Parse(s, "USD")
		if err != nil {
			return
		}
		again, err := money.Parse(m.Decimal(), "USD")
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}
