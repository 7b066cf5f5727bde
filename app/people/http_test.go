package people_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/people"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/person"
	"tributary/domain/promise"
	"tributary/domain/receipt"
)

// browser is a client of the served routes, with cookies, that does not follow redirects.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
	bearer string
}

// door says who a request comes from: supporters by their cookie, staff by a bearer that names their organization and role.
type gatekeeper struct{ f *fixture }

func (g gatekeeper) Authenticate(ctx context.Context, c web.Credentials) (actor.Actor, string, error) {
	if c.SupporterCookie != "" {
		return g.f.AuthenticateSupporter(ctx, c.SupporterCookie)
	}
	slug, role, _ := strings.Cut(c.Bearer, ":")
	org := g.f.organizationsBy[slug]
	who := actor.Actor{Kind: actor.KindToken, ID: uuid.Must(uuid.NewV7()), OrgID: org.ID.UUID}
	for _, p := range account.Role(role).Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

func (f *fixture) browse(t *testing.T) *browser {
	t.Helper()
	address := scene.Serve(t, f.db, f.clock.Now, gatekeeper{f}, func(server *web.Server) {
		f.Routes(server.API())
		f.Pages(server.Pages())
	})
	return &browser{t: t, url: address, client: scene.Browser(t)}
}

func (b *browser) as(bearer string) *browser {
	c := *b
	c.bearer = bearer
	return &c
}

func (b *browser) send(method, path, contentType, body string) (*http.Response, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(body))
	require.NoError(b.t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if b.bearer != "" {
		r.Header.Set("Authorization", "Bearer "+b.bearer)
	}
	answer, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer, string(text)
}

// api calls an operation and decodes its answer.
func (b *browser) api(method, path, body string) (int, map[string]any) {
	b.t.Helper()
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	answer, text := b.send(method, "/api/v1"+path, kind, body)
	decoded := map[string]any{}
	if text != "" {
		require.NoError(b.t, json.Unmarshal([]byte(text), &decoded), text)
	}
	return answer.StatusCode, decoded
}

func (b *browser) page(path string) (int, string) {
	b.t.Helper()
	answer, text := b.send(http.MethodGet, path, "", "")
	require.NotContains(b.t, text, "my.", "every text is in the catalogue")
	return answer.StatusCode, text
}

var csrfForm = regexp.MustCompile(`name="csrf_token" value="([^"]+)"`)

// submit posts a form of the page at from.
func (b *browser) submit(from, to string, fields map[string]string) (*http.Response, string) {
	b.t.Helper()
	_, text := b.page(from)
	token := csrfForm.FindStringSubmatch(text)
	require.Len(b.t, token, 2, text)
	form := url.Values{"csrf_token": {token[1]}}
	for name, value := range fields {
		form.Set(name, value)
	}
	return b.send(http.MethodPost, to, "application/x-www-form-urlencoded", form.Encode())
}

func TestPeopleOverHTTP(t *testing.T) {
	t.Parallel()
	f := start(t)
	staff := f.browse(t).as("riverbend:fundraiser")
	status, made := staff.api(http.MethodPost, "/people", `{"first_name":"Ann","last_name":"<i>Lee</i>","email":"ann@example.org","country":"us"}`)
	require.Equal(t, http.StatusCreated, status, made)
	require.Equal(t, "Ann <i>Lee</i>", made["display_name"])
	require.Equal(t, "US", made["country"])
	require.Empty(t, made["consents"])
	path := "/people/" + made["id"].(string)

	status, changed := staff.api(http.MethodPatch, path, `{"version":1,"city":"Casper","do_not_contact":true}`)
	require.Equal(t, http.StatusOK, status, changed)
	require.Equal(t, 2.0, changed["version"])
	status, problem := staff.api(http.MethodPatch, path, `{"version":1,"city":"Cody"}`)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "person.changed", problem["code"])

	status, answered := staff.api(http.MethodPut, path+"/consents/phone", `{"granted":true,"wording":"Said so"}`)
	require.Equal(t, http.StatusOK, status, answered)
	require.Equal(t, "phone", answered["consents"].([]any)[0].(map[string]any)["channel"])
	status, _ = staff.api(http.MethodPut, path+"/consents/pigeon", `{"granted":true}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)

	status, read := staff.api(http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, answered, read)
	status, list := staff.api(http.MethodGet, "/people?search=lee&limit=10", "")
	require.Equal(t, http.StatusOK, status)
	require.Len(t, list["items"], 1)
	require.Empty(t, list["next_cursor"])
}

func TestPeopleOverHTTPNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := start(t)
	staff := f.browse(t).as("riverbend:fundraiser")
	for _, tc := range []struct{ method, path, body, location string }{
		{http.MethodPost, "/people", `{"first_name":"Ann","email":"nope@"}`, "body.email"},
		{http.MethodPost, "/people", `{"first_name":"An\u0000n"}`, "body.first_name"},
		{http.MethodPost, "/people", `{}`, "body.first_name"},
		{http.MethodPost, "/people", `{"first_name":"` + strings.Repeat("x", 101) + `"}`, "body.first_name"},
		{http.MethodGet, "/people?search=a", "", "query.search"},
		{http.MethodGet, "/people?cursor=nonsense", "", "query.cursor"},
		{http.MethodGet, "/people?limit=101", "", "query.limit"},
	} {
		status, problem := staff.api(tc.method, tc.path, tc.body)
		require.Equal(t, http.StatusUnprocessableEntity, status, tc.path+tc.body)
		require.Equal(t, tc.location, problem["errors"].([]any)[0].(map[string]any)["location"], tc.path+tc.body)
	}
}

func TestPeopleOverHTTPAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	f := start(t)
	p, err := f.Create(f.atRiver, person.Details{FirstName: "Ann"})
	require.NoError(t, err)
	b := f.browse(t)
	path := "/people/" + p.ID.String()
	for _, tc := range []struct {
		bearer, method, path, body string
		status                     int
	}{
		{"", http.MethodGet, "/people", "", 401},
		{"", http.MethodPatch, path, `{"version":1}`, 401},
		{"riverbend:nobody", http.MethodGet, "/people", "", 403},
		{"riverbend:viewer", http.MethodPost, "/people", `{"first_name":"x"}`, 403},
		{"riverbend:finance", http.MethodPatch, path, `{"version":1}`, 403},
		{"riverbend:viewer", http.MethodPut, path + "/consents/email", `{"granted":true}`, 403},
		{"harbor:owner", http.MethodGet, path, "", 404},
		{"harbor:owner", http.MethodPatch, path, `{"version":1}`, 404},
		{"harbor:owner", http.MethodPut, path + "/consents/email", `{"granted":true}`, 404},
		{"riverbend:volunteer_coordinator", http.MethodGet, path, "", 200},
	} {
		status, _ := b.as(tc.bearer).api(tc.method, tc.path, tc.body)
		require.Equal(t, tc.status, status, tc.bearer+" "+tc.method+" "+tc.path)
	}
}

func TestSupporterLinkOverHTTP(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.give(t, person.Details{FirstName: "Maria", Email: "maria@example.org"})
	b := f.browse(t)
	for _, email := range []string{"maria@example.org", "stranger@example.org"} {
		answer, body := b.send(http.MethodPost, "/api/v1/public/supporter-links", "application/json", `{"organization":"riverbend","email":"`+email+`"}`)
		require.Equal(t, http.StatusAccepted, answer.StatusCode)
		require.Empty(t, body)
	}
	require.Len(t, f.mails(t), 1)
	status, problem := b.api(http.MethodPost, "/public/supporter-links", `{"organization":"riverbend","email":"maria"}`)
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, "body.email", problem["errors"].([]any)[0].(map[string]any)["location"])
}

func TestSupporterPageFromAskingToSigningOut(t *testing.T) {
	t.Parallel()
	f := start(t)
	p := f.give(t, person.Details{FirstName: "Maria <b>", LastName: "Gold", Email: "maria@example.org"})
	f.gifts[p.ID] = []person.Gift{{
		Reference: "RB-1001", ReceivedOn: day.New(2026, 11, 20), Purpose: "Rebuild the library", Amount: money.New(5000, "USD"),
		Refunded: money.New(1000, "USD"), Receipts: []person.GiftReceipt{{ID: uuid.Must(uuid.NewV7()), Number: "2026-000007"}},
	}}
	b := f.browse(t)

	status, text := b.page("/my/riverbend")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, "Your page at Riverbend Trust")
	answer, text := b.submit("/my/riverbend", "/my/riverbend", map[string]string{"email": "maria@"})
	require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
	require.Contains(t, text, `value="maria@"`, "what was typed stays")
	require.Contains(t, text, `aria-invalid="true"`)
	answer, _ = b.submit("/my/riverbend", "/my/riverbend", map[string]string{"email": "maria@example.org"})
	require.Equal(t, "/my/riverbend?state=sent", answer.Header.Get("Location"))

	mails := f.mails(t)
	link := "/s/" + linkForm.FindStringSubmatch(mails[0])[1]
	for range 2 {
		status, text = b.page(link)
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, text, "Open my page")
		require.NotContains(t, text, "Maria", "nothing is shown before the button")
	}
	answer, _ = b.submit(link, link, nil)
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
	require.Equal(t, "/my/riverbend", answer.Header.Get("Location"))
	require.Contains(t, answer.Header.Get("Set-Cookie"), "HttpOnly")

	answer, text = b.send(http.MethodGet, "/my/riverbend", "", "")
	require.Equal(t, "private, no-store", answer.Header.Get("Cache-Control"))
	require.Contains(t, text, "Hello, Maria &lt;b&gt; Gold")
	for _, shown := range []string{"$50.00", "Rebuild the library", "RB-1001", "$10.00 given back", "Receipt 2026-000007 (PDF)", "/receipt/" + f.riverID.String()} {
		require.Contains(t, text, shown)
	}
	status, text = b.page("/my/harbor")
	require.Equal(t, http.StatusOK, status)
	require.NotContains(t, text, "Maria", "another organization's page does not know them")

	answer, _ = b.submit("/my/riverbend", "/my/riverbend/sign-out", nil)
	require.Equal(t, "/my/riverbend?state=out", answer.Header.Get("Location"))
	_, text = b.page("/my/riverbend")
	require.NotContains(t, text, "RB-1001")
	status, text = b.page(link)
	require.Equal(t, http.StatusNotFound, status)
	require.Contains(t, text, "no longer works")
	require.Contains(t, text, `action="/my/riverbend"`, "a new link is offered")
	status, _ = b.page("/s/nonsense")
	require.Equal(t, http.StatusNotFound, status)
}

// entered is a browser whose supporter is signed in.
func (f *fixture) entered(t *testing.T) (*browser, person.Person) {
	t.Helper()
	p := f.give(t, person.Details{FirstName: "Maria", LastName: "Gold", Email: "maria@example.org"})
	b := f.browse(t)
	link := "/s/" + f.link(t, "maria@example.org")
	answer, _ := b.submit(link, link, nil)
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
	return b, p
}

func TestSupporterSeesWhatTheyPromised(t *testing.T) {
	t.Parallel()
	f := start(t)
	b, p := f.entered(t)
	_, text := b.page("/my/riverbend")
	require.NotContains(t, text, "Monthly gifts and pledges", "nothing was promised")

	charge := f.clock.Now().AddDate(0, 1, 0)
	open := promise.Promise{
		OrgID: f.riverID, ID: id.New[promise.Promise](), Kind: promise.Plan, Status: promise.Active, Amount: money.New(2500, "USD"), CoverMinor: 106, Zone: "UTC",
		Method: promise.ByCard, Instalments: []promise.Instalment{{
			ID: id.New[promise.Instalment](), N: 2, DueOn: day.In(charge, time.UTC), Amount: money.New(2500, "USD"), CoverMinor: 106, State: promise.Scheduled, ActAt: &charge,
		}},
	}
	ended := promise.Promise{ID: id.New[promise.Promise](), Kind: promise.Pledge, Status: promise.Cancelled, Amount: money.New(120_000, "USD"), Zone: "UTC"}
	f.promises[p.ID] = []promise.Kept{
		{Promise: open, Purpose: "Rebuild <the> library", Noun: "monthly gift", Rhythm: "every month on the 22nd", Paying: "Visa ending in 4242"},
		{Promise: ended, Purpose: "Reading", Noun: "pledge"},
	}
	_, text = b.page("/my/riverbend")
	for _, shown := range []string{
		"Monthly gifts and pledges", "$26.06", "every month on the 22nd", "for Rebuild &lt;the&gt; library", "Your next gift of $26.06 will be charged on December 22, 2026.",
		"Visa ending in 4242", "/my/riverbend/promises/" + open.ID.String(), "Ended", "/my/riverbend/promises/" + ended.ID.String(), "Cancelled",
	} {
		require.Contains(t, text, shown)
	}
}

func TestSupporterEditsDetailsOnThePage(t *testing.T) {
	t.Parallel()
	f := start(t)
	b, p := f.entered(t)
	details := map[string]string{"version": "1", "first_name": "Maria", "last_name": "Silver", "city": "Casper", "country": "us"}
	answer, _ := b.submit("/my/riverbend", "/my/riverbend/details", details)
	require.Equal(t, "/my/riverbend?saved=details", answer.Header.Get("Location"))
	read, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.Equal(t, "Maria Silver", read.DisplayName())

	answer, text := b.submit("/my/riverbend", "/my/riverbend/details", details)
	require.Equal(t, http.StatusConflict, answer.StatusCode, "the same version twice")
	require.Contains(t, text, "Someone else changed")
	details["version"], details["city"], details["country"] = "2", "Cody", "USA"
	answer, text = b.submit("/my/riverbend", "/my/riverbend/details", details)
	require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
	require.Contains(t, text, `value="Cody"`)
	require.Contains(t, text, `id="error-country"`)
}

func TestSupporterChoosesChannelsOnThePage(t *testing.T) {
	t.Parallel()
	f := start(t)
	b, p := f.entered(t)
	answer, _ := b.submit("/my/riverbend", "/my/riverbend/preferences", map[string]string{"consent_email": "1"})
	require.Equal(t, "/my/riverbend?saved=preferences", answer.Header.Get("Location"))
	_, text := b.page("/my/riverbend?saved=preferences")
	require.Regexp(t, `name="consent_email" value="1" checked`, text)
	read, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.Equal(t, "Riverbend Trust may send me news by e-mail.", read.Consents[person.ChannelEmail].Wording)

	f.clock.Advance(1)
	answer, _ = b.submit("/my/riverbend", "/my/riverbend/preferences", nil)
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
	read, err = f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.False(t, read.Consents.Allows(person.ChannelEmail))
}

func TestSupporterFormsNeedTheirPage(t *testing.T) {
	t.Parallel()
	f := start(t)
	b, p := f.entered(t)
	answer, _ := b.send(http.MethodPost, "/my/riverbend/preferences", "application/x-www-form-urlencoded", "consent_email=1")
	require.Equal(t, http.StatusForbidden, answer.StatusCode, "without the form's token")
	stranger := f.browse(t)
	for _, path := range []string{"/my/riverbend/preferences", "/my/riverbend/details"} {
		answer, _ = stranger.submit("/my/riverbend", path, map[string]string{"consent_email": "1", "version": "1", "first_name": "x"})
		require.Equal(t, "/my/riverbend", answer.Header.Get("Location"), "sent to the door")
	}
	read, err := f.Find(f.atRiver, p.ID)
	require.NoError(t, err)
	require.Equal(t, 1, read.Version)
	require.Empty(t, read.Consents)
}

// receiptPath stands for the feature that serves receipts.
func receiptPath(org uuid.UUID, which id.ID[receipt.Receipt]) string {
	return "/receipt/" + org.String() + "/" + which.String()
}

var _ people.Gifts = gifts{}
