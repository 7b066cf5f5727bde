package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tributary/domain/actor"
)

// Handle makes do the handler of the jobs of type T. It runs as actor.System and more than once if need be: an error is
// retried with growing pauses, unless it is Permanent.
func Handle[T Args](workers *river.Workers, do func(ctx context.Context, args T) error) {
	river.AddWorker(workers, &handler[T]{do: do})
}

type handler[T Args] struct {
	river.WorkerDefaults[T]
	do func(context.Context, T) error
}

func (h *handler[T]) Work(ctx context.Context, job *river.Job[T]) error {
	system := actor.System
	system.RequestID = fmt.Sprintf("job-%d", job.ID)
	return h.do(actor.With(ctx, system), job.Args)
}

// Permanent marks an error that no retry can mend: the job is cancelled.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }

func (e *permanentError) Unwrap() error { return e.err }

// failures is the one place where errors of jobs are logged: never with their arguments.
type failures struct{ log *slog.Logger }

func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	_, permanent := errors.AsType[*permanentError](err)
	level, fate := slog.LevelWarn, "retry"
	switch {
	case permanent:
		level, fate = slog.LevelError, "cancelled"
	case job.Attempt >= job.MaxAttempts:
		level, fate = slog.LevelError, "discarded"
	}
	f.log.LogAttrs(ctx, level, "job failed", append(about(job), slog.String("fate", fate), slog.Any("error", err))...)
	return &river.ErrorHandlerResult{SetCancelled: permanent}
}

func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.LogAttrs(ctx, slog.LevelError, "job panicked", append(about(job),
		slog.String("panic", fmt.Sprint(value)), slog.String("trace", trace))...)
	return nil
}

func about(job *rivertype.JobRow) []slog.Attr {
	return []slog.Attr{
		slog.String("kind", job.Kind), slog.Int64("job_id", job.ID), slog.String("queue", job.Queue), slog.Int("attempt", job.Attempt),
	}
}

// quiet passes on River's own warnings: what it tells of single jobs is ours to log.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
