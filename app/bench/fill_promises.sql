-- The promises $4 to $5 of an organization, nine plans to a pledge, as of 2026-11-22. $1 ordinal, $2 organization, $3 number of its people.
-- A plan of the k-th month back has k instalments behind it, 12 at most, and one ahead; of a hundred, three failed for now, two for good,
-- and three are paused. A pledge has four parts, a third of them already paid, one in twenty overdue.
WITH promised AS (
    SELECT i, i % 10 = 9 AS pledge, pg_temp.pick(i, 61, $3::bigint) AS person, pg_temp.pick(i, 62, 12) AS campaign, pg_temp.pick(i, 63, 100)::int AS luck,
        (1 + pg_temp.pick(i, 64, 28))::int AS day, pg_temp.pick(i, 65, 12)::int AS months, (ARRAY[1000,1500,2500,2500,5000,10000])[pg_temp.pick(i, 66, 6) + 1] AS amount,
        CASE WHEN i % 40 = 7 THEN 'week' WHEN i % 40 = 17 THEN 'year' ELSE 'month' END AS unit
    FROM generate_series($4::bigint, $5::bigint) i
), planned AS (
    SELECT *, CASE WHEN pledge THEN 'month' ELSE unit END AS step,
        CASE WHEN pledge THEN (date '2026-11-22' + ((luck % 10 - 4) * 30 + day))::date
            WHEN unit = 'week' THEN date '2026-11-23' + day % 7 - months * 7
            ELSE (date_trunc('month', date '2026-12-01' - (CASE unit WHEN 'year' THEN 12 * (months % 4) ELSE months END) * interval '1 month'))::date + day - 1 END AS anchor
    FROM promised
), made AS (
    INSERT INTO promises (org_id, id, reference, kind, status, person_id, donor_first_name, donor_last_name, donor_email, campaign_id, cause_id, fund_id, amount_minor,
        amount_currency, unit, every, count, anchor_on, anchor_day, anchor_n, zone, method, paused_until, visibility, remind_every_days, remind_at_most, created_at, updated_at)
    SELECT $2, pg_temp.uuid7(at, $1::int || ':promise:' || i), 'P-' || lpad($1::int::text, 3, '0') || '-' || lpad(i::text, 8, '0'), CASE WHEN pledge THEN 'pledge' ELSE 'plan' END,
        CASE WHEN pledge THEN 'active' WHEN luck < 3 THEN 'past_due' WHEN luck < 5 THEN 'needs_payment_method' ELSE 'active' END,
        pg_temp.uuid7(pg_temp.person_at(person, $3::bigint), $1::int || ':person:' || person), pg_temp.first_name(pg_temp.pick(person, 41, 26)), pg_temp.last_name(pg_temp.pick(person, 42, 400)),
        lower(pg_temp.first_name(pg_temp.pick(person, 41, 26)) || '.' || person || '@' || pg_temp.last_name(pg_temp.pick(person, 42, 400)) || '.example'),
        CASE WHEN campaign < 9 THEN pg_temp.uuid7(pg_temp.campaign_at(campaign), $1::int || ':campaign:' || campaign) END,
        pg_temp.uuid7('2021-11-22Z', $1::int || ':cause:' || campaign % 3), pg_temp.uuid7('2021-11-22Z', $1::int || ':fund:' || campaign % 3),
        amount * CASE WHEN pledge THEN 4 ELSE 1 END, 'USD', step, 1, CASE WHEN pledge THEN 4 END, anchor, extract(day FROM anchor)::int, 1, 'America/New_York',
        CASE WHEN pledge THEN 'link' ELSE 'card' END, CASE WHEN NOT pledge AND luck >= 97 THEN anchor + (months + 2) * CASE unit WHEN 'week' THEN 7 ELSE 31 END END,
        'name_and_amount', 14, 3, at, at
    FROM (SELECT *, anchor - interval '6 hours' AS at FROM planned) p
    RETURNING id, kind, reference
)
INSERT INTO instalments (org_id, id, promise_id, n, due_on, planned_minor, amount_minor, amount_currency, paid_minor, state, tries, decline_code, act_at, reminders, created_at, updated_at)
SELECT $2, pg_temp.uuid7(due_on - interval '15 hours', reference || ':' || n), id, n, due_on, amount, amount, 'USD', CASE WHEN state = 'paid' THEN amount ELSE 0 END, state,
    CASE WHEN state IN ('retry_wait', 'failed') THEN 1 ELSE 0 END, CASE state WHEN 'retry_wait' THEN 'insufficient_funds' WHEN 'failed' THEN 'expired_card' ELSE '' END,
    CASE WHEN NOT pledge AND state IN ('scheduled', 'retry_wait') THEN greatest(due_on, date '2026-11-23') + interval '14 hours' END, CASE WHEN pledge AND due_on < '2026-11-22' THEN 3 ELSE 0 END,
    due_on - interval '15 hours', due_on - interval '15 hours'
FROM (
    SELECT m.id, m.reference, p.amount, p.pledge, s.n,
        (p.anchor + (s.n - 1) * CASE p.step WHEN 'week' THEN interval '7 days' WHEN 'year' THEN interval '1 year' ELSE interval '1 month' END)::date AS due_on,
        CASE WHEN p.pledge AND s.n <= p.luck % 4 OR NOT p.pledge AND s.n < p.instalments THEN 'paid' WHEN p.pledge OR p.luck >= 5 THEN 'scheduled'
            WHEN p.luck < 3 THEN 'retry_wait' ELSE 'failed' END AS state
    FROM (SELECT *, 'P-' || lpad($1::int::text, 3, '0') || '-' || lpad(i::text, 8, '0') AS reference,
        CASE WHEN pledge THEN 4 WHEN unit = 'year' THEN months % 4 + 1 ELSE months + 1 END - CASE WHEN NOT pledge AND luck < 5 AND months > 0 THEN 1 ELSE 0 END AS instalments FROM planned) p
    JOIN made m ON m.reference = p.reference
    CROSS JOIN LATERAL generate_series(1, greatest(p.instalments, 1)) s (n)
) part
