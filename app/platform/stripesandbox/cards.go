package stripesandbox

import (
	"slices"
	"strings"
)

// card is how a test number behaves.
type card struct {
	number  string
	token   string // pm_card_<token>
	brand   string
	funding string
	hint    string // shown on the checkout page; empty leaves it off the list
	saved   string // the same for the page that only saves a card
	code    string // the error code when it declines
	decline string // the decline code
	message string
	cvc     string // the result of the check; empty is pass
	auth    authentication
	refund  string // "fail": refunds succeed, then fail; "pending": they wait
	dispute string // the status a dispute opens with
	// attaches says that a card that declines can still be saved to a customer.
	attaches bool
}

// authentication says when a card asks for 3-D Secure.
type authentication int

const (
	authNever authentication = iota
	authUnlessSaved
	authOnSession
	authAlways
)

// cards are Stripe's published test numbers (docs.stripe.com/testing).
var cards = []card{
	{number: "4242424242424242", token: "visa", brand: "visa", funding: "credit", hint: "Succeeds", saved: "Is saved; later charges succeed"},
	{number: "4000056655665556", token: "visa_debit", brand: "visa", funding: "debit"},
	{number: "5555555555554444", token: "mastercard", brand: "mastercard", funding: "credit", hint: "Mastercard, succeeds", saved: "Mastercard; later charges succeed"},
	{number: "5200828282828210", token: "mastercard_debit", brand: "mastercard", funding: "debit"},
	{number: "378282246310005", token: "amex", brand: "amex", funding: "credit", hint: "American Express, succeeds", saved: "American Express; later charges succeed"},
	{number: "6011111111111117", token: "discover", brand: "discover", funding: "credit"},
	{number: "3566002020360505", token: "jcb", brand: "jcb", funding: "credit"},
	{
		number: "4000000000000002", token: "chargeDeclined", brand: "visa", funding: "credit", hint: "Declined", saved: "Declined: is not saved",
		code: "card_declined", decline: "generic_decline", message: "Your card was declined.",
	},
	{
		number: "4000000000009995", token: "chargeDeclinedInsufficientFunds", brand: "visa", funding: "credit", hint: "Insufficient funds",
		code: "card_declined", decline: "insufficient_funds", message: "Your card has insufficient funds.",
	},
	{
		number: "4000000000009987", token: "chargeDeclinedLostCard", brand: "visa", funding: "credit",
		code: "card_declined", decline: "lost_card", message: "Your card was declined.",
	},
	{
		number: "4000000000009979", token: "chargeDeclinedStolenCard", brand: "visa", funding: "credit",
		code: "card_declined", decline: "stolen_card", message: "Your card was declined.",
	},
	{
		number: "4000000000000069", token: "chargeDeclinedExpiredCard", brand: "visa", funding: "credit", hint: "Expired card",
		code: "expired_card", decline: "expired_card", message: "Your card has expired.",
	},
	{
		number: "4000000000000127", token: "chargeDeclinedIncorrectCvc", brand: "visa", funding: "credit", hint: "Wrong security code",
		code: "incorrect_cvc", decline: "incorrect_cvc", message: "Your card's security code is incorrect.", cvc: "fail",
	},
	{
		number: "4000000000000119", token: "chargeDeclinedProcessingError", brand: "visa", funding: "credit", hint: "Processing error",
		code: "processing_error", decline: "processing_error", message: "An error occurred while processing your card. Try again in a little bit.",
	},
	{
		number: "4000000000000341", token: "chargeCustomerFail", brand: "visa", funding: "credit", attaches: true, saved: "Is saved; every charge is declined",
		code: "card_declined", decline: "generic_decline", message: "Your card was declined.",
	},
	{
		number: "4000000000006975", token: "chargeDeclinedVelocityLimitExceeded", brand: "visa", funding: "credit",
		code: "card_declined", decline: "card_velocity_exceeded", message: "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
	},
	{
		number: "4000002500003155", token: "authenticationRequiredOnSetup", brand: "visa", funding: "credit", auth: authUnlessSaved,
		hint: "Asks for 3-D Secure", saved: "Asks for 3-D Secure once; later charges succeed",
	},
	{
		number: "4000003800000446", token: "authenticationRequiredSetupForOffSession", brand: "visa", funding: "credit", auth: authOnSession,
	},
	{
		number: "4000002760003184", token: "authenticationRequired", brand: "visa", funding: "credit", auth: authAlways,
		hint: "Asks for 3-D Secure every time", saved: "Asks for 3-D Secure now and at every later charge",
	},
	{
		number: "4000008260003178", token: "authenticationRequiredChargeDeclinedInsufficientFunds", brand: "visa", funding: "credit",
		hint: "3-D Secure, then insufficient funds", auth: authUnlessSaved, attaches: true, saved: "Asks for 3-D Secure; later charges have insufficient funds",
		code: "card_declined", decline: "insufficient_funds", message: "Your card has insufficient funds.",
	},
	{number: "4000000000005126", token: "refundFail", brand: "visa", funding: "credit", hint: "Succeeds; a refund fails later", refund: "fail"},
	{number: "4000000000007726", token: "pendingRefund", brand: "visa", funding: "credit", hint: "Succeeds; a refund waits", refund: "pending"},
	{number: "4000000000000259", token: "createDispute", brand: "visa", funding: "credit", hint: "Succeeds; then disputed", dispute: "needs_response"},
	{number: "4000000000001976", token: "createDisputeInquiry", brand: "visa", funding: "credit", dispute: "warning_needs_response"},
}

// The test bank accounts: one settles, the other fails.
const (
	bankRouting  = "110000000"
	bankSucceeds = "000123456789"
	bankFails    = "000111111113"
)

func cardByNumber(number string) (card, bool) {
	number = digitsOnly(number)
	at := slices.IndexFunc(cards, func(c card) bool { return c.number == number })
	if at < 0 {
		return card{}, false
	}
	return cards[at], true
}

// cardByToken finds pm_card_visa, and its older spelling tok_visa.
func cardByToken(id string) (card, bool) {
	name, isToken := strings.CutPrefix(id, "pm_card_")
	if !isToken {
		if name, isToken = strings.CutPrefix(id, "tok_"); !isToken {
			return card{}, false
		}
	}
	at := slices.IndexFunc(cards, func(c card) bool { return c.token == name || c.token == strings.TrimPrefix(name, "visa_") })
	if at < 0 {
		return card{}, false
	}
	return cards[at], true
}

func digitsOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// luhn checks the last digit of a card number.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return len(number) >= 12 && sum%10 == 0
}
