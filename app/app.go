// Package app is the composition root: New builds every service by hand, from the platform up, so that reading it from top to bottom says
// what depends on what. routes.go and workers.go have one line per feature.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"tributary/app/access"
	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/causes"
	"tributary/app/fundraising"
	"tributary/app/giving"
	"tributary/app/people"
	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/files"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/stripepay"
	"tributary/app/platform/telemetry"
	"tributary/app/platform/web"
	"tributary/app/pledging"
	"tributary/app/receipting"
	"tributary/app/reporting"
	"tributary/app/volunteering"
	"tributary/domain/actor"
	"tributary/frontend"
)

// Options say what New builds.
type Options struct {
	Config  config.Config
	Log     *slog.Logger
	Version string
	Work    bool             // Start runs jobs; otherwise they are only enqueued
	Now     func() time.Time // nil: the real clock
	Trial   bool             // the database is our own: what stands in for the outside world is open to whoever asks
	Sandbox http.Handler     // the card sandbox to mount, in a trial
	Jobs    queue.Config     // overrides for tests; Work, Workers and PeriodicJobs are set by New
	Files   files.Store      // nil: a folder below the data directory
	Assets  fs.FS            // nil: the built frontend inside the program
}

// App is the whole program in one process.
type App struct {
	cfg      config.Config
	log      *slog.Logger
	now      func() time.Time
	secret   []byte
	registry *prometheus.Registry
	db       *database.DB
	jobs     *queue.Client
	files    files.Store
	limiter  *web.RateLimiter
	outbox   *mail.Outbox
	server   *web.Server
	sandbox  http.Handler
	trial    bool
	version  string
	assets   fs.FS
	work     bool
	jobCfg   queue.Config

	audit        *auditing.Service
	access       *access.Service
	books        *bookkeeping.Service
	people       *people.Service
	causes       *causes.Service
	fundraising  *fundraising.Service
	giving       *giving.Service
	pledging     *pledging.Service
	receipting   *receipting.Service
	reporting    *reporting.Service
	volunteering *volunteering.Service

	open atomic.Bool // Ready says so only after Open
	stop []func()    // what Close ends, in reverse
}

// New connects to the database and builds everything. It starts nothing: see Start and Handler. The caller closes it.
func New(ctx context.Context, o Options) (a *App, err error) {
	a = &App{
		cfg: o.Config, log: o.Log, now: o.Now, sandbox: o.Sandbox, trial: o.Trial, version: o.Version, assets: o.Assets, files: o.Files, work: o.Work,
		jobCfg: o.Jobs, registry: telemetry.Registry(),
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if a.now == nil {
		a.now = func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) } //nolint:forbidigo // the one clock
	}
	if a.assets == nil {
		a.assets = frontend.Dist
	}
	if a.secret, err = o.Config.Secret(); err != nil {
		return nil, err
	}
	if err := a.platform(ctx); err != nil {
		return nil, err
	}
	if err := a.features(); err != nil {
		return nil, err
	}
	if err := a.edge(); err != nil {
		return nil, err
	}
	return a, nil
}

