// Package stripecheck holds tests to Stripe's own description of API version 2023-10-16, which comes with the Go module stripe-mock: each
// request that goes through its transport is judged by stripe-mock's own validators, and each answer by Stripe's schemas. Only tests import it.
package stripecheck

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stripe/stripe-mock/embedded"
)

// document is Stripe's OpenAPI description; reading it takes about a second, once per test binary.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	return openapi3.NewLoader().LoadFromData(embedded.OpenAPISpec)
})

// Transport wraps next, nil for http.DefaultTransport, and reports to t whatever Stripe would not have said. Requests that the receiver
// refuses are only checked for the shape of the refusal.
func Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	t.Helper()
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{t: t, next: next}
}

type transport struct {
	t    testing.TB
	next http.RoundTripper
}

// RoundTrip sends the request on and judges it and its answer.
func (c *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.Body != nil {
		var err error
		if sent, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	at := strings.Index(r.URL.Path, "/v1/")
	if at < 0 {
		return response, nil
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return response, nil //nolint:nilerr // the client sees the cut body itself
	}
	if response.StatusCode < 300 {
		if err := Request(r, r.URL.Path[at:], sent); err != nil {
			c.t.Errorf("stripe-mock refuses what the sandbox accepted: %v", err)
		}
	}
	if err := Response(response.StatusCode, body); err != nil {
		c.t.Errorf("%s %s answered %d with a body unlike Stripe's: %v", r.Method, r.URL.Path, response.StatusCode, err)
	}
	return response, nil
}

// Response checks the body of an answer: an object, a list of objects, or an error.
func Response(status int, body []byte) error {
	var o map[string]any
	if err := json.Unmarshal(body, &o); err != nil {
		return fmt.Errorf("not a JSON object: %w", err)
	}
	if status >= 300 {
		return visit("error", o)
	}
	return Object(o)
}

// Object checks an object by the schema that its "object" names; a list by each of its elements; an event also by what it carries.
func Object(o map[string]any) error {
	kind, _ := o["object"].(string)
	switch kind {
	case "":
		return errors.New(`the key "object" is missing`)
	case "list":
		data, ok := o["data"].([]any)
		if !ok {
			return errors.New("a list has no data")
		}
		var problems []error
		for _, element := range data {
			if inner, ok := element.(map[string]any); ok {
				problems = append(problems, Object(inner))
			}
		}
		return errors.Join(problems...)
	case "event":
		data, _ := o["data"].(map[string]any)
		inner, _ := data["object"].(map[string]any)
		return errors.Join(visit(kind, o), Object(inner))
	}
	if deleted, _ := o["deleted"].(bool); deleted {
		return visit("deleted_"+kind, o)
	}
	return visit(kind, o)
}

func visit(schema string, v any) error {
	doc, err := document()
	if err != nil {
		return fmt.Errorf("read Stripe's description: %w", err)
	}
	found, ok := doc.Components.Schemas[schema]
	if !ok {
		return fmt.Errorf("stripe has no object %q", schema)
	}
	if err := found.Value.VisitJSON(v, openapi3.MultiErrors()); err != nil {
		return fmt.Errorf("%s: %w", schema, err)
	}
	return nil
}

// fixtures are Stripe's own examples of each object.
var fixtures = sync.OnceValues(func() (map[string]map[string]any, error) {
	var file struct {
		Resources map[string]map[string]any `json:"resources"`
	}
	err := json.Unmarshal(embedded.OpenAPIFixtures, &file)
	return file.Resources, err
})

// Keys returns the keys that Stripe's example of a kind has and o lacks, and those that o has beyond the example. Schemas cannot find
// either: nearly all of Stripe's keys are optional, and more of them are allowed.
func Keys(kind string, o map[string]any) (lacking, beyond []string, err error) {
	all, err := fixtures()
	if err != nil {
		return nil, nil, err
	}
	example, ok := all[kind]
	if !ok {
		return nil, nil, fmt.Errorf("stripe gives no example of %q", kind)
	}
	lacking, beyond = difference("", example, o)
	return lacking, beyond, nil
}

func difference(path string, want, got map[string]any) (lacking, beyond []string) {
	for key, w := range want {
		g, present := got[key]
		if !present {
			lacking = append(lacking, path+key)
			continue
		}
		wantInner, isObject := w.(map[string]any)
		gotInner, alsoObject := g.(map[string]any)
		if isObject && alsoObject && key != "metadata" {
			l, b := difference(path+key+".", wantInner, gotInner)
			lacking, beyond = append(lacking, l...), append(beyond, b...)
		}
	}
	for key := range got {
		if _, known := want[key]; !known {
			beyond = append(beyond, path+key)
		}
	}
	return lacking, beyond
}
