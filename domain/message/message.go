// Package message holds the rules of a mail: what makes one sendable, and the states it goes through. Rendering and sending are the
// mail platform's work.
package message

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// MaxAttempts is how often sending is tried before a mail counts as failed: with the queue's back-off about a week.
const MaxAttempts = 20

// Limits of what one mail carries.
const (
	maxSubject = 250
	maxBody    = 512 << 10
)

// Faults of mails.
var (
	ErrAddress = fault.New(fault.KindInvalid, "message.address", "Write an e-mail address such as name@example.org.")
	ErrSubject = fault.New(fault.KindInvalid, "message.subject", "A mail needs a subject of at most 250 characters.")
	ErrBody    = fault.New(fault.KindInvalid, "message.body", "A mail needs a text and an HTML part of at most 512 KB each.")
	ErrKey     = fault.New(fault.KindInvalid, "message.dedupe_key", "A mail must say what it is about.")
)

// State is how far a mail has come.
type State string

// The states. Queued waits for its first or next try; sending is in a worker's hands; sent and failed are final.
const (
	Queued  State = "queued"
	Sending State = "sending"
	Sent    State = "sent"
	Failed  State = "failed"
)

// Attachment names a file of a mail. Key says where its bytes come from when it is sent: "file:<key>" is a stored file, any other scheme
// ("receipt:<id>") is rendered on demand by the feature that registered it.
type Attachment struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Key         string `json:"key"`
}

// Message is a mail of one organization to one person.
type Message struct {
	OrgID        uuid.UUID      `gorm:"primaryKey"`
	ID           id.ID[Message] `gorm:"primaryKey"`
	Kind         string         // "receipt.issued"
	DedupeKey    string         // what it is about: one key sends one mail
	PersonID     *uuid.UUID     // whose timeline shows it
	DonationID   *uuid.UUID     // whose trail shows it
	ToEmail      string
	ToName       string
	FromName     string // the organization's; the address is the platform's
	ReplyTo      string // the organization's address, may be empty
	Subject      string
	Text         string       `gorm:"column:text_body"`
	HTML         string       `gorm:"column:html_body"`
	Attachments  []Attachment `gorm:"serializer:json;type:jsonb"`
	Unsubscribe  string       // an https address for List-Unsubscribe; empty for mails that a deed of the reader caused
	Secret       bool         // the bodies carry a link that signs in: emptied once sent
	State        State
	Attempts     int
	LastError    string
	CreatedAt    time.Time
	ClaimedUntil *time.Time // a worker is sending it until then
	SentAt       *time.Time
}

// TableName names the table for GORM.
func (Message) TableName() string { return "messages" }

// LoginMessage is a mail to a login, beyond any organization: invitation, password reset. Its bodies are always secret.
type LoginMessage struct {
	ID           id.ID[LoginMessage] `gorm:"primaryKey"`
	Kind         string
	ToEmail      string
	ToName       string
	Subject      string
	Text         string `gorm:"column:text_body"`
	HTML         string `gorm:"column:html_body"`
	State        State
	Attempts     int
	LastError    string
	CreatedAt    time.Time
	ClaimedUntil *time.Time
	SentAt       *time.Time
}

// TableName names the table for GORM.
func (LoginMessage) TableName() string { return "login_messages" }

// Queue readies the mail for the outbox: it gets an id and its first state, header texts are cleaned of control characters, and what
// cannot be sent is refused.
func (m *Message) Queue(now time.Time) error {
	m.ToName, m.FromName, m.Subject = Line(m.ToName), Line(m.FromName), Line(m.Subject)
	if m.Attachments == nil {
		m.Attachments = []Attachment{}
	}
	for i := range m.Attachments {
		m.Attachments[i].Name = FileName(m.Attachments[i].Name)
	}
	if m.DedupeKey == "" {
		return ErrKey.With("dedupe_key")
	}
	if m.ReplyTo != "" && !ValidAddress(m.ReplyTo) {
		return ErrAddress.With("reply_to")
	}
	if err := checkContent(m.ToEmail, m.Subject, m.Text, m.HTML); err != nil {
		return err
	}
	if m.ID.IsZero() {
		m.ID = id.New[Message]()
	}
	m.State, m.CreatedAt = Queued, now
	return nil
}

// Queue is Message.Queue for a login's mail.
func (m *LoginMessage) Queue(now time.Time) error {
	m.ToName, m.Subject = Line(m.ToName), Line(m.Subject)
	if err := checkContent(m.ToEmail, m.Subject, m.Text, m.HTML); err != nil {
		return err
	}
	if m.ID.IsZero() {
		m.ID = id.New[LoginMessage]()
	}
	m.State, m.CreatedAt = Queued, now
	return nil
}

func checkContent(to, subject, text, html string) error {
	switch {
	case !ValidAddress(to):
		return ErrAddress.With("to_email")
	case subject == "" || utf8.RuneCountInString(subject) > maxSubject:
		return ErrSubject.With("subject")
	case text == "" || len(text) > maxBody:
		return ErrBody.With("text")
	case html == "" || len(html) > maxBody:
		return ErrBody.With("html")
	}
	return nil
}

// ValidAddress reports whether s is one bare e-mail address that can stand in a header and an envelope: no display name, no comment, no
// control character, at most 254 bytes.
func ValidAddress(s string) bool {
	if len(s) > 254 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Name == "" && a.Address == s && utf8.ValidString(s)
}

// Line makes s safe for a header: control and format characters and line ends become spaces, runs of spaces one.
func Line(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
	}), " ")
}

// FileName makes s safe as an attachment's name on any system.
func FileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, Line(s))
	if s = strings.Trim(s, ". "); s == "" {
		return "attachment"
	}
	return s
}
