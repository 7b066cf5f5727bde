package access

import (
	"context"
	"errors"
	"time"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/audit"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// How many invitations an organization may mail.
const (
	invitationsPerOrganization = 100
	invitationWindow           = 24 * time.Hour
)

// inviter is who invites, for which organization, with which secret.
type inviter struct {
	login        account.Login
	organization account.Organization
	secret       string
}

// Invite mails a link that lets its reader join the actor's organization with a role the actor may give.
func (s *Service) Invite(ctx context.Context, email string, role account.Role) (account.Invitation, error) {
	who := actor.From(ctx)
	by := inviter{secret: newInvitationSecret(who.OrgID)}
	i, err := account.NewInvitation(account.InvitationDetails{
		OrgID: id.From[account.Organization](who.OrgID), Email: email, Role: role, InvitedBy: id.From[account.Login](who.ID), TokenHash: hashOf(by.secret),
	}, s.now())
	if err != nil {
		return account.Invitation{}, err
	}
	if err := s.limiter.Allow(ctx, "invite", who.OrgID.String(), invitationsPerOrganization, invitationWindow); err != nil {
		return account.Invitation{}, err
	}
	err = s.db.InTx(ctx, database.Tenant(who.OrgID), func(tx database.Tx) (err error) {
		if err := s.checkInvitationTx(ctx, tx, i); err != nil {
			return err
		}
		if by.login, err = findLogin(ctx, tx, i.InvitedBy); err != nil {
			return err
		}
		if by.organization, err = findOrganization(ctx, tx, "id = ?", who.OrgID); err != nil {
			return err
		}
		queueExpireInvitation(tx, i.EmailNormalized, s.now())
		if err := insertInvitation(ctx, tx, i); err != nil {
			return err
		}
		if err := s.mailInvitationTx(ctx, tx, i, by); err != nil {
			return err
		}
		return s.audit.RecordTx(ctx, tx, audit.Event{
			Action: "member.invited", SubjectType: "invitation", SubjectID: i.ID.UUID, After: map[string]any{"email": i.Email, "role": i.Role},
		})
	})
	return i, err
}

func (s *Service) checkInvitationTx(ctx context.Context, tx database.Tx, i account.Invitation) error {
	team, err := lockTeam(ctx, tx)
	if err != nil {
		return err
	}
	if err := team.CheckInvitation(i.InvitedBy, i.Role); err != nil {
		return err
	}
	there, err := isMember(ctx, tx, i.EmailNormalized)
	if err == nil && there {
		return account.ErrAlreadyMember
	}
	return err
}

// RevokeInvitation makes a mailed link useless. One that was accepted or revoked already is not found.
func (s *Service) RevokeInvitation(ctx context.Context, invitationID id.ID[account.Invitation]) error {
	return s.db.InTx(ctx, database.Tenant(actor.From(ctx).OrgID), func(tx database.Tx) error {
		i, err := lockInvitation(ctx, tx, "id = ?", invitationID)
		switch {
		case errors.Is(err, account.ErrInvitationInvalid) || err == nil && (i.AcceptedAt != nil || i.RevokedAt != nil):
			return fault.NotFound("invitation")
		case err != nil:
			return err
		}
		return s.revokeInvitationTx(ctx, tx, i)
	})
}

func (s *Service) revokeInvitationTx(ctx context.Context, tx database.Tx, i account.Invitation) error {
	now := s.now()
	i.RevokedAt = &now
	queueInvitationState(tx, i)
	return s.audit.RecordTx(ctx, tx, audit.Event{
		Action: "invitation.revoked", SubjectType: "invitation", SubjectID: i.ID.UUID, Before: map[string]any{"email": i.Email, "role": i.Role},
	})
}

// InvitationView is what the holder of a mailed link may know.
type InvitationView struct {
	Organization account.Organization
	Invitation   account.Invitation
	LoginExists  bool // the holder signs in with their password instead of choosing one
}

// Invitation opens a mailed link.
func (s *Service) Invitation(ctx context.Context, secret string) (InvitationView, error) {
	orgID, ok := invitationOrganization(secret)
	if !ok {
		return InvitationView{}, account.ErrInvitationInvalid
	}
	var v InvitationView
	err := s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		if v.Invitation, err = findInvitation(ctx, r, hashOf(secret)); err != nil {
			return err
		}
		if !v.Invitation.Open(s.now()) {
			return account.ErrInvitationInvalid
		}
		login, err := findLoginByEmail(ctx, r, v.Invitation.EmailNormalized)
		if err != nil {
			return err
		}
		v.LoginExists = login != nil
		v.Organization, err = findOrganization(ctx, r, "id = ?", orgID)
		return err
	})
	return v, err
}

