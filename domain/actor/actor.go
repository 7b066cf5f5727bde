// Package actor says who is asking: a signed-in login, an API token, a supporter with a mailed link, the system itself, or nobody. It
// travels in the context from the edge to the audit record.
package actor

import (
	"context"
	"slices"

	"github.com/google/uuid"
)

// Kind is the sort of actor.
type Kind string

// The kinds of actor.
const (
	KindNobody    Kind = "nobody"
	KindLogin     Kind = "login"
	KindToken     Kind = "token"
	KindSupporter Kind = "supporter"
	KindSystem    Kind = "system"
)

// Actor is who asks, for which organization, with which permissions.
type Actor struct {
	Kind        Kind
	ID          uuid.UUID // login, token or person; zero for nobody and the system
	OrgID       uuid.UUID // the organization chosen for this request; zero when none
	Role        string    // the membership's role; empty for tokens and supporters
	Permissions []string
	Operator    bool // runs the platform; may see the jobs page
	RequestID   string
}

// System acts for workers and the command line.
var System = Actor{Kind: KindSystem}

// Nobody is who has not said who they are.
var Nobody = Actor{Kind: KindNobody}

// Login is the login behind the actor; nil for tokens, supporters and the system.
func (a Actor) Login() *uuid.UUID {
	if a.Kind != KindLogin {
		return nil
	}
	return &a.ID
}

// May reports whether the actor holds the permission. The system may do everything.
func (a Actor) May(permission string) bool {
	return a.Kind == KindSystem || slices.Contains(a.Permissions, permission)
}

type key struct{}

// With puts the actor into the context.
func With(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, key{}, a)
}

// From returns the actor of the context, or Nobody.
func From(ctx context.Context) Actor {
	if a, ok := ctx.Value(key{}).(Actor); ok {
		return a
	}
	return Nobody
}
