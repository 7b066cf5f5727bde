package pledging_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"tributary/app/giving"
	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// monthlyForm is a filled form of a gift of $25 a month.
func (w *world) monthlyForm(change ...func(*donation.CheckoutRequest)) donation.CheckoutRequest {
	r := donation.CheckoutRequest{
		OrgSlug: "riverbend", CampaignSlug: "library", Amount: dollars(2500), FirstName: "Grace", LastName: "Hopper", Email: "grace@example.org",
		Frequency: donation.Monthly, FormToken: uuid.New(),
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

// begin sends a monthly form and returns its plan, which waits for its first payment, and the page on which that is made.
func (w *world) begin(r donation.CheckoutRequest) (plan id.ID[promise.Promise], session string) {
	w.t.Helper()
	started, err := w.giving.StartCheckout(w.t.Context(), r)
	require.NoError(w.t, err)
	w.inTx(func(tx database.Tx) error {
		return tx.QueryRow(context.Background(), `select i.promise_id, a.session_id from donations d
			join instalments i on i.org_id = d.org_id and i.id = d.instalment_id
			join payment_attempts a on a.org_id = d.org_id and a.donation_id = d.id where d.id = $1 order by a.n desc limit 1`, started.DonationID).
			Scan(&plan, &session)
	})
	return plan, session
}

// plan is a monthly gift whose first payment has arrived.
func (w *world) plan(change ...func(*donation.CheckoutRequest)) id.ID[promise.Promise] {
	w.t.Helper()
	plan, session := w.begin(w.monthlyForm(change...))
	w.pay(session, visaCard)
	return plan
}

func (w *world) pay(session, card string) {
	w.t.Helper()
	_, err := w.sandbox.PaySession(session, stripesandbox.Payment{Card: card})
	require.NoError(w.t, err)
	w.settle()
}

// sessionAt is the page behind an address that a donor was sent to.
func (w *world) sessionAt(address string) string {
	w.t.Helper()
	for _, s := range w.sandbox.Sessions(w.account()) {
		if s.URL != nil && *s.URL == address {
			return s.ID
		}
	}
	require.FailNow(w.t, "no such page", address)
	return ""
}

// payPage opens Stripe's page for the next instalment of a promise, as the link of a mail does.
func (w *world) payPage(of id.ID[promise.Promise]) (session string) {
	w.t.Helper()
	address, err := w.openPage(of)
	require.NoError(w.t, err)
	return w.sessionAt(address)
}

func (w *world) openPage(of id.ID[promise.Promise]) (string, error) {
	w.t.Helper()
	p := w.promise(of)
	i := w.pending(p)
	return w.pledging.OpenPayPage(w.t.Context(), w.org, i.ID, true, "https://give.example.org/back")
}

// pending is the first instalment of a promise that can still be paid.
func (w *world) pending(p promise.Promise) promise.Instalment {
	w.t.Helper()
	for _, i := range p.Instalments {
		if i.State.Open() && i.Amount.Minor > 0 {
			return i
		}
	}
	require.FailNow(w.t, "nothing is open")
	return promise.Instalment{}
}

// saveCard saves another card on Stripe's page, as a donor does from the supporter page.
func (w *world) saveCard(of id.ID[promise.Promise], number string) {
	w.t.Helper()
	address, err := w.pledging.StartSetup(w.t.Context(), w.org, w.promise(of), "https://give.example.org/back")
	require.NoError(w.t, err)
	_, err = w.sandbox.SaveCard(w.sessionAt(address), stripesandbox.Payment{Card: number})
	require.NoError(w.t, err)
	w.settle()
}

func (w *world) account() string {
	if w.org.StripeAccount == nil {
		return ""
	}
	return *w.org.StripeAccount
}

// promise reads a promise with all its instalments.
func (w *world) promise(of id.ID[promise.Promise]) (p promise.Promise) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		if err := tx.Gorm(context.Background()).Where("id = ?", of).Take(&p).Error; err != nil {
			return err
		}
		return tx.Gorm(context.Background()).Where("promise_id = ?", of).Order("n").Find(&p.Instalments).Error
	})
	return p
}

// states are the states of a promise's instalments, with those of the same kind in a row counted: "paid×3 retry_wait".
func (w *world) states(of id.ID[promise.Promise]) string {
	w.t.Helper()
	var words []string
	count, last := 0, promise.State("")
	flush := func() {
		switch {
		case count == 1:
			words = append(words, string(last))
		case count > 1:
			words = append(words, fmt.Sprintf("%s×%d", last, count))
		}
	}
	for _, i := range w.promise(of).Instalments {
		if i.State != last {
			flush()
			count, last = 0, i.State
		}
		count++
	}
	flush()
	return strings.Join(words, " ")
}

