package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"tributary/domain/fault"
)

// configureEcho puts what every request passes through around the router, the outermost first.
func (s *Server) configureEcho() {
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.IPExtractor = s.clientIP
	s.echo.HTTPErrorHandler = s.failed
	s.echo.Use(s.identify, s.observe, s.recoverPanic, s.secureHeaders, s.sameOrigin, s.compress)
}

// identify gives the request its id and its Caller.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		id := r.Header.Get("X-Request-Id")
		if !plainID(id) {
			id = uuid.Must(uuid.NewV7()).String()
		}
		c.Response().Header().Set("X-Request-Id", id)
		caller := &Caller{
			RequestID: id, IP: c.RealIP(), UserAgent: truncated(r.UserAgent(), 200),
			SessionToken: cookieValue(r, s.cookieName(sessionCookie)), SupporterToken: cookieValue(r, s.cookieName(supporterCookie)),
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), callerKey{}, caller)))
		return next(c)
	}
}

// plainID accepts the id of a proxy in front of us when it cannot hurt a log.
func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_'
	}) < 0
}

func truncated(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// observe logs and measures the finished request. The route's pattern stands for the path: paths and query strings carry secrets and names.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := time.Now() //nolint:forbidigo // a duration, not a fact
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		took := time.Since(begun) //nolint:forbidigo // a duration, not a fact
		r, status := c.Request(), c.Response().Status
		route := c.Path()
		if route == "" || status == http.StatusNotFound && strings.HasSuffix(route, "*") {
			route = "none"
		}
		s.metrics.observe(r.Method, route, status, took)
		level := slog.LevelInfo
		if route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(route, "/a/") {
			level = slog.LevelDebug
		}
		s.cfg.Log.LogAttrs(r.Context(), level, "request",
			slog.String("method", r.Method), slog.String("route", route), slog.Int("status", status),
			slog.Duration("took", took), slog.Int64("bytes", c.Response().Size))
		return nil
	}
}

// recoverPanic answers a panic like any other defect. Aborted handlers go on to net/http, which cuts the connection.
func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch r := recover(); r {
			case nil:
			case http.ErrAbortHandler:
				panic(r)
			default:
				s.cfg.Log.ErrorContext(c.Request().Context(), "panic", slog.String("panic", fmt.Sprint(r)), slog.String("stack", string(debug.Stack())))
				s.metrics.panics.Inc()
				err = errInternal
			}
		}()
		return next(c)
	}
}

// failed is Echo's error handler: its own 404 and 405 and whatever a raw handler returns.
func (s *Server) failed(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	ctx := c.Request().Context()
	var he *echo.HTTPError
	var p *Problem
	if errors.As(err, &he) {
		p = newProblem(requestID(ctx), he.Code, http.StatusText(he.Code), nil)
	} else {
		p = s.problemOf(ctx, err, "form")
	}
	if s.wantsPage(c.Request()) {
		s.pages.fail(c, p)
		return
	}
	p.write(c.Response())
}

// wantsPage tells a browser that navigates from a program.
func (s *Server) wantsPage(r *http.Request) bool {
	return s.pages != nil && !strings.HasPrefix(r.URL.Path, "/api/") && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// sameOrigin refuses unsafe requests that a browser says another site sent. Programs, which send neither Sec-Fetch-Site nor Origin, pass;
// they are told apart by their tokens.
func (s *Server) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.origins.Check(c.Request()); err != nil && c.Request().Header.Get("Authorization") == "" {
			return errCSRF
		}
		return next(c)
	}
}

// clientIP believes X-Forwarded-For only as far as it was written by proxies we trust.
func (s *Server) clientIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

func (s *Server) trusted(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range s.cfg.TrustedProxies {
		if p.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// platformRoutes are the operator's: health, readiness, metrics, and the contract.
func (s *Server) platformRoutes() {
	text := func(c echo.Context, status int, body string) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.String(status, body)
	}
	s.get("/healthz", func(c echo.Context) error { return text(c, http.StatusOK, "ok\n") })
	s.get("/readyz", func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
		defer cancel()
		switch {
		case s.closing.Err() != nil:
			return text(c, http.StatusServiceUnavailable, "shutting down\n")
		case s.cfg.Ready == nil:
			return text(c, http.StatusOK, "ready\n")
		}
		if err := s.cfg.Ready(ctx); err != nil {
			s.cfg.Log.InfoContext(ctx, "not ready", slog.String("error", err.Error()))
			return text(c, http.StatusServiceUnavailable, "not ready\n")
		}
		return text(c, http.StatusOK, "ready\n")
	})
	if s.cfg.Registry != nil && s.cfg.MetricsToken != "" {
		handler := s.metrics.handler()
		s.get("/metrics", func(c echo.Context) error {
			_, token, _ := strings.Cut(c.Request().Header.Get("Authorization"), " ")
			if !sameToken(token, s.cfg.MetricsToken) {
				return errUnauthenticated
			}
			handler.ServeHTTP(c.Response(), c.Request())
			return nil
		})
	}
	s.get("/a/*", s.assets.serve)
	s.get("/embed.js", s.assets.serveEmbed)
	s.get("/favicon.svg", s.assets.serveFavicon)
	s.get("/api/openapi.json", s.serveContract)
	s.get("/api/docs", s.serveReference)
}

// get registers h for GET and HEAD: link scrapers and uptime checks ask with HEAD, which Echo would answer with 405.
func (s *Server) get(path string, h echo.HandlerFunc) {
	s.echo.GET(path, h)
	s.echo.HEAD(path, h)
}

// notFound is what pages and assets answer for what is not there.
var errNotFoundPage = fault.New(fault.KindNotFound, "route.not_found", "There is nothing at this address.")

func etag(sum []byte) string { return `"` + fmt.Sprintf("%x", sum[:12]) + `"` }
