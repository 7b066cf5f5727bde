package web

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// boot is what the single-page apps know before their first request.
type boot struct {
	PublicURL string `json:"public_url"`
	Version   string `json:"version"`
	Embedded  bool   `json:"embedded"` // the embedded default: a test mode banner and the outbox are shown
	Locale    string `json:"locale"`
}

// scanningEntry is the app that may use the camera: staff read the codes that volunteers show at the door.
const scanningEntry = "staff"

// App serves a single-page app: every path below prefix answers the same page, which loads the frontend entry of that name.
func (p *Pages) App(prefix, entryName, title string) {
	serve := func(c echo.Context) error {
		s := p.server
		e, ok := s.assets.entries[entryName]
		if !ok {
			p.fail(c, &Problem{
				Title: "Not built", Status: http.StatusServiceUnavailable, Code: "frontend.missing", RequestID: requestID(c.Request().Context()),
				Detail: "This program was built without the frontend. Build it with make build.",
			})
			return nil
		}
		data := pageData{
			View: View{
				Template: "app", Title: title, NoIndex: true, Entry: entryName,
				Boot: boot{PublicURL: s.cfg.PublicURL.String(), Version: s.cfg.Version, Embedded: s.cfg.Embedded, Locale: "en"},
			},
			Locale: "en", Theme: themeOf(c.Request()), Path: prefix, Assets: e, Version: s.cfg.Version,
		}
		html, err := p.renderer.execute("app", "app", data)
		if err != nil {
			return err
		}
		h := c.Response().Header()
		policy{styles: s.assets.inlineHashes(), scripts: true}.apply(h)
		if entryName == scanningEntry {
			h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), browsing-topics=()")
		}
		h.Set("Cache-Control", "no-cache")
		return c.HTMLBlob(http.StatusOK, html)
	}
	p.server.get(prefix, serve)
	p.server.get(prefix+"/*", serve)
}

// inlineHashes lets the staff app frame a preview of a public page, which inherits the app's policy.
func (a *assets) inlineHashes() []string {
	seen := map[string]bool{}
	var hashes []string
	for _, e := range a.entries {
		if e.InlineSum != "" && !seen[e.InlineSum] {
			seen[e.InlineSum] = true
			hashes = append(hashes, e.InlineSum)
		}
	}
	return hashes
}
