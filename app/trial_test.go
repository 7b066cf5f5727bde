package app_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app"
	"tributary/app/platform/config"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/files"
	"tributary/app/platform/queue"
)

// TestNobodysMailIsShownOverARealDatabase: ENVIRONMENT=demo alone must not open the mails and the payments of everybody.
func TestNobodysMailIsShownOverARealDatabase(t *testing.T) {
	t.Parallel()
	_, addresses := databasetest.NewWithURLs(t)
	for _, trial := range []bool{true, false} {
		a, err := app.New(t.Context(), app.Options{
			Config: config.Config{
				Environment: config.Demo, DatabaseURL: addresses.App, DatabaseMaxConns: 4, PublicURL: &url.URL{Scheme: "http", Host: "example.com"},
				ListenAddr: "127.0.0.1:0", SecretKey: strings.Repeat("test-secret-", 4), MailFrom: "Tributary <mail@tributary.example>",
				StripeAPIKey: "sk_test_trial", StripeWebhookSecrets: []string{"whsec_0123456789abcdef"},
			},
			Log: slog.New(slog.DiscardHandler), Trial: trial, Files: &files.Memory{}, Jobs: queue.Config{Test: true},
			Sandbox: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the panel") }),
		})
		require.NoError(t, err)
		t.Cleanup(a.Close)
		want := http.StatusNotFound
		if trial {
			want = http.StatusOK
		}
		for _, path := range []string{"/dev/outbox", app.SandboxPanel} {
			answer := httptest.NewRecorder()
			a.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com"+path, nil))
			require.Equal(t, want, answer.Code, "%s, trial: %t", path, trial)
		}
	}
}
