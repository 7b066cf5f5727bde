package volunteering_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/fault"
	"tributary/domain/volunteer"
)

// codeOf is the code of a fault, empty for anything else.
func codeOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	return f.Code
}

// blames requires a fault of a field.
func blames(t *testing.T, err error, field string) {
	t.Helper()
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.NotEmpty(t, f.Fields)
	var named []string
	for _, of := range f.Fields {
		named = append(named, of.Location)
	}
	require.Contains(t, named, field)
}

func (w *world) walkIn(s volunteer.Shift, in volunteering.WalkIn) volunteering.DoorLine {
	w.t.Helper()
	in.Moment = w.moment()
	line, err := w.volunteering.WalkIn(w.coordinator(), s.ID, in)
	require.NoError(w.t, err)
	return line
}

func TestAWalkInIntoAFullShiftIsBeyondThePlaces(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 1)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), s)
	w.atDoor("2026-11-23T14:05:00Z")
	line := w.walkIn(s, volunteering.WalkIn{FirstName: "Ben", LastName: "Low", Email: "Ben@Example.org"})
	require.Equal(t, volunteer.In, line.Status)
	require.Equal(t, "Ben Low", line.Name)
	require.Equal(t, 1, line.Over)
	require.Equal(t, volunteer.Words{"cut_off", "full"}, line.Overrides, "every rule that stands against it is named")
	now := w.shiftNow(s.ID)
	require.Equal(t, [2]int{2, 1}, [2]int{now.Taken, now.Over})
	require.NotNil(t, w.signUpNow(line.ID).OverriddenBy)
	require.Contains(t, w.audited(s.ID.UUID), "sign_up.in")
	again := w.walkIn(s, volunteering.WalkIn{FirstName: "Benjamin", Email: "ben@example.org"})
	require.Equal(t, line.ID, again.ID, "found by the address, however it is spelled")
	require.Equal(t, 1, w.count("select count(*) from people where email_normalized = 'ben@example.org'"))
	require.Equal(t, volunteer.Withdrawn, w.note(line.SignUp, volunteering.DoorUndo).Status, "undo of a walk-in ends it")
	require.Equal(t, 1, w.shiftNow(s.ID).Taken)
	require.Empty(t, w.mailed("ben@example.org"))
}

func TestAWalkInThatIsSentTwiceIsOnePerson(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	w.atDoor("2026-11-23T14:05:00Z")
	in := volunteering.WalkIn{FirstName: "Noor", Phone: "+1 555 0123456", Key: "9d5c"}
	first := w.walkIn(s, in)
	require.Equal(t, first.ID, w.walkIn(s, in).ID, "without an address, too")
	require.Equal(t, 1, w.count("select count(*) from people where first_name = 'Noor'"))
	w.note(first.SignUp, volunteering.DoorUndo)
	require.Equal(t, volunteer.Withdrawn, w.walkIn(s, in).Status, "what was undone stays so")
	in.Key = "9d5d"
	require.NotEqual(t, first.ID, w.walkIn(s, in).ID, "another request is another person")
}

func TestAWalkInWhoHadASignUpComesForThat(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	u, missed := w.signUp(ada, s), w.signUp(ben, s)
	w.atDoor("2026-11-23T14:05:00Z")
	require.Equal(t, u.ID, w.walkIn(s, volunteering.WalkIn{FirstName: "Ada", Email: "ada@example.org"}).ID)
	w.note(missed, volunteering.DoorNoShow)
	w.clock.Advance(time.Hour)
	line := w.walkIn(s, volunteering.WalkIn{FirstName: "Ben", Email: "ben@example.org"})
	require.Equal(t, missed.ID, line.ID, "so that the no-show does not count")
	require.Equal(t, volunteer.In, line.Status)
	require.Zero(t, line.Over)
}

func TestAWalkInNeedsANameAndAShiftThatTakesPlace(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	_, err := w.volunteering.WalkIn(w.coordinator(), s.ID, volunteering.WalkIn{Moment: w.moment()})
	require.Equal(t, fault.KindInvalid, fault.KindOf(err))
	_, err = w.volunteering.WalkIn(w.coordinator(), s.ID, volunteering.WalkIn{FirstName: "Ada", Email: "nonsense", Moment: w.moment()})
	blames(t, err, "email")
	w.count("with done as (update shifts set status = 'cancelled' where id = $1 returning 1) select count(*) from done", s.ID)
	before := w.count("select count(*) from people")
	_, err = w.volunteering.WalkIn(w.coordinator(), s.ID, volunteering.WalkIn{FirstName: "Ada", Moment: w.moment()})
	require.ErrorIs(t, err, volunteer.ErrShiftGone)
	require.Equal(t, before, w.count("select count(*) from people"), "nobody is made in vain")
}

func TestTheDoorShowsRulesThatAWalkInBreaks(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2, func(d *volunteer.Details) { d.MinAge = 18 })
	elsewhere := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title = "Elsewhere" }), "2026-11-23T10:00", 2)
	w.signUp(w.person("Ada", "Hale", "ada@example.org"), elsewhere)
	w.atDoor("2026-11-23T13:05:00Z")
	line := w.walkIn(s, volunteering.WalkIn{FirstName: "Ada", Email: "ada@example.org"})
	require.Equal(t, volunteer.Words{"overlap", "requirement"}, line.Overrides)
	require.Equal(t, []string{"At least 18 years old"}, line.Missing)
	require.Zero(t, line.Over)
}
