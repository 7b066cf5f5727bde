package account_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/domain/account"
	"tributary/domain/id"
)

func TestTenFailuresLockForAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	l, err := account.NewLogin(account.LoginDetails{Name: "Olga", Email: "Olga@Riverbend.example"}, noon)
	require.NoError(t, err)
	require.Equal(t, "olga@riverbend.example", l.EmailNormalized)
	for range account.MaxFailedSignIns - 1 {
		require.False(t, l.SignInFailed(noon))
		require.False(t, l.Locked(noon))
	}
	require.True(t, l.SignInFailed(noon))
	require.True(t, l.Locked(noon))
	require.False(t, l.SignInFailed(noon), "a lock is told once")
	require.True(t, l.Locked(noon.Add(account.LockDuration-time.Second)))
	end := noon.Add(account.LockDuration)
	require.False(t, l.Locked(end))
	require.False(t, l.SignInFailed(end), "after a lock the count starts anew")
	require.Equal(t, 1, l.FailedSignIns)
}

func TestSuccessAndANewPasswordForgetFailures(t *testing.T) {
	t.Parallel()
	until := noon.Add(time.Minute)
	l := account.Login{FailedSignIns: 9, LockedUntil: &until}
	l.SignedIn()
	require.Zero(t, l.FailedSignIns)
	require.Nil(t, l.LockedUntil)
	l = account.Login{FailedSignIns: 10, LockedUntil: &until}
	l.SetPassword("phc", noon)
	require.False(t, l.Locked(noon))
	require.Equal(t, noon, *l.PasswordChangedAt)
}

func TestNewLoginSaysEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	_, err := account.NewLogin(account.LoginDetails{Name: strings.Repeat("x", 201), Email: "nobody"}, noon)
	require.Equal(t, map[string]string{"name": "text.too_long", "email": "email.invalid"}, codes(t, err))
}

func TestSessionsEndIdleAndForGood(t *testing.T) {
	t.Parallel()
	s := account.NewSession(olga, account.SessionSecrets{TokenHash: []byte{1}, CSRFToken: "c"}, account.Browser{UserAgent: strings.Repeat("x\x00", 400)}, noon)
	require.Len(t, s.UserAgent, 300)
	require.NotContains(t, s.UserAgent, "\x00")
	require.True(t, s.Live(noon.Add(account.SessionIdle-time.Second)))
	require.False(t, s.Live(noon.Add(account.SessionIdle)))
	s.LastSeenAt = noon.Add(account.SessionLife - time.Minute)
	require.True(t, s.Live(s.LastSeenAt))
	require.False(t, s.Live(noon.Add(account.SessionLife)))
}

func TestInvitationsLastSevenDays(t *testing.T) {
	t.Parallel()
	i, err := account.NewInvitation(account.InvitationDetails{Email: "New@Riverbend.example", Role: account.Finance, InvitedBy: olga}, noon)
	require.NoError(t, err)
	require.Equal(t, "new@riverbend.example", i.EmailNormalized)
	require.True(t, i.Open(noon.Add(account.InvitationLife-time.Second)))
	require.False(t, i.Open(noon.Add(account.InvitationLife)))
	i.RevokedAt = new(noon)
	require.False(t, i.Open(noon))
	_, err = account.NewInvitation(account.InvitationDetails{Email: "x", Role: "emperor"}, noon)
	require.Equal(t, map[string]string{"email": "email.invalid", "role": "team.role_unknown"}, codes(t, err))
}

func TestTokensCannotDoMoreThanTheirMaker(t *testing.T) {
	t.Parallel()
	make := func(role account.Role, days *int, scopes ...account.Permission) (account.APIToken, error) {
		return account.NewAPIToken(account.TokenDetails{
			OrgID: id.New[account.Organization](), Name: "Website", Scopes: scopes, ExpiresInDays: days, CreatedBy: account.Membership{LoginID: olga, Role: role},
		}, noon)
	}
	token, err := make(account.Owner, new(30), account.PeopleRead, account.DonationsRead, account.PeopleRead)
	require.NoError(t, err)
	require.Equal(t, account.Permissions{account.DonationsRead, account.PeopleRead}, token.Scopes)
	require.True(t, token.Live(noon))
	require.False(t, token.Live(noon.AddDate(0, 0, 30)))
	require.False(t, token.Exceeds(account.Viewer))
	require.True(t, token.Exceeds(account.VolunteerCoordinator), "who sees no amounts cannot keep a token that does")
	_, err = make(account.Viewer, nil, account.PeopleWrite)
	require.ErrorIs(t, err, account.ErrScopeNotYours)
	_, err = make(account.Owner, nil, account.TeamManage)
	require.ErrorIs(t, err, account.ErrScopeUnknown)
	_, err = make(account.Owner, nil)
	require.ErrorIs(t, err, account.ErrScopesMissing)
	_, err = make(account.Owner, new(0), account.PeopleRead)
	require.ErrorIs(t, err, account.ErrExpiryInvalid)
}

func TestATokensTextNamesItsOrganization(t *testing.T) {
	t.Parallel()
	token := account.APIToken{OrgID: id.New[account.Organization]()}
	text := token.Seal("secretsecretsecretsecret1234", func(s string) []byte { return []byte(s) })
	org, ok := account.TokenOrganization(text)
	require.True(t, ok)
	require.Equal(t, token.OrgID.UUID, org)
	require.Equal(t, "1234", token.Hint)
	require.Equal(t, text, string(token.TokenHash))
	for _, bad := range []string{"", "trib_", "trib_short", text[5:], text[:27], "trib_!!!!!!!!!!!!!!!!!!!!!!secret", text + strings.Repeat("x", 200)} {
		_, ok := account.TokenOrganization(bad)
		require.False(t, ok, bad)
	}
}

func TestTheScopesLeaveOutTheKeysToTheHouse(t *testing.T) {
	t.Parallel()
	require.NotContains(t, account.Scopes(), account.TeamManage)
	require.NotContains(t, account.Scopes(), account.TokensManage)
	require.NotContains(t, account.Scopes(), account.OrganizationManage)
	for _, role := range account.Roles {
		require.True(t, role.Valid())
		require.NotEmpty(t, role.Permissions())
	}
	require.Empty(t, account.Role("emperor").Permissions())
}
