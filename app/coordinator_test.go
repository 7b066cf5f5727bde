package app_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/domain/account"
)

// publicAmounts are operations that tell what anybody reads on a public page: what a campaign has raised, and wants to.
var publicAmounts = map[string]bool{"list-campaigns": true, "get-campaign": true, "watch-campaign": true}

// inWords finds an amount that somebody has written out: "$25.00", "25.00 USD".
var inWords = regexp.MustCompile(`[$€£]\s?\d|\b(USD|EUR|GBP)\s?\d|\d\s?(USD|EUR|GBP)\b`)

// TestACoordinatorSeesNoAmounts reads all that somebody who looks after volunteers can ask for, in an organization full of gifts: what is about
// money is refused, and nothing else mentions an amount.
func TestACoordinatorSeesNoAmounts(t *testing.T) {
	t.Parallel()
	w := startWalk(t)
	owner := apptest.Member{Login: w.Login("another.owner@riverbend.example"), Organization: w.victim, Role: account.Owner}
	coordinator := w.Join(owner, account.VolunteerCoordinator)
	c := w.SignIn(coordinator)
	giver, anybody := w.idIn("donations", "person_id"), w.idIn("people", "id")
	read, refused := map[string]bool{}, 0
	for _, op := range w.operations {
		if !ofOrganization(op) || op.Method != http.MethodGet || publicAmounts[op.ID] {
			continue
		}
		got := w.try(c, op, strings.Replace(w.path(op), anybody, giver, 1))
		if !slices.Contains(coordinator.Role.Permissions(), op.Permission) {
			require.Equal(t, http.StatusForbidden, got.StatusCode, "%s: %s", op.ID, got.Text)
			refused++
			continue
		}
		if got.StatusCode == http.StatusOK {
			read[op.ID] = true
			requireNoAmounts(t, op.ID, got)
		}
	}
	for _, id := range []string{"get-person", "list-people", "person-timeline", "get-volunteer", "volunteers-today", "person-time"} {
		require.True(t, read[id], "%s was not read", id)
	}
	require.Greater(t, refused, 20)
}

func requireNoAmounts(t *testing.T, id string, got *apptest.Response) {
	t.Helper()
	switch kind := got.Header.Get("Content-Type"); {
	case kind == "application/pdf": // its bytes are no words
		require.Equal(t, "get-volunteer-certificate", id)
		return
	case !strings.Contains(kind, "json"):
		require.NotRegexp(t, inWords, got.Text, id)
		return
	}
	var body any
	require.NoError(t, json.Unmarshal([]byte(got.Text), &body))
	var look func(at string, value any)
	look = func(at string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, inner := range v {
				if strings.Contains(key, "amount") || strings.HasSuffix(key, "_minor") {
					require.Nil(t, inner, "%s tells %s.%s", id, at, key)
				}
				look(at+"."+key, inner)
			}
		case []any:
			for _, inner := range v {
				look(at+"[]", inner)
			}
		case string:
			require.NotRegexp(t, inWords, v, "%s tells %s", id, at)
		}
	}
	look("", body)
}
