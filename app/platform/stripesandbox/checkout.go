package stripesandbox

import (
	"errors"
	"strings"
	"time"
)

// Why a session takes no more payments.
var (
	ErrAlreadyPaid = errors.New("this checkout session is already paid")
	ErrExpired     = errors.New("this checkout session has expired")
	ErrNoSession   = errors.New("no such checkout session")
	ErrOtherMode   = errors.New("this checkout session is of the other mode: it collects a payment, or it saves a card")
)

// Payment is what a payer enters on the checkout page.
type Payment struct {
	// Card is a test number or a pm_card_… token; Bank is a test account number. One of them is set.
	Card, Bank  string
	Email, Name string
	// ExpMonth and ExpYear default to the end of next year.
	ExpMonth, ExpYear int64
	token             string
}

// PaySession pays an open session as the hosted page does and returns its payment intent. A decline is an error; an intent that wants
// 3-D Secure comes back with the status requires_action, see Authenticate.
func (s *Sandbox) PaySession(sessionID string, p Payment) (PaymentIntent, error) {
	var made PaymentIntent
	err := s.update(func(t *tx) error {
		pi, err := t.paySession(sessionID, p)
		if pi != nil {
			made = *pi
		}
		return err
	})
	return made, err
}

// SaveCard saves a card on an open session of mode setup as the hosted page does and returns its setup intent. A decline is an error; an
// intent that wants 3-D Secure comes back with the status requires_action, see Authenticate.
func (s *Sandbox) SaveCard(sessionID string, p Payment) (SetupIntent, error) {
	var made SetupIntent
	err := s.update(func(t *tx) error {
		session, m, err := t.visit(sessionID, p, true)
		if err != nil {
			return err
		}
		si := must[*SetupIntent](t, *session.SetupIntent)
		err = t.confirmSetup(si, m, setupConfirmation{returnURL: &session.SuccessURL})
		made = *si
		return err
	})
	return made, err
}

// Authenticate ends the 3-D Secure challenge of an intent, be it to pay or to save a card.
func (s *Sandbox) Authenticate(intentID string, passed bool) error {
	if isSetup(intentID) {
		return on(s, kindSetupIntent, intentID, func(t *tx, si *SetupIntent) error { return t.authenticateSetup(si, passed) })
	}
	return on(s, kindPaymentIntent, intentID, func(t *tx, pi *PaymentIntent) error { return t.authenticate(pi, passed) })
}

// paySession is one attempt to pay. Everything under the one mutex: of any number of tabs, one pays.
func (t *tx) paySession(sessionID string, p Payment) (*PaymentIntent, error) {
	session, m, err := t.visit(sessionID, p, false)
	if err != nil {
		return nil, err
	}
	pi := t.sessionIntent(session)
	return pi, t.confirm(pi, m, confirmation{})
}

// visit enters a card on an open session of the mode that is meant.
func (t *tx) visit(sessionID string, p Payment, saving bool) (*Session, *PaymentMethod, error) {
	session, ok := t.db.byID[sessionID].(*Session)
	if !ok {
		return nil, nil, ErrNoSession
	}
	t.account = session.Account
	if t.baseURL == "" {
		t.baseURL = strings.TrimSuffix(value(session.URL), "/c/pay/"+session.ID)
	}
	switch {
	case session.Status == "complete":
		return nil, nil, ErrAlreadyPaid
	case session.Status == "expired":
		return nil, nil, ErrExpired
	case session.saves() != saving:
		return nil, nil, ErrOtherMode
	}
	m, err := t.enteredMethod(p)
	if err != nil {
		return nil, nil, err
	}
	session.CustomerDetails = &customerDetails{
		Address: &m.Billing.Address, Email: cmpPtr(m.Billing.Email, session.CustomerEmail), Name: m.Billing.Name, TaxExempt: "none", TaxIDs: []string{},
	}
	if customer, ok := find[*Customer](t, value(session.Customer)); ok {
		session.CustomerDetails.Email = cmpPtr(session.CustomerDetails.Email, customer.Email)
	}
	session.PaidWith = p.token
	t.save(session)
	return session, m, nil
}

func cmpPtr(a, b *string) *string {
	if a != nil {
		return a
	}
	return b
}

