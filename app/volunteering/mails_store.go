package volunteering

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// recipientsOf reads who people are and where they read mail now.
func recipientsOf(ctx context.Context, r database.Reader, people []uuid.UUID) (map[uuid.UUID]recipient, error) {
	found := map[uuid.UUID]recipient{}
	if len(people) == 0 {
		return found, nil
	}
	var rows []struct {
		ID                         uuid.UUID
		FirstName, LastName, Email string
		DoNotContact               bool
	}
	err := r.Gorm(ctx).Raw(`select id, first_name, last_name, coalesce(email, '') as email, do_not_contact from people where id = any(?)`, database.Array(people)).
		Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list who to write to: %w", err)
	}
	for _, p := range rows {
		found[p.ID] = recipient{
			PersonID: &p.ID, Email: p.Email, FirstName: p.FirstName, Name: strings.TrimSpace(p.FirstName + " " + p.LastName), DoNotContact: p.DoNotContact,
		}
	}
	return found, nil
}

// shiftsWithOffers reads shifts with their opportunities.
func shiftsWithOffers(ctx context.Context, r database.Reader, ids []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]told, error) {
	shifts, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).Where("id = any(?)", database.Array(ids)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list shifts to tell of: %w", err)
	}
	of := make([]id.ID[volunteer.Opportunity], len(shifts))
	for i, s := range shifts {
		of[i] = s.OpportunityID
	}
	rows, err := gorm.G[volunteer.Opportunity](r.Gorm(ctx)).Where("id = any(?)", database.Array(of)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list opportunities to tell of: %w", err)
	}
	offers := map[id.ID[volunteer.Opportunity]]volunteer.Opportunity{}
	for _, o := range rows {
		offers[o.ID] = o
	}
	found := map[id.ID[volunteer.Shift]]told{}
	for _, s := range shifts {
		found[s.ID] = told{Shift: s, Offer: offers[s.OpportunityID]}
	}
	return found, nil
}

// entriesOf reads what a calendar says of sign-ups.
func entriesOf(ctx context.Context, r database.Reader, signUps []uuid.UUID) ([]entry, error) {
	rows, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("id = any(?)", database.Array(signUps)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sign-ups for a calendar: %w", err)
	}
	return withShifts(ctx, r, rows)
}

// unanswered lists who was asked to cover and has not answered.
func unanswered(ctx context.Context, r database.Reader, c id.ID[volunteer.Cover]) ([]volunteer.Ask, error) {
	asks, err := gorm.G[volunteer.Ask](r.Gorm(ctx)).Where("cover_id = ? and answer = 'asked'", c).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list who was asked to cover: %w", err)
	}
	return asks, nil
}
