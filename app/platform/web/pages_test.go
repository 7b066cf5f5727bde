package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/web"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

func hello(form bool) web.View {
	return web.View{Template: "hello", Title: "Hello", Data: map[string]any{"Name": "<Ada>", "Form": form}}
}

func TestPage(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *web.Server) {
		s.Pages().GET("/hello/{name}", func(_ context.Context, r web.Request) (web.View, error) {
			if r.Param("name") == "nobody" {
				return web.View{}, fault.NotFound("page")
			}
			return hello(false), nil
		})
	})
	a := s.do(http.MethodGet, "/hello/ada", "")
	require.Equal(t, http.StatusOK, a.StatusCode)
	require.Contains(t, a.body, "<h1>&lt;Ada&gt;</h1>")
	require.Equal(t, "no-cache", a.Header.Get("Cache-Control"))
	csp := a.Header.Get("Content-Security-Policy")
	for _, part := range []string{
		"script-src 'self'", "require-trusted-types-for 'script'", "trusted-types svelte-trusted-html", "frame-ancestors 'none'", "base-uri 'none'",
	} {
		require.Contains(t, csp, part)
	}
	require.Empty(t, a.Cookies(), "a page without a form sets no cookie")

	head := s.do(http.MethodHead, "/hello/ada", "")
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Empty(t, head.body)

	missing := s.do(http.MethodGet, "/hello/nobody", "")
	require.Equal(t, http.StatusNotFound, missing.StatusCode)
	require.Contains(t, missing.body, "There is no such page.")
}

func TestForm(t *testing.T) {
	t.Parallel()
	posted := 0
	s := start(t, nil, func(s *web.Server) {
		s.Pages().GET("/form", func(context.Context, web.Request) (web.View, error) { return hello(true), nil })
		s.Pages().POST("/form", func(_ context.Context, r web.Request) (web.View, error) {
			posted++
			require.Equal(t, "50", r.Form("amount"))
			return web.View{Redirect: "/thanks"}, nil
		})
	})
	token := regexp.MustCompile(`name="csrf_token" value="([^"]+)"`).FindStringSubmatch(s.do(http.MethodGet, "/form", "").body)[1]
	require.Equal(t, token, regexp.MustCompile(`value="([^"]+)"`).FindStringSubmatch(s.do(http.MethodGet, "/form", "").body)[1], "stays the same for the browser")
	form := func(token string, changes ...with) answer {
		values := url.Values{"amount": {"50"}, "csrf_token": {token}}
		return s.do(http.MethodPost, "/form", values.Encode(), append([]with{header("Content-Type", "application/x-www-form-urlencoded")}, changes...)...)
	}

	a := form(token)
	require.Equal(t, http.StatusSeeOther, a.StatusCode)
	require.Equal(t, "/thanks", a.Header.Get("Location"))
	require.Equal(t, 1, posted)

	for name, a := range map[string]answer{
		"no token":           form(""),
		"a guess":            form("AAAA.BBBB"),
		"another site":       form(token, header("Origin", "https://evil.example")),
		"no cookie":          start(t, nil, func(s *web.Server) { s.Pages().POST("/form", nil) }).do(http.MethodPost, "/form", "csrf_token="+token, header("Content-Type", "application/x-www-form-urlencoded")),
		"wrong content type": s.do(http.MethodPost, "/form", `{}`),
		"too large":          form(token + strings.Repeat("x", 70_000)),
	} {
		require.Contains(t, []int{403, 413, 415}, a.StatusCode, name)
		require.Equal(t, 1, posted, name)
	}
}

func TestPageOfAnotherSitesFrame(t *testing.T) {
	t.Parallel()
	s := start(t, nil, func(s *web.Server) {
		s.Pages().GET("/framed", func(context.Context, web.Request) (web.View, error) {
			v := hello(true)
			v.FrameAncestors = []string{"https://riverbend.example"}
			return v, nil
		})
	}, func(c *web.Config) { c.PublicURL = &url.URL{Scheme: "https", Host: "give.example.org"} })
	a := s.do(http.MethodGet, "/framed", "")
	require.Contains(t, a.Header.Get("Content-Security-Policy"), "frame-ancestors https://riverbend.example")
	require.Empty(t, a.Header.Get("X-Frame-Options"))
	require.Len(t, a.Cookies(), 1)
	require.Equal(t, "__Host-form", a.Cookies()[0].Name)
	require.Equal(t, http.SameSiteNoneMode, a.Cookies()[0].SameSite)
	require.True(t, a.Cookies()[0].Partitioned)
}

