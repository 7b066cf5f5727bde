package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/queue"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
)

const (
	// lease is how long a worker that claimed a mail has it for itself. It outlasts every timeout of one delivery, so that a mail is
	// taken over only from a worker that died.
	lease = 3 * time.Minute
	// delivery bounds reading attachments and talking to the mail server.
	delivery = 2 * time.Minute
)

// errClaimed means that another worker is sending the mail now.
var errClaimed = errors.New("the mail is being sent by another worker")

// ErrRefused means that a mail failed for good and is marked so: the mail server refused it, or every try was used up.
var ErrRefused = fault.New(fault.KindConflict, "message.refused", "The mail server refused this mail.")

// EnqueueTx puts a mail into the outbox: it is sent if and after the transaction commits. A mail whose DedupeKey the organization
// already used is passed over.
func (o *Outbox) EnqueueTx(ctx context.Context, tx database.Tx, m message.Message) error {
	if err := m.Queue(o.now()); err != nil {
		return fmt.Errorf("enqueue mail %s: %w", m.Kind, err)
	}
	added, err := insertMessage(ctx, tx, &m)
	if err != nil || !added {
		return err
	}
	return o.queue.InsertTx(ctx, tx, message.Send{OrgID: m.OrgID, MessageID: m.ID}, queue.On(queue.Mail))
}

// EnqueueLoginTx is EnqueueTx for a mail to a login, which belongs to no organization.
func (o *Outbox) EnqueueLoginTx(ctx context.Context, tx database.Tx, m message.LoginMessage) error {
	if err := m.Queue(o.now()); err != nil {
		return fmt.Errorf("enqueue mail %s: %w", m.Kind, err)
	}
	if err := insertLoginMessage(ctx, tx, &m); err != nil {
		return err
	}
	return o.queue.InsertTx(ctx, tx, message.SendLogin{MessageID: m.ID}, queue.On(queue.Mail))
}

// Send sends one mail of an organization unless it was sent before. An error other than ErrRefused asks for another try.
func (o *Outbox) Send(ctx context.Context, orgID uuid.UUID, messageID id.ID[message.Message]) error {
	var m message.Message
	err := o.db.InTx(ctx, database.Tenant(orgID), func(tx database.Tx) (err error) {
		m, err = claimMessage(ctx, tx, messageID, o.now())
		return err
	})
	if err != nil || m.State != message.Sending {
		return err
	}
	sending := o.deliver(ctx, func(ctx context.Context) error { return o.sendMessage(ctx, m) })
	return o.settle(ctx, database.Tenant(orgID), "messages", outcome{
		id: m.ID.UUID, attempts: m.Attempts, err: sending, forget: m.Secret,
	})
}

// SendLogin is Send for a mail to a login.
func (o *Outbox) SendLogin(ctx context.Context, messageID id.ID[message.LoginMessage]) error {
	var m message.LoginMessage
	err := o.db.InTx(ctx, database.Platform(), func(tx database.Tx) (err error) {
		m, err = claimLoginMessage(ctx, tx, messageID, o.now())
		return err
	})
	if err != nil || m.State != message.Sending {
		return err
	}
	sending := o.deliver(ctx, func(ctx context.Context) error {
		return o.smtp.send(ctx, envelope{
			messageID: o.messageID(m.ID.UUID), toEmail: m.ToEmail, toName: m.ToName, subject: m.Subject, text: m.Text, html: m.HTML,
		})
	})
	return o.settle(ctx, database.Platform(), "login_messages", outcome{
		id: m.ID.UUID, attempts: m.Attempts, err: sending, forget: true,
	})
}

// deliver runs one delivery. A mail server must not be left in the middle of a mail, so a shutdown does not cut it short: the timeout
// does.
func (o *Outbox) deliver(ctx context.Context, send func(context.Context) error) error {
	if o.smtp == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), delivery)
	defer cancel()
	return send(ctx)
}

func (o *Outbox) sendMessage(ctx context.Context, m message.Message) error {
	e := envelope{
		messageID: o.messageID(m.ID.UUID), toEmail: m.ToEmail, toName: m.ToName, fromName: m.FromName, replyTo: m.ReplyTo,
		subject: m.Subject, text: m.Text, html: m.HTML, unsubscribe: m.Unsubscribe,
	}
	for _, a := range m.Attachments {
		scheme, ref, _ := strings.Cut(a.Key, ":")
		source, ok := o.sources[scheme]
		if !ok {
			return fmt.Errorf("no source of attachments %q", scheme)
		}
		content, err := source(ctx, m.OrgID, ref)
		if err != nil {
			return fmt.Errorf("make attachment %s: %w", a.Key, err)
		}
		e.attachments = append(e.attachments, attachment{name: a.Name, contentType: a.ContentType, content: content})
	}
	return o.smtp.send(ctx, e)
}

// messageID is the same at every try, so that a mailbox that got the mail twice shows it once.
func (o *Outbox) messageID(u uuid.UUID) string { return u.String() + "@" + o.domain }

type outcome struct {
	id       uuid.UUID
	attempts int
	err      error
	forget   bool // empty the bodies of a mail that needs them no more
}

// settle writes down what became of a try and turns it into the worker's answer.
func (o *Outbox) settle(ctx context.Context, scope database.Scope, table string, out outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	state := message.Sent
	var final rejected
	switch {
	case out.err == nil:
	case errors.As(out.err, &final), out.attempts >= message.MaxAttempts:
		state = message.Failed
	default:
		state = message.Queued
	}
	err := o.db.InTx(ctx, scope, func(tx database.Tx) error {
		return settleMessage(ctx, tx, table, settlement{
			id: out.id, state: state, reason: out.err, forget: out.forget && state != message.Queued && o.smtp != nil, now: o.now(),
		})
	})
	switch {
	case err != nil:
		return errors.Join(out.err, err)
	case state == message.Failed:
		return fmt.Errorf("%w: %w", ErrRefused, out.err)
	default:
		return out.err
	}
}

// EraseTx empties the mails to a person and sends none that still waits.
func (o *Outbox) EraseTx(ctx context.Context, tx database.Tx, _, personID uuid.UUID) error {
	return eraseMessages(ctx, tx, personID)
}

// BelongTx gives mails, by their dedupe keys, that were written to a stranger to the person the stranger turned out to be.
func (o *Outbox) BelongTx(ctx context.Context, tx database.Tx, keys []string, personID uuid.UUID) error {
	return claimMessages(ctx, tx, keys, personID)
}

// ForgetTx empties mails, by their dedupe keys, that belong to nobody we know.
func (o *Outbox) ForgetTx(ctx context.Context, tx database.Tx, keys []string) error {
	return eraseStrangers(ctx, tx, keys)
}
