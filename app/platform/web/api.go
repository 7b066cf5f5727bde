package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"

	"tributary/domain/account"
)

// Prefix stands before the path of every operation.
const Prefix = "/api/v1"

// Who may call an operation that no role's permission describes.
const (
	Public    account.Permission = "public"       // anybody, signed in or not
	SignedIn  account.Permission = "signed_in"    // any login, whatever its organizations
	Supporter account.Permission = "supporter"    // a supporter who opened their mailed link
	Operator  account.Permission = "operator"     // a login that runs the platform
	maxBody                      = int64(1 << 20) // of an operation that says nothing else
)

// Limit is a number of calls per address and window.
type Limit struct {
	N      int
	Window time.Duration
}

// Op declares an operation. ID, Method, Path, Summary, Tag and Permission are required.
type Op struct {
	ID          string // "record-donation"
	Method      string
	Path        string // below Prefix, such as "/donations/{id}"
	Summary     string
	Description string
	Tag         string // "Donations"
	Permission  account.Permission
	Status      int    // of success; 0 means 200, or 204 without an answer's body
	Errors      []int  // statuses beyond those that follow from the rest
	Idempotent  bool   // requires an Idempotency-Key and replays its answer
	MaxBody     int64  // bytes of the request's body, multipart included; 0 means 1 MiB
	RateLimit   *Limit // per address
	Produces    string // content type of a Blob or CSV answer, for the contract
}

// API registers operations.
type API struct {
	server *Server
	huma   huma.API
}

// Empty is the input or output of an operation that has none.
type Empty struct{}

func newAPI(s *Server) *API {
	cfg := huma.DefaultConfig("Tributary", "1")
	cfg.Info.Description = "The API of Tributary. Everything the staff app and the giving pages do goes through it. " +
		"Money is an integer in minor units with its currency; times are RFC 3339 in UTC; lists page by cursor; failures are problem documents (RFC 9457)."
	cfg.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.Servers = []*huma.Server{{URL: Prefix}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session":   {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Staff session. Unsafe methods also need the header X-CSRF-Token; X-Organization chooses the organization by its slug."},
		"supporter": {Type: "apiKey", In: "cookie", Name: supporterCookie, Description: "Supporter session, opened by a mailed link."},
		"token":     {Type: "http", Scheme: "bearer", Description: "API token of one organization, with scopes."},
	}
	group := s.echo.Group(Prefix)
	return &API{server: s, huma: humaecho.NewV4WithGroup(s.echo, group, cfg)}
}

// Handle registers an operation. It panics when the declaration is incomplete, above all without a permission: that is a defect the first
// start shows. Errors of handler become problem documents.
func Handle[I, O any](api *API, op Op, handler func(context.Context, *I) (*O, error)) {
	operation := api.declare(op)
	if raw, ok := reflect.TypeFor[I]().FieldByName("RawBody"); ok && raw.Type == reflect.TypeFor[[]byte]() {
		operation.SkipValidateBody = true // huma would parse the bytes as JSON and compare them with "string"
	}
	prefix := "query"
	if op.Method != http.MethodGet && op.Method != http.MethodDelete {
		prefix = "body"
	}
	huma.Register(api.huma, operation, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, api.server.problemOf(ctx, err, prefix)
		}
		return out, nil
	})
}

// Pages renders pages for operations that answer with one. The same server registers them.
func (a *API) Pages() *Pages { return a.server.pages }

