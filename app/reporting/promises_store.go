package reporting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/day"
	"tributary/domain/promise"
)

const (
	// collected are the statuses of a promise whose instalments are collected.
	collected = "('active', 'past_due', 'needs_payment_method')"
	// openStates are those of an instalment that may still be paid; they are the index's.
	openStates = "('scheduled', 'due', 'attempting', 'unknown', 'processing', 'requires_action', 'retry_wait', 'failed')"
	// dunned are the states of an instalment whose payment did not work.
	dunned = "('retry_wait', 'requires_action', 'failed')"
	// left is true of an instalment i of a promise p whose date passed without anything that the machine will do about it.
	left = "(i.state in ('scheduled', 'due') and i.due_on < @today and (p.method = 'link' or i.act_at is null))"
	// late is true of an instalment i of a promise p that a person may have to look at.
	late = "(i.state in " + dunned + " or " + left + ")"
)

// Sum is an amount in one currency and of how many payments it is.
type Sum struct {
	Currency string
	Minor    int64
	Count    int64
}

// expected is what instalments of one kind due in a month sum to. Late ones have no month.
type expected struct {
	Kind  promise.Kind
	Month *int // counted from the year 0
	Sum
}

// forecast sums the open instalments of promises by month, and those that the schedules of plans bring later, before until. Months are
// computed, not listed plan by plan: plans with the same dates ahead are summed first. What passed already, or lies in
// a pause, is never charged, so the first date that counts is floor's or after it. A plan that waits for another card brings nothing.
func forecast(ctx context.Context, r database.Reader, today, until day.Day) ([]expected, error) {
	var sums []expected
	err := r.Gorm(ctx).Raw(`
		with span as (
			select cast(@today as date) as today, cast(@until as date) as until
		), open as materialized (
			select p.id, p.kind, p.status, p.amount_currency as currency, p.amount_minor as each, p.unit, p.every, p.count, p.anchor_on, p.anchor_day, p.anchor_n,
				greatest(today + 1, p.paused_until) as floor, i.n, i.due_on, i.amount_minor, i.state, `+late+` as late
			from span, promises p join instalments i on i.org_id = p.org_id and i.promise_id = p.id
			where p.status in `+collected+` and i.state in `+openStates+` and i.amount_minor > 0
		), newest as (
			select distinct on (id) * from open where kind = 'plan' and status <> 'needs_payment_method' and state <> 'failed' order by id, n desc
		), alike as (
			select currency, unit, every, anchor_on, anchor_day, floor, n + 1 - anchor_n as ahead, count - n as remaining, sum(each) as minor, count(*) as plans
			from newest group by 1, 2, 3, 4, 5, 6, 7, 8
		), by_month as (
			select *, every * case unit when 'year' then 12 else 1 end as step, `+monthOf("floor")+` as floor_month,
				`+monthOf("anchor_on")+` + ahead * every * case unit when 'year' then 12 else 1 end as month
			from alike where unit <> 'week'
		), from_month as (
			select *, case when month < floor_month then (floor_month - month + step - 1) / step else 0 end as steps from by_month
		), past_month as (
			select *, steps + case when month + steps * step = floor_month
				and least(anchor_day, extract(day from date_trunc('month', floor) + interval '1 month - 1 day')) < extract(day from floor) then 1 else 0 end as passed
			from from_month
		), monthly as (
			select currency, step, month + passed * step as month, least(coalesce(remaining - passed, 1000), 1000) as remaining, sum(minor) as minor, sum(plans) as plans
			from past_month group by 1, 2, 3, 4
		), by_week as (
			select *, every * 7 as step, anchor_on + ahead * every * 7 as due_on from alike where unit = 'week'
		), past_week as (
			select *, case when due_on < floor then (floor - due_on + step - 1) / step else 0 end as passed from by_week
		), weekly as (
			select currency, step, due_on + passed * step as due_on, least(coalesce(remaining - passed, 1000), 1000) as remaining, sum(minor) as minor, sum(plans) as plans
			from past_week group by 1, 2, 3, 4
		), existing as (
			select kind, currency, late, due_on, sum(amount_minor) as minor, count(*) as count from open group by 1, 2, 3, 4
		), dates as (
			select kind, currency, case when late then null else `+monthOf("greatest(due_on, today)")+` end as month, minor, count
			from existing, span where late or due_on < until
			union all
			select 'plan', currency, m.month, minor, plans from monthly, span, generate_series(monthly.month, `+monthOf("until")+` - 1, step) m (month)
			where (m.month - monthly.month) / step < remaining
			union all
			select 'plan', currency, `+monthOf("due_on + passed")+`, minor, plans
			from weekly, span, generate_series(0, until - due_on - 1, step) w (passed) where passed / step < remaining
		)
		select kind, currency, month, sum(minor) as minor, sum(count) as count from dates group by kind, currency, month`,
		map[string]any{"today": today, "until": until}).Scan(&sums).Error
	if err != nil {
		return nil, fmt.Errorf("forecast what is promised: %w", err)
	}
	return sums, nil
}

