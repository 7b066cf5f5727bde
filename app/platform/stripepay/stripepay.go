// Package stripepay speaks to Stripe through stripe-go v76 (API version 2023-10-16) and answers in the words of domain/payment. It
// decides nothing: it does not retry beyond what the SDK does, and it turns every failure into one of payment's faults, so that "refused",
// "unknown" and "no such thing" are never confused.
package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"
	"golang.org/x/time/rate"

	"tributary/domain/payment"
)

// Config says which Stripe to speak to.
type Config struct {
	APIKey         string
	BaseURL        string // empty: the real Stripe
	WebhookSecrets []string
	HTTPClient     *http.Client // nil: one with a 20 s timeout
	PerSecond      int          // calls per second, all accounts together; 0: 20, below Stripe's 25 per endpoint
	Now            func() time.Time
}

// Gateway is one Stripe platform account. Safe for concurrent use.
type Gateway struct {
	api     *client.API
	secrets []string
	limit   *rate.Limiter
	live    bool
	now     func() time.Time
}

// patience is how long a call waits for its share of the rate: a crowd longer than this is told to come back, instead of piling up here.
const patience = 10 * time.Second

// callTimeout is shorter than any job's, so that a hanging call ends as "unknown" and not as a lost worker.
const callTimeout = 20 * time.Second

// New makes a gateway. It refuses an empty key, and an empty or malformed webhook secret, with which stripe-go would accept any body.
func New(c Config) (*Gateway, error) {
	if c.APIKey == "" {
		return nil, errors.New("stripe: the API key is empty")
	}
	for _, s := range c.WebhookSecrets {
		if !strings.HasPrefix(s, "whsec_") || len(s) < 12 {
			return nil, errors.New("stripe: a webhook secret does not look like whsec_…")
		}
	}
	hc := c.HTTPClient
	if hc == nil {
		hc = &http.Client{Timeout: callTimeout}
	}
	if c.PerSecond == 0 {
		c.PerSecond = 20
	}
	return &Gateway{
		api:     client.New(c.APIKey, backends(c.BaseURL, hc)),
		secrets: c.WebhookSecrets,
		limit:   rate.NewLimiter(rate.Limit(c.PerSecond), c.PerSecond),
		live:    strings.HasPrefix(c.APIKey, "sk_live_") || strings.HasPrefix(c.APIKey, "rk_live_"),
		now:     c.Now,
	}, nil
}

// Livemode reports whether real money moves.
func (g *Gateway) Livemode() bool { return g.live }

// backends builds each backend from a configuration of its own: stripe-go changes the URL inside a shared one, which would send Connect
// and upload calls to the wrong host.
func backends(url string, hc *http.Client) *stripe.Backends {
	one := func(kind stripe.SupportedBackend) stripe.Backend {
		c := &stripe.BackendConfig{
			HTTPClient: hc, MaxNetworkRetries: stripe.Int64(2), EnableTelemetry: stripe.Bool(false),
			LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		}
		if url != "" {
			c.URL = stripe.String(url)
		}
		return stripe.GetBackendWithConfig(kind, c)
	}
	return &stripe.Backends{API: one(stripe.APIBackend), Connect: one(stripe.ConnectBackend), Uploads: one(stripe.UploadsBackend)}
}

// params prepares the common part of a call: wait for our share of the rate, carry the context, choose the account.
func (g *Gateway) params(ctx context.Context, account, key string) (stripe.Params, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := g.limit.Wait(waiting); err != nil {
		return stripe.Params{}, fmt.Errorf("wait for stripe's rate: %w", errors.Join(payment.ErrUnavailable, err))
	}
	p := stripe.Params{Context: ctx}
	if account != "" {
		p.SetStripeAccount(account)
	}
	if key != "" {
		p.SetIdempotencyKey(key)
	}
	return p, nil
}

// classify turns what stripe-go returns into one of payment's faults. What may have happened anyway is ErrUnavailable: also a key that was
// used with other parameters, since that earlier call may have been carried out; and what our own settings forbid, which they may allow later.
func classify(what string, err error) error {
	if err == nil {
		return nil
	}
	var se *stripe.Error
	if !errors.As(err, &se) {
		return fmt.Errorf("%s: %w", what, errors.Join(payment.ErrUnavailable, err))
	}
	cause := fmt.Errorf("stripe answered %d %s %s (request %s)", se.HTTPStatusCode, se.Type, se.Code, se.RequestID)
	switch {
	case se.HTTPStatusCode == http.StatusNotFound:
		return fmt.Errorf("%s: %w", what, errors.Join(payment.ErrUnknownObject, cause))
	case se.HTTPStatusCode >= 500, se.HTTPStatusCode == http.StatusTooManyRequests, se.HTTPStatusCode == http.StatusConflict,
		se.HTTPStatusCode == http.StatusUnauthorized, se.HTTPStatusCode == http.StatusForbidden, se.HTTPStatusCode == 0,
		se.Type == stripe.ErrorTypeIdempotency:
		return fmt.Errorf("%s: %w", what, errors.Join(payment.ErrUnavailable, cause))
	default:
		return fmt.Errorf("%s: %w", what, errors.Join(payment.ErrRefused, cause))
	}
}

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }

func currency(c stripe.Currency) string { return strings.ToUpper(string(c)) }
