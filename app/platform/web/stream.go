package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
)

// heartbeat keeps proxies from closing a quiet stream, and finds clients that are gone.
const heartbeat = 20 * time.Second

// Send writes one server-sent event; data becomes one line of JSON. It fails when the client is gone or too slow to read.
type Send func(event string, data any) error

// Stream registers an operation that answers with server-sent events. run sends the current state at once and then what changes, until ctx
// ends: the client left, or the server shuts down. An error before the first event becomes a problem document.
func Stream[I any](api *API, op Op, run func(ctx context.Context, in *I, send Send) error) {
	op.Produces = "text/event-stream"
	huma.Register(api.huma, api.declare(op), func(_ context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			api.server.stream(hctx, func(ctx context.Context, send Send) error { return run(ctx, in, send) })
		}}, nil
	})
}

func (s *Server) stream(hctx huma.Context, run func(context.Context, Send) error) {
	ctx, cancel := context.WithCancel(hctx.Context())
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	out := &eventWriter{w: humaecho.UnwrapV4(hctx).Response()}
	defer out.keepAlive(ctx)()
	err := run(ctx, out.send)
	if err != nil && !out.begun() && !errors.Is(err, context.Canceled) {
		s.problemOf(hctx.Context(), err, "query").write(out.w)
	}
}

type eventWriter struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	started bool
}

func (e *eventWriter) begun() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.started
}

func (e *eventWriter) send(event string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode event %s: %w", event, err)
	}
	var b bytes.Buffer
	if event != "" {
		b.WriteString("event: " + event + "\n")
	}
	b.WriteString("data: ")
	b.Write(encoded)
	b.WriteString("\n\n")
	return e.write(b.Bytes())
}

func (e *eventWriter) write(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.started {
		e.started = true
		h := e.w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no")
		e.w.WriteHeader(http.StatusOK)
	}
	control := http.NewResponseController(e.w)
	// A reader that lets ten seconds pass is dropped rather than buffered for. Recorders of tests have no deadline.
	if err := control.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write(p); err != nil {
		return err
	}
	return control.Flush()
}

// keepAlive writes comments while nothing else is written; the function it returns stops it.
func (e *eventWriter) keepAlive(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				if e.begun() && e.write([]byte(": alive\n\n")) != nil {
					return
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}
