package pledging

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/promise"
)

const (
	// setupLifetime is how long a page on which a card is saved stays open: Stripe's least is 30 minutes, and the call takes a moment.
	setupLifetime = 31 * time.Minute
	// setupAnswerWindow is how long an unanswered request may be sent again: later its end would come too soon for Stripe.
	setupAnswerWindow = 50 * time.Second
)

// StartSetup opens Stripe's page on which a card is saved for a promise, and for all that its person has charged to a card. A page that is
// open already is returned again. returnURL is where Stripe sends the donor afterwards, whether a card was saved or not. It returns
// payment.ErrUnavailable when Stripe cannot be reached.
func (s *Service) StartSetup(ctx context.Context, org account.Organization, p promise.Promise, returnURL string) (address string, err error) {
	var setup promise.Setup
	err = s.db.InTx(ctx, database.Tenant(p.OrgID), func(tx database.Tx) error {
		if setup, err = newestSetup(ctx, tx, p.ID); err != nil || s.reusable(setup, returnURL) {
			return err
		}
		if setup, err = s.newSetup(ctx, tx, org, p, returnURL); err != nil {
			return err
		}
		return insertSetup(ctx, tx, setup)
	})
	if err != nil || setup.SessionURL != "" {
		return setup.SessionURL, err
	}
	session, errCall := s.gateway.CreateSetup(ctx, setup.StripeAccount, setup.IdempotencyKey, setup.Params)
	refused := errors.Is(errCall, payment.ErrRefused) || errors.Is(errCall, payment.ErrUnknownObject)
	if errCall != nil && !refused {
		return "", errCall
	}
	err = s.db.InTx(ctx, database.Tenant(p.OrgID), func(tx database.Tx) error {
		stored, _, err := lockSetup(ctx, tx, setup.ID.UUID)
		if err != nil || stored.State != payment.AttemptCreated {
			return err
		}
		stored.UpdatedAt = s.now()
		if refused {
			stored.State = payment.AttemptFailed
			return saveSetup(ctx, tx, stored)
		}
		s.openSetup(tx, &stored, session)
		return saveSetup(ctx, tx, stored)
	})
	if refused {
		return "", errors.Join(payment.ErrRefused, errCall, err)
	}
	return session.URL, err
}

// reusable reports whether a stored setup can still lead to a page that comes back to the same address.
func (s *Service) reusable(setup promise.Setup, returnURL string) bool {
	now := s.now()
	switch {
	case setup.State == "" || setup.Params.SuccessURL != returnURL:
		return false
	case setup.State == payment.AttemptOpen:
		return setup.ExpiresAt != nil && now.Before(*setup.ExpiresAt)
	}
	return setup.State == payment.AttemptCreated && now.Sub(setup.CreatedAt) < setupAnswerWindow
}

// newSetup fixes the exact request to Stripe before anything is sent.
func (s *Service) newSetup(ctx context.Context, r database.Reader, org account.Organization, p promise.Promise, returnURL string) (promise.Setup, error) {
	now, setupID := s.now(), id.New[promise.Setup]()
	setup := promise.Setup{
		OrgID: p.OrgID, ID: setupID, PersonID: p.PersonID, PromiseID: &p.ID.UUID, IdempotencyKey: "setup:" + setupID.String(),
		StripeAccount: org.StripeAccountID(), State: payment.AttemptCreated, CreatedAt: now, UpdatedAt: now,
		Params: payment.SetupParams{
			CustomerEmail: p.DonorEmail, SuccessURL: returnURL, CancelURL: returnURL, ExpiresAt: now.Add(setupLifetime).Unix(), Currency: p.Amount.Currency,
			Metadata: map[string]string{"org": p.OrgID.String(), "setup": setupID.String()},
		},
	}
	if p.PersonID == nil {
		return setup, nil
	}
	customer, err := newestCustomer(ctx, r, *p.PersonID, setup.StripeAccount)
	if customer != "" {
		setup.Params.CustomerID, setup.Params.CustomerEmail = customer, ""
	}
	return setup, err
}

