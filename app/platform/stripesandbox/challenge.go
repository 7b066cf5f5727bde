package stripesandbox

import (
	"errors"
	"net/http"
	"net/url"
)

// challengePage is the 3-D Secure page of the pretended bank.
type challengePage struct {
	Prefix, Title string
	Intent        PaymentIntent
}

func (s *Sandbox) challenged(r *http.Request) (challengePage, Session, bool) {
	p := challengePage{Prefix: s.prefix(), Title: "Confirm it is you"}
	var session Session
	found := false
	_ = s.update(func(t *tx) error { // reads only
		pi, ok := t.db.byID[r.PathValue("id")].(*PaymentIntent)
		if !ok {
			return nil
		}
		p.Intent, found = *pi, true
		if behind, ok := t.db.byID[pi.Session].(*Session); ok {
			session = *behind
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
	case p.Intent.Status == "requires_action":
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
	err := s.Authenticate(p.Intent.ID, r.PostFormValue("action") == "complete")
	p, session, _ := s.challenged(r)
	var declined *apiError
	if errors.As(err, &declined) && session.Status == "open" && p.Intent.Status == "requires_payment_method" {
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
		target, err := url.Parse(p.Intent.ReturnURL)
		if err != nil || p.Intent.ReturnURL == "" {
			p.Title = "You can close this page"
			writePage(w, http.StatusOK, "challenge_done.html", p)
			return
		}
		query := target.Query()
		query.Set("payment_intent", p.Intent.ID)
		query.Set("payment_intent_client_secret", p.Intent.ClientSecret)
		status := "failed"
		if p.Intent.Status == "succeeded" {
			status = "succeeded"
		}
		query.Set("redirect_status", status)
		target.RawQuery = query.Encode()
		http.Redirect(w, r, target.String(), http.StatusSeeOther)
	}
}
