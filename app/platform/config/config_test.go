package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/config"
)

func parse(vars map[string]string) (config.Config, error) {
	return config.Parse(func(name string) string { return vars[name] })
}

func production() map[string]string {
	return map[string]string{
		"DATABASE_URL": "postgres://app:secret@db/tributary", "PUBLIC_URL": "https://give.example.org",
		"STRIPE_API_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef", "SMTP_URL": "smtp://mail:587",
		"MAIL_FROM": "Give <mail@example.org>", "SECRET_KEY": "0123456789abcdef0123456789abcdef",
	}
}

func TestParse(t *testing.T) {
	t.Parallel()

	t.Run("nothing set is the embedded default on this machine only", func(t *testing.T) {
		t.Parallel()
		c, err := parse(nil)
		require.NoError(t, err)
		require.Equal(t, config.Demo, c.Environment)
		require.Equal(t, "127.0.0.1:8080", c.ListenAddr)
		require.True(t, c.EmbeddedDatabase())
		require.True(t, c.Sandbox())
	})

	t.Run("a whole production environment", func(t *testing.T) {
		t.Parallel()
		vars := production()
		vars["STRIPE_WEBHOOK_SECRET"] = "whsec_0123456789abcdef, whsec_fedcba9876543210"
		vars["TRUSTED_PROXIES"] = "10.0.0.0/8,fd00::/8"
		c, err := parse(vars)
		require.NoError(t, err)
		require.Equal(t, config.Production, c.Environment)
		require.Equal(t, []string{"whsec_0123456789abcdef", "whsec_fedcba9876543210"}, c.StripeWebhookSecrets)
		require.Len(t, c.TrustedProxies, 2)
	})

	t.Run("a file stands in for a variable", func(t *testing.T) {
		t.Parallel()
		vars := production()
		name := filepath.Join(t.TempDir(), "key")
		require.NoError(t, os.WriteFile(name, []byte("fedcba9876543210fedcba9876543210\n"), 0o600))
		vars["SECRET_KEY"], vars["SECRET_KEY_FILE"] = "", name
		c, err := parse(vars)
		require.NoError(t, err)
		require.Equal(t, "fedcba9876543210fedcba9876543210", c.SecretKey)
	})
}

func TestParseNamesEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	_, err := parse(map[string]string{"ENVIRONMENT": "production", "LISTEN_ADDR": "8080", "LOG_LEVEL": "loud", "MAIL_FROM_FILE": "/nowhere/at/all"})
	var problems config.Problems
	require.ErrorAs(t, err, &problems)
	for _, name := range []string{
		"DATABASE_URL", "PUBLIC_URL", "STRIPE_API_KEY", "SMTP_URL", "SECRET_KEY", "LISTEN_ADDR", "LOG_LEVEL", "MAIL_FROM_FILE",
	} {
		require.ErrorContains(t, err, name)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, variable, value, says string }{
		{"production over plain http", "PUBLIC_URL", "http://give.example.org", "PUBLIC_URL must begin with https://"},
		{"no webhook secret", "STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is missing"},
		{"an empty entry among webhook secrets", "STRIPE_WEBHOOK_SECRET", "whsec_0123456789abcdef,", "none may be empty"},
		{"a webhook secret that is only its prefix", "STRIPE_WEBHOOK_SECRET", "whsec_", "none may be empty"},
		{"no secret key", "SECRET_KEY", "", "SECRET_KEY is required"},
		{"a guessable secret key", "SECRET_KEY", "hunter2", "SECRET_KEY is too short"},
		{"mail without a sender", "MAIL_FROM", "", "MAIL_FROM is missing"},
		{"a sender that is no address", "MAIL_FROM", "us", "MAIL_FROM: write"},
		{"a database of another kind", "DATABASE_URL", "mysql://x/y", "DATABASE_URL: write postgres://"},
		{"a path behind the host", "PUBLIC_URL", "https://example.org/give", "leave the path away"},
		{"an environment nobody knows", "ENVIRONMENT", "staging", "ENVIRONMENT"},
		{"a card service over plain http", "STRIPE_API_BASE", "http://stripe.example.org", "STRIPE_API_BASE must begin with https://"},
		{"fewer calls than none", "STRIPE_CALLS_PER_SECOND", "-1", "STRIPE_CALLS_PER_SECOND: write how many"},
		{"networks that are none", "TRUSTED_PROXIES", "everyone", "TRUSTED_PROXIES"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			vars := production()
			vars[tc.variable] = tc.value
			_, err := parse(vars)
			require.ErrorContains(t, err, tc.says)
			if tc.value != "" {
				require.NotContains(t, err.Error(), "hunter2")
			}
		})
	}

	t.Run("a variable given twice", func(t *testing.T) {
		t.Parallel()
		vars := production()
		vars["SECRET_KEY_FILE"] = "/run/secrets/key"
		_, err := parse(vars)
		require.ErrorContains(t, err, "SECRET_KEY and SECRET_KEY_FILE are both set")
	})
}

func TestDemonstrationsStayOnThisMachine(t *testing.T) {
	t.Parallel()
	own := config.Config{ListenAddr: "0.0.0.0:8080"}
	require.NoError(t, own.Demonstrable(), "the embedded database holds nothing else")
	for addr, fine := range map[string]bool{"127.0.0.1:8080": true, "[::1]:8080": true, "localhost:0": true, ":8080": false, "0.0.0.0:8080": false, "192.0.2.7:80": false} {
		err := config.Config{DatabaseURL: "postgres://db/tributary", ListenAddr: addr}.Demonstrable()
		if fine {
			require.NoError(t, err, addr)
		} else {
			require.ErrorContains(t, err, "with DATABASE_URL set, listen on this machine only", addr)
		}
	}
}

func TestTheSandboxComesWithTheEmbeddedDatabase(t *testing.T) {
	t.Parallel()
	_, err := parse(map[string]string{"ENVIRONMENT": "demo", "DATABASE_URL": "postgres://app:secret@db/tributary"})
	require.ErrorContains(t, err, "STRIPE_API_KEY is required with DATABASE_URL")
}

func TestSecretIsMadeOnceForADemonstration(t *testing.T) {
	t.Parallel()
	c, err := parse(map[string]string{"DATA_DIR": filepath.Join(t.TempDir(), "data")})
	require.NoError(t, err)
	first, err := c.Secret()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(first), 32)
	second, err := c.Secret()
	require.NoError(t, err)
	require.Equal(t, first, second)
}
