package volunteering_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/volunteer"
)

// noted is the body of a note at the door that happened some time ago, by a clock that is wrong.
func (h *house) noted(action string, ago, wrong time.Duration) object {
	sent := h.now().Add(wrong)
	return object{"action": action, "happened_at": sent.Add(-ago), "sent_at": sent}
}

func TestTheDoorOverHTTP(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(0, 0), 1, func(d *volunteer.ShiftDetails) { d.EndsLocal = d.StartsLocal.Add(24 * time.Hour) })
	ada := h.person("Ada", "Hale", "ada@example.org")
	u := h.signUp(ada, s)
	var board struct {
		ServerNow time.Time `json:"server_now"`
		Day       string
		Shifts    []volunteering.DoorShiftView
		People    []volunteering.DoorView
		More      bool
	}
	h.staff.Get("/door").OK().Into(&board)
	require.Equal(t, h.now(), board.ServerNow)
	require.Equal(t, h.inDays(0, 0)[:10], board.Day)
	require.Equal(t, "full", string(board.Shifts[0].Fill))
	require.Equal(t, "Pack food parcels", board.Shifts[0].OpportunityTitle)
	require.Equal(t, "a…@example.org", board.People[0].EmailHint)
	h.staff.Get("/door?day=2031-01-01").OK().Into(&board)
	require.Empty(t, board.Shifts)
	h.staff.Get("/door?shift_id=" + s.ID.String()).OK().Into(&board)
	require.Len(t, board.People, 1)
	h.staff.Get("/door?day=yesterday").Is(422)
	h.staff.Get("/door?shift_id="+uuid.NewString()).Problem(404, "shift.not_found")
	h.reader.Get("/door").Problem(403, "permission.missing")
	h.Nobody().Get("/door").Problem(401, "session.required")
	other := h.SignIn(h.Found("hillside"))
	other.Get("/door?shift_id="+s.ID.String()).Problem(404, "shift.not_found")

	var line volunteering.DoorView
	path, key := "/sign-ups/"+u.ID.String()+"/check", uuid.NewString()
	h.staff.Post(path, h.noted("in", 10*time.Minute, 3*time.Hour), apptest.IdempotencyKey(key)).OK().Into(&line)
	require.Equal(t, "in", string(line.Status))
	require.Equal(t, h.now().Add(-10*time.Minute), *line.CheckedInAt)
	h.staff.Post(path, object{"action": "tea", "happened_at": h.now(), "sent_at": h.now()}).Is(422)
	h.staff.Post(path, object{"action": "in"}).Is(422)
	h.staff.Post(path, h.noted("no_show", 0, 0)).Problem(409, "sign_up.is_there")
	h.reader.Post(path, h.noted("in", 0, 0)).Problem(403, "permission.missing")
	h.Nobody().Post(path, h.noted("in", 0, 0)).Problem(401, "session.required")
	other.Post(path, h.noted("in", 0, 0)).Problem(404, "sign_up.not_found")
	h.staff.Post("/sign-ups/"+uuid.NewString()+"/check", h.noted("in", 0, 0)).Problem(404, "sign_up.not_found")

	walkIn := object{"first_name": "Ben", "email": "ben@example.org", "phone": "+1 555 010 0199", "happened_at": h.now(), "sent_at": h.now()}
	key = uuid.NewString()
	first := h.staff.Post("/shifts/"+s.ID.String()+"/walk-ins", walkIn, apptest.IdempotencyKey(key)).Is(201)
	first.Into(&line)
	require.True(t, line.Over)
	require.Contains(t, line.Overrides, "full")
	require.Equal(t, "… 199", line.PhoneHint)
	again := h.staff.Post("/shifts/"+s.ID.String()+"/walk-ins", walkIn, apptest.IdempotencyKey(key)).Is(201)
	require.Equal(t, first.Text, again.Text)
	h.staff.Post("/shifts/"+s.ID.String()+"/walk-ins", object{"happened_at": h.now(), "sent_at": h.now()}).Is(422)
	h.staff.Post("/shifts/"+uuid.NewString()+"/walk-ins", walkIn).Problem(404, "shift.not_found")
	h.reader.Post("/shifts/"+s.ID.String()+"/walk-ins", walkIn).Problem(403, "permission.missing")
	other.Post("/shifts/"+s.ID.String()+"/walk-ins", walkIn).Problem(404, "shift.not_found")

	var code string
	h.inTx(func(tx database.Tx) error {
		return tx.QueryRow(t.Context(), "select check_in_code from volunteers where person_id = $1", ada.ID).Scan(&code)
	})
	var arrival struct {
		Name    string
		SignUps []volunteering.DoorView `json:"sign_ups"`
	}
	h.staff.Get("/door/code/" + strings.ToLower(code)).OK().Into(&arrival)
	require.Equal(t, "Ada Hale", arrival.Name)
	require.Len(t, arrival.SignUps, 1)
	h.staff.Get("/door/code/NOTHING").Problem(404, "volunteer.not_found")
	h.reader.Get("/door/code/"+code).Problem(403, "permission.missing")
	other.Get("/door/code/"+code).Problem(404, "volunteer.not_found")
}

func TestAQueueOfTheDoorReplaysWithItsKeys(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	s := h.shift(h.opportunity(), h.inDays(0, 0), 3, func(d *volunteer.ShiftDetails) { d.EndsLocal = d.StartsLocal.Add(24 * time.Hour) })
	ada, ben := h.person("Ada", "Hale", "ada@example.org"), h.person("Ben", "Low", "ben@example.org")
	u, absent := h.signUp(ada, s), h.signUp(ben, s)
	type queued struct {
		path, key string
		body      object
	}
	var queue []queued
	put := func(path string, body object) { queue = append(queue, queued{path, uuid.NewString(), body}) }
	check := func(u volunteer.SignUp, action string, ago time.Duration) {
		put("/sign-ups/"+u.ID.String()+"/check", h.noted(action, ago, -24*time.Hour))
	}
	check(u, "in", 3*time.Hour)
	check(u, "undo", 3*time.Hour)
	check(u, "in", 170*time.Minute)
	check(absent, "no_show", 160*time.Minute)
	put("/shifts/"+s.ID.String()+"/walk-ins", object{"first_name": "Noor", "happened_at": h.now().Add(-time.Hour), "sent_at": h.now()})
	check(u, "out", 20*time.Minute)
	var answers [2][]string
	for round := range answers { // the whole queue in order, and again: the answers of the first time were lost on the way
		for _, q := range queue {
			answers[round] = append(answers[round], h.staff.Post(q.path, q.body, apptest.IdempotencyKey(q.key)).OK().Text)
		}
	}
	require.Equal(t, answers[0], answers[1])
	now := h.signUpNow(u.ID)
	require.Equal(t, volunteer.Done, now.Status)
	require.Equal(t, 150, h.hoursOf(ada)[0].Minutes)
	require.Len(t, h.hoursOf(ada), 1)
	require.Equal(t, volunteer.NoShow, h.signUpNow(absent.ID).Status)
	require.Equal(t, 1, h.count("select count(*) from people where first_name = 'Noor'"))
	require.Equal(t, 2, h.shiftNow(s.ID).Taken)
}
