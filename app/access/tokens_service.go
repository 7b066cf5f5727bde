package access

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
)

// TokenInput is what making an API token takes.
type TokenInput struct {
	Name          string
	Scopes        []account.Permission
	ExpiresInDays *int
}

// Tokens lists the API tokens of the actor's organization that are not revoked, the newest first.
func (s *Service) Tokens(ctx context.Context) ([]account.APIToken, error) {
	var tokens []account.APIToken
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		tokens, err = listTokens(ctx, r)
		return err
	})
	return tokens, err
}

// CreateToken makes an API token with scopes the actor holds. Its text is returned this once.
func (s *Service) CreateToken(ctx context.Context, in TokenInput) (token account.APIToken, text string, err error) {
	who := actor.From(ctx)
	err = s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) error {
		maker, err := lockMembership(ctx, tx, id.From[account.Login](who.ID))
		if err != nil {
			return err
		}
		token, err = account.NewAPIToken(account.TokenDetails{
			OrgID: maker.OrgID, Name: in.Name, Scopes: in.Scopes, ExpiresInDays: in.ExpiresInDays, CreatedBy: maker,
		}, s.now())
		if err != nil {
			return err
		}
		text = token.Seal(newSecret(), hashOf)
		if err := insertToken(ctx, tx, token); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "token.created", SubjectType: "token", SubjectID: token.ID.UUID,
			After: map[string]any{"name": token.Name, "scopes": token.Scopes, "expires_at": token.ExpiresAt},
		})
	})
	if err != nil {
		return account.APIToken{}, "", err
	}
	return token, text, nil
}

// RevokeToken makes an API token useless from the next request on.
func (s *Service) RevokeToken(ctx context.Context, tokenID id.ID[account.APIToken]) error {
	return s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		t, err := lockToken(ctx, tx, tokenID)
		if err != nil {
			return err
		}
		return s.revokeTokenTx(ctx, tx, t)
	})
}

func (s *Service) revokeTokenTx(ctx context.Context, tx database.Tx, t account.APIToken) error {
	queueRevokeToken(tx, t.ID, s.now())
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "token.revoked", SubjectType: "token", SubjectID: t.ID.UUID, Before: map[string]any{"name": t.Name, "scopes": t.Scopes},
	})
}
