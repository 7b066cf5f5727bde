package apptest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/web"
)

// Client is one browser or program that talks to a World.
type Client struct {
	t     testing.TB
	url   string
	http  *http.Client
	org   string
	csrf  string
	token string
}

// Nobody is a client that is not signed in.
func (w *World) Nobody() *Client {
	w.T.Helper()
	return &Client{t: w.T, url: w.URL, http: scene.Browser(w.T)}
}

// SignIn is a client signed in as the member, working for the member's organization.
func (w *World) SignIn(m Member) *Client {
	w.T.Helper()
	c := w.Nobody()
	var session struct {
		CSRFToken string `json:"csrf_token"`
	}
	c.Post("/session", map[string]string{"email": m.Login.Email, "password": Password}).OK().Into(&session)
	c.csrf, c.org = session.CSRFToken, m.Organization.Slug
	return c
}

// For is the same browser working for another organization.
func (c *Client) For(slug string) *Client {
	other := *c
	other.org = slug
	return &other
}

// WithToken is a program with an API token.
func (w *World) WithToken(token string) *Client {
	c := w.Nobody()
	c.token = token
	return c
}

// Option changes a request.
type Option func(*http.Request)

// Header sets a request header.
func Header(name, value string) Option { return func(r *http.Request) { r.Header.Set(name, value) } }

// IdempotencyKey replaces the fresh key that every POST carries.
func IdempotencyKey(key string) Option { return Header("Idempotency-Key", key) }

// Get asks an operation of the API.
func (c *Client) Get(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Send(http.MethodGet, web.Prefix+path, nil, options...)
}

// Post sends a body to an operation of the API.
func (c *Client) Post(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Send(http.MethodPost, web.Prefix+path, body, options...)
}

// Patch sends a change to an operation of the API.
func (c *Client) Patch(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Send(http.MethodPatch, web.Prefix+path, body, options...)
}

// Put sends a whole to an operation of the API.
func (c *Client) Put(path string, body any, options ...Option) *Response {
	c.t.Helper()
	return c.Send(http.MethodPut, web.Prefix+path, body, options...)
}

// Delete asks an operation of the API to remove something.
func (c *Client) Delete(path string, options ...Option) *Response {
	c.t.Helper()
	return c.Send(http.MethodDelete, web.Prefix+path, nil, options...)
}

// Send makes any request. A body that is text or bytes is sent as it is, anything else as JSON.
func (c *Client) Send(method, path string, body any, options ...Option) *Response {
	c.t.Helper()
	var content io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	case []byte:
		content = bytes.NewReader(b)
	default:
		encoded, err := json.Marshal(body)
		require.NoError(c.t, err)
		content = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, content)
	require.NoError(c.t, err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == http.MethodPost {
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for name, value := range map[string]string{"X-Organization": c.org, "X-CSRF-Token": c.csrf} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, option := range options {
		option(r)
	}
	response, err := c.http.Do(r)
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return &Response{Response: response, t: c.t, Text: string(read)}
}

// Response is an answer whose body has been read.
type Response struct {
	*http.Response
	Text string
	t    testing.TB
}

// Is requires a status.
func (r *Response) Is(status int) *Response {
	r.t.Helper()
	require.Equal(r.t, status, r.StatusCode, "%s %s: %s", r.Request.Method, r.Request.URL.Path, r.Text)
	return r
}

// OK requires success, whichever.
func (r *Response) OK() *Response {
	r.t.Helper()
	require.Less(r.t, r.StatusCode, 300, "%s %s: %s", r.Request.Method, r.Request.URL.Path, r.Text)
	return r
}

// Into reads the body's JSON.
func (r *Response) Into(target any) {
	r.t.Helper()
	require.NoError(r.t, json.Unmarshal([]byte(r.Text), target), "%s", r.Text)
}

// Problem requires a problem document with a status and a code, and returns it.
func (r *Response) Problem(status int, code string) web.Problem {
	r.t.Helper()
	r.Is(status)
	require.Equal(r.t, "application/problem+json", r.Header.Get("Content-Type"))
	var p web.Problem
	r.Into(&p)
	require.Equal(r.t, code, p.Code, "%s", r.Text)
	require.NotEmpty(r.t, p.RequestID)
	return p
}

// Blames requires a problem that names the field, with a code.
func (r *Response) Blames(location, code string) {
	r.t.Helper()
	var p web.Problem
	r.Is(http.StatusUnprocessableEntity).Into(&p)
	for _, field := range p.Errors {
		if field.Location == location {
			require.Equal(r.t, code, field.Code, "%s", r.Text)
			return
		}
	}
	require.Fail(r.t, "the field is not named", "%s: %s", location, r.Text)
}

// Decode reads the JSON of a successful answer.
func Decode[T any](r *Response) T {
	r.t.Helper()
	var value T
	r.OK().Into(&value)
	return value
}
