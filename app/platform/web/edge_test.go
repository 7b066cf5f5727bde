package web_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/web"
)

func readerOnly(s string) io.ReadCloser {
	return io.NopCloser(struct{ io.Reader }{strings.NewReader(s)})
}

func public(id string) web.Op {
	return web.Op{ID: id, Method: http.MethodGet, Path: "/" + id, Summary: "X", Tag: "X", Permission: web.Public}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	ready := errors.New("migrations are pending")
	s := start(t, nil, nil, func(c *web.Config) { c.Ready = func(context.Context) error { return ready } })
	require.Equal(t, http.StatusOK, s.do(http.MethodGet, "/healthz", "").StatusCode)
	require.Equal(t, http.StatusOK, s.do(http.MethodHead, "/healthz", "").StatusCode)
	require.Equal(t, http.StatusServiceUnavailable, s.do(http.MethodGet, "/readyz", "").StatusCode)
	ready = nil
	require.Equal(t, http.StatusOK, s.do(http.MethodGet, "/readyz", "").StatusCode)
	s.StopStreams()
	require.Equal(t, http.StatusServiceUnavailable, s.do(http.MethodGet, "/readyz", "").StatusCode, "a server that stops gets no new traffic")
}

func TestMetricsAskForTheToken(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil), func(c *web.Config) {
		c.Registry, c.MetricsToken = prometheus.NewRegistry(), "let-me-in"
	})
	s.do(http.MethodPost, "/api/v1/gifts", good, session("finance"))
	s.do("INVENTED", "/api/v1/gifts", "")
	require.Equal(t, http.StatusUnauthorized, s.do(http.MethodGet, "/metrics", "").StatusCode)
	a := s.do(http.MethodGet, "/metrics", "", header("Authorization", "Bearer let-me-in"))
	require.Equal(t, http.StatusOK, a.StatusCode)
	require.Contains(t, a.body, `tributary_http_requests_total{method="POST",route="/api/v1/gifts",status="201"} 1`)
	require.NotContains(t, a.body, "INVENTED")
	require.Equal(t, http.StatusNotFound, start(t, nil, nil).do(http.MethodGet, "/metrics", "").StatusCode, "without a token there are no metrics here")
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	h := s.do(http.MethodGet, "/api/v1/gifts", "").Header
	require.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
	require.Equal(t, "default-src 'none'; frame-ancestors 'none'", h.Get("Content-Security-Policy"))
	require.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"))
	require.Empty(t, h.Get("Strict-Transport-Security"), "plain http")

	secure := start(t, nil, nil, func(c *web.Config) { c.PublicURL = &url.URL{Scheme: "https", Host: "give.example.org"} })
	require.NotEmpty(t, secure.do(http.MethodGet, "/healthz", "").Header.Get("Strict-Transport-Security"))
	for _, c := range secure.API().SessionCookies("t", "c", time.Now().Add(time.Hour)) {
		require.True(t, c.Secure)
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
		require.Equal(t, c.Name == "csrf", !c.HttpOnly, "only the CSRF token is for scripts")
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := start(t, nil, nil)
	require.Equal(t, "edge-42", s.do(http.MethodGet, "/healthz", "", header("X-Request-Id", "edge-42")).Header.Get("X-Request-Id"))
	for _, hostile := range []string{"", "a b", strings.Repeat("x", 65), `"}{"`} {
		id := s.do(http.MethodGet, "/healthz", "", header("X-Request-Id", hostile)).Header.Get("X-Request-Id")
		require.Len(t, id, 36)
	}
}

func TestClientAddressBelievesOnlyTrustedProxies(t *testing.T) {
	t.Parallel()
	seen := func(forwarded string, trusted ...string) (ip string) {
		s := start(t, nil, func(s *web.Server) {
			web.Handle(s.API(), public("who"), func(ctx context.Context, _ *struct{}) (*web.Empty, error) {
				ip = web.CallerOf(ctx).IP
				return &web.Empty{}, nil
			})
		}, func(c *web.Config) {
			for _, p := range trusted {
				c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(p))
			}
		})
		s.do(http.MethodGet, "/api/v1/who", "", header("X-Forwarded-For", forwarded))
		return ip
	}
	require.Equal(t, "127.0.0.1", seen("203.0.113.9"), "nobody is trusted")
	require.Equal(t, "203.0.113.9", seen("203.0.113.9", "127.0.0.0/8"))
	require.Equal(t, "203.0.113.9", seen("1.2.3.4, 203.0.113.9, 10.0.0.7", "127.0.0.0/8", "10.0.0.0/8"), "what the client wrote before it is not believed")
	require.Equal(t, "127.0.0.1", seen("garbage", "127.0.0.0/8"))
}

