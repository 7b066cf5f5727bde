package stripepay_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripepay"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/payment"
)

var jo = stripesandbox.Payment{Card: "4242424242424242", Email: "jo@example.org", Name: "Jo Rivers", ExpMonth: 7, ExpYear: 2031}

func TestAPaymentKeepsItsCardWhenAsked(t *testing.T) {
	t.Parallel()
	s := open(t)
	params := s.checkoutParams(2500)
	params.SaveCard = true
	page, err := s.CreateCheckout(t.Context(), "", "cs:d1:1", params)
	require.NoError(t, err)
	require.Nil(t, page.Intent)
	require.Nil(t, page.Setup)
	_, err = s.box.PaySession(page.ID, jo)
	require.NoError(t, err)

	paid, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.True(t, paid.Paid)
	require.Nil(t, paid.Setup)
	saved := paid.Intent.Saved
	require.NotNil(t, saved)
	require.NotEmpty(t, saved.CustomerID)
	require.Equal(t, payment.SavedMethod{ID: saved.ID, CustomerID: saved.CustomerID, Brand: "visa", Last4: "4242", ExpMonth: 7, ExpYear: 2031}, *saved)
	intent, err := s.Intent(t.Context(), "", paid.Intent.ID)
	require.NoError(t, err)
	require.Equal(t, saved, intent.Saved)
	require.Equal(t, now, intent.CreatedAt)

	charged, err := s.ChargeSaved(t.Context(), "", "inst:1:a1", chargeOf(*saved, 2500))
	require.NoError(t, err)
	require.Equal(t, "succeeded", charged.Status)
	require.Nil(t, charged.Saved, "a later charge keeps nothing anew")

	require.NoError(t, s.box.DetachCard(saved.ID))
	later, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.True(t, later.Intent.Saved.Detached)
	require.Equal(t, saved.CustomerID, later.Intent.Saved.CustomerID)
}

func TestAPaymentKeepsNothingUnasked(t *testing.T) {
	t.Parallel()
	s := open(t)
	page, err := s.CreateCheckout(t.Context(), "", "cs:d1:1", s.checkoutParams(2500))
	require.NoError(t, err)
	_, err = s.box.PaySession(page.ID, jo)
	require.NoError(t, err)
	paid, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.Equal(t, "succeeded", paid.Intent.Status)
	require.Nil(t, paid.Intent.Saved)
}

func TestAKnownCustomerPaysAgain(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	params := s.checkoutParams(2500)
	params.CustomerID, params.SaveCard = card.CustomerID, true
	page, err := s.CreateCheckout(t.Context(), "", "cs:d1:1", params)
	require.NoError(t, err)
	_, err = s.box.PaySession(page.ID, stripesandbox.Payment{Card: "5555555555554444", Email: "jo@example.org", Name: "Jo Rivers"})
	require.NoError(t, err)
	paid, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.Equal(t, card.CustomerID, paid.Intent.Saved.CustomerID)
	require.Equal(t, "4444", paid.Intent.Saved.Last4)
	require.NotEqual(t, card.ID, paid.Intent.Saved.ID)
}

func TestAPageSavesACard(t *testing.T) {
	t.Parallel()
	s := open(t)
	params := s.setupParams()
	page, err := s.CreateSetup(t.Context(), "", "setup:1", params)
	require.NoError(t, err)
	require.NotEmpty(t, page.URL)
	require.Equal(t, payment.SessionOpen, page.Status)
	require.Equal(t, time.Unix(params.ExpiresAt, 0).UTC(), page.ExpiresAt)
	require.Equal(t, params.Metadata, page.Metadata)
	require.Equal(t, "requires_payment_method", page.Setup.Status)
	same, err := s.CreateSetup(t.Context(), "", "setup:1", params)
	require.NoError(t, err)
	require.Equal(t, page, same, "the same key and parameters give the same page")

	_, err = s.box.SaveCard(page.ID, stripesandbox.Payment{Card: "4000000000000002", Email: "jo@example.org", Name: "Jo Rivers"})
	require.Error(t, err)
	declined, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.Equal(t, payment.SessionOpen, declined.Status)
	require.Nil(t, declined.Setup.Method)

	_, err = s.box.SaveCard(page.ID, jo)
	require.NoError(t, err)
	done, err := s.Session(t.Context(), "", page.ID)
	require.NoError(t, err)
	require.Equal(t, payment.SessionComplete, done.Status)
	require.False(t, done.Paid)
	require.Nil(t, done.Intent)
	require.Equal(t, "succeeded", done.Setup.Status)
	require.Equal(t, payment.SavedMethod{
		ID: done.Setup.Method.ID, CustomerID: done.Setup.Method.CustomerID, Brand: "visa", Last4: "4242", ExpMonth: 7, ExpYear: 2031,
	}, *done.Setup.Method)

	other := s.setupParams()
	other.CustomerID, other.CustomerEmail = done.Setup.Method.CustomerID, "" // a second card of the same person
	second, err := s.CreateSetup(t.Context(), "", "setup:2", other)
	require.NoError(t, err)
	_, err = s.box.SaveCard(second.ID, stripesandbox.Payment{Card: "5555555555554444", Name: "Jo Rivers"})
	require.NoError(t, err)
	both, err := s.Session(t.Context(), "", second.ID)
	require.NoError(t, err)
	require.Equal(t, done.Setup.Method.CustomerID, both.Setup.Method.CustomerID)
}

