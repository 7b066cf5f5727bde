package stripepay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"tributary/domain/payment"
)

// tolerance is how old a signature may be, and how far ahead of our clock: stripe-go itself bounds only the past.
const tolerance = 5 * time.Minute

// ParseEvent verifies a webhook's body against each configured secret (old and new during a roll) and returns the event. It returns
// payment.ErrBadSignature for anything Stripe did not sign just now, and for an event without an id or of the other livemode.
func (g *Gateway) ParseEvent(body []byte, signature string) (payment.Event, error) {
	for _, secret := range g.secrets {
		// stripe-go reads the wall clock; the signature is checked without it and its time is bounded here, by ours.
		e, err := webhook.ConstructEventWithOptions(body, signature, secret, webhook.ConstructEventOptions{IgnoreTolerance: true, IgnoreAPIVersionMismatch: true})
		if err != nil {
			continue
		}
		signed, err := signedAt(signature)
		if err != nil {
			return payment.Event{}, err
		}
		now := g.now()
		if age := now.Sub(signed); age > tolerance || age < -tolerance {
			return payment.Event{}, fmt.Errorf("signature is %s old: %w", age.Round(time.Second), payment.ErrBadSignature)
		}
		if !strings.HasPrefix(e.ID, "evt_") || e.Livemode != g.live {
			return payment.Event{}, fmt.Errorf("event without an id or of the other mode: %w", payment.ErrBadSignature)
		}
		return g.event(&e, body)
	}
	return payment.Event{}, fmt.Errorf("no secret fits: %w", payment.ErrBadSignature)
}

// signedAt is the time a signature names. It must name one only: of several, stripe-go would check another than we.
func signedAt(header string) (time.Time, error) {
	var times []int64
	for part := range strings.SplitSeq(header, ",") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), "t="); ok {
			s, err := strconv.ParseInt(v, 10, 64)
			if err != nil {
				return time.Time{}, fmt.Errorf("signature with a strange time: %w", payment.ErrBadSignature)
			}
			times = append(times, s)
		}
	}
	if len(times) != 1 {
		return time.Time{}, fmt.Errorf("signature with %d times: %w", len(times), payment.ErrBadSignature)
	}
	return unix(times[0]), nil
}

func (g *Gateway) event(e *stripe.Event, body []byte) (payment.Event, error) {
	out := payment.Event{
		EventID: e.ID, Account: e.Account, Type: string(e.Type), APIVersion: e.APIVersion, Livemode: e.Livemode,
		Created: unix(e.Created), ReceivedAt: g.now(), Payload: storable(body), State: payment.EventReceived,
	}
	if e.Data == nil {
		return payment.Event{}, fmt.Errorf("event without data: %w", payment.ErrBadSignature)
	}
	// Only the id is read: an event of another API version may have another shape.
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(e.Data.Raw, &object); err != nil {
		return payment.Event{}, fmt.Errorf("event without an object: %w", payment.ErrBadSignature)
	}
	out.ObjectID = object.ID
	return out, nil
}

// storable replaces the one character that JSON knows and PostgreSQL does not; nobody reads an event's payload but people.
func storable(body []byte) []byte {
	return bytes.ReplaceAll(body, []byte(`\u0000`), []byte(`\ufffd`))
}

// EventTypes are the types we ask for; webhook endpoints subscribe to them and the sweep lists them (Stripe allows 20 a call). One of each
// change is enough: a paid page is told by its session, so the intent's and the charge's own success are not asked for; nor is a setup's,
// which its page tells.
var EventTypes = []string{
	"checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"payment_intent.payment_failed", "payment_intent.canceled", "charge.updated", "charge.refunded", "charge.refund.updated",
	"payout.created", "payout.updated", "payout.paid", "payout.failed", "payout.canceled",
	"payment_method.automatically_updated", "payment_method.detached",
}

// EventsSince lists the events of an account created at or after since, newest first, and hands each to fn until it returns an error.
func (g *Gateway) EventsSince(ctx context.Context, account string, since time.Time, fn func(payment.Event) error) error {
	common, err := g.params(ctx, account, "")
	if err != nil {
		return err
	}
	in := &stripe.EventListParams{Types: stripe.StringSlice(EventTypes), CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()}}
	in.Context, in.StripeAccount = common.Context, common.StripeAccount
	in.Limit = stripe.Int64(100)
	it := g.api.Events.List(in)
	for it.Next() {
		e := it.Event()
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("keep event %s: %w", e.ID, err)
		}
		out, err := g.event(e, body)
		if err != nil {
			return err
		}
		out.Account = account // a listed event does not name the account it was asked of
		if err := fn(out); err != nil {
			return err
		}
	}
	return classify("list events", it.Err())
}
