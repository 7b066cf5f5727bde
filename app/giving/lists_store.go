package giving

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/ledger"
	"tributary/domain/text"
)

// Filter narrows a list of donations. Zero values narrow nothing. Before and BeforeID are where the previous page ended.
type Filter struct {
	ID         uuid.UUID
	Search     string // in reference, name and e-mail; at least two characters
	Statuses   []donation.Status
	Method     donation.Method
	CampaignID uuid.UUID
	PersonID   uuid.UUID
	From, To   day.Day // days of receipt, both inclusive
	ToThank    bool
	Before     time.Time
	BeforeID   uuid.UUID
	Limit      int
}

func (f *Filter) clean() error {
	var errSearch, errDates error
	f.Search, errSearch = text.Line("search", f.Search, 100)
	if errSearch == nil && f.Search != "" && len([]rune(f.Search)) < 2 {
		errSearch = fault.Invalid("search", "search.too_short", "Type at least two characters.")
	}
	if !f.From.IsZero() && !f.To.IsZero() && f.To.Before(f.From) {
		errDates = fault.Invalid("to", "date.order", "The last day is before the first.")
	}
	return fault.Join(errSearch, errDates)
}

// Line is a donation with the names a list shows.
type Line struct {
	donation.Donation
	CampaignTitle *string
	CampaignSlug  *string
	CauseName     string
	FundName      string
}

const lineColumns = `d.*, c.title as campaign_title, c.slug as campaign_slug, ca.name as cause_name, f.name as fund_name`

// listDonations reads one page along an index: by date, by status, by campaign or by person. A search narrows the table through its tenant
// policy, which is what lets the trigram index answer (see isolate_searchable_tenant), and finds all matches before it sorts them: left to
// choose, the planner walks the dates backwards in the hope of an early match.
func listDonations(ctx context.Context, r database.Reader, org uuid.UUID, f Filter) ([]Line, error) {
	db := r.Gorm(ctx)
	page := db.Table("donations").Where("org_id = ?", org)
	if f.Search != "" {
		var narrowed string
		if err := r.QueryRow(ctx, "select set_config('app.search_donations', $1, true)", database.LikePattern(strings.ToLower(f.Search))).Scan(&narrowed); err != nil {
			return nil, fmt.Errorf("narrow the search: %w", err)
		}
		page = db.Table("(with hits as materialized (select * from donations where org_id = ?) select * from hits) as donations", org)
	}
	page = narrow(page, f).Order("occurred_at desc, id desc").Limit(f.Limit)
	var lines []Line
	err := db.Table("(?) as d", page).Select(lineColumns).
		Joins("join causes ca on ca.org_id = d.org_id and ca.id = d.cause_id").
		Joins("join funds f on f.org_id = d.org_id and f.id = d.fund_id").
		Joins("left join campaigns c on c.org_id = d.org_id and c.id = d.campaign_id").
		Order("d.occurred_at desc, d.id desc").Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list donations: %w", err)
	}
	return lines, nil
}

func narrow(q *gorm.DB, f Filter) *gorm.DB {
	if f.ID != uuid.Nil {
		q = q.Where("id = ?", f.ID)
	}
	switch len(f.Statuses) {
	case 0:
	case 1: // its own index is in the order of the list
		q = q.Where("status = ?", f.Statuses[0])
	default:
		q = q.Where("status = any(?)", database.Array(f.Statuses))
	}
	if f.Method != "" {
		q = q.Where("method = ?", f.Method)
	}
	if f.CampaignID != uuid.Nil {
		q = q.Where("campaign_id = ?", f.CampaignID)
	}
	if f.PersonID != uuid.Nil {
		q = q.Where("person_id = ?", f.PersonID)
	}
	// A gift was received on the day it occurred, in the organization's zone. Two days cover every zone, and let the index of dates answer.
	if !f.From.IsZero() {
		q = q.Where("received_on >= ? and occurred_at >= ?", f.From, f.From.Start(time.UTC).AddDate(0, 0, -2))
	}
	if !f.To.IsZero() {
		q = q.Where("received_on <= ? and occurred_at < ?", f.To, f.To.Start(time.UTC).AddDate(0, 0, 3))
	}
	if f.ToThank {
		q = q.Where("thanked_at is null and status in ('succeeded', 'recorded', 'partially_refunded')")
	}
	if !f.Before.IsZero() {
		q = q.Where("(occurred_at, id) < (?, ?)", f.Before, f.BeforeID)
	}
	return q
}

// whereabouts is the account that an offline gift lies in now: the bank, once it was deposited.
func whereabouts(ctx context.Context, r database.Reader, d donation.Donation) (ledger.Account, error) {
	var deposited bool
	err := r.QueryRow(ctx, "select exists (select 1 from ledger_transactions where donation_id = $1 and kind = 'offline_deposited')", d.ID).Scan(&deposited)
	if err != nil {
		return "", fmt.Errorf("find where the gift lies: %w", err)
	}
	if deposited {
		return ledger.Bank, nil
	}
	return d.Method.Lands(), nil
}
