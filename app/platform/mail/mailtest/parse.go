package mailtest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
)

// Mail is one mail as the server took it. Header texts that Subject does not name are still encoded; see Decoded.
type Mail struct {
	EnvelopeFrom string
	EnvelopeTo   []string
	Header       mail.Header
	Subject      string
	Text         string
	HTML         string
	Files        []File
	Raw          string
}

// File is an attachment.
type File struct {
	Name, ContentType string
	Content           []byte
}

// Decoded is the text of a header.
func (m Mail) Decoded(name string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(name))
	if err != nil {
		return m.Header.Get(name)
	}
	return s
}

func parse(from string, to []string, raw string) (Mail, error) {
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return Mail{}, fmt.Errorf("read mail: %w", err)
	}
	m := Mail{EnvelopeFrom: from, EnvelopeTo: to, Header: msg.Header, Raw: raw}
	m.Subject = m.Decoded("Subject")
	if m.Header.Get("Message-Id") == "" {
		return Mail{}, errors.New("a mail needs a Message-ID")
	}
	return m, m.walk(part{
		contentType: msg.Header.Get("Content-Type"), encoding: msg.Header.Get("Content-Transfer-Encoding"), body: msg.Body,
	})
}

type part struct {
	contentType, encoding, name string
	body                        io.Reader
}

func (m *Mail) walk(p part) error {
	kind, params, err := mime.ParseMediaType(p.contentType)
	if err != nil {
		return fmt.Errorf("read content type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(p.body, params["boundary"])
		for {
			next, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read part: %w", err)
			}
			name, err := new(mime.WordDecoder).DecodeHeader(next.FileName())
			if err != nil {
				return fmt.Errorf("read file name: %w", err)
			}
			inner := part{next.Header.Get("Content-Type"), next.Header.Get("Content-Transfer-Encoding"), name, next}
			if err := m.walk(inner); err != nil {
				return err
			}
		}
	}
	body := p.body
	switch strings.ToLower(p.encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("decode part: %w", err)
	}
	switch {
	case p.name != "":
		m.Files = append(m.Files, File{Name: p.name, ContentType: kind, Content: b})
	case kind == "text/plain":
		m.Text = strings.ReplaceAll(string(b), "\r\n", "\n")
	case kind == "text/html":
		m.HTML = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	return nil
}
