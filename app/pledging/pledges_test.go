package pledging_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/day"
)

// dues and asked are the dates and amounts of the instalments that are still to be paid.
func dues(p promiseJSON) (dates []string) {
	for _, i := range p.Instalments {
		if i.State == "scheduled" && i.Amount.Minor > 0 {
			dates = append(dates, i.DueOn)
		}
	}
	return dates
}

func asked(p promiseJSON) (minor []int64) {
	for _, i := range p.Instalments {
		if i.State == "scheduled" {
			minor = append(minor, i.Amount.Minor)
		}
	}
	return minor
}

func TestStaffTakeAPledge(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(nil)
	require.Equal(t, "pledge", p.Kind)
	require.Equal(t, "active", p.Standing)
	require.Equal(t, "Ada Hale", p.DonorName)
	require.Equal(t, d.person, *p.PersonID)
	require.Equal(t, amount{1200_00, "USD"}, p.Owed)
	require.Zero(t, p.Paid.Minor)
	require.Equal(t, "Winter appeal", p.Campaign.Title)
	require.Equal(t, "School library", p.CauseName)
	require.Len(t, p.Instalments, 12)
	require.Equal(t, d.today().AddDays(30).String(), p.Next.DueOn)
	require.Equal(t, amount{100_00, "USD"}, p.Next.Amount)
	require.Empty(t, p.Upcoming, "a pledge has its instalments")
	require.Equal(t, []string{"pledge.thanks"}, d.mailed("ada@example.org"))
	require.Equal(t, []string{"promise.started"}, d.audited(p))
	require.Zero(t, d.balance("pledge_receivable"), "a memo until money comes")
	raised := apptest.Decode[struct{ Raised, Pledged amount }](d.staff.Get("/campaigns/" + d.campaign))
	require.EqualValues(t, 1200_00, raised.Pledged.Minor)
	require.Zero(t, raised.Raised.Minor, "what is pledged is not raised")
	require.Equal(t, p, d.promise(p.ID))
}

func TestAPreviewPutsTheRemainderLast(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	body := object{"total": usd(100_00), "count": 3, "unit": "month", "every": 1, "first_on": "2027-01-31"}
	want := []partJSON{
		{1, "2027-01-31", amount{33_33, "USD"}}, {2, "2027-02-28", amount{33_33, "USD"}}, {3, "2027-03-31", amount{33_34, "USD"}},
	}
	for _, c := range []struct {
		client *apptest.Client
		path   string
	}{{d.staff, "/pledges/preview"}, {d.Nobody(), "/public/pledges/preview"}} {
		require.Equal(t, want, apptest.Decode[struct{ Items []partJSON }](c.client.Post(c.path, body)).Items)
		for name, wrong := range map[string]struct {
			change      object
			field, code string
		}{
			"parts that no card could pay": {object{"total": usd(1_00)}, "body.count", "promise.part_small"},
			"nothing":                      {object{"total": usd(0)}, "body.total", "amount.too_small"},
			"another planet's money":       {object{"total": object{"amount_minor": 100_00, "currency": "XXX"}}, "body.total", "currency.unknown"},
			"no date":                      {object{"first_on": ""}, "body.first_on", ""},
		} {
			sent := object{}
			for _, part := range []object{body, wrong.change} {
				for field, value := range part {
					sent[field] = value
				}
			}
			answer := c.client.Post(c.path, sent).Is(http.StatusUnprocessableEntity)
			if wrong.code != "" {
				answer.Blames(wrong.field, wrong.code)
			}
			require.Contains(t, answer.Text, wrong.field, name)
		}
	}
}

