package app

import "github.com/riverqueue/river"

// workers registers the handler of every kind of job, one line per feature.
func (a *App) workers(w *river.Workers) {
	a.outbox.Workers(w)
	a.access.Workers(w)
}

// periodicJobs are enqueued by one elected process.
func (a *App) periodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{}
}
