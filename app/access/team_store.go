package access

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
)

// ownOrganization is the tenant of the transaction. Row level security asks for the same; written out, it finds the index.
const ownOrganization = `nullif(current_setting('app.org_id', true), '')::uuid`

// lockTeam reads every membership so that no role changes meanwhile; in one order, so that two such transactions queue instead of
// deadlocking.
func lockTeam(ctx context.Context, tx database.Tx) (account.Team, error) {
	team, err := gorm.G[account.Membership](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where("org_id = " + ownOrganization).Order("login_id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock team: %w", err)
	}
	return team, nil
}

func listMembers(ctx context.Context, r database.Reader) ([]Member, error) {
	var members []Member
	err := r.Gorm(ctx).Raw(`SELECT m.*, l.name, l.email FROM memberships m JOIN logins l ON l.id = m.login_id
		WHERE m.org_id = ` + ownOrganization + ` ORDER BY lower(l.name), l.id`).Scan(&members).Error
	if err != nil {
		return nil, fmt.Errorf("list team: %w", err)
	}
	return members, nil
}

// lockMembership holds one membership still while something is decided on its role.
func lockMembership(ctx context.Context, tx database.Tx, loginID id.ID[account.Login]) (account.Membership, error) {
	m, err := gorm.G[account.Membership](tx.Gorm(ctx), clause.Locking{Strength: "SHARE"}).
		Where("org_id = "+ownOrganization+" AND login_id = ?", loginID).Take(ctx)
	if database.IsNoRows(err) {
		return account.Membership{}, account.ErrNoMember
	}
	if err != nil {
		return account.Membership{}, fmt.Errorf("lock membership: %w", err)
	}
	return m, nil
}

func insertMembership(ctx context.Context, tx database.Tx, m account.Membership) error {
	if err := gorm.G[account.Membership](tx.Gorm(ctx)).Create(ctx, &m); err != nil {
		if database.Constraint(err) == "memberships_pkey" {
			return account.ErrAlreadyMember
		}
		return fmt.Errorf("insert membership: %w", err)
	}
	return nil
}

func queueRole(tx database.Tx, loginID id.ID[account.Login], role account.Role) {
	tx.Queue(`UPDATE memberships SET role = $2 WHERE org_id = `+ownOrganization+` AND login_id = $1`, []any{loginID, string(role)}, nil)
}

func queueRemoval(tx database.Tx, loginID id.ID[account.Login]) {
	tx.Queue(`DELETE FROM memberships WHERE org_id = `+ownOrganization+` AND login_id = $1`, []any{loginID}, nil)
}

func insertInvitation(ctx context.Context, tx database.Tx, i account.Invitation) error {
	if err := gorm.G[account.Invitation](tx.Gorm(ctx)).Create(ctx, &i); err != nil {
		if database.Constraint(err) == "invitations_open_key" {
			return account.ErrAlreadyInvited
		}
		return fmt.Errorf("insert invitation: %w", err)
	}
	return nil
}

func isMember(ctx context.Context, r database.Reader, emailNormalized string) (bool, error) {
	var found bool
	err := r.QueryRow(ctx, `SELECT EXISTS (SELECT FROM memberships m JOIN logins l ON l.id = m.login_id
		WHERE m.org_id = `+ownOrganization+` AND l.email_normalized = $1)`, emailNormalized).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for member: %w", err)
	}
	return found, nil
}

// queueExpireInvitation closes an invitation that ran out, so that the same e-mail can be invited again.
func queueExpireInvitation(tx database.Tx, emailNormalized string, now time.Time) {
	tx.Queue(`UPDATE invitations SET revoked_at = $2 WHERE org_id = `+ownOrganization+` AND email_normalized = $1
		AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $2`, []any{emailNormalized, now}, nil)
}

const openInvitations = "org_id = " + ownOrganization + " AND accepted_at IS NULL AND revoked_at IS NULL"

func listOpenInvitations(ctx context.Context, r database.Reader, now time.Time) ([]account.Invitation, error) {
	return invitations(gorm.G[account.Invitation](r.Gorm(ctx)).
		Where(openInvitations+" AND expires_at > ?", now).Order("created_at DESC, id DESC").Find(ctx))
}

// lockInvitationsBy locks what it returns, so that none is accepted while it is decided on.
func lockInvitationsBy(ctx context.Context, tx database.Tx, login id.ID[account.Login]) ([]account.Invitation, error) {
	return invitations(gorm.G[account.Invitation](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where(openInvitations+" AND invited_by = ?", login).Order("id").Find(ctx))
}

func invitations(found []account.Invitation, err error) ([]account.Invitation, error) {
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return found, nil
}

func findInvitation(ctx context.Context, r database.Reader, hash []byte) (account.Invitation, error) {
	return invitation(gorm.G[account.Invitation](r.Gorm(ctx)).Where("org_id = "+ownOrganization+" AND token_hash = ?", hash).Take(ctx))
}

func lockInvitation(ctx context.Context, tx database.Tx, where string, key any) (account.Invitation, error) {
	return invitation(gorm.G[account.Invitation](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where("org_id = "+ownOrganization+" AND "+where, key).Take(ctx))
}

func invitation(i account.Invitation, err error) (account.Invitation, error) {
	if database.IsNoRows(err) {
		return account.Invitation{}, account.ErrInvitationInvalid
	}
	if err != nil {
		return account.Invitation{}, fmt.Errorf("find invitation: %w", err)
	}
	return i, nil
}

func queueInvitationState(tx database.Tx, i account.Invitation) {
	tx.Queue(`UPDATE invitations SET accepted_at = $2, revoked_at = $3 WHERE org_id = `+ownOrganization+` AND id = $1`,
		[]any{i.ID, i.AcceptedAt, i.RevokedAt}, nil)
}