func TestTheSameRequestRecordsOnePledge(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	key, body := apptest.IdempotencyKey("pledge-of-ada"), d.pledge(nil)
	first := apptest.Decode[promiseJSON](d.staff.Post("/pledges", body, key).Is(http.StatusCreated))
	require.Equal(t, first.ID, apptest.Decode[promiseJSON](d.staff.Post("/pledges", body, key)).ID)
	d.staff.Post("/pledges", d.pledge(object{"count": 6}), key).Problem(http.StatusUnprocessableEntity, "idempotency.mismatch")

	require.NoError(t, d.DB.InTx(t.Context(), database.Tenant(d.owner.Organization.ID.UUID), func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), "delete from idempotency_keys")
		return err
	}))
	require.Equal(t, first.ID, apptest.Decode[promiseJSON](d.staff.Post("/pledges", body, key)).ID, "the stored answer is gone, the pledge knows its request")
	d.staff.Post("/pledges", d.pledge(object{"count": 4}), key).Problem(http.StatusUnprocessableEntity, "idempotency.mismatch")
	require.Len(t, d.list("").Items, 1)
	require.Equal(t, []string{"pledge.thanks"}, d.mailed("ada@example.org"))
}

func TestAPledgeMustFit(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	draft := apptest.Decode[identified](d.staff.Post("/campaigns", object{"title": "Later", "cause_id": d.cause, "fund_id": d.fund})).ID
	closed := apptest.Decode[identified](d.staff.Post("/causes/"+d.cause+"/funds", object{"code": "OLD", "name": "Old", "restriction": "purpose"})).ID
	d.staff.Patch("/funds/"+closed, object{"active": false}).OK()
	for name, c := range map[string]struct {
		change      object
		field, code string
	}{
		"an unknown person":            {object{"person_id": uuid.NewString()}, "body.person_id", "donation.person_unknown"},
		"an unknown fund":              {object{"fund_id": uuid.NewString()}, "body.fund_id", "donation.fund_unknown"},
		"a closed fund":                {object{"fund_id": closed}, "body.fund_id", "donation.fund_closed"},
		"a fund of another cause":      {object{"fund_id": d.otherID}, "body.fund_id", "donation.fund_elsewhere"},
		"a draft campaign":             {object{"campaign_id": draft}, "body.campaign_id", "donation.campaign_unknown"},
		"another currency":             {object{"total": object{"amount_minor": 1200_00, "currency": "EUR"}}, "body.total", "donation.currency"},
		"parts that no card could pay": {object{"total": usd(1_00)}, "body.count", "promise.part_small"},
		"a date in six years":          {object{"first_on": d.today().AddDays(6 * 366).String()}, "body.first_on", "promise.first_far"},
		"a card without one":           {object{"method": "card"}, "body.card_id", "promise.card"},
		"somebody else's card":         {object{"method": "card", "card_id": uuid.NewString()}, "body.card_id", "promise.card"},
		"nothing at all":               {object{"total": usd(0)}, "body.total", "amount.too_small"},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // one world
			d.staff.Post("/pledges", d.pledge(c.change)).Blames(c.field, c.code)
		})
	}
	d.staff.Post("/pledges", d.pledge(object{"count": 121})).Is(http.StatusUnprocessableEntity)
	require.Empty(t, d.list("").Items)
	require.Equal(t, 12, *d.taken(object{"first_on": d.today().AddDays(-40).String()}).Count, "a promise of last month may be written down")
}

