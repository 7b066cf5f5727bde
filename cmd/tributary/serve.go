package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/spf13/cobra"
)

func (e environment) serveCommand() *cobra.Command {
	var listen, data string
	var demo, noWork bool
	c := &cobra.Command{
		Use: "serve", Short: "Serve the web, and run jobs", Args: cobra.NoArgs,
		Long: "Serve the web and run jobs in one process. With DATABASE_URL unset it runs a PostgreSQL of its own, with STRIPE_API_KEY unset a card sandbox.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.serve(cmd.Context(), map[string]string{"LISTEN_ADDR": listen, "DATA_DIR": data}, demo, !noWork)
		},
	}
	c.Flags().StringVar(&listen, "listen", "", "address to listen on, instead of LISTEN_ADDR")
	c.Flags().StringVar(&data, "data", "", "folder for the embedded database and files, instead of DATA_DIR")
	c.Flags().BoolVar(&demo, "demo", false, "fill an empty database with demonstration data and print its logins")
	c.Flags().BoolVar(&noWork, "no-work", false, "do not run jobs; tributary work does")
	return c
}

func (e environment) serve(ctx context.Context, flags map[string]string, demo, work bool) (err error) {
	cfg, err := e.config(flags)
	if err != nil {
		return err
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", cfg.ListenAddr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (choose another address with --listen or LISTEN_ADDR)", cfg.ListenAddr, err)
	}
	defer func() { _ = listener.Close() }()
	cfg.ListenAddr = listener.Addr().String()

	r, err := e.start(ctx, cfg, work)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.end(ctx)) }()

	server := r.Server().HTTPServer()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if cfg.MetricsAddr != "" {
		if err := serveMetrics(ctx, cfg.MetricsAddr, r.Server().MetricsHandler()); err != nil {
			return fmt.Errorf("listen on METRICS_ADDR: %w", err)
		}
	}
	if err := r.Start(ctx); err != nil {
		return err
	}
	if err := e.welcome(ctx, r, demo); err != nil {
		return errors.Join(err, stopServing(ctx, server))
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	return stopServing(ctx, server)
}

// stopServing lets requests in flight finish.
func stopServing(ctx context.Context, server *http.Server) error {
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

// welcome says where everything is.
func (e environment) welcome(ctx context.Context, r *running, demo bool) error {
	base := r.embedded.Config.PublicURL.String()
	e.say("\nTributary is ready at %s\n\n", base)
	e.say("  API reference      %s/api/docs\n", base)
	return nil
}

func (e environment) workCommand() *cobra.Command {
	return &cobra.Command{
		Use: "work", Short: "Run jobs only", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			cfg, err := e.config(nil)
			if err != nil {
				return err
			}
			r, err := e.start(ctx, cfg, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.end(ctx)) }()
			if cfg.MetricsAddr != "" {
				if err := serveMetrics(ctx, cfg.MetricsAddr, r.Server().MetricsHandler()); err != nil {
					return fmt.Errorf("listen on METRICS_ADDR: %w", err)
				}
			}
			if err := r.Start(ctx); err != nil {
				return err
			}
			e.say("running jobs\n")
			<-ctx.Done()
			return nil
		},
	}
}
