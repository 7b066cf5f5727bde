package app

import (
	"context"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/app/platform/web"
	"tributary/domain/account"
)

// workers registers the handler of every kind of job, one line per feature.
func (a *App) workers(w *river.Workers) {
	a.outbox.Workers(w)
	queue.Handle(w, func(ctx context.Context, _ web.Sweep) error { return a.server.Sweep(ctx) })
	a.access.Workers(w)
	a.giving.Workers(w)
	a.pledging.Workers(w)
	a.fundraising.Workers(w)
	a.receipting.Workers(w)
	a.volunteering.Workers(w)
}

// periodicJobs are enqueued by one elected process.
func (a *App) periodicJobs() []*river.PeriodicJob {
	return slices.Concat(
		[]*river.PeriodicJob{
			queue.Every(time.Hour, true, account.SweepSessions{}, queue.Unique()),
			queue.Every(time.Hour, false, web.Sweep{}, queue.Unique()),
		},
		a.giving.Periodic(),
		a.pledging.Periodic(),
		a.volunteering.Periodic(),
	)
}
