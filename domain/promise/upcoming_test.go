package promise_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// morning is an instant on a date on which the promises of these tests look around.
func morning(d day.Day) time.Time { return promise.Morning(d, time.UTC) }

func monthlyFrom(t *testing.T, first day.Day) promise.Promise {
	t.Helper()
	gift := donation.Donation{
		OrgID: uuid.New(), ID: id.New[donation.Donation](), Amount: money.New(2500, "USD"), CoverMinor: 105, DonorFirstName: "Ada", DonorEmail: "ada@example.org",
	}
	p, err := promise.NewPlan(promise.PlanDetails{Donation: gift, Unit: promise.Month, Every: 1, Zone: "UTC", Today: first, Token: uuid.New()}, morning(first))
	require.NoError(t, err)
	p.Follow(p.Instalments[0].ID, promise.Facts{DonationID: gift.ID.UUID, Attempt: 1, State: payment.AttemptSucceeded, Received: true, PaidMinor: 2500}, morning(first))
	card := uuid.New()
	p.Activate(uuid.New(), &card, morning(first))
	return p
}

func dates(parts []promise.Part) []string {
	var all []string
	for _, part := range parts {
		all = append(all, part.DueOn.String())
	}
	return all
}

func TestUpcomingNamesTheNextCharges(t *testing.T) {
	t.Parallel()
	first := day.New(2026, time.October, 31)
	p := monthlyFrom(t, first)
	today := day.New(2026, time.November, 22)
	require.Equal(t, []string{"2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"}, dates(p.Upcoming(4, today)))
	require.Equal(t, money.New(2500, "USD"), p.Upcoming(1, today)[0].Amount)

	require.NoError(t, p.Pause(day.New(2027, time.January, 15), today, morning(today)))
	require.Equal(t, []string{"2027-01-31", "2027-02-28", "2027-03-31"}, dates(p.Upcoming(3, today)), "a pause leaves its dates out")
}

func TestUpcomingIsEmptyWhereNothingWillBeCharged(t *testing.T) {
	t.Parallel()
	today := day.New(2026, time.November, 22)
	p := monthlyFrom(t, today)
	require.NoError(t, p.Cancel("login", "", morning(today)))
	require.Empty(t, p.Upcoming(6, today))

	three := 3
	p = monthlyFrom(t, today)
	p.Schedule.Count = &three
	require.Len(t, p.Upcoming(6, today), 2, "the plan ends")

	q := monthlyFrom(t, today)
	next := q.Next()
	q.Attempted(next, uuid.New(), 1, morning(next.DueOn))
	q.Follow(next.ID, promise.Facts{DonationID: *next.DonationID, Attempt: 1, State: payment.AttemptFailed, DeclineCode: "stolen_card"}, morning(next.DueOn))
	require.Equal(t, promise.NeedsPaymentMethod, q.Status)
	require.Empty(t, q.Upcoming(6, next.DueOn), "not before there is another card")
}

func pledged(t *testing.T, method promise.Method, first, today day.Day) promise.Promise {
	t.Helper()
	person := uuid.New()
	d := promise.PledgeDetails{
		PersonID: &person, Total: money.New(1200_00, "USD"), Count: 12, Unit: promise.Month, Every: 1, FirstOn: first, Zone: "UTC", Method: method,
		RemindBeforeDays: 7, RemindEveryDays: 10, RemindAtMost: 2,
	}
	if method == promise.ByCard {
		card := uuid.New()
		d.CardID = &card
	}
	p, err := promise.NewPledge(uuid.New(), d, today, morning(today))
	require.NoError(t, err)
	return p
}

func TestRemindingByHandCountsAndKeepsItsDistance(t *testing.T) {
	t.Parallel()
	today := day.New(2026, time.November, 22)
	p := pledged(t, promise.ByLink, day.New(2026, time.December, 1), today)
	first := p.Instalments[0].ID
	i, err := p.Remind(first, morning(today))
	require.NoError(t, err)
	require.Equal(t, 1, i.Reminders)
	require.Equal(t, morning(day.New(2026, time.December, 2)), *i.ActAt, "ten days on, not the day after tomorrow")
	_, err = p.Remind(first, morning(today).Add(3*time.Hour))
	require.ErrorIs(t, err, promise.ErrReminded)

	i, err = p.Remind(first, morning(today.AddDays(1)))
	require.NoError(t, err)
	require.Equal(t, 2, i.Reminders)
	require.Nil(t, i.ActAt, "two were enough")

	later := p.Instalments[6]
	i, err = p.Remind(later.ID, morning(today))
	require.NoError(t, err)
	require.Equal(t, *later.ActAt, *i.ActAt, "its own reminder is far away and stays")
}

