package queue

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Option changes how one job is enqueued.
type Option func(*river.InsertOpts)

// On chooses the queue.
func On(name string) Option { return func(o *river.InsertOpts) { o.Queue = name } }

// Priority orders the jobs of a queue, from 1, the usual one, to 4: a job waits for those that come before it.
func Priority(n int) Option { return func(o *river.InsertOpts) { o.Priority = n } }

// At delays the first attempt until an instant.
func At(instant time.Time) Option { return func(o *river.InsertOpts) { o.ScheduledAt = instant } }

// Unique inserts nothing while a job of the same kind and arguments waits or runs. It suits sweeps; a job that must see
// what has changed since it began to run must not be unique.
func Unique() Option {
	return func(o *river.InsertOpts) {
		o.UniqueOpts = river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}}
	}
}

func options(opts []Option) *river.InsertOpts {
	o := &river.InsertOpts{}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// Every enqueues args once per interval, by one process of all; the first time one interval after that process took over,
// or at once with start.
func Every(interval time.Duration, start bool, args Args, opts ...Option) *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, options(opts) },
		&river.PeriodicJobOpts{RunOnStart: start})
}
