// Package apptest starts the whole program for a test: real HTTP, real middleware, a real database of the test's own, the card sandbox, a
// clock that stands still until it is moved, and jobs that run when they are told to.
package apptest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app"
	"tributary/app/apptest/scene"
	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/files"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/account"
	"tributary/domain/actor"
)

const (
	apiKey        = "sk_test_apptest_0123456789"
	webhookSecret = "whsec_apptest_0123456789abcdef"
	// Password opens every login that a World makes.
	Password = "many-small-streams"
)

// World is a running program and everything around it.
type World struct {
	*app.App
	T       testing.TB
	URL     string // of the program, without a slash at the end
	Clock   *scene.Clock
	Sandbox *stripesandbox.Sandbox
	DB      *database.DB // another connection to the same database, as the same role
	URLs    databasetest.Addresses
}

// Change adjusts the configuration before the program starts.
type Change func(*config.Config)

// Start runs the program until the test ends. Its clock begins at the real time, since PostgreSQL's and River's clocks cannot be set.
func Start(t testing.TB, changes ...Change) *World {
	t.Helper()
	db, addresses := databasetest.NewWithURLs(t)
	w := &World{T: t, DB: db, URLs: addresses, Clock: scene.ClockAt(time.Now().UTC().Truncate(time.Second))}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.URL = "http://" + listener.Addr().String()
	public, err := url.Parse(w.URL)
	require.NoError(t, err)

	cfg := config.Config{
		Environment: config.Demo, DatabaseURL: addresses.App, DatabaseOwnerURL: addresses.Owner, DatabaseMaxConns: 8, PublicURL: public,
		ListenAddr: listener.Addr().String(), SecretKey: strings.Repeat("test-secret-", 4), DataDir: t.TempDir(), MailFrom: "Tributary <mail@tributary.example>",
		StripeAPIKey: apiKey, StripeWebhookSecrets: []string{webhookSecret}, StripeAPIBase: w.openSandbox(w.URL),
	}
	for _, change := range changes {
		change(&cfg)
	}
	w.App, err = app.New(t.Context(), app.Options{
		Config: cfg, Log: slog.New(slog.DiscardHandler), Version: "test", Work: true, Now: w.Clock.Now, Trial: true, Sandbox: w.Sandbox.Handler(), Files: &files.Memory{},
		Jobs: queue.Config{Test: true, Queues: map[string]int{queue.Default: 2, queue.Mail: 1, queue.Stripe: 1}},
	})
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	require.NoError(t, server.Listener.Close())
	server.Listener, server.Config = listener, w.Server().HTTPServer()
	server.Start()
	w.Open()
	t.Cleanup(func() {
		w.Server().StopStreams()
		server.Close()
		w.Close()
	})
	return w
}

// openSandbox starts the card sandbox, which sends its events only when RunJobs asks it to, and returns the address of its API.
func (w *World) openSandbox(publicURL string) string {
	w.T.Helper()
	var err error
	w.Sandbox, err = stripesandbox.New(stripesandbox.Options{
		Now: w.Clock.Now, SignedAt: time.Now, BaseURL: publicURL + app.SandboxPath, APIKey: apiKey, FeeDelay: -1, Manual: true,
	})
	require.NoError(w.T, err)
	_, err = w.Sandbox.RegisterEndpoint(stripesandbox.EndpointInput{
		URL: publicURL + "/api/v1/webhooks/stripe", Secret: webhookSecret, Events: stripepay.EventTypes,
	})
	require.NoError(w.T, err)
	api := httptest.NewServer(w.Sandbox.Handler())
	w.T.Cleanup(func() {
		api.Close()
		require.NoError(w.T, w.Sandbox.Close())
	})
	return api.URL
}

// RunJobs delivers the sandbox's events and runs every job that is due, and what follows from them, until nothing is left to do.
func (w *World) RunJobs() {
	w.T.Helper()
	for range 3 { // events make jobs, and jobs that speak to Stripe make events
		require.NoError(w.T, w.Sandbox.DrainWebhooks(w.T.Context()))
		queuetest.Drain(w.T, w.Jobs())
	}
}

// As is the context of a member at work, for calling services.
func (w *World) As(m Member) context.Context {
	who := actor.Actor{Kind: actor.KindLogin, ID: m.Login.ID.UUID, OrgID: m.Organization.ID.UUID, Role: string(m.Role), RequestID: "test"}
	for _, p := range m.Role.Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return actor.With(w.T.Context(), who)
}

// Member is a login with its place in an organization.
type Member struct {
	Login        account.Login
	Organization account.Organization
	Role         account.Role
}

// Found makes a nonprofit with an owner whose address is owner@<slug>.example.
func (w *World) Found(slug string) Member {
	w.T.Helper()
	login := w.Login("owner@" + slug + ".example")
	org, err := w.Access().Found(actor.With(w.T.Context(), actor.System), login.ID, account.OrganizationDetails{
		Name: strings.ToUpper(slug[:1]) + slug[1:], Kind: account.Nonprofit, Slug: slug, Country: "US", Zone: "America/New_York", Currency: "USD",
	})
	require.NoError(w.T, err)
	return Member{login, org, account.Owner}
}

// Login makes a login without any organization.
func (w *World) Login(email string) account.Login {
	w.T.Helper()
	name, _, _ := strings.Cut(email, "@")
	login, err := w.Access().CreateLogin(actor.With(w.T.Context(), actor.System), account.LoginDetails{Name: name, Email: email}, Password)
	require.NoError(w.T, err)
	return login
}

// Join makes a login with a role in the owner's organization; its address is <role>@<slug>.example.
func (w *World) Join(owner Member, role account.Role) Member {
	w.T.Helper()
	login := w.Login(string(role) + "@" + owner.Organization.Slug + ".example")
	require.NoError(w.T, w.Access().AddMember(w.As(owner), account.Membership{
		OrgID: owner.Organization.ID, LoginID: login.ID, Role: role, CreatedAt: w.Clock.Now(),
	}))
	return Member{login, owner.Organization, role}
}

// Mail is a mail in the outbox.
type Mail struct {
	Kind    string   `json:"kind"`
	To      string   `json:"to_email"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	Links   []string `json:"links"` // of the HTML part
	State   string   `json:"state"` // queued until its job has run
}

// Mails lists what goes to an address, the newest first.
func (w *World) Mails(to string) []Mail {
	w.T.Helper()
	var page struct {
		Items []Mail `json:"items"`
	}
	w.Nobody().Send(http.MethodGet, "/dev/outbox?to="+url.QueryEscape(to), nil, Header("Accept", "application/json")).OK().Into(&page)
	return page.Items
}
