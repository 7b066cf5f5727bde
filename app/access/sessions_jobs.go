package access

import (
	"context"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/account"
)

// Workers registers the jobs of access.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, _ account.SweepSessions) error { return s.Sweep(ctx) })
}
