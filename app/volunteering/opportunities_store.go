package volunteering

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// explainOpportunity turns the constraints of opportunities into the rules they stand for.
func explainOpportunity(err error) error {
	switch database.Constraint(err) {
	case "opportunities_slug_key":
		return volunteer.ErrSlugTaken
	case "opportunities_cause_id_fkey":
		return errCauseUnknown
	case "opportunities_campaign_id_fkey":
		return errCampaignUnknown
	case "opportunity_requirements_kind_id_fkey":
		return errRequirementUnknown
	}
	return err
}

func insertOpportunity(ctx context.Context, tx database.Tx, o volunteer.Opportunity) error {
	if err := tx.Gorm(ctx).Create(&o).Error; err != nil {
		return fmt.Errorf("insert opportunity: %w", explainOpportunity(err))
	}
	return nil
}

// updateOpportunity stores an opportunity that the caller locked.
func updateOpportunity(ctx context.Context, tx database.Tx, o volunteer.Opportunity) error {
	if err := tx.Gorm(ctx).Select("*").Omit("org_id", "id", "created_at").Where("id = ?", o.ID).Updates(&o).Error; err != nil {
		return fmt.Errorf("save opportunity %s: %w", o.ID, explainOpportunity(err))
	}
	return nil
}

// lockOpportunity locks one: with SHARE nobody closes it meanwhile, with NO KEY UPDATE nobody changes it nor plans shifts of it.
func lockOpportunity(ctx context.Context, tx database.Tx, of id.ID[volunteer.Opportunity], strength string) (volunteer.Opportunity, error) {
	o, err := gorm.G[volunteer.Opportunity](tx.Gorm(ctx), clause.Locking{Strength: strength}).Where("id = ?", of).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return o, volunteer.ErrOpportunity
	}
	if err != nil {
		return o, fmt.Errorf("lock opportunity %s: %w", of, err)
	}
	return o, nil
}

// replaceRequirements stores what an opportunity asks for.
func replaceRequirements(ctx context.Context, tx database.Tx, o volunteer.Opportunity, kinds []uuid.UUID) error {
	if _, err := tx.Exec(ctx, "delete from opportunity_requirements where opportunity_id = $1 and kind_id <> all($2)", o.ID, database.Array(kinds)); err != nil {
		return fmt.Errorf("forget requirements: %w", err)
	}
	_, err := tx.Exec(ctx, `insert into opportunity_requirements (org_id, opportunity_id, kind_id) select $1, $2, unnest($3::uuid[])
		on conflict on constraint opportunity_requirements_pkey do nothing`, o.OrgID, o.ID, database.Array(kinds))
	if err != nil {
		return fmt.Errorf("save requirements: %w", explainOpportunity(err))
	}
	return nil
}

func listOpportunities(ctx context.Context, r database.Reader, f OpportunityFilter) ([]volunteer.Opportunity, error) {
	q := r.Gorm(ctx).Order("created_at desc, id desc").Limit(f.Limit)
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.Search != "" {
		pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Search) + "%"
		q = q.Where("(title ilike ? or role ilike ?)", pattern, pattern)
	}
	if !f.Before.IsZero() {
		q = q.Where("(created_at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	var rows []volunteer.Opportunity
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list opportunities: %w", err)
	}
	return rows, nil
}

// requirementsOf reads what opportunities ask for.
func requirementsOf(ctx context.Context, r database.Reader, of []id.ID[volunteer.Opportunity]) (map[id.ID[volunteer.Opportunity]][]volunteer.Requirement, error) {
	var rows []struct {
		OpportunityID id.ID[volunteer.Opportunity]
		KindID        uuid.UUID
		Name          string
	}
	err := r.Gorm(ctx).Raw(`select q.opportunity_id, q.kind_id, k.name from opportunity_requirements q join credential_kinds k on k.org_id = q.org_id and k.id = q.kind_id
		where q.opportunity_id = any(?) order by k.name`, database.Array(of)).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list requirements: %w", err)
	}
	required := map[id.ID[volunteer.Opportunity]][]volunteer.Requirement{}
	for _, row := range rows {
		required[row.OpportunityID] = append(required[row.OpportunityID], volunteer.Requirement{KindID: row.KindID, Name: row.Name})
	}
	return required, nil
}
