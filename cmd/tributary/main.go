// Command tributary is the whole platform in one program: web server, worker, migrations and the operator's tools.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"tributary/app/platform/config"
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "tributary:", err)
		os.Exit(1)
	}
}

// run is the program without its process: what it reads and where it writes is given.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer) error {
	root := &cobra.Command{
		Use:           "tributary",
		Short:         "One river, three doors: an open platform for giving money and time.",
		Long:          "Without settings, tributary runs with a database and a card sandbox of its own: start with tributary serve --demo.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(out)
	e := environment{getenv: getenv, out: out}
	root.AddCommand(
		e.serveCommand(), e.workCommand(), e.migrateCommand(), e.seedCommand(), e.registryCommand(), e.userCommand(), e.doctorCommand(),
		e.openapiCommand(), e.benchCommand(), e.versionCommand(),
	)
	return root.ExecuteContext(ctx)
}

// environment is what every command works with.
type environment struct {
	getenv func(string) string
	out    io.Writer
}

// config reads the settings; flags given as name and value replace variables.
func (e environment) config(flags map[string]string) (config.Config, error) {
	return config.Parse(func(name string) string {
		if value := flags[name]; value != "" {
			return value
		}
		return e.getenv(name)
	})
}

func (e environment) say(format string, args ...any) { _, _ = fmt.Fprintf(e.out, format, args...) }

func (e environment) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) { e.say("tributary %s\n", version) },
	}
}
