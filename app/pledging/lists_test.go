package pledging_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/promise"
)

func TestPromisesAreListedNewestFirstPageByPage(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	var made []string
	for range 5 {
		made = append([]string{d.taken(object{"total": usd(300_00), "count": 3}).Reference}, made...)
		d.Clock.Advance(time.Second)
	}
	var shown []string
	cursor := ""
	for range 3 {
		page := d.list("?limit=2&cursor=" + url.QueryEscape(cursor))
		shown = append(shown, page.references()...)
		cursor = page.NextCursor
	}
	require.Equal(t, made, shown)
	require.Empty(t, cursor)
	line := d.list("").Items[0]
	require.EqualValues(t, 300_00, line.Owed.Minor)
	require.EqualValues(t, 100_00, line.Next.Amount.Minor)
	require.Equal(t, "scheduled", line.Next.State)
}

func TestPromisesAreNarrowed(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	plan := d.monthly()
	cy := d.addPerson("Cy", "Ball", "cy@example.org")
	pledge := d.taken(nil)
	body := d.pledge(object{"person_id": cy})
	delete(body, "campaign_id")
	ended := d.acted(apptest.Decode[promiseJSON](d.staff.Post("/pledges", body)), "cancel", nil)
	for query, want := range map[string][]string{
		"?kind=plan":                                {plan.Reference},
		"?kind=pledge":                              {ended.Reference, pledge.Reference},
		"?status=cancelled":                         {ended.Reference},
		"?standing=cancelled":                       {ended.Reference},
		"?standing=active&kind=plan":                {plan.Reference},
		"?open=true":                                {pledge.Reference, plan.Reference},
		"?person_id=" + cy:                          {ended.Reference},
		"?campaign_id=" + d.campaign:                {pledge.Reference, plan.Reference},
		"?campaign_id=" + d.campaign + "&kind=plan": {plan.Reference},
		"?search=okri":                              {plan.Reference},
		"?search=CY@EXAMPLE":                        {ended.Reference},
		"?search=ad":                                {pledge.Reference},
		"?search=" + pledge.Reference[2:7]:          {pledge.Reference},
		"?search=ball&status=active":                {},
		"?search=ball&standing=cancelled":           {ended.Reference},
		"?search=100%25":                            {},
		"?search=zzqqy":                             {},
		"?status=written_off":                       {},
	} {
		require.Equal(t, want, d.list(query).references(), query)
	}
	found := d.list("?search=hale").Items[0]
	require.Equal(t, "School library", found.FundName)
	require.EqualValues(t, 1200_00, found.Owed.Minor, "a search finds the instalments, too")
}

// shift moves the due dates of a pledge, as if time had passed.
func (d *desk) shift(p promiseJSON, days int) {
	d.T.Helper()
	require.NoError(d.T, d.DB.InTx(d.T.Context(), database.Tenant(d.owner.Organization.ID.UUID), func(tx database.Tx) error {
		_, err := tx.Exec(d.T.Context(), "update instalments set due_on = due_on + $2::int where promise_id = $1", p.ID, days)
		return err
	}))
}

// TestTheListAndTheRuleAgreeOnStandings compares SQL with the rule for a promise of every sort, on every date around what changes it.
func TestTheListAndTheRuleAgreeOnStandings(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.monthly()
	paused := d.acted(d.monthlyAgain(), "pause", object{"until": d.today().AddDays(1).String()})
	for _, days := range []int{0, -29, -30, -31, -89, -90, -91, -92, -300} {
		d.shift(d.taken(object{"count": 3, "total": usd(300_00)}), days)
	}
	d.acted(d.taken(nil), "cancel", nil)
	d.acted(d.taken(nil), "write-off", object{"reason": "Moved away"})
	failing := d.taken(object{"count": 3})
	d.shift(failing, -31)
	d.setStatus(failing, promise.PastDue)
	lost := d.taken(object{"count": 3})
	d.shift(lost, -120)
	d.setStatus(lost, promise.NeedsPaymentMethod)
	require.Equal(t, "paused", d.promise(paused.ID).Standing)

	all := d.list("?limit=100").Items
	seen := map[string]int{}
	for _, standing := range []promise.Status{
		promise.Active, promise.PastDue, promise.NeedsPaymentMethod, promise.Lapsed, promise.Completed, promise.WrittenOff, promise.Cancelled, promise.Paused,
		promise.Overdue, promise.Delinquent,
	} {
		want := []string{}
		for _, item := range all {
			if item.Standing == string(standing) {
				want = append(want, item.Reference)
			}
		}
		require.Equal(t, want, d.list("?limit=100&standing="+string(standing)).references(), standing)
		seen[string(standing)] = len(want)
	}
	require.Equal(t, map[string]int{
		"active": 4, "past_due": 1, "needs_payment_method": 0, "lapsed": 0, "completed": 0, "written_off": 1, "cancelled": 1, "paused": 1, "overdue": 3, "delinquent": 4,
	}, seen)
}

// monthlyAgain is another plan of the same donor.
func (d *desk) monthlyAgain() promiseJSON {
	d.T.Helper()
	d.Clock.Advance(time.Second)
	return d.monthly()
}

// setStatus writes what a declined card would have left behind.
func (d *desk) setStatus(p promiseJSON, s promise.Status) {
	d.T.Helper()
	require.NoError(d.T, d.DB.InTx(d.T.Context(), database.Tenant(d.owner.Organization.ID.UUID), func(tx database.Tx) error {
		_, err := tx.Exec(d.T.Context(), "update promises set status = $2 where id = $1", p.ID, string(s))
		return err
	}))
}

func TestAStandingFollowsTheDateOfTheOrganization(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"first_on": d.today().String(), "count": 3})
	require.Equal(t, "active", p.Standing, "today is not late")
	tomorrow := d.today().AddDays(1)
	d.pass(tomorrow.Start(d.owner.Organization.Location()).Add(time.Minute).Sub(d.Clock.Now()))
	require.Equal(t, day.In(d.Clock.Now(), d.owner.Organization.Location()), tomorrow)
	require.Equal(t, "overdue", d.promise(p.ID).Standing)
	require.Len(t, d.list("?standing=overdue").Items, 1)
}
