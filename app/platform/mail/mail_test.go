package mail_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/files"
	"tributary/app/platform/mail"
	"tributary/app/platform/mail/mailtest"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
)

// fixture is an outbox with its database, mail server and clock.
type fixture struct {
	db     *database.DB
	outbox *mail.Outbox
	server *mailtest.Server
	queue  *queue.Client
	store  *files.Memory
	org    uuid.UUID

	mu  sync.Mutex
	now time.Time
}

func start(t *testing.T, smtp bool) *fixture {
	t.Helper()
	f := &fixture{
		db: databasetest.New(t), server: mailtest.Start(t), store: &files.Memory{}, org: uuid.Must(uuid.NewV7()),
		now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
	}
	workers := river.NewWorkers()
	f.queue = queuetest.New(t, f.db, workers)
	cfg := mail.Config{From: `"Tributary" <mail@tributary.example>`, Templates: os.DirFS("../../../frontend/templates"), Files: f.store, Now: f.clock}
	if smtp {
		cfg.SMTPURL = f.server.URL()
	}
	var err error
	f.outbox, err = mail.New(cfg, f.db, f.queue)
	require.NoError(t, err)
	f.outbox.Workers(workers)
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO organizations (id, kind, slug, name, legal_name, created_at, updated_at)
			VALUES ($1, 'nonprofit', 'riverbend', 'Riverbend Trust', 'Riverbend Trust', now(), now())`, f.org)
		return err
	}))
	return f
}

func (f *fixture) clock() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *fixture) mail() message.Message {
	return message.Message{
		OrgID: f.org, ID: id.New[message.Message](), Kind: "receipt.issued", DedupeKey: "receipt:1", ToEmail: "maya@example.org", ToName: "Maya Lindqvist",
		FromName: "Riverbend Trust", ReplyTo: "hello@riverbend.example", Subject: "Thank you, Maya", Text: "Thank you.\n", HTML: "<p>Thank you.</p>",
	}
}

func (f *fixture) enqueue(t *testing.T, m message.Message) {
	t.Helper()
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.org), func(tx database.Tx) error {
		return f.outbox.EnqueueTx(t.Context(), tx, m)
	}))
}

func (f *fixture) row(t *testing.T, messageID id.ID[message.Message]) message.Message {
	t.Helper()
	var m message.Message
	require.NoError(t, f.db.Read(t.Context(), database.Tenant(f.org), func(r database.Reader) error {
		return r.Gorm(t.Context()).Where("id = ?", messageID).Take(&m).Error
	}))
	return m
}

func TestAMailGoesOutWithBothPartsAndItsAttachment(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	require.NoError(t, f.store.Put(t.Context(), "r/1.pdf", "application/pdf", strings.NewReader("%PDF-")))
	m := f.mail()
	m.Subject, m.ToName, m.FromName = "Grüße aus 東京", "Zoë Ødegård", "Flußbogen-Stiftung"
	m.Text, m.HTML = "Línea única\n.\nend\n", "<p>Línea única</p>"
	m.Attachments = []message.Attachment{{Name: "Quittung ü.pdf", ContentType: "application/pdf", Key: "file:r/1.pdf"}}
	f.enqueue(t, m)
	queuetest.Drain(t, f.queue)

	got := f.server.Received()
	require.Len(t, got, 1)
	require.Equal(t, "mail@tributary.example", got[0].EnvelopeFrom)
	require.Equal(t, []string{"maya@example.org"}, got[0].EnvelopeTo)
	require.Equal(t, "Grüße aus 東京", got[0].Subject)
	require.Equal(t, `"Flußbogen-Stiftung" <mail@tributary.example>`, strings.Replace(got[0].Decoded("From"), "Flußbogen-Stiftung <", `"Flußbogen-Stiftung" <`, 1))
	require.Contains(t, got[0].Decoded("To"), "Zoë Ødegård")
	require.Contains(t, got[0].Header.Get("Reply-To"), "hello@riverbend.example")
	require.Equal(t, "auto-generated", got[0].Header.Get("Auto-Submitted"))
	require.Equal(t, "<"+m.ID.String()+"@tributary.example>", got[0].Header.Get("Message-Id"))
	require.Empty(t, got[0].Header.Get("List-Unsubscribe"))
	require.Equal(t, m.Text, got[0].Text)
	require.Equal(t, m.HTML, strings.TrimSpace(got[0].HTML))
	require.Equal(t, []mailtest.File{{Name: "Quittung ü.pdf", ContentType: "application/pdf", Content: []byte("%PDF-")}}, got[0].Files)
	row := f.row(t, m.ID)
	require.Equal(t, message.Sent, row.State)
	require.Equal(t, f.now, *row.SentAt)
	require.NotEmpty(t, row.Text)
}

func TestACauseSendsOneMail(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	f.enqueue(t, f.mail())
	f.enqueue(t, f.mail())
	queuetest.Drain(t, f.queue)
	require.Len(t, f.server.Received(), 1)
}

func TestARolledBackDeedSendsNothing(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	boom := errors.New("boom")
	err := f.db.InTx(t.Context(), database.Tenant(f.org), func(tx database.Tx) error {
		if err := f.outbox.EnqueueTx(t.Context(), tx, f.mail()); err != nil {
			return err
		}
		return boom
	})
	require.ErrorIs(t, err, boom)
	queuetest.Drain(t, f.queue)
	require.Empty(t, f.server.Received())
}

func TestWhileTheServerIsDownAMailWaitsAndThenGoesOutOnce(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]mailtest.Mode{
		"down": mailtest.Down, "busy": mailtest.Busy, "full": mailtest.Full, "sender refused until the operator mends it": mailtest.SenderRefused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, true)
			f.server.Set(mode)
			m := f.mail()
			f.enqueue(t, m)
			queuetest.Run(t, f.queue)
			require.Equal(t, 1, queuetest.Waiting(t, f.queue, message.Send{}.Kind()), "the job is tried again later")
			for range 5 {
				f.pass(time.Hour)
				require.Error(t, f.outbox.Send(t.Context(), f.org, m.ID))
			}
			row := f.row(t, m.ID)
			require.Equal(t, message.Queued, row.State)
			require.GreaterOrEqual(t, row.Attempts, 6)
			require.NotEmpty(t, row.LastError)
			require.NotContains(t, row.LastError, "maya@")
			require.Empty(t, f.server.Received())

			f.server.Set(mailtest.Accept)
			require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
			require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
			require.Len(t, f.server.Received(), 1)
			require.Equal(t, message.Sent, f.row(t, m.ID).State)
			require.Empty(t, f.row(t, m.ID).LastError)
		})
	}
}

func TestALostAnswerResendsUnderTheSameMessageID(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	f.server.Set(mailtest.DropAfterData)
	m := f.mail()
	f.enqueue(t, m)
	queuetest.Run(t, f.queue)
	require.Equal(t, message.Queued, f.row(t, m.ID).State)
	f.server.Set(mailtest.Accept)
	require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
	require.Len(t, f.server.Received(), 2)
	require.Len(t, f.server.Mailboxes(), 1, "both carry one Message-ID")
}

func TestABreakAfterTheAnswerDoesNotResend(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	f.server.Set(mailtest.DropAfterQuit)
	f.enqueue(t, f.mail())
	queuetest.Drain(t, f.queue)
	require.Len(t, f.server.Received(), 1)
}

func TestARefusedMailFailsVisiblyAndIsNotRetried(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]mailtest.Mode{"unknown address": mailtest.UnknownAddress, "refused content": mailtest.Refused} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, true)
			f.server.Set(mode)
			m := f.mail()
			f.enqueue(t, m)
			queuetest.Run(t, f.queue)
			require.Zero(t, queuetest.Waiting(t, f.queue, message.Send{}.Kind()), "no other try")
			row := f.row(t, m.ID)
			require.Equal(t, message.Failed, row.State)
			require.Contains(t, row.LastError, "55")
			require.NotContains(t, row.LastError, "maya@", "what a server writes may quote the address")
			f.server.Set(mailtest.Accept)
			require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
			require.Empty(t, f.server.Received())
		})
	}
}

func TestTriesRunOut(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	f.server.Set(mailtest.Busy)
	m := f.mail()
	f.enqueue(t, m)
	var err error
	for range message.MaxAttempts {
		err = f.outbox.Send(t.Context(), f.org, m.ID)
		require.Error(t, err)
	}
	require.ErrorIs(t, err, mail.ErrRefused)
	require.Equal(t, message.Failed, f.row(t, m.ID).State)
}

func TestTwoWorkersSendOneMail(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	m := f.mail()
	f.enqueue(t, m)
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			_ = f.outbox.Send(t.Context(), f.org, m.ID) // all but one find it claimed or sent
		})
	}
	workers.Wait()
	require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
	require.Len(t, f.server.Received(), 1)
}

func TestAMailInADeadWorkersHandsIsTakenOver(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	m := f.mail()
	f.enqueue(t, m)
	require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.org), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE messages SET state = 'sending', attempts = 1, claimed_until = $1`, f.now.Add(3*time.Minute))
		return err
	}))
	require.Error(t, f.outbox.Send(t.Context(), f.org, m.ID))
	require.Empty(t, f.server.Received())
	f.pass(5 * time.Minute)
	require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
	require.Len(t, f.server.Received(), 1)
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	m := f.mail()
	m.Subject = "Hi\r\nBcc: victim@example.org\r\n\r\n<script>"
	m.ToName = "Maya\r\nCc: victim@example.org"
	m.FromName = "Evil\" <a@b.example>\nX-Evil: 1"
	m.Attachments = []message.Attachment{{Name: "../x\r\nX-Evil: 2\".txt", ContentType: "text/plain", Key: "file:a"}}
	require.NoError(t, f.store.Put(t.Context(), "a", "text/plain", strings.NewReader("x")))
	f.enqueue(t, m)
	queuetest.Drain(t, f.queue)
	got := f.server.Received()
	require.Len(t, got, 1)
	require.Equal(t, []string{"maya@example.org"}, got[0].EnvelopeTo)
	for _, h := range []string{"Bcc", "Cc", "X-Evil"} {
		require.Empty(t, got[0].Header.Get(h), h)
	}
	require.Equal(t, "Hi Bcc: victim@example.org <script>", got[0].Subject)
	from, err := got[0].Header.AddressList("From")
	require.NoError(t, err)
	require.Len(t, from, 1)
	require.Equal(t, "mail@tributary.example", from[0].Address)

	for _, to := range []string{"", "a", "a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "Name <a@b.example>", "a@b.example>", "a b@c.example", strings.Repeat("a", 250) + "@b.example"} {
		m := f.mail()
		m.ToEmail, m.DedupeKey = to, "other"
		err := f.db.InTx(t.Context(), database.Tenant(f.org), func(tx database.Tx) error { return f.outbox.EnqueueTx(t.Context(), tx, m) })
		require.ErrorIs(t, err, message.ErrAddress, "%q", to)
		var invalid *fault.Error
		require.ErrorAs(t, err, &invalid)
		require.Equal(t, "to_email", invalid.Fields[0].Location)
	}
}

