package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"tributary/app"
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
	if demo {
		if err := cfg.Demonstrable(); err != nil {
			return err
		}
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
	if demo {
		if err := r.Seed(ctx, r.embedded.Sandbox); err != nil {
			return err
		}
	}
	r.Open()
	base := r.embedded.Config.PublicURL.String()
	e.say("\nTributary is ready at %s\n\n", base)
	if demo {
		e.say("  Give               %s/give/riverbend/library\n", base)
	}
	e.say("  Staff app          %s/app\n  Company portal     %s/portal\n  API reference      %s/api/docs\n", base, base, base)
	if r.embedded.Trial() {
		e.say("  Mails              %s/dev/outbox\n  Jobs               %s/ops/jobs   (operators)\n", base, base)
		if r.embedded.Sandbox != nil {
			e.say("  Card sandbox       %s%s\n", base, app.SandboxPanel)
		}
	}
	if demo {
		e.say("\n  Sign in with the password  %s\n", app.DemoPassword)
		for _, l := range app.DemoLogins() {
			e.say("    %-32s %s\n", l.Email, l.What)
		}
		e.say("\n  Test cards: 4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0025 0000 3155 asks to confirm.\n")
	}
	e.say("\n  Ctrl-C stops it.\n\n")
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
