// Package mailtest is a mail server for tests: it runs in the process, keeps what it was given, and misbehaves when told to.
package mailtest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Mode is how the server treats the next mails.
type Mode int

// The modes.
const (
	Accept         Mode = iota // takes mails
	Down                       // closes every connection at once
	Busy                       // answers RCPT with 451: try again later
	Full                       // answers the end of DATA with 452: try again later
	UnknownAddress             // answers RCPT with 550: never
	Refused                    // answers the end of DATA with 554: never
	SenderRefused              // answers MAIL with 553
	DropAfterData              // takes the mail, then the connection breaks before the answer
	DropAfterQuit              // takes and answers, then the connection breaks
)

// Server is a running mail server.
type Server struct {
	listener net.Listener
	served   sync.WaitGroup

	mu       sync.Mutex
	mode     Mode
	received []Mail
	sessions int
	open     map[net.Conn]bool
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &Server{listener: listener, open: map[net.Conn]bool{}}
	s.served.Go(s.accept)
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		s.closeAll()
		s.served.Wait()
	})
	return s
}

// URL is the server's address as SMTP_URL wants it.
func (s *Server) URL() string { return "smtp://" + s.listener.Addr().String() + "?tls=none" }

// Set changes the mode from the next command on.
func (s *Server) Set(m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = m
}

// Received lists the mails the server took, the oldest first.
func (s *Server) Received() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.received...)
}

// Mailboxes is what the readers have: of mails with the same Message-ID a mailbox shows one.
func (s *Server) Mailboxes() []Mail {
	var shown []Mail
	seen := map[string]bool{}
	for _, m := range s.Received() {
		if id := m.Header.Get("Message-Id"); !seen[id] {
			seen[id] = true
			shown = append(shown, m)
		}
	}
	return shown
}

// Sessions counts the connections so far.
func (s *Server) Sessions() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions
}

func (s *Server) now() Mode {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return // closed by the test's end
		}
		s.mu.Lock()
		s.sessions++
		s.open[conn] = true
		s.mu.Unlock()
		s.served.Go(func() {
			_ = s.serve(conn) // the other side may leave whenever it likes
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
			_ = conn.Close()
		})
	}
}

func (s *Server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close()
	}
}

var errHangUp = errors.New("hung up")

func (s *Server) serve(conn net.Conn) error {
	if s.now() == Down {
		return errHangUp
	}
	r := bufio.NewReader(conn)
	say := func(line string) error { _, err := fmt.Fprintf(conn, "%s\r\n", line); return err }
	if err := say("220 mailtest ESMTP"); err != nil {
		return err
	}
	var from string
	var to []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		verb, rest, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		answer := "250 2.0.0 ok"
		mode := s.now()
		switch strings.ToUpper(verb) {
		case "EHLO":
			answer = "250-mailtest\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES"
		case "MAIL":
			from, to = path(rest), nil
			if mode == SenderRefused {
				answer = "553 5.7.1 this sender may not"
			}
		case "RCPT":
			switch mode {
			case Busy:
				answer = "451 4.3.0 try again later"
			case UnknownAddress:
				answer = "550 5.1.1 no such user " + path(rest)
			default:
				to = append(to, path(rest))
			}
		case "DATA":
			if err := say("354 go on"); err != nil {
				return err
			}
			raw, err := data(r)
			if err != nil {
				return err
			}
			if answer, err = s.take(from, to, raw); err != nil {
				return err
			}
		case "QUIT":
			if mode == DropAfterQuit {
				return errHangUp
			}
			return say("221 2.0.0 bye")
		}
		if err := say(answer); err != nil {
			return err
		}
		if strings.EqualFold(verb, "DATA") && mode == DropAfterQuit {
			return errHangUp
		}
	}
}

func (s *Server) take(from string, to []string, raw string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.mode {
	case Full:
		return "452 4.3.1 no room", nil
	case Refused:
		return "554 5.7.1 refused", nil
	default:
	}
	m, err := parse(from, to, raw)
	if err != nil {
		return "554 5.6.0 " + err.Error(), nil
	}
	s.received = append(s.received, m)
	if s.mode == DropAfterData {
		return "", errHangUp
	}
	return "250 2.0.0 taken", nil
}

func data(r *bufio.Reader) (string, error) {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", err
		}
		if line == ".\r\n" {
			return b.String(), nil
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

func path(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}
