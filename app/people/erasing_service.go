package people

import (
	"context"
	"fmt"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
	"tributary/domain/person"
)

// Anonymise takes away what tells who a person is: here, and in the same transaction in every feature that keeps some. Regular gifts and
// pledges end. Gifts stay in the books, receipts as they were issued, and the record of changes keeps what it recorded before. It returns
// person.ErrNotFound or person.ErrAnonymised.
func (s *Service) Anonymise(ctx context.Context, who id.ID[person.Person]) error {
	org := actor.From(ctx).OrgID
	return s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		for _, e := range s.erasers { // first, since they lock gifts and promises before anything of the person is locked
			if err := e.EraseTx(ctx, tx, org, who.UUID); err != nil {
				return fmt.Errorf("erase person %s: %w", who, err)
			}
		}
		p, err := lockPerson(ctx, tx, who)
		if err != nil {
			return err
		}
		if err := p.Anonymise(s.now()); err != nil {
			return err
		}
		if err := updatePerson(ctx, tx, p); err != nil {
			return err
		}
		queueEndOfAccess(tx, p.ID)
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "person.anonymised", SubjectType: "person", SubjectID: p.ID.UUID})
	})
}
