package pledging

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/fault"
	"tributary/domain/promise"
)

// Workers registers the jobs that collect instalments and keep cards.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, _ promise.FindDue) error { return s.FindDue(ctx) })
	queue.Handle(w, func(ctx context.Context, j promise.FindDueOf) error { return s.FindDueOf(ctx, j.OrgID) })
	queue.Handle(w, func(ctx context.Context, j promise.Act) error { return final(s.Act(ctx, j.OrgID, j.InstalmentID)) })
	queue.Handle(w, func(ctx context.Context, j promise.ReadCard) error {
		return final(s.ReadCard(ctx, j.OrgID, j.ObjectID))
	})
}

// final gives up on a definite answer, which would be the same at every retry. An instalment rings again by itself.
func final(err error) error {
	if kind := fault.KindOf(err); kind != "" && kind != fault.KindUnavailable {
		return queue.Permanent(err)
	}
	return err
}

// Periodic looks for instalments whose time has come.
func (s *Service) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{queue.Every(15*time.Minute, true, promise.FindDue{}, queue.On(queue.Stripe), queue.Unique())}
}
