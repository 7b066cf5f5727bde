package web

import (
	"bytes"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
)

// The layout and the error page the platform falls back to; files of the same name in the frontend's templates replace them.
//
//go:embed pages/*.html
var ownTemplates embed.FS

// renderer turns views into HTML. A page is the layout, the partials and one file that defines "content".
type renderer struct {
	server *Server
	pages  map[string]*template.Template
	texts  *catalogue
	// csrfMark stands where a form's token goes, so that templates are parsed and escaped once. It is random: no text that anybody
	// wrote can contain it.
	csrfMark string
}

// pageData is what the layout and the content see.
type pageData struct {
	View
	Locale  string
	Theme   string // "light", "dark" or empty for the system's choice
	Path    string
	Assets  entry
	Style   template.HTML
	Version string
}

func newRenderer(s *Server) (*renderer, error) {
	texts, err := loadCatalogue(s.cfg.Locales)
	if err != nil {
		return nil, err
	}
	r := &renderer{server: s, texts: texts, pages: map[string]*template.Template{}, csrfMark: "csrf-" + rand.Text()}
	files, err := templateFiles(s.cfg.Templates)
	if err != nil {
		return nil, err
	}
	shared := template.New("").Funcs(r.funcs()).Option("missingkey=error")
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name == "layout.html" || strings.HasPrefix(name, "partials/") {
			if _, err := shared.New(strings.TrimSuffix(path.Base(name), ".html")).Parse(files[name]); err != nil {
				return nil, fmt.Errorf("parse the template %s: %w", name, err)
			}
		}
	}
	for name, source := range files {
		if name == "layout.html" || strings.Contains(name, "/") {
			continue
		}
		page, err := shared.Clone()
		if err != nil {
			return nil, fmt.Errorf("clone the layout: %w", err)
		}
		if _, err := page.New(name).Parse(source); err != nil {
			return nil, fmt.Errorf("parse the template %s: %w", name, err)
		}
		r.pages[strings.TrimSuffix(name, ".html")] = page
	}
	return r, nil
}

// templateFiles reads *.html at the top and in partials/; other folders (mails) belong to others.
func templateFiles(own fs.FS) (map[string]string, error) {
	files := map[string]string{}
	for _, source := range []struct {
		files fs.FS
		root  string
	}{{ownTemplates, "pages/"}, {own, ""}} {
		if source.files == nil {
			continue
		}
		for _, pattern := range []string{"*.html", "partials/*.html"} {
			names, err := fs.Glob(source.files, source.root+pattern)
			if err != nil {
				return nil, fmt.Errorf("list templates: %w", err)
			}
			for _, name := range names {
				content, err := fs.ReadFile(source.files, name)
				if err != nil {
					return nil, fmt.Errorf("read the template %s: %w", name, err)
				}
				files[strings.TrimPrefix(name, source.root)] = string(content)
			}
		}
	}
	return files, nil
}

// render writes the page to the client.
func (r *renderer) render(c echo.Context, v View) error {
	html, styles, err := r.html(v, themeOf(c.Request()), c.Request().URL.Path)
	if err != nil {
		return err
	}
	if bytes.Contains(html, []byte(r.csrfMark)) {
		token := r.server.formToken(c, len(v.FrameAncestors) > 0)
		html = bytes.ReplaceAll(html, []byte(r.csrfMark), []byte(token))
	}
	h := c.Response().Header()
	policy{
		styles: styles, scripts: true, ancestors: v.FrameAncestors, formTargets: r.server.cfg.FormTargets,
	}.apply(h)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	status := v.Status
	if status == 0 {
		status = http.StatusOK
	}
	return c.HTMLBlob(status, html)
}

// blob renders a preview: the page as it would look, framed by the staff app, without forms that work.
func (r *renderer) blob(v View) func(huma.Context) {
	return func(hctx huma.Context) {
		c := humaecho.UnwrapV4(hctx)
		html, styles, err := r.html(v, themeOf(c.Request()), "")
		if err != nil {
			r.server.problemOf(hctx.Context(), err, "body").write(c.Response())
			return
		}
		html = bytes.ReplaceAll(html, []byte(r.csrfMark), nil)
		policy{styles: styles, ancestors: []string{"'self'"}}.apply(c.Response().Header())
		h := c.Response().Header()
		h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; sandbox")
		h.Set("Cache-Control", "private, no-store")
		_ = c.HTMLBlob(http.StatusOK, html)
	}
}

// html executes the template and returns the hashes of the style sheets it carries.
func (r *renderer) html(v View, theme, urlPath string) ([]byte, []string, error) {
	data := pageData{View: v, Locale: "en", Theme: theme, Path: urlPath, Version: r.server.cfg.Version}
	if err := r.boot(&data); err != nil {
		return nil, nil, err
	}
	var styles []string
	data.Assets, data.Style, styles = r.style(v)
	html, err := r.execute(v.Template, "layout", data)
	return html, styles, err
}

func (r *renderer) execute(page, name string, data pageData) ([]byte, error) {
	t, ok := r.pages[page]
	if !ok {
		return nil, fmt.Errorf("no template named %q", page)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("render %s: %w", page, err)
	}
	return b.Bytes(), nil
}

// boot adds the island's messages to its data, which must then be an object.
func (r *renderer) boot(data *pageData) error {
	if len(data.Messages) == 0 {
		return nil
	}
	raw, err := json.Marshal(data.Boot)
	if err != nil {
		return fmt.Errorf("encode boot data: %w", err)
	}
	merged := map[string]json.RawMessage{}
	if data.Boot != nil {
		if err := json.Unmarshal(raw, &merged); err != nil {
			return errors.New("boot data with messages must be an object")
		}
	}
	if merged["messages"], err = json.Marshal(r.texts.some(data.Messages)); err != nil {
		return fmt.Errorf("encode messages: %w", err)
	}
	data.Boot = merged
	return nil
}

// style gathers the page's style sheets: the entry's, inlined when small, and the organization's colours.
func (r *renderer) style(v View) (entry, template.HTML, []string) {
	e := r.server.assets.forPage(v.Entry)
	var html strings.Builder
	var hashes []string
	carry := func(css string) {
		html.WriteString("<style>" + css + "</style>")
		hashes = append(hashes, styleHash(css))
	}
	if e.Inline != "" {
		carry(e.Inline)
	}
	if v.Org != nil && v.Org.BrandColor != "" && v.Org.BrandColor != DefaultBrand {
		carry(BrandOf(v.Org.BrandColor).CSS())
	}
	return e, template.HTML(html.String()), hashes //nolint:gosec // our own style sheets, derived colours
}

// forPage is the entry of a page, or the public style sheet alone for a page without a script.
func (a *assets) forPage(name string) entry {
	if name != "" {
		return a.entries[name]
	}
	for _, candidate := range []string{"page", "donate"} {
		if e, ok := a.entries[candidate]; ok {
			return entry{Inline: e.Inline, InlineSum: e.InlineSum, Styles: e.Styles}
		}
	}
	return entry{}
}

func themeOf(r *http.Request) string {
	switch theme := cookieValue(r, themeCookie); theme {
	case "light", "dark":
		return theme
	}
	return ""
}
