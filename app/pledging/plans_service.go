package pledging

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/money"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// Detail is a promise with all its instalments (the newest of a plan), and the next charges of a plan.
type Detail struct {
	Line
	Upcoming []promise.Part
}

// shownAhead is how many charges of a plan a detail looks ahead.
const shownAhead = 6

// List returns promises that the filter matches, newest first.
func (s *Service) List(ctx context.Context, f Filter) ([]Line, error) {
	if err := f.clean(); err != nil {
		return nil, err
	}
	org := actor.From(ctx).OrgID
	var err error
	if f.today, err = s.today(ctx, org); err != nil {
		return nil, err
	}
	var lines []Line
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		lines, err = listPromises(ctx, r, org, f)
		return err
	})
	return lines, err
}

func (s *Service) today(ctx context.Context, org uuid.UUID) (day.Day, error) {
	o, err := s.organizations.Organization(ctx, org)
	if err != nil {
		return day.Day{}, err
	}
	return day.In(s.now(), o.Location()), nil
}

// Find returns one promise, or promise.ErrNotFound.
func (s *Service) Find(ctx context.Context, of id.ID[promise.Promise]) (Detail, error) {
	org := actor.From(ctx).OrgID
	today, err := s.today(ctx, org)
	if err != nil {
		return Detail{}, err
	}
	var d Detail
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		lines, err := listPromises(ctx, r, org, Filter{ID: of, Limit: 1, today: today})
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return promise.ErrNotFound
		}
		d.Line = lines[0]
		if err := own(ctx, d.Promise); err != nil {
			return err
		}
		d.Instalments, err = instalmentsOf(ctx, r, d.Promise)
		return err
	})
	d.Upcoming = d.Promise.Upcoming(shownAhead, dateOf(d.Promise, s.now()))
	return d, err
}

// ListOfPerson returns what a person promised, newest first, or person.ErrNotFound. open leaves out what has ended.
func (s *Service) ListOfPerson(ctx context.Context, who uuid.UUID, open bool) ([]Line, error) {
	if _, err := s.people.Find(ctx, id.From[person.Person](who)); err != nil {
		return nil, err
	}
	return s.List(ctx, Filter{PersonID: who, Open: open, Limit: mostOfPerson})
}

// PromisesOf returns what a person promised, with its instalments and cards: open promises first, then the newest.
func (s *Service) PromisesOf(ctx context.Context, org, who uuid.UUID) (found []promise.Promise, err error) {
	if err := self(ctx, who); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		found, err = promisesOfPerson(ctx, r, who)
		return err
	})
	return found, err
}

// CardsOf returns the cards that a person saved and that can be charged, the newest first.
func (s *Service) CardsOf(ctx context.Context, org, who uuid.UUID) (cards []promise.Card, err error) {
	if err := self(ctx, who); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		all, err := cardsOfPerson(ctx, r, who)
		for _, c := range all {
			if c.Usable() {
				cards = append(cards, c)
			}
		}
		return err
	})
	return cards, err
}

// ListCards is CardsOf for staff; it returns person.ErrNotFound when there is no such person.
func (s *Service) ListCards(ctx context.Context, who uuid.UUID) ([]promise.Card, error) {
	if _, err := s.people.Find(ctx, id.From[person.Person](who)); err != nil {
		return nil, err
	}
	return s.CardsOf(ctx, actor.From(ctx).OrgID, who)
}

// PromiseOfInstalment finds the plan or pledge that an instalment is part of, for whoever holds a link to it.
func (s *Service) PromiseOfInstalment(ctx context.Context, org, instalment uuid.UUID) (p promise.Promise, err error) {
	err = s.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
		of, err := promiseOf(ctx, r, instalment)
		if err != nil {
			return err
		}
		p, err = findPromise(ctx, r, of)
		return err
	})
	return p, err
}

// self keeps a supporter to their own record.
func self(ctx context.Context, who uuid.UUID) error {
	if a := actor.From(ctx); a.Kind == actor.KindSupporter && a.ID != who {
		return promise.ErrNotFound
	}
	return nil
}

// own keeps a supporter to their own promises.
func own(ctx context.Context, p promise.Promise) error {
	if p.PersonID == nil {
		return self(ctx, uuid.Nil)
	}
	return self(ctx, *p.PersonID)
}

// target is the promise that somebody changes, as they saw it: version 0 stands for whichever there is.
type target struct {
	org     uuid.UUID
	of      id.ID[promise.Promise]
	version int
}

