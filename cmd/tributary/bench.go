package main

import (
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"tributary/app/bench"
)

func (e environment) benchCommand() *cobra.Command {
	o := bench.Options{Out: e.out, Now: time.Now} //nolint:forbidigo // a stopwatch
	c := &cobra.Command{
		Use: "bench", Short: "Measure this program, as ratios in one run", Args: cobra.NoArgs,
		Long: "Start a PostgreSQL and this program beside it, both of the run's own, and write what a donation, a webhook, a start, a page and a morning of monthly gifts cost. Needs pgbench and Linux; takes about three minutes.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.Program, err = os.Executable(); err != nil {
				return err
			}
			o.Environment = []string{"PATH=" + e.getenv("PATH"), "HOME=" + e.getenv("HOME")}
			return bench.Run(cmd.Context(), o)
		},
	}
	c.Flags().IntVar(&o.Rounds, "rounds", 3, "rounds of every ratio")
	c.Flags().IntVar(&o.Operations, "operations", 1200, "operations of one kind in a round")
	c.Flags().Int64Var(&o.Donations, "donations", 5000, "donations in the database beforehand")
	c.Flags().StringVar(&o.Only, "only", "", "one part alone: start, writes, webhooks, page or promises")
	c.Flags().Int64Var(&o.Due, "due", 100_000, "instalments that are due in one morning")
	c.Flags().DurationVar(&o.Drain, "drain", 30*time.Second, "how long they are charged for at most, without the limit of calls")
	c.AddCommand(e.benchFillCommand())
	return c
}

func (e environment) benchFillCommand() *cobra.Command {
	f := bench.Filling{Progress: e.out}
	c := &cobra.Command{
		Use: "fill", Short: "Make a large database to measure on", Args: cobra.NoArgs,
		Long: "Fill the empty, migrated database of DATABASE_OWNER_URL with organizations, people, donations, payments, ledger, receipts, mails, audit records, plans and pledges, shifts with volunteers. The same number always makes the same rows.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := e.config(nil)
			if err != nil {
				return err
			}
			owner := cfg.DatabaseOwnerURL
			if owner == "" {
				owner = cfg.DatabaseURL
			}
			if owner == "" {
				return errors.New("DATABASE_OWNER_URL is required: the database to fill")
			}
			return bench.Fill(cmd.Context(), owner, f)
		},
	}
	c.Flags().Int64Var(&f.Donations, "donations", 1_000_000, "how many donations to make")
	c.Flags().Int64Var(&f.Promises, "promises", 0, "how many plans and pledges to make")
	c.Flags().Int64Var(&f.Shifts, "shifts", 0, "how many shifts to make")
	return c
}
