package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"tributary/app"
	"tributary/app/platform/config"
	"tributary/app/platform/telemetry"
	"tributary/app/platform/web"
)

// goodbye is how long requests and jobs may take to finish once the program is asked to stop.
const goodbye = 30 * time.Second

// running is the program with everything below it.
type running struct {
	*app.App
	embedded *app.Embedded
	log      *slog.Logger
}

// start builds the program for a command, embedded parts included.
func (e environment) start(ctx context.Context, cfg config.Config, work bool) (*running, error) {
	log := telemetry.Logger(os.Stderr, cfg.LogLevel, web.RequestID)
	if cfg.PublicURL == nil {
		cfg.PublicURL = localURL(cfg.ListenAddr)
	}
	embedded, err := app.StartEmbedded(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	options := app.Options{Config: embedded.Config, Log: log, Version: version, Work: work, Trial: embedded.Trial()}
	if embedded.Sandbox != nil {
		options.Sandbox = embedded.Sandbox.Handler()
	}
	a, err := app.New(ctx, options)
	if err != nil {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
		defer cancel()
		if stop := embedded.Stop(stopping); stop != nil {
			log.Error("stop", slog.String("error", stop.Error()))
		}
		return nil, err
	}
	return &running{App: a, embedded: embedded, log: log}, nil
}

// end stops everything in order: jobs, then connections, then what is embedded.
func (r *running) end(ctx context.Context) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := r.Drain(stopping); err != nil {
		r.log.Error("drain jobs", slog.String("error", err.Error()))
	}
	r.Close()
	return r.embedded.Stop(stopping)
}

// localURL is how this machine reaches the program.
func localURL(listenAddr string) *url.URL {
	host, port, err := net.SplitHostPort(listenAddr)
	if ip := net.ParseIP(host); err != nil || host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
}

// serveMetrics serves the metrics on an address of their own until ctx ends.
func serveMetrics(ctx context.Context, addr string, h http.Handler) error {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	return nil
}
