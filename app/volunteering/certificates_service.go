package volunteering

import (
	"context"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/person"
)

// errNoHours refuses to certify nothing.
var errNoHours = fault.New(fault.KindConflict, "certificate.no_hours", "There are no approved hours in this period yet.")

// Certificate is a certificate of service as PDF: what a person's approved hours add up to between two dates, both inclusive; a zero date is
// no limit. Supporters get their own only.
func (s *Service) Certificate(ctx context.Context, who uuid.UUID, from, to day.Day) ([]byte, error) {
	if asks := actor.From(ctx); asks.Kind == actor.KindSupporter && asks.ID != who {
		return nil, person.ErrNotFound
	}
	if err := checkPeriod(from, to); err != nil {
		return nil, err
	}
	org, err := s.organizations.Organization(ctx, actor.From(ctx).OrgID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	c := certificate{org: org, from: from, to: to, issuedAt: now, issuedOn: day.In(now, org.Location())}
	err = s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if err := livingPerson(ctx, tx, who); err != nil {
			return err
		}
		people, err := visitorsOf(ctx, tx, []uuid.UUID{who})
		if err != nil {
			return err
		}
		c.name = people[who].DisplayName()
		if c.served, err = servedBy(ctx, tx, who, from, to); err != nil {
			return err
		}
		if len(c.served) == 0 {
			return errNoHours
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{Action: "certificate.issued", SubjectType: "person", SubjectID: who, After: map[string]any{
			"from": from, "to": to, "minutes": c.minutes(),
		}})
	})
	if err != nil {
		return nil, err
	}
	return drawCertificate(c)
}

// CertificateSelf is the certificate of the supporter who asks.
func (s *Service) CertificateSelf(ctx context.Context, from, to day.Day) ([]byte, error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return nil, err
	}
	return s.Certificate(ctx, who, from, to)
}
