package web

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// compressMin is the size from which compressing pays.
const compressMin = 1024

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, 5)
	return w
}}

// compress gzips HTML, JSON and CSV of some size. Assets bring their own compressed siblings; event streams are flushed and stay plain.
func (s *Server) compress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") || c.Request().Method == http.MethodHead {
			return next(c)
		}
		original := c.Response().Writer
		w := &compressWriter{ResponseWriter: original}
		c.Response().Writer = w
		defer func() { c.Response().Writer = original }()
		defer func() {
			if r := recover(); r != nil {
				// What was held back is dropped, so that the recovery can still answer; what was sent stays cut off.
				c.Response().Committed = w.decided
				panic(r)
			}
			w.close()
		}()
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

// compressWriter decides with the first write that reaches compressMin, or at the end.
type compressWriter struct {
	http.ResponseWriter
	status  int
	held    []byte
	decided bool
	zip     *gzip.Writer
}

func (w *compressWriter) WriteHeader(status int) { w.status = status }

func (w *compressWriter) Write(p []byte) (int, error) {
	if !w.decided {
		if len(w.held)+len(p) < compressMin {
			w.held = append(w.held, p...)
			return len(p), nil
		}
		if err := w.decide(true); err != nil {
			return 0, err
		}
	}
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// decide sends the header and what was held back.
func (w *compressWriter) decide(large bool) error {
	w.decided = true
	h := w.Header()
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	compressible := kind == "text/html" || kind == "application/json" || kind == "text/csv" || kind == "application/problem+json"
	if compressible {
		h.Add("Vary", "Accept-Encoding")
	}
	if compressible && large && h.Get("Content-Encoding") == "" && w.status != http.StatusNoContent && w.status != http.StatusNotModified {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		w.zip = gzipWriters.Get().(*gzip.Writer)
		w.zip.Reset(w.ResponseWriter)
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	if len(w.held) == 0 {
		return nil
	}
	held := w.held
	w.held = nil
	if w.zip != nil {
		_, err := w.zip.Write(held)
		return err
	}
	_, err := w.ResponseWriter.Write(held)
	return err
}

// Flush serves event streams, which must not wait for compressMin.
func (w *compressWriter) Flush() {
	if !w.decided && w.decide(false) != nil {
		return
	}
	if w.zip != nil {
		_ = w.zip.Flush()
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach deadlines.
func (w *compressWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// close sends what is left.
func (w *compressWriter) close() {
	if !w.decided && (w.status != 0 || len(w.held) > 0) {
		_ = w.decide(false)
	}
	if w.zip != nil {
		_ = w.zip.Close()
		gzipWriters.Put(w.zip)
	}
}
