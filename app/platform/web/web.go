// Package web is the only place that speaks HTTP: the JSON API ([API], [Handle]), the server-rendered pages ([Pages]), event streams
// ([Stream]), downloads ([CSV], [Blob]) and everything around them: who is asking, limits, idempotency, cross-site protection, security
// headers, problem documents, logs and metrics.
//
// A feature declares an operation with [Handle] and the permission it needs; nothing can be served without one ([Public] says so in
// words). Errors of package fault become problem documents (RFC 9457) or error pages; any other error is logged once and answered with a
// fixed text.
package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
)

// Credentials are what a request brings to say who it comes from.
type Credentials struct {
	SessionCookie   string // value of the staff session's cookie
	Bearer          string // API token of the Authorization header
	OrgSlug         string // organization named by the X-Organization header
	SupporterCookie string // value of the supporter session's cookie
}

// empty reports whether the request says nothing about its sender.
func (c Credentials) empty() bool {
	return c.SessionCookie == "" && c.Bearer == "" && c.SupporterCookie == ""
}

// Authenticator turns credentials into an actor. Unknown or expired credentials are a fault of kind unauthenticated; an organization the
// login does not belong to is a fault of kind not found. csrfToken is what unsafe requests with the session's cookie must repeat; empty for
// bearers, which no browser sends by itself.
type Authenticator interface {
	Authenticate(ctx context.Context, c Credentials) (who actor.Actor, csrfToken string, err error)
}

// Config is what the server is built from.
type Config struct {
	PublicURL      *url.URL // scheme decides whether cookies are Secure; host is a trusted origin
	Secret         []byte   // keys hashes of rate limits, form tokens and signed links
	TrustedProxies []netip.Prefix
	Now            func() time.Time
	Log            *slog.Logger
	DB             *database.DB
	Auth           Authenticator // nil: everybody is nobody
	Assets         fs.FS         // the built frontend, rooted at dist/
	Templates      fs.FS         // html/template sources
	Locales        fs.FS         // go-i18n catalogues
	Registry       *prometheus.Registry
	MetricsToken   string                      // bearer that /metrics asks for; empty: /metrics is not served here
	Ready          func(context.Context) error // what /readyz asks; nil: always ready
	FormTargets    []string                    // origins a posted form may be redirected to: the hosted checkout
	Version        string
	Embedded       bool // the embedded default: development conveniences may be linked
}

// Server holds the routes. Register everything first, then serve Handler.
type Server struct {
	cfg     Config
	echo    *echo.Echo
	api     *API
	pages   *Pages
	assets  *assets
	limiter *RateLimiter
	metrics *metrics
	origins *http.CrossOriginProtection
	closing context.Context // ends when shutdown begins; open streams watch it
	close   context.CancelFunc
	once    sync.Once
}

// New builds a server without routes but the platform's own: health, metrics, assets, contract.
func New(cfg Config) (*Server, error) {
	switch {
	case cfg.PublicURL == nil, cfg.Now == nil, cfg.Log == nil:
		return nil, errors.New("web: PublicURL, Now and Log are required")
	case len(cfg.Secret) < 32:
		return nil, errors.New("web: Secret needs 32 bytes")
	}
	s := &Server{cfg: cfg, echo: echo.New()}
	s.closing, s.close = context.WithCancel(context.Background())
	s.limiter = NewRateLimiter(cfg.DB, cfg.Secret, cfg.Now)
	s.metrics = newMetrics(cfg.Registry)
	s.origins = http.NewCrossOriginProtection()
	if err := s.origins.AddTrustedOrigin(cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host); err != nil {
		return nil, fmt.Errorf("web: public URL: %w", err)
	}
	var err error
	if s.assets, err = loadAssets(cfg.Assets); err != nil {
		return nil, err
	}
	s.configureEcho()
	s.api = newAPI(s)
	if s.pages, err = newPages(s); err != nil {
		return nil, err
	}
	s.platformRoutes()
	return s, nil
}

// API registers JSON operations.
func (s *Server) API() *API { return s.api }

// Pages registers server-rendered pages.
func (s *Server) Pages() *Pages { return s.pages }

// Limiter counts hits across all instances.
func (s *Server) Limiter() *RateLimiter { return s.limiter }

// Handler serves all routes.
func (s *Server) Handler() http.Handler { return s.echo }

// Mount serves everything below prefix with h, which sees the whole path. It passes through logging, recovery and the same-origin check but
// not through authentication or the content security policy: h is a world of its own (the card sandbox, the outbox).
func (s *Server) Mount(prefix string, h http.Handler) {
	s.mount(prefix, func(c echo.Context) error {
		header := c.Response().Header()
		header.Del("Content-Security-Policy")
		header.Del("X-Frame-Options")
		h.ServeHTTP(c.Response(), c.Request())
		return nil
	})
}

// MountFor is Mount for those who hold the permission, judged by their session's cookie. h must be of this origin only and run no scripts
// of others.
func (s *Server) MountFor(needed account.Permission, prefix string, h http.Handler) {
	s.mount(prefix, func(c echo.Context) error {
		who, _, err := s.authenticate(c.Request(), needed)
		if err == nil {
			err = permitted(who, needed)
		}
		if err != nil {
			return err
		}
		header := c.Response().Header()
		header.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "+
			"img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		header.Set("Cache-Control", "private, no-store")
		h.ServeHTTP(c.Response(), c.Request())
		return nil
	})
}

func (s *Server) mount(prefix string, h echo.HandlerFunc) {
	s.echo.Any(prefix, h)
	s.echo.Any(prefix+"/*", h)
}

// StopStreams ends open event streams, so that a graceful shutdown does not wait for them. It is meant for http.Server.RegisterOnShutdown.
func (s *Server) StopStreams() { s.once.Do(s.close) }

// HTTPServer is a server with limits against slow clients, ready to serve on a listener. Streams lift the write limit for themselves.
func (s *Server) HTTPServer() *http.Server {
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(s.StopStreams)
	return server
}

// secure reports whether the public side speaks HTTPS, so that cookies can demand it.
func (s *Server) secure() bool { return s.cfg.PublicURL.Scheme == "https" }

// The one init of the program: huma keeps its error constructor and array default in package variables.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return newProblem("", status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		return newProblem(requestID(ctx.Context()), status, message, errs)
	}
	huma.DefaultArrayNullable = false
}
