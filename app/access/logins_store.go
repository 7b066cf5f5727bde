package access

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
)

func insertLogin(ctx context.Context, tx database.Tx, l *account.Login) error {
	if err := gorm.G[account.Login](tx.Gorm(ctx)).Create(ctx, l); err != nil {
		if database.Constraint(err) == "logins_email_normalized_key" {
			return account.ErrEmailTaken
		}
		return fmt.Errorf("insert login: %w", err)
	}
	return nil
}

// findLoginByEmail returns nil when nobody has the e-mail.
func findLoginByEmail(ctx context.Context, r database.Reader, normalized string) (*account.Login, error) {
	l, err := gorm.G[account.Login](r.Gorm(ctx)).Where("email_normalized = ?", normalized).Take(ctx)
	if database.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find login by e-mail: %w", err)
	}
	return &l, nil
}

func findLogin(ctx context.Context, r database.Reader, loginID id.ID[account.Login]) (account.Login, error) {
	l, err := gorm.G[account.Login](r.Gorm(ctx)).Where("id = ?", loginID).Take(ctx)
	if err != nil {
		return account.Login{}, fmt.Errorf("find login: %w", err)
	}
	return l, nil
}

// lockLogin reads a login so that its counters and password can be changed by nobody else meanwhile.
func lockLogin(ctx context.Context, tx database.Tx, loginID id.ID[account.Login]) (account.Login, error) {
	l, err := gorm.G[account.Login](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", loginID).Take(ctx)
	if err != nil {
		return account.Login{}, fmt.Errorf("lock login: %w", err)
	}
	return l, nil
}

// saveCredentials stores what a sign-in or a new password changes.
func saveCredentials(tx database.Tx, l account.Login) {
	tx.Queue(`UPDATE logins SET password_hash = $2, password_changed_at = $3, failed_sign_ins = $4, locked_until = $5 WHERE id = $1`,
		[]any{l.ID, l.PasswordHash, l.PasswordChangedAt, l.FailedSignIns, l.LockedUntil}, nil)
}

// recordLoginEvent adds a line to a login's history; who asked comes from ctx. Without an actor, as at sign-in, it is the login itself.
func recordLoginEvent(ctx context.Context, tx database.Tx, e account.LoginEvent) {
	who := actor.From(ctx)
	if who.Kind == actor.KindNobody && e.Action == account.LoginSignedIn {
		who.Kind, who.ID = actor.KindLogin, e.LoginID.UUID
	}
	e.ActorKind, e.RequestID = string(who.Kind), who.RequestID
	if who.Kind == actor.KindLogin {
		e.ActorID = &who.ID
	}
	tx.Queue(`INSERT INTO login_events (login_id, action, actor_kind, actor_id, request_id, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		[]any{e.LoginID, e.Action, e.ActorKind, e.ActorID, e.RequestID, e.At}, nil)
}

func queueLoginToken(tx database.Tx, t account.LoginToken) {
	tx.Queue(`INSERT INTO login_tokens (token_hash, login_id, purpose, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		[]any{t.TokenHash, t.LoginID, string(t.Purpose), t.CreatedAt, t.ExpiresAt}, nil)
}

// findResetLogin returns the login that a live link belongs to.
func findResetLogin(ctx context.Context, r database.Reader, hash []byte, now time.Time) (account.Login, error) {
	var l account.Login
	err := r.Gorm(ctx).Raw(`SELECT l.* FROM login_tokens t JOIN logins l ON l.id = t.login_id
		WHERE t.token_hash = ? AND t.purpose = ? AND t.used_at IS NULL AND t.expires_at > ?`, hash, account.PasswordReset, now).Take(&l).Error
	if database.IsNoRows(err) {
		return account.Login{}, account.ErrResetLinkInvalid
	}
	if err != nil {
		return account.Login{}, fmt.Errorf("find password reset: %w", err)
	}
	return l, nil
}

// claimResetToken uses a link up: of two that try at once, one gets ErrResetLinkInvalid.
func claimResetToken(ctx context.Context, tx database.Tx, hash []byte, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE login_tokens SET used_at = $2
		WHERE token_hash = $1 AND purpose = 'password_reset' AND used_at IS NULL AND expires_at > $2`, hash, now)
	if err != nil {
		return fmt.Errorf("claim password reset: %w", err)
	}
	if n == 0 {
		return account.ErrResetLinkInvalid
	}
	return nil
}

// queueSpendTokens uses up every other open link of the login.
func queueSpendTokens(tx database.Tx, loginID id.ID[account.Login], now time.Time) {
	tx.Queue(`UPDATE login_tokens SET used_at = $2 WHERE login_id = $1 AND used_at IS NULL`, []any{loginID, now}, nil)
}
