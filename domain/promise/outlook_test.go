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

var started = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

// monthly is a plan of $25 a month, $1 cover, whose first gift was paid on November 22.
func monthly(t *testing.T) promise.Promise {
	t.Helper()
	gift := donation.Donation{OrgID: uuid.New(), ID: id.New[donation.Donation](), Amount: money.New(2500, "USD"), CoverMinor: 100}
	p, err := promise.NewPlan(promise.PlanDetails{
		Donation: gift, Unit: promise.Month, Every: 1, Zone: "America/New_York", Today: day.New(2026, 11, 22), Token: uuid.New(),
	}, started)
	require.NoError(t, err)
	require.Equal(t, promise.WaitsForIt, p.Outlook(started).Prospect)
	require.True(t, p.Follow(p.Instalments[0].ID, promise.Facts{DonationID: gift.ID.UUID, Attempt: 1, State: payment.AttemptSucceeded, Received: true, PaidMinor: 2500}, started))
	card := uuid.New()
	p.Activate(uuid.New(), &card, started)
	return p
}

// decline tries the next instalment on its date and has the bank say no.
func decline(t *testing.T, p *promise.Promise, code string) time.Time {
	t.Helper()
	next := p.Next()
	at := *next.ActAt
	next.Claim(at)
	require.Equal(t, promise.UnderWay, p.Outlook(at).Prospect)
	gift := uuid.New()
	p.Attempted(next, gift, next.Attempt+1, at)
	require.Equal(t, promise.UnderWay, p.Outlook(at).Prospect)
	require.True(t, p.Follow(next.ID, promise.Facts{DonationID: gift, Attempt: next.Attempt, State: payment.AttemptFailed, DeclineCode: code}, at))
	return at
}

func TestOutlookOfAPlan(t *testing.T) {
	t.Parallel()
	p := monthly(t)
	o := p.Outlook(started)
	require.Equal(t, promise.WillCharge, o.Prospect)
	require.Equal(t, money.New(2600, "USD"), o.Amount, "with the fee that is covered")
	require.Equal(t, day.New(2026, 12, 22), o.On)
	require.Empty(t, p.Troubled(started))

	paused := p.Tried()
	require.NoError(t, paused.Pause(day.New(2027, 2, 1), day.New(2026, 11, 22), started))
	o = paused.Outlook(started)
	require.Equal(t, promise.OnPause, o.Prospect)
	require.Equal(t, day.New(2027, 2, 22), o.On)
	require.Equal(t, promise.WillCharge, p.Outlook(started).Prospect, "trying a change out changes nothing")

	require.NoError(t, p.Cancel("supporter", "", started))
	require.Equal(t, promise.HasEnded, p.Outlook(started).Prospect)
}

func TestOutlookAfterADecline(t *testing.T) {
	t.Parallel()
	soft := monthly(t)
	at := decline(t, &soft, "insufficient_funds")
	o := soft.Outlook(at)
	require.Equal(t, promise.WillRetry, o.Prospect)
	require.Equal(t, day.New(2026, 12, 23), o.On)
	require.Equal(t, day.New(2026, 12, 22), o.DueOn)
	require.Equal(t, "insufficient_funds", o.Code)
	require.Len(t, soft.Troubled(at), 1)

	hard := monthly(t)
	at = decline(t, &hard, "stolen_card")
	require.Equal(t, promise.NeedsCard, hard.Outlook(at).Prospect)
	require.Len(t, hard.Troubled(at), 1)

	confirm := monthly(t)
	at = decline(t, &confirm, payment.CodeAuthentication)
	require.Equal(t, promise.NeedsDonor, confirm.Outlook(at).Prospect)

	given := monthly(t)
	for range 5 {
		at = decline(t, &given, "insufficient_funds")
	}
	require.Equal(t, promise.WillCharge, given.Outlook(at).Prospect, "the plan goes on")
	require.Equal(t, day.New(2027, 1, 22), given.Outlook(at).On)
	require.Len(t, given.Troubled(at), 1)
	require.Equal(t, promise.GaveUp, given.OutlookOf(given.Troubled(at)[0], at).Prospect)
}

func TestOutlookOfAPledgeByLink(t *testing.T) {
	t.Parallel()
	who := uuid.New()
	p, err := promise.NewPledge(uuid.New(), promise.PledgeDetails{
		PersonID: &who, Total: money.New(120_000, "USD"), Count: 3, Unit: promise.Month, Every: 1, FirstOn: day.New(2026, 12, 1), Zone: "UTC", Method: promise.ByLink,
	}, day.New(2026, 11, 22), started)
	require.NoError(t, err)
	o := p.Outlook(started)
	require.Equal(t, promise.DonorPays, o.Prospect)
	require.Equal(t, money.New(40_000, "USD"), o.Amount)
	later := started.AddDate(0, 0, 20)
	require.Equal(t, promise.Late, p.Outlook(later).Prospect)
	require.Len(t, p.Troubled(later), 1)
	require.Equal(t, promise.DonorPays, p.OutlookOf(&p.Instalments[1], later).Prospect)

	first := p.Instalments[0].ID
	require.True(t, p.Follow(first, promise.Facts{DonationID: uuid.New(), Received: true, PaidMinor: 120_000}, later))
	require.Equal(t, promise.HasEnded, p.Outlook(later).Prospect)
	require.Equal(t, promise.NothingNext, p.OutlookOf(&p.Instalments[1], later).Prospect)
}
