package pledging_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/auditing"
	"tributary/app/bookkeeping"
	"tributary/app/platform/mail"
	"tributary/app/pledging"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/promise"
	"tributary/frontend"
)

func TestStaffPauseAndResumeAMonthlyGift(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.monthly()
	require.Equal(t, "active", p.Standing)
	require.EqualValues(t, 2500, p.Paid.Minor)
	require.Len(t, p.Upcoming, 6)
	require.Equal(t, p.Next.DueOn, p.Upcoming[0].DueOn)
	next := p.Next.DueOn
	d.act(p, "resume", nil).Problem(http.StatusConflict, "promise.not_paused")
	d.act(p, "pause", object{"until": d.today().String()}).Blames("body.until", "promise.pause_until")
	d.act(p, "pause", object{"until": d.today().AddDays(400).String()}).Blames("body.until", "promise.pause_until")

	until := d.today().AddDays(100).String()
	p = d.acted(p, "pause", object{"until": until})
	require.Equal(t, "paused", p.Standing)
	require.Equal(t, "active", p.Status, "a pause follows from its date")
	require.Equal(t, until, *p.PausedUntil)
	require.GreaterOrEqual(t, p.Upcoming[0].DueOn, until)
	require.Equal(t, p.Next.DueOn, p.Upcoming[0].DueOn)

	p = d.acted(p, "resume", nil)
	require.Equal(t, "active", p.Standing)
	require.Equal(t, next, p.Next.DueOn, "as if it had not been paused")
	require.Equal(t, []string{"promise.resumed", "promise.paused"}, d.audited(p)[:2])
	require.Equal(t, []string{"plan.changed", "plan.changed", "plan.started"}, promisesOnly(d.mailed("ben@example.org")))
}

// promisesOnly leaves receipts out.
func promisesOnly(kinds []string) (kept []string) {
	for _, kind := range kinds {
		if !strings.HasPrefix(kind, "receipt.") {
			kept = append(kept, kind)
		}
	}
	return kept
}

func TestStaffChangeAMonthlyGift(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.monthly()
	second := p.Upcoming[1].DueOn
	p = d.acted(p, "skip", nil)
	require.Equal(t, second, p.Next.DueOn)

	p = d.acted(p, "amount", object{"amount": usd(40_00), "cover_fee": true})
	require.Equal(t, amount{40_00, "USD"}, p.Amount)
	require.Equal(t, amount{1_50, "USD"}, p.Cover, "2.9 % and 30 cents of the whole charge")
	require.Equal(t, amount{40_00, "USD"}, p.Next.Amount)
	p = d.acted(p, "amount", object{"amount": usd(45_00)})
	require.Zero(t, p.Cover.Minor)
	d.act(p, "amount", object{"amount": usd(1)}).Blames("body.amount", "amount.too_small")
	d.act(p, "amount", object{"amount": usd(-40_00), "cover_fee": true}).Blames("body.amount", "amount.too_small")
	d.act(p, "amount", object{"amount": object{"amount_minor": 40_00, "currency": "EUR"}}).Blames("body.amount", "currency.mismatch")

	p = d.acted(p, "day", object{"day": 31})
	due, err := day.Parse(p.Next.DueOn)
	require.NoError(t, err)
	require.Equal(t, due.Month()%12+1, due.AddDays(1).Month(), "the last day of its month")
	d.act(p, "day", object{"day": 32}).Is(http.StatusUnprocessableEntity)

	p = d.acted(p, "card-link", nil)
	require.Equal(t, "card.link", d.mailed("ben@example.org")[0])
	require.Contains(t, d.Mails("ben@example.org")[0].Text, "/my/riverbend/promises/"+p.ID)
	require.Equal(t, []string{"promise.card_asked", "promise.day_changed", "promise.amount_changed", "promise.amount_changed", "promise.skipped"}, d.audited(p)[:5])
}

