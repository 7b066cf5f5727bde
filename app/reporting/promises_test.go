package reporting_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/reporting"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/promise"
)

// today is the date of now in New York.
var today = day.New(2026, time.December, 1)

// promised writes a promise of c, with what is left out filled in: of the charity's person, $10, active, by card.
func (w *world) promised(c charity, p promise.Promise) promise.Promise {
	w.t.Helper()
	p.OrgID, p.ID, p.CauseID, p.FundID, p.PersonID = c.org, id.New[promise.Promise](), c.cause, c.fund, &c.person
	p.Reference = "P-" + p.ID.String()[10:]
	p.DonorFirstName, p.DonorLastName, p.DonorEmail = "Maya", "Lindqvist", "maya@example.org"
	p.Zone, p.Visibility, p.Version, p.CreatedAt, p.UpdatedAt = "America/New_York", donation.NameAndAmount, 1, now, now
	if p.Kind == "" {
		p.Kind = promise.Plan
	}
	if p.Status == "" {
		p.Status = promise.Active
	}
	if p.Method == "" {
		p.Method = promise.ByCard
	}
	if p.Amount.Minor == 0 {
		p.Amount = usd(10_00)
	}
	if p.Schedule.Unit == "" {
		p.Schedule = monthly(today)
	}
	if p.Kind == promise.Pledge && p.Schedule.Count == nil {
		p.Schedule.Count = new(len(p.Instalments))
	}
	for k := range p.Instalments {
		i := &p.Instalments[k]
		i.OrgID, i.PromiseID, i.CreatedAt, i.UpdatedAt = c.org, p.ID, now.AddDate(0, -1, 0), now
		i.ID = id.New[promise.Instalment]()
		if i.N == 0 {
			i.N = k + 1
		}
		if i.State == "" {
			i.State = promise.Scheduled
		}
		if i.Amount.Currency == "" {
			i.Amount = money.New(p.Amount.Minor, p.Amount.Currency)
		}
		i.PlannedMinor = i.Amount.Minor
		if i.ActAt == nil && i.State == promise.Scheduled && p.Method == promise.ByCard {
			i.ActAt = new(promise.Morning(i.DueOn, p.Location()))
		}
	}
	require.NoError(w.t, w.db.InTx(w.t.Context(), database.Tenant(c.org), func(tx database.Tx) error {
		if err := tx.Gorm(w.t.Context()).Create(&p).Error; err != nil || len(p.Instalments) == 0 {
			return err
		}
		return tx.Gorm(w.t.Context()).Create(&p.Instalments).Error
	}))
	return p
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func monthly(first day.Day) promise.Schedule {
	s, err := promise.NewSchedule(promise.Month, 1, nil, first)
	if err != nil {
		panic(err)
	}
	return s
}

func due(on day.Day) promise.Instalment { return promise.Instalment{DueOn: on} }

// sums are a forecast's months as "2026-12 USD plans 10.00×1": amounts without a month are late.
func sums(f reporting.Forecast) map[string][2]int64 {
	m := map[string][2]int64{}
	for _, month := range f.Months {
		for name, sum := range map[string]reporting.Sum{"plan": month.Plans, "pledge": month.Pledges} {
			if sum.Count > 0 {
				m[month.Month.String()[:7]+" "+month.Currency+" "+name] = [2]int64{sum.Minor, sum.Count}
			}
		}
	}
	for _, sum := range f.Late {
		m["late "+sum.Currency] = [2]int64{sum.Minor, sum.Count}
	}
	return m
}

func TestAForecastFollowsEveryScheduleAsTheRulesDo(t *testing.T) {
	t.Parallel()
	w := open(t)
	const months = 24
	until, random := day.New(2028, time.December, 1), rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same in every run
	want := map[string][2]int64{}
	for k := range 400 {
		p, newest := somePlan(random)
		p.Amount = money.New(int64(1+random.IntN(500))*100, []string{"USD", "USD", "EUR"}[k%3])
		p = w.promised(w.charity, p)
		add := func(d day.Day) {
			key := fmt.Sprintf("%s %s plan", d.String()[:7], p.Amount.Currency)
			want[key] = [2]int64{want[key][0] + p.Amount.Minor, want[key][1] + 1}
		}
		if d := p.Instalments[0].DueOn; d.Before(until) {
			if d.Before(today) {
				d = today
			}
			if p.Instalments[0].State == promise.RetryWait {
				late := "late " + p.Amount.Currency
				want[late] = [2]int64{want[late][0] + p.Amount.Minor, want[late][1] + 1}
			} else {
				add(d)
			}
		}
		for n := newest + 1; !p.Schedule.Ends(n) && p.Schedule.Due(n).Before(until); n++ {
			if d := p.Schedule.Due(n); d.After(today) && (p.PausedUntil == nil || !d.Before(*p.PausedUntil)) {
				add(d)
			}
		}
	}
	got, err := w.Forecast(w.as(w.charity, account.Viewer), months)
	require.NoError(t, err)
	require.Equal(t, want, sums(got))
	require.Len(t, got.Months, months*2, "each month in each currency")
	require.Equal(t, "USD", got.Months[0].Currency, "the organization's own first")
}

// somePlan is an open plan at some point of its life, and the number of its newest instalment: it lies ahead, is under way, or failed.
func somePlan(random *rand.Rand) (promise.Promise, int) {
	unit := []promise.Unit{promise.Week, promise.Month, promise.Month, promise.Month, promise.Year}[random.IntN(5)]
	schedule, err := promise.NewSchedule(unit, 1+random.IntN(12), nil, today.AddDays(-random.IntN(1100)))
	if err != nil {
		panic(err)
	}
	if unit != promise.Week && random.IntN(3) == 0 {
		n, _ := schedule.FirstFrom(1, today.AddDays(-200))
		if schedule, err = schedule.MovedTo(n, 1+random.IntN(31), today.AddDays(-180)); err != nil {
			panic(err)
		}
	}
	p := promise.Promise{Schedule: schedule, Status: promise.Active}
	newest, _ := schedule.FirstFrom(1, today.AddDays(1))
	state := promise.Scheduled
	switch random.IntN(6) {
	case 0: // its date passed not long ago, and it failed for now
		if newest--; newest >= 1 && schedule.Due(newest).After(today.AddDays(-20)) {
			p.Status, state = promise.PastDue, promise.RetryWait
		} else {
			newest++
		}
	case 1: // being paid, while it is paused
		newest, state = max(newest-1, 1), promise.Processing
		p.PausedUntil = new(today.AddDays(1 + random.IntN(200)))
		if on := schedule.Due(newest + 1 + random.IntN(3)); on.After(today) && random.IntN(2) == 0 {
			p.PausedUntil = &on // until a date of its own: that one comes again
		}
	case 2: // paused: the first one after the pause exists
		p.PausedUntil = new(today.AddDays(1 + random.IntN(200)))
		newest, _ = schedule.FirstFrom(newest, *p.PausedUntil)
	}
	if random.IntN(4) == 0 {
		p.Schedule.Count = new(min(newest+random.IntN(30), promise.MostInstalments))
		if p.Schedule.Ends(newest) {
			p.Schedule.Count = nil
		}
	}
	p.Instalments = []promise.Instalment{{N: newest, DueOn: schedule.Due(newest), State: state}}
	return p, newest
}

func TestAForecastLeavesOutWhatWillNotCome(t *testing.T) {
	t.Parallel()
	w := open(t)
	next := today.AddDays(4)
	for _, status := range []promise.Status{promise.PendingSetup, promise.Lapsed, promise.Completed, promise.Cancelled} {
		w.promised(w.charity, promise.Promise{Status: status, Instalments: []promise.Instalment{due(next)}})
	}
	w.promised(w.other, promise.Promise{Instalments: []promise.Instalment{due(next)}})
	broken := due(today.AddDays(-3))
	broken.State, broken.DeclineCode = promise.Failed, "expired_card"
	w.promised(w.charity, promise.Promise{Status: promise.NeedsPaymentMethod, Instalments: []promise.Instalment{broken}})
	f, err := w.Forecast(w.as(w.charity, account.Viewer), 3)
	require.NoError(t, err)
	require.Equal(t, map[string][2]int64{"late USD": {10_00, 1}}, sums(f), "nothing comes before there is another card")

	f, err = w.Forecast(w.as(w.other, account.Viewer), 3)
	require.NoError(t, err)
	require.Equal(t, map[string][2]int64{"2026-12 USD plan": {10_00, 1}, "2027-01 USD plan": {10_00, 1}, "2027-02 USD plan": {10_00, 1}}, sums(f), "their own, and no more")
}

func TestAForecastTellsPledgesAndLateApart(t *testing.T) {
	t.Parallel()
	w := open(t)
	settled := func(state promise.State) promise.Instalment {
		return promise.Instalment{DueOn: today.AddDays(20), State: state}
	}
	w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Method: promise.ByLink, Instalments: []promise.Instalment{
		due(today.AddDays(-1)), due(today), due(day.New(2026, 12, 31)), due(day.New(2027, 1, 1)), due(day.New(2027, 3, 1)),
		settled(promise.Paid), settled(promise.Waived), {DueOn: today.AddDays(3), Amount: usd(0)},
	}})
	w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Instalments: []promise.Instalment{
		due(today.AddDays(-1)), // by card: charged as soon as the machine gets to it
		{DueOn: today.AddDays(-2), State: promise.Processing},
		{DueOn: today.AddDays(5), State: promise.RetryWait}, // charged early, and declined
	}})
	w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Status: promise.PendingSetup, Instalments: []promise.Instalment{due(today.AddDays(1))}})
	f, err := w.Forecast(w.as(w.charity, account.Viewer), 3)
	require.NoError(t, err)
	require.Equal(t, map[string][2]int64{"2026-12 USD pledge": {40_00, 4}, "2027-01 USD pledge": {10_00, 1}, "late USD": {20_00, 2}}, sums(f))
}

