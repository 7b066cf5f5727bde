package access

import (
	"context"
	"net/url"
	"strings"
	"time"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/message"
)

// platformSender signs mails that concern a login and no organization.
func platformSender(reason string) mail.Sender { return mail.Sender{Name: "Tributary", Reason: reason} }

func (s *Service) mailResetTx(ctx context.Context, tx database.Tx, l account.Login, secret string) error {
	return s.mailLoginTx(ctx, tx, l, loginMail{
		kind: "access.password_reset", template: "access_password_reset",
		reason: "You get this mail because someone asked for a new password for this address.",
		data: map[string]any{
			"Name": l.Name, "URL": s.staffApp + "/reset-password/" + url.PathEscape(secret), "Minutes": int(account.ResetTokenLife / time.Minute),
		},
	})
}

func (s *Service) mailLockedTx(ctx context.Context, tx database.Tx, l account.Login) error {
	return s.mailLoginTx(ctx, tx, l, loginMail{
		kind: "access.locked", template: "access_locked",
		reason: "You get this mail because someone tried to sign in with this address.",
		data: map[string]any{
			"Name": l.Name, "URL": s.staffApp + "/forgot-password", "Attempts": account.MaxFailedSignIns, "Minutes": int(account.LockDuration / time.Minute),
		},
	})
}

type loginMail struct {
	kind, template, reason string
	data                   map[string]any
}

func (s *Service) mailLoginTx(ctx context.Context, tx database.Tx, l account.Login, m loginMail) error {
	body, err := s.outbox.Render(m.template, platformSender(m.reason), m.data)
	if err != nil {
		return err
	}
	return s.outbox.EnqueueLoginTx(ctx, tx, message.LoginMessage{
		Kind: m.kind, ToEmail: l.Email, ToName: l.Name, Subject: body.Subject, Text: body.Text, HTML: body.HTML,
	})
}

// mailInvitationTx comes from the organization, and counts as its mail.
func (s *Service) mailInvitationTx(ctx context.Context, tx database.Tx, i account.Invitation, by inviter) error {
	body, err := s.outbox.Render("access_invitation", senderOf(by.organization, "You get this mail because "+by.login.Name+" invited you."), map[string]any{
		"Organization": by.organization.Name, "Inviter": by.login.Name, "Role": strings.ReplaceAll(string(i.Role), "_", " "),
		"URL": s.staffApp + "/accept-invitation/" + url.PathEscape(by.secret), "Until": i.ExpiresAt,
	})
	if err != nil {
		return err
	}
	return s.outbox.EnqueueTx(ctx, tx, message.Message{
		OrgID: i.OrgID.UUID, Kind: "access.invitation", DedupeKey: "invitation:" + i.ID.String(), ToEmail: i.Email,
		FromName: by.organization.Name, ReplyTo: by.organization.Email, Subject: body.Subject, Text: body.Text, HTML: body.HTML, Secret: true,
	})
}

func senderOf(o account.Organization, reason string) mail.Sender {
	return mail.Sender{Name: o.Name, Color: o.BrandColor, Website: o.Website, Reason: reason}
}
