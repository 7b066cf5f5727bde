package stripesandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const maxAmount = 99_999_999

var (
	zeroDecimal  = strings.Fields("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
	threeDecimal = strings.Fields("bhd jod kwd omr tnd")
	// wholeOnly have no minor unit in use, but Stripe counts them in hundredths.
	wholeOnly = strings.Fields("isk ugx")
	// presentment are the currencies that Stripe charges in.
	presentment = strings.Fields(`usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf
		chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy
		kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab
		pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs
		vnd vuv wst xaf xcd xof xpf yer zar zmw`)
	// minimums are Stripe's published smallest charges, and for others the rough equivalent of 0.50 USD.
	minimums = map[string]int64{
		"usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
		"hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300,
		"sgd": 50, "thb": 1000, "isk": 7000, "ugx": 190000, "kwd": 160, "bhd": 190, "omr": 200, "jod": 360, "tnd": 1560, "krw": 700, "clp": 480,
		"vnd": 12500, "idr": 800000, "xof": 300, "xaf": 300, "xpf": 55, "bif": 1450, "djf": 90, "gnf": 4300, "kmf": 230, "mga": 2300, "pyg": 3700,
		"rwf": 650, "vuv": 60, "zar": 900, "try": 1600, "php": 2800, "twd": 1600, "ils": 190, "ars": 50000, "cop": 210000, "ngn": 80000, "kes": 6500,
	}
	fixedFees = map[string]int64{"usd": 30, "eur": 25, "gbp": 20, "cad": 30, "aud": 30, "nzd": 30, "chf": 30, "jpy": 40, "kwd": 100, "isk": 4500}
)

func minimum(currency string) int64 {
	if m, ok := minimums[currency]; ok {
		return m
	}
	return 50
}

// currency reads a currency code, which Stripe takes in either case and answers in lower case.
func (p *params) currency(key string) string {
	code := strings.ToLower(p.required(key))
	if code != "" && !slices.Contains(presentment, code) {
		p.fail(invalid("", p.name(key), "Invalid currency: %s. Stripe currently supports these currencies: %s", code, strings.Join(presentment, ", ")))
	}
	return code
}

// checkAmount refuses what Stripe refuses to charge.
func checkAmount(amount int64, currency, param string) *apiError {
	switch {
	case amount < 1:
		return invalid("parameter_invalid_integer", param, "This value must be greater than or equal to 1.")
	case amount > maxAmount:
		return invalid("amount_too_large", param, "Amount must be no more than %s %s", formatAmount(maxAmount, currency), currency)
	case amount < minimum(currency):
		return invalid("amount_too_small", param, "Amount must be at least %s %s", formatAmount(minimum(currency), currency), currency)
	}
	return checkStep(amount, currency, param)
}

func checkStep(amount int64, currency, param string) *apiError {
	switch {
	case slices.Contains(threeDecimal, currency) && amount%10 != 0:
		return invalid("invalid_charge_amount", param, "Invalid amount: the last digit must be 0 in %s; round to the nearest ten.", currency)
	case slices.Contains(wholeOnly, currency) && amount%100 != 0:
		return invalid("invalid_charge_amount_no_decimal_compatible", param, "Invalid amount: %s has no decimals; the amount must be a multiple of 100.", currency)
	}
	return nil
}

// formatAmount writes minor units for people: 5181 usd is $51.81.
func formatAmount(amount int64, currency string) string {
	decimals := 2
	switch {
	case slices.Contains(zeroDecimal, currency):
		decimals = 0
	case slices.Contains(threeDecimal, currency):
		decimals = 3
	}
	sign := ""
	if amount < 0 {
		sign, amount = "-", -amount
	}
	digits := strconv.FormatInt(amount, 10)
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	whole, fraction := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals > 0 {
		whole += "." + fraction
	}
	symbol, ok := map[string]string{"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "cad": "CA$", "aud": "A$", "nzd": "NZ$"}[currency]
	if !ok {
		symbol = strings.ToUpper(currency) + " "
	}
	return fmt.Sprintf("%s%s%s", sign, symbol, whole)
}

// of is the fee for an amount.
func (f Fees) of(amount int64, currency string) int64 {
	fixed, ok := f.Fixed[currency]
	if !ok {
		if fixed, ok = fixedFees[currency]; !ok {
			fixed = minimum(currency) * 3 / 5
		}
	}
	return (amount*f.BasisPoints+5000)/10000 + fixed
}

func (f Fees) dispute(currency string) int64 {
	if f.Dispute > 0 {
		return f.Dispute
	}
	return minimum(currency) * 30
}
