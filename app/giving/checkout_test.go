package giving_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/stripesandbox"
	"tributary/domain/campaign"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/payment"
)

func TestAGiftIsPaidBookedAndReceipted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	require.True(t, strings.HasPrefix(started.RedirectURL, "https://checkout.example.org/"), started.RedirectURL)
	require.Equal(t, donation.AwaitingPayment, w.find(started.DonationID).Status)
	require.Empty(t, w.balances(), "nothing is booked before the money came")

	w.pay(session, visa)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.Succeeded, d.Status)
	require.NotNil(t, d.PersonID)
	require.Equal(t, "2026-11-22", d.ReceivedOn.String())
	require.Equal(t, map[string]int64{"stripe_clearing": 5000, "income": -5000}, w.balances())
	require.Equal(t, 1, w.receipts.asked[d.ID.UUID])

	w.later(2 * time.Minute) // now Stripe knows its fee
	require.Equal(t, map[string]int64{"stripe_clearing": 4825, "income": -5000, "processing_fees": 175}, w.balances())
	require.Equal(t, w.stripeBalance(), w.balances()["stripe_clearing"])
	require.Equal(t, 1, w.receipts.asked[d.ID.UUID], "a fee changes no receipt")
}

func TestTheCoverIsClosedAgainstTheTrueFee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given(func(r *donation.CheckoutRequest) { r.Amount, r.CoverFee = money.New(10_000, "USD"), true })
	d := w.find(started.DonationID)
	require.Equal(t, money.New(330, "USD"), d.Cover())
	require.Equal(t, map[string]int64{"stripe_clearing": 10_330, "income": -10_000, "fee_cover": -330}, w.balances())
	w.later(2 * time.Minute)
	require.Equal(t, map[string]int64{"stripe_clearing": 10_000, "income": -10_000}, w.balances())
}

func TestTheSameFormSentTwiceIsOneGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	const clicks = 8
	results := make([]donation.CheckoutStarted, clicks)
	errs := make([]error, clicks)
	var group sync.WaitGroup
	for i := range clicks {
		group.Go(func() { results[i], errs[i] = w.giving.StartCheckout(t.Context(), form) })
	}
	group.Wait()
	for i := range clicks {
		require.NoError(t, errs[i])
		require.Equal(t, results[0], results[i])
	}
	require.Equal(t, 1, w.count("donations"))
	require.Len(t, w.sandbox.Sessions(""), 1)
}

func TestTheSameFormWithAnotherAmountIsAnotherGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	first, _ := w.start(form)
	form.Amount = money.New(10_000, "USD")
	second, _ := w.start(form)
	require.NotEqual(t, first.DonationID, second.DonationID)
	require.Equal(t, int64(10_000), w.find(second.DonationID).Amount.Minor)
}

func TestAPaidFormLeadsToItsThanks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	started, session := w.start(form)
	w.pay(session, visa)
	w.settle()
	again, err := w.giving.StartCheckout(t.Context(), form)
	require.NoError(t, err)
	require.Equal(t, "https://give.example.org/give/riverbend/library/thanks/"+started.Reference, again.RedirectURL)
	require.Equal(t, 1, w.count("donations"))
}

func TestADeclinedCardLeavesThePageOpenForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: declined})
	require.Error(t, err)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.AwaitingPayment, d.Status)
	require.Equal(t, "generic_decline", d.Attempts[0].DeclineCode)
	require.Empty(t, w.balances())
	w.pay(session, visa)
	w.settle()
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, int64(-5000), w.balances()["income"])
}

func TestThreeDSecure(t *testing.T) {
	t.Parallel()
	for _, passed := range []bool{true, false} {
		w := newWorld(t)
		started, session := w.start(w.form())
		intent, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: "4000002760003184"})
		require.NoError(t, err)
		err = w.sandbox.Authenticate(intent.ID, passed)
		require.Equal(t, passed, err == nil, err)
		w.settle()
		d := w.find(started.DonationID)
		if passed {
			require.Equal(t, donation.Succeeded, d.Status)
			continue
		}
		require.Equal(t, donation.AwaitingPayment, d.Status)
		w.pay(session, visa)
		w.settle()
		require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
		require.Equal(t, int64(-5000), w.balances()["income"], "one gift, whatever it took")
	}
}

func TestAnAbandonedPageExpiresAndCanBeOpenedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.form()
	started, first := w.start(form)
	w.later(time.Hour)
	require.Equal(t, donation.Expired, w.find(started.DonationID).Status)

	again, second := w.start(form)
	require.Equal(t, started.DonationID, again.DonationID, "the same form is the same gift")
	require.NotEqual(t, first, second)
	w.pay(second, visa)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Len(t, d.Attempts, 2)
}

func TestALateExpiryDoesNotUndoAGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	before := w.balances()
	w.later(2 * time.Hour)
	for _, e := range w.sandbox.Events("") {
		require.NoError(t, w.sandbox.Replay(e.ID))
	}
	w.settle()
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Equal(t, before["income"], w.balances()["income"])
}

func TestStripeDownLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 503, Count: 10, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	form := w.form()
	_, err = w.giving.StartCheckout(t.Context(), form)
	require.ErrorIs(t, err, payment.ErrUnavailable)
	require.Equal(t, 1, w.count("donations"), "what was typed is kept")
	w.sandbox.ClearFaults(0)

	for _, pause := range []time.Duration{0, 5 * time.Minute} { // within the time the stored request is good for, and after
		w.clock.Advance(pause)
		started, session := w.start(form)
		require.NotEmpty(t, session)
		require.Equal(t, donation.AwaitingPayment, w.find(started.DonationID).Status)
	}
	require.Equal(t, 1, w.count("donations"))
}

func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultReset, Count: 1, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	_, session := w.start(w.form()) // stripe-go sends the same key again after the reset
	require.NotEmpty(t, session)
	require.Len(t, w.sandbox.Sessions(""), 1)
}

func TestAnUnansweredGiftExpiresInTheSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 503, Count: 10, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	_, err = w.giving.StartCheckout(t.Context(), w.form())
	require.ErrorIs(t, err, payment.ErrUnavailable)
	w.clock.Advance(time.Hour)
	w.sandbox.ClearFaults(0)
	require.NoError(t, w.giving.Sweep(t.Context()))
	w.settle()
	lines, err := w.giving.List(w.owner, filterAll())
	require.NoError(t, err)
	require.Equal(t, donation.Expired, lines[0].Status)
}

func TestCheckoutRefusesBadForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct {
		name   string
		change func(*donation.CheckoutRequest)
		field  string
		code   string
	}{
		{"nothing", func(r *donation.CheckoutRequest) { r.Amount.Minor = 0 }, "amount", "amount.too_small"},
		{"less than nothing", func(r *donation.CheckoutRequest) { r.Amount.Minor = -500 }, "amount", "amount.too_small"},
		{"49 cents", func(r *donation.CheckoutRequest) { r.Amount.Minor = 49 }, "amount", "amount.too_small"},
		{"a hundred million cents", func(r *donation.CheckoutRequest) { r.Amount.Minor = 100_000_000 }, "amount", "amount.too_large"},
		{"a cover that passes the limit", func(r *donation.CheckoutRequest) { r.Amount.Minor, r.CoverFee = 99_999_999, true }, "amount", "amount.too_large"},
		{"an unknown currency", func(r *donation.CheckoutRequest) { r.Amount.Currency = "XXX" }, "amount", "currency.unknown"},
		{"another currency", func(r *donation.CheckoutRequest) { r.Amount.Currency = "EUR" }, "amount", "donation.currency"},
		{"no name", func(r *donation.CheckoutRequest) { r.FirstName, r.LastName = " ", "" }, "first_name", "donation.donor_needed"},
		{"an endless name", func(r *donation.CheckoutRequest) { r.FirstName = strings.Repeat("x", 101) }, "first_name", "text.too_long"},
		{"a name that turns the text", func(r *donation.CheckoutRequest) { r.LastName = "Hop\u202eper" }, "last_name", "text.invalid"},
		{"a name with a header", func(r *donation.CheckoutRequest) { r.LastName = "Hopper\r\nBcc: all@example.org" }, "last_name", "text.invalid"},
		{"no e-mail", func(r *donation.CheckoutRequest) { r.Email = "" }, "email", "email.invalid"},
		{"a wrong e-mail", func(r *donation.CheckoutRequest) { r.Email = "grace@" }, "email", "email.invalid"},
		{"an endless comment", func(r *donation.CheckoutRequest) { r.Comment = strings.Repeat("x", 501) }, "comment", "text.too_long"},
		{"an unknown visibility", func(r *donation.CheckoutRequest) { r.Visibility = "all" }, "visibility", "donation.visibility"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := w.giving.StartCheckout(t.Context(), w.form(tc.change))
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, fault.KindInvalid, f.Kind)
			require.Equal(t, tc.field, f.Fields[0].Location)
			require.Equal(t, tc.code, f.Fields[0].Code)
		})
	}
	t.Cleanup(func() { require.Zero(t, w.count("donations"), "nothing is half-saved") })
}

func TestEveryMistakeOfAFormIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.giving.StartCheckout(t.Context(), donation.CheckoutRequest{OrgSlug: "riverbend", CampaignSlug: "library", Amount: money.New(1, "USD"), Email: "x"})
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	var fields []string
	for _, field := range f.Fields {
		fields = append(fields, field.Location)
	}
	require.Equal(t, []string{"amount", "first_name", "email", "form_token"}, fields)
}

func TestOnlyALiveCampaignTakesGifts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.giving.StartCheckout(t.Context(), w.form(func(r *donation.CheckoutRequest) { r.CampaignSlug = "nothing" }))
	require.ErrorIs(t, err, campaign.ErrNotFound)
	w.endCampaign()
	_, err = w.giving.StartCheckout(t.Context(), w.form())
	require.ErrorIs(t, err, campaign.ErrEnded)
}

func TestCurrenciesWithoutAndWithThreeDecimals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		currency string
		minor    int64
		refused  error
	}{
		{"JPY", 100, nil}, {"JPY", 49, money.ErrAmountTooSmall}, {"KWD", 5120, nil}, {"KWD", 5124, money.ErrAmountStep},
		{"ISK", 50_000, nil}, {"ISK", 50_050, money.ErrAmountStep}, {"USD", 99_999_999, nil},
	} {
		w := newWorld(t, currency(tc.currency))
		form := w.form(func(r *donation.CheckoutRequest) { r.Amount = money.New(tc.minor, tc.currency) })
		if tc.refused != nil {
			_, err := w.giving.StartCheckout(t.Context(), form)
			require.ErrorIs(t, err, tc.refused, "%d %s", tc.minor, tc.currency)
			continue
		}
		started, session := w.start(form)
		w.pay(session, visa)
		w.settle()
		require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status, tc.currency)
		require.Equal(t, -tc.minor, w.balances()["income"])
	}
}

func TestDirectModeChargesTheOrganizationsOwnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, direct("acct_riverbend0000001"))
	started := w.given()
	require.Equal(t, donation.Succeeded, w.find(started.DonationID).Status)
	require.Len(t, w.sandbox.Charges("acct_riverbend0000001"), 1)
	require.Empty(t, w.sandbox.Charges(""))
}

func TestGiftsOfOneAddressAreOnePersons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.find(w.given().DonationID)
	second := w.find(w.given(func(r *donation.CheckoutRequest) { r.Email = "grace@EXAMPLE.org " }).DonationID)
	require.Equal(t, *first.PersonID, *second.PersonID)
	require.Equal(t, 1, w.count("people"))
}

func TestThanksAreForWhoHoldsTheReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	d, _, err := w.giving.ThanksFor(t.Context(), "riverbend", started.Reference)
	require.NoError(t, err)
	require.Equal(t, donation.Succeeded, d.Status)
	_, _, err = w.giving.ThanksFor(t.Context(), "riverbend", donation.NewReference())
	require.ErrorIs(t, err, donation.ErrNotFound)
	_, _, err = w.giving.ThanksFor(t.Context(), "elsewhere", started.Reference)
	require.ErrorIs(t, err, donation.ErrNotFound)
}

func TestAGivingFormCannotTakeARefusalBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	agree := func(r *donation.CheckoutRequest) { r.EmailConsent = true }
	first := w.find(w.given(agree).DonationID)
	require.Equal(t, []string{"true Riverbend Trust may email me about its work. I can stop this at any time."}, w.consents())
	w.refuseMail(*first.PersonID)
	w.given(agree)
	require.Len(t, w.consents(), 2, "whoever typed the address need not be its owner")
}

func TestNoCoverIsInventedInACurrencyWithoutATariff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, currency("JPY"))
	tariff, err := w.giving.Offer(t.Context(), w.org, "JPY")
	require.NoError(t, err)
	require.Zero(t, tariff)
	started, _ := w.start(w.form(func(r *donation.CheckoutRequest) { r.Amount, r.CoverFee = money.New(5000, "JPY"), true }))
	require.Zero(t, w.find(started.DonationID).CoverMinor)
	w.exec("insert into tariffs (org_id, id, method, currency, basis_points, fixed_minor, valid_from) values ($1, gen_random_uuid(), 'card', 'JPY', 360, 0, '2026-01-01')", w.org.ID)
	started, _ = w.start(w.form(func(r *donation.CheckoutRequest) { r.Amount, r.CoverFee = money.New(5000, "JPY"), true }))
	require.Equal(t, int64(187), w.find(started.DonationID).CoverMinor, "5187 less 3.6 % rounded half up leaves 5000")
}