func TestTheForecastOverHTTP(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.promised(w.charity, promise.Promise{Instalments: []promise.Instalment{due(today.AddDays(9))}})
	status, text := w.get("viewer", "/promises/forecast?months=1", nil)
	require.Equal(t, http.StatusOK, status, text)
	require.JSONEq(t, `{"months":[{"month":"2026-12","currency":"USD","plans":{"amount":{"amount_minor":1000,"currency":"USD"},"count":1},
		"pledges":{"amount":{"amount_minor":0,"currency":"USD"},"count":0}}],"late":[]}`, text)
	var page struct{ Months []struct{ Month string } }
	_, text = w.get("stranger", "/promises/forecast", &page)
	require.Len(t, page.Months, 12, text)
	require.Equal(t, "2027-11", page.Months[11].Month)
	require.NotContains(t, text, "1000")
	for _, months := range []string{"0", "25", "x"} {
		status, text = w.get("viewer", "/promises/forecast?months="+months, nil)
		require.Equal(t, http.StatusUnprocessableEntity, status, text)
	}
}

func TestLatePromisesAreForWhoMaySeeGifts(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.promised(w.charity, promise.Promise{Status: promise.PastDue, Instalments: []promise.Instalment{{DueOn: today, State: promise.RetryWait}}})
	for _, path := range []string{"/promises/forecast", "/promises/attention"} {
		for role, want := range map[string]int{"": http.StatusUnauthorized, "volunteer_coordinator": http.StatusForbidden, "stranger": http.StatusOK, "finance": http.StatusOK} {
			status, text := w.get(role, path, nil)
			require.Equal(t, want, status, "%s as %q: %s", path, role, text)
			if role != "finance" {
				require.NotContains(t, text, "1000", "%s as %q", path, role)
			}
		}
	}
}