func TestPageKnowsItsSupporter(t *testing.T) {
	t.Parallel()
	var who actor.Actor
	s := start(t, nil, func(s *web.Server) {
		s.Pages().GET("/my", func(ctx context.Context, _ web.Request) (web.View, error) {
			who = actor.From(ctx)
			return hello(false), nil
		})
	})
	a := s.do(http.MethodGet, "/my", "", header("Cookie", "supporter=supporter"))
	require.Equal(t, actor.KindSupporter, who.Kind)
	require.Equal(t, "private, no-store", a.Header.Get("Cache-Control"))
	s.do(http.MethodGet, "/my", "", header("Cookie", "supporter=ended"))
	require.Equal(t, actor.KindNobody, who.Kind)
}

func TestBrandColours(t *testing.T) {
	t.Parallel()
	for _, color := range []string{"#0b6b50", "#ffff00", "#ffffff", "#000000", "#ff0000", "#1d4ed8", "#c0ffee", "#7f7f7f", "#ff00ff", "nonsense"} {
		b := web.BrandOf(color)
		for name, pair := range map[string][2]string{
			"accent on the light page": {b.Accent, "#f2f1ec"}, "accent on its soft": {b.Accent, b.AccentSoft}, "text on accent": {b.OnAccent, b.Accent},
			"text on hover": {b.OnAccent, b.AccentHover}, "accent on the dark page": {b.DarkAccent, "#1c1c19"},
			"dark accent on its soft": {b.DarkAccent, b.DarkAccentSoft}, "text on dark accent": {b.DarkOnAccent, b.DarkAccent},
		} {
			require.GreaterOrEqual(t, web.Contrast(pair[0], pair[1]), 4.5, "%s: %s %v", color, name, pair)
		}
	}
	require.Equal(t, web.BrandOf("#0b6b50"), web.BrandOf("nonsense"))
	require.NotContains(t, web.BrandOf("#ff0000").CSS(), "<")
}

func TestCursor(t *testing.T) {
	t.Parallel()
	cursor := web.EncodeCursor("2026-11-22T00:00:00Z", "id with, anything \" in it")
	parts, err := web.DecodeCursor(cursor, 2)
	require.NoError(t, err)
	require.Equal(t, []string{"2026-11-22T00:00:00Z", "id with, anything \" in it"}, parts)
	none, err := web.DecodeCursor("", 2)
	require.NoError(t, err)
	require.Empty(t, none)
	for _, bad := range []string{"x", "!!", web.EncodeCursor("one")} {
		_, err := web.DecodeCursor(bad, 2)
		require.Equal(t, fault.KindInvalid, fault.KindOf(err), bad)
	}
}

func TestTimeCursor(t *testing.T) {
	t.Parallel()
	at, id := time.Date(2026, 11, 22, 10, 0, 0, 123_000, time.FixedZone("here", 3600)), uuid.New()
	gotAt, gotID, err := web.DecodeTimeCursor(web.EncodeTimeCursor(at, id.String()), uuid.Parse)
	require.NoError(t, err)
	require.Equal(t, at.UTC(), gotAt)
	require.Equal(t, id, gotID)
	gotAt, gotID, err = web.DecodeTimeCursor("", uuid.Parse)
	require.NoError(t, err)
	require.Zero(t, gotAt)
	require.Zero(t, gotID)
	for _, bad := range []string{"x", web.EncodeCursor("one"), web.EncodeCursor("today", id.String()), web.EncodeTimeCursor(at, "7"), web.EncodeTimeCursor(time.Time{}, id.String())} {
		_, _, err := web.DecodeTimeCursor(bad, uuid.Parse)
		require.ErrorIs(t, err, web.ErrCursor, bad)
	}
}
