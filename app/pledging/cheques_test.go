package pledging_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/account"
)

// gift records a cheque and returns its id.
func (d *desk) gift(p promiseJSON, k int, minor int64) string {
	d.T.Helper()
	return apptest.Decode[identified](d.cheque(p, k, minor).Is(http.StatusCreated)).ID
}

func TestAChequePaysAnInstalment(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"total": usd(300_00), "count": 3})
	gift := d.gift(p, 0, 100_00)
	p = d.promise(p.ID)
	require.Equal(t, "paid", p.Instalments[0].State)
	require.Equal(t, gift, *p.Instalments[0].DonationID)
	require.EqualValues(t, 100_00, p.Paid.Minor)
	require.EqualValues(t, 200_00, p.Owed.Minor)
	require.Equal(t, p.Instalments[1].ID, p.Next.InstalmentID)
	require.Equal(t, "active", p.Standing)
	raised := apptest.Decode[struct{ Raised, Pledged amount }](d.staff.Get("/campaigns/" + d.campaign))
	require.EqualValues(t, 100_00, raised.Raised.Minor)
	require.EqualValues(t, 200_00, raised.Pledged.Minor)
	d.cheque(p, 0, 100_00).Is(http.StatusUnprocessableEntity)

	d.gift(p, 1, 100_00)
	d.gift(p, 2, 100_00)
	p = d.promise(p.ID)
	require.Equal(t, "completed", p.Standing)
	require.Nil(t, p.Next)
	require.Zero(t, p.Owed.Minor)
}

func TestTooLittleRollsOnAndTooMuchIsTakenOff(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"total": usd(300_00), "count": 3})
	d.gift(p, 0, 60_00)
	p = d.promise(p.ID)
	require.Equal(t, []int64{140_00, 100_00}, asked(p), "the rest goes to the next")
	d.gift(p, 1, 200_00)
	p = d.promise(p.ID)
	require.Equal(t, []int64{40_00}, asked(p), "what is more reduces the following")
	d.gift(p, 2, 30_00)
	p = d.promise(p.ID)
	require.Len(t, p.Instalments, 4)
	require.Equal(t, []int64{10_00}, asked(p), "a new last one")
	require.EqualValues(t, 290_00, p.Paid.Minor)
	require.EqualValues(t, 10_00, p.Owed.Minor)
	d.gift(p, 3, 25_00)
	p = d.promise(p.ID)
	require.Equal(t, "completed", p.Standing)
	require.EqualValues(t, 315_00, p.Paid.Minor, "more than was promised is welcome")
}

func TestARefundOpensTheInstalmentAgain(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	d.staff.Patch("/organization", object{"book_pledges": true}).OK()
	p := d.taken(object{"total": usd(300_00), "count": 3})
	gift := d.gift(p, 0, 100_00)
	require.EqualValues(t, 200_00, d.balance("pledge_receivable"))

	d.staff.Post("/donations/"+gift+"/refunds", object{"amount": usd(40_00), "reason": "requested_by_donor"}).OK()
	p = d.promise(p.ID)
	require.EqualValues(t, 60_00, p.Paid.Minor)
	require.Equal(t, []int64{100_00, 100_00, 40_00}, asked(p), "what was given back is owed again")
	require.Equal(t, "reopened", p.Instalments[3].Reason)
	require.Equal(t, p.Instalments[0].DueOn, p.Instalments[3].DueOn)
	require.EqualValues(t, 240_00, d.balance("pledge_receivable"))

	d.staff.Post("/donations/"+gift+"/refunds", object{"amount": usd(60_00), "reason": "requested_by_donor"}).OK()
	p = d.promise(p.ID)
	require.Zero(t, p.Paid.Minor)
	require.Equal(t, []int64{60_00, 100_00, 100_00, 40_00}, asked(p))
	require.Equal(t, "active", p.Standing)
	require.Nil(t, p.Instalments[0].DonationID)
	require.EqualValues(t, 300_00, d.balance("pledge_receivable"))

	d.gift(p, 0, 100_00)
	p = d.promise(p.ID)
	require.Equal(t, "paid", p.Instalments[0].State, "it can be paid anew")
	require.EqualValues(t, 200_00, p.Owed.Minor)
}

func TestABouncedChequeOpensTheInstalmentAgain(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"total": usd(300_00), "count": 3})
	gifts := []string{d.gift(p, 0, 100_00), d.gift(p, 1, 100_00), d.gift(p, 2, 100_00)}
	require.Equal(t, "completed", d.promise(p.ID).Standing)
	d.staff.Post("/donations/"+gifts[1]+"/bounce", object{"on": d.today().String(), "bank_fee": usd(0)}).OK()
	p = d.promise(p.ID)
	require.Equal(t, "active", p.Standing)
	require.Equal(t, "scheduled", p.Instalments[1].State)
	require.EqualValues(t, 100_00, p.Owed.Minor)
}

func TestAChequeForAnInstalmentMustFit(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	p := d.taken(object{"total": usd(300_00), "count": 3})
	viewer := d.SignIn(d.Join(d.owner, account.Viewer))
	body := func(changes object) object {
		sent := object{
			"person_id": d.person, "amount": usd(100_00), "method": "cheque", "fund_id": d.fund, "campaign_id": d.campaign, "received_on": d.today().String(),
			"instalment_id": p.Instalments[0].ID,
		}
		for name, value := range changes {
			sent[name] = value
		}
		return sent
	}
	viewer.Post("/donations", body(nil)).Problem(http.StatusForbidden, "permission.missing")
	d.staff.Post("/donations", body(object{"person_id": d.addPerson("Cy", "Ball", "cy@example.org")})).Is(http.StatusUnprocessableEntity)
	d.staff.Post("/donations", body(object{"fund_id": d.otherID, "campaign_id": ""})).Is(http.StatusUnprocessableEntity)
	require.Zero(t, d.promise(p.ID).Paid.Minor)
	d.acted(d.promise(p.ID), "cancel", nil)
	answer := d.staff.Post("/donations", body(nil))
	require.Contains(t, []int{http.StatusConflict, http.StatusUnprocessableEntity}, answer.StatusCode, answer.Text)
	require.Zero(t, d.promise(p.ID).Paid.Minor)
}
