package volunteering_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// coordinator is the context of whoever stands at the door.
func (f *field) coordinator() context.Context { return f.as(account.VolunteerCoordinator) }

// now is a note that is sent as it happens.
func (f *field) moment() volunteering.ClientMoment {
	return volunteering.ClientMoment{HappenedAt: f.now(), SentAt: f.now()}
}

// note notes something at the door, as it happens.
func (f *field) note(u volunteer.SignUp, action volunteering.DoorAction) volunteering.DoorLine {
	f.t.Helper()
	line, err := f.volunteering.Check(f.coordinator(), u.ID, volunteering.Check{Action: action, Moment: f.moment()})
	require.NoError(f.t, err)
	return line
}

// refused is why something cannot be noted.
func (f *field) refused(u volunteer.SignUp, action volunteering.DoorAction) error {
	f.t.Helper()
	_, err := f.volunteering.Check(f.coordinator(), u.ID, volunteering.Check{Action: action, Moment: f.moment()})
	return err
}

// hoursOf are the hours of a person, the oldest first.
func (f *field) hoursOf(p person.Person) (all []volunteer.Hours) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("person_id = ?", p.ID).Order("created_at, id").Find(&all).Error
	})
	return all
}

// morning is a world at the start of a shift from nine to twelve in New York, with its opportunity.
func morning(t *testing.T, places int, changes ...func(*volunteer.Details)) (*world, volunteer.Shift) {
	t.Helper()
	w := newWorld(t)
	s := w.shift(w.opportunity(changes...), "2026-11-23T09:00", places)
	return w, s
}

func (w *world) atDoor(starts string) { w.clock.Set(at(starts)) }

func TestTheBoardShowsTheDayWhereItIs(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Title = "Next day" }), "2026-11-24T00:00", 2)
	night := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title = "Night shift" }), "2026-11-22T22:00", 2,
		func(d *volunteer.ShiftDetails) { d.EndsLocal = wall("2026-11-23T06:00") })
	tokyo := w.shift(w.opportunity(func(d *volunteer.Details) { d.Title, d.Zone = "Call from Tokyo", "Asia/Tokyo" }), "2026-11-23T08:00", 2)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	w.signUp(ben, s)
	w.signUp(ada, s)
	w.signUp(ada, night)
	board, err := w.volunteering.Door(w.coordinator(), day.New(2026, 11, 23), id.ID[volunteer.Shift]{})
	require.NoError(t, err)
	var titles, names []string
	for _, b := range board.Shifts {
		titles = append(titles, b.Opportunity.Title)
	}
	for _, p := range board.People {
		names = append(names, p.Name)
	}
	require.Equal(t, []string{"Call from Tokyo", "Night shift", "Pack food parcels"}, titles, "a date is that of each place; the night belongs to both its days")
	require.Equal(t, []string{"Ada Hale", "Ada Hale", "Ben Low"}, names, "in the order of the shifts, then by name")
	require.False(t, board.More)
	require.Equal(t, w.now(), board.Now)

	today, err := w.volunteering.Door(w.coordinator(), day.Day{}, id.ID[volunteer.Shift]{})
	require.NoError(t, err)
	require.Equal(t, day.New(2026, 11, 22), today.Day, "today where the organization is")
	require.Len(t, today.Shifts, 1)
	one, err := w.volunteering.Door(w.coordinator(), day.Day{}, tokyo.ID)
	require.NoError(t, err)
	require.Len(t, one.Shifts, 1)
	require.Empty(t, one.People)
	_, err = w.volunteering.Door(w.coordinator(), day.Day{}, id.New[volunteer.Shift]())
	require.ErrorIs(t, err, volunteer.ErrShift)
}