// act applies a rule for whoever asks: a supporter may touch only what is theirs, and nobody changes what changed since they looked.
func (s *Service) act(ctx context.Context, t target, do rule) (promise.Promise, error) {
	return s.change(ctx, t.org, t.of, 0, func(p *promise.Promise, today day.Day) (change, error) {
		if err := own(ctx, *p); err != nil {
			return change{}, err
		}
		if t.version != 0 && t.version != p.Version {
			return change{}, promise.ErrChanged
		}
		return do(p, today)
	})
}

// Pause leaves out every charge of a plan before a date.
func (s *Service) Pause(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, until day.Day) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, today day.Day) (change, error) {
		err := p.Pause(until, today, s.now())
		return change{action: "promise.paused", letter: letter{template: "plan_changed", did: didPause}}, err
	})
}

// Resume ends the pause of a plan.
func (s *Service) Resume(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		err := p.Resume(s.now())
		return change{action: "promise.resumed", letter: letter{template: "plan_changed", did: didResume}}, err
	})
}

// Skip leaves out the next charge of a plan.
func (s *Service) Skip(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		detail := map[string]any{}
		if next := p.Next(); next != nil {
			detail["skipped_on"] = next.DueOn
		}
		err := p.Skip(s.now())
		return change{action: "promise.skipped", detail: detail, letter: letter{template: "plan_changed", did: didSkip}}, err
	})
}

// ChangeAmount changes what a plan charges from the next charge that was not tried yet. coverFee adds what the card is estimated to cost.
func (s *Service) ChangeAmount(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, amount money.Money, coverFee bool) (promise.Promise, error) {
	tariff, err := s.tariff(ctx, org, amount.Currency, coverFee)
	if err != nil {
		return promise.Promise{}, err
	}
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		if amount.Currency != p.Amount.Currency {
			return change{}, money.ErrCurrencyMismatch.With("amount")
		}
		if err := amount.Chargeable(); err != nil {
			return change{}, fault.Blame(err, "amount")
		}
		cover := tariff.Gross(amount).Minor - amount.Minor
		err := p.ChangeAmount(amount, cover, s.now())
		return change{action: "promise.amount_changed", detail: map[string]any{"cover_minor": cover}, letter: letter{template: "plan_changed", did: didAmount}}, err
	})
}

// tariff is what a card payment costs, or nothing when the donor does not cover it.
func (s *Service) tariff(ctx context.Context, org uuid.UUID, currency string, asked bool) (money.Tariff, error) {
	if !asked {
		return money.Tariff{}, nil
	}
	o, err := s.organizations.Organization(ctx, org)
	if err != nil {
		return money.Tariff{}, err
	}
	return s.tariffs.Offer(ctx, o, currency)
}

// ChangeDay moves a plan to another day of the month.
func (s *Service) ChangeDay(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version, wanted int) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		err := p.ChangeDay(wanted, s.now())
		return change{action: "promise.day_changed", detail: map[string]any{"day": wanted}, letter: letter{template: "plan_changed", did: didDay}}, err
	})
}

// Cancel ends a plan or a pledge. What was paid stays, and a payment under way still counts.
func (s *Service) Cancel(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int, reason string) (promise.Promise, error) {
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		l := letter{template: "plan_cancelled"}
		switch {
		case p.Status == promise.PendingSetup:
			l = letter{} // nobody confirmed the address
		case p.Kind == promise.Pledge:
			l = letter{template: "pledge_closed", did: didCancel}
		}
		err := p.Cancel(string(actor.From(ctx).Kind), reason, s.now())
		return change{action: "promise.cancelled", detail: map[string]any{"reason": p.CloseReason}, books: ledger.PledgeReduced, letter: l}, err
	})
}

// AskForCard mails the donor a link under which another card can be saved. It returns promise.ErrDoNotContact or promise.ErrNoAddress when
// they cannot be written to.
func (s *Service) AskForCard(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise], version int) (promise.Promise, error) {
	if err := s.reachable(ctx, org, of); err != nil {
		return promise.Promise{}, err
	}
	return s.act(ctx, target{org, of, version}, func(p *promise.Promise, _ day.Day) (change, error) {
		err := p.AskForCard(s.now())
		return change{action: "promise.card_asked", letter: letter{template: "card_link", about: p.Waiting()}}, err
	})
}

// reachable checks that the donor of a promise may be written to.
func (s *Service) reachable(ctx context.Context, org uuid.UUID, of id.ID[promise.Promise]) error {
	var c contact
	err := s.db.Read(ctx, database.Tenant(org), func(r database.Reader) (err error) {
		c, err = contactOf(ctx, r, of)
		return err
	})
	switch {
	case err != nil:
		return err
	case c.DoNotContact:
		return promise.ErrDoNotContact
	case c.Email == "":
		return promise.ErrNoAddress
	}
	return nil
}
