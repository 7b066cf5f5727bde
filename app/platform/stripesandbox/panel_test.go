package stripesandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
)

// press submits a form of the panel and returns the page it leads to.
func (w *world) press(form url.Values) visit {
	w.t.Helper()
	got := w.post(w.server.URL+"/_sandbox", form)
	if got.status != http.StatusSeeOther {
		return got
	}
	return w.get(w.server.URL + got.location)
}

func TestThePanelDoesWhatItsButtonsSay(t *testing.T) {
	t.Parallel()
	w := start(t)
	endpoint := w.listen()
	pi := w.paidIntent(10000, "visa")
	charge := pi.LatestCharge.ID
	refund, err := w.refund(pi, 1000)
	require.NoError(t, err)
	session := w.session(2000)
	event := w.box.Events("")[0].ID

	for _, step := range []struct {
		form url.Values
		done string
	}{
		{url.Values{"action": {"settle"}}, "are through"},
		{url.Values{"action": {"inject"}, "kind": {"drop"}, "count": {"2"}, "match": {"charge.*"}, "delay": {"5s"}, "status": {"500"}}, "Fault 1 waits"},
		{url.Values{"action": {"clear"}, "id": {"1"}}, "Faults cleared"},
		{url.Values{"action": {"pause"}}, "held back"},
		{url.Values{"action": {"resume"}}, "go out again"},
		{url.Values{"action": {"replay"}, "id": {event}}, "goes out again"},
		{url.Values{"action": {"roll"}, "id": {endpoint.ID}}, "New signing secret: whsec_"},
		{url.Values{"action": {"fail_refund"}, "id": {refund.ID}}, "refund has failed"},
		{url.Values{"action": {"dispute"}, "id": {charge}}, "is disputed"},
		{url.Values{"action": {"expire_session"}, "id": {session.ID}}, "has expired"},
		{url.Values{"action": {"advance"}, "by": {"49h"}}, "further"},
	} {
		got := w.press(step.form)
		require.Equal(t, http.StatusOK, got.status, step.form)
		require.Contains(t, got.body, step.done)
		require.Contains(t, got.body, `role="status"`)
	}
	require.Equal(t, 49*time.Hour, w.box.Time().Sub(w.clock.Now()))
	late := w.paidIntent(500, "visa")
	require.Equal(t, w.box.Time().Unix(), late.Created)
	events := w.box.Events("")
	require.Equal(t, w.clock.Now().Unix(), events[len(events)-1].Created, "the receivers of events have not jumped")
	dispute := w.box.Disputes("")[0]
	require.Contains(t, w.press(url.Values{"action": {"close_dispute"}, "id": {dispute.ID}, "outcome": {"won"}, "fee_back": {"true"}}).body, "The dispute is closed")
	require.Contains(t, w.press(url.Values{"action": {"payout"}, "account": {w.box.PlatformAccount()}, "currency": {"usd"}}).body, "is on its way")
	payout := w.box.Payouts("")[0]
	require.EqualValues(t, 9680, payout.Amount)
	require.Contains(t, w.press(url.Values{"action": {"arrive_payout"}, "id": {payout.ID}}).body, "has arrived")
	require.Contains(t, w.press(url.Values{"action": {"fail_payout"}, "id": {payout.ID}}).body, "has failed")
	require.Equal(t, "failed", w.box.Payouts("")[0].Status)
}

func TestThePanelSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := start(t)
	for problem, form := range map[string]url.Values{
		"action must be one of":      {"action": {"dance"}},
		"kind &#34;&#34; is unknown": {"action": {"inject"}},
		"count must be a whole":      {"action": {"inject"}, "kind": {"drop"}, "count": {"two"}},
		"delay must be a duration":   {"action": {"inject"}, "kind": {"delay"}, "delay": {"soon"}},
		"status must be 409":         {"action": {"inject"}, "kind": {"error"}, "status": {"404"}},
		"by must be a positive":      {"action": {"advance"}, "by": {"-5m"}},
		"No such charge":             {"action": {"dispute"}, "id": {"ch_none"}},
		"No such dispute":            {"action": {"close_dispute"}, "id": {"dp_none"}},
		"nothing available":          {"action": {"payout"}},
	} {
		got := w.press(form)
		require.Equal(t, http.StatusUnprocessableEntity, got.status, problem)
		require.Contains(t, got.body, problem)
		require.Contains(t, got.body, `role="alert"`)
	}
	require.Empty(t, w.box.Faults())
}

func TestThePanelSpeaksJSONToo(t *testing.T) {
	t.Parallel()
	w := start(t)
	send := func(body string) visit {
		return w.read(http.Post(w.server.URL+"/_sandbox/api", "application/json", strings.NewReader(body))) //nolint:noctx // a test's own server
	}
	got := send(`{"action":"inject","kind":"error","status":503,"count":2,"execute":true}`)
	require.Equal(t, http.StatusOK, got.status)
	require.Equal(t, []stripesandbox.Fault{{ID: 1, Kind: stripesandbox.FaultError, Count: 2, Status: 503, Execute: true}}, w.box.Faults())
	state := w.get(w.server.URL + "/_sandbox/api")
	require.Contains(t, state.body, `"kind":"error"`)
	w.box.ClearFaults(0)
	customer, method := w.savedByPage("4242424242424242")
	require.Equal(t, http.StatusOK, send(`{"action":"decline","id":"`+method+`","code":"lost_card"}`).status)
	var told struct {
		Cards []struct{ ID, Customer, Email, Answer string }
	}
	require.NoError(t, json.Unmarshal([]byte(w.get(w.server.URL+"/_sandbox/api").body), &told))
	require.Len(t, told.Cards, 1)
	require.Equal(t, []string{method, customer, "jo@example.org", "declined: lost_card"},
		[]string{told.Cards[0].ID, told.Cards[0].Customer, told.Cards[0].Email, told.Cards[0].Answer})
	require.Equal(t, http.StatusBadRequest, send("drop everything").status)
	require.Equal(t, http.StatusUnprocessableEntity, send(`{"action":"inject","kind":"error"}`).status)
}

func TestPagesUnderAPrefixLinkWithinIt(t *testing.T) {
	t.Parallel()
	w := startWith(t, stripesandbox.Options{BaseURL: "https://give.example.org/stripe/"})
	session := w.session(2000)
	require.Equal(t, "https://give.example.org/stripe/c/pay/"+session.ID, session.URL)
	page := w.get(w.server.URL + "/c/pay/" + session.ID)
	require.Contains(t, page.body, `action="/stripe/c/pay/`+session.ID+`"`)
	require.Contains(t, page.body, `href="/stripe/c/sandbox.css"`)
	require.Contains(t, w.get(w.server.URL+"/_sandbox").body, `action="/stripe/_sandbox"`)
	asked := w.post(w.server.URL+"/c/pay/"+session.ID, cardForm("4000002760003184"))
	require.Regexp(t, "^/stripe/c/authenticate/pi_", asked.location)
}
