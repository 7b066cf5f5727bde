package volunteering

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

// lockVolunteers locks the profiles of people, who get one when they have none, always in the same order: whoever signs somebody up holds it,
// so that one person is never booked twice at a time. Somebody who is nobody's person here is person.ErrNotFound.
func lockVolunteers(ctx context.Context, tx database.Tx, org uuid.UUID, people []uuid.UUID, at time.Time) (map[uuid.UUID]volunteer.Profile, error) {
	people = eachOnce(people)
	locked := map[uuid.UUID]volunteer.Profile{}
	if len(people) == 0 {
		return locked, nil
	}
	fresh := make([]volunteer.Profile, len(people))
	for i, p := range people {
		fresh[i] = volunteer.NewProfile(org, p, rand.Text(), rand.Text(), at)
	}
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "org_id"}, {Name: "person_id"}}, DoNothing: true}).Create(&fresh).Error
	switch {
	case database.Constraint(err) == "volunteers_person_id_fkey":
		return nil, person.ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("make profiles: %w", err)
	}
	var rows []volunteer.Profile
	err = tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("person_id = any(?)", database.Array(people)).Order("person_id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("lock profiles: %w", err)
	}
	for _, p := range rows {
		locked[p.PersonID] = p
	}
	return locked, nil
}

// lockRosters locks shifts in the order of their ids and loads everybody on them. A shift that does not exist is volunteer.ErrShift.
func lockRosters(ctx context.Context, tx database.Tx, shifts []id.ID[volunteer.Shift]) (map[id.ID[volunteer.Shift]]*volunteer.Roster, error) {
	var rows []volunteer.Shift
	err := tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = any(?)", database.Array(shifts)).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("lock shifts: %w", err)
	}
	rosters := map[id.ID[volunteer.Shift]]*volunteer.Roster{}
	for i := range rows {
		rosters[rows[i].ID] = &volunteer.Roster{Shift: &rows[i]}
	}
	for _, of := range shifts {
		if rosters[of] == nil {
			return nil, volunteer.ErrShift
		}
	}
	var signUps []volunteer.SignUp
	if err := tx.Gorm(ctx).Where("shift_id = any(?)", database.Array(shifts)).Order("shift_id, rank").Find(&signUps).Error; err != nil {
		return nil, fmt.Errorf("list sign-ups: %w", err)
	}
	for _, s := range signUps {
		rosters[s.ShiftID].SignUps = append(rosters[s.ShiftID].SignUps, s)
	}
	return rosters, nil
}

// saveRoster stores what changed on a roster, in two statements: ended sign-ups first, so that a place is never given twice in between.
func saveRoster(ctx context.Context, tx database.Tx, r *volunteer.Roster) error {
	changed := r.Changed()
	slices.SortStableFunc(changed, func(a, b volunteer.SignUp) int {
		return order(a.Status.Active()) - order(b.Status.Active())
	})
	if len(changed) > 0 {
		err := tx.Gorm(ctx).Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "org_id"}, {Name: "id"}},
			DoUpdates: clause.AssignmentColumns([]string{
				"person_id", "request_id", "status", "was", "party", "was_party", "counted_at", "rank", "hold_until", "over", "overrides", "override_note", "overridden_by", "ended_by", "end_reason",
				"checked_in_at", "checked_out_at", "no_show_note", "reminded_far_at", "reminded_near_at", "version", "updated_at",
			}),
		}).Create(&changed).Error
		if err != nil {
			return fmt.Errorf("save sign-ups of shift %s: %w", r.Shift.ID, err)
		}
	}
	return saveShift(ctx, tx, *r.Shift)
}

func order(active bool) int {
	if active {
		return 1
	}
	return 0
}

// saveShift stores a shift that the caller locked.
func saveShift(ctx context.Context, tx database.Tx, s volunteer.Shift) error {
	if err := tx.Gorm(ctx).Select("*").Omit("org_id", "id", "created_at").Where("id = ?", s.ID).Updates(&s).Error; err != nil {
		return fmt.Errorf("save shift %s: %w", s.ID, err)
	}
	return nil
}

