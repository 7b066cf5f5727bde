package volunteering_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/volunteering"
	"tributary/domain/volunteer"
)

func TestStaffSignPeopleUpThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(3, 9), 1)
	ada, other := h.person("Ada <b>Hale</b>", "", "ada@example.org"), h.SignIn(h.Found("hillside"))
	path := "/shifts/" + s.ID.String() + "/sign-ups"
	check := "/shifts/" + s.ID.String() + "/check"
	var rules struct {
		Refusals []struct {
			Rule, Message string
			Overridable   bool
		}
	}
	h.staff.Get(check + "?person_id=" + ada.ID.String()).OK().Into(&rules)
	require.NotNil(t, rules.Refusals)
	require.Empty(t, rules.Refusals)

	var view volunteering.SignUpView
	key := uuid.NewString()
	h.staff.Post(path, object{"person_id": ada.ID, "tell": true}, apptest.IdempotencyKey(key)).Is(http.StatusCreated).Into(&view)
	require.Equal(t, "confirmed", view.Status)
	require.Equal(t, "Ada <b>Hale</b>", view.Person.Name, "a name is text")
	require.Equal(t, "staff", view.Source)
	require.Equal(t, []string{}, view.Overrides)
	again := h.staff.Post(path, object{"person_id": ada.ID, "tell": true}, apptest.IdempotencyKey(key)).Is(http.StatusCreated)
	require.Contains(t, again.Text, view.ID.String())
	require.Len(t, h.Mails("ada@example.org"), 1)

	h.staff.Post(path, object{"person_id": ada.ID, "override": []string{"full"}}).Problem(409, "sign_up.already_signed_up")
	ben := object{"first_name": "Ben", "email": "ben@example.org"}
	h.staff.Post(path, object{"person": ben}).Problem(409, "sign_up.full")
	h.staff.Get(check).OK().Into(&rules)
	require.Equal(t, "full", rules.Refusals[0].Rule)
	require.True(t, rules.Refusals[0].Overridable)
	h.staff.Post(path, object{"person": ben, "override": []string{"full"}, "note": "She brings her own chair"}).Is(http.StatusCreated).Into(&view)
	require.Equal(t, 1, view.Over)
	require.Equal(t, []string{"full"}, view.Overrides)
	require.Equal(t, "She brings her own chair", view.OverrideNote)

	h.staff.Post(path, object{}).Blames("body.person_id", "sign_up.person_missing")
	h.staff.Post(path, object{"person": object{"first_name": "Cy", "email": "nonsense"}}).Blames("body.email", "email.invalid")
	h.staff.Post(path, object{"person_id": uuid.New()}).Problem(404, "person.not_found")
	h.staff.Post(path, object{"person_id": ada.ID, "override": []string{"everything"}}).Is(422)
	h.staff.Post("/shifts/"+uuid.NewString()+"/sign-ups", object{"person": ben}).Problem(404, "shift.not_found")
	h.staff.Get("/shifts/"+uuid.NewString()+"/check").Problem(404, "shift.not_found")
	h.staff.Get(check+"?person_id="+uuid.NewString()).Problem(404, "person.not_found")
	other.Post(path, object{"person": ben}).Problem(404, "shift.not_found")
	other.Get(check).Problem(404, "shift.not_found")
	h.reader.Post(path, object{"person": ben}).Problem(403, "permission.missing")
	h.reader.Get(check).Problem(403, "permission.missing")
	h.Nobody().Post(path, object{"person": ben}).Problem(401, "session.required")
	h.Nobody().Get(check).Problem(401, "session.required")
}

func TestStaffEndAndMoveSignUpsThroughTheAPI(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(3, 9), 1)
	ada := h.signUp(h.person("Ada", "Hale", "ada@example.org"), s)
	ben, cy := h.wait(h.person("Ben", "Low", "ben@example.org"), s), h.wait(h.person("Cy", "Ray", "cy@example.org"), s)
	other := h.SignIn(h.Found("hillside"))
	path := func(u volunteer.SignUp, act string) string { return "/sign-ups/" + u.ID.String() + "/" + act }

	var view volunteering.SignUpView
	h.staff.Post(path(cy, "move"), object{"position": 1}).OK().Into(&view)
	require.Equal(t, 1, view.Position)
	require.Equal(t, "Cy Ray", view.Person.Name)
	h.staff.Post(path(ada, "move"), object{"position": 1}).Problem(409, "sign_up.not_active")
	h.staff.Post(path(cy, "move"), object{"position": 0}).Is(422)

	h.staff.Post(path(ada, "withdraw"), object{"reason": "The van is <full>"}).OK().Into(&view)
	require.Equal(t, "cancelled", view.Status)
	require.Equal(t, "staff", view.EndedBy)
	mail := h.Mails("ada@example.org")[0]
	require.Equal(t, "sign_up.cancelled", mail.Kind)
	require.Contains(t, mail.Text, "The van is <full>")
	require.Equal(t, volunteer.Offered, h.signUpNow(cy.ID).Status)
	require.Equal(t, volunteer.Waiting, h.signUpNow(ben.ID).Status)
	h.staff.Post(path(ada, "withdraw"), object{}).Problem(409, "sign_up.not_active")

	for _, act := range []string{"withdraw", "move"} {
		body := object{"reason": ""}
		if act == "move" {
			body = object{"position": 1}
		}
		h.staff.Post("/sign-ups/"+uuid.NewString()+"/"+act, body).Problem(404, "sign_up.not_found")
		other.Post(path(ben, act), body).Problem(404, "sign_up.not_found")
		h.reader.Post(path(ben, act), body).Problem(403, "permission.missing")
		h.Nobody().Post(path(ben, act), body).Problem(401, "session.required")
	}
	require.Equal(t, volunteer.Waiting, h.signUpNow(ben.ID).Status)
}
