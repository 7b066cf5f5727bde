package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"tributary/app"
	"tributary/app/platform/telemetry"
	"tributary/app/platform/web"
)

func (e environment) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to date", Args: cobra.NoArgs,
		Long: "Apply the migrations of Tributary and of its job queue. Runs as the schema's owner (DATABASE_OWNER_URL) when one is configured; any number of processes may run it at once.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(nil)
			if err != nil {
				return err
			}
			log := telemetry.Logger(os.Stderr, min(cfg.LogLevel, slog.LevelInfo), web.RequestID)
			if cfg.EmbeddedDatabase() {
				cfg.PublicURL = localURL(cfg.ListenAddr)
				embedded, err := app.StartEmbedded(cmd.Context(), cfg, log)
				if err != nil {
					return err
				}
				return embedded.Stop(cmd.Context())
			}
			return app.Migrate(cmd.Context(), cfg, log)
		},
	}
}
