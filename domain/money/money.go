// Package money holds amounts: integer minor units with their currency. There is no float anywhere; two currencies are never added;
// what must be rounded is rounded once, here.
package money

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"tributary/domain/fault"
)

// Faults of amounts.
var (
	ErrCurrencyUnknown  = fault.New(fault.KindInvalid, "currency.unknown", "We do not know this currency.")
	ErrCurrencyMismatch = fault.New(fault.KindInvalid, "currency.mismatch", "These amounts are in different currencies.")
	ErrAmountFormat     = fault.New(fault.KindInvalid, "amount.format", "Write the amount with digits, for example 50 or 50.00.")
	ErrAmountDecimals   = fault.New(fault.KindInvalid, "amount.decimals", "This amount has more decimals than its currency allows.")
	ErrAmountTooSmall   = fault.New(fault.KindInvalid, "amount.too_small", "This amount is smaller than we can accept.")
	ErrAmountTooLarge   = fault.New(fault.KindInvalid, "amount.too_large", "This amount is larger than we can accept.")
	ErrAmountStep       = fault.New(fault.KindInvalid, "amount.step", "This currency cannot be charged in such small steps.")
)

// Money is an amount in the minor units of its currency, as Stripe counts them: 2500 USD is $25.00, 2500 JPY is ¥2,500.
type Money struct {
	Minor    int64  `json:"amount_minor" gorm:"column:minor"`
	Currency string `json:"currency" gorm:"column:currency"`
}

// New makes an amount; the currency is an upper-case ISO 4217 code.
func New(minor int64, currency string) Money { return Money{Minor: minor, Currency: currency} }

// Zero is nothing, in currency.
func Zero(currency string) Money { return Money{Currency: currency} }

// Parse reads decimal text such as "50", "1,234.50" or "$50" exactly as a person may type it in a form in English: digits with an optional
// decimal point, optional thousands commas in their right places, an optional leading currency sign. Exponents, other digits than 0-9
// and a sign are refused.
func Parse(text, currency string) (Money, error) {
	c, err := Lookup(currency)
	if err != nil {
		return Money{}, err
	}
	s := strings.TrimSpace(text)
	s = strings.TrimSpace(strings.TrimPrefix(s, c.Symbol))
	whole, frac, point := strings.Cut(s, ".")
	whole, ok := withoutCommas(whole)
	if !ok || !digits(whole) || (point && !digits(frac)) {
		return Money{}, ErrAmountFormat
	}
	if len(frac) > c.Decimals {
		if strings.Trim(frac[c.Decimals:], "0") != "" {
			return Money{}, ErrAmountDecimals
		}
		frac = frac[:c.Decimals]
	}
	frac += strings.Repeat("0", c.Decimals-len(frac))
	n := strings.TrimLeft(whole+frac, "0")
	if len(n) > 15 {
		return Money{}, ErrAmountTooLarge
	}
	if n == "" {
		n = "0"
	}
	minor, err := strconv.ParseInt(n, 10, 64)
	if err != nil {
		return Money{}, ErrAmountFormat
	}
	return Money{Minor: minor, Currency: c.Code}, nil
}

func digits(s string) bool {
	if s == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func withoutCommas(whole string) (string, bool) {
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (len(g) == 0 || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// Chargeable reports whether the amount can be charged to a card: a known currency, between its least and greatest amount, in its step.
// Limits are those of Stripe (docs.stripe.com/currencies).
func (m Money) Chargeable() error {
	c, err := Lookup(m.Currency)
	if err != nil {
		return err
	}
	switch {
	case m.Minor < c.Least:
		return ErrAmountTooSmall
	case m.Minor > MaxMinor:
		return ErrAmountTooLarge
	case m.Minor%c.Step != 0:
		return ErrAmountStep
	}
	return nil
}

// Add returns m+o, or ErrCurrencyMismatch. An overflow is a defect and panics, since no real amount comes near it.
func (m Money) Add(o Money) (Money, error) {
	if m.Currency != o.Currency {
		return Money{}, ErrCurrencyMismatch
	}
	sum := m.Minor + o.Minor
	if (sum > m.Minor) != (o.Minor > 0) && o.Minor != 0 {
		panic("money: overflow")
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Sub returns m-o, or ErrCurrencyMismatch.
func (m Money) Sub(o Money) (Money, error) { return m.Add(o.Neg()) }

// Neg returns the opposite amount.
func (m Money) Neg() Money { return Money{Minor: -m.Minor, Currency: m.Currency} }

// IsZero reports whether the amount is nothing.
func (m Money) IsZero() bool { return m.Minor == 0 }

// Allocate splits m into n parts that sum to m; earlier parts get the leftover steps. Parts are whole steps of the currency as far as m
// itself is.
func (m Money) Allocate(n int) []Money {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1
	}
	return m.Split(weights)
}

// Split divides m in proportion to the weights by largest remainder, so that the parts sum to m exactly; of equal remainders the earlier
// part wins. Weights must be ≥ 0 with a positive sum.
func (m Money) Split(weights []int64) []Money {
	step := int64(1)
	if c, err := Lookup(m.Currency); err == nil && m.Minor%c.Step == 0 {
		step = c.Step
	}
	units, sign := m.Minor/step, int64(1)
	if units < 0 {
		units, sign = -units, -1
	}
	var total int64
	for _, w := range weights {
		total += w
	}
	parts := make([]Money, len(weights))
	rest := make([]uint64, len(weights))
	left := units
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(units), uint64(w))
		q, r := bits.Div64(hi, lo, uint64(total))
		parts[i] = Money{Minor: int64(q), Currency: m.Currency}
		rest[i] = r
		left -= int64(q)
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i] > rest[best] {
				best = i
			}
		}
		parts[best].Minor++
		rest[best] = 0
	}
	for i := range parts {
		parts[i].Minor *= sign * step
	}
	return parts
}

// String is the English form: "$25.00", "¥2,500", "KWD 5.120". Tables and receipts use it.
func (m Money) String() string {
	c, err := Lookup(m.Currency)
	if err != nil {
		c = Currency{Code: m.Currency, Decimals: 2}
	}
	minor, sign := m.Minor, ""
	if minor < 0 {
		minor, sign = -minor, "-"
	}
	scale := int64(math.Pow10(c.Decimals))
	whole := group(strconv.FormatInt(minor/scale, 10))
	if c.Decimals > 0 {
		frac := strconv.FormatInt(minor%scale, 10)
		whole += "." + strings.Repeat("0", c.Decimals-len(frac)) + frac
	}
	if c.Symbol == "" {
		return sign + c.Code + " " + whole
	}
	return sign + c.Symbol + whole
}

// Short is String without decimals when they are all zero: "$50". Buttons and prose use it.
func (m Money) Short() string {
	s := m.String()
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(frac, "0") == "" {
		return whole
	}
	return s
}

// Decimal is the plain machine form, "25.00", for CSV files and forms.
func (m Money) Decimal() string {
	s := m.String()
	i := strings.IndexAny(s, "0123456789")
	neg := ""
	if m.Minor < 0 {
		neg = "-"
	}
	return neg + strings.ReplaceAll(s[i:], ",", "")
}

func group(s string) string {
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
