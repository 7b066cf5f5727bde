package account

import (
	"slices"
	"time"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// Why a change to a team is refused.
var (
	ErrLastOwner     = fault.New(fault.KindConflict, "team.last_owner", "An organization needs an owner. Make someone else an owner first.")
	ErrRoleNotYours  = fault.New(fault.KindForbidden, "team.role_not_yours", "Your role does not let you give or take this role.")
	ErrAlreadyMember = fault.New(fault.KindConflict, "team.already_member", "This person is on the team already.")
	ErrRoleUnknown   = fault.Invalid("role", "team.role_unknown", "Choose one of the roles.")
	ErrNoMember      = fault.NotFound("member")
)

// Membership is which role a login has at an organization.
type Membership struct {
	OrgID     id.ID[Organization] `gorm:"primaryKey"`
	LoginID   id.ID[Login]        `gorm:"primaryKey"`
	Role      Role
	CreatedAt time.Time
}

// TableName tells GORM the table.
func (Membership) TableName() string { return "memberships" }

// Team is every membership of one organization. Its methods decide changes, so it must have been read under lock.
type Team []Membership

// CheckRoleChange says whether by may give the target another role. Owners may do anything but leave the organization without one.
func (t Team) CheckRoleChange(by, target id.ID[Login], role Role) error {
	if !role.Valid() {
		return ErrRoleUnknown
	}
	actor, member, err := t.pair(by, target)
	if err != nil {
		return err
	}
	if !actor.MayManage() || !actor.Role.MayGrant(member.Role) || !actor.Role.MayGrant(role) {
		return ErrRoleNotYours
	}
	if role != Owner && t.onlyOwner(target) {
		return ErrLastOwner
	}
	return nil
}

// CheckRemoval says whether by may end the target's membership. Everyone may leave, except the only owner.
func (t Team) CheckRemoval(by, target id.ID[Login]) error {
	actor, member, err := t.pair(by, target)
	if err != nil {
		return err
	}
	if by != target && (!actor.MayManage() || !actor.Role.MayGrant(member.Role)) {
		return ErrRoleNotYours
	}
	if t.onlyOwner(target) {
		return ErrLastOwner
	}
	return nil
}

// CheckInvitation says whether by may invite someone with the role.
func (t Team) CheckInvitation(by id.ID[Login], role Role) error {
	if !role.Valid() {
		return ErrRoleUnknown
	}
	actor, ok := t.Member(by)
	if !ok || !actor.MayManage() || !actor.Role.MayGrant(role) {
		return ErrRoleNotYours
	}
	return nil
}

// Member finds one membership.
func (t Team) Member(login id.ID[Login]) (Membership, bool) {
	i := slices.IndexFunc(t, func(m Membership) bool { return m.LoginID == login })
	if i < 0 {
		return Membership{}, false
	}
	return t[i], true
}

// MayManage reports whether the role lets its holder change the team.
func (m Membership) MayManage() bool { return slices.Contains(m.Role.Permissions(), TeamManage) }

func (t Team) pair(by, target id.ID[Login]) (actor, member Membership, err error) {
	actor, ok := t.Member(by)
	if !ok { // removed a moment ago
		return actor, member, ErrRoleNotYours
	}
	if member, ok = t.Member(target); !ok {
		return actor, member, ErrNoMember
	}
	return actor, member, nil
}

func (t Team) onlyOwner(login id.ID[Login]) bool {
	owners := 0
	for _, m := range t {
		if m.Role == Owner {
			owners++
		}
	}
	m, ok := t.Member(login)
	return ok && m.Role == Owner && owners == 1
}
