package volunteering

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// Mine is what a volunteer sees of themselves: their shifts, and what they gave.
type Mine struct {
	Volunteer
	Coming         []SignUpLine // those that were called off too
	Past           []SignUpLine
	More           bool // of the past ones
	PendingMinutes int
}

// MyShifts are those of the supporter who asks. before is where the list of past ones goes on.
func (s *Service) MyShifts(ctx context.Context, org account.Organization, before pastCursor) (m Mine, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return m, err
	}
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		now := s.now()
		if m.Volunteer, err = s.readVolunteer(ctx, r, org, who); err != nil {
			return err
		}
		m.Profile.Notes = ""
		coming, err := comingSignUps(ctx, r, who, now)
		if err != nil {
			return err
		}
		past, err := pastSignUps(ctx, r, who, now, before)
		if err != nil {
			return err
		}
		if m.More = len(past) > pastPerPage; m.More {
			past = past[:pastPerPage]
		}
		lines, err := signUpLinesOf(ctx, r, append(coming, past...))
		if err != nil {
			return err
		}
		m.Coming, m.Past = lines[:len(coming)], lines[len(coming):]
		m.PendingMinutes, err = pendingMinutes(ctx, r, who)
		return err
	})
	return m, err
}

// OwnSignUp is one sign-up of the supporter who asks.
type OwnSignUp struct {
	SignUpLine
	Together int // how many may come on it
}

// MySignUp is one sign-up of the supporter who asks.
func (s *Service) MySignUp(ctx context.Context, of id.ID[volunteer.SignUp]) (line OwnSignUp, err error) {
	who, err := volunteerSelf(ctx)
	if err != nil {
		return line, err
	}
	err = s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) error {
		if line.SignUpLine, err = signUpLine(ctx, r, of); err != nil {
			return err
		}
		if line.PersonID == nil || *line.PersonID != who {
			return volunteer.ErrSignUp
		}
		offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{line.Opportunity.ID})
		line.Together = line.Opportunity.Together(offers[line.Opportunity.ID].Required)
		return err
	})
	return line, err
}

// WantedSkills are those that the organization's published opportunities ask for.
func (s *Service) WantedSkills(ctx context.Context, org account.Organization) (skills []string, err error) {
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		skills, err = skillsWanted(ctx, r)
		return err
	})
	return skills, err
}
