package promise_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

func TestAPublicPledgeFormNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	empty := promise.PledgeRequest{Total: usd(10)}
	got := fields(t, empty.Clean())
	require.Contains(t, got, "first_name")
	require.Contains(t, got, "form_token")
	require.NotContains(t, got, "amount", "the total is checked with its parts")

	for _, total := range []money.Money{usd(1), usd(100_00), money.New(5_000_000, "ISK"), money.New(1, "KWD")} {
		r := promise.PledgeRequest{Total: total, FirstName: "  Ada ", LastName: "Byron", Email: " ada@example.org", FormToken: uuid.New()}
		require.NoError(t, r.Clean(), total.Currency)
		require.Equal(t, "Ada", r.FirstName)
		require.Equal(t, "ada@example.org", r.Email)
		require.Equal(t, donation.NameAndAmount, r.Visibility)
	}
	r := promise.PledgeRequest{Total: money.New(100_00, "XXX"), FirstName: "Ada", LastName: "Byron", Email: "ada@example.org", FormToken: uuid.New()}
	require.Error(t, r.Clean())
}

func TestABrowsersZoneIsNeverAnError(t *testing.T) {
	t.Parallel()
	for _, odd := range []string{"", "Local", "Mars/Olympus", "../../etc/passwd", "America\\New_York", "/etc/localtime", "a-name-that-is-much-longer-than-the-name-of-any-time-zone-on-earth"} {
		require.Equal(t, "Europe/Berlin", promise.ZoneOr(odd, "Europe/Berlin"), odd)
	}
	require.Equal(t, "Pacific/Auckland", promise.ZoneOr("Pacific/Auckland", "Europe/Berlin"))
	gone := promise.Promise{Zone: "Mars/Olympus"}
	require.Equal(t, time.UTC, gone.Location(), "a zone that this machine does not know")
}

func TestAPlanTakesOverItsFirstGift(t *testing.T) {
	t.Parallel()
	now, campaign := noon(2026, 11, 22), uuid.New()
	g := donation.Donation{
		OrgID: uuid.New(), ID: id.New[donation.Donation](), Amount: usd(2500), CoverMinor: 105, DonorFirstName: "Ada", DonorLastName: "Byron",
		DonorEmail: "ada@example.org", CampaignID: &campaign, CauseID: uuid.New(), FundID: uuid.New(), Visibility: donation.Anonymous, EmailConsent: true,
	}
	d := promise.PlanDetails{Donation: g, Unit: promise.Month, Every: 1, Zone: "UTC", Today: day.New(2026, 11, 22), Token: uuid.New()}
	p, err := promise.NewPlan(d, now)
	require.NoError(t, err)
	require.Equal(t, "Ada Byron", p.DonorName())
	require.Equal(t, usd(105), p.Cover())
	require.Equal(t, usd(2605), p.Instalments[0].Total())
	require.Equal(t, []any{g.OrgID, g.CampaignID, g.CauseID, g.FundID, g.Visibility, true, g.DonorEmail}, []any{p.OrgID, p.CampaignID, p.CauseID, p.FundID, p.Visibility, p.EmailConsent, p.DonorEmail})
	require.Regexp(t, `^P-[0-9A-Z]{5}-[0-9A-Z]{5}$`, p.Reference)
	d.Unit = "day"
	_, err = promise.NewPlan(d, now)
	require.ErrorIs(t, err, promise.ErrUnit)
}

func TestACardIsWhatTheGatewaySaysOfIt(t *testing.T) {
	t.Parallel()
	now, later := noon(2026, 11, 22), noon(2027, 11, 22)
	m := payment.SavedMethod{ID: "pm_1", CustomerID: "cus_1", Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2027}
	org, person := uuid.New(), uuid.New()
	c := promise.NewCard(org, person, "acct_1", m, now)
	require.True(t, c.Usable())
	require.Equal(t, []any{org, person, "acct_1", "pm_1", "cus_1", "4242"}, []any{c.OrgID, c.PersonID, c.StripeAccount, c.PaymentMethodID, c.CustomerID, c.Last4})
	renewed, lost := c.Follow(m, later)
	require.False(t, renewed || lost)
	require.Equal(t, now, c.UpdatedAt)
	m.ExpYear = 2031
	renewed, lost = c.Follow(m, later)
	require.True(t, renewed && !lost)
	require.Equal(t, 2031, c.ExpYear)
	renewed, lost = c.Follow(payment.SavedMethod{ID: "pm_1", Detached: true}, later)
	require.True(t, lost && !renewed)
	require.False(t, c.Usable())
	require.Equal(t, "4242", c.Last4, "what it was is still known")
	renewed, lost = c.Follow(m, later)
	require.False(t, renewed || lost, "a card that was taken back does not come back")
}

func TestACardThatItsBankRenewedMayMendWhatFailed(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{"expired_card": true, "lost_card": true, "revocation_of_authorization": false, "insufficient_funds": false} {
		w := newPlan(t, "UTC", noon(2026, 11, 22))
		w.bank = answers(code, code, code, code, code)
		w.runTo(noon(2027, 1, 10))
		require.Equal(t, promise.Failed, w.n(2).State)
		require.Equal(t, want, w.p.AwaitsRenewal(), code)
	}
}

