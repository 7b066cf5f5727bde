package access_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"tributary/app/access"
	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
)

const password = "tall grass by the river"

// quick is the memory of a hash in tests, in KiB.
const quick = 128

var browser = account.Browser{IP: "203.0.113.7", UserAgent: "Test/1.0"}

// fixture is the service on a database of its own, with real audit, outbox and limits, and a clock that tests move.
type fixture struct {
	*access.Service
	db    *database.DB
	owner string // URL of the schema's owner
	clock *scene.Clock
}

func start(t *testing.T) *fixture {
	t.Helper()
	db, urls := databasetest.NewWithURLs(t)
	c := scene.ClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	outbox, err := mail.New(mail.Config{
		From: "Tributary <mail@tributary.example>", Templates: os.DirFS("../../frontend/templates"), Now: c.Now,
	}, db, idle{})
	require.NoError(t, err)
	return &fixture{db: db, owner: urls.Owner, clock: c, Service: access.New(access.Config{
		DB: db, Audit: auditing.New(db, c.Now), Outbox: outbox, PublicURL: "https://give.example/", Now: c.Now, PasswordMemory: quick,
		Limiter: web.NewRateLimiter(db, make([]byte, 32), c.Now),
	})}
}

// idle leaves mails in the outbox, where tests read them.
type idle struct{}

func (idle) InsertTx(context.Context, database.Tx, queue.Args, ...queue.Option) error { return nil }

func (idle) InsertManyTx(context.Context, database.Tx, []queue.Args, ...queue.Option) error {
	return nil
}

func (f *fixture) login(t *testing.T, name string) account.Login {
	t.Helper()
	l, err := f.CreateLogin(t.Context(), account.LoginDetails{Name: name, Email: name + "@riverbend.example"}, password)
	require.NoError(t, err)
	return l
}

func (f *fixture) found(t *testing.T, founder account.Login, slug string) account.Organization {
	t.Helper()
	o, err := f.Found(as(t, founder, account.Organization{}, ""), founder.ID, account.OrganizationDetails{Name: slug, Kind: account.Nonprofit, Slug: slug})
	require.NoError(t, err)
	return o
}

func (f *fixture) member(t *testing.T, o account.Organization, name string, role account.Role) account.Login {
	t.Helper()
	l := f.login(t, name)
	require.NoError(t, f.AddMember(t.Context(), account.Membership{OrgID: o.ID, LoginID: l.ID, Role: role}))
	return l
}

// as is the context of a request by a login with a role at an organization.
func as(t *testing.T, l account.Login, o account.Organization, role account.Role) context.Context {
	t.Helper()
	return actor.With(t.Context(), actor.Actor{
		Kind: actor.KindLogin, ID: l.ID.UUID, OrgID: o.ID.UUID, Role: string(role), Permissions: account.Permissions(role.Permissions()).Texts(),
		RequestID: "req-1",
	})
}

func (f *fixture) signIn(t *testing.T, email, password string) (access.SignedIn, error) {
	t.Helper()
	return f.SignIn(t.Context(), access.SignInInput{Email: email, Password: password, Browser: browser})
}

// authenticate is what a request with the cookie at the organization finds.
func (f *fixture) authenticate(t *testing.T, cookie, slug string) (actor.Actor, string, error) {
	t.Helper()
	return f.Authenticate(t.Context(), web.Credentials{SessionCookie: cookie, OrgSlug: slug})
}

// column reads one column as the schema's owner inside an organization; uuid.Nil reads what belongs to none.
func column[T any](t *testing.T, f *fixture, org uuid.UUID, sql string, args ...any) []T {
	t.Helper()
	var found []T
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(org), func(r database.Reader) error {
		found = nil
		rows, err := r.Query(t.Context(), sql, args...)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var v T
			if err := rows.Scan(&v); err != nil {
				return err
			}
			found = append(found, v)
		}
		return rows.Err()
	}))
	return found
}

func (f *fixture) loginEvents(t *testing.T, l account.Login) []string {
	t.Helper()
	return column[string](t, f, uuid.Nil, `SELECT action FROM login_events WHERE login_id = $1 ORDER BY seq`, l.ID)
}

func (f *fixture) auditEvents(t *testing.T, o account.Organization) []string {
	t.Helper()
	return column[string](t, f, o.ID.UUID, `SELECT action FROM audit_events ORDER BY seq`)
}

// loginMails returns the texts of the mails to a login, the oldest first.
func (f *fixture) loginMails(t *testing.T, email string) []string {
	t.Helper()
	return column[string](t, f, uuid.Nil, `SELECT text_body FROM login_messages WHERE to_email = $1 ORDER BY id`, email)
}

// mails returns the texts of the organization's mails to someone, the oldest first.
func (f *fixture) mails(t *testing.T, o account.Organization, email string) []string {
	t.Helper()
	return column[string](t, f, o.ID.UUID, `SELECT text_body FROM messages WHERE to_email = $1 ORDER BY id`, email)
}

var link = regexp.MustCompile(`https://give\.example/app/(?:reset-password|accept-invitation)/(\S+)`)

// secretOf reads the secret of the link in a mail.
func secretOf(t *testing.T, mail string) string {
	t.Helper()
	found := link.FindStringSubmatch(mail)
	require.Len(t, found, 2, "no link in %q", mail)
	return found[1]
}

// exec runs SQL as the schema's owner, for what no use case can do.
func (f *fixture) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.owner)
	require.NoError(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	_, err = conn.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// together runs do n times at once and returns the errors.
func together(n int, do func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			errs[i] = do(i)
		})
	}
	done.Wait()
	return errs
}

// roles are the roles at an organization, by login.
func (f *fixture) roles(t *testing.T, by account.Login, o account.Organization) map[id.ID[account.Login]]account.Role {
	t.Helper()
	v, err := f.Team(as(t, by, o, account.Owner))
	require.NoError(t, err)
	found := map[id.ID[account.Login]]account.Role{}
	for _, m := range v.Members {
		found[m.LoginID] = m.Role
	}
	return found
}

// codes lists what is wrong with which field.
func codes(t *testing.T, err error) map[string]string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	found := map[string]string{}
	for _, field := range f.Fields {
		found[field.Location] = field.Code
	}
	return found
}

// weakHash is an argon2id hash at a cost below today's.
func weakHash(password string) string {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(password), salt, 1, 64, 1, 32)
	return fmt.Sprintf("$argon2id$v=19$m=64,t=1,p=1$%s$%s", base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}
