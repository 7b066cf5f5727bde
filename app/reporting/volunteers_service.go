package reporting

import (
	"context"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/actor"
	"tributary/domain/day"
)

const (
	unfilledAhead   = 7 * 24 * time.Hour
	unfilledShown   = 20
	hoursCounted    = 100
	helpCounted     = 100
	expiringAhead   = 30 // days
	expiringBehind  = 7
	credentialsShow = 20
)

// Volunteering is what coordinators see first.
type Volunteering struct {
	HoursToApprove int // at most hoursCounted
	HelpOffers     int // people whose offer of help nobody answered; at most helpCounted
	Unfilled       []UnfilledShift
	Expiring       []ExpiringCredential
}

// VolunteersToday gathers what there is to do about volunteers: hours to approve, offers of help to answer, shifts of the next seven days that lack people, credentials
// that end within thirty days or did in the last seven.
func (s *Service) VolunteersToday(ctx context.Context) (Volunteering, error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return Volunteering{}, err
	}
	now := s.now()
	today := day.In(now, org.Location())
	var out Volunteering
	err = s.db.Read(ctx, database.Tenant(a.OrgID), func(r database.Reader) (err error) {
		if out.HoursToApprove, err = hoursToApprove(ctx, r, hoursCounted); err != nil {
			return err
		}
		if out.HelpOffers, err = openHelp(ctx, r, helpCounted); err != nil {
			return err
		}
		if out.Unfilled, err = unfilled(ctx, r, now, now.Add(unfilledAhead), unfilledShown); err != nil {
			return err
		}
		out.Expiring, err = expiring(ctx, r, today.AddDays(-expiringBehind), today.AddDays(expiringAhead), credentialsShow)
		return err
	})
	return out, err
}

// TimeOf sums the time a person gave. "This year" is the calendar year in the organization's zone.
func (s *Service) TimeOf(ctx context.Context, who uuid.UUID) (g Given, err error) {
	a := actor.From(ctx)
	org, err := s.orgs.Organization(ctx, a.OrgID)
	if err != nil {
		return g, err
	}
	now := s.now()
	err = s.db.ReadReplica(ctx, database.Tenant(a.OrgID), func(r database.Reader) error {
		if err := mustExist(ctx, r, who); err != nil {
			return err
		}
		g, err = timeOf(ctx, r, who, day.New(day.In(now, org.Location()).Year(), time.January, 1), now)
		return err
	})
	return g, err
}
