package pledging

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// KeptBy lists what a person promised for their own page, what is open first.
func (s *Service) KeptBy(ctx context.Context, org uuid.UUID, who id.ID[person.Person]) ([]promise.Kept, error) {
	if err := self(ctx, who.UUID); err != nil {
		return nil, err
	}
	var kept []promise.Kept
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		promises, err := promisesOfPerson(ctx, r, who.UUID)
		if err != nil {
			return err
		}
		purposes, err := purposesOf(ctx, r, promises)
		if err != nil {
			return err
		}
		kept = make([]promise.Kept, len(promises))
		for i, p := range promises {
			kept[i] = keptWith(p, purposes[p.ID], p.Card)
		}
		return nil
	})
	return kept, err
}

// keptBySelf is a promise of the supporter who asks; anybody else's is promise.ErrNotFound.
func (s *Service) keptBySelf(ctx context.Context, org account.Organization, of id.ID[promise.Promise]) (promise.Kept, error) {
	if who := actor.From(ctx); who.Kind != actor.KindSupporter || who.OrgID != org.ID.UUID {
		return promise.Kept{}, promise.ErrNotFound
	}
	k, err := s.kept(ctx, org, func(database.Reader) (id.ID[promise.Promise], error) { return of, nil })
	if err == nil {
		err = own(ctx, k.Promise)
	}
	return k, err
}

// keptOf is the promise that an instalment belongs to.
func (s *Service) keptOf(ctx context.Context, org account.Organization, of id.ID[promise.Instalment]) (promise.Kept, error) {
	return s.kept(ctx, org, func(r database.Reader) (id.ID[promise.Promise], error) { return promiseOf(ctx, r, of.UUID) })
}

// keptAs is the promise with a reference, for whoever knows that.
func (s *Service) keptAs(ctx context.Context, org account.Organization, reference string) (promise.Kept, error) {
	return s.kept(ctx, org, func(r database.Reader) (id.ID[promise.Promise], error) {
		p, err := promiseBy(ctx, r, "reference = ?", reference)
		return p.ID, err
	})
}

func (s *Service) kept(ctx context.Context, org account.Organization, which func(database.Reader) (id.ID[promise.Promise], error)) (promise.Kept, error) {
	var k promise.Kept
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		of, err := which(r)
		if err != nil {
			return err
		}
		p, err := findPromise(ctx, r, of)
		if err != nil {
			return err
		}
		purpose, err := purposeOf(ctx, r, p)
		if err != nil {
			return err
		}
		var card *promise.Card
		if p.CardID != nil {
			c, err := findCard(ctx, r, *p.CardID)
			if err != nil {
				return err
			}
			card = &c
		}
		k = keptWith(p, purpose, card)
		return nil
	})
	return k, err
}

func keptWith(p promise.Promise, purpose string, card *promise.Card) promise.Kept {
	k := promise.Kept{Promise: p, Purpose: purpose, Noun: noun(p), Rhythm: rhythm(p.Schedule)}
	k.Card = card
	if card != nil {
		k.Paying = cardWords(*card)
	}
	return k
}

// saving is where the newest try to save a card for a promise stands; empty when there was none.
func (s *Service) saving(ctx context.Context, p promise.Promise) (state payment.AttemptState, err error) {
	err = s.db.Read(ctx, database.Tenant(p.OrgID), func(r database.Reader) error {
		setup, err := newestSetup(ctx, r, p.ID)
		state = setup.State
		return err
	})
	return state, err
}

// How often a pay link may open Stripe's page.
const (
	pagesPerLink = 20
	pagesWindow  = 10 * time.Minute
)

// OpenPayPage opens Stripe's page on which a donor pays an instalment, and comes back to back. save keeps the card for the payments that
// follow. It returns what promise.TakeByHand refuses, donation.ErrAlreadyPaid, promise.ErrInFlight or payment.ErrUnavailable.
func (s *Service) OpenPayPage(ctx context.Context, org account.Organization, of id.ID[promise.Instalment], save bool, back string) (string, error) {
	if err := s.limiter.Allow(ctx, "pay-link", of.String(), pagesPerLink, pagesWindow); err != nil {
		return "", err
	}
	k, err := s.keptOf(ctx, org, of)
	if err != nil {
		return "", err
	}
	i, err := k.TakeByHand(of)
	switch {
	case err != nil:
		return "", err
	case i.Amount.Minor == 0:
		return "", promise.ErrInstalment
	}
	c := collection(k.Promise, *i)
	c.Purpose, c.SaveCard, c.ReturnURL = k.Purpose, save, back
	if k.Card != nil && k.Card.Usable() && k.Card.StripeAccount == org.StripeAccountID() {
		c.Card = &payment.SavedMethod{ID: k.Card.PaymentMethodID, CustomerID: k.Card.CustomerID}
	}
	address, err := s.collector.OpenPage(ctx, org, c)
	if err != nil {
		return "", fmt.Errorf("open page of instalment %s: %w", of, err)
	}
	return address, nil
}
