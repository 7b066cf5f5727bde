package access_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/access"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

// bearer is what a request with an API token finds.
func (f *fixture) bearer(t *testing.T, token, slug string) (actor.Actor, error) {
	t.Helper()
	who, csrf, err := f.Authenticate(t.Context(), web.Credentials{Bearer: token, OrgSlug: slug})
	require.Empty(t, csrf, "no browser sends a token by itself")
	return who, err
}

func TestATokenActsForItsOrganizationWithinItsScopes(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	f.found(t, olga, "harbor")
	ctx := as(t, olga, o, account.Owner)
	token, text, err := f.CreateToken(ctx, access.TokenInput{
		Name: " Website ", Scopes: []account.Permission{account.DonationsRead, account.PeopleRead}, ExpiresInDays: new(30),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"Website", text[len(text)-4:]}, []string{token.Name, token.Hint})

	who, err := f.bearer(t, text, "")
	require.NoError(t, err)
	require.Equal(t, actor.Actor{Kind: actor.KindToken, ID: token.ID.UUID, OrgID: o.ID.UUID, Permissions: []string{"donations:read", "people:read"}}, who)
	_, err = f.bearer(t, text, "riverbend")
	require.NoError(t, err)
	_, err = f.bearer(t, text, "harbor")
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))

	tokens, err := f.Tokens(ctx)
	require.NoError(t, err)
	require.Len(t, tokens, 1)
	require.Equal(t, f.clock.Now(), *tokens[0].LastUsedAt)
	require.Equal(t, token.Scopes, tokens[0].Scopes)
	require.NotContains(t, string(tokens[0].TokenHash), text)

	f.clock.Advance(30 * 24 * time.Hour)
	_, err = f.bearer(t, text, "")
	require.ErrorIs(t, err, account.ErrTokenInvalid, "it has expired")
}

func TestARevokedTokenEndsAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, zoe := f.login(t, "olga"), f.login(t, "zoe")
	o, harbor := f.found(t, olga, "riverbend"), f.found(t, zoe, "harbor")
	token, text, err := f.CreateToken(as(t, olga, o, account.Owner), access.TokenInput{Name: "Website", Scopes: []account.Permission{account.PeopleRead}})
	require.NoError(t, err)
	require.ErrorIs(t, f.RevokeToken(as(t, zoe, harbor, account.Owner), token.ID), account.ErrTokenUnknown, "another organization's")
	require.NoError(t, f.RevokeToken(as(t, olga, o, account.Owner), token.ID))
	_, err = f.bearer(t, text, "")
	require.ErrorIs(t, err, account.ErrTokenInvalid)
	require.ErrorIs(t, f.RevokeToken(as(t, olga, o, account.Owner), token.ID), account.ErrTokenUnknown)
	tokens, err := f.Tokens(as(t, olga, o, account.Owner))
	require.NoError(t, err)
	require.Empty(t, tokens)
	require.Equal(t, []string{"organization.founded", "token.created", "token.revoked"}, f.auditEvents(t, o))
}

func TestTokensThatAreNone(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o, harbor := f.found(t, olga, "riverbend"), f.found(t, olga, "harbor")
	_, text, err := f.CreateToken(as(t, olga, o, account.Owner), access.TokenInput{Name: "Website", Scopes: []account.Permission{account.PeopleRead}})
	require.NoError(t, err)
	_, other, err := f.CreateToken(as(t, olga, harbor, account.Owner), access.TokenInput{Name: "Website", Scopes: []account.Permission{account.PeopleRead}})
	require.NoError(t, err)
	for _, bad := range []string{"x", "trib_", text + "x", text[:len(text)-1], other[:27] + text[27:], "trib_" + text} {
		_, err = f.bearer(t, bad, "")
		require.ErrorIs(t, err, account.ErrTokenInvalid, bad)
	}
}

func TestATokenCannotDoMoreThanItsMaker(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, zoe := f.login(t, "olga"), f.login(t, "zoe")
	o := f.found(t, olga, "riverbend")
	vic := f.member(t, o, "vic", account.Viewer)
	make := func(by account.Login, in access.TokenInput) error {
		_, _, err := f.CreateToken(as(t, by, o, account.Owner), in)
		return err
	}
	require.ErrorIs(t, make(vic, access.TokenInput{Name: "x", Scopes: []account.Permission{account.DonationsRefund}}), account.ErrScopeNotYours)
	require.ErrorIs(t, make(olga, access.TokenInput{Name: "x", Scopes: []account.Permission{account.TeamManage}}), account.ErrScopeUnknown)
	require.ErrorIs(t, make(zoe, access.TokenInput{Name: "x", Scopes: []account.Permission{account.PeopleRead}}), account.ErrNoMember)
	require.Equal(t, map[string]string{"name": "text.required", "scopes": "token.scopes_missing", "expires_in_days": "token.expiry_invalid"},
		codes(t, make(olga, access.TokenInput{ExpiresInDays: new(-1)})))
	require.Equal(t, []string{"organization.founded", "member.joined"}, f.auditEvents(t, o))
}
