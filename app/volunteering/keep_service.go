package volunteering

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// Keep asks for the daily work of every organization.
func (s *Service) Keep(ctx context.Context) error {
	return s.eachOrganization(ctx, func(org uuid.UUID) queue.Args { return volunteer.KeepOf{OrgID: org} })
}

// KeepOf does the daily work of an organization. One part that fails does not keep the others from being done, and doing it all again is harmless.
func (s *Service) KeepOf(ctx context.Context, orgID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	return errors.Join(
		named("make shifts ahead", s.MakeAhead(ctx, orgID)), named("close forgotten check-outs", s.CloseForgotten(ctx, orgID)),
		named("tell of credentials", s.tellCredentials(ctx, org)), named("delete spent requests", s.deleteRequests(ctx, orgID)),
		named("delete unconfirmed offers of help", s.deleteHelp(ctx, orgID)), named("settle what was left over", s.settleOverdue(ctx, orgID)),
	)
}

// overdue is how long after an instant its job had the time to settle a shift.
const overdue = 5 * time.Minute

// settleOverdue settles shifts whose job did not: nobody's hold lasts for ever because one job was lost.
func (s *Service) settleOverdue(ctx context.Context, orgID uuid.UUID) error {
	var shifts []uuid.UUID
	err := s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		shifts, err = unsettled(ctx, r, s.now().Add(-overdue))
		return err
	})
	if err != nil {
		return err
	}
	for _, shift := range shifts {
		if err := s.SettleShift(ctx, orgID, shift); err != nil {
			return fmt.Errorf("shift %s: %w", shift, err)
		}
	}
	return nil
}

func named(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

const (
	credentialWarning = 10 // days before a credential expires
	credentialStale   = 30 // days after which nobody needs to hear that it has
	credentialsAtOnce = 200
)

// credentialWords is a proof that runs out.
type credentialWords struct {
	Name    string
	Whose   string // in mails to staff
	Until   string
	Expired bool
	URL     string // the person's page, in mails to staff
}

// tellCredentials writes to people whose credentials run out or have run out, and to staff about all of them.
func (s *Service) tellCredentials(ctx context.Context, org account.Organization) error {
	for {
		claimed := 0
		err := s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
			all, err := claimCredentials(ctx, tx, day.In(s.now(), location(org)), s.now())
			if err != nil {
				return err
			}
			claimed = len(all)
			return s.mailCredentialsTx(ctx, tx, org, slices.DeleteFunc(all, func(c expiring) bool { return c.Renewed || c.Stale }))
		})
		if err != nil || claimed < credentialsAtOnce {
			return err
		}
	}
}

// location is an organization's zone; UTC when this machine does not know it.
func location(org account.Organization) *time.Location {
	zone, err := time.LoadLocation(org.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// expiring is a credential that runs out.
type expiring struct {
	volunteer.Credential
	KindName string
	Expired  bool
	Stale    bool // it ran out so long ago that it was history when it was entered
	Renewed  bool // another of the same kind holds longer, or nobody asks for the kind any more
}

// mailCredentialsTx writes to each person about each of their credentials, and one mail about all of them to each of the staff who look after
// volunteers.
func (s *Service) mailCredentialsTx(ctx context.Context, tx database.Tx, org account.Organization, all []expiring) error {
	if len(all) == 0 {
		return nil
	}
	people := make([]uuid.UUID, len(all))
	for i, c := range all {
		people[i] = c.PersonID
	}
	to, err := recipientsOf(ctx, tx, people)
	if err != nil {
		return err
	}
	digest := letter{
		template: "credential_staff", why: "You get this mail because you look after the volunteers of " + org.Name + ".",
	}
	for _, c := range all {
		w := credentialWords{
			Name: c.KindName, Whose: to[c.PersonID].called(), Until: dayWords(c.ExpiresOn), Expired: c.Expired, URL: s.staffURL(org, "/people/"+c.PersonID.String()),
		}
		digest.view.Credentials = append(digest.view.Credentials, w)
		l := letter{
			template: "credential_expiring", key: stage(c), to: to[c.PersonID],
			why:  "You get this mail because you are a volunteer of " + org.Name + ".",
			view: mailView{Credentials: []credentialWords{w}, Expired: c.Expired, ActURL: s.myShiftsURL(org) + "/profile"},
		}
		if err := s.mailTx(ctx, tx, org, l); err != nil {
			return fmt.Errorf("mail about credential %s: %w", c.ID, err)
		}
	}
	staff, err := coordinatorsOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range staff {
		digest.to, digest.key = m.recipient(), stage(all[0])+":"+m.LoginID.String()
		if err := s.mailTx(ctx, tx, org, digest); err != nil {
			return fmt.Errorf("mail staff about credentials: %w", err)
		}
	}
	return nil
}

// stage tells the two mails about a credential apart.
func stage(c expiring) string {
	if c.Expired {
		return c.ID.String() + ":expired"
	}
	return c.ID.String() + ":soon"
}

// called is how mails to staff name a person.
func (r recipient) called() string {
	if r.Name != "" {
		return r.Name
	}
	return r.Email
}

// staffMember is somebody of the staff who gets mail about volunteers.
type staffMember struct {
	LoginID     uuid.UUID
	Role        account.Role
	Name, Email string
}

func (m staffMember) recipient() recipient { return recipient{Email: m.Email, Name: m.Name} }

const (
	requestMemory  = 7 * 24 * time.Hour // after which an expired request is deleted
	requestsAtOnce = 500
)

// deleteRequests removes requests that expired a while ago, with the sign-ups that nobody ever confirmed and the mails that asked: names and
// addresses of people who may never have asked for anything.
func (s *Service) deleteRequests(ctx context.Context, orgID uuid.UUID) error {
	for {
		deleted := 0
		err := s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) (err error) {
			spent, err := deleteSpent(ctx, tx, s.now().Add(-requestMemory), requestsAtOnce)
			if err != nil {
				return err
			}
			deleted = len(spent)
			return s.outbox.ForgetTx(ctx, tx, requestMails(spent...))
		})
		if err != nil || deleted < requestsAtOnce {
			return err
		}
	}
}