func TestAPledgeIsRearrangedAndForgiven(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"total": usd(400_00), "count": 4})
	later := d.today().AddDays(70).String()
	p = d.acted(p, "instalments/"+p.Instalments[0].ID+"/move", object{"due_on": later})
	require.Equal(t, later, p.Instalments[0].DueOn)
	d.act(p, "instalments/"+p.Instalments[0].ID+"/move", object{"due_on": d.today().AddDays(-1).String()}).Blames("body.due_on", "promise.first_past")

	d.act(p, "instalments/"+p.Instalments[1].ID+"/waive", object{"reason": "  "}).Blames("body.reason", "promise.reason")
	p = d.acted(p, "instalments/"+p.Instalments[1].ID+"/waive", object{"reason": "Lost their job"})
	require.Equal(t, "waived", p.Instalments[1].State)
	require.Equal(t, "Lost their job", p.Instalments[1].Reason)
	require.EqualValues(t, 300_00, p.Owed.Minor)
	d.act(p, "instalments/"+p.Instalments[1].ID+"/waive", object{"reason": "Again"}).Blames("body.instalment_id", "promise.instalment")

	first := d.today().AddDays(10)
	p = d.acted(p, "reschedule", object{"unit": "week", "every": 2, "count": 7, "first_on": first.String()})
	require.Equal(t, []int64{42_85, 42_85, 42_85, 42_85, 42_85, 42_85, 42_90}, asked(p))
	require.Equal(t, first.AddDays(14).String(), dues(p)[1])
	require.EqualValues(t, 300_00, p.Owed.Minor)
	d.act(p, "reschedule", object{"unit": "week", "every": 1, "count": 3, "first_on": d.today().AddDays(-1).String()}).Blames("body.first_on", "promise.first_past")

	d.act(p, "write-off", object{"reason": ""}).Blames("body.reason", "promise.reason")
	p = d.acted(p, "write-off", object{"reason": "Moved away"})
	require.Equal(t, "written_off", p.Standing)
	require.Equal(t, "Moved away", p.CloseReason)
	require.Equal(t, "login", p.ClosedBy)
	require.Zero(t, p.Owed.Minor)
	require.Nil(t, p.Next)
	d.act(p, "write-off", object{"reason": "Again"}).Problem(http.StatusConflict, "promise.closed")
	d.act(p, "cancel", nil).Problem(http.StatusConflict, "promise.closed")
	require.Equal(t, []string{"promise.written_off", "promise.rescheduled", "promise.waived", "promise.moved", "promise.started"}, d.audited(p))
	require.Equal(t, []string{"pledge.closed", "pledge.changed", "pledge.changed", "pledge.changed", "pledge.thanks"}, d.mailed("ada@example.org"))
}

func TestAPledgeIsCancelled(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.acted(d.taken(nil), "cancel", object{"reason": "Asked us to"})
	require.Equal(t, "cancelled", p.Standing)
	require.Equal(t, "cancelled", p.Instalments[0].State)
	require.Zero(t, p.Owed.Minor)
	require.Equal(t, []string{"pledge.closed", "pledge.thanks"}, d.mailed("ada@example.org"))
	d.act(p, "instalments/"+p.Instalments[0].ID+"/remind", nil).Problem(http.StatusConflict, "promise.closed")
	raised := apptest.Decode[struct{ Pledged amount }](d.staff.Get("/campaigns/" + d.campaign))
	require.Zero(t, raised.Pledged.Minor)
}

func TestTheLedgerCarriesAPledgeThatIsBooked(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.staff.Patch("/organization", object{"book_pledges": true}).OK()
	p := d.taken(object{"total": usd(400_00), "count": 4})
	require.EqualValues(t, 400_00, d.balance("pledge_receivable"))
	require.EqualValues(t, -400_00, d.balance("pledged_income"))

	d.cheque(p, 0, 100_00).Is(http.StatusCreated)
	require.EqualValues(t, 300_00, d.balance("pledge_receivable"))
	require.EqualValues(t, -100_00, d.balance("income"), "received now, expected no more")
	require.EqualValues(t, -300_00, d.balance("pledged_income"))

	p = d.promise(p.ID)
	p = d.acted(p, "instalments/"+p.Instalments[1].ID+"/waive", object{"reason": "Lost their job"})
	require.EqualValues(t, 200_00, d.balance("pledge_receivable"))
	require.EqualValues(t, -200_00, d.balance("pledged_income"))

	d.acted(p, "write-off", object{"reason": "Moved away"})
	require.Zero(t, d.balance("pledge_receivable"))
	require.EqualValues(t, 200_00, d.balance("bad_debt"))
	require.EqualValues(t, -200_00, d.balance("pledged_income"), "it was income, and was lost")

	q := d.taken(object{"total": usd(400_00), "count": 4})
	d.acted(q, "cancel", nil)
	require.Zero(t, d.balance("pledge_receivable"))
	require.EqualValues(t, 200_00, d.balance("bad_debt"), "what is taken back is no loss")
}

