// Package access decides who may come in and what they may do there: logins and their sessions, organizations, teams with roles,
// invitations, and API tokens. The permission table itself is in domain/account/permission.go.
package access

import (
	"context"
	"runtime"
	"strings"
	"time"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/audit"
	"tributary/domain/message"
)

// Auditor records what changed in an organization.
type Auditor interface {
	RecordTx(ctx context.Context, tx database.Tx, e audit.Event) error
}

// Outbox renders mails and sends them once the transaction has committed.
type Outbox interface {
	Render(template string, from mail.Sender, data any) (mail.Body, error)
	EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error
	EnqueueLoginTx(ctx context.Context, tx database.Tx, m message.LoginMessage) error
}

// Limiter counts hits of a key in a window and refuses those after the n-th.
type Limiter interface {
	Allow(ctx context.Context, name, key string, n int, window time.Duration) error
}

// Config is what the service is built from.
type Config struct {
	DB        *database.DB
	Audit     Auditor
	Outbox    Outbox
	Limiter   Limiter
	PublicURL string // where links in mails lead
	Now       func() time.Time

	// PasswordMemory is how much memory one password hash takes, in KiB. 0 means what is advised today; tests take less, to be quick.
	PasswordMemory uint32
}

// Service holds the use cases.
type Service struct {
	db        *database.DB
	audit     Auditor
	outbox    Outbox
	limiter   Limiter
	staffApp  string
	now       func() time.Time
	passwords *hasher
}

// New makes the service. It hashes as many passwords at once as there are processors.
func New(cfg Config) *Service {
	return &Service{
		db: cfg.DB, audit: cfg.Audit, outbox: cfg.Outbox, limiter: cfg.Limiter, now: cfg.Now,
		staffApp:  strings.TrimSuffix(cfg.PublicURL, "/") + "/app",
		passwords: newHasher(runtime.GOMAXPROCS(0), cfg.PasswordMemory),
	}
}
