package pledging

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/ledger"
	"tributary/domain/promise"
)

// EraseTx ends the plans and pledges of a person who is being anonymised, and forgets their cards. A payment under way still counts when it
// arrives; nothing is charged afterwards, and nobody is written to.
func (s *Service) EraseTx(ctx context.Context, tx database.Tx, orgID, personID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	open, err := openPromisesOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	for _, of := range open { // a person has a handful
		p, err := lockPromise(ctx, tx, of)
		if err != nil {
			return err
		}
		err = s.changeTx(ctx, tx, org, &p, func(p *promise.Promise, _ day.Day) (change, error) {
			err := p.Cancel(string(actor.From(ctx).Kind), "anonymised", s.now())
			return change{action: "promise.cancelled", books: ledger.PledgeReduced}, err
		})
		if err != nil {
			return err
		}
	}
	return erasePromises(ctx, tx, personID, s.now())
}