// monthOf is SQL that counts the months of a date from the year 0.
func monthOf(date string) string {
	return "cast(extract(year from " + date + ") * 12 + extract(month from " + date + ") - 1 as int)"
}

// Late is an instalment that a person may have to look at, with what decides what is to be done.
type Late struct {
	PromiseID    uuid.UUID
	InstalmentID uuid.UUID
	Reference    string
	Kind         promise.Kind
	PersonID     *uuid.UUID
	FirstName    string
	LastName     string
	Email        string
	DoNotContact bool
	Method       promise.Method
	CardID       *uuid.UUID
	Zone         string
	Minor        int64 // with what the donor adds for the fee
	Currency     string
	DueOn        day.Day
	State        promise.State
	DeclineCode  string
	ActAt        *time.Time
	Reminders    int
	RemindedAt   *time.Time
	MailedAt     *time.Time // when the donor was last written to about it
	UpdatedAt    time.Time
}

// listLate lists what needs a person, longest due first, after an instalment. What failed and what was left lie in two indexes; each is read
// in the order of the list, so that a page costs a page.
func listLate(ctx context.Context, r database.Reader, today, after day.Day, afterID uuid.UUID, limit int) ([]Late, error) {
	const page = `p.status in ` + collected + ` and i.amount_minor > 0 and (i.due_on, i.id) > (@after, @after_id) order by i.due_on, i.id limit @limit`
	const from = `select i.* from instalments i join promises p on p.org_id = i.org_id and p.id = i.promise_id where `
	var rows []Late
	err := r.Gorm(ctx).Raw(`
		select p.id as promise_id, i.id as instalment_id, p.reference, p.kind, p.person_id, p.donor_first_name as first_name, p.donor_last_name as last_name,
			p.donor_email as email, coalesce(o.do_not_contact, false) as do_not_contact, p.method, p.card_id, p.zone, i.amount_minor + i.cover_minor as minor,
			i.amount_currency as currency, i.due_on, i.state, i.decline_code, i.act_at, i.reminders, i.reminded_at, i.updated_at,
			(select max(m.created_at) from messages m where m.org_id = p.org_id and m.person_id = p.person_id and m.created_at >= i.created_at
				and m.kind in ('card.needed', 'payment.declined', 'payment.confirm', 'pledge.reminder', 'card.link')
				and (m.dedupe_key like '%' || p.id || '%' or m.dedupe_key like '%' || i.id || '%')) as mailed_at
		from (
			(`+from+`i.state in `+dunned+` and `+page+`)
			union all
			(`+from+left+` and `+page+`)
			order by due_on, id limit @limit
		) i
		join promises p on p.org_id = i.org_id and p.id = i.promise_id
		left join people o on o.org_id = p.org_id and o.id = p.person_id
		order by i.due_on, i.id`,
		map[string]any{"today": today, "after": after, "after_id": afterID, "limit": limit}).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("list late instalments: %w", err)
	}
	return rows, nil
}
