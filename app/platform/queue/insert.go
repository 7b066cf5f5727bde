package queue

import (
	"cmp"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"tributary/app/platform/database"
)

// plain reports whether a job needs nothing of River beyond its row.
func plain(o *river.InsertOpts) bool {
	return o.ScheduledAt.IsZero() && !o.Pending && len(o.Tags) == 0 && len(o.Metadata) == 0 && o.UniqueOpts.ByPeriod == 0 && !o.UniqueOpts.ByArgs &&
		!o.UniqueOpts.ByQueue && len(o.UniqueOpts.ByState) == 0
}

// queueJob writes the row that River would, as its clients in other languages do, but lets it travel with the transaction's other writes:
// River's own insert takes a round trip or two of a money path and reads the row back.
func (c *Client) queueJob(tx database.Tx, args Args, o *river.InsertOpts) error {
	encoded, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	queue := cmp.Or(o.Queue, Default)
	tx.Queue(`insert into river_job (args, kind, max_attempts, priority, queue, state) values ($1, $2, $3, $4, $5, 'available')`,
		[]any{string(encoded), args.Kind(), cmp.Or(o.MaxAttempts, river.MaxAttemptsDefault), cmp.Or(o.Priority, river.PriorityDefault), queue}, nil)
	if c.told.due(queue) {
		tx.Queue("select pg_notify(current_schema() || '.river_insert', json_build_object('queue', $1::text)::text)", []any{queue}, nil)
	}
	return nil
}

// notices keeps the wake-up calls of each queue apart by at least fetchCooldown, as often as a producer would look: NOTIFY makes commits wait
// for one another. A call that is left out, or lost with its transaction, costs at most the producer's next look by itself.
type notices struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func (n *notices) due(queue string) bool {
	now := time.Now() //nolint:forbidigo // a duration, not a fact
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Sub(n.last[queue]) < fetchCooldown {
		return false
	}
	if n.last == nil {
		n.last = map[string]time.Time{}
	}
	n.last[queue] = now
	return true
}