// AcceptInput is what accepting an invitation takes: a name and a new password, or the password of the login that exists.
type AcceptInput struct {
	Secret   string
	Name     string
	Password string
	Browser  account.Browser
}

// Accept joins the organization and signs in. The link proves the e-mail, but never replaces the password of a login that exists.
func (s *Service) Accept(ctx context.Context, in AcceptInput) (SignedIn, error) {
	if err := s.limiter.Allow(ctx, "accept-invitation", in.Browser.IP, signInsPerIP, signInWindow); err != nil {
		return SignedIn{}, err
	}
	v, err := s.Invitation(ctx, in.Secret)
	if err != nil {
		return SignedIn{}, err
	}
	checked, err := s.acceptingLogin(ctx, v, in)
	if err != nil {
		return SignedIn{}, err
	}
	cookie, secrets := newSessionSecrets()
	session := account.NewSession(checked.login.ID, secrets, in.Browser, s.now())
	err = s.db.InTx(ctx, database.Tenant(v.Invitation.OrgID.UUID), func(tx database.Tx) error {
		return s.acceptTx(ctx, tx, acceptance{hash: hashOf(in.Secret), checked: checked, exists: v.LoginExists, session: session})
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.signedIn(ctx, checked.login.ID, session, cookie)
}

// acceptingLogin is the login that exists, once its password is checked, or a new one.
func (s *Service) acceptingLogin(ctx context.Context, v InvitationView, in AcceptInput) (checkedLogin, error) {
	if v.LoginExists {
		return s.checkPassword(ctx, v.Invitation.Email, in.Password)
	}
	login, err := account.NewLogin(account.LoginDetails{Name: in.Name, Email: v.Invitation.Email}, s.now())
	if err := fault.Join(err, account.CheckPassword(in.Password, v.Invitation.Email)); err != nil {
		return checkedLogin{}, err
	}
	phc, err := s.passwords.hash(ctx, in.Password)
	if err != nil {
		return checkedLogin{}, err
	}
	login.SetPassword(phc, s.now())
	return checkedLogin{login: login}, nil
}

type acceptance struct {
	hash    []byte
	checked checkedLogin
	exists  bool
	session account.Session
}

// acceptTx looks at the invitation again under lock: of two that accept at once, one is told that it was used.
func (s *Service) acceptTx(ctx context.Context, tx database.Tx, a acceptance) error {
	i, err := lockInvitation(ctx, tx, "token_hash = ?", a.hash)
	if err != nil {
		return err
	}
	now := s.now()
	if !i.Open(now) {
		return account.ErrInvitationInvalid
	}
	if !a.exists {
		if err := s.insertLoginTx(ctx, tx, &a.checked.login); err != nil {
			return err
		}
	}
	m := account.Membership{OrgID: i.OrgID, LoginID: a.checked.login.ID, Role: i.Role, CreatedAt: now}
	if err := s.joinTx(ctx, tx, m); err != nil {
		return err
	}
	i.AcceptedAt = &now
	queueInvitationState(tx, i)
	if err := s.auditJoinTx(ctx, tx, m); err != nil {
		return err
	}
	return s.openSessionTx(ctx, tx, a.checked, a.session)
}
