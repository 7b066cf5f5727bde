package stripesandbox_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"tributary/app/platform/stripesandbox"
)

func stripePayment() stripesandbox.Payment {
	return stripesandbox.Payment{Card: "4242424242424242", Email: "jo@example.org", Name: "Jo Rivers"}
}

func (w *world) inject(f stripesandbox.Fault) {
	w.t.Helper()
	_, err := w.box.Inject(f)
	require.NoError(w.t, err)
}

var intentEvents = []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}

func TestAnUnacceptedEventIsTriedAgainWithBackOff(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	w.receiver.answer(http.StatusServiceUnavailable)
	w.paidIntent(2000, "visa")
	w.drain()
	undelivered := w.stripe.Events.List(&stripe.EventListParams{DeliverySuccess: stripe.Bool(false)})
	require.True(t, undelivered.Next())
	require.EqualValues(t, 1, undelivered.Event().PendingWebhooks)

	w.receiver.answer(http.StatusOK)
	w.drain()
	require.Empty(t, w.receiver.take(), "the next attempt is not due yet")
	w.clock.Add(time.Second)
	w.drain()
	require.Equal(t, intentEvents, w.receiver.take())
	w.clock.Add(time.Hour)
	w.drain()
	require.Equal(t, []string{"charge.updated"}, w.receiver.take(), "only the fee is news")
	delivered := w.stripe.Events.List(&stripe.EventListParams{DeliverySuccess: stripe.Bool(true), Types: stripe.StringSlice([]string{"charge.succeeded"})})
	require.True(t, delivered.Next())
	require.Zero(t, delivered.Event().PendingWebhooks)
}

func TestDeliveryIsGivenUpAfterThreeDaysAndReplayedByHand(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.listen()
	w.receiver.answer(http.StatusServiceUnavailable)
	w.paidIntent(2000, "visa")
	for range 12 {
		w.drain()
		w.clock.Add(25 * time.Hour)
	}
	events := w.box.Events("")
	require.Equal(t, stripesandbox.DeliveryFailed, events[0].Deliveries[0].State)
	require.Equal(t, 11, events[0].Deliveries[0].Attempts)
	w.receiver.answer(http.StatusOK)
	w.drain()
	require.Empty(t, w.receiver.take())
	require.NoError(t, w.box.Replay(events[0].ID))
	w.drain()
	require.Equal(t, []string{"payment_intent.created"}, w.receiver.take())
	require.Error(t, w.box.Replay("evt_none"))
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	t.Run("drop", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.listen()
		w.inject(stripesandbox.Fault{Kind: stripesandbox.FaultDrop, Match: "charge.*"})
		w.paidIntent(2000, "visa")
		w.drain()
		require.Equal(t, []string{"payment_intent.created", "payment_intent.succeeded"}, w.receiver.take())
		w.clock.Add(100 * time.Hour)
		w.drain()
		require.NotContains(t, w.receiver.take(), "charge.succeeded", "a dropped event never comes")
		lost := w.stripe.Events.List(&stripe.EventListParams{DeliverySuccess: stripe.Bool(false)})
		require.True(t, lost.Next())
		require.Equal(t, stripe.EventTypeChargeSucceeded, lost.Event().Type)
	})
	t.Run("delay", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.listen()
		w.inject(stripesandbox.Fault{Kind: stripesandbox.FaultDelay, Delay: time.Minute, Match: "payment_intent.created"})
		w.paidIntent(2000, "visa")
		w.drain()
		require.Equal(t, intentEvents[1:], w.receiver.take())
		w.box.AdvanceClock(time.Minute)
		w.drain()
		require.Contains(t, w.receiver.take(), "payment_intent.created")
	})
	t.Run("duplicate", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.listen()
		w.inject(stripesandbox.Fault{Kind: stripesandbox.FaultDuplicate, Count: 2})
		w.paidIntent(2000, "visa")
		w.drain()
		require.Equal(t, []string{"payment_intent.created", "payment_intent.created", "charge.succeeded", "charge.succeeded", "payment_intent.succeeded"}, w.receiver.take())
	})
	t.Run("reorder", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.listen()
		w.inject(stripesandbox.Fault{Kind: stripesandbox.FaultReorder, Count: 3})
		w.paidIntent(2000, "visa")
		w.drain()
		require.Equal(t, []string{"payment_intent.succeeded", "charge.succeeded", "payment_intent.created"}, w.receiver.take())
	})
	t.Run("pause", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.listen()
		w.box.PauseWebhooks(true)
		w.paidIntent(2000, "visa")
		w.drain()
		require.Empty(t, w.receiver.take())
		w.box.PauseWebhooks(false)
		w.drain()
		require.Equal(t, intentEvents, w.receiver.take())
	})
}

func TestARolledSecretSignsTwiceUntilTheOldOneEnds(t *testing.T) {
	t.Parallel()
	w := start(t)
	endpoint := w.listen()
	w.paidIntent(2000, "visa")
	event := w.box.Events("")[0].ID
	secret, err := w.box.RollSecret(endpoint.ID, time.Hour)
	require.NoError(t, err)
	body, signature, err := w.box.Sign(event, endpoint.ID)
	require.NoError(t, err)
	for _, valid := range []string{secret, endpoint.Secret} {
		_, err = webhook.ConstructEvent(body, signature, valid)
		require.NoError(t, err)
	}
	w.clock.Add(2 * time.Hour)
	body, signature, err = w.box.Sign(event, endpoint.ID)
	require.NoError(t, err)
	_, err = webhook.ConstructEvent(body, signature, endpoint.Secret)
	require.ErrorIs(t, err, webhook.ErrNoValidSignature)
	_, err = w.box.RollSecret("we_none", time.Hour)
	require.Error(t, err)
}

