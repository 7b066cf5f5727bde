package volunteering

import (
	"context"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/volunteer"
)

// Workers registers what happens by itself.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, j volunteer.Settle) error { return s.SettleShift(ctx, j.OrgID, j.ShiftID) })
}

// Periodic is what is asked again and again.
func (s *Service) Periodic() []*river.PeriodicJob { return nil }
