// Package receipting issues official receipts: one stands for each donation whose money came, numbered without gaps per legal entity
// and year, frozen, mailed, and voided or replaced when the money changes. It reads the facts of a donation by its own SQL and is asked
// by the job receipt.Issue.
package receipting

import (
	"context"
	"time"

	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/message"
)

// Outbox takes mails in within the transaction that caused them, and asks for attachments when it sends.
type Outbox interface {
	Render(name string, from mail.Sender, data any) (mail.Body, error)
	EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error
	Provide(scheme string, source mail.Source)
}

// Config says what the service is made of.
type Config struct {
	DB        *database.DB
	Audit     *auditing.Service
	Outbox    Outbox
	PublicURL string // where mailed links lead, without a slash at the end
	Secret    []byte // signs the links to receipts
	Now       func() time.Time
}

// Service is the use cases around receipts.
type Service struct {
	db     *database.DB
	audit  *auditing.Service
	outbox Outbox
	url    string
	links  links
	now    func() time.Time
}

// attachmentScheme is how a mail names a receipt's PDF, which is drawn when the mail is sent.
const attachmentScheme = "receipt"

// New makes the service and tells the outbox where the PDFs of receipts come from.
func New(c Config) *Service {
	s := &Service{db: c.DB, audit: c.Audit, outbox: c.Outbox, url: c.PublicURL, links: newLinks(c.Secret), now: c.Now}
	c.Outbox.Provide(attachmentScheme, s.attachment)
	return s
}