// card is the saved card that a promise charges.
func (w *world) card(of id.ID[promise.Promise]) (c promise.Card) {
	w.t.Helper()
	p := w.promise(of)
	require.NotNil(w.t, p.CardID)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("id = ?", p.CardID).Take(&c).Error
	})
	return c
}

// declines makes the next charges of a promise's card fail; n 0: all of them.
func (w *world) declines(of id.ID[promise.Promise], code string, n int) {
	w.t.Helper()
	require.NoError(w.t, w.sandbox.DeclineNext(w.card(of).PaymentMethodID, code, n))
}

// charged are the amounts of the charges that succeeded at Stripe, oldest first.
func (w *world) charged() (minor []int64) {
	for _, c := range w.sandbox.Charges(w.account()) {
		if c.Status == "succeeded" {
			minor = append(minor, c.Amount)
		}
	}
	return minor
}

// sent are the kinds of the mails that were written, oldest first.
func (w *world) sent() (kinds []string) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Table("messages").Order("created_at, id").Pluck("kind", &kinds).Error
	})
	return kinds
}

// lastMail is the newest mail.
func (w *world) lastMail() (m message.Message) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Order("created_at desc, id desc").Take(&m).Error
	})
	return m
}

// donations are the gifts there are, by status.
func (w *world) donations() map[donation.Status]int {
	w.t.Helper()
	var rows []donation.Donation
	w.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Find(&rows).Error })
	counts := map[donation.Status]int{}
	for _, d := range rows {
		counts[d.Status]++
	}
	return counts
}

// recorded are the actions that the record of changes holds of a promise, oldest first.
func (w *world) recorded(of id.ID[promise.Promise]) (actions []string) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Table("audit_events").Where("subject_id = ?", of).Order("seq").Pluck("action", &actions).Error
	})
	return actions
}

// donor makes a person.
func (w *world) donor(first, email string) (who person.Person) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) (err error) {
		who, err = w.people.FindOrCreateTx(context.Background(), tx, w.org.ID.UUID, person.Details{FirstName: first, Email: email})
		return err
	})
	return who
}

// pledge takes a pledge of a person.
func (w *world) pledge(who person.Person, change ...func(*promise.PledgeDetails)) id.ID[promise.Promise] {
	w.t.Helper()
	campaignID := w.campaign.ID.UUID
	d := promise.PledgeDetails{
		PersonID: &who.ID.UUID, Total: dollars(100_00), Count: 3, Unit: promise.Month, Every: 1, FirstOn: day.In(w.clock.Now(), w.org.Location()).AddDays(10),
		Target: donation.Target{CampaignID: &campaignID, CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID}, Method: promise.ByLink,
		RemindBeforeDays: 7, RemindEveryDays: 14, RemindAtMost: 2,
	}
	for _, c := range change {
		c(&d)
	}
	key := uuid.NewString()
	detail, err := w.pledging.Record(w.owner, d, donation.Request{Key: &key, Hash: []byte(key)})
	require.NoError(w.t, err)
	w.settle()
	return detail.ID
}

// cheque records a cheque for an instalment of a promise.
func (w *world) cheque(of id.ID[promise.Promise], n int, minor int64) (giving.Detail, error) {
	w.t.Helper()
	i := w.promise(of).Instalments[n-1]
	detail, err := w.giving.Record(w.owner, donation.Details{
		InstalmentID: &i.ID.UUID, PersonID: w.promise(of).PersonID, Amount: dollars(minor), Method: donation.Cheque,
		Target:     donation.Target{CampaignID: w.promise(of).CampaignID, CauseID: w.cause.ID.UUID, FundID: w.fund.ID.UUID},
		ReceivedOn: day.In(w.clock.Now(), w.org.Location()),
	})
	w.settle()
	return detail, err
}

// exec changes what no use case changes in this way.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(context.Background(), sql, args...)
		return err
	})
}

// personOf is who promised.
func (w *world) personOf(of id.ID[promise.Promise]) (who person.Person) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("id = ?", w.promise(of).PersonID).Take(&who).Error
	})
	return who
}

func (w *world) count(table string) (n int) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		var rows int64
		err := tx.Gorm(context.Background()).Table(table).Count(&rows).Error
		n = int(rows)
		return err
	})
	return n
}

// dashboard is somebody who works in the same Stripe account without us.
func (w *world) dashboard() *client.API {
	sc := &client.API{}
	sc.Init("sk_test_pledging", &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(w.api), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})})
	return sc
}

func (w *world) countWhere(table, where string) (n int) {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error {
		var rows int64
		err := tx.Gorm(context.Background()).Table(table).Where(where).Count(&rows).Error
		n = int(rows)
		return err
	})
	return n
}
