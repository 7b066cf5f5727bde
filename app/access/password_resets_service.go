package access

import (
	"context"
	"time"

	"tributary/app/platform/database"
	"tributary/domain/account"
)

// How often new passwords may be asked for.
const (
	resetsPerIP    = 30
	resetsPerEmail = 5
	resetWindow    = time.Hour
)

// RequestPasswordReset mails a link to choose a new password to the login of the e-mail. Whether there is one is not told: nobody can ask
// who works here.
func (s *Service) RequestPasswordReset(ctx context.Context, email, ip string) error {
	_, normalized, err := account.NormalizeEmail(email)
	if err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, "password-reset-ip", ip, resetsPerIP, resetWindow); err != nil {
		return err
	}
	if err := s.limiter.Allow(ctx, "password-reset", normalized, resetsPerEmail, resetWindow); err != nil {
		return err
	}
	secret := newSecret()
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		login, err := findLoginByEmail(ctx, tx, normalized)
		if err != nil || login == nil {
			return err
		}
		queueLoginToken(tx, account.NewResetToken(hashOf(secret), login.ID, s.now()))
		recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: login.ID, Action: account.LoginPasswordRequested, At: s.now()})
		return s.mailResetTx(ctx, tx, *login, secret)
	})
}

// ResetPassword sets a new password with a mailed link, which works once. It lifts a lock, ends every session and uses up the login's other
// links.
func (s *Service) ResetPassword(ctx context.Context, secret, password string) error {
	hash := hashOf(secret)
	var login account.Login
	err := s.db.Read(ctx, database.Platform(), func(r database.Reader) (err error) {
		login, err = findResetLogin(ctx, r, hash, s.now())
		return err
	})
	if err != nil {
		return err
	}
	phc, err := s.newPassword(ctx, password, login.Email)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, database.Platform(), func(tx database.Tx) error {
		if err := claimResetToken(ctx, tx, hash, s.now()); err != nil {
			return err
		}
		l, err := lockLogin(ctx, tx, login.ID)
		if err != nil {
			return err
		}
		l.SetPassword(phc, s.now())
		saveCredentials(tx, l)
		queueSpendTokens(tx, l.ID, s.now())
		queueDeleteSessions(tx, l.ID)
		recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: l.ID, Action: account.LoginPasswordReset, At: s.now()})
		return nil
	})
}

// newPassword checks a password and hashes it.
func (s *Service) newPassword(ctx context.Context, password, email string) (string, error) {
	if err := account.CheckPassword(password, email); err != nil {
		return "", err
	}
	return s.passwords.hash(ctx, password)
}
