package promise

import "tributary/domain/payment"

// Reason says in plain words why a payment did not work: one sentence without its full stop, the same in mails, on pages and in lists. What a
// bank suspects of a card (lost, stolen, fraud) is not told to who holds it, so those codes read as a plain decline. It is empty without a code.
func Reason(code string) string {
	switch code {
	case "", payment.CodeNeverArrived:
		return ""
	case payment.CodeAuthentication, "mobile_device_authentication_required", "approve_with_id":
		return "The bank wants this payment to be confirmed"
	case "insufficient_funds":
		return "There was not enough money on the card"
	case "card_velocity_exceeded", "withdrawal_count_limit_exceeded":
		return "The card has reached its limit for now"
	case "expired_card", "invalid_expiry_month", "invalid_expiry_year":
		return "The card has expired"
	case "incorrect_number", "invalid_number", "invalid_account", "incorrect_cvc", "invalid_cvc", "incorrect_zip", "new_account_information_available":
		return "The details of the card are no longer right"
	case "card_not_supported", "currency_not_supported", "service_not_allowed", "not_permitted", "transaction_not_allowed", "restricted_card", "security_violation":
		return "The card cannot be used for this kind of payment"
	case "revocation_of_authorization", "revocation_of_all_authorizations", "stop_payment_order":
		return "The bank was asked to stop these payments"
	case "no_such_payment_method":
		return "There is no saved card to charge"
	case "issuer_not_available", "processing_error", "reenter_transaction", "try_again_later":
		return "The bank could not be reached or had a problem"
	case "duplicate_transaction":
		return "The bank took the payment for one that it had seen already"
	case payment.CodeRefused:
		return "The payment service did not accept this payment"
	}
	return "The bank declined the payment and did not say why"
}
