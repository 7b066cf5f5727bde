package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tributary/app/platform/config"
	"tributary/app/platform/database"
	"tributary/app/platform/pgembed"
	"tributary/app/platform/stripesandbox"
)

// embeddedKey is the secret key of the embedded sandbox, which moves no money.
const embeddedKey = "sk_test_tributary_embedded_sandbox"

// webhookHost stands for this program in the sandbox's list of endpoints, so that the list survives a change of port.
const webhookHost = "tributary.internal"

// Embedded is what the program brings along when no database or no card service is configured.
type Embedded struct {
	Config  config.Config // with the gaps filled
	Sandbox *stripesandbox.Sandbox
	Joined  bool // another process owns the database, and the sandbox with it

	postgres *pgembed.Server
	api      *http.Server
}

// StartEmbedded fills the gaps of a demonstration's configuration: it runs a private PostgreSQL, migrates it, and runs the card sandbox.
// The configuration's ListenAddr must be the address this program really listens on. The caller stops it after everything else.
func StartEmbedded(ctx context.Context, cfg config.Config, log *slog.Logger) (e *Embedded, err error) {
	e = &Embedded{Config: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Stop(context.WithoutCancel(ctx)))
		}
	}()
	if cfg.EmbeddedDatabase() {
		e.postgres, err = pgembed.Start(ctx, pgembed.Options{Dir: filepath.Join(cfg.DataDir, "postgres"), Logger: log})
		if err != nil {
			return nil, fmt.Errorf("start the embedded database: %w", err)
		}
		e.Joined = e.postgres.Joined()
		e.Config.DatabaseURL, e.Config.DatabaseOwnerURL = e.postgres.AppURL(), e.postgres.OwnerURL()
		if err = Migrate(ctx, e.Config, log); err != nil {
			return nil, err
		}
	}
	if cfg.EmbeddedDatabase() && cfg.Sandbox() {
		if err = e.startSandbox(ctx, log); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Trial reports whether the program runs its own database, with nothing in it that anybody needs to keep from others.
func (e *Embedded) Trial() bool { return e.postgres != nil }

// Migrate brings the schema up to date, as its owner where one is named.
func Migrate(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	owner := cfg.DatabaseOwnerURL
	if owner == "" {
		owner = cfg.DatabaseURL
	}
	role, err := database.RoleOf(cfg.DatabaseURL)
	if err != nil {
		return err
	}
	return database.Migrate(ctx, owner, log, database.AppRole(role))
}

func (e *Embedded) startSandbox(ctx context.Context, log *slog.Logger) error {
	secret, err := e.Config.Secret()
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("sandbox webhook"))
	e.Config.StripeAPIKey = embeddedKey
	e.Config.StripeWebhookSecrets = []string{"whsec_" + hex.EncodeToString(mac.Sum(nil))}
	public := strings.TrimSuffix(e.Config.PublicURL.String(), "/") + SandboxPath
	if e.Joined {
		e.Config.StripeAPIBase = public
		return nil
	}
	e.Sandbox, err = stripesandbox.New(stripesandbox.Options{
		StatePath: filepath.Join(e.Config.DataDir, "stripe-sandbox.json"), Now: time.Now, BaseURL: public, APIKey: embeddedKey, Logger: log, //nolint:forbidigo // the sandbox is another company's clock
		HTTPClient: deliverTo(e.Config.ListenAddr),
	})
	if err != nil {
		return fmt.Errorf("start the card sandbox: %w", err)
	}
	if err := e.registerWebhooks(); err != nil {
		return err
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the card sandbox: %w", err)
	}
	e.Config.StripeAPIBase = "http://" + listener.Addr().String()
	e.api = &http.Server{Handler: e.Sandbox.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = e.api.Serve(listener) }() // ends with Stop
	return nil
}

// registerWebhooks subscribes the program to the sandbox's events, once.
func (e *Embedded) registerWebhooks() error {
	url := "http://" + webhookHost + "/api/v1/webhooks/stripe"
	known := slices.ContainsFunc(e.Sandbox.Endpoints(), func(p stripesandbox.Endpoint) bool {
		return p.URL == url && p.Secret == e.Config.StripeWebhookSecrets[0]
	})
	if known {
		return nil
	}
	_, err := e.Sandbox.RegisterEndpoint(stripesandbox.EndpointInput{
		URL: url, Secret: e.Config.StripeWebhookSecrets[0],
	})
	if err != nil {
		return fmt.Errorf("register for the card sandbox's events: %w", err)
	}
	return nil
}

// deliverTo is a client whose webhookHost is this program.
func deliverTo(listenAddr string) *http.Client {
	var dialer net.Dialer
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(addr); err == nil && host == webhookHost {
			addr = Reachable(listenAddr)
		}
		return dialer.DialContext(ctx, network, addr)
	}}
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

// Reachable turns an address to listen on into one to dial.
func Reachable(listenAddr string) string {
	host, port, err := net.SplitHostPort(listenAddr)
	if ip := net.ParseIP(host); err != nil || host != "" && (ip == nil || !ip.IsUnspecified()) {
		return listenAddr
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// Stop ends the sandbox, then the database. Close the pools first.
func (e *Embedded) Stop(ctx context.Context) error {
	var errs []error
	if e.api != nil {
		errs = append(errs, e.api.Shutdown(ctx))
	}
	if e.Sandbox != nil {
		errs = append(errs, e.Sandbox.Close())
	}
	if e.postgres != nil {
		errs = append(errs, e.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}
