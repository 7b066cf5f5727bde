package bench

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const webhookSQL = `\set n random(1, 9000000000000000000)
begin
;
insert into stripe_events (event_id, type, object_id, api_version, livemode, created, received_at, payload, state)
    values ('evt_p' || :n, 'checkout.session.completed', 'cs_bench', '2023-10-16', false, now(), now(), '{payload}'::jsonb, 'received') on conflict do nothing
;
insert into river_job (args, kind, max_attempts, metadata, priority, queue, state, tags)
    values (jsonb_build_object('event_id', 'evt_p' || :n), 'payment.reconcile', 25, '{}', 1, 'stripe', 'available', '{}')
;
commit
;
`

const duplicateSQL = `insert into stripe_events (event_id, type, object_id, api_version, livemode, created, received_at, payload, state)
    values ('evt_seen', 'checkout.session.completed', 'cs_bench', '2023-10-16', false, now(), now(), '{payload}'::jsonb, 'received') on conflict do nothing
;
`

// payload is an event of 3 kB. A blank follows each colon: without, pgbench would take what follows for a variable.
func payload(id string) string {
	return fmt.Sprintf(`{"id": %q, "object": "event", "api_version": "2023-10-16", "created": 1795305600, "livemode": false, `+
		`"type": "checkout.session.completed", "data": {"object": {"id": "cs_bench", "object": "checkout.session", "padding": %q}}}`, id, strings.Repeat("x", 2800))
}

// signed is a request as Stripe sends it.
func (l *lab) signed(ctx context.Context, url, body string) (*http.Request, error) {
	at := strconv.FormatInt(l.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(at + "." + body))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/webhooks/stripe", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil)))
	return r, nil
}

// webhooks is W3: a webhook verified and stored with its job, over the same statements sent by pgbench; then the same event again.
func (l *lab) webhooks(ctx context.Context) error {
	p, err := l.start(ctx, "--no-work")
	if err != nil {
		return err
	}
	defer func() { _ = p.stop() }()
	sent := 0
	post := func(id func() string) func() (int, error) {
		return func() (int, error) {
			bodies := make([]string, l.Operations)
			for i := range bodies {
				bodies[i] = payload(id())
			}
			return send(ctx, l.Operations, http.StatusNoContent, func(i int) (*http.Request, error) { return l.signed(ctx, p.url, bodies[i]) })
		}
	}
	fresh := post(func() string { sent++; return "evt_bench_" + strconv.Itoa(sent) })
	again := post(func() string { return "evt_seen" })
	script := func(text string) func() (int, error) {
		return func() (int, error) {
			return l.pgbench(ctx, strings.ReplaceAll(text, "{payload}", payload("evt_raw")), l.Operations)
		}
	}
	for _, warm := range []func() (int, error){again, fresh} {
		if _, err := warm(); err != nil {
			return fmt.Errorf("send webhooks: %w", err)
		}
	}
	var ours, raw, oursAgain, rawAgain []cost
	for range l.Rounds {
		for _, side := range []struct {
			into *[]cost
			p    *program
			do   func() (int, error)
		}{{&raw, nil, script(webhookSQL)}, {&ours, p, fresh}, {&rawAgain, nil, script(duplicateSQL)}, {&oursAgain, p, again}} {
			c, err := l.measure(side.p, side.do)
			if err != nil {
				return fmt.Errorf("send webhooks: %w", err)
			}
			*side.into = append(*side.into, c)
		}
	}
	l.title("W3 a Stripe webhook of 3 kB: signature, event and job in one transaction")
	l.say("CPU per new event (pgbench)", microseconds(median(ours))+" ("+microseconds(median(raw))+")", "")
	l.say("ratio, new event", ratio(ours, raw), "≤ 1.6")
	l.say("CPU per event sent again (pgbench)", microseconds(median(oursAgain))+" ("+microseconds(median(rawAgain))+")", "")
	l.say("ratio, event sent again", ratio(oursAgain, rawAgain), "")
	l.say("new events a second, best round", fmt.Sprintf("%.0f", best(ours)), "1,000")
	return nil
}
