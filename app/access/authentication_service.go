package access

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

// errSessionEnded is the answer to a cookie that is unknown, signed out or too old.
var errSessionEnded = fault.New(fault.KindUnauthenticated, "session.ended", "Your session has ended. Sign in again.")

// errNoOrganization hides whether an organization exists from a login that does not belong to it.
var errNoOrganization = fault.NotFound("organization")

// sessionActor turns a session's cookie into an actor at the organization called slug; without a slug into one at none.
func (s *Service) sessionActor(ctx context.Context, cookie, slug string) (actor.Actor, string, error) {
	hash := hashOf(cookie)
	h, err := findHolder(ctx, s.db, hash, slug)
	if err != nil {
		return actor.Nobody, "", err
	}
	now := s.now()
	if h == nil || !h.session.Live(now) {
		return actor.Nobody, "", errSessionEnded
	}
	who := actor.Actor{Kind: actor.KindLogin, ID: h.session.LoginID.UUID, Operator: h.operator}
	switch {
	case h.orgID != nil:
		who.OrgID, who.Role = *h.orgID, string(*h.role)
		who.Permissions = account.Permissions(h.role.Permissions()).Texts()
	case slug != "":
		return actor.Nobody, "", errNoOrganization
	}
	if now.Sub(h.session.LastSeenAt) >= account.SessionTouch {
		err = s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return touchSession(ctx, tx, hash, now) })
	}
	return who, h.session.CSRFToken, err
}

// tokenActor turns an API token into an actor at its organization. A slug, if given, must be that organization's.
func (s *Service) tokenActor(ctx context.Context, text, slug string) (actor.Actor, error) {
	orgID, ok := account.TokenOrganization(text)
	if !ok {
		return actor.Nobody, account.ErrTokenInvalid
	}
	k, err := findKeyHolder(ctx, s.db, orgID, hashOf(text))
	if err != nil {
		return actor.Nobody, err
	}
	now := s.now()
	switch {
	case k == nil || !k.token.Live(now):
		return actor.Nobody, account.ErrTokenInvalid
	case slug != "" && slug != k.slug:
		return actor.Nobody, errNoOrganization
	}
	if k.token.LastUsedAt == nil || now.Sub(*k.token.LastUsedAt) >= account.SessionTouch {
		err = s.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) error { return touchToken(ctx, tx, k.token.ID, now) })
	}
	return actor.Actor{Kind: actor.KindToken, ID: k.token.ID.UUID, OrgID: orgID, Permissions: k.token.Scopes.Texts()}, err
}