func TestEndpointsAreManagedByTheAPI(t *testing.T) {
	t.Parallel()
	w := start(t)
	made, err := w.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{
		URL: stripe.String(w.receiver.URL), EnabledEvents: stripe.StringSlice([]string{"charge.succeeded"}), APIVersion: stripe.String("2023-10-16"),
	})
	require.NoError(t, err)
	require.Regexp(t, "^whsec_", made.Secret)
	w.receiver.secret = made.Secret
	got, err := w.stripe.WebhookEndpoints.Get(made.ID, nil)
	require.NoError(t, err)
	require.Empty(t, got.Secret, "the secret is shown once")
	w.paidIntent(2000, "visa")
	w.drain()
	require.Equal(t, []string{"charge.succeeded"}, w.receiver.take())

	disabled, err := w.stripe.WebhookEndpoints.Update(made.ID, &stripe.WebhookEndpointParams{Disabled: stripe.Bool(true)})
	require.NoError(t, err)
	require.Equal(t, "disabled", disabled.Status)
	w.paidIntent(2000, "visa")
	w.drain()
	require.Empty(t, w.receiver.take())
	_, err = w.stripe.WebhookEndpoints.Del(made.ID, nil)
	require.NoError(t, err)
	require.False(t, w.stripe.WebhookEndpoints.List(nil).Next())
	_, err = w.stripe.WebhookEndpoints.New(&stripe.WebhookEndpointParams{URL: stripe.String("/hook"), EnabledEvents: stripe.StringSlice([]string{"*"})})
	requireStripeError(t, err, http.StatusBadRequest)
}

func TestAnEndpointOfAnotherVersionGetsItsVersionsName(t *testing.T) {
	t.Parallel()
	w := start(t)
	endpoint, err := w.box.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.receiver.URL, Secret: w.receiver.secret, APIVersion: "2020-08-27"})
	require.NoError(t, err)
	again, err := w.box.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.receiver.URL, APIVersion: "2024-09-30.acacia"})
	require.NoError(t, err)
	require.Equal(t, endpoint.ID, again.ID, "registering the same URL changes the endpoint")
	require.Equal(t, w.receiver.secret, again.Secret)
	require.Len(t, w.box.Endpoints(), 1)
	w.paidIntent(2000, "visa")
	body, _, err := w.box.Sign(w.box.Events("")[0].ID, endpoint.ID)
	require.NoError(t, err)
	require.Contains(t, string(body), `"api_version":"2024-09-30.acacia"`)
	_, err = w.box.RegisterEndpoint(stripesandbox.EndpointInput{URL: "hook"})
	require.Error(t, err)
}

func TestEventsAreListedForThirtyDays(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.paidIntent(2000, "visa")
	checkpoint := w.clock.Now().Unix()
	w.clock.Add(time.Hour)
	w.paidIntent(3000, "visa")
	count := func(params *stripe.EventListParams) (n int) {
		iter := w.stripe.Events.List(params)
		for iter.Next() {
			n++
		}
		require.NoError(t, iter.Err())
		return n
	}
	require.Equal(t, 7, count(&stripe.EventListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(2)}}), "with the fee of the first charge")
	require.Equal(t, 4, count(&stripe.EventListParams{CreatedRange: &stripe.RangeQueryParams{GreaterThan: checkpoint}}))
	require.Equal(t, 2, count(&stripe.EventListParams{Types: stripe.StringSlice([]string{"charge.succeeded"})}))
	require.Equal(t, 3, count(&stripe.EventListParams{Type: stripe.String("charge.*")}))
	iter := w.stripe.Events.List(nil)
	require.True(t, iter.Next())
	event, err := w.stripe.Events.Get(iter.Event().ID, nil)
	require.NoError(t, err)
	require.NotEmpty(t, event.Data.Object["id"])
	w.clock.Add(31 * 24 * time.Hour)
	w.box.Sweep()
	require.Equal(t, 0, count(&stripe.EventListParams{Types: stripe.StringSlice([]string{"charge.succeeded"})}))
}

func TestOneDeliveryByHandAndItsRequest(t *testing.T) {
	t.Parallel()
	w := start(t)
	endpoint := w.listen()
	params := intentParams(2000, "usd")
	params.IdempotencyKey = stripe.String("pi:1")
	pi, err := w.stripe.PaymentIntents.New(params)
	require.NoError(t, err)
	event := w.box.Events("")[0]
	require.Equal(t, pi.LastResponse.RequestID, *event.Request.ID)
	require.Equal(t, "pi:1", *event.Request.IdempotencyKey)
	status, err := w.box.Deliver(t.Context(), event.ID, endpoint.ID)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, []string{"payment_intent.created"}, w.receiver.take())
	_, err = w.box.Deliver(t.Context(), "evt_none", endpoint.ID)
	require.Error(t, err)
}

func TestTheBackgroundWorkDeliversByItself(t *testing.T) {
	t.Parallel()
	got := make(chan string, 10)
	w := start(t)
	box, err := stripesandbox.New(stripesandbox.Options{Now: time.Now, FeeDelay: time.Millisecond, HTTPClient: &http.Client{Transport: recordType(got)}})
	require.NoError(t, err)
	_, err = box.RegisterEndpoint(stripesandbox.EndpointInput{URL: w.receiver.URL, Events: []string{"charge.succeeded", "charge.updated"}})
	require.NoError(t, err)
	server := &world{t: t, box: box}
	server.server = newServer(t, box)
	server.stripe = server.client(apiKey, nil)
	server.paidIntent(2000, "visa")
	require.Equal(t, "charge.succeeded", <-got)
	require.Equal(t, "charge.updated", <-got)
	require.NoError(t, box.Close())
}
