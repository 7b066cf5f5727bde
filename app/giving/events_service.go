package giving

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/access"
	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// giveUpAfter is how long an event of something unknown is looked at again and again.
const giveUpAfter = 24 * time.Hour

// payloadsKept is how long the text of an event is kept, for looking into trouble: it names people.
const payloadsKept = 90 * 24 * time.Hour

// Receive verifies a webhook of Stripe and stores its event with the job that applies it, in one transaction; an event that is stored
// already changes nothing. It returns payment.ErrBadSignature for what Stripe did not sign.
func (s *Service) Receive(ctx context.Context, body []byte, signature string) error {
	e, err := s.gateway.ParseEvent(body, signature)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return s.keepEventTx(ctx, tx, e) })
}

func (s *Service) keepEventTx(ctx context.Context, tx database.Tx, e payment.Event) error {
	if !interesting(e.Type) {
		e.State = payment.EventIgnored
	}
	fresh, err := insertEvent(ctx, tx, e)
	if err != nil || !fresh || e.State == payment.EventIgnored {
		return err
	}
	return s.jobs.InsertTx(ctx, tx, payment.Reconcile{EventID: e.EventID}, queue.On(queue.Stripe))
}

// interesting reports whether we act on a type: families rather than names, since other API versions rename members. Disputes are kept, and
// not acted on.
func interesting(eventType string) bool {
	if strings.HasPrefix(eventType, "charge.dispute.") {
		return false
	}
	for _, family := range []string{"checkout.session.", "payment_intent.", "charge.", "refund.", "payout.", "payment_method."} {
		if strings.HasPrefix(eventType, family) {
			return true
		}
	}
	return false
}

// Reconcile applies what an event tells of. Only its type and object id are believed; everything else is fetched. An event of something
// we do not know yet (it may be ahead of our own commit) is parked and looked at again, for a day.
func (s *Service) Reconcile(ctx context.Context, eventID string) error {
	var e payment.Event
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		e, err = findEvent(ctx, r, eventID)
		return err
	})
	if err != nil {
		return err
	}
	if e.State == payment.EventApplied || e.State == payment.EventIgnored {
		return nil
	}
	state, err := s.applyEvent(ctx, &e)
	if err != nil && (fault.KindOf(err) == fault.KindUnavailable || !known(err)) {
		return err // the queue tries again
	}
	if state == payment.EventParked && s.now().Sub(e.ReceivedAt) >= giveUpAfter {
		if err := s.suspend(ctx, &e); err != nil {
			return err
		}
	}
	return s.finishEvent(ctx, e, state, err)
}

// suspend books a charge that nothing of ours explains as unexplained money (PAYMENTS 5.4 row 15), so that the ledger keeps agreeing with
// Stripe's balance. What cannot be fetched, or has not reached the balance, is left.
func (s *Service) suspend(ctx context.Context, e *payment.Event) error {
	if prefix, _, _ := strings.Cut(e.ObjectID, "_"); prefix != "ch" && prefix != "py" {
		return nil
	}
	org, ok, err := s.payoutOwner(ctx, e.Account)
	if err != nil || !ok {
		return err
	}
	charge, err := s.gateway.Charge(ctx, e.Account, e.ObjectID)
	if err != nil || charge.Balance == nil {
		return unlessUnknown(err)
	}
	t, err := ledger.StrangeMovement(charge.Balance.ID, charge.Balance.Net, charge.Balance.At)
	if err != nil {
		return err
	}
	e.OrgID = &org.ID.UUID
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		s.books.PostTx(tx, org.ID.UUID, t)
		return nil
	})
}

// known reports whether an error is a definite answer rather than an accident.
func known(err error) bool { return fault.KindOf(err) != "" }

