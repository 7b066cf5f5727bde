package pledging_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"

	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/ledger"
	"tributary/domain/promise"
)

// giftOf is the newest gift of the n-th instalment.
func (w *world) giftOf(of id.ID[promise.Promise], n int) (d donation.Donation) {
	w.t.Helper()
	i := w.promise(of).Instalments[n-1]
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("instalment_id = ?", i.ID).Order("initiated_at desc, id desc").Take(&d).Error
	})
	return d
}

func (w *world) refund(d donation.Donation, minor int64) {
	w.t.Helper()
	_, err := w.giving.Refund(w.owner, d.ID, donation.RefundRequest{Amount: dollars(minor), Reason: donation.RequestedByDonor})
	require.NoError(w.t, err)
	w.settle()
}

func TestTheSameFormIsOnePlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := w.monthlyForm()
	first, session := w.begin(form)
	second, again := w.begin(form)
	require.Equal(t, first, second)
	require.Equal(t, session, again)
	w.pay(session, visaCard)
	require.Equal(t, 1, w.count("promises"))
	require.Equal(t, 2, w.count("instalments"))
	require.Equal(t, 1, w.count("saved_cards"))
}

func TestAPlanThatNobodyPaidForChargesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, session := w.begin(w.monthlyForm())
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: "4000000000000002"})
	require.Error(t, err)
	w.settle()
	w.pass(6 * 24 * time.Hour)
	require.Equal(t, promise.PendingSetup, w.promise(plan).Status)
	w.until(at("2027-03-01T00:00:00Z"))
	require.Equal(t, promise.Cancelled, w.promise(plan).Status)
	require.Equal(t, promise.ReasonAbandoned, w.promise(plan).CloseReason)
	require.Equal(t, "cancelled", w.states(plan))
	require.Equal(t, []string{"promise.started", "promise.abandoned"}, w.recorded(plan))
	require.Empty(t, w.sent())
	require.Zero(t, w.count("saved_cards"))
}

func TestADonorsMorningIsTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan(func(r *donation.CheckoutRequest) { r.Zone = "Asia/Tokyo" })
	require.Equal(t, date("2026-12-23"), w.pending(w.promise(plan)).DueOn, "it was past midnight there")
	require.Equal(t, at("2026-12-23T00:00:00Z"), *w.pending(w.promise(plan)).ActAt)
	other := w.plan(func(r *donation.CheckoutRequest) { r.Zone = "Mars/Olympus" })
	require.Equal(t, "America/New_York", w.promise(other).Zone)
}

func TestTheCoverIsChargedEachTimeAndIsNoPartOfTheGift(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan(func(r *donation.CheckoutRequest) { r.CoverFee = true })
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, []int64{2606, 2606}, w.charged())
	p := w.promise(plan)
	require.EqualValues(t, 106, p.CoverMinor)
	require.EqualValues(t, 2500, p.Instalments[1].PaidMinor)
	w.refund(w.giftOf(plan, 2), 1303)
	require.EqualValues(t, 1250, w.promise(plan).Instalments[1].PaidMinor, "half of the gift, without half of the cover")
}

func TestARefundedPaymentOfAPlanIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.until(at("2026-12-22T15:00:00Z"))
	w.refund(w.giftOf(plan, 2), 2500)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Zero(t, w.promise(plan).Instalments[1].PaidMinor)
	w.until(at("2027-01-22T15:00:00Z"))
	require.Equal(t, "paid×3 scheduled", w.states(plan))
	require.Len(t, w.charged(), 3)
}

func TestARefundOfLongAgoIsNoted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.exec("update instalments set n = n + 100 where n > 1")
	w.exec(`insert into instalments (org_id, id, promise_id, n, due_on, planned_minor, amount_minor, amount_currency, state, created_at, updated_at)
		select org_id, gen_random_uuid(), promise_id, g, due_on, planned_minor, amount_minor, amount_currency, 'skipped', created_at, updated_at
		from instalments, generate_series(2, 90) g where n = 1`)
	w.refund(w.giftOf(plan, 1), 2500)
	require.Zero(t, w.promise(plan).Instalments[0].PaidMinor)
	require.Equal(t, promise.Active, w.promise(plan).Status)
}

