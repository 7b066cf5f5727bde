package message_test

import (
	"net/mail"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"tributary/domain/message"
)

func sample() message.Message {
	return message.Message{DedupeKey: "k", ToEmail: "maya@example.org", Subject: "Thank you", Text: "t", HTML: "h"}
}

func TestAMailSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		change func(*message.Message)
		want   error
	}{
		"no key":           {func(m *message.Message) { m.DedupeKey = "" }, message.ErrKey},
		"no recipient":     {func(m *message.Message) { m.ToEmail = "" }, message.ErrAddress},
		"bad reply-to":     {func(m *message.Message) { m.ReplyTo = "hello" }, message.ErrAddress},
		"no subject":       {func(m *message.Message) { m.Subject = " \r\n" }, message.ErrSubject},
		"long subject":     {func(m *message.Message) { m.Subject = strings.Repeat("é", 251) }, message.ErrSubject},
		"no text":          {func(m *message.Message) { m.Text = "" }, message.ErrBody},
		"no html":          {func(m *message.Message) { m.HTML = "" }, message.ErrBody},
		"a book as a mail": {func(m *message.Message) { m.Text = strings.Repeat("x", 600<<10) }, message.ErrBody},
	} {
		m := sample()
		tc.change(&m)
		require.ErrorIs(t, m.Queue(now), tc.want, name)
	}
	m := sample()
	require.NoError(t, m.Queue(now))
	require.Equal(t, message.Queued, m.State)
	require.Equal(t, now, m.CreatedAt)
	require.False(t, m.ID.IsZero())
	require.NotNil(t, m.Attachments)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a@b.co", "maya+gift@example.org", "zoë@exämple.org", "o'neil@example.ie"} {
		require.True(t, message.ValidAddress(good), good)
	}
	for _, bad := range []string{"", "a", "a@", "@b", "a b@c.d", "a@b.c\n", "a@b.c\x00", "A <a@b.c>", "a@b.c,d@e.f", "<a@b.c>", "a@b.c (x)", "a@\xff.c", strings.Repeat("a", 255) + "@b.c"} {
		require.False(t, message.ValidAddress(bad), "%q", bad)
	}
}

func TestFileNames(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"receipt-RB-2026-000001.pdf": "receipt-RB-2026-000001.pdf", "../../etc/passwd": "-..-etc-passwd", "a\r\nb": "a b", "": "attachment", "...": "attachment", `x"y`: "x-y",
	} {
		require.Equal(t, want, message.FileName(in), "%q", in)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"Hi\r\nBcc: x@y.z", "\u2028", "a\x00b", "\xff", "  a  b "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := message.Line(s)
		require.Equal(t, line, message.Line(line))
		require.False(t, strings.ContainsFunc(line, unicode.IsControl), "%q", line)
		if message.ValidAddress(s) {
			_, err := mail.ParseAddress(s)
			require.NoError(t, err)
		}
	})
}
