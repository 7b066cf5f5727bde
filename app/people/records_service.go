package people

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/person"
)

// Record is a person with what they allow.
type Record struct {
	person.Person
	Consents person.Consents
}

// Page says which part of the list to read: people made before the last one shown.
type Page struct {
	Search string
	Before Position
	Limit  int
}

// Position is a person's place in the list, newest first. The zero value is the start.
type Position struct {
	CreatedAt time.Time
	ID        id.ID[person.Person]
}

// List returns up to Limit people of the actor's organization, the newest first, and whether there are more.
func (s *Service) List(ctx context.Context, p Page) (found []person.Person, more bool, err error) {
	terms, err := person.SearchTerms(p.Search)
	if err != nil {
		return nil, false, err
	}
	err = s.db.ReadReplica(ctx, tenant(ctx), func(r database.Reader) error {
		if len(terms) == 0 {
			found, err = newestPeople(ctx, r, p)
		} else {
			found, err = matchingPeople(ctx, r, terms, p)
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("list people: %w", err)
	}
	if len(found) > p.Limit {
		return found[:p.Limit], true, nil
	}
	return found, false, nil
}

// Find returns a person of the actor's organization.
func (s *Service) Find(ctx context.Context, who id.ID[person.Person]) (record Record, err error) {
	err = s.db.Read(ctx, tenant(ctx), func(r database.Reader) error {
		record, err = readRecord(ctx, r, who)
		return err
	})
	return record, err
}

// Create makes a person's record by hand.
func (s *Service) Create(ctx context.Context, d person.Details) (record Record, err error) {
	p, err := person.New(actor.From(ctx).OrgID, d, s.now())
	if err != nil {
		return Record{}, err
	}
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		if err := insertPerson(ctx, tx, p); err != nil {
			return err
		}
		return s.recordCreatedTx(ctx, tx, p)
	})
	return Record{Person: p, Consents: person.Consents{}}, err
}

// Change applies a patch to the version of the person that the caller saw; a newer one is person.ErrChanged.
func (s *Service) Change(ctx context.Context, who id.ID[person.Person], version int, patch person.Patch) (record Record, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		p, err := lockPerson(ctx, tx, who)
		if err != nil {
			return err
		}
		if p.Version != version {
			return person.ErrChanged
		}
		if err := s.applyTx(ctx, tx, &p, patch); err != nil {
			return err
		}
		consents, err := consentsOf(ctx, tx, who)
		record = Record{Person: p, Consents: consents}
		return err
	})
	return record, err
}

// Consent records an answer of the person that staff took down.
func (s *Service) Consent(ctx context.Context, who id.ID[person.Person], a person.Answer) (record Record, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		p, err := findPerson(ctx, tx, who)
		if err != nil {
			return err
		}
		if err := s.RecordConsentTx(ctx, tx, p, a); err != nil {
			return err
		}
		record, err = readRecord(ctx, tx, who)
		return err
	})
	return record, err
}

// FindOrCreateTx finds the person by e-mail address, or makes the record. However many gifts with one address arrive at once, they end at
// one person. What is known of the person is never overwritten; only a record without any name takes the one given. Without an address
// there is nothing to find by, and the record is new.
func (s *Service) FindOrCreateTx(ctx context.Context, tx database.Tx, org uuid.UUID, d person.Details) (person.Person, error) {
	p, err := person.New(org, d, s.now())
	if err != nil {
		return person.Person{}, err
	}
	if p.EmailNormalized == nil {
		if err := insertPerson(ctx, tx, p); err != nil {
			return person.Person{}, err
		}
		return p, s.recordCreatedTx(ctx, tx, p)
	}
	kept, err := insertOrFindByEmail(ctx, tx, p)
	if err != nil {
		return person.Person{}, fmt.Errorf("find or create person: %w", err)
	}
	switch {
	case kept.ID == p.ID:
		return kept, s.recordCreatedTx(ctx, tx, kept)
	case kept.Nameless() && !p.Nameless():
		return s.nameTx(ctx, tx, kept.ID, p)
	}
	return kept, nil
}

// RecordConsentTx records an answer of p. Earlier answers stay; the newest counts from now on.
func (s *Service) RecordConsentTx(ctx context.Context, tx database.Tx, p person.Person, a person.Answer) error {
	c, err := person.NewConsent(p.OrgID, p.ID, a, s.now())
	if err != nil {
		return err
	}
	if a.Source == person.FromGivingPage { // anybody can type any address there: it cannot take a refusal back
		known, err := consentsOf(ctx, tx, p.ID)
		if err != nil || known.Refused(a.Channel) {
			return err
		}
	}
	if err := queueConsent(ctx, tx, c); err != nil {
		return err
	}
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "consent.recorded", SubjectType: "person", SubjectID: p.ID.UUID,
		After: map[string]any{"channel": c.Channel, "granted": c.Granted, "source": c.Source},
	})
}

// nameTx gives a nameless record the names of found, unless another transaction was faster.
func (s *Service) nameTx(ctx context.Context, tx database.Tx, who id.ID[person.Person], found person.Person) (person.Person, error) {
	p, err := lockPerson(ctx, tx, who)
	if err != nil || !p.Nameless() {
		return p, err
	}
	return p, s.applyTx(ctx, tx, &p, person.Patch{FirstName: &found.FirstName, LastName: &found.LastName})
}

// applyTx changes a locked person and records what differs. Whoever could open the supporter page through an address that no longer
// counts loses that access at once.
func (s *Service) applyTx(ctx context.Context, tx database.Tx, p *person.Person, patch person.Patch) error {
	before := p.Fields()
	changed, err := p.Apply(patch, s.now())
	if err != nil || len(changed) == 0 {
		return err
	}
	if err := updatePerson(ctx, tx, *p); err != nil {
		return err
	}
	was, is := map[string]any{}, map[string]any{}
	after := p.Fields()
	for _, field := range changed {
		was[field], is[field] = before[field], after[field]
		if field == "email" {
			queueEndOfAccess(tx, p.ID)
		}
	}
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "person.changed", SubjectType: "person", SubjectID: p.ID.UUID, Before: was, After: is,
	})
}

func (s *Service) recordCreatedTx(ctx context.Context, tx database.Tx, p person.Person) error {
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "person.created", SubjectType: "person", SubjectID: p.ID.UUID, After: map[string]any{"display_name": p.DisplayName()},
	})
}

func readRecord(ctx context.Context, r database.Reader, who id.ID[person.Person]) (Record, error) {
	p, err := findPerson(ctx, r, who)
	if err != nil {
		return Record{}, err
	}
	consents, err := consentsOf(ctx, r, who)
	return Record{Person: p, Consents: consents}, err
}

func tenant(ctx context.Context) database.Scope { return database.Tenant(actor.From(ctx).OrgID) }
