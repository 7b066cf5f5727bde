package pledging_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

const back = "https://give.example.org/back"

// setupPage opens Stripe's page on which a card is saved.
func (w *world) setupPage(of id.ID[promise.Promise]) (session string) {
	w.t.Helper()
	address, err := w.pledging.StartSetup(w.t.Context(), w.org, w.promise(of), back)
	require.NoError(w.t, err)
	return w.sessionAt(address)
}

// publicPledge fills the public form and returns the pledge, which waits for its card, and the page on which that is saved.
func (w *world) publicPledge() (pledge id.ID[promise.Promise], session string) {
	w.t.Helper()
	started, err := w.pledging.StartPledge(w.t.Context(), promise.PledgeRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Total: dollars(90_00), Count: 3, Unit: promise.Month, Every: 1, FirstOn: date("2026-12-01"),
		FirstName: "Ada", LastName: "Lovelace", Email: "ada@example.org", EmailConsent: true, FormToken: uuid.New(),
	})
	require.NoError(w.t, err)
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(w.t.Context(), "select id from promises where reference = $1", started.Reference).Scan(&pledge)
	})
	return pledge, w.sessionAt(started.RedirectURL)
}

func TestAPublicPledgeBeginsWithItsCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge, session := w.publicPledge()
	p := w.promise(pledge)
	require.Equal(t, promise.PendingSetup, p.Status)
	require.Nil(t, p.PersonID)
	require.Empty(t, w.sent())

	_, err := w.sandbox.SaveCard(session, stripesandbox.Payment{Card: visaCard})
	require.NoError(t, err)
	w.settle()
	p = w.promise(pledge)
	require.Equal(t, promise.Active, p.Status)
	require.Equal(t, "ada@example.org", w.personOf(pledge).EmailAddress())
	require.Equal(t, 1, w.count("consents"))
	require.Equal(t, []string{"pledge.thanks"}, w.sent())
	require.Contains(t, w.lastMail().Text, "December 1, 2026: $30.00")
	require.Contains(t, w.lastMail().Text, "We charge Visa ending in 4242 by ourselves")
	require.Empty(t, w.charged(), "saving a card costs nothing")

	w.until(at("2027-02-02T00:00:00Z"))
	require.Equal(t, []int64{3000, 3000, 3000}, w.charged())
	require.Equal(t, promise.Completed, w.promise(pledge).Status)
}

func TestAFormInSomebodysNameDoesNotChangeTheirOtherCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan(func(r *donation.CheckoutRequest) { r.Email = "ada@example.org" })
	before := w.card(plan)
	pledge, session := w.publicPledge()
	_, err := w.sandbox.SaveCard(session, stripesandbox.Payment{Card: "5555555555554444"})
	require.NoError(t, err)
	w.settle()
	require.Equal(t, *w.promise(plan).PersonID, *w.promise(pledge).PersonID)
	require.Equal(t, "4444", w.card(pledge).Last4)
	require.Equal(t, before.ID, w.card(plan).ID)
}

func TestAPublicPledgeWithoutACardChargesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge, session := w.publicPledge()
	_, err := w.sandbox.SaveCard(session, stripesandbox.Payment{Card: "4000000000000002"})
	require.Error(t, err)
	w.until(at("2027-03-01T00:00:00Z"))
	require.Equal(t, promise.Cancelled, w.promise(pledge).Status)
	require.Equal(t, promise.ReasonAbandoned, w.promise(pledge).CloseReason)
	require.Empty(t, w.charged())
	require.Empty(t, w.sent())
	require.Equal(t, 1, w.countWhere("card_setups", "state = 'expired'"))
}

func TestAPageForACardIsOpenedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	first := w.setupPage(plan)
	require.Equal(t, first, w.setupPage(plan))
	require.Equal(t, 1, w.count("card_setups"))

	address, err := w.pledging.StartSetup(t.Context(), w.org, w.promise(plan), "https://give.example.org/elsewhere")
	require.NoError(t, err)
	second := w.sessionAt(address)
	require.NotEqual(t, first, second, "it leads back to where the donor came from")

	w.pass(time.Hour)
	require.NotContains(t, []string{first, second}, w.setupPage(plan), "the old ones have ended")
}

func TestALostAnswerLeadsToTheSamePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultReset, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	session := w.setupPage(plan)
	require.Len(t, w.setupSessions(), 1)
	_, err = w.sandbox.SaveCard(session, stripesandbox.Payment{Card: masterCard})
	require.NoError(t, err)
	w.settle()
	require.Equal(t, "4444", w.card(plan).Last4)
}

func (w *world) setupSessions() (found []string) {
	for _, s := range w.sandbox.Sessions(w.account()) {
		if s.Mode == "setup" {
			found = append(found, s.ID)
		}
	}
	return found
}

func TestAFailureThatStripeRemembersIsLeftBehind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	_, err := w.sandbox.Inject(stripesandbox.Fault{Kind: stripesandbox.FaultError, Status: 500, Execute: true, Match: "POST /v1/checkout/sessions"})
	require.NoError(t, err)
	for range 2 {
		_, err = w.pledging.StartSetup(t.Context(), w.org, w.promise(plan), back)
		require.ErrorIs(t, err, payment.ErrUnavailable)
	}
	w.pass(time.Minute)
	w.saveCard(plan, masterCard)
	require.Equal(t, "4444", w.card(plan).Last4)
}

func TestACardSavedOnAPageWeNeverHeardOfIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	session := w.setupPage(plan)
	w.exec("update card_setups set session_id = null, session_url = '', state = 'created'") // as after a crash before the answer was kept
	w.exec("delete from stripe_objects where stripe_id = $1", session)
	_, err := w.sandbox.SaveCard(session, stripesandbox.Payment{Card: masterCard})
	require.NoError(t, err)
	w.settle()
	require.Equal(t, "4444", w.card(plan).Last4)
	require.Equal(t, 1, w.countWhere("card_setups", "state = 'succeeded'"))
}

func TestTheReturnPageNeedsNoEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	session := w.setupPage(plan)
	w.sandbox.PauseWebhooks(true)
	require.NoError(t, w.pledging.RefreshSetup(t.Context(), w.org, plan))
	require.Equal(t, "4242", w.card(plan).Last4)
	_, err := w.sandbox.SaveCard(session, stripesandbox.Payment{Card: masterCard})
	require.NoError(t, err)
	require.NoError(t, w.pledging.RefreshSetup(t.Context(), w.org, plan))
	require.NoError(t, w.pledging.RefreshSetup(t.Context(), w.org, plan))
	require.Equal(t, "4444", w.card(plan).Last4)
	w.sandbox.PauseWebhooks(false)
	w.settle()
	require.Equal(t, []string{"plan.started", "card.saved"}, w.sent(), "the event that comes later changes nothing")
}

func TestANewCardServesAllThatIsPaidByCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.plan()
	second := w.plan()
	who := w.personOf(first)
	old := w.card(first).ID.UUID
	pledge := w.pledge(who, func(d *promise.PledgeDetails) { d.Method, d.CardID = promise.ByCard, &old })
	byLink := w.pledge(who)
	other := w.plan(func(r *donation.CheckoutRequest) { r.Email = "ada@example.org" })

	w.saveCard(first, masterCard)
	for _, of := range []id.ID[promise.Promise]{first, second, pledge} {
		require.Equal(t, "4444", w.card(of).Last4)
		require.Contains(t, w.recorded(of), "promise.card_changed")
	}
	require.Nil(t, w.promise(byLink).CardID, "who pays by link goes on to")
	require.Equal(t, "4242", w.card(other).Last4, "nobody else's")
	require.Equal(t, "card.saved", w.lastMail().Kind)
	require.Equal(t, 1, w.countWhere("messages", "kind = 'card.saved'"), "one mail for all")

	w.saveCard(byLink, visaCard)
	require.Equal(t, "4242", w.card(byLink).Last4, "unless they asked for it")
}

func TestANewCardIsChargedAtOnceForWhatFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "expired_card", 0)
	w.until(at("2026-12-24T15:00:00Z"))
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
	w.saveCard(plan, masterCard)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Equal(t, promise.Active, w.promise(plan).Status)
	require.Equal(t, date("2027-01-22"), w.pending(w.promise(plan)).DueOn)
	require.Contains(t, w.lastMail().Text, "We charge $25.00 to it now, which was due on December 22, 2026")
}