// platform builds what knows PostgreSQL, River, SMTP and disks.
func (a *App) platform(ctx context.Context) (err error) {
	a.db, err = database.Open(ctx, database.Config{
		URL: a.cfg.DatabaseURL, ReplicaURL: a.cfg.DatabaseReplicaURL, MaxConns: a.cfg.DatabaseMaxConns, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.stop = append(a.stop, a.db.Close)
	if a.files == nil {
		disk, err := files.OpenDisk(filepath.Join(a.cfg.DataDir, "files"))
		if err != nil {
			return err
		}
		a.files = disk
		a.stop = append(a.stop, func() { _ = disk.Close() })
	}
	jobs := a.jobCfg
	jobs.Work, jobs.Workers = a.work, river.NewWorkers()
	jobs.PollOnly = jobs.PollOnly || a.cfg.QueuePollOnly
	if jobs.Logger == nil {
		jobs.Logger = a.log
	}
	a.jobCfg = jobs
	if a.jobs, err = queue.New(a.db, jobs); err != nil {
		return err
	}
	a.limiter = web.NewRateLimiter(a.db, a.secret, a.now)
	a.outbox, err = a.newOutbox()
	return err
}

func (a *App) newOutbox() (*mail.Outbox, error) {
	return mail.New(mail.Config{
		SMTPURL: a.cfg.SMTPURL, From: a.cfg.MailFrom, Templates: frontend.Templates, Files: a.files, Now: a.now,
	}, a.db, a.jobs)
}

// features builds the services, the lowest tier first.
func (a *App) features() error {
	a.audit = auditing.New(a.db, a.now)
	a.books = bookkeeping.New(a.db, a.now)
	a.access = access.New(access.Config{
		DB: a.db, Audit: a.audit, Outbox: a.outbox, Limiter: a.limiter, PublicURL: a.publicURL(), Now: a.now,
	})
	a.receipting = receipting.New(receipting.Config{
		DB: a.db, Audit: a.audit, Outbox: a.outbox, PublicURL: a.publicURL(), Secret: a.secret, Now: a.now,
	})
	a.reporting = reporting.New(a.db, a.access, a.now)
	// Some activities need each other; what is late here is filled once both exist (ADR 11, ADR 12).
	var checkout lateCheckout
	var promises latePromises
	var volunteers lateVolunteers
	a.people = people.New(people.Parts{
		DB: a.db, Audit: a.audit, Organizations: a.access, Outbox: a.outbox, Limiter: a.limiter, Gifts: a.reporting, Promises: &promises,
		Erasers:     []people.Eraser{&volunteers, &promises, &checkout, a.outbox},
		ReceiptPath: a.receipting.Path, PublicURL: a.publicURL(), Now: a.now,
	})
	a.causes = causes.New(a.db, a.audit, a.now)

	gateway, err := stripepay.New(stripepay.Config{
		APIKey: a.cfg.StripeAPIKey, BaseURL: a.cfg.StripeAPIBase, WebhookSecrets: a.cfg.StripeWebhookSecrets,
		PerSecond: a.cfg.StripeCallsPerSecond, Now: a.now,
	})
	if err != nil {
		return err
	}
	// The giving form belongs to the campaign's page and the checkout behind it to giving; neither imports the other.
	a.fundraising = fundraising.New(fundraising.Config{
		DB: a.db, Audit: a.audit, Organizations: a.access, Checkout: &checkout, Pledges: &promises, Files: a.files, Jobs: a.jobs,
		PublicURL: a.cfg.PublicURL, Now: a.now,
	})
	// A gift and the instalment it pays change together: giving tells pledging, pledging has giving collect.
	a.giving = giving.New(giving.Needs{
		DB: a.db, Jobs: a.jobs, Books: a.books, Audit: a.audit, People: a.people, Organizations: a.access, Campaigns: a.fundraising, Promises: &promises,
		Limiter: a.limiter, Gateway: gateway, PublicURL: a.cfg.PublicURL, Now: a.now,
	})
	a.pledging = pledging.New(pledging.Needs{
		DB: a.db, Jobs: a.jobs, Books: a.books, Audit: a.audit, People: a.people, Organizations: a.access, Campaigns: a.fundraising,
		Tariffs: a.giving, Collector: a.giving, Limiter: a.limiter, Gateway: gateway, Outbox: a.outbox, Secret: a.secret, PublicURL: a.cfg.PublicURL, Now: a.now,
	})
	a.volunteering = volunteering.New(volunteering.Needs{
		DB: a.db, Jobs: a.jobs, Audit: a.audit, People: a.people, Organizations: a.access, Limiter: a.limiter, Outbox: a.outbox, Secret: a.secret,
		PublicURL: a.cfg.PublicURL, Now: a.now,
	})
	checkout.Service, promises.Service, volunteers.Service = a.giving, a.pledging, a.volunteering
	a.workers(a.jobCfg.Workers)
	return nil
}

// lateCheckout is filled once giving exists.
type lateCheckout struct{ *giving.Service }

// latePromises is filled once pledging exists.
type latePromises struct{ *pledging.Service }

// lateVolunteers is filled once volunteering exists.
type lateVolunteers struct{ *volunteering.Service }

// doors asks access about staff and people about supporters.
type doors struct {
	staff      *access.Service
	supporters *people.Service
}

// Authenticate implements web.Authenticator.
func (d doors) Authenticate(ctx context.Context, c web.Credentials) (actor.Actor, string, error) {
	if c.SupporterCookie != "" && c.SessionCookie == "" && c.Bearer == "" {
		return d.supporters.AuthenticateSupporter(ctx, c.SupporterCookie)
	}
	return d.staff.Authenticate(ctx, c)
}

// edge builds the HTTP side and registers every route.
func (a *App) edge() (err error) {
	a.server, err = web.New(web.Config{
		PublicURL: a.cfg.PublicURL, Secret: a.secret, TrustedProxies: a.cfg.TrustedProxies, Now: a.now, Log: a.log, DB: a.db, Auth: doors{a.access, a.people},
		Assets: a.assets, Templates: frontend.Templates, Locales: frontend.Locales, Registry: a.registry, MetricsToken: a.cfg.MetricsToken,
		Ready: a.Ready, Version: a.version, Embedded: a.trial,
	})
	if err != nil {
		return err
	}
	a.routes()
	if a.db == nil {
		return nil
	}
	return a.operatorRoutes()
}

func (a *App) publicURL() string { return a.cfg.PublicURL.String() }

// Server is the HTTP side.
func (a *App) Server() *web.Server { return a.server }

// Access is for the command line, which makes logins.
func (a *App) Access() *access.Service { return a.access }

// Causes is for the command line, which loads the registry.
func (a *App) Causes() *causes.Service { return a.causes }

// Jobs is for tests, which run them by hand.
func (a *App) Jobs() *queue.Client { return a.jobs }

// Handler serves every route.
func (a *App) Handler() http.Handler { return a.server.Handler() }

// Contract renders app/openapi.json. It needs no database and no settings.
func Contract() ([]byte, error) {
	a, err := unconnected()
	if err != nil {
		return nil, err
	}
	return a.server.API().Contract()
}

// Operations lists every operation there is, for tests that hold for all of them.
func Operations() ([]web.Operation, error) {
	a, err := unconnected()
	if err != nil {
		return nil, err
	}
	return a.server.API().Operations(), nil
}

// unconnected is an App whose routes can be looked at and not called.
func unconnected() (*App, error) {
	a := &App{
		cfg: config.Config{
			PublicURL: &url.URL{Scheme: "http", Host: "localhost"}, Environment: config.Demo,
			MailFrom: "Tributary <mail@tributary.example>", StripeAPIKey: embeddedKey, StripeWebhookSecrets: []string{"whsec_0123456789abcdef"},
		},
		log: slog.New(slog.DiscardHandler), now: never, secret: make([]byte, 32), assets: frontend.Dist,
		registry: telemetry.Registry(),
		jobCfg:   queue.Config{Workers: river.NewWorkers()},
	}
	var err error
	if a.outbox, err = a.newOutbox(); err != nil {
		return nil, err
	}
	if err := a.features(); err != nil {
		return nil, err
	}
	if err := a.edge(); err != nil {
		return nil, err
	}
	return a, nil
}

// Open lets Ready say so, once whatever precedes the first visitor is done.
func (a *App) Open() { a.open.Store(true) }

// Ready reports whether requests can be served: the program is open, the database answers and has every migration.
func (a *App) Ready(ctx context.Context) error {
	if !a.open.Load() {
		return errors.New("still starting")
	}
	if err := a.db.Ping(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	status, err := a.db.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	if status.Pending > 0 {
		return errors.New("migrations are pending: run tributary migrate")
	}
	return nil
}

// Start begins to run jobs, when asked to, and to hear what other processes tell. Close ends the listening.
func (a *App) Start(ctx context.Context) error {
	listening, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.db.Listen(listening, fundraising.ProgressChannel, a.fundraising.ProgressMoved)
	}()
	a.stop = append(a.stop, func() { cancel(); <-done })
	if a.work {
		a.jobs.River().PeriodicJobs().AddMany(a.periodicJobs())
	}
	return a.jobs.Start(ctx)
}

// Drain lets running jobs finish; what has not when ctx ends runs again elsewhere.
func (a *App) Drain(ctx context.Context) error { return a.jobs.Stop(ctx) }

// Close ends connections. Stop the HTTP server and Drain first.
func (a *App) Close() {
	for i := len(a.stop) - 1; i >= 0; i-- {
		a.stop[i]()
	}
	a.stop = nil
}
