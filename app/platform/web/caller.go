package web

import (
	"context"
	"net/http"
)

// Caller is what the edge knows about a request beyond who is asking.
type Caller struct {
	RequestID       string
	IP              string // for limits and session records; never logged
	UserAgent       string
	SessionToken    string // value of the staff session's cookie, for signing out
	SupporterToken  string // value of the supporter session's cookie
	CSRFToken       string // of the signed-in session
	IdempotencyKey  string // of an operation that takes one
	IdempotencyHash []byte // of the request's body, so that a stored fact can tell a replay from another request
}

type callerKey struct{}

// CallerOf returns what is known about the request of ctx; zero outside a request.
func CallerOf(ctx context.Context) Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return *c
	}
	return Caller{}
}

func callerOf(ctx context.Context) *Caller {
	if c, ok := ctx.Value(callerKey{}).(*Caller); ok {
		return c
	}
	return &Caller{}
}

func requestID(ctx context.Context) string { return callerOf(ctx).RequestID }

// RequestID returns the id of the request of ctx, for logs.
func RequestID(ctx context.Context) string { return requestID(ctx) }

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
