package volunteering

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/volunteer"
)

// noticeSize is how many people one job of a notice writes to; the next job goes on from there.
const noticeSize = 100

// changeWords is what became of one shift of the reader.
type changeWords struct {
	Shift     shiftWords
	Lines     []string // what changed, before and after; none: staff only wrote something
	Cancelled bool
	Waiting   bool   // the reader has no place yet
	Overlap   string // another shift of theirs at the same time
}

// TellNotice writes to the next of those whom a notice concerns, one mail each about all their shifts, and asks for a job for the rest. Whom it
// has written to gets nothing the second time: there is one mail per notice and person.
func (s *Service) TellNotice(ctx context.Context, j volunteer.TellChange) error {
	org, err := s.organizations.Organization(ctx, j.OrgID)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Tenant(j.OrgID), func(tx database.Tx) error {
		n, err := noticeFor(ctx, tx, j, noticeSize)
		if err != nil || len(n.people) == 0 {
			return err
		}
		for _, person := range n.people {
			if err := s.mailChangesTx(ctx, tx, org, n, person); err != nil {
				return err
			}
		}
		if len(n.people) < noticeSize {
			return nil
		}
		j.After = n.people[len(n.people)-1]
		return s.jobs.InsertTx(ctx, tx, j)
	})
}

// mailChangesTx writes to one person of a notice. Nobody is told of a change of a shift that they left since, or that was cancelled since: the
// mail about that says enough.
func (s *Service) mailChangesTx(ctx context.Context, tx database.Tx, org account.Organization, n notice, person uuid.UUID) error {
	l := letter{template: "shift_changed", key: n.ID.String() + ":" + person.String(), to: n.to[person], view: mailView{Message: lines(n.Message)}}
	for _, e := range n.entries[person] {
		item := n.items[e.Shift.ID]
		c := changeWords{
			Shift: s.words(org, e.told), Cancelled: item.Cancelled, Waiting: e.SignUp.Status == volunteer.Waiting, Overlap: n.overlaps[e.SignUp.ID],
		}
		if !item.Cancelled {
			if !e.SignUp.Status.Active() || e.Shift.Status == volunteer.Cancelled || len(item.Differences) == 0 && n.Message == "" {
				continue
			}
			for _, d := range item.Differences {
				c.Lines = append(c.Lines, differenceWords(d, e.Shift))
			}
		}
		l.view.Changes, l.calendar = append(l.view.Changes, c), append(l.calendar, e.SignUp.ID)
	}
	if len(l.view.Changes) == 0 {
		return nil
	}
	if err := s.mailTx(ctx, tx, org, l); err != nil {
		return fmt.Errorf("mail notice %s: %w", n.ID, err)
	}
	return nil
}

// movedIn reports whether a change touched the time.
func movedIn(i volunteer.NoticeItem) bool {
	return !i.Cancelled && slices.ContainsFunc(i.Differences, func(d volunteer.Difference) bool {
		return d.Field == "starts" || d.Field == "ends" || d.Field == "zone"
	})
}
