package bookkeeping

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/id"
	"tributary/domain/ledger"
)

// book writes a transaction and its lines in one statement; a transaction that is there already takes its lines along into nothing.
const book = `
with booked as (
	insert into ledger_transactions (org_id, id, kind, source_type, source_id, donation_id, memo, occurred_at, posted_at)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
	on conflict on constraint ledger_transactions_source_key do nothing
	returning org_id, id
)
insert into ledger_entries (org_id, transaction_id, line, account, cause_id, fund_id, campaign_id, amount_minor, currency)
select booked.org_id, booked.id, e.line, e.account, e.cause_id, e.fund_id, e.campaign_id, e.amount_minor, e.currency
from booked, unnest($10::smallint[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[], $15::bigint[], $16::text[])
	as e (line, account, cause_id, fund_id, campaign_id, amount_minor, currency)`

func insertTransaction(tx database.Tx, org uuid.UUID, t ledger.Transaction, now time.Time) {
	e, entries := t.Event(), t.Entries()
	var (
		lines                    = make([]int16, len(entries))
		accounts                 = make([]string, len(entries))
		causes, funds, campaigns = make([]*uuid.UUID, len(entries)), make([]*uuid.UUID, len(entries)), make([]*uuid.UUID, len(entries))
		amounts                  = make([]int64, len(entries))
		currencies               = make([]string, len(entries))
	)
	for i, l := range entries {
		lines[i], accounts[i], amounts[i], currencies[i] = int16(i+1), string(l.Account), l.Amount.Minor, l.Amount.Currency
		causes[i], funds[i], campaigns[i] = known(l.Dimension.CauseID), known(l.Dimension.FundID), known(l.Dimension.CampaignID)
	}
	tx.Queue(book, []any{
		org, id.New[ledger.Transaction]().UUID, string(e.Kind), e.Source.Type, e.Source.ID, known(e.DonationID), e.Memo, e.OccurredAt, now,
		lines, accounts, causes, funds, campaigns, amounts, currencies,
	}, func(err error) error {
		return fmt.Errorf("book %s of %s %s: %w", e.Kind, e.Source.Type, e.Source.ID, err)
	})
}

// known is nil for no id.
func known(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

// Balance is one account in one currency. Debit and Credit are the sums of each side, in minor units, both ≥ 0.
type Balance struct {
	Account       ledger.Account
	Currency      string
	Debit, Credit int64
}

func trialBalance(ctx context.Context, r database.Reader, org uuid.UUID, asOf day.Day) ([]Balance, error) {
	query := r.Gorm(ctx).Table("ledger_entries e").
		Select("e.account, e.currency, coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0) as debit, coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0) as credit").
		Where("e.org_id = ?", org).Group("e.account, e.currency")
	if !asOf.IsZero() {
		query = query.Joins("join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id").
			Where("t.occurred_at < (?::date + 1)::timestamp at time zone (select zone from organizations where id = ?)", asOf, org)
	}
	var balances []Balance
	if err := query.Scan(&balances).Error; err != nil {
		return nil, fmt.Errorf("sum the ledger: %w", err)
	}
	return balances, nil
}

// Filter narrows a list of transactions. BeforeSeq is where the previous page ended; 0 starts at the newest.
type Filter struct {
	DonationID uuid.UUID
	BeforeSeq  int64
	Limit      int
}

// Posted is a booked transaction.
type Posted struct {
	ID         uuid.UUID
	Seq        int64
	Kind       ledger.Kind
	SourceType string
	SourceID   string
	DonationID *uuid.UUID
	Memo       string
	OccurredAt time.Time
	PostedAt   time.Time
	Entries    []PostedEntry `gorm:"-"`
}

// PostedEntry is one line of a booked transaction; a positive amount is a debit.
type PostedEntry struct {
	TransactionID uuid.UUID
	Account       ledger.Account
	CauseID       *uuid.UUID
	FundID        *uuid.UUID
	AmountMinor   int64
	Currency      string
}

func listTransactions(ctx context.Context, r database.Reader, org uuid.UUID, f Filter) ([]Posted, error) {
	query := r.Gorm(ctx).Table("ledger_transactions").Where("org_id = ?", org).Order("seq desc").Limit(f.Limit)
	if f.DonationID != uuid.Nil {
		query = query.Where("donation_id = ?", f.DonationID)
	}
	if f.BeforeSeq > 0 {
		query = query.Where("seq < ?", f.BeforeSeq)
	}
	var posted []Posted
	if err := query.Scan(&posted).Error; err != nil {
		return nil, fmt.Errorf("list ledger transactions: %w", err)
	}
	ids := make([]uuid.UUID, len(posted))
	at := make(map[uuid.UUID]int, len(posted))
	for i, p := range posted {
		ids[i], at[p.ID] = p.ID, i
	}
	var entries []PostedEntry
	err := r.Gorm(ctx).Table("ledger_entries").Where("org_id = ? and transaction_id = any(?)", org, database.Array(ids)).
		Order("transaction_id, line").Scan(&entries).Error
	if err != nil {
		return nil, fmt.Errorf("list ledger entries: %w", err)
	}
	for _, e := range entries {
		p := &posted[at[e.TransactionID]]
		p.Entries = append(p.Entries, e)
	}
	return posted, nil
}
