package money

import "math/bits"

// Tariff is what a card payment costs: a rate in basis points plus a fixed part, at most Cap when that is set. Stripe rounds half up.
type Tariff struct {
	BasisPoints int64
	Fixed       int64 // minor units
	Cap         int64 // minor units; 0 means no cap
}

// Fee is the fee on a charge of gross minor units.
func (t Tariff) Fee(gross int64) int64 {
	fee := (gross*t.BasisPoints+5_000)/10_000 + t.Fixed
	if t.Cap > 0 && fee > t.Cap {
		return t.Cap
	}
	return fee
}

// Gross is the smallest charge that leaves at least net after the fee. The naive net·rate+fixed falls short, since the fee is taken of
// the cover too. The result is a whole number of the currency's steps.
func (t Tariff) Gross(net Money) Money {
	step := int64(1)
	if c, err := Lookup(net.Currency); err == nil {
		step = c.Step
	}
	g := ceilDiv(net.Minor+t.Fixed, 10_000, 10_000-t.BasisPoints)
	if g > 0 && (g-1)-t.Fee(g-1) >= net.Minor {
		g--
	}
	if t.Cap > 0 && t.Fee(g) >= t.Cap && net.Minor+t.Cap < g {
		g = net.Minor + t.Cap
	}
	if r := g % step; r != 0 {
		g += step - r
	}
	return Money{Minor: g, Currency: net.Currency}
}

func ceilDiv(a, num, den int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(num))
	q, r := bits.Div64(hi, lo, uint64(den))
	if r > 0 {
		q++
	}
	return int64(q)
}
