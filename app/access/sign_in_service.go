package access

import (
	"context"
	"strings"
	"time"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// How often an address may try to sign in. One e-mail is limited by the lock-out, known or not.
const (
	signInsPerIP = 300
	signInWindow = 15 * time.Minute
)

// SignInInput is what a sign-in takes.
type SignInInput struct {
	Email    string
	Password string
	Browser  account.Browser
}

// SignedIn is who a session belongs to and where they may go. Cookie is the session's secret, known only right after sign-in.
type SignedIn struct {
	Login       account.Login
	Memberships []Seat
	Cookie      string
	CSRFToken   string
	ExpiresAt   time.Time
}

// Seat is a membership with its organization.
type Seat struct {
	Organization account.Organization
	Role         account.Role
}

// SignIn opens a session. A wrong e-mail and a wrong password are refused alike and take alike, and after ten failures both are locked out
// for a quarter of an hour; the owner of a locked login gets a mail.
func (s *Service) SignIn(ctx context.Context, in SignInInput) (SignedIn, error) {
	if err := s.limiter.Allow(ctx, "sign-in", in.Browser.IP, signInsPerIP, signInWindow); err != nil {
		return SignedIn{}, err
	}
	checked, err := s.checkPassword(ctx, in.Email, in.Password)
	if err != nil {
		return SignedIn{}, err
	}
	cookie, secrets := newSessionSecrets()
	session := account.NewSession(checked.login.ID, secrets, in.Browser, s.now())
	err = s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return s.openSessionTx(ctx, tx, checked, session) })
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, checked.login.ID, session, cookie)
}

// checkedLogin is a login whose password was right a moment ago.
type checkedLogin struct {
	login  account.Login
	rehash string // the same password at today's cost; empty when the stored hash is of today
}

// checkPassword compares a password with the login of the e-mail and counts a failure.
func (s *Service) checkPassword(ctx context.Context, email, password string) (checkedLogin, error) {
	var login *account.Login
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		login, err = findLoginByEmail(ctx, r, lookup(email))
		return err
	})
	if err != nil {
		return checkedLogin{}, err
	}
	var hash *string
	if login != nil {
		hash = login.PasswordHash
	}
	ok, outdated, err := s.passwords.matches(ctx, password, hash)
	switch {
	case err != nil:
		return checkedLogin{}, err
	case login == nil:
		return checkedLogin{}, s.failedUnknown(ctx, email)
	case !ok:
		return checkedLogin{}, s.failedSignIn(ctx, login.ID)
	}
	checked := checkedLogin{login: *login}
	if outdated {
		checked.rehash, err = s.passwords.hash(ctx, password)
	}
	return checked, err
}

// lookup is the form of an e-mail that logins are found by; what is no e-mail finds none.
func lookup(email string) string {
	_, normalized, err := account.NormalizeEmail(email)
	if err != nil {
		return ""
	}
	return normalized
}

// failedSignIn counts under lock, so that of attempts in parallel no more than ten learn that their password was wrong.
func (s *Service) failedSignIn(ctx context.Context, loginID id.ID[account.Login]) error {
	answer := error(account.ErrWrongCredentials)
	err := s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		answer = account.ErrWrongCredentials
		l, err := lockLogin(ctx, tx, loginID)
		if err != nil {
			return err
		}
		if l.Locked(s.now()) {
			answer = account.ErrLocked
			return nil
		}
		locked := l.SignInFailed(s.now())
		saveCredentials(tx, l)
		if !locked {
			return nil
		}
		recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: l.ID, Action: account.LoginLocked, At: s.now()})
		return s.mailLockedTx(ctx, tx, l)
	})
	if err != nil {
		return err
	}
	return answer
}

// failedUnknown lets an e-mail without a login run into the same lock as one with a login.
func (s *Service) failedUnknown(ctx context.Context, email string) error {
	key := strings.ToLower(strings.TrimSpace(email))
	err := s.limiter.Allow(ctx, "sign-in-unknown", key, account.MaxFailedSignIns, account.LockDuration)
	switch {
	case fault.KindOf(err) == fault.KindRateLimited:
		return account.ErrLocked
	case err != nil:
		return err
	}
	return account.ErrWrongCredentials
}

// openSessionTx looks again under lock: since the password was compared the login may have been locked, or given another password.
func (s *Service) openSessionTx(ctx context.Context, tx database.Tx, checked checkedLogin, session account.Session) error {
	l, err := lockLogin(ctx, tx, checked.login.ID)
	if err != nil {
		return err
	}
	if l.Locked(s.now()) {
		return account.ErrLocked
	}
	if l.PasswordHash == nil || *l.PasswordHash != *checked.login.PasswordHash {
		return account.ErrWrongCredentials
	}
	l.SignedIn()
	if checked.rehash != "" {
		l.PasswordHash = &checked.rehash
		recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: l.ID, Action: account.LoginPasswordRehashed, At: s.now()})
	}
	saveCredentials(tx, l)
	queueSession(tx, session)
	recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: l.ID, Action: account.LoginSignedIn, At: s.now()})
	return nil
}

// Session returns who is signed in, for a page that was reloaded.
func (s *Service) Session(ctx context.Context, loginID id.ID[account.Login], csrfToken string) (SignedIn, error) {
	return s.signedIn(ctx, loginID, account.Session{CSRFToken: csrfToken}, "")
}

func (s *Service) signedIn(ctx context.Context, loginID id.ID[account.Login], session account.Session, cookie string) (SignedIn, error) {
	in := SignedIn{Cookie: cookie, CSRFToken: session.CSRFToken, ExpiresAt: session.ExpiresAt}
	err := s.db.Read(ctx, database.Login(loginID.UUID), func(r database.Reader) (err error) {
		if in.Login, err = findLogin(ctx, r, loginID); err != nil {
			return err
		}
		in.Memberships, err = listSeats(ctx, r, loginID)
		return err
	})
	return in, err
}

// SignOut ends the session of a cookie; one that has ended already is fine.
func (s *Service) SignOut(ctx context.Context, loginID id.ID[account.Login], cookie string) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		ended, err := deleteSession(ctx, tx, hashOf(cookie))
		if err == nil && ended {
			recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: loginID, Action: account.LoginSignedOut, At: s.now()})
		}
		return err
	})
}

// SignOutEverywhere ends every session of the login, this one too.
func (s *Service) SignOutEverywhere(ctx context.Context, loginID id.ID[account.Login]) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		queueDeleteSessions(tx, loginID)
		recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: loginID, Action: account.LoginSignedOutAll, At: s.now()})
		return nil
	})
}

// Sweep deletes sessions and mailed secrets that no longer work.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error { return sweep(ctx, tx, s.now()) })
}
