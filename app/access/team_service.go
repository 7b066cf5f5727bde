package access

import (
	"context"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/id"
)

// Member is someone on a team, with what the team may know of their login.
type Member struct {
	account.Membership
	Name  string
	Email string
}

// TeamView is a team and the invitations that are still open.
type TeamView struct {
	Members     []Member
	Invitations []account.Invitation
}

// Team lists who works for the actor's organization.
func (s *Service) Team(ctx context.Context) (TeamView, error) {
	var v TeamView
	err := s.db.Read(ctx, database.Tenant(actor.From(ctx).OrgID), func(r database.Reader) (err error) {
		if v.Members, err = listMembers(ctx, r); err != nil {
			return err
		}
		v.Invitations, err = listOpenInvitations(ctx, r, s.now())
		return err
	})
	return v, err
}

// ChangeRole gives a member another role. What they could hand out or hold only with the old one ends with it: open invitations to roles they
// may no longer give, and API tokens with scopes they no longer have.
func (s *Service) ChangeRole(ctx context.Context, target id.ID[account.Login], role account.Role) error {
	by := actor.From(ctx)
	return s.db.InTx(ctx, database.Tenant(by.OrgID), func(tx database.Tx) error {
		team, err := lockTeam(ctx, tx)
		if err != nil {
			return err
		}
		if err := team.CheckRoleChange(id.From[account.Login](by.ID), target, role); err != nil {
			return err
		}
		member, _ := team.Member(target)
		if member.Role == role {
			return nil
		}
		queueRole(tx, member.LoginID, role)
		if err := s.trimTx(ctx, tx, target, role); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "member.role_changed", SubjectType: "login", SubjectID: target.UUID,
			Before: map[string]any{"role": member.Role}, After: map[string]any{"role": role},
		})
	})
}

// RemoveMember ends a membership, of someone else or one's own, and with it the open invitations and the API tokens that the member made.
func (s *Service) RemoveMember(ctx context.Context, target id.ID[account.Login]) error {
	by := actor.From(ctx)
	return s.db.InTx(ctx, database.Tenant(by.OrgID), func(tx database.Tx) error {
		team, err := lockTeam(ctx, tx)
		if err != nil {
			return err
		}
		if err := team.CheckRemoval(id.From[account.Login](by.ID), target); err != nil {
			return err
		}
		member, _ := team.Member(target)
		queueRemoval(tx, target)
		if err := s.trimTx(ctx, tx, target, ""); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "member.removed", SubjectType: "login", SubjectID: target.UUID, Before: map[string]any{"role": member.Role},
		})
	})
}

// trimTx ends what a login handed out and what its present role, or none, does not cover.
func (s *Service) trimTx(ctx context.Context, tx database.Tx, login id.ID[account.Login], role account.Role) error {
	invitations, err := lockInvitationsBy(ctx, tx, login)
	if err != nil {
		return err
	}
	mayInvite := account.Membership{Role: role}.MayManage()
	for _, i := range invitations {
		if mayInvite && role.MayGrant(i.Role) {
			continue
		}
		if err := s.revokeInvitationTx(ctx, tx, i); err != nil {
			return err
		}
	}
	tokens, err := lockTokensBy(ctx, tx, login)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if !t.Exceeds(role) {
			continue
		}
		if err := s.revokeTokenTx(ctx, tx, t); err != nil {
			return err
		}
	}
	return nil
}

// AddMember puts a login on a team without an invitation, for the command line and the demo.
func (s *Service) AddMember(ctx context.Context, m account.Membership) error {
	if !m.Role.Valid() {
		return account.ErrRoleUnknown
	}
	m.CreatedAt = s.now()
	return s.db.InTx(ctx, database.Tenant(m.OrgID.UUID), func(tx database.Tx) error {
		if err := s.joinTx(ctx, tx, m); err != nil {
			return err
		}
		return s.auditJoinTx(ctx, tx, m)
	})
}

// joinTx writes the membership, and the login's own line about it.
func (s *Service) joinTx(ctx context.Context, tx database.Tx, m account.Membership) error {
	if err := insertMembership(ctx, tx, m); err != nil {
		return err
	}
	recordLoginEvent(ctx, tx, account.LoginEvent{LoginID: m.LoginID, Action: account.LoginOrganizationJoined, At: s.now()})
	return nil
}

func (s *Service) auditJoinTx(ctx context.Context, tx database.Tx, m account.Membership) error {
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "member.joined", SubjectType: "login", SubjectID: m.LoginID.UUID, After: map[string]any{"role": m.Role},
	})
}
