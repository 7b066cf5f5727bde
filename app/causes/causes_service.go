package causes

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/cause"
	"tributary/domain/id"
)

// Listed is a cause with its funds.
type Listed struct {
	cause.Cause
	Funds []cause.Fund
}

// List returns every cause of the actor's organization with its funds, by name; archived causes come last.
func (s *Service) List(ctx context.Context) (listed []Listed, err error) {
	err = s.db.Read(ctx, tenant(ctx), func(r database.Reader) error {
		listed, err = listCauses(ctx, r)
		return err
	})
	return listed, err
}

// Create makes a draft.
func (s *Service) Create(ctx context.Context, d cause.Details) (Listed, error) {
	c, err := cause.New(actor.From(ctx).OrgID, d, s.now())
	if err != nil {
		return Listed{}, err
	}
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		if err := insertCause(ctx, tx, c); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "cause.created", SubjectType: "cause", SubjectID: c.ID.UUID, After: map[string]any{"name": c.Name, "slug": c.Slug},
		})
	})
	return Listed{Cause: c}, err
}

// Change edits, publishes or archives a cause. One that live campaigns collect for stays published.
func (s *Service) Change(ctx context.Context, which id.ID[cause.Cause], p cause.Patch) (listed Listed, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		c, err := lockCause(ctx, tx, which)
		if err != nil {
			return err
		}
		before := c
		if err := c.Apply(p, s.now()); err != nil {
			return err
		}
		if before.Status == cause.Published && c.Status != cause.Published {
			if err := refuseLive(ctx, tx, "cause_id", c.ID.UUID, cause.ErrHasLiveCampaigns); err != nil {
				return err
			}
		}
		if err := s.saveCauseTx(ctx, tx, before, c); err != nil {
			return err
		}
		funds, err := fundsOf(ctx, tx, which)
		listed = Listed{Cause: c, Funds: funds}
		return err
	})
	return listed, err
}

// AddFund adds a fund to a cause.
func (s *Service) AddFund(ctx context.Context, to id.ID[cause.Cause], d cause.FundDetails) (fund cause.Fund, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		c, err := lockCause(ctx, tx, to)
		if err != nil {
			return err
		}
		if fund, err = c.AddFund(d, s.now()); err != nil {
			return err
		}
		if err := insertFund(ctx, tx, fund); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "fund.created", SubjectType: "fund", SubjectID: fund.ID.UUID,
			After: map[string]any{"code": fund.Code, "name": fund.Name, "restriction": fund.Restriction, "cause_id": fund.CauseID},
		})
	})
	return fund, err
}

// ChangeFund renames a fund, closes it for new gifts or opens it again. One that live campaigns collect into is not closed.
func (s *Service) ChangeFund(ctx context.Context, which id.ID[cause.Fund], p cause.FundPatch) (fund cause.Fund, err error) {
	err = s.db.InTx(ctx, tenant(ctx), func(tx database.Tx) error {
		if fund, err = lockFund(ctx, tx, which); err != nil {
			return err
		}
		before := fund
		if err := fund.Apply(p, s.now()); err != nil {
			return err
		}
		if fund == before {
			return nil
		}
		if before.Active && !fund.Active {
			if err := refuseLive(ctx, tx, "fund_id", fund.ID.UUID, cause.ErrFundHasLiveCampaigns); err != nil {
				return err
			}
		}
		if err := updateFund(ctx, tx, fund); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "fund.changed", SubjectType: "fund", SubjectID: fund.ID.UUID,
			Before: map[string]any{"name": before.Name, "active": before.Active},
			After:  map[string]any{"name": fund.Name, "active": fund.Active},
		})
	})
	return fund, err
}

// FundTx returns a fund within a transaction of org, for a gift that is to be booked to it. Whether the fund takes new gifts is for the
// caller to judge: an old gift may still be corrected.
func (s *Service) FundTx(ctx context.Context, r database.Reader, org uuid.UUID, fund id.ID[cause.Fund]) (cause.Fund, error) {
	return findFund(ctx, r, org, fund)
}

func (s *Service) saveCauseTx(ctx context.Context, tx database.Tx, before, after cause.Cause) error {
	if after == before {
		return nil
	}
	if err := updateCause(ctx, tx, after); err != nil {
		return err
	}
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "cause.changed", SubjectType: "cause", SubjectID: after.ID.UUID, Before: causeFields(before), After: causeFields(after),
	})
}

func causeFields(c cause.Cause) map[string]any {
	return map[string]any{"name": c.Name, "summary": c.Summary, "status": c.Status}
}

func refuseLive(ctx context.Context, tx database.Tx, column string, which uuid.UUID, refusal error) error {
	live, err := hasLiveCampaign(ctx, tx, column, which)
	if err != nil {
		return fmt.Errorf("look for live campaigns: %w", err)
	}
	if live {
		return refusal
	}
	return nil
}

func tenant(ctx context.Context) database.Scope { return database.Tenant(actor.From(ctx).OrgID) }