func TestGzip(t *testing.T) {
	t.Parallel()
	type output struct{ Body []string }
	s := start(t, nil, func(s *web.Server) {
		web.Handle(s.API(), public("long"), func(context.Context, *struct{}) (*output, error) {
			return &output{Body: []string{strings.Repeat("water ", 1000)}}, nil
		})
		web.Handle(s.API(), public("short"), func(context.Context, *struct{}) (*output, error) { return &output{Body: []string{"x"}}, nil })
	})
	plain := s.do(http.MethodGet, "/api/v1/long", "", header("Accept-Encoding", "identity"))
	require.Empty(t, plain.Header.Get("Content-Encoding"))
	a := s.do(http.MethodGet, "/api/v1/long", "", header("Accept-Encoding", "gzip"))
	require.Equal(t, "gzip", a.Header.Get("Content-Encoding"))
	require.Contains(t, a.Header.Get("Vary"), "Accept-Encoding")
	unzipped, err := gzip.NewReader(strings.NewReader(a.body))
	require.NoError(t, err)
	content, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	require.Equal(t, plain.body, string(content))
	require.Less(t, len(a.body), 200)
	require.Empty(t, s.do(http.MethodGet, "/api/v1/short", "", header("Accept-Encoding", "gzip")).Header.Get("Content-Encoding"))
}

func TestCSV(t *testing.T) {
	t.Parallel()
	rows := func(yield func([]string, error) bool) {
		for _, row := range [][]string{
			{"Ada", "-12.50"}, {"=HYPERLINK(\"http://evil\")", "+1"}, {"@cmd", "-5+3"}, {"\tx", "12"}, {"comma, quote \" and\nline", "0"},
		} {
			if !yield(row, nil) {
				return
			}
		}
	}
	broken := func(yield func([]string, error) bool) {
		if yield([]string{"Ada", "1"}, nil) {
			yield(nil, errors.New("the database went away"))
		}
	}
	s := start(t, nil, func(s *web.Server) {
		for id, content := range map[string]iter.Seq2[[]string, error]{"good": rows, "broken": broken} {
			op := public(id)
			op.Produces = "text/csv"
			web.Handle(s.API(), op, func(context.Context, *struct{}) (*web.Blob, error) {
				return web.CSV("gifts.csv", []string{"name", "amount"}, content), nil
			})
		}
	})
	a := s.do(http.MethodGet, "/api/v1/good", "")
	require.Equal(t, "text/csv; charset=utf-8", a.Header.Get("Content-Type"))
	require.Equal(t, `attachment; filename=gifts.csv`, a.Header.Get("Content-Disposition"))
	records, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"name", "amount"}, {"Ada", "-12.50"}, {"'=HYPERLINK(\"http://evil\")", "'+1"}, {"'@cmd", "'-5+3"}, {"'\tx", "12"}, {"comma, quote \" and\nline", "0"},
	}, records)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/broken", http.NoBody)
	require.NoError(t, err)
	response, err := s.client.Do(r)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		require.NoError(t, response.Body.Close())
	}
	require.Error(t, err, "half a file must not look like a whole one")
}

