package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// startUp is W12: from exec to ready on a migrated database, and memory, with jobs running.
func (l *lab) startUp(ctx context.Context) error {
	times := make([]time.Duration, 0, l.Rounds)
	for range l.Rounds {
		p, err := l.start(ctx)
		if err != nil {
			return err
		}
		times = append(times, p.took)
		if err := p.stop(); err != nil {
			return fmt.Errorf("stop the program: %w", err)
		}
	}
	slices.Sort(times)
	p, err := l.start(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	settle := time.NewTimer(3 * time.Second)
	select {
	case <-ctx.Done():
		settle.Stop()
		return ctx.Err()
	case <-settle.C:
	}
	idle, _, err := memory(p.pid())
	if err != nil {
		return err
	}
	s, err := l.subject(ctx)
	if err != nil {
		return err
	}
	_, err = send(ctx, l.Operations, http.StatusCreated, func(int) (*http.Request, error) { return s.record(ctx, p.url) })
	if err != nil {
		return fmt.Errorf("record donations: %w", err)
	}
	_, peak, err := memory(p.pid())
	if err != nil {
		return err
	}
	l.title("W12 start and memory")
	l.say("exec to ready, median", fmt.Sprintf("%d ms", times[len(times)/2].Milliseconds()), "≤ 150 ms")
	l.say("resident, idle", megabytes(idle), "≤ 35 MB")
	l.say("resident, highest while donations and receipts are written", megabytes(peak), "≤ 80 MB")
	return nil
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/(1<<20)) }