// cheque records a cheque for an instalment of a pledge.
func (d *desk) cheque(p promiseJSON, k int, minor int64) *apptest.Response {
	d.T.Helper()
	return d.staff.Post("/donations", object{
		"person_id": *p.PersonID, "amount": usd(minor), "method": "cheque", "fund_id": d.fund, "campaign_id": d.campaign, "received_on": d.today().String(),
		"instalment_id": p.Instalments[k].ID,
	})
}

func TestStaffRemindAtMostOnceADay(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(nil)
	remind := "instalments/" + p.Instalments[0].ID + "/remind"
	p = d.acted(p, remind, nil)
	require.Equal(t, 1, p.Instalments[0].Reminders)
	require.Equal(t, []string{"pledge.reminder", "pledge.thanks"}, d.mailed("ada@example.org"))
	d.act(p, remind, nil).Problem(http.StatusConflict, "promise.reminded")
	d.pass(24 * time.Hour)
	p = d.acted(p, remind, nil)
	require.Equal(t, []string{"pledge.reminder", "pledge.reminder", "pledge.thanks"}, d.mailed("ada@example.org"))

	person := apptest.Decode[struct{ Version int }](d.staff.Get("/people/" + d.person))
	d.staff.Patch("/people/"+d.person, object{"do_not_contact": true, "version": person.Version}).OK()
	d.act(p, remind, nil).Problem(http.StatusConflict, "promise.do_not_contact")
	d.act(p, "card-link", nil).Problem(http.StatusConflict, "promise.do_not_contact")

	silent := d.taken(object{"person_id": d.addPerson("Cy", "Ball", "")})
	d.act(silent, "instalments/"+silent.Instalments[0].ID+"/remind", nil).Problem(http.StatusConflict, "promise.no_address")
	d.act(silent, "instalments/"+silent.Instalments[0].ID+"/charge", nil).Problem(http.StatusConflict, "promise.no_card")
}

// form is a filled public pledge form.
func (d *desk) form(changes object) object {
	body := object{
		"organization": "riverbend", "campaign": "winter", "total": usd(600_00), "count": 6, "unit": "month", "every": 1,
		"first_on": d.today().AddDays(20).String(), "first_name": "Cleo", "last_name": "Marsh", "email": "cleo@example.org", "email_consent": true,
		"zone": "America/Chicago", "form_token": uuid.NewString(),
	}
	for name, value := range changes {
		body[name] = value
	}
	return body
}

type started struct {
	Reference   string `json:"reference"`
	RedirectURL string `json:"redirect_url"`
}

func (d *desk) sent(form object) started {
	d.T.Helper()
	return apptest.Decode[started](d.Nobody().Post("/public/pledges", form).Is(http.StatusCreated))
}

func TestAPublicPledgeBeginsWhenItsCardIsSaved(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	form := d.form(nil)
	first := d.sent(form)
	require.Equal(t, first, d.sent(form), "the same form is the same pledge and page")
	require.Empty(t, d.list("").Items, "nobody confirmed it yet")
	waiting := d.list("?status=pending_setup").Items
	require.Len(t, waiting, 1)
	require.Equal(t, first.Reference, waiting[0].Reference)
	require.Nil(t, waiting[0].PersonID)
	require.Empty(t, d.mailed("cleo@example.org"))
	require.NotEqual(t, first.Reference, d.sent(d.form(object{"form_token": form["form_token"], "count": 3})).Reference, "another content is another pledge")

	_, err := d.Sandbox.SaveCard(d.session(first.RedirectURL), stripesandbox.Payment{Card: visa})
	require.NoError(t, err)
	d.RunJobs()
	kept := d.list("").Items
	require.Len(t, kept, 1)
	p := d.promise(kept[0].ID)
	require.Equal(t, "active", p.Standing)
	require.Equal(t, "card", p.Method)
	require.Equal(t, "4242", p.Card.Last4)
	require.NotNil(t, p.Instalments[0].ActAt, "it is charged by itself from now on")
	require.EqualValues(t, 600_00, p.Owed.Minor)
	require.Contains(t, d.mailed("cleo@example.org"), "pledge.thanks")
	after := d.sent(form)
	require.Equal(t, d.URL+"/promise/riverbend/"+first.Reference, after.RedirectURL, "nothing is left to do")
}

