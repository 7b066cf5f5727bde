package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
)

// maxForm bounds the body of a posted form.
const maxForm = 64 << 10

// View is what a page handler wants shown. With Redirect or Body set, nothing is rendered.
type View struct {
	Template    string // file in the templates folder, without .html
	Data        any    // what the template sees as .Data
	Status      int    // 0 means 200, or 303 with Redirect
	Title       string
	Description string
	Canonical   string // absolute URL
	OG          *OpenGraph
	JSONLD      any         // structured data for search engines
	Boot        any         // JSON for the island, in <script id="boot">
	Messages    []string    // catalogue keys the island needs, as boot.messages
	Entry       string      // the frontend entry whose style and script the page loads; empty loads style only
	Org         *Appearance // whose colours and name the page wears
	NoIndex     bool        // ask search engines to pass by

	Redirect    string      // URL to go to instead
	Body        []byte      // raw answer instead, of ContentType
	ContentType string      // of Body
	Header      http.Header // further headers

	Cookies        []http.Cookie
	Cache          string   // Cache-Control; empty means no-cache, or private, no-store for a signed-in supporter
	FrameAncestors []string // sites that may frame the page; none means nobody
}

// OpenGraph is what a shared link shows.
type OpenGraph struct {
	Type, Title, Description, URL, Image, ImageAlt, SiteName string
}

// Appearance is how an organization looks on its public pages.
type Appearance struct {
	Name, Slug, BrandColor string
}

// AppearanceOf is how o looks.
func AppearanceOf(o account.Organization) *Appearance {
	return &Appearance{Name: o.Name, Slug: o.Slug, BrandColor: o.BrandColor}
}

// OrganizationView is what the header and the footer of a public page say.
type OrganizationView struct {
	Name, Slug, LegalName, EIN, Website, Email string
	Verified                                   bool
}

// ViewOrganization is what public pages say of o.
func ViewOrganization(o account.Organization) OrganizationView {
	v := OrganizationView{Name: o.Name, Slug: o.Slug, LegalName: o.LegalName, Website: o.Website, Email: o.Email, Verified: o.Verified()}
	if ein := o.FormattedEIN(); ein != nil {
		v.EIN = *ein
	}
	return v
}

// Request is what a page handler may ask of the request.
type Request struct {
	c    echo.Context
	form url.Values
}

// Param returns a part of the path.
func (r Request) Param(name string) string { return r.c.Param(name) }

// Query returns a parameter of the query string.
func (r Request) Query(name string) string { return r.c.QueryParam(name) }

// Queries returns every value of a parameter of the query string.
func (r Request) Queries(name string) []string { return r.c.QueryParams()[name] }

// Form returns a field of the posted form.
func (r Request) Form(name string) string { return r.form.Get(name) }

// Values returns the whole posted form.
func (r Request) Values() url.Values { return r.form }

// Method is GET, HEAD or POST.
func (r Request) Method() string { return r.c.Request().Method }

// Header returns a request header.
func (r Request) Header(name string) string { return r.c.Request().Header.Get(name) }

// FieldErrors is what is wrong with each field of a form, or nil when err is about something else.
func FieldErrors(err error) map[string]string {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.KindInvalid || len(f.Fields) == 0 {
		return nil
	}
	wrong := map[string]string{}
	for _, field := range f.Fields {
		wrong[field.Location] = field.Message
	}
	return wrong
}

// PageHandler loads what one page shows, or answers one form. Faults become error pages.
type PageHandler func(ctx context.Context, r Request) (View, error)

// Pages registers server-rendered pages.
type Pages struct {
	server   *Server
	renderer *renderer
}

func newPages(s *Server) (*Pages, error) {
	r, err := newRenderer(s)
	if err != nil {
		return nil, err
	}
	return &Pages{server: s, renderer: r}, nil
}

// GET serves a page, for HEAD as well. Parts of the path are written {name}.
func (p *Pages) GET(path string, h PageHandler) { p.server.get(echoPath(path), p.serve(h)) }

