package stripesandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Sandbox) panelRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox", s.showPanel)
	mux.HandleFunc("GET /_sandbox/{$}", s.showPanel)
	mux.HandleFunc("POST /_sandbox", s.submitPanel)
	mux.HandleFunc("GET /_sandbox/api", s.panelState)
	mux.HandleFunc("POST /_sandbox/api", s.panelCommand)
}

// panelActions are what the panel and its JSON API can do. Each takes its arguments from the form and returns what to tell the operator.
var panelActions = map[string]func(s *Sandbox, form url.Values) (string, error){
	"inject": func(s *Sandbox, form url.Values) (string, error) {
		f, err := faultOf(form)
		if err != nil {
			return "", err
		}
		id, err := s.Inject(f)
		return fmt.Sprintf("Fault %d waits for its next call or event.", id), err
	},
	"clear": func(s *Sandbox, form url.Values) (string, error) {
		id, err := number(form, "id", 0)
		s.ClearFaults(int(id))
		return "Faults cleared.", err
	},
	"pause": func(s *Sandbox, _ url.Values) (string, error) {
		s.PauseWebhooks(true)
		return "Webhooks are held back.", nil
	},
	"resume": func(s *Sandbox, _ url.Values) (string, error) {
		s.PauseWebhooks(false)
		return "Webhooks go out again.", nil
	},
	"advance": func(s *Sandbox, form url.Values) (string, error) {
		d, err := time.ParseDuration(form.Get("by"))
		if err != nil || d <= 0 || d > 400*24*time.Hour {
			return "", errors.New("by must be a positive duration like 31m or 48h")
		}
		s.AdvanceClock(d)
		return "The sandbox is " + d.String() + " further.", nil
	},
	"settle": func(s *Sandbox, _ url.Values) (string, error) {
		return "Fees, debits and refunds that waited are through.", s.Settle()
	},
	"replay": func(s *Sandbox, form url.Values) (string, error) {
		return "The event goes out again.", s.Replay(form.Get("id"))
	},
	"roll": func(s *Sandbox, form url.Values) (string, error) {
		secret, err := s.RollSecret(form.Get("id"), 24*time.Hour)
		return "New signing secret: " + secret + ". The old one signs too for 24 hours.", err
	},
	"dispute": func(s *Sandbox, form url.Values) (string, error) {
		_, err := s.OpenDispute(form.Get("id"), form.Get("inquiry") == "true")
		return "The charge is disputed.", err
	},
	"close_dispute": func(s *Sandbox, form url.Values) (string, error) {
		return "The dispute is closed.", s.CloseDispute(form.Get("id"), form.Get("outcome") == "won", form.Get("fee_back") == "true")
	},
	"fail_refund": func(s *Sandbox, form url.Values) (string, error) {
		return "The refund has failed.", s.FailRefund(form.Get("id"))
	},
	"end_debit": func(s *Sandbox, form url.Values) (string, error) {
		return "The bank has answered.", s.EndDebit(form.Get("id"), form.Get("outcome") == "succeeded")
	},
	"payout": func(s *Sandbox, form url.Values) (string, error) {
		o, err := s.CreatePayout(form.Get("account"), cmpOr(form.Get("currency"), "usd"))
		return "Payout " + o.ID + " of " + formatAmount(o.Amount, o.Currency) + " is on its way.", err
	},
	"arrive_payout": func(s *Sandbox, form url.Values) (string, error) {
		return "The payout has arrived.", s.ArrivePayout(form.Get("id"))
	},
	"fail_payout": func(s *Sandbox, form url.Values) (string, error) {
		return "The payout has failed.", s.FailPayout(form.Get("id"))
	},
	"behave": func(s *Sandbox, form url.Values) (string, error) {
		as := cmpOr(form.Get("number"), form.Get("outcome"))
		return "The card behaves as " + as + " from now on.", s.SetBehaviour(form.Get("id"), as)
	},
	"decline": func(s *Sandbox, form url.Values) (string, error) {
		n, err := number(form, "count", 0)
		if err != nil {
			return "", err
		}
		return "Charges of the card are declined with " + form.Get("code") + ".", s.DeclineNext(form.Get("id"), form.Get("code"), int(n))
	},
	"update_card": func(s *Sandbox, form url.Values) (string, error) {
		month, monthErr := number(form, "exp_month", 12)
		year, yearErr := number(form, "exp_year", int64(s.Time().Year()+4))
		if err := errors.Join(monthErr, yearErr); err != nil {
			return "", err
		}
		return "The bank has replaced the card.", s.UpdateCard(form.Get("id"), cmpOr(form.Get("number"), "4000056655665556"), month, year)
	},
	"detach": func(s *Sandbox, form url.Values) (string, error) {
		return "The card belongs to no customer any more.", s.DetachCard(form.Get("id"))
	},
	"expire_session": func(s *Sandbox, form url.Values) (string, error) {
		return "The session has expired.", s.ExpireSession(form.Get("id"))
	},
}

func number(form url.Values, key string, otherwise int64) (int64, error) {
	if form.Get(key) == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(form.Get(key), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s must be a whole number", key)
	}
	return n, nil
}

