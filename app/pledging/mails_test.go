package pledging_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/message"
	"tributary/domain/promise"
)

// TestEveryMailIsWholeAndLeadsToWhereItCanBeChanged lives through a plan and two pledges in which every mail is written.
func TestEveryMailIsWholeAndLeadsToWhereItCanBeChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	org, plan := w.org.ID.UUID, w.plan()
	require.NoError(t, last(w.pledging.ChangeAmount(w.owner, org, plan, 0, dollars(4000), false)))
	require.NoError(t, last(w.pledging.ChangeDay(w.owner, org, plan, 0, 31)))
	require.NoError(t, last(w.pledging.Skip(w.owner, org, plan, 0)))
	require.NoError(t, last(w.pledging.Pause(w.owner, org, plan, 0, date("2027-03-15"))))
	require.NoError(t, last(w.pledging.Resume(w.owner, org, plan, 0)))
	w.saveCard(plan, masterCard)
	w.declines(plan, "insufficient_funds", 1)
	w.until(at("2027-02-28T15:00:00Z"))
	w.declines(plan, "authentication_required", 1)
	w.until(at("2027-06-10T15:00:00Z")) // confirmed by nobody: failed, then lapsed
	card := w.card(plan).ID.UUID
	require.NoError(t, last(w.pledging.Cancel(w.owner, org, plan, 0, "Moving away")))
	pledge := w.pledge(w.donor("Ada", "ada@example.org"))
	w.until(at("2027-06-14T15:00:00Z"))
	parts := w.promise(pledge).Instalments
	require.NoError(t, last(w.pledging.Waive(w.owner, org, pledge, 0, parts[1].ID, "hard times")))
	require.NoError(t, last(w.pledging.Move(w.owner, org, pledge, 0, parts[2].ID, date("2027-12-01"))))
	require.NoError(t, last(w.pledging.WriteOff(w.owner, org, pledge, 0, "gone")))
	w.pledge(w.personOf(plan), func(d *promise.PledgeDetails) { d.Method, d.CardID = promise.ByCard, &card })

	var mails []message.Message
	w.inTx(func(tx database.Tx) error { return tx.Gorm(t.Context()).Order("created_at, id").Find(&mails).Error })
	var kinds []string
	for _, m := range mails {
		kinds = append(kinds, m.Kind)
		require.Contains(t, m.Text, "https://give.example.org/my/riverbend/promises/", m.Subject)
		require.Contains(t, m.HTML, "https://give.example.org/my/riverbend/promises/", m.Subject)
		for _, slip := range []string{"<no value>", "%!", "0001", "  ", " .", "..", "$0.00", "{{"} {
			require.NotContains(t, m.Subject+"\n"+m.Text, slip, m.Subject)
		}
		require.False(t, strings.HasSuffix(m.Subject, " "), m.Subject)
	}
	slices.Sort(kinds)
	require.Equal(t, []string{
		"card.needed", "card.saved", "payment.confirm", "payment.declined", "plan.cancelled", "plan.changed", "plan.lapsed", "plan.started",
		"pledge.changed", "pledge.closed", "pledge.reminder", "pledge.thanks",
	}, slices.Compact(kinds))
}

func last(_ promise.Promise, err error) error { return err }

func TestALongNameDoesNotHoldUpAPayment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.exec("update organizations set name = $1, email = 'nowhere'", strings.Repeat("River ", 33))
	w.declines(plan, "insufficient_funds", 1)
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "paid retry_wait", w.states(plan))
	require.Equal(t, "payment.declined", w.lastMail().Kind)
	require.LessOrEqual(t, len([]rune(w.lastMail().Subject)), 200)
}

func TestMailsGoWhereTheDonorReadsMailNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plan := w.plan()
	w.declines(plan, "insufficient_funds", 3)
	w.exec("update people set email = 'new@example.org', email_normalized = 'new@example.org'")
	w.until(at("2026-12-22T15:00:00Z"))
	require.Equal(t, "new@example.org", w.lastMail().ToEmail)
	w.exec("update people set email = null, email_normalized = null")
	w.until(at("2026-12-23T15:00:00Z"))
	w.exec("update people set email = 'no address'")
	w.until(at("2027-01-01T00:00:00Z"))
	require.Equal(t, []string{"plan.started", "payment.declined"}, w.sent())
	require.Equal(t, "paid×2 scheduled", w.states(plan), "that nobody can be written to stops no payment")
}
