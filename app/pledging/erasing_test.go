package pledging_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/account"
)

func TestAnonymisingAPersonEndsWhatTheyPromised(t *testing.T) {
	t.Parallel()
	d := openDesk(t)
	plan := d.monthly()
	require.NotNil(t, plan.PersonID)
	pledge := d.taken(object{"person_id": *plan.PersonID})
	gift := *plan.Instalments[0].DonationID
	address := "/people/" + *plan.PersonID

	d.SignIn(d.Join(d.owner, account.Fundraiser)).Post(address+"/anonymise", nil).Problem(http.StatusForbidden, "permission.missing")
	d.staff.Post(address+"/anonymise", nil).Is(http.StatusNoContent)
	d.staff.Post(address+"/anonymise", nil).Problem(http.StatusConflict, "person.anonymised")
	d.staff.Patch(address, object{"version": 2, "first_name": "Ada"}).Problem(http.StatusConflict, "person.anonymised")

	for _, id := range []string{plan.ID, pledge.ID} {
		p := d.promise(id)
		require.Equal(t, "cancelled", p.Status)
		require.Empty(t, p.DonorName)
		require.Nil(t, p.Next)
	}
	var who struct {
		DisplayName  string `json:"display_name"`
		Email        string `json:"email"`
		DoNotContact bool   `json:"do_not_contact"`
	}
	d.staff.Get(address).Into(&who)
	require.Equal(t, "Former supporter", who.DisplayName)
	require.Empty(t, who.Email)
	require.True(t, who.DoNotContact)
	kept := apptest.Decode[struct {
		Status    string `json:"status"`
		DonorName string `json:"donor_name"`
		Amount    amount `json:"amount"`
	}](d.staff.Get("/donations/" + gift))
	require.Equal(t, "succeeded", kept.Status, "what was given stays in the books")
	require.Empty(t, kept.DonorName)

	for _, i := range []string{plan.Next.DueOn, "2028-01-31"} {
		d.morningOf(i)
	}
	require.Len(t, d.Sandbox.Charges(d.Sandbox.PlatformAccount()), 1, "nobody is charged after asking to be forgotten")
	require.Empty(t, d.mailed("ben@example.org"), "nor written to")
}
