package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/access"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// invited returns an organization with its owner, and the secret of an invitation to nora.
func (f *fixture) invited(t *testing.T, role account.Role) (account.Organization, account.Login, string) {
	t.Helper()
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	_, err := f.Invite(as(t, olga, o, account.Owner), "Nora@riverbend.example", role)
	require.NoError(t, err)
	mails := f.mails(t, o, "Nora@riverbend.example")
	require.Len(t, mails, 1)
	return o, olga, secretOf(t, mails[0])
}

func (f *fixture) accept(t *testing.T, secret, name, password string) (access.SignedIn, error) {
	t.Helper()
	return f.Accept(t.Context(), access.AcceptInput{Secret: secret, Name: name, Password: password, Browser: browser})
}

func TestANewcomerAcceptsAndIsSignedIn(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, olga, secret := f.invited(t, account.Fundraiser)
	v, err := f.Invitation(t.Context(), secret)
	require.NoError(t, err)
	require.False(t, v.LoginExists)
	require.Equal(t, []string{"riverbend", "Nora@riverbend.example", "fundraiser"}, []string{v.Organization.Name, v.Invitation.Email, string(v.Invitation.Role)})

	in, err := f.accept(t, secret, "Nora", password)
	require.NoError(t, err)
	require.Len(t, in.Memberships, 1)
	who, _, err := f.authenticate(t, in.Cookie, "riverbend")
	require.NoError(t, err)
	require.Equal(t, "fundraiser", who.Role)
	_, err = f.signIn(t, "nora@riverbend.example", password)
	require.NoError(t, err)
	require.Equal(t, []string{"organization.founded", "member.invited", "member.joined"}, f.auditEvents(t, o))
	require.Equal(t, []string{"login.created", "login.organization_joined", "login.signed_in", "login.signed_in"}, f.loginEvents(t, in.Login))
	team, err := f.Team(as(t, olga, o, account.Owner))
	require.NoError(t, err)
	require.Len(t, team.Members, 2)
	require.Empty(t, team.Invitations)
}

func TestTheLinkWorksOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, secret := f.invited(t, account.Viewer)
	_, err := f.accept(t, secret, "Nora", password)
	require.NoError(t, err)
	_, err = f.accept(t, secret, "Nora", password)
	require.ErrorIs(t, err, account.ErrInvitationInvalid)
	_, err = f.Invitation(t.Context(), secret)
	require.ErrorIs(t, err, account.ErrInvitationInvalid)
}

func TestAcceptedTwiceAtOnceJoinsOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, olga, secret := f.invited(t, account.Viewer)
	won := 0
	for _, err := range together(4, func(int) error {
		_, err := f.accept(t, secret, "Nora", password)
		return err
	}) {
		if err == nil {
			won++
		}
	}
	require.Equal(t, 1, won)
	require.Len(t, f.roles(t, olga, o), 2)
}

func TestALoginThatExistsAcceptsWithItsPasswordOnly(t *testing.T) {
	t.Parallel()
	f := start(t)
	nora := f.login(t, "nora")
	o, olga, secret := f.invited(t, account.Finance)
	v, err := f.Invitation(t.Context(), secret)
	require.NoError(t, err)
	require.True(t, v.LoginExists)
	_, err = f.accept(t, secret, "Someone Else", "another fine password")
	require.ErrorIs(t, err, account.ErrWrongCredentials)
	in, err := f.accept(t, secret, "Someone Else", password)
	require.NoError(t, err)
	require.Equal(t, []string{nora.ID.String(), "nora"}, []string{in.Login.ID.String(), in.Login.Name})
	require.Equal(t, map[id.ID[account.Login]]account.Role{olga.ID: account.Owner, nora.ID: account.Finance}, f.roles(t, olga, o))
}

func TestANewcomersBadInputIsNamedAndTheLinkStaysGood(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, _, secret := f.invited(t, account.Viewer)
	_, err := f.accept(t, secret, " ", "Nora1234567890")
	require.Equal(t, map[string]string{"name": "text.required", "password": "password.is_email"}, codes(t, err))
	_, err = f.accept(t, secret, "Nora", password)
	require.NoError(t, err)
}

func TestLinksThatOpenNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, olga, secret := f.invited(t, account.Viewer)
	other := f.found(t, olga, "harbor")
	moved := access.InvitationSecret(other.ID.UUID) // an organization's id is no secret
	for _, bad := range []string{"", "x", strings.Repeat("a", 65), moved, moved[:22] + secret[22:], secret + "x", secret[:64] + "!"} {
		_, err := f.Invitation(t.Context(), bad)
		require.ErrorIs(t, err, account.ErrInvitationInvalid, bad)
		_, err = f.accept(t, bad, "Nora", password)
		require.ErrorIs(t, err, account.ErrInvitationInvalid, bad)
	}
	team, err := f.Team(as(t, olga, o, account.Owner))
	require.NoError(t, err)
	require.NoError(t, f.RevokeInvitation(as(t, olga, o, account.Owner), team.Invitations[0].ID))
	_, err = f.accept(t, secret, "Nora", password)
	require.ErrorIs(t, err, account.ErrInvitationInvalid)
	err = f.RevokeInvitation(as(t, olga, o, account.Owner), team.Invitations[0].ID)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestAnotherOrganizationCannotWithdrawAnInvitation(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, olga, secret := f.invited(t, account.Viewer)
	zoe := f.login(t, "zoe")
	harbor := f.found(t, zoe, "harbor")
	team, err := f.Team(as(t, olga, o, account.Owner))
	require.NoError(t, err)
	err = f.RevokeInvitation(as(t, zoe, harbor, account.Owner), team.Invitations[0].ID)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	_, err = f.Invitation(t.Context(), secret)
	require.NoError(t, err)
}

func TestAnInvitationEndsAfterAWeekAndCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, olga, secret := f.invited(t, account.Viewer)
	ctx := as(t, olga, o, account.Owner)
	_, err := f.Invite(ctx, "NORA@riverbend.example", account.Admin)
	require.ErrorIs(t, err, account.ErrAlreadyInvited)
	f.clock.Advance(account.InvitationLife)
	_, err = f.accept(t, secret, "Nora", password)
	require.ErrorIs(t, err, account.ErrInvitationInvalid)
	_, err = f.Invite(ctx, "nora@riverbend.example", account.Admin)
	require.NoError(t, err)
	_, err = f.accept(t, secretOf(t, f.mails(t, o, "nora@riverbend.example")[0]), "Nora", password)
	require.NoError(t, err)
	_, err = f.Invite(ctx, "nora@riverbend.example", account.Admin)
	require.ErrorIs(t, err, account.ErrAlreadyMember)
	_, err = f.Invite(ctx, "nowhere", "emperor")
	require.Equal(t, map[string]string{"email": "email.invalid", "role": "team.role_unknown"}, codes(t, err))
}

func TestAnInvitationsSecretIsForgottenOnceSentAndNeverStored(t *testing.T) {
	t.Parallel()
	f := start(t)
	o, _, secret := f.invited(t, account.Viewer)
	require.Equal(t, []bool{true}, column[bool](t, f, o.ID.UUID, `SELECT secret FROM messages`))
	require.Empty(t, column[string](t, f, o.ID.UUID, `SELECT 'found' FROM invitations i WHERE i::text LIKE '%' || $1 || '%'`, secret))
}

func TestAResetLinkSetsANewPasswordOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	in, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	for range account.MaxFailedSignIns {
		_, err = f.signIn(t, olga.Email, "forgotten")
		require.ErrorIs(t, err, account.ErrWrongCredentials)
	}
	require.NoError(t, f.RequestPasswordReset(t.Context(), " OLGA@riverbend.example", browser.IP))
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	mails := f.loginMails(t, olga.Email)
	require.Len(t, mails, 3, "locked, and two links")
	first, second := secretOf(t, mails[1]), secretOf(t, mails[2])

	require.ErrorIs(t, f.ResetPassword(t.Context(), first, "short"), account.ErrPasswordShort)
	const fresh = "a ferry under the bridge"
	require.NoError(t, f.ResetPassword(t.Context(), first, fresh))
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err), "every session has ended")
	_, err = f.signIn(t, olga.Email, password)
	require.ErrorIs(t, err, account.ErrWrongCredentials)
	_, err = f.signIn(t, olga.Email, fresh)
	require.NoError(t, err, "the lock is lifted")
	require.ErrorIs(t, f.ResetPassword(t.Context(), first, password), account.ErrResetLinkInvalid)
	require.ErrorIs(t, f.ResetPassword(t.Context(), second, password), account.ErrResetLinkInvalid, "the other link has ended too")
	require.Equal(t, []string{
		"login.created", "login.signed_in", "login.locked", "login.password_reset_requested", "login.password_reset_requested", "login.password_reset",
		"login.signed_in",
	}, f.loginEvents(t, olga))
}

