package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

// minSecret is the least length of SECRET_KEY in bytes.
const minSecret = 32

// check collects what is missing, malformed or contradictory. It never repeats a value.
func (c *Config) check() (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	production := c.Environment == Production
	if c.Environment != Demo && !production {
		say("ENVIRONMENT: say demo or production")
	}

	for name, value := range map[string]string{
		"DATABASE_URL": c.DatabaseURL, "DATABASE_OWNER_URL": c.DatabaseOwnerURL, "DATABASE_REPLICA_URL": c.DatabaseReplicaURL,
	} {
		if value != "" && !urlWith(value, "postgres", "postgresql") {
			say("%s: write postgres://user:password@host:5432/database", name)
		}
	}
	if c.DatabaseURL == "" {
		if production {
			say("DATABASE_URL is required in production: PostgreSQL 15 or newer, with a role that is not superuser")
		}
		if c.DatabaseOwnerURL != "" || c.DatabaseReplicaURL != "" {
			say("DATABASE_URL is missing, though DATABASE_OWNER_URL or DATABASE_REPLICA_URL is set")
		}
	}

	if _, _, err := net.SplitHostPort(c.ListenAddr); err != nil {
		say("LISTEN_ADDR: write host:port or :port")
	}
	if c.MetricsAddr != "" {
		if _, _, err := net.SplitHostPort(c.MetricsAddr); err != nil {
			say("METRICS_ADDR: write host:port, on an address that only your monitoring reaches")
		}
	}
	switch {
	case c.PublicURL == nil && production:
		say("PUBLIC_URL is required in production: the https address that donors see, such as https://give.example.org")
	case c.PublicURL != nil && (c.PublicURL.Host == "" || c.PublicURL.Scheme != "https" && c.PublicURL.Scheme != "http"):
		say("PUBLIC_URL: write a whole address such as https://give.example.org")
	case c.PublicURL != nil && production && c.PublicURL.Scheme != "https":
		say("PUBLIC_URL must begin with https:// in production")
	case c.PublicURL != nil && strings.Trim(c.PublicURL.Path, "/") != "":
		say("PUBLIC_URL: leave the path away, Tributary needs a host of its own")
	}

	problems = append(problems, c.checkStripe(production)...)

	if c.SMTPURL != "" {
		if !urlWith(c.SMTPURL, "smtp", "smtps") {
			say("SMTP_URL: write smtp://user:password@host:587 or smtps://user:password@host:465")
		}
		if c.MailFrom == "" {
			say("MAIL_FROM is missing, though SMTP_URL is set: write Name <address@example.org>")
		}
	} else if production {
		say("SMTP_URL is required in production: receipts are mailed through it")
	}
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			say("MAIL_FROM: write Name <address@example.org>")
		}
	}

	switch {
	case c.SecretKey == "" && production:
		say("SECRET_KEY is required in production: %d or more random characters, such as from openssl rand -base64 48", minSecret)
	case c.SecretKey != "" && len(c.SecretKey) < minSecret:
		say("SECRET_KEY is too short: %d or more random characters are needed, such as from openssl rand -base64 48", minSecret)
	}
	slices.Sort(problems)
	return problems
}

func (c *Config) checkStripe(production bool) (problems []string) {
	say := func(text string) { problems = append(problems, text) }
	if c.StripeAPIKey == "" {
		switch {
		case production:
			say("STRIPE_API_KEY is required in production")
		case !c.EmbeddedDatabase():
			say("STRIPE_API_KEY is required with DATABASE_URL: the card sandbox comes with the embedded database only")
		case len(c.StripeWebhookSecrets) > 0 || c.StripeAPIBase != "":
			say("STRIPE_API_KEY is missing, though STRIPE_WEBHOOK_SECRET or STRIPE_API_BASE is set")
		}
	} else if len(c.StripeWebhookSecrets) == 0 {
		say("STRIPE_WEBHOOK_SECRET is missing, though STRIPE_API_KEY is set: without it nobody could tell Stripe's events from forged ones")
	}
	for i, secret := range c.StripeWebhookSecrets {
		secret = strings.TrimSpace(secret)
		c.StripeWebhookSecrets[i] = secret
		if !strings.HasPrefix(secret, "whsec_") || len(secret) < len("whsec_")+16 {
			say("STRIPE_WEBHOOK_SECRET: each entry of the list begins with whsec_, and none may be empty")
			break
		}
	}
	if c.StripeAPIBase != "" && !urlWith(c.StripeAPIBase, "https", "http") {
		say("STRIPE_API_BASE: write a whole address, or leave it away for Stripe itself")
	}
	if c.StripeCallsPerSecond < 0 {
		say("STRIPE_CALLS_PER_SECOND: write how many calls a second this process may make, or leave it away for 20")
	}
	if production && strings.HasPrefix(c.StripeAPIBase, "http://") {
		say("STRIPE_API_BASE must begin with https:// in production")
	}
	return problems
}

func urlWith(value string, schemes ...string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}
