package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"tributary/app"
)

func (e environment) doctorCommand() *cobra.Command {
	var ready bool
	c := &cobra.Command{
		Use: "doctor", Short: "Check the configuration and everything it names", Args: cobra.NoArgs,
		Long: "Check the settings, the database's role, the migrations, the clock, Stripe and mail, and say how to fix what is wrong. With --ready only ask the running program whether it is ready.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ready {
				return e.askReady(cmd.Context())
			}
			return e.doctor(cmd.Context())
		},
	}
	c.Flags().BoolVar(&ready, "ready", false, "ask the program running here whether it is ready; for health checks")
	return c
}

// doctor prints one line per check and fails when one does.
func (e environment) doctor(ctx context.Context) error {
	cfg, err := e.config(nil)
	if err != nil {
		e.say("✗ settings\n")
		return err
	}
	e.say("✓ settings: %s\n", cfg.Environment)
	if cfg.EmbeddedDatabase() {
		e.say("✓ database: the embedded one, in %s\n", cfg.DataDir)
	}
	sick := 0
	for _, check := range app.Diagnose(ctx, cfg) {
		if check.Err == nil {
			e.say("✓ %s: %s\n", check.Name, check.Found)
			continue
		}
		sick++
		e.say("✗ %s: %v\n    %s\n", check.Name, check.Err, check.Fix)
	}
	if sick > 0 {
		return fmt.Errorf("%d of the checks failed", sick)
	}
	return nil
}

// askReady is the container's health check.
func (e environment) askReady(ctx context.Context) error {
	cfg, err := e.config(nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	url := "http://" + app.Reachable(cfg.ListenAddr) + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New("not ready")
	}
	e.say("ready\n")
	return nil
}
