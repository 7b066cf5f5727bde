package volunteering_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/volunteering"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

func TestKindsOfCredentialsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, err := w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: " Food hygiene ", Description: "From the county.", ValidMonths: 24})
	require.NoError(t, err)
	require.Equal(t, "Food hygiene", k.Name)
	_, err = w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: "Food hygiene"})
	require.ErrorIs(t, err, volunteer.ErrNameTaken)
	_, err = w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: " "})
	require.Error(t, err)
	_, err = w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: "First aid"})
	require.NoError(t, err)

	_, err = w.volunteering.ReviseCredentialKind(w.owner, k.ID, volunteering.KindPatch{Name: new("First aid")})
	require.ErrorIs(t, err, volunteer.ErrNameTaken)
	k, err = w.volunteering.ReviseCredentialKind(w.owner, k.ID, volunteering.KindPatch{ValidMonths: new(12), Archived: new(true)})
	require.NoError(t, err)
	require.Equal(t, "From the county.", k.Description)
	_, err = w.volunteering.ReviseCredentialKind(w.owner, id.New[volunteer.CredentialKind](), volunteering.KindPatch{})
	require.ErrorIs(t, err, volunteering.ErrKind)
	require.Equal(t, []string{"credential_kind.created", "credential_kind.changed"}, w.audited(k.ID.UUID))

	kinds, more, err := w.volunteering.CredentialKinds(w.owner, volunteering.KindFilter{Limit: 10})
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, kinds, 1)
	require.Equal(t, "First aid", kinds[0].Name)
	kinds, more, err = w.volunteering.CredentialKinds(w.owner, volunteering.KindFilter{Archived: true, Limit: 1})
	require.NoError(t, err)
	require.True(t, more)
	require.Equal(t, "First aid", kinds[0].Name)
	kinds, more, err = w.volunteering.CredentialKinds(w.owner, volunteering.KindFilter{Archived: true, After: "First aid", Limit: 1})
	require.NoError(t, err)
	require.False(t, more)
	require.Equal(t, "Food hygiene", kinds[0].Name)
}

func TestACredentialCountsOnceStaffHaveSeenItAndUntilItExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.opportunity()
	k, err := w.volunteering.CreateCredentialKind(w.owner, volunteering.KindDetails{Name: "Food hygiene", ValidMonths: 12})
	require.NoError(t, err)
	w.requires(o, k)
	ann := w.person("Ann", "Lee", "ann@example.org")
	var shifts []volunteer.Shift
	for _, starts := range []string{"2027-11-18T09:00", "2027-11-19T09:00", "2027-11-20T09:00"} {
		shifts = append(shifts, w.shift(o, starts, 5))
	}
	refused := func(s volunteer.Shift) []volunteer.Refusal {
		t.Helper()
		all, err := w.volunteering.CheckSignUp(w.owner, s.ID, ann.ID.UUID, 1)
		require.NoError(t, err)
		return all
	}
	require.Equal(t, "You need “Food hygiene”: show it to the contact, who enters it.", refused(shifts[0])[0].Message)

	claim, err := w.volunteering.ClaimCredential(w.self(ann), k.ID, volunteer.CredentialDetails{IssuedOn: must(day.Parse("2026-11-20")), Note: "Photo in the mail"})
	require.NoError(t, err)
	require.Equal(t, volunteer.Unconfirmed, claim.Standing)
	require.Equal(t, "2027-11-19", claim.ExpiresOn.String(), "as long as its sort holds")
	require.Contains(t, refused(shifts[0])[0].Message, "not yet confirmed")

	for range 2 {
		seen, err := w.volunteering.ConfirmCredential(w.owner, claim.ID)
		require.NoError(t, err)
		require.Equal(t, volunteer.Valid, seen.Standing)
		require.NotNil(t, seen.ConfirmedBy)
	}
	require.Empty(t, refused(shifts[0]))
	require.Empty(t, refused(shifts[1]), "it holds on its last day")
	require.Contains(t, refused(shifts[2])[0].Message, "has expired by then")

	w.clock.Set(at("2027-11-20T05:30:00Z")) // half past midnight in New York
	v, err := w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Expired, v.Credentials[0].Standing)
	require.Equal(t, "Food hygiene", v.Credentials[0].KindName)
	w.clock.Set(at("2027-11-20T04:30:00Z")) // it is still yesterday there
	v, err = w.volunteering.FindVolunteer(w.owner, ann.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, volunteer.Valid, v.Credentials[0].Standing)

	require.NoError(t, w.volunteering.RemoveCredential(w.owner, claim.ID))
	require.ErrorIs(t, w.volunteering.RemoveCredential(w.owner, claim.ID), volunteer.ErrCredential)
	_, err = w.volunteering.ConfirmCredential(w.owner, claim.ID)
	require.ErrorIs(t, err, volunteer.ErrCredential)
	require.Equal(t, []string{"credential.added", "credential.confirmed", "credential.removed"}, w.audited(ann.ID.UUID))
}

func TestACredentialIsOfAKindInUseAndOfSomebody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.kind("Food hygiene")
	ann := w.person("Ann", "Lee", "ann@example.org")
	in := volunteering.CredentialInput{KindID: k.ID, Details: volunteer.CredentialDetails{IssuedOn: must(day.Parse("2026-11-20"))}, Confirmed: true}
	_, err := w.volunteering.AddCredential(w.owner, uuid.New(), in)
	require.ErrorIs(t, err, person.ErrNotFound)
	late := in
	late.Details.ExpiresOn = must(day.Parse("2026-11-19"))
	_, err = w.volunteering.AddCredential(w.owner, ann.ID.UUID, late)
	requireFault(t, err, "credential.expires_on")
	unknown := in
	unknown.KindID = id.New[volunteer.CredentialKind]()
	_, err = w.volunteering.AddCredential(w.owner, ann.ID.UUID, unknown)
	require.ErrorIs(t, err, volunteering.ErrKind)
	_, err = w.volunteering.ClaimCredential(w.owner, k.ID, in.Details)
	require.ErrorIs(t, err, person.ErrSessionOver)
	held, err := w.volunteering.AddCredential(w.owner, ann.ID.UUID, in)
	require.NoError(t, err)
	require.Equal(t, volunteer.Valid, held.Standing)
	_, err = w.volunteering.ReviseCredentialKind(w.owner, k.ID, volunteering.KindPatch{Archived: new(true)})
	require.NoError(t, err)
	_, err = w.volunteering.AddCredential(w.owner, ann.ID.UUID, in)
	requireFault(t, err, "credential_kind.archived")
}

// TestClaimsAreNoWayToFillTheDatabase keeps a supporter from sending claims without end.
func TestClaimsAreNoWayToFillTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.kind("Food hygiene")
	ann := w.person("Ann", "Lee", "ann@example.org")
	for i := range 5 {
		_, err := w.volunteering.ClaimCredential(w.self(ann), k.ID, volunteer.CredentialDetails{IssuedOn: must(day.Parse(fmt.Sprintf("2026-11-%02d", i+1)))})
		require.NoError(t, err)
		w.clock.Advance(time.Minute)
	}
	_, err := w.volunteering.ClaimCredential(w.self(ann), k.ID, volunteer.CredentialDetails{IssuedOn: must(day.Parse("2026-11-20"))})
	requireFault(t, err, "credential.too_many_claims")
	_, err = w.volunteering.AddCredential(w.owner, ann.ID.UUID, volunteering.CredentialInput{KindID: k.ID, Details: volunteer.CredentialDetails{IssuedOn: must(day.Parse("2026-11-20"))}})
	require.NoError(t, err, "staff enter what they see")
}
