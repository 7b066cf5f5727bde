package reporting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/ledger"
)

// Booking is a ledger transaction of a donation.
type Booking struct {
	ID         uuid.UUID
	Kind       ledger.Kind
	SourceType string
	SourceID   string
	OccurredAt time.Time
	PostedAt   time.Time
	Lines      []BookingLine `gorm:"-"`
}

// BookingLine is one entry; a positive amount is a debit.
type BookingLine struct {
	TransactionID uuid.UUID
	Account       ledger.Account
	AmountMinor   int64
	Currency      string
}

// ReceiptLine is a receipt of a donation, standing or void.
type ReceiptLine struct {
	ID         uuid.UUID
	Number     string
	IssuedAt   time.Time
	VoidedAt   *time.Time
	VoidReason *string
}

// MailLine is a mail about a donation.
type MailLine struct {
	ID        uuid.UUID
	Kind      string
	Subject   string
	ToEmail   string
	State     string
	CreatedAt time.Time
	SentAt    *time.Time
}

// HistoryLine is a change of a donation and who made it.
type HistoryLine struct {
	ID        uuid.UUID
	At        time.Time
	Action    string
	ActorKind string
	ActorName *string
	Before    []byte
	After     []byte
}

// Trail is everything that followed from a donation.
type Trail struct {
	Bookings []Booking
	Receipts []ReceiptLine
	Mails    []MailLine
	History  []HistoryLine
}

func trail(ctx context.Context, r database.Reader, donation uuid.UUID) (Trail, error) {
	var t Trail
	db := r.Gorm(ctx)
	for _, part := range []struct {
		name, sql string
		into      any
	}{
		{"bookings", "select id, kind, source_type, source_id, occurred_at, posted_at from ledger_transactions where donation_id = ? order by seq", &t.Bookings},
		{"receipts", `select r.id, r.content ->> 'number' as number, r.issued_at, v.voided_at, v.reason as void_reason from receipts r
			left join receipt_voids v on v.org_id = r.org_id and v.receipt_id = r.id where r.donation_id = ? order by r.issued_at, r.id`, &t.Receipts},
		{"mails", "select id, kind, subject, to_email, state, created_at, sent_at from messages where donation_id = ? order by created_at, id", &t.Mails},
		{"history", `select a.id, a.at, a.action, a.actor_kind, l.name as actor_name, a.before, a.after from audit_events a
			left join logins l on l.id = a.actor_id where a.subject_type = 'donation' and a.subject_id = ? order by a.seq`, &t.History},
	} {
		if err := db.Raw(part.sql, donation).Scan(part.into).Error; err != nil {
			return Trail{}, fmt.Errorf("read the %s of a donation: %w", part.name, err)
		}
	}
	ids, at := make([]uuid.UUID, len(t.Bookings)), make(map[uuid.UUID]int, len(t.Bookings))
	for i, b := range t.Bookings {
		ids[i], at[b.ID] = b.ID, i
	}
	var lines []BookingLine
	err := db.Raw("select transaction_id, account, amount_minor, currency from ledger_entries where transaction_id = any(?) order by transaction_id, line", database.Array(ids)).Scan(&lines).Error
	if err != nil {
		return Trail{}, fmt.Errorf("read the entries of a donation: %w", err)
	}
	for _, l := range lines {
		b := &t.Bookings[at[l.TransactionID]]
		b.Lines = append(b.Lines, l)
	}
	return t, nil
}

func donationExists(ctx context.Context, r database.Reader, donation uuid.UUID) (bool, error) {
	var exists bool
	if err := r.QueryRow(ctx, "select exists (select 1 from donations where id = $1)", donation).Scan(&exists); err != nil {
		return false, fmt.Errorf("find donation: %w", err)
	}
	return exists, nil
}

// ToThank is a gift that nobody has thanked for.
type ToThank struct {
	ID            uuid.UUID
	Reference     string
	PersonID      *uuid.UUID
	FirstName     string
	LastName      string
	AmountMinor   int64
	Currency      string
	OccurredAt    time.Time
	CampaignTitle *string
	Comment       string
	FirstGift     bool
}

