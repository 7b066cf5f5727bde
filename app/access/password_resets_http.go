package access

import (
	"context"
	"net/http"

	"tributary/app/platform/web"
)

func (s *Service) passwordResetRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "request-password-reset", Method: http.MethodPost, Path: "/password-resets", Summary: "Mail a link to choose a new password", Tag: "Access",
		Description: "Answers the same whether or not there is a login with the e-mail.",
		Permission:  web.Public, Status: http.StatusAccepted, Errors: []int{http.StatusTooManyRequests},
	}, func(ctx context.Context, in *resetRequestInput) (*web.Empty, error) {
		return &web.Empty{}, s.RequestPasswordReset(ctx, in.Body.Email, browserOf(ctx).IP)
	})
	web.Handle(api, web.Op{
		ID: "reset-password", Method: http.MethodPost, Path: "/password-resets/{token}", Summary: "Choose a new password with a mailed link",
		Tag: "Access", Description: "Works once and within 30 minutes. Ends every session of the login.",
		Permission: web.Public, Status: http.StatusNoContent, RateLimit: &web.Limit{N: resetsPerIP, Window: resetWindow},
	}, func(ctx context.Context, in *resetInput) (*web.Empty, error) {
		return &web.Empty{}, s.ResetPassword(ctx, in.Token, in.Body.Password)
	})
}

type resetRequestInput struct {
	Body struct {
		Email string `json:"email" maxLength:"1000" doc:"The login's e-mail address."`
	}
}

type resetInput struct {
	Token string `path:"token" maxLength:"200" doc:"The last part of the mailed link."`
	Body  struct {
		Password string `json:"password" maxLength:"1000" doc:"The new password: 12 to 200 characters, none of the common ones."`
	}
}
