package web

import (
	"net/http"
	"time"
)

// Names of our cookies over HTTPS carry the __Host- prefix, so that no sibling domain can set them.
const (
	sessionCookie   = "session"
	csrfCookie      = "csrf"
	supporterCookie = "supporter"
	formCookie      = "form"
	themeCookie     = "theme"
)

func (s *Server) cookieName(name string) string {
	if s.secure() && name != themeCookie && name != csrfCookie {
		return "__Host-" + name
	}
	return name
}

func (s *Server) cookie(name, value string, expires time.Time) http.Cookie {
	c := http.Cookie{
		Name: s.cookieName(name), Value: value, Path: "/", Expires: expires, Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if value == "" {
		c.Expires, c.MaxAge = time.Time{}, -1
	}
	return c
}

// SessionCookies are what a successful sign-in sets: the session's secret, and its CSRF token where scripts can read it. An operation
// returns them in a field `SetCookie []http.Cookie` with the tag `header:"Set-Cookie"`.
func (a *API) SessionCookies(token, csrf string, expires time.Time) []http.Cookie {
	readable := a.server.cookie(csrfCookie, csrf, expires)
	readable.HttpOnly = false
	return []http.Cookie{a.server.cookie(sessionCookie, token, expires), readable}
}

// ClearSessionCookies are what signing out sets.
func (a *API) ClearSessionCookies() []http.Cookie { return a.SessionCookies("", "", time.Time{}) }

// SupporterCookie opens a supporter's session in the browser; an empty token ends it.
func (p *Pages) SupporterCookie(token string, expires time.Time) http.Cookie {
	return p.server.cookie(supporterCookie, token, expires)
}