func TestACardReplacedWhileARetryWaitsIsChargedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "paid retry_wait", w.states(plan))
	w.saveCard(plan, masterCard)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	w.until(at("2027-01-10T00:00:00Z"))
	require.Len(t, w.charged(), 2)
}

func TestACardReplacedWhileAChargeIsUnderWayIsNotChargedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.whenCalled("POST /v1/payment_intents", func() error {
		address, err := w.pledging.StartSetup(t.Context(), w.org, w.promise(plan), back)
		require.NoError(t, err)
		session := w.sessionAt(address)
		_, err = w.sandbox.SaveCard(session, stripesandbox.Payment{Card: masterCard})
		require.NoError(t, err)
		return w.pledging.ReadCard(t.Context(), w.org.ID.UUID, session)
	})
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Len(t, w.charged(), 2)
	require.Equal(t, "4444", w.card(plan).Last4)
}

func TestABankThatRenewsACardResumesWhatWaitedForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "expired_card", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	card := w.card(plan)
	require.NoError(t, w.sandbox.UpdateCard(card.PaymentMethodID, masterCard, 8, 2031))
	w.settle()
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	renewed := w.card(plan)
	require.Equal(t, card.ID, renewed.ID)
	require.Equal(t, []any{"4444", 8, 2031}, []any{renewed.Last4, renewed.ExpMonth, renewed.ExpYear})
	require.Contains(t, w.recorded(plan), "promise.card_renewed")
}

func TestARenewedCardIsNotAskedToPayWhatItsDonorStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "revocation_of_authorization", 0)
	w.until(at("2026-12-22T15:00:00Z"))
	require.NoError(t, w.sandbox.UpdateCard(w.card(plan).PaymentMethodID, masterCard, 8, 2031))
	w.settle()
	require.Equal(t, "paid failed", w.states(plan))
	require.Equal(t, "4444", w.card(plan).Last4)
	require.Len(t, w.charged(), 1)
}

func TestACardTakenBackIsNeverCharged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	require.NoError(t, w.sandbox.DetachCard(w.card(plan).PaymentMethodID))
	w.settle()
	require.NotNil(t, w.card(plan).DetachedAt)
	require.Equal(t, "card.needed", w.lastMail().Kind)
	require.Contains(t, w.lastMail().Text, "needs another card")
	w.until(at("2026-12-23T00:00:00Z"))
	require.Zero(t, w.wire.Count("POST /v1/payment_intents"))
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
	w.saveCard(plan, visaCard)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
}

func TestACardTakenBackUnnoticedAsksForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.sandbox.PauseWebhooks(true)
	require.NoError(t, w.sandbox.DetachCard(w.card(plan).PaymentMethodID))
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "paid failed", w.states(plan))
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
	require.Len(t, w.charged(), 1)
}

func TestACardIsSavedOnTheOrganizationsOwnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, onAccount("acct_riverbend"))
	plan := w.plan()
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, []int64{2500, 2500}, w.charged())
	w.saveCard(plan, masterCard)
	w.until(at("2027-01-22T15:00:00Z"))
	require.Len(t, w.charged(), 3)
	require.Equal(t, "acct_riverbend", w.card(plan).StripeAccount)

	elsewhere := "acct_elsewhere"
	w.exec("update organizations set stripe_account = $1", elsewhere)
	w.until(at("2027-02-22T15:00:00Z"))
	require.Equal(t, "paid×3 failed", w.states(plan), "a card kept elsewhere cannot be charged")
}

func TestWhatIsNoCardOfOursIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	for _, object := range []string{"seti_1", "nothing"} {
		require.NoError(t, w.pledging.ReadCard(t.Context(), w.org.ID.UUID, object))
	}
	require.ErrorIs(t, w.pledging.ReadCard(t.Context(), w.org.ID.UUID, "cs_unknown"), payment.ErrUnknownObject)
	require.NoError(t, w.pledging.ReadCard(t.Context(), w.org.ID.UUID, "pm_unknown"))
	require.Equal(t, "4242", w.card(plan).Last4)
}
