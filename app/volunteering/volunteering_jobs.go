package volunteering

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/volunteer"
)

// Workers registers what happens by itself.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, j volunteer.Settle) error {
		if early := j.At.Sub(s.now()); early > 0 { // the queue goes by the clock of the database
			return river.JobSnooze(early)
		}
		return s.SettleShift(ctx, j.OrgID, j.ShiftID)
	})
	queue.Handle(w, s.TellNotice)
	queue.Handle(w, func(ctx context.Context, _ volunteer.Remind) error { return s.Remind(ctx) })
	queue.Handle(w, func(ctx context.Context, j volunteer.RemindOf) error { return s.RemindOf(ctx, j.OrgID) })
	queue.Handle(w, func(ctx context.Context, _ volunteer.Keep) error { return s.Keep(ctx) })
	queue.Handle(w, func(ctx context.Context, j volunteer.KeepOf) error { return s.KeepOf(ctx, j.OrgID) })
}

// Periodic is what is asked again and again.
func (s *Service) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		queue.Every(5*time.Minute, true, volunteer.Remind{}, queue.Unique()),
		queue.Every(time.Hour, true, volunteer.Keep{}, queue.Unique()),
	}
}
