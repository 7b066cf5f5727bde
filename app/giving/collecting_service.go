package giving

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// ChargeTx stores the gift that collects an instalment, or finds the one that tried before, with its next attempt to charge the saved card.
// Nothing is sent yet: see Send. It returns donation.ErrAlreadyPaid when money came already, and promise.ErrInFlight while another attempt
// may still bring some.
func (s *Service) ChargeTx(ctx context.Context, tx database.Tx, org account.Organization, c donation.Collection) (uuid.UUID, int, error) {
	d, newest, err := s.collectingTx(ctx, tx, c)
	if err != nil {
		return uuid.Nil, 0, err
	}
	if newest.State.Open() && !stale(newest, s.now()) {
		return uuid.Nil, 0, promise.ErrInFlight
	}
	n, err := attemptsToCollect(ctx, tx, c.InstalmentID)
	if err != nil {
		return uuid.Nil, 0, err
	}
	n++
	now := s.now()
	a := payment.Attempt{
		OrgID: d.OrgID, ID: id.New[payment.Attempt](), DonationID: d.ID.UUID, N: n, Kind: payment.BySaved,
		IdempotencyKey: fmt.Sprintf("inst:%s:a%d", c.InstalmentID, n), StripeAccount: org.StripeAccountID(), State: payment.AttemptCreated,
		Charge: &payment.ChargeParams{
			Amount: d.Total(), CustomerID: c.Card.CustomerID, PaymentMethodID: c.Card.ID, Description: c.Purpose,
			Metadata: map[string]string{
				"org": d.OrgID.String(), "donation": d.ID.String(), "instalment": c.InstalmentID.String(), "attempt": fmt.Sprint(n),
			},
		},
		CreatedAt: now, UpdatedAt: now,
	}
	return d.ID.UUID, n, s.beginAttemptTx(ctx, tx, d, newest, a)
}

// collectingTx is the gift that collects an instalment, locked, with its newest attempt: the unpaid one, or a new one. An unpaid one of
// another amount is withdrawn, since the instalment changed after it.
func (s *Service) collectingTx(ctx context.Context, tx database.Tx, c donation.Collection) (donation.Donation, payment.Attempt, error) {
	var none payment.Attempt
	paid, err := collected(ctx, tx, c.InstalmentID)
	if err != nil {
		return donation.Donation{}, none, err
	}
	if paid {
		return donation.Donation{}, none, donation.ErrAlreadyPaid
	}
	d, found, err := lockUnpaidOf(ctx, tx, c.InstalmentID)
	if err != nil {
		return d, none, err
	}
	if found {
		newest, err := newestAttempt(ctx, tx, d.ID)
		if err != nil || d.Amount == c.Amount && d.CoverMinor == c.CoverMinor || newest.State.Open() && !stale(newest, s.now()) {
			return d, newest, err
		}
		if err := s.withdrawTx(ctx, tx, d, newest); err != nil {
			return d, none, err
		}
	}
	d = donation.Collect(c, s.now())
	return d, none, queueDonation(ctx, tx, &d)
}

// beginAttemptTx stores the next attempt in the place of the one before.
func (s *Service) beginAttemptTx(ctx context.Context, tx database.Tx, d donation.Donation, before, a payment.Attempt) error {
	if before.State.Open() { // stale: what may still come of it wins when it is told
		if err := closeAttempt(ctx, tx, before, payment.AttemptExpired, s.now()); err != nil {
			return err
		}
	}
	if err := insertAttempt(ctx, tx, a); err != nil {
		return err
	}
	if before.N == 0 {
		return nil // a new gift is a draft already
	}
	d.Settle(donation.Facts{Attempt: a.State}, s.now())
	return saveStatus(ctx, tx, d)
}

// Send carries the newest attempt of a gift to Stripe, or asks what became of it, and applies the answer. Without an answer the attempt is
// unknown, which is no error: asked again, it is sent again under the same key, looked for in Stripe's list, and never charged anew.
func (s *Service) Send(ctx context.Context, orgID, donationID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	var a payment.Attempt
	err = s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		a, err = newestAttempt(ctx, r, id.From[donation.Donation](donationID))
		return err
	})
	if err != nil {
		return err
	}
	if a.Kind != payment.BySaved || !a.State.Open() {
		return s.Refresh(ctx, orgID, donationID)
	}
	intent, errCall := s.carry(ctx, a)
	return s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
		d := donation.Donation{ID: id.From[donation.Donation](donationID)}
		if err := lockDonation(ctx, tx, &d); err != nil {
			return err
		}
		t := told{intents: map[int]payment.Intent{}}
		if errCall == nil {
			t.intents[a.N] = intent
			t.hear(a, &intent)
			queueStripeObject(tx, intent.ID, d.OrgID, d.ID.UUID, s.now())
			return s.applyTx(ctx, tx, org, d, t)
		}
		if err := unanswered(ctx, tx, a, errCall, s.now()); err != nil {
			return err
		}
		return s.applyTx(ctx, tx, org, d, t)
	})
}

