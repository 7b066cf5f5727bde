package fundraising

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tributary/app/platform/database"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/donation"
	"tributary/domain/money"
)

// explain turns the constraints of campaigns into the rules they stand for.
func explain(err error) error {
	switch database.Constraint(err) {
	case "campaigns_slug_key":
		return campaign.ErrSlugTaken
	case "campaigns_fund_id_fkey":
		return campaign.ErrFundElsewhere
	}
	return err
}

func insertCampaign(ctx context.Context, tx database.Tx, c campaign.Campaign) error {
	return explain(tx.Gorm(ctx).Create(&c).Error)
}

// updateCampaign writes every column: the row was read and locked by the same transaction.
func updateCampaign(ctx context.Context, tx database.Tx, c campaign.Campaign) error {
	return explain(tx.Gorm(ctx).Model(&c).Select("*").Omit("OrgID", "ID", "CreatedAt").UpdateColumns(&c).Error)
}

func lockCampaign(ctx context.Context, tx database.Tx, org, id uuid.UUID) (campaign.Campaign, error) {
	return takeCampaign(tx.Gorm(ctx).Clauses(clause.Locking{Strength: "UPDATE"}).Where("org_id = ? AND id = ?", org, id), "lock campaign")
}

func findCampaignBySlug(ctx context.Context, r database.Reader, org uuid.UUID, slug string) (campaign.Campaign, error) {
	return takeCampaign(r.Gorm(ctx).Where("org_id = ? AND slug = ?", org, slug), "find campaign by slug")
}

// placeOf reads the cause and the fund a campaign collects for, held against change until the transaction ends.
func placeOf(ctx context.Context, tx database.Tx, c campaign.Campaign) (ca cause.Cause, f cause.Fund, err error) {
	held := func() *gorm.DB { return tx.Gorm(ctx).Clauses(clause.Locking{Strength: "SHARE"}) }
	err = held().Where("org_id = ? AND id = ?", c.OrgID, c.CauseID).Take(&ca).Error
	if err == nil {
		err = held().Where("org_id = ? AND cause_id = ? AND id = ?", c.OrgID, c.CauseID, c.FundID).Take(&f).Error
	}
	switch {
	case database.IsNoRows(err): // the foreign key says the same when the campaign is written
		return ca, f, campaign.ErrFundElsewhere
	case err != nil:
		return ca, f, fmt.Errorf("read what the campaign collects for: %w", err)
	}
	return ca, f, nil
}

// counted is a campaign with what it raised.
type counted struct {
	campaign.Campaign `gorm:"embedded"`
	RaisedMinor       int64
	Gifts             int64
	PledgedMinor      int64
}

func (c counted) progress() campaign.Progress {
	return campaign.Progress{Raised: money.New(c.RaisedMinor, c.Goal.Currency), Goal: c.Goal, Gifts: c.Gifts, Pledged: money.New(c.PledgedMinor, c.Goal.Currency)}
}

// totals derives what each campaign c raised: income is credited, so its entries are negative; a refund debits it again. Pledged is what
// open pledges still owe: a pledge that nobody has saved a card for yet is none.
const totals = `
	CROSS JOIN LATERAL (
		SELECT coalesce(-sum(e.amount_minor), 0)::bigint AS raised_minor FROM ledger_entries e
		WHERE e.org_id = c.org_id AND e.campaign_id = c.id AND e.account = 'income' AND e.currency = c.goal_currency
	) raised
	CROSS JOIN LATERAL (
		SELECT count(*) AS gifts FROM donations d
		WHERE d.org_id = c.org_id AND d.campaign_id = c.id AND d.status IN ('succeeded', 'recorded', 'partially_refunded')
	) given
	CROSS JOIN LATERAL (
		SELECT coalesce(sum(i.amount_minor), 0)::bigint AS pledged_minor
		FROM promises p JOIN instalments i ON i.org_id = p.org_id AND i.promise_id = p.id
		WHERE p.org_id = c.org_id AND p.campaign_id = c.id AND p.kind = 'pledge' AND p.status IN ('active', 'past_due', 'needs_payment_method')
			AND p.amount_currency = c.goal_currency
			AND i.state IN ('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed')
	) owed`

func listCampaigns(ctx context.Context, r database.Reader, org uuid.UUID, p Page) ([]counted, error) {
	chosen := r.Gorm(ctx).Table("campaigns").Where("org_id = ?", org).Order("created_at DESC, id DESC").Limit(p.Limit)
	if p.Status != "" {
		chosen = chosen.Where("status = ?", p.Status)
	}
	if p.Before != nil {
		chosen = chosen.Where("(created_at, id) < (?, ?)", p.Before.At, p.Before.ID)
	}
	var rows []counted
	err := r.Gorm(ctx).Raw("SELECT c.*, raised.*, given.*, owed.* FROM (?) c"+totals+" ORDER BY c.created_at DESC, c.id DESC", chosen).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list campaigns: %w", err)
	}
	return rows, nil
}

func countCampaign(ctx context.Context, r database.Reader, org, id uuid.UUID) (counted, error) {
	var rows []counted
	err := r.Gorm(ctx).Raw("SELECT c.*, raised.*, given.*, owed.* FROM campaigns c"+totals+" WHERE c.org_id = ? AND c.id = ?", org, id).Scan(&rows).Error
	if err != nil {
		return counted{}, fmt.Errorf("count campaign: %w", err)
	}
	if len(rows) == 0 {
		return counted{}, campaign.ErrNotFound
	}
	return rows[0], nil
}

// listRecentGifts reads the newest gifts a campaign received, as their givers want them seen.
func listRecentGifts(ctx context.Context, r database.Reader, c campaign.Campaign, limit int) ([]campaign.Gift, error) {
	var rows []struct {
		DonorFirstName, DonorLastName, Visibility, Comment string
		AmountMinor                                        int64
		AmountCurrency                                     string
		OccurredAt                                         time.Time
	}
	err := r.Gorm(ctx).Raw(`
		SELECT donor_first_name, donor_last_name, visibility, comment, least(amount_minor, amount_minor + cover_minor - refunded_minor) AS amount_minor,
			amount_currency, occurred_at
		FROM donations
		WHERE org_id = ? AND campaign_id = ? AND status IN ('succeeded', 'recorded', 'partially_refunded')
		ORDER BY occurred_at DESC, id DESC LIMIT ?`, c.OrgID, c.ID, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list recent gifts: %w", err)
	}
	gifts := make([]campaign.Gift, len(rows))
	for i, row := range rows {
		amount := money.New(row.AmountMinor, row.AmountCurrency)
		gifts[i] = campaign.Shown(row.Visibility, donation.Donor{FirstName: row.DonorFirstName, LastName: row.DonorLastName}.Name(), amount)
		gifts[i].Comment, gifts[i].At = row.Comment, row.OccurredAt
	}
	return gifts, nil
}

func takeCampaign(query *gorm.DB, doing string) (campaign.Campaign, error) {
	var c campaign.Campaign
	err := query.Take(&c).Error
	switch {
	case database.IsNoRows(err):
		return c, campaign.ErrNotFound
	case err != nil:
		return c, fmt.Errorf("%s: %w", doing, err)
	}
	return c, nil
}
