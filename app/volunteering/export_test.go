package volunteering

import (
	"context"

	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// Seat puts somebody on a roster without asking the rules: on the waitlist when the status says so, else in a place.
func (s *Service) Seat(ctx context.Context, org account.Organization, shift id.ID[volunteer.Shift], u volunteer.SignUp) (seated volunteer.SignUp, err error) {
	c := concerned{shifts: []id.ID[volunteer.Shift]{shift}}
	if u.PersonID != nil {
		c.people = append(c.people, *u.PersonID)
	}
	err = s.onRosters(ctx, org, c, func(d *desk) error {
		r := d.roster(shift)
		if u.Status == volunteer.Waiting {
			added, err := r.Wait(u, d.now)
			if err != nil {
				return err
			}
			seated = *added
			return nil
		}
		seated = *r.Add(u, false, d.now)
		return nil
	})
	return seated, err
}
