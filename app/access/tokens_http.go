package access

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/id"
)

func (s *Service) tokenRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Summary: "List API tokens", Tag: "API tokens", Permission: account.TokensManage,
	}, func(ctx context.Context, _ *web.Empty) (*tokensOutput, error) {
		tokens, err := s.Tokens(ctx)
		if err != nil {
			return nil, err
		}
		return tokensOutputOf(tokens), nil
	})
	web.Handle(api, web.Op{
		ID: "create-token", Method: http.MethodPost, Path: "/tokens", Summary: "Make an API token", Tag: "API tokens",
		Description: "The answer holds the token's text, which is not shown again. Send it as Authorization: Bearer.",
		Permission:  account.TokensManage, Status: http.StatusCreated,
	}, func(ctx context.Context, in *createTokenInput) (*createdToken, error) {
		t, text, err := s.CreateToken(ctx, TokenInput{Name: in.Body.Name, Scopes: in.Body.Scopes, ExpiresInDays: in.Body.ExpiresInDays})
		if err != nil {
			return nil, err
		}
		return &createdToken{Body: newTokenView{tokenView: tokenViewOf(t), Token: text}}, nil
	})
	web.Handle(api, web.Op{
		ID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{id}", Summary: "Revoke an API token", Tag: "API tokens",
		Permission: account.TokensManage, Status: http.StatusNoContent,
	}, func(ctx context.Context, in *tokenInput) (*web.Empty, error) {
		return &web.Empty{}, s.RevokeToken(ctx, in.ID)
	})
	web.Handle(api, web.Op{
		ID: "list-scopes", Method: http.MethodGet, Path: "/scopes", Summary: "List what an API token can be allowed", Tag: "API tokens",
		Permission: account.TokensManage,
	}, func(context.Context, *web.Empty) (*scopesOutput, error) {
		out := &scopesOutput{}
		out.Body.Items = account.Scopes()
		return out, nil
	})
}

type tokenInput struct {
	ID id.ID[account.APIToken] `path:"id"`
}

type createTokenInput struct {
	Body struct {
		Name          string               `json:"name" maxLength:"1000"`
		Scopes        []account.Permission `json:"scopes" maxItems:"100"`
		ExpiresInDays *int                 `json:"expires_in_days,omitempty" doc:"Null: works until it is revoked."`
	}
}

type createdToken struct {
	Body newTokenView
}

type tokensOutput struct {
	Body struct {
		Items []tokenView `json:"items"`
	}
}

type scopesOutput struct {
	Body struct {
		Items []account.Permission `json:"items"`
	}
}

type tokenView struct {
	ID         id.ID[account.APIToken] `json:"id"`
	Name       string                  `json:"name"`
	Hint       string                  `json:"hint" doc:"The token's last four characters."`
	Scopes     []account.Permission    `json:"scopes"`
	CreatedAt  time.Time               `json:"created_at"`
	LastUsedAt *time.Time              `json:"last_used_at"`
	ExpiresAt  *time.Time              `json:"expires_at"`
}

type newTokenView struct {
	tokenView
	Token string `json:"token" doc:"The token's text, shown this once."`
}

func tokensOutputOf(tokens []account.APIToken) *tokensOutput {
	out := &tokensOutput{}
	out.Body.Items = make([]tokenView, len(tokens))
	for i, t := range tokens {
		out.Body.Items[i] = tokenViewOf(t)
	}
	return out
}

func tokenViewOf(t account.APIToken) tokenView {
	return tokenView{
		ID: t.ID, Name: t.Name, Hint: t.Hint, Scopes: append([]account.Permission{}, t.Scopes...), CreatedAt: t.CreatedAt,
		LastUsedAt: t.LastUsedAt, ExpiresAt: t.ExpiresAt,
	}
}
