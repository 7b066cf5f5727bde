package pledging

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/promise"
	"tributary/domain/text"
)

// Filter narrows a list of promises. Zero values narrow nothing, but for promises that nobody confirmed yet: they are left out unless a
// status, a standing or a search asks for them. Before and BeforeID are where the previous page ended.
type Filter struct {
	ID         id.ID[promise.Promise]
	Kind       promise.Kind
	Status     promise.Status // as stored
	Standing   promise.Status // as it is today
	Open       bool           // only those of which money may still come
	Search     string         // in reference, name and e-mail; at least two characters
	CampaignID uuid.UUID
	PersonID   uuid.UUID
	Before     time.Time
	BeforeID   uuid.UUID
	Limit      int

	today day.Day // the organization's
}

func (f *Filter) clean() (err error) {
	f.Search, err = text.Line("search", f.Search, 100)
	if err == nil && f.Search != "" && len([]rune(f.Search)) < 2 {
		err = fault.Invalid("search", "search.too_short", "Type at least two characters.")
	}
	return err
}

// Line is a promise with its open instalments and the names and sums that a list shows. In a Detail all instalments are there.
type Line struct {
	promise.Promise
	CampaignTitle *string
	CauseName     string
	FundName      string
	CardBrand     *string
	CardLast4     *string
	CardExpMonth  *int
	CardExpYear   *int
	PaidMinor     int64          // of all its instalments, net of refunds
	Standing      promise.Status `gorm:"-"` // today, where the organization is
}

// Received is what came in so far, net of refunds.
func (l Line) Received() money.Money { return money.New(l.PaidMinor, l.Amount.Currency) }

// openStates are written as the indexes have them, so that those are used.
const openStates = `state in ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed')`

const lineColumns = `p.*, c.title as campaign_title, ca.name as cause_name, f.name as fund_name, sc.brand as card_brand, sc.last4 as card_last4,
	sc.exp_month as card_exp_month, sc.exp_year as card_exp_year,
	coalesce((select sum(i.paid_minor) from instalments i where i.org_id = p.org_id and i.promise_id = p.id and i.paid_minor > 0), 0) as paid_minor`

// listPromises reads one page along an index, and with one more query the open instalments of the page. A search, and what follows from
// dates, find all matches before they are sorted: see giving's list.
func listPromises(ctx context.Context, r database.Reader, org uuid.UUID, f Filter) ([]Line, error) {
	db := r.Gorm(ctx)
	if f.Search != "" {
		var narrowed string
		if err := r.QueryRow(ctx, "select set_config('app.search_promises', $1, true)", database.LikePattern(strings.ToLower(f.Search))).Scan(&narrowed); err != nil {
			return nil, fmt.Errorf("narrow the search: %w", err)
		}
	}
	page := narrow(source(db, org, f), f).Order("created_at desc, id desc").Limit(f.Limit)
	var lines []Line
	err := db.Table("(?) as p", page).Select(lineColumns).
		Joins("join causes ca on ca.org_id = p.org_id and ca.id = p.cause_id").
		Joins("join funds f on f.org_id = p.org_id and f.id = p.fund_id").
		Joins("left join campaigns c on c.org_id = p.org_id and c.id = p.campaign_id").
		Joins("left join saved_cards sc on sc.org_id = p.org_id and sc.id = p.card_id").
		Order("p.created_at desc, p.id desc").Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list promises: %w", err)
	}
	if f.Search != "" { // the setting narrows whatever reads promises, and this transaction is not done
		if _, err := restored(ctx, r); err != nil {
			return nil, err
		}
	}
	return lines, withOpenInstalments(ctx, r, lines, f.today)
}

func restored(ctx context.Context, r database.Reader) (pattern string, err error) {
	if err = r.QueryRow(ctx, "select set_config('app.search_promises', '', true)").Scan(&pattern); err != nil {
		err = fmt.Errorf("widen the search again: %w", err)
	}
	return pattern, err
}

// source is what a page is cut from: the table in the order of an index, or the few rows that a search or a date selects.
func source(db *gorm.DB, org uuid.UUID, f Filter) *gorm.DB {
	where, args := standing(org, f)
	if f.Search == "" && f.Standing != promise.Paused && f.Standing != promise.Overdue && f.Standing != promise.Delinquent {
		return db.Table("promises").Where("org_id = ?"+where, append([]any{org}, args...)...)
	}
	return db.Table("(with hits as materialized (select * from promises where org_id = ?"+where+") select * from hits) as promises", append([]any{org}, args...)...)
}

// standing is StandingOn in SQL.
func standing(org uuid.UUID, f Filter) (where string, args []any) {
	const (
		unpaused = ` and (paused_until is null or paused_until <= ?)`
		late     = `select promise_id from instalments where org_id = ? and amount_minor > 0 and due_on < ? and ` + openStates
		ofLate   = ` and (kind = 'plan' or not exists (select 1 from instalments i where i.org_id = promises.org_id and i.promise_id = promises.id
			and i.amount_minor > 0 and i.due_on < ? and i.` + openStates + `))`
	)
	patience := f.today.AddDays(-promise.PatienceDays)
	switch f.Standing {
	case promise.Paused:
		return ` and paused_until > ? and status in ('active', 'past_due', 'needs_payment_method')`, []any{f.today}
	case promise.Overdue:
		return ` and kind = 'pledge' and status = 'active'` + unpaused + ` and id = any(array(` + late + ` except ` + late + `))`,
			[]any{f.today, org, f.today, org, patience}
	case promise.Delinquent:
		return ` and kind = 'pledge' and status in ('active', 'past_due', 'needs_payment_method')` + unpaused + ` and id = any(array(` + late + `))`,
			[]any{f.today, org, patience}
	case promise.Active:
		return ` and status = 'active'` + unpaused + ofLate, []any{f.today, f.today}
	case promise.PastDue, promise.NeedsPaymentMethod:
		return ` and status = ?` + unpaused + ofLate, []any{f.Standing, f.today, patience}
	case promise.PendingSetup, promise.Lapsed, promise.Completed, promise.WrittenOff, promise.Cancelled:
		return ` and status = ?`, []any{f.Standing}
	}
	return "", nil
}

