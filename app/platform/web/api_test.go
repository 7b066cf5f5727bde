package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

const good = `{"amount": 25, "name": "Ada"}`

func TestHandleAnswers(t *testing.T) {
	t.Parallel()
	var who actor.Actor
	s := start(t, nil, gift(func(ctx context.Context, _ *giftInput) error {
		who = actor.From(ctx)
		return nil
	}))

	a := s.do(http.MethodPost, "/api/v1/gifts", good, session("finance"))
	require.Equal(t, http.StatusCreated, a.StatusCode)
	require.JSONEq(t, `{"name": "Ada", "amount": 25}`, a.body)
	require.Equal(t, finance.ID, who.ID)
	require.Equal(t, a.Header.Get("X-Request-Id"), who.RequestID)

	a = s.do(http.MethodPost, "/api/v1/gifts", good, header("Authorization", "Bearer token"))
	require.Equal(t, http.StatusCreated, a.StatusCode, "a bearer needs no CSRF token")
}

func TestHandleRefusesWhoMustNot(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	for _, tc := range []struct {
		name    string
		changes []with
		status  int
		code    string
	}{
		{"nobody", nil, 401, "session.required"},
		{"an unknown session", []with{session("stale")}, 401, "session.unknown"},
		{"a supporter", []with{func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "supporter", Value: "supporter"}) }}, 401, "session.required"},
		{"a role without the permission", []with{session("viewer")}, 403, "permission.missing"},
		{"a login without organization", []with{session("nowhere")}, 403, "organization.not_chosen"},
		{"a cookie without CSRF token", []with{session("finance"), header("X-CSRF-Token", "")}, 403, "csrf.failed"},
		{"a wrong CSRF token", []with{session("finance"), header("X-CSRF-Token", "guess")}, 403, "csrf.failed"},
		{"another site's script", []with{session("finance"), header("Sec-Fetch-Site", "cross-site")}, 403, "csrf.failed"},
		{"another origin, from an old browser", []with{session("finance"), header("Origin", "https://evil.example")}, 403, "csrf.failed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := s.do(http.MethodPost, "/api/v1/gifts", good, tc.changes...)
			require.Equal(t, tc.status, a.StatusCode)
			require.Equal(t, tc.code, a.problem(t).Code)
		})
	}
}

func TestHandleRefusesInput(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	for _, tc := range []struct {
		name, body, kind string
		status           int
		code, location   string
	}{
		{"too small", `{"amount": 0, "name": "Ada"}`, "", 422, "field.invalid", "body.amount"},
		{"too long", `{"amount": 5, "name": "hunter2-hunter2"}`, "", 422, "field.invalid", "body.name"},
		{"missing", `{"amount": 5}`, "", 422, "field.required", "body.name"},
		{"unknown field", `{"amount": 5, "name": "Ada", "hunter2": 1}`, "", 422, "field.unknown", "body.hunter2"},
		{"wrong type", `{"amount": "hunter2", "name": "Ada"}`, "", 422, "field.invalid", "body.amount"},
		{"not JSON", `hunter2`, "", 400, "request.malformed", "body"},
		{"another content type", `amount=hunter2`, "text/plain", 415, "content_type.unsupported", "body"},
		{"over the limit", `{"amount": 5, "name": "Ada", "note": "` + strings.Repeat("hunter2", 300) + `"}`, "", 413, "body.too_large", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			changes := []with{session("finance")}
			if tc.kind != "" {
				changes = append(changes, header("Content-Type", tc.kind))
			}
			a := s.do(http.MethodPost, "/api/v1/gifts", tc.body, changes...)
			require.Equal(t, tc.status, a.StatusCode, a.body)
			p := a.problem(t)
			require.Equal(t, tc.code, p.Code)
			if tc.location != "" {
				require.Len(t, p.Errors, 1)
				require.Equal(t, tc.location, p.Errors[0].Location)
			}
			if tc.name != "unknown field" {
				require.NotContains(t, a.body, "hunter2", "the offending value is not repeated")
			}
		})
	}
}

func TestBodyLimitHoldsWithoutContentLength(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	body := `{"amount": 5, "name": "Ada", "note": "` + strings.Repeat("x", 4000) + `"}`
	a := s.do(http.MethodPost, "/api/v1/gifts", "-", session("finance"), func(r *http.Request) {
		r.Body, r.ContentLength = readerOnly(body), -1
	})
	require.Equal(t, http.StatusRequestEntityTooLarge, a.StatusCode, a.body)
}

