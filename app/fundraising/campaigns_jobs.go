package fundraising

import (
	"github.com/riverqueue/river"

	"tributary/app/platform/queue"
)

// Workers registers the jobs of campaigns.
func (s *Service) Workers(w *river.Workers) {
	queue.Handle(w, s.Finish)
}
