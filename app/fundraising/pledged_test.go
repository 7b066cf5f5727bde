package fundraising_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/fundraising"
	"tributary/app/platform/database"
	"tributary/domain/campaign"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/promise"
)

// pledge stores a pledge of three parts to a campaign after do changed it.
func (w *world) pledge(c fundraising.Counted, total money.Money, do func(*promise.Promise)) promise.Promise {
	w.t.Helper()
	person, today := uuid.Must(uuid.NewV7()), day.In(w.clock.Now(), time.UTC)
	target := donation.Target{CauseID: c.CauseID.UUID, FundID: c.FundID.UUID, CampaignID: &c.ID.UUID}
	p, err := promise.NewPledge(w.org.ID.UUID, promise.PledgeDetails{
		PersonID: &person, Donor: donation.Donor{FirstName: "Ada", LastName: "Byron", Email: "ada@example.org"}, Target: target, Total: total, Count: 3,
		Unit: promise.Month, Every: 1, FirstOn: today, Zone: "UTC", Method: promise.ByLink,
	}, today, w.clock.Now())
	require.NoError(w.t, err)
	do(&p)
	w.inTx(w.org.ID.UUID, func(tx database.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `insert into people (org_id, id, first_name, email, email_normalized, created_at, updated_at)
			values ($1, $2, 'Ada', $3, $3, now(), now())`, w.org.ID, person, person.String()+"@example.org"); err != nil {
			return err
		}
		if err := tx.Gorm(w.t.Context()).Create(&p).Error; err != nil {
			return err
		}
		return tx.Gorm(w.t.Context()).Create(&p.Instalments).Error
	})
	return p
}

func TestPledgedIsWhatOpenPledgesStillOweBesideWhatWasRaised(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c, now := w.live(), w.clock.Now()
	w.give(50_00)
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	w.pledge(c, usd(300_00), func(*promise.Promise) {})
	w.pledge(c, usd(300_00), func(p *promise.Promise) { // one part paid
		p.Follow(p.Instalments[0].ID, promise.Facts{State: payment.AttemptSucceeded, Received: true, PaidMinor: 100_00}, now)
		p.Instalments[0].DonationID = nil // the gift itself is not stored here
	})
	w.pledge(c, usd(300_00), func(p *promise.Promise) { require.NoError(t, p.Waive(p.Instalments[1].ID, "Moved away", now)) })
	w.pledge(c, usd(9_000_00), func(p *promise.Promise) { require.NoError(t, p.WriteOff("login", "Will not come", now)) })
	w.pledge(c, usd(9_000_00), func(p *promise.Promise) { require.NoError(t, p.Cancel("login", "", now)) })
	w.pledge(c, usd(9_000_00), func(p *promise.Promise) { p.Status = promise.PendingSetup })
	w.pledge(c, money.New(9_000_00, "EUR"), func(*promise.Promise) {})
	elsewhere := w.live(func(d *campaign.Details) { d.Slug = "another" })

	read, err := w.service.Find(w.owner, c.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, usd(700_00), read.Progress.Pledged)
	require.Equal(t, usd(50_00), read.Progress.Raised, "money that came, alone")
	require.Equal(t, 50_00*100/c.Goal.Minor, read.Progress.Percent(), "a promise brings the goal no nearer")
	read, err = w.service.Find(w.owner, elsewhere.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, usd(0), read.Progress.Pledged)

	status, body := w.callAs("viewer@"+w.org.ID.String(), http.MethodGet, "/campaigns/"+c.ID.String(), nil)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, map[string]any{"amount_minor": float64(700_00), "currency": "USD"}, body["pledged"])
	status, body = w.callAs("viewer@"+w.org.ID.String(), http.MethodGet, "/campaigns", nil)
	require.Equal(t, http.StatusOK, status)
	sums := map[any]any{}
	for _, item := range body["items"].([]any) {
		sums[item.(map[string]any)["slug"]] = item.(map[string]any)["pledged"].(map[string]any)["amount_minor"]
	}
	require.Equal(t, map[any]any{c.Slug: float64(700_00), "another": float64(0)}, sums)

	public, err := w.service.Standing(t.Context(), "riverbend", c.Slug)
	require.NoError(t, err)
	require.Equal(t, usd(700_00), public.Progress.Pledged)
	_, page := w.get(w.browser(), "/give/riverbend/"+c.Slug)
	require.Contains(t, page, " · $700 more pledged</span>")
	_, page = w.get(w.browser(), "/give/riverbend/another")
	require.NotContains(t, withoutBoot(page), "more pledged")
}

func TestPledgedOfAnotherOrganizationIsNotSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "USD")
	c := w.live()
	w.pledge(c, money.New(300_00, "USD"), func(*promise.Promise) {})
	status, body := w.callAs("owner@"+w.anotherOrganization().ID.String(), http.MethodGet, "/campaigns/"+c.ID.String(), nil)
	require.Equal(t, http.StatusNotFound, status)
	require.NotContains(t, body, "pledged")
}
