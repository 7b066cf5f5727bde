package main

import (
	"errors"

	"github.com/spf13/cobra"

	"tributary/app"
)

func (e environment) seedCommand() *cobra.Command {
	return &cobra.Command{
		Use: "seed", Short: "Fill an empty database with demonstration data", Args: cobra.NoArgs,
		Long: "Fill an empty database with a nonprofit, its team, campaigns and gifts. A database that has them already is left alone.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			ctx := cmd.Context()
			cfg, err := e.config(nil)
			if err != nil {
				return err
			}
			r, err := e.start(ctx, cfg, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, r.end(ctx)) }()
			// Nobody serves the sandbox's webhooks here, so no gift is paid by card.
			if err := r.Seed(ctx, nil); err != nil {
				return err
			}
			e.say("Sign in with the password %s:\n", app.DemoPassword)
			for _, l := range app.DemoLogins() {
				e.say("  %-32s %s\n", l.Email, l.What)
			}
			return nil
		},
	}
}
