package giving_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest/scene"
	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
)

// gatekeeper takes the bearer for a role in the world's organization.
type gatekeeper struct{ w *world }

func (g gatekeeper) Authenticate(_ context.Context, c web.Credentials) (actor.Actor, string, error) {
	if c.Bearer == "" {
		return actor.Actor{}, "", nil
	}
	who := actor.Actor{Kind: actor.KindToken, ID: uuid.Must(uuid.NewV7()), OrgID: g.w.org.ID.UUID}
	for _, p := range account.Role(c.Bearer).Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return who, "", nil
}

// caller calls operations of the API and decodes the answers.
type caller func(method, path, body string, header ...string) (status int, answer map[string]any)

func (w *world) serve() caller {
	w.t.Helper()
	address := scene.Serve(w.t, w.db, w.clock.Now, gatekeeper{w}, func(server *web.Server) { w.giving.Routes(server.API()) })
	return func(method, path, body string, header ...string) (int, map[string]any) {
		r, err := http.NewRequestWithContext(w.t.Context(), method, address+"/api/v1"+path, strings.NewReader(body))
		require.NoError(w.t, err)
		r.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer, err := http.DefaultClient.Do(r)
		require.NoError(w.t, err)
		defer func() { require.NoError(w.t, answer.Body.Close()) }()
		text, err := io.ReadAll(answer.Body)
		require.NoError(w.t, err)
		decoded := map[string]any{}
		if len(text) > 0 {
			require.NoError(w.t, json.Unmarshal(text, &decoded), string(text))
		}
		return answer.StatusCode, decoded
	}
}

func (w *world) formJSON() string {
	return `{"organization":"riverbend","campaign":"library","amount":{"amount_minor":5000,"currency":"USD"},"first_name":"Grace","email":"grace@example.org","form_token":"` + uuid.NewString() + `"}`
}

func TestTheWebhookAnswersAsStripeExpects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	call := w.serve()
	_, session := w.start(w.form())
	w.pay(session, visa)
	bodies, signatures := w.signed()
	body, signature := string(bodies[0]), signatures[0]
	post := func(body, signature string) int {
		status, _ := call(http.MethodPost, "/webhooks/stripe", body, "Stripe-Signature", signature)
		return status
	}
	require.Equal(t, http.StatusBadRequest, post(body, ""), "no signature")
	require.Equal(t, http.StatusBadRequest, post(body, "t=1,v1=00"), "a wrong one")
	require.Equal(t, http.StatusBadRequest, post(body[:100], signature), "half a body")
	require.Equal(t, http.StatusBadRequest, post("", signature), "no body")
	require.Equal(t, http.StatusRequestEntityTooLarge, post(strings.Repeat("x", 1<<20+1), signature), "more than 1 MiB")
	require.Zero(t, w.countEvents(), "nothing is stored")
	status, answer := call(http.MethodPost, "/webhooks/stripe", body, "Stripe-Signature", "t=1,v1=00")
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "payment.bad_signature", answer["code"])

	require.Equal(t, http.StatusNoContent, post(body, signature))
	require.Equal(t, http.StatusNoContent, post(body, signature), "told again")
	require.Equal(t, 1, w.countEvents())
	w.later(0)
}

func TestACheckoutThatStripeRefusesIsNoDefectOfOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	call := w.serve()
	form := w.formJSON()
	w.wire.Refuse("POST /v1/checkout/sessions", "invalid_request_error")
	status, answer := call(http.MethodPost, "/public/checkouts", form)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "payment.refused", answer["code"])
	lines, err := w.giving.List(w.owner, filterAll())
	require.NoError(t, err)
	require.Equal(t, "failed", string(lines[0].Status), "not a draft for ever")

	w.wire.Refuse("POST /v1/checkout/sessions", "")
	status, _ = call(http.MethodPost, "/public/checkouts", form)
	require.Equal(t, http.StatusCreated, status, "a fresh request may be accepted")
	require.Equal(t, 1, w.count("donations"))
}

func TestACheckoutWhileStripeIsDownIsWorthAnotherTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	call := w.serve()
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 429, Count: 1, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	form := w.formJSON()
	status, answer := call(http.MethodPost, "/public/checkouts", form)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "payment.unavailable", answer["code"])
	status, _ = call(http.MethodPost, "/public/checkouts", form)
	require.Equal(t, http.StatusCreated, status)
	require.Len(t, w.sandbox.Sessions(""), 1)
}

func TestFormsAreLimitedByAddressAndEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, limited())
	call := w.serve()
	for range 12 {
		status, _ := call(http.MethodPost, "/public/checkouts", w.formJSON())
		require.Equal(t, http.StatusCreated, status)
	}
	status, answer := call(http.MethodPost, "/public/checkouts", strings.Replace(w.formJSON(), "grace@", "GRACE@", 1))
	require.Equal(t, http.StatusTooManyRequests, status, "twelve of one e-mail")
	require.Equal(t, "rate.limited", answer["code"])
	for range 47 {
		status, _ = call(http.MethodPost, "/public/checkouts", strings.Replace(w.formJSON(), "grace@example.org", "x", 1))
		require.Equal(t, http.StatusUnprocessableEntity, status)
	}
	status, _ = call(http.MethodPost, "/public/checkouts", strings.Replace(w.formJSON(), "grace@", "ada@", 1))
	require.Equal(t, http.StatusTooManyRequests, status, "sixty of one address")
	w.clock.Advance(10 * time.Minute)
	status, _ = call(http.MethodPost, "/public/checkouts", w.formJSON())
	require.Equal(t, http.StatusCreated, status)
}

func TestACampaignThatEndsWhileAFormIsOnItsWayTakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, whenFound(func(w *world) { w.endCampaign() }))
	call := w.serve()
	status, answer := call(http.MethodPost, "/public/checkouts", w.formJSON())
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "campaign.ended", answer["code"])
	require.NotContains(t, answer, "errors", "no field of the form is at fault")
	require.Zero(t, w.count("donations"))
}
