package pledging_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/domain/donation"
	"tributary/domain/promise"
)

func TestAPlanBeginsWithItsFirstPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan, session := w.begin(w.monthlyForm())
	p := w.promise(plan)
	require.Equal(t, promise.PendingSetup, p.Status)
	require.Nil(t, p.PersonID)
	require.Len(t, p.Instalments, 1)
	require.Equal(t, w.clock.Now().AddDate(0, 0, 7), *p.Instalments[0].ActAt, "nothing happens before it is paid, but that it is given up")

	w.pay(session, visaCard)

	p = w.promise(plan)
	require.Equal(t, promise.Active, p.Status)
	require.NotNil(t, p.PersonID)
	require.Equal(t, "paid scheduled", w.states(plan))
	require.Equal(t, date("2026-12-22"), p.Instalments[1].DueOn)
	require.Equal(t, at("2026-12-22T14:00:00Z"), *p.Instalments[1].ActAt, "nine in New York")
	card := w.card(plan)
	require.Equal(t, "4242", card.Last4)
	require.Equal(t, *p.PersonID, card.PersonID)
	require.Equal(t, []string{"plan.started"}, w.sent())
	require.Contains(t, w.lastMail().Text, "Next payment: December 22, 2026")
	require.Contains(t, w.lastMail().Text, "Visa ending in 4242")
	require.Equal(t, []string{"promise.started", "promise.activated"}, w.recorded(plan))
}

func TestTheNextPaymentIsChargedToTheSavedCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.until(at("2026-12-22T13:59:59Z"))
	require.Equal(t, []int64{2500}, w.charged(), "not before nine")

	w.until(at("2026-12-22T14:00:00Z"))

	require.Equal(t, []int64{2500, 2500}, w.charged())
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 2}, w.donations())
	require.Equal(t, date("2027-01-22"), w.promise(plan).Instalments[2].DueOn)
	require.Equal(t, []string{"plan.started"}, w.sent(), "a receipt says that it worked")
	require.Equal(t, 1, w.wire.Count("POST /v1/payment_intents"))
	w.pass(10 * time.Minute)
	require.Len(t, w.charged(), 2)
}

func TestASoftDeclineIsTriedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 2)

	w.until(at("2026-12-22T15:00:00Z"))
	p := w.promise(plan)
	require.Equal(t, promise.PastDue, p.Status)
	require.Equal(t, "paid retry_wait", w.states(plan))
	require.Equal(t, "insufficient_funds", p.Instalments[1].DeclineCode)
	require.Equal(t, at("2026-12-23T14:00:00Z"), *p.Instalments[1].ActAt)
	require.Contains(t, w.lastMail().Text, "There was not enough money on the card")
	require.Contains(t, w.lastMail().Text, "We try again on December 23, 2026")
	require.Contains(t, w.lastMail().Text, "https://give.example.org/pay/riverbend/")

	w.until(at("2026-12-26T13:00:00Z"))
	require.Equal(t, at("2026-12-26T14:00:00Z"), *w.promise(plan).Instalments[1].ActAt, "three days after the second decline")
	require.Len(t, w.charged(), 1)

	w.until(at("2026-12-26T15:00:00Z"))
	p = w.promise(plan)
	require.Equal(t, promise.Active, p.Status)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Equal(t, date("2027-01-22"), p.Instalments[2].DueOn, "the day of the month stays")
	require.Equal(t, []string{"plan.started", "payment.declined", "payment.declined"}, w.sent())
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 2}, w.donations(), "one gift took three tries")
}

func TestAfterFiveSoftDeclinesThePlanGoesOnWithItsNextDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 5)
	w.until(at("2027-01-10T00:00:00Z"))

	require.Equal(t, "paid failed scheduled", w.states(plan))
	require.Equal(t, promise.PastDue, w.promise(plan).Status)
	require.Equal(t, []string{"plan.started", "payment.declined", "payment.declined", "payment.declined", "payment.declined", "payment.declined"}, w.sent())
	require.Contains(t, w.lastMail().Text, "We do not try this payment again. Your next one, of $25.00, is due on January 22, 2027.")

	w.until(at("2027-01-22T15:00:00Z"))
	require.Equal(t, "paid failed paid scheduled", w.states(plan))
	require.Equal(t, promise.Active, w.promise(plan).Status, "a fail is not final")
	require.Len(t, w.charged(), 2, "what failed is not charged afterwards")
}

func TestAHardDeclineStopsAndAsksForANewCard(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"lost_card", "stolen_card", "expired_card", "revocation_of_authorization", "transaction_not_allowed", "do_not_try_again"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			plan := w.plan()
			w.declines(plan, code, 0)
			w.until(at("2027-01-15T00:00:00Z"))
			require.Equal(t, "paid failed", w.states(plan))
			require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
			require.Equal(t, 1, w.wire.Count("POST /v1/payment_intents"), "the same card is not tried again")
			require.Equal(t, []string{"plan.started", "card.needed"}, w.sent())
			require.Contains(t, w.lastMail().Text, promise.Reason(code))
			require.Contains(t, w.lastMail().Text, "https://give.example.org/my/riverbend/promises/"+plan.String())
		})
	}
}