// opportunitiesOf reads the opportunities of shifts, with what they require.
func opportunitiesOf(ctx context.Context, r database.Reader, ids []id.ID[volunteer.Opportunity]) (map[id.ID[volunteer.Opportunity]]offer, error) {
	rows, err := gorm.G[volunteer.Opportunity](r.Gorm(ctx)).Where("id = any(?)", database.Array(ids)).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list opportunities: %w", err)
	}
	offers := map[id.ID[volunteer.Opportunity]]offer{}
	for _, o := range rows {
		offers[o.ID] = offer{Opportunity: o}
	}
	var required []struct {
		OpportunityID id.ID[volunteer.Opportunity]
		KindID        uuid.UUID
		Name          string
	}
	err = r.Gorm(ctx).Raw(`select q.opportunity_id, q.kind_id, k.name from opportunity_requirements q join credential_kinds k on k.org_id = q.org_id and k.id = q.kind_id
		where q.opportunity_id = any(?) order by k.name`, database.Array(ids)).Scan(&required).Error
	if err != nil {
		return nil, fmt.Errorf("list requirements: %w", err)
	}
	for _, q := range required {
		o := offers[q.OpportunityID]
		o.Required = append(o.Required, volunteer.Requirement{KindID: q.KindID, Name: q.Name})
		offers[q.OpportunityID] = o
	}
	return offers, nil
}

// offer is an opportunity with what it requires.
type offer struct {
	volunteer.Opportunity
	Required []volunteer.Requirement
}

// findShift reads a shift.
func findShift(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (volunteer.Shift, error) {
	s, err := gorm.G[volunteer.Shift](r.Gorm(ctx)).Where("id = ?", of).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return s, volunteer.ErrShift
	}
	if err != nil {
		return s, fmt.Errorf("find shift %s: %w", of, err)
	}
	return s, nil
}

// shiftOf is the shift of a sign-up.
func shiftOf(ctx context.Context, r database.Reader, of id.ID[volunteer.SignUp]) (volunteer.SignUp, error) {
	s, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("id = ?", of).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return s, volunteer.ErrSignUp
	}
	if err != nil {
		return s, fmt.Errorf("find sign-up %s: %w", of, err)
	}
	return s, nil
}

// candidateOf reads what the rules ask about a person, whose profile the caller locked: shifts around a span of time, credentials, no-shows.
func candidateOf(ctx context.Context, r database.Reader, p volunteer.Profile, from, to, now time.Time) (volunteer.Candidate, error) {
	c := volunteer.Candidate{Known: true, BirthDate: p.BirthDate}
	err := r.Gorm(ctx).Raw(`select s.id as shift_id, o.title, s.starts_at, s.ends_at, u.status = 'offered' as offered from sign_ups u
		join shifts s on s.org_id = u.org_id and s.id = u.shift_id join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id
		where u.person_id = ? and u.status in ('held', 'confirmed', 'offered', 'in', 'done') and s.status = 'open' and s.starts_at < ? and s.ends_at > ?
		order by s.starts_at`, p.PersonID, to, from).Scan(&c.Bookings).Error
	if err != nil {
		return c, fmt.Errorf("list bookings: %w", err)
	}
	if c.Credentials, err = gorm.G[volunteer.Credential](r.Gorm(ctx)).Where("person_id = ?", p.PersonID).Find(ctx); err != nil {
		return c, fmt.Errorf("list credentials: %w", err)
	}
	since := now.Add(-volunteer.NoShowMemory)
	if p.NoShowsForgivenAt != nil && p.NoShowsForgivenAt.After(since) {
		since = *p.NoShowsForgivenAt
	}
	err = r.Gorm(ctx).Raw(`select count(*) from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id
		where u.person_id = ? and u.status = 'no_show' and s.starts_at > ?`, p.PersonID, since).Scan(&c.NoShows).Error
	if err != nil {
		return c, fmt.Errorf("count no-shows: %w", err)
	}
	return c, nil
}
