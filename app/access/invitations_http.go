package access

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
)

func (s *Service) invitationRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "show-invitation", Method: http.MethodGet, Path: "/invitations/{token}", Summary: "Open a mailed invitation", Tag: "Access",
		Permission: web.Public, RateLimit: &web.Limit{N: signInsPerIP, Window: 15 * time.Minute},
	}, func(ctx context.Context, in *secretInput) (*mailedInvitation, error) {
		v, err := s.Invitation(ctx, in.Token)
		if err != nil {
			return nil, err
		}
		out := &mailedInvitation{}
		out.Body.OrganizationName, out.Body.Email = v.Organization.Name, v.Invitation.Email
		out.Body.Role, out.Body.LoginExists = v.Invitation.Role, v.LoginExists
		return out, nil
	})
	web.Handle(api, web.Op{
		ID: "accept-invitation", Method: http.MethodPost, Path: "/invitations/{token}", Summary: "Accept a mailed invitation and sign in", Tag: "Access",
		Description: "Without a login yet: choose a name and a password. With one: give its password, the name is not needed.",
		Permission:  web.Public, Status: http.StatusOK,
		Errors: []int{http.StatusUnauthorized, http.StatusConflict, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *acceptInput) (*sessionOutput, error) {
		return sessionOutputOf(api)(s.Accept(ctx, AcceptInput{
			Secret: in.Token, Name: in.Body.Name, Password: in.Body.Password, Browser: browserOf(ctx),
		}))
	})
}

type secretInput struct {
	Token string `path:"token" maxLength:"200" doc:"The last part of the mailed link."`
}

type acceptInput struct {
	Token string `path:"token" maxLength:"200" doc:"The last part of the mailed link."`
	Body  struct {
		Name     string `json:"name,omitempty" maxLength:"1000"`
		Password string `json:"password" maxLength:"1000"`
	}
}

type mailedInvitation struct {
	Body struct {
		OrganizationName string       `json:"organization_name"`
		Email            string       `json:"email"`
		Role             account.Role `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
		LoginExists      bool         `json:"login_exists" doc:"There is a login with this e-mail: its password is asked for."`
	}
}
