package access_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/publicsuffix"

	"tributary/app/auditing"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/frontend"
)

// site is the service behind real HTTP.
type site struct {
	*fixture
	url *url.URL
}

func serve(t *testing.T) *site {
	t.Helper()
	f := start(t)
	server := httptest.NewUnstartedServer(nil)
	public, err := url.Parse("http://" + server.Listener.Addr().String())
	require.NoError(t, err)
	edge, err := web.New(web.Config{
		PublicURL: public, Secret: make([]byte, 32), Now: f.clock.Now, Log: slog.New(slog.DiscardHandler), DB: f.db, Auth: f.Service,
		Templates: frontend.Templates, Locales: frontend.Locales,
	})
	require.NoError(t, err)
	f.Routes(edge.API())
	auditing.New(f.db, f.clock.Now).Routes(edge.API())
	server.Config.Handler = edge.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return &site{fixture: f, url: public}
}

// client is one browser or program.
type client struct {
	t      *testing.T
	site   *site
	http   *http.Client
	csrf   string
	slug   string
	bearer string
}

func (s *site) client(t *testing.T) *client {
	t.Helper()
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	require.NoError(t, err)
	return &client{t: t, site: s, http: &http.Client{Jar: jar}}
}

// signedIn is a browser of the login, at an organization.
func (s *site) signedIn(t *testing.T, l account.Login, slug string) *client {
	t.Helper()
	c := s.client(t)
	body := c.want(http.StatusOK, "POST", "/session", m{"email": l.Email, "password": password})
	c.csrf, c.slug = body["csrf_token"].(string), slug
	return c
}

type m = map[string]any

// want sends a request, requires the status and returns the decoded body, nil without one.
func (c *client) want(status int, method, path string, body any) m {
	c.t.Helper()
	code, _, answer := c.send(method, path, body)
	require.Equal(c.t, status, code, "%s %s: %v", method, path, answer)
	return answer
}

func (c *client) send(method, path string, body any) (int, http.Header, m) {
	c.t.Helper()
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(c.t, err)
		content = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.site.url.String()+web.Prefix+path, content)
	require.NoError(c.t, err)
	for name, value := range map[string]string{"Content-Type": "application/json", "X-CSRF-Token": c.csrf, "X-Organization": c.slug} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if c.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	response, err := c.http.Do(r)
	require.NoError(c.t, err)
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	if len(raw) == 0 {
		return response.StatusCode, response.Header, nil
	}
	var answer m
	require.NoError(c.t, json.Unmarshal(raw, &answer), string(raw))
	return response.StatusCode, response.Header, answer
}

// fields are the codes of a problem by location.
func fields(problem m) map[string]string {
	found := map[string]string{}
	list, _ := problem["errors"].([]any)
	for _, e := range list {
		found[e.(m)["location"].(string)] = e.(m)["code"].(string)
	}
	return found
}

func TestSessionsOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	s.found(t, olga, "riverbend")
	c := s.client(t)
	require.Equal(t, "login.wrong_credentials", c.want(http.StatusUnauthorized, "POST", "/session", m{"email": olga.Email, "password": "wrong"})["code"])
	require.Equal(t, map[string]string{"body.password": "field.required"}, fields(c.want(http.StatusUnprocessableEntity, "POST", "/session", m{"email": "x"})))
	c.want(http.StatusUnauthorized, "GET", "/session", nil)

	code, header, body := c.send("POST", "/session", m{"email": olga.Email, "password": password})
	require.Equal(t, http.StatusOK, code)
	cookies := header.Values("Set-Cookie")
	require.Len(t, cookies, 2)
	require.Regexp(t, `^session=[\w-]{43}; Path=/; Expires=Tue, 22 Dec 2026 12:00:00 GMT; HttpOnly; SameSite=Lax$`, cookies[0])
	require.Regexp(t, `^csrf=[\w-]{43}; Path=/; Expires=Tue, 22 Dec 2026 12:00:00 GMT; SameSite=Lax$`, cookies[1])
	membership := body["memberships"].([]any)[0].(m)
	require.Equal(t, "riverbend", membership["organization"].(m)["slug"])
	require.Equal(t, "owner", membership["role"])
	require.Contains(t, membership["permissions"], "team:manage")
	require.NotContains(t, body, "Cookie")

	require.Equal(t, body, c.want(http.StatusOK, "GET", "/session", nil))
	require.Equal(t, "csrf.failed", c.want(http.StatusForbidden, "DELETE", "/session", nil)["code"])
	c.csrf = body["csrf_token"].(string)
	_, header, _ = c.send("DELETE", "/session", nil)
	require.Regexp(t, `^session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax$`, header.Values("Set-Cookie")[0])
	c.want(http.StatusUnauthorized, "GET", "/session", nil)
}

func TestSignOutEverywhereOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	one, two := s.signedIn(t, olga, ""), s.signedIn(t, olga, "")
	one.want(http.StatusNoContent, "DELETE", "/sessions", nil)
	two.want(http.StatusUnauthorized, "GET", "/session", nil)
}

func TestALockedLoginOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	c := s.client(t)
	for range account.MaxFailedSignIns {
		c.want(http.StatusUnauthorized, "POST", "/session", m{"email": olga.Email, "password": "wrong"})
	}
	code, header, body := c.send("POST", "/session", m{"email": olga.Email, "password": password})
	require.Equal(t, http.StatusTooManyRequests, code)
	require.Equal(t, "900", header.Get("Retry-After"))
	require.Equal(t, "login.locked", body["code"])
}

func TestPasswordResetOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	c := s.client(t)
	for _, email := range []string{olga.Email, "nobody@riverbend.example"} {
		require.Nil(t, c.want(http.StatusAccepted, "POST", "/password-resets", m{"email": email}))
	}
	require.Equal(t, map[string]string{"body.email": "email.invalid"}, fields(c.want(http.StatusUnprocessableEntity, "POST", "/password-resets", m{"email": "x"})))
	secret := secretOf(t, s.loginMails(t, olga.Email)[0])
	problem := c.want(http.StatusUnprocessableEntity, "POST", "/password-resets/"+secret, m{"password": "short"})
	require.Equal(t, map[string]string{"body.password": "password.too_short"}, fields(problem))
	c.want(http.StatusNoContent, "POST", "/password-resets/"+secret, m{"password": "a ferry under the bridge"})
	require.Equal(t, "password_reset.invalid", c.want(http.StatusNotFound, "POST", "/password-resets/"+secret, m{"password": "a ferry under the bridge"})["code"])
	c.want(http.StatusOK, "POST", "/session", m{"email": olga.Email, "password": "a ferry under the bridge"})
}

func TestOrganizationOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	c := s.signedIn(t, olga, "")
	o := c.want(http.StatusCreated, "POST", "/organizations", m{"name": "Harbor Food Bank", "kind": "nonprofit", "zone": "America/Chicago"})
	require.Equal(t, []any{"harbor-food-bank", "America/Chicago", "USD", nil}, []any{o["slug"], o["zone"], o["currency"], o["ein"]})
	require.Equal(t, "organization.slug_taken", c.want(http.StatusConflict, "POST", "/organizations", m{"name": "Harbor Food Bank", "kind": "company"})["code"])
	require.Equal(t, "organization.not_chosen", c.want(http.StatusForbidden, "GET", "/organization", nil)["code"])
	c.slug = "harbor-food-bank"
	require.Equal(t, o, c.want(http.StatusOK, "GET", "/organization", nil))
	changed := c.want(http.StatusOK, "PATCH", "/organization", m{"brand_color": "#123456", "embed_origins": []string{"https://harbor.example"}})
	require.Equal(t, []any{"#123456", []any{"https://harbor.example"}}, []any{changed["brand_color"], changed["embed_origins"]})
	problem := c.want(http.StatusUnprocessableEntity, "PATCH", "/organization", m{"name": "", "fiscal_year_start": 13})
	require.Equal(t, map[string]string{"body.name": "text.required", "body.fiscal_year_start": "organization.fiscal_year_invalid"}, fields(problem))
	c.want(http.StatusUnprocessableEntity, "PATCH", "/organization", m{"ein": "830123456"})
}

func TestBookingPledgesIsASettingThatIsRecorded(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	o := s.found(t, olga, "riverbend")
	fin := s.member(t, o, "fin", account.Finance)
	owner, finance := s.signedIn(t, olga, "riverbend"), s.signedIn(t, fin, "riverbend")
	require.Equal(t, false, owner.want(http.StatusOK, "GET", "/organization", nil)["book_pledges"], "a pledge is a memo unless they choose otherwise")
	finance.want(http.StatusForbidden, "PATCH", "/organization", m{"book_pledges": true})
	for _, books := range []bool{true, true, false} {
		require.Equal(t, books, owner.want(http.StatusOK, "PATCH", "/organization", m{"book_pledges": books})["book_pledges"])
		require.Equal(t, books, finance.want(http.StatusOK, "GET", "/organization", nil)["book_pledges"])
	}
	require.Equal(t, []string{"false to true", "true to false"}, column[string](t, s.fixture, o.ID.UUID,
		`SELECT (before->>'book_pledges') || ' to ' || (after->>'book_pledges') FROM audit_events WHERE action = 'organization.changed' ORDER BY seq`))
}

func TestTeamOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	o := s.found(t, olga, "riverbend")
	vic := s.member(t, o, "vic", account.Viewer)
	owner, viewer := s.signedIn(t, olga, "riverbend"), s.signedIn(t, vic, "riverbend")

	invited := owner.want(http.StatusCreated, "POST", "/team/invitations", m{"email": "nora@riverbend.example", "role": "finance"})
	require.Equal(t, "2026-11-29T12:00:00Z", invited["expires_at"])
	require.Len(t, owner.want(http.StatusOK, "GET", "/team", nil)["invitations"], 1)
	seen := viewer.want(http.StatusOK, "GET", "/team", nil)
	require.Len(t, seen["items"], 2)
	require.Empty(t, seen["invitations"], "not for viewers")
	viewer.want(http.StatusForbidden, "POST", "/team/invitations", m{"email": "x@riverbend.example", "role": "viewer"})
	viewer.want(http.StatusForbidden, "PATCH", "/team/"+vic.ID.String(), m{"role": "owner"})
	viewer.want(http.StatusForbidden, "DELETE", "/team/"+olga.ID.String(), nil)
	owner.want(http.StatusUnprocessableEntity, "POST", "/team/invitations", m{"email": "x@riverbend.example", "role": "emperor"})
	owner.want(http.StatusUnprocessableEntity, "PATCH", "/team/not-an-id", m{"role": "viewer"})

	nora := s.client(t)
	secret := secretOf(t, s.mails(t, o, "nora@riverbend.example")[0])
	shown := nora.want(http.StatusOK, "GET", "/invitations/"+secret, nil)
	require.Equal(t, m{"organization_name": "riverbend", "email": "nora@riverbend.example", "role": "finance", "login_exists": false}, shown)
	problem := nora.want(http.StatusUnprocessableEntity, "POST", "/invitations/"+secret, m{"password": password})
	require.Equal(t, map[string]string{"body.name": "text.required"}, fields(problem))
	joined := nora.want(http.StatusOK, "POST", "/invitations/"+secret, m{"name": "Nora", "password": password})
	nora.csrf, nora.slug = joined["csrf_token"].(string), "riverbend"
	nora.want(http.StatusOK, "GET", "/audit", nil)
	nora.want(http.StatusNotFound, "GET", "/invitations/"+secret, nil)

	owner.want(http.StatusNoContent, "PATCH", "/team/"+vic.ID.String(), m{"role": "admin"})
	require.Equal(t, "team.last_owner", owner.want(http.StatusConflict, "DELETE", "/team/"+olga.ID.String(), nil)["code"])
	viewer.want(http.StatusNoContent, "DELETE", "/team/"+vic.ID.String(), nil)
	viewer.want(http.StatusNotFound, "GET", "/team", nil)
	gone := owner.want(http.StatusCreated, "POST", "/team/invitations", m{"email": "gone@riverbend.example", "role": "viewer"})
	owner.want(http.StatusNoContent, "DELETE", "/team/invitations/"+gone["id"].(string), nil)
	owner.want(http.StatusNotFound, "DELETE", "/team/invitations/"+gone["id"].(string), nil)
}

func TestTokensOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga := s.login(t, "olga")
	o := s.found(t, olga, "riverbend")
	vic := s.member(t, o, "vic", account.Viewer)
	owner, viewer := s.signedIn(t, olga, "riverbend"), s.signedIn(t, vic, "riverbend")
	require.Contains(t, owner.want(http.StatusOK, "GET", "/scopes", nil)["items"], "donations:read")
	made := owner.want(http.StatusCreated, "POST", "/tokens", m{"name": "Website", "scopes": []string{"organization:read"}})
	require.Regexp(t, `^trib_[\w-]{65}$`, made["token"])
	listed := owner.want(http.StatusOK, "GET", "/tokens", nil)["items"].([]any)[0].(m)
	require.NotContains(t, listed, "token")
	require.Equal(t, made["hint"], listed["hint"])
	require.Equal(t, map[string]string{"body.scopes": "token.scope_unknown"},
		fields(owner.want(http.StatusUnprocessableEntity, "POST", "/tokens", m{"name": "x", "scopes": []string{"team:manage"}})))
	viewer.want(http.StatusForbidden, "POST", "/tokens", m{"name": "x", "scopes": []string{"people:read"}})
	viewer.want(http.StatusForbidden, "GET", "/tokens", nil)

	program := s.client(t)
	program.bearer = made["token"].(string)
	require.Equal(t, "riverbend", program.want(http.StatusOK, "GET", "/organization", nil)["slug"])
	program.want(http.StatusForbidden, "PATCH", "/organization", m{"name": "Taken over"})
	program.want(http.StatusForbidden, "GET", "/tokens", nil)
	program.want(http.StatusForbidden, "GET", "/session", nil)
	require.Equal(t, "team.members_only", program.want(http.StatusForbidden, "DELETE", "/team/"+vic.ID.String(), nil)["code"])
	owner.want(http.StatusNoContent, "DELETE", "/tokens/"+made["id"].(string), nil)
	require.Equal(t, "token.invalid", program.want(http.StatusUnauthorized, "GET", "/organization", nil)["code"])
}

func TestAuditOverHTTP(t *testing.T) {
	t.Parallel()
	s := serve(t)
	olga, zoe := s.login(t, "olga"), s.login(t, "zoe")
	o := s.found(t, olga, "riverbend")
	s.found(t, zoe, "harbor")
	vic := s.member(t, o, "vic", account.Viewer)
	owner := s.signedIn(t, olga, "riverbend")
	for _, role := range []string{"finance", "fundraiser", "viewer"} {
		owner.want(http.StatusNoContent, "PATCH", "/team/"+vic.ID.String(), m{"role": role})
	}
	of := "/audit?subject_type=login&subject_id=" + vic.ID.String()
	page := owner.want(http.StatusOK, "GET", of+"&limit=3", nil)
	first := page["items"].([]any)[0].(m)
	require.Equal(t, []any{"member.role_changed", "login", "olga", m{"role": "fundraiser"}, m{"role": "viewer"}},
		[]any{first["action"], first["actor_kind"], first["actor_name"], first["before"], first["after"]})
	rest := owner.want(http.StatusOK, "GET", of+"&limit=3&cursor="+page["next_cursor"].(string), nil)
	last := rest["items"].([]any)
	require.Len(t, last, 1)
	require.Equal(t, []any{"member.joined", nil}, []any{last[0].(m)["action"], last[0].(m)["before"]})
	require.Empty(t, rest["next_cursor"])

	require.Equal(t, map[string]string{"query.cursor": "cursor.invalid"}, fields(owner.want(http.StatusUnprocessableEntity, "GET", "/audit?cursor=x", nil)))
	require.Equal(t, map[string]string{"query.cursor": "cursor.invalid"},
		fields(owner.want(http.StatusUnprocessableEntity, "GET", "/audit?cursor="+web.EncodeCursor("x"), nil)))
	require.Equal(t, map[string]string{"query.subject_type": "audit.subject_type_missing"},
		fields(owner.want(http.StatusUnprocessableEntity, "GET", "/audit?subject_id="+vic.ID.String(), nil)))
	s.signedIn(t, vic, "riverbend").want(http.StatusForbidden, "GET", "/audit", nil)
	s.signedIn(t, zoe, "riverbend").want(http.StatusNotFound, "GET", "/audit", nil)
	require.Empty(t, s.signedIn(t, zoe, "harbor").want(http.StatusOK, "GET", of, nil)["items"])
}

func TestNobodyGetsNowhere(t *testing.T) {
	t.Parallel()
	s := serve(t)
	c := s.client(t)
	c.slug = "riverbend"
	for _, op := range [][2]string{
		{"GET", "/session"}, {"DELETE", "/session"}, {"DELETE", "/sessions"}, {"POST", "/organizations"}, {"GET", "/organization"},
		{"PATCH", "/organization"}, {"GET", "/team"}, {"POST", "/team/invitations"}, {"GET", "/tokens"}, {"POST", "/tokens"}, {"GET", "/scopes"}, {"GET", "/audit"},
	} {
		require.Equal(t, "session.required", c.want(http.StatusUnauthorized, op[0], op[1], m{})["code"], op[1])
	}
}