// errNeverArrived means that Stripe has no trace of a call that it surely would have by now.
var errNeverArrived = errors.New("the call never arrived")

// carry sends the stored request, or finds what became of it. It returns payment.ErrUnavailable when that stays unknown: only the request
// itself can be refused. A question about it that is refused says nothing of the charge, which may have been made.
func (s *Service) carry(ctx context.Context, a payment.Attempt) (payment.Intent, error) {
	if a.PaymentIntentID != nil {
		intent, err := s.gateway.Intent(ctx, a.StripeAccount, *a.PaymentIntentID)
		return intent, unsure(err)
	}
	if age := s.now().Sub(a.CreatedAt); a.State == payment.AttemptUnknown || age > answerWindow {
		intent, found, err := s.lookUp(ctx, a)
		switch {
		case err != nil:
			return intent, unsure(err)
		case found:
			return s.release(ctx, a, intent)
		case age >= payment.KeyLifetime:
			return intent, errNeverArrived
		}
	}
	intent, err := s.gateway.ChargeSaved(ctx, a.StripeAccount, a.IdempotencyKey, *a.Charge)
	if err != nil {
		return intent, err
	}
	return s.release(ctx, a, intent)
}

// release cancels a charge that waits for its donor's bank: the donor is asked to pay on a page instead, and only one of the two may be paid.
func (s *Service) release(ctx context.Context, a payment.Attempt, intent payment.Intent) (payment.Intent, error) {
	if intent.Status != "requires_action" && (intent.Status != "requires_payment_method" || intent.DeclineCode != payment.CodeAuthentication) {
		return intent, nil
	}
	cancelled, err := s.gateway.CancelIntent(ctx, a.StripeAccount, intent.ID)
	if err != nil {
		return intent, unsure(err)
	}
	if cancelled.Status == "canceled" {
		cancelled.DeclineCode = payment.CodeAuthentication
	}
	return cancelled, nil
}

// unsure is an error of asking about a charge: what became of it stays unknown, whatever the answer to the question was.
func unsure(err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(payment.ErrUnavailable, err)
}

// lookUp finds the charge of an attempt in Stripe's list, by what we wrote on it.
func (s *Service) lookUp(ctx context.Context, a payment.Attempt) (intent payment.Intent, found bool, err error) {
	since := a.CreatedAt.Add(-time.Hour) // clocks differ
	err = s.gateway.IntentsOf(ctx, a.StripeAccount, a.Charge.CustomerID, since, func(i payment.Intent) error {
		if i.Metadata["donation"] == a.Charge.Metadata["donation"] && i.Metadata["attempt"] == a.Charge.Metadata["attempt"] {
			intent, found = i, true
		}
		return nil
	})
	if err != nil || !found {
		return intent, false, err
	}
	intent, err = s.gateway.Intent(ctx, a.StripeAccount, intent.ID) // the list does not tell of the charge
	return intent, err == nil, err
}

// unanswered keeps what an attempt without a charge has come to.
func unanswered(ctx context.Context, tx database.Tx, a payment.Attempt, cause error, now time.Time) error {
	state, code := payment.AttemptUnknown, ""
	switch {
	case errors.Is(cause, payment.ErrUnavailable):
	case errors.Is(cause, errNeverArrived):
		state, code = payment.AttemptFailed, payment.CodeNeverArrived
	case errors.Is(cause, payment.ErrUnknownObject):
		state, code = payment.AttemptFailed, "no_such_payment_method"
	case errors.Is(cause, payment.ErrRefused):
		state, code = payment.AttemptFailed, payment.CodeRefused
	default:
		return cause
	}
	return answerCharge(ctx, tx, a, state, code, now)
}