// toThank reads the newest unthanked gifts, up to limit.
func toThank(ctx context.Context, r database.Reader, limit int) ([]ToThank, error) {
	var rows []ToThank
	err := r.Gorm(ctx).Raw(`
		select d.id, d.reference, d.person_id, d.donor_first_name as first_name, d.donor_last_name as last_name, d.amount_minor, d.amount_currency as currency,
			d.occurred_at, c.title as campaign_title, d.comment,
			d.person_id is not null and not exists (select 1 from donations e where e.org_id = d.org_id and e.person_id = d.person_id and e.status in `+received+`
				and (e.occurred_at, e.id) < (d.occurred_at, d.id)) as first_gift
		from donations d left join campaigns c on c.org_id = d.org_id and c.id = d.campaign_id
		where d.thanked_at is null and d.status in ('succeeded', 'recorded', 'partially_refunded')
		order by d.occurred_at desc, d.id desc limit ?`, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list gifts to thank: %w", err)
	}
	return rows, nil
}

// countToThank counts unthanked gifts, up to limit: a screen says "more than 99", and the count stays cheap.
func countToThank(ctx context.Context, r database.Reader, limit int) (int, error) {
	var n int
	err := r.QueryRow(ctx, `select count(*) from (select 1 from donations where thanked_at is null and status in ('succeeded', 'recorded', 'partially_refunded') limit $1) few`, limit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count gifts to thank: %w", err)
	}
	return n, nil
}

// Taken is what gifts received since a day brought in one currency, less what was given back of them.
type Taken struct {
	Currency string
	Today    int64
	Month    int64
}

func taken(ctx context.Context, r database.Reader, today, month day.Day, since time.Time) ([]Taken, error) {
	var sums []Taken
	err := r.Gorm(ctx).Raw(`
		select e.currency, coalesce(-sum(e.amount_minor) filter (where d.received_on = @today), 0) as today, -sum(e.amount_minor) as month
		from donations d
		join ledger_transactions t on t.org_id = d.org_id and t.donation_id = d.id
		join ledger_entries e on e.org_id = t.org_id and e.transaction_id = t.id and e.account = 'income'
		where d.status in `+received+` and d.occurred_at >= @since and d.received_on >= @month
		group by e.currency order by month desc`, map[string]any{"today": today, "month": month, "since": since}).Scan(&sums).Error
	if err != nil {
		return nil, fmt.Errorf("sum what was received: %w", err)
	}
	return sums, nil
}

// Attention is something that a person has to look at.
type Attention struct {
	Kind       string // review, refund_failed, event_failed, mail_failed, promise_late
	DonationID *uuid.UUID
	PromiseID  *uuid.UUID `gorm:"-"`
	Reference  string
	Detail     string
	At         time.Time
}

func attention(ctx context.Context, r database.Reader, since time.Time, limit int) ([]Attention, error) {
	var rows []Attention
	err := r.Gorm(ctx).Raw(`select * from (
		(select 'review' as kind, d.id as donation_id, d.reference, d.review_reason as detail, d.occurred_at as at
			from donations d where d.status = 'review' order by d.occurred_at desc limit @limit)
		union all
		(select 'refund_failed', d.id, d.reference, rf.failure_reason, rf.updated_at from refunds rf join donations d on d.org_id = rf.org_id and d.id = rf.donation_id
			where rf.status = 'failed' and rf.updated_at >= @since order by rf.updated_at desc limit @limit)
		union all
		(select 'event_failed', e.donation_id, '', e.last_error, e.received_at from stripe_events e
			where e.org_id = nullif(current_setting('app.org_id', true), '')::uuid and e.state = 'failed' and e.received_at >= @since order by e.received_at desc limit @limit)
		union all
		(select 'mail_failed', m.donation_id, '', m.subject, m.created_at from messages m where m.state = 'failed' and m.created_at >= @since order by m.created_at desc limit @limit)
	) things order by at desc limit @limit`, map[string]any{"since": since, "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list what needs attention: %w", err)
	}
	return rows, nil
}
