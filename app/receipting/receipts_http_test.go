package receipting_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
)

// bearers lets a request say which organization and role it comes from: "<organization id>:<role>".
type bearers struct{ staff uuid.UUID }

func (b bearers) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	org, role, _ := strings.Cut(c.Bearer, ":")
	who := actor.Actor{Kind: actor.KindToken, ID: b.staff, OrgID: uuid.MustParse(org), Role: role}
	for _, p := range account.Role(role).Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

// serve starts the routes of receipts and returns a function that calls them.
func (b *books) serve() func(bearer, method, path, body string) (*http.Response, string) {
	b.t.Helper()
	address := scene.Serve(b.t, b.db, b.clock, bearers{b.staff}, func(server *web.Server) {
		b.svc.Routes(server.API())
		b.svc.Pages(server.Pages())
	})
	return func(bearer, method, path, body string) (*http.Response, string) {
		b.t.Helper()
		r, err := http.NewRequestWithContext(b.t.Context(), method, address+path, strings.NewReader(body))
		require.NoError(b.t, err)
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(b.t, err)
		defer func() { require.NoError(b.t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(b.t, err)
		return answer, string(text)
	}
}

func TestReceiptsOverTheAPI(t *testing.T) {
	t.Parallel()
	b := open(t)
	call := b.serve()
	finance := b.org.String() + ":finance"
	var donations []uuid.UUID
	for i := range 3 {
		donations = append(donations, b.give(gift{Minor: int64(10_00 + i), Email: "maya@example.org"}))
		b.ask(donations[i])
		b.pass(time.Second)
	}
	type page struct {
		Items []struct {
			ID, Number string
			DonationID string `json:"donation_id"`
			DonorName  string `json:"donor_name"`
			ReceivedOn string `json:"received_on"`
			Amount     struct {
				Minor    int64 `json:"amount_minor"`
				Currency string
			}
			VoidedAt   *time.Time `json:"voided_at"`
			VoidReason string     `json:"void_reason"`
			ReplacedBy string     `json:"replaced_by"`
		}
		NextCursor string `json:"next_cursor"`
	}
	list := func(query string) (p page) {
		answer, text := call(finance, http.MethodGet, "/api/v1/receipts"+query, "")
		require.Equal(t, http.StatusOK, answer.StatusCode, text)
		require.NoError(t, json.Unmarshal([]byte(text), &p))
		return p
	}
	first := list("?limit=2")
	require.Len(t, first.Items, 2)
	require.Equal(t, "RB-2026-000003", first.Items[0].Number)
	require.Equal(t, "Maya Lindqvist", first.Items[0].DonorName)
	require.Equal(t, "2026-11-22", first.Items[0].ReceivedOn)
	require.EqualValues(t, 10_02, first.Items[0].Amount.Minor)
	second := list("?limit=2&cursor=" + first.NextCursor)
	require.Len(t, second.Items, 1)
	require.Empty(t, second.NextCursor)
	require.Len(t, list("?donation_id="+donations[1].String()).Items, 1)

	oldest := second.Items[0].ID
	answer, text := call(finance, http.MethodGet, "/api/v1/receipts/"+oldest+"/pdf", "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "application/pdf", answer.Header.Get("Content-Type"))
	require.Contains(t, answer.Header.Get("Content-Disposition"), "receipt-RB-2026-000001.pdf")
	require.Contains(t, pdfText(t, []byte(text)), "$10.00")
	answer, text = call(finance, http.MethodGet, "/api/v1/receipts/"+oldest+"/html", "")
	require.Equal(t, http.StatusOK, answer.StatusCode, text)
	require.Contains(t, text, "did not provide any goods or services")

	answer, text = call(finance, http.MethodPost, "/api/v1/receipts/"+oldest+"/resend", "")
	require.Equal(t, http.StatusAccepted, answer.StatusCode, text)
	queuetest.Drain(t, b.queue)
	require.Len(t, b.server.Received(), 4)

	answer, text = call(finance, http.MethodPost, "/api/v1/receipts/"+oldest+"/void", `{"reason":""}`)
	require.Equal(t, http.StatusUnprocessableEntity, answer.StatusCode)
	require.Contains(t, text, "body.reason")
	answer, text = call(finance, http.MethodPost, "/api/v1/receipts/"+oldest+"/void", `{"reason":"Wrong name"}`)
	require.Equal(t, http.StatusNoContent, answer.StatusCode, text)
	answer, text = call(finance, http.MethodPost, "/api/v1/receipts/"+oldest+"/resend", "")
	require.Equal(t, http.StatusConflict, answer.StatusCode)
	require.Contains(t, text, `"receipt.void"`)
	answer, text = call(finance, http.MethodPost, "/api/v1/receipts/"+oldest+"/replace", `{"reason":"Right name"}`)
	require.Equal(t, http.StatusCreated, answer.StatusCode, text)
	require.Contains(t, text, "RB-2026-000004")
	void := list("?donation_id=" + donations[0].String()).Items[1]
	require.Equal(t, "Wrong name", void.VoidReason)
	require.Equal(t, "RB-2026-000004", void.ReplacedBy)
	require.NotNil(t, void.VoidedAt)
}

func TestWhoMayNotTouchReceipts(t *testing.T) {
	t.Parallel()
	b := open(t)
	call := b.serve()
	b.ask(b.give(gift{Minor: 10_00, Email: "maya@example.org"}))
	receiptID := b.receipts()[0].ID.String()
	stranger, viewer, coordinator := newID().String()+":owner", b.org.String()+":viewer", b.org.String()+":volunteer_coordinator"
	for _, tc := range []struct {
		bearer, method, path, body string
		status                     int
	}{
		{"", http.MethodGet, "/receipts", "", http.StatusUnauthorized},
		{coordinator, http.MethodGet, "/receipts", "", http.StatusForbidden},
		{coordinator, http.MethodGet, "/receipts/" + receiptID + "/pdf", "", http.StatusForbidden},
		{viewer, http.MethodPost, "/receipts/" + receiptID + "/resend", "", http.StatusForbidden},
		{viewer, http.MethodPost, "/receipts/" + receiptID + "/void", `{"reason":"x"}`, http.StatusForbidden},
		{viewer, http.MethodPost, "/receipts/" + receiptID + "/replace", `{"reason":"x"}`, http.StatusForbidden},
		{stranger, http.MethodGet, "/receipts/" + receiptID + "/pdf", "", http.StatusNotFound},
		{stranger, http.MethodGet, "/receipts/" + receiptID + "/html", "", http.StatusNotFound},
		{stranger, http.MethodPost, "/receipts/" + receiptID + "/resend", "", http.StatusNotFound},
		{stranger, http.MethodPost, "/receipts/" + receiptID + "/void", `{"reason":"x"}`, http.StatusNotFound},
		{stranger, http.MethodPost, "/receipts/" + receiptID + "/replace", `{"reason":"x"}`, http.StatusNotFound},
		{viewer, http.MethodGet, "/receipts/nonsense/pdf", "", http.StatusUnprocessableEntity},
		{viewer, http.MethodGet, "/receipts?cursor=nonsense", "", http.StatusUnprocessableEntity},
		{viewer, http.MethodGet, "/receipts?donation_id=nonsense", "", http.StatusUnprocessableEntity},
	} {
		answer, text := call(tc.bearer, tc.method, "/api/v1"+tc.path, tc.body)
		require.Equal(t, tc.status, answer.StatusCode, "%s %s as %s: %s", tc.method, tc.path, tc.bearer, text)
	}
	require.Len(t, b.receipts(), 1)
	require.Len(t, b.messages(), 1)
}

var receiptLink = regexp.MustCompile(`https://give\.example(/r/[A-Za-z0-9_-]+)`)

func TestTheMailedLinkOpensTheReceipt(t *testing.T) {
	t.Parallel()
	b := open(t)
	call := b.serve()
	donation := b.give(gift{Minor: 50_00, Email: "maya@example.org"})
	b.ask(donation)
	path := receiptLink.FindStringSubmatch(b.server.Received()[0].Text)[1]

	answer, text := call("", http.MethodGet, path, "")
	require.Equal(t, http.StatusOK, answer.StatusCode, text)
	require.Contains(t, text, "RB-2026-000001")
	require.Contains(t, text, "did not provide any goods or services")
	require.Contains(t, text, `content="noindex"`)
	require.NotContains(t, text, "VOID")
	require.Contains(t, text, path+".pdf")
	require.Contains(t, answer.Header.Get("Cache-Control"), "no-store")
	require.Equal(t, "no-referrer", answer.Header.Get("Referrer-Policy"))
	answer, pdf := call("", http.MethodGet, path+".pdf", "")
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "application/pdf", answer.Header.Get("Content-Type"))
	require.Contains(t, pdfText(t, []byte(pdf)), "$50.00")
	require.Equal(t, path+".pdf", b.svc.Path(b.org, b.receipts()[0].ID))

	b.refund(donation, 50_00)
	b.ask(donation)
	_, text = call("", http.MethodGet, path, "")
	require.Contains(t, text, "VOID since November 22, 2026. Do not use it.")
	_, pdf = call("", http.MethodGet, path+".pdf", "")
	require.Contains(t, pdfText(t, []byte(pdf)), "VOID")

	if dir := *samples; dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "page.html"), []byte(text), 0o600))
		for i, m := range b.server.Received() {
			require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("mail%d.html", i)), []byte(m.HTML), 0o600))
		}
	}
}

func TestAForgedLinkOpensNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	call := b.serve()
	b.ask(b.give(gift{Minor: 50_00}))
	b.ask(b.give(gift{Minor: 60_00}))
	path := strings.TrimSuffix(b.svc.Path(b.org, b.receipts()[0].ID), ".pdf")
	other := strings.TrimSuffix(b.svc.Path(b.org, b.receipts()[1].ID), ".pdf")
	mixed := path[:len(path)-24] + other[len(other)-24:] // one receipt with the signature of another
	for _, forged := range []string{"/r/", "/r/x", path[:len(path)-1], path + "A", mixed, strings.ToLower(path), "/r/" + strings.Repeat("A", 64)} {
		answer, text := call("", http.MethodGet, forged, "")
		require.Equal(t, http.StatusNotFound, answer.StatusCode, forged)
		require.NotContains(t, text, "RB-2026")
	}
}
