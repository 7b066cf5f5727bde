package volunteering

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// EraseTx forgets what tells who a volunteer is: the profile, credentials, requests, and whatever somebody wrote about them. Their sign-ups to
// come end, which frees the places for whoever waits; the person is not written to. What they did stays, of nobody in particular.
func (s *Service) EraseTx(ctx context.Context, tx database.Tx, orgID, personID uuid.UUID) error {
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return err
	}
	// From here on nobody signs this person up.
	if _, err := lockVolunteers(ctx, tx, orgID, []uuid.UUID{personID}, s.now()); err != nil {
		return err
	}
	requests, err := requestsOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	shifts, err := shiftsToErase(ctx, tx, personID, requests)
	if err != nil {
		return err
	}
	c := concerned{people: []uuid.UUID{personID}, shifts: shifts}
	err = s.onRostersTx(ctx, tx, org, c, func(d *desk) error {
		for _, r := range d.rosters {
			for _, u := range placesToErase(r, personID, requests) {
				d.silent[u] = true
				if err := r.Withdraw(u, volunteer.BySystem, "", d.now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	offers, err := unconfirmedHelpOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	// The outbox, whose turn is next, empties what belongs to the person.
	if err := s.outbox.BelongTx(ctx, tx, slices.Concat(requestMails(requests...), helpMails(offers...)), personID); err != nil {
		return err
	}
	return eraseVolunteer(ctx, tx, personID, requests)
}

// placesToErase are the sign-ups of a roster that belong to the person, or are held for one of their requests, and are still to come.
func placesToErase(r *volunteer.Roster, who uuid.UUID, requests []uuid.UUID) []id.ID[volunteer.SignUp] {
	var all []id.ID[volunteer.SignUp]
	for _, u := range r.SignUps {
		theirs := u.PersonID != nil && *u.PersonID == who || u.Status == volunteer.Held && u.RequestID != nil && slices.Contains(requests, *u.RequestID)
		if theirs && u.Status.Active() && u.Status != volunteer.In && u.Status != volunteer.Done {
			all = append(all, u.ID)
		}
	}
	return all
}