func (a *API) declare(op Op) huma.Operation {
	for _, part := range []struct{ name, value string }{
		{"an ID", op.ID}, {"a method", op.Method}, {"a path", op.Path}, {"a summary", op.Summary}, {"a tag", op.Tag},
		{"a permission (web.Public says nobody needs one)", string(op.Permission)},
	} {
		if part.value == "" {
			panic(fmt.Sprintf("web: operation %q %s %s needs %s", op.ID, op.Method, op.Path, part.name))
		}
	}
	if op.Idempotent && op.Permission == Public {
		panic(fmt.Sprintf("web: operation %q cannot be idempotent by key: keys belong to an organization", op.ID))
	}
	if op.MaxBody == 0 {
		op.MaxBody = maxBody
	}
	o := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Tags: []string{op.Tag},
		DefaultStatus: op.Status, Errors: op.errors(), MaxBodyBytes: op.MaxBody + 1, BodyReadTimeout: bodyTimeout(op.MaxBody),
		Extensions:  map[string]any{"x-permission": string(op.Permission)},
		Security:    op.security(),
		Middlewares: huma.Middlewares{a.limitBody(op), a.limitRate(op), a.authorize(op)},
	}
	if op.Idempotent {
		o.Middlewares = append(o.Middlewares, a.idempotent(op))
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: idempotencyHeader, In: "header", Required: true, Schema: &huma.Schema{Type: "string", MinLength: new(1), MaxLength: new(255)},
			Description: "A fresh random value per intended effect. Sending the same key again within 48 hours answers what the first request was answered.",
		})
	}
	if op.Produces != "" {
		status := op.Status
		if status == 0 {
			status = http.StatusOK
		}
		o.Responses = map[string]*huma.Response{fmt.Sprint(status): {
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{op.Produces: {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
		}}
	}
	return o
}

// bodyTimeout allows for 20 kB/s and never less than ten seconds.
func bodyTimeout(size int64) time.Duration {
	return max(10*time.Second, time.Duration(size/20_000)*time.Second)
}

func (op Op) errors() []int {
	codes := append([]int{http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}, op.Errors...)
	if op.Permission != Public {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden)
	}
	if op.Idempotent {
		codes = append(codes, http.StatusConflict)
	}
	if op.RateLimit != nil {
		codes = append(codes, http.StatusTooManyRequests)
	}
	if bytes.ContainsRune([]byte(op.Path), '{') {
		codes = append(codes, http.StatusNotFound)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func (op Op) security() []map[string][]string {
	switch op.Permission {
	case Public:
		return []map[string][]string{}
	case SignedIn, Operator:
		return []map[string][]string{{"session": {}}}
	case Supporter:
		return []map[string][]string{{"supporter": {}}}
	default:
		return []map[string][]string{{"session": {}}, {"token": {}}}
	}
}

// Operation describes one registered operation, for tests and the reference page.
type Operation struct {
	ID, Method, Path, Summary, Tag string
	Permission                     account.Permission
	Idempotent                     bool
	Errors                         []string
	Spec                           *huma.Operation
}

// Operations lists everything registered, ordered by path and method.
func (a *API) Operations() []Operation {
	var all []Operation
	for path, item := range a.huma.OpenAPI().Paths {
		for method, o := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if o == nil {
				continue
			}
			permission, _ := o.Extensions["x-permission"].(string)
			described := Operation{
				ID: o.OperationID, Method: method, Path: Prefix + path, Summary: o.Summary, Tag: firstOf(o.Tags), Permission: account.Permission(permission), Spec: o,
			}
			for _, p := range o.Parameters {
				described.Idempotent = described.Idempotent || p.Name == idempotencyHeader
			}
			for status := range o.Responses {
				if status >= "400" {
					described.Errors = append(described.Errors, status)
				}
			}
			slices.Sort(described.Errors)
			all = append(all, described)
		}
	}
	slices.SortFunc(all, func(x, y Operation) int {
		return bytes.Compare([]byte(x.Path+" "+x.Method), []byte(y.Path+" "+y.Method))
	})
	return all
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// Blob is an answer that is not JSON. Declare its type with Op.Produces.
type Blob struct {
	Body func(huma.Context)
}

// BlobOf answers with content of a type; a filename makes it a download.
func BlobOf(contentType, filename string, content io.Reader) *Blob {
	return &Blob{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", contentType)
		ctx.SetHeader("Cache-Control", "private, no-store")
		if filename != "" {
			ctx.SetHeader("Content-Disposition", disposition(filename))
		}
		ctx.SetStatus(http.StatusOK)
		if _, err := io.Copy(ctx.BodyWriter(), content); err != nil {
			panic(http.ErrAbortHandler) // a cut connection is noticed; a short file is not
		}
		if closer, ok := content.(io.Closer); ok {
			_ = closer.Close()
		}
	}}
}

// Schemas holds the shapes that operations refer to.
func (a *API) Schemas() huma.Registry { return a.huma.OpenAPI().Components.Schemas }
