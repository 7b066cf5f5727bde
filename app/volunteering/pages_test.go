package volunteering_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/people"
	"tributary/app/platform/web"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/person"
)

// visitor is a browser on the pages of a world, with cookies; it does not follow redirects.
type visitor struct {
	*world
	url    string
	client *http.Client
	who    string // the person whose supporter session it has; empty: whoever its cookies say
}

// callers lets people in by a cookie that names them, or by the session that a page opened.
type callers struct {
	w      *world
	people *people.Service
}

func (c callers) Authenticate(ctx context.Context, given web.Credentials) (actor.Actor, string, error) {
	if who, err := uuid.Parse(given.SupporterCookie); err == nil {
		return actor.Actor{Kind: actor.KindSupporter, ID: who, OrgID: c.w.org.ID.UUID}, "csrf", nil
	}
	if given.SupporterCookie == "" {
		return actor.Nobody, "", fault.New(fault.KindUnauthenticated, "session.required", "Sign in first.")
	}
	return c.people.AuthenticateSupporter(ctx, given.SupporterCookie)
}

func (w *world) visit() *visitor {
	w.t.Helper()
	address := scene.Serve(w.t, w.db, w.clock.Now, callers{w, w.people}, func(server *web.Server) { w.volunteering.Pages(server.Pages()) })
	return &visitor{world: w, url: address, client: scene.Browser(w.t)}
}

// as is the browser of a supporter.
func (v *visitor) as(p person.Person) *visitor {
	c := *v
	c.who = p.ID.String()
	return &c
}

// page is an answer: what it says, without markup, and how.
type page struct {
	t        testing.TB
	status   int
	location string
	header   http.Header
	text     string
	html     string
}

var (
	unnamed = regexp.MustCompile(`\b(vol|shifts|my|give|thanks)\.[a-z_]+\b`)
	token   = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)
)

func (v *visitor) send(method, path string, form url.Values) page {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.url+strings.TrimPrefix(path, "https://give.example.org"), strings.NewReader(form.Encode()))
	require.NoError(v.t, err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.who != "" {
		r.AddCookie(&http.Cookie{Name: "supporter", Value: v.who})
	}
	answer, err := v.client.Do(r)
	require.NoError(v.t, err)
	defer func() { require.NoError(v.t, answer.Body.Close()) }()
	raw, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	p := page{t: v.t, status: answer.StatusCode, location: answer.Header.Get("Location"), header: answer.Header, html: string(raw)}
	p.text = scene.Words(p.html)
	require.NotRegexp(v.t, unnamed, p.text, "every text is in the catalogue")
	require.NotContains(v.t, p.html, "ZgotmplZ", "no address was refused by the template")
	return p
}

func (v *visitor) get(path string) page {
	v.t.Helper()
	return v.send(http.MethodGet, path, nil)
}

// submit sends a form of the page at from; fields are pairs of name and value, and a name may come again.
func (v *visitor) submit(from, to string, fields ...string) page {
	v.t.Helper()
	shown := v.get(from)
	found := token.FindStringSubmatch(shown.html)
	require.Len(v.t, found, 2, shown.text)
	form := url.Values{"csrf_token": {found[1]}}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.send(http.MethodPost, to, form)
}

// says requires sentences in the order in which they are given.
func (p page) says(sentences ...string) {
	p.t.Helper()
	rest := p.text
	for _, s := range sentences {
		i := strings.Index(rest, s)
		require.GreaterOrEqual(p.t, i, 0, "%q is missing after what came before, in: %s", s, p.text)
		rest = rest[i+len(s):]
	}
}

func (p page) saysNot(sentences ...string) {
	p.t.Helper()
	for _, s := range sentences {
		require.NotContains(p.t, p.text, s)
	}
}

// private requires that nobody else keeps the page, and that its address stays here.
func (p page) private() {
	p.t.Helper()
	require.Equal(p.t, "private, no-store", p.header.Get("Cache-Control"))
	require.Equal(p.t, "no-referrer", p.header.Get("Referrer-Policy"))
	require.Contains(p.t, p.html, `<meta name="robots" content="noindex">`)
}

// link is the first address on this site in the newest mail to somebody that has a part.
func (v *visitor) link(to, part string) string {
	v.t.Helper()
	mails := v.mails(to)
	require.NotEmpty(v.t, mails)
	found := regexp.MustCompile(`https://give\.example\.org` + regexp.QuoteMeta(part) + `[^\s"<>)]+`).FindString(mails[len(mails)-1].Text)
	require.NotEmpty(v.t, found, mails[len(mails)-1].Text)
	return found
}