// OpenPage opens Stripe's page on which the donor pays an instalment himself; one that is open already is returned again. It returns
// donation.ErrAlreadyPaid, promise.ErrInFlight while a card is being charged, or payment.ErrUnavailable.
func (s *Service) OpenPage(ctx context.Context, org account.Organization, c donation.Collection) (string, error) {
	var d donation.Donation
	var a payment.Attempt
	err := s.db.InTx(ctx, database.Tenant(c.OrgID), func(tx database.Tx) error {
		var newest payment.Attempt
		var err error
		if d, newest, err = s.collectingTx(ctx, tx, c); err != nil {
			return err
		}
		if newest.State.Open() && !stale(newest, s.now()) {
			a = newest
			if a.Kind == payment.BySaved || a.State != payment.AttemptCreated && a.State != payment.AttemptOpen {
				return promise.ErrInFlight
			}
			return nil
		}
		n, err := attemptsToCollect(ctx, tx, c.InstalmentID)
		if err != nil {
			return err
		}
		a = s.pageAttempt(org.StripeAccountID(), d, n+1, c.Purpose)
		a.Params.SuccessURL, a.Params.CancelURL, a.Params.SaveCard = c.ReturnURL, c.ReturnURL, c.SaveCard
		if c.Card != nil {
			a.Params.CustomerID, a.Params.CustomerEmail = c.Card.CustomerID, ""
		}
		return s.beginAttemptTx(ctx, tx, d, newest, a)
	})
	switch {
	case err != nil:
		return "", err
	case a.SessionURL != "":
		return a.SessionURL, nil
	}
	return s.openCheckout(ctx, d, a)
}

// WithdrawTx gives up collecting by a gift that nobody has paid: its instalment is paid, or asked for, in another way. A page that is open
// is closed soon after; should the donor have been faster, the money counts. What is in flight is left alone.
func (s *Service) WithdrawTx(ctx context.Context, tx database.Tx, donationID uuid.UUID) error {
	d := donation.Donation{ID: id.From[donation.Donation](donationID)}
	if err := lockDonation(ctx, tx, &d); err != nil {
		return err
	}
	if d.Status.Received() || d.Status == donation.Review || d.Status == donation.Cancelled || d.Status == donation.Processing {
		return nil
	}
	newest, err := newestAttempt(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	return s.withdrawTx(ctx, tx, d, newest)
}

func (s *Service) withdrawTx(ctx context.Context, tx database.Tx, d donation.Donation, newest payment.Attempt) error {
	if newest.Kind == payment.BySaved && newest.State.Open() {
		return promise.ErrInFlight
	}
	open := newest.State.Open()
	if err := closeAttempt(ctx, tx, newest, payment.AttemptCancelled, s.now()); err != nil {
		return err
	}
	before := d
	d.Settle(donation.Facts{Attempt: payment.AttemptCancelled}, s.now())
	if err := s.saveSettledTx(ctx, tx, before, d); err != nil || !open {
		return err
	}
	return s.jobs.InsertTx(ctx, tx, payment.ExpirePage{OrgID: d.OrgID, AttemptID: newest.ID.UUID}, queue.On(queue.Stripe))
}

// ExpirePage closes the page of an attempt that was withdrawn, and applies what happened on it before.
func (s *Service) ExpirePage(ctx context.Context, orgID, attemptID uuid.UUID) error {
	var a payment.Attempt
	err := s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		a, err = findAttempt(ctx, r, attemptID)
		return err
	})
	if err != nil {
		return err
	}
	if a.SessionID != nil {
		if _, err := s.gateway.ExpireCheckout(ctx, a.StripeAccount, *a.SessionID); err != nil {
			return fmt.Errorf("close page of attempt %s: %w", a.ID, err)
		}
	}
	return s.Refresh(ctx, orgID, a.DonationID)
}

// takeByHandTx checks that a gift by hand can pay the instalment it names, gives up collecting that by card, and returns who promised it.
func (s *Service) takeByHandTx(ctx context.Context, tx database.Tx, in donation.Details) (*uuid.UUID, error) {
	unpaid, found, err := lockUnpaidOf(ctx, tx, *in.InstalmentID) // before the promise: whoever applies facts holds the gift first
	if err != nil {
		return nil, err
	}
	p, err := s.promises.TakeByHandTx(ctx, tx, *in.InstalmentID)
	switch {
	case err != nil:
		return nil, err
	case in.PersonID != nil && (p.PersonID == nil || *p.PersonID != *in.PersonID):
		return nil, promise.ErrInstalment
	case in.Amount.Currency != p.Amount.Currency:
		return nil, donation.ErrWrongCurrency
	}
	if !found {
		return p.PersonID, nil
	}
	newest, err := newestAttempt(ctx, tx, unpaid.ID)
	if err != nil {
		return nil, err
	}
	return p.PersonID, s.withdrawTx(ctx, tx, unpaid, newest)
}
