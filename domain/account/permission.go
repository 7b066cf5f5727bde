// Package account holds who may come in and what they may do there: logins and sessions, organizations, memberships with their roles,
// invitations and API tokens.
package account

// Permission names one thing a role or an API token may do. The operation declares the one it needs.
type Permission string

// All permissions. "Write" permissions do not include their "read" twin: a role lists both.
const (
	OrganizationRead   Permission = "organization:read"
	OrganizationManage Permission = "organization:manage"
	TeamManage         Permission = "team:manage"
	TokensManage       Permission = "tokens:manage"
	PeopleRead         Permission = "people:read"
	PeopleWrite        Permission = "people:write"
	PeopleErase        Permission = "people:erase"
	DonationsRead      Permission = "donations:read" // also: may see amounts at all
	DonationsRecord    Permission = "donations:record"
	DonationsRefund    Permission = "donations:refund"
	PledgesManage      Permission = "pledges:manage"    // take and change pledges, act on regular gifts
	PledgesWriteOff    Permission = "pledges:write_off" // waive and write off
	CampaignsRead      Permission = "campaigns:read"
	CampaignsManage    Permission = "campaigns:manage"
	CausesRead         Permission = "causes:read"
	CausesManage       Permission = "causes:manage"
	ReceiptsRead       Permission = "receipts:read"
	ReceiptsSend       Permission = "receipts:send"
	LedgerRead         Permission = "ledger:read"
	LedgerReconcile    Permission = "ledger:reconcile"
	AuditRead          Permission = "audit:read"
	VolunteersRead     Permission = "volunteers:read"
	VolunteersManage   Permission = "volunteers:manage" // opportunities, shifts, sign-ups, check-in, credentials
	HoursApprove       Permission = "hours:approve"
)

// Role is what a membership grants within one organization.
type Role string

// The roles.
const (
	Owner                Role = "owner"
	Admin                Role = "admin"
	Fundraiser           Role = "fundraiser"
	Finance              Role = "finance"
	VolunteerCoordinator Role = "volunteer_coordinator"
	Viewer               Role = "viewer"
)

// Roles lists every role, the mightiest first.
var Roles = []Role{Owner, Admin, Fundraiser, Finance, VolunteerCoordinator, Viewer}

var everything = []Permission{
	OrganizationRead, OrganizationManage, TeamManage, TokensManage, PeopleRead, PeopleWrite, PeopleErase, DonationsRead,
	DonationsRecord, DonationsRefund, PledgesManage, PledgesWriteOff, CampaignsRead, CampaignsManage, CausesRead, CausesManage, ReceiptsRead, ReceiptsSend, LedgerRead, LedgerReconcile,
	AuditRead, VolunteersRead, VolunteersManage, HoursApprove,
}

// grants is the permission table: this is the one place that says what a role may do.
var grants = map[Role][]Permission{
	Owner: everything,
	Admin: everything,
	Fundraiser: {
		OrganizationRead, PeopleRead, PeopleWrite, DonationsRead, DonationsRecord, PledgesManage, CampaignsRead, CampaignsManage, CausesRead,
		CausesManage, ReceiptsRead, ReceiptsSend, VolunteersRead,
	},
	Finance: {
		OrganizationRead, PeopleRead, DonationsRead, DonationsRecord, DonationsRefund, PledgesManage, PledgesWriteOff, CampaignsRead, CausesRead,
		ReceiptsRead,
		ReceiptsSend, LedgerRead, LedgerReconcile, AuditRead,
	},
	VolunteerCoordinator: {OrganizationRead, PeopleRead, PeopleWrite, CampaignsRead, CausesRead, VolunteersRead, VolunteersManage, HoursApprove},
	Viewer:               {OrganizationRead, PeopleRead, DonationsRead, CampaignsRead, CausesRead, ReceiptsRead, VolunteersRead},
}

// Permissions lists what the role may do; nothing for an unknown role.
func (r Role) Permissions() []Permission { return grants[r] }

// Valid reports whether the role exists.
func (r Role) Valid() bool { _, ok := grants[r]; return ok }

// MayGrant reports whether someone with role r may give or take role other: owners any, admins all but owner, the rest none.
func (r Role) MayGrant(other Role) bool {
	return other.Valid() && (r == Owner || r == Admin && other != Owner)
}

// Scopes are the permissions an API token can be given: everything but the keys to the house.
func Scopes() []Permission {
	var scopes []Permission
	for _, p := range everything {
		if p != TeamManage && p != TokensManage && p != OrganizationManage {
			scopes = append(scopes, p)
		}
	}
	return scopes
}
