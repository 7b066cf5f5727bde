package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
)

// insertMessage reports whether the mail is new: a dedupe key stands for one mail.
func insertMessage(ctx context.Context, tx database.Tx, m *message.Message) (bool, error) {
	result := tx.Gorm(ctx).
		Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "org_id"}, {Name: "dedupe_key"}}, DoNothing: true}).
		Create(m)
	if result.Error != nil {
		return false, fmt.Errorf("insert mail: %w", result.Error)
	}
	return result.RowsAffected == 1, nil
}

func insertLoginMessage(ctx context.Context, tx database.Tx, m *message.LoginMessage) error {
	if err := tx.Gorm(ctx).Create(m).Error; err != nil {
		return fmt.Errorf("insert login mail: %w", err)
	}
	return nil
}

// claim takes a mail for one worker. The row is locked first, so that of two workers one waits and then sees the other's lease.
const claim = `UPDATE %s SET state = 'sending', attempts = attempts + 1, claimed_until = ?
	WHERE id = ? AND state IN ('queued', 'sending') AND (claimed_until IS NULL OR claimed_until <= ?) RETURNING *`

func claimMessage(ctx context.Context, tx database.Tx, messageID id.ID[message.Message], now time.Time) (message.Message, error) {
	var m message.Message
	result := tx.Gorm(ctx).Raw(fmt.Sprintf(claim, "messages"), now.Add(lease), messageID, now).Scan(&m)
	if result.Error != nil {
		return m, fmt.Errorf("claim mail: %w", result.Error)
	}
	if result.RowsAffected == 1 {
		return m, nil
	}
	err := tx.Gorm(ctx).Where("id = ?", messageID).Take(&m).Error
	return m, unclaimed(m.State, err)
}

func claimLoginMessage(ctx context.Context, tx database.Tx, messageID id.ID[message.LoginMessage], now time.Time) (message.LoginMessage, error) {
	var m message.LoginMessage
	result := tx.Gorm(ctx).Raw(fmt.Sprintf(claim, "login_messages"), now.Add(lease), messageID, now).Scan(&m)
	if result.Error != nil {
		return m, fmt.Errorf("claim login mail: %w", result.Error)
	}
	if result.RowsAffected == 1 {
		return m, nil
	}
	err := tx.Gorm(ctx).Where("id = ?", messageID).Take(&m).Error
	return m, unclaimed(m.State, err)
}

// unclaimed says why a mail could not be claimed: nil when it has come to its end.
func unclaimed(state message.State, err error) error {
	switch {
	case database.IsNoRows(err):
		return fault.NotFound("message")
	case err != nil:
		return fmt.Errorf("find mail: %w", err)
	case state == message.Sent || state == message.Failed:
		return nil
	default:
		return errClaimed
	}
}

type settlement struct {
	id     uuid.UUID
	state  message.State
	reason error
	forget bool
	now    time.Time
}

// settleMessage ends a claim.
func settleMessage(ctx context.Context, tx database.Tx, table string, s settlement) error {
	columns := map[string]any{"state": s.state, "claimed_until": nil, "last_error": ""}
	if s.reason != nil {
		columns["last_error"] = limit(s.reason.Error(), 500)
	}
	if s.state == message.Sent {
		columns["sent_at"] = s.now
	}
	if s.forget {
		columns["text_body"], columns["html_body"] = "", ""
	}
	if err := tx.Gorm(ctx).Table(table).Where("id = ? AND state = 'sending'", s.id).Updates(columns).Error; err != nil {
		return fmt.Errorf("settle mail: %w", err)
	}
	return nil
}

func limit(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// emptied is what stays of a mail once its reader is forgotten.
const emptied = `to_email = '', to_name = '', subject = '', text_body = '', html_body = '', attachments = '[]',
	last_error = CASE WHEN state = 'sent' THEN last_error ELSE 'person anonymised' END, state = CASE WHEN state = 'sent' THEN state ELSE 'failed' END`

func eraseMessages(ctx context.Context, tx database.Tx, personID uuid.UUID) error {
	if _, err := tx.Exec(ctx, `UPDATE messages SET `+emptied+` WHERE person_id = $1`, personID); err != nil {
		return fmt.Errorf("erase mails: %w", err)
	}
	return nil
}

func claimMessages(ctx context.Context, tx database.Tx, keys []string, personID uuid.UUID) error {
	if _, err := tx.Exec(ctx, `UPDATE messages SET person_id = $2 WHERE dedupe_key = any($1) AND person_id IS NULL`, keys, personID); err != nil {
		return fmt.Errorf("give mails to a person: %w", err)
	}
	return nil
}

func eraseStrangers(ctx context.Context, tx database.Tx, keys []string) error {
	if _, err := tx.Exec(ctx, `UPDATE messages SET `+emptied+` WHERE dedupe_key = any($1) AND person_id IS NULL`, keys); err != nil {
		return fmt.Errorf("erase mails to strangers: %w", err)
	}
	return nil
}
