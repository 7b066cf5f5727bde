package volunteering

import (
	"context"
	"time"

	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// OnRoster changes one roster as every use case does, whatever the change is.
func (s *Service) OnRoster(ctx context.Context, org account.Organization, shift id.ID[volunteer.Shift], do func(r *volunteer.Roster, at time.Time) error) error {
	return s.onRosters(ctx, org, concerned{shifts: []id.ID[volunteer.Shift]{shift}}, func(d *desk) error { return do(d.roster(shift), d.now) })
}