// lateness writes one of each thing that may be late, the longest due last, and returns their names by instalment.
func (w *world) lateness() map[uuid.UUID]string {
	w.t.Helper()
	names := map[uuid.UUID]string{}
	card := w.card()
	at := func(d day.Day) *time.Time { return new(promise.Morning(d, time.UTC)) }
	write := func(name string, p promise.Promise, i promise.Instalment) {
		if p.Kind == "" && p.Status == "" {
			p.Status = promise.PastDue
		}
		p.Instalments = []promise.Instalment{i}
		names[w.promised(w.charity, p).Instalments[0].ID.UUID] = name
	}
	link := promise.Promise{Kind: promise.Pledge, Method: promise.ByLink}
	write("retry", promise.Promise{CardID: &card}, promise.Instalment{DueOn: today.AddDays(-1), State: promise.RetryWait, DeclineCode: "insufficient_funds", ActAt: at(today.AddDays(2))})
	write("confirm", promise.Promise{CardID: &card}, promise.Instalment{DueOn: today.AddDays(-2), State: promise.RequiresAction, DeclineCode: "authentication_required"})
	write("card", promise.Promise{CardID: &card}, promise.Instalment{DueOn: today.AddDays(-3), State: promise.Failed, DeclineCode: "expired_card", ActAt: at(today.AddDays(57))})
	write("gave up", promise.Promise{CardID: &card}, promise.Instalment{DueOn: today.AddDays(-4), State: promise.Failed, DeclineCode: "do_not_honor"})
	write("unpaid", link, promise.Instalment{DueOn: today.AddDays(-5), ActAt: at(today.AddDays(1)), Reminders: 1, RemindedAt: at(today.AddDays(-6))})
	write("forgotten", link, promise.Instalment{DueOn: today.AddDays(-6), RemindedAt: at(today.AddDays(-20)), Reminders: 3})
	// and what nobody has to look at
	w.promised(w.charity, promise.Promise{Instalments: []promise.Instalment{due(today.AddDays(-1))}})
	w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Method: promise.ByLink, Instalments: []promise.Instalment{due(today), {DueOn: today.AddDays(-9), Amount: usd(0)}}})
	w.promised(w.charity, promise.Promise{Status: promise.PendingSetup, Method: promise.ByLink, Instalments: []promise.Instalment{due(today.AddDays(-30))}})
	w.promised(w.charity, promise.Promise{Status: promise.Cancelled, Instalments: []promise.Instalment{{DueOn: today.AddDays(-30), State: promise.Processing}}})
	w.promised(w.other, promise.Promise{Status: promise.PastDue, Instalments: []promise.Instalment{{DueOn: today.AddDays(-1), State: promise.RetryWait}}})
	return names
}

