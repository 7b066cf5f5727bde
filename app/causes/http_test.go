package causes_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
)

// gatekeeper knows staff by a bearer that names their organization and role.
type gatekeeper struct{ f *fixture }

func (g gatekeeper) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	org, role, _ := strings.Cut(c.Bearer, ":")
	who := actor.Actor{Kind: actor.KindToken, ID: uuid.Must(uuid.NewV7())}
	who.OrgID = orgOf(map[string]context.Context{"river": g.f.river, "harbor": g.f.harbor, "acme": g.f.acme}[org])
	for _, p := range account.Role(role).Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

// served calls operations as "river:owner" and the like, and decodes the answers.
type served func(bearer, method, path, body string) (int, map[string]any)

func (f *fixture) serve(t *testing.T) served {
	t.Helper()
	address := scene.Serve(t, f.db, f.now, gatekeeper{f}, func(server *web.Server) { f.Routes(server.API()) })
	return func(bearer, method, path, body string) (int, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), method, address+"/api/v1"+path, strings.NewReader(body))
		require.NoError(t, err)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { require.NoError(t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		decoded := map[string]any{}
		if len(text) > 0 {
			require.NoError(t, json.Unmarshal(text, &decoded), string(text))
		}
		return answer.StatusCode, decoded
	}
}

func TestCausesOverHTTP(t *testing.T) {
	t.Parallel()
	f := start(t)
	call := f.serve(t)
	status, made := call("river:fundraiser", http.MethodPost, "/causes", `{"name":"School library","summary":"Books"}`)
	require.Equal(t, http.StatusCreated, status, made)
	require.Equal(t, "school-library", made["slug"])
	require.Equal(t, "draft", made["status"])
	path := "/causes/" + made["id"].(string)
	status, fund := call("river:fundraiser", http.MethodPost, path+"/funds", `{"code":"lib","name":"Library","restriction":"purpose"}`)
	require.Equal(t, http.StatusCreated, status, fund)
	require.Equal(t, "LIB", fund["code"])
	status, changed := call("river:fundraiser", http.MethodPatch, path, `{"status":"published"}`)
	require.Equal(t, http.StatusOK, status, changed)
	status, closed := call("river:fundraiser", http.MethodPatch, "/funds/"+fund["id"].(string), `{"active":false}`)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, false, closed["active"])
	status, list := call("river:viewer", http.MethodGet, "/causes", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []any{closed}, list["items"].([]any)[0].(map[string]any)["funds"])

	for _, tc := range []struct {
		bearer, method, path, body, code string
		status                           int
	}{
		{"river:owner", http.MethodPost, "/causes", `{"name":"School library"}`, "cause.slug_taken", 409},
		{"river:owner", http.MethodPost, "/causes", `{"name":"x","slug":"No Slug"}`, "cause.slug", 422},
		{"river:owner", http.MethodPost, path + "/funds", `{"code":"LIB","name":"x","restriction":"time"}`, "fund.code_taken", 409},
		{"river:owner", http.MethodPatch, path, `{"status":"gone"}`, "field.invalid", 422},
		{"river:viewer", http.MethodPost, "/causes", `{"name":"x"}`, "permission.missing", 403},
		{"river:finance", http.MethodPatch, path, `{"status":"archived"}`, "permission.missing", 403},
		{"harbor:owner", http.MethodPatch, path, `{"status":"archived"}`, "cause.not_found", 404},
		{"harbor:owner", http.MethodPost, path + "/funds", `{"code":"X","name":"x","restriction":"time"}`, "cause.not_found", 404},
		{"harbor:owner", http.MethodPatch, "/funds/" + fund["id"].(string), `{"active":true}`, "fund.not_found", 404},
		{"", http.MethodGet, "/causes", "", "session.required", 401},
	} {
		status, problem := call(tc.bearer, tc.method, tc.path, tc.body)
		require.Equal(t, tc.status, status, tc.code)
		require.Equal(t, tc.code, problem["code"])
	}
}

func TestRegistryOverHTTP(t *testing.T) {
	t.Parallel()
	f := registry(t)
	call := f.serve(t)
	for _, query := range []string{"ein=01-0639604", "ein=010639604", "search=01-0639604", "search=burns+elementary"} {
		status, found := call("river:viewer", http.MethodGet, "/registry?"+query, "")
		require.Equal(t, http.StatusOK, status, found)
		hit := found["items"].([]any)[0].(map[string]any)
		require.Equal(t, map[string]any{
			"ein": "01-0639604", "name": "BURNS ELEMENTARY PARENT ORGANIZATION", "sort_name": "", "care_of": "LISA PEREZ", "city": "BURNS",
			"state": "WY", "zip": "82053-0304", "subsection": "501(c)(3)", "deductible": true, "deductibility": "Contributions are deductible",
			"ruling": "2002-07", "status": "Exempt without conditions", "subordinate": false, "removed": false, "claimed": false,
		}, hit)
	}
	status, first := call("river:viewer", http.MethodGet, "/registry?search=wyoming&limit=3", "")
	require.Equal(t, http.StatusOK, status)
	status, second := call("river:viewer", http.MethodGet, "/registry?search=wyoming&limit=3&cursor="+first["next_cursor"].(string), "")
	require.Equal(t, http.StatusOK, status)
	require.NotEqual(t, first["items"], second["items"])

	status, claim := call("river:owner", http.MethodPost, "/registry/claim", `{"ein":"01-0631747"}`)
	require.Equal(t, http.StatusOK, status, claim)
	require.Equal(t, "AMERICAN LEGION", claim["name"])
	require.Len(t, claim["warnings"], 1)
	status, read := call("river:viewer", http.MethodGet, "/registry/claim", "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, claim, read)

	for _, tc := range []struct {
		bearer, method, path, body, code string
		status                           int
	}{
		{"harbor:owner", http.MethodPost, "/registry/claim", `{"ein":"010631747"}`, "registry.claimed", 409},
		{"harbor:owner", http.MethodPost, "/registry/claim", `{"ein":"99-9999999"}`, "registry_entry.not_found", 404},
		{"harbor:owner", http.MethodPost, "/registry/claim", `{"ein":"10631747x"}`, "ein.invalid", 422},
		{"acme:owner", http.MethodPost, "/registry/claim", `{"ein":"010639604"}`, "registry.not_nonprofit", 409},
		{"harbor:owner", http.MethodGet, "/registry/claim", "", "registry_claim.not_found", 404},
		{"harbor:fundraiser", http.MethodPost, "/registry/claim", `{"ein":"010639604"}`, "permission.missing", 403},
		{"river:viewer", http.MethodDelete, "/registry/claim", "", "permission.missing", 403},
		{"river:viewer", http.MethodGet, "/registry?ein=1234", "", "ein.invalid", 422},
		{"river:viewer", http.MethodGet, "/registry?search=a", "", "search.too_short", 422},
		{"", http.MethodGet, "/registry?search=burns", "", "session.required", 401},
	} {
		status, problem := call(tc.bearer, tc.method, tc.path, tc.body)
		require.Equal(t, tc.status, status, tc.code)
		require.Equal(t, tc.code, problem["code"])
	}
	status, _ = call("river:admin", http.MethodDelete, "/registry/claim", "")
	require.Equal(t, http.StatusNoContent, status)
}
