package scene

import (
	"html"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/web"
)

// Serve serves what add registers until the test ends, and returns the address. The templates are found from the folder of a feature.
func Serve(t testing.TB, db *database.DB, now func() time.Time, auth web.Authenticator, add func(*web.Server)) string {
	t.Helper()
	server, err := web.New(web.Config{
		PublicURL: &url.URL{Scheme: "http", Host: "localhost"}, Secret: make([]byte, 32), Now: now, Log: slog.New(slog.DiscardHandler), DB: db, Auth: auth,
		Templates: os.DirFS("../../frontend/templates"), Locales: os.DirFS("../../frontend/src/locales"), Registry: prometheus.NewRegistry(),
	})
	require.NoError(t, err)
	add(server)
	listening := httptest.NewServer(server.Handler())
	t.Cleanup(listening.Close)
	return listening.URL
}

// Browser keeps cookies and does not follow redirects by itself.
func Browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

var (
	markup = regexp.MustCompile(`(?s)<script.*?</script>|<style.*?</style>|<[^>]+>`)
	blanks = regexp.MustCompile(`\s+`)
)

// Words are what a page says, without markup.
func Words(page string) string {
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(markup.ReplaceAllString(page, " ")), " "))
}