func TestBodyLimitHoldsForMultipart(t *testing.T) {
	t.Parallel()
	type input struct {
		RawBody huma.MultipartFormFiles[struct {
			Picture huma.FormFile `form:"picture" required:"true"`
		}]
	}
	s := start(t, nil, func(s *web.Server) {
		web.Handle(s.API(), web.Op{
			ID: "upload", Method: http.MethodPut, Path: "/picture", Summary: "Upload", Tag: "Gifts", Permission: account.DonationsRecord, MaxBody: 1000,
		}, func(context.Context, *input) (*web.Empty, error) { return &web.Empty{}, nil })
	})
	for size, status := range map[int]int{100: http.StatusNoContent, 20_000: http.StatusRequestEntityTooLarge} {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		part, err := form.CreateFormFile("picture", "x.png")
		require.NoError(t, err)
		_, err = part.Write(make([]byte, size))
		require.NoError(t, err)
		require.NoError(t, form.Close())
		a := s.do(http.MethodPut, "/api/v1/picture", "-", session("finance"), header("Content-Type", form.FormDataContentType()), func(r *http.Request) {
			r.Body, r.ContentLength = readerOnly(b.String()), -1
		})
		require.Equal(t, status, a.StatusCode, a.body)
	}
}

func TestRawBodyIsLeftAsItCame(t *testing.T) {
	t.Parallel()
	type input struct {
		RawBody []byte `contentType:"application/json"`
	}
	const event = `{ "id":"evt_1" } `
	var got string
	s := start(t, nil, func(s *web.Server) {
		web.Handle(s.API(), web.Op{
			ID: "hear", Method: http.MethodPost, Path: "/events", Summary: "Hear", Tag: "Events", Permission: web.Public,
		}, func(_ context.Context, in *input) (*web.Empty, error) {
			got = string(in.RawBody)
			return nil, nil
		})
	})
	require.Equal(t, http.StatusNoContent, s.do(http.MethodPost, "/api/v1/events", event).StatusCode)
	require.Equal(t, event, got, "a signature covers every byte")
}

func TestFaultsBecomeProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"invalid", fault.Invalid("amount", "amount.too_small", "Too small."), 422, "amount.too_small"},
		{"not found", fault.NotFound("campaign"), 404, "campaign.not_found"},
		{"conflict", fault.New(fault.KindConflict, "donation.refunded", "Refunded."), 409, "donation.refunded"},
		{"precondition", fault.New(fault.KindPrecondition, "person.changed", "Changed."), 412, "person.changed"},
		{"unavailable", &fault.Error{Kind: fault.KindUnavailable, Code: "cards.down", Message: "Down.", RetryAfter: 90 * time.Second}, 503, "cards.down"},
		{"a defect", errors.New("pq: password of ada@example.org"), 500, "internal"},
		{"too slow", context.DeadlineExceeded, 503, "service.unavailable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil, gift(func(context.Context, *giftInput) error { return tc.err }))
			a := s.do(http.MethodPost, "/api/v1/gifts", good, session("finance"))
			require.Equal(t, tc.status, a.StatusCode)
			require.Equal(t, tc.code, a.problem(t).Code)
			require.NotContains(t, a.body, "ada@example.org")
			switch tc.name {
			case "invalid":
				require.Equal(t, "body.amount", a.problem(t).Errors[0].Location)
			case "unavailable":
				require.Equal(t, "90", a.Header.Get("Retry-After"))
			case "a defect":
				require.Equal(t, 1, strings.Count(s.log.String(), "request failed"), "logged once")
			}
		})
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(func(context.Context, *giftInput) error { panic("boom") }))
	a := s.do(http.MethodPost, "/api/v1/gifts", good, session("finance"))
	require.Equal(t, http.StatusInternalServerError, a.StatusCode)
	require.Equal(t, "internal", a.problem(t).Code)
	require.Contains(t, s.log.String(), "boom")
	require.Equal(t, http.StatusCreated, start(t, nil, gift(nil)).do(http.MethodPost, "/api/v1/gifts", good, session("finance")).StatusCode)
}

