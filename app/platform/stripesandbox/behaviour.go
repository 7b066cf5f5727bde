package stripesandbox

import (
	"fmt"
	"slices"
)

// authenticationRequired is the decline code of a bank that wants to see the cardholder.
const authenticationRequired = "authentication_required"

// declineCodes are the codes of docs.stripe.com/declines/codes that a saved card can be told to answer with.
var declineCodes = []string{
	authenticationRequired, "call_issuer", "card_not_supported", "card_velocity_exceeded", "do_not_honor", "do_not_try_again", "expired_card", "fraudulent",
	"generic_decline", "incorrect_number", "insufficient_funds", "invalid_account", "issuer_not_available", "lost_card", "merchant_blacklist",
	"new_account_information_available", "no_action_taken", "not_permitted", "pickup_card", "processing_error", "reenter_transaction", "restricted_card",
	"revocation_of_all_authorizations", "revocation_of_authorization", "security_violation", "service_not_allowed", "stolen_card", "stop_payment_order",
	"transaction_not_allowed", "try_again_later", "withdrawal_count_limit_exceeded",
}

// declineCard is a card that declines with a code.
func declineCard(decline string) card {
	if decline == authenticationRequired {
		return card{code: decline, decline: decline, message: "Your card was declined. This transaction requires authentication."}
	}
	at := slices.IndexFunc(cards, func(c card) bool { return c.decline == decline })
	if at < 0 {
		return card{code: "card_declined", decline: decline, message: "Your card was declined."}
	}
	c := cards[at]
	return card{code: c.code, decline: c.decline, message: c.message}
}

// behaviourOf is how a method answers the next charge: as its number does, unless it was told to decline.
func behaviourOf(m *PaymentMethod) card {
	switch m.Declines {
	case "":
		return cardOf(m)
	case authenticationRequired:
		return card{auth: authAlways}
	default:
		return declineCard(m.Declines)
	}
}

// countDecline ends a limited run of declines with its last one.
func (t *tx) countDecline(m *PaymentMethod) {
	if m.DeclinesLeft == 0 {
		return
	}
	if m.DeclinesLeft--; m.DeclinesLeft == 0 {
		m.Declines = ""
	}
	t.save(m)
}

// SetBehaviour makes a saved method behave as the test card with that number from now on: a good card that begins to decline, or a declining
// one that works again. It also ends what DeclineNext began.
func (s *Sandbox) SetBehaviour(methodID, number string) error {
	c, ok := cardByNumber(number)
	if !ok {
		return fmt.Errorf("set behaviour of %s: %q is no test card of the sandbox", methodID, number)
	}
	return on(s, kindPaymentMethod, methodID, func(t *tx, m *PaymentMethod) error {
		m.Behaviour, m.Declines, m.DeclinesLeft = c.number, "", 0
		t.save(m)
		return nil
	})
}

// DeclineNext makes the next n charges of a saved method fail with one of Stripe's decline codes; zero makes all of them fail, until
// SetBehaviour or UpdateCard. With authentication_required a charge with the cardholder present asks for 3-D Secure instead, and goes through
// after it.
func (s *Sandbox) DeclineNext(methodID, code string, n int) error {
	if !slices.Contains(declineCodes, code) || n < 0 {
		return fmt.Errorf("decline next charges of %s: %q × %d is not a decline code of Stripe's and a count", methodID, code, n)
	}
	return on(s, kindPaymentMethod, methodID, func(t *tx, m *PaymentMethod) error {
		m.Declines, m.DeclinesLeft = code, n
		t.save(m)
		return nil
	})
}

// UpdateCard is the card network replacing a saved card: a new number, which is a test card's and decides how it behaves, and a new expiry.
// Stripe tells of it with payment_method.automatically_updated; the id stays.
func (s *Sandbox) UpdateCard(methodID, number string, expMonth, expYear int64) error {
	c, ok := cardByNumber(number)
	if !ok {
		return fmt.Errorf("update card %s: %q is no test card of the sandbox", methodID, number)
	}
	return on(s, kindPaymentMethod, methodID, func(t *tx, m *PaymentMethod) error {
		if m.Card == nil || m.Customer == nil {
			return wrongState("", "PaymentMethod %s is not a card saved for a customer.", m.ID)
		}
		if expired(expMonth, expYear, t.now) {
			return cardInputError("invalid_expiry_year", "exp_year", "The new card has expired.")
		}
		before := t.render(m)
		m.Behaviour, m.Declines, m.DeclinesLeft = c.number, "", 0
		fresh := *m.Card // the old one may have been copied out
		fresh.Brand, fresh.DisplayBrand, fresh.Funding, fresh.Last4 = c.brand, displayBrand(c.brand), c.funding, c.number[len(c.number)-4:]
		fresh.Fingerprint, fresh.ExpMonth, fresh.ExpYear = fingerprintOf(m.Account, c.number), expMonth, expYear
		m.Card = &fresh
		t.save(m)
		t.emitUpdate("payment_method.automatically_updated", m, before)
		return nil
	})
}

// DetachCard takes a saved method from its customer, as the customer's bank or the merchant's dashboard does.
func (s *Sandbox) DetachCard(methodID string) error {
	return on(s, kindPaymentMethod, methodID, func(t *tx, m *PaymentMethod) error {
		if m.Customer == nil {
			return wrongState("", "PaymentMethod %s is not attached to a customer.", m.ID)
		}
		t.detach(m)
		return nil
	})
}

// PaymentMethods lists the payment methods of an account, oldest first: those of one-time payments, and the saved ones, which have a Customer.
func (s *Sandbox) PaymentMethods(account string) []PaymentMethod {
	return rowsOf[PaymentMethod](s, account, kindPaymentMethod)
}

// SetupIntents lists the setup intents of an account, oldest first.
func (s *Sandbox) SetupIntents(account string) []SetupIntent {
	return rowsOf[SetupIntent](s, account, kindSetupIntent)
}

// savedCard is a saved card as the panel shows it.
type savedCard struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Email    string `json:"email"`
	Card     pmCard `json:"card"`
	Answer   string `json:"answer"` // what later charges get
}

// newestCards lists the cards saved last. It looks only so far back, since nearly all methods of a busy sandbox are of one-time payments.
func (t *tx) newestCards() []savedCard {
	const far = 10_000
	stored := t.db.byKind[kindPaymentMethod]
	found := []savedCard{}
	for i := len(stored) - 1; i >= max(0, len(stored)-far) && len(found) < panelRows; i-- {
		m, ok := stored[i].(*PaymentMethod)
		if !ok || m.Card == nil || m.Customer == nil {
			continue
		}
		found = append(found, savedCard{
			ID: m.ID, Customer: *m.Customer, Email: value(must[*Customer](t, *m.Customer).Email), Card: *m.Card, Answer: m.answer(),
		})
	}
	return found
}

// answer says in words what the next charge of a saved method gets.
func (m *PaymentMethod) answer() string {
	c := behaviourOf(m)
	text := "succeed"
	switch {
	case c.code != "":
		text = "declined: " + c.decline
	case needsAuthentication(c, m, true):
		text = "declined: " + authenticationRequired
	}
	if m.DeclinesLeft > 0 {
		text += fmt.Sprintf(" (%d more)", m.DeclinesLeft)
	}
	return text
}
