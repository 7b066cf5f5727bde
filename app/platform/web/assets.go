package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// inlineMax is the size up to which a public page carries its style sheet itself, which saves a render-blocking request.
const inlineMax = 24 << 10

// assets is the built frontend: three builds of which the first two have manifests.
type assets struct {
	files   fs.FS
	entries map[string]entry // "donate", "staff", "portal"
}

// entry is what a page needs to load one entry point of the frontend.
type entry struct {
	Script    string   // module
	Preloads  []string // modules it imports
	Styles    []string // style sheets, unless inlined
	Inline    string   // style sheet small enough to be carried by the page
	InlineSum string   // its hash as the content security policy writes it
}

type manifestChunk struct {
	File    string   `json:"file"`
	Name    string   `json:"name"`
	IsEntry bool     `json:"isEntry"`
	Imports []string `json:"imports"`
	CSS     []string `json:"css"`
}

// loadAssets reads the manifests. Builds that were not made are absent and so are their entries.
func loadAssets(files fs.FS) (*assets, error) {
	a := &assets{files: files, entries: map[string]entry{}}
	if files == nil {
		return a, nil
	}
	for _, build := range []string{"public", "app"} {
		raw, err := fs.ReadFile(files, build+"/.vite/manifest.json")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the %s manifest: %w", build, err)
		}
		var chunks map[string]manifestChunk
		if err := json.Unmarshal(raw, &chunks); err != nil {
			return nil, fmt.Errorf("read the %s manifest: %w", build, err)
		}
		for key, chunk := range chunks {
			if !chunk.IsEntry {
				continue
			}
			if a.entries[chunk.Name], err = a.entry(build, key, chunks); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

func (a *assets) entry(build, key string, chunks map[string]manifestChunk) (entry, error) {
	url := func(file string) string { return "/a/" + build + "/" + file }
	e := entry{Script: url(chunks[key].File)}
	var styles []string
	seen := map[string]bool{}
	var visit func(key string)
	visit = func(k string) {
		if seen[k] {
			return
		}
		seen[k] = true
		chunk := chunks[k]
		for _, imported := range chunk.Imports {
			visit(imported)
		}
		if k != key {
			e.Preloads = append(e.Preloads, url(chunk.File))
		}
		styles = append(styles, chunk.CSS...)
	}
	visit(key)
	var css bytes.Buffer
	for _, file := range styles {
		b, err := a.read(build + "/" + file)
		if err != nil {
			return entry{}, fmt.Errorf("read the style sheet %s: %w", file, err)
		}
		css.Write(b)
		e.Styles = append(e.Styles, url(file))
	}
	if build == "public" && css.Len() > 0 && css.Len() <= inlineMax && !bytes.Contains(css.Bytes(), []byte("</")) {
		e.Inline, e.Styles = css.String(), nil
		e.InlineSum = styleHash(e.Inline)
	}
	return e, nil
}

func styleHash(css string) string {
	sum := sha256.Sum256([]byte(css))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// serve answers /a/<build>/…: names carry a hash of their content, so browsers keep them for good.
func (a *assets) serve(c echo.Context) error {
	name := path.Clean("/" + c.Param("*"))[1:]
	if strings.Contains(name, "/.") || strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") || !strings.Contains(name, "/assets/") {
		return errNotFoundPage
	}
	return a.send(c, name, "public, max-age=31536000, immutable")
}

func (a *assets) serveEmbed(c echo.Context) error {
	c.Response().Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return a.send(c, "embed/embed.js", "public, max-age=3600")
}

// read is a file of the builds. The staff app's are kept compressed alone, to keep the program small; the few who take no coding get them unpacked.
func (a *assets) read(name string) (content []byte, err error) {
	content, err = fs.ReadFile(a.files, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	packed, err := fs.ReadFile(a.files, name+".gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	if content, err = io.ReadAll(r); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", name, err)
	}
	return content, nil
}

// send picks the .br or .gz sibling that the client takes.
func (a *assets) send(c echo.Context, name, cache string) error {
	h := c.Response().Header()
	accepted := c.Request().Header.Get("Accept-Encoding")
	if a.files == nil {
		return errNotFoundPage
	}
	for _, coding := range []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}, {"", ""}} {
		if coding.name != "" && !acceptsCoding(accepted, coding.name) {
			continue
		}
		content, err := a.read(name + coding.suffix)
		if err != nil {
			continue
		}
		if coding.name != "" {
			h.Set("Content-Encoding", coding.name)
		}
		h.Set("Content-Type", contentType(name))
		h.Set("Cache-Control", cache)
		h.Add("Vary", "Accept-Encoding")
		sum := sha256.Sum256(content)
		h.Set("Etag", etag(sum[:]))
		http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(content))
		return nil
	}
	return errNotFoundPage
}

func acceptsCoding(accepted, coding string) bool {
	for part := range strings.SplitSeq(accepted, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == coding {
			return strings.TrimSpace(q) != "q=0"
		}
	}
	return false
}

func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// favicon is three streams that meet.
const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b6b50"/>` +
	`<path d="M8 7c1 6 4 8 8 9m8-9c-1 6-4 8-8 9m0-10v20" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`

func (a *assets) serveFavicon(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return c.Blob(http.StatusOK, "image/svg+xml", []byte(favicon))
}