func TestABankThatWantsToSeeTheDonorIsNotAskedAgainWithoutThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "authentication_required", 1)
	w.until(at("2026-12-22T15:00:00Z"))

	p := w.promise(plan)
	require.Equal(t, "paid requires_action", w.states(plan))
	require.Equal(t, promise.PastDue, p.Status)
	require.Equal(t, []string{"plan.started", "payment.confirm"}, w.sent())
	require.Equal(t, "canceled", w.sandbox.PaymentIntents("")[1].Status, "only one of the two can be paid")
	require.NoError(t, w.pledging.Act(t.Context(), w.org.ID.UUID, p.Instalments[1].ID.UUID))
	require.Equal(t, 1, w.wire.Count("POST /v1/payment_intents"))

	w.pay(w.payPage(plan), masterCard)
	require.Equal(t, "paid×2 scheduled", w.states(plan))
	require.Equal(t, []int64{2500, 2500}, w.charged())
	require.Equal(t, "4444", w.card(plan).Last4, "the card that worked is charged from now on")
	require.Equal(t, map[donation.Status]int{donation.Succeeded: 2}, w.donations())
	w.until(at("2027-01-22T15:00:00Z"))
	require.Len(t, w.charged(), 3)
}

func TestADonorWhoDoesNotConfirmIsRemindedThreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "authentication_required", 1)
	w.until(at("2026-12-28T15:00:00Z"))
	require.Equal(t, []string{"plan.started", "payment.confirm", "payment.confirm", "payment.confirm", "payment.confirm"}, w.sent())
	require.Equal(t, "paid requires_action", w.states(plan))

	w.until(at("2026-12-29T15:00:00Z"))
	require.Equal(t, "paid failed", w.states(plan), "a week is over")
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
	require.Equal(t, "card.needed", w.lastMail().Kind)
	require.Len(t, w.charged(), 1)
}

func TestAPlanThatNobodyPaysForSixtyDaysLapsesAndANewCardRevivesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "lost_card", 0)
	w.until(at("2027-02-25T00:00:00Z"))
	p := w.promise(plan)
	require.Equal(t, promise.Lapsed, p.Status)
	require.Equal(t, "plan.lapsed", w.lastMail().Kind)
	require.Equal(t, 1, w.wire.Count("POST /v1/payment_intents"))

	w.saveCard(plan, visaCard)
	require.Equal(t, promise.Active, w.promise(plan).Status)
	require.Len(t, w.charged(), 1, "nothing is charged for the time without a card")
	w.until(at("2027-03-22T15:00:00Z"))
	require.Len(t, w.charged(), 2)
	require.Equal(t, date("2027-04-22"), w.pending(w.promise(plan)).DueOn)
}

func TestAnInstalmentThatIsLongPastIsLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.clock.Set(at("2027-01-02T14:00:00Z")) // nothing ran for eleven days
	w.look()
	require.Len(t, w.charged(), 1)
	require.Equal(t, "paid skipped scheduled", w.states(plan))
	require.Equal(t, date("2027-01-22"), w.pending(w.promise(plan)).DueOn)
	require.Contains(t, w.recorded(plan), "promise.instalment_missed")
}

func TestAnInstalmentAFewDaysLateIsChargedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.clock.Set(at("2026-12-30T14:00:00Z"))
	w.look()
	require.Len(t, w.charged(), 2)
	require.Equal(t, date("2027-01-22"), w.pending(w.promise(plan)).DueOn)
}

func TestACardOfSomebodyElseIsNeverCharged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	other := w.donor("Ada", "ada@example.org")
	w.exec("update saved_cards set person_id = $1", other.ID)
	w.until(at("2026-12-22T15:00:00Z"))
	require.Len(t, w.charged(), 1)
	require.Zero(t, w.wire.Count("POST /v1/payment_intents"))
	require.Equal(t, promise.NeedsPaymentMethod, w.promise(plan).Status)
}

func TestAPledgeByCardIsChargedOnItsDates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	who := w.personOf(plan)
	card := w.card(plan).ID.UUID
	pledge := w.pledge(who, func(d *promise.PledgeDetails) { d.Method, d.CardID = promise.ByCard, &card })
	require.Equal(t, "pledge.thanks", w.lastMail().Kind)
	require.Contains(t, w.lastMail().Text, "December 2, 2026: $33.33")
	w.until(at("2027-02-03T00:00:00Z"))
	require.Equal(t, "paid×3", w.states(pledge))
	require.Equal(t, promise.Completed, w.promise(pledge).Status)
	require.Equal(t, []int64{2500, 3333, 2500, 3333, 2500, 3334}, w.charged())
	require.Equal(t, "pledge.closed", w.lastMail().Kind)
	require.Contains(t, w.lastMail().Text, "$100.00")
}

func TestAPledgeByLinkRemindsUntilItIsPaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	w.until(at("2026-11-25T15:00:00Z"))
	require.Equal(t, []string{"pledge.thanks", "pledge.reminder"}, w.sent(), "a week before the second of December")
	require.Contains(t, w.lastMail().Text, "is due on December 2, 2026")
	require.Contains(t, w.lastMail().Text, "https://give.example.org/pay/riverbend/")
	w.until(at("2026-12-09T15:00:00Z"))
	require.Equal(t, []string{"pledge.thanks", "pledge.reminder", "pledge.reminder"}, w.sent())
	require.Contains(t, w.lastMail().Text, "was due on December 2, 2026")
	w.until(at("2026-12-24T00:00:00Z"))
	require.Len(t, w.sent(), 3, "at most two")

	w.pay(w.payPage(pledge), visaCard)
	require.Equal(t, "paid scheduled×2", w.states(pledge))
	w.until(at("2027-01-20T00:00:00Z"))
	require.Len(t, w.sent(), 5, "the next one has reminders of its own")
}

func TestWhoDoesNotWantToBeWrittenToIsNotReminded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.donor("Ada", "ada@example.org")
	pledge := w.pledge(who)
	w.exec("update people set do_not_contact = true where id = $1", who.ID)
	w.until(at("2027-03-01T00:00:00Z"))
	require.NotContains(t, w.sent(), "pledge.reminder")
	require.Contains(t, w.recorded(pledge), "promise.not_reminded")
	require.Equal(t, "scheduled×3", w.states(pledge))
}
