// Package queue runs background jobs, kept in PostgreSQL by River, so that a job is enqueued by the same transaction that
// makes it necessary.
//
// Delivery is at least once: what a job does must be idempotent by a database fact. The types of arguments live in the
// domain and carry ids, never copies of data; a job reads what it needs when it runs.
package queue

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"github.com/riverqueue/rivercontrib/otelriver"
	"riverqueue.com/riverui"

	"tributary/app/platform/database"
)

// The queues. Mail and Stripe have their own, so that a slow server on the other side holds up nothing else.
const (
	Default = river.QueueDefault
	Mail    = "mail"
	Stripe  = "stripe"
)

const (
	// fetchCooldown and maxWorkers bound throughput together: a queue runs at most maxWorkers jobs per cooldown.
	fetchCooldown = 20 * time.Millisecond
	maxWorkers    = 50
	jobTimeout    = 2 * time.Minute
	rescueAfter   = 5 * time.Minute
)

// Args is a job: a struct of the domain that is marshalled to JSON and says what kind of job it is.
type Args interface{ Kind() string }

// Enqueuer is what a feature needs of the queue.
type Enqueuer interface {
	InsertTx(ctx context.Context, tx database.Tx, args Args, opts ...Option) error
	InsertManyTx(ctx context.Context, tx database.Tx, args []Args, opts ...Option) error
}

// Config says what the client does besides inserting.
type Config struct {
	// Work makes Start fetch and run jobs; otherwise the client only inserts.
	Work bool
	// Workers hold the handlers; they may be added until Start. With workers known, inserting a kind nobody handles is
	// an error.
	Workers *river.Workers
	// PeriodicJobs are enqueued by one elected process; see Every.
	PeriodicJobs []*river.PeriodicJob
	// Queues overrides the number of jobs that run at once in this process, by queue.
	Queues map[string]int
	// PollOnly avoids LISTEN, which a transaction pooler loses silently.
	PollOnly bool
	// Logger receives failed jobs; nil means slog.Default().
	Logger *slog.Logger
	// Test trades production's staggered starts and maintenance for speed; see package queuetest.
	Test bool
}

// Client inserts jobs and, if so configured, runs them.
type Client struct {
	river *river.Client[pgx.Tx]
	db    *database.DB
	log   *slog.Logger
	work  bool
	known sync.Map // kinds that River has accepted once: those with a handler
	told  notices
}

// New returns a client on the primary database.
func New(db *database.DB, cfg Config) (*Client, error) {
	logger := cfg.Logger
	if logger == nil {
		logger = slog.Default()
	}
	settings := &river.Config{
		ErrorHandler:         failures{logger},
		FetchCooldown:        fetchCooldown,
		JobTimeout:           jobTimeout,
		Logger:               slog.New(quiet{logger.Handler()}),
		Middleware:           []rivertype.Middleware{otelriver.NewMiddleware(&otelriver.MiddlewareConfig{EnableWorkSpanJobKindSuffix: true})},
		PollOnly:             cfg.PollOnly,
		RescueStuckJobsAfter: rescueAfter,
		Workers:              cfg.Workers,
	}
	if cfg.Work {
		settings.PeriodicJobs = cfg.PeriodicJobs
		settings.Queues = map[string]river.QueueConfig{}
		for _, name := range []string{Default, Mail, Stripe} {
			settings.Queues[name] = river.QueueConfig{MaxWorkers: cmp.Or(cfg.Queues[name], maxWorkers)}
		}
		for name, workers := range cfg.Queues {
			settings.Queues[name] = river.QueueConfig{MaxWorkers: workers}
		}
	}
	if cfg.Test {
		settings.TestOnly, settings.PollOnly, settings.LeaderElectionDisabled = true, true, len(cfg.PeriodicJobs) == 0
		settings.FetchCooldown, settings.FetchPollInterval = river.FetchCooldownMin, 5*time.Millisecond
	}
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), settings)
	if err != nil {
		return nil, fmt.Errorf("set up the job queue: %w", err)
	}
	return &Client{river: client, db: db, log: logger, work: cfg.Work}, nil
}

// Start begins to fetch and run jobs; an insert-only client does nothing. Jobs are not cut short when ctx ends: use Stop.
func (c *Client) Start(ctx context.Context) error {
	if !c.work {
		return nil
	}
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// Stop fetches no more and waits for running jobs; when ctx ends first, they are cancelled and will run again.
func (c *Client) Stop(ctx context.Context) error {
	if !c.work {
		return nil
	}
	if err := c.river.Stop(ctx); err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := c.river.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the job queue: %w", err)
	}
	return nil
}

// InsertTx enqueues a job that exists if and only if tx commits.
func (c *Client) InsertTx(ctx context.Context, tx database.Tx, args Args, opts ...Option) error {
	o := options(opts)
	if _, known := c.known.Load(args.Kind()); known && plain(o) {
		return c.queueJob(tx, args, o)
	}
	err := database.Do(tx, func(tx pgx.Tx) error {
		if _, err := c.river.InsertTx(ctx, tx, args, o); err != nil {
			return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
		}
		return nil
	})
	if err == nil {
		c.known.Store(args.Kind(), true)
	}
	return err
}

// InsertManyTx enqueues any number of jobs at once, by COPY. They cannot be Unique.
func (c *Client) InsertManyTx(ctx context.Context, tx database.Tx, args []Args, opts ...Option) error {
	if len(args) == 0 {
		return nil
	}
	many := make([]river.InsertManyParams, len(args))
	for i, a := range args {
		many[i] = river.InsertManyParams{Args: a, InsertOpts: options(opts)}
	}
	return database.Do(tx, func(tx pgx.Tx) error {
		if _, err := c.river.InsertManyFastTx(ctx, tx, many); err != nil {
			return fmt.Errorf("enqueue %d jobs: %w", len(args), err)
		}
		return nil
	})
}

// Insert enqueues a job by itself.
func (c *Client) Insert(ctx context.Context, args Args, opts ...Option) error {
	if _, err := c.river.Insert(ctx, args, options(opts)); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// River lends the client itself, for tests and tools.
func (c *Client) River() *river.Client[pgx.Tx] { return c.river }

// UI returns River's pages under prefix, for operators only: whoever mounts it checks who asks. Its background queries
// end with ctx.
func UI(ctx context.Context, c *Client, prefix string) (http.Handler, error) {
	handler, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints:                riverui.NewEndpoints(c.river, nil),
		JobListHideArgsByDefault: true,
		Logger:                   slog.New(quiet{c.log.Handler()}),
		Prefix:                   prefix,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the job pages: %w", err)
	}
	if err := handler.Start(ctx); err != nil {
		return nil, fmt.Errorf("start the job pages: %w", err)
	}
	return handler, nil
}

// Pool lends the queue's connections, for tests and tools.
func (c *Client) Pool() *pgxpool.Pool { return c.db.Pool() }
