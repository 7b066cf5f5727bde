package stripesandbox

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// call is one API request inside its transaction.
type call struct {
	*tx
	params *params
	path   func(name string) string
	url    string
}

// operation answers with an entity, or with a ready map.
type operation func(c *call) (any, error)

const maxBody = 1 << 20

func (s *Sandbox) apiRoutes(mux *http.ServeMux) {
	for pattern, op := range map[string]operation{
		"POST /v1/accounts": createAccount, "GET /v1/accounts": listAccounts, "GET /v1/accounts/{id}": retrieveAccount, "GET /v1/account": ownAccount,

		"POST /v1/customers": createCustomer, "GET /v1/customers": listCustomers, "GET /v1/customers/{id}": retrieve[*Customer](kindCustomer),
		"POST /v1/customers/{id}": updateCustomer, "DELETE /v1/customers/{id}": deleteCustomer,
		"GET /v1/customers/{id}/payment_methods": listCustomerMethods, "GET /v1/customers/{id}/payment_methods/{pm}": retrieveCustomerMethod,

		"POST /v1/payment_methods": createMethod, "GET /v1/payment_methods": listMethods,
		"GET /v1/payment_methods/{id}": retrieve[*PaymentMethod](kindPaymentMethod), "POST /v1/payment_methods/{id}": updateMethod,
		"POST /v1/payment_methods/{id}/attach": attachMethod, "POST /v1/payment_methods/{id}/detach": detachMethod,

		"POST /v1/payment_intents": createIntent, "GET /v1/payment_intents": listIntents,
		"GET /v1/payment_intents/{id}": retrieve[*PaymentIntent](kindPaymentIntent), "POST /v1/payment_intents/{id}": updateIntent,
		"POST /v1/payment_intents/{id}/confirm": confirmIntent, "POST /v1/payment_intents/{id}/cancel": cancelIntent,

		"POST /v1/setup_intents": createSetup, "GET /v1/setup_intents": listSetups,
		"GET /v1/setup_intents/{id}": retrieve[*SetupIntent](kindSetupIntent), "POST /v1/setup_intents/{id}": updateSetup,
		"POST /v1/setup_intents/{id}/confirm": confirmSetup, "POST /v1/setup_intents/{id}/cancel": cancelSetup,

		"POST /v1/checkout/sessions": createSession, "GET /v1/checkout/sessions": listSessions,
		"GET /v1/checkout/sessions/{id}": retrieve[*Session](kindSession), "POST /v1/checkout/sessions/{id}/expire": expireSession,
		"GET /v1/checkout/sessions/{id}/line_items": listSessionItems,

		"GET /v1/charges": listCharges, "GET /v1/charges/{id}": retrieve[*Charge](kindCharge), "POST /v1/charges/{id}": updateCharge,

		"POST /v1/refunds": createRefund, "GET /v1/refunds": listRefunds, "GET /v1/refunds/{id}": retrieve[*Refund](kindRefund),
		"POST /v1/refunds/{id}": updateRefund, "POST /v1/refunds/{id}/cancel": cancelRefund,

		"GET /v1/balance": retrieveBalance, "GET /v1/balance_transactions": listBalanceTxs,
		"GET /v1/balance_transactions/{id}": retrieve[*BalanceTransaction](kindBalanceTx),
		"GET /v1/application_fees":          listAppFees, "GET /v1/application_fees/{id}": retrieve[*ApplicationFee](kindAppFee),
		"GET /v1/payouts": listPayouts, "GET /v1/payouts/{id}": retrieve[*Payout](kindPayout),
		"GET /v1/disputes": listDisputes, "GET /v1/disputes/{id}": retrieve[*Dispute](kindDispute), "POST /v1/disputes/{id}": updateDispute,
		"POST /v1/disputes/{id}/close": closeDispute,

		"GET /v1/events": listEvents, "GET /v1/events/{id}": retrieve[*Event](kindEvent),
		"POST /v1/webhook_endpoints": createEndpoint, "GET /v1/webhook_endpoints": listEndpoints,
		"GET /v1/webhook_endpoints/{id}": retrieve[*Endpoint](kindEndpoint), "POST /v1/webhook_endpoints/{id}": updateEndpoint,
		"DELETE /v1/webhook_endpoints/{id}": deleteEndpoint,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serveAPI(w, r, op) })
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		s.serveAPI(w, r, func(c *call) (any, error) {
			e := invalid("", "", "Unrecognized request URL (%s: %s). The sandbox serves a part of Stripe's API.", r.Method, r.URL.Path)
			e.status = http.StatusNotFound
			return nil, e
		})
	})
}

// answer is a response before it is written.
type answer struct {
	status      int
	body        json.RawMessage
	original    string // the id of the request that a stored answer was given to
	replayed    bool
	shouldRetry bool
	reset       bool // cut the connection instead
}

