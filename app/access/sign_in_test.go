package access_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

func TestSignInOpensASession(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	river := f.found(t, olga, "riverbend")
	f.clock.Advance(time.Hour)
	harbor := f.found(t, olga, "harbor")

	in, err := f.signIn(t, " Olga@Riverbend.example ", password)
	require.NoError(t, err)
	require.Equal(t, olga.ID, in.Login.ID)
	require.Len(t, in.Memberships, 2)
	require.Equal(t, []string{"riverbend", "harbor"}, []string{in.Memberships[0].Organization.Slug, in.Memberships[1].Organization.Slug})
	require.Equal(t, f.clock.Now().Add(account.SessionLife), in.ExpiresAt)

	who, csrf, err := f.authenticate(t, in.Cookie, "riverbend")
	require.NoError(t, err)
	require.Equal(t, in.CSRFToken, csrf)
	require.Equal(t, actor.Actor{
		Kind: actor.KindLogin, ID: olga.ID.UUID, OrgID: river.ID.UUID, Role: "owner", Permissions: account.Permissions(account.Owner.Permissions()).Texts(),
	}, who)
	who, _, err = f.authenticate(t, in.Cookie, "harbor")
	require.NoError(t, err)
	require.Equal(t, harbor.ID.UUID, who.OrgID)
	who, _, err = f.authenticate(t, in.Cookie, "")
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, who.OrgID)
	require.Empty(t, who.Permissions)

	require.Equal(t, []string{"login.created", "login.organization_joined", "login.organization_joined", "login.signed_in"}, f.loginEvents(t, olga))
	again, err := f.Session(t.Context(), olga.ID, csrf)
	require.NoError(t, err)
	require.Equal(t, in.Memberships, again.Memberships)
	require.Empty(t, again.Cookie)
}

func TestNoSecretIsStoredReadable(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	in, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.Empty(t, column[string](t, f, uuid.Nil, `SELECT 'session' FROM sessions s WHERE s::text LIKE '%' || $1 || '%'
		OR encode(token_hash, 'escape') LIKE '%' || $1 || '%'`, in.Cookie))
	require.Regexp(t, `^\$argon2id\$v=19\$m=128,t=2,p=1\$`, column[string](t, f, uuid.Nil, `SELECT password_hash FROM logins WHERE id = $1`, olga.ID)[0])
}

func TestAWrongPasswordAndAnUnknownEmailAreRefusedAlike(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.login(t, "olga")
	for attempt := range account.MaxFailedSignIns + 3 {
		want := error(account.ErrWrongCredentials)
		if attempt >= account.MaxFailedSignIns {
			want = account.ErrLocked
		}
		_, known := f.signIn(t, "olga@riverbend.example", "not the password")
		_, unknown := f.signIn(t, "nobody@riverbend.example", "not the password")
		require.ErrorIs(t, known, want)
		require.ErrorIs(t, unknown, want)
		require.Equal(t, known, unknown)
	}
	_, err := f.signIn(t, "not an address", password)
	require.ErrorIs(t, err, account.ErrWrongCredentials)
}

func TestALockedLoginStaysOutAndItsOwnerIsTold(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	for range account.MaxFailedSignIns + 5 {
		_, err := f.signIn(t, olga.Email, "not the password")
		require.Error(t, err)
	}
	_, err := f.signIn(t, olga.Email, password)
	require.ErrorIs(t, err, account.ErrLocked, "not even with the right password")
	mails := f.loginMails(t, olga.Email)
	require.Len(t, mails, 1)
	require.Contains(t, mails[0], "https://give.example/app/forgot-password")
	require.Equal(t, []string{"login.created", "login.locked"}, f.loginEvents(t, olga))

	f.clock.Advance(account.LockDuration)
	_, err = f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.Equal(t, []int64{0}, column[int64](t, f, uuid.Nil, `SELECT failed_sign_ins FROM logins WHERE id = $1`, olga.ID))
}

func TestFiftyParallelGuessesGetTenAnswers(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	answers := map[string]int{}
	for _, err := range together(50, func(int) error {
		_, err := f.signIn(t, olga.Email, "not the password")
		return err
	}) {
		var refused *fault.Error
		require.ErrorAs(t, err, &refused)
		answers[refused.Code]++
	}
	require.Equal(t, map[string]int{"login.wrong_credentials": account.MaxFailedSignIns, "login.locked": 50 - account.MaxFailedSignIns}, answers)
	require.Len(t, f.loginMails(t, olga.Email), 1)
}

func TestAddressesAreLimited(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.exec(t, `INSERT INTO rate_limits (key, window_start, hits, expires_at) SELECT 'x', now(), 0, now()`)
	_, err := f.signIn(t, "olga@riverbend.example", "first")
	require.ErrorIs(t, err, account.ErrWrongCredentials)
	f.exec(t, `UPDATE rate_limits SET hits = 300 WHERE key LIKE 'sign-in:%'`)
	_, err = f.signIn(t, "otto@riverbend.example", "second")
	require.Equal(t, fault.KindRateLimited, fault.KindOf(err))
}

