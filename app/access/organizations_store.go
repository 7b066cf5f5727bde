package access

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/id"
)

func insertOrganization(ctx context.Context, tx database.Tx, o account.Organization) error {
	if err := gorm.G[account.Organization](tx.Gorm(ctx)).Create(ctx, &o); err != nil {
		if database.Constraint(err) == "organizations_slug_key" {
			return account.ErrSlugTaken
		}
		return fmt.Errorf("insert organization: %w", err)
	}
	return nil
}

func findOrganization(ctx context.Context, r database.Reader, where string, key any) (account.Organization, error) {
	return organization(gorm.G[account.Organization](r.Gorm(ctx)).Where(where, key).Take(ctx))
}

func nonprofitIDs(ctx context.Context, r database.Reader) (orgs []uuid.UUID, err error) {
	if err := r.Gorm(ctx).Table("organizations").Where("kind = ?", account.Nonprofit).Order("id").Pluck("id", &orgs).Error; err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	return orgs, nil
}

// lockOrganization leaves rows that point to the organization free to be written.
func lockOrganization(ctx context.Context, tx database.Tx, orgID uuid.UUID) (account.Organization, error) {
	return organization(gorm.G[account.Organization](tx.Gorm(ctx), clause.Locking{Strength: "NO KEY UPDATE"}).Where("id = ?", orgID).Take(ctx))
}

func organization(o account.Organization, err error) (account.Organization, error) {
	if database.IsNoRows(err) {
		return account.Organization{}, errNoOrganization
	}
	if err != nil {
		return account.Organization{}, fmt.Errorf("find organization: %w", err)
	}
	return o, nil
}

// saveSettings writes what OrganizationPatch can change, and nothing else.
func saveSettings(ctx context.Context, tx database.Tx, o account.Organization) error {
	err := tx.Gorm(ctx).Model(&account.Organization{}).Where("id = ?", o.ID).Select(
		"name", "legal_name", "email", "phone", "website", "address_line1", "address_line2", "city", "region", "postal_code", "country", "zone",
		"brand_color", "receipt_signatory", "receipt_prefix", "fiscal_year_start", "embed_origins", "book_pledges",
		"updated_at",
	).Updates(&o).Error
	if err != nil {
		return fmt.Errorf("save organization: %w", err)
	}
	return nil
}

// listSeats returns the organizations of a login, whose scope r must have, the one joined first before the others: it is where the login
// starts.
func listSeats(ctx context.Context, r database.Reader, loginID id.ID[account.Login]) ([]Seat, error) {
	memberships, err := gorm.G[account.Membership](r.Gorm(ctx)).Where("login_id = ?", loginID).Order("created_at, org_id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list memberships: %w", err)
	}
	ids := make([]uuid.UUID, len(memberships))
	for i, m := range memberships {
		ids[i] = m.OrgID.UUID
	}
	if len(ids) == 0 {
		return nil, nil
	}
	organizations, err := gorm.G[account.Organization](r.Gorm(ctx)).Where("id = ANY(?)", database.Array(ids)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list organizations: %w", err)
	}
	byID := make(map[id.ID[account.Organization]]account.Organization, len(organizations))
	for _, o := range organizations {
		byID[o.ID] = o
	}
	seats := make([]Seat, 0, len(memberships))
	for _, m := range memberships {
		if o, ok := byID[m.OrgID]; ok { // not when the membership ended between the two reads
			seats = append(seats, Seat{Organization: o, Role: m.Role})
		}
	}
	return seats, nil
}
