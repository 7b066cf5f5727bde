package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tributary/domain/fault"
)

// Problem is the body of every failed API request (RFC 9457, application/problem+json).
type Problem struct {
	Type      string         `json:"type" doc:"Always about:blank: the code says more than a page could." example:"about:blank"`
	Title     string         `json:"title" doc:"The status in words." example:"Unprocessable Entity"`
	Status    int            `json:"status" doc:"The HTTP status." example:"422"`
	Detail    string         `json:"detail" doc:"What went wrong, in words that can be shown to a person."`
	Code      string         `json:"code" doc:"Stable name of the problem; codes are only ever added." example:"amount.too_small"`
	Errors    []ProblemField `json:"errors,omitempty" doc:"What is wrong with each input field."`
	RequestID string         `json:"request_id" doc:"Quote it when asking for help; the logs know it."`

	headers http.Header
}

// ProblemField is one input field that cannot be accepted. The offending value is never repeated.
type ProblemField struct {
	Location string `json:"location" doc:"Path of the field." example:"body.amount.amount_minor"`
	Message  string `json:"message" doc:"What is wrong with it."`
	Code     string `json:"code" doc:"Stable name of what is wrong." example:"amount.too_small"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// Faults of the edge itself.
var (
	errInternal        = fault.New("internal", "internal", "Something went wrong on our side. It has been noted.")
	errUnauthenticated = fault.New(fault.KindUnauthenticated, "session.required", "Sign in first.")
	errForbidden       = fault.New(fault.KindForbidden, "permission.missing", "Your role does not allow this.")
	errNoOrganization  = fault.New(fault.KindForbidden, "organization.not_chosen", "Choose an organization that you belong to.")
	errCSRF            = fault.New(fault.KindForbidden, "csrf.failed", "This request could not be verified. Reload the page and try again.")
	errTooMany         = fault.New(fault.KindRateLimited, "rate.limited", "Too many attempts. Wait a little and try again.")
	errKeyMissing      = fault.Invalid("header.Idempotency-Key", "idempotency.missing", "Send an Idempotency-Key header with a fresh random value of 1 to 255 characters.")
	errKeyMismatch     = fault.New(fault.KindInvalid, "idempotency.mismatch", "This Idempotency-Key was used for another request.")
	errKeyInFlight     = fault.New(fault.KindConflict, "idempotency.in_flight", "The first request with this Idempotency-Key is still running. Try again in a moment.")
	errBodyTooLarge    = errors.New("request body too large")
	errUnavailable     = fault.New(fault.KindUnavailable, "service.unavailable", "This is taking too long right now. Try again in a moment.")
	codeOfStatus       = map[int]string{400: "request.malformed", 401: "session.required", 403: "permission.missing", 404: "route.not_found", 405: "method.not_allowed", 406: "accept.unsupported", 408: "request.timeout", 413: "body.too_large", 415: "content_type.unsupported", 422: "validation.failed", 429: "rate.limited", 500: "internal", 503: "service.unavailable"}
	detailOfStatus     = map[int]string{400: "This request cannot be read.", 404: "There is nothing at this address.", 405: "This address does not take this method.", 408: "The request took too long to arrive.", 413: "The request is larger than we accept here.", 415: "Send JSON with content type application/json.", 422: "Some of the input cannot be accepted.", 500: errInternal.Message}
	statusClientGone   = 499
	statusOf           = map[fault.Kind]int{
		fault.KindInvalid: 422, fault.KindUnauthenticated: 401, fault.KindForbidden: 403, fault.KindNotFound: 404, fault.KindConflict: 409,
		fault.KindPrecondition: 412, fault.KindRateLimited: 429, fault.KindUnavailable: 503,
	}
)

// problemOf turns any error into what the outside may see. Faults of fields get prefix before a bare name: a rule says "amount", the API
// says "body.amount". Errors that are no faults are logged here, once.
func (s *Server) problemOf(ctx context.Context, err error, prefix string) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var f *fault.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &f):
	case errors.As(err, &tooLarge), errors.Is(err, errBodyTooLarge):
		return newProblem(requestID(ctx), http.StatusRequestEntityTooLarge, "", nil)
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled):
		return newProblem(requestID(ctx), statusClientGone, "The client went away.", nil)
	case errors.Is(err, context.DeadlineExceeded):
		s.cfg.Log.WarnContext(ctx, "request timed out", slog.String("error", err.Error()))
		f = errUnavailable
	default:
		s.cfg.Log.ErrorContext(ctx, "request failed", slog.String("error", err.Error()))
		f = errInternal
	}
	status, ok := statusOf[f.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	p = &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Message, Code: f.Code, RequestID: requestID(ctx),
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, ProblemField{Location: located(field.Location, prefix), Message: field.Message, Code: field.Code})
	}
	if f.RetryAfter > 0 {
		p.headers = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds())))}}
	}
	if status == http.StatusUnauthorized {
		p.headers = http.Header{"Www-Authenticate": {`Bearer realm="tributary"`}}
	}
	return p
}

func located(location, prefix string) string {
	root, _, _ := strings.Cut(location, ".")
	switch root {
	case "body", "query", "path", "header", "cookie", "form":
		return location
	}
	if location == "" {
		return prefix
	}
	return prefix + "." + location
}

// newProblem serves huma and Echo, which know statuses and messages only. Details keep location and message and lose the value.
func newProblem(id string, status int, message string, errs []error) *Problem {
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message, Code: codeOfStatus[status], RequestID: id,
	}
	if p.Code == "" {
		p.Code = "http." + strconv.Itoa(status)
	}
	if d, ok := detailOfStatus[status]; ok {
		p.Detail = d
	}
	for _, err := range errs {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) || strings.Contains(err.Error(), "http: request body too large") { // huma keeps the text only
			return newProblem(id, http.StatusRequestEntityTooLarge, "", nil)
		}
		var detail huma.ErrorDetailer
		if errors.As(err, &detail) {
			p.Errors = append(p.Errors, fieldOf(detail.ErrorDetail()))
		}
	}
	if status == http.StatusUnprocessableEntity && len(p.Errors) > 0 {
		p.Code = p.Errors[0].Code
	}
	return p
}

// fieldOf words huma's complaints so that nothing the client sent is repeated, and gives each a code.
func fieldOf(d *huma.ErrorDetail) ProblemField {
	field := ProblemField{Location: d.Location, Message: sentence(d.Message), Code: "field.invalid"}
	switch {
	case strings.HasPrefix(d.Message, "expected required property"):
		_, rest, _ := strings.Cut(d.Message, "expected required property ")
		name, _, _ := strings.Cut(rest, " ")
		field.Code, field.Message = "field.required", "This is required."
		if name != "" && !strings.HasSuffix(field.Location, "."+name) {
			field.Location += "." + name
		}
	case strings.HasPrefix(d.Message, "required"):
		field.Code, field.Message = "field.required", "This is required."
	case d.Message == "unexpected property", d.Message == "unknown query parameter":
		field.Code, field.Message = "field.unknown", "There is no such field."
	case strings.HasPrefix(d.Message, "unknown content type"):
		field.Code, field.Message = "content_type.unsupported", detailOfStatus[http.StatusUnsupportedMediaType]
	case d.Location == "body" && (strings.HasPrefix(d.Message, "invalid character") || strings.HasPrefix(d.Message, "unexpected end")):
		field.Code, field.Message = "json.malformed", "This is not valid JSON."
	case strings.HasPrefix(d.Message, "json:"), strings.HasPrefix(d.Message, "cannot read multipart form"):
		field.Message = "This cannot be read."
	}
	return field
}

func sentence(message string) string {
	if message == "" {
		return "This cannot be accepted."
	}
	m := strings.ToUpper(message[:1]) + message[1:]
	if !strings.HasSuffix(m, ".") {
		m += "."
	}
	return m
}

// write sends the problem on a bare response writer.
func (p *Problem) write(w http.ResponseWriter) {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"status":500,"code":"internal"}`)
	}
	h := w.Header()
	for name, values := range p.headers {
		h[name] = values
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Encoding")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}
