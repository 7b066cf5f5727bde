package stripecheck

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/param"
	"github.com/stripe/stripe-mock/param/coercer"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"
)

// linter is the part of stripe-mock that judges requests. Its server would do the same, but prints every request to the standard output
// and compiles five hundred operations before the first.
type linter struct {
	spec       *spec.Spec
	components *spec.ComponentsForValidation

	mu         sync.Mutex
	validators map[*spec.Operation]*validator
}

type validator struct {
	schema   *spec.Schema
	validate func(any) error
}

var lint = sync.OnceValues(func() (*linter, error) {
	s, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	return &linter{spec: s, components: spec.GetComponentsForValidation(&s.Components), validators: map[*spec.Operation]*validator{}}, nil
})

// keyShape is what stripe-mock takes for a secret key of test mode.
var keyShape = regexp.MustCompile(`^Bearer (sk|rk)_test_[^_ ]+$`)

// Request returns what stripe-mock would refuse in a request to the path (/v1/…): the key, the version, the route, or a parameter.
func Request(r *http.Request, path string, body []byte) error {
	l, err := lint()
	if err != nil {
		return fmt.Errorf("read stripe-mock's description: %w", err)
	}
	if !keyShape.MatchString(r.Header.Get("Authorization")) {
		return errors.New("the Authorization header holds no secret key of test mode")
	}
	if v := r.Header.Get("Stripe-Version"); v != l.spec.Info.Version {
		return fmt.Errorf("the Stripe-Version is %q, not %s", v, l.spec.Info.Version)
	}
	operation := l.operation(r.Method, path)
	if operation == nil {
		return fmt.Errorf("stripe has no operation %s %s", r.Method, path)
	}
	if kind := r.Header.Get("Content-Type"); r.Method == http.MethodPost && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return fmt.Errorf("%s %s: the Content-Type is %q", r.Method, path, kind)
	}
	v, err := l.validator(r.Method, operation)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, path, err)
	}
	copied := &http.Request{Method: r.Method, URL: &url.URL{Path: path, RawQuery: r.URL.RawQuery}, Header: r.Header, Body: io.NopCloser(bytes.NewReader(body))}
	sent, err := param.ParseParams(copied)
	if err != nil {
		return fmt.Errorf("%s %s: parameters: %w", r.Method, path, err)
	}
	if err := coercer.CoerceParams(v.schema, sent); err != nil {
		return fmt.Errorf("%s %s: parameters: %w", r.Method, path, err)
	}
	if err := v.validate(sent); err != nil {
		return fmt.Errorf("%s %s: parameters %v: %w", r.Method, path, sent, err)
	}
	return nil
}

// operation finds the route with the fewest placeholders.
func (l *linter) operation(method, path string) *spec.Operation {
	var found *spec.Operation
	fewest := -1
	for pattern, verbs := range l.spec.Paths {
		operation, ok := verbs[spec.HTTPVerb(strings.ToLower(method))]
		if !ok || !matches(string(pattern), path) {
			continue
		}
		if n := strings.Count(string(pattern), "{"); fewest < 0 || n < fewest {
			found, fewest = operation, n
		}
	}
	return found
}

func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, segment := range want {
		if segment != got[i] && (!strings.HasPrefix(segment, "{") || got[i] == "") {
			return false
		}
	}
	return true
}

func (l *linter) validator(method string, operation *spec.Operation) (*validator, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v, ok := l.validators[operation]; ok {
		return v, nil
	}
	v := &validator{validate: func(any) error { return nil }}
	components := l.components
	if method == http.MethodGet {
		v.schema, components = spec.BuildQuerySchema(operation), nil
	} else if operation.RequestBody != nil {
		for _, media := range operation.RequestBody.Content {
			v.schema = media.Schema
		}
	}
	if v.schema != nil {
		compiled, err := spec.GetValidatorForOpenAPI3Schema(v.schema, components)
		if err != nil {
			return nil, err
		}
		v.validate = func(sent any) error { return compiled.Validate(sent) }
	} else {
		v.schema = &spec.Schema{}
	}
	l.validators[operation] = v
	return v, nil
}
