package reporting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/money"
)

// received are the statuses of a gift whose money came.
const received = "('succeeded', 'recorded', 'partially_refunded', 'refunded')"

// Summary is a person's giving in one currency. Amounts are gifts less what was given back of them, without fee cover.
type Summary struct {
	Currency    string
	Lifetime    int64
	ThisYear    int64
	GiftCount   int64
	FirstGiftOn day.Day
	LastGiftOn  day.Day
}

// Promised is what a person's open plans and pledges are about, in one currency, without fee cover.
type Promised struct {
	Currency string
	Plans    int64
	Monthly  int64 // of plans, made into an amount a month; paused ones are left out
	Pledges  int64
	Pledged  int64 // total of pledges
	Paid     int64 // of pledges, net of refunds
	Owed     int64 // of pledges
	Late     int64 // of plans and pledges: failed, or its date passed
}

// personSums is a person's giving and promises in one currency; either may be missing.
type personSums struct {
	Currency    string
	Lifetime    int64
	ThisYear    int64
	GiftCount   int64
	FirstGiftOn day.Day
	LastGiftOn  day.Day
	Plans       int64
	Monthly     int64
	Pledges     int64
	Pledged     int64
	Paid        int64
	Owed        int64
	Late        int64
}

// sumsOf reads both in one statement: a person's page asks for them on every visit.
func sumsOf(ctx context.Context, r database.Reader, person uuid.UUID, today day.Day) ([]personSums, error) {
	newYear := day.New(today.Year(), time.January, 1)
	var sums []personSums
	err := r.Gorm(ctx).Raw(`
		with gifts as (
			select d.org_id, d.id, d.amount_currency, d.received_on, d.status from donations d
			where d.person_id = @person and d.status in `+received+`
		), booked as (
			select g.id, -sum(e.amount_minor) as net from gifts g
			join ledger_transactions t on t.org_id = g.org_id and t.donation_id = g.id
			join ledger_entries e on e.org_id = t.org_id and e.transaction_id = t.id and e.account = 'income'
			group by g.id
		), given as (
			select g.amount_currency as currency, coalesce(sum(b.net), 0) as lifetime, coalesce(sum(b.net) filter (where g.received_on >= @new_year), 0) as this_year,
				count(*) filter (where g.status <> 'refunded') as gift_count, min(g.received_on) as first_gift_on, max(g.received_on) as last_gift_on
			from gifts g left join booked b on b.id = g.id
			group by g.amount_currency
		), promised as (
			select p.amount_currency as currency, count(*) filter (where p.kind = 'plan') as plans, count(*) filter (where p.kind = 'pledge') as pledges,
				coalesce(round(sum(case p.unit when 'week' then p.amount_minor * 52.0 / 12 when 'year' then p.amount_minor / 12.0 else p.amount_minor end / p.every)
					filter (where p.kind = 'plan' and (p.paused_until is null or p.paused_until <= @today))), 0) as monthly,
				coalesce(sum(p.amount_minor) filter (where p.kind = 'pledge'), 0) as pledged,
				coalesce(sum(i.paid) filter (where p.kind = 'pledge'), 0) as paid, coalesce(sum(i.owed) filter (where p.kind = 'pledge'), 0) as owed,
				coalesce(sum(i.late), 0) as late
			from promises p cross join lateral (
				select sum(i.paid_minor) as paid, sum(i.amount_minor) filter (where i.state in `+openStates+`) as owed, sum(i.amount_minor) filter (where `+late+`) as late
				from instalments i where i.org_id = p.org_id and i.promise_id = p.id
			) i
			where p.person_id = @person and p.status in `+collected+`
			group by p.amount_currency
		)
		select coalesce(g.currency, p.currency) as currency, g.lifetime, g.this_year, g.gift_count, g.first_gift_on, g.last_gift_on,
			p.plans, p.monthly, p.pledges, p.pledged, p.paid, p.owed, p.late
		from given g full join promised p on p.currency = g.currency
		order by g.lifetime desc nulls last, 1`, map[string]any{"person": person, "new_year": newYear, "today": today}).Scan(&sums).Error
	if err != nil {
		return nil, fmt.Errorf("sum a person's giving: %w", err)
	}
	return sums, nil
}

