package pledging

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/id"
	"tributary/domain/promise"
)

// planTail is how many of a plan's instalments are loaded, the newest first: more than a pause of a year leaves out, week by week.
const planTail = 64

// findPromise reads a promise with its instalments, by number.
func findPromise(ctx context.Context, r database.Reader, of id.ID[promise.Promise]) (promise.Promise, error) {
	p, err := gorm.G[promise.Promise](r.Gorm(ctx)).Where("id = ?", of).Take(ctx)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return p, promise.ErrNotFound
	case err != nil:
		return p, fmt.Errorf("find promise: %w", err)
	}
	p.Instalments, err = instalmentsOf(ctx, r, p)
	return p, err
}

func instalmentsOf(ctx context.Context, r database.Reader, p promise.Promise) ([]promise.Instalment, error) {
	q := gorm.G[promise.Instalment](r.Gorm(ctx)).Where("promise_id = ?", p.ID).Order("n desc")
	if p.Kind == promise.Plan {
		q = q.Limit(planTail)
	}
	rows, err := q.Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list instalments of %s: %w", p.ID, err)
	}
	slices.Reverse(rows)
	return rows, nil
}

// lockPromise locks a promise for change. The gifts that collect its open instalments are locked first: whoever applies facts to a gift
// holds it before it reaches for the promise.
func lockPromise(ctx context.Context, tx database.Tx, of id.ID[promise.Promise]) (promise.Promise, error) {
	if err := tx.Gorm(ctx).Exec(`select 1 from donations where id = any(array(select donation_id from instalments where promise_id = ?
		and donation_id is not null and state in ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed')))
		order by id for update`, of).Error; err != nil {
		return promise.Promise{}, fmt.Errorf("lock gifts of promise %s: %w", of, err)
	}
	return lockPromiseAlone(ctx, tx, of)
}

// lockPromiseAlone locks a promise whose gift the caller holds already.
func lockPromiseAlone(ctx context.Context, tx database.Tx, of id.ID[promise.Promise]) (promise.Promise, error) {
	var p promise.Promise
	err := tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", of).Take(&p).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return p, promise.ErrNotFound
	case err != nil:
		return p, fmt.Errorf("lock promise %s: %w", of, err)
	}
	p.Instalments, err = instalmentsOf(ctx, tx, p)
	return p, err
}

// promiseOf is the promise that an instalment belongs to.
func promiseOf(ctx context.Context, r database.Reader, instalment uuid.UUID) (id.ID[promise.Promise], error) {
	i, err := gorm.G[promise.Instalment](r.Gorm(ctx)).Select("promise_id").Where("id = ?", instalment).Take(ctx)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return i.PromiseID, promise.ErrNotFound
	case err != nil:
		return i.PromiseID, fmt.Errorf("find instalment %s: %w", instalment, err)
	}
	return i.PromiseID, nil
}

// errFormSent means that the same form made its promise already.
var errFormSent = errors.New("made by the same form")

func insertPromise(ctx context.Context, tx database.Tx, p promise.Promise) error {
	err := tx.Gorm(ctx).Create(&p).Error
	switch database.Constraint(err) {
	case "":
	case "promises_request_key_key":
		return promise.ErrRequestDiffers
	case "promises_form_token_key":
		return errFormSent
	}
	if err != nil {
		return fmt.Errorf("insert promise %s: %w", p.ID, err)
	}
	return upsertInstalments(ctx, tx, p.Instalments)
}

// savePromise stores what differs from before: the promise's own row, and its instalments that are new, changed or taken back.
func savePromise(ctx context.Context, tx database.Tx, before, p promise.Promise) error {
	if len(p.Dropped) > 0 {
		if err := tx.Gorm(ctx).Where("id = any(?)", database.Array(p.Dropped)).Delete(&promise.Instalment{}).Error; err != nil {
			return fmt.Errorf("take back instalments of %s: %w", p.ID, err)
		}
	}
	if err := tx.Gorm(ctx).Select("*").Omit("org_id", "id", "created_at").Where("id = ?", p.ID).Updates(&p).Error; err != nil {
		return fmt.Errorf("save promise %s: %w", p.ID, err)
	}
	old := map[id.ID[promise.Instalment]]promise.Instalment{}
	for _, i := range before.Instalments {
		old[i.ID] = i
	}
	var changed []promise.Instalment
	for _, i := range p.Instalments {
		if o, known := old[i.ID]; !known || o != i {
			changed = append(changed, i)
		}
	}
	return upsertInstalments(ctx, tx, changed)
}

func upsertInstalments(ctx context.Context, tx database.Tx, rows []promise.Instalment) error {
	if len(rows) == 0 {
		return nil
	}
	err := tx.Gorm(ctx).Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "org_id"}, {Name: "id"}},
		DoUpdates: clause.AssignmentColumns([]string{
			"due_on", "planned_minor", "amount_minor", "cover_minor", "paid_minor", "state", "attempt", "tries", "donation_id", "decline_code",
			"reason", "act_at", "reminders", "reminded_at", "updated_at",
		}),
	}).Create(&rows).Error
	if err != nil {
		return fmt.Errorf("save instalments: %w", err)
	}
	return nil
}