func TestAChequeThatIsTooSmallRollsTheRestOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, booking())
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	_, err := w.cheque(pledge, 1, 20_00)
	require.NoError(t, err)
	p := w.promise(pledge)
	require.Equal(t, "paid scheduled×2", w.states(pledge))
	require.Equal(t, []int64{2000, 4666, 3334}, amounts(p))
	require.EqualValues(t, 80_00, p.BookedMinor)
	_, err = w.cheque(pledge, 2, 80_00)
	require.NoError(t, err)
	require.Equal(t, promise.Completed, w.promise(pledge).Status)
	require.Zero(t, w.promise(pledge).BookedMinor)
	require.Zero(t, w.balance(ledger.PledgeReceivable))
	require.Equal(t, "pledge.closed", w.lastMail().Kind)
	_, err = w.cheque(pledge, 3, 10_00)
	require.ErrorIs(t, err, promise.ErrClosed)
}

func amounts(p promise.Promise) (minor []int64) {
	for _, i := range p.Instalments {
		minor = append(minor, i.Amount.Minor)
	}
	return minor
}

func (w *world) balance(of ledger.Account) (minor int64) {
	w.t.Helper()
	all, err := w.books.TrialBalance(w.t.Context(), w.org.ID.UUID, date("2099-01-01"))
	require.NoError(w.t, err)
	for _, b := range all {
		if b.Account == of {
			minor += b.Debit - b.Credit
		}
	}
	return minor
}

func TestAChequeThatIsTooLargeReducesTheNextOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	_, err := w.cheque(pledge, 1, 90_00)
	require.NoError(t, err)
	require.Equal(t, []int64{9000, 0, 1000}, amounts(w.promise(pledge)))
	require.EqualValues(t, 10_00, w.owed(pledge))
}

func (w *world) owed(of id.ID[promise.Promise]) int64 {
	p := w.promise(of)
	return p.Owed().Minor
}

func TestAPledgePaymentGivenBackIsOwedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, booking())
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	w.pay(w.payPage(pledge), visaCard)
	require.EqualValues(t, 6667, w.owed(pledge))
	require.EqualValues(t, 6667, w.balance(ledger.PledgeReceivable))
	w.refund(w.giftOf(pledge, 1), 3333)
	require.EqualValues(t, 100_00, w.owed(pledge))
	require.EqualValues(t, 100_00, w.balance(ledger.PledgeReceivable))
	require.Equal(t, promise.Active, w.promise(pledge).Status)
	require.Contains(t, w.recorded(pledge), "promise.instalment_reopened")
	w.pay(w.payPage(pledge), visaCard)
	require.EqualValues(t, 6667, w.owed(pledge))
	require.EqualValues(t, 6667, w.balance(ledger.PledgeReceivable))
}

func TestAChequeClosesThePageThatWasOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	session := w.payPage(pledge)
	_, err := w.cheque(pledge, 1, 33_33)
	require.NoError(t, err)
	_, err = w.sandbox.PaySession(session, stripesandbox.Payment{Card: visaCard})
	require.ErrorIs(t, err, stripesandbox.ErrExpired)
	require.Equal(t, map[donation.Status]int{donation.Recorded: 1, donation.Cancelled: 1}, w.donations())
	require.Empty(t, w.charged())
}

func TestAChequeAndACardAtOnceBothCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	session := w.payPage(pledge)
	w.sandbox.PauseWebhooks(true)
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: visaCard})
	require.NoError(t, err)
	_, err = w.cheque(pledge, 1, 33_33) // nobody knows of the card yet
	require.NoError(t, err)
	w.sandbox.PauseWebhooks(false)
	w.settle()
	p := w.promise(pledge)
	require.EqualValues(t, 66_66, p.Instalments[0].PaidMinor)
	require.EqualValues(t, 33_34, p.Owed().Minor, "what came twice reduces the next one")
	require.Equal(t, []int64{6666, 0, 3334}, amounts(p))
}

