package payment

// Decline says what a decline code means for trying again.
type Decline string

// The kinds of decline.
const (
	SoftDecline           Decline = "soft"           // another day may help
	HardDecline           Decline = "hard"           // this card will never do it
	AuthenticationDecline Decline = "authentication" // the bank wants to see the donor
)

// Codes of our own, beside those of the gateway.
const (
	CodeAuthentication = "authentication_required"
	CodeNeverArrived   = "never_arrived" // the gateway never got the call: nothing was declined
	CodeRefused        = "refused"       // the gateway refused the call itself, for good
)

// hard lists the codes after which the same card is not tried again (docs.stripe.com/declines/codes and Stripe's page on smart retries).
var hard = map[string]bool{
	"do_not_try_again": true, "expired_card": true, "fraudulent": true, "highest_risk_level": true, "incorrect_number": true, "invalid_account": true, "invalid_number": true,
	"lost_card": true, "merchant_blacklist": true, "new_account_information_available": true, "no_such_payment_method": true, "pickup_card": true,
	CodeRefused:       true,
	"restricted_card": true, "revocation_of_all_authorizations": true, "revocation_of_authorization": true, "stolen_card": true,
	"stop_payment_order": true, "transaction_not_allowed": true,
}

// DeclineOf classifies a decline code. A code nobody knows is worth another try.
func DeclineOf(code string) Decline {
	switch {
	case code == CodeAuthentication:
		return AuthenticationDecline
	case hard[code]:
		return HardDecline
	}
	return SoftDecline
}