// Moment is one thing that happened with a person.
type Moment struct {
	Kind     string // gift, refund, mail, receipt, change, promise, shift, hours, help
	ID       uuid.UUID
	At       time.Time
	Title    string
	State    string
	Minor    *int64
	Currency *string
	Donation *uuid.UUID // the gift it belongs to
	Promise  *uuid.UUID // the plan or pledge it is about
	Shift    *uuid.UUID // the shift it is about
	StartsAt *time.Time // of a shift
	Minutes  int        // of hours
	People   int        // who gave the hours, or come to the shift, the person included
}

// Amount is the money of the moment, nil for none.
func (m Moment) Amount() *money.Money {
	if m.Minor == nil || m.Currency == nil {
		return nil
	}
	a := money.New(*m.Minor, *m.Currency)
	return &a
}

// toldOtherwise are records of promises that the gift, the refund or the mail of the same moment tells, or the one that follows at once.
var toldOtherwise = []string{
	"promise.instalment_attempted", "promise.instalment_asked", "promise.instalment_waits", "promise.instalment_unknown", "promise.instalment_processing",
	"promise.instalment_paid", "promise.instalment_corrected", "promise.reminded", "promise.not_reminded", "promise.card_asked", "promise.charge_asked",
}

// timeline mixes what happened with a person, newest first: each kind is read along its own index, a page at most.
func timeline(ctx context.Context, r database.Reader, q timelineQuery) ([]Moment, error) {
	sql := `select * from (
		(select 'mail' as kind, m.id, m.created_at as at, m.subject as title, m.state, null::bigint as minor, null::text as currency, m.donation_id as donation, null::uuid as promise,
				null::uuid as shift, null::timestamptz as starts_at, 0 as minutes, 0 as people
			from messages m where m.person_id = @person and (@amounts or m.kind ~ @harmless) and (m.created_at, m.id) < (@before, @before_id) order by m.created_at desc, m.id desc limit @limit)
		union all
		(select 'change', a.id, a.at, a.action, '', null, null, null, null, null, null, 0, 0
			from audit_events a where a.subject_type = 'person' and a.subject_id = @person and (a.at, a.id) < (@before, @before_id) order by a.at desc, a.id desc limit @limit)`
	if q.amounts {
		sql += `
		union all
		(select 'gift', d.id, d.occurred_at, coalesce(c.title, ca.name), d.status, d.amount_minor, d.amount_currency::text, d.id, null, null, null, 0, 0
			from donations d join causes ca on ca.org_id = d.org_id and ca.id = d.cause_id left join campaigns c on c.org_id = d.org_id and c.id = d.campaign_id
			where d.person_id = @person and d.status in ` + received + ` and (d.occurred_at, d.id) < (@before, @before_id) order by d.occurred_at desc, d.id desc limit @limit)
		union all
		(select 'refund', rf.id, coalesce(rf.refunded_at, rf.requested_at), rf.reason, rf.status, rf.amount_minor, rf.amount_currency::text, rf.donation_id, null, null, null, 0, 0
			from refunds rf join donations d on d.org_id = rf.org_id and d.id = rf.donation_id
			where d.person_id = @person and (coalesce(rf.refunded_at, rf.requested_at), rf.id) < (@before, @before_id) order by 3 desc, rf.id desc limit @limit)
		union all
		(select 'receipt', rc.id, rc.issued_at, rc.content ->> 'number', case when v.receipt_id is null then 'standing' else 'void' end,
				rc.amount_minor, rc.amount_currency::text, rc.donation_id, null, null, null, 0, 0
			from receipts rc join donations d on d.org_id = rc.org_id and d.id = rc.donation_id left join receipt_voids v on v.org_id = rc.org_id and v.receipt_id = rc.id
			where d.person_id = @person and (rc.issued_at, rc.id) < (@before, @before_id) order by rc.issued_at desc, rc.id desc limit @limit)
		union all
		(select 'promise', a.id, a.at, a.action, p.kind, coalesce((a.after ->> 'amount_minor')::bigint, p.amount_minor), p.amount_currency::text, null, p.id, null, null, 0, 0
			from promises p join audit_events a on a.org_id = p.org_id and a.subject_type = 'promise' and a.subject_id = p.id
			where p.person_id = @person and a.action <> all(@told) and (a.at, a.id) < (@before, @before_id) order by a.at desc, a.id desc limit @limit)`
	}
	if q.shifts {
		sql += `
		union all
		(select 'shift', u.id, u.created_at, o.title, u.status, null, null, null, null, u.shift_id, s.starts_at, 0, u.party
			from sign_ups u join shifts s on s.org_id = u.org_id and s.id = u.shift_id join opportunities o on o.org_id = s.org_id and o.id = s.opportunity_id
			where u.person_id = @person and (u.created_at, u.id) < (@before, @before_id) order by u.created_at desc, u.id desc limit @limit)
		union all
		(select 'hours', h.id, h.created_at, o.title, h.status, null, null, null, null, null, null, h.minutes, h.people
			from volunteer_hours h join opportunities o on o.org_id = h.org_id and o.id = h.opportunity_id
			where h.person_id = @person and (h.created_at, h.id) < (@before, @before_id) order by h.created_at desc, h.id desc limit @limit)
		union all
		(select 'help', o.id, o.confirmed_at, coalesce(nullif(left(o.message, 120), ''), 'help.offered'), o.status, null, null, null, null, null, null, 0, 0
			from offers_of_help o
			where o.person_id = @person and (o.confirmed_at, o.id) < (@before, @before_id) order by o.confirmed_at desc, o.id desc limit @limit)`
	}
	sql += `) moments order by at desc, id desc limit @limit`
	var moments []Moment
	err := r.Gorm(ctx).Raw(sql, map[string]any{
		"person": q.person, "before": q.before, "before_id": q.beforeID, "limit": q.limit, "told": database.Array(toldOtherwise), "amounts": q.amounts, "harmless": harmless,
	}).Scan(&moments).Error
	if err != nil {
		return nil, fmt.Errorf("read a person's timeline: %w", err)
	}
	return moments, nil
}