func TestLogsCarryNoPersonalData(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	s.do(http.MethodPost, "/api/v1/gifts?email=ada@example.org", good, session("finance"), header("User-Agent", "hunter2"))
	s.do(http.MethodGet, "/s/secret-token", "")
	log := s.log.String()
	require.Contains(t, log, `"route":"/api/v1/gifts"`)
	for _, secret := range []string{"ada@example.org", "hunter2", "secret-token", "127.0.0.1", "Ada"} {
		require.NotContains(t, log, secret)
	}
}

func TestEchosOwnFailuresAreProblems(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	require.Equal(t, "route.not_found", s.do(http.MethodGet, "/api/v1/nothing", "").problem(t).Code)
	a := s.do(http.MethodGet, "/api/v1/gifts", "")
	require.Equal(t, "method.not_allowed", a.problem(t).Code)
	page := s.do(http.MethodGet, "/nothing", "", header("Accept", "text/html"))
	require.Equal(t, http.StatusNotFound, page.StatusCode)
	require.Contains(t, page.body, "We could not find that page")
}

func TestHandleRefusesAnIncompleteDeclaration(t *testing.T) {
	t.Parallel()
	declare := func(op web.Op) func() {
		return func() {
			start(t, nil, func(s *web.Server) {
				web.Handle(s.API(), op, func(context.Context, *struct{}) (*web.Empty, error) { return &web.Empty{}, nil })
			})
		}
	}
	op := web.Op{ID: "x", Method: http.MethodGet, Path: "/x", Summary: "X", Tag: "X"}
	require.Panics(t, declare(op), "no permission")
	op.Permission, op.Summary = web.Public, ""
	require.Panics(t, declare(op), "no summary")
	op.Summary, op.Idempotent = "X", true
	require.Panics(t, declare(op), "a public operation has no organization to keep keys for")
}

func TestWhoAnOperationIsFor(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *web.Server) {
		for id, permission := range map[string]account.Permission{
			"open": web.Public, "mine": web.SignedIn, "gifts": web.Supporter, "ops": web.Operator,
		} {
			web.Handle(s.API(), web.Op{
				ID: id, Method: http.MethodGet, Path: "/" + id, Summary: "X", Tag: "X", Permission: permission,
			}, func(context.Context, *struct{}) (*web.Empty, error) { return &web.Empty{}, nil })
		}
	})
	supporter := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "supporter", Value: "supporter"}) }
	for _, tc := range []struct {
		path   string
		who    with
		status int
	}{
		{"open", header("X", "nobody"), 204},
		{"open", session("stale"), 204}, // a stale cookie cannot spoil what is open to all
		{"mine", session("nowhere"), 204},
		{"mine", header("Authorization", "Bearer token"), 403},
		{"mine", supporter, 401},
		{"gifts", supporter, 204},
		{"gifts", session("finance"), 401},
		{"ops", session("operator"), 204},
		{"ops", session("finance"), 403},
	} {
		require.Equal(t, tc.status, s.do(http.MethodGet, "/api/v1/"+tc.path, "", tc.who).StatusCode, "%s", tc.path)
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	s := start(t, nil, gift(nil))
	a := s.do(http.MethodGet, "/api/openapi.json", "")
	require.Equal(t, http.StatusOK, a.StatusCode)
	var contract struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			Permission string         `json:"x-permission"`
			Responses  map[string]any `json:"responses"`
		} `json:"paths"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &contract))
	require.Equal(t, "3.1.0", contract.OpenAPI)
	op := contract.Paths["/gifts"]["post"]
	require.Equal(t, "donations:record", op.Permission)
	for _, status := range []string{"201", "401", "403", "422", "500"} {
		require.Contains(t, op.Responses, status)
	}
	again := s.do(http.MethodGet, "/api/openapi.json", "", header("If-None-Match", a.Header.Get("Etag")))
	require.Equal(t, http.StatusNotModified, again.StatusCode)

	page := s.do(http.MethodGet, "/api/docs", "")
	require.Contains(t, page.body, "donations:record")
	require.NotContains(t, page.body, "https://", "no page of ours loads from elsewhere")

	ops := s.API().Operations()
	require.Len(t, ops, 1)
	require.Equal(t, "give", ops[0].ID)
}
