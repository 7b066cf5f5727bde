package receipting

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"tributary/domain/id"
	"tributary/domain/receipt"
)

// links signs the addresses under which a donor opens a receipt without signing in. A link names its organization and receipt and does
// not expire, since donors look for receipts years later; a void receipt opens with its void mark.
type links struct{ key []byte }

const signatureSize = 16

// newLinks derives a key of its own, so that no other signature of the program passes for a link.
func newLinks(secret []byte) links {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("receipt link 1"))
	return links{mac.Sum(nil)}
}

func (l links) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(payload)
	return mac.Sum(nil)[:signatureSize]
}

func (l links) token(org uuid.UUID, receiptID id.ID[receipt.Receipt]) string {
	payload := append(append(make([]byte, 0, 48), org[:]...), receiptID.UUID[:]...)
	return base64.RawURLEncoding.EncodeToString(append(payload, l.sign(payload)...))
}

// open reads a token that token made; any other is ErrNotFound.
func (l links) open(token string) (org uuid.UUID, receiptID id.ID[receipt.Receipt], err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 32+signatureSize || !hmac.Equal(b[32:], l.sign(b[:32])) {
		return uuid.Nil, receiptID, receipt.ErrNotFound
	}
	return uuid.UUID(b[:16]), id.From[receipt.Receipt](uuid.UUID(b[16:32])), nil
}

// Path is where a donor downloads a receipt's PDF on this site, without signing in. The supporter page and the reports link to it.
func (s *Service) Path(org uuid.UUID, receiptID id.ID[receipt.Receipt]) string {
	return "/r/" + s.links.token(org, receiptID) + ".pdf"
}

// publicPage is the address of the receipt's public page.
func (s *Service) publicPage(org uuid.UUID, receiptID id.ID[receipt.Receipt]) string {
	return s.url + "/r/" + s.links.token(org, receiptID)
}
