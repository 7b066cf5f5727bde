package stripepay_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/app/platform/stripesandbox/stripecheck"
	"tributary/domain/money"
	"tributary/domain/payment"
)

// clock is a clock that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// shop is a gateway that speaks to a sandbox; each of its calls is checked against Stripe's own description of the API.
type shop struct {
	*stripepay.Gateway

	t     *testing.T
	box   *stripesandbox.Sandbox
	clock *clock
}

func open(t *testing.T) *shop {
	t.Helper()
	c := &clock{now: now}
	box, err := stripesandbox.New(stripesandbox.Options{Now: c.Now, Manual: true})
	require.NoError(t, err)
	server := httptest.NewServer(box.Handler())
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, box.Close())
	})
	g := gateway(t, func(config *stripepay.Config) {
		config.BaseURL, config.Now, config.PerSecond = server.URL, c.Now, 1000
		config.HTTPClient = &http.Client{Transport: stripecheck.Transport(t, nil)}
	})
	return &shop{Gateway: g, t: t, box: box, clock: c}
}

func (s *shop) checkoutParams(amount int64) payment.CheckoutParams {
	return payment.CheckoutParams{
		Lines:      []payment.CheckoutLine{{Name: "Gift to the library", Amount: money.New(amount, "USD")}},
		SuccessURL: "https://give.example.org/thanks", CancelURL: "https://give.example.org/page", DonationID: "d1",
		CustomerEmail: "jo@example.org", ExpiresAt: s.clock.Now().Add(31 * time.Minute).Unix(), Metadata: map[string]string{"donation": "d1"},
	}
}

func (s *shop) setupParams() payment.SetupParams {
	return payment.SetupParams{
		CustomerEmail: "jo@example.org", SuccessURL: "https://give.example.org/saved", CancelURL: "https://give.example.org/page",
		ExpiresAt: s.clock.Now().Add(31 * time.Minute).Unix(), Currency: "USD", Metadata: map[string]string{"setup": "s1"},
	}
}

// save keeps a card by a page and returns it as the gateway tells it.
func (s *shop) save(number string) payment.SavedMethod {
	s.t.Helper()
	page, err := s.CreateSetup(s.t.Context(), "", "setup:"+number, s.setupParams())
	require.NoError(s.t, err)
	_, err = s.box.SaveCard(page.ID, stripesandbox.Payment{Card: number, Email: "jo@example.org", Name: "Jo Rivers"})
	require.NoError(s.t, err)
	done, err := s.Session(s.t.Context(), "", page.ID)
	require.NoError(s.t, err)
	require.NotNil(s.t, done.Setup.Method)
	return *done.Setup.Method
}

func chargeOf(card payment.SavedMethod, amount int64) payment.ChargeParams {
	return payment.ChargeParams{
		Amount: money.New(amount, "USD"), CustomerID: card.CustomerID, PaymentMethodID: card.ID, Description: "Monthly gift",
		Metadata: map[string]string{"instalment": "i1", "attempt": "1"},
	}
}
