package giving_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/giving"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/payment"
)

func refundOf(minor int64) donation.RefundRequest {
	return donation.RefundRequest{Amount: money.New(minor, "USD"), Reason: donation.RequestedByDonor}
}

func TestAPartialRefundIsBookedAndTheReceiptFollows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given(func(r *donation.CheckoutRequest) { r.Amount, r.CoverFee = money.New(10_000, "USD"), true })
	r, err := w.giving.Refund(w.owner, started.DonationID, refundOf(4000))
	require.NoError(t, err)
	require.Equal(t, payment.RefundRequested, r.Status)
	require.Equal(t, int64(128), r.CoverMinor, "PAYMENTS 5.4 row 4")
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.PartiallyRefunded, d.Status)
	require.Equal(t, payment.RefundSucceeded, d.Refunds[0].Status)
	require.Equal(t, map[string]int64{"stripe_clearing": 6330, "income": -6128, "fee_cover": -202}, w.balances())
	require.Equal(t, 2, w.receipts.asked[d.ID.UUID])
	w.later(2 * time.Minute)
	require.Equal(t, w.stripeBalance(), w.balances()["stripe_clearing"])
}

func TestSmallRefundsAddUpExactly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given(func(r *donation.CheckoutRequest) { r.Amount = money.New(10_000, "USD") })
	for _, minor := range []int64{3333, 3333, 3333, 1} {
		_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(minor))
		require.NoError(t, err)
	}
	_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(1))
	require.ErrorIs(t, err, donation.ErrRefundTooLarge)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.Refunded, d.Status)
	require.Zero(t, d.Refundable().Minor)
	require.Empty(t, w.balances(), "all is back")
}

func TestTwoEqualRefundsInOneMinuteAreTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	for range 2 {
		_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(1000))
		require.NoError(t, err)
	}
	w.settle()
	require.Len(t, w.sandbox.Refunds(""), 2)
	require.Equal(t, int64(2000), w.find(started.DonationID).RefundedMinor)
}

func TestRefundsNeverExceedTheGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	const racers = 10
	errs := make([]error, racers)
	var group sync.WaitGroup
	for i := range racers {
		group.Go(func() { _, errs[i] = w.giving.Refund(w.owner, started.DonationID, refundOf(1500)) })
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, donation.ErrRefundTooLarge)
	}
	require.Equal(t, 3, won, "three times 15 fit into 50")
	w.settle()
	require.Equal(t, int64(4500), w.find(started.DonationID).RefundedMinor)
}

func TestARefundThatFailsLaterGivesTheGiftBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started, session := w.start(w.form())
	w.pay(session, "4000000000005126")
	w.settle()
	_, err := w.giving.Refund(w.owner, started.DonationID, refundOf(5000))
	require.NoError(t, err)
	w.settle()
	require.Equal(t, donation.Refunded, w.find(started.DonationID).Status)
	w.later(time.Minute)
	d := w.find(started.DonationID)
	require.Equal(t, payment.RefundFailed, d.Refunds[0].Status)
	require.Equal(t, donation.Succeeded, d.Status)
	require.Equal(t, int64(5000), d.Refundable().Minor)
	require.Equal(t, int64(-5000), w.balances()["income"])
	require.Equal(t, w.stripeBalance(), w.balances()["stripe_clearing"])
}

func TestARefundMadeInStripeIsBookedLikeOurs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	started := w.given()
	w.refundInDashboard(2000)
	w.settle()
	d := w.find(started.DonationID)
	require.Equal(t, donation.PartiallyRefunded, d.Status)
	require.Equal(t, "Refunded in Stripe", d.Refunds[0].Note)
	require.Equal(t, map[string]int64{"stripe_clearing": 3000, "income": -3000}, w.balances())
}

func TestARefundSurvivesALostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, unchecked())
	started := w.given()
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultReset, Count: 1, Match: "POST /v1/refunds"})
	require.NoError(t, err)
	_, err = w.giving.Refund(w.owner, started.DonationID, refundOf(5000))
	require.NoError(t, err)
	w.settle()
	require.Len(t, w.sandbox.Refunds(""), 1)
	require.Len(t, w.find(started.DonationID).Refunds, 1)
	require.Empty(t, w.balances())
}

func TestRefundRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unpaid, _ := w.start(w.form())
	_, err := w.giving.Refund(w.owner, unpaid.DonationID, refundOf(100))
	require.ErrorIs(t, err, donation.ErrNotReceived)
	paid := w.given()
	for _, tc := range []struct {
		name string
		in   donation.RefundRequest
		want error
	}{
		{"nothing", refundOf(0), money.ErrAmountTooSmall},
		{"less than nothing", refundOf(-1), money.ErrAmountTooSmall},
		{"more than came", refundOf(5001), donation.ErrRefundTooLarge},
		{"another currency", donation.RefundRequest{Amount: money.New(100, "EUR"), Reason: donation.Mistake}, money.ErrCurrencyMismatch},
		{"no reason", donation.RefundRequest{Amount: money.New(100, "USD")}, donation.ErrRefundReason},
	} {
		_, err := w.giving.Refund(w.owner, paid.DonationID, tc.in)
		require.ErrorIs(t, err, tc.want, tc.name)
	}
	_, err = w.giving.Refund(w.stranger(), paid.DonationID, refundOf(100))
	require.ErrorIs(t, err, donation.ErrNotFound, "another organization sees no such gift")
}

func (w *world) cheque(change ...func(*donation.Details)) donation.Donation {
	w.t.Helper()
	d := donation.Details{
		Donor: donation.Donor{FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org"}, Amount: money.New(10_000, "USD"), Method: donation.Cheque,
		Target: donation.Target{FundID: w.fund.ID.UUID}, ReceivedOn: day.New(2026, time.November, 20), PaymentNumber: "1042",
	}
	for _, c := range change {
		c(&d)
	}
	recorded, err := w.giving.Record(w.owner, d)
	require.NoError(w.t, err)
	queueDrain(w)
	return recorded.Donation
}

func TestAChequeIsRecordedDepositedAndBounces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.cheque()
	require.Equal(t, donation.Recorded, d.Status)
	require.Equal(t, map[string]int64{"cheques_on_hand": 10_000, "income": -10_000}, w.balances())
	require.Equal(t, 1, w.receipts.asked[d.ID.UUID])

	on := day.New(2026, time.November, 21)
	require.NoError(t, w.giving.Deposit(w.owner, d.ID, on))
	require.Equal(t, map[string]int64{"bank": 10_000, "income": -10_000}, w.balances())
	require.ErrorIs(t, w.giving.Deposit(w.owner, d.ID, on), donation.ErrAlreadyAtBank)

	require.NoError(t, w.giving.Bounce(w.owner, d.ID, on, money.New(1200, "USD"), "no funds"))
	queueDrain(w)
	require.Equal(t, map[string]int64{"bank": -1200, "bank_fees": 1200}, w.balances())
	require.Equal(t, donation.Refunded, w.find(d.ID).Status)
	require.Equal(t, 2, w.receipts.asked[d.ID.UUID], "the receipt is void")
	require.ErrorIs(t, w.giving.Bounce(w.owner, d.ID, on, money.Zero("USD"), ""), donation.ErrNotBounceable)
}

func TestCashIsGivenBackByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.cheque(func(in *donation.Details) { in.Method = donation.Cash })
	_, err := w.giving.Refund(w.owner, d.ID, refundOf(2500))
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"cash_on_hand": 7500, "income": -7500}, w.balances())
	require.Equal(t, donation.PartiallyRefunded, w.find(d.ID).Status)
	require.Empty(t, w.sandbox.Refunds(""))
}

func TestAGiftAndItsCampaignAreForOneCause(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	elsewhere := w.otherFund()
	campaignID := w.campaign.ID.UUID
	_, err := w.giving.Record(w.owner, donation.Details{
		Donor: donation.Donor{FirstName: "Ada"}, Amount: money.New(100, "USD"), Method: donation.Cash, ReceivedOn: day.New(2026, time.November, 20),
		Target: donation.Target{FundID: elsewhere, CampaignID: &campaignID},
	})
	require.ErrorContains(t, err, "donation.fund_elsewhere")
	w.cheque(func(d *donation.Details) { d.Target.CampaignID = &campaignID })
	w.exec("update funds set active = false")
	_, err = w.giving.Record(w.owner, donation.Details{
		Donor: donation.Donor{FirstName: "Ada"}, Amount: money.New(100, "USD"), Method: donation.Cash, ReceivedOn: day.New(2026, time.November, 20),
		Target: donation.Target{FundID: w.fund.ID.UUID},
	})
	require.ErrorContains(t, err, "donation.fund_closed")
}

func TestTakingACopyOutIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.giving.Exported(w.owner, giving.Filter{Method: donation.Cheque}))
	require.Equal(t, 1, w.count("audit_events"))
}

func TestRecordRefusesBadDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cheque(func(d *donation.Details) { d.Reference = "2026-0001" })
	for _, tc := range []struct {
		name   string
		change func(*donation.Details)
		field  string
		code   string
	}{
		{"nothing", func(d *donation.Details) { d.Amount.Minor = 0 }, "amount", "amount.too_small"},
		{"another currency", func(d *donation.Details) { d.Amount.Currency = "EUR" }, "amount", "donation.currency"},
		{"a card", func(d *donation.Details) { d.Method = donation.Card }, "method", "donation.method"},
		{"tomorrow", func(d *donation.Details) { d.ReceivedOn = day.New(2026, time.November, 23) }, "received_on", "donation.in_future"},
		{"long ago", func(d *donation.Details) { d.ReceivedOn = day.New(1899, time.December, 31) }, "received_on", "donation.too_old"},
		{"nobody", func(d *donation.Details) { d.Donor = donation.Donor{} }, "first_name", "donation.donor_needed"},
		{"an unknown fund", func(d *donation.Details) { d.Target.FundID = uuid.New() }, "fund_id", "donation.fund_unknown"},
		{"an unknown person", func(d *donation.Details) { p := uuid.New(); d.PersonID = &p }, "person_id", "donation.person_unknown"},
		{"an unknown campaign", func(d *donation.Details) { c := uuid.New(); d.Target.CampaignID = &c }, "campaign_id", "donation.campaign_unknown"},
		{"a reference that is taken", func(d *donation.Details) { d.Reference = "2026-0001" }, "reference", "donation.reference_taken"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d := donation.Details{
				Donor: donation.Donor{FirstName: "Ada"}, Amount: money.New(100, "USD"), Method: donation.Cheque, Target: donation.Target{FundID: w.fund.ID.UUID},
				ReceivedOn: day.New(2026, time.November, 20),
			}
			tc.change(&d)
			_, err := w.giving.Record(w.owner, d)
			var f *fault.Error
			require.ErrorAs(t, err, &f)
			require.Equal(t, tc.field, f.Fields[0].Location)
			require.Equal(t, tc.code, f.Fields[0].Code)
		})
	}
	t.Cleanup(func() { require.Equal(t, 1, w.count("donations")); require.Equal(t, 1, w.count("people")) })
}

func TestARequestRepeatedLongAfterIsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	key := "from the browser"
	asked := donation.Request{Key: &key, Hash: []byte("body")}
	d := w.cheque(func(in *donation.Details) { in.Request = asked })
	require.Equal(t, d.ID, w.cheque(func(in *donation.Details) { in.Request = asked }).ID)
	require.Equal(t, 1, w.count("donations"))
	require.Equal(t, map[string]int64{"cheques_on_hand": 10_000, "income": -10_000}, w.balances())
	_, err := w.giving.Record(w.owner, donation.Details{
		Donor: donation.Donor{FirstName: "Ada"}, Amount: money.New(1, "USD"), Method: donation.Cash, Target: donation.Target{FundID: w.fund.ID.UUID},
		ReceivedOn: day.New(2026, time.November, 20), Request: donation.Request{Key: &key, Hash: []byte("another body")},
	})
	require.ErrorIs(t, err, donation.ErrRequestDiffers)

	paid := w.given()
	whole := refundOf(5000)
	whole.Request = asked
	first, err := w.giving.Refund(w.owner, paid.DonationID, whole)
	require.NoError(t, err)
	again, err := w.giving.Refund(w.owner, paid.DonationID, whole)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID, "although nothing is left to refund")
	whole.Request.Hash = []byte("another body")
	_, err = w.giving.Refund(w.owner, paid.DonationID, whole)
	require.ErrorIs(t, err, donation.ErrRequestDiffers)
	whole.Request.Hash = asked.Hash
	_, err = w.giving.Refund(w.owner, w.given().DonationID, whole)
	require.ErrorIs(t, err, donation.ErrRequestDiffers, "the key belongs to another gift's refund")
}
