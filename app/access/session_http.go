package access

import (
	"context"
	"net/http"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
)

func (s *Service) sessionRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "sign-in", Method: http.MethodPost, Path: "/session", Summary: "Sign in with e-mail and password", Tag: "Access",
		Description: "Sets the session's cookie. Later requests that change something repeat csrf_token in the header X-CSRF-Token.",
		Permission:  web.Public, Status: http.StatusOK, Errors: []int{http.StatusUnauthorized, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *signInInput) (*sessionOutput, error) {
		return sessionOutputOf(api)(s.SignIn(ctx, SignInInput{Email: in.Body.Email, Password: in.Body.Password, Browser: browserOf(ctx)}))
	})
	web.Handle(api, web.Op{
		ID: "show-session", Method: http.MethodGet, Path: "/session", Summary: "Show who is signed in and where they may go", Tag: "Access",
		Permission: web.SignedIn,
	}, func(ctx context.Context, _ *web.Empty) (*sessionShown, error) {
		in, err := s.Session(ctx, me(ctx), web.CallerOf(ctx).CSRFToken)
		if err != nil {
			return nil, err
		}
		return &sessionShown{Body: sessionBodyOf(in)}, nil
	})
	web.Handle(api, web.Op{
		ID: "sign-out", Method: http.MethodDelete, Path: "/session", Summary: "Sign out", Tag: "Access", Permission: web.SignedIn,
	}, func(ctx context.Context, _ *web.Empty) (*cookiesOutput, error) {
		return &cookiesOutput{SetCookie: api.ClearSessionCookies()}, s.SignOut(ctx, me(ctx), web.CallerOf(ctx).SessionToken)
	})
	web.Handle(api, web.Op{
		ID: "sign-out-everywhere", Method: http.MethodDelete, Path: "/sessions", Summary: "Sign out in every browser", Tag: "Access",
		Permission: web.SignedIn,
	}, func(ctx context.Context, _ *web.Empty) (*cookiesOutput, error) {
		return &cookiesOutput{SetCookie: api.ClearSessionCookies()}, s.SignOutEverywhere(ctx, me(ctx))
	})
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" maxLength:"1000" doc:"The login's e-mail address."`
		Password string `json:"password" maxLength:"1000" doc:"Its password."`
	}
}

type sessionOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      sessionBody
}

type sessionShown struct {
	Body sessionBody
}

type cookiesOutput struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

type sessionBody struct {
	Login       loginView        `json:"login"`
	Memberships []membershipView `json:"memberships" doc:"The organizations this login may work for, the one joined first before the others."`
	CSRFToken   string           `json:"csrf_token" doc:"Goes into the header X-CSRF-Token of every request that changes something."`
}

type loginView struct {
	ID       id.ID[account.Login] `json:"id"`
	Name     string               `json:"name"`
	Email    string               `json:"email"`
	Operator bool                 `json:"operator" doc:"Runs the platform and may see its jobs."`
}

type membershipView struct {
	Organization organizationRef      `json:"organization"`
	Role         account.Role         `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
	Permissions  []account.Permission `json:"permissions" doc:"What the role may do."`
}

type organizationRef struct {
	ID         id.ID[account.Organization] `json:"id"`
	Slug       string                      `json:"slug"`
	Name       string                      `json:"name"`
	Kind       account.OrganizationKind    `json:"kind" enum:"nonprofit,company"`
	Currency   string                      `json:"currency"`
	Zone       string                      `json:"zone"`
	BrandColor string                      `json:"brand_color"`
}

// sessionOutputOf wraps what a use case that signs in returns.
func sessionOutputOf(api *web.API) func(SignedIn, error) (*sessionOutput, error) {
	return func(in SignedIn, err error) (*sessionOutput, error) {
		if err != nil {
			return nil, err
		}
		return &sessionOutput{SetCookie: api.SessionCookies(in.Cookie, in.CSRFToken, in.ExpiresAt), Body: sessionBodyOf(in)}, nil
	}
}

func sessionBodyOf(in SignedIn) sessionBody {
	body := sessionBody{
		Login:       loginView{ID: in.Login.ID, Name: in.Login.Name, Email: in.Login.Email, Operator: in.Login.Operator},
		Memberships: make([]membershipView, len(in.Memberships)), CSRFToken: in.CSRFToken,
	}
	for i, seat := range in.Memberships {
		o := seat.Organization
		body.Memberships[i] = membershipView{
			Organization: organizationRef{
				ID: o.ID, Slug: o.Slug, Name: o.Name, Kind: o.Kind, Currency: o.Currency, Zone: o.Zone, BrandColor: o.BrandColor,
			},
			Role: seat.Role, Permissions: seat.Role.Permissions(),
		}
	}
	return body
}
