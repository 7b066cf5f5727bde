// Package telemetry makes the logger and the metrics registry. Logs are JSON lines that carry the request's id and no personal data;
// profiling is not served at all.
package telemetry

import (
	"context"
	"io"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"tributary/domain/actor"
)

// Logger writes JSON lines from level on. requestID finds the id of a request's context; jobs are known by the actor that runs them.
func Logger(w io.Writer, level slog.Level, requestID func(context.Context) string) *slog.Logger {
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}), requestID})
}

type handler struct {
	slog.Handler
	requestID func(context.Context) string
}

func (h handler) Handle(ctx context.Context, record slog.Record) error {
	id := h.requestID(ctx)
	if id == "" {
		id = actor.From(ctx).RequestID
	}
	if id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, record)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.requestID}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.requestID}
}

// Registry is a Prometheus registry with the process's own figures.
func Registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}
