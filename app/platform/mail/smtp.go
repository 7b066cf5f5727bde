package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"tributary/domain/message"
)

// smtpTimeout bounds dialling and each command.
const smtpTimeout = 30 * time.Second

// envelope is a mail ready to be sent: header texts are clean, addresses checked.
type envelope struct {
	messageID   string // without angle brackets; the same at every try
	toEmail     string
	toName      string
	fromName    string
	replyTo     string
	subject     string
	text        string
	html        string
	unsubscribe string
	attachments []attachment
}

type attachment struct {
	name, contentType string
	content           []byte
}

// rejected means that the mail server refused this mail for good; trying again cannot help.
type rejected struct{ reason string }

func (r rejected) Error() string { return r.reason }

// smtpSender hands mails to a mail server.
type smtpSender struct {
	client *gomail.Client
	from   mail.Address
}

// newSMTP reads an address such as smtp://user:password@host:587 (STARTTLS) or smtps://host (TLS from the start). The query tls=none
// sends in the clear, which is only for a server on the same machine or network; tls=optional takes what the server offers.
func newSMTP(address string, from mail.Address, config *tls.Config) (*smtpSender, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("SMTP_URL: write it as smtp://user:password@host:587 or smtps://user:password@host")
	}
	if u.Hostname() == "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("SMTP_URL: the host is missing; write it as smtp://user:password@host:587")
	}
	opts := []gomail.Option{gomail.WithTimeout(smtpTimeout), gomail.WithoutNoop()}
	port := 587
	switch mode := u.Query().Get("tls"); {
	case u.Scheme == "smtps":
		port = 465
		opts = append(opts, gomail.WithSSL())
	case u.Scheme != "smtp":
		return nil, errors.New("SMTP_URL: the scheme must be smtp or smtps")
	case mode == "none":
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case mode == "optional":
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	case mode == "" || mode == "required":
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		return nil, errors.New("SMTP_URL: tls must be required, optional or none")
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("SMTP_URL: the port must be a number from 1 to 65535")
		}
	}
	opts = append(opts, gomail.WithPort(port))
	if config != nil {
		opts = append(opts, gomail.WithTLSConfig(config))
	}
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		auth := gomail.SMTPAuthAutoDiscover
		if u.Query().Get("tls") == "none" {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), opts...)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return &smtpSender{client: client, from: from}, nil
}

// check signs in to the mail server and leaves again.
func (s *smtpSender) check(ctx context.Context) error {
	c, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	return s.client.CloseWithSMTPClient(c)
}

// send hands one mail over. A rejected error is final; any other means that the mail may be tried again under the same Message-ID.
// Errors carry codes, not what the server wrote, which may quote the address.
func (s *smtpSender) send(ctx context.Context, e envelope) error {
	m, err := s.compose(e)
	if err != nil {
		return rejected{err.Error()}
	}
	err = s.client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() {
		return nil // an error after the server took the mail is about the connection, not the mail
	}
	var failure *gomail.SendError
	if !errors.As(err, &failure) {
		return fmt.Errorf("reach the mail server: %w", withoutPersonalData(err))
	}
	code := failure.ErrorCode()
	reason := fmt.Sprintf("mail server answered %d %s %s", code, failure.EnhancedStatusCode(), failure.Reason)
	if code == 0 {
		return fmt.Errorf("mail server went away while %s", failure.Reason)
	}
	if code >= 500 && aboutTheMail(code, failure.Reason) {
		return rejected{reason}
	}
	return errors.New(reason)
}

// aboutTheMail tells a refusal of this recipient or content from one of ourselves (not signed in, sender not allowed), which the
// operator can mend while the mail waits.
func aboutTheMail(code int, reason gomail.SendErrReason) bool {
	switch code {
	case 530, 534, 535, 538:
		return false
	}
	return reason != gomail.ErrSMTPMailFrom
}

// withoutPersonalData keeps the network's part of a dial error.
func withoutPersonalData(err error) error {
	var network *net.OpError
	if errors.As(err, &network) {
		return network
	}
	return err
}

func (s *smtpSender) compose(e envelope) (*gomail.Msg, error) {
	if !message.ValidAddress(e.toEmail) {
		return nil, errors.New("the recipient's address cannot be used")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	name := e.fromName
	if name == "" {
		name = s.from.Name
	}
	m.FromMailAddress(&mail.Address{Name: message.Line(name), Address: s.from.Address})
	m.ToMailAddress(&mail.Address{Name: message.Line(e.toName), Address: e.toEmail})
	if e.replyTo != "" && message.ValidAddress(e.replyTo) {
		m.ReplyToMailAddress(&mail.Address{Name: message.Line(name), Address: e.replyTo})
	}
	m.Subject(message.Line(e.subject))
	m.SetMessageIDWithValue(e.messageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if e.unsubscribe != "" {
		if err := m.SetListUnsubscribeOneClick(e.unsubscribe); err != nil {
			return nil, errors.New("the unsubscribe address must be an https address")
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, e.text)
	m.AddAlternativeString(gomail.TypeTextHTML, e.html)
	for _, a := range e.attachments {
		m.AttachReadSeeker(message.FileName(a.name), bytes.NewReader(a.content), gomail.WithFileContentType(gomail.ContentType(a.contentType)))
	}
	return m, nil
}