func TestTheBoardSaysWhatIsMissingAndWhoIsHidden(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 3, func(d *volunteer.Details) { d.MinAge = 16 })
	kind, err := volunteer.NewCredentialKind(w.org.ID.UUID, "Food hygiene", "", 12, w.now())
	require.NoError(t, err)
	w.store(&kind)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Exec("insert into opportunity_requirements (org_id, opportunity_id, kind_id) values (?, ?, ?)", w.org.ID, s.OpportunityID, kind.ID).Error
	})
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	w.signUp(ada, s)
	w.signUp(ben, s)
	c, err := volunteer.NewCredential(kind, ada.ID.UUID, volunteer.CredentialDetails{IssuedOn: day.New(2026, 1, 10)}, w.now())
	require.NoError(t, err)
	c.Confirm(nil, w.now())
	w.store(&c)
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Exec("update volunteers set birth_date = '1990-05-01' where person_id = ?", ada.ID).Error
	})
	until := w.now().Add(time.Hour)
	_, err = w.volunteering.Seat(w.ctx, w.org, s.ID, volunteer.SignUp{Status: volunteer.Held, Source: volunteer.FromPublic, HoldUntil: &until})
	require.NoError(t, err)
	board, err := w.volunteering.Door(w.coordinator(), day.New(2026, 11, 23), id.ID[volunteer.Shift]{})
	require.NoError(t, err)
	require.Len(t, board.People, 2, "a place that nobody has confirmed belongs to nobody")
	require.Empty(t, board.People[0].Missing)
	require.Equal(t, []string{"At least 16 years old", "Food hygiene"}, board.People[1].Missing)
	require.Equal(t, 3, board.Shifts[0].Taken, "but it is taken")
}

func TestACodeOpensTheShiftsOfTodayOnly(t *testing.T) {
	t.Parallel()
	w, s := morning(t, 2)
	o := w.opportunity(func(d *volunteer.Details) { d.Title = "Later" })
	tomorrow := w.shift(o, "2026-11-24T09:00", 2)
	ada := w.person("Ada", "Hale", "ada@example.org")
	w.signUp(ada, tomorrow)
	u := w.signUp(ada, s)
	var profile volunteer.Profile
	w.inTx(func(tx database.Tx) error {
		return tx.Gorm(t.Context()).Where("person_id = ?", ada.ID).Take(&profile).Error
	})
	w.atDoor("2026-11-23T13:45:00Z")
	a, err := w.volunteering.ByCode(w.coordinator(), " "+strings.ToLower(profile.CheckInCode)+" ")
	require.NoError(t, err)
	require.Equal(t, ada.ID.UUID, a.PersonID)
	require.Equal(t, "Ada Hale", a.Name)
	require.Len(t, a.SignUps, 1)
	require.Equal(t, u.ID, a.SignUps[0].ID)
	_, err = w.volunteering.ByCode(w.coordinator(), "no such code")
	require.ErrorIs(t, err, volunteer.ErrVolunteer)
	stranger := actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.New(), OrgID: w.neighbour().ID.UUID})
	_, err = w.volunteering.ByCode(stranger, profile.CheckInCode)
	require.ErrorIs(t, err, volunteer.ErrVolunteer, "another organization knows nothing of it")
	_, err = w.volunteering.Check(stranger, u.ID, volunteering.Check{Action: volunteering.DoorIn, Moment: w.moment()})
	require.ErrorIs(t, err, volunteer.ErrSignUp)
	_, err = w.volunteering.WalkIn(stranger, s.ID, volunteering.WalkIn{FirstName: "Eve", Moment: w.moment()})
	require.ErrorIs(t, err, volunteer.ErrShift)
}

// neighbour is another organization in the same database.
func (f *field) neighbour() account.Organization {
	f.t.Helper()
	o, err := account.NewOrganization(account.OrganizationDetails{Name: "Hillside", Kind: account.Nonprofit, Slug: "hillside"}, f.now())
	require.NoError(f.t, err)
	require.NoError(f.t, f.db.InTx(context.Background(), database.Tenant(o.ID.UUID), func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Create(&o).Error
	}))
	return o
}