func (w *world) card() uuid.UUID {
	w.t.Helper()
	card := newID()
	w.exec(w.org, `insert into saved_cards (org_id, id, person_id, customer_id, payment_method_id, created_at, updated_at) values ($1, $2, $3, 'cus_1', $4, now(), now())`,
		w.org, card, w.person, "pm_"+card.String())
	return card
}

type attentionPage struct {
	Items []struct {
		PromiseID    string `json:"promise_id"`
		InstalmentID string `json:"instalment_id"`
		PersonID     string `json:"person_id"`
		DonorName    string `json:"donor_name"`
		DueOn        string `json:"due_on"`
		LateDays     int    `json:"late_days"`
		Amount       money.Money
		Kind, State  string
		Why          string
		WhatNext     string `json:"what_next"`
		Action       string
	}
	NextCursor string `json:"next_cursor"`
}

func TestWhatIsLateSaysWhyAndWhatToDo(t *testing.T) {
	t.Parallel()
	w := open(t)
	names := w.lateness()
	for instalment, name := range names {
		kind := map[string]string{"card": "card.needed", "retry": "payment.declined"}[name]
		if kind != "" {
			w.exec(w.org, `insert into messages (org_id, id, kind, dedupe_key, person_id, to_email, subject, text_body, html_body, state, created_at)
				values ($1, $2, $3, $4, $5, 'maya@example.org', '', '', '', 'sent', $6)`, w.org, newID(), kind, kind+":"+instalment.String(), w.person, now.AddDate(0, 0, -2))
		}
	}
	var page attentionPage
	status, text := w.get("viewer", "/promises/attention", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Len(t, page.Items, len(names))
	type line struct{ name, why, next, action string }
	var got []line
	for _, i := range page.Items {
		got = append(got, line{names[uuid.MustParse(i.InstalmentID)], i.Why, i.WhatNext, i.Action})
		require.Equal(t, usd(10_00), i.Amount)
		require.Equal(t, "Maya Lindqvist", i.DonorName)
		require.Equal(t, w.person.String(), i.PersonID)
	}
	require.Equal(t, []line{
		{"forgotten", "Nothing has come yet", "Last reminded on 11 Nov, nothing more happens by itself", "remind"},
		{"unpaid", "Nothing has come yet", "Reminded again on 2 Dec", "remind"},
		{"gave up", "The bank declined the payment and did not say why", "Not tried again: it goes on with the next date", "charge"},
		{"card", "The card has expired", "Waits for a new card: link mailed on 29 Nov. Without one it ends on 27 Jan 2027", "card_link"},
		{"confirm", "The bank wants this payment to be confirmed", "Waits for the donor to confirm it at the bank: no link was mailed", "remind"},
		{"retry", "There was not enough money on the card", "Tried again on 3 Dec", "charge"},
	}, got)
	require.Equal(t, []int{6, 1}, []int{page.Items[0].LateDays, page.Items[5].LateDays})
	require.Equal(t, "2026-11-25", page.Items[0].DueOn)
	require.Empty(t, page.NextCursor)

	w.exec(w.org, "update people set do_not_contact = true where id = $1", w.person)
	_, text = w.get("viewer", "/promises/attention", &page)
	got = nil
	for _, i := range page.Items {
		got = append(got, line{name: names[uuid.MustParse(i.InstalmentID)], action: i.Action})
	}
	require.Equal(t, []line{{name: "forgotten", action: "look"}, {name: "unpaid", action: "look"}, {name: "gave up", action: "charge"},
		{name: "card", action: "card_link"}, {name: "confirm", action: "look"}, {name: "retry", action: "charge"}}, got, text)
}

func TestWhatIsLateIsPagedWithoutLossOrRepetition(t *testing.T) {
	t.Parallel()
	w := open(t)
	for range 3 { // several on one day, of both sorts
		w.lateness()
	}
	var all attentionPage
	w.get("owner", "/promises/attention", &all)
	require.Len(t, all.Items, 18)
	for _, limit := range []int{1, 2, 5, 17, 18} {
		var got attentionPage
		cursor := ""
		for pages := 0; pages == 0 || cursor != ""; pages++ {
			var page attentionPage
			status, text := w.get("owner", "/promises/attention?limit="+strconv.Itoa(limit)+"&cursor="+cursor, &page)
			require.Equal(t, http.StatusOK, status, text)
			require.LessOrEqual(t, len(page.Items), limit)
			require.LessOrEqual(t, pages, 18, "it ends")
			got.Items, cursor = append(got.Items, page.Items...), page.NextCursor
		}
		require.Equal(t, all.Items, got.Items, "pages of %d", limit)
	}
	for _, bad := range []string{"nonsense", "WyJ4IiwieSJd"} {
		status, text := w.get("owner", "/promises/attention?cursor="+bad, nil)
		require.Equal(t, http.StatusUnprocessableEntity, status, text)
		require.Contains(t, text, "cursor.invalid")
	}
}

func TestTodayShowsWhatIsLate(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.lateness()
	got, err := w.Today(w.as(w.charity, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, 6, got.LateCount)
	require.Len(t, got.Attention, 5, "the first ones")
	var page struct {
		Count          int `json:"late_promises_count"`
		NeedsAttention []struct {
			Kind, Detail, Reference string
			PromiseID               string `json:"promise_id"`
		} `json:"needs_attention"`
	}
	status, text := w.get("viewer", "/today", &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, 6, page.Count)
	require.Equal(t, "promise_late", page.NeedsAttention[0].Kind)
	require.Equal(t, "Nothing has come yet", page.NeedsAttention[0].Detail)
	require.Equal(t, got.Attention[0].PromiseID.String(), page.NeedsAttention[0].PromiseID)
	require.NotEmpty(t, page.NeedsAttention[0].Reference)

	got, err = w.Today(w.as(w.other, account.Viewer))
	require.NoError(t, err)
	require.Equal(t, 1, got.LateCount, "their own")
}

func TestAPersonsPromisesAreSummedByCurrency(t *testing.T) {
	t.Parallel()
	w := open(t)
	every := func(unit promise.Unit, n int, minor int64) promise.Promise {
		s, err := promise.NewSchedule(unit, n, nil, today)
		require.NoError(t, err)
		return promise.Promise{Schedule: s, Amount: usd(minor), Instalments: []promise.Instalment{due(today.AddDays(3))}}
	}
	w.promised(w.charity, every(promise.Month, 1, 25_00))
	w.promised(w.charity, every(promise.Month, 3, 30_00)) // ten a month
	w.promised(w.charity, every(promise.Week, 2, 6_00))   // thirteen a month
	w.promised(w.charity, every(promise.Year, 1, 100_00)) // 8.33 a month
	paused := every(promise.Month, 1, 900_00)
	paused.PausedUntil = new(today.AddDays(1))
	w.promised(w.charity, paused)
	failing := every(promise.Month, 1, 1_00)
	failing.Status, failing.Instalments[0].State = promise.PastDue, promise.RetryWait
	w.promised(w.charity, failing)
	lapsed := every(promise.Month, 1, 900_00)
	lapsed.Status = promise.Lapsed
	w.promised(w.charity, lapsed)
	w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Method: promise.ByLink, Amount: money.New(300_00, "EUR"), Instalments: []promise.Instalment{
		{DueOn: today.AddDays(-40), State: promise.Paid, PaidMinor: 80_00, Amount: money.New(80_00, "EUR")},
		{DueOn: today.AddDays(-10), Amount: money.New(120_00, "EUR")}, {DueOn: today.AddDays(20), Amount: money.New(100_00, "EUR")},
	}})
	w.give(w.charity, gift{})

	given, promised, err := w.Summary(w.as(w.charity, account.Viewer), w.person)
	require.NoError(t, err)
	require.Len(t, given, 1, "euros were promised, not given")
	require.Equal(t, []reporting.Promised{
		{Currency: "USD", Plans: 6, Monthly: 57_33, Late: 1_00},
		{Currency: "EUR", Pledges: 1, Pledged: 300_00, Paid: 80_00, Owed: 220_00, Late: 120_00},
	}, promised)
	var page struct {
		Promises []struct {
			Plans         int
			Monthly, Late money.Money
		}
	}
	_, text := w.get("viewer", "/people/"+w.person.String()+"/summary", &page)
	require.Equal(t, usd(57_33), page.Promises[0].Monthly, text)
	require.Equal(t, money.New(120_00, "EUR"), page.Promises[1].Late)

	_, promised, err = w.Summary(w.as(w.other, account.Viewer), w.other.person)
	require.NoError(t, err)
	require.Empty(t, promised)
}

