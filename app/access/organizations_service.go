package access

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
)

// How many organizations one login may found.
const (
	foundingsPerLogin = 20
	foundingWindow    = 24 * time.Hour
)

// Found makes an organization owned by the founder.
func (s *Service) Found(ctx context.Context, founder id.ID[account.Login], d account.OrganizationDetails) (account.Organization, error) {
	o, err := account.NewOrganization(d, s.now())
	if err != nil {
		return account.Organization{}, err
	}
	if actor.From(ctx).Kind != actor.KindSystem {
		if err := s.limiter.Allow(ctx, "found-organization", founder.String(), foundingsPerLogin, foundingWindow); err != nil {
			return account.Organization{}, err
		}
	}
	err = s.db.InTx(ctx, database.Tenant(o.ID.UUID), func(tx database.Tx) error {
		if err := insertOrganization(ctx, tx, o); err != nil {
			return err
		}
		if err := s.joinTx(ctx, tx, account.Membership{OrgID: o.ID, LoginID: founder, Role: account.Owner, CreatedAt: s.now()}); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "organization.founded", SubjectType: "organization", SubjectID: o.ID.UUID,
			After: map[string]any{"name": o.Name, "kind": o.Kind, "slug": o.Slug, "country": o.Country, "zone": o.Zone, "currency": o.Currency},
		})
	})
	return o, err
}

// OrganizationBySlug finds an organization for anybody: public pages need no tenant to find theirs.
func (s *Service) OrganizationBySlug(ctx context.Context, slug string) (account.Organization, error) {
	var o account.Organization
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		o, err = findOrganization(ctx, r, "slug = ?", slug)
		return err
	})
	return o, err
}

// Organization finds an organization by its id.
func (s *Service) Organization(ctx context.Context, orgID uuid.UUID) (account.Organization, error) {
	var o account.Organization
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		o, err = findOrganization(ctx, r, "id = ?", orgID)
		return err
	})
	return o, err
}

// EnqueueForNonprofitsTx enqueues a job for every nonprofit: one each, so that one that fails does not hold up the others.
func EnqueueForNonprofitsTx(ctx context.Context, tx database.Tx, jobs queue.Enqueuer, job func(org uuid.UUID) queue.Args, opts ...queue.Option) error {
	orgs, err := nonprofitIDs(ctx, tx)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		if err := jobs.InsertTx(ctx, tx, job(org), opts...); err != nil {
			return err
		}
	}
	return nil
}

// ChangeOrganization changes settings of the organization the actor works for.
func (s *Service) ChangeOrganization(ctx context.Context, p account.OrganizationPatch) (account.Organization, error) {
	orgID := actor.From(ctx).OrgID
	var o account.Organization
	err := s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) (err error) {
		if o, err = lockOrganization(ctx, tx, orgID); err != nil {
			return err
		}
		before, after, err := o.Apply(p, s.now())
		if err != nil || len(after) == 0 {
			return err
		}
		if err := saveSettings(ctx, tx, o); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "organization.changed", SubjectType: "organization", SubjectID: orgID, Before: before, After: after,
		})
	})
	return o, err
}
