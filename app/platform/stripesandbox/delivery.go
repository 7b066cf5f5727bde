package stripesandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// backOff is the wait after each failed attempt; after the last one Stripe, too, gives up: three days.
var backOff = []time.Duration{
	time.Second, 5 * time.Second, 30 * time.Second, 5 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// attempt is one delivery about to be made.
type attempt struct {
	event    *Event
	delivery *Delivery
	copies   int
}

// outgoing is a signed webhook request, ready to be sent any number of times.
type outgoing struct {
	url, signature string
	body           []byte
}

// deliverDue makes the attempts that are due until none is left and returns how long to wait for the next one.
func (s *Sandbox) deliverDue(ctx context.Context) time.Duration {
	s.delivering.Lock()
	defer s.delivering.Unlock()
	for ctx.Err() == nil {
		attempts, wait := s.dueAttempts()
		if len(attempts) == 0 {
			return wait
		}
		for _, a := range attempts {
			if ctx.Err() != nil {
				break // unsent stays due
			}
			s.attempt(ctx, a)
		}
	}
	return 0
}

// DrainWebhooks makes every attempt that is due by the sandbox's clock, also those that the receivers' own requests cause, and returns when
// none is left. Failed ones wait for their back-off: see AdvanceClock.
func (s *Sandbox) DrainWebhooks(ctx context.Context) error {
	s.deliverDue(ctx)
	return ctx.Err()
}

// dueAttempts takes what is due, oldest first, and lets the faults at it.
func (s *Sandbox) dueAttempts() ([]attempt, time.Duration) {
	var attempts []attempt
	wait := time.Hour
	_ = s.update(func(t *tx) error { // a write error is logged there; the attempt is made all the same
		if s.faults.paused {
			return nil
		}
		for _, event := range t.db.unsent {
			owed := false
			for _, d := range event.Deliveries {
				if d.State != DeliveryPending {
					continue
				}
				owed = true
				if in := time.UnixMilli(d.NextAt).Sub(t.now); in > 0 {
					wait = min(wait, in)
					continue
				}
				attempts = append(attempts, attempt{event: event, delivery: d, copies: 1})
			}
			if !owed {
				delete(t.db.unsent, event.ID)
			}
		}
		slices.SortFunc(attempts, func(a, b attempt) int {
			return cmp.Or(cmp.Compare(a.delivery.NextAt, b.delivery.NextAt), cmp.Compare(a.event.Seq, b.event.Seq))
		})
		attempts = s.faults.disturb(t, attempts)
		attempts = slices.DeleteFunc(attempts, func(a attempt) bool { return !t.prepare(a.event, a.delivery.Endpoint) })
		return nil
	})
	return attempts, wait
}

// prepare gives up on a delivery whose endpoint is gone or disabled.
func (t *tx) prepare(event *Event, endpointID string) bool {
	if endpoint, ok := t.db.byID[endpointID].(*Endpoint); ok && endpoint.Status == "enabled" {
		return true
	}
	event.Deliveries = slices.DeleteFunc(event.Deliveries, func(d *Delivery) bool { return d.Endpoint == endpointID })
	t.save(event)
	return false
}

// sign renders the event for an endpoint, in its API version's name, and signs it with each valid secret.
func (t *tx) sign(event *Event, endpoint *Endpoint) outgoing {
	o := t.render(event)
	if endpoint.APIVersion != nil {
		o["api_version"] = *endpoint.APIVersion
	}
	body := encode(o)
	at := strconv.FormatInt(t.s.opts.SignedAt().Unix(), 10)
	signature := "t=" + at + ",v1=" + mac(endpoint.Secret, at, body)
	if endpoint.OldSecret != "" && t.now.Unix() < endpoint.OldUntil {
		signature += ",v1=" + mac(endpoint.OldSecret, at, body)
	}
	return outgoing{url: endpoint.URL, signature: signature, body: body}
}

func mac(secret, at string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(at + "."))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// post sends the request once and returns the status, 0 when nothing came back.
func (o outgoing) post(ctx context.Context, client *http.Client) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(o.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	r.Header.Set("Stripe-Signature", o.signature)
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close() //nolint:errcheck // only drained so that the connection is used again
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16))
	return response.StatusCode, nil
}

func (s *Sandbox) attempt(ctx context.Context, a attempt) {
	var request outgoing
	known := false
	_ = s.update(func(t *tx) error { // the body is made now: of a long queue each would else wait with its whole text
		if known = t.prepare(a.event, a.delivery.Endpoint); known {
			request = t.sign(a.event, must[*Endpoint](t, a.delivery.Endpoint))
		}
		return nil
	})
	if !known {
		return
	}
	status := 0
	for range a.copies {
		got, err := request.post(ctx, s.opts.HTTPClient)
		if err != nil && ctx.Err() != nil {
			return // stopped by us: the attempt does not count
		}
		status = got
	}
	_ = s.update(func(t *tx) error { // a write error is logged there; at worst the event is sent again
		a.delivery.Attempts++
		a.delivery.LastStatus = status
		switch {
		case status >= 200 && status < 300:
			a.delivery.State = DeliveryDelivered
		case a.delivery.Attempts > len(backOff):
			a.delivery.State = DeliveryFailed
		default:
			a.delivery.NextAt = t.now.Add(backOff[a.delivery.Attempts-1]).UnixMilli()
			s.opts.Logger.Warn("stripe sandbox webhook not accepted", slog.String("event_id", a.event.ID), slog.String("type", a.event.Type),
				slog.Int("status", status), slog.Int("attempt", a.delivery.Attempts))
		}
		t.save(a.event)
		return nil
	})
}
