package stripesandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// apiError is an error as Stripe words it.
type apiError struct {
	Type          string          `json:"type"`
	Code          string          `json:"code,omitempty"`
	DeclineCode   string          `json:"decline_code,omitempty"`
	Message       string          `json:"message,omitempty"`
	Param         string          `json:"param,omitempty"`
	DocURL        string          `json:"doc_url,omitempty"`
	Charge        string          `json:"charge,omitempty"`
	PaymentIntent json.RawMessage `json:"payment_intent,omitempty"`
	PaymentMethod json.RawMessage `json:"payment_method,omitempty"`
	SetupIntent   json.RawMessage `json:"setup_intent,omitempty"`

	status int
	// executed says that the request had begun to run, so that its answer is kept under the idempotency key.
	executed bool
}

// Error is the message with its code.
func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func invalid(code, param, format string, args ...any) *apiError {
	return &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Param: param, DocURL: docURL(code),
		Message: fmt.Sprintf(format, args...),
	}
}

// wrongState is the refusal of something that the object is past; unlike a malformed request it counts as executed.
func wrongState(code, format string, args ...any) *apiError {
	e := invalid(code, "", format, args...)
	e.executed = true
	return e
}

// missing is the refusal of an id that the account does not have: 404 when the id stands in the path (param ""), else 400.
func missing(kind, id, param string) *apiError {
	label := strings.ReplaceAll(kind, "_", " ")
	switch kind {
	case kindPaymentIntent:
		label = kind
	case kindPaymentMethod:
		label = "PaymentMethod"
	case kindSetupIntent:
		label = "setupintent"
	}
	e := invalid("resource_missing", param, "No such %s: '%s'", label, id)
	if param != "" {
		return e
	}
	e.status, e.Param = http.StatusNotFound, "id"
	switch kind {
	case kindPaymentIntent, kindSetupIntent:
		e.Param = "intent"
	case kindSession:
		e.Param = "session"
	}
	return e
}

func docURL(code string) string {
	if code == "" {
		return ""
	}
	return "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(code, "_", "-")
}

func internalError() *apiError {
	return &apiError{status: http.StatusInternalServerError, Type: "api_error", Message: "An unknown error occurred"}
}