func (s *Service) applyEvent(ctx context.Context, e *payment.Event) (payment.EventState, error) {
	if strings.HasPrefix(e.Type, "payout.") {
		return s.applyPayout(ctx, e)
	}
	org, donationID, err := s.belongs(ctx, *e)
	if err != nil {
		return payment.EventFailed, err
	}
	switch {
	case donationID == uuid.Nil && org != uuid.Nil: // a page on which a card is saved, or a saved card
		e.OrgID = &org
		return payment.EventApplied, s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
			return s.jobs.InsertTx(ctx, tx, promise.ReadCard{OrgID: org, ObjectID: e.ObjectID}, queue.On(queue.Stripe))
		})
	case strings.HasPrefix(e.Type, "payment_method."): // of a card that nobody saved with us
		return payment.EventIgnored, nil
	case donationID == uuid.Nil:
		return payment.EventParked, nil
	}
	e.OrgID, e.DonationID = &org, &donationID
	if err := s.reconcile(ctx, org, id.From[donation.Donation](donationID), strings.Contains(e.Type, "refund")); err != nil {
		return payment.EventFailed, err
	}
	return payment.EventApplied, nil
}

// finishEvent keeps what became of an event; a parked one is looked at again later. It returns the cause of a failure, once that is kept for
// staff to see, so that it is logged as well.
func (s *Service) finishEvent(ctx context.Context, e payment.Event, state payment.EventState, cause error) error {
	now := s.now()
	e.State, e.Attempts, e.ProcessedAt = state, e.Attempts+1, &now
	var f *fault.Error
	if errors.As(cause, &f) {
		e.LastError = f.Code
	}
	again := state == payment.EventParked && now.Sub(e.ReceivedAt) < giveUpAfter
	if state == payment.EventParked && !again {
		e.State, e.LastError = payment.EventFailed, "nothing of ours fits"
	}
	err := s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		if err := saveEvent(ctx, tx, e); err != nil {
			return err
		}
		if !again {
			return nil
		}
		return s.jobs.InsertTx(ctx, tx, payment.Reconcile{EventID: e.EventID}, queue.On(queue.Stripe), queue.At(now.Add(retryAfter(e.Attempts))))
	})
	if err != nil {
		return err
	}
	return cause
}

// retryAfter is how long an event of something unknown waits for its next look.
func retryAfter(attempts int) time.Duration {
	return min(time.Hour, 5*time.Second<<min(attempts, 10))
}

// belongs finds the donation an event is about, or only the organization when it is about a saved card: by the objects we know, else by the metadata that we put on the object ourselves, read
// from Stripe and accepted only from the account that the organization's money goes to. No donation: uuid.Nil.
func (s *Service) belongs(ctx context.Context, e payment.Event) (org, donationID uuid.UUID, err error) {
	about, err := s.root(ctx, e)
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	if about.meta == nil {
		return s.ownerOf(ctx, about.objectID)
	}
	org, errOrg := uuid.Parse(about.meta["org"])
	donationID, errDonation := uuid.Parse(about.meta["donation"])
	if about.meta["setup"] != "" {
		donationID, errDonation = uuid.Nil, nil
	}
	if errOrg != nil || errDonation != nil {
		return uuid.Nil, uuid.Nil, nil
	}
	o, err := s.organizations.Organization(ctx, org)
	if fault.KindOf(err) == fault.KindNotFound || err == nil && o.StripeAccountID() != e.Account {
		return uuid.Nil, uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	if donationID == uuid.Nil {
		return org, uuid.Nil, nil
	}
	err = s.db.InTx(ctx, database.Tenant(org), func(tx database.Tx) error {
		d, err := findDonation(ctx, tx, id.From[donation.Donation](donationID))
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(about.meta["attempt"]) // none has the number 0
		if about.session == nil {
			return adoptIntent(ctx, tx, d.ID, n, about.intentID)
		}
		return adoptSession(ctx, tx, d.ID, n, *about.session)
	})
	if errors.Is(err, donation.ErrNotFound) {
		return uuid.Nil, uuid.Nil, nil
	}
	return org, donationID, err
}

// subject is what an event is about: an object that we may know, or the metadata of one we do not know, and its page if it is one.
type subject struct {
	objectID string
	meta     map[string]string
	session  *payment.Session
	intentID string
}

// root is the object of an event when we know it, else what Stripe has of it now.
func (s *Service) root(ctx context.Context, e payment.Event) (subject, error) {
	if org, _, err := s.ownerOf(ctx, e.ObjectID); err != nil || org != uuid.Nil {
		return subject{objectID: e.ObjectID}, err
	}
	switch prefix, _, _ := strings.Cut(e.ObjectID, "_"); prefix {
	case "cs":
		session, err := s.gateway.Session(ctx, e.Account, e.ObjectID)
		return subject{objectID: e.ObjectID, meta: found(session.Metadata), session: &session}, unlessUnknown(err)
	case "pi":
		intent, err := s.gateway.Intent(ctx, e.Account, e.ObjectID)
		return subject{objectID: e.ObjectID, meta: found(intent.Metadata), intentID: e.ObjectID}, unlessUnknown(err)
	case "ch", "py":
		charge, err := s.gateway.Charge(ctx, e.Account, e.ObjectID)
		return subject{objectID: charge.IntentID, meta: found(charge.Metadata), intentID: charge.IntentID}, unlessUnknown(err)
	case "re", "pyr":
		refund, err := s.gateway.Refund(ctx, e.Account, e.ObjectID)
		return subject{objectID: refund.ChargeID}, unlessUnknown(err)
	}
	return subject{}, nil
}

// found is nil for metadata that does not name one of ours.
func found(meta map[string]string) map[string]string {
	if meta["donation"] == "" && meta["setup"] == "" {
		return nil
	}
	return meta
}

// unlessUnknown drops the error of an object that Stripe does not have (any more, or for us): its event stays parked.
func unlessUnknown(err error) error {
	if errors.Is(err, payment.ErrUnknownObject) {
		return nil
	}
	return err
}

func (s *Service) ownerOf(ctx context.Context, objectID string) (org, donationID uuid.UUID, err error) {
	err = s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		org, donationID, err = stripeObject(ctx, r, objectID)
		return err
	})
	return org, donationID, err
}

