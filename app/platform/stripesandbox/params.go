package stripesandbox

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params is a decoded form: a[b][0][c]=x. Each accessor marks its key as known and keeps the first problem; err reports it, or the first
// key that nobody asked for. An operation reads all its parameters, calls err, and only then changes anything.
type params struct {
	node     map[string]any // string, or map[string]any; a list is a map with the keys "0", "1", …
	path     string
	known    map[string]bool
	children []*params
	problem  *apiError
}

const (
	maxParams = 1000
	maxDepth  = 8
)

func parseParams(form url.Values) (*params, *apiError) {
	p := newParams(map[string]any{}, "")
	if len(form) > maxParams {
		return nil, invalid("parameter_invalid", "", "Too many parameters.")
	}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		segments, ok := splitKey(key)
		if !ok {
			return nil, invalid("parameter_unknown", key, "Received unknown parameter: %s", key)
		}
		for _, text := range form[key] {
			if !insert(p.node, segments, text) {
				return nil, invalid("parameter_invalid", key, "Invalid nesting of parameter: %s", key)
			}
		}
	}
	return p, nil
}

func newParams(node map[string]any, path string) *params {
	return &params{node: node, path: path, known: map[string]bool{}}
}

// splitKey turns a[b][0] into a, b, 0.
func splitKey(key string) ([]string, bool) {
	head, rest, nested := strings.Cut(key, "[")
	segments := []string{head}
	if nested {
		if !strings.HasSuffix(rest, "]") {
			return nil, false
		}
		segments = append(segments, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
	}
	return segments, head != "" && len(segments) <= maxDepth
}

func insert(node map[string]any, segments []string, text string) bool {
	key := segments[0]
	if key == "" { // a[]=x appends
		key = strconv.Itoa(len(node))
	}
	if len(segments) == 1 {
		if _, taken := node[key].(map[string]any); taken {
			return false
		}
		node[key] = text
		return true
	}
	child, ok := node[key].(map[string]any)
	if !ok {
		if _, taken := node[key]; taken {
			return false
		}
		child = map[string]any{}
		node[key] = child
	}
	return insert(child, segments[1:], text)
}

func (p *params) name(key string) string {
	if p.path == "" {
		return key
	}
	return p.path + "[" + key + "]"
}

func (p *params) fail(e *apiError) {
	if p.problem == nil {
		p.problem = e
	}
}

// has says whether the key was sent, without making it known.
func (p *params) has(key string) bool { _, ok := p.node[key]; return ok }

// str returns the text of a key, nil when absent; the empty text means "unset".
func (p *params) str(key string) *string {
	p.known[key] = true
	switch v := p.node[key].(type) {
	case string:
		if len(v) > 5000 {
			p.fail(invalid("parameter_invalid_string_too_long", p.name(key), "Invalid string: %s…; must be at most 5000 characters", v[:20]))
			return nil
		}
		return &v
	case map[string]any:
		p.fail(invalid("parameter_invalid_string", p.name(key), "Invalid string: %s", p.name(key)))
	}
	return nil
}

// text is str where the empty text and absence are one: nil.
func (p *params) text(key string) *string {
	v := p.str(key)
	if value(v) == "" {
		return nil
	}
	return v
}

func (p *params) required(key string) string {
	v := p.str(key)
	switch {
	case v == nil && p.problem == nil:
		p.fail(invalid("parameter_missing", p.name(key), "Missing required param: %s.", p.name(key)))
	case v != nil && *v == "":
		p.fail(invalid("parameter_invalid_empty", p.name(key), "You passed an empty string for '%s'. "+
			"We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.",
			p.name(key), p.name(key), p.name(key)))
	}
	return value(v)
}

func (p *params) integer(key string) *int64 {
	v := p.text(key)
	if v == nil {
		return nil
	}
	n, err := strconv.ParseInt(*v, 10, 64)
	if err != nil {
		p.fail(invalid("parameter_invalid_integer", p.name(key), "Invalid integer: %s", *v))
		return nil
	}
	return &n
}

func (p *params) boolean(key string) *bool {
	v := p.text(key)
	if v == nil {
		return nil
	}
	switch *v {
	case "true", "false":
		return ptr(*v == "true")
	default:
		p.fail(invalid("", p.name(key), "Invalid boolean: %s", *v))
		return nil
	}
}

func (p *params) enum(key string, allowed ...string) *string {
	v := p.text(key)
	if v == nil || slices.Contains(allowed, *v) {
		return v
	}
	p.fail(invalid("", p.name(key), "Invalid %s: must be one of %s", p.name(key), strings.Join(allowed, ", ")))
	return nil
}

// hash returns the nested parameters of a key, nil when absent or unset.
func (p *params) hash(key string) *params {
	p.known[key] = true
	switch v := p.node[key].(type) {
	case map[string]any:
		child := newParams(v, p.name(key))
		p.children = append(p.children, child)
		return child
	case string:
		if v != "" {
			p.fail(invalid("", p.name(key), "Invalid object"))
		}
	}
	return nil
}

// list returns the elements of a list of hashes in order.
func (p *params) list(key string) []*params {
	h := p.hash(key)
	if h == nil {
		return nil
	}
	var elements []*params
	for i := range len(h.node) {
		index := strconv.Itoa(i)
		element := h.hash(index)
		if element == nil {
			p.fail(invalid("", p.name(key), "Invalid array"))
			return nil
		}
		elements = append(elements, element)
	}
	return elements
}

// strs returns the elements of a list of texts in order.
func (p *params) strs(key string) []string {
	h := p.hash(key)
	if h == nil {
		return nil
	}
	elements := []string{}
	for i := range len(h.node) {
		element := h.str(strconv.Itoa(i))
		if element == nil {
			p.fail(invalid("", p.name(key), "Invalid array"))
			return nil
		}
		elements = append(elements, *element)
	}
	return elements
}

// metadata returns a function that applies the sent metadata: an empty value removes its key, an empty metadata removes all.
func (p *params) metadata() func(map[string]string) map[string]string {
	p.known["metadata"] = true
	sent, isHash := p.node["metadata"].(map[string]any)
	_, clear := p.node["metadata"].(string)
	for key, v := range sent {
		text, ok := v.(string)
		switch {
		case !ok:
			p.fail(invalid("", p.name("metadata"), "Metadata values must be strings, but for key `%s` you passed in a value of type `hash`", key))
		case len(key) > 40:
			p.fail(invalid("", p.name("metadata"), "Metadata keys must be under 40 characters: %s…", key[:40]))
		case len(text) > 500:
			p.fail(invalid("", p.name("metadata"), "Metadata values can have up to 500 characters, but you passed in a value that is %d characters. Invalid value: %s…", len(text), text[:20]))
		}
	}
	if len(sent) > 50 {
		p.fail(invalid("", p.name("metadata"), "Metadata can have up to 50 keys"))
	}
	return func(old map[string]string) map[string]string {
		merged := map[string]string{}
		if !clear {
			maps.Copy(merged, old)
		}
		if isHash {
			for key, v := range sent {
				text, _ := v.(string)
				merged[key] = text
				if text == "" {
					delete(merged, key)
				}
			}
		}
		return merged
	}
}

// err is the first problem, or the first parameter that no accessor asked for.
func (p *params) err() error {
	if problem := p.firstProblem(); problem != nil {
		return problem
	}
	if unknown := p.unknown(); unknown != "" {
		return invalid("parameter_unknown", unknown, "Received unknown parameter: %s", unknown)
	}
	return nil
}

func (p *params) firstProblem() *apiError {
	if p.problem != nil {
		return p.problem
	}
	for _, child := range p.children {
		if problem := child.firstProblem(); problem != nil {
			return problem
		}
	}
	return nil
}

func (p *params) unknown() string {
	for _, key := range slices.Sorted(maps.Keys(p.node)) {
		if !p.known[key] {
			return p.name(key)
		}
	}
	for _, child := range p.children {
		if unknown := child.unknown(); unknown != "" {
			return unknown
		}
	}
	return ""
}

// fingerprint is the same for two requests with the same parameters in any order.
func fingerprint(method, path string, form url.Values) string {
	return fmt.Sprintf("%s %s %s", method, path, form.Encode())
}