func TestASavedCardIsToldAsItIsNow(t *testing.T) {
	t.Parallel()
	s := open(t)
	card := s.save("4242424242424242")
	told, err := s.SavedMethod(t.Context(), "", card.ID)
	require.NoError(t, err)
	require.Equal(t, card, told)
	require.NoError(t, s.box.UpdateCard(card.ID, "5555555555554444", 9, 2032))
	told, err = s.SavedMethod(t.Context(), "", card.ID)
	require.NoError(t, err)
	require.Equal(t, payment.SavedMethod{ID: card.ID, CustomerID: card.CustomerID, Brand: "mastercard", Last4: "4444", ExpMonth: 9, ExpYear: 2032}, told)
	require.NoError(t, s.box.DetachCard(card.ID))
	told, err = s.SavedMethod(t.Context(), "", card.ID)
	require.NoError(t, err)
	require.True(t, told.Detached)
	require.Empty(t, told.CustomerID)
	_, err = s.SavedMethod(t.Context(), "", "pm_none")
	require.ErrorIs(t, err, payment.ErrUnknownObject)
}

func TestAPageThatIsOverIsToldAsItEnded(t *testing.T) {
	t.Parallel()
	s := open(t)
	open1, err := s.CreateCheckout(t.Context(), "", "cs:d1:1", s.checkoutParams(2500))
	require.NoError(t, err)
	for range 2 { // the second finds it over
		over, err := s.ExpireCheckout(t.Context(), "", open1.ID)
		require.NoError(t, err)
		require.Equal(t, payment.SessionExpired, over.Status)
		require.False(t, over.Paid)
	}
	paid, err := s.CreateCheckout(t.Context(), "", "cs:d1:2", s.checkoutParams(2500))
	require.NoError(t, err)
	_, err = s.box.PaySession(paid.ID, jo)
	require.NoError(t, err)
	won, err := s.ExpireCheckout(t.Context(), "", paid.ID)
	require.NoError(t, err)
	require.True(t, won.Paid, "money wins")
	require.Equal(t, int64(2500), won.Intent.Charge.Amount.Minor)

	setup, err := s.CreateSetup(t.Context(), "", "setup:1", s.setupParams())
	require.NoError(t, err)
	over, err := s.ExpireCheckout(t.Context(), "", setup.ID)
	require.NoError(t, err)
	require.Equal(t, "canceled", over.Setup.Status)
	_, err = s.ExpireCheckout(t.Context(), "", "cs_none")
	require.ErrorIs(t, err, payment.ErrUnknownObject)
}

func TestChangesOfSavedCardsAreListed(t *testing.T) {
	t.Parallel()
	require.LessOrEqual(t, len(stripepay.EventTypes), 20, "Stripe lists at most twenty types in a call")
	s := open(t)
	card := s.save("4242424242424242")
	require.NoError(t, s.box.UpdateCard(card.ID, "5555555555554444", 9, 2032))
	require.NoError(t, s.box.DetachCard(card.ID))
	var types []string
	require.NoError(t, s.EventsSince(t.Context(), "", now.Add(-time.Hour), func(e payment.Event) error {
		types = append(types, e.Type)
		if e.Type != "checkout.session.completed" {
			require.Equal(t, card.ID, e.ObjectID)
		}
		return nil
	}))
	require.Equal(t, []string{"payment_method.detached", "payment_method.automatically_updated", "checkout.session.completed"}, types)
}
