package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// secureHeaders sets what holds for every answer; pages replace the policy with their own.
func (s *Server) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), browsing-topics=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Frame-Options", "DENY")
		if s.secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		return next(c)
	}
}

// policy is the content security policy of one page.
type policy struct {
	styles      []string // hashes of inlined style sheets
	formTargets []string // origins a posted form may end at, besides ours
	ancestors   []string // sites that may frame the page; none means nobody
	scripts     bool
}

// apply writes the policy. Scripts come from our own files only, and Trusted Types leave them no way to write markup but Svelte's.
func (p policy) apply(h http.Header) {
	ancestors := "'none'"
	if len(p.ancestors) > 0 {
		ancestors = strings.Join(p.ancestors, " ")
		h.Del("X-Frame-Options")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	scripts := "'none'"
	if p.scripts {
		scripts = "'self'"
	}
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'",
		"script-src " + scripts,
		"style-src " + strings.Join(append([]string{"'self'"}, p.styles...), " "),
		"img-src 'self' data: blob:",
		"font-src 'self'",
		"connect-src 'self'",
		"manifest-src 'self'",
		"frame-src 'self' blob:",
		"form-action " + strings.Join(append([]string{"'self'"}, p.formTargets...), " "),
		"base-uri 'none'",
		"frame-ancestors " + ancestors,
		"require-trusted-types-for 'script'",
		"trusted-types svelte-trusted-html",
	}, "; "))
}
