package stripesandbox

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

//go:embed web
var web embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"money": formatAmount}).ParseFS(web, "web/*.html"))

func (s *Sandbox) routes() http.Handler {
	mux := http.NewServeMux()
	s.apiRoutes(mux)
	browser := http.NewServeMux()
	browser.HandleFunc("GET /c/pay/{id}", s.showSession)
	browser.HandleFunc("POST /c/pay/{id}", s.submitSession)
	browser.HandleFunc("GET /c/authenticate/{id}", s.showChallenge)
	browser.HandleFunc("POST /c/authenticate/{id}", s.submitChallenge)
	browser.HandleFunc("GET /c/sandbox.css", serveStyle)
	s.panelRoutes(browser)
	own := http.NewCrossOriginProtection().Handler(browser) // a form on another site cannot press our buttons
	mux.Handle("/c/", own)
	mux.Handle("/_sandbox", own)
	mux.Handle("/_sandbox/", own)
	return mux
}

func serveStyle(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "max-age=300")
	http.ServeFileFS(w, r, web, "web/sandbox.css")
}

// prefix is the path under which browsers reach the sandbox.
func (s *Sandbox) prefix() string {
	u, err := url.Parse(s.opts.BaseURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// sessionPage is what the templates of the checkout show.
type sessionPage struct {
	Prefix, Title, Token string
	Session              Session
	Items                []lineItem
	Success, Challenge   string
	Bank, MayUseBank     bool
	Saves, Keeps         bool // a card is saved and nothing is paid; it is kept for later charges
	Form                 payForm
	Errors               []fieldError
	Cards                []hintedCard
}

type payForm struct{ Email, Name, Number, Expiry, CVC, Account string }

type fieldError struct{ Field, Message string }

type hintedCard struct{ Number, Shown, Hint string }

// Error is the message for a field, for its aria-describedby.
func (p sessionPage) Error(field string) string {
	for _, e := range p.Errors {
		if e.Field == field {
			return e.Message
		}
	}
	return ""
}

// writePage renders a page with its own policy. Forms may lead anywhere: form-action also governs the redirect to success_url.
func writePage(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action *; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = page.WriteTo(w) // the browser is gone
}

// page reads the session for a page; its account is found by the id alone, as only the payer knows it.
func (s *Sandbox) page(r *http.Request) (sessionPage, bool) {
	p := sessionPage{Prefix: s.prefix(), Token: randomText(24), Bank: r.FormValue("method") == "bank"}
	found := false
	_ = s.update(func(t *tx) error { // reads only
		session, ok := t.db.byID[r.PathValue("id")].(*Session)
		if !ok {
			return nil
		}
		found = true
		p.Session, p.Items, p.Success, p.Saves = *session, session.Items, session.successURL(), session.saves()
		p.Keeps = p.Saves || value(session.Intent.FutureUsage) == "off_session"
		p.Form.Email = value(session.CustomerEmail)
		if customer, ok := t.db.byID[value(session.Customer)].(*Customer); ok && p.Form.Email == "" {
			p.Form.Email, p.Form.Name = value(customer.Email), value(customer.Name)
		}
		p.MayUseBank = slices.Contains(session.MethodTypes, "us_bank_account")
		p.Bank = p.MayUseBank && (p.Bank || !slices.Contains(session.MethodTypes, "card"))
		return nil
	})
	p.Title = p.verb()
	for _, c := range cards {
		hint := c.hint
		if p.Saves {
			hint = c.saved
		}
		if hint != "" {
			p.Cards = append(p.Cards, hintedCard{Number: c.number, Shown: grouped(c.number), Hint: hint})
		}
	}
	return p, found
}

// verb is what the page does.
func (p sessionPage) verb() string {
	if p.Saves {
		return "Save a card"
	}
	return "Pay"
}

// grouped writes a number as it stands on the card: by four, or 4-6-5 for the fifteen digits of American Express.
func grouped(number string) string {
	if len(number) == 15 {
		return number[:4] + " " + number[4:10] + " " + number[10:]
	}
	var parts []string
	for part := range slices.Chunk([]byte(number), 4) {
		parts = append(parts, string(part))
	}
	return strings.Join(parts, " ")
}

func (s *Sandbox) showSession(w http.ResponseWriter, r *http.Request) {
	p, found := s.page(r)
	if !found {
		p.Title = "Page not found"
		writePage(w, http.StatusNotFound, "missing.html", p)
		return
	}
	switch p.Session.Status {
	case "complete":
		p.Title = "Already paid"
		if p.Saves {
			p.Title = "Already saved"
		}
		writePage(w, http.StatusOK, "paid.html", p)
	case "expired":
		p.Title = "This session has expired"
		writePage(w, http.StatusGone, "expired.html", p)
	default:
		writePage(w, http.StatusOK, "pay.html", p)
	}
}

func (s *Sandbox) submitSession(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	p, found := s.page(r)
	if !found {
		s.showSession(w, r)
		return
	}
	here := p.Prefix + "/c/pay/" + p.Session.ID
	if r.PostFormValue("action") == "expire" {
		_ = s.ExpireSession(p.Session.ID) // paid or expired already: the page says so
		http.Redirect(w, r, here, http.StatusSeeOther)
		return
	}
	p.Form = payForm{
		Email: strings.TrimSpace(r.PostFormValue("email")), Name: strings.TrimSpace(r.PostFormValue("name")), Number: r.PostFormValue("number"),
		Expiry: r.PostFormValue("expiry"), CVC: r.PostFormValue("cvc"), Account: r.PostFormValue("account"),
	}
	if number := r.PostFormValue("fill"); number != "" {
		p.fill(number, s.Time().Year()+1)
		writePage(w, http.StatusOK, "pay.html", p)
		return
	}
	payment, problems := p.read(s)
	if len(problems) > 0 && p.Session.Status == "open" {
		p.refuse(w, http.StatusUnprocessableEntity, problems...)
		return
	}
	payment.token = r.PostFormValue("token")
	intent, status, err := s.submit(p, payment)
	if declined := (*apiError)(nil); errors.As(err, &declined) {
		p.refuse(w, http.StatusPaymentRequired, fieldError{fieldOf(declined), declined.Message})
		return
	}
	switch {
	case errors.Is(err, ErrAlreadyPaid) && payment.token != "" && payment.token == s.paidWith(p.Session.ID):
		http.Redirect(w, r, p.Success, http.StatusSeeOther) // the second half of a double click
	case err != nil:
		s.showSession(w, r) // paid or expired meanwhile
	case status == "requires_action":
		http.Redirect(w, r, p.Prefix+"/c/authenticate/"+intent, http.StatusSeeOther)
	default:
		http.Redirect(w, r, p.Success, http.StatusSeeOther)
	}
}

// submit pays, or saves the card, and returns the intent of it.
func (s *Sandbox) submit(p sessionPage, entered Payment) (intent, status string, err error) {
	if p.Saves {
		si, err := s.SaveCard(p.Session.ID, entered)
		return si.ID, si.Status, err
	}
	pi, err := s.PaySession(p.Session.ID, entered)
	return pi.ID, pi.Status, err
}

func (s *Sandbox) paidWith(sessionID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	session, _ := s.db.byID[sessionID].(*Session)
	return session.PaidWith
}

// fill puts a test card into the form.
func (p *sessionPage) fill(number string, year int) {
	c, ok := cardByNumber(number)
	if !ok {
		return
	}
	p.Form.Number, p.Form.Expiry, p.Form.CVC = grouped(c.number), "12 / "+strconv.Itoa(year%100), "123"
	if c.brand == "amex" {
		p.Form.CVC = "1234"
	}
	if p.Form.Name == "" {
		p.Form.Name = "Test Payer"
	}
}

// refuse shows the form again with what is wrong. The security code is never sent back.
func (p *sessionPage) refuse(w http.ResponseWriter, status int, problems ...fieldError) {
	p.Errors, p.Form.CVC = problems, ""
	p.Title = "Error: " + p.verb()
	writePage(w, status, "pay.html", *p)
}

func fieldOf(e *apiError) string {
	switch {
	case strings.Contains(e.Param, "exp"):
		return "expiry"
	case e.Param == "cvc":
		return "cvc"
	case strings.Contains(e.Param, "account"):
		return "account"
	default:
		return "number"
	}
}

// read turns the form into a payment, or says what is wrong with each field.
func (p *sessionPage) read(s *Sandbox) (Payment, []fieldError) {
	var problems []fieldError
	wrong := func(field, message string) { problems = append(problems, fieldError{field, message}) }
	payment := Payment{Email: p.Form.Email, Name: p.Form.Name}
	if !looksLikeEmail(p.Form.Email) {
		wrong("email", "Enter an email address like name@example.com.")
	}
	if p.Form.Name == "" {
		wrong("name", "Enter the name on the card or account.")
	}
	if p.Bank {
		if payment.Bank = digitsOnly(p.Form.Account); payment.Bank != bankSucceeds && payment.Bank != bankFails {
			wrong("account", "Choose one of the test accounts.")
		}
		return payment, problems
	}
	payment.Card = digitsOnly(p.Form.Number)
	if _, known := cardByNumber(payment.Card); !known {
		message := "This card number is not valid. Use one of the test cards below."
		if luhn(payment.Card) {
			message = "The sandbox takes only the test cards below. Never enter a real card here."
			p.Form.Number = "" // it may be a real one
		}
		wrong("number", message)
	}
	var ok bool
	if payment.ExpMonth, payment.ExpYear, ok = parseExpiry(p.Form.Expiry, s.Time()); !ok {
		wrong("expiry", "Enter a date in the future as month and year, like 12 / 30.")
	}
	if n := len(digitsOnly(p.Form.CVC)); n != len(p.Form.CVC) || n != 3 && n != 4 {
		wrong("cvc", "Enter the 3 or 4 digits of the security code; any digits will do.")
	}
	return payment, problems
}
