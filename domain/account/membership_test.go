package account_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tributary/domain/account"
	"tributary/domain/id"
)

var (
	olga, otto, ada, vic = id.New[account.Login](), id.New[account.Login](), id.New[account.Login](), id.New[account.Login]()
	stranger             = id.New[account.Login]()
)

func team(owners ...id.ID[account.Login]) account.Team {
	t := account.Team{{LoginID: ada, Role: account.Admin}, {LoginID: vic, Role: account.Viewer}}
	for _, o := range owners {
		t = append(t, account.Membership{LoginID: o, Role: account.Owner})
	}
	return t
}

func TestRoleChanges(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		by, target id.ID[account.Login]
		role       account.Role
		want       error
	}{
		{"an owner makes an owner", olga, vic, account.Owner, nil},
		{"an owner makes an owner a viewer", olga, otto, account.Viewer, nil},
		{"an owner steps down beside another", olga, olga, account.Viewer, nil},
		{"an admin makes a viewer an admin", ada, vic, account.Admin, nil},
		{"an admin steps down", ada, ada, account.Viewer, nil},
		{"an admin makes no owner", ada, vic, account.Owner, account.ErrRoleNotYours},
		{"an admin makes itself no owner", ada, ada, account.Owner, account.ErrRoleNotYours},
		{"an admin demotes no owner", ada, olga, account.Viewer, account.ErrRoleNotYours},
		{"a viewer changes nobody", vic, ada, account.Viewer, account.ErrRoleNotYours},
		{"a viewer does not rise", vic, vic, account.Admin, account.ErrRoleNotYours},
		{"a stranger changes nobody", stranger, vic, account.Admin, account.ErrRoleNotYours},
		{"a stranger is no member", olga, stranger, account.Viewer, account.ErrNoMember},
		{"there are only our roles", olga, vic, "emperor", account.ErrRoleUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, team(olga, otto).CheckRoleChange(tc.by, tc.target, tc.role), tc.want)
		})
	}
	require.ErrorIs(t, team(olga).CheckRoleChange(olga, olga, account.Admin), account.ErrLastOwner)
	require.NoError(t, team(olga).CheckRoleChange(olga, olga, account.Owner))
}

func TestRemovals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		by, target id.ID[account.Login]
		want       error
	}{
		{"an owner removes an owner", olga, otto, nil},
		{"an admin removes a viewer", ada, vic, nil},
		{"a viewer leaves", vic, vic, nil},
		{"an owner leaves another behind", olga, olga, nil},
		{"an admin removes no owner", ada, olga, account.ErrRoleNotYours},
		{"a viewer removes nobody", vic, ada, account.ErrRoleNotYours},
		{"a stranger removes nobody", stranger, vic, account.ErrRoleNotYours},
		{"a stranger cannot be removed", olga, stranger, account.ErrNoMember},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.ErrorIs(t, team(olga, otto).CheckRemoval(tc.by, tc.target), tc.want)
		})
	}
	require.ErrorIs(t, team(olga).CheckRemoval(olga, olga), account.ErrLastOwner)
}

func TestInvitationsFollowTheGrantRule(t *testing.T) {
	t.Parallel()
	require.NoError(t, team(olga).CheckInvitation(olga, account.Owner))
	require.NoError(t, team(olga).CheckInvitation(ada, account.Finance))
	require.ErrorIs(t, team(olga).CheckInvitation(ada, account.Owner), account.ErrRoleNotYours)
	require.ErrorIs(t, team(olga).CheckInvitation(vic, account.Viewer), account.ErrRoleNotYours)
	require.ErrorIs(t, team(olga).CheckInvitation(stranger, account.Viewer), account.ErrRoleNotYours)
	require.ErrorIs(t, team(olga).CheckInvitation(olga, ""), account.ErrRoleUnknown)
}
