// Package mail renders and sends mails. A feature puts a mail into the outbox in the transaction of the deed it tells of; a job sends
// it later, again and again under the same Message-ID until the mail server has taken it or refused it for good. Without a mail server
// every mail stays on the development outbox page.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/files"
	"tributary/app/platform/queue"
)

// Config says how mails look and leave.
type Config struct {
	SMTPURL   string           // smtp://user:password@host:587 or smtps://…; empty: mails stay on the outbox page
	From      string           // "Tributary <mail@example.org>"
	TLS       *tls.Config      // nil: the system's certificate authorities
	Templates fs.FS            // holds mail/*.html and mail/*.txt
	Files     files.Store      // attachments of scheme "file"; nil: none
	Now       func() time.Time // the clock
}

// Outbox takes mails in and sends them. Its methods are safe for concurrent use once it is wired.
type Outbox struct {
	db        *database.DB
	queue     queue.Enqueuer
	templates *Templates
	smtp      *smtpSender // nil: mails stay here
	domain    string      // the right side of every Message-ID
	sources   map[string]Source
	now       func() time.Time
}

// Source makes the bytes of an attachment when its mail is sent. ref is what follows the scheme in the attachment's key.
type Source func(ctx context.Context, orgID uuid.UUID, ref string) ([]byte, error)

// New builds the outbox. An error names the setting at fault.
func New(cfg Config, db *database.DB, enqueuer queue.Enqueuer) (*Outbox, error) {
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New(`MAIL_FROM: write it as "Name <address@example.org>"`)
	}
	o := &Outbox{
		db: db, queue: enqueuer, templates: NewTemplates(cfg.Templates), sources: map[string]Source{}, now: cfg.Now,
		domain: from.Address[strings.LastIndex(from.Address, "@")+1:],
	}
	if cfg.SMTPURL != "" {
		if o.smtp, err = newSMTP(cfg.SMTPURL, *from, cfg.TLS); err != nil {
			return nil, err
		}
	}
	if cfg.Files != nil {
		o.Provide("file", fromStore(cfg.Files))
	}
	return o, nil
}

// Provide registers where attachments whose key is "scheme:ref" come from. Called while the program is wired.
func (o *Outbox) Provide(scheme string, source Source) { o.sources[scheme] = source }

// Render makes a mail from its templates; see Templates.
func (o *Outbox) Render(name string, from Sender, data any) (Body, error) {
	return o.templates.Render(name, from, data)
}

// Keeps reports whether mails stay on the outbox page instead of being sent.
func (o *Outbox) Keeps() bool { return o.smtp == nil }

// Check signs in to the mail server and leaves again; nil when there is none to reach.
func (o *Outbox) Check(ctx context.Context) error {
	if o.smtp == nil {
		return nil
	}
	return o.smtp.check(ctx)
}

func fromStore(store files.Store) Source {
	return func(ctx context.Context, _ uuid.UUID, key string) ([]byte, error) {
		f, _, err := store.Open(ctx, key)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		b, err := io.ReadAll(f)
		if err != nil {
			return nil, fmt.Errorf("read stored file: %w", err)
		}
		return b, nil
	}
}
