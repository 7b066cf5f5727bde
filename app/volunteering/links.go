package volunteering

import (
	"github.com/google/uuid"

	sign "tributary/app/platform/signing"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// The purposes of signed addresses: a token of one opens nothing of another. None expires: the page behind it says what can still be done.
const (
	offerPurpose  = "volunteer offer 1"
	askPurpose    = "volunteer cover 1"
	optOutPurpose = "volunteer reminders 1"
)

func (s *Service) token(purpose string, org account.Organization, of uuid.UUID) string {
	return sign.New(s.secret, purpose).Token(org.ID.UUID, of)
}

// openToken reads a token of a purpose that was made for an organization; any other is missing.
func (s *Service) openToken(purpose string, org account.Organization, token string, missing error) (uuid.UUID, error) {
	of, thing, ok := sign.New(s.secret, purpose).Open(token)
	if !ok || of != org.ID.UUID {
		return uuid.Nil, missing
	}
	return thing, nil
}

// offerPath is the page on this site where whoever is first in line takes or passes on the place that is held for them.
func (s *Service) offerPath(org account.Organization, of id.ID[volunteer.SignUp]) string {
	return volunteerPath(org) + "/offer/" + s.token(offerPurpose, org, of.UUID)
}

func (s *Service) offerURL(org account.Organization, of id.ID[volunteer.SignUp]) string {
	return s.publicURL.String() + s.offerPath(org, of)
}

// openOffer reads a token of offerPath; any other is volunteer.ErrSignUp.
func (s *Service) openOffer(org account.Organization, token string) (id.ID[volunteer.SignUp], error) {
	of, err := s.openToken(offerPurpose, org, token, volunteer.ErrSignUp)
	return id.From[volunteer.SignUp](of), err
}

// askPath is the page on this site where somebody who was asked to cover a shift answers.
func (s *Service) askPath(org account.Organization, of id.ID[volunteer.Ask]) string {
	return volunteerPath(org) + "/cover/" + s.token(askPurpose, org, of.UUID)
}

func (s *Service) askURL(org account.Organization, of id.ID[volunteer.Ask]) string {
	return s.publicURL.String() + s.askPath(org, of)
}

// openAsk reads a token of askPath; any other is volunteer.ErrCover.
func (s *Service) openAsk(org account.Organization, token string) (id.ID[volunteer.Ask], error) {
	of, err := s.openToken(askPurpose, org, token, volunteer.ErrCover)
	return id.From[volunteer.Ask](of), err
}

// optOutPath is the page on this site where a person stops reminders, or wants them again.
func (s *Service) optOutPath(org account.Organization, person uuid.UUID) string {
	return volunteerPath(org) + "/reminders/" + s.token(optOutPurpose, org, person)
}

func (s *Service) optOutURL(org account.Organization, person uuid.UUID) string {
	return s.publicURL.String() + s.optOutPath(org, person)
}

// unsubscribeURL is the address that mail programs call when somebody presses their own button (RFC 8058); a browser gets to optOutPath.
func (s *Service) unsubscribeURL(org account.Organization, person uuid.UUID) string {
	return s.publicURL.String() + volunteerPath(org) + "/unsubscribe/" + s.token(optOutPurpose, org, person)
}

// openOptOut reads a token of optOutPath or unsubscribeURL; any other is volunteer.ErrVolunteer.
func (s *Service) openOptOut(org account.Organization, token string) (uuid.UUID, error) {
	return s.openToken(optOutPurpose, org, token, volunteer.ErrVolunteer)
}

// confirmPath is the page on this site where shifts that somebody chose without signing in are confirmed. The secret is the request's.
func confirmPath(org account.Organization, secret string) string {
	return volunteerPath(org) + "/confirm/" + secret
}

func (s *Service) confirmURL(org account.Organization, secret string) string {
	return s.publicURL.String() + confirmPath(org, secret)
}

// helpPath is the page on this site where people offer help without choosing a shift.
func helpPath(org account.Organization) string { return volunteerPath(org) + "/interest" }

// helpURL is where an offer of help is confirmed. The secret is the offer's.
func (s *Service) helpURL(org account.Organization, secret string) string {
	return s.publicURL.String() + helpPath(org) + "/" + secret
}

// myShiftsPath is the page on this site where a volunteer looks after their shifts.
func myShiftsPath(org account.Organization) string { return "/my/" + org.Slug + "/shifts" }

func (s *Service) myShiftsURL(org account.Organization) string {
	return s.publicURL.String() + myShiftsPath(org)
}

// myHoursURL is where a volunteer sees the hours they gave.
func (s *Service) myHoursURL(org account.Organization) string { return s.myShiftsURL(org) + "/hours" }

// feedURL is the address of a volunteer's calendar feed.
func (s *Service) feedURL(org account.Organization, token string) string {
	return s.publicURL.String() + volunteerPath(org) + "/feed/" + token + ".ics"
}

// volunteerPath is the page on this site where people find shifts.
func volunteerPath(org account.Organization) string { return "/volunteer/" + org.Slug }

func (s *Service) finderURL(org account.Organization) string {
	return s.publicURL.String() + volunteerPath(org)
}

// opportunityPath is the public page of an opportunity on this site.
func opportunityPath(org account.Organization, slug string) string {
	return volunteerPath(org) + "/o/" + slug
}

func (s *Service) opportunityURL(org account.Organization, slug string) string {
	return s.publicURL.String() + opportunityPath(org, slug)
}

// staffURL is where staff work on something of the organization: the addresses in mails to them.
func (s *Service) staffURL(org account.Organization, path string) string {
	return s.publicURL.String() + "/app/" + org.Slug + path
}
