package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

const pagesHTML = `{{define "content"}}<h1>{{.Data.Name}}</h1>{{if .Data.Form}}<form method="post">{{csrfField}}</form>{{end}}{{end}}`

// site is a server under test with a client that keeps cookies.
type site struct {
	*web.Server
	t      testing.TB
	url    string
	log    *logBuffer
	client *http.Client
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// doors lets in whoever names a key of its map.
type doors map[string]actor.Actor

const doorsCSRF = "csrf-of-the-session"

func (d doors) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	for _, token := range []string{c.Bearer, c.SessionCookie, c.SupporterCookie} {
		if who, ok := d[token]; ok && token != "" {
			if c.Bearer != "" {
				return who, "", nil
			}
			return who, doorsCSRF, nil
		}
	}
	return actor.Nobody, "", fault.New(fault.KindUnauthenticated, "session.unknown", "Sign in again.")
}

var (
	org     = uuid.MustParse("0197c000-0000-7000-8000-000000000001")
	finance = actor.Actor{
		Kind: actor.KindLogin, ID: uuid.MustParse("0197c000-0000-7000-8000-000000000002"), OrgID: org,
		Permissions: []string{string(account.DonationsRecord)},
	}
	people = doors{
		"finance":   finance,
		"viewer":    {Kind: actor.KindLogin, ID: uuid.New(), OrgID: org, Permissions: []string{string(account.DonationsRead)}},
		"nowhere":   {Kind: actor.KindLogin, ID: uuid.New()},
		"operator":  {Kind: actor.KindLogin, ID: uuid.New(), Operator: true},
		"supporter": {Kind: actor.KindSupporter, ID: uuid.New(), OrgID: org},
		"token":     {Kind: actor.KindToken, ID: uuid.New(), OrgID: org, Permissions: []string{string(account.DonationsRecord)}},
	}
)

// start serves what register adds.
func start(t testing.TB, db *database.DB, register func(s *web.Server), change ...func(*web.Config)) *site {
	t.Helper()
	log := &logBuffer{}
	cfg := web.Config{
		PublicURL: &url.URL{Scheme: "http", Host: "tributary.test"}, Secret: bytes.Repeat([]byte("s"), 32), Now: time.Now,
		Log: slog.New(slog.NewJSONHandler(log, nil)), DB: db, Auth: people,
		Templates: fstest.MapFS{"hello.html": {Data: []byte(pagesHTML)}},
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := web.New(cfg)
	require.NoError(t, err)
	if register != nil {
		register(s)
	}
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.HTTPServer()
	server.Start()
	t.Cleanup(func() {
		s.StopStreams()
		server.Close()
	})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &site{Server: s, t: t, url: server.URL, log: log, client: client}
}

// answer is a response whose body has been read.
type answer struct {
	*http.Response
	body string
}

func (a answer) problem(t testing.TB) web.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"))
	var p web.Problem
	require.NoError(t, json.Unmarshal([]byte(a.body), &p))
	require.Equal(t, a.StatusCode, p.Status)
	require.Equal(t, a.Header.Get("X-Request-Id"), p.RequestID)
	return p
}

type with func(*http.Request)

func header(name, value string) with { return func(r *http.Request) { r.Header.Set(name, value) } }

func session(name string) with {
	return func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "session", Value: name})
		r.Header.Set("X-CSRF-Token", doorsCSRF)
	}
}

func (s *site) do(method, path, body string, changes ...with) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	response, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, response.Body.Close()) }()
	content, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return answer{response, string(content)}
}

// gift is a small operation that shows all of the edge.
type giftInput struct {
	Body struct {
		Amount int64  `json:"amount" minimum:"1" maximum:"1000"`
		Name   string `json:"name" maxLength:"10"`
		Note   string `json:"note,omitempty"`
	}
}

type giftOutput struct {
	Body struct {
		Name   string `json:"name"`
		Amount int64  `json:"amount"`
	}
}

func gift(run func(ctx context.Context, in *giftInput) error) func(*web.Server) {
	return func(s *web.Server) {
		web.Handle(s.API(), web.Op{
			ID: "give", Method: http.MethodPost, Path: "/gifts", Summary: "Give", Tag: "Gifts", Permission: account.DonationsRecord, Status: 201, MaxBody: 2000,
		}, func(ctx context.Context, in *giftInput) (*giftOutput, error) {
			if run != nil {
				if err := run(ctx, in); err != nil {
					return nil, err
				}
			}
			out := &giftOutput{}
			out.Body.Name, out.Body.Amount = in.Body.Name, in.Body.Amount
			return out, nil
		})
	}
}