func TestStaffCancelAMonthlyGift(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.acted(d.monthly(), "cancel", object{"reason": "Asked on the phone"})
	require.Equal(t, "cancelled", p.Standing)
	require.Equal(t, "Asked on the phone", p.CloseReason)
	require.Nil(t, p.Next)
	require.Empty(t, p.Upcoming)
	require.Equal(t, "plan.cancelled", promisesOnly(d.mailed("ben@example.org"))[0])
	for path, body := range map[string]object{
		"pause": {"until": d.today().AddDays(9).String()}, "skip": nil, "amount": {"amount": usd(3000)}, "day": {"day": 3}, "cancel": nil, "card-link": nil,
	} {
		d.act(p, path, body).Problem(http.StatusConflict, "promise.closed")
	}
	for _, path := range []string{"write-off", "instalments/" + p.Instalments[0].ID + "/waive"} {
		d.act(p, path, object{"reason": "x"}).Problem(http.StatusConflict, "promise.not_pledge")
	}
	d.pass(90 * 24 * time.Hour)
	require.Len(t, d.Sandbox.Charges(d.Sandbox.PlatformAccount()), 1, "nothing is charged any more")
}

func TestStaffChargeWhatFailed(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.monthly()
	method := d.Sandbox.PaymentMethods(d.Sandbox.PlatformAccount())[0].ID
	require.NoError(t, d.Sandbox.DeclineNext(method, "insufficient_funds", 1))
	d.act(p, "instalments/"+p.Next.InstalmentID+"/remind", nil).Problem(http.StatusConflict, "promise.nothing_to_ask")
	d.act(p, "instalments/"+p.Next.InstalmentID+"/charge", nil).Problem(http.StatusConflict, "promise.not_due")

	d.morningOf(p.Next.DueOn)
	p = d.promise(p.ID)
	require.Equal(t, "retry_wait", p.Next.State)
	require.Equal(t, "insufficient_funds", p.Next.DeclineCode)
	require.Contains(t, p.Next.DeclineWords, "not enough money")
	require.Equal(t, "past_due", p.Standing)
	require.Len(t, d.list("?standing=past_due").Items, 1)
	p = d.acted(p, "instalments/"+p.Next.InstalmentID+"/remind", nil)
	require.Equal(t, []string{"payment.declined", "payment.declined"}, d.mailed("ben@example.org")[:2], "the bad news again")

	p = d.acted(p, "instalments/"+p.Next.InstalmentID+"/charge", nil)
	d.RunJobs()
	p = d.promise(p.ID)
	require.Equal(t, "active", p.Standing)
	require.EqualValues(t, 5000, p.Paid.Minor)
	require.Equal(t, "paid", p.Instalments[1].State)
	require.NotNil(t, p.Instalments[1].DonationID)
	gift := apptest.Decode[struct {
		Status string `json:"status"`
	}](d.staff.Get("/donations/" + *p.Instalments[1].DonationID))
	require.Equal(t, "succeeded", gift.Status)
	d.act(p, "instalments/"+p.Instalments[1].ID+"/charge", nil).Blames("body.instalment_id", "promise.instalment")
}

func TestStaffRemindOfACardThatFailed(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.monthly()
	method := d.Sandbox.PaymentMethods(d.Sandbox.PlatformAccount())[0].ID
	require.NoError(t, d.Sandbox.DeclineNext(method, "stolen_card", 1))
	d.morningOf(p.Next.DueOn)
	p = d.promise(p.ID)
	require.Equal(t, "needs_payment_method", p.Standing)
	require.Equal(t, "failed", p.Next.State, "what was given up is what waits")
	require.Empty(t, p.Upcoming)
	before := len(d.mailed("ben@example.org"))
	p = d.acted(p, "instalments/"+p.Next.InstalmentID+"/remind", nil)
	mails := d.mailed("ben@example.org")
	require.Len(t, mails, before+1)
	require.Equal(t, "card.needed", mails[0])
	require.Contains(t, d.Mails("ben@example.org")[0].Text, "We could not charge $25.00")
	p = d.acted(p, "card-link", nil)
	require.Equal(t, "card.link", d.mailed("ben@example.org")[0])
	require.Contains(t, d.Mails("ben@example.org")[0].Text, "did not go through")
	require.Equal(t, []string{"promise.card_asked", "promise.reminded"}, d.audited(p)[:2])
}

