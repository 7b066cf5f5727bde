package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/access"
	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/account"
	"tributary/domain/audit"
	"tributary/domain/volunteer"
)

// Remind asks for the reminders of every organization.
func (s *Service) Remind(ctx context.Context) error {
	return s.eachOrganization(ctx, func(org uuid.UUID) queue.Args { return volunteer.RemindOf{OrgID: org} })
}

// eachOrganization enqueues a job per organization, unless the same one still waits.
func (s *Service) eachOrganization(ctx context.Context, job func(org uuid.UUID) queue.Args) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		return access.EnqueueForNonprofitsTx(ctx, tx, s.jobs, job, queue.Unique())
	})
}

// reminderSize is how many sign-ups one transaction reminds of.
const reminderSize = 100

// reminder is one of the two mails before a shift.
type reminder struct {
	column string        // of sign_ups: when it was written
	before time.Duration // the shift
	until  time.Duration // before the shift: later than that it comes too late
	slack  time.Duration // a shift that moves by less needs no second one
	soon   bool
}

var reminders = []reminder{
	{column: "reminded_far_at", before: volunteer.RemindFar, until: volunteer.RemindFar / 4, slack: volunteer.RemindFar / 4},
	{column: "reminded_near_at", before: volunteer.RemindNear, slack: volunteer.RemindNear / 4, soon: true},
}

// RemindOf writes the reminders of an organization that are due. Which those are follows from the shift's time as it is now: of a shift that
// moved by days they come again in time.
func (s *Service) RemindOf(ctx context.Context, orgID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	for _, which := range reminders {
		for {
			claimed := 0
			err := s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error {
				due, err := claimReminders(ctx, tx, which, s.now(), reminderSize)
				if err != nil {
					return err
				}
				claimed = len(due)
				return s.mailRemindersTx(ctx, tx, org, which, due)
			})
			if err != nil {
				return err
			}
			if claimed < reminderSize {
				break
			}
		}
	}
	return nil
}

// mailRemindersTx writes one mail to each person about all that was claimed of theirs.
func (s *Service) mailRemindersTx(ctx context.Context, tx database.Tx, org account.Organization, which reminder, claimed []volunteer.SignUp) error {
	if len(claimed) == 0 {
		return nil
	}
	entries, err := withShifts(ctx, tx, claimed)
	if err != nil {
		return err
	}
	var people []uuid.UUID
	by := map[uuid.UUID][]entry{}
	for _, e := range entries {
		person := *e.SignUp.PersonID
		if by[person] == nil {
			people = append(people, person)
		}
		by[person] = append(by[person], e)
	}
	to, err := recipientsOf(ctx, tx, people)
	if err != nil {
		return err
	}
	for _, person := range people {
		first := by[person][0]
		l := letter{
			template: "shift_reminder", to: to[person], unsubscribe: s.unsubscribeURL(org, person),
			key:  fmt.Sprintf("%s:%s:%d", which.column, first.SignUp.ID, first.Shift.StartsAt.Unix()),
			view: mailView{Soon: which.soon, OptOutURL: s.optOutURL(org, person)},
		}
		for _, e := range by[person] {
			l.view.Shifts, l.calendar = append(l.view.Shifts, s.words(org, e.told)), append(l.calendar, e.SignUp.ID)
		}
		if err := s.mailTx(ctx, tx, org, l); err != nil {
			return fmt.Errorf("remind of sign-up %s: %w", first.SignUp.ID, err)
		}
	}
	return nil
}

// wantsReminders reports whether a person gets reminders.
func (s *Service) wantsReminders(ctx context.Context, org account.Organization, person uuid.UUID) (wants bool, err error) {
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		wants, err = remindersWanted(ctx, r, person)
		return err
	})
	return wants, err
}

// setReminders starts or stops the reminders to a person, who needs not have signed in. Doing so twice is the same.
func (s *Service) setReminders(ctx context.Context, org account.Organization, person uuid.UUID, wants bool) error {
	return s.db.InTx(ctx, database.Tenant(org.ID.UUID), func(tx database.Tx) error {
		if _, err := personOf(ctx, tx, person); err != nil {
			return err
		}
		locked, err := lockVolunteers(ctx, tx, org.ID.UUID, []uuid.UUID{person}, s.now())
		if err != nil {
			return err
		}
		p := locked[person]
		if p.Reminders == wants {
			return nil
		}
		if err := p.Apply(volunteer.ProfilePatch{Reminders: &wants}, 0, s.now()); err != nil {
			return err
		}
		if err := saveProfile(ctx, tx, p); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "volunteer.reminders", SubjectType: "person", SubjectID: person, After: map[string]any{"reminders": wants},
		})
	})
}
