package web

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"tributary/domain/account"
	"tributary/domain/actor"
)

// credentialsOf reads what the request brings. A bearer outranks cookies: a program that sends one means it.
func (s *Server) credentialsOf(r *http.Request) Credentials {
	c := Credentials{OrgSlug: r.Header.Get("X-Organization")}
	if c.OrgSlug == "" && r.Method == http.MethodGet {
		c.OrgSlug = r.URL.Query().Get("organization") // for what cannot send headers: event streams and plain links
	}
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		c.Bearer = strings.TrimSpace(token)
		return c
	}
	c.SessionCookie = cookieValue(r, s.cookieName(sessionCookie))
	c.SupporterCookie = cookieValue(r, s.cookieName(supporterCookie))
	return c
}

// authorize finds out who asks, checks that an unsafe request with a session's cookie comes from our own pages, and compares the actor with
// the operation's permission. Public operations look at no credentials at all, so a stale cookie cannot spoil a gift.
func (a *API) authorize(op Op) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humaecho.UnwrapV4(ctx)
		who := actor.Nobody
		if op.Permission != Public {
			var err error
			if who, err = a.server.admit(c.Request(), op.Permission); err != nil {
				a.refuse(ctx, err)
				return
			}
		}
		who.RequestID = requestID(ctx.Context())
		next(huma.WithContext(ctx, actor.With(ctx.Context(), who)))
	}
}

// admit authenticates, checks the token of unsafe cookie requests and compares permissions.
func (s *Server) admit(r *http.Request, needed account.Permission) (actor.Actor, error) {
	who, c, err := s.authenticate(r, needed)
	if err != nil {
		return actor.Nobody, err
	}
	if unsafeMethod(r.Method) && c.Bearer == "" && !sameToken(r.Header.Get("X-CSRF-Token"), callerOf(r.Context()).CSRFToken) {
		return actor.Nobody, errCSRF
	}
	return who, permitted(who, needed)
}

// authenticate asks with those credentials alone that count for the permission.
func (s *Server) authenticate(r *http.Request, needed account.Permission) (actor.Actor, Credentials, error) {
	credentials := s.credentialsOf(r)
	switch needed {
	case Supporter:
		credentials.SessionCookie, credentials.Bearer = "", ""
	case SignedIn, Operator:
		// About the login itself, in no organization: a browser that names a lost membership must not be locked out.
		credentials.OrgSlug, credentials.SupporterCookie = "", ""
	default:
		credentials.SupporterCookie = ""
	}
	if s.cfg.Auth == nil || credentials.empty() {
		return actor.Nobody, credentials, errUnauthenticated
	}
	who, csrf, err := s.cfg.Auth.Authenticate(r.Context(), credentials)
	callerOf(r.Context()).CSRFToken = csrf
	return who, credentials, err
}

func permitted(who actor.Actor, needed account.Permission) error {
	switch needed {
	case SignedIn:
		if who.Kind != actor.KindLogin {
			return errForbidden
		}
	case Operator:
		if who.Kind != actor.KindLogin || !who.Operator {
			return errForbidden
		}
	case Supporter:
		if who.Kind != actor.KindSupporter {
			return errUnauthenticated
		}
	default:
		switch {
		case who.Kind != actor.KindLogin && who.Kind != actor.KindToken:
			return errUnauthenticated
		case who.OrgID == [16]byte{}:
			return errNoOrganization
		case !who.May(string(needed)):
			return errForbidden
		}
	}
	return nil
}

func unsafeMethod(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

// sameToken compares in constant time; an empty expectation never matches.
func sameToken(got, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1
}

// limitBody holds whatever reads the body, the multipart parser included, to the operation's size.
func (a *API) limitBody(op Op) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := humaecho.UnwrapV4(ctx)
		r := c.Request()
		if r.ContentLength > op.MaxBody {
			c.Response().Header().Set("Connection", "close")
			a.refuse(ctx, errBodyTooLarge)
			return
		}
		if r.Body != nil {
			r.Body = http.MaxBytesReader(c.Response(), r.Body, op.MaxBody)
		}
		next(ctx)
	}
}

func (a *API) limitRate(op Op) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if op.RateLimit != nil {
			err := a.server.limiter.Allow(ctx.Context(), op.ID, callerOf(ctx.Context()).IP, op.RateLimit.N, op.RateLimit.Window)
			if err != nil {
				a.refuse(ctx, err)
				return
			}
		}
		next(ctx)
	}
}

// refuse answers before huma has read anything.
func (a *API) refuse(ctx huma.Context, err error) {
	a.server.problemOf(ctx.Context(), err, "body").write(humaecho.UnwrapV4(ctx).Response())
}