func TestAPublicPledgeMustFit(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	ended := apptest.Decode[identified](d.staff.Post("/campaigns", object{
		"title": "Autumn", "slug": "autumn", "cause_id": d.cause, "fund_id": d.fund, "offer_pledge": true,
	})).ID
	d.staff.Post("/campaigns/"+ended+"/publish", nil).OK()
	d.staff.Post("/campaigns/"+ended+"/end", nil).OK()
	plain := apptest.Decode[identified](d.staff.Post("/campaigns", object{"title": "Spring", "slug": "spring", "cause_id": d.cause, "fund_id": d.fund})).ID
	d.staff.Post("/campaigns/"+plain+"/publish", nil).OK()
	send := func(changes object) *apptest.Response { return d.Nobody().Post("/public/pledges", d.form(changes)) }
	send(object{"email": ""}).Blames("body.email", "email.invalid")
	send(object{"first_name": "", "last_name": ""}).Blames("body.first_name", "donation.donor_needed")
	send(object{"first_on": d.today().AddDays(-2).String()}).Blames("body.first_on", "promise.first_past")
	send(object{"total": usd(2_00)}).Blames("body.count", "promise.part_small")
	send(object{"total": object{"amount_minor": 600_00, "currency": "EUR"}}).Blames("body.total", "donation.currency")
	send(object{"form_token": uuid.Nil.String()}).Blames("body.form_token", "donation.form_token")
	send(object{"campaign": "nowhere"}).Problem(http.StatusNotFound, "campaign.not_found")
	send(object{"campaign": "autumn"}).Problem(http.StatusConflict, "campaign.ended")
	send(object{"campaign": "spring"}).Problem(http.StatusUnprocessableEntity, "campaign.no_pledge")
	require.Empty(t, d.list("?status=pending_setup").Items)
	require.Empty(t, d.Sandbox.Sessions(d.Sandbox.PlatformAccount()))
}

func TestPledgeFormsAreLimitedWithThoseOfGifts(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	for range 12 {
		d.sent(d.form(nil))
	}
	d.Nobody().Post("/public/pledges", d.form(object{"email": "CLEO@example.org"})).Problem(http.StatusTooManyRequests, "rate.limited")
	d.Nobody().Post("/public/checkouts", object{
		"organization": "riverbend", "campaign": "winter", "amount": usd(2500), "first_name": "Cleo", "email": "cleo@example.org", "form_token": uuid.NewString(),
	}).Problem(http.StatusTooManyRequests, "rate.limited")
	d.sent(d.form(object{"email": "somebody@example.org"}))
}

func TestAPublicFormSentTwiceAtOnceIsOnePledge(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	form := d.form(nil)
	done := make(chan started, 4)
	for range cap(done) {
		client := d.Nobody()
		go func() { done <- apptest.Decode[started](client.Post("/public/pledges", form)) }()
	}
	first := <-done
	for range cap(done) - 1 {
		require.Equal(t, first.Reference, (<-done).Reference)
	}
	require.Len(t, d.list("?status=pending_setup").Items, 1)
}

func TestMonthEndsComeBackAfterFebruary(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	year := d.today().Year() + 1
	p := d.taken(object{"first_on": day.New(year, time.January, 31).String(), "count": 3, "total": usd(300_00)})
	require.Equal(t, day.New(year, time.March, 31).String(), p.Instalments[2].DueOn)
	require.Equal(t, day.New(year, time.March, 0).String(), p.Instalments[1].DueOn)
}
