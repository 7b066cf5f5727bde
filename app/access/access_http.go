package access

import (
	"context"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
)

// Routes registers the operations of access.
func (s *Service) Routes(api *web.API) {
	s.sessionRoutes(api)
	s.passwordResetRoutes(api)
	s.organizationRoutes(api)
	s.teamRoutes(api)
	s.invitationRoutes(api)
	s.tokenRoutes(api)
}

// Authenticate implements web.Authenticator for staff and programs.
func (s *Service) Authenticate(ctx context.Context, c web.Credentials) (who actor.Actor, csrfToken string, err error) {
	switch {
	case c.Bearer != "":
		who, err = s.tokenActor(ctx, c.Bearer, c.OrgSlug)
		return who, "", err
	case c.SessionCookie != "":
		return s.sessionActor(ctx, c.SessionCookie, c.OrgSlug)
	}
	return actor.Nobody, "", errSessionEnded
}

// me is the login that asks; operations that need one are declared so.
func me(ctx context.Context) id.ID[account.Login] { return id.From[account.Login](actor.From(ctx).ID) }

// browserOf is where the request comes from.
func browserOf(ctx context.Context) account.Browser {
	c := web.CallerOf(ctx)
	return account.Browser{IP: c.IP, UserAgent: c.UserAgent}
}