// Sweep looks for what no event told, organization by organization.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		if err := forgetPayloads(ctx, tx, s.now().Add(-payloadsKept)); err != nil {
			return err
		}
		sweep := func(org uuid.UUID) queue.Args { return payment.SweepOrganization{OrgID: org} }
		return access.EnqueueForNonprofitsTx(ctx, tx, s.jobs, sweep, queue.On(queue.Stripe), queue.Unique())
	})
}

// SweepOrganization lists the events that Stripe may have failed to deliver, and asks for the state of payments that stayed open.
func (s *Service) SweepOrganization(ctx context.Context, orgID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	if err := s.catchUp(ctx, org.StripeAccountID()); err != nil {
		return err
	}
	var donations, refunds []uuid.UUID
	err = s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		donations, refunds, err = stuck(ctx, r, s.now())
		return err
	})
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
		for _, d := range donations {
			if err := s.jobs.InsertTx(ctx, tx, payment.Refresh{OrgID: orgID, DonationID: d}, queue.On(queue.Stripe), queue.Unique()); err != nil {
				return err
			}
		}
		for _, r := range refunds {
			if err := s.jobs.InsertTx(ctx, tx, payment.SendRefund{OrgID: orgID, RefundID: r}, queue.On(queue.Stripe), queue.Unique()); err != nil {
				return err
			}
		}
		return nil
	})
}

// catchUp stores every event of an account since an hour before the last time (30 days back at most: Stripe keeps no more). Organizations
// may share an account: one of them is enough.
func (s *Service) catchUp(ctx context.Context, stripeAccount string) error {
	now := s.now()
	since := now.Add(-30 * 24 * time.Hour)
	var last time.Time
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		last, err = checkpoint(ctx, r, stripeAccount)
		return err
	})
	age := now.Sub(last)
	if err != nil || 0 <= age && age < time.Minute {
		return err
	}
	if age >= 0 && last.Add(-time.Hour).After(since) {
		since = last.Add(-time.Hour)
	}
	err = s.gateway.EventsSince(ctx, stripeAccount, since, func(e payment.Event) error {
		return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return s.keepEventTx(ctx, tx, e) })
	})
	if err != nil {
		return fmt.Errorf("catch up with stripe: %w", err)
	}
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return saveCheckpoint(ctx, tx, stripeAccount, now) })
}

// theOnly returns the single organization whose money goes to our own Stripe account, when there is just one.
func theOnly(orgs []account.Organization) (account.Organization, bool) {
	var mine []account.Organization
	for _, o := range orgs {
		if o.StripeAccount == nil {
			mine = append(mine, o)
		}
	}
	if len(mine) != 1 {
		return account.Organization{}, false
	}
	return mine[0], true
}