func TestATimelineTellsOfPromises(t *testing.T) {
	t.Parallel()
	w := open(t)
	plan := w.promised(w.charity, promise.Promise{Amount: usd(25_00)})
	pledge := w.promised(w.charity, promise.Promise{Kind: promise.Pledge, Amount: usd(900_00), Instalments: []promise.Instalment{due(today)}})
	for k, of := range []struct {
		promise uuid.UUID
		action  string
	}{
		{plan.ID.UUID, "promise.activated"}, {plan.ID.UUID, "promise.instalment_attempted"}, {plan.ID.UUID, "promise.instalment_paid"}, {plan.ID.UUID, "promise.paused"}, {pledge.ID.UUID, "promise.started"},
		{pledge.ID.UUID, "promise.reminded"}, {pledge.ID.UUID, "promise.written_off"},
	} {
		w.exec(w.org, `insert into audit_events (org_id, id, at, actor_kind, action, subject_type, subject_id, after) values ($1, $2, $3, 'system', $4, 'promise', $5, $6)`,
			w.org, newID(), now.Add(time.Duration(k-10)*time.Minute), of.action, of.promise, map[string]any{"status": "active"})
	}
	type moment struct {
		Kind, Title, State string
		PromiseID          string `json:"promise_id"`
		Amount             *money.Money
	}
	var page struct{ Items []moment }
	path := "/people/" + w.person.String() + "/timeline"
	status, text := w.get("viewer", path, &page)
	require.Equal(t, http.StatusOK, status, text)
	all := []moment{
		{"promise", "promise.written_off", "pledge", pledge.ID.String(), new(usd(900_00))},
		{"promise", "promise.started", "pledge", pledge.ID.String(), new(usd(900_00))},
		{"promise", "promise.paused", "plan", plan.ID.String(), new(usd(25_00))},
		{"promise", "promise.activated", "plan", plan.ID.String(), new(usd(25_00))},
	}
	require.Equal(t, all, page.Items, "gifts and mails tell the rest themselves")

	page.Items = nil
	status, text = w.get("volunteer_coordinator", path, &page)
	require.Equal(t, http.StatusOK, status, text)
	require.Empty(t, page.Items, "plans are giving")
}
