// Package stripesandbox is a stateful stand-in for Stripe: the REST API of version 2023-10-16 as stripe-go v76 speaks it, the hosted
// checkout page, signed webhooks and a panel to inject faults. No money moves and nothing leaves the machine but the webhooks.
//
// It knows nothing of the program around it: a caller talks to it over HTTP, exactly as it would talk to Stripe. The Go methods of Sandbox
// are for the operator and for tests, and so is the panel, which does the same by POST /_sandbox/api with {"action": …}:
//
//   - the payer: PaySession pays on a hosted page, SaveCard saves a card on a page of mode setup, Authenticate ends a 3-D Secure challenge,
//     ExpireSession walks away;
//   - a saved card: SetBehaviour lets it act as another test number from now on (action behave), DeclineNext declines the next n charges with
//     any of Stripe's decline codes (decline), UpdateCard is the network replacing it (update_card), DetachCard takes it away (detach);
//   - money: Settle, EndDebit, FailRefund, OpenDispute, CloseDispute, CreatePayout, ArrivePayout, FailPayout;
//   - trouble and time: Inject, ClearFaults, PauseWebhooks, DrainWebhooks, Replay, AdvanceClock, Sweep;
//   - what there is: Charges, PaymentIntents, SetupIntents, PaymentMethods, Sessions, Refunds, Disputes, Payouts, BalanceTransactions, Events.
//
// Saved cards do not decline because their expiry passes: a clock that runs for years would else stop every gift. SetBehaviour with
// 4000000000000069 lets one expire.
package stripesandbox

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// APIVersion is the one version of Stripe's API that the sandbox speaks.
const APIVersion = "2023-10-16"

// Options says how a sandbox behaves. Only Now is required.
type Options struct {
	// StatePath is the file that keeps the state across restarts, kill -9 included. Empty keeps the state in memory only.
	StatePath string
	// Now is the clock of everything: created, expiry, fees, retries. The panel may move the sandbox ahead of it.
	Now func() time.Time
	// SignedAt is the clock in the t= of webhook signatures; nil means Now, without the jumps of the panel.
	SignedAt func() time.Time
	// BaseURL is where browsers reach the sandbox, prefix included. Empty takes the host of the API request.
	BaseURL string
	// APIKey is the one accepted secret key. Empty accepts every key of the form sk_test_….
	APIKey string
	// Logger hears of failed webhook deliveries and of an unwritable state file; nil discards.
	Logger *slog.Logger
	// Fees is what Stripe keeps; the zero value is 2.9 % + 0.30.
	Fees Fees
	// FeeDelay is how long after success a charge gets its balance transaction. Zero means two seconds, negative means at once.
	FeeDelay time.Duration
	// RefundDelay is how long a pending or doomed refund takes to change. Zero means ten seconds.
	RefundDelay time.Duration
	// DebitDelay is how long a bank debit is processing. Zero means four days.
	DebitDelay time.Duration
	// PayoutDelay is how long a charge takes to become available, and a payout to arrive. Zero means two days.
	PayoutDelay time.Duration
	// HTTPClient delivers webhooks; nil means a client with a ten second timeout that follows no redirect.
	HTTPClient *http.Client
	// Manual starts no background work: webhooks go out only in DrainWebhooks, and time passes only with a request, Sweep or AdvanceClock.
	Manual bool
}

// Fees is a tariff: basis points of the amount, rounded half up, plus a fixed part in minor units.
type Fees struct {
	BasisPoints int64
	// Fixed is by currency in lower case; a currency that is not listed pays an equivalent of 0.30 USD.
	Fixed map[string]int64
	// Dispute is the fee for a dispute in minor units; zero means an equivalent of 15.00 USD.
	Dispute int64
}

// Sandbox is one Stripe of its own. It is safe for concurrent use.
type Sandbox struct {
	opts    Options
	handler http.Handler

	mu       sync.Mutex // guards everything below
	db       *database
	faults   faults
	inFlight map[string]bool // idempotency keys being executed
	jump     time.Duration   // what the panel added to the clock; gone after a restart

	wake   chan struct{}
	stop   context.CancelFunc
	worker sync.WaitGroup
	// delivering serialises rounds of deliveries, so that DrainWebhooks returns only when no attempt is under way.
	delivering sync.Mutex
}

// New opens the sandbox, reading the state file when there is one, and starts its background work unless opts.Manual is set.
func New(opts Options) (*Sandbox, error) {
	if opts.Now == nil {
		return nil, errors.New("stripe sandbox: Options.Now is required")
	}
	if opts.BaseURL != "" {
		u, err := url.Parse(opts.BaseURL)
		if err != nil || u.Host == "" {
			return nil, errors.New("stripe sandbox: Options.BaseURL must be an absolute URL")
		}
		opts.BaseURL = strings.TrimRight(opts.BaseURL, "/")
	}
	opts = opts.withDefaults()
	db, err := openDatabase(opts.StatePath, opts.Now())
	if err != nil {
		return nil, err
	}
	s := &Sandbox{opts: opts, db: db, inFlight: map[string]bool{}, wake: make(chan struct{}, 1), stop: func() {}}
	if err := s.update(func(t *tx) error { t.platform(); return nil }); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	if !opts.Manual {
		ctx, cancel := context.WithCancel(context.Background())
		s.stop = cancel
		s.worker.Go(func() { s.work(ctx) })
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SignedAt == nil {
		o.SignedAt = o.Now
	}
	if o.Fees.BasisPoints == 0 && o.Fees.Fixed == nil {
		o.Fees.BasisPoints = 290
	}
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{{&o.FeeDelay, 2 * time.Second}, {&o.RefundDelay, 10 * time.Second}, {&o.DebitDelay, 4 * 24 * time.Hour}, {&o.PayoutDelay, 48 * time.Hour}} {
		if *d.value == 0 {
			*d.value = d.def
		}
	}
	if o.HTTPClient == nil {
		o.HTTPClient = &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return o
}

// Handler serves /v1 (the API), /c (the hosted pages) and /_sandbox (the panel). Under a prefix, strip it first and name it in BaseURL.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Close stops the background work, waits for the delivery under way and closes the state file.
func (s *Sandbox) Close() error {
	s.stop()
	s.worker.Wait()
	s.delivering.Lock()
	defer s.delivering.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db.close()
}

// work lets time pass and sends webhooks until ctx ends. The one second cap keeps it right when the injected clock jumps.
func (s *Sandbox) work(ctx context.Context) {
	for ctx.Err() == nil {
		s.Sweep()
		wait := min(s.deliverDue(ctx), time.Second)
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

func (s *Sandbox) wakeWorker() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// clock is the sandbox's own time; the caller holds the mutex.
func (s *Sandbox) clock() time.Time { return s.opts.Now().Add(s.jump) }

// Time is the sandbox's own time: Options.Now plus the jumps made since the start.
func (s *Sandbox) Time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock()
}

// AdvanceClock moves the sandbox ahead of Options.Now and does what falls due: sessions expire, fees appear, payouts arrive. Events keep
// being created at Options.Now, because their receivers have not jumped.
func (s *Sandbox) AdvanceClock(d time.Duration) {
	s.mu.Lock()
	s.jump += max(d, 0)
	s.mu.Unlock()
	s.Sweep()
	s.wakeWorker()
}

// Sweep does whatever has fallen due by the sandbox's clock.
func (s *Sandbox) Sweep() {
	_ = s.update(func(*tx) error { return nil }) // every transaction begins with a sweep; a write error is logged there
}

// PlatformAccount is the id of the account that the API key belongs to.
func (s *Sandbox) PlatformAccount() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db.platformID
}