func TestNobodyIsRemindedOfWhatACardPays(t *testing.T) {
	t.Parallel()
	today := day.New(2026, time.November, 22)
	p := pledged(t, promise.ByCard, day.New(2026, time.December, 1), today)
	_, err := p.Remind(p.Instalments[0].ID, morning(today))
	require.ErrorIs(t, err, promise.ErrNothingToAsk)
	_, err = p.Remind(id.New[promise.Instalment](), morning(today))
	require.ErrorIs(t, err, promise.ErrInstalment)
	require.NoError(t, p.Cancel("login", "", morning(today)))
	_, err = p.Remind(p.Instalments[0].ID, morning(today))
	require.ErrorIs(t, err, promise.ErrClosed)

	plan := monthlyFrom(t, today)
	next := plan.Next()
	plan.Attempted(next, uuid.New(), 1, morning(next.DueOn))
	_, err = plan.Remind(next.ID, morning(next.DueOn))
	require.ErrorIs(t, err, promise.ErrInFlight)
	plan.Follow(next.ID, promise.Facts{DonationID: *next.DonationID, Attempt: 1, State: payment.AttemptFailed, DeclineCode: "expired_card"}, morning(next.DueOn))
	lapses := *next.ActAt
	i, err := plan.Remind(next.ID, morning(next.DueOn))
	require.NoError(t, err)
	require.Equal(t, lapses, *i.ActAt, "when the plan lapses does not move")
}

func TestACardForAPledgeByLinkIsChargedOnItsDatesOnly(t *testing.T) {
	t.Parallel()
	first := day.New(2026, time.October, 1)
	today := day.New(2026, time.November, 22)
	p := pledged(t, promise.ByLink, first, today)
	require.Nil(t, p.UseCard(uuid.New(), morning(today)), "what is late was never announced as a charge")
	for _, i := range p.Instalments {
		if i.DueOn.After(today) {
			require.Equal(t, morning(i.DueOn), *i.ActAt, "on its date, not when a reminder was due")
		} else {
			require.Nil(t, i.ActAt)
		}
	}
}

func TestACardIsNotChargedForThePast(t *testing.T) {
	t.Parallel()
	today, card, person := day.New(2026, time.November, 22), uuid.New(), uuid.New()
	d := promise.PledgeDetails{
		PersonID: &person, Total: money.New(1200_00, "USD"), Count: 12, Unit: promise.Month, Every: 1, FirstOn: today.AddDays(-1), Zone: "UTC", Method: promise.ByCard, CardID: &card,
	}
	_, err := promise.NewPledge(uuid.New(), d, today, morning(today))
	require.ErrorIs(t, err, promise.ErrFirstPast)
	d.Method, d.CardID = promise.ByLink, nil
	_, err = promise.NewPledge(uuid.New(), d, today, morning(today))
	require.NoError(t, err, "a promise of last week may be written down")
}

func TestOnePartTooLateMakesAPledgeDelinquent(t *testing.T) {
	t.Parallel()
	today := day.New(2026, time.November, 22)
	p := pledged(t, promise.ByLink, day.New(2026, time.October, 20), today)
	require.Equal(t, promise.Overdue, p.StandingOn(today))
	p.Instalments[1].DueOn = day.New(2026, time.August, 1)
	require.Equal(t, promise.Delinquent, p.StandingOn(today), "though an earlier part is only overdue")
	require.Equal(t, promise.Active, p.StandingOn(day.New(2026, time.July, 1)))
}

func TestTheSameFormIsTheSamePledge(t *testing.T) {
	t.Parallel()
	r := promise.PledgeRequest{OrgSlug: "riverbend", Total: money.New(1200_00, "USD"), Count: 12, Unit: promise.Month, Every: 1, FirstOn: day.New(2026, time.December, 1), FormToken: uuid.New()}
	again, other := r, r
	again.IP, again.Zone = "192.0.2.1", "Europe/Paris"
	other.Count = 6
	require.Equal(t, r.Token(), again.Token())
	require.NotEqual(t, r.Token(), other.Token())
}