func (s *Sandbox) serveAPI(w http.ResponseWriter, r *http.Request, op operation) {
	requestID := "req_" + randomText(14)
	a := s.answer(w, r, requestID, op)
	if a.reset {
		cut(w)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Request-Id", requestID)
	h.Set("Stripe-Version", APIVersion)
	if account := r.Header.Get("Stripe-Account"); account != "" {
		h.Set("Stripe-Account", account)
	}
	if key := r.Header.Get("Idempotency-Key"); key != "" && r.Method == http.MethodPost {
		h.Set("Idempotency-Key", key)
		h.Set("Original-Request", requestID)
		if a.original != "" {
			h.Set("Original-Request", a.original)
		}
	}
	if a.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if a.shouldRetry {
		h.Set("Stripe-Should-Retry", "true")
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client is gone; the answer stays under its key
}

// cut ends the connection without an answer, as a network does.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 and test recorders cannot hijack
	}
	if tcp, ok := conn.(interface{ SetLinger(sec int) error }); ok {
		_ = tcp.SetLinger(0) // a reset, not an orderly end
	}
	_ = conn.Close()
}

func (s *Sandbox) answer(w http.ResponseWriter, r *http.Request, requestID string, op operation) answer {
	if e := s.authenticate(r); e != nil {
		return errorAnswer(e)
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != APIVersion {
		return errorAnswer(invalid("", "", "Invalid Stripe API version: %s. The sandbox speaks %s.", v, APIVersion))
	}
	form, e := readForm(w, r)
	if e != nil {
		return errorAnswer(e)
	}
	p, e := parseParams(form)
	if e != nil {
		return errorAnswer(e)
	}
	req := &apiRequest{
		id: requestID, account: r.Header.Get("Stripe-Account"), method: r.Method, path: r.URL.Path,
		fingerprint: fingerprint(r.Method, r.URL.Path, form), baseURL: s.opts.BaseURL,
	}
	if req.baseURL == "" {
		req.baseURL = "http://" + r.Host
	}
	if r.Method == http.MethodPost {
		req.key = r.Header.Get("Idempotency-Key")
	}
	return s.execute(r.Context(), req, func(t *tx) (any, error) {
		expand := p.strs("expand")
		result, err := op(&call{tx: t, params: p, path: r.PathValue, url: r.URL.Path})
		if err != nil {
			return nil, err
		}
		if e, ok := result.(entity); ok {
			result = t.render(e)
		}
		o, _ := result.(map[string]any)
		for _, path := range expand {
			if err := t.expand(o, path); err != nil {
				return nil, err
			}
		}
		return o, nil
	})
}

func (s *Sandbox) authenticate(r *http.Request) *apiError {
	key, _, ok := r.BasicAuth()
	if !ok {
		key, ok = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	e := &apiError{status: http.StatusUnauthorized, Type: "invalid_request_error"}
	if !ok || key == "" {
		e.Message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
		return e
	}
	good := strings.HasPrefix(key, "sk_test_") && len(key) > len("sk_test_")
	if s.opts.APIKey != "" {
		good = subtle.ConstantTimeCompare([]byte(key), []byte(s.opts.APIKey)) == 1
	}
	if !good {
		e.Message = "Invalid API Key provided: " + redact(key)
		return e
	}
	return nil
}

func redact(key string) string {
	if len(key) < 16 {
		return strings.Repeat("*", len(key))
	}
	return key[:8] + strings.Repeat("*", len(key)-12) + key[len(key)-4:]
}

// readForm reads the query and, unlike http.Request.ParseForm, also the body of a DELETE.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, *apiError) {
	form, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("", "", "Invalid query string.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		e := invalid("", "", "Request body is too large or was cut off.")
		e.status = http.StatusRequestEntityTooLarge
		return nil, e
	}
	if len(body) == 0 {
		return form, nil
	}
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return nil, invalid("parameter_invalid", "", "Invalid request (check that your POST content type is application/x-www-form-urlencoded).")
	}
	sent, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, invalid("", "", "Invalid form encoding in the request body.")
	}
	for key, values := range sent {
		form[key] = append(form[key], values...)
	}
	return form, nil
}

func errorAnswer(e *apiError) answer {
	return answer{status: e.status, body: encode(map[string]any{"error": e}), shouldRetry: e.status == http.StatusConflict || e.Code == "lock_timeout"}
}

func asAPIError(err error) *apiError {
	var e *apiError
	if errors.As(err, &e) {
		return e
	}
	return internalError()
}

// retrieve is the GET of one object by the id in its path.
func retrieve[T entity](kind string) operation {
	return func(c *call) (any, error) {
		id := c.path("id")
		o, ok := find[T](c.tx, id)
		if !ok {
			return nil, missing(kind, id, "")
		}
		return o, c.params.err()
	}
}
