package volunteering_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// keep does what the job does every hour.
func (w *world) keep() {
	w.t.Helper()
	w.inTx(func(tx database.Tx) error { return w.jobs.InsertTx(w.t.Context(), tx, volunteer.Keep{}) })
	w.settle()
}

// member makes a login with a role at the organization.
func (w *world) member(name string, role account.Role) string {
	w.t.Helper()
	login, email := uuid.Must(uuid.NewV7()), name+"@staff.example"
	w.inTx(func(tx database.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `insert into logins (id, email, email_normalized, name, created_at) values ($1, $2, $2, $3, $4)`, login, email, name, w.now()); err != nil {
			return err
		}
		_, err := tx.Exec(w.t.Context(), `insert into memberships (org_id, login_id, role, created_at) values ($1, $2, $3, $4)`, w.org.ID, login, role, w.now())
		return err
	})
	return email
}

// certificate gives a person a confirmed proof that holds until a day.
func (w *world) certificate(p person.Person, kind volunteer.CredentialKind, until string) volunteer.Credential {
	w.t.Helper()
	c := volunteer.Credential{
		OrgID: w.org.ID.UUID, ID: id.New[volunteer.Credential](), PersonID: p.ID.UUID, KindID: kind.ID.UUID, IssuedOn: wall("2025-01-01T00:00").Day(),
		ExpiresOn: wall(until + "T00:00").Day(), Confirmed: true, CreatedAt: w.now(), UpdatedAt: w.now(),
	}
	w.store(&c)
	return c
}

func TestCredentialsThatRunOutAreToldBeforeAndAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner, coordinator := w.member("owner", account.Owner), w.member("coordinator", account.VolunteerCoordinator)
	w.member("viewer", account.Viewer)
	kind, err := volunteer.NewCredentialKind(w.org.ID.UUID, "Food <hygiene>", "", 12, w.now())
	require.NoError(t, err)
	other, err := volunteer.NewCredentialKind(w.org.ID.UUID, "Driving", "", 12, w.now())
	require.NoError(t, err)
	w.store(&kind, &other)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	w.certificate(maya, kind, "2026-12-10")
	w.certificate(w.person("Renewed", "One", "renewed@example.org"), kind, "2026-12-10")
	renewed := w.person("Renewed", "Two", "renewed2@example.org")
	w.certificate(renewed, kind, "2026-12-10")
	w.certificate(renewed, kind, "2027-12-10")
	w.certificate(w.person("Long", "Ago", "ago@example.org"), kind, "2024-12-10")
	claim := w.certificate(w.person("Only", "Claimed", "claimed@example.org"), kind, "2026-12-10")
	w.inTx(func(tx database.Tx) error {
		_, err := tx.Exec(t.Context(), `update credentials set confirmed = false where id = $1`, claim.ID)
		return err
	})

	w.keep()
	require.Empty(t, w.allMails(), "eighteen days ahead nobody need hear of it")
	w.clock.Set(at("2026-11-30T15:00:00Z"))
	w.keep()
	w.keep()
	m := w.lastMail("maya@example.org")
	w.whole(m)
	require.Equal(t, []string{"credential.expiring"}, w.mailed("maya@example.org"))
	require.Equal(t, "Your “Food <hygiene>” expires on Thu 10 Dec 2026", m.Subject)
	require.Contains(t, m.HTML, "Food &lt;hygiene&gt;")
	require.Contains(t, m.Text, "https://give.example.org/my/riverbend/shifts/profile")
	require.Empty(t, w.mailed("renewed2@example.org"), "who has the next one already need not hear")
	require.Empty(t, w.mailed("ago@example.org"))
	require.Empty(t, w.mailed("claimed@example.org"), "what nobody has seen counts for nothing")
	require.Equal(t, []string{"credential.staff"}, w.mailed(coordinator))
	digest := w.lastMail(coordinator)
	w.whole(digest)
	require.Equal(t, "2 certificates of volunteers expire or have expired", digest.Subject)
	require.Contains(t, digest.Text, "Maya Ruiz: Food <hygiene>, until Thu 10 Dec 2026\nhttps://give.example.org/app/riverbend/people/"+maya.ID.String())
	require.Empty(t, w.mailed(owner), "an organization with coordinators leaves it to them")
	require.Empty(t, w.mailed("viewer@staff.example"))

	w.clock.Set(at("2026-12-10T20:00:00Z"))
	w.keep()
	require.Len(t, w.mailed("maya@example.org"), 1, "it still holds today")
	w.clock.Set(at("2026-12-11T15:00:00Z"))
	w.certificate(w.person("Late", "Entry", "late@example.org"), other, "2026-12-01")
	w.keep()
	w.keep()
	require.Equal(t, []string{"credential.expiring", "credential.expiring"}, w.mailed("maya@example.org"))
	require.Equal(t, "Your “Food <hygiene>” has expired", w.lastMail("maya@example.org").Subject)
	require.Len(t, w.mailed("late@example.org"), 1)
	require.Equal(t, []string{"credential.staff", "credential.staff"}, w.mailed(coordinator))
	require.Contains(t, w.lastMail(coordinator).Text, "Late Entry: Driving, expired, held until Tue 1 Dec 2026")
	w.clock.Set(at("2026-12-12T15:00:00Z"))
	w.keep()
	require.Len(t, w.mailed(coordinator), 2)
}

func TestWithoutCoordinatorsWhoMayIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.member("owner", account.Owner)
	w.member("fundraiser", account.Fundraiser)
	kind, err := volunteer.NewCredentialKind(w.org.ID.UUID, "First aid", "", 12, w.now())
	require.NoError(t, err)
	w.store(&kind)
	w.certificate(w.person("No", "Mail", ""), kind, "2026-11-25")
	w.keep()
	require.Equal(t, "No Mail: “First aid” expires on Wed 25 Nov 2026", w.lastMail(owner).Subject)
	require.Len(t, w.allMails(), 1)
}

func TestSpentRequestsAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.shift(w.opportunity(), "2026-12-28T09:00", 5)
	maya := w.person("Maya", "Ruiz", "maya@example.org")
	request := func(email string, expires time.Time) volunteer.Request {
		r := volunteer.Request{
			OrgID: w.org.ID.UUID, ID: id.New[volunteer.Request](), TokenHash: []byte(email), FirstName: "A", LastName: "B", Email: email, EmailNormalized: email,
			Party: 1, CreatedAt: w.now(), HoldUntil: w.now(), ExpiresAt: expires,
		}
		w.store(&r)
		w.inTx(func(tx database.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into sign_up_request_shifts (org_id, request_id, shift_id) values ($1, $2, $3)`, w.org.ID, r.ID, s.ID)
			return err
		})
		return r
	}
	old, fresh, confirmed := request("old@example.org", w.now()), request("fresh@example.org", w.now().Add(volunteer.RequestLife)), request("maya@example.org", w.now())
	sit := func(r volunteer.Request, person *uuid.UUID, status volunteer.SignUpStatus, rank int64) volunteer.SignUp {
		u := volunteer.SignUp{
			OrgID: w.org.ID.UUID, ID: id.New[volunteer.SignUp](), ShiftID: s.ID, PersonID: person, RequestID: &r.ID.UUID, Status: status, Source: volunteer.FromPublic,
			Party: 1, Rank: rank, Overrides: volunteer.Words{}, Version: 1, CreatedAt: w.now(), UpdatedAt: w.now(),
		}
		w.store(&u)
		return u
	}
	sit(old, nil, volunteer.Lapsed, 1)
	kept := sit(confirmed, &maya.ID.UUID, volunteer.Confirmed, 2)
	sit(fresh, nil, volunteer.Lapsed, 3)

	w.clock.Advance(7 * 24 * time.Hour)
	w.keep()
	require.Equal(t, 3, w.count(`select count(*) from sign_up_requests`), "not before a week is over")
	w.clock.Advance(time.Second)
	w.keep()
	w.keep()
	require.Equal(t, 1, w.count(`select count(*) from sign_up_requests`))
	require.Equal(t, 1, w.count(`select count(*) from sign_up_requests where email = 'fresh@example.org'`))
	require.Equal(t, 1, w.count(`select count(*) from sign_up_request_shifts`))
	require.Equal(t, 2, w.count(`select count(*) from sign_ups`), "of whoever never confirmed nothing is left")
	require.Equal(t, volunteer.Confirmed, w.signUpNow(kept.ID).Status)
	require.Nil(t, w.signUpNow(kept.ID).RequestID)
}

// TestOneBrokenPartDoesNotStopTheOthers leaves a series that no rule can be read from: shifts cannot be made ahead, and credentials are told all
// the same.
func TestOneBrokenPartDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.member("owner", account.Owner)
	kind, err := volunteer.NewCredentialKind(w.org.ID.UUID, "First aid", "", 12, w.now())
	require.NoError(t, err)
	o := w.opportunity()
	series := volunteer.Series{
		OrgID: w.org.ID.UUID, ID: id.New[volunteer.Series](), OpportunityID: o.ID, Rule: "NONSENSE", StartsLocal: wall("2026-11-01T09:00"),
		EndsLocal: wall("2026-11-01T12:00"), Zone: "America/New_York", Places: 1, MadeUntil: wall("2026-11-02T00:00"), CreatedAt: w.now(), UpdatedAt: w.now(),
	}
	w.store(&kind, &series)
	w.certificate(w.person("Maya", "Ruiz", "maya@example.org"), kind, "2026-11-25")
	err = w.volunteering.KeepOf(w.owner, w.org.ID.UUID)
	require.ErrorContains(t, err, "make shifts ahead")
	require.Equal(t, []string{"credential.expiring"}, w.mailed("maya@example.org"))
	require.Len(t, w.mailed(owner), 1)
}
