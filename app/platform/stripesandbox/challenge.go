package stripesandbox

import (
	"errors"
	"net/http"
	"net/url"
)

// challengePage is the 3-D Secure page of the pretended bank, for a payment or, without an amount, for a card that is to be saved.
type challengePage struct {
	Prefix, Title            string
	ID, Status, Currency     string
	Amount                   int64
	Saves                    bool
	secret, returnURL, param string
}

func (s *Sandbox) challenged(r *http.Request) (challengePage, Session, bool) {
	p := challengePage{Prefix: s.prefix(), Title: "Confirm it is you", ID: r.PathValue("id")}
	var session Session
	found := false
	_ = s.update(func(t *tx) error { // reads only
		behind := ""
		switch intent := t.db.byID[p.ID].(type) {
		case *PaymentIntent:
			p.Status, p.Amount, p.Currency, p.param = intent.Status, intent.Amount, intent.Currency, "payment_intent"
			p.secret, p.returnURL, behind = intent.ClientSecret, intent.ReturnURL, intent.Session
		case *SetupIntent:
			p.Status, p.Saves, p.param = intent.Status, true, "setup_intent"
			p.secret, p.returnURL, behind = intent.ClientSecret, intent.ReturnURL, intent.Session
		default:
			return nil
		}
		found = true
		if page, ok := t.db.byID[behind].(*Session); ok {
			session = *page
		}
		return nil
	})
	return p, session, found
}

func (s *Sandbox) showChallenge(w http.ResponseWriter, r *http.Request) {
	p, session, found := s.challenged(r)
	switch {
	case !found:
		p.Title = "Page not found"
		writePage(w, http.StatusNotFound, "missing.html", p)
	case p.Status == "requires_action":
		writePage(w, http.StatusOK, "challenge.html", p)
	default:
		s.leaveChallenge(w, r, p, session)
	}
}

func (s *Sandbox) submitChallenge(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	p, _, found := s.challenged(r)
	if !found {
		s.showChallenge(w, r)
		return
	}
	err := s.Authenticate(p.ID, r.PostFormValue("action") == "complete")
	p, session, _ := s.challenged(r)
	var declined *apiError
	if errors.As(err, &declined) && session.Status == "open" && p.Status == "requires_payment_method" {
		again, _ := s.sessionPageOf(r, session.ID)
		again.refuse(w, http.StatusPaymentRequired, fieldError{"number", declined.Message})
		return
	}
	s.leaveChallenge(w, r, p, session)
}

// sessionPageOf is page for another session than the one in the path.
func (s *Sandbox) sessionPageOf(r *http.Request, sessionID string) (sessionPage, bool) {
	r.SetPathValue("id", sessionID)
	return s.page(r)
}

// leaveChallenge sends the payer on: back to the checkout, or to where the intent's creator waits.
func (s *Sandbox) leaveChallenge(w http.ResponseWriter, r *http.Request, p challengePage, session Session) {
	switch {
	case session.ID != "" && session.Status == "complete":
		http.Redirect(w, r, session.successURL(), http.StatusSeeOther)
	case session.ID != "":
		http.Redirect(w, r, p.Prefix+"/c/pay/"+session.ID, http.StatusSeeOther)
	default:
		target, err := url.Parse(p.returnURL)
		if err != nil || p.returnURL == "" {
			p.Title = "You can close this page"
			writePage(w, http.StatusOK, "challenge_done.html", p)
			return
		}
		query := target.Query()
		query.Set(p.param, p.ID)
		query.Set(p.param+"_client_secret", p.secret)
		status := "failed"
		if p.Status == "succeeded" {
			status = "succeeded"
		}
		query.Set("redirect_status", status)
		target.RawQuery = query.Encode()
		http.Redirect(w, r, target.String(), http.StatusSeeOther)
	}
}