func (s *Service) openSetup(tx database.Tx, setup *promise.Setup, session payment.Session) {
	setup.State, setup.SessionID, setup.SessionURL, setup.ExpiresAt = payment.AttemptOpen, &session.ID, session.URL, &session.ExpiresAt
	queueObject(tx, session.ID, setup.OrgID, s.now())
}

// ReadCard fetches what Stripe says of a page on which a card is saved, or of a saved card, and applies it. It may run any number of times.
func (s *Service) ReadCard(ctx context.Context, orgID uuid.UUID, objectID string) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	switch prefix, _, _ := strings.Cut(objectID, "_"); prefix {
	case "cs":
		return s.readSetup(ctx, org, objectID)
	case "pm":
		return s.readMethod(ctx, org, objectID)
	}
	return nil
}

// RefreshSetup asks Stripe what became of the newest page on which a card was to be saved for a promise, without waiting for an event.
func (s *Service) RefreshSetup(ctx context.Context, org account.Organization, of id.ID[promise.Promise]) error {
	var setup promise.Setup
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		setup, err = newestSetup(ctx, r, of)
		return err
	})
	if err != nil || setup.SessionID == nil || setup.State != payment.AttemptOpen {
		return err
	}
	return s.readSetup(ctx, org, *setup.SessionID)
}

func (s *Service) readSetup(ctx context.Context, org account.Organization, sessionID string) error {
	var setup promise.Setup
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		setup, err = setupOfSession(ctx, r, sessionID)
		return err
	})
	if err != nil || setup.State == payment.AttemptSucceeded {
		return err
	}
	stripeAccount := org.StripeAccountID()
	if setup.State != "" {
		stripeAccount = setup.StripeAccount
	}
	session, err := s.gateway.Session(ctx, stripeAccount, sessionID)
	if err != nil {
		return fmt.Errorf("ask stripe about a saved card: %w", err)
	}
	of := setup.ID.UUID
	if setup.State == "" { // its answer was lost on the way: the page names it
		if of, err = uuid.Parse(session.Metadata["setup"]); err != nil {
			return nil //nolint:nilerr // not one of ours
		}
	}
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		setup, found, err := lockSetup(ctx, tx, of)
		if err != nil || !found || setup.State == payment.AttemptSucceeded {
			return err
		}
		if setup.SessionID == nil {
			s.openSetup(tx, &setup, session)
		}
		setup.UpdatedAt = s.now()
		switch {
		case session.Setup != nil && session.Setup.Status == "succeeded" && session.Setup.Method != nil:
			setup.State = payment.AttemptSucceeded
			if err := s.adoptCardTx(ctx, tx, org, &setup, *session.Setup.Method); err != nil {
				return err
			}
		case session.Status == payment.SessionExpired:
			setup.State = payment.AttemptExpired
		}
		return saveSetup(ctx, tx, setup)
	})
}

// adoptCardTx keeps the card that a page saved and charges everything to it that its person pays by card. A public pledge begins with it, and
// with nothing else: whoever fills a form may type anybody's address, and must not change what that person's other gifts are charged to.
func (s *Service) adoptCardTx(ctx context.Context, tx database.Tx, org account.Organization, setup *promise.Setup, m payment.SavedMethod) error {
	asked := id.From[promise.Promise](*setup.PromiseID)
	p, err := lockPromise(ctx, tx, asked)
	if err != nil {
		return err
	}
	fromForm := p.PersonID == nil
	if fromForm {
		if err := s.welcomeTx(ctx, tx, org, &p); err != nil {
			return err
		}
	}
	setup.PersonID = p.PersonID
	card, err := keepCard(ctx, tx, promise.NewCard(p.OrgID, *p.PersonID, setup.StripeAccount, m, s.now()))
	if err != nil {
		return err
	}
	err = s.useCardTx(ctx, tx, org, &p, using{card: card, key: "setup:" + setup.ID.String()})
	if err != nil || fromForm {
		return err
	}
	others, err := byCardOf(ctx, tx, *p.PersonID)
	if err != nil {
		return err
	}
	for _, other := range slices.DeleteFunc(others, func(o id.ID[promise.Promise]) bool { return o == asked }) {
		if p, err = lockPromise(ctx, tx, other); err != nil {
			return err
		}
		if err := s.useCardTx(ctx, tx, org, &p, using{card: card}); err != nil {
			return err
		}
	}
	return nil
}

