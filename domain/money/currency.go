package money

// MaxMinor is the greatest amount Stripe charges: eight digits in minor units.
const MaxMinor int64 = 99_999_999

// Currency says how one currency is counted and charged.
type Currency struct {
	Code     string
	Symbol   string // what English readers put before the amount; empty: the code and a space
	Decimals int    // digits of Stripe's minor unit, which is also how amounts are typed and shown
	Step     int64  // charges must be a multiple of it (ISK and UGX: whole units; three-decimal currencies: last digit 0)
	Least    int64  // smallest charge: Stripe's minimum, about half a dollar
}

// currencies we accept, by PAYMENTS "Currency exponents": zero-decimal, special, three-decimal and the two-decimal ones in use.
var currencies = map[string]Currency{
	"USD": {"USD", "$", 2, 1, 50},
	"EUR": {"EUR", "€", 2, 1, 50},
	"GBP": {"GBP", "£", 2, 1, 30},
	"CAD": {"CAD", "CA$", 2, 1, 50},
	"AUD": {"AUD", "A$", 2, 1, 50},
	"NZD": {"NZD", "NZ$", 2, 1, 50},
	"CHF": {"CHF", "", 2, 1, 50},
	"SEK": {"SEK", "", 2, 1, 300},
	"NOK": {"NOK", "", 2, 1, 300},
	"DKK": {"DKK", "", 2, 1, 250},
	"PLN": {"PLN", "", 2, 1, 200},
	"CZK": {"CZK", "", 2, 1, 1500},
	"HUF": {"HUF", "", 2, 1, 17500},
	"RON": {"RON", "", 2, 1, 200},
	"BGN": {"BGN", "", 2, 1, 100},
	"MXN": {"MXN", "MX$", 2, 1, 1000},
	"BRL": {"BRL", "R$", 2, 1, 50},
	"INR": {"INR", "₹", 2, 1, 50},
	"SGD": {"SGD", "S$", 2, 1, 50},
	"HKD": {"HKD", "HK$", 2, 1, 400},
	"TWD": {"TWD", "NT$", 2, 1, 1500},
	"ZAR": {"ZAR", "", 2, 1, 1000},
	"KES": {"KES", "", 2, 1, 7000},
	"NGN": {"NGN", "", 2, 1, 80000},
	"ISK": {"ISK", "", 2, 100, 7000},
	"UGX": {"UGX", "", 2, 100, 200000},
	"JPY": {"JPY", "¥", 0, 1, 50},
	"KRW": {"KRW", "₩", 0, 1, 700},
	"VND": {"VND", "₫", 0, 1, 13000},
	"CLP": {"CLP", "", 0, 1, 500},
	"PYG": {"PYG", "", 0, 1, 4000},
	"RWF": {"RWF", "", 0, 1, 700},
	"XAF": {"XAF", "", 0, 1, 300},
	"XOF": {"XOF", "", 0, 1, 300},
	"XPF": {"XPF", "", 0, 1, 60},
	"BIF": {"BIF", "", 0, 1, 1500},
	"DJF": {"DJF", "", 0, 1, 100},
	"GNF": {"GNF", "", 0, 1, 4500},
	"KMF": {"KMF", "", 0, 1, 250},
	"MGA": {"MGA", "", 0, 1, 2500},
	"VUV": {"VUV", "", 0, 1, 60},
	"KWD": {"KWD", "", 3, 10, 160},
	"BHD": {"BHD", "", 3, 10, 200},
	"JOD": {"JOD", "", 3, 10, 360},
	"OMR": {"OMR", "", 3, 10, 200},
	"TND": {"TND", "", 3, 10, 1600},
}

// Lookup finds a currency by its upper-case code, or returns ErrCurrencyUnknown.
func Lookup(code string) (Currency, error) {
	c, ok := currencies[code]
	if !ok {
		return Currency{}, ErrCurrencyUnknown
	}
	return c, nil
}