func TestAResetLinkEndsAfterHalfAnHour(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	secret := secretOf(t, f.loginMails(t, olga.Email)[0])
	f.clock.Advance(account.ResetTokenLife)
	require.ErrorIs(t, f.ResetPassword(t.Context(), secret, "a ferry under the bridge"), account.ErrResetLinkInvalid)
	require.ErrorIs(t, f.ResetPassword(t.Context(), "made up", "a ferry under the bridge"), account.ErrResetLinkInvalid)
}

func TestAResetLinkUsedTwiceAtOnceWorksOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	secret := secretOf(t, f.loginMails(t, olga.Email)[0])
	passwords := []string{"a ferry under the bridge", "a bridge over the ferry", "neither ferry nor bridge"}
	errs := together(len(passwords), func(i int) error { return f.ResetPassword(t.Context(), secret, passwords[i]) })
	won := -1
	for i, err := range errs {
		if err == nil {
			require.Equal(t, -1, won, "more than one won")
			won = i
			continue
		}
		require.ErrorIs(t, err, account.ErrResetLinkInvalid)
	}
	_, err := f.signIn(t, olga.Email, passwords[won])
	require.NoError(t, err)
}

func TestAskingForAResetNeverTellsWhoHasALogin(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.login(t, "olga")
	for attempt := range 7 {
		known := f.RequestPasswordReset(t.Context(), "olga@riverbend.example", browser.IP)
		unknown := f.RequestPasswordReset(t.Context(), "nobody@riverbend.example", browser.IP)
		require.Equal(t, known, unknown)
		require.Equal(t, attempt >= 5, known != nil)
	}
	require.Len(t, f.loginMails(t, "olga@riverbend.example"), 5)
	require.Empty(t, f.loginMails(t, "nobody@riverbend.example"))
	require.Empty(t, column[string](t, f, uuid.Nil, `SELECT to_email FROM login_messages WHERE to_email <> 'olga@riverbend.example'`))
	require.ErrorIs(t, f.RequestPasswordReset(t.Context(), "nobody", browser.IP), account.ErrEmailInvalid)
	f.clock.Advance(time.Hour)
	require.NoError(t, f.RequestPasswordReset(t.Context(), "olga@riverbend.example", browser.IP))
}

func TestASignInThatRacesAResetLeavesNoSessionOfTheOldPassword(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	secret := secretOf(t, f.loginMails(t, olga.Email)[0])
	errs := together(6, func(i int) error {
		if i == 0 {
			return f.ResetPassword(t.Context(), secret, "a ferry under the bridge")
		}
		_, err := f.signIn(t, olga.Email, password)
		return err
	})
	require.NoError(t, errs[0])
	require.Empty(t, column[string](t, f, uuid.Nil, `SELECT ip FROM sessions`))
}

func TestHostileNamesStayTextInMails(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, err := f.CreateLogin(t.Context(), account.LoginDetails{Name: `Olga"><script>alert(1)</script>`, Email: "olga@riverbend.example"}, password)
	require.NoError(t, err)
	o, err := f.Found(as(t, olga, account.Organization{}, ""), olga.ID, account.OrganizationDetails{
		Name: "<b>Trust</b> & Sons", Kind: account.Nonprofit, Slug: "trust",
	})
	require.NoError(t, err)
	_, err = f.Invite(as(t, olga, o, account.Owner), "nora@riverbend.example", account.VolunteerCoordinator)
	require.NoError(t, err)
	html := column[string](t, f, o.ID.UUID, `SELECT html_body FROM messages`)[0]
	require.NotContains(t, html, "<script>")
	require.NotContains(t, html, "<b>Trust")
	require.Contains(t, html, "volunteer coordinator")
	require.Equal(t, []string{`Olga"><script>alert(1)</script> invites you to <b>Trust</b> & Sons`}, column[string](t, f, o.ID.UUID, `SELECT subject FROM messages`))
	require.Contains(t, f.mails(t, o, "nora@riverbend.example")[0], "November 29, 2026")
}