// POST answers a form. The form must carry {{csrfField}}.
func (p *Pages) POST(path string, h PageHandler) {
	serve := p.serve(h)
	p.server.echo.POST(echoPath(path), func(c echo.Context) error {
		r := c.Request()
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if kind != "application/x-www-form-urlencoded" && kind != "multipart/form-data" {
			p.fail(c, newProblem(requestID(r.Context()), http.StatusUnsupportedMediaType, "", nil))
			return nil
		}
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		if err := parseForm(r, kind); err != nil {
			p.fail(c, p.formProblem(r, err))
			return nil
		}
		if err := p.server.checkForm(c, r.PostForm.Get(formField)); err != nil {
			p.fail(c, p.server.problemOf(r.Context(), err, "form"))
			return nil
		}
		return serve(c)
	})
}

// OneClick answers the form that a mail program posts for its reader (RFC 8058). No page of ours gave it a token and no cookie comes with it:
// that the address is known must be leave enough for what h does, which runs as nobody and is sent nothing of the form.
func (p *Pages) OneClick(path string, h PageHandler) {
	p.server.echo.POST(echoPath(path), func(c echo.Context) error {
		r := c.Request()
		who := actor.Nobody
		who.RequestID = requestID(r.Context())
		ctx := actor.With(r.Context(), who)
		view, err := h(ctx, Request{c: c})
		if err != nil {
			p.fail(c, p.server.problemOf(ctx, err, "form"))
			return nil
		}
		return p.show(c, view)
	})
}

func parseForm(r *http.Request, kind string) error {
	if kind == "multipart/form-data" {
		return r.ParseMultipartForm(maxForm)
	}
	return r.ParseForm()
}

func (p *Pages) formProblem(r *http.Request, err error) *Problem {
	var tooLarge *http.MaxBytesError
	status := http.StatusBadRequest
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	return newProblem(requestID(r.Context()), status, "", nil)
}

func (p *Pages) serve(h PageHandler) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx, err := p.identify(r)
		if err != nil {
			p.fail(c, p.server.problemOf(r.Context(), err, "form"))
			return nil
		}
		c.SetRequest(r.WithContext(ctx))
		view, err := h(ctx, Request{c: c, form: r.PostForm})
		if err != nil {
			p.fail(c, p.server.problemOf(ctx, err, "form"))
			return nil
		}
		return p.show(c, view)
	}
}

// identify lets a page know the supporter whose browser it is. A session that has ended makes them nobody.
func (p *Pages) identify(r *http.Request) (context.Context, error) {
	who := actor.Nobody
	if token := callerOf(r.Context()).SupporterToken; token != "" && p.server.cfg.Auth != nil {
		found, _, err := p.server.cfg.Auth.Authenticate(r.Context(), Credentials{SupporterCookie: token})
		switch {
		case err == nil:
			who = found
		case fault.KindOf(err) != fault.KindUnauthenticated:
			return nil, err
		}
	}
	who.RequestID = requestID(r.Context())
	return actor.With(r.Context(), who), nil
}

// show sends a view.
func (p *Pages) show(c echo.Context, v View) error {
	h := c.Response().Header()
	for i := range v.Cookies {
		c.SetCookie(&v.Cookies[i])
	}
	for name, values := range v.Header {
		h[name] = values
	}
	switch {
	case v.Cache != "":
		h.Set("Cache-Control", v.Cache)
	case callerOf(c.Request().Context()).SupporterToken != "":
		h.Set("Cache-Control", "private, no-store")
	default:
		h.Set("Cache-Control", "no-cache")
	}
	switch {
	case v.Redirect != "":
		status := v.Status
		if status == 0 {
			status = http.StatusSeeOther
		}
		return c.Redirect(status, v.Redirect)
	case v.Body != nil:
		status := v.Status
		if status == 0 {
			status = http.StatusOK
		}
		return c.Blob(status, v.ContentType, v.Body)
	}
	return p.renderer.render(c, v)
}

// Render writes a view as an operation's answer, for a preview of a page that is not saved yet.
func (p *Pages) Render(v View) *Blob {
	return &Blob{Body: p.renderer.blob(v)}
}

// fail shows the problem as a page.
func (p *Pages) fail(c echo.Context, problem *Problem) {
	for name, values := range problem.headers {
		c.Response().Header()[name] = values
	}
	err := p.renderer.render(c, View{Template: "error", Title: problem.Title, Status: problem.Status, Data: problem, NoIndex: true})
	if err != nil {
		p.server.cfg.Log.ErrorContext(c.Request().Context(), "error page not rendered", slog.String("error", err.Error()))
		if !c.Response().Committed {
			problem.write(c.Response())
		}
	}
}

// echoPath turns {name} into Echo's :name.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}
