package volunteering_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/volunteer"
)

// offersSeen is what these tests read of a page of offers of help.
type offersSeen struct {
	Items []struct {
		ID             string   `json:"id"`
		Name           string   `json:"name"`
		PersonID       string   `json:"person_id"`
		Message        string   `json:"message"`
		Skills         []string `json:"skills"`
		AnsweredByName string   `json:"answered_by_name"`
	} `json:"items"`
	NextCursor string `json:"next_cursor"`
}

func TestOffersOfHelpOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	var made []volunteer.HelpOffer
	for _, name := range []string{"Ada", "Ben", "Cleo"} {
		o, err := h.volunteering.OfferHelpSelf(h.self(h.person(name, "<b>Hale</b>", name+"@example.org")), offering(""))
		require.NoError(t, err)
		made = append(made, o)
		h.Clock.Advance(time.Minute)
	}
	list := func(c *apptest.Client, query string) offersSeen {
		return apptest.Decode[offersSeen](c.Get("/help-offers" + query))
	}

	first := list(h.reader, "?limit=2")
	require.Len(t, first.Items, 2)
	require.Equal(t, "Cleo <b>Hale</b>", first.Items[0].Name)
	require.Equal(t, made[2].PersonID.String(), first.Items[0].PersonID)
	require.Equal(t, "I have a van.", first.Items[0].Message)
	require.Equal(t, []string{"driving"}, first.Items[0].Skills)
	rest := list(h.reader, "?limit=2&cursor="+url.QueryEscape(first.NextCursor))
	require.Len(t, rest.Items, 1)
	require.Equal(t, made[0].ID.String(), rest.Items[0].ID)
	require.Empty(t, rest.NextCursor)
	h.refusesStrangers(func(c *apptest.Client) *apptest.Response { return c.Get("/help-offers") }, true)

	answer := "/help-offers/" + made[1].ID.String() + "/answer"
	h.staff.Post(answer, nil).Is(http.StatusNoContent)
	answered := list(h.reader, "?status=answered")
	require.Len(t, answered.Items, 1)
	require.Equal(t, made[1].ID.String(), answered.Items[0].ID)
	require.NotEmpty(t, answered.Items[0].AnsweredByName)
	require.Len(t, list(h.reader, "?status=open").Items, 2)

	stranger := h.SignIn(h.Found("elsewhere"))
	require.Empty(t, list(stranger, "").Items, "another organization sees none of them")
	for _, act := range []func(*apptest.Client) *apptest.Response{
		func(c *apptest.Client) *apptest.Response { return c.Post(answer, nil) },
		func(c *apptest.Client) *apptest.Response { return c.Delete(answer) },
	} {
		act(h.Nobody()).Problem(http.StatusUnauthorized, "session.required")
		act(h.reader).Problem(http.StatusForbidden, "permission.missing")
		act(stranger).Problem(http.StatusNotFound, "help_offer.not_found")
	}
	h.staff.Delete(answer).Is(http.StatusNoContent)
	require.Len(t, list(h.reader, "?status=open").Items, 3)
}
