package receipting

import (
	"context"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/fault"
	"tributary/domain/receipt"
)

// Workers registers the jobs of receipts.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, job receipt.Issue) error {
		err := s.Issue(ctx, job.OrgID, job.DonationID)
		if fault.KindOf(err) == fault.KindNotFound {
			return queue.Permanent(err)
		}
		return err
	})
}
