-- The plans $2 to $3 of the organization $1, each with an instalment that is due since $4, of people in turn.
WITH card AS (
    SELECT id, person_id, row_number() OVER (ORDER BY id) - 1 AS n, count(*) OVER () AS cards FROM saved_cards WHERE org_id = $1
), made AS (
    INSERT INTO promises (org_id, id, reference, kind, status, person_id, donor_first_name, donor_last_name, donor_email, cause_id, fund_id, amount_minor, amount_currency,
        unit, every, anchor_on, anchor_day, anchor_n, zone, method, card_id, visibility, created_at, updated_at)
    SELECT $1, pg_temp.uuid7('2026-01-01Z', 'morning:promise:' || i), 'P-MORN-' || lpad(i::text, 8, '0'), 'plan', 'active', person_id, 'Ada', 'North',
        'ada.' || n + 1 || '@north.example', $1, $1, 2500, 'USD', 'month', 1, ($4::timestamptz AT TIME ZONE 'UTC')::date, extract(day FROM $4::timestamptz AT TIME ZONE 'UTC')::int, 1,
        'UTC', 'card', card.id, 'anonymous', $4, $4
    FROM generate_series($2::bigint, $3::bigint) i JOIN card ON card.n = i % card.cards
    RETURNING id
)
INSERT INTO instalments (org_id, id, promise_id, n, due_on, planned_minor, amount_minor, amount_currency, state, act_at, created_at, updated_at)
SELECT $1, id, id, 1, ($4::timestamptz AT TIME ZONE 'UTC')::date, 2500, 2500, 'USD', 'scheduled', $4, $4, $4 FROM made
