package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// Contract renders the OpenAPI document of everything registered so far, indented, with a final newline.
func (a *API) Contract() ([]byte, error) {
	raw, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, fmt.Errorf("render the contract: %w", err)
	}
	var document map[string]any
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, fmt.Errorf("render the contract: %w", err)
	}
	a.sayNull(document)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("render the contract: %w", err)
	}
	return b.Bytes(), nil
}

// sayNull marks the properties of answers that are pointers to objects as null or object, which huma cannot say: its validation follows the
// same schemas, and would then no longer name the field at fault. Bodies of requests keep their schemas: an optional object is left out.
func (a *API) sayNull(document map[string]any) {
	schemas, _ := dig(document, "components", "schemas").(map[string]any)
	asked := requestSchemas(document)
	for name, schema := range schemas {
		t := a.huma.OpenAPI().Components.Schemas.TypeFromRef(refPrefix + name)
		properties, ok := dig(schema, "properties").(map[string]any)
		if t == nil || t.Kind() != reflect.Struct || !ok || asked[name] {
			continue
		}
		for field := range nullableFields(t) {
			if property, ok := properties[field].(map[string]any); ok && property["$ref"] != nil {
				described := map[string]any{"anyOf": []any{map[string]any{"$ref": property["$ref"]}, map[string]any{"type": "null"}}}
				if doc, ok := property["description"]; ok {
					described["description"] = doc
				}
				properties[field] = described
			}
		}
	}
}

const refPrefix = "#/components/schemas/"

// nullableFields names the JSON fields of a struct that are pointers and always present.
func nullableFields(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			for inner := range nullableFields(field.Type) {
				names[inner] = true
			}
			continue
		}
		if field.Type.Kind() == reflect.Pointer && name != "" && !strings.Contains(options, "omit") {
			names[name] = true
		}
	}
	return names
}

// requestSchemas names every schema that a request's body leads to.
func requestSchemas(document map[string]any) map[string]bool {
	schemas, _ := dig(document, "components", "schemas").(map[string]any)
	found := map[string]bool{}
	var follow func(node any)
	follow = func(node any) {
		switch n := node.(type) {
		case map[string]any:
			if ref, ok := n["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, refPrefix)
				if !found[name] {
					found[name] = true
					follow(schemas[name])
				}
			}
			for _, child := range n {
				follow(child)
			}
		case []any:
			for _, child := range n {
				follow(child)
			}
		}
	}
	paths, _ := document["paths"].(map[string]any)
	for _, item := range paths {
		operations, _ := item.(map[string]any)
		for _, operation := range operations {
			follow(dig(operation, "requestBody"))
		}
	}
	return found
}

func dig(node any, path ...string) any {
	for _, key := range path {
		object, ok := node.(map[string]any)
		if !ok {
			return nil
		}
		node = object[key]
	}
	return node
}