func TestStream(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := start(t, nil, func(s *web.Server) {
		web.Stream(s.API(), public("live"), func(ctx context.Context, _ *struct{}, send web.Send) error {
			if err := send("progress", map[string]int{"raised": 1}); err != nil {
				return err
			}
			<-ctx.Done()
			ended <- ctx.Err()
			return ctx.Err()
		})
		web.Stream(s.API(), public("missing"), func(context.Context, *struct{}, web.Send) error { return errors.New("no campaign") })
	})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/v1/live", http.NoBody)
	require.NoError(t, err)
	response, err := s.client.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewReader(response.Body)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "event: progress\n", first)
	second, err := lines.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "data: {\"raised\":1}\n", second)

	s.StopStreams()
	require.ErrorIs(t, <-ended, context.Canceled)
	_, err = io.ReadAll(lines)
	require.NoError(t, err, "the stream ends and the connection is whole")

	require.Equal(t, "internal", s.do(http.MethodGet, "/api/v1/missing", "").problem(t).Code)
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestAssets(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"public/.vite/manifest.json":  {Data: []byte(`{"src/public/donate.ts":{"file":"assets/donate-abc.js","name":"donate","isEntry":true,"css":["assets/donate-abc.css"]}}`)},
		"public/assets/donate-abc.js": {Data: []byte("plain")}, "public/assets/donate-abc.js.br": {Data: []byte("brotli")},
		"public/assets/donate-abc.js.gz": {Data: []byte("gzipped")}, "public/assets/donate-abc.css": {Data: []byte(":root{--x:1}")},
		"app/.vite/manifest.json":   {Data: []byte(`{"src/staff/main.ts":{"file":"assets/staff-1.js","name":"staff","isEntry":true,"css":["assets/staff-1.css"],"imports":["_shared.js"]},"_shared.js":{"file":"assets/shared-1.js"}}`)},
		"app/assets/staff-1.css.gz": {Data: gzipped(t, "body{}")}, "embed/embed.js": {Data: []byte("embed")},
	}
	s := start(t, nil, func(s *web.Server) {
		s.Pages().App("/app", "staff", "Staff")
		s.Pages().GET("/give", func(context.Context, web.Request) (web.View, error) {
			return web.View{Template: "hello", Entry: "donate", Data: map[string]any{"Name": "x", "Form": false}}, nil
		})
	}, func(c *web.Config) { c.Assets = files })

	for accept, want := range map[string]string{"gzip, br": "brotli", "gzip": "gzipped", "identity": "plain", "br;q=0, gzip": "gzipped"} {
		a := s.do(http.MethodGet, "/a/public/assets/donate-abc.js", "", header("Accept-Encoding", accept))
		require.Equal(t, want, a.body)
		require.Equal(t, "public, max-age=31536000, immutable", a.Header.Get("Cache-Control"))
		require.Equal(t, "text/javascript; charset=utf-8", a.Header.Get("Content-Type"))
	}
	unpacked := s.do(http.MethodGet, "/a/app/assets/staff-1.css", "", header("Accept-Encoding", "identity"))
	require.Equal(t, "body{}", unpacked.body, "the staff app is kept compressed alone")
	require.Empty(t, unpacked.Header.Get("Content-Encoding"))
	for _, hidden := range []string{"/a/public/.vite/manifest.json", "/a/../embed/embed.js", "/a/public/assets/none.js", "/a/public/assets/donate-abc.js.br"} {
		require.Equal(t, http.StatusNotFound, s.do(http.MethodGet, hidden, "").StatusCode, hidden)
	}
	embed := s.do(http.MethodGet, "/embed.js", "")
	require.Equal(t, "cross-origin", embed.Header.Get("Cross-Origin-Resource-Policy"))
	require.Equal(t, "public, max-age=3600", embed.Header.Get("Cache-Control"))

	app := s.do(http.MethodGet, "/app/people/123", "", header("Cookie", "theme=dark"))
	require.Equal(t, http.StatusOK, app.StatusCode)
	for _, part := range []string{
		`data-theme="dark"`, `src="/a/app/assets/staff-1.js"`, `href="/a/app/assets/staff-1.css"`, `rel="modulepreload" href="/a/app/assets/shared-1.js"`,
	} {
		require.Contains(t, app.body, part)
	}
	require.Contains(t, app.Header.Get("Permissions-Policy"), "camera=(self)", "staff read QR codes at the door")
	page := s.do(http.MethodGet, "/give", "")
	require.Contains(t, page.Header.Get("Permissions-Policy"), "camera=()")
	require.Contains(t, page.body, "<style>:root{--x:1}</style>")
	require.Regexp(t, `style-src 'self' 'sha256-[A-Za-z0-9+/=]+'`, page.Header.Get("Content-Security-Policy"))
}
