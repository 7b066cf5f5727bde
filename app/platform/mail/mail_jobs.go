package mail

import (
	"context"
	"errors"

	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
	"tributary/domain/fault"
	"tributary/domain/message"
)

// Workers registers the jobs that send mails.
func (o *Outbox) Workers(workers *river.Workers) {
	queue.Handle(workers, func(ctx context.Context, job message.Send) error {
		return permanent(o.Send(ctx, job.OrgID, job.MessageID))
	})
	queue.Handle(workers, func(ctx context.Context, job message.SendLogin) error {
		return permanent(o.SendLogin(ctx, job.MessageID))
	})
}

// permanent ends the job where another try cannot help.
func permanent(err error) error {
	if errors.Is(err, ErrRefused) || fault.KindOf(err) == fault.KindNotFound {
		return queue.Permanent(err)
	}
	return err
}