// harmless are the kinds of mail whose subjects never speak of money.
const harmless = `^(shift|sign_up|hours|credential|cover|help|supporter)\.`

type timelineQuery struct {
	person   uuid.UUID
	amounts  bool // may see what was given
	shifts   bool // may see when the person helped
	before   time.Time
	beforeID uuid.UUID
	limit    int
}

// giftRow is a gift as its giver sees it.
type giftRow struct {
	ID            uuid.UUID
	Reference     string
	ReceivedOn    day.Day
	Purpose       string
	AmountMinor   int64
	CoverMinor    int64
	RefundedMinor int64
	Currency      string
	ReceiptID     *uuid.UUID
	ReceiptNumber *string
}

// giftsOf reads the newest gifts of a person with the receipt each stands on.
func giftsOf(ctx context.Context, r database.Reader, person uuid.UUID, limit int) ([]giftRow, error) {
	var rows []giftRow
	err := r.Gorm(ctx).Raw(`
		select d.id, d.reference, d.received_on, coalesce(c.title, ca.name) as purpose, d.amount_minor, d.cover_minor, d.refunded_minor, d.amount_currency as currency,
			s.receipt_id, rc.content ->> 'number' as receipt_number
		from donations d
		join causes ca on ca.org_id = d.org_id and ca.id = d.cause_id
		left join campaigns c on c.org_id = d.org_id and c.id = d.campaign_id
		left join standing_receipts s on s.org_id = d.org_id and s.donation_id = d.id
		left join receipts rc on rc.org_id = s.org_id and rc.id = s.receipt_id
		where d.person_id = ? and d.status in `+received+`
		order by d.occurred_at desc, d.id desc limit ?`, person, limit).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list a person's gifts: %w", err)
	}
	return rows, nil
}

func personExists(ctx context.Context, r database.Reader, person uuid.UUID) (bool, error) {
	var exists bool
	if err := r.QueryRow(ctx, "select exists (select 1 from people where id = $1)", person).Scan(&exists); err != nil {
		return false, fmt.Errorf("find person: %w", err)
	}
	return exists, nil
}