func narrow(q *gorm.DB, f Filter) *gorm.DB {
	if !f.ID.IsZero() {
		return q.Where("id = ?", f.ID)
	}
	if f.Kind != "" {
		q = q.Where("kind = ?", f.Kind)
	}
	switch {
	case f.Status != "":
		q = q.Where("status = ?", f.Status)
	case f.Standing == "" && f.Search == "" && !f.Open:
		q = q.Where("status <> 'pending_setup'")
	}
	if f.Open {
		q = q.Where("status in ('active', 'past_due', 'needs_payment_method', 'lapsed')")
	}
	if f.CampaignID != uuid.Nil {
		q = q.Where("campaign_id = ?", f.CampaignID)
	}
	if f.PersonID != uuid.Nil {
		q = q.Where("person_id = ?", f.PersonID)
	}
	if !f.Before.IsZero() {
		q = q.Where("(created_at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	return q
}

// withOpenInstalments loads what is still to be paid of a page of promises, and says where each stands.
func withOpenInstalments(ctx context.Context, r database.Reader, lines []Line, today day.Day) error {
	if len(lines) == 0 {
		return nil
	}
	of := make(map[id.ID[promise.Promise]]*Line, len(lines))
	ids := make([]uuid.UUID, len(lines))
	for k := range lines {
		of[lines[k].ID], ids[k] = &lines[k], lines[k].ID.UUID
	}
	open, err := gorm.G[promise.Instalment](r.Gorm(ctx)).Where("org_id = ? and promise_id = any(?) and "+openStates, lines[0].OrgID, database.Array(ids)).
		Order("promise_id, n").Find(ctx)
	if err != nil {
		return fmt.Errorf("list open instalments: %w", err)
	}
	for _, i := range open {
		of[i.PromiseID].Instalments = append(of[i.PromiseID].Instalments, i)
	}
	for k := range lines {
		lines[k].Standing = lines[k].StandingOn(today)
	}
	return nil
}

// promisesOfPerson lists what a person promised, open ones first and then the newest, each with its instalments and its card.
func promisesOfPerson(ctx context.Context, r database.Reader, person uuid.UUID) ([]promise.Promise, error) {
	found, err := gorm.G[promise.Promise](r.Gorm(ctx)).Where("person_id = ? and status <> 'pending_setup'", person).
		Order("status in ('completed', 'written_off', 'cancelled'), created_at desc, id desc").Limit(mostOfPerson).Find(ctx)
	if err != nil || len(found) == 0 {
		return nil, wrapped("list promises of a person", err)
	}
	ids := make([]uuid.UUID, len(found))
	for k, p := range found {
		ids[k] = p.ID.UUID
	}
	var tail []promise.Instalment
	err = r.Gorm(ctx).Raw(`select i.* from unnest(?::uuid[]) as p (id) cross join lateral (
		select * from instalments where promise_id = p.id order by n desc limit ?) i order by i.promise_id, i.n`, database.Array(ids), mostShown).Scan(&tail).Error
	if err != nil {
		return nil, fmt.Errorf("list instalments of a person: %w", err)
	}
	cards, err := cardsOfPerson(ctx, r, person)
	if err != nil {
		return nil, err
	}
	for k := range found {
		p := &found[k]
		for _, i := range tail {
			if i.PromiseID == p.ID {
				p.Instalments = append(p.Instalments, i)
			}
		}
		for c := range cards {
			if p.CardID != nil && *p.CardID == cards[c].ID.UUID {
				p.Card = &cards[c]
			}
		}
	}
	return found, nil
}

const (
	mostOfPerson = 200                     // promises of one person: nobody has more, and no page grows without end
	mostShown    = promise.MostInstalments // of a pledge there are never more, but for what under-payments added
)

// cardsOfPerson lists every card that a person ever saved, the newest first.
func cardsOfPerson(ctx context.Context, r database.Reader, person uuid.UUID) ([]promise.Card, error) {
	cards, err := gorm.G[promise.Card](r.Gorm(ctx)).Where("person_id = ?", person).Order("created_at desc, id desc").Limit(mostOfPerson).Find(ctx)
	return cards, wrapped("list cards of a person", err)
}

func wrapped(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// promiseBy finds the id of a promise by another of its keys, or promise.ErrNotFound.
func promiseBy(ctx context.Context, r database.Reader, where string, arg any) (promise.Promise, error) {
	p, err := gorm.G[promise.Promise](r.Gorm(ctx)).Where(where, arg).Take(ctx)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return p, promise.ErrNotFound
	case err != nil:
		return p, fmt.Errorf("find promise: %w", err)
	}
	return p, nil
}