func TestUnsubscribeIsOneClick(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	m := f.mail()
	m.Unsubscribe = "https://give.example/u/abc"
	f.enqueue(t, m)
	queuetest.Drain(t, f.queue)
	got := f.server.Received()
	require.Len(t, got, 1)
	require.Equal(t, "<https://give.example/u/abc>", got[0].Header.Get("List-Unsubscribe"))
	require.Equal(t, "List-Unsubscribe=One-Click", got[0].Header.Get("List-Unsubscribe-Post"))
}

func TestSecretsAreForgottenOnceSent(t *testing.T) {
	t.Parallel()
	for _, smtp := range []bool{true, false} {
		t.Run(fmt.Sprintf("smtp %v", smtp), func(t *testing.T) {
			t.Parallel()
			f := start(t, smtp)
			m := f.mail()
			m.Secret = true
			f.enqueue(t, m)
			login := message.LoginMessage{
				ID: id.New[message.LoginMessage](), Kind: "password.reset", ToEmail: "owner@riverbend.example", Subject: "Reset", Text: "https://x.example/secret", HTML: "<p>secret</p>",
			}
			require.NoError(t, f.db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
				return f.outbox.EnqueueLoginTx(t.Context(), tx, login)
			}))
			queuetest.Drain(t, f.queue)
			row := f.row(t, m.ID)
			var loginRow message.LoginMessage
			require.NoError(t, f.db.Read(t.Context(), database.Platform(), func(r database.Reader) error {
				return r.Gorm(t.Context()).Take(&loginRow).Error
			}))
			require.Equal(t, message.Sent, row.State)
			require.Equal(t, message.Sent, loginRow.State)
			if !smtp {
				require.NotEmpty(t, row.Text)
				require.NotEmpty(t, loginRow.HTML)
				return
			}
			require.Len(t, f.server.Received(), 2)
			require.Empty(t, row.Text+row.HTML+loginRow.Text+loginRow.HTML)
		})
	}
}

