package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	usualRate   = 20               // calls a second that the program makes to Stripe unless told otherwise
	rateWindow  = 10 * time.Second // over which they are counted
	drainNoEnd  = 1_000_000        // calls a second: no limit
	mostCalls   = 10*usualRate + usualRate
	planPatient = 3 * time.Minute
)

// promises is W-promises: many instalments due in one morning. All are planned; as many are charged as a bounded time allows, once without
// the limit of calls and once with it.
func (l *lab) promises(ctx context.Context) (err error) {
	m, err := l.openMorning(ctx)
	if err != nil {
		return fmt.Errorf("prepare a morning: %w", err)
	}
	defer func() { err = errors.Join(err, m.close()) }()
	l.title(fmt.Sprintf("W-promises %d instalments due in one morning, a job each; charged off-session at a sandbox in another process", l.Due))

	small, _, err := m.plan(ctx, l.Due/10)
	if err != nil {
		return err
	}
	large, took, err := m.plan(ctx, l.Due)
	if err != nil {
		return err
	}
	planned := l.Due - l.Due/10
	l.say(fmt.Sprintf("planned %d more", planned), fmt.Sprintf("%.1f s", took.Seconds()), "")
	l.say("planned a second", fmt.Sprintf("%.0f", float64(planned)/took.Seconds()), "")
	l.say(fmt.Sprintf("resident, highest while %d are planned (%d)", planned, l.Due/10), megabytes(large)+" ("+megabytes(small)+")", "flat")
	most := m.calls.most(rateWindow)
	l.say("calls to Stripe in any 10 s, limit on", fmt.Sprint(most), fmt.Sprintf("≤ %d: %d a second, and %[2]d saved up before", mostCalls, usualRate))
	if most > mostCalls {
		return fmt.Errorf("%d calls in %s, though %d a second are allowed", most, rateWindow, usualRate)
	}
	if err := m.drain(ctx); err != nil {
		return err
	}
	return m.onceEach(ctx)
}

// plan makes n instalments due, runs the program with its usual limit until all of them have a job and the rate could be seen, and returns
// its highest resident size and how long planning took from the first job to the last.
func (m *morning) plan(ctx context.Context, n int64) (peak int64, took time.Duration, err error) {
	if err := m.fall(ctx, n); err != nil {
		return 0, 0, err
	}
	m.calls.reset()
	var seconds float64
	begun := m.Now()
	p, err := m.start(ctx, 0)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := m.until(ctx, planPatient, func() (bool, error) {
		left, err := m.one(ctx, "select count(*) from (select 1 from instalments where state = 'scheduled' and act_at <= now() limit 1) few")
		return left == 0, err
	}); err != nil {
		return 0, 0, fmt.Errorf("wait until %d instalments are planned: %w", n, err)
	}
	err = m.conn.QueryRow(ctx, "select coalesce(extract(epoch from max(created_at) - min(created_at)), 0)::float8 from river_job where kind = 'promise.act' and created_at >= $1", begun).
		Scan(&seconds)
	if err != nil {
		return 0, 0, fmt.Errorf("look at the jobs: %w", err)
	}
	took = time.Duration(seconds * float64(time.Second))
	seen := m.Now()
	if err := m.until(ctx, planPatient, func() (bool, error) { return m.Now().Sub(seen) >= rateWindow, nil }); err != nil {
		return 0, 0, err
	}
	_, peak, err = memory(p.pid())
	return peak, took, err
}

// drain charges without a limit of calls for a bounded time, and says how fast, at what cost and in how much memory.
func (m *morning) drain(ctx context.Context) (err error) {
	if _, err := m.conn.Exec(ctx, "analyze"); err != nil { // PostgreSQL does so by itself, within minutes
		return fmt.Errorf("analyze: %w", err)
	}
	p, err := m.start(ctx, drainNoEnd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	var half int64
	c, err := m.measure(p, func() (int, error) {
		m.calls.reset()
		begun := m.Now()
		err := m.until(ctx, m.Drain+planPatient, func() (bool, error) {
			since := m.Now().Sub(begun)
			if since < m.Drain/2 {
				if _, half, err = memory(p.pid()); err != nil {
					return false, err
				}
			}
			left, err := m.one(ctx, "select count(*) from (select 1 from instalments where state in ('due', 'attempting') limit 1) few")
			return left == 0 || since >= m.Drain, err
		})
		return m.calls.total(), err
	})
	if err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	_, peak, err := memory(p.pid())
	if err != nil {
		return err
	}
	m.say(fmt.Sprintf("charged in %.0f s, limit off (a second)", c.wall.Seconds()), fmt.Sprintf("%d (%.0f)", c.operations, c.perSecond()), "")
	m.say("CPU per charge with its ledger, receipt and mail (program)", fmt.Sprintf("%s (%s)", microseconds(c.perOperation()), programOf([]cost{c})), "")
	m.say(fmt.Sprintf("so %d would take (with the limit)", m.Due), fmt.Sprintf("%.0f (%.0f) min", float64(m.Due)/c.perSecond()/60, float64(m.Due)/usualRate/60), "")
	m.say("resident, highest in the first half (in the whole)", megabytes(half)+" ("+megabytes(peak)+")", "flat")
	return nil
}

// onceEach holds what is stored against what the sandbox charged.
func (m *morning) onceEach(ctx context.Context) error {
	charged := map[string]int{}
	for _, intent := range m.stripe.PaymentIntents("") {
		if intent.Status == "succeeded" {
			charged[intent.Metadata["instalment"]]++
		}
	}
	twice := 0
	for _, times := range charged {
		if times > 1 {
			twice++
		}
	}
	paid, err := m.one(ctx, "select count(*) from instalments where state = 'paid'")
	if err != nil {
		return err
	}
	jobs, err := m.one(ctx, "select count(distinct args ->> 'instalment_id') from river_job where kind = 'promise.act'")
	if err != nil {
		return err
	}
	m.say("instalments charged at the sandbox (paid here, charged twice)", fmt.Sprintf("%d (%d, %d)", len(charged), paid, twice), "the same, none")
	if int64(len(charged)) != paid || twice > 0 || jobs != m.Due {
		return fmt.Errorf("%d instalments charged, %d of them twice; %d paid; %d of %d have a job", len(charged), twice, paid, jobs, m.Due)
	}
	return nil
}
