package donation_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
)

var now = time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)

func gift(amount, cover int64) donation.Donation {
	return donation.Donation{ID: id.New[donation.Donation](), Method: donation.Card, Status: donation.Draft, Amount: money.New(amount, "USD"), CoverMinor: cover, OccurredAt: now}
}

func TestStatusFollowsTheFacts(t *testing.T) {
	t.Parallel()
	paid := now
	for _, tc := range []struct {
		name  string
		facts donation.Facts
		want  donation.Status
	}{
		{"stored", donation.Facts{Attempt: payment.AttemptCreated}, donation.Draft},
		{"page open", donation.Facts{Attempt: payment.AttemptOpen}, donation.AwaitingPayment},
		{"page over", donation.Facts{Attempt: payment.AttemptExpired}, donation.Expired},
		{"paid", donation.Facts{Attempt: payment.AttemptSucceeded, ReceivedAt: &paid}, donation.Succeeded},
		{"paid after it expired here", donation.Facts{Attempt: payment.AttemptExpired, ReceivedAt: &paid}, donation.Succeeded},
		{"part given back", donation.Facts{ReceivedAt: &paid, Returned: 4000}, donation.PartiallyRefunded},
		{"all given back", donation.Facts{ReceivedAt: &paid, Returned: 10_330}, donation.Refunded},
		{"another amount came", donation.Facts{Attempt: payment.AttemptSucceeded, Unexpected: "amount"}, donation.Review},
		{"came twice", donation.Facts{ReceivedAt: &paid, Unexpected: "second_charge"}, donation.Succeeded},
	} {
		d := gift(10_000, 330)
		tc.facts.ReceiptZone = time.UTC
		d.Settle(tc.facts, now)
		require.Equal(t, tc.want, d.Status, tc.name)
	}
}

func TestTheReceiptDateIsTheOrganizations(t *testing.T) {
	t.Parallel()
	paid := now
	for zone, want := range map[string]string{"UTC": "2026-12-31", "Pacific/Auckland": "2027-01-01", "Pacific/Honolulu": "2026-12-31"} {
		location, err := time.LoadLocation(zone)
		require.NoError(t, err)
		d := gift(100, 0)
		d.Settle(donation.Facts{ReceivedAt: &paid, ReceiptZone: location}, now)
		require.Equal(t, want, d.ReceivedOn.String(), zone)
		later := paid.Add(48 * time.Hour)
		d.Settle(donation.Facts{ReceivedAt: &later, ReceiptZone: location}, now)
		require.Equal(t, want, d.ReceivedOn.String(), "once received, the date stays")
	}
}

func TestCoverSharesOfManyRefundsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := gift(rapid.Int64Range(50, 1e8).Draw(t, "amount"), rapid.Int64Range(0, 5000).Draw(t, "cover"))
		left, cover := d.Total().Minor, int64(0)
		var refunds []donation.Refund
		for left > 0 {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			share := d.CoverShare(refunds, part)
			require.GreaterOrEqual(t, share, int64(0))
			require.LessOrEqual(t, share, part)
			refunds = append(refunds, donation.Refund{Amount: money.New(part, d.Amount.Currency), CoverMinor: share, Status: payment.RefundSucceeded})
			cover, left = cover+share, left-part
			if i := rapid.IntRange(0, 5*len(refunds)).Draw(t, "failed"); i < len(refunds) && refunds[i].Status == payment.RefundSucceeded {
				refunds[i].Status = payment.RefundFailed
				cover, left = cover-refunds[i].CoverMinor, left+refunds[i].Amount.Minor
			}
		}
		require.Equal(t, d.CoverMinor, cover, "what is left of a gift given back is nothing, in both parts")
	})
}

func TestReferencesAreReadableAndDiffer(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^R-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`)
	seen := map[string]bool{}
	for range 1000 {
		r := donation.NewReference()
		require.Regexp(t, form, r)
		require.False(t, seen[r])
		seen[r] = true
	}
}

func TestAGiftOfTodayIsDatedNowAndAnEarlierOneAtNoon(t *testing.T) {
	t.Parallel()
	auckland, err := time.LoadLocation("Pacific/Auckland")
	require.NoError(t, err)
	details := donation.Details{
		Donor: donation.Donor{LastName: "Lovelace"}, Amount: money.New(100, "USD"), Method: donation.Cash, Target: donation.Target{FundID: uuid.New()},
		ReceivedOn: day.New(2027, time.January, 1), // already tomorrow in Auckland
	}
	d, err := donation.Record(uuid.New(), details, auckland, now)
	require.NoError(t, err)
	require.Equal(t, now, d.OccurredAt)
	details.ReceivedOn = day.New(2026, time.June, 1)
	d, err = donation.Record(uuid.New(), details, auckland, now)
	require.NoError(t, err)
	require.Equal(t, "2026-06-01", day.In(d.OccurredAt, auckland).String())
	_, err = donation.Record(uuid.New(), details, time.UTC, now)
	require.NoError(t, err)
	details.ReceivedOn = day.New(2027, time.January, 1)
	_, err = donation.Record(uuid.New(), details, time.UTC, now)
	require.ErrorIs(t, err, donation.ErrInFuture)
}

func TestADonorMayHaveOneNameOnly(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Grace Hopper", donation.Donation{DonorFirstName: "Grace", DonorLastName: "Hopper"}.DonorName())
	require.Equal(t, "Grace", donation.Donation{DonorFirstName: "Grace"}.DonorName())
	require.Equal(t, "Hopper", donation.Donation{DonorLastName: "Hopper"}.DonorName())
	require.Empty(t, donation.Donation{DonorEmail: "grace@example.org"}.DonorName())
}
