package volunteering_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

func (w *world) erase(p person.Person) {
	w.t.Helper()
	require.NoError(w.t, w.db.InTx(w.owner, database.Tenant(w.org.ID.UUID), func(tx database.Tx) error {
		return w.volunteering.EraseTx(w.owner, tx, w.org.ID.UUID, p.ID.UUID)
	}))
	w.settle()
}

func TestErasingAVolunteerFreesTheirPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	ann, ben := w.helper("Ann"), w.helper("Ben")
	past, full, line, held := w.shift(o, "2026-11-18T09:00", 2), w.shift(o, "2026-11-25T09:00", 1), w.shift(o, "2026-11-26T09:00", 1), w.shift(o, "2026-11-27T09:00", 1)
	w.came(ann, past)
	w.hours(ann, o, "2026-11-18", 180, volunteer.Approved)
	w.exec("update sign_ups set override_note = 'Ann limps', end_reason = 'flu', no_show_note = 'x' where person_id = $1", ann.ID)
	w.signUp(ann, full)
	next := w.wait(ben, full)
	w.signUp(ben, line)
	waits := w.wait(ann, line)
	w.askOnPage("Ann@example.org", held) // a request in her name that nobody has confirmed
	require.Zero(t, w.shiftNow(held.ID).Free())
	w.credential(ann, w.kind("Food hygiene"), "", true)
	asks := w.askToCover(w.shift(o, "2026-11-28T09:00", 1), ann)

	w.erase(ann)

	require.Equal(t, volunteer.Offered, w.signUpNow(next.ID).Status, "the place goes to whoever waits")
	require.Equal(t, volunteer.Withdrawn, w.signUpNow(waits.ID).Status)
	require.Equal(t, 1, w.shiftNow(held.ID).Free())
	for _, table := range []string{"volunteers", "credentials", "cover_asks", "sign_up_requests"} {
		where := " where person_id = $1"
		if table == "sign_up_requests" {
			where = " where $1::uuid is not null"
		}
		require.Zero(t, w.count("select count(*) from "+table+where, ann.ID), table)
	}
	require.Zero(t, w.count("select count(*) from sign_ups where person_id = $1 and override_note || end_reason || no_show_note <> ''", ann.ID))
	require.Equal(t, 1, w.count("select count(*) from sign_ups where person_id = $1 and status = 'done'", ann.ID), "what was done stays")
	require.Equal(t, 180, w.count("select sum(minutes) from volunteer_hours where person_id = $1 and note = '' and reason = ''", ann.ID))
	require.NotContains(t, w.mailed("ann@example.org"), "sign_up.cancelled", "who asked to be forgotten is not written to")
	_, err := w.volunteering.FindQuestion(w.owner, w.org, asks[0])
	require.ErrorIs(t, err, volunteer.ErrCover)
}

// askOnPage chooses a shift on the public page.
func (w *world) askOnPage(email string, s volunteer.Shift) {
	w.t.Helper()
	_, err := w.volunteering.RequestShifts(w.t.Context(), volunteering.RequestInput{
		OrgSlug: "riverbend", Shifts: []id.ID[volunteer.Shift]{s.ID}, FirstName: "Ann", LastName: "Lee", Email: email, IP: "192.0.2.1",
	})
	require.NoError(w.t, err)
}

func TestErasingWhoNeverHelpedChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	giver := w.person("Giver", "", "giver@example.org")
	w.erase(giver)
	require.Zero(t, w.count("select count(*) from volunteers"))
}

func TestAnonymisingAPersonErasesTheVolunteer(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	o := h.opportunity()
	ann, ben := h.helper("Ann"), h.helper("Ben")
	shift := h.shift(o, h.inDays(3, 9), 1)
	h.signUp(ann, shift)
	next := h.wait(ben, shift)
	asks := h.askToCover(h.shift(o, h.inDays(4, 9), 1), ann)
	h.SignIn(h.owner).Post("/people/"+ann.ID.String()+"/anonymise", nil).Is(http.StatusNoContent)
	require.Equal(t, volunteer.Offered, h.signUpNow(next.ID).Status)
	require.Zero(t, h.count("select count(*) from volunteers where person_id = $1", ann.ID))

	_, err := h.volunteering.AnswerCover(t.Context(), h.org, asks[0], true)
	require.ErrorIs(t, err, volunteer.ErrCover, "a link that was mailed before leads nowhere")
	h.staff.Get("/people/" + ann.ID.String() + "/volunteer").OK()
	h.staff.Patch("/people/"+ann.ID.String()+"/volunteer", object{"version": 0, "notes": "?"}).Problem(http.StatusConflict, "person.anonymised")
}

func TestNobodyWhoIsForgottenMeanwhileGetsAPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, s := w.helper("Ann"), w.shift(w.opportunity(), "2026-11-25T09:00", 1)
	w.exec("update people set anonymised_at = $2 where id = $1", ann.ID, w.now()) // while the form was on its way
	out, err := w.volunteering.SignUpSelf(w.self(ann), []id.ID[volunteer.Shift]{s.ID}, volunteering.Joining{})
	require.NoError(t, err)
	require.Len(t, out.Refused, 1)
	require.Equal(t, "person.anonymised", out.Refused[0].Code)
	require.Zero(t, w.shiftNow(s.ID).Taken)
}

func TestMailsToAStrangerAreForgottenWithThem(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	shift := h.shift(h.opportunity(), h.inDays(3, 9), 2)
	ask := func(email string) {
		t.Helper()
		_, err := h.volunteering.RequestShifts(t.Context(), volunteering.RequestInput{
			OrgSlug: h.org.Slug, Shifts: []id.ID[volunteer.Shift]{shift.ID}, FirstName: "Ann", Email: email, IP: "192.0.2.1",
		})
		require.NoError(t, err)
	}
	ann := h.helper("Ann")
	ask("ann@example.org") // and is not confirmed
	require.Equal(t, 1, h.count("select count(*) from messages where to_email = 'ann@example.org'"))
	h.SignIn(h.owner).Post("/people/"+ann.ID.String()+"/anonymise", nil).Is(http.StatusNoContent)
	require.Zero(t, h.count("select count(*) from messages where to_email = 'ann@example.org' or text_body <> '' and person_id is null"))

	ask("nobody@example.org")
	h.pass(volunteer.RequestLife + 8*24*time.Hour)
	require.NoError(t, h.volunteering.KeepOf(t.Context(), h.org.ID.UUID))
	require.Zero(t, h.count("select count(*) from messages where to_email = 'nobody@example.org'"))
}
