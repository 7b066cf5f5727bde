package volunteering

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// lastAsk is the last question about a shift that went to somebody.
type lastAsk struct {
	at     *time.Time
	answer volunteer.Answer
}

func lastAsksOf(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (map[uuid.UUID]lastAsk, error) {
	asks, err := gorm.G[volunteer.Ask](r.Gorm(ctx)).Where("shift_id = ?", of).Order("created_at, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list who was asked: %w", err)
	}
	last := map[uuid.UUID]lastAsk{}
	for _, a := range asks {
		last[a.PersonID] = lastAsk{&a.CreatedAt, a.Answer}
	}
	return last, nil
}

func insertCover(ctx context.Context, tx database.Tx, c volunteer.Cover, asks []volunteer.Ask) error {
	if err := tx.Gorm(ctx).Create(&c).Error; err != nil {
		return fmt.Errorf("save cover request: %w", err)
	}
	if err := tx.Gorm(ctx).Create(&asks).Error; err != nil {
		return fmt.Errorf("save who is asked: %w", err)
	}
	return nil
}

const askedColumns = `a.*, p.first_name, p.last_name, p.email, c.message from cover_asks a
	join cover_requests c on c.org_id = a.org_id and c.id = a.cover_id join people p on p.org_id = a.org_id and p.id = a.person_id`

// asksOf reads every question about a shift, the newest first.
func asksOf(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) ([]AskedPerson, error) {
	var rows []AskedPerson
	err := r.Gorm(ctx).Raw(`select `+askedColumns+` where a.shift_id = ? order by a.created_at desc, p.first_name, p.last_name, a.id`, of).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list who was asked: %w", err)
	}
	return rows, nil
}

// openCoversOf lists the questions about a shift that somebody has not answered yet.
func openCoversOf(ctx context.Context, r database.Reader, of id.ID[volunteer.Shift]) (open []id.ID[volunteer.Cover], err error) {
	err = r.Gorm(ctx).Raw(`select distinct cover_id from cover_asks where shift_id = ? and answer = 'asked'`, of).Scan(&open).Error
	if err != nil {
		return nil, fmt.Errorf("list open questions: %w", err)
	}
	return open, nil
}

// readQuestion reads a question with all that its page says.
func readQuestion(ctx context.Context, r database.Reader, of id.ID[volunteer.Ask]) (q Question, err error) {
	var asked AskedPerson
	if err := r.Gorm(ctx).Raw(`select `+askedColumns+` where a.id = ? and p.anonymised_at is null`, of).Scan(&asked).Error; err != nil {
		return q, fmt.Errorf("read question: %w", err)
	}
	if asked.ID.IsZero() {
		return q, volunteer.ErrCover
	}
	q.Ask, q.FirstName, q.Message = asked.Ask, asked.FirstName, asked.Message
	if q.Shift, err = findShift(ctx, r, asked.ShiftID); err != nil {
		return q, err
	}
	offers, err := opportunitiesOf(ctx, r, []id.ID[volunteer.Opportunity]{q.Shift.OpportunityID})
	if err != nil {
		return q, err
	}
	q.Opportunity = offers[q.Shift.OpportunityID].Opportunity
	u, err := gorm.G[volunteer.SignUp](r.Gorm(ctx)).Where("shift_id = ? and person_id = ? and status = any(?)", asked.ShiftID, asked.PersonID,
		database.Array(volunteer.ActiveStatuses)).Take(ctx)
	switch {
	case err == nil:
		q.SignUp = &u
	case !database.IsNoRows(err):
		return q, fmt.Errorf("find the place: %w", err)
	}
	q.Covered = q.Shift.Free() == 0 && (q.SignUp == nil || !q.SignUp.Status.TakesPlace())
	return q, nil
}

// lockAsk locks a question whose person and shift the caller locked. That to somebody who was forgotten meanwhile is volunteer.ErrCover.
func lockAsk(ctx context.Context, tx database.Tx, of id.ID[volunteer.Ask]) (volunteer.Ask, error) {
	a, err := gorm.G[volunteer.Ask](tx.Gorm(ctx), clause.Locking{Strength: "UPDATE"}).
		Where("id = ? and person_id in (select id from people where anonymised_at is null)", of).Take(ctx)
	if database.IsNoRows(err) {
		return a, volunteer.ErrCover
	}
	if err != nil {
		return a, fmt.Errorf("read question: %w", err)
	}
	return a, nil
}

func saveAnswer(ctx context.Context, tx database.Tx, a volunteer.Ask) error {
	if err := tx.Gorm(ctx).Select("answer", "answered_at").Where("id = ?", a.ID).Updates(&a).Error; err != nil {
		return fmt.Errorf("save answer: %w", err)
	}
	return nil
}

// askedBy is the login that asked; nil for a program.
func askedBy(ctx context.Context, r database.Reader, of id.ID[volunteer.Cover]) (*uuid.UUID, error) {
	c, err := gorm.G[volunteer.Cover](r.Gorm(ctx)).Where("id = ?", of).Take(ctx)
	if err != nil {
		return nil, fmt.Errorf("read cover request: %w", err)
	}
	return c.CreatedBy, nil
}
