package fundraising_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCampaignsOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	status, made := w.call("fundraiser", http.MethodPost, "/campaigns", map[string]any{
		"title": "Rebuild the library", "cause_id": w.cause.ID, "fund_id": w.fund.ID, "goal": map[string]any{"amount_minor": 3000000, "currency": "USD"},
		"suggested": []int{1000, 2500}, "impact_lines": map[string]string{"2500": "buys 2 books"}, "ends_on": "2026-12-31",
	})
	require.Equal(t, http.StatusCreated, status, made)
	require.Equal(t, "rebuild-the-library", made["slug"])
	require.Equal(t, "draft", made["status"])
	require.Equal(t, true, made["show_donors"])
	require.Equal(t, "2026-12-31", made["ends_on"])
	require.Nil(t, made["starts_on"])
	require.Equal(t, "https://give.example.org/give/riverbend/rebuild-the-library", made["public_url"])
	one := "/campaigns/" + made["id"].(string)

	status, read := w.call("viewer", http.MethodGet, one, nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, made, read)

	status, revised := w.call("fundraiser", http.MethodPatch, one, map[string]any{"version": 1, "title": "A new library", "ends_on": ""})
	require.Equal(t, http.StatusOK, status, revised)
	require.Equal(t, "A new library", revised["title"])
	require.Equal(t, "rebuild-the-library", revised["slug"])
	require.Nil(t, revised["ends_on"])

	status, problem := w.call("fundraiser", http.MethodPatch, one, map[string]any{"version": 1, "title": "Mine"})
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "campaign.changed", problem["code"])

	status, published := w.call("fundraiser", http.MethodPost, one+"/publish", nil)
	require.Equal(t, http.StatusOK, status, published)
	require.Equal(t, "live", published["status"])
	status, _ = w.call("fundraiser", http.MethodPost, one+"/publish", nil)
	require.Equal(t, http.StatusConflict, status)
	status, list := w.call("viewer", http.MethodGet, "/campaigns?status=live", nil)
	require.Equal(t, http.StatusOK, status)
	require.Len(t, list["items"], 1)
	status, ended := w.call("owner", http.MethodPost, one+"/end", nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "ended", ended["status"])
}

func TestHowACampaignLetsPeopleGiveOverTheAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	status, made := w.call("fundraiser", http.MethodPost, "/campaigns", map[string]any{"title": "Willows", "cause_id": w.cause.ID, "fund_id": w.fund.ID})
	require.Equal(t, http.StatusCreated, status, made)
	require.Equal(t, true, made["offer_monthly"], "unless staff decide otherwise")
	require.Equal(t, false, made["offer_pledge"])
	require.Equal(t, []any{1000.0, 2500.0, 5000.0, 10000.0}, made["monthly_suggested"])
	require.InDelta(t, 2500, made["monthly_default_minor"], 0)
	one := "/campaigns/" + made["id"].(string)

	status, revised := w.call("fundraiser", http.MethodPatch, one, map[string]any{
		"version": 1, "monthly_suggested": []int{700, 400}, "impact_lines": map[string]string{"400": "a willow a month"}, "offer_pledge": true,
	})
	require.Equal(t, http.StatusOK, status, revised)
	require.Equal(t, []any{400.0, 700.0}, revised["monthly_suggested"])
	require.InDelta(t, 700, revised["monthly_default_minor"], 0)
	require.Equal(t, true, revised["offer_pledge"])
	require.Equal(t, map[string]any{"400": "a willow a month"}, revised["impact_lines"])

	preview := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPost, "/campaigns/preview", "application/json",
		mustJSON(t, map[string]any{"id": made["id"], "monthly_suggested": []int{900, 900, 1}, "offer_pledge": false}))
	require.Equal(t, http.StatusOK, preview.status, preview.body)
	require.Contains(t, preview.body, "Give $9 a month")
	require.NotContains(t, preview.body, `id="frequency-pledge"`)

	status, revised = w.call("fundraiser", http.MethodPatch, one, map[string]any{"version": 2, "offer_monthly": false})
	require.Equal(t, http.StatusOK, status, revised)
	require.Equal(t, false, revised["offer_monthly"])
	require.Equal(t, []any{400.0, 700.0}, revised["monthly_suggested"], "kept for another time")
}

func TestTheAPINamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	for _, tc := range []struct {
		name  string
		body  map[string]any
		field string
	}{
		{"nothing at all", map[string]any{}, "body.title"},
		{"a cause that is none", map[string]any{"title": "T t", "cause_id": "7"}, "body.cause_id"},
		{"a cause not chosen", map[string]any{"title": "T t", "cause_id": "", "fund_id": ""}, "body.fund_id"},
		{"a date that is none", map[string]any{"ends_on": "31.12.2026"}, "body.ends_on"},
		{"an unknown currency", map[string]any{"title": "T t", "goal": map[string]any{"amount_minor": 1, "currency": "XXX"}}, "body.goal"},
		{"an amount below the least", map[string]any{"title": "T t", "suggested": []int{1}}, "body.suggested"},
		{"a monthly amount below the least", map[string]any{"title": "T t", "monthly_suggested": []int{1}}, "body.monthly_suggested"},
		{"a monthly amount chosen that is not offered", map[string]any{"title": "T t", "monthly_default_minor": 7}, "body.monthly_default_minor"},
		{"an impact line for nothing", map[string]any{"title": "T t", "impact_lines": map[string]string{"ten": "x"}}, "body.impact_lines"},
		{"a field we do not know", map[string]any{"colour": "red"}, "body.colour"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			status, problem := w.call("fundraiser", http.MethodPost, "/campaigns", tc.body)
			require.Equal(t, http.StatusUnprocessableEntity, status)
			var fields []string
			for _, e := range problem["errors"].([]any) {
				fields = append(fields, e.(map[string]any)["location"].(string))
			}
			require.Contains(t, fields, tc.field)
		})
	}
}

func TestOnlyThoseWhoMayManageCampaigns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	one := "/campaigns/" + c.ID.String()
	for _, path := range []string{"/campaigns", one + "/publish", one + "/end", "/campaigns/preview"} {
		status, _ := w.call("viewer", http.MethodPost, path, map[string]any{})
		require.Equal(t, http.StatusForbidden, status, path)
		status, _ = w.callAs("", http.MethodPost, path, map[string]any{})
		require.Equal(t, http.StatusUnauthorized, status, path)
	}
	stranger := "owner@" + w.anotherOrganization().ID.String()
	for _, call := range []struct{ method, path string }{
		{http.MethodGet, one}, {http.MethodPost, one + "/publish"}, {http.MethodPost, one + "/end"}, {http.MethodGet, one + "/live"},
	} {
		status, _ := w.callAs(stranger, call.method, call.path, nil)
		require.Equal(t, http.StatusNotFound, status, call.path)
	}
}

func TestProgressIsPublicAndCheapWhenNothingMoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	w.live()
	w.give(5000)
	ask := func(tag string) (*http.Response, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/v1/public/campaigns/riverbend/library/progress", nil)
		require.NoError(t, err)
		r.Header.Set("If-None-Match", tag)
		return w.do(w.browser(), r)
	}
	response, body := ask("")
	require.Equal(t, http.StatusOK, response.StatusCode)
	var progress struct {
		Raised    struct{ Amount_minor int64 }
		Percent   int64
		GiftCount int64 `json:"gift_count"`
		Recent    []struct{ Name string }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &progress))
	require.Equal(t, int64(1), progress.GiftCount)
	require.Len(t, progress.Recent, 1)
	require.NotContains(t, body, "grace@example.org")
	again, empty := ask(response.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Empty(t, empty)
	w.give(2500)
	moved, _ := ask(response.Header.Get("ETag"))
	require.Equal(t, http.StatusOK, moved.StatusCode)
}

