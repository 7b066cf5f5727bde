package web

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

// serveContract answers the OpenAPI document.
func (s *Server) serveContract(c echo.Context) error {
	contract, err := s.api.Contract()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(contract)
	h := c.Response().Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	h.Set("Etag", etag(sum[:]))
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(contract))
	return nil
}

// serveReference renders the contract for people.
func (s *Server) serveReference(c echo.Context) error {
	return s.pages.show(c, View{
		Template: "reference", Title: "API reference", NoIndex: true,
		Data: map[string]any{"Groups": s.api.reference(), "Server": s.cfg.PublicURL.String() + Prefix},
	})
}

// referenceGroup is one tag of the reference page.
type referenceGroup struct {
	Name, Anchor string
	Operations   []referenceOperation
}

type referenceOperation struct {
	Operation
	Description string
	Parameters  []referenceField
	Body        []referenceField
	Answer      []referenceField
	Success     string
}

type referenceField struct {
	Name, In, Type, Doc string
	Required            bool
}

func (a *API) reference() []referenceGroup {
	byTag := map[string]*referenceGroup{}
	var names []string
	for _, op := range a.Operations() {
		group, ok := byTag[op.Tag]
		if !ok {
			group = &referenceGroup{Name: op.Tag, Anchor: strings.ToLower(strings.ReplaceAll(op.Tag, " ", "-"))}
			byTag[op.Tag] = group
			names = append(names, op.Tag)
		}
		group.Operations = append(group.Operations, a.describe(op))
	}
	slices.Sort(names)
	groups := make([]referenceGroup, 0, len(names))
	for _, name := range names {
		groups = append(groups, *byTag[name])
	}
	return groups
}

func (a *API) describe(op Operation) referenceOperation {
	described := referenceOperation{Operation: op, Description: op.Spec.Description}
	for _, p := range op.Spec.Parameters {
		doc := p.Description
		if doc == "" && p.Schema != nil {
			doc = p.Schema.Description
		}
		described.Parameters = append(described.Parameters, referenceField{
			Name: p.Name, In: p.In, Type: a.typeOf(p.Schema), Doc: doc, Required: p.Required,
		})
	}
	if op.Spec.RequestBody != nil {
		for _, media := range op.Spec.RequestBody.Content {
			described.Body = a.fields(media.Schema)
		}
	}
	for status, response := range op.Spec.Responses {
		if status < "400" {
			described.Success = status
			for _, media := range response.Content {
				described.Answer = a.fields(media.Schema)
			}
		}
	}
	return described
}

// fields lists the properties of an object.
func (a *API) fields(s *huma.Schema) []referenceField {
	s = a.resolve(s)
	if s == nil {
		return nil
	}
	names := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	fields := make([]referenceField, 0, len(names))
	for _, name := range names {
		property := s.Properties[name]
		fields = append(fields, referenceField{
			Name: name, Type: a.typeOf(property), Doc: property.Description, Required: slices.Contains(s.Required, name),
		})
	}
	return fields
}

func (a *API) resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func (a *API) typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Type == huma.TypeArray:
		return a.typeOf(s.Items) + "[]"
	case len(s.Enum) > 0:
		parts := make([]string, 0, len(s.Enum))
		for _, v := range s.Enum {
			if text, ok := v.(string); ok {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, " | ")
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}