func TestSessionsEndIdleAbsolutelyAndBySignOut(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	in, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)

	for range 4 { // used every 11 hours it lives on
		f.clock.Advance(11 * time.Hour)
		_, _, err = f.authenticate(t, in.Cookie, "")
		require.NoError(t, err)
	}
	f.clock.Advance(account.SessionIdle)
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))

	in, err = f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	for range 60 {
		f.clock.Advance(12*time.Hour - time.Minute)
		_, _, err = f.authenticate(t, in.Cookie, "")
		require.NoError(t, err)
	}
	f.clock.Advance(time.Hour) // to the day, thirty days after sign-in
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))

	in, err = f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.NoError(t, f.SignOut(as(t, olga, account.Organization{}, ""), olga.ID, in.Cookie))
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
	require.NoError(t, f.SignOut(as(t, olga, account.Organization{}, ""), olga.ID, in.Cookie), "twice is fine")
}

func TestLastSeenIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	in, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	seen := func() time.Time { return column[time.Time](t, f, uuid.Nil, `SELECT last_seen_at FROM sessions`)[0] }
	signedIn := f.clock.Now()
	f.clock.Advance(account.SessionTouch - time.Second)
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.NoError(t, err)
	require.Equal(t, signedIn, seen())
	f.clock.Advance(time.Second)
	_, _, err = f.authenticate(t, in.Cookie, "")
	require.NoError(t, err)
	require.Equal(t, f.clock.Now(), seen())
}

func TestSignOutEverywhereEndsEverySessionOfOneLogin(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, otto := f.login(t, "olga"), f.login(t, "otto")
	first, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	second, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	other, err := f.signIn(t, otto.Email, password)
	require.NoError(t, err)
	require.NoError(t, f.SignOutEverywhere(as(t, olga, account.Organization{}, ""), olga.ID))
	for _, cookie := range []string{first.Cookie, second.Cookie, "", "made up"} {
		_, _, err = f.authenticate(t, cookie, "")
		require.Equal(t, fault.KindUnauthenticated, fault.KindOf(err))
	}
	_, _, err = f.authenticate(t, other.Cookie, "")
	require.NoError(t, err)
}

func TestAnotherOrganizationIsNotFound(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, otto := f.login(t, "olga"), f.login(t, "otto")
	f.found(t, olga, "riverbend")
	f.found(t, otto, "harbor")
	in, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	for _, slug := range []string{"harbor", "never-founded", "RIVERBEND", "' OR true --"} {
		_, _, err = f.authenticate(t, in.Cookie, slug)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err), slug)
	}
}

func TestARoleThatEndedEndsAtOnce(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	river := f.found(t, olga, "riverbend")
	vic := f.member(t, river, "vic", account.Finance)
	in, err := f.signIn(t, vic.Email, password)
	require.NoError(t, err)
	require.NoError(t, f.ChangeRole(as(t, olga, river, account.Owner), vic.ID, account.Viewer))
	who, _, err := f.authenticate(t, in.Cookie, "riverbend")
	require.NoError(t, err)
	require.False(t, who.May(string(account.DonationsRefund)))
	require.NoError(t, f.RemoveMember(as(t, olga, river, account.Owner), vic.ID))
	_, _, err = f.authenticate(t, in.Cookie, "riverbend")
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestAnOldHashIsMadeAnewAtSignIn(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	f.exec(t, `UPDATE logins SET password_hash = $2 WHERE id = $1`, olga.ID, weakHash(password))
	_, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=128,t=2,p=1\$`, column[string](t, f, uuid.Nil, `SELECT password_hash FROM logins WHERE id = $1`, olga.ID)[0])
	require.Contains(t, f.loginEvents(t, olga), "login.password_rehashed")
	_, err = f.signIn(t, olga.Email, password)
	require.NoError(t, err)
}

func TestALoginWithoutAPasswordCannotSignIn(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	f.exec(t, `UPDATE logins SET password_hash = NULL WHERE id = $1`, olga.ID)
	_, err := f.signIn(t, olga.Email, "")
	require.ErrorIs(t, err, account.ErrWrongCredentials)
}

func TestCreateLoginRefusesATakenEmailAndAWeakPassword(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.login(t, "olga")
	_, err := f.CreateLogin(t.Context(), account.LoginDetails{Name: "Other", Email: "OLGA@riverbend.example"}, password)
	require.ErrorIs(t, err, account.ErrEmailTaken)
	_, err = f.CreateLogin(t.Context(), account.LoginDetails{Name: "", Email: "otto@riverbend.example"}, "short")
	require.Equal(t, map[string]string{"name": "text.required", "password": "password.too_short"}, codes(t, err))
	operator, err := f.CreateLogin(t.Context(), account.LoginDetails{Name: "Op", Email: "op@riverbend.example", Operator: true}, password)
	require.NoError(t, err)
	in, err := f.signIn(t, operator.Email, password)
	require.NoError(t, err)
	who, _, err := f.authenticate(t, in.Cookie, "")
	require.NoError(t, err)
	require.True(t, who.Operator)
}

func TestSweepKeepsWhatStillWorks(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	_, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	f.clock.Advance(8 * 24 * time.Hour)
	live, err := f.signIn(t, olga.Email, password)
	require.NoError(t, err)
	require.NoError(t, f.RequestPasswordReset(t.Context(), olga.Email, browser.IP))
	require.NoError(t, f.Sweep(t.Context()))
	require.Len(t, column[time.Time](t, f, uuid.Nil, `SELECT created_at FROM sessions`), 1)
	require.Len(t, column[time.Time](t, f, uuid.Nil, `SELECT created_at FROM login_tokens`), 1)
	_, _, err = f.authenticate(t, live.Cookie, "")
	require.NoError(t, err)
}