func TestTheLiveStreamTellsTheTotalAsItMoves(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/api/v1/campaigns/"+c.ID.String()+"/live", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer viewer@"+w.org.ID.String())
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	next := func() string {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return data
			}
		}
		return ""
	}
	require.Contains(t, next(), `"gift_count":0`)
	w.give(5000)
	require.JSONEq(t, `{"raised":{"amount_minor":5000,"currency":"USD"},"goal":{"amount_minor":3000000,"currency":"USD"},"percent":0,"gift_count":1,
		"pledged":{"amount_minor":0,"currency":"USD"},"status":"live"}`, next())
}

func TestAPreviewShowsWhatIsNotSavedYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	raw := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPost, "/campaigns/preview", "application/json",
		mustJSON(t, map[string]any{"id": c.ID, "title": "Half a tit", "story": "<script>alert(1)</script>\n\n**bold**", "suggested": []int{5000, 5000, 1}}))
	require.Equal(t, http.StatusOK, raw.status, raw.body)
	require.Contains(t, raw.header.Get("Content-Type"), "text/html")
	require.Contains(t, raw.header.Get("Content-Security-Policy"), "sandbox")
	require.Contains(t, raw.body, "Half a tit")
	require.Contains(t, raw.body, "<strong>bold</strong>")
	require.NotContains(t, raw.body, "<script>alert")
	read, err := w.service.Find(w.owner, c.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, "Rebuild the library", read.Title)

	empty := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPost, "/campaigns/preview", "application/json", []byte(`{"title": "", "cause_id": "", "fund_id": "", "ends_on": ""}`))
	require.Equal(t, http.StatusOK, empty.status, empty.body)
	status, _ := w.callAs("fundraiser@"+w.anotherOrganization().ID.String(), http.MethodPost, "/campaigns/preview", map[string]any{"id": c.ID})
	require.Equal(t, http.StatusNotFound, status)
}

func TestAPictureIsStoredAnewInTwoSizes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	path := "/campaigns/" + c.ID.String() + "/picture"
	who := "fundraiser@" + w.org.ID.String()
	raw := w.raw(who, http.MethodPut, path, "image/png", noisyPNG(t, 1600, 900))
	require.Equal(t, http.StatusOK, raw.status, raw.body)
	var made struct {
		PictureURL string `json:"picture_url"`
	}
	require.NoError(t, json.Unmarshal([]byte(raw.body), &made))
	response, content := w.get(w.browser(), made.PictureURL)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.LessOrEqual(t, len(content), 120_000)
	require.Contains(t, response.Header.Get("Cache-Control"), "immutable")
	header, kind, err := image.DecodeConfig(strings.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, "jpeg", kind)
	require.LessOrEqual(t, header.Width, 720)

	first := made.PictureURL
	raw = w.raw(who, http.MethodPut, path, "image/jpeg", smallJPEG(t))
	require.Equal(t, http.StatusOK, raw.status, raw.body)
	response, _ = w.get(w.browser(), first)
	require.Equal(t, http.StatusNotFound, response.StatusCode, "the former picture is gone")
	_, page := w.get(w.browser(), "/give/riverbend/library")
	require.Contains(t, page, `class="hero"`)
}

func TestPicturesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	path := "/campaigns/" + c.ID.String() + "/picture"
	who := "fundraiser@" + w.org.ID.String()
	for _, tc := range []struct {
		name    string
		content []byte
		status  int
		code    string
	}{
		{"text", []byte("not a picture"), http.StatusUnprocessableEntity, "picture.kind"},
		{"an SVG", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), http.StatusUnprocessableEntity, "picture.kind"},
		{"a bomb: a header of 30,000 × 30,000 pixels", bombPNG(t), http.StatusUnprocessableEntity, "picture.too_large"},
		{"a stamp", noisyPNG(t, 40, 40), http.StatusUnprocessableEntity, "picture.too_small"},
		{"a file cut short", noisyPNG(t, 400, 400)[:2000], http.StatusUnprocessableEntity, "picture.kind"},
		{"nine megabytes", bytes.Repeat([]byte{1}, 9<<20), http.StatusRequestEntityTooLarge, "body.too_large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			raw := w.raw(who, http.MethodPut, path, "image/png", tc.content)
			require.Equal(t, tc.status, raw.status, raw.body)
			require.Contains(t, raw.body, tc.code)
		})
	}
}

func TestTheShareImageFollowsTheTotal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	raw := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPut, "/campaigns/"+c.ID.String()+"/picture", "image/jpeg", smallJPEG(t))
	require.Equal(t, http.StatusOK, raw.status)
	response, content := w.get(w.browser(), "/give/riverbend/library/og.png")
	require.Equal(t, "image/png", response.Header.Get("Content-Type"))
	img, err := png.Decode(strings.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, image.Pt(1200, 630), img.Bounds().Size())
	again := func() *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.server.URL+"/give/riverbend/library/og.png", nil)
		require.NoError(t, err)
		r.Header.Set("If-None-Match", response.Header.Get("ETag"))
		response, _ := w.do(w.browser(), r)
		return response
	}
	require.Equal(t, http.StatusNotModified, again().StatusCode)
	w.give(1_500_000)
	require.Equal(t, http.StatusOK, again().StatusCode)
}

func TestAShareImageWithoutItsPictureIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	raw := w.raw("fundraiser@"+w.org.ID.String(), http.MethodPut, "/campaigns/"+c.ID.String()+"/picture", "image/jpeg", smallJPEG(t))
	require.Equal(t, http.StatusOK, raw.status)
	w.files.breakWith(errors.New("the disk is away"))
	response, _ := w.get(w.browser(), "/give/riverbend/library/og.png")
	require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	w.files.breakWith(nil)
	response, _ = w.get(w.browser(), "/give/riverbend/library/og.png")
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.False(t, w.files.hurried, "a visitor who leaves must not fail those who wait with him")
}

func noisyPNG(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(random.Uint32())
	}
	var b bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, img))
	return b.Bytes()
}

func smallJPEG(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for x := range 800 {
		for y := range 600 {
			img.SetRGBA(x, y, color.RGBA{byte(x), byte(y), 90, 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, img, nil))
	return b.Bytes()
}

// bombPNG is a small file whose header says that it holds 30,000 × 30,000 pixels.
func bombPNG(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black})))
	bomb := b.Bytes()
	header := bomb[12:29] // the IHDR chunk's name and content, which begins with width and height; its checksum follows
	binary.BigEndian.PutUint32(header[4:], 30_000)
	binary.BigEndian.PutUint32(header[8:], 30_000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(header))
	return bomb
}

func (w *world) call(role, method, path string, body any) (int, map[string]any) {
	w.t.Helper()
	return w.callAs(role+"@"+w.org.ID.String(), method, path, body)
}

func (w *world) callAs(bearer, method, path string, body any) (int, map[string]any) {
	w.t.Helper()
	var content []byte
	if body != nil {
		content = mustJSON(w.t, body)
	}
	raw := w.raw(bearer, method, path, "application/json", content)
	var answer map[string]any
	require.NoError(w.t, json.Unmarshal([]byte(raw.body), &answer), raw.body)
	return raw.status, answer
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (w *world) raw(bearer, method, path, kind string, content []byte) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+"/api/v1"+path, bytes.NewReader(content))
	require.NoError(w.t, err)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	if content != nil {
		r.Header.Set("Content-Type", kind)
	}
	response, body := w.do(http.DefaultClient, r)
	return answer{response.StatusCode, response.Header, body}
}

func mustJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}
