package volunteering_test

import (
	"context"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"tributary/app/apptest"
	"tributary/app/apptest/scene"
	"tributary/app/auditing"
	"tributary/app/people"
	"tributary/app/platform/database"
	"tributary/app/platform/database/databasetest"
	"tributary/app/platform/mail"
	"tributary/app/platform/queue"
	"tributary/app/platform/queue/queuetest"
	"tributary/app/volunteering"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// field is where tests put their rows: an organization in a database, and the service that works on it. A world and a house both have one.
type field struct {
	t            testing.TB
	db           *database.DB
	org          account.Organization
	volunteering *volunteering.Service
	now          func() time.Time
	ctx          context.Context // of the owner
}

// world is volunteering with everything around it: a real database, jobs that run when told to, the mails they write, and a clock. Nothing
// listens to HTTP: house does.
type world struct {
	field
	people *people.Service
	jobs   *queue.Client
	clock  *scene.Clock
	owner  context.Context
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// at is an instant written as RFC 3339.
func at(s string) time.Time { return must(time.Parse(time.RFC3339, s)).UTC() }

// wall is a wall time written as 2026-11-22T09:00.
func wall(s string) volunteer.Wall { return must(volunteer.ParseWall(s)) }

// newWorld begins on Sunday, 22 November 2026, ten in the morning in New York, where the Riverbend Trust is.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{clock: scene.ClockAt(at("2026-11-22T15:00:00Z"))}
	w.field = field{t: t, db: databasetest.New(t), now: w.clock.Now}
	var err error
	w.org, err = account.NewOrganization(account.OrganizationDetails{Name: "Riverbend Trust", Kind: account.Nonprofit, Slug: "riverbend", Zone: "America/New_York"}, w.now())
	require.NoError(t, err)
	w.store(&w.org)
	workers := river.NewWorkers()
	w.jobs = queuetest.New(t, w.db, workers)
	w.volunteering, w.people = serviceOf(t, w.db, w.jobs, w.now, workers)
	w.owner = w.as(account.Owner)
	w.ctx = w.owner
	return w
}

// serviceOf wires the service to a database, and its jobs to workers when there are some.
func serviceOf(t testing.TB, db *database.DB, jobs *queue.Client, now func() time.Time, workers *river.Workers) (*volunteering.Service, *people.Service) {
	t.Helper()
	outbox, err := mail.New(mail.Config{From: `"Tributary" <mail@tributary.example>`, Templates: os.DirFS("../../frontend/templates"), Now: now}, db, jobs)
	require.NoError(t, err)
	audit, known := auditing.New(db, now), scene.Directory{DB: db}
	kept := people.New(people.Parts{DB: db, Audit: audit, Organizations: known, Now: now})
	s := volunteering.New(volunteering.Needs{
		DB: db, Jobs: jobs, Audit: audit, People: kept, Organizations: known, Limiter: scene.Unlimited{}, Outbox: outbox,
		Secret: []byte("a secret of thirty-two characters"), PublicURL: must(url.Parse("https://give.example.org")), Now: now,
	})
	if workers != nil {
		s.Workers(workers)
		outbox.Workers(workers)
	}
	return s, kept
}

// as is the context of somebody of the staff.
func (f *field) as(role account.Role) context.Context {
	who := actor.Actor{Kind: actor.KindLogin, ID: uuid.Must(uuid.NewV7()), OrgID: f.org.ID.UUID, Role: string(role), RequestID: "test"}
	for _, p := range role.Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return actor.With(f.t.Context(), who)
}

// self is the context of a supporter on their own page.
func (f *field) self(p person.Person) context.Context {
	return actor.With(f.t.Context(), actor.Actor{Kind: actor.KindSupporter, ID: p.ID.UUID, OrgID: f.org.ID.UUID, RequestID: "test"})
}

func (f *field) inTx(do func(database.Tx) error) {
	f.t.Helper()
	require.NoError(f.t, f.db.InTx(context.Background(), database.Tenant(f.org.ID.UUID), do))
}

// store inserts rows as they are.
func (f *field) store(rows ...any) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		for _, row := range rows {
			if err := tx.Gorm(context.Background()).Create(row).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// count asks how many rows a statement finds.
func (f *field) count(sql string, args ...any) (n int) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error { return tx.QueryRow(context.Background(), sql, args...).Scan(&n) })
	return n
}

// person makes the record of somebody; an empty e-mail address is none.
func (f *field) person(first, last, email string) person.Person {
	f.t.Helper()
	p, err := person.New(f.org.ID.UUID, person.Details{FirstName: first, LastName: last, Email: email}, f.now())
	require.NoError(f.t, err)
	f.store(&p)
	return p
}

// details is what a test's opportunity says before its changes.
func (f *field) details(changes ...func(*volunteer.Details)) volunteer.Details {
	d := volunteer.Details{
		Title: "Pack food parcels", Role: "Packer", Summary: "Pack parcels for 40 families.", Kind: volunteer.InShifts, Visibility: volunteer.ForEverybody,
		Place:      volunteer.Place{Name: "Food bank", AddressLine1: "5 Dock Street", City: "Riverbend", Region: "NY", PostalCode: "12500", Country: "US"},
		Directions: "Ring at the blue door.", Zone: f.org.Zone, ContactName: "Mo Carter", ContactEmail: "mo@riverbend.example", ContactPhone: "555 0100",
		Window: volunteer.Window{CancelBeforeMinutes: 120}, Waitlist: volunteer.Waitlist{OfferHours: 12},
	}
	for _, change := range changes {
		change(&d)
	}
	return d
}