func faultOf(form url.Values) (Fault, error) {
	f := Fault{Kind: FaultKind(form.Get("kind")), Match: strings.TrimSpace(form.Get("match")), Code: form.Get("code"), Execute: form.Get("execute") == "true"}
	count, countErr := number(form, "count", 1)
	status, statusErr := number(form, "status", 0)
	f.Count, f.Status = int(count), int(status)
	var delayErr error
	if text := form.Get("delay"); text != "" {
		if f.Delay, delayErr = time.ParseDuration(text); delayErr != nil {
			delayErr = errors.New("delay must be a duration like 5s")
		}
	}
	return f, errors.Join(countErr, statusErr, delayErr)
}

func (s *Sandbox) act(form url.Values) (string, error) {
	action, ok := panelActions[form.Get("action")]
	if !ok {
		return "", fmt.Errorf("action must be one of %s", strings.Join(slices.Sorted(maps.Keys(panelActions)), ", "))
	}
	return action(s, form)
}

// panelPage is what the panel shows: the newest rows of every account.
type panelPage struct {
	Prefix, Title, Notice, Problem string
	Now                            time.Time
	Paused                         bool
	Faults                         []Fault
	Endpoints                      []Endpoint
	Charges                        []Charge
	Refunds                        []Refund
	Disputes                       []*Dispute
	Payouts                        []Payout
	Sessions                       []Session
	Events                         []Event
	Cards                          []savedCard
	DeclineCodes                   []string
	Accounts                       []Account
}

// Do is a button of the panel: an action on one object.
func (p panelPage) Do(action, id, label, outcome string) map[string]string {
	return map[string]string{"Prefix": p.Prefix, "Action": action, "ID": id, "Label": label, "Outcome": outcome}
}

const panelRows = 20

// newest copies the newest rows of a kind over all accounts.
func newest[T any, E interface {
	*T
	entity
}](t *tx, kind string) []T {
	stored := t.db.byKind[kind]
	var rows []T
	for i := len(stored) - 1; i >= 0 && len(rows) < panelRows; i-- {
		if e, ok := stored[i].(E); ok {
			rows = append(rows, *e)
		}
	}
	return rows
}

func (s *Sandbox) panel() panelPage {
	p := panelPage{Prefix: s.prefix(), Title: "Stripe sandbox", DeclineCodes: declineCodes, Faults: s.Faults(), Endpoints: s.Endpoints()}
	_ = s.update(func(t *tx) error { // reads only
		p.Now, p.Paused = t.now.UTC(), s.faults.paused
		p.Charges, p.Refunds = newest[Charge](t, kindCharge), newest[Refund](t, kindRefund)
		for _, d := range newest[Dispute](t, kindDispute) {
			p.Disputes = append(p.Disputes, &d)
		}
		p.Payouts, p.Sessions, p.Events = newest[Payout](t, kindPayout), newest[Session](t, kindSession), newest[Event](t, kindEvent)
		p.Accounts, p.Cards = newest[Account](t, kindAccount), t.newestCards()
		for i := range p.Events {
			p.Events[i].Deliveries = copyDeliveries(p.Events[i].Deliveries)
		}
		return nil
	})
	return p
}

func copyDeliveries(deliveries []*Delivery) []*Delivery {
	copies := make([]*Delivery, len(deliveries))
	for i, d := range deliveries {
		copies[i] = ptr(*d)
	}
	return copies
}

func (s *Sandbox) showPanel(w http.ResponseWriter, r *http.Request) {
	p := s.panel()
	p.Notice = r.FormValue("done")
	writePage(w, http.StatusOK, "panel.html", p)
}

func (s *Sandbox) submitPanel(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	notice, err := s.act(r.PostForm)
	if err != nil {
		p := s.panel()
		p.Title, p.Problem = "Error: Stripe sandbox", plainMessage(err)
		writePage(w, http.StatusUnprocessableEntity, "panel.html", p)
		return
	}
	http.Redirect(w, r, s.prefix()+"/_sandbox?done="+url.QueryEscape(notice), http.StatusSeeOther)
}

func plainMessage(err error) string {
	var e *apiError
	if errors.As(err, &e) {
		return e.Message
	}
	return err.Error()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(encode(v)) // the caller is gone
}

func (s *Sandbox) panelState(w http.ResponseWriter, _ *http.Request) {
	p := s.panel()
	writeJSON(w, http.StatusOK, map[string]any{
		"now": p.Now, "paused": p.Paused, "faults": p.Faults, "cards": p.Cards, "actions": slices.Sorted(maps.Keys(panelActions)),
	})
}

// panelCommand takes {"action": "inject", "kind": "drop", "count": 2}; the arguments are those of the forms.
func (s *Sandbox) panelCommand(w http.ResponseWriter, r *http.Request) {
	var command map[string]any
	decoder := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
	decoder.UseNumber()
	if err := decoder.Decode(&command); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]any{"error": "the body must be a JSON object"})
		return
	}
	form := url.Values{}
	for key, v := range command {
		form.Set(key, fmt.Sprint(v))
	}
	notice, err := s.act(form)
	if err != nil {
		writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"error": plainMessage(err)})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"done": notice})
}
