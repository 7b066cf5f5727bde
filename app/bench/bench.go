// Package bench measures the program from outside, as ratios taken side by side in one run, and makes large databases to measure on. It
// imports no feature: it runs the program as its users do, in a process of its own, beside a PostgreSQL of its own.
//
// A noisy machine moves absolute figures by a factor; a ratio of processor time, taken in turns, moves little. Rates are given as the best
// round, and only for information.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"time"
)

// clients is how many connections write at once.
const clients = 8

// Options say what Run measures and with what.
type Options struct {
	Program     string   // path of the program under test
	Environment []string // its surroundings, such as PATH and HOME
	Out         io.Writer
	Now         func() time.Time
	Rounds      int   // of every ratio; 3 at least
	Operations  int   // of one kind in a round
	Donations   int64 // in the database beforehand

	Only string // start, writes, webhooks, page or promises; empty: all

	Due   int64         // instalments of one morning
	Drain time.Duration // how long they are charged for at most
}

// Run measures everything and writes a table. It takes about three minutes and stops by itself.
func Run(ctx context.Context, o Options) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	o.Rounds, o.Operations, o.Donations = max(o.Rounds, 3), max(o.Operations, 400), max(o.Donations, 1000)
	o.Due, o.Drain = max(o.Due, 1000), max(o.Drain, 5*time.Second)
	if _, err := exec.LookPath("pgbench"); err != nil {
		return errors.New("pgbench is not on the PATH: it is what the program is compared with (Debian: apt-get install postgresql-contrib)")
	}
	l, err := openLab(ctx, o)
	if err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{{"start", l.startUp}, {"writes", l.writes}, {"webhooks", l.webhooks}, {"page", l.page}, {"promises", l.promises}} {
		if o.Only != "" && o.Only != part.name {
			continue
		}
		if err := part.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// say writes one line of the table.
func (l *lab) say(name, figure, target string) {
	if target != "" {
		target = "target " + target
	}
	_, _ = fmt.Fprintf(l.Out, "%-58s %14s   %s\n", name, figure, target)
}

func (l *lab) title(text string) { _, _ = fmt.Fprintf(l.Out, "\n%s\n", text) }

// median of per-operation costs.
func median(costs []cost) time.Duration {
	each := make([]time.Duration, len(costs))
	for i, c := range costs {
		each[i] = c.perOperation()
	}
	slices.Sort(each)
	return each[len(each)/2]
}

// programOf is the program's part of the processor time, per operation.
func programOf(costs []cost) string {
	each := make([]time.Duration, len(costs))
	for i, c := range costs {
		each[i] = c.program / time.Duration(max(c.operations, 1))
	}
	slices.Sort(each)
	return microseconds(each[len(each)/2])
}

func best(costs []cost) float64 {
	rate := 0.0
	for _, c := range costs {
		rate = max(rate, c.perSecond())
	}
	return rate
}

func microseconds(d time.Duration) string { return fmt.Sprintf("%d µs", d.Microseconds()) }

func ratio(of, over []cost) string {
	return fmt.Sprintf("%.2f", float64(median(of))/float64(max(median(over), 1)))
}
