// Package config reads the program's settings from the environment, once, and reports everything that is wrong with them at once.
//
// Every variable X can also be given as X_FILE, the path of a file that holds the value, for secrets. What a charity edits (its name, tax
// id, zone) is not here: those are rows.
package config

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/caarlos0/env/v11"
)

// The environments.
const (
	Demo       = "demo"       // the embedded default; with DATABASE_URL set, a place to try things out without a card sandbox and an outbox page
	Production = "production" // the default as soon as DATABASE_URL is set
)

// Config is the parsed environment.
type Config struct {
	Environment string `env:"ENVIRONMENT"`

	DatabaseURL        string `env:"DATABASE_URL"`
	DatabaseOwnerURL   string `env:"DATABASE_OWNER_URL"`
	DatabaseReplicaURL string `env:"DATABASE_REPLICA_URL"`
	DatabaseMaxConns   int32  `env:"DATABASE_MAX_CONNS"`
	QueuePollOnly      bool   `env:"QUEUE_POLL_ONLY"`

	ListenAddr     string         `env:"LISTEN_ADDR"`
	PublicURL      *url.URL       `env:"PUBLIC_URL"`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	MetricsAddr    string         `env:"METRICS_ADDR"`
	MetricsToken   string         `env:"METRICS_TOKEN"`

	StripeAPIKey         string   `env:"STRIPE_API_KEY"`
	StripeWebhookSecrets []string `env:"STRIPE_WEBHOOK_SECRET"`
	StripeAPIBase        string   `env:"STRIPE_API_BASE"`
	StripeCallsPerSecond int      `env:"STRIPE_CALLS_PER_SECOND"`

	SMTPURL  string `env:"SMTP_URL"`
	MailFrom string `env:"MAIL_FROM"`

	SecretKey string     `env:"SECRET_KEY"`
	DataDir   string     `env:"DATA_DIR"`
	LogLevel  slog.Level `env:"LOG_LEVEL"`
}

// EmbeddedDatabase reports whether the program runs its own PostgreSQL.
func (c Config) EmbeddedDatabase() bool { return c.DatabaseURL == "" }

// Sandbox reports whether the program runs its own card sandbox.
func (c Config) Sandbox() bool { return c.StripeAPIKey == "" }

// Demonstrable reports whether demonstration data may be served: its logins are known to everybody.
func (c Config) Demonstrable() error {
	host, _, err := net.SplitHostPort(c.ListenAddr)
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR: %w", err)
	}
	if ip := net.ParseIP(host); c.EmbeddedDatabase() || host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return errors.New("--demo makes logins that everybody knows: with DATABASE_URL set, listen on this machine only, such as --listen 127.0.0.1:8080")
}

// Problems is everything wrong with the settings, one line each.
type Problems []string

// Error implements error.
func (p Problems) Error() string {
	return "the configuration is not complete:\n  - " + strings.Join(p, "\n  - ")
}

// Parse reads the variables that getenv answers. A failure is of type Problems and names every variable at fault, never a value.
func Parse(getenv func(string) string) (Config, error) {
	var c Config
	var problems Problems
	fields, err := env.GetFieldParams(&c)
	if err != nil {
		return Config{}, fmt.Errorf("read the list of settings: %w", err)
	}
	values := map[string]string{}
	for _, field := range fields {
		value, err := lookup(getenv, field.Key)
		if err != nil {
			problems = append(problems, err.Error())
		}
		if value != "" {
			values[field.Key] = value
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		problems = append(problems, unreadable(err)...)
	}
	c.fillDefaults()
	if c.Environment == Demo && values["LOG_LEVEL"] == "" {
		c.LogLevel = slog.LevelWarn // the links and logins it prints are what somebody trying it out looks for
	}
	problems = append(problems, c.check()...)
	if len(problems) > 0 {
		return Config{}, problems
	}
	return c, nil
}

// lookup prefers the variable itself; having both is a mistake nobody should have to debug.
func lookup(getenv func(string) string, name string) (string, error) {
	value, file := getenv(name), getenv(name+"_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", fmt.Errorf("%s and %s_FILE are both set: keep one", name, name)
	}
	content, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("%s_FILE: the file cannot be read", name)
	}
	value = strings.TrimSpace(string(content))
	if value == "" {
		return "", fmt.Errorf("%s_FILE: the file is empty", name)
	}
	return value, nil
}

// unreadable names fields without the values that env's own errors carry.
func unreadable(err error) []string {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []string{err.Error()}
	}
	var problems []string
	for _, one := range all.Errors {
		var p env.ParseError
		if errors.As(one, &p) {
			problems = append(problems, variableOf(p.Name)+": this is not a valid "+p.Type.String())
			continue
		}
		problems = append(problems, one.Error())
	}
	return problems
}

// variableOf finds the variable of a struct field.
func variableOf(field string) string {
	fields, err := env.GetFieldParams(&Config{})
	if err != nil {
		return field
	}
	squeezed := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for _, f := range fields {
		if strings.HasPrefix(squeezed(field), squeezed(f.Key)) {
			return f.Key
		}
	}
	return field
}

func (c *Config) fillDefaults() {
	if c.Environment == "" {
		c.Environment = Production
		if c.EmbeddedDatabase() {
			c.Environment = Demo
		}
	}
	if c.ListenAddr == "" {
		c.ListenAddr = ":8080"
		if c.Environment == Demo {
			c.ListenAddr = "127.0.0.1:8080" // the sandbox and the outbox are for this machine only
		}
	}
	if c.MailFrom == "" && c.SMTPURL == "" && c.Environment == Demo {
		c.MailFrom = "Tributary <mail@tributary.example>"
	}
	if c.DataDir == "" {
		c.DataDir = defaultDataDir()
	}
}

// defaultDataDir is the user's own; a program without a home keeps its data where services do.
func defaultDataDir() string {
	if home, err := os.UserHomeDir(); err == nil && os.Geteuid() != 0 {
		return filepath.Join(home, ".local", "share", "tributary")
	}
	return "/var/lib/tributary"
}

// Secret returns SECRET_KEY, or in a demonstration one that is made once and kept in the data directory.
func (c Config) Secret() ([]byte, error) {
	if c.SecretKey != "" {
		return []byte(c.SecretKey), nil
	}
	if c.Environment != Demo {
		return nil, errors.New("SECRET_KEY is required")
	}
	name := filepath.Join(c.DataDir, "secret.key")
	if content, err := os.ReadFile(name); err == nil && len(content) >= minSecret { //nolint:gosec // our own file
		return content, nil
	}
	if err := os.MkdirAll(c.DataDir, 0o750); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	secret := []byte(rand.Text() + rand.Text())
	if err := os.WriteFile(name, secret, 0o600); err != nil {
		return nil, fmt.Errorf("keep the secret key: %w", err)
	}
	return secret, nil
}
