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
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"tributary/app/access"
	"tributary/app/auditing"
	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/files"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/telemetry"
	"tributary/app/platform/web"
	"tributary/frontend"
)

// Options say what New builds.
type Options struct {
	Config  config.Config
	Log     *slog.Logger
	Version string
	Work    bool             // Start runs jobs; otherwise they are only enqueued
	Now     func() time.Time // nil: the real clock
	Sandbox http.Handler     // the card sandbox to mount, in the embedded default
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
	version  string
	assets   fs.FS
	work     bool
	jobCfg   queue.Config

	audit  *auditing.Service
	access *access.Service

	stop []func() // what Close ends, in reverse
}

// New connects to the database and builds everything. It starts nothing: see Start and Handler. The caller closes it.
func New(ctx context.Context, o Options) (a *App, err error) {
	a = &App{
		cfg: o.Config, log: o.Log, now: o.Now, sandbox: o.Sandbox, version: o.Version, assets: o.Assets, files: o.Files, work: o.Work,
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
	a.features()
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
	jobs.Work, jobs.Workers, jobs.PeriodicJobs = a.work, river.NewWorkers(), a.periodicJobs()
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
func (a *App) features() {
	a.audit = auditing.New(a.db, a.now)
	a.access = access.New(access.Config{
		DB: a.db, Audit: a.audit, Outbox: a.outbox, Limiter: a.limiter, PublicURL: a.publicURL(), Now: a.now,
	})
	a.workers(a.jobCfg.Workers)
}

// edge builds the HTTP side and registers every route.
func (a *App) edge() (err error) {
	a.server, err = web.New(web.Config{
		PublicURL: a.cfg.PublicURL, Secret: a.secret, TrustedProxies: a.cfg.TrustedProxies, Now: a.now, Log: a.log, DB: a.db, Auth: a.access,
		Assets: a.assets, Templates: frontend.Templates, Locales: frontend.Locales, Registry: a.registry, MetricsToken: a.cfg.MetricsToken,
		Ready: a.Ready, Version: a.version, Embedded: a.cfg.Environment == config.Demo,
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
		cfg: config.Config{PublicURL: &url.URL{Scheme: "http", Host: "localhost"}, Environment: config.Demo, MailFrom: "Tributary <mail@tributary.example>"},
		log: slog.New(slog.DiscardHandler), now: time.Now, secret: make([]byte, 32), assets: frontend.Dist, registry: telemetry.Registry(), //nolint:forbidigo // never asked
		jobCfg: queue.Config{Workers: river.NewWorkers()},
	}
	var err error
	if a.outbox, err = a.newOutbox(); err != nil {
		return nil, err
	}
	a.features()
	if err := a.edge(); err != nil {
		return nil, err
	}
	return a, nil
}

// Ready reports whether requests can be served: the database answers and has every migration.
func (a *App) Ready(ctx context.Context) error {
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

// Start begins to run jobs, when asked to.
func (a *App) Start(ctx context.Context) error { return a.jobs.Start(ctx) }

// Drain lets running jobs finish; what has not when ctx ends runs again elsewhere.
func (a *App) Drain(ctx context.Context) error { return a.jobs.Stop(ctx) }

// Close ends connections. Stop the HTTP server and Drain first.
func (a *App) Close() {
	for i := len(a.stop) - 1; i >= 0; i-- {
		a.stop[i]()
	}
	a.stop = nil
}