func TestAPromiseMayNotBeAskedForACardBeforeItStandsOrAfterItEnded(t *testing.T) {
	t.Parallel()
	w := newPlan(t, "UTC", noon(2026, 11, 22))
	require.NoError(t, w.p.AskForCard(w.now))
	require.NoError(t, w.p.Cancel("login", "", w.now))
	require.ErrorIs(t, w.p.AskForCard(w.now), promise.ErrClosed)
	p, _ := pendingPlan(t, w.now)
	require.ErrorIs(t, p.AskForCard(w.now), promise.ErrNotReady)
	_, err := p.Remind(p.Instalments[0].ID, w.now)
	require.ErrorIs(t, err, promise.ErrNotReady)
}

func TestAPreviewSumsToTheTotal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		total money.Money
		count int
		want  []int64
	}{
		{usd(100_00), 3, []int64{3333, 3333, 3334}},
		{usd(100_00), 7, []int64{1428, 1428, 1428, 1428, 1428, 1428, 1432}},
		{usd(50), 1, []int64{50}},
		{usd(99_999_999), 1, []int64{99_999_999}},
		{usd(199_999_998), 2, []int64{99_999_999, 99_999_999}},
		{money.New(1000, "JPY"), 3, []int64{333, 333, 334}},
		{money.New(10_000, "KWD"), 3, []int64{3330, 3330, 3340}}, // steps of 0.010
		{money.New(100_000, "ISK"), 3, []int64{33_300, 33_300, 33_400}},
	} {
		s := schedule(t, promise.Month, 1, day.New(2027, 1, 31))
		s.Count = &tc.count
		parts, err := promise.Preview(tc.total, s)
		require.NoError(t, err)
		var got []int64
		for k, part := range parts {
			require.Equal(t, k+1, part.N)
			require.Equal(t, s.Due(k+1), part.DueOn)
			require.NoError(t, part.Amount.Chargeable())
			got = append(got, part.Amount.Minor)
		}
		require.Equal(t, tc.want, got, tc.total.Currency)
	}
}

func TestAPreviewRefusesWhatCouldNotBeCharged(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		total money.Money
		count int
		want  error
	}{
		{"parts below the least", usd(100), 3, promise.ErrPartSmall},
		{"parts below the least in yen", money.New(100, "JPY"), 3, promise.ErrPartSmall},
		{"a part above the most", usd(100_000_000), 1, promise.ErrPartLarge},
		{"a last part above the most", usd(299_999_999), 3, promise.ErrPartLarge},
		{"nothing", usd(0), 1, money.ErrAmountTooSmall},
		{"less than nothing", usd(-500), 1, money.ErrAmountTooSmall},
		{"a step that is not charged", money.New(10_005, "KWD"), 3, money.ErrAmountStep},
		{"such a step in a great total", money.New(500_000_005, "KWD"), 10, money.ErrAmountStep},
		{"no currency", money.New(500, "XXX"), 1, money.ErrCurrencyUnknown},
		{"too many", usd(100_000), 121, promise.ErrCount},
		{"none", usd(100_000), 0, promise.ErrCount},
	} {
		s := schedule(t, promise.Month, 1, day.New(2027, 1, 31))
		s.Count = &tc.count
		_, err := promise.Preview(tc.total, s)
		require.ErrorIs(t, err, tc.want, tc.name)
	}
	_, err := promise.Preview(usd(1000), schedule(t, promise.Month, 1, day.New(2027, 1, 31)))
	require.ErrorIs(t, err, promise.ErrCount)
}

func TestAPledgeNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	today := day.New(2026, 11, 22)
	_, err := promise.NewPledge(uuid.New(), promise.PledgeDetails{
		Total: usd(10), Count: 3, Unit: "day", Every: 0, FirstOn: today.AddDays(2000), RemindAtMost: 11, Note: strings.Repeat("x", 2001), Zone: "UTC",
	}, today, noon(2026, 11, 22))
	for _, want := range []string{"person_id", "unit", "every", "first_on", "note", "remind_at_most", "method"} {
		require.Contains(t, fields(t, err), want)
	}
	person := uuid.New()
	good := promise.PledgeDetails{PersonID: &person, Total: usd(300_00), Count: 3, Unit: promise.Month, Every: 1, FirstOn: today, Zone: "UTC", Method: promise.ByLink}
	for _, tc := range []struct {
		name   string
		change func(*promise.PledgeDetails)
		want   error
	}{
		{"no date", func(d *promise.PledgeDetails) { d.FirstOn = day.Day{} }, promise.ErrFirstPast},
		{"long ago", func(d *promise.PledgeDetails) { d.FirstOn = today.AddDays(-5*366 - 1) }, promise.ErrFirstPast},
		{"a card cannot be charged for the past", func(d *promise.PledgeDetails) { d.Method, d.FirstOn = promise.ByCard, today.AddDays(-1) }, promise.ErrFirstPast},
		{"nor does a donor choose it", func(d *promise.PledgeDetails) { d.Public, d.FirstOn = true, today.AddDays(-1) }, promise.ErrFirstPast},
		{"nobody", func(d *promise.PledgeDetails) { d.PersonID = nil }, promise.ErrPersonNeeded},
	} {
		d := good
		tc.change(&d)
		_, err := promise.NewPledge(uuid.New(), d, today, noon(2026, 11, 22))
		require.ErrorIs(t, err, tc.want, tc.name)
	}
}

func fields(t *testing.T, err error) []string {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	var all []string
	for _, field := range f.Fields {
		all = append(all, field.Location)
	}
	return all
}
