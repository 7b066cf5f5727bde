package mail_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/queue/queuetest"
	"tributary/domain/id"
	"tributary/domain/message"
)

func TestTheDevelopmentOutboxShowsEveryMail(t *testing.T) {
	t.Parallel()
	f := start(t, false)
	site := httptest.NewServer(f.outbox.DevHandler())
	t.Cleanup(site.Close)
	get := func(path, accept string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Accept", accept)
		answer, err := site.Client().Do(r)
		require.NoError(t, err)
		defer func() { require.NoError(t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer, string(text)
	}
	_, text := get("/dev/outbox", "text/html")
	require.Contains(t, text, "Nothing yet")

	require.NoError(t, f.store.Put(t.Context(), "a.pdf", "application/pdf", strings.NewReader("%PDF-")))
	m := f.mail()
	m.Subject, m.Secret = `<script>alert(1)</script>`, true
	m.Text = "Open https://give.example/r/abc.\nOr (https://give.example/my/riverbend), or https://give.example/r/abc\n"
	m.HTML = `<p><a href="https://give.example/r/abc">Open</a></p>`
	m.Attachments = []message.Attachment{{Name: "r.pdf", ContentType: "application/pdf", Key: "file:a.pdf"}}
	f.enqueue(t, m)
	require.NoError(t, f.db.InTx(t.Context(), database.Platform(), func(tx database.Tx) error {
		return f.outbox.EnqueueLoginTx(t.Context(), tx, message.LoginMessage{
			ID: id.New[message.LoginMessage](), Kind: "password.reset", ToEmail: "owner@riverbend.example", Subject: "Reset", Text: "https://x.example/reset/1", HTML: "<p>x</p>",
		})
	}))
	queuetest.Drain(t, f.queue)
	require.Empty(t, f.server.Received())

	answer, text := get("/dev/outbox", "text/html")
	require.Equal(t, "text/html; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Contains(t, text, "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.NotContains(t, text, "<script")
	require.Contains(t, text, "owner@riverbend.example")

	_, text = get("/dev/outbox?to=MAYA@example.org", "application/json")
	var listed struct {
		Items []struct {
			Subject string
			State   message.State
			Links   []string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &listed))
	require.Len(t, listed.Items, 1)
	require.Equal(t, message.Sent, listed.Items[0].State)
	require.Equal(t, []string{"https://give.example/r/abc", "https://give.example/my/riverbend"}, listed.Items[0].Links)

	_, text = get("/dev/outbox/"+m.ID.String(), "text/html")
	require.Contains(t, text, `sandbox="`)
	require.Contains(t, text, `href="https://give.example/my/riverbend"`)
	answer, text = get("/dev/outbox/"+m.ID.String()+"/html", "text/html")
	require.Contains(t, text, `<a target="_top" href="https://give.example/r/abc">`)
	require.Contains(t, answer.Header.Get("Content-Security-Policy"), "sandbox")
	require.NotContains(t, answer.Header.Get("Content-Security-Policy"), "allow-scripts")
	answer, text = get("/dev/outbox/"+m.ID.String()+"/files/0", "*/*")
	require.Equal(t, "application/pdf", answer.Header.Get("Content-Type"))
	require.Equal(t, "%PDF-", text)
	for _, path := range []string{"/dev/outbox/nobody", "/dev/outbox/" + m.ID.String() + "/files/7", "/dev/outbox/nobody/html"} {
		answer, _ = get(path, "*/*")
		require.Equal(t, http.StatusNotFound, answer.StatusCode, path)
	}
}