// opportunity makes a published one.
func (f *field) opportunity(changes ...func(*volunteer.Details)) volunteer.Opportunity {
	f.t.Helper()
	o, err := volunteer.NewOpportunity(f.org, f.details(changes...), f.now())
	require.NoError(f.t, err)
	require.NoError(f.t, o.Publish(f.now()))
	f.store(&o)
	return o
}

// shift makes one that begins at a wall time and lasts three hours, unless a change says otherwise.
func (f *field) shift(o volunteer.Opportunity, starts string, places int, changes ...func(*volunteer.ShiftDetails)) volunteer.Shift {
	f.t.Helper()
	d := volunteer.ShiftDetails{StartsLocal: wall(starts), EndsLocal: wall(starts).Add(3 * time.Hour), Places: places}
	for _, change := range changes {
		change(&d)
	}
	s, err := volunteer.NewShift(o, d, f.now())
	require.NoError(f.t, err)
	f.store(&s)
	return s
}

// signUp gives a person a place, whatever the rules say.
func (f *field) signUp(p person.Person, s volunteer.Shift) volunteer.SignUp {
	f.t.Helper()
	return f.seat(p, s, volunteer.Confirmed)
}

// wait puts a person at the end of the line.
func (f *field) wait(p person.Person, s volunteer.Shift) volunteer.SignUp {
	f.t.Helper()
	return f.seat(p, s, volunteer.Waiting)
}

func (f *field) seat(p person.Person, s volunteer.Shift, status volunteer.SignUpStatus) volunteer.SignUp {
	f.t.Helper()
	u, err := f.volunteering.Seat(f.ctx, f.org, s.ID, volunteer.SignUp{PersonID: &p.ID.UUID, Status: status, Source: volunteer.FromStaff})
	require.NoError(f.t, err)
	return u
}

// shiftNow reads a shift as it is now.
func (f *field) shiftNow(of id.ID[volunteer.Shift]) (s volunteer.Shift) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Where("id = ?", of).Take(&s).Error })
	return s
}

// signUpNow reads a sign-up as it is now.
func (f *field) signUpNow(of id.ID[volunteer.SignUp]) (u volunteer.SignUp) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error { return tx.Gorm(context.Background()).Where("id = ?", of).Take(&u).Error })
	return u
}

// mails lists what was written to an address, the oldest first.
func (f *field) mails(to string) (all []message.Message) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Where("to_email = ?", to).Order("created_at, id").Find(&all).Error
	})
	return all
}

// mailed are the kinds of what was written to an address, the oldest first.
func (f *field) mailed(to string) []string {
	f.t.Helper()
	kinds := []string{}
	for _, m := range f.mails(to) {
		kinds = append(kinds, m.Kind)
	}
	return kinds
}

// audited are the actions recorded of something, the oldest first.
func (f *field) audited(subject uuid.UUID) (actions []string) {
	f.t.Helper()
	f.inTx(func(tx database.Tx) error {
		return tx.Gorm(context.Background()).Table("audit_events").Where("subject_id = ?", subject).Order("id").Pluck("action", &actions).Error
	})
	return actions
}

// settle runs every job that is due, until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	queuetest.Drain(w.t, w.jobs)
}

// ring moves the clock and settles the shifts, as the jobs do that ring when a hold ends: the queue's own clock cannot be moved.
func (w *world) ring(by time.Duration, shifts ...volunteer.Shift) {
	w.t.Helper()
	w.clock.Advance(by)
	for _, s := range shifts {
		require.NoError(w.t, w.volunteering.SettleShift(actor.With(w.t.Context(), actor.System), w.org.ID.UUID, s.ID.UUID))
	}
	w.settle()
}

// house is the whole program over HTTP with a nonprofit, its staff at work, and the same helpers for rows. Its clock begins at the real time.
type house struct {
	*apptest.World
	field
	owner, coordinator, viewer apptest.Member
	staff                      *apptest.Client // the coordinator's
	reader                     *apptest.Client // the viewer's
}

type object = map[string]any

type identified struct {
	ID string `json:"id"`
}

func openHouse(t *testing.T) *house {
	t.Helper()
	h := &house{World: apptest.Start(t)}
	h.owner = h.Found("riverbend")
	h.coordinator, h.viewer = h.Join(h.owner, account.VolunteerCoordinator), h.Join(h.owner, account.Viewer)
	h.staff, h.reader = h.SignIn(h.coordinator), h.SignIn(h.viewer)
	service, _ := serviceOf(t, h.DB, h.Jobs(), h.Clock.Now, nil)
	h.field = field{t: t, db: h.DB, org: h.owner.Organization, volunteering: service, now: h.Clock.Now, ctx: h.As(h.owner)}
	return h
}

// pass lets time go by, and everything that is due happen; a session of staff would end meanwhile.
func (h *house) pass(by time.Duration) {
	h.t.Helper()
	h.Clock.Advance(by)
	h.RunJobs()
	h.staff, h.reader = h.SignIn(h.coordinator), h.SignIn(h.viewer)
}

// inDays is the wall time of a clock in the organization's zone, so many days from now.
func (h *house) inDays(days, hour int) string {
	return volunteer.WallOn(volunteer.WallAt(h.now(), h.org.Location()).Day().AddDays(days), hour, 0).String()
}
