package giving

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/fault"
	"tributary/domain/payment"
)

// Workers registers the jobs that speak to Stripe.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, func(ctx context.Context, j payment.Reconcile) error { return final(s.Reconcile(ctx, j.EventID)) })
	queue.Handle(w, func(ctx context.Context, j payment.Refresh) error {
		return final(s.Refresh(ctx, j.OrgID, j.DonationID))
	})
	queue.Handle(w, func(ctx context.Context, j payment.ExpirePage) error {
		return final(s.ExpirePage(ctx, j.OrgID, j.AttemptID))
	})
	queue.Handle(w, func(ctx context.Context, j payment.SendRefund) error {
		return final(s.SendRefund(ctx, j.OrgID, j.RefundID))
	})
	queue.Handle(w, func(ctx context.Context, _ payment.Sweep) error { return s.Sweep(ctx) })
	queue.Handle(w, func(ctx context.Context, j payment.SweepOrganization) error {
		return final(s.SweepOrganization(ctx, j.OrgID))
	})
}

// final gives up on a definite answer, which would be the same at every retry; the next sweep asks anew.
func final(err error) error {
	if known(err) && fault.KindOf(err) != fault.KindUnavailable {
		return queue.Permanent(err)
	}
	return err
}

// Periodic is the sweep that finds what no event told.
func (s *Service) Periodic() []*river.PeriodicJob {
	return []*river.PeriodicJob{queue.Every(15*time.Minute, true, payment.Sweep{}, queue.On(queue.Stripe), queue.Unique())}
}
