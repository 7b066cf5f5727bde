package pledging

import (
	"github.com/google/uuid"

	"tributary/app/platform/signing"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// payLinks signs the addresses under which whoever got the mail pays one instalment without signing in. They do not expire: the page says
// what can still be done.
func (s *Service) payLinks() signing.Links { return signing.New(s.secret, "pay link 1") }

// payPath is the page on this site where an instalment is paid.
func (s *Service) payPath(org account.Organization, instalment uuid.UUID) string {
	return "/pay/" + org.Slug + "/" + s.payLinks().Token(org.ID.UUID, instalment)
}

// payURL is the address for mails where an instalment is paid.
func (s *Service) payURL(org account.Organization, instalment uuid.UUID) string {
	return s.publicURL.String() + s.payPath(org, instalment)
}

// openPayLink reads a token of payPath for an organization; any other is promise.ErrNotFound.
func (s *Service) openPayLink(org account.Organization, token string) (id.ID[promise.Instalment], error) {
	of, instalment, ok := s.payLinks().Open(token)
	if !ok || of != org.ID.UUID {
		return id.ID[promise.Instalment]{}, promise.ErrNotFound
	}
	return id.From[promise.Instalment](instalment), nil
}

// supporterURL is the address for mails of the page where a donor looks after a promise.
func (s *Service) supporterURL(org account.Organization, of id.ID[promise.Promise]) string {
	return s.publicURL.String() + supporterPath(org, of)
}

// supporterPath is the page on this site where a donor looks after a promise.
func supporterPath(org account.Organization, of id.ID[promise.Promise]) string {
	return "/my/" + org.Slug + "/promises/" + of.String()
}