func (t *tx) enteredMethod(p Payment) (*PaymentMethod, error) {
	billing := billingDetails{}
	set(&billing.Email, &p.Email)
	set(&billing.Name, &p.Name)
	if p.Bank != "" {
		if p.Bank != bankSucceeds && p.Bank != bankFails {
			return nil, invalid("bank_account_unusable", "account_number", "The sandbox knows the test accounts %s and %s.", bankSucceeds, bankFails)
		}
		return t.newBank(p.Bank, billing), nil
	}
	c, ok := cardByNumber(p.Card)
	if !ok {
		c, ok = cardByToken(p.Card)
	}
	if !ok {
		return nil, cardInputError("incorrect_number", "number", "Your card number is incorrect.")
	}
	if p.ExpMonth == 0 {
		p.ExpMonth, p.ExpYear = 12, int64(t.now.Year()+1)
	}
	if expired(p.ExpMonth, p.ExpYear, t.now) {
		return nil, cardInputError("invalid_expiry_year", "exp_year", "Your card's expiration date is in the past.")
	}
	if p.ExpYear < 100 {
		p.ExpYear += 2000
	}
	return t.newCard(c, billing, p.ExpMonth, p.ExpYear), nil
}

// sessionIntent makes the intent at the first attempt to pay, as Stripe does since 2022-08-01, and reuses it for the next ones.
func (t *tx) sessionIntent(session *Session) *PaymentIntent {
	if session.PaymentIntent != nil {
		return must[*PaymentIntent](t, *session.PaymentIntent)
	}
	d := session.Intent
	pi := &PaymentIntent{
		Amount: session.AmountTotal, Currency: session.Currency, Customer: session.Customer, CaptureMethod: d.CaptureMethod, ConfirmationMethod: "automatic",
		Description: d.Description, ApplicationFee: d.ApplicationFee, FutureUsage: d.FutureUsage, Metadata: d.Metadata, ReceiptEmail: d.ReceiptEmail,
		Descriptor: d.Descriptor, DescriptorSuffix: d.DescriptorSuffix, TransferGroup: d.TransferGroup, MethodTypes: session.MethodTypes,
		Status: "requires_payment_method", Session: session.ID, ReturnURL: session.SuccessURL,
	}
	if pi.Metadata == nil {
		pi.Metadata = map[string]string{}
	}
	t.openIntent(pi)
	session.PaymentIntent = &pi.ID
	t.save(session)
	return pi
}

// sessionCustomer makes the customer that a session promised, now that it is being paid.
func (t *tx) sessionCustomer(pi *PaymentIntent) {
	session, ok := find[*Session](t, pi.Session)
	wanted := ok && (value(session.CustomerCreation) == "always" || pi.FutureUsage != nil)
	if !wanted || session.Customer != nil {
		return
	}
	pi.Customer = t.payingCustomer(session)
	t.save(pi)
}

// payingCustomer makes a customer of what was entered on the page.
func (t *tx) payingCustomer(session *Session) *string {
	customer := &Customer{InvoicePrefix: strings.ToUpper(randomText(8)), Locales: []string{}, Metadata: map[string]string{}}
	if d := session.CustomerDetails; d != nil {
		customer.Email, customer.Name = d.Email, d.Name
	}
	t.create(customer, kindCustomer, "cus_")
	session.Customer = &customer.ID
	t.save(session)
	t.emit("customer.created", customer, nil)
	return &customer.ID
}

// ExpireSession expires an open session, as the payer walking away for a day does.
func (s *Sandbox) ExpireSession(sessionID string) error {
	return on(s, kindSession, sessionID, func(t *tx, session *Session) error {
		switch session.Status {
		case "complete":
			return ErrAlreadyPaid
		case "expired":
			return ErrExpired
		}
		t.expire(session)
		return nil
	})
}

// successURL is where the payer goes after paying.
func (s *Session) successURL() string {
	return strings.ReplaceAll(s.SuccessURL, "{CHECKOUT_SESSION_ID}", s.ID)
}

func parseExpiry(text string, now time.Time) (month, year int64, ok bool) {
	digits := digitsOnly(text)
	if len(digits) == 3 {
		digits = "0" + digits
	}
	if len(digits) == 6 {
		digits = digits[:2] + digits[4:]
	}
	if len(digits) != 4 {
		return 0, 0, false
	}
	month = int64(digits[0]-'0')*10 + int64(digits[1]-'0')
	year = 2000 + int64(digits[2]-'0')*10 + int64(digits[3]-'0')
	return month, year, !expired(month, year, now)
}