func TestAnotherOrganizationsMailIsNotFound(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	m := f.mail()
	f.enqueue(t, m)
	err := f.outbox.Send(t.Context(), uuid.Must(uuid.NewV7()), m.ID)
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
	require.Empty(t, f.server.Received())
}

func TestTheAddressOfTheServerIsChecked(t *testing.T) {
	t.Parallel()
	db := databasetest.New(t)
	for _, url := range []string{"localhost:25", "http://mail.example", "smtp://", "smtp://mail.example:99999", "smtp://mail.example?tls=maybe", "smtp://mail.example/path", "%"} {
		_, err := mail.New(mail.Config{SMTPURL: url, From: "a@b.example"}, db, nil)
		require.ErrorContains(t, err, "SMTP_URL", url)
	}
	_, err := mail.New(mail.Config{From: "nobody"}, db, nil)
	require.ErrorContains(t, err, "MAIL_FROM")
	for _, url := range []string{"smtp://user:p%40ss@mail.example:2525", "smtps://user:pass@mail.example", "smtp://localhost:25?tls=none"} {
		_, err := mail.New(mail.Config{SMTPURL: url, From: "a@b.example"}, db, nil)
		require.NoError(t, err, url)
	}
}

func TestCheckReachesTheServer(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	require.NoError(t, f.outbox.Check(t.Context()))
	f.server.Set(mailtest.Down)
	require.Error(t, f.outbox.Check(t.Context()))
	require.Equal(t, 2, f.server.Sessions())
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"mail/layout.txt":  {Data: []byte("{{template \"content\" .Data}}\n\n\n\n-- \n{{.Sender.Name}}\n")},
		"mail/layout.html": {Data: []byte("<title>{{.Subject}}</title>{{template \"content\" .Data}}")},
		"mail/hello.txt":   {Data: []byte("{{define \"subject\"}}Hello {{.Name}}\n{{end}}{{define \"content\"}}Hello {{.Name}}{{end}}")},
		"mail/hello.html":  {Data: []byte("{{define \"content\"}}<p>Hello {{.Name}}</p>{{end}}")},
	}
	templates := mail.NewTemplates(tree)
	body, err := templates.Render("hello", mail.Sender{Name: "Riverbend"}, map[string]any{"Name": "<b>\r\nMaya"})
	require.NoError(t, err)
	require.Equal(t, mail.Body{
		Subject: "Hello <b> Maya", Text: "Hello <b>\nMaya\n\n--\nRiverbend\n", HTML: "<title>Hello &lt;b&gt; Maya</title><p>Hello &lt;b&gt;\r\nMaya</p>",
	}, body)
	_, err = templates.Render("hello", mail.Sender{}, map[string]any{})
	require.Error(t, err, "a missing value is a mistake, not an empty place")
	for _, name := range []string{"layout", "../hello", "nobody"} {
		_, err = templates.Render(name, mail.Sender{}, nil)
		require.Error(t, err)
	}
	names, err := templates.Names()
	require.NoError(t, err)
	require.Equal(t, []string{"hello"}, names)
}