func TestNothingIsTakenByHandWhileACardIsBeingCharged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	who := w.personOf(plan)
	card := w.card(plan).ID.UUID
	pledge := w.pledge(who, func(d *promise.PledgeDetails) { d.Method, d.CardID = promise.ByCard, &card })
	w.whenCalled("POST /v1/payment_intents", func() error {
		i := w.promise(pledge).Instalments[0]
		require.Equal(t, promise.Attempting, i.State, "the attempt is stored before it is sent")
		_, err := w.giving.Record(w.owner, donation.Details{
			InstalmentID: &i.ID.UUID, PersonID: &who.ID.UUID, Amount: dollars(33_33), Method: donation.Cheque, ReceivedOn: date("2026-12-02"),
			Target: donation.Target{CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID},
		})
		require.ErrorIs(t, err, promise.ErrInFlight)
		_, err = w.openPage(pledge)
		require.ErrorIs(t, err, promise.ErrInFlight)
		return nil
	})
	w.until(at("2026-12-02T15:00:00Z"))
	require.Equal(t, "paid scheduled×2", w.states(pledge))
	require.EqualValues(t, 33_33, w.promise(pledge).Instalments[0].PaidMinor)
}

func TestAChequeForSomethingThatIsNoInstalmentIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nothing := uuid.New()
	_, err := w.giving.Record(w.owner, donation.Details{
		InstalmentID: &nothing, Amount: dollars(100), Method: donation.Cheque, ReceivedOn: date("2026-11-22"),
		Target: donation.Target{CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID},
	})
	require.ErrorIs(t, err, promise.ErrInstalment)
}

func TestOldNewsDoesNotBringTheOldCardBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.saveCard(plan, masterCard)
	require.Equal(t, "4444", w.card(plan).Last4)
	require.NoError(t, w.giving.Refresh(t.Context(), w.org.ID.UUID, w.giftOf(plan, 1).ID.UUID))
	w.settle()
	require.Equal(t, "4444", w.card(plan).Last4)
	require.Equal(t, []string{"plan.started", "card.saved"}, w.sent())
}

func TestADonorWhoPaysInMoreThanOneWayDuringDunningPaysOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	session := w.payPage(plan)
	w.until(at("2026-12-23T14:05:00Z")) // the page of yesterday has ended, and the card is declined again
	require.Equal(t, 2, w.wire.Count("POST /v1/payment_intents"))
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: visaCard})
	require.ErrorIs(t, err, stripesandbox.ErrExpired)

	w.clock.Set(at("2026-12-26T13:50:00Z"))
	session = w.payPage(plan)
	w.until(at("2026-12-26T14:15:00Z"))
	require.Equal(t, 2, w.wire.Count("POST /v1/payment_intents"), "nothing is charged while the donor has the page open")
	w.pay(session, masterCard)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	w.until(at("2027-01-10T00:00:00Z"))
	require.Equal(t, []int64{2500, 2500}, w.charged())
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 2}, w.donations())
}

func TestAPageThatIsLeftDoesNotHoldUpTheNextTry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 1)
	w.until(at("2026-12-23T13:50:00Z"))
	w.payPage(plan)
	w.until(at("2026-12-23T15:00:00Z"))
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
}

// dashboard is somebody who works in the same Stripe account without us.
func (w *world) refundInDashboard(charge string) {
	w.t.Helper()
	_, err := w.dashboard().Refunds.New(&stripe.RefundParams{Charge: stripe.String(charge)})
	require.NoError(w.t, err)
	w.settle()
}

func TestARefundMadeInTheDashboardReopensAPledge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	w.pay(w.payPage(pledge), visaCard)
	w.refundInDashboard(w.sandbox.Charges("")[0].ID)
	require.EqualValues(t, 100_00, w.owed(pledge))
	w.pass(time.Hour)
	require.Len(t, w.charged(), 1, "charged again only when somebody wants it")
}