func TestTwoWhoActAtOnceDoSoOnce(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.monthly()
	statuses := make(chan int, 4)
	for range cap(statuses) {
		staff := d.SignIn(d.owner)
		go func() { statuses <- d.actAs(staff, p, "skip", nil).StatusCode }()
	}
	seen := map[int]int{}
	for range cap(statuses) {
		seen[<-statuses]++
	}
	require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusConflict: 3}, seen)
	require.Equal(t, p.Upcoming[1].DueOn, d.promise(p.ID).Next.DueOn, "one date is left out, not four")
}

// service is pledging as a page calls it, on the desk's database.
func (d *desk) service() *pledging.Service {
	d.T.Helper()
	public, err := url.Parse(d.URL)
	require.NoError(d.T, err)
	outbox, err := mail.New(mail.Config{From: "Tributary <mail@tributary.example>", Templates: frontend.Templates, Now: d.Clock.Now}, d.DB, d.Jobs())
	require.NoError(d.T, err)
	return pledging.New(pledging.Needs{
		DB: d.DB, Jobs: d.Jobs(), Books: bookkeeping.New(d.DB, d.Clock.Now), Audit: auditing.New(d.DB, d.Clock.Now), Organizations: d.Access(),
		Tariffs: tariffs{}, Outbox: outbox, PublicURL: public, Now: d.Clock.Now,
	})
}

type tariffs struct{}

func (tariffs) Offer(context.Context, account.Organization, string) (money.Tariff, error) {
	return money.Tariff{BasisPoints: 200}, nil
}

// as is the context of a supporter on their own page.
func (d *desk) as(person string) context.Context {
	return actor.With(d.T.Context(), actor.Actor{Kind: actor.KindSupporter, ID: uuid.MustParse(person), OrgID: d.owner.Organization.ID.UUID, RequestID: "test"})
}

func TestASupporterTouchesOnlyTheirOwnPromises(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	plan := d.monthly()
	org, of, first := d.owner.Organization.ID.UUID, mustID[promise.Promise](t, plan.ID), mustID[promise.Instalment](t, plan.Instalments[0].ID)
	s, ada, ben := d.service(), d.as(d.person), d.as(*plan.PersonID)
	until := d.today().AddDays(40)
	for name, act := range map[string]func(context.Context) error{
		"pause":  func(ctx context.Context) error { _, err := s.Pause(ctx, org, of, plan.Version, until); return err },
		"resume": func(ctx context.Context) error { _, err := s.Resume(ctx, org, of, plan.Version); return err },
		"skip":   func(ctx context.Context) error { _, err := s.Skip(ctx, org, of, plan.Version); return err },
		"amount": func(ctx context.Context) error {
			_, err := s.ChangeAmount(ctx, org, of, plan.Version, money.New(-5, "XXX"), true)
			return err
		},
		"day":    func(ctx context.Context) error { _, err := s.ChangeDay(ctx, org, of, plan.Version+9, 3); return err },
		"cancel": func(ctx context.Context) error { _, err := s.Cancel(ctx, org, of, plan.Version, ""); return err },
		"charge": func(ctx context.Context) error { _, err := s.Charge(ctx, org, of, plan.Version, first); return err },
		"find":   func(ctx context.Context) error { _, err := s.Find(ctx, of); return err },
		"of another": func(ctx context.Context) error {
			_, err := s.PromisesOf(ctx, org, uuid.MustParse(*plan.PersonID))
			return err
		},
		"their cards": func(ctx context.Context) error {
			_, err := s.CardsOf(ctx, org, uuid.MustParse(*plan.PersonID))
			return err
		},
	} {
		require.ErrorIs(t, act(ada), promise.ErrNotFound, name)
	}
	require.Equal(t, plan.Version, d.promise(plan.ID).Version)

	found, err := s.Find(ben, of)
	require.NoError(t, err)
	require.Equal(t, promise.Active, found.Status)
	changed, err := s.ChangeAmount(ben, org, of, found.Version, money.New(98_00, "USD"), true)
	require.NoError(t, err)
	require.EqualValues(t, 2_00, changed.CoverMinor)
	cancelled, err := s.Cancel(ben, org, of, changed.Version, "Too much right now")
	require.NoError(t, err)
	require.Equal(t, string(actor.KindSupporter), cancelled.ClosedBy)
	_, err = s.Cancel(ben, org, of, changed.Version, "")
	require.ErrorIs(t, err, promise.ErrChanged)
}