// using is a card that a promise is charged to from now on.
type using struct {
	card promise.Card
	key  string // of the mail that says so; empty: none
}

func (s *Service) useCardTx(ctx context.Context, tx database.Tx, org account.Organization, p *promise.Promise, u using) error {
	return s.changeTx(ctx, tx, org, p, func(p *promise.Promise, _ day.Day) (change, error) {
		now := s.now()
		switch {
		case !p.Status.Open():
			return change{}, nil
		case p.Status == promise.PendingSetup && p.Kind == promise.Pledge:
			p.Activate(*p.PersonID, &u.card.ID.UUID, now)
			return change{action: "promise.activated", letter: letter{template: "pledge_thanks", key: p.ID.String()}}, nil
		case p.Status == promise.PendingSetup: // a plan begins with its first gift
			return change{}, nil
		}
		c := change{action: "promise.card_changed"}
		charged := p.UseCard(u.card.ID.UUID, now)
		if charged != nil {
			c.detail = about(*charged)
		}
		if u.key != "" {
			c.letter = letter{template: "card_saved", about: charged, key: u.key}
		}
		return c, nil
	})
}

// welcomeTx finds or makes the person behind a public pledge whose card was saved, and records what they allowed.
func (s *Service) welcomeTx(ctx context.Context, tx database.Tx, org account.Organization, p *promise.Promise) error {
	who, err := s.people.FindOrCreateTx(ctx, tx, p.OrgID, person.Details{FirstName: p.DonorFirstName, LastName: p.DonorLastName, Email: p.DonorEmail})
	if err != nil {
		return err
	}
	p.PersonID = &who.ID.UUID
	if !p.EmailConsent {
		return nil
	}
	return s.people.RecordConsentTx(ctx, tx, who, person.Answer{
		Channel: person.ChannelEmail, Granted: true, Source: person.FromGivingPage, Wording: donation.ConsentWording(org.Name),
	})
}

// readMethod brings a saved card up to date: banks renew cards by themselves, and donors and banks take them back.
func (s *Service) readMethod(ctx context.Context, org account.Organization, method string) error {
	m, err := s.gateway.SavedMethod(ctx, org.StripeAccountID(), method)
	switch {
	case errors.Is(err, payment.ErrUnknownObject):
		m.Detached = true
	case err != nil:
		return fmt.Errorf("ask stripe about a saved card: %w", err)
	}
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		card, found, err := lockCardByMethod(ctx, tx, method)
		if err != nil || !found || card.StripeAccount != org.StripeAccountID() {
			return err
		}
		renewed, lost := card.Follow(m, s.now())
		if !renewed && !lost {
			return nil
		}
		if err := saveCard(ctx, tx, card); err != nil {
			return err
		}
		promises, err := chargedTo(ctx, tx, card.ID)
		if err != nil {
			return err
		}
		for _, of := range promises {
			p, err := lockPromise(ctx, tx, of)
			if err != nil {
				return err
			}
			if err := s.changeTx(ctx, tx, org, &p, s.cardMoved(card, lost)); err != nil {
				return err
			}
		}
		return nil
	})
}

// cardMoved is what a promise makes of news of its card: what waited for a renewed one is charged again, and the donor is asked for another
// card when this one was taken back.
func (s *Service) cardMoved(card promise.Card, lost bool) rule {
	return func(p *promise.Promise, _ day.Day) (change, error) {
		switch {
		case lost:
			return change{action: "promise.card_lost", letter: letter{template: "card_needed", key: "lost:" + card.ID.String() + ":" + p.ID.String()}}, nil
		case p.AwaitsRenewal():
			charged := p.UseCard(card.ID.UUID, s.now())
			c := change{action: "promise.card_renewed"}
			if charged != nil {
				c.letter = letter{template: "card_saved", about: charged, key: mailKey(*charged, "renewed")}
			}
			return c, nil
		}
		return change{action: "promise.card_renewed"}, nil
	}
}
