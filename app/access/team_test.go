package access_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/app/access"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
)

func TestFoundMakesTheFounderAnOwner(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o, err := f.Found(as(t, olga, account.Organization{}, ""), olga.ID, account.OrganizationDetails{Name: "Harbor Food Bank", Kind: account.Nonprofit})
	require.NoError(t, err)
	require.Equal(t, "harbor-food-bank", o.Slug)
	require.Equal(t, map[id.ID[account.Login]]account.Role{olga.ID: account.Owner}, f.roles(t, olga, o))
	found, err := f.OrganizationBySlug(t.Context(), "harbor-food-bank")
	require.NoError(t, err)
	require.Equal(t, o.ID, found.ID)
	found, err = f.Organization(t.Context(), o.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, "Harbor Food Bank", found.LegalName)
	require.Equal(t, []string{"organization.founded"}, f.auditEvents(t, o))
}

func TestFoundRefusesATakenSlugAndSavesNothing(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, otto := f.login(t, "olga"), f.login(t, "otto")
	f.found(t, olga, "riverbend")
	_, err := f.Found(as(t, otto, account.Organization{}, ""), otto.ID, account.OrganizationDetails{Name: "Riverbend", Kind: account.Nonprofit})
	require.ErrorIs(t, err, account.ErrSlugTaken)
	in, err := f.signIn(t, otto.Email, password)
	require.NoError(t, err)
	require.Empty(t, in.Memberships)
	_, err = f.Found(as(t, otto, account.Organization{}, ""), otto.ID, account.OrganizationDetails{Name: "", Kind: "club"})
	require.Equal(t, map[string]string{"name": "text.required", "kind": "organization.kind_unknown"}, codes(t, err))
}

func TestALoginFoundsTwentyADay(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	ctx := as(t, olga, account.Organization{}, "")
	for i := range 20 {
		_, err := f.Found(ctx, olga.ID, account.OrganizationDetails{Name: "Many", Slug: "many-" + string(rune('a'+i)), Kind: account.Nonprofit})
		require.NoError(t, err)
	}
	_, err := f.Found(ctx, olga.ID, account.OrganizationDetails{Name: "Many", Slug: "one-too-many", Kind: account.Nonprofit})
	require.Equal(t, fault.KindRateLimited, fault.KindOf(err))
}

func TestNobodyFindsAnOrganizationThatIsNot(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := f.OrganizationBySlug(t.Context(), "never-founded")
	require.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestChangeOrganizationSavesAndRecordsWhatDiffers(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	ctx := as(t, olga, o, account.Owner)
	changed, err := f.ChangeOrganization(ctx, account.OrganizationPatch{
		Name: new("Riverbend Trust"), FiscalYearStart: new(int16(7)), EmbedOrigins: &[]string{"https://www.riverbend.example", "https://shop.riverbend.example:8443"},
	})
	require.NoError(t, err)
	stored, err := f.Organization(t.Context(), o.ID.UUID)
	require.NoError(t, err)
	require.Equal(t, changed, stored)
	require.Equal(t, account.Origins{"https://www.riverbend.example", "https://shop.riverbend.example:8443"}, stored.EmbedOrigins)
	require.Equal(t, []string{"riverbend"}, column[string](t, f, o.ID.UUID, `SELECT before->>'name' FROM audit_events WHERE action = 'organization.changed'`))

	_, err = f.ChangeOrganization(ctx, account.OrganizationPatch{Name: new("Riverbend Trust")})
	require.NoError(t, err)
	_, err = f.ChangeOrganization(ctx, account.OrganizationPatch{Name: new(""), Email: new("x")})
	require.Equal(t, map[string]string{"name": "text.required", "email": "email.invalid"}, codes(t, err))
	require.Equal(t, []string{"organization.founded", "organization.changed"}, f.auditEvents(t, o), "nothing changed, nothing recorded")
}

func TestRolesAreChangedAndRecorded(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	vic := f.member(t, o, "vic", account.Viewer)
	require.NoError(t, f.ChangeRole(as(t, olga, o, account.Owner), vic.ID, account.Admin))
	require.Equal(t, account.Admin, f.roles(t, olga, o)[vic.ID])
	require.NoError(t, f.ChangeRole(as(t, olga, o, account.Owner), vic.ID, account.Admin), "once more changes nothing")
	require.Equal(t, []string{"organization.founded", "member.joined", "member.role_changed"}, f.auditEvents(t, o))
	require.Equal(t, []string{"viewer"}, column[string](t, f, o.ID.UUID, `SELECT before->>'role' FROM audit_events WHERE action = 'member.role_changed'`))
}

func TestWhoMustNotChangesNoTeam(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga, zoe := f.login(t, "olga"), f.login(t, "zoe")
	o, harbor := f.found(t, olga, "riverbend"), f.found(t, zoe, "harbor")
	ada, vic := f.member(t, o, "ada", account.Admin), f.member(t, o, "vic", account.Viewer)
	require.ErrorIs(t, f.ChangeRole(as(t, ada, o, account.Admin), olga.ID, account.Viewer), account.ErrRoleNotYours)
	require.ErrorIs(t, f.ChangeRole(as(t, ada, o, account.Admin), ada.ID, account.Owner), account.ErrRoleNotYours)
	require.ErrorIs(t, f.RemoveMember(as(t, ada, o, account.Admin), olga.ID), account.ErrRoleNotYours)
	// The role in the request is what it was when the request came in; what counts is the one in the database.
	require.ErrorIs(t, f.ChangeRole(as(t, vic, o, account.Owner), vic.ID, account.Owner), account.ErrRoleNotYours)
	require.ErrorIs(t, f.RemoveMember(as(t, zoe, o, account.Owner), vic.ID), account.ErrRoleNotYours)
	require.ErrorIs(t, f.RemoveMember(as(t, zoe, harbor, account.Owner), vic.ID), account.ErrNoMember, "another organization's member")
	_, err := f.Invite(as(t, vic, o, account.Viewer), "new@riverbend.example", account.Viewer)
	require.ErrorIs(t, err, account.ErrRoleNotYours)
	_, err = f.Invite(as(t, ada, o, account.Admin), "new@riverbend.example", account.Owner)
	require.ErrorIs(t, err, account.ErrRoleNotYours)
	require.Equal(t, map[id.ID[account.Login]]account.Role{olga.ID: account.Owner, ada.ID: account.Admin, vic.ID: account.Viewer}, f.roles(t, olga, o))
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	require.ErrorIs(t, f.RemoveMember(as(t, olga, o, account.Owner), olga.ID), account.ErrLastOwner)
	require.ErrorIs(t, f.ChangeRole(as(t, olga, o, account.Owner), olga.ID, account.Viewer), account.ErrLastOwner)
	otto := f.member(t, o, "otto", account.Owner)
	require.NoError(t, f.RemoveMember(as(t, olga, o, account.Owner), olga.ID))
	require.Equal(t, map[id.ID[account.Login]]account.Role{otto.ID: account.Owner}, f.roles(t, otto, o))
}

func TestOwnersWhoDemoteEachOtherAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	otto := f.member(t, o, "otto", account.Owner)
	for range 10 {
		errs := together(2, func(i int) error {
			by, target := olga, otto
			if i == 1 {
				by, target = otto, olga
			}
			return f.ChangeRole(as(t, by, o, account.Owner), target.ID, account.Viewer)
		})
		require.NotEqual(t, errs[0] == nil, errs[1] == nil, "one wins: %v", errs)
		require.ErrorIs(t, errors.Join(errs...), account.ErrRoleNotYours)
		winner, loser := olga, otto
		if errs[1] == nil {
			winner, loser = otto, olga
		}
		require.Equal(t, map[id.ID[account.Login]]account.Role{winner.ID: account.Owner, loser.ID: account.Viewer}, f.roles(t, winner, o))
		require.NoError(t, f.ChangeRole(as(t, winner, o, account.Owner), loser.ID, account.Owner))
	}
}

func TestOwnersWhoLeaveAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	owners := []account.Login{olga, f.member(t, o, "otto", account.Owner), f.member(t, o, "oda", account.Owner)}
	stayed := 0
	for _, err := range together(len(owners), func(i int) error { return f.RemoveMember(as(t, owners[i], o, account.Owner), owners[i].ID) }) {
		if err != nil {
			require.ErrorIs(t, err, account.ErrLastOwner)
			stayed++
		}
	}
	require.Equal(t, 1, stayed)
	require.Equal(t, []string{"owner"}, column[string](t, f, o.ID.UUID, `SELECT role FROM memberships`))
}

func TestWhatAMemberHandedOutEndsWithTheirRole(t *testing.T) {
	t.Parallel()
	f := start(t)
	olga := f.login(t, "olga")
	o := f.found(t, olga, "riverbend")
	ada := f.member(t, o, "ada", account.Admin)
	asAda := as(t, ada, o, account.Admin)
	_, err := f.Invite(asAda, "new@riverbend.example", account.Admin)
	require.NoError(t, err)
	_, reads, err := f.CreateToken(asAda, access.TokenInput{Name: "reads", Scopes: []account.Permission{account.PeopleRead}})
	require.NoError(t, err)
	_, writes, err := f.CreateToken(asAda, access.TokenInput{Name: "writes", Scopes: []account.Permission{account.PeopleWrite}})
	require.NoError(t, err)

	require.NoError(t, f.ChangeRole(as(t, olga, o, account.Owner), ada.ID, account.Viewer))
	_, err = f.Invitation(t.Context(), secretOf(t, f.mails(t, o, "new@riverbend.example")[0]))
	require.ErrorIs(t, err, account.ErrInvitationInvalid)
	_, err = f.bearer(t, writes, "")
	require.ErrorIs(t, err, account.ErrTokenInvalid)
	_, err = f.bearer(t, reads, "")
	require.NoError(t, err, "a viewer may read people")

	require.NoError(t, f.RemoveMember(as(t, olga, o, account.Owner), ada.ID))
	_, err = f.bearer(t, reads, "")
	require.ErrorIs(t, err, account.ErrTokenInvalid)
	require.Equal(t, []string{
		"organization.founded", "member.joined", "member.invited", "token.created", "token.created", "invitation.revoked", "token.revoked",
		"member.role_changed", "token.revoked", "member.removed",
	}, f.auditEvents(t, o))
}