func TestWhatAPersonPromised(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	plan := d.monthly()
	org, ben, s := d.owner.Organization.ID.UUID, uuid.MustParse(*plan.PersonID), d.service()
	older := d.acted(d.taken(object{"person_id": *plan.PersonID}), "cancel", nil)
	d.Clock.Advance(time.Second)
	newer := d.taken(object{"person_id": *plan.PersonID})

	found, err := s.PromisesOf(d.as(*plan.PersonID), org, ben)
	require.NoError(t, err)
	var order []string
	for _, p := range found {
		order = append(order, p.ID.String())
	}
	require.Equal(t, []string{newer.ID, plan.ID, older.ID}, order, "what is open first, then the newest")
	require.Len(t, found[0].Instalments, 12)
	require.Equal(t, 1, found[0].Instalments[0].N)
	require.Nil(t, found[0].Card)
	require.Equal(t, "4242", found[1].Card.Last4)
	require.Len(t, found[1].Instalments, 2)

	cards, err := s.CardsOf(d.as(*plan.PersonID), org, ben)
	require.NoError(t, err)
	require.Len(t, cards, 1)
	none, err := s.PromisesOf(d.As(d.owner), org, uuid.MustParse(d.person))
	require.NoError(t, err)
	require.Empty(t, none)

	of, err := s.PromiseOfInstalment(t.Context(), org, uuid.MustParse(newer.Instalments[3].ID))
	require.NoError(t, err)
	require.Equal(t, newer.ID, of.ID.String())
	require.Len(t, of.Instalments, 12)
	_, err = s.PromiseOfInstalment(t.Context(), org, uuid.New())
	require.ErrorIs(t, err, promise.ErrNotFound)

	shown := apptest.Decode[promisesJSON](d.staff.Get("/people/" + *plan.PersonID + "/promises"))
	require.Equal(t, []string{newer.Reference, older.Reference, plan.Reference}, shown.references())
	shown = apptest.Decode[promisesJSON](d.staff.Get("/people/" + *plan.PersonID + "/promises?open=true"))
	require.Equal(t, []string{newer.Reference, plan.Reference}, shown.references(), "these are suggested when a cheque comes")
	saved := apptest.Decode[struct{ Items []cardJSON }](d.staff.Get("/people/" + *plan.PersonID + "/cards"))
	require.Equal(t, []cardJSON{{cards[0].ID.String(), "visa", "4242"}}, saved.Items)
}

func TestAPledgeByCardChargesOnItsDates(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	plan := d.monthly()
	card := apptest.Decode[struct{ Items []cardJSON }](d.staff.Get("/people/" + *plan.PersonID + "/cards")).Items[0].ID
	pledge := object{"person_id": *plan.PersonID, "method": "card", "card_id": card, "total": usd(90_00), "count": 3, "first_on": d.today().AddDays(10).String()}
	d.staff.Post("/pledges", d.pledge(object{"person_id": d.person, "method": "card", "card_id": card})).Blames("body.card_id", "promise.card")
	d.staff.Post("/pledges", d.pledge(object{"person_id": *plan.PersonID, "method": "card", "card_id": card, "first_on": d.today().AddDays(-3).String()})).
		Blames("body.first_on", "promise.first_past")
	p := d.taken(pledge)
	require.Equal(t, "4242", p.Card.Last4)
	require.NotNil(t, p.Instalments[0].ActAt)

	p = d.acted(p, "instalments/"+p.Instalments[0].ID+"/charge", nil)
	d.RunJobs()
	p = d.promise(p.ID)
	require.Equal(t, "paid", p.Instalments[0].State, "at once, ahead of its date")
	require.EqualValues(t, 60_00, p.Owed.Minor)
	require.Len(t, d.Sandbox.Charges(d.Sandbox.PlatformAccount()), 2)
}

func mustID[T any](t *testing.T, text string) id.ID[T] {
	t.Helper()
	parsed, err := id.Parse[T](text)
	require.NoError(t, err)
	return parsed
}
