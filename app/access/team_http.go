package access

import (
	"context"
	"net/http"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// errNotALogin refuses a program what only a member can do.
var errNotALogin = fault.New(fault.KindForbidden, "team.members_only", "Only a member of the team can do this.")

func (s *Service) teamRoutes(api *web.API) {
	web.Handle(api, web.Op{
		ID: "list-team", Method: http.MethodGet, Path: "/team", Summary: "List the team", Tag: "Team",
		Description: "Open invitations are listed for those who may manage the team.", Permission: account.OrganizationRead,
	}, func(ctx context.Context, _ *web.Empty) (*teamOutput, error) {
		v, err := s.Team(ctx)
		if err != nil {
			return nil, err
		}
		return teamOutputOf(v, actor.From(ctx).May(string(account.TeamManage))), nil
	})
	web.Handle(api, web.Op{
		ID: "change-role", Method: http.MethodPatch, Path: "/team/{login_id}", Summary: "Give a member another role", Tag: "Team",
		Permission: account.TeamManage, Status: http.StatusNoContent, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *roleInput) (*web.Empty, error) {
		return &web.Empty{}, s.ChangeRole(ctx, in.LoginID, in.Body.Role)
	})
	web.Handle(api, web.Op{
		ID: "remove-member", Method: http.MethodDelete, Path: "/team/{login_id}", Summary: "Remove a member, or leave", Tag: "Team",
		Description: "Everyone may leave; removing others takes team:manage. Invitations and API tokens the member made end with the membership.",
		Permission:  account.OrganizationRead, Status: http.StatusNoContent, Errors: []int{http.StatusConflict},
	}, func(ctx context.Context, in *memberInput) (*web.Empty, error) {
		if actor.From(ctx).Kind != actor.KindLogin {
			return nil, errNotALogin
		}
		return &web.Empty{}, s.RemoveMember(ctx, in.LoginID)
	})
	web.Handle(api, web.Op{
		ID: "invite-member", Method: http.MethodPost, Path: "/team/invitations", Summary: "Invite someone to the team by mail", Tag: "Team",
		Permission: account.TeamManage, Status: http.StatusCreated, Errors: []int{http.StatusConflict, http.StatusTooManyRequests},
	}, func(ctx context.Context, in *inviteInput) (*invitedOutput, error) {
		i, err := s.Invite(ctx, in.Body.Email, in.Body.Role)
		if err != nil {
			return nil, err
		}
		return &invitedOutput{Body: invitationViewOf(i)}, nil
	})
	web.Handle(api, web.Op{
		ID: "revoke-invitation", Method: http.MethodDelete, Path: "/team/invitations/{id}", Summary: "Withdraw an invitation", Tag: "Team",
		Permission: account.TeamManage, Status: http.StatusNoContent,
	}, func(ctx context.Context, in *invitationInput) (*web.Empty, error) {
		return &web.Empty{}, s.RevokeInvitation(ctx, in.ID)
	})
}

type memberInput struct {
	LoginID id.ID[account.Login] `path:"login_id"`
}

type roleInput struct {
	LoginID id.ID[account.Login] `path:"login_id"`
	Body    struct {
		Role account.Role `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
	}
}

type inviteInput struct {
	Body struct {
		Email string       `json:"email" maxLength:"1000"`
		Role  account.Role `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
	}
}

type invitationInput struct {
	ID id.ID[account.Invitation] `path:"id"`
}

type invitedOutput struct {
	Body invitationView
}

type teamOutput struct {
	Body struct {
		Items       []memberView     `json:"items"`
		Invitations []invitationView `json:"invitations"`
	}
}

type memberView struct {
	LoginID   id.ID[account.Login] `json:"login_id"`
	Name      string               `json:"name"`
	Email     string               `json:"email"`
	Role      account.Role         `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
	CreatedAt time.Time            `json:"created_at"`
}

type invitationView struct {
	ID        id.ID[account.Invitation] `json:"id"`
	Email     string                    `json:"email"`
	Role      account.Role              `json:"role" enum:"owner,admin,fundraiser,finance,volunteer_coordinator,viewer"`
	ExpiresAt time.Time                 `json:"expires_at"`
}

func teamOutputOf(v TeamView, manages bool) *teamOutput {
	out := &teamOutput{}
	out.Body.Items, out.Body.Invitations = []memberView{}, []invitationView{}
	for _, m := range v.Members {
		out.Body.Items = append(out.Body.Items, memberView{LoginID: m.LoginID, Name: m.Name, Email: m.Email, Role: m.Role, CreatedAt: m.CreatedAt})
	}
	if manages {
		for _, i := range v.Invitations {
			out.Body.Invitations = append(out.Body.Invitations, invitationViewOf(i))
		}
	}
	return out
}

func invitationViewOf(i account.Invitation) invitationView {
	return invitationView{ID: i.ID, Email: i.Email, Role: i.Role, ExpiresAt: i.ExpiresAt}
}
