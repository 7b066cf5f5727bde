package receipting

import (
	"github.com/google/uuid"

	"tributary/app/platform/signing"
	"tributary/domain/id"
	"tributary/domain/receipt"
)

// links signs the addresses under which a donor opens a receipt without signing in. They do not expire, since donors look for receipts years
// later; a void receipt opens with its void mark.
type links struct{ signing.Links }

func newLinks(secret []byte) links { return links{signing.New(secret, "receipt link 1")} }

// open reads a token that Token made; any other is ErrNotFound.
func (l links) open(token string) (org uuid.UUID, receiptID id.ID[receipt.Receipt], err error) {
	org, of, ok := l.Open(token)
	if !ok {
		return org, receiptID, receipt.ErrNotFound
	}
	return org, id.From[receipt.Receipt](of), nil
}

// Path is where a donor downloads a receipt's PDF on this site, without signing in. The supporter page and the reports link to it.
func (s *Service) Path(org uuid.UUID, receiptID id.ID[receipt.Receipt]) string {
	return "/r/" + s.links.Token(org, receiptID.UUID) + ".pdf"
}

// publicPage is the address of the receipt's public page.
func (s *Service) publicPage(org uuid.UUID, receiptID id.ID[receipt.Receipt]) string {
	return s.url + "/r/" + s.links.Token(org, receiptID.UUID)
}