func TestAnAttachmentThatCannotBeMadeHoldsTheMailBack(t *testing.T) {
	t.Parallel()
	f := start(t, true)
	broken := true
	f.outbox.Provide("receipt", func(_ context.Context, org uuid.UUID, ref string) ([]byte, error) {
		if broken {
			return nil, errors.New("not now")
		}
		return []byte(org.String() + ref), nil
	})
	m := f.mail()
	m.Attachments = []message.Attachment{{Name: "r.pdf", ContentType: "application/pdf", Key: "receipt:7"}}
	f.enqueue(t, m)
	require.ErrorContains(t, f.outbox.Send(t.Context(), f.org, m.ID), "not now")
	require.Equal(t, message.Queued, f.row(t, m.ID).State)
	broken = false
	require.NoError(t, f.outbox.Send(t.Context(), f.org, m.ID))
	require.Equal(t, f.org.String()+"7", string(f.server.Received()[0].Files[0].Content))
}

func TestMailsToAStrangerBelongToWhomTheyTurnOutToBe(t *testing.T) {
	t.Parallel()
	f := start(t, false)
	maya := uuid.New()
	do := func(do func(database.Tx) error) {
		require.NoError(t, f.db.InTx(t.Context(), database.Tenant(f.org), do))
	}
	do(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO people (org_id, id, first_name, created_at, updated_at) VALUES ($1, $2, 'Maya', now(), now())`, f.org, maya)
		return err
	})
	sent := map[string]message.Message{}
	for _, key := range []string{"hers", "spent", "other"} {
		m := f.mail()
		m.ID, m.DedupeKey = id.New[message.Message](), key
		f.enqueue(t, m)
		sent[key] = m
	}
	do(func(tx database.Tx) error { return f.outbox.BelongTx(t.Context(), tx, []string{"hers"}, maya) })
	do(func(tx database.Tx) error { return f.outbox.ForgetTx(t.Context(), tx, []string{"hers", "spent"}) })
	require.Equal(t, &maya, f.row(t, sent["hers"].ID).PersonID)
	require.Equal(t, "maya@example.org", f.row(t, sent["hers"].ID).ToEmail, "it is no stranger's any more")
	empty := func(key string) {
		t.Helper()
		m := f.row(t, sent[key].ID)
		require.Empty(t, m.ToEmail+m.ToName+m.Subject+m.Text+m.HTML)
	}
	empty("spent")
	do(func(tx database.Tx) error { return f.outbox.EraseTx(t.Context(), tx, f.org, maya) })
	empty("hers")
	require.Equal(t, "maya@example.org", f.row(t, sent["other"].ID).ToEmail)
}
