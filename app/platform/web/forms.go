package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// formField carries the form's token; the same random value lies in a cookie (double submit), signed so that a sibling domain cannot plant it.
const formField = "csrf_token"

// formToken returns the browser's token and sets its cookie when there is none yet. A page that other sites frame needs a cookie that goes
// into frames: partitioned, so that it follows nobody from site to site.
func (s *Server) formToken(c echo.Context, framed bool) string {
	if token := cookieValue(c.Request(), s.cookieName(formCookie)); s.validToken(token) {
		return token
	}
	token := s.signToken(rand.Text())
	cookie := &http.Cookie{
		Name: s.cookieName(formCookie), Value: token, Path: "/", Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if framed && s.secure() {
		cookie.SameSite, cookie.Partitioned = http.SameSiteNoneMode, true
	}
	c.SetCookie(cookie)
	return token
}

func (s *Server) signToken(value string) string {
	mac := hmac.New(sha256.New, s.cfg.Secret)
	mac.Write([]byte("form\x00" + value))
	return value + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (s *Server) validToken(token string) bool {
	value, _, ok := strings.Cut(token, ".")
	return ok && sameToken(token, s.signToken(value))
}

// checkForm refuses a form that does not come from a page of ours.
func (s *Server) checkForm(c echo.Context, sent string) error {
	kept := cookieValue(c.Request(), s.cookieName(formCookie))
	if !s.validToken(kept) || !sameToken(sent, kept) {
		return errCSRF
	}
	return nil
}

func csrfField(token string) template.HTML {
	return template.HTML(`<input type="hidden" name="` + formField + `" value="` + template.HTMLEscapeString(token) + `">`) //nolint:gosec // escaped
}
