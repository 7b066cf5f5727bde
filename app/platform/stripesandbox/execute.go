package stripesandbox

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// apiRequest is what the execution of a request needs to know of it.
type apiRequest struct {
	id, account, method, path, fingerprint, baseURL string
	// key is the Idempotency-Key; empty for none.
	key string
}

// keyLifetime is how long an answer is kept under its idempotency key.
const keyLifetime = 24 * time.Hour

// execute runs fn once per idempotency key, and lets an injected fault get in the way.
func (s *Sandbox) execute(ctx context.Context, req *apiRequest, fn func(t *tx) (any, error)) answer {
	if len(req.key) > 255 {
		return errorAnswer(invalid("", "", "Idempotency keys can be at most 255 characters."))
	}
	if req.account != "" && !strings.HasPrefix(req.account, "acct_") {
		e := invalid("account_invalid", "", "The provided key does not have access to account '%s' (or that account does not exist).", req.account)
		e.status = http.StatusForbidden
		return errorAnswer(e)
	}
	if a, done := s.begin(req); done {
		return a
	}
	defer s.end(req)
	fault := s.takeAPIFault(req)
	if fault != nil && fault.Kind == FaultLatency {
		select {
		case <-ctx.Done():
		case <-time.After(fault.Delay):
		}
	}
	if fault != nil && fault.Kind == FaultError && !fault.Execute {
		return errorAnswer(fault.apiError())
	}
	a := s.run(req, fault, fn)
	a.reset = fault != nil && fault.Kind == FaultReset
	return a
}

func (r *apiRequest) slot() string { return "key:" + r.account + ":" + r.key }

// begin answers from the stored responses, or reserves the key for this request.
func (s *Sandbox) begin(req *apiRequest) (answer, bool) {
	if req.key == "" {
		return answer{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.account == s.db.platformID {
		req.account = "" // naming the platform is the same as naming nobody
	}
	if s.inFlight[req.slot()] {
		e := &apiError{
			status: http.StatusConflict, Type: "idempotency_error", Code: "idempotency_key_in_use", DocURL: docURL("idempotency_key_in_use"),
			Message: "There is currently another in-progress request using this Stripe Idempotent Key (that probably means you submitted twice, and the " +
				"other request is still going through): " + req.key + ". Please try again later.",
		}
		return errorAnswer(e), true
	}
	saved, ok := s.db.byID[req.slot()].(*savedResponse)
	if !ok || s.clock().Sub(time.Unix(saved.Created, 0)) > keyLifetime {
		s.inFlight[req.slot()] = true
		return answer{}, false
	}
	if saved.Fingerprint != req.fingerprint {
		e := &apiError{
			status: http.StatusBadRequest, Type: "idempotency_error",
			Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" +
				req.key + "' if you meant to execute a different request.",
		}
		return errorAnswer(e), true
	}
	return answer{status: saved.Status, body: saved.Body.text(), original: saved.RequestID, replayed: true}, true
}

func (s *Sandbox) end(req *apiRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inFlight, req.slot())
}

// run executes the request and stores its answer in the same transaction, so that a crash keeps both or neither.
func (s *Sandbox) run(req *apiRequest, fault *Fault, fn func(t *tx) (any, error)) answer {
	a := errorAnswer(internalError())
	err := s.update(func(t *tx) error {
		t.request = eventRequest{ID: &req.id}
		if req.key != "" {
			t.request.IdempotencyKey = &req.key
		}
		t.baseURL = req.baseURL
		t.enter(req.account)
		result, err := fn(t)
		executed := err == nil
		if executed {
			a = answer{status: http.StatusOK, body: encode(result)}
		} else {
			e := asAPIError(err)
			a, executed = errorAnswer(e), e.executed
		}
		if fault != nil && fault.Kind == FaultError { // executed, but the answer is the fault
			a, executed = errorAnswer(fault.apiError()), true
		}
		if executed && req.key != "" {
			t.keep(req, a)
		}
		return nil
	})
	if err != nil {
		return errorAnswer(internalError())
	}
	return a
}

// enter puts the objects of the named account in sight; a connected account comes into being at its first use.
func (t *tx) enter(account string) {
	if account == "" || account == t.account {
		return
	}
	if _, known := t.db.byID[account]; !known {
		a := &Account{Type: "standard"}
		a.ID = account
		t.newAccount(a)
	}
	t.account = account
}

func (t *tx) keep(req *apiRequest, a answer) {
	saved, ok := t.db.byID[req.slot()].(*savedResponse) // one whose time is over
	if !ok {
		saved = &savedResponse{Row: Row{ID: req.slot()}}
		t.create(saved, kindSaved, "")
	}
	saved.Created, saved.Fingerprint, saved.RequestID, saved.Status, saved.Body = t.now.Unix(), req.fingerprint, req.id, a.status, pack(a.body)
	t.save(saved)
}
