package access

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
)

func queueSession(tx database.Tx, s account.Session) {
	tx.Queue(`INSERT INTO sessions (token_hash, login_id, csrf_token, user_agent, ip, created_at, last_seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		[]any{s.TokenHash, s.LoginID, s.CSRFToken, s.UserAgent, s.IP, s.CreatedAt, s.LastSeenAt, s.ExpiresAt}, nil)
}

// deleteSession reports whether there was one.
func deleteSession(ctx context.Context, tx database.Tx, hash []byte) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hash)
	if err != nil {
		return false, fmt.Errorf("delete session: %w", err)
	}
	return n > 0, nil
}

func queueDeleteSessions(tx database.Tx, loginID id.ID[account.Login]) {
	tx.Queue(`DELETE FROM sessions WHERE login_id = $1`, []any{loginID}, nil)
}

// touchSession moves the idle limit, unless another request just did.
func touchSession(ctx context.Context, tx database.Tx, hash []byte, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2`, hash, now)
	if err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// sweep deletes what no longer works. Used links are kept for a week, to answer questions.
func sweep(ctx context.Context, tx database.Tx, now time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2`, now, now.Add(-account.SessionIdle)); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM login_tokens WHERE expires_at <= $1`, now.AddDate(0, 0, -7)); err != nil {
		return fmt.Errorf("sweep login tokens: %w", err)
	}
	return nil
}

// holder is who holds a session, as session_actor of the first migration finds them.
type holder struct {
	session  account.Session
	operator bool
	orgID    *uuid.UUID // of the organization asked for; nil without a membership there
	role     *account.Role
}

// findHolder is one statement without a transaction: which scope to open is what it finds out.
func findHolder(ctx context.Context, db *database.DB, hash []byte, slug string) (*holder, error) {
	h := holder{session: account.Session{TokenHash: hash}}
	err := db.Pool().QueryRow(ctx, `SELECT login_id, operator, csrf_token, last_seen_at, expires_at, org_id, role FROM session_actor($1, $2)`,
		hash, slug).Scan(&h.session.LoginID, &h.operator, &h.session.CSRFToken, &h.session.LastSeenAt, &h.session.ExpiresAt, &h.orgID, &h.role)
	if database.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	return &h, nil
}

// keyHolder is an API token with its organization's slug.
type keyHolder struct {
	token account.APIToken
	slug  string
}

// findKeyHolder is findHolder for an API token.
func findKeyHolder(ctx context.Context, db *database.DB, orgID uuid.UUID, hash []byte) (*keyHolder, error) {
	var k keyHolder
	var scopes []string
	err := db.Pool().QueryRow(ctx, `SELECT id, slug, scopes, last_used_at, expires_at, revoked_at FROM token_actor($1, $2)`,
		orgID, hash).Scan(&k.token.ID, &k.slug, &scopes, &k.token.LastUsedAt, &k.token.ExpiresAt, &k.token.RevokedAt)
	if database.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find api token: %w", err)
	}
	k.token.OrgID = id.From[account.Organization](orgID)
	for _, s := range scopes {
		k.token.Scopes = append(k.token.Scopes, account.Permission(s))
	}
	return &k, nil
}
